//! Checking a space against a recount of what should be taken

use alloc::vec::Vec;

use super::address::{Span, joined};
use super::{Reservation, Space, gaps};

impl Space {
    /// What is wrong with this space, given the runs that are taken: ascending, disjoint and apart
    pub(crate) fn corruption(&self, taken: &[Span]) -> Option<&'static str> {
        let parts = self.near.corruption().or_else(|| self.rare_corruption());
        parts.or_else(|| self.index_corruption()).or_else(|| {
            let reserved: Vec<Span> = self.reservations().collect();
            if !reserved.is_sorted_by(|a, b| a.last < b.first) {
                return Some("reserved ranges overlap");
            }
            let withheld_if_free = self.expected_latent(taken);
            let held = self
                .extras
                .iter()
                .flat_map(|extras| extras.withheld_if_free.iter())
                .map(|(run, ())| run);
            if !held.eq(withheld_if_free.iter().copied()) {
                return Some("what is both taken and withheld is not known as such");
            }
            self.busy_corruption(taken, &reserved)
                .or_else(|| self.prefix_corruption(taken, &reserved))
                .or_else(|| self.count_corruption(taken, &reserved, &withheld_if_free))
        })
    }

    fn rare_corruption(&self) -> Option<&'static str> {
        let extras = self.extras.as_ref();
        if extras.is_some_and(|extras| extras.is_nothing()) {
            return Some("a box for extras things is kept with nothing in it");
        }
        if self.has_rules_twice() {
            return Some("what is usable is kept twice, or nowhere");
        }
        let extras = extras?;
        if extras.apart.next(0).is_some_and(|run| run.first <= self.window().last) {
            return Some("a busy address that belongs in the bitmap is kept apart");
        }
        if !extras.kinds.keys().all(|first| extras.reserved.contains(&first)) {
            return Some("a range has a kind that is not reserved");
        }
        if extras.kinds.values().any(|&kind| kind == Reservation::Hard) {
            return Some("the kind of a hard range is kept");
        }
        let trees = || extras.reserved.corruption().or_else(|| extras.kinds.corruption());
        extras.apart.corruption().or_else(|| extras.withheld_if_free.corruption()).or_else(trees)
    }

    /// What of the runs taken is withheld otherwise
    fn expected_latent(&self, taken: &[Span]) -> Vec<Span> {
        let usable = self.usable();
        let barred = taken.iter().flat_map(|&run| usable.barred(run));
        joined(taken.iter().flat_map(|&run| self.reserved_within(run)).chain(barred).collect())
    }

    fn busy_corruption(&self, taken: &[Span], reserved: &[Span]) -> Option<&'static str> {
        let window = self.window();
        let barred = self.usable().barred(window);
        let expected = joined(taken.iter().chain(reserved).copied().chain(barred).collect());
        let mut busy = Vec::new();
        let mut at = Some(0);
        while let Some(run) = at.and_then(|at| self.next_busy_run(at, u128::MAX)) {
            busy.push(run);
            at = run.last.checked_add(1);
        }
        (joined(busy) != expected).then_some("the busy addresses are not those taken or withheld")
    }

    fn prefix_corruption(&self, taken: &[Span], reserved: &[Span]) -> Option<&'static str> {
        let usable = self.usable();
        let of_kind = |range: &&Span| self.kind_at(range.first) == Reservation::PrefixOnly;
        let mut ranges = reserved.iter().filter(of_kind).copied().peekable();
        let Some(held) = self.prefix_only() else {
            let some = ranges.peek().is_some();
            return some.then_some("what is left to prefixes is not kept");
        };
        if ranges.peek().is_none() {
            return Some("what is left to prefixes is kept, and no range is prefix-only");
        }
        let left = ranges.flat_map(|range| {
            let above = taken.partition_point(|run| run.last < range.first);
            let met = taken.iter().skip(above).copied().take_while(|run| run.first <= range.last);
            gaps(range, met.collect::<Vec<Span>>()).collect::<Vec<Span>>()
        });
        let left = joined(left.flat_map(|part| usable.parts(part)).collect());
        (!held.is_of(left.into_iter())).then_some("what is left to prefixes is not known as such")
    }

    fn count_corruption(
        &self,
        taken: &[Span],
        reserved: &[Span],
        withheld_if_free: &[Span],
    ) -> Option<&'static str> {
        let usable = self.usable();
        let count = |spans: &[Span]| spans.iter().fold(0u128, |n, s| n.saturating_add(s.count()));
        let usable = |spans: &[Span]| {
            spans.iter().fold(0u128, |n, &s| n.wrapping_add(usable.count_modulo(s)))
        };
        let withheld = usable(reserved).wrapping_sub(usable(withheld_if_free));
        let modulo = taken.iter().fold(0u128, |n, s| n.wrapping_add(s.count_modulo()));
        let unusable = modulo.wrapping_sub(usable(taken));
        let kept = self.extras.as_ref().map_or(0, |extras| extras.withheld);
        let auto = |spans: &[Span]| -> Vec<Span> {
            let parts = spans.iter().flat_map(|&span| self.reserved_within(span));
            parts.filter(|part| self.kind_at(part.first) == Reservation::AutoOnly).collect()
        };
        let withheld_auto = usable(&auto(reserved)).wrapping_sub(usable(&auto(withheld_if_free)));
        let kept_auto = self.extras.as_ref().map_or(0, |extras| extras.withheld_auto);
        let counted = (count(taken), unusable, withheld, withheld_auto);
        (counted != (self.taken(), self.taken_unusable(), kept, kept_auto))
            .then_some("a subnet counts its addresses wrongly")
    }
}
