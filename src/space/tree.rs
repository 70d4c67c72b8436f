//! The tree of a bitmap: words of bits, and words that say which words are full

use alloc::boxed::Box;
use alloc::vec;

/// Bits in a word
pub(super) const WORD: usize = 64;
pub(super) const FULL: u64 = !0;

/// A 64-ary tree over words: each level above the leaves has one bit a word, set when that word is full
///
/// Summaries are touched only when a word turns full or stops being full, so most operations touch one
/// word (measured: flat from 2^8 to 2^24 numbers).
// INVARIANT: there are 2^k leaf words. `above` is the levels above them, lowest first, up to one word.
// Bit i of a level is set iff word i of the level below is full; bits of words that do not exist are
// clear, and lie above all others, so that a search that meets one has found nothing.
#[derive(Clone, Debug)]
pub(super) struct Tree {
    pub(super) leaf: Box<[u64]>,
    pub(super) above: Box<[u64]>,
}

impl Tree {
    /// A tree with `words` leaf words, the first of which are those of `leaf` with its summaries
    ///
    /// A leaf without summaries has at most 64 words.
    pub(super) fn grown(leaf: &[u64], above: &[u64], words: usize) -> Self {
        let levels = core::iter::successors(Some(words), |&len| (len > 1).then(|| summaries(len)));
        let total = levels.skip(1).fold(0usize, usize::saturating_add);
        // Zeroed memory comes from the allocator untouched: what is empty costs no pages.
        let mut grown = Self { leaf: vec![0; words].into(), above: vec![0; total].into() };
        copy(leaf, &mut grown.leaf);
        let (mut known, mut known_above) = (leaf, above);
        let (mut len, mut rest) = (words, &mut *grown.above);
        while len > 1 {
            len = summaries(len);
            let Some((level, more)) = rest.split_at_mut_checked(len) else { break };
            match known_above.split_at_checked(summaries(known.len())) {
                Some((summary, above)) => {
                    copy(summary, level);
                    (known, known_above) = (summary, above);
                }
                // A level that was not there: all that was known hangs on its first bits.
                None => {
                    copy(&[summary(known)], level);
                    known = level.get(..1).unwrap_or_default();
                }
            }
            rest = more;
        }
        grown
    }

    /// Marks the word `index`, which turned full; returns the hint, which was `open`
    // The first word that is not full has only full ones below it. So when that word turns full, the
    // first summary on the way up that does not is also the one that leads to the next.
    #[inline]
    pub(super) fn mark_full(&mut self, index: usize, open: u32) -> u32 {
        let hinted = index == open as usize;
        let (mut at, mut level) = (index, Level::FIRST);
        while let Some(word) = self.above.get_mut(level.base.wrapping_add(at / WORD)) {
            *word |= bit(at);
            let clear = !*word;
            at /= WORD;
            if clear != 0 {
                return if hinted { self.hint(self.descend(level, join(at, clear))) } else { open };
            }
            level = level.up(self.leaf.len());
        }
        if hinted { self.hint(None) } else { open }
    }

    /// Marks the word `index`, which stopped being full
    #[inline]
    pub(super) fn mark_open(&mut self, index: usize) {
        let (mut at, mut level) = (index, Level::FIRST);
        while let Some(word) = self.above.get_mut(level.base.wrapping_add(at / WORD)) {
            let before = *word;
            *word = before & !bit(at);
            if before != FULL {
                return;
            }
            at /= WORD;
            level = level.up(self.leaf.len());
        }
    }

    /// The first leaf word from `open` on that is not full, or the number of words
    pub(super) fn first_open(&self, open: u32) -> u32 {
        self.hint(self.next_open(open as usize))
    }

    /// The first leaf word from `index` on that is not full
    pub(super) fn next_open(&self, index: usize) -> Option<usize> {
        if *self.leaf.get(index)? != FULL {
            return Some(index);
        }
        let (mut at, mut level) = (index, Level::FIRST);
        loop {
            let word = self.above.get(level.base.wrapping_add(at / WORD))?;
            let clear = !word & from_bit(at);
            if clear != 0 {
                return self.descend(level, join(at / WORD, clear));
            }
            at = (at / WORD).wrapping_add(1);
            level = level.up(self.leaf.len());
            if at >= level.below(self.leaf.len()) {
                return None;
            }
        }
    }

    /// The first leaf word that is not full under the word `at` below `level`, which is not full
    #[inline]
    fn descend(&self, level: Level, at: usize) -> Option<usize> {
        let (mut at, mut level) = (at, level);
        // Only at the top may there be no such word.
        if at >= level.below(self.leaf.len()) {
            return None;
        }
        while level.shift > Level::FIRST.shift {
            level = level.down(self.leaf.len());
            let word = self.above.get(level.base.wrapping_add(at))?;
            at = join(at, !word);
        }
        Some(at)
    }

