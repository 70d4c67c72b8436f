//! The order in which addresses of one subnet family were released, for the policy that chooses by it

use alloc::vec::Vec;

use super::index::Ix;
use super::occupant::Occupant;
use super::owners::{Gain, List, Owners};
use super::seeded::Seeded;
use crate::id::Revision;
use crate::space::address::{Span, joined};
use crate::space::{Space, Usable, gaps};

/// The offsets that nobody has and somebody had, in the order of their release
///
/// Of one that rests that is the end of its rest. Whether something withholds it makes no difference. Those of
/// a prefix count as never released once it is given back: it may have more than can be listed.
// INVARIANT: taken in `ever` is what is on the list and what is taken. So of what is free, that is which was
// released; and a search for what never was leaps over both at once.
#[derive(Clone, Debug)]
pub(crate) struct Released {
    /// In the place of a revision, the number of the release
    order: Owners,
    list: List,
    next: u64,
    ever: Space,
    seeded: Seeded,
}

impl Released {
    /// Of a block of so many offsets nothing was released, and these are taken
    pub(super) fn new(whole: Span, taken: impl Iterator<Item = Span>, seeded: &Seeded) -> Self {
        let mut ever = Space::new(whole.last, Usable { span: Some(whole), hole: None });
        taken.for_each(|span| ever.take(span));
        let (order, seeded) = (Owners::default(), seeded.clone());
        Self { order, list: List::EMPTY, next: 0, ever, seeded }
    }

    /// Takes over an order of release, where these are taken
    pub(super) fn of(
        order: impl Iterator<Item = Span>,
        whole: Span,
        taken: impl Iterator<Item = Span>,
        seeded: &Seeded,
    ) -> Self {
        let mut released = Self::new(whole, taken, seeded);
        for span in order {
            released.learn(span);
            released.release(span);
        }
        released
    }

    /// Whether any of these were released, or are taken
    pub(super) fn knows(&self, span: Span) -> bool {
        !self.ever.is_vacant(span)
    }

    pub(super) fn take(&mut self, span: Span) {
        // Nobody has any of it: what of it is known was released.
        for known in self.learn(span) {
            self.order.remove_run(&mut self.list, known);
        }
    }

    /// Notes that these were taken; which of them were known
    fn learn(&mut self, span: Span) -> Vec<Span> {
        let known: Vec<Span> = self.ever.taken_runs(span).collect();
        gaps(span, known.iter().copied()).for_each(|unknown| self.ever.take(unknown));
        known
    }

    /// Forgets that a prefix was ever taken
    pub(super) fn forget(&mut self, span: Span) {
        self.ever.give_back(span);
    }

    pub(super) fn release(&mut self, span: Span) {
        let Self { order, list, next, seeded, .. } = self;
        let (occupant, generation) = (Occupant::Resting(Ix::from_number(0)), Revision::new(*next));
        order.extend(list, core::iter::once(span), Gain { occupant, generation, seeded });
        *next = next.wrapping_add(1);
    }

    /// Released offsets
    pub(crate) const fn count(&self) -> u32 {
        self.list.count()
    }

    /// Them, the one released first at first
    pub(crate) fn iter(&self) -> impl Iterator<Item = u128> + '_ {
        self.order.iter(self.list).map(|(unit, _)| unit.span.first)
    }

    /// What orders a released offset among the others: first this, then itself
    pub(crate) fn number(&self, offset: u128) -> Option<u64> {
        self.order.get(offset).map(|(_, number)| number.get())
    }

    /// The offsets never taken, from the first of them from `from` on up to `last` or the next that was
    pub(crate) fn next_never(&self, from: u128, last: u128) -> Option<Span> {
        let first = self.ever.next_free(from).filter(|&first| first <= last)?;
        Some(Span { first, last: self.ever.free_run_last(first, last) })
    }

    /// What is wrong, given what is taken, if anything
    pub(crate) fn corruption(&self, taken: &[Span]) -> Option<&'static str> {
        let mut listed = 0u32;
        let mut spans = Vec::new();
        for offset in self.iter() {
            listed = listed.saturating_add(1);
            if listed > self.list.count() {
                return Some("the order of release does not end");
            }
            spans.push(Span::one(offset));
        }
        if listed != self.list.count() || !self.order.links_back(self.list) {
            return Some("the order of release is not as long as it says, or does not lead back");
        }
        if let Some(what) = self.order.corruption(listed as usize) {
            return Some(what);
        }
        spans.extend(taken);
        let count = spans.iter().fold(0u128, |sum, span| sum.saturating_add(span.count()));
        let all = joined(spans);
        if all.iter().fold(0u128, |sum, span| sum.saturating_add(span.count())) != count {
            return Some("an address was released that is taken");
        }
        let wrong = self.ever.corruption(&all);
        wrong.map(|_| "what was ever taken is not known")
    }
}
