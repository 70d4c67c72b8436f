//! Aligned blocks as numbers: those that a free run is made of, and which orders there are

use super::address::Span;

/// 2^`order` offsets, the first of which is a multiple of that
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AlignedBlock {
    pub(crate) first: u128,
    pub(crate) order: u32,
}

/// The orders of which there is a *maximal* free aligned block: one that lies in no larger free one
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Orders {
    /// Bit k stands for order k
    below: u128,
    /// Order 128, which is all of ::/0
    whole: bool,
}

impl Orders {
    /// Of no block
    pub(crate) const NONE: Self = Self { below: 0, whole: false };

    /// Of the maximal blocks of a free run, each order twice at most
    pub(crate) fn of_run(run: Span) -> Self {
        match halves(run) {
            Some([up, down]) => Self { below: up.sizes | down.sizes, whole: false },
            None => Self { below: 0, whole: true },
        }
    }

    /// Of those of which the bit is set
    pub(super) fn of_bits(below: impl Into<u128>) -> Self {
        Self { below: below.into(), whole: false }
    }

    /// The orders of both
    pub(crate) const fn and(self, other: Self) -> Self {
        Self { below: self.below | other.below, whole: self.whole || other.whole }
    }

    /// Whether there is a maximal block of `order`
    pub(crate) fn has(self, order: u32) -> bool {
        match 1u128.checked_shl(order) {
            Some(bit) => self.below & bit != 0,
            None => self.whole && order == u128::BITS,
        }
    }

    /// The smallest order, from `order` up, of which there is a block
    pub(crate) fn smallest(self, order: u32) -> Option<u32> {
        let fit = u128::MAX.checked_shl(order).map_or(0, |from| self.below & from);
        match fit {
            0 => (self.whole && order <= u128::BITS).then_some(u128::BITS),
            fit => Some(fit.trailing_zeros()),
        }
    }

    /// The largest order of which there is a block
    pub(crate) fn largest(self) -> Option<u32> {
        if self.whole { Some(u128::BITS) } else { self.below.checked_ilog2() }
    }
}

impl AlignedBlock {
    /// Its offsets
    pub(crate) const fn span(self) -> Span {
        let more = match 1u128.checked_shl(self.order) {
            Some(size) => size.wrapping_sub(1),
            None => u128::MAX,
        };
        Span { first: self.first, last: self.first.saturating_add(more) }
    }
}

/// The maximal blocks of one side of a run: none larger follows up to its middle, none smaller after it
pub(super) struct Half {
    start: u128,
    /// Bit k stands for a block of order k; so all of them together are the offsets of this side
    pub(super) sizes: u128,
}

/// The two sides of a run that is not all of ::/0; the middle is its multiple of the highest power of two
pub(super) fn halves(run: Span) -> Option<[Half; 2]> {
    let (first, end) = (run.first, run.last.wrapping_add(1));
    if end == 0 {
        let up = Half { start: first, sizes: first.wrapping_neg() };
        return (first != 0).then_some([up, Half { start: 0, sizes: 0 }]);
    }
    let below = u128::MAX.wrapping_shr((first ^ end).leading_zeros()) >> 1;
    let middle = end & !below;
    let up = Half { start: first, sizes: middle.wrapping_sub(first) };
    Some([up, Half { start: middle, sizes: end.wrapping_sub(middle) }])
}

/// The lowest maximal block of exactly an order in a free run that starts at `from` or above
pub(super) fn block_in(run: Span, order: u32, from: u128) -> Option<u128> {
    let Some([up, down]) = halves(run) else {
        return (order == u128::BITS && from == 0).then_some(0);
    };
    let bit = 1u128.checked_shl(order)?;
    let smaller = bit.wrapping_sub(1);
    // Up to the middle the smaller blocks come first, and the larger ones after it.
    let up = (up.sizes & bit != 0).then(|| up.start.wrapping_add(up.sizes & smaller));
    let above = down.sizes & !(smaller | bit);
    let down = (down.sizes & bit != 0).then(|| down.start.wrapping_add(above));
    [up, down].into_iter().flatten().find(|&first| first >= from)
}

/// The maximal aligned blocks of a free run, ascending
pub(crate) fn aligned_blocks(run: Span) -> impl Iterator<Item = AlignedBlock> {
    let mut at = Some(run.first);
    core::iter::from_fn(move || {
        let first = at.filter(|&first| first <= run.last)?;
        // 0 is a multiple of every size, and 2^128 offsets are too many to count.
        let room = run.last.saturating_sub(first).checked_add(1);
        let order = first.trailing_zeros().min(room.map_or(u128::BITS, u128::ilog2));
        at = 1u128.checked_shl(order).and_then(|size| first.checked_add(size));
        Some(AlignedBlock { first, order })
    })
}
