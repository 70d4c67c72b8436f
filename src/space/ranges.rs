//! Disjoint ranges of numbers: which has a number, which lie in a span, and what is between them

use super::address::Span;
use crate::shared::tree::Tree;

/// What remains of `span` without `covered`, which must come by rising first number
pub(crate) fn gaps(
    span: Span,
    covered: impl IntoIterator<Item = Span>,
) -> impl Iterator<Item = Span> {
    let mut at = Some(span.first);
    let mut covered = covered.into_iter().map(Some).chain([None]);
    core::iter::from_fn(move || {
        loop {
            let first = at.filter(|&first| first <= span.last)?;
            match covered.next()? {
                Some(cover) => {
                    let above = cover.last.checked_add(1);
                    at = above.map(|above| above.max(first));
                    let last = cover.first.min(span.last.saturating_add(1)).checked_sub(1);
                    if let Some(gap) = last.and_then(|last| Span::new(first, last)) {
                        return Some(gap);
                    }
                }
                None => {
                    at = None;
                    return Some(Span { first, last: span.last });
                }
            }
        }
    })
}

/// The range of `ranges` (last by first, disjoint) that holds `at`
pub(crate) fn range_at(ranges: &Tree<u128, u128>, at: u128) -> Option<Span> {
    let (first, &last) = ranges.below_or_at(&at)?;
    (at <= last).then_some(Span { first, last })
}

/// The ranges of `ranges` (last by first, disjoint) that have numbers of `span`, in order
pub(crate) fn ranges_within(
    ranges: &Tree<u128, u128>,
    span: Span,
) -> impl Iterator<Item = Span> + '_ {
    let first = range_at(ranges, span.first).map_or(span.first, |range| range.first);
    let ranges = ranges.from(&first).map(|(first, &last)| Span { first, last });
    ranges.take_while(move |range| range.first <= span.last)
}

/// What `span` has of them, in order
pub(crate) fn parts_within(
    ranges: &Tree<u128, u128>,
    span: Span,
) -> impl Iterator<Item = Span> + '_ {
    ranges_within(ranges, span).filter_map(move |range| range.overlap(span))
}
