//! The kinds of reserved ranges

use super::ranges::range_at;
use crate::bytes::choices;
use crate::shared::tree::Tree;

/// The kind of a reserved range: who cannot get its addresses
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Reservation {
    /// Nobody gets its addresses
    #[default]
    Hard,
    /// The engine does not choose its addresses; a request may name them, if it says so
    /// ([`Pick::even_auto_only`](crate::Pick::even_auto_only))
    #[doc(alias = "explicit")]
    AutoOnly,
    /// Only prefixes are chosen or named in it, and no single addresses
    #[doc(alias = "prefix")]
    PrefixOnly,
}

/// The kind of the range of `ranges` (last by first, disjoint) that holds `at`, hard unless it is listed
pub(crate) fn kind_at(
    ranges: &Tree<u128, u128>,
    kinds: &Tree<u128, Reservation>,
    at: u128,
) -> Reservation {
    let range = if kinds.is_empty() { None } else { range_at(ranges, at) };
    let kind = range.and_then(|range| kinds.get(&range.first));
    kind.copied().unwrap_or_default()
}

choices! {
    Reservation { 0 Hard 1 AutoOnly 2 PrefixOnly }
}
