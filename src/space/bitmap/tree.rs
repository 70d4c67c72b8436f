//! The tree of a bitmap as a whole: where its first word with room is, and which emptied page it keeps

use super::bits::{FULL, WORD, WORD_BITS, bit, from_bit, lowest};
use super::link::{Link, Part, higher};
use super::page::{PAGE, PAGE_FULL};
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
    const fn shift(self) -> u32 {
        self.shift as u32
    }

    /// Words that there are
    #[inline]
    pub(super) const fn words(self) -> usize {
        1usize.wrapping_shl(self.order().wrapping_sub(WORD_BITS))
    }
}

/// What a tree knows of itself beside its pages: its first word that is not full, and that word
///
/// What becomes of that word is noted here alone, until the hint moves on: so the next lowest number costs no
/// walk, and a clone of which only that is asked shares all its pages.
// INVARIANT: `open` is the index of the first word that is not full, or the number of words; `word` is that
// word, or a full one. What the tree has of it says nothing, unless `stale` is not set: then it is the same.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hint {
    pub(super) word: u64,
    pub(super) open: u32,
    /// The page that was emptied last, which stays in place until another is
    kept: u32,
}

impl Hint {
    const NONE: u32 = u32::MAX;

    /// Of an empty tree
    pub(super) const EMPTY: Self = Self { word: 0, open: 0, kept: Self::NONE };
}

/// A tree to be changed
#[derive(Debug)]
pub(super) struct TreeMut<'a> {
    pub(super) shape: Shape,
    pub(super) hint: &'a mut Hint,
    /// Whether the tree may have another word than the hint
    pub(super) stale: &'a mut bool,
    pub(super) root: &'a mut Link,
}

