//! Runs of offsets and prefixes, as lists of assignments, rests and orders of release have them

use crate::bytes::{Read, Reader, follow};
use crate::error::Flaw;
use crate::id::Revision;
use crate::space::address::Span;
use crate::state::owners::Unit;

/// Twice how many addresses come after the first of a run; or the host bits of a prefix, and 1 more
pub(super) fn head_of(unit: Unit) -> u128 {
    let more = unit.span.last.saturating_sub(unit.span.first);
    match unit.is_prefix {
        true => (u128::from(more.count_ones()) << 1) | 1,
        false => more << 1,
    }
}

/// Runs of offsets that ascend one by one and have the same revision; a prefix is one by itself
pub(super) fn runs(
    units: impl Iterator<Item = (Unit, Revision)>,
) -> impl Iterator<Item = (Unit, Revision)> {
    let mut units = units;
    let mut next = units.next();
    core::iter::from_fn(move || {
        let (unit, made) = next?;
        let Span { first, mut last } = unit.span;
        loop {
            next = units.next();
            match next {
                Some((one, by))
                    if !unit.is_prefix
                        && !one.is_prefix
                        && last.checked_add(1) == Some(one.span.first)
                        && by == made =>
                {
                    last = one.span.last;
                }
                _ => return Some((Unit { span: Span { first, last }, ..unit }, made)),
            }
        }
    })
}

/// Where reading the runs of a list stands
#[derive(Default)]
pub(super) struct RunReader {
    /// The revision that made the run at hand
    pub(super) made: Revision,
    /// The offset after the run before
    at: u128,
    /// The last offset of the run before, if that has the same revision
    pub(super) before: Option<u128>,
}

impl RunReader {
    /// The next run or prefix, by its head; of no more than `room` slots
    pub(super) fn next(&mut self, from: &mut Reader<'_>, head: u128, room: u32) -> Read<Unit> {
        let (value, is_prefix) = (head >> 1, head & 1 == 1);
        let more = if is_prefix {
            // None has all of ::/0, which is more than can be counted.
            let size = u32::try_from(value).ok().and_then(|bits| 1u128.checked_shl(bits));
            size.ok_or_else(|| from.flaw(Flaw::TooLarge))?.saturating_sub(1)
        } else {
            from.demand(value < room.into(), Flaw::TooLarge)?;
            value
        };
        let first = follow(self.at, from.wide()?);
        let span = first.checked_add(more).and_then(|last| Span::new(first, last));
        let span = span.ok_or_else(|| from.flaw(Flaw::Outside))?;
        let touches = self.before.and_then(|last| last.checked_add(1)) == Some(first);
        from.demand(is_prefix || !touches, Flaw::Apart)?;
        self.at = span.last.wrapping_add(1);
        self.before = Some(span.last).filter(|_| !is_prefix);
        Ok(Unit { span, is_prefix })
    }
}
