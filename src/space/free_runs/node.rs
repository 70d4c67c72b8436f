//! The nodes of a tree of free runs, and what each knows of those below it

use alloc::vec;
use alloc::vec::Vec;

use crate::space::address::Span;
use crate::space::blocks::{Orders, block_in};

/// Most runs of a leaf, and most children of an inner node
const LEAF: usize = 64;
const INNER: usize = 32;

/// What is known of free runs together
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) orders: Orders,
    /// Offsets, modulo 2^128
    pub(super) count: u128,
    /// Offsets of the longest, less 1
    pub(super) beyond: u128,
}

impl Known {
    fn of_run(run: Span) -> Self {
        let beyond = run.last.saturating_sub(run.first);
        Self { orders: Orders::of_run(run), count: run.count_modulo(), beyond }
    }

    fn and(self, other: Self) -> Self {
        Self {
            orders: self.orders.and(other.orders),
            count: self.count.wrapping_add(other.count),
            beyond: self.beyond.max(other.beyond),
        }
    }
}

/// A run that others take the place of
pub(super) struct Edit {
    /// Where: in the leaf of the last run that does not start above
    pub(super) at: u128,
    /// Whether that run goes
    pub(super) instead: bool,
    /// What comes, in order
    pub(super) runs: [Option<Span>; 2],
}

/// Neighbouring runs
// INVARIANT: runs are ascending, disjoint and apart, and so are children. No node but the root is empty, and
// all leaves are as deep.
#[derive(Clone, Debug)]
pub(super) enum Node {
    Leaf(Vec<Span>),
    Inner(Vec<Child>),
}

/// A node with what is known of it
// INVARIANT: `first` is that of its lowest run, and `known` is of all of its runs.
#[derive(Clone, Debug)]
pub(super) struct Child {
    first: u128,
    known: Known,
    node: Node,
}

impl Default for Node {
    fn default() -> Self {
        Self::Leaf(Vec::new())
    }
}

impl Child {
    fn of(node: Node) -> Self {
        Self { first: node.first(), known: node.known(), node }
    }
}

impl Node {
    /// A tree of runs that are ascending and apart
    pub(super) fn of_sorted(runs: Vec<Span>) -> Self {
        if runs.len() <= LEAF {
            return Self::Leaf(runs);
        }
        let leaves = runs.chunks(LEAF / 4 * 3).map(|runs| Child::of(Self::Leaf(runs.to_vec())));
        let mut children: Vec<Child> = leaves.collect();
        while children.len() > INNER {
            let mut rest = children.into_iter();
            let group = || Some(rest.by_ref().take(INNER / 4 * 3).collect::<Vec<Child>>());
            let groups = core::iter::from_fn(group).take_while(|group| !group.is_empty());
            children = groups.map(|group| Child::of(Self::Inner(group))).collect();
        }
        Self::Inner(children)
    }

    /// The root over two neighbours
    pub(super) fn above(low: Self, high: Self) -> Self {
        Self::Inner(vec![Child::of(low), Child::of(high)])
    }

    /// The root without what has but one child, and without room for what is not there
    pub(super) fn lowered(self) -> Self {
        let mut root = self;
        loop {
            root = match root {
                Self::Leaf(runs) if runs.is_empty() => return Self::default(),
                Self::Inner(mut children) if children.len() < 2 => match children.pop() {
                    Some(child) => child.node,
                    None => Self::default(),
                },
                root => return root,
            }
        }
    }

    /// Changes one leaf; what a node then has too much of comes back, and belongs after it
    pub(super) fn edit(&mut self, edit: &Edit) -> Option<Self> {
        match self {
            Self::Leaf(runs) => {
                let end = runs.partition_point(|run| run.first <= edit.at);
                let start = if edit.instead { end.saturating_sub(1) } else { end };
                let last = end == runs.len();
                make_room(runs);
                runs.splice(start..end, edit.runs.into_iter().flatten());
                overflow(runs, LEAF, last).map(Self::Leaf)
            }
            Self::Inner(children) => {
                let at = child_at(children, edit.at);
                let last = at.saturating_add(1) == children.len();
                let child = children.get_mut(at)?;
                let more = child.node.edit(edit);
                child.first = child.node.first();
                child.known = child.node.known();
                match more {
                    Some(more) => children.insert(at.saturating_add(1), Child::of(more)),
                    None => tidy(children, at),
                }
                overflow(children, INNER, last).map(Self::Inner)
            }
        }
    }