impl TreeMut<'_> {
    /// The same for a while
    fn again(&mut self) -> TreeMut<'_> {
        TreeMut { shape: self.shape, hint: self.hint, stale: self.stale, root: self.root }
    }

    /// Adds numbers of a word, if `EXACT` then only if none of them is held; what was held of it, which is all
    /// where there is no room
    #[inline]
    pub(super) fn set<const EXACT: bool>(self, index: usize, bits: u64) -> u64 {
        if index >= self.shape.words() {
            return FULL;
        }
        if index != self.hint.open as usize {
            return self.set_paged::<EXACT>(index, bits);
        }
        let before = self.hint.word;
        if EXACT && before & bits != 0 {
            return before;
        }
        let now = before | bits;
        self.hint.word = now;
        *self.stale = true;
        if now == FULL {
            self.advance();
        }
        before
    }

    /// The same of a word that lies in the tree
    #[inline]
    fn set_paged<const EXACT: bool>(self, index: usize, bits: u64) -> u64 {
        let shift = self.shape.shift();
        let Some(page) = self.root.own_mut(index, shift) else {
            return self.set_elsewhere::<EXACT>(index, bits);
        };
        let (word, full) = page.word_mut(index);
        let before = *word;
        if EXACT && before & bits != 0 {
            return before;
        }
        let now = before | bits;
        *word = now;
        if now == FULL {
            *full |= bit(index % PAGE);
            if *full == PAGE_FULL {
                self.root.mark_full(index, shift);
            }
        }
        before
    }

    #[cold]
    #[inline(never)]
    fn set_elsewhere<const EXACT: bool>(self, index: usize, bits: u64) -> u64 {
        let shift = self.shape.shift();
        let before = self.root.word(index, shift);
        if bits & !before == 0 || EXACT && before & bits != 0 {
            return before;
        }
        let dense = self.root.dense_mut(index, shift).is_some();
        if !dense && self.root.set_thin(index, shift, bits) {
            return before;
        }
        // Its page is a dense one now, and its own.
        self.set_paged::<EXACT>(index, bits)
    }

    /// Moves the hint on from its word, which turned full
    // All words below it are full. So when its page turns full, the first branch on the way up that does not is
    // also the one that leads to the next.
    #[inline(never)]
    fn advance(self) {
        let (index, shift) = (self.hint.open as usize, self.shape.shift());
        let Some(page) = self.root.own_mut(index, shift) else { return self.advance_elsewhere() };
        let all = page.full == PAGE_FULL;
        let (word, full) = page.word_mut(index);
        *word = FULL;
        *full |= bit(index % PAGE);
        if *full != PAGE_FULL {
            let next = (!*full).trailing_zeros() as usize;
            let word = page.word(next);
            return self.take_up(Some(((index & !(PAGE - 1)) | next, word)));
        }
        let next =
            if all { self.root.first_open(shift) } else { self.root.mark_full(index, shift) };
        self.take_up(next);
    }

    #[cold]
    #[inline(never)]
    fn advance_elsewhere(mut self) {
        let index = self.hint.open as usize;
        if self.root.word(index, self.shape.shift()) != FULL {
            self.again().set_paged::<false>(index, FULL);
        }
        let next = self.root.first_open(self.shape.shift());
        self.take_up(next);
    }

    /// Moves the hint to a word as the tree has it: the first that is not full, or the end
    #[expect(clippy::cast_possible_truncation, reason = "a tree has at most 2^25 words")]
    #[inline]
    fn take_up(self, open: Option<(usize, u64)>) {
        let end = self.shape.words();
        let (open, word) = open.filter(|&(open, _)| open < end).unwrap_or((end, FULL));
        self.hint.open = open as u32;
        self.hint.word = word;
        *self.stale = false;
    }

    /// Gives the word of the hint to the tree, which is whole then
    #[inline]
    fn put_down(&mut self) {
        if !core::mem::take(self.stale) {
            return;
        }
        let (index, now, shift) = (self.hint.open as usize, self.hint.word, self.shape.shift());
        let Some(page) = self.root.own_mut(index, shift) else {
            return self.again().put_elsewhere(index, now);
        };
        let all = page.full == PAGE_FULL;
        let (word, full) = page.word_mut(index);
        let before = core::mem::replace(word, now);
        *full &= !bit(index % PAGE);
        if all {
            self.root.opened_mut(index, shift);
        } else if now == 0 && before != 0 {
            self.again().keep(index);
        }
    }

    #[cold]
    #[inline(never)]
    fn put_elsewhere(mut self, index: usize, now: u64) {
        let before = self.root.word(index, self.shape.shift());
        if before & !now != 0 {
            self.again().unset_elsewhere(index, before & !now);
        }
        if now & !before != 0 {
            self.set_elsewhere::<false>(index, now & !before);
        }
    }

    /// Adds numbers of words from `first` on, some of which may be held
    pub(super) fn set_many(&mut self, first: usize, masks: impl Iterator<Item = u64>) {
        self.put_down();
        let (shift, room) = (self.shape.shift(), self.shape.words().saturating_sub(first));
        let mut masks = masks.take(room).peekable();
        let mut at = first;
        while masks.peek().is_some() {
            let page = self.root.dense_mut(at, shift);
            let Some(page) = page else {
                self.again().set_paged::<false>(at, masks.next().unwrap_or(0));
                at = at.saturating_add(1);
                continue;
            };
            let rest = page.words.get_mut(at % PAGE..).unwrap_or_default();
            let (mut full, begin) = (false, at);
            for word in rest {
                let Some(mask) = masks.next() else { break };
                *word |= mask;
                full |= *word == FULL;
                at = at.saturating_add(1);
            }
            if full {
                page.sum_up();
                if page.is_full() {
                    self.root.mark_full(begin, shift);
                }
            }
        }
        let open = self.root.first_open(shift);
        self.again().take_up(open);
    }

    /// Takes numbers of a word out; what was held of it
    #[inline]
    pub(super) fn unset(self, index: usize, bits: u64) -> u64 {
        let open = self.hint.open as usize;
        if index <= open {
            return self.unset_low(index, bits);
        }
        if index >= self.shape.words() {
            return 0;
        }
        self.unset_paged(index, bits)
    }

    /// The same of a word that lies in the tree
    #[inline]
    fn unset_paged(self, index: usize, bits: u64) -> u64 {
        let Some(page) = self.root.own_mut(index, self.shape.shift()) else {
            return self.unset_elsewhere(index, bits);
        };
        let (word, full) = page.word_mut(index);
        let before = *word;
        let now = before & !bits;
        *word = now;
        if before == FULL && bits != 0 {
            let all = *full == PAGE_FULL;
            *full &= !bit(index % PAGE);
            if all {
                self.root.opened_mut(index, self.shape.shift());
            }
        } else if now == 0 && before != 0 {
            self.keep(index);
        }
        before
    }

    /// The same of the word of the hint, or of one below it: that is full, and becomes the hint's
    #[inline(never)]
    fn unset_low(mut self, index: usize, bits: u64) -> u64 {
        if index == self.hint.open as usize {
            if index >= self.shape.words() {
                return 0;
            }
            let before = self.hint.word;
            self.hint.word = before & !bits;
            *self.stale = true;
            return before;
        }
        if bits != 0 {
            self.put_down();
            self.again().take_up(Some((index, !bits)));
            *self.stale = true;
        }
        FULL
    }

    #[cold]
    #[inline(never)]
    fn unset_elsewhere(self, index: usize, bits: u64) -> u64 {
        let shift = self.shape.shift();
        if bits == 0 {
            return self.root.word(index, shift);
        }
        if self.root.dense_mut(index, shift).is_some() {
            return self.unset_paged(index, bits);
        }
        let Some(before) = self.root.unset_thin(index, shift, bits) else {
            // Its page is a dense one now.
            return self.unset_paged(index, bits);
        };
        if before & !bits == 0 && before != 0 {
            self.keep(index);
        }
        before
    }

    /// Keeps the page of a word if it holds nothing now, and gives back the one kept so far
    #[inline(never)]
    fn keep(self, index: usize) {
        let shift = self.shape.shift();
        if !self.root.is_idle(index, shift) {
            return;
        }
        let kept = self.hint.kept;
        let page = u32::try_from(index.wrapping_shr(BITMAP_PAGE_BITS)).unwrap_or(Hint::NONE);
        if kept == page {
            return;
        }
        self.hint.kept = page;
        let first = (kept as usize).wrapping_shl(BITMAP_PAGE_BITS);
        if kept != Hint::NONE && self.root.is_idle(first, shift) {
            self.root.release(first, shift);
        }
    }

    /// Adds the numbers from `first` to `last`; those without room are left out
    pub(super) fn insert(&mut self, first: usize, last: usize) {
        let last = last.min(self.shape.words().wrapping_mul(WORD).wrapping_sub(1));
        if first <= last {
            self.put_down();
            self.root.fill(first, last, self.shape.shift());
            let open = self.root.first_open(self.shape.shift());
            self.again().take_up(open);
        }
    }

    /// Takes the numbers from `first` to `last` out
    pub(super) fn remove(&mut self, first: usize, last: usize) {
        let last = last.min(self.shape.words().wrapping_mul(WORD).wrapping_sub(1));
        if first <= last {
            self.put_down();
            self.root.clear(first, last, self.shape.shift());
            let open = self.root.first_open(self.shape.shift());
            self.again().take_up(open);
        }
    }
}

