//! A hash set of what is taken, and a scan for the first that is not: what most allocators do

use std::ops::Range;

use foldhash::fast::FixedState;
use hashbrown::HashSet;

use super::Allocator;

pub(crate) struct Scan {
    size: u32,
    taken: HashSet<u32, FixedState>,
}

impl Allocator for Scan {
    const NAME: &'static str = "HashSet and scan";

    fn with_free(size: u32, free: &[Range<u32>]) -> Self {
        let mut taken: HashSet<u32, FixedState> = (0..size).collect();
        for at in free.iter().cloned().flatten() {
            taken.remove(&at);
        }
        Self { size, taken }
    }

    fn take_lowest(&mut self) -> Option<u32> {
        let at = (0..self.size).find(|at| !self.taken.contains(at))?;
        self.taken.insert(at);
        Some(at)
    }

    fn release(&mut self, at: u32) {
        self.taken.remove(&at);
    }

    fn claim(&mut self, at: u32) -> bool {
        self.taken.insert(at)
    }
}
