//! Free runs in order, with what is known of many at once: far-apart ones, and those of prefix-only ranges

#[cfg(test)]
mod tests;

use core::cell::Cell;
use core::ops::ControlFlow;

use super::address::Span;
use super::aligned::{AlignedBlock, Orders, block_in};
use super::runs::RunTree;
use crate::shared::tree::{Part, Summary};

/// What is known of free runs together
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Known {
    orders: Orders,
    /// Offsets, modulo 2^128
    count: u128,
    /// Offsets of the longest, less 1
    beyond: u128,
}

impl Known {
    fn of_run(run: Span) -> Self {
        let beyond = run.last.saturating_sub(run.first);
        Self { orders: Orders::of_run(run), count: run.count_modulo(), beyond }
    }
}

impl Summary<u128, (u128, ())> for Known {
    const NONE: Self = Self { orders: Orders::NONE, count: 0, beyond: 0 };

    fn of(&first: &u128, &(last, ()): &(u128, ())) -> Self {
        Self::of_run(Span { first, last })
    }

    fn and(self, after: &Self) -> Self {
        Self {
            orders: self.orders.and(after.orders),
            count: self.count.wrapping_add(after.count),
            beyond: self.beyond.max(after.beyond),
        }
    }
}

/// Free runs that are disjoint and apart, in a tree that knows the orders of their blocks, their count and
/// the longest
///
/// A run costs its 32 bytes. Every question costs O(log n), and so does every change for each run that it
/// makes or ends.
#[derive(Clone, Debug, Default)]
pub(crate) struct FreeRuns {
    runs: RunTree<(), Known>,
}

impl FreeRuns {
    /// Runs that are ascending and apart
    pub(crate) fn of_sorted(runs: impl Iterator<Item = Span>) -> Self {
        Self { runs: RunTree::of_sorted(runs) }
    }

    /// Makes the offsets of `span` free
    pub(crate) fn insert(&mut self, span: Span) {
        self.runs.insert(span, ());
    }

    /// Makes the offsets of `span` free no more
    pub(crate) fn remove(&mut self, span: Span) {
        self.runs.remove(span);
    }

    /// The run that holds `at`, or else the first one above
    pub(crate) fn next(&self, at: u128) -> Option<Span> {
        self.runs.next(at).map(|(run, ())| run)
    }

    /// The runs, in order
    pub(crate) fn iter(&self) -> impl Iterator<Item = Span> + '_ {
        self.runs.iter().map(|(run, ())| run)
    }

    /// The run that holds `at`, and all above
    pub(crate) fn from(&self, at: u128) -> impl Iterator<Item = Span> + '_ {
        self.runs.from(at).map(|(run, ())| run)
    }

    const fn known(&self) -> &Known {
        self.runs.tree().summary()
    }

    /// The first that is found in a run at or above `from`, where nodes of which something is known have it
    fn find<T>(
        &self,
        from: Option<u128>,
        mut has: impl FnMut(&Known) -> bool,
        mut found: impl FnMut(Span) -> Option<T>,
    ) -> Option<T> {
        self.runs.tree().search(from.as_ref(), |part| match part {
            Part::Many(known) if has(known) => ControlFlow::Break(None),
            Part::Many(_) => ControlFlow::Continue(()),
            Part::One(&first, &(last, ())) => match found(Span { first, last }) {
                None => ControlFlow::Continue(()),
                found => ControlFlow::Break(found),
            },
        })
    }

    /// Free offsets up to `at`, modulo 2^128
    fn count_to(&self, at: u128) -> u128 {
        self.runs.tree().fold_to(&at, 0u128, |count, part| match part {
            Part::Many(known) => count.wrapping_add(known.count),
            Part::One(&first, &(last, ())) => {
                count.wrapping_add(Span { first, last: last.min(at) }.count_modulo())
            }
        })
    }

    /// Offsets that are free, modulo 2^128
    pub(crate) const fn count_modulo(&self) -> u128 {
        self.runs.count_modulo()
    }

    /// Free offsets within `span`, modulo 2^128
    pub(crate) fn count_within(&self, span: Span) -> u128 {
        let below = span.first.checked_sub(1).map_or(0, |at| self.count_to(at));
        self.count_to(span.last).wrapping_sub(below)
    }

    /// The free offset that has `n` free ones below it; not of all of ::/0
    pub(crate) fn nth(&self, n: u128) -> Option<u128> {
        let rest = Cell::new(n);
        let holds = |count: u128| match rest.get().checked_sub(count) {
            Some(beyond) => {
                rest.set(beyond);
                false
            }
            None => true,
        };
        let at = |run: Span| run.first.checked_add(rest.get());
        let found = |run: Span| if holds(run.count()) { at(run) } else { None };
        if n < self.count_modulo() {
            self.find(None, |known| holds(known.count), found)
        } else {
            None
        }
    }

    /// The longest run, the lowest of several
    pub(crate) fn longest(&self) -> Option<Span> {
        let most = self.known().beyond;
        let is_longest = |run: &Span| run.last.saturating_sub(run.first) == most;
        self.find(None, |known| known.beyond == most, |run| Some(run).filter(is_longest))
    }

    /// The orders of which there is a maximal free aligned block
    pub(crate) const fn orders(&self) -> Orders {
        self.known().orders
    }

    /// The same, of runs that start at `first` or above
    pub(crate) fn orders_from(&self, first: u128) -> Orders {
        let orders = Cell::new(Orders::default());
        let add = |more: Orders| orders.set(orders.get().and(more));
        let whole = |known: &Known| {
            add(known.orders);
            false
        };
        let _: Option<()> = self.find(Some(first), whole, |run| {
            add(Orders::of_run(run));
            None
        });
        orders.get()
    }

    /// The lowest maximal free aligned block of exactly 2^`order` offsets that starts at `from` or above
    pub(crate) fn next_block(&self, order: u32, from: u128) -> Option<u128> {
        if !self.known().orders.has(order) {
            return None;
        }
        let within = self.runs.get(from).and_then(|(run, ())| block_in(run, order, from));
        let has = |known: &Known| known.orders.has(order);
        within.or_else(|| self.find(Some(from), has, |run| block_in(run, order, from)))
    }

    /// Where a free aligned block of 2^`order` offsets fits best, as in a space
    pub(crate) fn free_block(&self, order: u32) -> Option<u128> {
        self.next_block(self.known().orders.smallest(order)?, 0)
    }

    /// The largest free aligned block, the lowest of several
    pub(crate) fn largest_block(&self) -> Option<AlignedBlock> {
        let order = self.known().orders.largest()?;
        self.next_block(order, 0).map(|first| AlignedBlock { first, order })
    }

    /// Whether these, which are ascending and apart, are the runs, and everything known of them is so
    pub(crate) fn is_of(&self, runs: impl Iterator<Item = Span>) -> bool {
        self.runs.corruption().is_none() && self.iter().eq(runs)
    }
}
