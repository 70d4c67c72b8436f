//! A tree of aggregates over the words of a window; without it, the same answers from the words

use alloc::vec;
use alloc::vec::Vec;

use super::aggregate::Aggregate;

/// Order of a word: 64 offsets
pub(crate) const WORD_ORDER: u32 = 6;

/// Order of a leaf of the tree: 512 offsets, whose 8 words are one cache line
const PAGE_ORDER: u32 = 9;

/// Order of a window of so many words, which is a power of two
fn order_of(busy: &[u64]) -> u32 {
    busy.len().checked_ilog2().unwrap_or(0).saturating_add(WORD_ORDER)
}

/// What is known of the 2^`order` offsets of the node at `index`, from words whose bits are set where an
/// offset is not free
fn fold<A: Aggregate>(busy: &[u64], order: u32, index: usize) -> A {
    match order {
        ..=WORD_ORDER => A::words(free::<1>(busy, index)),
        7 => A::words(free::<2>(busy, index)),
        8 => A::words(free::<4>(busy, index)),
        PAGE_ORDER => A::words(free::<8>(busy, index)),
        _ => {
            let below = order.saturating_sub(1);
            let [low, high] = children(index).map(|child| fold(busy, below, child));
            A::join(low, high, below)
        }
    }
}

/// The free offsets of so many words, from word `index` × `N` on
#[inline]
fn free<const N: usize>(busy: &[u64], index: usize) -> [u64; N] {
    let rest = busy.get(index.saturating_mul(N)..);
    rest.and_then(|rest| rest.first_chunk()).map_or([0; N], |busy| busy.map(|busy| !busy))
}

/// Aggregates of a window: of each page, of each pair of pages, and so on up to the whole
///
/// Costs twice an aggregate for every 512 offsets.
// INVARIANT: the children of node i are 2i and 2i+1; node 1 is the whole window, whose order is `order`.
// Each leaf is the aggregate of its words, each other node that of its children.
#[derive(Clone, Debug)]
pub(crate) struct Tree<A> {
    /// Node 0 is not used
    nodes: Vec<A>,
}

impl<A: Aggregate> Tree<A> {
    /// The tree over a window: costs a look at each of its words
    pub(crate) fn new(busy: &[u64]) -> Self {
        let leaves = 1usize.wrapping_shl(order_of(busy).saturating_sub(PAGE_ORDER));
        let beyond = leaves.saturating_mul(2);
        let mut tree = Self { nodes: vec![A::NOTHING; beyond] };
        tree.refresh(busy, leaves, beyond.saturating_sub(1));
        tree
    }

    /// Takes note that offsets from `first` to `last`, both in the window, may have changed
    ///
    /// Costs the pages that have them, and the depth of the tree at most.
    pub(crate) fn update(&mut self, busy: &[u64], first: usize, last: usize) {
        let leaves = self.nodes.len() >> 1;
        self.refresh(busy, leaves | (first >> PAGE_ORDER), leaves | (last >> PAGE_ORDER));
    }

    /// Makes the leaves from node `low` to node `high` anew, and what lies above them
    fn refresh(&mut self, busy: &[u64], low: usize, high: usize) {
        let leaves = self.nodes.len() >> 1;
        let mut order = order_of(busy).min(PAGE_ORDER);
        if low == high {
            return self.climb(low, order, fold(busy, order, low ^ leaves));
        }
        let nodes = self.nodes.get_mut(low..=high).into_iter().flatten();
        (low ^ leaves..).zip(nodes).for_each(|(page, node)| *node = fold(busy, order, page));
        let (mut low, mut high) = (low, high);
        while low < high {
            (low, high) = (low >> 1, high >> 1);
            for at in low..=high {
                let [below, above] = children(at).map(|child| self.nodes.get(child).copied());
                let joined = below.zip(above).map(|(below, above)| A::join(below, above, order));
                if at == low && low == high {
                    let Some(joined) = joined else { return };
                    return self.climb(at, order.saturating_add(1), joined);
                }
                if let Some((node, joined)) = self.nodes.get_mut(at).zip(joined) {
                    *node = joined;
                }
            }
            order = order.saturating_add(1);
        }
    }

    /// Puts the aggregate of a node in place, and joins it with those beside it while that changes any
    fn climb(&mut self, node: usize, order: u32, aggregate: A) {
        let (mut at, mut order, mut aggregate) = (node, order, aggregate);
        loop {
            let Some(place) = self.nodes.get_mut(at).filter(|place| **place != aggregate) else {
                return;
            };
            *place = aggregate;
            let Some(&beside) = self.nodes.get(at ^ 1).filter(|_| at > 1) else { return };
            let is_low = at & 1 == 0;
            let (low, high) = if is_low { (aggregate, beside) } else { (beside, aggregate) };
            aggregate = A::join(low, high, order);
            (at, order) = (at >> 1, order.saturating_add(1));
        }
    }

    /// Whether this is the tree over a window
    pub(crate) fn is_over(&self, busy: &[u64]) -> bool {
        self.nodes == Self::new(busy).nodes
    }

    fn get(&self, depth: u32, index: usize) -> Option<A> {
        self.nodes.get(1usize.checked_shl(depth)? | index).copied()
    }
}

/// The nodes below the one at `index` of its order
pub(crate) const fn children(index: usize) -> [usize; 2] {
    [index << 1, (index << 1) | 1]
}

/// A window as a question sees it: aggregates from the tree where there is one, or else from the words
///
/// A node is an order and an index: it has the 2^order offsets from index × 2^order on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Nodes<'a, A> {
    busy: &'a [u64],
    tree: Option<&'a Tree<A>>,
    order: u32,
}

impl<'a, A: Aggregate> Nodes<'a, A> {
    pub(crate) fn new(busy: &'a [u64], tree: Option<&'a Tree<A>>) -> Self {
        Self { busy, tree, order: order_of(busy) }
    }

    /// Whether aggregates come from a tree
    pub(crate) const fn is_indexed(&self) -> bool {
        self.tree.is_some()
    }

    /// Words of the window
    pub(crate) const fn words(&self) -> usize {
        self.busy.len()
    }

    /// The order of the whole window
    pub(crate) const fn order(&self) -> u32 {
        self.order
    }

    /// The aggregate of the whole window
    pub(crate) fn root(&self) -> A {
        self.node(self.order, 0)
    }

    /// The aggregate of one node, from the order of a word up
    pub(crate) fn node(&self, order: u32, index: usize) -> A {
        self.stored(order, index).unwrap_or_else(|| fold(self.busy, order, index))
    }

    /// The aggregate of one node, if the tree has it
    pub(crate) fn stored(&self, order: u32, index: usize) -> Option<A> {
        let tree = self.tree.filter(|_| order >= PAGE_ORDER.min(self.order))?;
        tree.get(self.order.saturating_sub(order), index)
    }

    /// The free offsets of one word
    pub(crate) fn word(&self, index: usize) -> u64 {
        !self.busy.get(index).copied().unwrap_or(u64::MAX)
    }
}
