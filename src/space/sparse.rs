//! Far-apart numbers: each costs memory for itself, however large the gaps

use core::cmp::Ordering;

use super::address::Span;
use super::runs::Runs;
use crate::shared::tree::Tree;

/// A set of numbers in which one by itself costs its 16 bytes, and a run its two ends
///
/// Every operation costs O(log n), and what it takes away.
// INVARIANT: `runs` holds the runs of two and more, `singles` the numbers whose neighbours are absent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sparse {
    pub(super) singles: Tree<u128, ()>,
    pub(super) runs: Runs<()>,
}

impl Sparse {
    /// Adds the numbers of `span`
    pub(crate) fn insert(&mut self, span: Span) {
        let below = span.first.checked_sub(1);
        let above = span.last.checked_add(1);
        let in_run = |at: Option<u128>| at.is_some_and(|at| self.runs.contains(at));
        let alone = |at: &u128| self.singles.contains(at);
        let (below_alone, above_alone) = (below.filter(alone), above.filter(alone));
        let joins = in_run(below) || in_run(above) || self.runs.contains(span.first);
        let whole = Span {
            first: below_alone.unwrap_or(span.first),
            last: above_alone.unwrap_or(span.last),
        };
        if whole.first == whole.last && !joins {
            self.singles.insert(span.first, ());
        } else {
            self.remove_singles(whole);
            self.runs.insert(whole, ());
        }
    }

    /// Takes `span` out
    pub(crate) fn remove(&mut self, span: Span) {
        self.remove_singles(span);
        self.runs.remove(span);
        // What is left of a run that was cut may be one number.
        for at in [span.first.checked_sub(1), span.last.checked_add(1)].into_iter().flatten() {
            if let Some((run, ())) = self.runs.get(at).filter(|(run, ())| run.first == run.last) {
                self.runs.remove(run);
                self.singles.insert(at, ());
            }
        }
    }

    fn remove_singles(&mut self, span: Span) {
        if span.first == span.last {
            self.singles.remove(&span.first);
        } else if self.singles.at_or_above(&span.first).is_some_and(|(at, ())| at <= span.last) {
            self.singles.remove_range(|&at| match at {
                _ if at < span.first => Ordering::Less,
                _ if at > span.last => Ordering::Greater,
                _ => Ordering::Equal,
            });
        }
    }

    /// The run that holds `at`
    pub(crate) fn get(&self, at: u128) -> Option<Span> {
        if self.singles.contains(&at) {
            return Some(Span::one(at));
        }
        self.runs.get(at).map(|(run, ())| run)
    }

    /// The run that holds `at`, or else the first one above
    pub(crate) fn next(&self, at: u128) -> Option<Span> {
        let run = self.runs.next(at).map(|(run, ())| run);
        let single = self.singles.at_or_above(&at).map(|(at, ())| Span::one(at));
        match (run, single) {
            (Some(run), Some(single)) => Some(if run.first < single.first { run } else { single }),
            (run, single) => run.or(single),
        }
    }

    /// The runs, in order
    pub(crate) fn iter(&self) -> impl Iterator<Item = Span> + '_ {
        let mut runs = self.runs.iter().map(|(run, ())| run).peekable();
        let mut singles = self.singles.keys().map(Span::one).peekable();
        core::iter::from_fn(move || match (runs.peek(), singles.peek()) {
            (Some(run), Some(single)) if single.first < run.first => singles.next(),
            (Some(_), _) => runs.next(),
            (None, _) => singles.next(),
        })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.singles.is_empty() && self.runs.is_empty()
    }

    /// Why the two forms are not as they should be, if they are not
    pub(crate) fn corruption(&self) -> Option<&'static str> {
        if self.runs.iter().any(|(run, ())| run.first >= run.last) {
            return Some("a far address by itself is kept as a run");
        }
        let apart = |a: &Span, b: &Span| a.last.checked_add(1).is_some_and(|next| next < b.first);
        self.runs.corruption().or_else(|| self.singles.corruption()).or_else(|| {
            let runs: alloc::vec::Vec<Span> = self.iter().collect();
            (!runs.is_sorted_by(apart)).then_some("far addresses that touch are kept apart")
        })
    }
}