    pub(super) fn known(&self) -> Known {
        let all = Known::default();
        match self {
            Self::Leaf(runs) => runs.iter().map(|&run| Known::of_run(run)).fold(all, Known::and),
            Self::Inner(children) => children.iter().map(|of| of.known).fold(all, Known::and),
        }
    }

    fn first(&self) -> u128 {
        match self {
            Self::Leaf(runs) => runs.first().map_or(0, |run| run.first),
            Self::Inner(children) => children.first().map_or(0, |child| child.first),
        }
    }

    /// The run that holds `at`, or else the first one above
    pub(super) fn next(&self, at: u128) -> Option<Span> {
        match self {
            Self::Leaf(runs) => runs.get(runs.partition_point(|run| run.last < at)).copied(),
            Self::Inner(children) => {
                // If all of one child lies below, the next one begins above.
                let mut children = children.iter().skip(child_at(children, at));
                children.find_map(|child| child.node.next(at))
            }
        }
    }

    /// Free offsets up to `at`, modulo 2^128
    pub(super) fn count_to(&self, at: u128) -> u128 {
        match self {
            Self::Leaf(runs) => {
                let below = runs.iter().take_while(|run| run.first <= at);
                let counts =
                    below.map(|run| Span { last: run.last.min(at), ..*run }.count_modulo());
                counts.fold(0, u128::wrapping_add)
            }
            Self::Inner(children) => {
                let cut = child_at(children, at);
                let below = children.iter().take(cut).map(|child| child.known.count);
                let within = children.get(cut).map(|child| child.node.count_to(at));
                below.chain(within).fold(0, u128::wrapping_add)
            }
        }
    }

    /// The free offset that has `n` of them below it
    pub(super) fn nth(&self, n: u128) -> Option<u128> {
        let mut rest = n;
        let mut holds = |count: u128| match rest.checked_sub(count) {
            Some(beyond) => {
                rest = beyond;
                false
            }
            None => true,
        };
        match self {
            Self::Leaf(runs) => {
                let run = runs.iter().find(|run| holds(run.count()))?;
                run.first.checked_add(rest)
            }
            Self::Inner(children) => {
                let child = children.iter().find(|child| holds(child.known.count))?;
                child.node.nth(rest)
            }
        }
    }

    /// The lowest run that has this many offsets and one more
    pub(super) fn run_of(&self, beyond: u128) -> Option<Span> {
        match self {
            Self::Leaf(runs) => {
                let mut runs = runs.iter().copied();
                runs.find(|run| run.last.saturating_sub(run.first) == beyond)
            }
            Self::Inner(children) => {
                children.iter().find(|child| child.known.beyond == beyond)?.node.run_of(beyond)
            }
        }
    }

    /// The orders of maximal blocks of the runs that start at `first` or above
    pub(super) fn orders_from(&self, first: u128) -> Orders {
        let none = Orders::default();
        match self {
            Self::Leaf(runs) => {
                let above = runs.iter().filter(|run| run.first >= first);
                above.map(|&run| Orders::of_run(run)).fold(none, Orders::and)
            }
            Self::Inner(children) => {
                let cut = child_at(children, first);
                let above = children.iter().skip(cut).skip(1).map(|child| child.known.orders);
                let within = children.get(cut).map(|child| child.node.orders_from(first));
                above.chain(within).fold(none, Orders::and)
            }
        }
    }

    /// The lowest maximal block of exactly an order that starts at `from` or above
    pub(super) fn next_block(&self, order: u32, from: u128) -> Option<u128> {
        match self {
            Self::Leaf(runs) => {
                let runs = runs.iter().skip(runs.partition_point(|run| run.last < from));
                runs.copied().find_map(|run| block_in(run, order, from))
            }
            Self::Inner(children) => {
                // In all but the first the lowest such block will do.
                let mut children = children.iter().skip(child_at(children, from));
                children.find_map(|child| {
                    let has = child.known.orders.has(order);
                    if has { child.node.next_block(order, from) } else { None }
                })
            }
        }
    }

