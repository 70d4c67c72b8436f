//! Runs of far-apart numbers: each costs memory for itself, however large the gaps

use alloc::collections::BTreeMap;

use super::address::Span;

/// Disjoint runs of numbers, each with a value; neighbours of equal value are one run
///
/// Every operation costs O(log n) in the number of runs, and in the number of runs it takes away.
// INVARIANT: runs are disjoint, and two that touch have different values; `count` is the sum of their
// lengths, modulo 2^128.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Runs<V> {
    /// Last number and value, by first number
    map: BTreeMap<u128, (u128, V)>,
    count: u128,
}

impl<V> Default for Runs<V> {
    fn default() -> Self {
        Self { map: BTreeMap::new(), count: 0 }
    }
}

impl Runs<()> {
    /// Spans that are ascending and apart
    pub(crate) fn of_sorted(spans: &[Span]) -> Self {
        let count = spans.iter().fold(0u128, |sum, span| sum.wrapping_add(span.count_modulo()));
        let map = spans.iter().map(|span| (span.first, (span.last, ()))).collect();
        Self { map, count }
    }
}

impl<V: Copy + Eq> Runs<V> {
    /// Gives `span` the value, whatever it had
    pub(crate) fn insert(&mut self, span: Span, value: V) {
        self.remove(span);
        let touching = |at: Option<u128>| {
            at.and_then(|at| self.get(at)).filter(|(_, held)| *held == value).map(|(run, _)| run)
        };
        let below = touching(span.first.checked_sub(1));
        let above = touching(span.last.checked_add(1));
        let whole = Span {
            first: below.map_or(span.first, |run| run.first),
            last: above.map_or(span.last, |run| run.last),
        };
        if let Some(above) = above {
            self.map.remove(&above.first);
        }
        self.map.insert(whole.first, (whole.last, value));
        self.count = self.count.wrapping_add(span.count_modulo());
    }

    /// Takes `span` out
    pub(crate) fn remove(&mut self, span: Span) {
        while let Some((run, value)) = self.next(span.first) {
            let Some(common) = run.overlap(span) else { break };
            self.map.remove(&run.first);
            for rest in run.around(common).into_iter().flatten() {
                self.map.insert(rest.first, (rest.last, value));
            }
            self.count = self.count.wrapping_sub(common.count_modulo());
        }
    }

    /// The run that holds `at`
    pub(crate) fn get(&self, at: u128) -> Option<(Span, V)> {
        let (&first, &(last, value)) = self.map.range(..=at).next_back()?;
        (at <= last).then_some((Span { first, last }, value))
    }

    /// The run that holds `at`, or else the first one above
    pub(crate) fn next(&self, at: u128) -> Option<(Span, V)> {
        self.get(at).or_else(|| {
            let (&first, &(last, value)) = self.map.range(at..).next()?;
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

    pub(crate) fn iter(&self) -> impl Iterator<Item = (Span, V)> + '_ {
        self.map.iter().map(|(&first, &(last, value))| (Span { first, last }, value))
    }

    pub(crate) fn contains(&self, at: u128) -> bool {
        self.get(at).is_some()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.map.is_empty()
    }

    /// Numbers held, modulo 2^128
    pub(crate) const fn count_modulo(&self) -> u128 {
        self.count
    }
}
