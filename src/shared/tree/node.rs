//! The nodes of a tree: what each of them does to find, add and take out an entry

use alloc::vec;
use alloc::vec::Vec;

use smallvec::SmallVec;
use triomphe::Arc;

use super::summary::Summary;
use crate::shared::sizes::{TREE_INNER, tree_leaf};

/// Neighbouring entries
// INVARIANT: keys are ascending. No node is empty, and all leaves are as deep.
#[derive(Clone)]
pub(super) enum Node<K, V, S> {
    Leaf(Arc<Vec<(K, V)>>),
    Inner(Arc<Inner<K, V, S>>),
}

/// Neighbouring nodes
// INVARIANT: the three lists are equally long. For each node, `keys` has the lowest of its keys, and
// `summaries` that of all of its entries. The lists never have more than they have room for inline.
#[derive(Clone)]
pub(super) struct Inner<K, V, S> {
    pub(super) keys: SmallVec<[K; TREE_INNER]>,
    pub(super) summaries: SmallVec<[S; TREE_INNER]>,
    pub(super) nodes: SmallVec<[Node<K, V, S>; TREE_INNER]>,
}

impl<K: Copy + Ord, V: Clone, S: Summary<K, V>> Inner<K, V, S> {
    pub(super) fn new() -> Self {
        Self { keys: SmallVec::new(), summaries: SmallVec::new(), nodes: SmallVec::new() }
    }

    /// The last child that has keys at or below `key`, or the first
    pub(super) fn child_at(&self, key: &K) -> usize {
        cut(&self.keys, |first| first <= key).saturating_sub(1)
    }

    /// Adds a node at its place, for which there must be room
    pub(super) fn add(&mut self, at: usize, node: Node<K, V, S>) {
        if let Some(key) = node.first() {
            let at = at.min(self.nodes.len());
            self.keys.insert(at, key);
            self.summaries.insert(at, node.summary());
            self.nodes.insert(at, node);
        }
    }

    pub(super) fn take(&mut self, at: usize) -> Option<Node<K, V, S>> {
        if at >= self.nodes.len() {
            return None;
        }
        self.keys.remove(at);
        self.summaries.remove(at);
        Some(self.nodes.remove(at))
    }

    /// Notes that a child has changed
    pub(super) fn note(&mut self, at: usize) {
        let Some(node) = self.nodes.get(at) else { return };
        if let Some((key, first)) = self.keys.get_mut(at).zip(node.first()) {
            *key = first;
        }
        if let Some(summary) = self.summaries.get_mut(at) {
            *summary = node.summary();
        }
    }

    /// Takes out the children from `at` on
    fn split_off(&mut self, at: usize) -> Self {
        let at = at.min(self.nodes.len());
        Self {
            keys: self.keys.drain(at..).collect(),
            summaries: self.summaries.drain(at..).collect(),
            nodes: self.nodes.drain(at..).collect(),
        }
    }

    fn append(&mut self, after: Self) {
        self.keys.extend(after.keys);
        self.summaries.extend(after.summaries);
        self.nodes.extend(after.nodes);
    }

    /// Does away with a child that is empty, and joins one that has few to a neighbour
    pub(super) fn tidy(&mut self, at: usize) {
        let Some(child) = self.nodes.get_mut(at) else { return };
        let few = child.len();
        if few == 0 {
            self.take(at);
            return;
        }
        child.fit();
        let most = child.most();
        if few <= most / 4 {
            self.join(at, few, (most / 4).saturating_mul(3));
        }
    }

    /// Joins a child of so many to the neighbour above or below, if both have at most so many
    fn join(&mut self, at: usize, few: usize, most: usize) {
        let fits = |beside: Option<usize>| {
            let beside = beside.and_then(|beside| self.nodes.get(beside));
            beside.is_some_and(|beside| beside.len().saturating_add(few) <= most)
        };
        let low = match at.checked_sub(1) {
            _ if fits(at.checked_add(1)) => at,
            Some(below) if fits(Some(below)) => below,
            _ => return,
        };
        if let Some(high) = self.take(low.saturating_add(1)) {
            if let Some(node) = self.nodes.get_mut(low) {
                node.append(high);
            }
            self.note(low);
        }
    }
}

impl<K: Copy + Ord, V: Clone, S: Summary<K, V>> Node<K, V, S> {
    /// Most entries of a leaf
    pub(super) const LEAF: usize = tree_leaf(size_of::<(K, V)>());

