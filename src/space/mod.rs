//! Address arithmetic, and the space of one subnet in one family; it knows nothing about interfaces
//!
//! | layer | files |
//! |---|---|
//! | addresses as data | `address`: numbers and spans; `range`, `list`, `parts`: the caller's ranges and lists, and what those are made of; `scattered`: what a list keeps by words |
//! | sets near the bottom | `bitmap`: inline, or a tree of words |
//! | sets far apart | `runs`: runs with a value; `sparse`: runs, and lone numbers at 16 bytes |
//! | the space | here: what it counts; `usable`: what the rules leave; `extras`: what few subnets need; `change`, `search`, `words`: taking, finding, both by the word; `ranges`, `reservation`: reserved ranges; `check` |
//! | questions beyond the lowest free | `aligned`, `blocks`, `block_counts`: aligned blocks; `free`: ranks and runs; `first_run`: the lowest run that is long enough; `blocks_of_16`: blocks of 16, partly or wholly free; `index`, `free_runs`: trees that answer them, near and far; `indexed`: keeping those up to date |

pub(crate) mod address;
pub(crate) mod aligned;
mod bitmap;
mod block_counts;
mod blocks;
pub(crate) mod blocks_of_16;
mod change;
mod check;
mod extras;
mod first_run;
#[cfg(test)]
mod form_tests;
pub(crate) mod free;
pub(crate) mod free_runs;
pub(crate) mod index;
mod indexed;
pub(crate) mod list;
mod list_bytes;
pub(crate) mod parts;
pub(crate) mod range;
mod ranges;
mod reservation;
pub(crate) mod runs;
pub(crate) mod scattered;
pub(crate) mod search;
mod sparse;
#[cfg(test)]
mod step_tests;
pub(crate) mod taken;
#[cfg(test)]
mod tests;
mod usable;
mod words;

use address::Span;
use bitmap::Bitmap;
use extras::Extras;
use free_runs::FreeRuns;
pub(crate) use ranges::{gaps, parts_within, range_at, ranges_within};
pub use reservation::Reservation;
pub(crate) use reservation::kind_at;
use triomphe::Arc;
use usable::Packed;
pub(crate) use usable::Usable;

/// The numbers below this may have one slot each whatever is used
const SMALLEST_WINDOW: u128 = 256;

/// Most numbers that dense tables hold; farther ones are kept apart
pub(crate) const WIDEST_WINDOW: u128 = 1 << NEAR_ORDER;

/// Offsets that may lie in the bitmap, as a power of two
const NEAR_ORDER: u32 = 31;

/// Which offsets of one subnet family are taken, withheld or free
///
/// Offsets near the bottom live in a [`Bitmap`]: a few words as long as no offset above those is busy, then
/// pages for all up to 2^31; those above that live apart, in [`Extras`]. A near offset's bit is clear iff the
/// offset is *free*: so the search for a free one never meets what the rules or a reserved range withhold,
/// and the bitmap's hint is the answer. Memory is given back when nothing is taken or reserved any more. A
/// clone shares all that is not in the space itself.
// INVARIANT: an offset is *busy* iff it is taken, or in a reserved range, or near (below the bitmap's
// room) and not usable, which is so of all that lies above `last`. `withheld_if_free` is what is taken and would
// be withheld otherwise. `taken` counts what is taken, and `withheld`, modulo 2^128, the usable offsets
// in reserved ranges that are not taken. Busy bits change in `set_busy`, `set_one_busy`,
// `set_word_busy`, their like for idle, `widen`, `shrink` and `bar`, which both call, and nowhere else.
#[derive(Clone, Debug)]
pub(crate) struct Space {
    near: Bitmap,
    /// Offsets taken, modulo 2^64
    taken: u64,
    usable: Packed,
    last: u128,
    extras: Option<Arc<Extras>>,
}

impl Space {
    /// The space of offsets 0 to `last`, both included, nothing taken
    pub(crate) fn new(last: u128, usable: Usable) -> Self {
        let packed = Packed::new(usable, last);
        let mut space =
            Self { near: Bitmap::default(), taken: 0, usable: packed, last, extras: None };
        if packed == Packed::ELSEWHERE {
            space.extras_mut().usable = Some(usable);
        }
        space.bar(0);
        space
    }

    pub(crate) const fn whole(&self) -> Span {
        Span { first: 0, last: self.last }
    }

    pub(crate) fn usable(&self) -> Usable {
        let elsewhere = || self.extras.as_ref().and_then(|extras| extras.usable);
        let usable = self.usable.usable(self.last).or_else(elsewhere);
        usable.unwrap_or(Usable { span: None, hole: None })
    }

    /// Offsets taken, modulo 2^128
    pub(crate) fn taken_modulo(&self) -> u128 {
        let all = self.extras.as_ref().is_some_and(|extras| extras.all);
        if all { 0 } else { self.taken() }
    }

    /// Offsets taken; 2^128 saturates
    pub(crate) fn taken(&self) -> u128 {
        let high = self.extras.as_ref().map_or(0, |extras| extras.taken_high);
        u128::from(self.taken) | (u128::from(high) << 64)
    }

