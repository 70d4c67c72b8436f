//! Our bitmap as an allocator: the one place that knows its interface

/// The crate's own, which is private to it
#[path = "../../src/space/bitmap.rs"]
#[expect(dead_code, reason = "an allocator needs a part of it")]
mod bitmap;

use std::ops::Range;

use crate::peers::Allocator;
use bitmap::Bitmap;

/// The bitmap of one subnet, made as wide as the subnet, so that no growth is timed
pub(crate) struct Ours(Bitmap);

impl Allocator for Ours {
    const NAME: &'static str = "ours";

    fn with_free(size: u32, free: &[Range<u32>]) -> Self {
        let mut bitmap = Bitmap::default();
        bitmap.grow(size as usize);
        let mut from = 0;
        let end = size..size;
        for run in free.iter().chain([&end]) {
            if let Some(last) = run.start.checked_sub(1).filter(|&last| last >= from) {
                bitmap.insert(from as usize, last as usize);
            }
            from = run.end;
        }
        Self(bitmap)
    }

    fn take_lowest(&mut self) -> Option<u32> {
        let at = self.0.next_absent(0)?;
        self.0.insert(at, at);
        Some(at as u32)
    }

    fn release(&mut self, at: u32) {
        self.0.remove(at as usize, at as usize);
    }

    fn claim(&mut self, at: u32) -> bool {
        let at = at as usize;
        let free = self.0.next_held(at, at).is_none();
        if free {
            self.0.insert(at, at);
        }
        free
    }

    fn take_batch(&mut self, count: usize, taken: &mut Vec<u32>) {
        let mut missing = count;
        let mut from = 0;
        while missing > 0 {
            let Some(first) = self.0.next_absent(from) else { return };
            let most = (first + missing - 1).min(self.0.room() - 1);
            let last = self.0.next_held(first, most).map_or(most, |held| held - 1);
            self.0.insert(first, last);
            taken.extend(first as u32..=last as u32);
            missing -= last + 1 - first;
            from = last + 1;
        }
    }
}
