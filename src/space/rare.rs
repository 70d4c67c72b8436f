//! What few spaces have, in a box of its own

use alloc::boxed::Box;

use super::address::Span;
use super::free_runs::FreeRuns;
use super::index::Index;
use super::runs::Runs;
use super::sparse::Sparse;
use super::{Packed, Reservation, Space, Usable, kind_at};
use crate::shared::tree::Tree;

/// What a space with near addresses only, and neither reserved ranges nor odd rules, does without
#[derive(Clone, Debug, Default)]
pub(super) struct Rare {
    /// Busy offsets above the bitmap's room
    pub(super) apart: Sparse,
    /// What is taken and would be withheld otherwise, by the rules or a reserved range
    pub(super) latent: Runs<()>,
    /// Last offset by first offset; disjoint, and never joined: each is released as it was made
    pub(super) reserved: Tree<u128, u128>,
    /// The kinds of those that are not [`Reservation::Hard`], by first offset
    pub(super) kinds: Tree<u128, Reservation>,
    pub(super) withheld: u128,
    /// Those of `withheld` that are in auto-only ranges, modulo 2^128
    pub(super) withheld_auto: u128,
    /// Those that are in prefix-only ranges; there are some only while there is such a range
    pub(super) prefix_only: Option<Box<FreeRuns>>,
    pub(super) taken_unusable: u128,
    /// Offsets taken, above those that `Space` counts modulo 2^64
    pub(super) taken_high: u64,
    /// What prefixes make of the counts; there is one only while it says something
    pub(super) wide: Option<Box<Wide>>,
    /// The rules, when `Space` has no room for them
    pub(super) usable: Option<Usable>,
    /// The indices declared, over the bitmap
    pub(super) index: Option<Box<Index>>,
}

/// What is so only where prefixes are taken, which may have any number of offsets
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Wide {
    /// Offsets of prefixes beyond one word's for each, modulo 2^128
    pub(super) surplus: u128,
    /// Whether all of ::/0 is taken, which is one offset more than can be counted
    pub(super) all: bool,
}

impl Rare {
    pub(super) fn wide(&self) -> Wide {
        self.wide.as_deref().copied().unwrap_or_default()
    }

    pub(super) fn change_wide(&mut self, change: impl FnOnce(&mut Wide)) {
        let wide = self.wide.get_or_insert_default();
        change(wide);
        if **wide == Wide::default() {
            self.wide = None;
        }
    }

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
        let runs = self.prefix_only.get_or_insert_default();
        parts.for_each(|part| runs.insert(part));
    }

    /// Whether the space can do without this
    pub(super) fn is_nothing(&self) -> bool {
        self.apart.is_empty()
            && self.latent.is_empty()
            && self.reserved.is_empty()
            && self.taken_high == 0
            && self.wide.is_none()
            && self.usable.is_none()
            && self.index.is_none()
    }
}

impl Space {
    pub(super) fn rare_mut(&mut self) -> &mut Rare {
        self.rare.get_or_insert_with(Box::default)
    }

    /// Drops the box when there is nothing in it any more
    pub(super) fn tidy(&mut self) {
        if self.rare.as_ref().is_some_and(|rare| rare.is_nothing()) {
            self.rare = None;
        }
    }

    /// Whether everything taken would be free if it were not
    #[inline]
    pub(crate) fn is_plain(&self) -> bool {
        self.rare.as_ref().is_none_or(|rare| rare.latent.is_empty())
    }

    /// Whether that is so, and there is no index to keep up to date
    #[inline]
    pub(super) fn is_bare(&self) -> bool {
        self.rare.as_ref().is_none_or(|rare| rare.latent.is_empty() && rare.index.is_none())
    }

    /// Whether the box has a part that the space has too
    pub(super) fn has_rules_twice(&self) -> bool {
        let elsewhere = self.rare.as_ref().is_some_and(|rare| rare.usable.is_some());
        elsewhere != (self.usable == Packed::ELSEWHERE)
    }
}