    #[inline]
    fn hint(&self, open: Option<usize>) -> u32 {
        u32::try_from(open.unwrap_or(self.leaf.len())).unwrap_or(u32::MAX)
    }

    /// Why the summaries do not fit the words, if they do not
    pub(super) fn corruption(&self, open: u32) -> Option<&'static str> {
        if first_from(&self.leaf, 0) != open as usize {
            return Some("the hint of a bitmap is not its first word with room");
        }
        let (mut below, mut rest) = (&*self.leaf, &*self.above);
        if !below.len().is_power_of_two() {
            return Some("a bitmap has an odd number of words");
        }
        while below.len() > 1 {
            let Some((level, above)) = rest.split_at_checked(summaries(below.len())) else {
                return Some("a bitmap lacks summaries");
            };
            if !below.chunks(WORD).map(summary).eq(level.iter().copied()) {
                return Some("a bitmap summary does not match its words");
            }
            (below, rest) = (level, above);
        }
        (!rest.is_empty()).then_some("a bitmap has summaries of nothing")
    }
}

/// One level above the leaves: where it begins in `above`, and how far its bits are from theirs
#[derive(Clone, Copy)]
struct Level {
    base: usize,
    shift: u32,
}

impl Level {
    const FIRST: Self = Self { base: 0, shift: 6 };

    /// Words in this level of a tree over `words` leaf words
    #[inline]
    fn len(self, words: usize) -> usize {
        words.wrapping_shr(self.shift).max(1)
    }

    /// Words in the level below
    #[inline]
    fn below(self, words: usize) -> usize {
        words.wrapping_shr(self.shift.wrapping_sub(6)).max(1)
    }

    #[inline]
    fn up(self, words: usize) -> Self {
        Self { base: self.base.wrapping_add(self.len(words)), shift: self.shift.wrapping_add(6) }
    }

    #[inline]
    fn down(self, words: usize) -> Self {
        let base = self.base.wrapping_sub(self.below(words));
        Self { base, shift: self.shift.wrapping_sub(6) }
    }
}

/// Sets the bits from `first` to `last` of the level `words`, and what follows from that `above`
pub(super) fn fill(words: &mut [u64], above: &mut [u64], first: usize, last: usize) {
    let Some(last) = within(words, first, last) else { return };
    let (low, high) = (first / WORD, last / WORD);
    let Some(touched) = words.get_mut(low..=high) else { return };
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
    let full_from = low.saturating_add(usize::from(touched.first() != Some(&FULL)));
    let full_to = high.checked_sub(usize::from(touched.last() != Some(&FULL)));
    if let (Some(full_to), Some((level, rest))) =
        (full_to, above.split_at_mut_checked(summaries(words.len())))
    {
        fill(level, rest, full_from, full_to);
    }
}

/// Clears the bits from `first` to `last` of the level `words`, and what follows from that `above`
pub(super) fn clear(words: &mut [u64], above: &mut [u64], first: usize, last: usize) {
    let Some(last) = within(words, first, last) else { return };
    let (low, high) = (first / WORD, last / WORD);
    match words.get_mut(low..=high) {
        None | Some([]) => return,
        Some([only]) => {
            let before = *only;
            *only &= !(from_bit(first) & up_to_bit(last));
            if before != FULL {
                return;
            }
        }
        Some([lowest, middle @ .., highest]) => {
            *lowest &= !from_bit(first);
            middle.fill(0);
            *highest &= !up_to_bit(last);
        }
    }
    clear_above(words.len(), above, low, high);
}

/// Clears the summaries of the words from `low` to `high` of a level with `len` words
fn clear_above(len: usize, above: &mut [u64], low: usize, high: usize) {
    if let Some((level, rest)) = above.split_at_mut_checked(summaries(len)) {
        clear(level, rest, low, high);
    }
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

/// The number of the lowest bit of `bits` in word `index`
#[inline]
pub(super) const fn join(index: usize, bits: u64) -> usize {
    index.wrapping_mul(WORD) | (bits.trailing_zeros() as usize % WORD)
}

/// `last`, or the last bit of `words` if that is lower; `None` when that lies below `first`
fn within(words: &[u64], first: usize, last: usize) -> Option<usize> {
    let end = words.len().saturating_mul(WORD).checked_sub(1)?;
    Some(last.min(end)).filter(|&last| first <= last)
}

/// Words that summarise a level of `len`; none for one without words above
const fn summaries(len: usize) -> usize {
    len.div_ceil(WORD)
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
