//! The bitmap of near numbers, one bit each, in two forms: a few words in itself, or a tree

pub(super) use super::tree::WORD;
use super::tree::{FULL, Tree, bit, clear, fill, from_bit, join};

/// Words that a bitmap holds in itself: most subnets need no others
const INLINE: usize = 4;

/// A growing set of small numbers that knows its first absent one
///
/// It begins with room for 256 numbers and no allocation, and becomes a [`Tree`] when it grows. Either
/// form keeps the index of the first word that is not full, exactly: so the first absent number is one
/// load away, and the hint is touched only when a word turns full or one below it opens.
// INVARIANT: `open` is the index of the first word that is not full, or the number of words.
#[derive(Clone, Debug)]
pub(crate) struct Bitmap(Form);

/// The two forms; the fields lie flat so that both share the byte of the tag: 40 bytes
#[derive(Clone, Debug)]
enum Form {
    Inline { full: u8, words: [u64; INLINE] },
    Tree { open: u32, tree: Tree },
}

impl Default for Bitmap {
    fn default() -> Self {
        Self(Form::Inline { full: 0, words: [0; INLINE] })
    }
}

impl Bitmap {
    /// Words of one that never grew
    pub(crate) const SMALLEST: usize = INLINE;

    /// Numbers that the set has room for, a power of two from 256 on: those below it
    #[inline]
    pub(crate) fn room(&self) -> usize {
        self.words().len().wrapping_mul(WORD)
    }

    /// The words, lowest numbers first; a set bit is a number held
    #[inline]
    pub(crate) fn words(&self) -> &[u64] {
        match &self.0 {
            Form::Inline { words, .. } => words,
            Form::Tree { tree, .. } => &tree.leaf,
        }
    }

    /// The word `index`, if there is room for it
    #[inline]
    pub(crate) fn word(&self, index: usize) -> Option<u64> {
        self.words().get(index).copied()
    }

    /// Makes room for the numbers below `room`, and for more up to a power of two
    ///
    /// Costs O(room): grow by doubling. Summaries of what does not change are kept.
    #[cold]
    pub(crate) fn grow(&mut self, room: usize) {
        let words = room.div_ceil(WORD).checked_next_power_of_two();
        let Some(words) = words.filter(|&words| u32::try_from(words).is_ok()) else { return };
        if words <= self.words().len() {
            return;
        }
        self.0 = match &self.0 {
            Form::Inline { full, words: few } => {
                Form::Tree { open: full.trailing_ones(), tree: Tree::grown(few, &[], words) }
            }
            Form::Tree { open, tree } => {
                Form::Tree { open: *open, tree: Tree::grown(&tree.leaf, &tree.above, words) }
            }
        };
    }

    /// Adds one number; false when it was held already, or there is no room for it
    // Each form by itself to the end: a choice of words first would lie in the path of every load.
    #[inline]
    pub(crate) fn insert_one(&mut self, at: usize) -> bool {
        match &mut self.0 {
            Form::Inline { full, words } => {
                let Some(word) = words.get_mut(at / WORD) else { return false };
                let before = *word;
                if before & bit(at) != 0 {
                    return false;
                }
                *word = before | bit(at);
                if *word == FULL {
                    *full |= flag(at / WORD);
                }
            }
            Form::Tree { open, tree } => {
                let Some(word) = tree.leaf.get_mut(at / WORD) else { return false };
                let before = *word;
                if before & bit(at) != 0 {
                    return false;
                }
                *word = before | bit(at);
                if *word == FULL {
                    *open = tree.mark_full(at / WORD, *open);
                }
            }
        }
        true
    }

    /// Takes one number out; false when it was absent
    #[inline]
    pub(crate) fn remove_one(&mut self, at: usize) -> bool {
        match &mut self.0 {
            Form::Inline { full, words } => {
                let Some(word) = words.get_mut(at / WORD) else { return false };
                let before = *word;
                if before & bit(at) == 0 {
                    return false;
                }
                *word = before & !bit(at);
                if before == FULL {
                    *full &= !flag(at / WORD);
                }
            }
            Form::Tree { open, tree } => {
                let Some(word) = tree.leaf.get_mut(at / WORD) else { return false };
                let before = *word;
                if before & bit(at) == 0 {
                    return false;
                }
                *word = before & !bit(at);
                if before == FULL {
                    tree.mark_open(at / WORD);
                    *open = lower(*open, at / WORD);
                }
            }
        }
        true
    }

    /// Adds the numbers of word `index` whose bits are in `mask`; those without room are left out
    #[inline]
    pub(crate) fn insert_mask(&mut self, index: usize, mask: u64) {
        match &mut self.0 {
            Form::Inline { full, words } => {
                let Some(word) = words.get_mut(index) else { return };
                *word |= mask;
                if *word == FULL {
                    *full |= flag(index);
                }
            }
            Form::Tree { open, tree } => {
                let Some(word) = tree.leaf.get_mut(index) else { return };
                *word |= mask;
                if *word == FULL {
                    *open = tree.mark_full(index, *open);
                }
            }
        }
    }

