//! A tree of aggregates over a window

use triomphe::Arc;

use super::super::bitmap::Bitmap;
use super::aggregate::Aggregate;
use crate::shared::sizes::INDEX_BITS;

/// Order of a word: 64 offsets
pub(crate) const WORD_ORDER: u32 = 6;

/// Order of a leaf of the tree: 512 offsets, whose 8 words are one cache line
pub(crate) const LEAF_ORDER: u32 = 9;

/// Words of a leaf
pub(super) const LEAF_WORDS: usize = 1 << (LEAF_ORDER - WORD_ORDER);

/// Leaves of a page, or pages below one
const BELOW: usize = 1 << INDEX_BITS;

/// What is known of the 2^`order` offsets of the node at `index`, from words whose bits are set where an
/// offset is not free
pub(super) fn fold<A: Aggregate>(busy: &Bitmap, order: u32, index: usize) -> A {
    if let Some(uniform) = uniform(busy, order, index) {
        return uniform;
    }
    match order {
        ..=WORD_ORDER => A::words(free::<1>(busy, index)),
        7 => A::words(free::<2>(busy, index)),
        8 => A::words(free::<4>(busy, index)),
        LEAF_ORDER => A::words(free::<8>(busy, index)),
        _ => {
            let below = order.saturating_sub(1);
            let [low, high] = children(index).map(|child| fold(busy, below, child));
            A::join(low, high, below)
        }
    }
}

/// The free offsets of so many words, from word `index` × `N` on
#[inline]
pub(super) fn free<const N: usize>(busy: &Bitmap, index: usize) -> [u64; N] {
    busy.chunk(index.saturating_mul(N)).map(|busy: u64| !busy)
}

/// What is known where all is free, or nothing, and the bitmap says so
#[inline]
pub(super) fn uniform<A: Aggregate>(busy: &Bitmap, order: u32, index: usize) -> Option<A> {
    let held = busy.uniform(order, index)?;
    Some(if held { A::NOTHING } else { A::all_free(order) })
}

/// Aggregates of a window: of 512 offsets, of each pair of those, and so on up to the whole
///
/// They lie in pages that copies share, each of which halves its offsets four times. Where all is free, or
/// nothing, there is no page.
// INVARIANT: `root` is the aggregate of the whole window, whose order is `order`. There is a page below it
// where it has more than a leaf, unless the window is all free or not at all.
#[derive(Clone, Debug)]
pub(crate) struct Tree<A> {
    order: u32,
    root: A,
    below: Below<A>,
}

/// What is below a node
#[derive(Clone, Debug)]
enum Below<A> {
    /// What the node itself says, of each part
    Uniform,
    /// Its children, and theirs, down to leaves
    Leaves(Arc<Joined<A>>),
    /// The same, down to nodes of which each has more below it
    Pages(Arc<Page<A>>),
}

/// The aggregates of a node's descendants of some generations
// INVARIANT: the children of node i are 2i and 2i+1; node 1 is the node itself, node 0 is not used. Each that
// has children here is the aggregate of both.
#[derive(Clone, Debug)]
struct Joined<A>([[A; 2]; BELOW]);

#[derive(Clone, Debug)]
struct Page<A> {
    nodes: Joined<A>,
    /// What is below the last of those
    below: [Below<A>; BELOW],
}

impl<A: Aggregate> Joined<A> {
    /// Of a node of which all is alike; nodes are of 2^`order` offsets in the last generation
    fn of(like: A, order: u32) -> Self {
        let mut joined = Self([[A::NOTHING; 2]; BELOW]);
        if like != A::NOTHING {
            for (at, node) in joined.0.as_flattened_mut().iter_mut().enumerate() {
                let depth = at.checked_ilog2().unwrap_or(0);
                let order = order.saturating_add(INDEX_BITS).saturating_sub(depth);
                *node = A::all_free(order);
            }
        }
        joined
    }

    #[inline]
    fn get(&self, at: usize) -> A {
        self.0.as_flattened().get(at).copied().unwrap_or(A::NOTHING)
    }

