//! How a bitmap's tree changes: pages are made when they are needed, and copied when a clone shares them

use triomphe::Arc;

use super::bits::{WORD_BITS, bit, clear, fill};
use super::link::{Branch, Link, higher, lower, mask};
use super::page::{Dense, PAGE, PAGE_FULL, Thin};
use crate::shared::sizes::{BITMAP_PAGE_BITS, THIN_NUMBERS};

// Every function here is told of a link how many words, as a power of two, it leads to: `shift`. Words and
// numbers are counted from the first of those.
impl Link {
    /// The dense page of a word, to be changed, if it has one and no clone shares that or the way to it
    // What is shared is left to `dense_mut`: copying would lie in the way of every write.
    #[inline]
    pub(super) fn own_mut(&mut self, index: usize, shift: u32) -> Option<&mut Dense> {
        let (mut link, mut shift) = (self, shift);
        while let Self::Branch(branch) = link {
            shift = lower(shift);
            link = Arc::get_mut(branch)?.link_mut(index, shift);
        }
        if let Self::Dense(page) = link { Arc::get_mut(page) } else { None }
    }

    /// The same, of which no summary above says any more that it is full
    #[inline]
    pub(super) fn opened_mut(&mut self, index: usize, shift: u32) -> Option<&mut Dense> {
        let (mut link, mut shift) = (self, shift);
        while let Self::Branch(branch) = link {
            shift = lower(shift);
            let branch = Arc::get_mut(branch)?;
            branch.mark(index, shift, false);
            link = branch.link_mut(index, shift);
        }
        if let Self::Dense(page) = link { Arc::get_mut(page) } else { None }
    }

    /// The dense page of a word, if it has one, to be changed
    #[cold]
    pub(super) fn dense_mut(&mut self, index: usize, shift: u32) -> Option<&mut Dense> {
        let (mut link, mut shift) = (self, shift);
        while let Self::Branch(branch) = link {
            shift = lower(shift);
            link = Arc::make_mut(branch).link_mut(index, shift);
        }
        if let Self::Dense(page) = link { Some(Arc::make_mut(page)) } else { None }
    }

    /// Notes that the page of a word is full, which the branches above it sum up; gives the first word that is
    /// not, and lies below the lowest of them that is not, and what that word is
    pub(super) fn mark_full(&mut self, index: usize, shift: u32) -> Option<(usize, u64)> {
        let mut below = BITMAP_PAGE_BITS;
        while below < shift {
            let branch = self.branch_mut(index, shift, higher(below))?;
            if !branch.mark(index, below, true) {
                let (at, link) = branch.open_from(0)?;
                let base = (index & !mask(higher(below))) | at.wrapping_shl(below);
                let (open, word) = link.first_open(below)?;
                return Some((base | open, word));
            }
            below = higher(below);
        }
        None
    }

    /// The branch of 2^`of` words on the way to a word
    fn branch_mut(&mut self, index: usize, shift: u32, of: u32) -> Option<&mut Branch> {
        let (mut link, mut shift) = (self, shift);
        loop {
            let Self::Branch(branch) = link else { return None };
            let branch = Arc::make_mut(branch);
            if shift == of {
                return Some(branch);
            }
            shift = lower(shift);
            link = branch.link_mut(index, shift);
        }
    }

    /// The link to the page of a word, to be changed: branches take the place of what is absent or, to take
    /// something out, of what is full; `None` if nothing would change
    fn page_mut(&mut self, index: usize, shift: u32, held: bool) -> Option<&mut Self> {
        let (mut link, mut shift) = (self, shift);
        loop {
            match link {
                Self::Full if held => return None,
                Self::Absent if !held => return None,
                _ if shift == BITMAP_PAGE_BITS => return Some(link),
                Self::Full => *link = Self::Branch(Arc::new(Branch::WHOLE)),
                Self::Absent => *link = Self::Branch(Arc::new(Branch::EMPTY)),
                _ => {}
            }
            let Self::Branch(branch) = link else { return None };
            shift = lower(shift);
            link = Arc::make_mut(branch).link_mut(index, shift);
        }
    }

    /// Adds numbers of a word whose page is not a dense one; false if it is one now, or all is held
    pub(super) fn set_thin(&mut self, index: usize, shift: u32, bits: u64) -> bool {
        let Some(link) = self.page_mut(index, shift, true) else { return false };
        let dense = match link {
            Self::Absent => {
                let mut page = Thin::EMPTY;
                if page.insert(index, bits) {
                    *link = Self::Thin(Arc::new(page));
                    return true;
                }
                Dense::EMPTY
            }
            Self::Thin(page) => {
                let page = Arc::make_mut(page);
                if page.insert(index, bits) {
                    return true;
                }
                page.dense()
            }
            _ => return false,
        };
        *link = Self::Dense(Arc::new(dense));
        false
    }

    /// Takes numbers of a word out whose page is not a dense one; what was held of it, or `None` if the page is
    /// a dense one now
    pub(super) fn unset_thin(&mut self, index: usize, shift: u32, bits: u64) -> Option<u64> {
        let Some(link) = self.page_mut(index, shift, false) else { return Some(0) };
        match link {
            Self::Thin(page) => {
                let before = page.word(index);
                let first = (index % PAGE) << WORD_BITS;
                let goes = |at: usize| at >> WORD_BITS == first >> WORD_BITS && bits & bit(at) != 0;
                Arc::make_mut(page).retain(|at| !goes(at));
                Some(before)
            }
            _ => {
                *link = Self::Dense(Arc::new(Dense::WHOLE));
                None
            }
        }
    }

