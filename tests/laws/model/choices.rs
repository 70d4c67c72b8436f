//! Decisions read from bytes, so that proptest and a fuzzer share one generator

/// A source of small decisions; when the bytes run out, every decision is the first option
pub(crate) struct Choices<'a> {
    bytes: &'a [u8],
}

impl<'a> Choices<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    pub(crate) fn byte(&mut self) -> u8 {
        match self.bytes.split_first() {
            Some((&byte, rest)) => {
                self.bytes = rest;
                byte
            }
            None => 0,
        }
    }

    /// A number below `end`, which must not be 0
    pub(crate) fn below(&mut self, end: usize) -> usize {
        let low = usize::from(self.byte());
        let high = if end > 256 { usize::from(self.byte()) } else { 0 };
        (high * 256 + low) % end
    }

    /// True in one of `of` cases, and not when the bytes have run out
    pub(crate) fn one_in(&mut self, of: u8) -> bool {
        self.byte() % of == of - 1
    }

    /// One of `options`, which must not be empty
    pub(crate) fn of<T: Copy>(&mut self, options: &[T]) -> T {
        options[self.below(options.len())]
    }

    pub(crate) fn u128(&mut self) -> u128 {
        (0..16).fold(0, |bits, _| bits << 8 | u128::from(self.byte()))
    }
}