    /// Puts the aggregates of the last generation in place, from `low` to `high`, and joins them with those
    /// beside them while that changes any; they are of 2^`order` offsets
    fn put(&mut self, low: usize, high: usize, order: u32, mut of: impl FnMut(usize, A) -> A) {
        let mut changed = false;
        for at in low..=high {
            let before = self.get(BELOW | at);
            changed |= self.set(BELOW | at, of(at, before));
        }
        let (mut low, mut high, mut order) = (BELOW | low, BELOW | high, order);
        while changed && low > 1 {
            (low, high) = (low >> 1, high >> 1);
            changed = false;
            for at in low..=high {
                let [below, above] = children(at).map(|child| self.get(child));
                changed |= self.set(at, A::join(below, above, order));
            }
            order = order.saturating_add(1);
        }
    }

    /// Whether the last generation is what `of` gives of each, as far as that is anything, and each other node
    /// that of its children; `top` is the one that has all of those
    fn is_sound(&self, top: usize, order: u32, of: impl Fn(usize, A) -> bool) -> bool {
        let (mut low, mut high, mut order) = (top, top, order);
        while high < BELOW {
            (low, high) = (low << 1, (high << 1) | 1);
        }
        let last = (low..=high).all(|at| of(at ^ BELOW, self.get(at)));
        let mut joined = true;
        while low > top {
            (low, high) = (low >> 1, high >> 1);
            joined &= (low..=high).all(|at| {
                let [below, above] = children(at).map(|child| self.get(child));
                self.get(at) == A::join(below, above, order)
            });
            order = order.saturating_add(1);
        }
        last && joined
    }

    /// The first of the last generation, from `low` to `high`, that has what is looked for
    fn next(&self, low: usize, high: usize, has: &impl Fn(A) -> bool) -> Option<usize> {
        let mut at = BELOW | low;
        while !has(self.get(at)) {
            // The largest node right behind it, of which nothing has been looked at.
            at = at.wrapping_add(1);
            at = at.wrapping_shr(at.trailing_zeros());
            let first = at.wrapping_shl(at.leading_zeros().wrapping_sub(BELOW.leading_zeros()));
            if at == 1 || first ^ BELOW > high {
                return None;
            }
        }
        let found = self.descend(at, has);
        Some(found).filter(|&found| found <= high)
    }

    /// The one of the last generation that is reached from a node by a choice for each pair of children
    #[inline]
    fn descend(&self, mut at: usize, mut is_low: impl FnMut(A) -> bool) -> usize {
        while at < BELOW {
            let [low, high] = children(at);
            at = if is_low(self.get(low)) { low } else { high };
        }
        at ^ BELOW
    }

    #[inline]
    fn set(&mut self, at: usize, aggregate: A) -> bool {
        let place = self.0.as_flattened_mut().get_mut(at);
        let Some(place) = place.filter(|place| **place != aggregate) else { return false };
        *place = aggregate;
        true
    }
}

/// A node of which all is to be known
#[derive(Clone, Copy)]
struct Node<A> {
    order: u32,
    index: usize,
    /// What it was, or is
    value: A,
}

impl<A: Aggregate> Node<A> {
    /// The order of the last nodes of its page, and the number of the node itself there
    fn place(self) -> (u32, usize) {
        let beyond = self.order.saturating_sub(LEAF_ORDER);
        let pages = beyond.div_ceil(INDEX_BITS).saturating_sub(1);
        let last = pages.saturating_mul(INDEX_BITS).saturating_add(LEAF_ORDER);
        let top = last.saturating_add(INDEX_BITS).saturating_sub(self.order);
        (last, 1usize.wrapping_shl(top))
    }

    /// The child of so many generations below, by its place among those
    fn below(self, order: u32, at: usize, value: A) -> Self {
        let generations = self.order.saturating_sub(order);
        Self { order, index: self.index.wrapping_shl(generations) | at, value }
    }
}

