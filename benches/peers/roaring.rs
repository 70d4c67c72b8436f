//! `roaring`: compressed bitmaps of 2^16 numbers

use std::ops::Range;

use roaring::RoaringBitmap;

use super::Allocator;

pub(crate) struct Roaring(RoaringBitmap);

impl Allocator for Roaring {
    const NAME: &'static str = "roaring";

    fn with_free(_: u32, free: &[Range<u32>]) -> Self {
        let mut set = RoaringBitmap::new();
        for run in free {
            set.insert_range(run.clone());
        }
        Self(set)
    }

    fn take_lowest(&mut self) -> Option<u32> {
        let at = self.0.min()?;
        self.0.remove(at);
        Some(at)
    }

    fn release(&mut self, at: u32) {
        self.0.insert(at);
    }

    fn claim(&mut self, at: u32) -> bool {
        self.0.remove(at)
    }

    fn take_batch(&mut self, count: usize, taken: &mut Vec<u32>) {
        taken.extend(self.0.iter().take(count));
        self.0.remove_smallest(count as u64);
    }
}
