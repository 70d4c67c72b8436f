//! What a batch has released in a block whose order of release is kept

use alloc::vec::Vec;

use crate::space::address::Span;
use crate::space::runs::Runs;

/// Offsets released since, in order, that nobody has
#[derive(Debug, Default)]
pub(crate) struct Freed {
    /// Which of `order` an offset was released with last
    numbers: Runs<u64>,
    order: Vec<Span>,
    /// Of `order`, those before it are all taken again
    first: usize,
    /// Whether the order began anew: what the block's tables say of it is no longer so
    pub(super) anew: bool,
    /// Of those that the tables list, the last before which none is as it was
    pub(super) past: Option<u128>,
}

impl Freed {
    /// An order that begins anew
    pub(super) fn anew() -> Self {
        Self { anew: true, ..Self::default() }
    }

    pub(super) fn release(&mut self, span: Span) {
        self.numbers.insert(span, self.order.len() as u64);
        self.order.push(span);
    }

    pub(super) fn take(&mut self, span: Span) {
        self.numbers.remove(span);
        while let Some(&next) = self.order.get(self.first) {
            if self.parts(self.first, next).next().is_some() {
                break;
            }
            self.first = self.first.saturating_add(1);
        }
    }

    /// What of a span that was released is where it was then put
    fn parts(&self, index: usize, span: Span) -> impl Iterator<Item = Span> + '_ {
        let number = index as u64;
        let within = self.numbers.within(span);
        within.filter(move |&(_, of)| of == number).map(|(part, _)| part)
    }

    /// What was released since, the one first released at first
    pub(crate) fn iter(&self) -> impl Iterator<Item = Span> + '_ {
        let all = self.order.iter().enumerate().skip(self.first);
        all.flat_map(|(index, &span)| self.parts(index, span))
    }

    /// The last of the offsets released since, from `offset` on, if that one was
    pub(crate) fn released_from(&self, offset: u128) -> Option<u128> {
        self.numbers.get(offset).map(|(run, _)| run.last)
    }
}
