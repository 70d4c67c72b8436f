//! Judging the shape of a new subnet, and a new shape for an existing one

use alloc::vec::Vec;
use core::net::IpAddr;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::lookup;
use crate::command::Reshape;
use crate::error::{Cause, Error};
use crate::id::{SubnetId, VpcId};
use crate::rules::{Gateway, Profile};
use crate::space::Reservation;
use crate::space::address::{Family, Span};
use crate::space::parts::{Part, prefix_of};
use crate::space::range::AddrRange;
use crate::state::index::Ix;
use crate::state::occupant::Occupant;
use crate::state::subnet::{Block, Subnet, cidrs};
use crate::state::view::{BlockView, View};
use crate::state::vpc::Vpc;

/// CIDRs for a subnet of a VPC, and its rules
pub(in crate::engine) struct Shape<'v> {
    pub(in crate::engine) id: VpcId,
    pub(in crate::engine) ix: Ix<VpcId>,
    pub(in crate::engine) vpc: &'v Vpc,
    /// The subnet, unless it is new
    pub(in crate::engine) own: Option<Ix<SubnetId>>,
    pub(in crate::engine) v4: Option<Ipv4Net>,
    pub(in crate::engine) v6: Option<Ipv6Net>,
    pub(in crate::engine) profile: Profile,
}

impl Shape<'_> {
    /// Everything that is wrong with it, whatever is in use, in order of precedence
    pub(in crate::engine) fn faults(&self, view: &View<'_>) -> impl Iterator<Item = Error> {
        let cidrs = || cidrs(self.v4, self.v6);
        let rules = |cidr: IpNet| self.profile.family(Family::of(cidr.addr()));
        let length = move |cidr: IpNet| {
            let (shortest, longest) = (rules(cidr).shortest_prefix, rules(cidr).longest_prefix);
            let fits = (shortest..=longest).contains(&cidr.prefix_len());
            (!fits).then_some(Error::PrefixLength { cidr, shortest, longest })
        };
        let outside = cidrs().filter(|&cidr| !self.vpc.allows(cidr));
        let outside = outside.map(|cidr| Error::OutsideVpc { cidr, vpc: self.id });
        let overlaps = cidrs().flat_map(move |cidr| {
            let others = view.others_overlapping(self.ix, self.own, cidr);
            let others = others.filter_map(|other| view.subnet_id(other));
            others.map(move |other| Error::SubnetOverlap { cidr, other })
        });
        let gateways = cidrs().filter_map(move |cidr| match rules(cidr).gateway {
            Gateway::At(gateway) if !cidr.contains(&gateway) => {
                Some(Error::GatewayOutside { gateway, cidr })
            }
            _ => None,
        });
        cidrs().filter_map(length).chain(outside).chain(overlaps).chain(gateways)
    }

    fn cidr(&self, family: Family) -> Option<IpNet> {
        match family {
            Family::V4 => self.v4.map(IpNet::V4),
            Family::V6 => self.v6.map(IpNet::V6),
        }
    }
}

/// A subnet, and the shape that it is to have
pub(in crate::engine) struct Plan<'v> {
    pub(in crate::engine) id: SubnetId,
    pub(in crate::engine) ix: Ix<SubnetId>,
    pub(in crate::engine) subnet: &'v Subnet,
    pub(in crate::engine) strict: bool,
    before: [Option<IpNet>; 2],
    pub(in crate::engine) shape: Shape<'v>,
}

/// An address of the subnet in use or in quarantine
#[derive(Clone, Copy)]
pub(in crate::engine) struct Used {
    pub(in crate::engine) offset: u128,
    pub(in crate::engine) address: IpAddr,
    /// The prefix that has it, if one has: it stands for all of that within what was looked at
    pub(in crate::engine) prefix: Option<IpNet>,
    pub(in crate::engine) occupant: Occupant,
}

impl Used {
    /// Whether somebody has it
    pub(in crate::engine) fn is_had(&self) -> bool {
        self.occupant.interface().is_some()
    }

    /// It, or the prefix that has it
    pub(in crate::engine) fn part(&self) -> Part {
        self.prefix.map_or_else(|| Part::Addresses(AddrRange::one(self.address)), Part::Prefix)
    }
}

/// One that is withheld but for that
pub(in crate::engine) struct Withheld {
    pub(in crate::engine) used: Used,
    pub(in crate::engine) cause: Cause,
    /// Whether the rules withheld it before
    before: bool,
}

impl Withheld {
    /// Whether somebody has it, and the rules did not withhold it before
    pub(in crate::engine) fn is_news(&self) -> bool {
        self.used.is_had() && !self.before
    }
}

