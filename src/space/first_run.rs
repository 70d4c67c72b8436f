//! The lowest free run that is long enough

use super::Space;
use super::address::Span;
use super::index::aggregate::Longest;
use super::index::nodes::Nodes;
use super::index::tree::{WORD_ORDER, children};

/// A search upwards for a run of so many free offsets
struct Seek {
    from: usize,
    length: u128,
    /// Free offsets that end right below where the search stands
    below: u128,
}

impl Space {
    /// Where the lowest run of at least `length` free offsets begins, of those from `from` on
    pub(crate) fn first_free_run(&self, from: u128, length: u128) -> Option<u128> {
        let room = self.near.room();
        let near = usize::try_from(from).ok().filter(|&from| from < room);
        let mut seek = Seek { from: near.unwrap_or(room), length, below: 0 };
        let window = self.nodes(|index| Some(&index.ranks.as_ref()?.longest));
        let found = near.and_then(|_| seek.node(&window, window.order(), 0));
        if let Some(found) = found {
            return Some(found as u128);
        }
        let far = Span::new(from.max(room as u128), self.whole().last)?;
        self.free_runs(far).find_map(|run| {
            // What is free at the end of the window runs on into what is free above it.
            let below = if run.first == room as u128 { seek.below } else { 0 };
            let first = run.first.saturating_sub(below);
            let beyond = length.saturating_sub(1);
            (run.last.saturating_sub(first) >= beyond).then_some(first)
        })
    }
}

impl Seek {
    /// Where the run begins, if it ends in a node; costs a look at each of its words of which nothing is known
    fn node(&mut self, window: &Nodes<'_, Longest>, order: u32, index: usize) -> Option<usize> {
        if order == WORD_ORDER {
            return self.word(window.word(index), index);
        }
        let start = index.wrapping_shl(order);
        let size = 1usize.wrapping_shl(order);
        if start.wrapping_add(size.wrapping_sub(1)) < self.from {
            return None;
        }
        let known = if start >= self.from { window.stored(order, index) } else { None };
        if let Some(of) = known {
            let low = self.below.saturating_add(of.prefix.into());
            if low >= self.length {
                return self.begun(start);
            }
            if u128::from(of.longest) < self.length {
                let all = of.prefix as usize == size;
                self.below = if all { low } else { of.suffix.into() };
                return None;
            }
        }
        let below = order.saturating_sub(1);
        children(index).into_iter().find_map(|child| self.node(window, below, child))
    }

    /// Where the run begins, if it ends in this word
    fn word(&mut self, free: u64, index: usize) -> Option<usize> {
        let start = index.wrapping_shl(WORD_ORDER);
        let skipped = u32::try_from(self.from.saturating_sub(start)).unwrap_or(u32::MAX);
        let free = free & u64::MAX.checked_shl(skipped).unwrap_or(0);
        let low = self.below.saturating_add(free.trailing_ones().into());
        if low >= self.length {
            return self.begun(start);
        }
        if let Some(length) = u32::try_from(self.length).ok().filter(|&length| length <= u64::BITS)
        {
            let starts = runs_of(free, length);
            if starts != 0 {
                return Some(start | starts.trailing_zeros() as usize);
            }
        }
        self.below = if free == u64::MAX { low } else { free.leading_ones().into() };
        None
    }

    /// What is free right below `end` begins here
    fn begun(&self, end: usize) -> Option<usize> {
        end.checked_sub(usize::try_from(self.below).ok()?)
    }
}

/// Where runs of at least `length` set bits begin within a word
pub(super) fn runs_of(word: u64, length: u32) -> u64 {
    let (mut starts, mut had) = (word, 1u32);
    while had < length {
        let more = had.min(length.saturating_sub(had));
        starts &= starts.wrapping_shr(more);
        had = had.saturating_add(more);
    }
    starts
}
