//! Blocks of 16 offsets: which of them have free offsets, and which have nothing else
//!
//! Answered from the index of aligned blocks: a maximal free block of order 4 or more is made of whole
//! blocks of 16, and one of a lower order lies in a block of 16 that is not whole.

use super::Space;
use super::address::Span;
use super::index::aggregate::Blocks;

/// Offsets of a block
pub(crate) const SIXTEEN: u128 = 16;

/// The orders of maximal blocks that are less than a block of 16
const LESS: u32 = 0b1111;

/// The lowest bit of each block of 16 in a word
const STARTS: u64 = 0x0001_0001_0001_0001;

/// How much of a block of 16 is free
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fill {
    /// Some, but not all of it
    Partly,
    /// All of it
    Whole,
}

impl Space {
    /// The first block of 16 from number `from` to `last` of which so much is free: block n begins at 16 n
    pub(crate) fn next_sixteen(&self, from: u128, last: u128, fill: Fill) -> Option<u128> {
        let window = self.nodes(|index| index.blocks.as_ref());
        let near = usize::try_from(from).ok().filter(|&from| from >> 2 < window.words());
        let near = near.and_then(|from| {
            let last = usize::try_from(last).map_or(window.words(), |last| last >> 2);
            let words = (from >> 2, last.min(window.words().wrapping_sub(1)));
            let mut words = window.words_with(words.0, words.1, |node| has(node, fill));
            words.find_map(|(index, free)| in_word(free, index, from, fill))
        });
        match near {
            Some(found) => Some(found as u128).filter(|&found| found <= last),
            None => self.next_sixteen_far(from, last, fill),
        }
    }

    /// The same above the window: a look at each free run
    fn next_sixteen_far(&self, from: u128, last: u128, fill: Fill) -> Option<u128> {
        let first = from.checked_mul(SIXTEEN)?.max(self.near.room() as u128);
        let end = last.saturating_mul(SIXTEEN) | (SIXTEEN - 1);
        let far = Span::new(first, end.min(self.whole().last))?;
        self.free_runs(far).find_map(|run| {
            let whole = run.first.div_ceil(SIXTEEN);
            let (head, tail) = (run.first / SIXTEEN, run.last / SIXTEEN);
            let ends_within = run.last % SIXTEEN != SIXTEEN - 1;
            match fill {
                Fill::Whole => {
                    let beyond = if ends_within { tail } else { tail.saturating_add(1) };
                    (whole < beyond).then_some(whole)
                }
                Fill::Partly if run.first % SIXTEEN != 0 => Some(head),
                Fill::Partly => ends_within.then_some(tail),
            }
        })
    }
}

/// Whether a node has such a block
const fn has(of: Blocks, fill: Fill) -> bool {
    match fill {
        Fill::Partly => of.0 & LESS != 0,
        Fill::Whole => of.0 & !LESS != 0,
    }
}

/// The first such block of a word, from block `from` on
fn in_word(free: u64, index: usize, from: usize, fill: Fill) -> Option<usize> {
    let first = index.wrapping_shl(2);
    // A word has four blocks.
    let skipped = u32::try_from(from.saturating_sub(first)).ok()?;
    let some = fold(free, |a, b| a | b);
    let all = fold(free, |a, b| a & b);
    let found = match fill {
        Fill::Partly => some & !all,
        Fill::Whole => all,
    };
    let found = found & STARTS & u64::MAX.checked_shl(skipped.checked_mul(16)?)?;
    (found != 0).then(|| first | (found.trailing_zeros() >> 4) as usize)
}

/// All 16 bits of each block taken together, in its lowest bit
fn fold(free: u64, join: impl Fn(u64, u64) -> u64) -> u64 {
    [8u32, 4, 2, 1].into_iter().fold(free, |free, by| join(free, free.wrapping_shr(by)))
}