    pub(super) fn one(key: K, value: V) -> Self {
        Self::Leaf(Arc::new(vec![(key, value)]))
    }

    /// The root over two neighbours
    pub(super) fn above(low: Self, high: Self) -> Self {
        let mut inner = Inner::new();
        inner.add(0, low);
        inner.add(1, high);
        Self::Inner(Arc::new(inner))
    }

    pub(super) fn get(&self, key: &K) -> Option<&V> {
        let mut node = self;
        loop {
            match node {
                Self::Leaf(entries) => {
                    let index = place(entries, key).ok()?;
                    return entries.get(index).map(|(_, value)| value);
                }
                Self::Inner(inner) => node = inner.nodes.get(inner.child_at(key))?,
            }
        }
    }

    /// The last entry at or below a key
    pub(super) fn below_or_at(&self, key: &K) -> Option<(K, &V)> {
        let mut node = self;
        loop {
            match node {
                Self::Leaf(entries) => {
                    let index = cut(entries, |(of, _)| of <= key).checked_sub(1)?;
                    return entries.get(index).map(|(key, value)| (*key, value));
                }
                // If anything is at or below the key, something of this child is.
                Self::Inner(inner) => node = inner.nodes.get(inner.child_at(key))?,
            }
        }
    }

    /// The entries of one leaf from the first on that is not `below`, which no key after such a one is
    pub(super) fn from(&self, below: impl Fn(&K) -> bool) -> &[(K, V)] {
        let (mut node, mut above) = (self, None);
        loop {
            match node {
                Self::Leaf(entries) => {
                    let index = cut(entries, |(key, _)| below(key));
                    return match entries.get(index..) {
                        Some(found) if !found.is_empty() => found,
                        _ => above.map_or(&[], Self::lowest),
                    };
                }
                Self::Inner(inner) => {
                    let next = cut(&inner.keys, &below);
                    above = inner.nodes.get(next).or(above);
                    match inner.nodes.get(next.saturating_sub(1)) {
                        Some(child) => node = child,
                        None => return &[],
                    }
                }
            }
        }
    }

    /// The entries of the lowest leaf
    pub(super) fn lowest(&self) -> &[(K, V)] {
        let mut node = self;
        loop {
            match node {
                Self::Leaf(entries) => return entries,
                Self::Inner(inner) => match inner.nodes.first() {
                    Some(child) => node = child,
                    None => return &[],
                },
            }
        }
    }

