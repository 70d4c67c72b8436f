//! Questions about what is free beyond the lowest: aligned blocks, ranks, runs
//!
//! Each is answered from the window, through its index if that is declared, and from the free runs above
//! it, each of which costs a look: O(r log r) in the far-apart runs.

use super::Space;
use super::address::Span;
use super::index::Index;
use super::index::aggregate::{Aggregate, Blocks, Count, Longest, longest_run, maximal_blocks};
use super::index::tree::{Nodes, Tree, WORD, children};

/// 2^`order` offsets, the first of which is a multiple of that
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AlignedBlock {
    pub(crate) first: u128,
    pub(crate) order: u32,
}

impl Space {
    /// Where a free aligned block of 2^`order` offsets fits best: at the bottom of the lowest of the
    /// smallest blocks that have room
    pub(crate) fn free_block(&self, order: u32) -> Option<u128> {
        let (window, far) = self.blocks();
        let mut best = window.and_then(|(window, blocks)| {
            let order = blocks.smallest(order)?;
            Some(AlignedBlock { first: lowest_block(&window, order), order })
        });
        for block in far.flat_map(aligned_blocks) {
            if best.is_some_and(|best| best.order == order) {
                break;
            }
            if block.order >= order && best.is_none_or(|best| block.order < best.order) {
                best = Some(block);
            }
        }
        best.map(|best| best.first)
    }

    /// The largest free aligned block, the lowest of several
    pub(crate) fn largest_free_block(&self) -> Option<AlignedBlock> {
        let (window, far) = self.blocks();
        let near = window.and_then(|(window, blocks)| {
            let order = blocks.largest()?;
            Some(AlignedBlock { first: lowest_block(&window, order), order })
        });
        far.flat_map(aligned_blocks).fold(near, |largest, block| match largest {
            Some(largest) if largest.order >= block.order => Some(largest),
            _ => Some(block),
        })
    }

    /// The free offset that has `n` free ones below it
    pub(crate) fn nth_free(&self, n: u128) -> Option<u128> {
        let window = self.nodes(|index| Some(&index.ranks.as_ref()?.count));
        let near = window.root().0.into();
        if n < near {
            return Some(nth_near(&window, u32::try_from(n).ok()?));
        }
        let mut rest = n.saturating_sub(near);
        for run in self.far_runs() {
            let beyond = run.last.saturating_sub(run.first);
            if rest <= beyond {
                return run.first.checked_add(rest);
            }
            rest = rest.saturating_sub(beyond).saturating_sub(1);
        }
        None
    }

    /// Free offsets within `span`; 2^128 saturates
    pub(crate) fn free_within(&self, span: Span) -> u128 {
        if span == self.whole() {
            return self.free();
        }
        let (near, apart) = self.split(span);
        let window = self.nodes(|index| Some(&index.ranks.as_ref()?.count));
        let near = near.map_or(0, |ends| count_within(&window, (window.order(), 0), ends));
        let apart = apart.into_iter().flat_map(|apart| self.free_runs(apart));
        let apart = apart.fold(0u128, |sum, run| sum.saturating_add(run.count()));
        near.saturating_add(apart)
    }

    /// The longest free run, the lowest of several
    pub(crate) fn longest_free_run(&self) -> Option<Span> {
        let window = self.nodes(|index| Some(&index.ranks.as_ref()?.longest));
        let room = self.near.room() as u128;
        let root = window.root();
        let mut longest = (root.longest > 0).then(|| lowest_run(&window, root.longest));
        for run in self.far_runs() {
            // What is free at the end of the window runs on into what is free above it.
            let below = if run.first == room { root.suffix } else { 0 };
            let run = Span { first: run.first.saturating_sub(below.into()), last: run.last };
            let length = |run: Span| run.last.saturating_sub(run.first);
            if longest.is_none_or(|longest| length(longest) < length(run)) {
                longest = Some(run);
            }
        }
        longest
    }

