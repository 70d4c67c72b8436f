//! Free aligned blocks: which orders there are, where the next of one is, where one fits best
//!
//! Each is answered from the window and from the free runs above it, through its index if that is declared;
//! else each word of the window and each of those runs costs a look or two.

use super::Space;
use super::address::Span;
use super::aligned::{AlignedBlock, Orders, block_in};
use super::index::Index;
use super::index::aggregate::{Blocks, maximal_blocks};
use super::index::nodes::Nodes;
use super::index::tree::{WORD_ORDER, children};

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
        let near = places.window.map_or(Orders::default(), |(_, root)| Orders::of_bits(root.0));
        let across = places.across.map_or(Orders::default(), Orders::of_run);
        near.and(across).and(self.far_orders(places.far))
    }

    fn next_of(&self, places: &Places<'_>, order: u32, from: u128) -> Option<u128> {
        let near = places.window.filter(|(_, root)| Orders::of_bits(root.0).has(order));
        let near = near.and_then(|(window, _)| next_near(&window, window.order(), 0, order, from));
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

/// The lowest maximal block of exactly an order, in a node of the window, that starts at `from` or above
fn next_near(
    window: &Nodes<'_, Blocks>,
    at: u32,
    index: usize,
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
        if worth { next_near(window, below, child, order, from) } else { None }
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
