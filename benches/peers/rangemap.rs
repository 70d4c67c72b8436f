//! `rangemap`: free runs in a B-tree

use std::ops::Range;

use rangemap::RangeSet;

use super::{Allocator, Blocks};

pub(crate) struct Ranges(RangeSet<u32>);

impl Allocator for Ranges {
    const NAME: &'static str = "rangemap";

    fn with_free(_: u32, free: &[Range<u32>]) -> Self {
        Self(free.iter().cloned().collect())
    }

    fn take_lowest(&mut self) -> Option<u32> {
        let at = self.0.first()?.start;
        self.0.remove(at..at + 1);
        Some(at)
    }

    fn release(&mut self, at: u32) {
        self.0.insert(at..at + 1);
    }

    fn claim(&mut self, at: u32) -> bool {
        let free = self.0.contains(&at);
        if free {
            self.0.remove(at..at + 1);
        }
        free
    }

    fn take_batch(&mut self, count: usize, taken: &mut Vec<u32>) {
        let mut missing = count as u32;
        while missing > 0 {
            let Some(run) = self.0.first().cloned() else { return };
            let run = run.start..run.end.min(run.start + missing);
            missing -= run.end - run.start;
            taken.extend(run.clone());
            self.0.remove(run);
        }
    }
}

impl Blocks for Ranges {
    fn take_block(&mut self) -> Option<u32> {
        let fits = |run: &Range<u32>| {
            let first = run.start.next_multiple_of(16);
            (first + 16 <= run.end).then_some(first)
        };
        let at = self.0.iter().find_map(fits)?;
        self.0.remove(at..at + 16);
        Some(at)
    }
}
