//! Reserved ranges: gaps between spans, and ranges by their first number

use alloc::collections::BTreeMap;

use super::address::Span;

/// Whom a reserved range keeps its addresses from
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Reservation {
    /// Everyone
    #[default]
    Hard,
    /// The engine's own choice: a request may still name them, if it says so
    /// ([`Pick::even_auto_only`](crate::Pick::even_auto_only))
    #[doc(alias = "explicit")]
    AutoOnly,
    /// Whoever asks for single addresses: these are neither chosen nor named there, prefixes are
    #[doc(alias = "prefix")]
    PrefixOnly,
}

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
pub(crate) fn range_at(ranges: &BTreeMap<u128, u128>, at: u128) -> Option<Span> {
    let (&first, &last) = ranges.range(..=at).next_back()?;
    (at <= last).then_some(Span { first, last })
}

/// The kind of the range of `ranges` (last by first, disjoint) that holds `at`, hard unless it is listed
pub(crate) fn kind_at(
    ranges: &BTreeMap<u128, u128>,
    kinds: &BTreeMap<u128, Reservation>,
    at: u128,
) -> Reservation {
    let range = if kinds.is_empty() { None } else { range_at(ranges, at) };
    let kind = range.and_then(|range| kinds.get(&range.first));
    kind.copied().unwrap_or_default()
}

/// The parts of `span` in `ranges` (last by first, disjoint), in order
pub(crate) fn reserved_within(
    ranges: &BTreeMap<u128, u128>,
    span: Span,
) -> impl Iterator<Item = Span> + '_ {
    let first = range_at(ranges, span.first).map_or(span.first, |range| range.first);
    ranges
        .range(first..=span.last)
        .filter_map(move |(&first, &last)| Span { first, last }.overlap(span))
}
