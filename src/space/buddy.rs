//! Free aligned blocks as some are split and others merge, over those of a space that itself stays as it is
//!
//! What a batch and a request take one after another is seen without a change to the space: it costs what
//! they take.

use alloc::collections::{BTreeMap, BTreeSet};

use super::Space;
use super::address::Span;
use super::blocks::{AlignedBlock, Orders, aligned_blocks};
use super::free_runs::FreeRuns;

/// The maximal free aligned blocks of something
pub(crate) trait Blocks {
    /// The orders of which there is one, and maybe others
    fn orders(&self) -> Orders;
    /// The lowest of exactly that order that begins at or above `from`
    fn next(&self, order: u32, from: u128) -> Option<u128>;
    /// The one that has `offset`
    fn at(&self, offset: u128) -> Option<AlignedBlock>;

    /// The lowest of the smallest that have room for 2^`order` offsets
    fn best(&self, order: u32) -> Option<AlignedBlock> {
        let orders = self.orders();
        let mut at = Some(order);
        loop {
            let order = orders.smallest(at?)?;
            if let Some(first) = self.next(order, 0) {
                return Some(AlignedBlock { first, order });
            }
            at = order.checked_add(1);
        }
    }

    /// Where that begins
    fn fits(&self, order: u32) -> Option<u128> {
        self.best(order).map(|best| best.first)
    }

    /// The lowest of the largest
    fn largest(&self) -> Option<AlignedBlock> {
        let orders = self.orders();
        (0..=orders.largest()?).rev().filter(|&order| orders.has(order)).find_map(|order| {
            let first = self.next(order, 0)?;
            Some(AlignedBlock { first, order })
        })
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

impl Blocks for Space {
    fn orders(&self) -> Orders {
        self.block_orders()
    }

    fn next(&self, order: u32, from: u128) -> Option<u128> {
        self.next_block(order, from)
    }

    fn fits(&self, order: u32) -> Option<u128> {
        self.free_block(order)
    }

    fn at(&self, offset: u128) -> Option<AlignedBlock> {
        let is_free = |span: Span| {
            self.next_free(span.first) == Some(span.first)
                && self.free_run_last(span.first, span.last) == span.last
        };
        if !is_free(Span::one(offset)) {
            return None;
        }
        let mut block = AlignedBlock { first: offset, order: 0 };
        while let Some(buddy) = buddy(block) {
            if buddy.span().last > self.whole().last || !is_free(buddy.span()) {
                break;
            }
            block = both(block, buddy);
        }
        Some(block)
    }
}

impl Blocks for FreeRuns {
    fn orders(&self) -> Orders {
        self.orders()
    }

    fn next(&self, order: u32, from: u128) -> Option<u128> {
        self.next_block(order, from)
    }

    fn fits(&self, order: u32) -> Option<u128> {
        self.free_block(order)
    }

    fn largest(&self) -> Option<AlignedBlock> {
        self.largest_block()
    }

    fn at(&self, offset: u128) -> Option<AlignedBlock> {
        let run = self.next(offset).filter(|run| run.contains(offset))?;
        aligned_blocks(run).find(|block| block.span().contains(offset))
    }
}

/// What of the blocks below is taken, or has become free
// INVARIANT: `made` and `starts` have the same blocks, none of which is one of those below that is not in
// `dead`. With the living ones below, they are the maximal free aligned blocks. Of those below of an
// order, all that begin below `past` are dead.
#[derive(Clone, Debug, Default)]
pub(crate) struct Buddies {
    made: BTreeSet<(u32, u128)>,
    /// Order by first
    starts: BTreeMap<u128, u32>,
    dead: BTreeSet<(u32, u128)>,
    past: BTreeMap<u32, u128>,
}

impl Buddies {
    /// Takes offsets, as far as they are free
    pub(crate) fn take(&mut self, below: &impl Blocks, span: Span) {
        let mut at = Some(span.first);
        while let Some(block) =
            at.filter(|&at| at <= span.last).and_then(|at| Over { below, above: self }.at(at))
        {
            self.remove(below, block);
            if let Some(common) = block.span().overlap(span) {
                let rest = block.span().around(common).into_iter().flatten();
                rest.flat_map(aligned_blocks).for_each(|rest| self.insert(rest));
            }
            at = block.span().last.checked_add(1);
        }
    }

    /// Frees offsets, none of which is free
    pub(crate) fn free(&mut self, below: &impl Blocks, span: Span) {
        for mut block in aligned_blocks(span) {
            while let Some(buddy) = buddy(block) {
                if (Over { below, above: self }).at(buddy.first) != Some(buddy) {
                    break;
                }
                self.remove(below, buddy);
                block = both(block, buddy);
            }
            self.insert(block);
        }
    }

    fn insert(&mut self, AlignedBlock { first, order }: AlignedBlock) {
        self.made.insert((order, first));
        self.starts.insert(first, order);
    }

    fn remove(&mut self, below: &impl Blocks, AlignedBlock { first, order }: AlignedBlock) {
        if self.made.remove(&(order, first)) {
            self.starts.remove(&first);
            return;
        }
        self.dead.insert((order, first));
        let past = self.past.entry(order).or_default();
        while let Some(first) = below.next(order, *past) {
            if !self.dead.contains(&(order, first)) {
                break;
            }
            let Some(next) = (AlignedBlock { first, order }).span().last.checked_add(1) else {
                break;
            };
            *past = next;
        }
    }

    fn is_dead(&self, block: AlignedBlock) -> bool {
        self.dead.contains(&(block.order, block.first))
    }

    /// The lowest living one below of an order that begins at or above `from`
    fn living(&self, below: &impl Blocks, order: u32, from: u128) -> Option<u128> {
        let mut at = from.max(self.past.get(&order).copied().unwrap_or_default());
        loop {
            let block = AlignedBlock { first: below.next(order, at)?, order };
            if !self.is_dead(block) {
                return Some(block.first);
            }
            at = block.span().last.checked_add(1)?;
        }
    }
}

/// Blocks under what was taken of them, or has become free
#[derive(Clone, Copy, Debug)]
pub(crate) struct Over<'a, B> {
    pub(crate) below: &'a B,
    pub(crate) above: &'a Buddies,
}

impl<B: Blocks> Blocks for Over<'_, B> {
    fn orders(&self) -> Orders {
        let made = self.above.made.iter().map(|&(order, _)| Orders::one(order));
        made.fold(self.below.orders(), Orders::and)
    }

