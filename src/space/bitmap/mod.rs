//! The bitmap of near numbers, one bit each, in two forms: a few words in itself, or a tree of pages
//!
//! | part | file |
//! |---|---|
//! | bits of words | `bits` |
//! | pages: a word for each 64 numbers, or a list of few | `page` |
//! | links to pages and branches, and what they say | `link`; how they change: `write` |
//! | the tree as a whole | `tree`; how it changes: `change` |
//! | what is known beside it: its first word with room, and a number below that | `hint` |

mod bits;
mod change;
mod hint;
mod link;
mod page;
mod tree;
mod write;

pub(crate) use bits::WORD;
use bits::{FULL, WORD_BITS, bit, clear, fill, from_bit, lowest, next_held};
use change::TreeMut;
use hint::{Hint, Low};
use link::Link;
pub(crate) use link::Part;
use tree::Shape;

use crate::shared::sizes::INLINE_WORDS;

/// Words that a bitmap holds in itself: most subnets need no others
const INLINE: usize = INLINE_WORDS;

/// A set of small numbers that knows its first absent one
///
/// It begins with room for few numbers and no allocation, and becomes a tree of pages once, with all the room
/// that it will ever have: pages without numbers are absent, and so cost nothing. A clone shares the pages.
/// Either form keeps the index of the first word that is not full, exactly: so the first absent number is one
/// load away. A tree keeps that word, too, and one number below it that was taken out alone: neither costs a
/// walk to a page.
#[derive(Clone, Debug)]
pub(crate) struct Bitmap(Form);

/// The two forms; the fields lie flat so that both share the byte of the tag: 40 bytes
#[derive(Clone, Debug)]
enum Form {
    Inline { flags: Flags, words: [u64; INLINE] },
    Tree { shape: Shape, stale: bool, low: Low, hint: Hint, root: Link },
}

impl Default for Bitmap {
    fn default() -> Self {
        Self(Form::Inline { flags: Flags { full: 0, open: 0 }, words: [0; INLINE] })
    }
}

impl Bitmap {
    /// Numbers that one without pages has room for, as a power of two
    pub(crate) const SMALLEST: u32 = INLINE.ilog2() + WORD_BITS;

    /// Numbers that the set has room for, as a power of two
    #[inline]
    pub(crate) const fn order(&self) -> u32 {
        match &self.0 {
            Form::Inline { .. } => Self::SMALLEST,
            Form::Tree { shape, .. } => shape.order(),
        }
    }

    /// Numbers that the set has room for: those below it
    #[inline]
    pub(crate) const fn room(&self) -> usize {
        1usize.wrapping_shl(self.order())
    }

    /// Words, of which the last one has the last number
    #[inline]
    pub(crate) const fn words(&self) -> usize {
        self.room() / WORD
    }

    /// The word `index`, if there is room for it; a set bit is a number held
    #[inline]
    pub(crate) fn word(&self, index: usize) -> Option<u64> {
        match &self.0 {
            Form::Inline { words, .. } => words.get(index).copied(),
            Form::Tree { shape, low, hint, root, .. } => shape.word(*low, hint, root, index),
        }
    }

    /// `N` words that begin at a multiple of that, a power of two
    #[inline]
    pub(crate) fn chunk<const N: usize>(&self, index: usize) -> [u64; N] {
        match &self.0 {
            Form::Inline { words, .. } => {
                let mut chunk = [0; N];
                let words = words.get(index..).unwrap_or_default();
                chunk.iter_mut().zip(words).for_each(|(to, &word)| *to = word);
                chunk
            }
            Form::Tree { shape, low, hint, root, .. } => shape.chunk(*low, hint, root, index),
        }
    }

    /// Whether all of the 2^`order` numbers from `index` × 2^`order` on are held, or none; `None` says nothing
    #[inline]
    pub(crate) fn uniform(&self, order: u32, index: usize) -> Option<bool> {
        match &self.0 {
            Form::Inline { .. } => None,
            Form::Tree { shape, low, hint, root, .. } => {
                let words = order.checked_sub(WORD_BITS)?;
                shape.uniform(*low, hint, root, index.wrapping_shl(words), words)
            }
        }
    }

