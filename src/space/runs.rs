//! Runs of far-apart numbers: each costs memory for itself, however large the gaps

use core::cmp::Ordering;

use super::address::Span;
use crate::shared::tree::{Summary, Tree};

/// Disjoint runs of numbers, each with a value; neighbours of equal value are one run
///
/// Every operation costs O(log n) in the number of runs, and in the number of runs it takes away. Copies share
/// what they have in common.
// INVARIANT: runs are disjoint, and two that touch have different values; `count` is the sum of their
// lengths, modulo 2^128.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RunTree<V: Copy, S: Summary<u128, (u128, V)>> {
    /// Last number and value, by first number
    tree: Tree<u128, (u128, V), S>,
    count: u128,
}

/// Runs of which nothing is known together
pub(crate) type Runs<V> = RunTree<V, ()>;

impl<V: Copy, S: Summary<u128, (u128, V)>> Default for RunTree<V, S> {
    fn default() -> Self {
        Self { tree: Tree::new(), count: 0 }
    }
}

impl<S: Summary<u128, (u128, ())>> RunTree<(), S> {
    /// Spans that are ascending and apart
    pub(crate) fn of_sorted(spans: impl IntoIterator<Item = Span>) -> Self {
        let mut count = 0u128;
        let tree = Tree::from_sorted(spans.into_iter().map(|span| {
            count = count.wrapping_add(span.count_modulo());
            (span.first, (span.last, ()))
        }));
        Self { tree, count }
    }
}

impl<V: Copy + Eq, S: Summary<u128, (u128, V)>> RunTree<V, S> {
    /// Gives `span` the value, whatever it had
    pub(crate) fn insert(&mut self, span: Span, value: V) {
        self.remove(span);
        let touching = |at: Option<u128>| {
            at.and_then(|at| self.get(at)).filter(|(_, held)| *held == value).map(|(run, _)| run)
        };
        let below = touching(span.first.checked_sub(1));
        let above = touching(span.last.checked_add(1));
        let last = above.map_or(span.last, |run| run.last);
        match (below, above) {
            (None, Some(above)) => self.tree.replace(&above.first, span.first, (last, value)),
            (None, None) => _ = self.tree.insert(span.first, (last, value)),
            (Some(below), above) => {
                if let Some(above) = above {
                    self.tree.remove(&above.first);
                }
                self.tree.insert(below.first, (last, value));
            }
        }
        self.count = self.count.wrapping_add(span.count_modulo());
    }

    /// Takes `span` out
    pub(crate) fn remove(&mut self, span: Span) {
        while let Some((run, value)) = self.next(span.first) {
            let Some(common) = run.overlap(span) else { break };
            match run.around(common) {
                [None, None] => {
                    let above = run.last.checked_add(1).and_then(|at| self.next(at));
                    if above.is_some_and(|(above, _)| above.last <= span.last) {
                        self.remove_whole(span);
                        continue;
                    }
                    self.tree.remove(&run.first);
                }
                [None, Some(above)] => {
                    self.tree.replace(&run.first, above.first, (above.last, value));
                }
                [Some(below), above] => {
                    self.tree.insert(below.first, (below.last, value));
                    if let Some(above) = above {
                        self.tree.insert(above.first, (above.last, value));
                    }
                }
            }
            self.count = self.count.wrapping_sub(common.count_modulo());
        }
    }

    /// Takes out the runs that lie in `span` as a whole, all at once
    fn remove_whole(&mut self, span: Span) {
        let cut = self.get(span.last).filter(|(run, _)| run.last > span.last);
        let is_whole = |first: u128| {
            first <= span.last && cut.as_ref().is_none_or(|(run, _)| first < run.first)
        };
        let whole = self.tree.from(&span.first).take_while(|&(first, _)| is_whole(first));
        let counts = whole.map(|(first, &(last, _))| Span { first, last }.count_modulo());
        let count = counts.fold(0u128, u128::wrapping_add);
        self.tree.remove_range(|&first| match first {
            _ if first < span.first => Ordering::Less,
            _ if is_whole(first) => Ordering::Equal,
            _ => Ordering::Greater,
        });
        self.count = self.count.wrapping_sub(count);
    }

    /// The run that holds `at`
    pub(crate) fn get(&self, at: u128) -> Option<(Span, V)> {
        let (first, &(last, value)) = self.tree.below_or_at(&at)?;
        (at <= last).then_some((Span { first, last }, value))
    }

    /// The run that holds `at`, or else the first one above
    pub(crate) fn next(&self, at: u128) -> Option<(Span, V)> {
        self.get(at).or_else(|| {
            let (first, &(last, value)) = self.tree.at_or_above(&at)?;
            Some((Span { first, last }, value))
        })
    }

    /// The runs within `span`, clipped to it, in order
    pub(crate) fn within(&self, span: Span) -> impl Iterator<Item = (Span, V)> + '_ {
        let mut at = Some(span.first);
        core::iter::from_fn(move || {
            let (run, value) = self.next(at?)?;
            at = run.last.checked_add(1);
            run.overlap(span).map(|run| (run, value))
        })
    }

    /// The run that holds `at`, and all above
    pub(crate) fn from(&self, at: u128) -> impl Iterator<Item = (Span, V)> + '_ {
        let first = self.get(at).map_or(at, |(run, _)| run.first);
        self.tree.from(&first).map(|(first, &(last, value))| (Span { first, last }, value))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (Span, V)> + '_ {
        self.tree.iter().map(|(first, &(last, value))| (Span { first, last }, value))
    }

    pub(crate) fn contains(&self, at: u128) -> bool {
        self.get(at).is_some()
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.tree.is_empty()
    }

    /// Numbers held, modulo 2^128
    pub(crate) const fn count_modulo(&self) -> u128 {
        self.count
    }

    /// What is wrong with the runs, if anything
    pub(crate) fn corruption(&self) -> Option<&'static str> {
        let apart = |(a, of): &(Span, V), (b, other): &(Span, V)| {
            let next = a.last.checked_add(1);
            next.is_some_and(|next| next < b.first || (next == b.first && of != other))
        };
        let counted = self.iter().fold(0u128, |sum, (run, _)| sum.wrapping_add(run.count_modulo()));
        if counted != self.count {
            return Some("runs are counted wrongly");
        }
        if self.iter().any(|(run, _)| run.first > run.last) || !self.iter().is_sorted_by(apart) {
            return Some("runs overlap, or are not joined");
        }
        self.tree.corruption()
    }

    /// The tree that keeps them: last number and value, by first number
    pub(crate) const fn tree(&self) -> &Tree<u128, (u128, V), S> {
        &self.tree
    }
}
