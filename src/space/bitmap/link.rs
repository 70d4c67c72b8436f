//! What a bitmap's tree is made of, and what can be asked of it without a change

use triomphe::Arc;

use super::bits::{FULL, WORD, WORD_BITS, bit, from_bit, lowest, next_held};
use super::page::{Dense, PAGE, PAGE_FULL, Thin};
use crate::shared::sizes::{BITMAP_BRANCH_BITS, BITMAP_PAGE_BITS};

/// Links of a branch
const BRANCH: usize = 1 << BITMAP_BRANCH_BITS;

/// The bits of the summary of a branch that is full
const BRANCH_FULL: u64 = FULL >> (WORD - BRANCH);

const _: () = assert!(BRANCH <= WORD);

/// What leads to a page or to a branch, or takes the place of one that is empty or full
#[derive(Clone, Debug)]
pub(super) enum Link {
    Absent,
    Full,
    Thin(Arc<Thin>),
    Dense(Arc<Dense>),
    Branch(Arc<Branch>),
}

/// Links to pages, or to branches of the level below
// INVARIANT: bit i of `full` is set iff link i is of what is full.
#[derive(Debug)]
pub(super) struct Branch {
    pub(super) full: u64,
    pub(super) below: [Link; BRANCH],
}

/// By hand, since a copy is rare: it lies out of the way of each write
impl Clone for Branch {
    #[cold]
    fn clone(&self) -> Self {
        Self { full: self.full, below: self.below.clone() }
    }
}

/// Some words that lie side by side
pub(crate) enum Part<'a> {
    /// So many that are full
    Full(usize),
    Words(&'a [u64]),
}

/// Where a word lies below a branch whose links have 2^`shift` words each
#[inline]
const fn digit(index: usize, shift: u32) -> usize {
    index.wrapping_shr(shift) % BRANCH
}

/// Level by level: the words of what a link of a branch leads to, from those of the branch itself
#[inline]
pub(super) const fn lower(shift: u32) -> u32 {
    shift.wrapping_sub(BITMAP_BRANCH_BITS)
}

/// The words of a branch, from those of its links
#[inline]
pub(super) const fn higher(shift: u32) -> u32 {
    shift.saturating_add(BITMAP_BRANCH_BITS)
}

impl Branch {
    pub(super) const EMPTY: Self = Self { full: 0, below: [const { Link::Absent }; BRANCH] };
    pub(super) const WHOLE: Self =
        Self { full: BRANCH_FULL, below: [const { Link::Full }; BRANCH] };

    /// The link on the way to a word
    #[inline]
    pub(super) fn link(&self, index: usize, shift: u32) -> &Link {
        #[expect(clippy::indexing_slicing, reason = "a digit is below the length of a branch")]
        &self.below[digit(index, shift)]
    }

    /// The link on the way to a word, to be changed
    #[inline]
    pub(super) fn link_mut(&mut self, index: usize, shift: u32) -> &mut Link {
        #[expect(clippy::indexing_slicing, reason = "a digit is below the length of a branch")]
        &mut self.below[digit(index, shift)]
    }

    /// Notes whether the link on the way to a word is full; whether all are
    #[inline]
    pub(super) fn mark(&mut self, index: usize, shift: u32, is_full: bool) -> bool {
        let mark = bit(digit(index, shift));
        self.full = if is_full { self.full | mark } else { self.full & !mark };
        self.full == BRANCH_FULL
    }

    pub(super) fn is_empty(&self) -> bool {
        self.below.iter().all(|link| matches!(link, Link::Absent))
    }

    /// The first link that is not full from a digit on: its digit, and that
    pub(super) fn open_from(&self, from: usize) -> Option<(usize, &Link)> {
        if from >= BRANCH {
            return None;
        }
        let at = lowest(0, !self.full & BRANCH_FULL & from_bit(from))?;
        Some((at, self.below.get(at)?))
    }
}

