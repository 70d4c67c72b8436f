//! What the rules leave to be assigned, and a short form of it

use super::address::Span;
use super::ranges::gaps;

/// What a subnet's rules leave to be assigned: offsets of a span, but for one hole (the gateway)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Usable {
    /// `None` when the rules leave nothing
    pub(crate) span: Option<Span>,
    /// Lies inside the span
    pub(crate) hole: Option<u128>,
}

impl Usable {
    /// The parts of `span` that are usable, in order
    pub(crate) fn parts(self, span: Span) -> impl Iterator<Item = Span> {
        let inside = self.span.and_then(|usable| usable.overlap(span));
        let parts = match (inside, self.hole) {
            (Some(inside), Some(hole)) if inside.contains(hole) => inside.around(Span::one(hole)),
            (inside, _) => [inside, None],
        };
        parts.into_iter().flatten()
    }

    /// The parts of `span` that are not usable, in order
    pub(crate) fn barred(self, span: Span) -> impl Iterator<Item = Span> {
        gaps(span, self.parts(span))
    }

    /// The run of offsets around `offset` that are not usable, if that is not
    pub(super) fn barred_at(self, offset: u128) -> Option<Span> {
        let Some(usable) = self.span else { return Some(Span { first: 0, last: u128::MAX }) };
        if self.hole == Some(offset) {
            return Some(Span::one(offset));
        }
        let around = Span { first: 0, last: u128::MAX }.around(usable);
        around.into_iter().flatten().find(|part| part.contains(offset))
    }

    /// Usable offsets within `span`, modulo 2^128
    pub(crate) fn count_modulo(self, span: Span) -> u128 {
        self.parts(span).fold(0, |sum, part| sum.wrapping_add(part.count_modulo()))
    }
}

/// A [`Usable`] of a known space in 8 bytes: what the rules keep at both ends, and the hole
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Packed {
    head: u16,
    tail: u16,
    /// The hole plus 1, or 0
    hole: u32,
}

impl Packed {
    const NOTHING: Self = Self { head: u16::MAX, tail: 0, hole: 0 };
    /// What does not fit, and is kept elsewhere
    pub(super) const ELSEWHERE: Self = Self { head: u16::MAX, tail: u16::MAX, hole: 0 };

    /// The short form in a space up to `last`
    pub(super) fn new(usable: Usable, last: u128) -> Self {
        let Some(span) = usable.span else { return Self::NOTHING };
        let packed = || {
            let tail = u16::try_from(last.checked_sub(span.last)?).ok()?;
            let hole = usable.hole.map_or(Some(0), |hole| hole.checked_add(1))?;
            let hole = u32::try_from(hole).ok()?;
            Some(Self { head: u16::try_from(span.first).ok()?, tail, hole })
        };
        packed().filter(|packed| packed.usable(last) == Some(usable)).unwrap_or(Self::ELSEWHERE)
    }

    /// What is usable in a space up to `last`, unless that is kept elsewhere
    pub(super) fn usable(self, last: u128) -> Option<Usable> {
        if self.head < u16::MAX {
            let last = last.saturating_sub(u128::from(self.tail));
            let hole = self.hole.checked_sub(1).map(u128::from);
            return Some(Usable { span: Span::new(u128::from(self.head), last), hole });
        }
        (self == Self::NOTHING).then_some(Usable { span: None, hole: None })
    }
}
