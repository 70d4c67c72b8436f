//! One subnet: a block of addresses in each family that it has

use core::net::IpAddr;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::interface::Interface;
use super::owners::{List, Owners};
use super::table::Ix;
use super::vpc::Vpc;
use crate::error::Cause;
use crate::id::Revision;
use crate::rules::{FamilyRules, Profile};
use crate::space::Space;
use crate::space::address::{Family, PerFamily, Span, address_of, bits_of};
use crate::space::range::AddrRange;

/// A subnet
#[derive(Clone, Debug)]
pub(crate) struct Subnet {
    pub(crate) vpc: Ix<Vpc>,
    pub(crate) profile: Profile,
    pub(crate) blocks: PerFamily<Option<Block>>,
    /// Interfaces whose home it is
    pub(crate) homes: u64,
}

/// The addresses of a subnet in one family
// INVARIANT: the offsets taken in `space` are those that have an owner.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    pub(crate) family: Family,
    /// Bits of the first address
    base: u128,
    gateway: Option<u128>,
    pub(crate) space: Space,
    pub(crate) owners: Owners,
}

/// The CIDRs given, IPv4 first
pub(crate) fn cidrs(v4: Option<Ipv4Net>, v6: Option<Ipv6Net>) -> impl Iterator<Item = IpNet> {
    v4.map(IpNet::V4).into_iter().chain(v6.map(IpNet::V6))
}

impl Subnet {
    pub(crate) fn new(
        vpc: Ix<Vpc>,
        profile: Profile,
        cidrs: impl IntoIterator<Item = IpNet>,
    ) -> Self {
        let mut blocks = PerFamily::default();
        for cidr in cidrs {
            let family = Family::of(cidr.addr());
            *blocks.get_mut(family) = Some(Block::new(family, cidr, profile.family(family)));
        }
        Self { vpc, profile, blocks, homes: 0 }
    }

    pub(crate) fn block(&self, family: Family) -> Option<&Block> {
        self.blocks.get(family).as_ref()
    }

    pub(crate) fn block_mut(&mut self, family: Family) -> Option<&mut Block> {
        self.blocks.get_mut(family).as_mut()
    }

    /// Its blocks, IPv4 first
    pub(crate) fn blocks(&self) -> impl Iterator<Item = &Block> {
        Family::ALL.into_iter().filter_map(|family| self.block(family))
    }

    /// The family of addresses chosen for a request that names none
    pub(crate) fn default_family(&self) -> Family {
        if self.blocks.v4.is_some() { Family::V4 } else { Family::V6 }
    }
}

impl Block {
    fn new(family: Family, cidr: IpNet, rules: &FamilyRules) -> Self {
        let span = Span::of_net(cidr);
        Self {
            family,
            base: span.first,
            gateway: rules.gateway_offset(span),
            space: Space::new(span.last.saturating_sub(span.first), rules.usable(span)),
            owners: Owners::default(),
        }
    }

    /// Gives offsets that nobody has to `owner`, at the end of its `list`
    pub(crate) fn assign(
        &mut self,
        list: &mut List,
        span: Span,
        owner: Ix<Interface>,
        generation: Revision,
    ) {
        self.space.take(span);
        self.owners.reach(span.last, self.space.taken());
        for offset in span.first..=span.last {
            self.owners.push(list, offset, owner, generation);
        }
    }

    /// Takes offsets from their owner, whose `list` they are on
    pub(crate) fn release(&mut self, list: &mut List, span: Span) {
        self.space.give_back(span);
        for offset in span.first..=span.last {
            self.owners.remove(list, offset);
        }
    }

    /// The offset of an address, if it lies in the block
    pub(crate) fn offset(&self, address: IpAddr) -> Option<u128> {
        if Family::of(address) != self.family {
            return None;
        }
        bits_of(address).checked_sub(self.base).filter(|&at| self.space.whole().contains(at))
    }

    /// The offsets of a range, if all of it lies in the block
    pub(crate) fn offsets(&self, range: AddrRange) -> Option<Span> {
        Span::new(self.offset(range.first())?, self.offset(range.last())?)
    }

    pub(crate) fn address(&self, offset: u128) -> IpAddr {
        address_of(self.family, self.base.saturating_add(offset))
    }

    pub(crate) fn range(&self, offsets: Span) -> AddrRange {
        AddrRange::of_span(self.family, self.bits(offsets))
    }

    /// The bits of the addresses with these offsets
    pub(crate) fn bits(&self, offsets: Span) -> Span {
        let bits = |offset: u128| self.base.saturating_add(offset);
        Span { first: bits(offsets.first), last: bits(offsets.last) }
    }

    /// The address bits of the whole block
    pub(crate) fn span(&self) -> Span {
        self.range(self.space.whole()).span()
    }

    /// The block as a CIDR
    pub(crate) fn cidr(&self) -> Option<IpNet> {
        let Span { first, last } = self.span();
        let host_bits = u8::try_from((first ^ last).count_ones()).ok()?;
        IpNet::new(self.address(0), self.family.bits().checked_sub(host_bits)?).ok()
    }

    /// Why the rules withhold an offset of the block, if they do
    pub(crate) fn withheld_by_rule(&self, offset: u128) -> Option<Cause> {
        let usable = self.space.usable().span.is_some_and(|span| span.contains(offset));
        let gateway = self.gateway == Some(offset);
        match offset {
            _ if usable => gateway.then_some(Cause::Gateway),
            0 => Some(Cause::NetworkAddress),
            _ if self.family == Family::V4 && offset == self.space.whole().last => {
                Some(Cause::BroadcastAddress)
            }
            _ if gateway => Some(Cause::Gateway),
            _ => Some(Cause::Reserved),
        }
    }
}
