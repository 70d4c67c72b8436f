//! One block as a command sees it

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::delta::{BlockDelta, resting_after};
use crate::error::Cause;
use crate::id::{InterfaceId, Reason, Revision, Timestamp};
use crate::rules::FamilyRules;
use crate::space::address::Span;
use crate::space::list::AddrList;
use crate::space::{Reservation, all_or_none};
use crate::state::interface::Interface;
use crate::state::occupant::Occupant;
use crate::state::quarantine::Rest;
use crate::state::subnet::Block;
use crate::state::table::Ix;

/// One block, under what changed in it
#[derive(Clone, Copy, Debug)]
pub(crate) struct BlockView<'a> {
    pub(crate) block: &'a Block,
    pub(super) rules: &'a FamilyRules,
    pub(super) delta: Option<&'a BlockDelta>,
}

impl BlockView<'_> {
    /// Who or what has `offset`
    #[inline]
    pub(crate) fn occupant(&self, offset: u128) -> Option<Occupant> {
        let Some(delta) = self.delta else {
            return self.block.owners.get(offset).map(|(occupant, _)| occupant);
        };
        match delta.occupant(offset) {
            Some(changed) => changed,
            None => match self.block.owners.get(offset)?.0 {
                Occupant::Held(owner) if delta.is_confirmed(offset) => {
                    Some(Occupant::Assigned(owner))
                }
                occupant => Some(occupant),
            },
        }
    }

    /// The revision that assigned `offset`, or held it; none if it is the one being made
    pub(crate) fn generation(&self, offset: u128) -> Option<Revision> {
        let stands = self.is_unchanged(offset);
        self.block.owners.get(offset).filter(|_| stands).map(|(_, generation)| generation)
    }

    /// When a rest of this block ends
    pub(crate) fn rest_end(&self, ix: Ix<Rest>) -> Option<Timestamp> {
        match self.delta.and_then(|delta| delta.new_rest(ix)) {
            Some(rest) => Some(rest.until),
            None => Some(self.block.rests.as_ref()?.get(ix)?.until),
        }
    }

    /// Who had what rests last
    pub(crate) fn rest_by(&self, ix: Ix<Rest>) -> Option<InterfaceId> {
        match self.delta.and_then(|delta| delta.new_rest(ix)) {
            Some(rest) => Some(rest.by),
            None => Some(self.block.rests.as_ref()?.get(ix)?.by),
        }
    }

    /// Why something rests, if somebody said so
    pub(crate) fn rest_reason(&self, ix: Ix<Rest>) -> Option<Reason> {
        match self.delta.and_then(|delta| delta.new_rest(ix)) {
            Some(rest) => rest.reason,
            None => self.block.rests.as_ref()?.get(ix)?.reason.as_deref().copied(),
        }
    }

    /// What rests, with its rest: the one that ends first at first, then in the order of release
    pub(crate) fn resting_in_order(&self) -> impl Iterator<Item = (u128, Ix<Rest>)> + '_ {
        let past = self.delta.and_then(BlockDelta::past);
        let mut kept = resting_after(self.block, past)
            .filter_map(|(offset, ix)| Some((self.rest_end(ix)?, offset, ix)))
            .filter(|&(_, offset, _)| self.is_unchanged(offset))
            .peekable();
        let begun = self.delta.into_iter().flat_map(|delta| {
            delta.live().flat_map(|(until, ix, from)| {
                let rest = delta.new_rest(ix);
                let spans = rest.into_iter().flat_map(move |rest| rest.parts(from));
                let offsets = spans.flat_map(|(_, span)| span.first..=span.last);
                offsets.map(move |offset| (until, offset, ix))
            })
        });
        let resting =
            |&(_, offset, ix): &(_, u128, _)| self.occupant(offset) == Some(Occupant::Resting(ix));
        let mut begun = begun.filter(resting).peekable();
        core::iter::from_fn(move || {
            // Of those that end together, the one of the tables began before.
            let kept_until = kept.peek().map(|&(until, ..)| until);
            let next = match begun.peek() {
                Some(&(until, ..)) if kept_until.is_none_or(|kept| until < kept) => begun.next(),
                _ => kept.next(),
            };
            next.map(|(_, offset, ix)| (offset, ix))
        })
    }

    /// What rests within a span, in the same order: costs a look at each of its offsets and, where several
    /// were released together, at what was
    pub(crate) fn resting_within(&self, span: Span) -> impl Iterator<Item = u128> {
        let mut rests = BTreeMap::<Ix<Rest>, Vec<u128>>::new();
        for offset in span.first..=span.last {
            if let Some(Occupant::Resting(ix)) = self.occupant(offset) {
                rests.entry(ix).or_default().push(offset);
            }
        }
        let mut ordered = BTreeMap::new();
        for (ix, mut offsets) in rests {
            let kept = self.block.rests.as_ref().and_then(|rests| rests.get(ix));
            let begun = self.delta.and_then(|delta| delta.new_rest(ix));
            if offsets.len() > 1 {
                let list = kept.into_iter().flat_map(|rest| self.block.owners.iter(rest.list));
                let spans = begun.into_iter().flat_map(|rest| &rest.spans);
                let all = list.map(|(offset, _)| offset);
                let all = all.chain(spans.flat_map(|span| span.first..=span.last));
                // They ascend, as they were met.
                offsets = all.filter(|at| offsets.binary_search(at).is_ok()).collect();
            }
            // Those of the tables began before all others.
            let serial = kept.map(|rest| rest.serial);
            if let Some(until) = self.rest_end(ix) {
                ordered.insert((until, serial.is_none(), serial, ix), offsets);
            }
        }
        ordered.into_values().flatten()
    }

    /// What was assigned to an interface since, or held for it, and still is, in order
    pub(crate) fn order_of(&self, ix: Ix<Interface>) -> Vec<(Span, Occupant)> {
        self.delta.map_or_else(Vec::new, |delta| delta.order_of(ix))
    }

    /// Why the rules withhold an offset, if they do
    pub(crate) fn withheld_by_rule(&self, offset: u128) -> Option<Cause> {
        self.block.withheld_by_rule(self.rules, offset)
    }

    /// Whether what the tables say of `offset` stands
    pub(crate) fn is_unchanged(&self, offset: u128) -> bool {
        self.delta.is_none_or(|delta| delta.occupant(offset).is_none())
    }

    /// The reserved range that holds `offset`
    pub(crate) fn reservation_at(&self, offset: u128) -> Option<Span> {
        match self.delta {
            Some(delta) => delta.reservation_at(self.block, offset),
            None => self.block.space.reservation_at(offset),
        }
    }

    /// The kind of the reserved range that holds `offset`, which one must
    pub(crate) fn kind_at(&self, offset: u128) -> Reservation {
        match self.delta {
            Some(delta) => delta.kind_at(self.block, offset),
            None => self.block.space.kind_at(offset),
        }
    }

    /// Offsets in reserved ranges of a kind, usable but for that, that nobody has and that do not rest
    pub(crate) fn reserved_as(&self, kind: Reservation) -> u128 {
        let Some(delta) = self.delta else { return self.block.space.withheld_as(kind) };
        let usable = self.block.space.usable();
        let count = |span: Span| usable.count_modulo(span);
        let parts = delta.reserved_within(self.block, self.block.space.whole());
        let parts = parts.into_iter().filter(|part| delta.kind_at(self.block, part.first) == kind);
        parts.fold(0, |sum: u128, part| {
            let held = delta.held_within(self.block, part).into_iter().map(count);
            let left = held.fold(count(part), u128::wrapping_sub);
            sum.wrapping_add(left)
        })
    }

    /// The lowest reserved range that has offsets of `span`
    pub(crate) fn reservation_within(&self, span: Span) -> Option<Span> {
        let part = match self.delta {
            Some(delta) => delta.reserved_within(self.block, span).first().copied(),
            None => self.block.space.reserved_within(span).next(),
        };
        self.reservation_at(part?.first)
    }

    /// Offsets that somebody has, or that rest
    pub(crate) fn occupied(&self) -> u128 {
        self.delta.map_or_else(|| self.block.space.taken(), |delta| delta.occupied(self.block))
    }

    /// Offsets held
    pub(crate) fn held(&self) -> u128 {
        self.delta.map_or_else(|| self.block.held.into(), |delta| delta.held(self.block))
    }

    /// Offsets that rest
    pub(crate) fn resting(&self) -> u128 {
        self.delta.map_or_else(|| self.block.resting().into(), |delta| delta.resting(self.block))
    }

    /// Offsets assigned
    pub(crate) fn assigned(&self) -> u128 {
        self.occupied().saturating_sub(self.held()).saturating_sub(self.resting())
    }

    /// Offsets that may be given; 2^128 saturates
    pub(crate) fn free(&self) -> u128 {
        all_or_none(self.free_modulo(), || self.next_free(0))
    }

    fn free_modulo(&self) -> u128 {
        match self.delta {
            Some(delta) => delta.free_modulo(self.block),
            None => self.block.space.free_modulo(),
        }
    }

    /// Offsets withheld, by rule or in reserved ranges, that nobody has and that do not rest; 2^128 saturates
    pub(crate) fn withheld(&self) -> u128 {
        let whole = self.block.space.whole();
        let others = self.free_modulo().wrapping_add(self.occupied());
        match whole.count_modulo().wrapping_sub(others) {
            0 if self.free() == 0 && self.occupied() == 0 => whole.count(),
            withheld => withheld,
        }
    }

    /// Offsets that the rules withhold, that nobody has and that do not rest
    pub(crate) fn structural(&self) -> u128 {
        let structural = self.block.space.structural();
        let Some(delta) = self.delta else { return structural };
        let (left, gained) = delta.unusable(self.block);
        structural.saturating_add(left).saturating_sub(gained)
    }

    /// Offsets in reserved ranges, usable but for that, that nobody has and that do not rest; 2^128 saturates
    pub(crate) fn reserved(&self) -> u128 {
        if self.delta.is_none() {
            return self.block.space.withheld();
        }
        let others = self.free_modulo().wrapping_add(self.occupied());
        let others = others.wrapping_add(self.structural());
        match self.block.space.whole().count_modulo().wrapping_sub(others) {
            0 if others == 0 && self.free() == 0 => u128::MAX,
            reserved => reserved,
        }
    }

    /// Whether nobody has any offset of `span`, and none rests
    pub(crate) fn is_vacant(&self, span: Span) -> bool {
        match self.delta {
            Some(delta) => delta.held_within(self.block, span).is_empty(),
            None => self.block.space.is_vacant(span),
        }
    }

    /// Whether addresses lie in the block and nobody has any, as far as whole words can tell
    pub(crate) fn are_vacant(&self, addresses: &AddrList) -> bool {
        let plain = self.delta.is_none();
        let scattered = self.block.by_words(addresses).filter(|_| plain);
        scattered.is_some_and(|offsets| {
            offsets.iter().all(|(word, bits)| self.block.space.are_vacant(word, bits))
        })
    }

    /// The first free offset from `from` on
    pub(crate) fn next_free(&self, from: u128) -> Option<u128> {
        match self.delta {
            Some(delta) => delta.next_free(self.block, from),
            None => self.block.space.next_free(from),
        }
    }

    /// Near free offsets from `from` on, by words; `None` where a batch has changed the block
    pub(crate) fn free_words(&self, from: u128) -> Option<impl Iterator<Item = (u32, u64)> + '_> {
        self.delta.is_none().then(|| self.block.space.free_words(from))
    }

    /// The last offset of a free run that starts at the free offset `from`, or `last` if that is lower
    pub(crate) fn free_run_last(&self, from: u128, last: u128) -> u128 {
        match self.delta {
            Some(delta) => delta.free_run_last(self.block, from, last),
            None => self.block.space.free_run_last(from, last),
        }
    }
}