    /// Offsets in reserved ranges, usable but for that, and not taken; 2^128 saturates
    pub(crate) fn withheld(&self) -> u128 {
        let withheld = self.extras.as_ref().map_or(0, |extras| extras.withheld);
        // Only of ::/0 can that be all, which looks like nothing.
        let zero = withheld == 0 && self.taken() == 0 && self.whole().count_modulo() == 0;
        if zero && self.free() == 0 { self.whole().count() } else { withheld }
    }

    /// Offsets that the rules withhold, and that are not taken
    pub(crate) fn structural(&self) -> u128 {
        let (whole, usable) = (self.whole(), self.usable());
        let parts = usable.span.map_or([Some(whole), None], |span| whole.around(span));
        let outside = parts.iter().flatten().fold(0u128, |n, part| n.saturating_add(part.count()));
        let hole = u128::from(usable.hole.is_some());
        outside.saturating_add(hole).saturating_sub(self.taken_unusable())
    }

    /// Offsets that may be given now; 2^128 saturates
    pub(crate) fn free(&self) -> u128 {
        all_or_none(self.free_modulo(), || self.next_free(0))
    }

    /// Offsets that may be given now, modulo 2^128
    pub(crate) fn free_modulo(&self) -> u128 {
        let withheld = self.extras.as_ref().map_or(0, |extras| extras.withheld);
        let taken = self.taken_modulo().wrapping_sub(self.taken_unusable());
        self.usable().count_modulo(self.whole()).wrapping_sub(taken).wrapping_sub(withheld)
    }

    /// Those of the withheld that are in reserved ranges of a kind; 2^128 saturates
    pub(crate) fn withheld_as(&self, kind: Reservation) -> u128 {
        let Some(extras) = &self.extras else { return 0 };
        let prefix_only = self.prefix_only().map_or(0, FreeRuns::count_modulo);
        let count = match kind {
            Reservation::Hard => {
                extras.withheld.wrapping_sub(extras.withheld_auto).wrapping_sub(prefix_only)
            }
            Reservation::AutoOnly => extras.withheld_auto,
            Reservation::PrefixOnly => prefix_only,
        };
        // Only all of ::/0, in ranges of one kind, looks like nothing; and it has offset 0.
        all_or_none(count, || {
            let reserved = self.reservation_at(0).is_some() && self.kind_at(0) == kind;
            let others = self.usable().barred(Span::one(0)).next().is_some();
            (reserved && !others && !self.is_taken(Span::one(0))).then_some(0)
        })
    }

    /// What of the withheld is left to prefixes; `None` if no range is prefix-only
    pub(crate) fn prefix_only(&self) -> Option<&FreeRuns> {
        self.extras.as_ref()?.prefix_only.as_deref()
    }

    /// The kind of the reserved range that holds an offset, which one must
    pub(crate) fn kind_at(&self, offset: u128) -> Reservation {
        self.extras.as_ref().map_or(Reservation::Hard, |extras| extras.kind_at(offset))
    }

    /// The reserved range that holds `offset`
    pub(crate) fn reservation_at(&self, offset: u128) -> Option<Span> {
        range_at(&self.extras.as_ref()?.reserved, offset)
    }

    /// The reserved ranges, in order
    pub(crate) fn reservations(&self) -> impl Iterator<Item = Span> + '_ {
        let reserved = self.extras.iter().flat_map(|extras| extras.reserved.iter());
        reserved.map(|(first, &last)| Span { first, last })
    }

    /// The parts of `span` in reserved ranges, in order
    pub(crate) fn reserved_within(&self, span: Span) -> impl Iterator<Item = Span> + '_ {
        self.extras.iter().flat_map(move |extras| parts_within(&extras.reserved, span))
    }

    /// Taken offsets that the rules would not have given
    fn taken_unusable(&self) -> u128 {
        self.extras.as_ref().map_or(0, |extras| extras.taken_unusable)
    }

    /// The numbers that the bitmap has room for now
    fn window(&self) -> Span {
        Span { first: 0, last: (self.near.room() as u128).saturating_sub(1) }
    }

    fn extras_mut(&mut self) -> &mut Extras {
        Arc::make_mut(self.extras.get_or_insert_with(Arc::default))
    }

    /// Drops the box when there is nothing in it any more
    fn tidy(&mut self) {
        if self.extras.as_ref().is_some_and(|extras| extras.is_nothing()) {
            self.extras = None;
        }
    }

    /// Whether everything taken would be free if it were not
    #[inline]
    pub(crate) fn is_plain(&self) -> bool {
        self.extras.as_ref().is_none_or(|extras| extras.withheld_if_free.is_empty())
    }

    /// Whether that is so, and there is no index to keep up to date
    #[inline]
    fn is_bare(&self) -> bool {
        self.extras
            .as_ref()
            .is_none_or(|extras| extras.withheld_if_free.is_empty() && extras.index.is_none())
    }

    /// Whether the box has a part that the space has too
    fn has_rules_twice(&self) -> bool {
        let elsewhere = self.extras.as_ref().is_some_and(|extras| extras.usable.is_some());
        elsewhere != (self.usable == Packed::ELSEWHERE)
    }
}

/// A count that is known modulo 2^128, and that is 2^128, saturated, only if there is a `first`
pub(crate) fn all_or_none(modulo: u128, first: impl FnOnce() -> Option<u128>) -> u128 {
    if modulo == 0 && first().is_some() { u128::MAX } else { modulo }
}
