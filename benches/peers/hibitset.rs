//! `hibitset`: four layers of machine words, in use by entity systems

use std::ops::Range;

use hibitset::{BitSet, BitSetLike};

use super::Allocator;

pub(crate) struct Hibit(BitSet);

impl Allocator for Hibit {
    const NAME: &'static str = "hibitset";

    fn with_free(size: u32, free: &[Range<u32>]) -> Self {
        let mut set = BitSet::with_capacity(size);
        for at in free.iter().cloned().flatten() {
            set.add(at);
        }
        Self(set)
    }

    fn take_lowest(&mut self) -> Option<u32> {
        let at = (&self.0).iter().next()?;
        self.0.remove(at);
        Some(at)
    }

    fn release(&mut self, at: u32) {
        self.0.add(at);
    }

    fn claim(&mut self, at: u32) -> bool {
        self.0.remove(at)
    }

    fn take_batch(&mut self, count: usize, taken: &mut Vec<u32>) {
        let from = taken.len();
        taken.extend((&self.0).iter().take(count));
        for &at in taken.iter().skip(from) {
            self.0.remove(at);
        }
    }
}
