//! What few spaces have, in a box of its own that copies share

use triomphe::Arc;

use super::address::Span;
use super::free_runs::FreeRuns;
use super::index::Index;
use super::reservation::{Reservation, kind_at};
use super::runs::Runs;
use super::sparse::Sparse;
use super::usable::Usable;
use crate::shared::tree::Tree;

/// What a space with near addresses only, and neither reserved ranges nor odd rules, does without
#[derive(Clone, Debug, Default)]
pub(super) struct Extras {
    /// Busy offsets above those that the bitmap may have
    pub(super) apart: Sparse,
    /// What is taken and would be withheld otherwise, by the rules or a reserved range
    pub(super) withheld_if_free: Runs<()>,
    /// Last offset by first offset; disjoint, and never joined: each is released as it was made
    pub(super) reserved: Tree<u128, u128>,
    /// The kinds of those that are not [`Reservation::Hard`], by first offset
    pub(super) kinds: Tree<u128, Reservation>,
    pub(super) withheld: u128,
    /// Those of `withheld` that are in auto-only ranges, modulo 2^128
    pub(super) withheld_auto: u128,
    /// Those that are in prefix-only ranges; there are some only while there is such a range
    pub(super) prefix_only: Option<Arc<FreeRuns>>,
    pub(super) taken_unusable: u128,
    /// Offsets taken, above those that `Space` counts modulo 2^64
    pub(super) taken_high: u64,
    /// Whether all of ::/0 is taken, which is one offset more than can be counted
    pub(super) all: bool,
    /// The rules, when `Space` has no room for them
    pub(super) usable: Option<Usable>,
    /// The indices declared, over the bitmap
    pub(super) index: Option<Arc<Index>>,
}

impl Extras {
    /// Counts offsets of one reserved range as withheld, modulo 2^128
    pub(super) fn withhold(&mut self, range: Span, count: u128) {
        self.withheld = self.withheld.wrapping_add(count);
        if self.kind_at(range.first) == Reservation::AutoOnly {
            self.withheld_auto = self.withheld_auto.wrapping_add(count);
        }
    }

    /// The kind of the reserved range that holds an offset
    pub(super) fn kind_at(&self, offset: u128) -> Reservation {
        kind_at(&self.reserved, &self.kinds, offset)
    }

    /// Notes that usable offsets of a prefix-only range have nobody any more
    pub(super) fn open_to_prefixes(&mut self, parts: impl Iterator<Item = Span>) {
        let runs = Arc::make_mut(self.prefix_only.get_or_insert_with(Arc::default));
        parts.for_each(|part| runs.insert(part));
    }

    /// Whether the space can do without this
    pub(super) fn is_nothing(&self) -> bool {
        self.apart.is_empty()
            && self.withheld_if_free.is_empty()
            && self.reserved.is_empty()
            && self.taken_high == 0
            && !self.all
            && self.usable.is_none()
            && self.index.is_none()
    }
}