// Every function here is told of a link how many words, as a power of two, it leads to: `shift`. Words are
// counted from the first of those.
impl Link {
    /// A word
    #[inline]
    pub(super) fn word(&self, index: usize, shift: u32) -> u64 {
        let (mut link, mut shift) = (self, shift);
        loop {
            match link {
                Self::Branch(branch) => {
                    shift = lower(shift);
                    link = branch.link(index, shift);
                }
                Self::Dense(page) => return page.word(index),
                Self::Thin(page) => return page.word(index),
                Self::Absent => return 0,
                Self::Full => return FULL,
            }
        }
    }

    /// `N` words that begin at a multiple of that, all of them below the link
    #[inline]
    pub(super) fn chunk<const N: usize>(&self, index: usize, shift: u32) -> [u64; N] {
        if N > PAGE {
            return self.each_word(index, shift);
        }
        let (mut link, mut shift) = (self, shift);
        loop {
            match link {
                Self::Branch(branch) => {
                    shift = lower(shift);
                    link = branch.link(index, shift);
                }
                Self::Dense(page) => {
                    let words =
                        page.words.get(index % PAGE..).and_then(|words| words.first_chunk());
                    return words.copied().unwrap_or([0; N]);
                }
                Self::Absent => return [0; N],
                Self::Full => return [FULL; N],
                Self::Thin(_) => return link.each_word(index, shift),
            }
        }
    }

    /// The same, word by word; none beyond the last is held
    fn each_word<const N: usize>(&self, index: usize, shift: u32) -> [u64; N] {
        let mut index = index & mask(shift);
        [0; N].map(|_| {
            let word = if index <= mask(shift) { self.word(index, shift) } else { 0 };
            index = index.saturating_add(1);
            word
        })
    }

    /// Whether all is held, or nothing, of the 2^`of` words that have a word; `None` if it is neither, or no
    /// link says so
    pub(super) fn uniform(&self, index: usize, of: u32, shift: u32) -> Option<bool> {
        let (mut link, mut shift) = (self, shift);
        loop {
            match link {
                Self::Absent => return Some(false),
                Self::Full => return Some(true),
                Self::Branch(branch) if lower(shift) >= of => {
                    shift = lower(shift);
                    link = branch.link(index, shift);
                }
                _ => return None,
            }
        }
    }

    pub(super) fn is_full(&self) -> bool {
        match self {
            Self::Full => true,
            Self::Dense(page) => page.is_full(),
            Self::Branch(branch) => branch.full == BRANCH_FULL,
            Self::Absent | Self::Thin(_) => false,
        }
    }