    fn next(&self, order: u32, from: u128) -> Option<u128> {
        let made = self.above.made.range((order, from)..=(order, u128::MAX)).next();
        let kept = self.above.living(self.below, order, from);
        made.map(|&(_, first)| first).into_iter().chain(kept).min()
    }

    fn at(&self, offset: u128) -> Option<AlignedBlock> {
        let made = self.above.starts.range(..=offset).next_back();
        let made = made.map(|(&first, &order)| AlignedBlock { first, order });
        made.filter(|block| block.span().contains(offset))
            .or_else(|| self.below.at(offset).filter(|&block| !self.above.is_dead(block)))
    }

    fn fits(&self, order: u32) -> Option<u128> {
        if self.above.made.is_empty() && self.above.dead.is_empty() {
            return self.below.fits(order);
        }
        self.best(order).map(|best| best.first)
    }

    fn best(&self, order: u32) -> Option<AlignedBlock> {
        let made = self.above.made.range((order, 0)..).next();
        let made = made.map(|&(order, first)| AlignedBlock { first, order });
        let below = self.below.orders();
        let mut at = Some(order);
        loop {
            let kept = at.and_then(|at| below.smallest(at));
            // What was made is better than what is larger below.
            let Some(order) = kept.filter(|&order| made.is_none_or(|made| order <= made.order))
            else {
                return made;
            };
            if let Some(first) = self.above.living(self.below, order, 0) {
                let made = made.filter(|made| (made.order, made.first) < (order, first));
                return made.or(Some(AlignedBlock { first, order }));
            }
            at = order.checked_add(1);
        }
    }
}

/// The other half of the block of twice the size
const fn buddy(AlignedBlock { first, order }: AlignedBlock) -> Option<AlignedBlock> {
    match 1u128.checked_shl(order) {
        Some(size) => Some(AlignedBlock { first: first ^ size, order }),
        None => None,
    }
}

