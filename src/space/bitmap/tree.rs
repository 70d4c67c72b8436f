//! The tree of a bitmap: words of bits, and words that say which words are full

use alloc::boxed::Box;
use alloc::vec;
use core::num::NonZeroU64;

/// Bits in a word
pub(crate) const WORD: usize = 64;
pub(super) const FULL: u64 = !0;

/// A 64-ary tree over words: each word above the leaves has one bit a child, set when that child is full
///
/// Summaries are touched only when a word turns full or stops being full, so most operations touch one
/// word (measured: flat from 2^8 to 2^24 numbers).
///
/// Words are numbered from the root, level by level, as if every level were full: the children of
/// word i are 64i + 1 and the 63 after it. So a parent is a shift away whatever the height.
// INVARIANT: there are 2^k leaf words. `above` is the words above them by number, the root first, without
// those of the lowest level that have no leaf below. Bit c of a word is set iff its child c is full;
// bits of children that do not exist are clear, and lie above all others, so that a search that meets
// one has found nothing.
#[derive(Clone, Debug)]
pub(super) struct Tree {
    pub(super) leaf: Box<[u64]>,
    above: Box<[u64]>,
}

/// Number of the first word of the level `height` below the root: 0, 1, 65, 4161
#[inline]
const fn first_word(height: u8) -> usize {
    const EVERY_SIXTH_BIT: usize = (usize::MAX >> (usize::BITS % 6)) / 63;
    EVERY_SIXTH_BIT & !usize::MAX.wrapping_shl((height as u32).wrapping_mul(6))
}

/// Levels above as many leaf words
fn height_over(words: usize) -> u8 {
    let bits = words.checked_ilog2().unwrap_or(0);
    u8::try_from(bits.div_ceil(6)).unwrap_or(u8::MAX).max(1)
}

impl Tree {
    /// A tree over at most 64 words, and the levels above its leaves
    pub(super) fn over(few: &[u64]) -> (Self, u8) {
        (Self { leaf: few.into(), above: [summary(few)].into() }, 1)
    }

    /// The same with `words` leaf words, which is more and a power of two, and its levels above those
    ///
    /// Summaries are moved, not computed.
    pub(super) fn grown(&self, height: u8, words: usize) -> (Self, u8) {
        let higher = height_over(words);
        let lowest = words.div_ceil(WORD);
        let total = first_word(higher.saturating_sub(1)).saturating_add(lowest);
        // Zeroed memory comes from the allocator untouched: what is empty costs no pages.
        let mut grown = Self { leaf: vec![0; words].into(), above: vec![0; total].into() };
        copy(&self.leaf, &mut grown.leaf);
        let more = higher.saturating_sub(height);
        for level in 0..height {
            let end = first_word(level.saturating_add(1)).min(self.above.len());
            let known = self.above.get(first_word(level)..end).unwrap_or_default();
            let place = grown.above.get_mut(first_word(level.saturating_add(more))..);
            copy(known, place.unwrap_or_default());
        }
        // The root that was is the first child of the level above it, and alone there.
        let above_root =
            more.checked_sub(1).and_then(|level| grown.above.get_mut(first_word(level)));
        if let Some(word) = above_root {
            *word |= u64::from(self.above.first() == Some(&FULL));
        }
        (grown, higher)
    }

    /// Marks leaf word `index`, which turned full; `open` is the hint
    // The first word that is not full has only full ones below it. So when that word turns full, the
    // first summary on the way up that does not is also the one that leads to the next.
    #[inline]
    pub(super) fn mark_full(&mut self, height: u8, index: usize, open: &mut u32) {
        let hinted = index == *open as usize;
        let mut child = first_word(height).wrapping_add(index);
        while let Some(at) = child.checked_sub(1) {
            let parent = at / WORD;
            let Some(word) = self.above.get_mut(parent) else { return };
            *word |= bit(at);
            let clear = !*word;
            if clear != 0 {
                if hinted {
                    *open = self.hint(self.descend(height, parent, clear));
                }
                return;
            }
            child = parent;
        }
        if hinted {
            *open = self.hint(None);
        }
    }

