//! How large a bitmap's tree is, and what it can be asked together with what is known beside it

use super::bits::{FULL, WORD, WORD_BITS, from_bit, lowest};
use super::hint::{Hint, Low};
use super::link::{Link, Part, higher};
use crate::shared::sizes::BITMAP_PAGE_BITS;

/// How large a tree is
// INVARIANT: `shift` is the least that has a level of branches above pages, or none, and all numbers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    /// Numbers, as a power of two
    order: u8,
    /// Words that the root has room for, as a power of two
    shift: u8,
}

impl Shape {
    pub(super) fn new(order: u8) -> Self {
        let words = u32::from(order).saturating_sub(WORD_BITS);
        let mut shift = BITMAP_PAGE_BITS;
        while shift < words {
            shift = higher(shift);
        }
        Self { order, shift: u8::try_from(shift).unwrap_or(u8::MAX) }
    }

    #[inline]
    pub(super) const fn order(self) -> u32 {
        self.order as u32
    }

    #[inline]
    pub(super) const fn shift(self) -> u32 {
        self.shift as u32
    }

    /// Words that there are
    #[inline]
    pub(super) const fn words(self) -> usize {
        1usize.wrapping_shl(self.order().wrapping_sub(WORD_BITS))
    }
}

impl Shape {
    #[inline]
    pub(super) fn word(self, low: Low, hint: &Hint, root: &Link, index: usize) -> Option<u64> {
        (index < self.words())
            .then(|| low.known(hint, index).unwrap_or_else(|| root.word(index, self.shift())))
    }

    pub(super) fn chunk<const N: usize>(
        self,
        low: Low,
        hint: &Hint,
        root: &Link,
        index: usize,
    ) -> [u64; N] {
        if index >= self.words() {
            return [0; N];
        }
        let mut chunk = root.chunk(index, self.shift());
        for (at, known) in [Some((hint.open as usize, hint.word)), low.word()].into_iter().flatten()
        {
            if let Some(word) = chunk.get_mut(at.wrapping_sub(index)) {
                *word = known;
            }
        }
        chunk
    }

    pub(super) fn uniform(
        self,
        low: Low,
        hint: &Hint,
        root: &Link,
        index: usize,
        of: u32,
    ) -> Option<bool> {
        let within = |at: usize| at.wrapping_sub(index) >> of == 0;
        let paged = root.uniform(index, of, self.shift())?;
        let hinted = within(hint.open as usize) && (paged || hint.word != 0);
        let open = low.word().is_some_and(|(at, _)| within(at));
        (!hinted && !open).then_some(paged)
    }

    /// The first word from `index` on that is not full
    #[inline]
    pub(super) fn next_open(
        self,
        low: Low,
        hint: &Hint,
        root: &Link,
        index: usize,
    ) -> Option<usize> {
        let (end, open) = (self.words(), hint.open as usize);
        if let Some((at, _)) = low.word().filter(|&(at, _)| index <= at) {
            return Some(at);
        }
        if index <= open || index >= end {
            return Some(open.max(index)).filter(|&open| open < end);
        }
        root.next_open(index, self.shift()).filter(|&open| open < end)
    }

    pub(super) fn next_held(
        self,
        low: Low,
        hint: &Hint,
        root: &Link,
        from: usize,
    ) -> Option<usize> {
        let (index, open, shift) = (from / WORD, hint.open as usize, self.shift());
        if index >= self.words() {
            return None;
        }
        if index < open && from != low.0 as usize {
            // All of it is held.
            return Some(from);
        }
        if index < open {
            // The one after it is held, unless that is one of the hint's.
            let above = from.saturating_add(1);
            return if above / WORD < open {
                Some(above)
            } else {
                self.next_held(low, hint, root, above)
            };
        }
        if index > open {
            return root.next_held(from, shift);
        }
        let above = open.checked_add(1).filter(|&above| above < self.words());
        lowest(open, hint.word & from_bit(from))
            .or_else(|| root.next_held(above?.wrapping_mul(WORD), shift))
    }

    pub(super) fn parts(
        self,
        low: Low,
        hint: &Hint,
        root: &Link,
        first: usize,
        end: usize,
        mut part: impl FnMut(usize, Part<'_>),
    ) {
        let (shift, end) = (self.shift(), end.min(self.words()));
        let known = [low.word(), Some((hint.open as usize, hint.word))];
        let mut at = first;
        for (index, word) in known.into_iter().flatten().filter(|&(index, _)| index < end) {
            if index >= at {
                root.parts(shift, 0, at, index, &mut part);
                part(index, Part::Words(&[word]));
                at = index.saturating_add(1);
            }
        }
        root.parts(shift, 0, at, end, &mut part);
    }

    /// What is wrong with a tree, if anything
    pub(super) fn corruption(
        self,
        low: Low,
        hint: &Hint,
        stale: bool,
        root: &Link,
    ) -> Option<&'static str> {
        if !root.is_sound(self.shift()) {
            return Some("a bitmap summary does not match its words");
        }
        let room = self.words().saturating_mul(WORD);
        let more = self.words() < 1usize.wrapping_shl(self.shift());
        if more && root.next_held(room, self.shift()).is_some() {
            return Some("a bitmap has numbers beyond its room");
        }
        let open = hint.open as usize;
        let same = root.word(open, self.shift()) == hint.word;
        let sound = root.next_open(0, self.shift()).is_none_or(|paged| paged >= open)
            && low.word().is_none_or(|(low, _)| low < open)
            && if open < self.words() {
                hint.word != FULL && (stale || same)
            } else {
                hint.word == FULL
            };
        (!sound).then_some("the hint of a bitmap is not its first word with room")
    }
}
