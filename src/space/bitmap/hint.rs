//! What a bitmap's tree keeps beside its pages: the first word that is not full, and one number below it

use super::bits::{WORD, bit, lowest};

/// What a tree knows of itself beside its pages: its first word that is not full, and that word
///
/// What becomes of that word is noted here alone, until the hint moves on: so the next lowest number costs no
/// walk, and a clone of which only that is asked shares all its pages.
// INVARIANT: `open` is the index of the first word that is not full in the tree, the word itself and what `Low`
// says apart, or the number of words; `word` is that word, or a full one. What the tree has of it says nothing,
// unless the tree is not `stale`: then it is the same.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hint {
    pub(super) word: u64,
    pub(super) open: u32,
    /// The page that was emptied last, which stays in place until another is
    pub(super) kept: u32,
}

/// A number below the hint's word that was taken out alone, if there is one: then it is the first absent one
///
/// What is given back below the hint is most often the next that is taken. Neither is told the tree, where its
/// word stays full.
// INVARIANT: its word lies below the hint's.
#[derive(Clone, Copy, Debug)]
pub(super) struct Low(pub(super) u32);

impl Low {
    pub(super) const NONE: Self = Self(u32::MAX);

    /// The number of a bit in a word
    #[expect(clippy::cast_possible_truncation, reason = "a tree has at most 2^31 numbers")]
    #[inline]
    pub(super) const fn new(index: usize, bit: u64) -> Self {
        Self(index.wrapping_mul(WORD) as u32 | bit.trailing_zeros())
    }

    #[inline]
    pub(super) const fn is_none(self) -> bool {
        self.0 == u32::MAX
    }

    /// Its word, and what that is
    #[inline]
    pub(super) const fn word(self) -> Option<(usize, u64)> {
        let low = self.0 as usize;
        if self.is_none() { None } else { Some((low / WORD, !bit(low))) }
    }

    /// What is known beside the tree of a word
    #[inline]
    pub(super) fn known(self, hint: &Hint, index: usize) -> Option<u64> {
        match self.word() {
            Some((at, word)) if at == index => Some(word),
            _ => (index == hint.open as usize).then_some(hint.word),
        }
    }

    /// The first number that is not held
    #[inline]
    pub(super) fn first_absent(self, hint: &Hint) -> Option<usize> {
        if self.is_none() { lowest(hint.open as usize, !hint.word) } else { Some(self.0 as usize) }
    }
}

impl Hint {
    pub(super) const NONE: u32 = u32::MAX;

    /// Of an empty tree
    pub(super) const EMPTY: Self = Self { word: 0, open: 0, kept: Self::NONE };
}
