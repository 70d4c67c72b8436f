//! Peers: structures that people use, or could, to find the lowest free address
//!
//! Each by its best interface for the question, and none made to do what it cannot. Those that are sets
//! hold the free addresses, since their least member is then the answer.

pub(crate) mod bitmap_allocator;
pub(crate) mod btree_set;
pub(crate) mod hash_set;
pub(crate) mod hibitset;
pub(crate) mod rangemap;
pub(crate) mod roaring;

use std::ops::Range;

/// Which of the numbers below a size are free
pub(crate) trait Allocator {
    const NAME: &'static str;

    /// Numbers below `size`, those of `free` free: ascending runs that do not touch
    fn with_free(size: u32, free: &[Range<u32>]) -> Self;

    /// Takes the lowest free number
    fn take_lowest(&mut self) -> Option<u32>;

    /// Gives a number back that is taken
    fn release(&mut self, at: u32);

    /// Takes this number, unless it is taken
    fn claim(&mut self, at: u32) -> bool;

    /// Takes the `count` lowest free numbers, of which there are so many, and puts them behind `taken`
    fn take_batch(&mut self, count: usize, taken: &mut Vec<u32>) {
        taken.extend(std::iter::from_fn(|| self.take_lowest()).take(count));
    }
}

/// Which aligned blocks are wholly free: only some can say
pub(crate) trait Blocks: Allocator {
    /// Takes the lowest wholly free block of 16 numbers that starts at a multiple of 16
    fn take_block(&mut self) -> Option<u32>;
}
