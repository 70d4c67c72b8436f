//! Where the prefixes of one subnet family end, and how many offsets they have

use super::occupant::Kind;
use crate::shared::tree::Tree;
use crate::space::address::Span;
use crate::space::{range_at, ranges_within};

/// The prefixes of one block, by where they begin
// INVARIANT: they are disjoint; `surplus` is what they have in offsets beyond one each, `held` and
// `resting` that of those that are held, and that rest; all modulo 2^128.
#[derive(Clone, Debug, Default)]
pub(crate) struct Prefixes {
    /// Last offset by first
    ends: Tree<u128, u128>,
    surplus: u128,
    held: u128,
    resting: u128,
}

impl Prefixes {
    /// The prefix that has `offset`
    pub(crate) fn get(&self, offset: u128) -> Option<Span> {
        range_at(&self.ends, offset)
    }

    /// The prefix that begins at an offset
    pub(crate) fn starting_at(&self, first: u128) -> Option<Span> {
        self.ends.get(&first).map(|&last| Span { first, last })
    }

    /// The prefixes that have offsets of `span`, in order
    pub(crate) fn within(&self, span: Span) -> impl Iterator<Item = Span> + '_ {
        ranges_within(&self.ends, span)
    }

    /// Offsets that those have that are held, beyond one each
    pub(crate) const fn held(&self) -> u128 {
        self.held
    }

    /// The same of those that rest
    pub(crate) const fn resting(&self) -> u128 {
        self.resting
    }

    pub(super) fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    pub(super) fn insert(&mut self, span: Span, kind: Kind) {
        self.ends.insert(span.first, span.last);
        self.surplus = self.surplus.wrapping_add(surplus(span));
        self.count(kind, surplus(span));
    }

    pub(super) fn remove(&mut self, span: Span, kind: Kind) {
        self.ends.remove(&span.first);
        self.surplus = self.surplus.wrapping_sub(surplus(span));
        self.count(kind, surplus(span).wrapping_neg());
    }

    /// Notes that the prefix that begins at an offset, if one does, is of another kind
    pub(super) fn turn(&mut self, first: u128, before: Kind, after: Kind) {
        let Some(span) = self.starting_at(first) else { return };
        self.count(before, surplus(span).wrapping_neg());
        self.count(after, surplus(span));
    }

    /// Counts so many more of a kind, modulo 2^128
    const fn count(&mut self, kind: Kind, more: u128) {
        match kind {
            Kind::Assigned => {}
            Kind::Held => self.held = self.held.wrapping_add(more),
            Kind::Resting => self.resting = self.resting.wrapping_add(more),
        }
    }

    /// What is wrong with the prefixes, given what has an offset, if anything
    pub(super) fn corruption(&self, kind: impl Fn(u128) -> Option<Kind>) -> Option<&'static str> {
        if self.is_empty() {
            return Some("a block has room for prefixes, and none");
        }
        if let Some(what) = self.ends.corruption() {
            return Some(what);
        }
        let mut counted = Self::default();
        let mut below = None;
        for (first, &last) in self.ends.iter() {
            let more = last.saturating_sub(first);
            let aligned = more & more.wrapping_add(1) == 0 && first & more == 0;
            if last < first || !aligned || below >= Some(first) {
                return Some("prefixes overlap, or are not aligned");
            }
            let Some(kind) = kind(first) else {
                return Some("nobody has a prefix that there is");
            };
            counted.insert(Span { first, last }, kind);
            below = Some(last);
        }
        let counts = |of: &Self| (of.surplus, of.held, of.resting);
        (counts(&counted) != counts(self)).then_some("a block counts its prefixes wrongly")
    }
}

/// Offsets of a prefix beyond one
const fn surplus(span: Span) -> u128 {
    span.last.saturating_sub(span.first)
}