    /// What is known of it, unless it is not as it should be; adds its runs to those met
    pub(super) fn sound(&self, met: &mut Vec<Span>) -> Option<Known> {
        match self {
            Self::Leaf(runs) => {
                met.extend(runs);
                (runs.len() <= LEAF).then(|| self.known())
            }
            Self::Inner(children) => {
                let deep = children.iter().map(|child| child.node.depth());
                let level = deep.clone().max() == deep.clone().min();
                for child in children {
                    let known = child.node.sound(met)?;
                    if known != child.known
                        || child.first != child.node.first()
                        || child.node.len() == 0
                    {
                        return None;
                    }
                }
                (level && children.len() <= INNER).then(|| self.known())
            }
        }
    }

    /// Whether it may be the root
    pub(super) fn is_root(&self) -> bool {
        matches!(self, Self::Leaf(_)) || self.len() > 1
    }

    fn depth(&self) -> usize {
        match self {
            Self::Leaf(_) => 0,
            Self::Inner(children) => {
                children.first().map_or(0, |child| child.node.depth()).saturating_add(1)
            }
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Leaf(runs) => runs.len(),
            Self::Inner(children) => children.len(),
        }
    }

    /// Runs that the leaves have memory for
    #[cfg(test)]
    pub(super) fn room(&self) -> usize {
        match self {
            Self::Leaf(runs) => runs.capacity(),
            Self::Inner(children) => children.iter().map(|child| child.node.room()).sum(),
        }
    }

    const fn most(&self) -> usize {
        match self {
            Self::Leaf(_) => LEAF,
            Self::Inner(_) => INNER,
        }
    }

    /// Adds what belongs after it, of the same depth
    fn append(&mut self, after: Self) {
        match (self, after) {
            (Self::Leaf(runs), Self::Leaf(more)) => {
                runs.reserve_exact(more.len());
                runs.extend(more);
            }
            (Self::Inner(children), Self::Inner(more)) => children.extend(more),
            _ => {}
        }
    }

    /// Gives back the memory that it has no use for
    fn fit(&mut self) {
        if let Self::Leaf(runs) = self {
            if runs.len() < runs.capacity() / 2 {
                runs.shrink_to(runs.len().saturating_add(runs.len() / 4));
            }
        }
    }
}

/// The last child that does not start above `at`, or the first
fn child_at(children: &[Child], at: u128) -> usize {
    children.partition_point(|child| child.first <= at).saturating_sub(1)
}

/// Makes room for two more runs by the quarter: doubling would leave a third of all memory unused
fn make_room(runs: &mut Vec<Span>) {
    if runs.capacity().saturating_sub(runs.len()) < 2 {
        runs.reserve_exact((runs.len() / 4).max(2));
    }
}

/// What comes after the most that a node may have: half of all, or less where it grows at its end
fn overflow<T>(all: &mut Vec<T>, most: usize, at_end: bool) -> Option<Vec<T>> {
    let keep = if at_end { most } else { most / 2 };
    (all.len() > most).then(|| {
        let after = all.split_off(keep);
        all.shrink_to_fit();
        after
    })
}

/// Does away with a child that is empty, and joins one that has few to a neighbour
fn tidy(children: &mut Vec<Child>, at: usize) {
    let Some(child) = children.get_mut(at) else { return };
    let (few, most) = (child.node.len(), child.node.most());
    if few == 0 {
        children.remove(at);
        return;
    }
    child.node.fit();
    if few > most / 4 {
        return;
    }
    let fits = |beside: Option<usize>| {
        let beside = beside.and_then(|beside| children.get(beside));
        beside.is_some_and(|beside| {
            beside.node.len().saturating_add(few) <= (most / 4).saturating_mul(3)
        })
    };
    let low = match at.checked_sub(1) {
        _ if fits(at.checked_add(1)) => at,
        Some(below) if fits(Some(below)) => below,
        _ => return,
    };
    let high = children.remove(low.saturating_add(1));
    if let Some(child) = children.get_mut(low) {
        child.known = child.known.and(high.known);
        child.node.append(high.node);
    }
}
