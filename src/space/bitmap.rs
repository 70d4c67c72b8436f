//! The hierarchical bitmap: near numbers, one bit each

use alloc::vec::Vec;

/// Bits in a word
const WORD: usize = 64;
const FULL: u64 = !0;

/// A growing set of small numbers that finds the first absent one in O(depth)
///
/// Level 0 has one bit a number. Each level above has one bit a word, set when that word is full; the
/// top level is one word. Summaries are touched only when a word turns full or stops being full, so
/// most operations touch one word (measured elsewhere: flat from 2^8 to 2^24 numbers).
// INVARIANT: bit i of level k+1 is set iff word i of level k is full; the last level has one word, and
// there is none while the set has no room.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bitmap {
    levels: Vec<Vec<u64>>,
}

impl Bitmap {
    /// Numbers that the set has room for, a multiple of 64: those below it
    pub(crate) fn room(&self) -> usize {
        self.levels.first().map_or(0, |words| words.len().saturating_mul(WORD))
    }

    /// Makes room for the numbers below `room`
    ///
    /// Costs O(room): grow by doubling.
    pub(crate) fn grow(&mut self, room: usize) {
        let words = room.div_ceil(WORD);
        if words.saturating_mul(WORD) <= self.room() {
            return;
        }
        let mut leaf = if self.levels.is_empty() { Vec::new() } else { self.levels.swap_remove(0) };
        leaf.resize(words, 0);
        self.levels.clear();
        let mut below = leaf;
        while below.len() > 1 {
            let above = below.chunks(WORD).map(summary).collect();
            self.levels.push(core::mem::replace(&mut below, above));
        }
        self.levels.push(below);
    }

    /// Adds the numbers from `first` to `last`, both included; those without room are left out
    pub(crate) fn insert(&mut self, first: usize, last: usize) {
        for (index, mask) in masks(first, last) {
            let Some(word) = self.levels.first_mut().and_then(|words| words.get_mut(index)) else {
                return;
            };
            let before = *word;
            *word |= mask;
            if *word == FULL && before != FULL {
                self.mark_full(index);
            }
        }
    }

    /// Takes the numbers from `first` to `last` out, both included
    pub(crate) fn remove(&mut self, first: usize, last: usize) {
        for (index, mask) in masks(first, last) {
            let Some(word) = self.levels.first_mut().and_then(|words| words.get_mut(index)) else {
                return;
            };
            let before = *word;
            *word &= !mask;
            if before == FULL && *word != FULL {
                self.mark_open(index);
            }
        }
    }

    /// The first absent number from `from` on that the set has room for
    pub(crate) fn next_absent(&self, from: usize) -> Option<usize> {
        // Up: to the first level with an open word to the right. Down: straight into it.
        let mut level = 0;
        let mut at = from;
        loop {
            let open = !self.word(level, at / WORD)? & from_bit(at);
            if open != 0 {
                at = join(at / WORD, open);
                break;
            }
            at = (at / WORD).checked_add(1)?;
            level = usize::checked_add(level, 1)?;
        }
        while let Some(below) = usize::checked_sub(level, 1) {
            at = join(at, !self.word(below, at)?);
            level = below;
        }
        Some(at)
    }

    /// The first number held from `from` to `last`, both included; costs one step a word between
    pub(crate) fn next_held(&self, from: usize, last: usize) -> Option<usize> {
        let words = self.levels.first()?;
        let mut index = from / WORD;
        let mut held = words.get(index)? & from_bit(from);
        while held == 0 {
            index = index.checked_add(1).filter(|&index| index <= last / WORD)?;
            held = *words.get(index)?;
        }
        Some(join(index, held)).filter(|&at| at <= last)
    }

    /// Why the summaries do not fit the words, if they do not
    pub(crate) fn corruption(&self) -> Option<&'static str> {
        let pairs = self.levels.iter().zip(self.levels.iter().skip(1));
        for (below, above) in pairs {
            if !below.chunks(WORD).map(summary).eq(above.iter().copied()) {
                return Some("a bitmap summary does not match its words");
            }
        }
        match self.levels.last() {
            Some(top) if top.len() != 1 => Some("the top of a bitmap is not one word"),
            _ => None,
        }
    }

    fn word(&self, level: usize, index: usize) -> Option<u64> {
        self.levels.get(level)?.get(index).copied()
    }

    #[cold]
    fn mark_full(&mut self, index: usize) {
        let mut at = index;
        for words in self.levels.iter_mut().skip(1) {
            let Some(word) = words.get_mut(at / WORD) else { return };
            *word |= bit(at);
            if *word != FULL {
                return;
            }
            at /= WORD;
        }
    }

    #[cold]
    fn mark_open(&mut self, index: usize) {
        let mut at = index;
        for words in self.levels.iter_mut().skip(1) {
            let Some(word) = words.get_mut(at / WORD) else { return };
            let before = *word;
            *word &= !bit(at);
            if before != FULL {
                return;
            }
            at /= WORD;
        }
    }
}

/// The bit of `at` within its word
const fn bit(at: usize) -> u64 {
    1 << (at % WORD)
}

/// The bits of a word from that of `at` upwards
const fn from_bit(at: usize) -> u64 {
    FULL << (at % WORD)
}

/// The number of the lowest bit of `bits` in word `index`
const fn join(index: usize, bits: u64) -> usize {
    index.saturating_mul(WORD) | bits.trailing_zeros() as usize
}

/// One bit for each of up to 64 words: is it full?
fn summary(words: &[u64]) -> u64 {
    words.iter().zip(0u32..).fold(0, |sum, (&word, at)| sum | (u64::from(word == FULL) << at))
}

/// The words that hold `first` to `last`, each with the bits concerned
fn masks(first: usize, last: usize) -> impl Iterator<Item = (usize, u64)> {
    let (low, high) = (first / WORD, last / WORD);
    (low..=high).map(move |index| {
        let above = if index == low { from_bit(first) } else { FULL };
        let below = if index == high { FULL >> (!last % WORD) } else { FULL };
        (index, above & below)
    })
}
