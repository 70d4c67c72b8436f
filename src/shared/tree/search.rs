//! Searches of a tree that are guided by what it knows of subtrees

use core::ops::ControlFlow;

use super::Tree;
use super::node::Node;
use super::summary::{Part, Summary};

impl<K: Copy + Ord, V: Clone, S: Summary<K, V>> Tree<K, V, S> {
    /// Visits what is at or above `from`, in order, until something is found
    ///
    /// `visit` is asked of many entries at once whether they are to be looked at one by one
    /// (`Break(None)`) or left aside (`Continue`). What it finds in one ends the search. Entries below
    /// `from` are not visited, nor is more than one node for each level that has such.
    pub(crate) fn search<T>(
        &self,
        from: Option<&K>,
        mut visit: impl FnMut(Part<'_, K, V, S>) -> ControlFlow<Option<T>>,
    ) -> Option<T> {
        match self.root.as_ref()?.search(from, &mut visit) {
            ControlFlow::Break(found) => found,
            ControlFlow::Continue(()) => None,
        }
    }

    /// Folds what is at or below `to`: whole nodes where that is possible
    pub(crate) fn fold_to<A>(
        &self,
        to: &K,
        from: A,
        mut fold: impl FnMut(A, Part<'_, K, V, S>) -> A,
    ) -> A {
        let mut all = from;
        let mut node = self.root.as_ref();
        while let Some(at) = node {
            match at {
                Node::Leaf(entries) => {
                    let below = entries.iter().take_while(|(key, _)| key <= to);
                    return below.fold(all, |all, (key, value)| fold(all, Part::One(key, value)));
                }
                Node::Inner(inner) => {
                    let cut = inner.child_at(to);
                    let whole = inner.summaries.iter().take(cut);
                    all = whole.fold(all, |all, of| fold(all, Part::Many(of)));
                    node = inner.nodes.get(cut);
                }
            }
        }
        all
    }
}

impl<K: Copy + Ord, V: Clone, S: Summary<K, V>> Node<K, V, S> {
    fn search<T>(
        &self,
        from: Option<&K>,
        visit: &mut impl FnMut(Part<'_, K, V, S>) -> ControlFlow<Option<T>>,
    ) -> ControlFlow<Option<T>> {
        match self {
            Self::Leaf(entries) => {
                let skip = from.map_or(0, |from| entries.partition_point(|(key, _)| key < from));
                entries.iter().skip(skip).try_for_each(|(key, value)| visit(Part::One(key, value)))
            }
            Self::Inner(inner) => {
                let mut cut = from.filter(|from| inner.keys.first() < Some(from));
                let skip = cut.map_or(0, |from| inner.child_at(from));
                for (node, summary) in inner.nodes.iter().zip(&inner.summaries).skip(skip) {
                    // Of what is cut, the summary says too much.
                    let cut = cut.take();
                    let enter = cut.is_some()
                        || match visit(Part::Many(summary)) {
                            ControlFlow::Break(None) => true,
                            ControlFlow::Break(found) => return ControlFlow::Break(found),
                            ControlFlow::Continue(()) => false,
                        };
                    if enter {
                        node.search(cut, visit)?;
                    }
                }
                ControlFlow::Continue(())
            }
        }
    }
}