    pub(super) fn nodes<'a, A: Aggregate>(
        &'a self,
        tree: impl FnOnce(&'a Index) -> Option<&'a Tree<A>>,
    ) -> Nodes<'a, A> {
        Nodes::new(self.near.words(), self.index().and_then(tree))
    }

    /// The free runs above the window
    fn far_runs(&self) -> impl Iterator<Item = Span> + '_ {
        let far = Span::new(self.near.room() as u128, self.last);
        far.into_iter().flat_map(|far| self.free_runs(far))
    }

    /// Where the maximal free blocks are: in the window, and in the runs above it
    ///
    /// A block that has offsets of both has all of the window, which then is no place of its own.
    fn blocks(&self) -> (Option<(Nodes<'_, Blocks>, Blocks)>, impl Iterator<Item = Span> + '_) {
        let window = self.nodes(|index| index.blocks.as_ref());
        let room = self.near.room() as u128;
        let root = window.root();
        let whole = root.is_whole(window.order());
        let merges = whole && self.far_runs().next().is_some_and(|run| run.first == room);
        let far = self.far_runs().map(move |run| match run.first == room && merges {
            true => Span { first: 0, ..run },
            false => run,
        });
        ((!merges).then_some((window, root)), far)
    }
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

/// The lowest maximal block of an order, of which the window has one
fn lowest_block(window: &Nodes<'_, Blocks>, order: u32) -> u128 {
    let (at, index) = descend(window, order, |low| low.has(order));
    if at > WORD {
        return (index as u128).wrapping_shl(at);
    }
    let blocks = maximal_blocks(window.word(index)).into_iter().zip(0u32..);
    let starts = blocks.filter(|&(_, of)| of == order).fold(0, |all, (starts, _)| all | starts);
    offset_in(index, starts)
}

/// The offset of the window that has `n` free ones of it below it, of which there are more
fn nth_near(window: &Nodes<'_, Count>, n: u32) -> u128 {
    let mut rest = n;
    let (_, index) = descend(window, WORD, |low| match rest.checked_sub(low.0) {
        Some(beyond) => {
            rest = beyond;
            false
        }
        None => true,
    });
    let mut free = window.word(index);
    for _ in 0..rest {
        free &= free.wrapping_sub(1);
    }
    offset_in(index, free)
}

/// The lowest free run of so many offsets, which is the longest in the window
fn lowest_run(window: &Nodes<'_, Longest>, length: u32) -> Span {
    let span = |first: u128| {
        let more = u128::from(length.saturating_sub(1));
        Span { first, last: first.saturating_add(more) }
    };
    let (mut order, mut index) = (window.order(), 0);
    while order > WORD {
        order = order.saturating_sub(1);
        let [below, above] = children(index);
        let low = window.node(order, below);
        if low.longest == length {
            index = below;
            continue;
        }
        if low.suffix.saturating_add(window.node(order, above).prefix) == length {
            let middle = (above as u128).wrapping_shl(order);
            return span(middle.saturating_sub(low.suffix.into()));
        }
        index = above;
    }
    // The longest run of a wholly free word is its 64 offsets: nothing shorter is looked for.
    let (_, [starts]) = longest_run([window.word(index)]);
    span(offset_in(index, starts))
}

/// Adds up the free offsets of a node from `first` to `last`
fn count_within(
    window: &Nodes<'_, Count>,
    (order, index): (u32, usize),
    (first, last): (usize, usize),
) -> u128 {
    let start = index.wrapping_shl(order);
    let end = start | usize::MAX.checked_shl(order).map_or(usize::MAX, |above| !above);
    if last < start || end < first {
        0
    } else if first <= start && end <= last {
        window.node(order, index).0.into()
    } else if order == WORD {
        let (first, last) = (first.max(start) & 63, last.min(end) & 63);
        let within = (u64::MAX << first) & (u64::MAX >> (!last & 63));
        (window.word(index) & within).count_ones().into()
    } else {
        let below = order.saturating_sub(1);
        let counts =
            children(index).map(|child| count_within(window, (below, child), (first, last)));
        counts.into_iter().fold(0, u128::saturating_add)
    }
}

/// The node of `order`, or of a word, reached from the top by a choice for each pair of children
fn descend<A: Aggregate>(
    window: &Nodes<'_, A>,
    order: u32,
    mut is_low: impl FnMut(A) -> bool,
) -> (u32, usize) {
    let (mut at, mut index) = (window.order(), 0);
    while at > order.max(WORD) {
        at = at.saturating_sub(1);
        let [low, high] = children(index);
        index = if is_low(window.node(at, low)) { low } else { high };
    }
    (at, index)
}

/// The offset of the lowest bit set in a word
fn offset_in(word: usize, bits: u64) -> u128 {
    ((word << WORD) | (bits.trailing_zeros() & 63) as usize) as u128
}