impl<A: Aggregate> Below<A> {
    /// Brings what is below a node up to date, of which offsets from `first` to `last` may have changed; gives
    /// what the node is
    fn update(&mut self, busy: &Bitmap, node: Node<A>, first: usize, last: usize) -> A {
        let Node { order, index, value } = node;
        if let Some(uniform) = uniform(busy, order, index) {
            *self = Self::Uniform;
            return uniform;
        }
        if order <= LEAF_ORDER {
            return fold(busy, order, index);
        }
        let (below, top) = node.place();
        if let Self::Uniform = self {
            let nodes = Joined::of(value, below);
            *self = if below == LEAF_ORDER {
                Self::Leaves(Arc::new(nodes))
            } else {
                let below = [const { Self::Uniform }; BELOW];
                Self::Pages(Arc::new(Page { nodes, below }))
            };
        }
        let base = index.wrapping_shl(order);
        let end = base | 1usize.wrapping_shl(order).wrapping_sub(1);
        let part = |at: usize| at.saturating_sub(base).wrapping_shr(below);
        let (low, high) = (part(first.max(base)), part(last.min(end)));
        match self {
            Self::Uniform => value,
            Self::Leaves(nodes) => {
                let nodes = Arc::make_mut(nodes);
                nodes.put(low, high, below, |at, before| {
                    fold(busy, below, node.below(below, at, before).index)
                });
                nodes.get(top)
            }
            Self::Pages(page) => {
                let Page { nodes, below: links } = Arc::make_mut(page);
                nodes.put(low, high, below, |at, before| match links.get_mut(at) {
                    Some(link) => link.update(busy, node.below(below, at, before), first, last),
                    None => before,
                });
                nodes.get(top)
            }
        }
    }

    /// The first leaf from `from` to `last` of those that a node has, which has what is looked for
    fn next_leaf(
        &self,
        node: Node<A>,
        (from, last): (usize, usize),
        has: &impl Fn(A) -> bool,
    ) -> Option<usize> {
        let leaves = |order: u32| order.saturating_sub(LEAF_ORDER);
        let base = node.index.wrapping_shl(leaves(node.order));
        let end = base | 1usize.wrapping_shl(leaves(node.order)).wrapping_sub(1);
        let (low, high) = (from.max(base), last.min(end));
        if low > high || !has(node.value) {
            return None;
        }
        let (order, _) = node.place();
        let part = |leaf: usize| leaf.saturating_sub(base).wrapping_shr(leaves(order));
        match self {
            Self::Uniform => Some(low),
            Self::Leaves(nodes) => Some(base | nodes.next(part(low), part(high), has)?),
            Self::Pages(page) => {
                let mut at = part(low);
                loop {
                    at = page.nodes.next(at, part(high), has)?;
                    let below = node.below(order, at, page.nodes.get(BELOW | at));
                    let found = page.below.get(at)?.next_leaf(below, (low, high), has);
                    if found.is_some() || at == part(high) {
                        return found;
                    }
                    at = at.wrapping_add(1);
                }
            }
        }
    }

    /// The leaf of a node that is reached by a choice for each pair of children
    fn descend(&self, node: Node<A>, is_low: &mut impl FnMut(A) -> bool) -> usize {
        let (order, top) = node.place();
        match self {
            Self::Uniform => {
                let Node { mut order, mut index, value } = node;
                while order > LEAF_ORDER {
                    order = order.saturating_sub(1);
                    let low = if value == A::NOTHING { value } else { A::all_free(order) };
                    let [below, above] = children(index);
                    index = if is_low(low) { below } else { above };
                }
                index
            }
            Self::Leaves(nodes) => node.below(order, nodes.descend(top, is_low), node.value).index,
            Self::Pages(page) => {
                let at = page.nodes.descend(top, &mut *is_low);
                let below = node.below(order, at, page.nodes.get(BELOW | at));
                page.below.get(at).map_or(0, |link| link.descend(below, is_low))
            }
        }
    }

