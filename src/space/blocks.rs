//! Free aligned blocks: which orders there are, where the next of one is, where one fits best
//!
//! Each is answered from the window and from the free runs above it, through its index if that is declared;
//! else each word of the window and each of those runs costs a look or two.

use super::Space;
use super::address::Span;
use super::index::Index;
use super::index::aggregate::{Blocks, maximal_blocks};
use super::index::tree::{Nodes, WORD_ORDER, children};

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

    fn of_window(blocks: Blocks) -> Self {
        Self { below: blocks.0.into(), whole: false }
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

impl Space {
    /// Where a free aligned block of 2^`order` offsets fits best: at the bottom of the lowest of the
    /// smallest blocks that have room
    pub(crate) fn free_block(&self, order: u32) -> Option<u128> {
        let places = self.places();
        let order = self.orders_of(&places).smallest(order)?;
        self.next_of(&places, order, 0)
    }

    /// The largest free aligned block, the lowest of several
    pub(crate) fn largest_free_block(&self) -> Option<AlignedBlock> {
        let places = self.places();
        let order = self.orders_of(&places).largest()?;
        self.next_of(&places, order, 0).map(|first| AlignedBlock { first, order })
    }

    fn orders_of(&self, places: &Places<'_>) -> Orders {
        let near = places.window.map_or(Orders::default(), |(_, root)| Orders::of_window(root));
        let across = places.across.map_or(Orders::default(), Orders::of_run);
        near.and(across).and(self.far_orders(places.far))
    }

    fn next_of(&self, places: &Places<'_>, order: u32, from: u128) -> Option<u128> {
        let near = places.window.filter(|(_, root)| Orders::of_window(*root).has(order));
        let near =
            near.and_then(|(window, _)| next_near(&window, (window.order(), 0), order, from));
        let across = || block_in(places.across?, order, from);
        near.or_else(across).or_else(|| self.next_far(places.far, order, from))
    }

    fn far_orders(&self, far: Option<Span>) -> Orders {
        let Some(first) = far.map(|far| far.first) else { return Orders::default() };
        if let Some(index) = self.blocks_index() {
            let all = first == self.near.room() as u128;
            return if all { index.far.orders() } else { index.far.orders_from(first) };
        }
        let runs = far.into_iter().flat_map(|far| self.free_runs(far));
        runs.map(Orders::of_run).fold(Orders::default(), Orders::and)
    }

    fn next_far(&self, far: Option<Span>, order: u32, from: u128) -> Option<u128> {
        if let Some(index) = self.blocks_index() {
            return index.far.next_block(order, from.max(far?.first));
        }
        let mut runs = far.into_iter().flat_map(|far| self.free_runs(far));
        runs.find_map(|run| block_in(run, order, from))
    }

    fn blocks_index(&self) -> Option<&Index> {
        self.index().filter(|index| index.blocks.is_some())
    }

    pub(super) fn places(&self) -> Places<'_> {
        let window = self.nodes(|index| index.blocks.as_ref());
        let (room, root) = (self.near.room() as u128, window.root());
        let whole = root.is_whole(window.order());
        let above = if whole { self.next_free(room).filter(|&first| first == room) } else { None };
        let across =
            above.map(|first| Span { first: 0, last: self.free_run_last(first, self.last) });
        let far = match across {
            Some(run) => run.last.checked_add(1),
            None => Some(room),
        };
        Places {
            window: across.is_none().then_some((window, root)),
            across,
            far: far.and_then(|first| Span::new(first, self.last)),
        }
    }
}

/// Where the maximal free blocks of a space are
pub(super) struct Places<'a> {
    /// In the window, unless all of it is free and so is the offset above
    pub(super) window: Option<(Nodes<'a, Blocks>, Blocks)>,
    /// In the run that has all of the window, and more
    pub(super) across: Option<Span>,
    /// In the free runs above all that
    pub(super) far: Option<Span>,
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

/// The lowest maximal block of exactly an order, in a node of the window, that starts at `from` or above
fn next_near(
    window: &Nodes<'_, Blocks>,
    (at, index): (u32, usize),
    order: u32,
    from: u128,
) -> Option<u128> {
    let start = (index as u128).wrapping_shl(at);
    if at == order {
        return (start >= from).then_some(start);
    }
    if at <= WORD_ORDER {
        let blocks = maximal_blocks(window.word(index)).into_iter().zip(0u32..);
        let starts = blocks.filter(|&(_, of)| of == order).fold(0, |all, (starts, _)| all | starts);
        let above = u32::try_from(from.saturating_sub(start)).ok()?;
        let starts = starts & u64::MAX.checked_shl(above)?;
        return (starts != 0).then(|| start.saturating_add(starts.trailing_zeros().into()));
    }
    let below = at.saturating_sub(1);
    // Of two halves one alone can be cut by `from`, so all this is one path down, and one beside it.
    children(index).into_iter().find_map(|child| {
        let last = (child as u128).saturating_add(1).wrapping_shl(below).saturating_sub(1);
        let worth = last >= from && window.node(below, child).has(order);
        if worth { next_near(window, (below, child), order, from) } else { None }
    })
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

#[cfg(test)]
impl Space {
    /// The orders of which there is a maximal free aligned block
    pub(super) fn block_orders(&self) -> Orders {
        self.orders_of(&self.places())
    }

    /// The lowest maximal free aligned block of exactly 2^`order` offsets that starts at `from` or above
    pub(super) fn next_block(&self, order: u32, from: u128) -> Option<u128> {
        self.next_of(&self.places(), order, from)
    }
}
