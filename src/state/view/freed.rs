//! What a batch has released in a block whose order of release is kept

use alloc::vec::Vec;

use crate::space::address::Span;
use crate::space::runs::Runs;
use crate::state::owners::Unit;

/// Offsets released since, in order, that nobody has
#[derive(Debug, Default)]
pub(crate) struct Freed {
    /// Which of `order` an offset was released with last
    numbers: Runs<u64>,
    /// What counts as never released, whatever the tables say: given back as prefixes, and not taken alone since
    forgotten: Runs<()>,
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

    /// Notes what was released: a prefix counts as never taken
    pub(super) fn release_unit(&mut self, unit: Unit) {
        if unit.is_prefix {
            self.numbers.remove(unit.span);
            self.forgotten.insert(unit.span, ());
        } else {
            self.release(unit.span);
        }
    }

    pub(super) fn release(&mut self, span: Span) {
        self.forgotten.remove(span);
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

    /// The first run from an offset on that counts as never released
    pub(crate) fn next_forgotten(&self, offset: u128) -> Option<Span> {
        self.forgotten.next(offset).map(|(run, ())| run)
    }

    /// Whether an offset was released since, alone or of a prefix
    pub(crate) fn was_released(&self, offset: u128) -> bool {
        self.numbers.contains(offset) || self.forgotten.contains(offset)
    }

    /// The last of the offsets released since, from `offset` on, if that one was
    pub(crate) fn released_from(&self, offset: u128) -> Option<u128> {
        self.numbers.get(offset).map(|(run, _)| run.last)
    }
}
