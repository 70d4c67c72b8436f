//! Our bitmap as an allocator: the one place that knows its interface

use std::ops::Range;

use bitmap::{Bitmap, WORD};

use crate::peers::Allocator;

// The crate's own, which is private to it.
#[path = "../../src/space/bitmap/mod.rs"]
#[expect(dead_code, reason = "an allocator needs a part of it")]
mod bitmap;

/// The bitmap of one subnet, made as wide as the subnet, so that no growth is timed
pub(crate) struct Ours(Bitmap);

impl Allocator for Ours {
    const NAME: &'static str = "ours";

    fn with_free(size: u32, free: &[Range<u32>]) -> Self {
        let mut bitmap = Bitmap::default();
        bitmap.grow(size.next_power_of_two().ilog2());
        bitmap.insert(0, size as usize - 1);
        for run in free {
            bitmap.remove(run.start as usize, run.end as usize - 1);
        }
        Self(bitmap)
    }

    fn take_lowest(&mut self) -> Option<u32> {
        let at = self.0.first_absent()?;
        self.0.insert_one(at);
        Some(at as u32)
    }

    fn release(&mut self, at: u32) {
        self.0.remove_one(at as usize);
    }

    fn claim(&mut self, at: u32) -> bool {
        self.0.insert_one(at as usize)
    }

    fn take_batch(&mut self, count: usize, taken: &mut Vec<u32>) {
        let mut missing = count;
        while missing > 0 {
            // By the word, as the engine does.
            let Some(index) = self.0.first_absent().map(|at| at / WORD) else { return };
            let free = !self.0.word(index).unwrap_or(u64::MAX);
            let mask = lowest(free, missing);
            self.0.claim_mask(index, mask);
            missing -= push(taken, index, mask);
        }
    }
}

/// The `count` lowest bits of `free`, or all if there are fewer
fn lowest(free: u64, count: usize) -> u64 {
    if count >= WORD || count >= free.count_ones() as usize {
        return free;
    }
    let mut rest = free;
    for _ in 0..count {
        rest &= rest - 1;
    }
    free ^ rest
}

/// Writes down the numbers of a word whose bits are in `mask`; how many there are
fn push(taken: &mut Vec<u32>, index: usize, mask: u64) -> usize {
    let base = (index * WORD) as u32;
    if mask == u64::MAX {
        taken.extend(base..base + WORD as u32);
        return WORD;
    }
    let count = mask.count_ones();
    let mut rest = mask;
    taken.extend((0..count).map(|_| {
        let bit = rest.trailing_zeros();
        rest &= rest.wrapping_sub(1);
        base + bit
    }));
    count as usize
}
