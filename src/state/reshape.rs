//! A subnet in another shape: what is in use keeps its addresses, owners, order and generations
//!
//! A block counts offsets from its first address, and its space knows where the rules end: in another shape
//! it is made anew, from what is in use. That costs a step for each address in use.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use core::mem;

use ipnet::{Ipv4Net, Ipv6Net};
use triomphe::Arc;

use super::State;
use super::index::{BlockKey, Ix};
use super::occupant::{Kind, Occupant};
use super::owners::{Gain, List, Unit};
use super::quarantine::{Rest, Rests};
use super::released::Released;
use super::seeded::Seeded;
use super::subnet::{Block, Subnet};
use super::sweep::reorder;
use super::vpc::SubnetMap;
use crate::id::{InterfaceId, Revision, SubnetId};
use crate::rules::{Policy, Profile};
use crate::space::address::{Family, PerFamily, Span, joined};

/// The lists of a block's interfaces
type Lists = BTreeMap<Ix<InterfaceId>, List>;

impl State {
    /// Gives a subnet these CIDRs and rules; whatever somebody has, or is reserved, lies inside
    pub(super) fn reshape(
        &mut self,
        ix: Ix<SubnetId>,
        (v4, v6): (Option<Ipv4Net>, Option<Ipv6Net>),
        profile: &Profile,
    ) {
        let Some(before) = self.subnets.get(ix) else { return };
        let (vpc, homes, indices) = (before.vpc, before.homes, before.indices());
        let selection = before.selection().copied();
        let bases = PerFamily { v4: before.base(Family::V4), v6: before.base(Family::V6) };
        let remembers = selection.is_some_and(|of| of.policy == Policy::LongestReleased);
        let shared = self.profiles.share(profile);
        let Some(made) = Subnet::new(vpc, shared, v4, v6) else {
            return self.profiles.release(profile);
        };
        self.with_places(ix, SubnetMap::remove);
        let Self { subnets, interfaces, seeded, resting, .. } = self;
        let Some(subnet) = subnets.get_mut(ix) else { return };
        let (old, blocks) = mem::replace(subnet, made).into_parts();
        subnet.homes = homes;
        for block in blocks {
            let (family, first) = (block.family, block.first_end());
            let key = BlockKey::new(ix, family);
            let Some(made) = subnet.block_mut(family) else {
                reorder(resting, key, first, None);
                continue;
            };
            if made.has_shape_of(&block) {
                *made = block;
                continue;
            }
            let list = |owner| interfaces.get(owner)?.list(ix, family);
            let lists = made.carry(&block, list, remembers, seeded);
            reorder(resting, key, first, made.first_end());
            for (owner, list) in lists {
                let interface = interfaces.get_mut(owner);
                if let Some(place) = interface.and_then(|of| of.list_mut(ix, family)) {
                    *place = list;
                }
            }
        }
        subnet.set_indices(indices);
        if let Some(selection) = selection {
            subnet.carry_policy(&selection, |family| *bases.get(family), seeded);
        }
        self.profiles.release(&old);
        self.with_places(ix, |map, family, first| map.insert(family, first, ix));
        self.note_deadlines();
    }
}

impl Block {
    /// Whether a block has the same addresses, and the rules leave the same of them
    pub(crate) fn has_shape_of(&self, other: &Self) -> bool {
        self.span() == other.span() && self.space.usable() == other.space.usable()
    }

    /// The offsets of address bits, as far as they lie in the block
    pub(crate) fn within(&self, bits: Span) -> Option<Span> {
        let Span { first, last } = bits.overlap(self.span())?;
        let offset = |bits: u128| bits.saturating_sub(self.base());
        Some(Span { first: offset(first), last: offset(last) })
    }

    /// The same, if all of them do
    fn wholly_within(&self, bits: Span) -> Option<Span> {
        self.within(bits).filter(|&here| self.bits(here) == bits)
    }

    /// Where in this block something lies that another has: addresses as far as they do, a prefix if all of it
    /// does
    pub(crate) fn unit_within(&self, from: &Self, unit: Unit) -> Option<Unit> {
        let bits = from.bits(unit.span);
        let span = if unit.is_prefix { self.wholly_within(bits) } else { self.within(bits) }?;
        Some(Unit { span, ..unit })
    }

    /// Takes over, into a block that has nothing, what another has
    ///
    /// Given the lists that interfaces have there; tells those that they have here.
    pub(crate) fn carry(
        &mut self,
        from: &Block,
        list: impl Fn(Ix<InterfaceId>) -> Option<List>,
        remembers: bool,
        seeded: &Seeded,
    ) -> Lists {
        let mut owners = BTreeSet::new();
        let (mut taken, mut prefixes) = (Vec::new(), Vec::new());
        for (unit, occupant) in from.units_within(from.space.whole()) {
            let Some(here) = self.unit_within(from, unit) else { continue };
            if here.is_prefix { &mut prefixes } else { &mut taken }.push(here.span);
            owners.extend(occupant.interface());
        }
        if remembers {
            let order = from.released.iter().flat_map(|released| released.iter()).map(Span::one);
            let order = order.filter_map(|span| self.within(from.bits(span)));
            let all = taken.iter().chain(&prefixes).copied();
            let whole = self.space.whole();
            self.released = Some(Arc::new(Released::of(order, whole, all, seeded)));
        }
        self.carry_taken(&joined(taken));
        prefixes.into_iter().for_each(|prefix| self.space.take(prefix));
        for (range, kind) in from.reservations() {
            if let Some(range) = self.within(from.bits(range)) {
                self.space.reserve(range, kind);
            }
        }
        self.carry_rests(from, seeded);
        let listed = |owner| Some((owner, self.carry_list(from, list(owner)?, seeded)));
        owners.into_iter().filter_map(listed).collect()
    }

    fn carry_taken(&mut self, spans: &[Span]) {
        spans.iter().for_each(|&span| self.space.take(span));
    }

    /// Takes over an interface's list
    fn carry_list(&mut self, from: &Block, list: List, seeded: &Seeded) -> List {
        let mut carried = List::EMPTY;
        for (unit, occupant, generation) in self.listed(from, list) {
            if occupant.kind() == Kind::Held {
                self.held = self.held.saturating_add(1);
            }
            let gain = Gain { occupant, generation, seeded };
            self.owners.put_on(&mut carried, unit, gain);
        }
        carried
    }

    /// Takes over what rests inside, each rest with its number
    fn carry_rests(&mut self, from: &Block, seeded: &Seeded) {
        for (_, rest) in from.rests.iter().flat_map(|rests| rests.iter()) {
            let all = self.listed(from, rest.list);
            if all.is_empty() {
                continue;
            }
            let Self { owners, rests, .. } = self;
            let rests = Arc::make_mut(rests.get_or_insert_with(|| Arc::new(Rests::new())));
            let ix = rests.begin(Rest { list: List::EMPTY, ..rest.clone() });
            for (unit, _, generation) in all {
                let gain = Gain { occupant: Occupant::Resting(ix), generation, seeded };
                rests.with_list(ix, |list| owners.put_on(list, unit, gain));
            }
        }
    }

    /// What is on a list of another block and lies in this one, in order
    fn listed(&self, from: &Block, list: List) -> Vec<(Unit, Occupant, Revision)> {
        let listed = from.owners.iter(list);
        let inside = listed.filter_map(|(unit, generation)| {
            let here = self.unit_within(from, unit)?;
            Some((here, from.occupant(unit.span.first)?, generation))
        });
        inside.collect()
    }
}
