//! `bitmap-allocator` (rCore): a tree of 16-bit words, free = 1

use std::ops::{Deref, DerefMut, Range};

use bitmap_allocator::BitAlloc;

use super::{Allocator, Blocks};

/// A cascade behind a pointer, or [`Inline`] where many small ones lie side by side
pub(crate) struct Cascade<P>(P);

/// No pointer at all
#[derive(Default)]
pub(crate) struct Inline<B>(B);

impl<B> Deref for Inline<B> {
    type Target = B;

    fn deref(&self) -> &B {
        &self.0
    }
}

impl<B> DerefMut for Inline<B> {
    fn deref_mut(&mut self) -> &mut B {
        &mut self.0
    }
}

impl<P: Default + DerefMut<Target: BitAlloc>> Allocator for Cascade<P> {
    const NAME: &'static str = "bitmap-allocator";

    fn with_free(_: u32, free: &[Range<u32>]) -> Self {
        let mut cascade = P::default();
        for run in free {
            cascade.insert(run.start as usize..run.end as usize);
        }
        Self(cascade)
    }

    fn take_lowest(&mut self) -> Option<u32> {
        self.0.alloc().map(|at| at as u32)
    }

    fn release(&mut self, at: u32) {
        self.0.dealloc(at as usize);
    }

    fn claim(&mut self, at: u32) -> bool {
        let at = at as usize;
        let free = self.0.test(at);
        if free {
            self.0.remove(at..at + 1);
        }
        free
    }
}

impl<P: Default + DerefMut<Target: BitAlloc>> Blocks for Cascade<P> {
    fn take_block(&mut self) -> Option<u32> {
        self.0.alloc_contiguous(None, 16, 4).map(|at| at as u32)
    }
}