impl<'v> Plan<'v> {
    pub(in crate::engine) fn of(view: &'v View<'_>, request: &Reshape) -> Result<Self, Error> {
        let (v4, v6) = (request.v4.over(None), request.v6.over(None));
        lookup::no_host_bits(cidrs(v4, v6))?;
        let (ix, subnet) = lookup::subnet(view, &request.subnet)?;
        let missing = || Error::SubnetNotFound(request.subnet);
        let vpc = view.vpc_id(subnet.vpc).zip(view.vpc(subnet.vpc));
        let (id, vpc) = vpc.ok_or_else(missing)?;
        let before = Family::ALL.map(|family| subnet.block(family).and_then(Block::cidr));
        let (mut v4, mut v6) = (None, None);
        for cidr in before.into_iter().flatten() {
            match cidr {
                IpNet::V4(cidr) => v4 = Some(cidr),
                IpNet::V6(cidr) => v6 = Some(cidr),
            }
        }
        let (v4, v6) = (request.v4.over(v4), request.v6.over(v6));
        let profile = request.profile.unwrap_or(*subnet.profile);
        let shape = Shape { id, ix: subnet.vpc, vpc, own: Some(ix), v4, v6, profile };
        Ok(Self { id: request.subnet, ix, subnet, strict: request.strict, before, shape })
    }

    /// Whether that is the one that it has
    pub(in crate::engine) fn is_same(&self) -> bool {
        let same = Family::ALL.map(|family| self.cidr(family)) == self.before;
        same && *self.profile() == *self.subnet.profile
    }

    /// The rules that it is to have
    pub(in crate::engine) const fn profile(&self) -> &Profile {
        &self.shape.profile
    }

    /// The addresses that it is to have of a family
    fn cidr(&self, family: Family) -> Option<IpNet> {
        self.shape.cidr(family)
    }

    /// Everything that is wrong with the shape, whatever is in use, in order of precedence
    pub(in crate::engine) fn faults(&self, view: &View<'_>) -> impl Iterator<Item = Error> {
        let none = cidrs(self.shape.v4, self.shape.v6).next().is_none();
        let none = none.then_some(Error::NoFamilyLeft(self.id));
        none.into_iter().chain(self.shape.faults(view))
    }

    /// The addresses in use that would lie outside, ascending
    pub(in crate::engine) fn outside(&self, view: &View<'_>, family: Family) -> Vec<Used> {
        let Some(block) = view.block(self.ix, family) else { return Vec::new() };
        let parts = block.outside(self.cidr(family));
        parts.flat_map(|part| used(&block, part)).collect()
    }

    /// The reserved ranges that would lie outside, at least in part, ascending
    pub(in crate::engine) fn reserved_outside(
        &self,
        view: &View<'_>,
        family: Family,
    ) -> Vec<(AddrRange, Reservation)> {
        let Some(block) = view.block(self.ix, family) else { return Vec::new() };
        let lost = block.reserved_outside(self.cidr(family));
        lost.map(|(range, kind)| (block.range(range), kind)).collect()
    }

    /// The addresses in use that would lie inside and that the new rules withhold, ascending
    pub(in crate::engine) fn withheld_by_rule(
        &self,
        view: &View<'_>,
        family: Family,
    ) -> Vec<Withheld> {
        let (block, cidr) = (view.block(self.ix, family), self.cidr(family));
        let (Some(block), Some(cidr)) = (block, cidr) else { return Vec::new() };
        let (made, rules) = (Block::new(cidr, self.profile()), self.profile().family(family));
        let barred = made.space.usable().barred(made.space.whole());
        let here = barred.filter_map(|part| block.within(made.bits(part)));
        let withheld = here.flat_map(|part| used(&block, part)).filter_map(|used| {
            let cause = made.withheld_by_rule(rules, made.offset(used.address)?)?;
            let before = block.withheld_by_rule(used.offset).is_some();
            Some(Withheld { used, cause, before })
        });
        withheld.collect()
    }
}

/// What of a span somebody has, or rests, ascending
pub(in crate::engine) fn used<'b>(
    block: &'b BlockView<'_>,
    span: Span,
) -> impl Iterator<Item = Used> + 'b {
    block.units_within(span).map(move |(unit, occupant)| {
        let offset = unit.span.first.max(span.first);
        let prefix = || prefix_of(block.family, block.bits(unit.span));
        let prefix = unit.is_prefix.then(prefix);
        Used { offset, address: block.address(offset), prefix, occupant }
    })
}
