//! The entries of a tree, in order

use core::slice;

use super::{Summary, Tree};

/// Entries in order; each leaf is looked for when the one before it is over
#[derive(Clone)]
pub(crate) struct Iter<'a, K, V, S> {
    tree: &'a Tree<K, V, S>,
    leaf: slice::Iter<'a, (K, V)>,
    /// The last key of the leaf
    last: Option<K>,
}

impl<'a, K: Copy + Ord, V: Clone, S: Summary<K, V>> Iter<'a, K, V, S> {
    fn of(tree: &'a Tree<K, V, S>, entries: &'a [(K, V)]) -> Self {
        Self { tree, last: entries.last().map(|(key, _)| *key), leaf: entries.iter() }
    }
}

impl<'a, K: Copy + Ord, V: Clone, S: Summary<K, V>> Iterator for Iter<'a, K, V, S> {
    type Item = (K, &'a V);

    fn next(&mut self) -> Option<Self::Item> {
        if let Some((key, value)) = self.leaf.next() {
            return Some((*key, value));
        }
        let last = self.last.take()?;
        *self = Self::of(self.tree, self.tree.root.as_ref()?.from(|key| *key <= last));
        self.leaf.next().map(|(key, value)| (*key, value))
    }
}

impl<K: Copy + Ord, V: Clone, S: Summary<K, V>> Tree<K, V, S> {
    pub(crate) fn iter(&self) -> Iter<'_, K, V, S> {
        Iter::of(self, self.root.as_ref().map_or(&[], |root| root.lowest()))
    }

    /// The entries whose keys are not below `key`
    pub(crate) fn from(&self, key: &K) -> Iter<'_, K, V, S> {
        Iter::of(self, self.root.as_ref().map_or(&[], |root| root.from(|of| of < key)))
    }

    /// The entries whose keys are above `key`
    pub(crate) fn after(&self, key: &K) -> Iter<'_, K, V, S> {
        Iter::of(self, self.root.as_ref().map_or(&[], |root| root.from(|of| of <= key)))
    }

    /// The keys, in order
    pub(crate) fn keys(&self) -> impl Iterator<Item = K> {
        self.iter().map(|(key, _)| key)
    }

    /// The values, by rising key
    pub(crate) fn values(&self) -> impl Iterator<Item = &V> {
        self.iter().map(|(_, value)| value)
    }
}
