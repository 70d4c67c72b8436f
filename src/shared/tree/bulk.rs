//! Many entries at once: a tree of sorted ones, and ranges that go as whole nodes

use alloc::vec::Vec;
use core::cmp::Ordering;

use triomphe::Arc;

use super::node::{Inner, Node};
use super::{Summary, Tree};
use crate::shared::sizes::TREE_INNER;

impl<K: Copy + Ord, V: Clone, S: Summary<K, V>> Tree<K, V, S> {
    /// A tree of entries whose keys ascend, in nodes that are three quarters full
    pub(crate) fn from_sorted(entries: impl IntoIterator<Item = (K, V)>) -> Self {
        let mut entries = entries.into_iter();
        let (mut nodes, mut len) = (Vec::new(), 0usize);
        loop {
            let mut leaf: Vec<(K, V)> =
                entries.by_ref().take((Node::<K, V, S>::LEAF / 4).saturating_mul(3)).collect();
            if leaf.is_empty() {
                break;
            }
            len = len.saturating_add(leaf.len());
            leaf.shrink_to_fit();
            nodes.push(Node::Leaf(Arc::new(leaf)));
        }
        while nodes.len() > 1 {
            let mut inner = Inner::new();
            let mut above = Vec::with_capacity(nodes.len().div_ceil(TREE_INNER / 4 * 3));
            for node in nodes {
                if inner.nodes.len() == TREE_INNER / 4 * 3 {
                    above.push(Node::Inner(Arc::new(inner)));
                    inner = Inner::new();
                }
                inner.add(TREE_INNER, node);
            }
            above.push(Node::Inner(Arc::new(inner)));
            nodes = above;
        }
        let mut tree = Self { root: nodes.pop(), len, summary: S::NONE };
        tree.settle();
        tree
    }

    /// Takes out the entries that lie neither before nor after a range, as `place` says of a key
    ///
    /// That costs O(log n), and to drop the nodes that are wholly within.
    pub(crate) fn remove_range(&mut self, place: impl Fn(&K) -> Ordering) {
        if let Some(root) = &mut self.root {
            self.len = self.len.saturating_sub(root.remove_range(&place));
            self.settle();
        }
    }
}

impl<K: Copy + Ord, V: Clone, S: Summary<K, V>> Node<K, V, S> {
    /// Takes out the entries of a range; their number
    fn remove_range(&mut self, place: &impl Fn(&K) -> Ordering) -> usize {
        match self {
            Self::Leaf(entries) => {
                let low = entries.partition_point(|(key, _)| place(key).is_lt());
                let high = entries.partition_point(|(key, _)| place(key).is_le());
                if low < high {
                    Arc::make_mut(entries).drain(low..high);
                }
                high.saturating_sub(low)
            }
            Self::Inner(inner) => {
                let low = inner.keys.partition_point(|key| place(key).is_lt());
                let high = inner.keys.partition_point(|key| place(key).is_le());
                // The child before `low` may end within the range, that before `high` beyond it.
                let cut = low
                    .checked_sub(1)
                    .into_iter()
                    .chain(high.checked_sub(1).filter(|&at| at >= low));
                let mut gone = 0usize;
                let inner = Arc::make_mut(inner);
                for at in cut {
                    if let Some(child) = inner.nodes.get_mut(at) {
                        gone = gone.saturating_add(child.remove_range(place));
                        inner.note(at);
                    }
                }
                let whole = low..high.saturating_sub(1).max(low);
                let dropped = inner.nodes.get(whole.clone()).unwrap_or_default();
                gone = dropped.iter().map(Self::count).fold(gone, usize::saturating_add);
                inner.keys.drain(whole.clone());
                inner.summaries.drain(whole.clone());
                inner.nodes.drain(whole);
                // Of what was cut, the upper is now at `low`.
                inner.tidy(low);
                if let Some(below) = low.checked_sub(1) {
                    inner.tidy(below);
                }
                gone
            }
        }
    }
}