    /// Adds the numbers from `first` to `last`; whether all is held then
    pub(super) fn fill(&mut self, first: usize, last: usize, shift: u32) -> bool {
        if first == 0 && last == mask(shift.saturating_add(WORD_BITS)) {
            *self = Self::Full;
        }
        if let Self::Full = self {
            return true;
        }
        if shift > BITMAP_PAGE_BITS {
            if let Self::Absent = self {
                *self = Self::Branch(Arc::new(Branch::EMPTY));
            }
            let Self::Branch(branch) = self else { return false };
            let branch = Arc::make_mut(branch);
            let full = branch.each(first, last, lower(shift), |link, first, last| {
                link.fill(first, last, lower(shift))
            });
            if full {
                *self = Self::Full;
            }
            return full;
        }
        let few = last.saturating_sub(first) < THIN_NUMBERS;
        if few && self.fill_thin(first, last) {
            return false;
        }
        match self {
            Self::Absent => *self = Self::Dense(Arc::new(Dense::EMPTY)),
            Self::Thin(page) => *self = Self::Dense(Arc::new(page.dense())),
            _ => {}
        }
        if let Self::Dense(page) = self {
            let page = Arc::make_mut(page);
            fill(&mut page.words, first, last);
            page.sum_up();
            if page.full == PAGE_FULL {
                *self = Self::Full;
            }
        }
        matches!(self, Self::Full)
    }

    /// The same of a page that is or becomes a thin one, and stays so; else false
    fn fill_thin(&mut self, first: usize, last: usize) -> bool {
        let mut page = match self {
            Self::Absent => Thin::EMPTY,
            Self::Thin(page) => (**page).clone(),
            _ => return false,
        };
        let mut words = [0; PAGE];
        fill(&mut words, first, last);
        let words = words.into_iter().enumerate().filter(|&(_, bits)| bits != 0);
        for (index, bits) in words {
            if !page.insert(index, bits) {
                return false;
            }
        }
        match self {
            Self::Thin(held) => *Arc::make_mut(held) = page,
            _ => *self = Self::Thin(Arc::new(page)),
        }
        true
    }

    /// Takes the numbers from `first` to `last` out; what has nothing then is absent
    pub(super) fn clear(&mut self, first: usize, last: usize, shift: u32) {
        if first == 0 && last == mask(shift.saturating_add(WORD_BITS)) {
            *self = Self::Absent;
        }
        match self {
            Self::Full if shift > BITMAP_PAGE_BITS => {
                *self = Self::Branch(Arc::new(Branch::WHOLE));
            }
            Self::Full => *self = Self::Dense(Arc::new(Dense::WHOLE)),
            _ => {}
        }
        let empty = match self {
            Self::Absent | Self::Full => return,
            Self::Thin(page) => {
                let page = Arc::make_mut(page);
                page.retain(|at| at < first || last < at);
                page.is_empty()
            }
            Self::Dense(page) => {
                let page = Arc::make_mut(page);
                clear(&mut page.words, first, last);
                page.sum_up();
                page.is_empty()
            }
            Self::Branch(branch) => {
                let branch = Arc::make_mut(branch);
                branch.each(first, last, lower(shift), |link, first, last| {
                    link.clear(first, last, lower(shift));
                    false
                });
                branch.is_empty()
            }
        };
        if empty {
            *self = Self::Absent;
        }
    }

    /// Gives the page of a word back if it holds nothing, and the branches that hold nothing then
    pub(super) fn release(&mut self, index: usize, shift: u32) {
        let empty = match self {
            Self::Branch(branch) => {
                let branch = Arc::make_mut(branch);
                branch.link_mut(index, lower(shift)).release(index, lower(shift));
                branch.is_empty()
            }
            _ => self.is_empty(),
        };
        if empty {
            *self = Self::Absent;
        }
    }

    /// Whether the page of a word is there, and holds nothing
    pub(super) fn is_idle(&self, index: usize, shift: u32) -> bool {
        let (mut link, mut shift) = (self, shift);
        while let Self::Branch(branch) = link {
            shift = lower(shift);
            link = branch.link(index, shift);
        }
        !matches!(link, Self::Absent) && link.is_empty()
    }
}

impl Branch {
    /// Changes all links that have numbers from `first` to `last`; whether all of the branch is full then
    fn each(
        &mut self,
        first: usize,
        last: usize,
        shift: u32,
        mut change: impl FnMut(&mut Link, usize, usize) -> bool,
    ) -> bool {
        let bits = shift.saturating_add(WORD_BITS);
        let (low, high) = (first.wrapping_shr(bits), last.wrapping_shr(bits));
        let mut all = false;
        for at in low..=high {
            let first = if at == low { first & mask(bits) } else { 0 };
            let last = if at == high { last & mask(bits) } else { mask(bits) };
            let index = at.wrapping_shl(shift);
            let full = change(self.link_mut(index, shift), first, last);
            all = self.mark(index, shift, full);
        }
        all
    }
}
