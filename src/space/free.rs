//! Questions about free offsets beyond the lowest: ranks, runs
//!
//! Each is answered from the window and from the free runs above it, through its index if that is declared;
//! else each word of the window and each of those runs costs a look or two.

use super::Space;
use super::address::Span;
use super::bitmap::WORD;
use super::first_run::runs_of;
use super::index::Index;
use super::index::aggregate::{Aggregate, Count, Longest};
use super::index::nodes::Nodes;
use super::index::tree::{LEAF_ORDER, Tree, WORD_ORDER, children};

impl Space {
    /// The free offset that has `n` free ones below it
    pub(crate) fn nth_free(&self, n: u128) -> Option<u128> {
        let window = self.nodes(|index| Some(&index.ranks.as_ref()?.count));
        let near = window.root().0.into();
        if n < near {
            return Some(nth_near(&window, u32::try_from(n).ok()?));
        }
        let mut rest = n.saturating_sub(near);
        if let Some(index) = self.ranks_index() {
            return index.far.nth(rest);
        }
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
        let near = near.map_or(0, |ends| count_within(&window, window.order(), 0, ends));
        let walked = || {
            let runs = apart.into_iter().flat_map(|apart| self.free_runs(apart));
            runs.fold(0u128, |sum, run| sum.saturating_add(run.count()))
        };
        let apart = match self.ranks_index().zip(apart) {
            Some((index, apart)) => index.far.count_within(apart),
            None => walked(),
        };
        near.saturating_add(apart)
    }

    /// The longest free run within `span`, the lowest of several
    pub(crate) fn longest_free_run(&self, span: Span) -> Option<Span> {
        let room = self.near.room() as u128;
        let (near, far) = self.split(span);
        let window = self.nodes(|index| Some(&index.ranks.as_ref()?.longest));
        let mut known = Lengths { within: near.unwrap_or((1, 0)), below: 0, most: 0 };
        if near.is_some() {
            known.node(&window, window.order(), 0);
        }
        // With the index, of all above what goes on from the window only the longest matters.
        let all = Span::new(room, self.last);
        let index = self.ranks_index().filter(|_| far == all);
        let ends = index.map(|index| [index.far.next(0), index.far.longest()]);
        let walked = far.filter(|_| index.is_none()).map(|far| self.free_runs(far));
        let runs = ends.into_iter().flatten().flatten().chain(walked.into_iter().flatten());
        let mut longest: Option<Span> = None;
        let mut most = known.most;
        for run in runs {
            // What is free at the end of the window runs on into what is free above it.
            let below = if run.first == room { known.below } else { 0 };
            let run = Span { first: run.first.saturating_sub(below), last: run.last };
            if run.count() > most {
                (longest, most) = (Some(run), run.count());
            }
        }
        longest.or_else(|| {
            let first = if most > 0 { self.first_free_run(span.first, most) } else { None }?;
            Some(Span { first, last: first.saturating_add(most.saturating_sub(1)) })
        })
    }

    pub(super) fn nodes<'a, A: Aggregate>(
        &'a self,
        tree: impl FnOnce(&'a Index) -> Option<&'a Tree<A>>,
    ) -> Nodes<'a, A> {
        Nodes::new(&self.near, self.index().and_then(tree))
    }

    fn ranks_index(&self) -> Option<&Index> {
        self.index().filter(|index| index.ranks.is_some())
    }

    /// The free runs above the window
    pub(super) fn far_runs(&self) -> impl Iterator<Item = Span> + '_ {
        let far = Span::new(self.near.room() as u128, self.last);
        far.into_iter().flat_map(|far| self.free_runs(far))
    }
}

/// The offset of the window that has `n` free ones of it below it, of which there are more
fn nth_near(window: &Nodes<'_, Count>, n: u32) -> u128 {
    let mut rest = n;
    let (index, mut free) = window.descend(|low| match rest.checked_sub(low.0) {
        Some(beyond) => {
            rest = beyond;
            false
        }
        None => true,
    });
    for _ in 0..rest {
        free &= free.wrapping_sub(1);
    }
    offset_in(index, free)
}

/// How long free runs are, found by a walk upwards through a part of the window
struct Lengths {
    within: (usize, usize),
    /// Free offsets that end right below where the walk stands
    below: u128,
    /// Those of the longest so far
    most: u128,
}

impl Lengths {
    /// Goes through a node; costs a look at each of its words of which nothing is known
    fn node(&mut self, window: &Nodes<'_, Longest>, order: u32, index: usize) {
        let (first, last) = self.within;
        let start = index.wrapping_shl(order);
        let end = start | 1usize.wrapping_shl(order).wrapping_sub(1);
        if end < first || start > last {
            return;
        }
        let whole = first <= start && end <= last;
        if let Some(known) = if whole { window.stored(order, index) } else { None } {
            self.add(known, order);
        } else if order <= LEAF_ORDER {
            for index in start >> WORD_ORDER..=end >> WORD_ORDER {
                let at = index << WORD_ORDER;
                let (low, high) = (first.max(at), last.min(at | (WORD - 1)));
                if low <= high {
                    let within = (u64::MAX << (low & 63)) & (u64::MAX >> (!high & 63));
                    self.word(window.word(index) & within);
                }
            }
        } else {
            let below = order.saturating_sub(1);
            children(index).into_iter().for_each(|child| self.node(window, below, child));
        }
    }

    /// Goes on through so many offsets of which this is known
    fn add(&mut self, of: Longest, order: u32) {
        let low = self.below.saturating_add(of.prefix.into());
        self.most = self.most.max(low).max(of.longest.into());
        self.below = if of == Longest::all_free(order) { low } else { of.suffix.into() };
    }

    /// Goes on through a word, of which only runs that are longer than those before matter
    fn word(&mut self, free: u64) {
        let low = self.below.saturating_add(free.trailing_ones().into());
        self.most = self.most.max(low);
        let longer = |most: u128| u32::try_from(most.saturating_add(1)).ok().filter(|&n| n <= 64);
        while longer(self.most).is_some_and(|length| runs_of(free, length) != 0) {
            self.most = self.most.saturating_add(1);
        }
        self.below = if free == u64::MAX { low } else { free.leading_ones().into() };
    }
}

/// Adds up the free offsets of a node from `first` to `last`
fn count_within(
    window: &Nodes<'_, Count>,
    order: u32,
    index: usize,
    (first, last): (usize, usize),
) -> u128 {
    let start = index.wrapping_shl(order);
    let end = start | usize::MAX.checked_shl(order).map_or(usize::MAX, |above| !above);
    if last < start || end < first {
        0
    } else if first <= start && end <= last {
        window.node(order, index).0.into()
    } else if order == WORD_ORDER {
        let (first, last) = (first.max(start) & 63, last.min(end) & 63);
        let within = (u64::MAX << first) & (u64::MAX >> (!last & 63));
        (window.word(index) & within).count_ones().into()
    } else {
        let below = order.saturating_sub(1);
        let counts = children(index).map(|child| count_within(window, below, child, (first, last)));
        counts.into_iter().fold(0, u128::saturating_add)
    }
}

/// The offset of the lowest bit set in a word
fn offset_in(word: usize, bits: u64) -> u128 {
    ((word << WORD_ORDER) | (bits.trailing_zeros() & 63) as usize) as u128
}
