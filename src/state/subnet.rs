//! One subnet: a block of addresses in each family that it has

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::net::IpAddr;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use triomphe::Arc;

use super::index::Ix;
use super::occupant::Occupant;
use super::owners::{Gain, List, Owners, Unit};
use super::quarantine::{Rest, Rests};
use super::released::Released;
use super::seeded::Seeded;
use super::selection::Selection;
use crate::error::Cause;
use crate::id::{InterfaceId, Revision, Timestamp, VpcId};
use crate::rules::{FamilyRules, Policy, Profile};
use crate::space::Space;
use crate::space::address::{Family, Span, address_of, bits_of};
use crate::space::index::Indices;
use crate::space::list::AddrList;
use crate::space::parts::{Part, prefix_of};
use crate::space::range::AddrRange;
use crate::space::scattered::{Scattered, words_of};

/// A subnet
// INVARIANT: its blocks keep the same indices, and the order of release iff its policy asks for that.
#[derive(Clone, Debug)]
pub(crate) struct Subnet {
    pub(crate) vpc: Ix<VpcId>,
    /// Interfaces whose home it is
    pub(crate) homes: u32,
    /// Shared by the engine's subnets that have the same
    pub(crate) profile: Arc<Profile>,
    /// None where the lowest free address is chosen
    selection: Option<Arc<Selection>>,
    /// IPv4's, if there is one
    first: Block,
    /// IPv6's, where both are
    second: Option<Arc<Block>>,
}

/// The addresses of a subnet in one family
// INVARIANT: the offsets taken in `space` are those that have an owner, or rest.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    pub(crate) family: Family,
    /// Bits of the first address
    base: u128,
    pub(crate) space: Space,
    pub(crate) owners: Owners,
    /// There are some only while there is something that rests
    pub(crate) rests: Option<Arc<Rests>>,
    /// Slots held: addresses, and prefixes
    pub(crate) held: u32,
    /// What was released and when, where the subnet's policy asks for that
    pub(crate) released: Option<Arc<Released>>,
}

/// The CIDRs given, IPv4 first
pub(crate) fn cidrs(v4: Option<Ipv4Net>, v6: Option<Ipv6Net>) -> impl Iterator<Item = IpNet> {
    v4.map(IpNet::V4).into_iter().chain(v6.map(IpNet::V6))
}

impl Subnet {
    /// A subnet of these CIDRs, of which there must be one
    pub(crate) fn new(
        vpc: Ix<VpcId>,
        profile: Arc<Profile>,
        v4: Option<Ipv4Net>,
        v6: Option<Ipv6Net>,
    ) -> Option<Self> {
        let mut blocks = cidrs(v4, v6).map(|cidr| Block::new(cidr, &profile));
        let (first, second) = (blocks.next()?, blocks.next().map(Arc::new));
        Some(Self { vpc, homes: 0, profile, selection: None, first, second })
    }

    /// Its rules, and its blocks, IPv4 first
    pub(crate) fn into_parts(self) -> (Arc<Profile>, impl Iterator<Item = Block>) {
        let Self { profile, first, second, .. } = self;
        (profile, core::iter::once(first).chain(second.map(Arc::unwrap_or_clone)))
    }

    #[inline]
    pub(crate) fn block(&self, family: Family) -> Option<&Block> {
        if self.first.family == family {
            Some(&self.first)
        } else {
            self.second.as_deref().filter(|second| second.family == family)
        }
    }

    #[inline]
    pub(crate) fn block_mut(&mut self, family: Family) -> Option<&mut Block> {
        if self.first.family == family {
            Some(&mut self.first)
        } else {
            self.second.as_mut().filter(|second| second.family == family).map(Arc::make_mut)
        }
    }

    /// Its blocks, IPv4 first
    pub(crate) fn blocks(&self) -> impl Iterator<Item = &Block> {
        core::iter::once(&self.first).chain(self.second.as_deref())
    }

    /// Bits of its first address of a family
    pub(crate) fn base(&self, family: Family) -> Option<u128> {
        self.block(family).map(Block::base)
    }

