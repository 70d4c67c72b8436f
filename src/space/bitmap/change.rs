//! How a tree changes as a whole: what is noted beside it, what its pages are told, and which emptied one stays

use super::bits::{FULL, WORD, bit};
use super::hint::{Hint, Low};
use super::link::Link;
use super::page::{PAGE, PAGE_FULL};
use super::tree::Shape;
use crate::shared::sizes::BITMAP_PAGE_BITS;

/// A tree to be changed
#[derive(Debug)]
pub(super) struct TreeMut<'a> {
    pub(super) shape: Shape,
    pub(super) hint: &'a mut Hint,
    /// Whether the tree may have another word than the hint
    pub(super) stale: &'a mut bool,
    pub(super) low: &'a mut Low,
    pub(super) root: &'a mut Link,
}

impl TreeMut<'_> {
    /// The same for a while
    fn again(&mut self) -> TreeMut<'_> {
        TreeMut {
            shape: self.shape,
            hint: self.hint,
            stale: self.stale,
            low: self.low,
            root: self.root,
        }
    }

    /// Adds numbers of a word, if `EXACT` then only if none of them is held; what was held of it, which is all
    /// where there is no room
    #[inline(always)]
    pub(super) fn set<const EXACT: bool>(self, index: usize, bits: u64) -> u64 {
        if index >= self.shape.words() {
            return FULL;
        }
        if index != self.hint.open as usize {
            return self.set_below::<EXACT>(index, bits);
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

    /// The same of a word that is not the hint's
    #[inline(always)]
    fn set_below<const EXACT: bool>(self, index: usize, bits: u64) -> u64 {
        let Some((_, before)) = self.low.word().filter(|&(at, _)| at == index) else {
            return self.set_paged::<EXACT>(index, bits);
        };
        if bits & !before != 0 && !(EXACT && before & bits != 0) {
            *self.low = Low::NONE;
        }
        before
    }

    /// The same of a word that lies in the tree
    #[inline(always)]
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

    /// Moves the hint to the word of the lone absent number, if there is one
    fn descend(&mut self) {
        if let Some(low) = self.low.word() {
            self.put_down();
            self.again().take_up(Some(low));
            *self.stale = true;
            *self.low = Low::NONE;
        }
    }

    /// Gives all that is noted beside the tree to it
    fn make_whole(&mut self) {
        self.descend();
        self.put_down();
    }

    /// Gives the word of the hint to the tree
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
        self.make_whole();
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
    #[inline(always)]
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
    #[inline(always)]
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

    /// The same of the word of the hint, or of one below it
    #[inline(always)]
    fn unset_low(self, index: usize, bits: u64) -> u64 {
        if index == self.hint.open as usize {
            if index >= self.shape.words() {
                return 0;
            }
            let before = self.hint.word;
            self.hint.word = before & !bits;
            *self.stale = true;
            return before;
        }
        if self.low.is_none() && bits.is_power_of_two() {
            *self.low = Low::new(index, bits);
            return FULL;
        }
        self.unset_lower(index, bits)
    }

    /// The same of words below the hint's, where more than one number is absent then
    #[inline(never)]
    fn unset_lower(mut self, index: usize, bits: u64) -> u64 {
        if bits == 0 {
            return self.low.known(self.hint, index).unwrap_or(FULL);
        }
        self.descend();
        if index >= self.hint.open as usize {
            return self.unset(index, bits);
        }
        self.put_down();
        self.again().take_up(Some((index, !bits)));
        *self.stale = true;
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
            self.make_whole();
            self.root.fill(first, last, self.shape.shift());
            let open = self.root.first_open(self.shape.shift());
            self.again().take_up(open);
        }
    }

    /// Takes the numbers from `first` to `last` out
    pub(super) fn remove(&mut self, first: usize, last: usize) {
        let last = last.min(self.shape.words().wrapping_mul(WORD).wrapping_sub(1));
        if first <= last {
            self.make_whole();
            self.root.clear(first, last, self.shape.shift());
            let open = self.root.first_open(self.shape.shift());
            self.again().take_up(open);
        }
    }
}
