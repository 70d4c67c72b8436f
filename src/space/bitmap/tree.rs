//! The tree of a bitmap as a whole: where its first word with room is, and which emptied page it keeps

use super::bits::{FULL, WORD, WORD_BITS, bit};
use super::link::{Link, higher};
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

/// What a tree knows of itself beside its pages
// INVARIANT: `open` is the index of the first word that is not full, or the number of words; `word` is that
// word, or a full one.
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

    /// Moves the hint to a word that is not full, or to the end
    #[expect(clippy::cast_possible_truncation, reason = "a tree has at most 2^25 words")]
    #[inline]
    fn put(&mut self, shape: Shape, open: Option<usize>, word: impl FnOnce(usize) -> u64) {
        let open = open.filter(|&open| open < shape.words());
        self.open = open.unwrap_or(shape.words()) as u32;
        self.word = open.map_or(FULL, word);
    }
}

/// A tree to be changed
#[derive(Debug)]
pub(super) struct TreeMut<'a> {
    pub(super) shape: Shape,
    pub(super) hint: &'a mut Hint,
    pub(super) root: &'a mut Link,
}

impl TreeMut<'_> {
    /// The same for a while
    fn again(&mut self) -> TreeMut<'_> {
        TreeMut { shape: self.shape, hint: self.hint, root: self.root }
    }

    /// Adds numbers of a word, if `EXACT` then only if none of them is held; what was held of it, which is all
    /// where there is no room
    #[inline]
    pub(super) fn set<const EXACT: bool>(self, index: usize, bits: u64) -> u64 {
        if index >= self.shape.words() {
            return FULL;
        }
        let hinted = index == self.hint.open as usize;
        let Some(page) = self.root.own_mut(index, self.shape.shift()) else {
            return self.set_elsewhere::<EXACT>(index, bits);
        };
        let (word, full) = page.word_mut(index);
        // What the hint knows need not be waited for.
        let before = if hinted { self.hint.word } else { *word };
        if EXACT && before & bits != 0 {
            return before;
        }
        let now = before | bits;
        *word = now;
        if now != FULL {
            if hinted {
                self.hint.word = now;
            }
            return before;
        }
        *full |= bit(index % PAGE);
        if *full == PAGE_FULL {
            self.mark_full(index, hinted);
        } else if hinted {
            let next = (!*full).trailing_zeros() as usize;
            let word = page.word(next);
            self.hint.put(self.shape, Some((index & !(PAGE - 1)) | next), |_| word);
        }
        before
    }

    // The first word that is not full has only full ones below it. So when its page turns full, the first
    // branch on the way up that does not is also the one that leads to the next.
    #[inline(never)]
    fn mark_full(self, index: usize, hinted: bool) {
        let shift = self.shape.shift();
        let next = self.root.mark_full(index, shift);
        if hinted {
            let word = next.map_or(FULL, |(_, word)| word);
            self.hint.put(self.shape, next.map(|(open, _)| open), |_| word);
        }
    }

    #[cold]
    #[inline(never)]
    fn set_elsewhere<const EXACT: bool>(self, index: usize, bits: u64) -> u64 {
        let shift = self.shape.shift();
        let before = self.root.word(index, shift);
        if bits & !before == 0 || EXACT && before & bits != 0 {
            return before;
        }
        if self.root.dense_mut(index, shift).is_some() {
            return self.set::<EXACT>(index, bits);
        }
        if self.root.set_thin(index, shift, bits) {
            if index == self.hint.open as usize {
                self.hint.word = before | bits;
            }
            return before;
        }
        // Its page is a dense one now.
        self.set::<EXACT>(index, bits)
    }

    /// Adds numbers of words from `first` on, some of which may be held
    pub(super) fn set_many(&mut self, first: usize, masks: impl Iterator<Item = u64>) {
        let (shift, room) = (self.shape.shift(), self.shape.words().saturating_sub(first));
        let mut masks = masks.take(room).peekable();
        let mut at = first;
        while masks.peek().is_some() {
            let page = self.root.dense_mut(at, shift);
            let Some(page) = page else {
                self.again().set::<false>(at, masks.next().unwrap_or(0));
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
                    self.again().mark_full(begin, false);
                }
            }
        }
        let open = self.next_open(self.hint.open as usize);
        self.hint.put(self.shape, open, |open| self.root.word(open, shift));
    }

    /// Takes numbers of a word out; what was held of it
    #[inline]
    pub(super) fn unset(self, index: usize, bits: u64) -> u64 {
        if index >= self.shape.words() || bits == 0 {
            return 0;
        }
        let Some(page) = self.root.opened_mut(index, self.shape.shift()) else {
            return self.unset_elsewhere(index, bits);
        };
        let (word, full) = page.word_mut(index);
        let before = *word;
        let now = before & !bits;
        *word = now;
        *full &= !bit(index % PAGE);
        if index <= self.hint.open as usize {
            self.hint.put(self.shape, Some(index), |_| now);
        }
        if now == 0 && before != 0 {
            self.keep(index);
        }
        before
    }

    #[cold]
    #[inline(never)]
    fn unset_elsewhere(self, index: usize, bits: u64) -> u64 {
        let shift = self.shape.shift();
        if self.root.dense_mut(index, shift).is_some() {
            return self.unset(index, bits);
        }
        let Some(before) = self.root.unset_thin(index, shift, bits) else {
            // Its page is a dense one now.
            return self.unset(index, bits);
        };
        if index == self.hint.open as usize {
            self.hint.word = before & !bits;
        }
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
            self.root.fill(first, last, self.shape.shift());
            let open = self.next_open(self.hint.open as usize);
            self.hint.put(self.shape, open, |open| self.root.word(open, self.shape.shift()));
        }
    }

    /// Takes the numbers from `first` to `last` out
    pub(super) fn remove(&mut self, first: usize, last: usize) {
        let last = last.min(self.shape.words().wrapping_mul(WORD).wrapping_sub(1));
        if first <= last {
            self.root.clear(first, last, self.shape.shift());
            let open = (first / WORD).min(self.hint.open as usize);
            self.hint.put(self.shape, Some(open), |open| self.root.word(open, self.shape.shift()));
        }
    }

    fn next_open(&self, index: usize) -> Option<usize> {
        self.shape.next_open(self.root, index)
    }
}