    /// The indices that each of its blocks keeps
    pub(crate) fn indices(&self) -> Indices {
        self.first.space.indices()
    }

    /// Keeps these indices from now on, and no others
    pub(crate) fn set_indices(&mut self, indices: Indices) {
        for family in Family::ALL {
            if let Some(block) = self.block_mut(family) {
                block.space.set_indices(indices);
            }
        }
    }

    /// The policy and how far it has come, unless the lowest is chosen
    #[inline]
    pub(crate) fn selection(&self) -> Option<&Selection> {
        self.selection.as_deref()
    }

    /// Follows a policy from now on, at its beginning; if that is superseded at once, no order of release is kept
    pub(super) fn set_policy(&mut self, policy: Policy, superseded: bool, seeded: &Seeded) {
        let other = policy != Policy::Lowest;
        self.selection = other.then(|| Arc::new(Selection::new(policy)));
        for block in Family::ALL {
            let Some(block) = self.block_mut(block) else { continue };
            let remembers = policy == Policy::LongestReleased && !superseded;
            let whole = block.space.whole();
            let taken = || block.space.taken_runs(whole);
            let released = remembers.then(|| Arc::new(Released::new(whole, taken(), seeded)));
            block.released = released;
        }
    }

    /// Follows a policy on, given where its subnet's blocks began before it took another shape
    ///
    /// A cursor that lies outside now is where it was at the beginning, and so is all of a family that is gone.
    pub(super) fn carry_policy(
        &mut self,
        selection: &Selection,
        base: impl Fn(Family) -> Option<u128>,
        seeded: &Seeded,
    ) {
        let mut carried = *selection;
        for family in Family::ALL {
            let position = carried.position.get_mut(family);
            let Some((block, base)) = self.block(family).zip(base(family)) else {
                *position = 0;
                continue;
            };
            if selection.policy == Policy::Next {
                let here = block.within(Span::one(base.saturating_add(*position)));
                *position = here.map_or(0, |here| here.first);
            }
        }
        self.selection = Some(Arc::new(carried));
        if selection.policy == Policy::LongestReleased {
            for family in Family::ALL {
                let Some(block) = self.block_mut(family) else { continue };
                let (whole, nothing) = (block.space.whole(), core::iter::empty());
                let nothing = || Arc::new(Released::new(whole, nothing, seeded));
                block.released.get_or_insert_with(nothing);
            }
        }
    }

    /// Notes how far the policy has come in one family
    pub(super) fn move_policy(&mut self, family: Family, position: u128) {
        if let Some(selection) = &mut self.selection {
            *Arc::make_mut(selection).position.get_mut(family) = position;
        }
    }

    /// The family of addresses chosen for a request that names none
    pub(crate) const fn default_family(&self) -> Family {
        self.first.family
    }
}

impl Block {
    /// A block of these addresses, of which nobody has any
    pub(crate) fn new(cidr: IpNet, profile: &Profile) -> Self {
        let (family, span) = (Family::of(cidr.addr()), Span::of_net(cidr));
        let rules = profile.family(family);
        Self {
            family,
            base: span.first,
            space: Space::new(span.last.saturating_sub(span.first), rules.usable(span)),
            owners: Owners::default(),
            rests: None,
            held: 0,
            released: None,
        }
    }

    /// Gives free addresses of the block to one owner, at the end of its `list`
    #[inline]
    pub(crate) fn assign(&mut self, list: &mut List, addresses: &AddrList, gain: Gain<'_>) {
        if addresses.has_prefixes() {
            return self.assign_parts(list, addresses, gain);
        }
        if let Occupant::Held(_) = gain.occupant {
            self.held = self.held.saturating_add(number_of(addresses));
        }
        if self.released.is_some() {
            self.note_taken(addresses);
        }
        let place = self.placing();
        if let Some(run) = addresses.as_run() {
            let Some(span) = place(run) else { return };
            self.space.take(span);
            if span.first == span.last {
                self.owners.extend_one(list, span.first, gain);
            } else {
                self.owners.extend(list, core::iter::once(span), gain);
            }
        } else if let Some(offsets) = self.by_words(addresses) {
            self.space.take_words(offsets.iter());
            let last = offsets.last().unwrap_or(0);
            if !self.owners.extend_words(list, &offsets, last, gain) {
                self.owners.extend(list, offsets.runs(), gain);
            }
        } else {
            let spans = addresses.ranges().filter_map(place);
            spans.clone().for_each(|span| self.space.take(span));
            self.owners.extend(list, spans, gain);
        }
    }

