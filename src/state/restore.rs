//! Rebuilding a state from what was stored, piece by piece; each step checks whether the piece fits

use alloc::vec::Vec;

use triomphe::Arc;

use super::State;
use super::index::{AnyRest, BlockKey, Ix};
use super::occupant::Occupant;
use super::owners::{Gain, List, Unit};
use super::quarantine::{Rest, Rests};
use super::released::Released;
use super::seeded::Seeded;
use super::subnet::{Block, Subnet};
use crate::id::{InterfaceId, Revision, SubnetId};
use crate::rules::Policy;
use crate::space::address::{Family, PerFamily, Span};

impl State {
    /// Adds a subnet that overlaps no other of its VPC
    pub(crate) fn restore_subnet(&mut self, id: SubnetId, record: Subnet) -> Ix<SubnetId> {
        let ix = self.subnets.insert(id, record);
        if let Some(subnet) = self.subnets.get(ix) {
            if let Some(vpc) = self.vpcs.get_mut(subnet.vpc) {
                for block in subnet.blocks() {
                    vpc.subnets.insert(block.family, block.span().first, ix);
                }
            }
        }
        ix
    }

    /// Puts the blocks in order in which something rests, and knows the earliest deadline
    pub(crate) fn restore_deadlines(&mut self) {
        for (ix, _, subnet) in self.subnets.iter() {
            for block in subnet.blocks() {
                let key = BlockKey::new(ix, block.family);
                if let Some(end) = block.first_end() {
                    self.resting.insert((end, key), ());
                }
            }
        }
        self.note_deadlines();
    }
}

impl Block {
    /// Gives offsets to one owner, at the end of its `list`: they must be taken, and nobody's yet; or a prefix,
    /// of which nothing may be taken, and which is not all of ::/0
    pub(crate) fn restore(&mut self, list: &mut List, unit: Unit, gain: Gain<'_>) -> bool {
        let span = unit.span;
        if unit.is_prefix {
            return self.restore_prefix(list, span, gain);
        }
        let vacant = |offset| self.owners.get(offset).is_none();
        let fits = self.space.is_taken(span) && (span.first..=span.last).all(vacant);
        if fits {
            self.owners.extend(list, core::iter::once(span), gain);
        }
        fits
    }

    fn restore_prefix(&mut self, list: &mut List, span: Span, gain: Gain<'_>) -> bool {
        let more = span.last.saturating_sub(span.first);
        let inside = span.last <= self.space.whole().last && span.first & more == 0;
        // Of 2^128 offsets some counters would be one short.
        let countable = span.count_modulo() != 0;
        if !inside || !countable || !self.space.is_vacant(span) {
            return false;
        }
        if let Some(released) = self.released.as_mut().map(Arc::make_mut) {
            if released.knows(span) {
                return false;
            }
            released.take(span);
        }
        self.space.take(span);
        self.owners.extend_prefix(list, span, gain);
        true
    }

    /// Begins a rest, of nothing yet; it must be given something
    pub(crate) fn restore_rest(&mut self, rest: Rest) -> Ix<AnyRest> {
        Arc::make_mut(self.rests.get_or_insert_with(|| Arc::new(Rests::new()))).begin(rest)
    }

    /// Gives offsets to a rest, at the end of its list: they must be taken, and nobody's yet
    pub(crate) fn restore_resting(
        &mut self,
        ix: Ix<AnyRest>,
        unit: Unit,
        generation: Revision,
        seeded: &Seeded,
    ) -> bool {
        let Some(mut list) = self.rests.as_ref().and_then(|rests| rests.get(ix)).map(|of| of.list)
        else {
            return false;
        };
        let gain = Gain { occupant: Occupant::Resting(ix), generation, seeded };
        let fits = self.restore(&mut list, unit, gain);
        if let Some(rests) = self.rests.as_mut().map(Arc::make_mut) {
            rests.with_list(ix, |old| *old = list);
        }
        fits
    }

    /// Makes what is assigned held: it must be the interface's, of a revision that fits
    pub(crate) fn restore_held(
        &mut self,
        of: Ix<InterfaceId>,
        unit: Unit,
        fits: impl Fn(Revision) -> bool,
    ) -> bool {
        let last = if unit.is_prefix { unit.span.first } else { unit.span.last };
        for offset in unit.span.first..=last {
            // Stops at the first that is not, and there is a node for each before it.
            let same = self.owners.prefix_at(offset) == unit.is_prefix.then_some(unit.span);
            let found = self.owners.get(offset);
            let assigned = |(by, made)| by == Occupant::Assigned(of) && fits(made);
            if !same || !found.is_some_and(assigned) {
                return false;
            }
            self.owners.turn(offset, Occupant::Held(of));
            self.held = self.held.saturating_add(1);
        }
        true
    }
}

impl Subnet {
    /// Follows a policy from now on, from these positions on; and with these orders of release
    pub(crate) fn restore_policy(
        &mut self,
        policy: Policy,
        positions: PerFamily<u128>,
        orders: PerFamily<Vec<Span>>,
        seeded: &Seeded,
    ) {
        self.set_policy(policy, false, seeded);
        for family in Family::ALL {
            self.move_policy(family, *positions.get(family));
            let Some(block) = self.block_mut(family) else { continue };
            if block.released.is_some() {
                let order = orders.get(family).iter().copied();
                let whole = block.space.whole();
                let taken = block.space.taken_runs(whole);
                let released = Released::of(order, whole, taken, seeded);
                block.released = Some(Arc::new(released));
            }
        }
    }
}
