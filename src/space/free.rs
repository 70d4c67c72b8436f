//! Questions about free offsets beyond the lowest: ranks, runs
//!
//! Each is answered from the window and from the free runs above it, through its index if that is declared;
//! else each word of the window and each of those runs costs a look or two.

use super::Space;
use super::address::Span;
use super::index::Index;
use super::index::aggregate::{Aggregate, Count, Longest, longest_run};
use super::index::tree::{Nodes, Tree, WORD_ORDER, children};

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
        let near = near.map_or(0, |ends| count_within(&window, (window.order(), 0), ends));
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

    /// The longest free run, the lowest of several
    pub(crate) fn longest_free_run(&self) -> Option<Span> {
        let window = self.nodes(|index| Some(&index.ranks.as_ref()?.longest));
        let room = self.near.room() as u128;
        let root = window.root();
        let mut longest = (root.longest > 0).then(|| lowest_run(&window, root.longest));
        // With the index, of all above what goes on from the window only the longest matters.
        let index = self.ranks_index();
        let known = index.map(|index| [index.far.next(0), index.far.longest()]);
        let walked = index.is_none().then(|| self.far_runs());
        let runs = known.into_iter().flatten().flatten().chain(walked.into_iter().flatten());
        for run in runs {
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
    let index = descend(window, |low| match rest.checked_sub(low.0) {
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
    while order > WORD_ORDER {
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
    } else if order == WORD_ORDER {
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

/// The word reached from the top by a choice for each pair of children
fn descend<A: Aggregate>(window: &Nodes<'_, A>, mut is_low: impl FnMut(A) -> bool) -> usize {
    let (mut at, mut index) = (window.order(), 0);
    while at > WORD_ORDER {
        at = at.saturating_sub(1);
        let [low, high] = children(index);
        index = if is_low(window.node(at, low)) { low } else { high };
    }
    index
}

/// The offset of the lowest bit set in a word
fn offset_in(word: usize, bits: u64) -> u128 {
    ((word << WORD_ORDER) | (bits.trailing_zeros() & 63) as usize) as u128
}