    /// Takes the numbers of word `index` whose bits are in `mask` out
    #[inline]
    pub(crate) fn remove_mask(&mut self, index: usize, mask: u64) {
        match &mut self.0 {
            Form::Inline { full, words } => {
                let Some(word) = words.get_mut(index) else { return };
                let before = *word;
                *word = before & !mask;
                if before == FULL && mask != 0 {
                    *full &= !flag(index);
                }
            }
            Form::Tree { open, tree } => {
                let Some(word) = tree.leaf.get_mut(index) else { return };
                let before = *word;
                *word = before & !mask;
                if before == FULL && mask != 0 {
                    tree.mark_open(index);
                    *open = lower(*open, index);
                }
            }
        }
    }

    /// Adds the numbers from `first` to `last`, both included; those without room are left out
    pub(crate) fn insert(&mut self, first: usize, last: usize) {
        match &mut self.0 {
            Form::Inline { full, words } => {
                fill(words, &mut [], first, last);
                *full = flags(words);
            }
            Form::Tree { open, tree } => {
                fill(&mut tree.leaf, &mut tree.above, first, last);
                *open = tree.first_open(*open);
            }
        }
    }

    /// Takes the numbers from `first` to `last` out, both included
    pub(crate) fn remove(&mut self, first: usize, last: usize) {
        if first > last || first >= self.room() {
            return;
        }
        match &mut self.0 {
            Form::Inline { full, words } => {
                clear(words, &mut [], first, last);
                *full = flags(words);
            }
            Form::Tree { open, tree } => {
                clear(&mut tree.leaf, &mut tree.above, first, last);
                *open = lower(*open, first / WORD);
            }
        }
    }

    /// Whether the number is held
    #[cfg_attr(not(test), expect(dead_code, reason = "for indices over the bitmap"))]
    #[inline]
    pub(crate) fn contains(&self, at: usize) -> bool {
        self.word(at / WORD).is_some_and(|word| word & bit(at) != 0)
    }

    /// The first absent number that the set has room for
    #[inline]
    pub(crate) fn first_absent(&self) -> Option<usize> {
        match &self.0 {
            Form::Inline { full, words } => {
                let index = full.trailing_ones() as usize;
                Some(join(index, !*words.get(index)?))
            }
            Form::Tree { open, tree } => {
                let index = *open as usize;
                Some(join(index, !*tree.leaf.get(index)?))
            }
        }
    }

    /// The first absent number from `from` on that the set has room for
    #[inline]
    pub(crate) fn next_absent(&self, from: usize) -> Option<usize> {
        let first = self.first_absent()?;
        if first >= from {
            return Some(first);
        }
        let index = from / WORD;
        let absent = !self.word(index)? & from_bit(from);
        if absent != 0 {
            return Some(join(index, absent));
        }
        let index = self.next_open(index.checked_add(1)?)?;
        Some(join(index, !self.word(index)?))
    }

    /// The first word from `index` on that is not full
    #[inline]
    pub(crate) fn next_open(&self, index: usize) -> Option<usize> {
        match &self.0 {
            Form::Inline { words, .. } => (index..INLINE).find(|&at| words.get(at) != Some(&FULL)),
            Form::Tree { tree, .. } => tree.next_open(index),
        }
    }

    /// The first number held from `from` to `last`, both included; costs one step a word between
    pub(crate) fn next_held(&self, from: usize, last: usize) -> Option<usize> {
        let words = self.words();
        let index = from / WORD;
        let held = words.get(index)? & from_bit(from);
        let at = if held == 0 {
            let above = index.checked_add(1)?;
            let end = (last / WORD).checked_add(1)?.min(words.len());
            let skipped = words.get(above..end)?.iter().position(|&word| word != 0)?;
            let index = above.checked_add(skipped)?;
            join(index, *words.get(index)?)
        } else {
            join(index, held)
        };
        Some(at).filter(|&at| at <= last)
    }

    /// Why the hint or the summaries do not fit the words, if they do not
    pub(crate) fn corruption(&self) -> Option<&'static str> {
        match &self.0 {
            Form::Inline { full, words } => {
                (*full != flags(words)).then_some("a bitmap's flags do not match its words")
            }
            Form::Tree { open, tree } => tree.corruption(*open),
        }
    }
}

/// The flag of word `index`
#[inline]
fn flag(index: usize) -> u8 {
    1 << (index % INLINE)
}

/// The flags of the words that are full
fn flags(words: &[u64; INLINE]) -> u8 {
    let full = words.iter().enumerate().filter(|(_, word)| **word == FULL);
    full.fold(0, |flags, (index, _)| flags | flag(index))
}

/// The hint `open` when word `index` has room
#[inline]
fn lower(open: u32, index: usize) -> u32 {
    u32::try_from(index).map_or(open, |index| open.min(index))
}
