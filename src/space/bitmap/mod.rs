//! The bitmap of near numbers, one bit each, in two forms: a few words in itself, or a tree

mod tree;

pub(crate) use tree::WORD;
use tree::{FULL, Tree, bit, clear, fill, from_bit, lowest};

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
    Inline { flags: Flags, words: [u64; INLINE] },
    Tree { height: u8, open: u32, tree: Tree },
}

impl Default for Bitmap {
    fn default() -> Self {
        Self(Form::Inline { flags: Flags { full: 0, open: 0 }, words: [0; INLINE] })
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
        let (tree, height, open) = match &self.0 {
            Form::Inline { flags, words: few } => {
                let (tree, height) = Tree::over(few);
                let (tree, height) = tree.grown(height, words);
                (tree, height, u32::from(flags.open))
            }
            Form::Tree { height, open, tree } => {
                let (tree, height) = tree.grown(*height, words);
                (tree, height, *open)
            }
        };
        self.0 = Form::Tree { height, open, tree };
    }

    /// Adds one number; false when it was held already, or there is no room for it
    // Each form by itself to the end: a choice of words first would lie in the path of every load.
    #[inline]
    pub(crate) fn insert_one(&mut self, at: usize) -> bool {
        match &mut self.0 {
            Form::Inline { flags, words } => {
                let Some(word) = words.get_mut(at / WORD) else { return false };
                let before = *word;
                if before & bit(at) != 0 {
                    return false;
                }
                *word = before | bit(at);
                if *word == FULL {
                    flags.mark_full(at / WORD);
                }
            }
            Form::Tree { height, open, tree } => {
                let Some(word) = tree.leaf.get_mut(at / WORD) else { return false };
                let before = *word;
                if before & bit(at) != 0 {
                    return false;
                }
                *word = before | bit(at);
                if *word == FULL {
                    tree.mark_full(*height, at / WORD, open);
                }
            }
        }
        true
    }

    /// Takes one number out; false when it was absent
    #[inline]
    pub(crate) fn remove_one(&mut self, at: usize) -> bool {
        match &mut self.0 {
            Form::Inline { flags, words } => {
                let Some(word) = words.get_mut(at / WORD) else { return false };
                let before = *word;
                if before & bit(at) == 0 {
                    return false;
                }
                *word = before & !bit(at);
                if before == FULL {
                    flags.mark_open(at / WORD);
                }
            }
            Form::Tree { height, open, tree } => {
                let Some(word) = tree.leaf.get_mut(at / WORD) else { return false };
                let before = *word;
                if before & bit(at) == 0 {
                    return false;
                }
                *word = before & !bit(at);
                if before == FULL {
                    tree.mark_open(*height, at / WORD, open);
                }
            }
        }
        true
    }

    /// Adds the numbers of word `index` whose bits are in `mask`; those without room are left out
    #[inline]
    pub(crate) fn insert_mask(&mut self, index: usize, mask: u64) {
        match &mut self.0 {
            Form::Inline { flags, words } => {
                let Some(word) = words.get_mut(index) else { return };
                *word |= mask;
                if *word == FULL {
                    flags.mark_full(index);
                }
            }
            Form::Tree { height, open, tree } => {
                let Some(word) = tree.leaf.get_mut(index) else { return };
                *word |= mask;
                if *word == FULL {
                    tree.mark_full(*height, index, open);
                }
            }
        }
    }

    /// Adds the numbers of words from `first` on whose bits are in `masks`; those without room are left out
    pub(crate) fn insert_masks(&mut self, first: usize, masks: impl Iterator<Item = u64>) {
        match &mut self.0 {
            Form::Inline { flags, words } => {
                let words = words.get_mut(first..).unwrap_or_default();
                for (index, (word, mask)) in (first..).zip(words.iter_mut().zip(masks)) {
                    *word |= mask;
                    if *word == FULL {
                        flags.mark_full(index);
                    }
                }
            }
            Form::Tree { height, open, tree } => {
                let mut full = false;
                let words = tree.leaf.get_mut(first..).unwrap_or_default();
                let mut end = first;
                for (word, mask) in words.iter_mut().zip(masks) {
                    *word |= mask;
                    full |= *word == FULL;
                    end = end.saturating_add(1);
                }
                if full {
                    for index in first..end {
                        if tree.leaf.get(index) == Some(&FULL) {
                            tree.mark_full(*height, index, open);
                        }
                    }
                }
            }
        }
    }