    /// The words from `first` to the one before `end`, in parts that have numbers, in order
    pub(crate) fn parts(&self, first: usize, end: usize, mut part: impl FnMut(usize, Part<'_>)) {
        match &self.0 {
            Form::Inline { words, .. } => {
                let end = end.min(INLINE);
                part(first, Part::Words(words.get(first..end).unwrap_or_default()));
            }
            Form::Tree { shape, low, hint, root, .. } => {
                shape.parts(*low, hint, root, first, end, part)
            }
        }
    }

    /// Makes room for 2^`order` numbers, once: for those who have none beyond the fewest
    #[cold]
    pub(crate) fn grow(&mut self, order: u32) {
        let Form::Inline { words, .. } = &self.0 else { return };
        let Some(order) = u8::try_from(order).ok().filter(|&order| order <= 31) else { return };
        if u32::from(order) <= Self::SMALLEST {
            return;
        }
        let (shape, mut hint, mut root) = (Shape::new(order), Hint::EMPTY, Link::Absent);
        let (mut stale, mut low) = (false, Low::NONE);
        for (index, &word) in words.iter().enumerate().filter(|(_, word)| **word != 0) {
            TreeMut { shape, hint: &mut hint, stale: &mut stale, low: &mut low, root: &mut root }
                .set::<false>(index, word);
        }
        self.0 = Form::Tree { shape, stale, low, hint, root };
    }

    /// Adds one number; false when it was held already, or there is no room for it
    // Each form by itself to the end: a choice of words first would lie in the path of every load.
    #[inline]
    pub(crate) fn insert_one(&mut self, at: usize) -> bool {
        self.claim_mask(at / WORD, bit(at))
    }

    /// Takes one number out; false when it was absent
    #[inline]
    pub(crate) fn remove_one(&mut self, at: usize) -> bool {
        self.remove_mask(at / WORD, bit(at)) != 0
    }

    /// Adds the numbers of word `index` whose bits are in `mask`; false, without a change, when one of them is
    /// held already, or there is no room for them
    #[inline]
    pub(crate) fn claim_mask(&mut self, index: usize, mask: u64) -> bool {
        match &mut self.0 {
            Form::Inline { flags, words } => {
                let Some(word) = words.get_mut(index).filter(|word| **word & mask == 0) else {
                    return false;
                };
                *word |= mask;
                if *word == FULL {
                    flags.mark_full(index);
                }
                true
            }
            Form::Tree { shape, stale, low, hint, root } => {
                if index != hint.open as usize {
                    return self.claim_elsewhere(index, mask);
                }
                let tree = TreeMut { shape: *shape, hint, stale, low, root };
                tree.set::<true>(index, mask) & mask == 0
            }
        }
    }

    /// The same of a tree's other words than the first that is not full: out of the way of the next lowest
    #[inline(never)]
    fn claim_elsewhere(&mut self, index: usize, mask: u64) -> bool {
        let Form::Tree { shape, stale, low, hint, root } = &mut self.0 else { return false };
        TreeMut { shape: *shape, hint, stale, low, root }.set::<true>(index, mask) & mask == 0
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
            Form::Tree { shape, stale, low, hint, root } => {
                TreeMut { shape: *shape, hint, stale, low, root }.set_many(first, masks);
            }
        }
    }

    /// Takes the numbers of word `index` whose bits are in `mask` out; those that were held
    #[inline]
    pub(crate) fn remove_mask(&mut self, index: usize, mask: u64) -> u64 {
        match &mut self.0 {
            Form::Inline { flags, words } => {
                let Some(word) = words.get_mut(index) else { return 0 };
                let before = *word;
                *word = before & !mask;
                if before == FULL && mask != 0 {
                    flags.mark_open(index);
                }
                before & mask
            }
            Form::Tree { .. } => self.remove_from_tree(index, mask),
        }
    }

    #[inline(never)]
    fn remove_from_tree(&mut self, index: usize, mask: u64) -> u64 {
        let Form::Tree { shape, stale, low, hint, root } = &mut self.0 else { return 0 };
        TreeMut { shape: *shape, hint, stale, low, root }.unset(index, mask) & mask
    }

    /// Adds the numbers from `first` to `last`, both included; those without room are left out
    pub(crate) fn insert(&mut self, first: usize, last: usize) {
        match &mut self.0 {
            Form::Inline { flags, words } => {
                fill(words, first, last);
                *flags = Flags::of(words);
            }
            Form::Tree { shape, stale, low, hint, root } => {
                TreeMut { shape: *shape, hint, stale, low, root }.insert(first, last);
            }
        }
    }

    /// Takes the numbers from `first` to `last` out, both included
    pub(crate) fn remove(&mut self, first: usize, last: usize) {
        match &mut self.0 {
            Form::Inline { flags, words } => {
                clear(words, first, last);
                *flags = Flags::of(words);
            }
            Form::Tree { shape, stale, low, hint, root } => {
                TreeMut { shape: *shape, hint, stale, low, root }.remove(first, last);
            }
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
            Form::Tree { low, hint, .. } => low.first_absent(hint),
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
            Form::Tree { shape, low, hint, root, .. } => shape.next_open(*low, hint, root, index),
        }
    }

    /// The first number held from `from` to `last`, both included; absent pages cost nothing
    pub(crate) fn next_held(&self, from: usize, last: usize) -> Option<usize> {
        let at = match &self.0 {
            Form::Inline { words, .. } => next_held(words, from)?,
            Form::Tree { shape, low, hint, root, .. } => shape.next_held(*low, hint, root, from)?,
        };
        Some(at).filter(|&at| at <= last)
    }

    /// Why the hint or the summaries do not fit the words, if they do not
    pub(crate) fn corruption(&self) -> Option<&'static str> {
        match &self.0 {
            Form::Inline { flags, words } => {
                (*flags != Flags::of(words)).then_some("a bitmap's flags do not match its words")
            }
            Form::Tree { shape, stale, low, hint, root } => {
                shape.corruption(*low, hint, *stale, root)
            }
        }
    }
}

#[cfg(test)]
impl Bitmap {
    /// Moves the hint to word `index`, rightly or not
    pub(super) fn force_hint(&mut self, index: u8) {
        match &mut self.0 {
            Form::Inline { flags, .. } => flags.open = index,
            Form::Tree { hint, .. } => hint.open = u32::from(index),
        }
    }

    /// Says of the hint's word that it is full
    pub(super) fn force_word(&mut self) {
        if let Form::Tree { hint, .. } = &mut self.0 {
            hint.word = FULL;
        }
    }

    /// Flips what the summary `depth` levels below the root says of its first child; false if there is none
    pub(super) fn flip_summary(&mut self, depth: usize) -> bool {
        match &mut self.0 {
            Form::Inline { flags, .. } => {
                flags.full ^= 1;
                depth == 0
            }
            Form::Tree { root, .. } => root.flip_summary(depth),
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