    /// Whether nothing is held, though there may be a page
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Absent => true,
            Self::Full => false,
            Self::Thin(page) => page.is_empty(),
            Self::Dense(page) => page.is_empty(),
            Self::Branch(branch) => branch.below.iter().all(Self::is_empty),
        }
    }

    /// The first word from `index` on that is not full
    pub(super) fn next_open(&self, index: usize, shift: u32) -> Option<usize> {
        match self {
            Self::Full => None,
            Self::Absent | Self::Thin(_) => Some(index),
            Self::Dense(page) => {
                let open = !page.full & PAGE_FULL & from_bit(index);
                (open != 0).then(|| open.trailing_zeros() as usize)
            }
            Self::Branch(branch) => {
                let shift = lower(shift);
                let (first, within) = (digit(index, shift), index & mask(shift));
                let (at, link) = branch.open_from(first)?;
                let found = link.next_open(if at == first { within } else { 0 }, shift);
                if let Some(found) = found {
                    return Some(at.wrapping_shl(shift) | found);
                }
                let (at, link) = branch.open_from(at.saturating_add(1))?;
                link.next_open(0, shift).map(|found| at.wrapping_shl(shift) | found)
            }
        }
    }

    /// The first word that is not full, and that
    pub(super) fn first_open(&self, shift: u32) -> Option<(usize, u64)> {
        let (mut link, mut shift, mut base) = (self, shift, 0);
        loop {
            match link {
                Self::Branch(branch) => {
                    shift = lower(shift);
                    let (at, below) = branch.open_from(0)?;
                    base |= at.wrapping_shl(shift);
                    link = below;
                }
                Self::Dense(page) => {
                    let at = lowest(0, !page.full & PAGE_FULL)?;
                    return Some((base | at, page.word(at)));
                }
                Self::Thin(page) => return Some((base, page.word(0))),
                Self::Absent => return Some((base, 0)),
                Self::Full => return None,
            }
        }
    }

    /// The first number held from `from` on
    pub(super) fn next_held(&self, from: usize, shift: u32) -> Option<usize> {
        match self {
            Self::Absent => None,
            Self::Full => Some(from),
            Self::Thin(page) => {
                let numbers = page.numbers();
                let at = numbers.partition_point(|&at| usize::from(at) < from);
                numbers.get(at).map(|&at| usize::from(at))
            }
            Self::Dense(page) => next_held(&page.words, from),
            Self::Branch(branch) => {
                let bits = lower(shift).saturating_add(WORD_BITS);
                let mut within = from & mask(bits);
                let first = from.wrapping_shr(bits);
                (first..).zip(branch.below.get(first..)?).find_map(|(at, link)| {
                    let found = link.next_held(core::mem::take(&mut within), lower(shift))?;
                    Some(at.wrapping_shl(bits) | found)
                })
            }
        }
    }

    /// The words from `first` on, `count` of them, by parts that hold something; `base` is what is before them
    pub(super) fn parts(
        &self,
        shift: u32,
        base: usize,
        first: usize,
        end: usize,
        part: &mut impl FnMut(usize, Part<'_>),
    ) {
        let size = 1usize.wrapping_shl(shift);
        let low = first.max(base);
        let high = end.min(base.saturating_add(size));
        if low >= high {
            return;
        }
        let mut words = |words: &[u64; PAGE]| {
            let within = words.get(low.saturating_sub(base)..high.saturating_sub(base));
            part(low, Part::Words(within.unwrap_or_default()));
        };
        match self {
            Self::Absent => {}
            Self::Full => part(low, Part::Full(high.saturating_sub(low))),
            Self::Thin(page) => words(&page.words()),
            Self::Dense(page) => words(&page.words),
            Self::Branch(branch) => {
                let shift = lower(shift);
                for (at, link) in (0usize..).zip(&branch.below) {
                    let base = base.saturating_add(at.wrapping_shl(shift));
                    link.parts(shift, base, first, end, part);
                }
            }
        }
    }

    /// Whether every summary fits what it sums up, and each form is where it may be
    pub(super) fn is_sound(&self, shift: u32) -> bool {
        match self {
            Self::Absent | Self::Full => true,
            Self::Thin(page) => shift == BITMAP_PAGE_BITS && page.is_sound(),
            Self::Dense(page) => {
                let mut again = Dense { full: 0, words: page.words };
                again.sum_up();
                shift == BITMAP_PAGE_BITS && page.full == again.full
            }
            Self::Branch(branch) => {
                let shift = lower(shift);
                let fits = |(at, link): (usize, &Self)| {
                    link.is_sound(shift) && link.is_full() == (branch.full & bit(at) != 0)
                };
                shift >= BITMAP_PAGE_BITS
                    && branch.full.checked_ilog2().is_none_or(|top| (top as usize) < BRANCH)
                    && (0..).zip(&branch.below).all(fits)
            }
        }
    }
}

/// As many bits
#[inline]
pub(super) const fn mask(bits: u32) -> usize {
    match usize::MAX.checked_shl(bits) {
        Some(above) => !above,
        None => usize::MAX,
    }
}

#[cfg(test)]
impl Link {
    pub(super) fn flip_summary(&mut self, depth: usize) -> bool {
        match self {
            Self::Branch(branch) => {
                let branch = Arc::make_mut(branch);
                match depth.checked_sub(1) {
                    Some(depth) => {
                        branch.below.first_mut().is_some_and(|link| link.flip_summary(depth))
                    }
                    None => {
                        branch.full ^= 1;
                        true
                    }
                }
            }
            Self::Dense(page) if depth == 0 => {
                Arc::make_mut(page).full ^= 1;
                true
            }
            _ => false,
        }
    }
}