    /// Marks leaf word `index`, which stopped being full; `open` is the hint
    // A full word lies below the hint, or seldom. As a branch that the processor foresees, the search that
    // follows need not wait for the old hint, as it would for the lower of both.
    #[inline]
    pub(super) fn mark_open(&mut self, height: u8, index: usize, open: &mut u32) {
        if index < *open as usize {
            *open = self.hint(Some(index));
            self.open_above(height, index);
        } else {
            self.open_above_hint(height, index);
        }
    }

    #[cold]
    #[inline(never)]
    fn open_above_hint(&mut self, height: u8, index: usize) {
        self.open_above(height, index);
    }

    #[inline]
    fn open_above(&mut self, height: u8, index: usize) {
        let mut child = first_word(height).wrapping_add(index);
        while let Some(at) = child.checked_sub(1) {
            let Some(word) = self.above.get_mut(at / WORD) else { return };
            let before = *word;
            *word = before & !bit(at);
            if before != FULL {
                return;
            }
            child = at / WORD;
        }
    }

    /// Sets the bits from `first` to `last`; `open` is the hint
    pub(super) fn insert(&mut self, height: u8, first: usize, last: usize, open: &mut u32) {
        let mut full = fill(&mut self.leaf, first, last);
        let mut base = first_word(height);
        while let Some((low, high)) = full {
            let first = base.wrapping_add(low).checked_sub(1);
            let last = base.wrapping_add(high).wrapping_sub(1);
            full = first.and_then(|first| fill(&mut self.above, first, last));
            base = 0;
        }
        *open = self.hint(self.next_open(height, *open as usize));
    }

    /// Clears the bits from `first` to `last`; `open` is the hint
    pub(super) fn remove(&mut self, height: u8, first: usize, last: usize, open: &mut u32) {
        let mut opened = clear(&mut self.leaf, first, last);
        if opened.is_some() {
            *open = self.hint(Some(first / WORD)).min(*open);
        }
        let mut base = first_word(height);
        while let Some((low, high)) = opened {
            let first = base.wrapping_add(low).checked_sub(1);
            let last = base.wrapping_add(high).wrapping_sub(1);
            opened = first.and_then(|first| clear(&mut self.above, first, last));
            base = 0;
        }
    }

    /// The first leaf word from `index` on that is not full
    #[inline]
    pub(super) fn next_open(&self, height: u8, index: usize) -> Option<usize> {
        if *self.leaf.get(index)? != FULL {
            return Some(index);
        }
        let mut child = first_word(height).wrapping_add(index);
        while let Some(at) = child.checked_sub(1) {
            let parent = at / WORD;
            let clear = !self.above.get(parent)? & (from_bit(at) << 1);
            if clear != 0 {
                return self.descend(height, parent, clear);
            }
            child = parent;
        }
        None
    }

    /// The first leaf word that is not full below the children `clear` of word `parent`
    #[inline]
    fn descend(&self, height: u8, parent: usize, clear: u64) -> Option<usize> {
        let leaves = first_word(height);
        let mut child = lowest(parent, clear)?.wrapping_add(1);
        while child < leaves {
            child = lowest(child, !*self.above.get(child)?)?.wrapping_add(1);
        }
        Some(child.wrapping_sub(leaves)).filter(|&index| index < self.leaf.len())
    }

    /// A leaf word as the hint; none is the number of words
    #[expect(clippy::cast_possible_truncation, reason = "a bitmap refuses to have 2^32 words")]
    #[inline]
    fn hint(&self, open: Option<usize>) -> u32 {
        open.unwrap_or(self.leaf.len()) as u32
    }

    /// Why the hint or the summaries do not fit the words, if they do not
    pub(super) fn corruption(&self, height: u8, open: u32) -> Option<&'static str> {
        if first_from(&self.leaf, 0) != open as usize {
            return Some("the hint of a bitmap is not its first word with room");
        }
        let words = self.leaf.len();
        let total = first_word(height.saturating_sub(1)).saturating_add(words.div_ceil(WORD));
        if !words.is_power_of_two() || height != height_over(words) || total != self.above.len() {
            return Some("a bitmap has the wrong number of summaries");
        }
        let leaves = first_word(height);
        let child = |number: usize| match number.checked_sub(leaves) {
            Some(index) => self.leaf.get(index),
            None => self.above.get(number),
        };
        let fits = |(number, word): (usize, &u64)| {
            let children = (1..=WORD).map(|child| number.wrapping_mul(WORD).wrapping_add(child));
            let full = children.filter(|&number| child(number) == Some(&FULL));
            full.fold(0, |sum, number| sum | bit(number.wrapping_sub(1))) == *word
        };
        let sound = self.above.iter().enumerate().all(fits);
        (!sound).then_some("a bitmap summary does not match its words")
    }
}

