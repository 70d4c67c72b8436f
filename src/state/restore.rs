//! Making a state again from what was stored of it, piece by piece; each says whether it fits

use alloc::boxed::Box;

use super::State;
use super::interface::{BlockKey, Interface};
use super::occupant::Occupant;
use super::owners::{Gain, List};
use super::quarantine::{Rest, Rests};
use super::seeded::Seeded;
use super::subnet::{Block, Subnet};
use super::table::Ix;
use crate::id::{Revision, SubnetId};
use crate::space::address::Span;

impl State {
    /// Adds a subnet that overlaps no other of its VPC
    pub(crate) fn restore_subnet(&mut self, id: SubnetId, record: Subnet) -> Ix<Subnet> {
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
                self.resting.extend(block.first_end().map(|end| (end, key)));
            }
        }
        self.alarm = self.next_deadline();
    }
}

impl Block {
    /// Gives offsets to one owner, at the end of its `list`: they must be taken, and nobody's yet
    pub(crate) fn restore(&mut self, list: &mut List, span: Span, gain: Gain<'_>) -> bool {
        let vacant = |offset| self.owners.get(offset).is_none();
        let fits = self.space.is_taken(span) && (span.first..=span.last).all(vacant);
        if fits {
            self.owners.extend(list, core::iter::once(span), gain);
        }
        fits
    }

    /// Begins a rest, of nothing yet; it must be given something
    pub(crate) fn restore_rest(&mut self, rest: Rest) -> Ix<Rest> {
        self.rests.get_or_insert_with(|| Box::new(Rests::new())).begin(rest)
    }

    /// Gives offsets to a rest, at the end of its list: they must be taken, and nobody's yet
    pub(crate) fn restore_resting(
        &mut self,
        ix: Ix<Rest>,
        span: Span,
        generation: Revision,
        seeded: &Seeded,
    ) -> bool {
        let Some(mut list) = self.rests.as_ref().and_then(|rests| rests.get(ix)).map(|of| of.list)
        else {
            return false;
        };
        let gain = Gain { occupant: Occupant::Resting(ix), generation, seeded };
        let fits = self.restore(&mut list, span, gain);
        if let Some(rests) = &mut self.rests {
            rests.with_list(ix, |old| *old = list);
        }
        fits
    }

    /// Makes assigned offsets held ones: they must be the interface's, of that generation
    pub(crate) fn restore_held(&mut self, of: Ix<Interface>, span: Span, made: Revision) -> bool {
        let assigned = Some((Occupant::Assigned(of), made));
        for offset in span.first..=span.last {
            // Stops at the first that is not, and there is a node for each before it.
            if self.owners.get(offset) != assigned {
                return false;
            }
            self.owners.turn(offset, Occupant::Held(of));
            self.held = self.held.saturating_add(1);
        }
        true
    }
}