/// Two halves as one
fn both(low: AlignedBlock, high: AlignedBlock) -> AlignedBlock {
    AlignedBlock { first: low.first.min(high.first), order: low.order.saturating_add(1) }
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "tests")]
mod tests {
    use super::*;
    use crate::space::Usable;
    use alloc::vec::Vec;
    use proptest::prelude::*;

    const LAST: u128 = 511;

    /// The maximal aligned blocks of what is free, from a look at every one that there could be
    fn naive(free: &BTreeSet<u128>) -> Vec<(u32, u128)> {
        let is_free =
            |order: u32, first: u128| (first..first + (1 << order)).all(|at| free.contains(&at));
        let mut found = Vec::new();
        for order in 0..=9u32 {
            for first in (0..=LAST).step_by(1 << order) {
                let larger = order < 9 && is_free(order + 1, first & !((2 << order) - 1));
                if is_free(order, first) && !larger {
                    found.push((order, first));
                }
            }
        }
        found
    }

    fn agree(over: &impl Blocks, free: &BTreeSet<u128>) {
        let blocks = naive(free);
        let block = |&(order, first): &(u32, u128)| AlignedBlock { first, order };
        for order in 0..=10 {
            let best = blocks.iter().find(|of| of.0 >= order);
            assert_eq!(over.best(order), best.map(block));
            for from in [0, 17, 64, 255] {
                let next = blocks.iter().find(|of| of.0 == order && of.1 >= from);
                assert_eq!(over.next(order, from), next.map(|of| of.1), "{order} {from}");
            }
        }
        for at in [0, 5, 63, 64, 200, 511] {
            let around = blocks.iter().map(block).find(|of| of.span().contains(at));
            assert_eq!(over.at(at), around);
        }
        let largest = blocks.iter().max_by_key(|of| (of.0, core::cmp::Reverse(of.1)));
        assert_eq!(over.largest(), largest.map(block));
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

        #[test]
        fn blocks_split_and_merge_as_a_naive_look_says(
            taken in prop::collection::vec((0u128..512, 0u128..40), 0..8),
            steps in prop::collection::vec((0u8..3, 0u128..512, 0u128..70), 1..14),
        ) {
            let whole = Span { first: 0, last: LAST };
            let mut space = Space::new(LAST, Usable { span: Some(whole), hole: Some(1) });
            let mut free: BTreeSet<u128> = (0..=LAST).filter(|&at| at != 1).collect();
            for (first, more) in taken {
                for at in first..=(first + more).min(LAST) {
                    if free.remove(&at) {
                        space.take(Span::one(at));
                    }
                }
            }
            let (mut batch, mut request) = (Buddies::default(), Buddies::default());
            for (kind, first, more) in steps {
                let span = Span { first, last: (first + more).min(LAST) };
                let runs: Vec<Span> = (span.first..=span.last).map(Span::one).collect();
                for one in runs {
                    let is_free = free.contains(&one.first);
                    let below = Over { below: &space, above: &batch };
                    match kind {
                        0 if is_free => request.take(&below, one),
                        1 if !is_free && one.first != 1 => request.free(&below, one),
                        _ => continue,
                    }
                    if is_free { free.remove(&one.first) } else { free.insert(one.first) };
                }
                if kind == 2 {
                    // What the request has done is the batch's, and is done again there.
                    let mut again = Buddies::default();
                    for at in (0..=LAST).filter(|&at| at != 1) {
                        let was = space.next_free(at) == Some(at);
                        match (was, free.contains(&at)) {
                            (true, false) => again.take(&space, Span::one(at)),
                            (false, true) => again.free(&space, Span::one(at)),
                            _ => {}
                        }
                    }
                    (batch, request) = (again, Buddies::default());
                }
                let below = Over { below: &space, above: &batch };
                agree(&Over { below: &below, above: &request }, &free);
            }
            agree(&space, &naive_free(&space));
        }
    }

    fn naive_free(space: &Space) -> BTreeSet<u128> {
        (0..=LAST).filter(|&at| space.next_free(at) == Some(at)).collect()
    }
}
