//! `BTreeSet`: the ordered free list of the standard library

use std::collections::BTreeSet;
use std::ops::Range;

use super::Allocator;

pub(crate) struct BTree(BTreeSet<u32>);

impl Allocator for BTree {
    const NAME: &'static str = "BTreeSet";

    fn with_free(_: u32, free: &[Range<u32>]) -> Self {
        Self(free.iter().cloned().flatten().collect())
    }

    fn take_lowest(&mut self) -> Option<u32> {
        self.0.pop_first()
    }

    fn release(&mut self, at: u32) {
        self.0.insert(at);
    }

    fn claim(&mut self, at: u32) -> bool {
        self.0.remove(&at)
    }
}