    /// Whether all that is below a node is so
    fn is_over(&self, busy: &Bitmap, node: Node<A>) -> bool {
        let (below, top) = node.place();
        match self {
            Self::Uniform if node.order <= LEAF_ORDER => true,
            Self::Uniform => {
                let value = node.value;
                let uniform = value == A::NOTHING || value == A::all_free(node.order);
                uniform && value == fold(busy, node.order, node.index)
            }
            Self::Leaves(nodes) => {
                let leaf =
                    |at, value| value == fold(busy, below, node.below(below, at, value).index);
                nodes.get(top) == node.value && nodes.is_sound(top, below, leaf)
            }
            Self::Pages(page) => {
                let part = |at: usize, value| {
                    let link = page.below.get(at);
                    link.is_some_and(|link| link.is_over(busy, node.below(below, at, value)))
                };
                page.nodes.get(top) == node.value && page.nodes.is_sound(top, below, part)
            }
        }
    }
}

impl<A: Aggregate> Tree<A> {
    /// The tree over a window: costs a look at what is used of it
    pub(crate) fn new(busy: &Bitmap) -> Self {
        let order = busy.order();
        let mut tree = Self { order, root: A::all_free(order), below: Below::Uniform };
        tree.update(busy, 0, busy.room().saturating_sub(1));
        tree
    }

    /// Takes note that offsets from `first` to `last`, both in the window, may have changed
    ///
    /// Costs what is used of the leaves that have them, and the depth of the tree at most.
    pub(crate) fn update(&mut self, busy: &Bitmap, first: usize, last: usize) {
        let node = Node { order: self.order, index: 0, value: self.root };
        self.root = self.below.update(busy, node, first, last);
    }

    /// Whether this is the tree over a window
    pub(crate) fn is_over(&self, busy: &Bitmap) -> bool {
        let node = Node { order: self.order, index: 0, value: self.root };
        let root = self.order > LEAF_ORDER || self.root == fold(busy, self.order, 0);
        self.order == busy.order() && root && self.below.is_over(busy, node)
    }

    /// The first leaf from `from` to `last` that has what is looked for
    ///
    /// A node has it if one of its children has, and only then.
    pub(super) fn next_leaf(
        &self,
        from: usize,
        last: usize,
        has: impl Fn(A) -> bool,
    ) -> Option<usize> {
        let node = Node { order: self.order, index: 0, value: self.root };
        self.below.next_leaf(node, (from, last), &has)
    }

    /// The leaf that is reached from the top by a choice for each pair of children
    pub(super) fn descend(&self, mut is_low: impl FnMut(A) -> bool) -> usize {
        let node = Node { order: self.order, index: 0, value: self.root };
        self.below.descend(node, &mut is_low)
    }

    /// A node of at least a leaf's order
    pub(super) fn get(&self, order: u32, index: usize) -> A {
        let mut node = Node { order: self.order, index: 0, value: self.root };
        let mut link = &self.below;
        loop {
            if order == node.order {
                return node.value;
            }
            let (last, top) = node.place();
            let (nodes, links) = match link {
                Below::Uniform if node.value == A::NOTHING => return A::NOTHING,
                Below::Uniform => return A::all_free(order),
                Below::Leaves(nodes) => (&**nodes, None),
                Below::Pages(page) => (&page.nodes, Some(&page.below)),
            };
            if order >= last {
                let generations = node.order.saturating_sub(order);
                let at = index & !usize::MAX.wrapping_shl(generations);
                return nodes.get(top.wrapping_shl(generations) | at);
            }
            let generations = node.order.saturating_sub(last);
            let at = index.wrapping_shr(last.saturating_sub(order));
            let at = at & !usize::MAX.wrapping_shl(generations);
            let Some(next) = links.and_then(|links| links.get(at)) else { return A::NOTHING };
            node = node.below(last, at, nodes.get(BELOW | at));
            link = next;
        }
    }
}

/// The nodes below the one at `index` of its order
pub(crate) const fn children(index: usize) -> [usize; 2] {
    [index << 1, (index << 1) | 1]
}
