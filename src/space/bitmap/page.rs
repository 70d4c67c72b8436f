//! The pages of a bitmap: a word for each 64 numbers, or a short list of the few numbers held

use super::bits::{FULL, WORD, WORD_BITS, bit, summary};
use crate::shared::sizes::{BITMAP_PAGE_BITS, THIN_NUMBERS};

/// Words of a page
pub(super) const PAGE: usize = 1 << BITMAP_PAGE_BITS;

/// The bits of the summary of a page that is full
pub(super) const PAGE_FULL: u64 = FULL >> (WORD - PAGE);

const _: () = assert!(PAGE <= WORD && THIN_NUMBERS < WORD);

/// A word for each 64 numbers, and a summary of them
// INVARIANT: bit i of `full` is set iff word i is full.
#[derive(Debug)]
pub(super) struct Dense {
    pub(super) full: u64,
    pub(super) words: [u64; PAGE],
}

/// By hand, since a copy is rare: it lies out of the way of each write
impl Clone for Dense {
    #[cold]
    fn clone(&self) -> Self {
        Self { full: self.full, words: self.words }
    }
}

impl Dense {
    pub(super) const EMPTY: Self = Self { full: 0, words: [0; PAGE] };
    pub(super) const WHOLE: Self = Self { full: PAGE_FULL, words: [FULL; PAGE] };

    #[inline]
    pub(super) fn word(&self, index: usize) -> u64 {
        self.words.get(index % PAGE).copied().unwrap_or(0)
    }

    #[inline]
    pub(super) fn word_mut(&mut self, index: usize) -> (&mut u64, &mut u64) {
        #[expect(clippy::indexing_slicing, reason = "a remainder is below the length")]
        (&mut self.words[index % PAGE], &mut self.full)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.words.iter().all(|&word| word == 0)
    }

    pub(super) const fn is_full(&self) -> bool {
        self.full == PAGE_FULL
    }

    /// Makes the summary anew, after many words changed
    pub(super) fn sum_up(&mut self) {
        self.full = summary(&self.words);
    }
}

/// A list of the few numbers that a page holds
// INVARIANT: the first `len` of `at` ascend, and are below the numbers of a page.
#[derive(Clone, Debug)]
pub(super) struct Thin {
    len: u16,
    at: [u16; THIN_NUMBERS],
}

impl Thin {
    pub(super) const EMPTY: Self = Self { len: 0, at: [0; THIN_NUMBERS] };

    /// The numbers held, within the page
    #[inline]
    pub(super) fn numbers(&self) -> &[u16] {
        self.at.get(..usize::from(self.len)).unwrap_or_default()
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Those of a word
    pub(super) fn word(&self, index: usize) -> u64 {
        let index = index % PAGE;
        let numbers = self.numbers();
        let first = numbers.partition_point(|&at| usize::from(at) < index << WORD_BITS);
        let here = numbers.get(first..).unwrap_or_default().iter().map(|&at| usize::from(at));
        let here = here.take_while(|at| at >> WORD_BITS == index);
        here.fold(0, |word, at| word | bit(at))
    }

    /// Adds the numbers of a word whose bits are in `mask`, if there is room for all of them
    pub(super) fn insert(&mut self, index: usize, mask: u64) -> bool {
        let mut rest = mask & !self.word(index);
        if usize::from(self.len).saturating_add(rest.count_ones() as usize) > THIN_NUMBERS {
            return false;
        }
        while rest != 0 {
            self.insert_one((index % PAGE) << WORD_BITS | rest.trailing_zeros() as usize);
            rest &= rest.wrapping_sub(1);
        }
        true
    }

    /// Adds a number that is absent, and for which there is room
    fn insert_one(&mut self, at: usize) {
        let place = self.numbers().partition_point(|&held| usize::from(held) < at);
        let end = usize::from(self.len).saturating_add(1);
        let (Some(rest), Ok(at)) = (self.at.get_mut(place..end), u16::try_from(at)) else { return };
        rest.rotate_right(1);
        if let Some(first) = rest.first_mut() {
            *first = at;
            self.len = self.len.saturating_add(1);
        }
    }

    /// Takes the numbers out for which `keep` does not speak
    pub(super) fn retain(&mut self, keep: impl Fn(usize) -> bool) {
        let mut kept = Self::EMPTY;
        let numbers = self.numbers().iter().copied().filter(|&at| keep(usize::from(at)));
        for (place, at) in kept.at.iter_mut().zip(numbers) {
            *place = at;
            kept.len = kept.len.saturating_add(1);
        }
        *self = kept;
    }

    /// The same as a word for each 64 numbers
    pub(super) fn words(&self) -> [u64; PAGE] {
        let mut words = [0; PAGE];
        for at in self.numbers().iter().map(|&at| usize::from(at)) {
            if let Some(word) = words.get_mut(at >> WORD_BITS) {
                *word |= bit(at);
            }
        }
        words
    }

    /// The same as a dense page
    pub(super) fn dense(&self) -> Dense {
        // So few numbers fill no word.
        Dense { full: 0, words: self.words() }
    }

    pub(super) fn is_sound(&self) -> bool {
        let numbers = self.numbers();
        numbers.len() == usize::from(self.len)
            && numbers.is_sorted_by(|a, b| a < b)
            && numbers.last().is_none_or(|&at| usize::from(at) < PAGE * WORD)
    }
}