    /// Takes the numbers of word `index` whose bits are in `mask` out
    #[inline]
    pub(crate) fn remove_mask(&mut self, index: usize, mask: u64) {
        match &mut self.0 {
            Form::Inline { flags, words } => {
                let Some(word) = words.get_mut(index) else { return };
                let before = *word;
                *word = before & !mask;
                if before == FULL && mask != 0 {
                    flags.mark_open(index);
                }
            }
            Form::Tree { height, open, tree } => {
                let Some(word) = tree.leaf.get_mut(index) else { return };
                let before = *word;
                *word = before & !mask;
                if before == FULL && mask != 0 {
                    tree.mark_open(*height, index, open);
                }
            }
        }
    }

    /// Adds the numbers from `first` to `last`, both included; those without room are left out
    pub(crate) fn insert(&mut self, first: usize, last: usize) {
        match &mut self.0 {
            Form::Inline { flags, words } => {
                fill(words, first, last);
                *flags = Flags::of(words);
            }
            Form::Tree { height, open, tree } => tree.insert(*height, first, last, open),
        }
    }

    /// Takes the numbers from `first` to `last` out, both included
    pub(crate) fn remove(&mut self, first: usize, last: usize) {
        match &mut self.0 {
            Form::Inline { flags, words } => {
                clear(words, first, last);
                *flags = Flags::of(words);
            }
            Form::Tree { height, open, tree } => tree.remove(*height, first, last, open),
        }
    }

    /// Whether the number is held
    #[cfg(test)]
    #[inline]
    pub(crate) fn contains(&self, at: usize) -> bool {
        self.word(at / WORD).is_some_and(|word| word & bit(at) != 0)
    }

    /// The first absent number that the set has room for
    #[inline]
    pub(crate) fn first_absent(&self) -> Option<usize> {
        match &self.0 {
            Form::Inline { flags, words } => {
                let index = usize::from(flags.open);
                lowest(index, !*words.get(index)?)
            }
            Form::Tree { open, tree, .. } => {
                let index = *open as usize;
                lowest(index, !*tree.leaf.get(index)?)
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
            return lowest(index, absent);
        }
        let index = self.next_open(index.checked_add(1)?)?;
        lowest(index, !self.word(index)?)
    }

    /// The first word from `index` on that is not full
    #[inline]
    pub(crate) fn next_open(&self, index: usize) -> Option<usize> {
        match &self.0 {
            Form::Inline { words, .. } => (index..INLINE).find(|&at| words.get(at) != Some(&FULL)),
            Form::Tree { height, tree, .. } => tree.next_open(*height, index),
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
            lowest(index, *words.get(index)?)?
        } else {
            lowest(index, held)?
        };
        Some(at).filter(|&at| at <= last)
    }

    /// Why the hint or the summaries do not fit the words, if they do not
    pub(crate) fn corruption(&self) -> Option<&'static str> {
        match &self.0 {
            Form::Inline { flags, words } => {
                (*flags != Flags::of(words)).then_some("a bitmap's flags do not match its words")
            }
            Form::Tree { height, open, tree } => tree.corruption(*height, *open),
        }
    }
}

#[cfg(test)]
impl Bitmap {
    /// Moves the hint to word `index`, rightly or not
    pub(super) fn force_hint(&mut self, index: u8) {
        match &mut self.0 {
            Form::Inline { flags, .. } => flags.open = index,
            Form::Tree { open, .. } => *open = u32::from(index),
        }
    }

    /// Flips what summary `number` says of its first child
    pub(super) fn flip_summary(&mut self, number: usize) {
        match &mut self.0 {
            Form::Inline { flags, .. } => flags.full ^= 1,
            Form::Tree { tree, .. } => tree.flip_summary(number),
        }
    }
}

/// Which of a few words are full
// INVARIANT: bit i of `full` is set iff word i is; `open` is the first clear one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Flags {
    full: u8,
    open: u8,
}

impl Flags {
    fn of(words: &[u64; INLINE]) -> Self {
        let mut flags = Self { full: 0, open: 0 };
        for (index, _) in words.iter().enumerate().filter(|(_, word)| **word == FULL) {
            flags.mark_full(index);
        }
        flags
    }

    /// Marks word `index`, which is full
    #[expect(clippy::cast_possible_truncation, reason = "a byte has 8 bits")]
    #[inline]
    fn mark_full(&mut self, index: usize) {
        self.full |= 1 << (index % INLINE);
        self.open = self.full.trailing_ones() as u8;
    }

    /// Marks word `index`, which has room
    #[expect(clippy::cast_possible_truncation, reason = "below `open`, which is a byte")]
    #[inline]
    fn mark_open(&mut self, index: usize) {
        self.full &= !(1 << (index % INLINE));
        if index < usize::from(self.open) {
            self.open = index as u8;
        }
    }
}