    pub(super) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        match self {
            Self::Leaf(entries) => {
                let index = place(entries, key).ok()?;
                Arc::make_mut(entries).get_mut(index).map(|(_, value)| value)
            }
            Self::Inner(inner) => {
                let at = inner.child_at(key);
                Arc::make_mut(inner).nodes.get_mut(at)?.get_mut(key)
            }
        }
    }

    /// Adds an entry: what it takes the place of comes back, and what a node then has too much of, which
    /// belongs after it; `last` says that nothing is above
    pub(super) fn insert(&mut self, key: K, value: V, last: bool) -> (Option<V>, Option<Self>) {
        match self {
            Self::Leaf(entries) => match place(entries, &key) {
                Ok(index) => {
                    let place = Arc::make_mut(entries).get_mut(index);
                    (place.map(|(_, had)| core::mem::replace(had, value)), None)
                }
                Err(index) if entries.len() < Self::LEAF => {
                    let entries = own(entries);
                    let more = if last && index == entries.len() { entries.len() } else { 0 };
                    make_room(entries, Self::LEAF, more);
                    add(entries, index, (key, value));
                    (None, None)
                }
                Err(index) if last && index == entries.len() => {
                    let mut more = Vec::with_capacity(Self::LEAF / 4);
                    more.push((key, value));
                    (None, Some(Self::Leaf(Arc::new(more))))
                }
                Err(index) => {
                    let half = Self::LEAF / 2;
                    let more = with_room(entries.get(half..).unwrap_or_default());
                    let fewer = with_room(entries.get(..half).unwrap_or_default());
                    let (mut fewer, mut more) = (fewer, more);
                    match index.checked_sub(half).filter(|&index| index > 0) {
                        Some(index) => add(&mut more, index, (key, value)),
                        None => add(&mut fewer, index, (key, value)),
                    }
                    *entries = Arc::new(fewer);
                    (None, Some(Self::Leaf(Arc::new(more))))
                }
            },
            Self::Inner(shared) => {
                let inner = Arc::make_mut(shared);
                let at = inner.child_at(&key);
                let above = at.saturating_add(1);
                let last = last && above == inner.nodes.len();
                let Some(child) = inner.nodes.get_mut(at) else { return (None, None) };
                let (had, more) = child.insert(key, value, last);
                inner.note(at);
                (had, more.and_then(|more| inner.adopt(above, more, last)).map(Self::of))
            }
        }
    }

    fn of(inner: Inner<K, V, S>) -> Self {
        Self::Inner(Arc::new(inner))
    }

    pub(super) fn remove(&mut self, key: &K) -> Option<V> {
        match self {
            Self::Leaf(entries) => {
                let index = place(entries, key).ok()?;
                Some(own(entries).remove(index).1)
            }
            Self::Inner(inner) => {
                let at = inner.child_at(key);
                // Nothing is copied for what is not there.
                if !Arc::is_unique(inner) && inner.nodes.get(at)?.get(key).is_none() {
                    return None;
                }
                let inner = Arc::make_mut(inner);
                let had = inner.nodes.get_mut(at)?.remove(key)?;
                inner.note(at);
                inner.tidy(at);
                Some(had)
            }
        }
    }

    /// Gives the entry at `key` another key and value
    pub(super) fn replace(&mut self, key: &K, by: K, value: V) {
        match self {
            Self::Leaf(entries) => {
                let found = place(entries, key);
                if let Some(entry) =
                    found.ok().and_then(|index| Arc::make_mut(entries).get_mut(index))
                {
                    *entry = (by, value);
                }
            }
            Self::Inner(inner) => {
                let inner = Arc::make_mut(inner);
                let at = inner.child_at(key);
                if let Some(child) = inner.nodes.get_mut(at) {
                    child.replace(key, by, value);
                    inner.note(at);
                }
            }
        }
    }

    /// The root, or else what takes its place, as it has but one child or is empty
    pub(super) fn lowered(self) -> Result<Self, Option<Self>> {
        match &self {
            Self::Leaf(entries) if entries.is_empty() => Err(None),
            Self::Inner(inner) if inner.nodes.len() < 2 => Err(inner.nodes.first().cloned()),
            _ => Ok(self),
        }
    }

    pub(super) fn summary(&self) -> S {
        match self {
            Self::Leaf(entries) => {
                entries.iter().fold(S::NONE, |all, (key, value)| all.and(&S::of(key, value)))
            }
            Self::Inner(inner) => inner.summaries.iter().fold(S::NONE, S::and),
        }
    }

    pub(super) fn first(&self) -> Option<K> {
        match self {
            Self::Leaf(entries) => entries.first().map(|(key, _)| *key),
            Self::Inner(inner) => inner.keys.first().copied(),
        }
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::Leaf(entries) => entries.len(),
            Self::Inner(inner) => inner.nodes.len(),
        }
    }

    const fn most(&self) -> usize {
        match self {
            Self::Leaf(_) => Self::LEAF,
            Self::Inner(_) => TREE_INNER,
        }
    }

    /// Entries of it and of all below it
    pub(super) fn count(&self) -> usize {
        match self {
            Self::Leaf(entries) => entries.len(),
            Self::Inner(inner) => inner.nodes.iter().map(Self::count).sum(),
        }
    }

    /// Adds what belongs after it, of the same depth
    fn append(&mut self, after: Self) {
        match (self, after) {
            (Self::Leaf(entries), Self::Leaf(more)) => {
                let entries = own(entries);
                entries.reserve_exact(more.len());
                entries.extend(Arc::unwrap_or_clone(more));
            }
            (Self::Inner(inner), Self::Inner(more)) => {
                Arc::make_mut(inner).append(Arc::unwrap_or_clone(more));
            }
            _ => {}
        }
    }

    /// Gives back the memory that it has no use for
    ///
    /// Exactly half is kept: so a second entry may come and go at no cost.
    pub(super) fn fit(&mut self) {
        if let Self::Leaf(entries) = self {
            if entries.len() < entries.capacity() / 2 {
                let entries = own(entries);
                entries.shrink_to(entries.len().saturating_add(entries.len() / 4));
            }
        }
    }

    /// Whether it may be the root
    pub(super) fn is_root(&self) -> bool {
        match self {
            Self::Leaf(entries) => !entries.is_empty(),
            Self::Inner(inner) => inner.nodes.len() > 1,
        }
    }

    /// Whether it and all below it are as they should be, but for the order of keys
    pub(super) fn is_sound(&self) -> bool {
        let Self::Inner(inner) = self else { return (1..=Self::LEAF).contains(&self.len()) };
        let firsts = inner.nodes.iter().map(Self::first);
        let keys = firsts.eq(inner.keys.iter().map(|&key| Some(key)));
        let known = inner.nodes.iter().map(Self::summary).eq(inner.summaries.iter().cloned());
        let depths = || inner.nodes.iter().map(Self::depth);
        let level = depths().max() == depths().min();
        let filled = (1..=TREE_INNER).contains(&inner.nodes.len());
        keys && known && level && filled && inner.nodes.iter().all(Self::is_sound)
    }

    fn depth(&self) -> usize {
        match self {
            Self::Leaf(_) => 0,
            Self::Inner(inner) => inner.nodes.first().map_or(0, Self::depth).saturating_add(1),
        }
    }

    /// Entries that the leaves have memory for
    #[cfg(test)]
    pub(super) fn room(&self) -> usize {
        match self {
            Self::Leaf(entries) => entries.capacity(),
            Self::Inner(inner) => inner.nodes.iter().map(Self::room).sum(),
        }
    }
}