impl Shape {
    #[inline]
    pub(super) fn word(self, hint: &Hint, root: &Link, index: usize) -> Option<u64> {
        (index < self.words()).then(|| {
            if index == hint.open as usize { hint.word } else { root.word(index, self.shift()) }
        })
    }

    pub(super) fn chunk<const N: usize>(self, hint: &Hint, root: &Link, index: usize) -> [u64; N] {
        if index >= self.words() {
            return [0; N];
        }
        let mut chunk = root.chunk(index, self.shift());
        let within = (hint.open as usize).wrapping_sub(index);
        if let Some(word) = chunk.get_mut(within) {
            *word = hint.word;
        }
        chunk
    }

    pub(super) fn uniform(self, hint: &Hint, root: &Link, index: usize, of: u32) -> Option<bool> {
        let within = (hint.open as usize).wrapping_sub(index) >> of == 0;
        let paged = root.uniform(index, of, self.shift())?;
        (!within || !paged && hint.word == 0).then_some(paged)
    }

    /// The first word from `index` on that is not full
    #[inline]
    pub(super) fn next_open(self, hint: &Hint, root: &Link, index: usize) -> Option<usize> {
        let (end, open) = (self.words(), hint.open as usize);
        if index <= open || index >= end {
            return Some(open.max(index)).filter(|&open| open < end);
        }
        root.next_open(index, self.shift()).filter(|&open| open < end)
    }

    pub(super) fn next_held(self, hint: &Hint, root: &Link, from: usize) -> Option<usize> {
        let (index, open, shift) = (from / WORD, hint.open as usize, self.shift());
        if index >= self.words() {
            return None;
        }
        if index < open {
            // All of it is held.
            return Some(from);
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
        hint: &Hint,
        root: &Link,
        (first, end): (usize, usize),
        mut part: impl FnMut(usize, Part<'_>),
    ) {
        let (shift, end, open) = (self.shift(), end.min(self.words()), hint.open as usize);
        if open < first || open >= end {
            return root.parts(shift, 0, (first, end), &mut part);
        }
        root.parts(shift, 0, (first, open), &mut part);
        part(open, Part::Words(core::slice::from_ref(&hint.word)));
        root.parts(shift, 0, (open.saturating_add(1), end), &mut part);
    }

    /// What is wrong with a tree, if anything
    pub(super) fn corruption(self, hint: &Hint, stale: bool, root: &Link) -> Option<&'static str> {
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
            && if open < self.words() {
                hint.word != FULL && (stale || same)
            } else {
                hint.word == FULL
            };
        (!sound).then_some("the hint of a bitmap is not its first word with room")
    }
}
