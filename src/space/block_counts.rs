//! How many maximal free blocks of each order there are

use super::Space;
use super::address::Span;
use super::aligned::halves;
use super::free_runs::FreeRuns;
use super::index::aggregate::{Blocks, maximal_blocks};
use super::index::nodes::Nodes;
use super::index::tree::{WORD_ORDER, children};

/// Maximal free aligned blocks, by order
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BlockCounts([u128; 129]);

impl BlockCounts {
    const NONE: Self = Self([0; 129]);

    /// The orders of which there is a block, and how many, the largest first
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, u128)> + '_ {
        let by_order = (0u32..).zip(self.0).collect::<alloc::vec::Vec<_>>();
        by_order.into_iter().rev().filter(|&(_, count)| count > 0)
    }

    fn add(&mut self, order: u32, count: u128) {
        if let Some(of) = self.0.get_mut(order as usize) {
            *of = of.saturating_add(count);
        }
    }

    fn add_run(&mut self, run: Span) {
        let Some(halves) = halves(run) else { return self.add(u128::BITS, 1) };
        for half in halves {
            let mut rest = half.sizes;
            while rest != 0 {
                self.add(rest.trailing_zeros(), 1);
                rest &= rest.wrapping_sub(1);
            }
        }
    }
}

impl Space {
    /// How many maximal free aligned blocks there are
    ///
    /// Costs a look at each word of the window, of which an index spares what is wholly free or not at all,
    /// and at each free run above it.
    pub(crate) fn block_counts(&self) -> BlockCounts {
        let mut counts = BlockCounts::NONE;
        let places = self.places();
        if let Some((window, _)) = places.window {
            let order = window.order();
            if count_near(&window, order, 0, &mut counts) {
                counts.add(order, 1);
            }
        }
        let far = places.far.into_iter().flat_map(|far| self.free_runs(far));
        places.across.into_iter().chain(far).for_each(|run| counts.add_run(run));
        counts
    }
}

impl FreeRuns {
    /// How many maximal free aligned blocks there are: costs a look at each run
    pub(crate) fn block_counts(&self) -> BlockCounts {
        let mut counts = BlockCounts::NONE;
        self.iter().for_each(|run| counts.add_run(run));
        counts
    }
}

/// Counts the maximal blocks of a node, unless all of it is one: whether that is so
fn count_near(
    window: &Nodes<'_, Blocks>,
    order: u32,
    index: usize,
    counts: &mut BlockCounts,
) -> bool {
    if order <= WORD_ORDER {
        let word = window.word(index);
        if word != u64::MAX {
            let blocks = (0u32..).zip(maximal_blocks(word));
            blocks.for_each(|(order, starts)| counts.add(order, starts.count_ones().into()));
        }
        return word == u64::MAX;
    }
    match window.stored(order, index) {
        Some(blocks) if blocks.is_whole(order) => return true,
        Some(Blocks(0)) => return false,
        _ => {}
    }
    let below = order.saturating_sub(1);
    let whole = children(index).map(|child| count_near(window, below, child, counts));
    match whole {
        [true, true] => return true,
        [false, false] => {}
        _ => counts.add(below, 1),
    }
    false
}