impl<K: Copy + Ord, V: Clone, S: Summary<K, V>> Inner<K, V, S> {
    /// Adds a node; what it then has too much of comes back: half of all, or less where it grows at its end
    fn adopt(&mut self, at: usize, node: Node<K, V, S>, last: bool) -> Option<Self> {
        if self.nodes.len() < TREE_INNER {
            self.add(at, node);
            return None;
        }
        let keep = if last { TREE_INNER } else { TREE_INNER / 2 };
        let mut more = self.split_off(keep);
        match at.checked_sub(keep).filter(|&at| at > 0 || last) {
            Some(at) => more.add(at, node),
            None => self.add(at, node),
        }
        Some(more)
    }
}

/// Where a key is, or else belongs; comparing two keys once a step is faster than asking for their order
fn place<K: Ord, V>(entries: &[(K, V)], key: &K) -> Result<usize, usize> {
    let index = cut(entries, |(of, _)| of < key);
    match entries.get(index) {
        Some((of, _)) if of == key => Ok(index),
        _ => Err(index),
    }
}

/// How many come first of which something is so, which it is of none after them
///
/// Each is compared of every eighth, and then of eight: without a branch that is foretold wrongly, and without
/// a look that waits for another.
fn cut<T>(all: &[T], before: impl Fn(&T) -> bool) -> usize {
    const STEP: usize = 8;
    let blocks = all.chunks(STEP).filter(|block| block.first().is_some_and(&before)).count();
    let start = blocks.saturating_sub(1).saturating_mul(STEP);
    let block = all.get(start..).unwrap_or_default();
    start.saturating_add(block.iter().take(STEP).filter(|of| before(of)).count())
}

/// The entries of a leaf, copied first if others have them too
fn own<T: Clone>(entries: &mut Arc<Vec<T>>) -> &mut Vec<T> {
    if !Arc::is_unique(entries) {
        *entries = Arc::new(with_room(entries));
    }
    Arc::make_mut(entries)
}

/// A copy with room for a quarter more, and at least for one
fn with_room<T: Clone>(entries: &[T]) -> Vec<T> {
    let mut copy = Vec::with_capacity(entries.len().saturating_add(entries.len() / 4).max(1));
    copy.extend_from_slice(entries);
    copy
}

/// Makes room for one more by the quarter: doubling would leave a third of all memory unused
///
/// For `more`, if that is more than a quarter: what grows at its end grows on.
fn make_room<T>(entries: &mut Vec<T>, most: usize, more: usize) {
    if entries.len() == entries.capacity() {
        let wanted = (entries.len() / 4).saturating_add(1).max(more);
        entries.reserve_exact(wanted.min(most.saturating_sub(entries.len()).max(1)));
    }
}

fn add<T>(entries: &mut Vec<T>, index: usize, entry: T) {
    if index <= entries.len() {
        entries.insert(index, entry);
    }
}
