//! The one ordered tree: entries by key, in nodes that copies share

mod bulk;
mod iter;
mod node;
mod search;
mod summary;
#[cfg(test)]
mod tests;

use core::fmt;

use node::Node;
pub(crate) use summary::{Part, Summary};

/// Entries in the order of their keys, with a summary of each subtree if one is asked for
///
/// Entries lie in leaves, at least a quarter full unless their neighbours are fuller than half; what comes
/// in order leaves full leaves behind. Every operation costs O(log n). A clone costs a pointer. A write
/// copies the nodes on its way that a clone has too, one for each level; to nodes of its own it writes in
/// place. An empty tree has no memory, and a small one little more than its entries.
// INVARIANT: the nodes are as `node` says, and not empty; a root that is an inner node has two children and
// more. `len` counts the entries, and `summary` is of all of them.
#[derive(Clone)]
pub(crate) struct Tree<K, V, S = ()> {
    root: Option<Node<K, V, S>>,
    len: usize,
    summary: S,
}

impl<K: Copy + Ord, V: Clone, S: Summary<K, V>> Tree<K, V, S> {
    pub(crate) const fn new() -> Self {
        Self { root: None, len: 0, summary: S::NONE }
    }

    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// What is known of all entries together
    pub(crate) const fn summary(&self) -> &S {
        &self.summary
    }

    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        self.root.as_ref()?.get(key)
    }

    pub(crate) fn contains(&self, key: &K) -> bool {
        self.get(key).is_some()
    }

    /// The last entry whose key is not above `key`
    pub(crate) fn below_or_at(&self, key: &K) -> Option<(K, &V)> {
        self.root.as_ref()?.below_or_at(key)
    }

    /// The first entry whose key is not below `key`
    pub(crate) fn at_or_above(&self, key: &K) -> Option<(K, &V)> {
        let entries = self.root.as_ref()?.from(|of| of < key);
        entries.first().map(|(key, value)| (*key, value))
    }

    pub(crate) fn first(&self) -> Option<(K, &V)> {
        let entries = self.root.as_ref()?.lowest();
        entries.first().map(|(key, value)| (*key, value))
    }

    /// Adds an entry, or gives one another value; the value that it had comes back
    pub(crate) fn insert(&mut self, key: K, value: V) -> Option<V> {
        let Some(root) = &mut self.root else {
            self.root = Some(Node::one(key, value));
            self.len = 1;
            self.summarize();
            return None;
        };
        let (had, more) = root.insert(key, value, true);
        if had.is_none() {
            self.len = self.len.saturating_add(1);
        }
        if let Some(more) = more {
            self.root = self.root.take().map(|root| Node::above(root, more));
        }
        self.summarize();
        had
    }

    pub(crate) fn remove(&mut self, key: &K) -> Option<V> {
        let had = self.root.as_mut()?.remove(key)?;
        self.len = self.len.saturating_sub(1);
        self.settle();
        Some(had)
    }

    pub(crate) fn pop_first(&mut self) -> Option<(K, V)> {
        let (key, _) = self.first()?;
        Some((key, self.remove(&key)?))
    }

    /// Gives the entry at `key` another key and value; no key may lie between the two keys
    pub(crate) fn replace(&mut self, key: &K, by: K, value: V) {
        if let Some(root) = &mut self.root {
            root.replace(key, by, value);
            self.summarize();
        }
    }

    /// Lowers the root after something has gone
    fn settle(&mut self) {
        while let Some(root) = self.root.take() {
            match root.lowered() {
                Ok(mut root) => {
                    root.fit();
                    self.root = Some(root);
                    break;
                }
                Err(below) => self.root = below,
            }
        }
        self.summarize();
    }

    fn summarize(&mut self) {
        self.summary = self.root.as_ref().map_or(S::NONE, Node::summary);
    }

    /// What is wrong with the tree, if anything
    pub(crate) fn corruption(&self) -> Option<&'static str> {
        let Some(root) = &self.root else {
            let empty = self.len == 0 && self.summary == S::NONE;
            return (!empty).then_some("an empty tree counts entries");
        };
        let known = root.is_root() && self.len == root.count() && self.summary == root.summary();
        if !known || !root.is_sound() {
            return Some("the nodes of a tree are not as they should be");
        }
        let ascending = self.iter().is_sorted_by(|(a, _), (b, _)| a < b);
        (!ascending).then_some("the keys of a tree are out of order")
    }
}

impl<K: Copy + Ord, V: Clone> Tree<K, V> {
    /// The value at a key, to be changed
    pub(crate) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.root.as_mut()?.get_mut(key)
    }
}

impl<K: Copy + Ord, V: Clone, S: Summary<K, V>> Default for Tree<K, V, S> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: Copy + Ord, V: Clone + PartialEq, S: Summary<K, V>> PartialEq for Tree<K, V, S> {
    fn eq(&self, other: &Self) -> bool {
        self.len == other.len && self.iter().eq(other.iter())
    }
}

impl<K: Copy + Ord, V: Clone + Eq, S: Summary<K, V>> Eq for Tree<K, V, S> {}

impl<K, V, S> fmt::Debug for Tree<K, V, S>
where
    K: Copy + Ord + fmt::Debug,
    V: Clone + fmt::Debug,
    S: Summary<K, V>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}
