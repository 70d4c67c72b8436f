//! Free runs in order, with what is known of many at once: far-apart ones, and those of prefix-only ranges

mod node;
#[cfg(test)]
mod tests;

use alloc::vec::Vec;

use super::address::Span;
use super::blocks::{AlignedBlock, Orders};
use node::{Edit, Known, Node};

/// Free runs that are disjoint and apart, in a tree that knows the orders of their blocks, their count and
/// the longest
///
/// A run costs its 32 bytes, in leaves at least a quarter and in the middle three quarters full. Every
/// question costs O(log n), and so does every change for each run that it makes or ends.
// INVARIANT: the tree is as `node` says. A root that is an inner node has two children and more.
#[derive(Clone, Debug, Default)]
pub(crate) struct FreeRuns {
    root: Node,
    known: Known,
}

impl FreeRuns {
    /// Runs that are ascending and apart
    pub(crate) fn of_sorted(runs: impl Iterator<Item = Span>) -> Self {
        let root = Node::of_sorted(runs.collect());
        Self { known: root.known(), root }
    }

    /// Makes the offsets of `span` free
    pub(crate) fn insert(&mut self, span: Span) {
        self.remove(span);
        let below = span.first.checked_sub(1).and_then(|at| self.get(at));
        let above = span.last.checked_add(1).and_then(|at| self.get(at));
        let run = Span {
            first: below.map_or(span.first, |run| run.first),
            last: above.map_or(span.last, |run| run.last),
        };
        if let Some(above) = above.filter(|_| below.is_some()) {
            self.edit(&Edit { at: above.first, instead: true, runs: [None, None] });
        }
        let instead = below.or(above);
        let at = instead.map_or(span.first, |run| run.first);
        self.edit(&Edit { at, instead: instead.is_some(), runs: [Some(run), None] });
    }

    /// Makes the offsets of `span` free no more
    pub(crate) fn remove(&mut self, span: Span) {
        while let Some(run) = self.next(span.first) {
            let Some(common) = run.overlap(span) else { break };
            self.edit(&Edit { at: run.first, instead: true, runs: run.around(common) });
        }
    }

    fn edit(&mut self, edit: &Edit) {
        let more = self.root.edit(edit);
        let root = core::mem::take(&mut self.root);
        self.root = match more {
            Some(more) => Node::above(root, more),
            None => root.lowered(),
        };
        self.known = self.root.known();
    }

    /// The run that holds `at`
    fn get(&self, at: u128) -> Option<Span> {
        self.next(at).filter(|run| run.first <= at)
    }

    /// The run that holds `at`, or else the first one above
    pub(crate) fn next(&self, at: u128) -> Option<Span> {
        self.root.next(at)
    }

    /// The runs, in order
    pub(crate) fn iter(&self) -> impl Iterator<Item = Span> + '_ {
        self.from(0)
    }

    /// The run that holds `at`, and all above
    pub(crate) fn from(&self, at: u128) -> impl Iterator<Item = Span> + '_ {
        let mut at = Some(at);
        core::iter::from_fn(move || {
            let run = self.next(at?)?;
            at = run.last.checked_add(1);
            Some(run)
        })
    }

    /// Offsets that are free, modulo 2^128
    pub(crate) const fn count_modulo(&self) -> u128 {
        self.known.count
    }

    /// Free offsets within `span`, modulo 2^128
    pub(crate) fn count_within(&self, span: Span) -> u128 {
        let below = span.first.checked_sub(1).map_or(0, |at| self.root.count_to(at));
        self.root.count_to(span.last).wrapping_sub(below)
    }

    /// The free offset that has `n` free ones below it; not of all of ::/0
    pub(crate) fn nth(&self, n: u128) -> Option<u128> {
        if n < self.known.count { self.root.nth(n) } else { None }
    }

    /// The longest run, the lowest of several
    pub(crate) fn longest(&self) -> Option<Span> {
        self.root.run_of(self.known.beyond)
    }

    /// The orders of which there is a maximal free aligned block
    pub(crate) const fn orders(&self) -> Orders {
        self.known.orders
    }

    /// The same, of runs that start at `first` or above
    pub(crate) fn orders_from(&self, first: u128) -> Orders {
        self.root.orders_from(first)
    }

    /// The lowest maximal free aligned block of exactly 2^`order` offsets that starts at `from` or above
    pub(crate) fn next_block(&self, order: u32, from: u128) -> Option<u128> {
        if self.known.orders.has(order) { self.root.next_block(order, from) } else { None }
    }

    /// Where a free aligned block of 2^`order` offsets fits best, as in a space
    pub(crate) fn free_block(&self, order: u32) -> Option<u128> {
        self.next_block(self.known.orders.smallest(order)?, 0)
    }

    /// The largest free aligned block, the lowest of several
    pub(crate) fn largest_block(&self) -> Option<AlignedBlock> {
        let order = self.known.orders.largest()?;
        self.next_block(order, 0).map(|first| AlignedBlock { first, order })
    }

    /// Whether these, which are ascending and apart, are the runs, and everything known of them is so
    pub(crate) fn is_of(&self, runs: impl Iterator<Item = Span>) -> bool {
        let mut held = Vec::new();
        let known = self.root.sound(&mut held);
        known == Some(self.known) && self.root.is_root() && held.into_iter().eq(runs)
    }
}