impl Shape {
    #[inline]
    pub(super) fn word(self, root: &Link, index: usize) -> Option<u64> {
        (index < self.words()).then(|| root.word(index, self.shift()))
    }

    pub(super) fn chunk<const N: usize>(self, root: &Link, index: usize) -> [u64; N] {
        if index < self.words() { root.chunk(index, self.shift()) } else { [0; N] }
    }

    pub(super) fn uniform(self, root: &Link, index: usize, of: u32) -> Option<bool> {
        root.uniform(index, of, self.shift())
    }

    /// The first word from `index` on that is not full
    #[inline]
    pub(super) fn next_open(self, root: &Link, index: usize) -> Option<usize> {
        if index >= self.words() {
            return None;
        }
        root.next_open(index, self.shift()).filter(|&open| open < self.words())
    }

    pub(super) fn next_held(self, root: &Link, from: usize) -> Option<usize> {
        if from / WORD >= self.words() {
            return None;
        }
        root.next_held(from, self.shift())
    }

    pub(super) fn parts(
        self,
        root: &Link,
        (first, end): (usize, usize),
        mut part: impl FnMut(usize, super::Part<'_>),
    ) {
        root.parts(self.shift(), 0, (first, end.min(self.words())), &mut part);
    }

    /// What is wrong with a tree, if anything
    pub(super) fn corruption(self, hint: &Hint, root: &Link) -> Option<&'static str> {
        if !root.is_sound(self.shift()) {
            return Some("a bitmap summary does not match its words");
        }
        let room = self.words().saturating_mul(WORD);
        let more = self.words() < 1usize.wrapping_shl(self.shift());
        if more && root.next_held(room, self.shift()).is_some() {
            return Some("a bitmap has numbers beyond its room");
        }
        let open = self.next_open(root, 0);
        let word = open.map_or(FULL, |open| root.word(open, self.shift()));
        let sound = open.unwrap_or(self.words()) == hint.open as usize && word == hint.word;
        (!sound).then_some("the hint of a bitmap is not its first word with room")
    }
}