#[cfg(test)]
impl Tree {
    pub(super) fn flip_summary(&mut self, number: usize) {
        if let Some(word) = self.above.get_mut(number) {
            *word ^= 1;
        }
    }
}

/// Sets the bits from `first` to `last`; the words among theirs that are full then
pub(super) fn fill(words: &mut [u64], first: usize, last: usize) -> Option<(usize, usize)> {
    let last = within(words, first, last)?;
    let (low, high) = (first / WORD, last / WORD);
    let touched = words.get_mut(low..=high)?;
    match touched {
        [] => {}
        [only] => *only |= from_bit(first) & up_to_bit(last),
        [lowest, middle @ .., highest] => {
            *lowest |= from_bit(first);
            middle.fill(FULL);
            *highest |= up_to_bit(last);
        }
    }
    // Only the words at the ends may not be full now.
    let low = low.saturating_add(usize::from(touched.first() != Some(&FULL)));
    let high = high.checked_sub(usize::from(touched.last() != Some(&FULL)))?;
    (low <= high).then_some((low, high))
}

/// Clears the bits from `first` to `last`; the words that may have been full, and are not
pub(super) fn clear(words: &mut [u64], first: usize, last: usize) -> Option<(usize, usize)> {
    let last = within(words, first, last)?;
    let (low, high) = (first / WORD, last / WORD);
    match words.get_mut(low..=high)? {
        [] => return None,
        [only] => {
            let before = *only;
            *only &= !(from_bit(first) & up_to_bit(last));
            if before != FULL {
                return None;
            }
        }
        [lowest, middle @ .., highest] => {
            *lowest &= !from_bit(first);
            middle.fill(0);
            *highest &= !up_to_bit(last);
        }
    }
    Some((low, high))
}

/// The index of the first word from `index` on that is not full, or the number of words
#[inline]
pub(super) fn first_from(words: &[u64], index: usize) -> usize {
    let mut index = index;
    while words.get(index) == Some(&FULL) {
        index = index.saturating_add(1);
    }
    index
}

/// The bit of `at` within its word
#[inline]
pub(super) const fn bit(at: usize) -> u64 {
    1 << (at % WORD)
}

/// The bits of a word from that of `at` upwards
#[inline]
pub(super) const fn from_bit(at: usize) -> u64 {
    FULL << (at % WORD)
}

/// The bits of a word up to that of `at`
#[inline]
pub(super) const fn up_to_bit(at: usize) -> u64 {
    FULL >> (!at % WORD)
}

/// The number of the lowest bit of `bits` in word `index`, if there is one
#[inline]
pub(super) fn lowest(index: usize, bits: u64) -> Option<usize> {
    let bits = NonZeroU64::new(bits)?;
    Some(index.wrapping_mul(WORD) | bits.trailing_zeros() as usize)
}

/// `last`, or the last bit of `words` if that is lower; `None` when that lies below `first`
fn within(words: &[u64], first: usize, last: usize) -> Option<usize> {
    let end = words.len().saturating_mul(WORD).checked_sub(1)?;
    Some(last.min(end)).filter(|&last| first <= last)
}

/// One bit for each of up to 64 words: is it full?
fn summary(words: &[u64]) -> u64 {
    words.iter().zip(0u32..64).fold(0, |sum, (&word, at)| sum | (u64::from(word == FULL) << at))
}

/// Copies what there is of `from` to the start of `to`
fn copy(from: &[u64], to: &mut [u64]) {
    if let Some(start) = to.get_mut(..from.len()) {
        start.copy_from_slice(from);
    }
}