    /// The same with prefixes among them
    #[cold]
    fn assign_parts(&mut self, list: &mut List, addresses: &AddrList, gain: Gain<'_>) {
        for part in addresses.parts() {
            let Part::Prefix(prefix) = part else {
                self.assign(list, &AddrList::from(part.range()), gain);
                continue;
            };
            let Some(span) = self.offsets(prefix.into()) else { continue };
            if let Occupant::Held(_) = gain.occupant {
                self.held = self.held.saturating_add(1);
            }
            if let Some(released) = self.released.as_mut().map(Arc::make_mut) {
                released.take(span);
            }
            self.space.take(span);
            self.owners.extend_prefix(list, span, gain);
        }
    }

    /// The offsets of addresses that are told by the word, if all of them lie in the block
    pub(crate) fn by_words<'a>(&self, addresses: &'a AddrList) -> Option<Cow<'a, Scattered>> {
        let list = addresses.as_scattered().filter(|list| list.family == self.family)?;
        let offsets = list.offsets_from(self.base)?;
        (offsets.last()? <= self.space.whole().last).then_some(offsets)
    }

    /// Takes addresses of the block from their one owner, whose `list` they are on: they are free
    #[inline]
    pub(crate) fn release(&mut self, list: &mut List, addresses: &AddrList) {
        let place = self.placing();
        if let Some(run) = addresses.as_run() {
            let Some(span) = place(run) else { return };
            self.space.give_back(span);
            self.owners.remove_run(list, span);
            self.note_released(core::iter::once(span));
        } else if addresses.has_prefixes() {
            for unit in self.units(addresses) {
                self.free_unit(list, unit);
            }
        } else if let Some(offsets) = self.by_words(addresses) {
            self.free_words(list, offsets.iter());
            self.note_released(offsets.runs());
        } else {
            self.free(list, addresses.ranges().filter_map(place));
        }
    }

    fn free(&mut self, list: &mut List, spans: impl Iterator<Item = Span> + Clone) {
        let near = self.space.near_end();
        if spans.clone().all(|span| span.last < near) {
            self.free_words(list, words_of(spans.clone()));
        } else {
            spans.clone().for_each(|span| self.space.give_back(span));
            self.owners.remove(list, spans.clone());
        }
        self.note_released(spans);
    }

    /// Makes near offsets free, but for the order of release
    fn free_words(&mut self, list: &mut List, words: impl Iterator<Item = (u32, u64)> + Clone) {
        self.space.give_back_words(words.clone());
        self.owners.remove_words(list, words);
    }

    /// Keeps the order of release
    #[cold]
    fn note_taken(&mut self, addresses: &AddrList) {
        let place = self.placing();
        let Some(released) = self.released.as_mut().map(Arc::make_mut) else { return };
        addresses.ranges().filter_map(place).for_each(|span| released.take(span));
    }

    /// Keeps the order of release, if that is asked for
    #[inline]
    fn note_released(&mut self, spans: impl Iterator<Item = Span>) {
        if let Some(released) = self.released.as_mut().map(Arc::make_mut) {
            spans.for_each(|span| released.release(span));
        }
    }

    fn free_unit(&mut self, list: &mut List, unit: Unit) {
        if unit.is_prefix {
            self.owners.remove_prefix(list, unit.span);
        } else {
            self.owners.remove_run(list, unit.span);
        }
        self.vacate(unit);
    }

    /// Makes free what nobody has any more
    fn vacate(&mut self, unit: Unit) {
        if !unit.is_prefix {
            self.space.give_back(unit.span);
            return self.note_released(core::iter::once(unit.span));
        }
        self.space.give_back(unit.span);
        if let Some(released) = self.released.as_mut().map(Arc::make_mut) {
            released.forget(unit.span);
        }
    }

    /// The offsets of addresses: runs of them, and prefixes
    fn units<'a>(&self, addresses: &'a AddrList) -> impl Iterator<Item = Unit> + Clone + use<'a> {
        let place = self.placing();
        addresses.parts().filter_map(move |part| {
            Some(Unit { span: place(part.range())?, is_prefix: part.is_prefix() })
        })
    }

    /// Takes addresses of the block from their one owner, whose `list` they are on: they rest
    pub(crate) fn quarantine(
        &mut self,
        list: &mut List,
        addresses: &AddrList,
        rest: Rest,
        generation: Revision,
        seeded: &Seeded,
    ) {
        let spans = addresses.ranges().filter_map(self.placing());
        let prefixes = addresses.has_prefixes();
        let units = self.units(addresses);
        if prefixes {
            for unit in units.clone() {
                self.owners.take_off(list, unit);
            }
        } else {
            self.owners.remove(list, spans.clone());
        }
        let Self { owners, rests, .. } = self;
        let rests = Arc::make_mut(rests.get_or_insert_with(|| Arc::new(Rests::new())));
        let ix = rests.begin(rest);
        let gain = Gain { occupant: Occupant::Resting(ix), generation, seeded };
        rests.with_list(ix, |list| {
            if prefixes {
                units.for_each(|unit| owners.put_on(list, unit, gain));
            } else {
                owners.extend(list, spans, gain);
            }
        });
    }

    /// Ends the rest of addresses before its time: they are free
    pub(crate) fn wake(&mut self, addresses: &AddrList) {
        for Unit { span, is_prefix } in self.units(addresses) {
            if is_prefix {
                self.wake_unit(Unit::prefix(span));
                continue;
            }
            for offset in span.first..=span.last {
                self.wake_unit(Unit::one(offset));
            }
        }
        self.tidy();
    }

    fn wake_unit(&mut self, unit: Unit) {
        let Some((Occupant::Resting(ix), _)) = self.owners.get(unit.span.first) else { return };
        let Self { owners, rests: Some(rests), .. } = self else { return };
        Arc::make_mut(rests).with_list(ix, |list| owners.take_off(list, unit));
        self.vacate(unit);
    }

    /// Ends the rests that end at or before `at`: their addresses are free
    pub(crate) fn end_rests(&mut self, at: Timestamp) {
        if self.released.is_none() && self.are_all_over(at) {
            return self.end_all_rests();
        }
        let mut units: Vec<Unit> = Vec::new();
        while let Some(rest) = self.pop_rest(at) {
            let mut list = rest.list;
            while list.count() > 0 {
                // Not all at once: what was released together may be millions.
                units.clear();
                units.extend(self.owners.iter(list).map(|(unit, _)| unit).take(AT_ONCE));
                for &prefix in units.iter().filter(|unit| unit.is_prefix) {
                    self.free_unit(&mut list, prefix);
                }
                let singles = units.iter().filter(|unit| !unit.is_prefix);
                self.free(&mut list, singles.map(|unit| unit.span));
            }
        }
        self.tidy();
    }

    /// Ends every rest, of a block that keeps no order of release: what rests is met as it lies, not by its lists
    fn end_all_rests(&mut self) {
        let (near, far) = self.owners.resting();
        let (near, far): (Vec<(u32, u64)>, Vec<Unit>) = (near.collect(), far.collect());
        self.space.give_back_words(near.iter().copied());
        far.iter().for_each(|unit| self.space.give_back(unit.span));
        self.owners.clear(near.iter().copied(), &far);
        self.rests = None;
    }

    /// Takes out the first rest that ends at or before `at`
    fn pop_rest(&mut self, at: Timestamp) -> Option<Rest> {
        let rests = self.rests.as_mut().filter(|rests| rests.first_end() <= Some(at))?;
        Arc::make_mut(rests).pop(at)
    }

    /// Makes held addresses assigned ones
    pub(crate) fn confirm(&mut self, owner: Ix<InterfaceId>, addresses: &AddrList) {
        for Unit { span, is_prefix } in self.units(addresses) {
            let last = if is_prefix { span.first } else { span.last };
            for offset in span.first..=last {
                self.owners.turn(offset, Occupant::Assigned(owner));
            }
        }
        self.held = self.held.saturating_sub(number_of(addresses));
    }

    /// Gives back the memory of what nothing rests in any more
    fn tidy(&mut self) {
        if self.rests.as_ref().is_some_and(|rests| rests.count() == 0) {
            self.rests = None;
        }
    }

    /// When the first of those that rest are free
    pub(crate) fn first_end(&self) -> Option<Timestamp> {
        self.rests.as_ref()?.first_end()
    }

    /// The offset of an address, if it lies in the block
    #[inline]
    pub(crate) fn offset(&self, address: IpAddr) -> Option<u128> {
        if Family::of(address) != self.family {
            return None;
        }
        bits_of(address).checked_sub(self.base).filter(|&at| self.space.whole().contains(at))
    }

    /// The offsets of a range, if all of it lies in the block
    #[inline]
    pub(crate) fn offsets(&self, range: AddrRange) -> Option<Span> {
        self.placing()(range)
    }

    /// What gives the offsets of a range, if all of it lies in the block
    #[inline]
    fn placing(&self) -> impl Fn(AddrRange) -> Option<Span> + Copy + use<> {
        let (family, base, end) = (self.family, self.base, self.space.whole().last);
        move |range| {
            let Span { first, last } = range.span();
            let (first, last) = (first.checked_sub(base)?, last.checked_sub(base)?);
            (range.family() == family && last <= end).then_some(Span { first, last })
        }
    }

    pub(crate) fn address(&self, offset: u128) -> IpAddr {
        address_of(self.family, self.base.saturating_add(offset))
    }

    pub(crate) fn range(&self, offsets: Span) -> AddrRange {
        AddrRange::of_span(self.family, self.bits(offsets))
    }

    /// The prefix that has just these offsets
    pub(crate) fn prefix(&self, offsets: Span) -> IpNet {
        prefix_of(self.family, self.bits(offsets))
    }

    /// What is had by itself, as a part of a list
    pub(crate) fn part(&self, unit: Unit) -> Part {
        if unit.is_prefix {
            Part::Prefix(self.prefix(unit.span))
        } else {
            Part::Addresses(self.range(unit.span))
        }
    }

    /// The bits of the addresses with these offsets
    pub(crate) fn bits(&self, offsets: Span) -> Span {
        let bits = |offset: u128| self.base.saturating_add(offset);
        Span { first: bits(offsets.first), last: bits(offsets.last) }
    }

    /// Bits of the first address
    pub(crate) const fn base(&self) -> u128 {
        self.base
    }

    /// The address bits of the whole block
    pub(crate) fn span(&self) -> Span {
        self.range(self.space.whole()).span()
    }

    /// The block as a CIDR
    pub(crate) fn cidr(&self) -> Option<IpNet> {
        Some(self.prefix(self.space.whole()))
    }

    /// Why the rules, its own, withhold an offset of the block, if they do
    #[inline]
    pub(crate) fn withheld_by_rule(&self, rules: &FamilyRules, offset: u128) -> Option<Cause> {
        let usable = self.space.usable();
        if usable.span.is_some_and(|span| span.contains(offset)) {
            return (usable.hole == Some(offset)).then_some(Cause::Gateway);
        }
        let gateway = rules.gateway_offset(self.span()) == Some(offset);
        match offset {
            0 => Some(Cause::NetworkAddress),
            _ if self.family == Family::V4 && offset == self.space.whole().last => {
                Some(Cause::BroadcastAddress)
            }
            _ if gateway => Some(Cause::Gateway),
            _ => Some(Cause::Reserved),
        }
    }
}

/// Addresses and prefixes whose rest is ended in one go
const AT_ONCE: usize = 512;

/// How many slots of one block a list has: each has a node, and there are fewer than 2^32
fn number_of(addresses: &AddrList) -> u32 {
    u32::try_from(addresses.slots()).unwrap_or(u32::MAX)
}
