//! A window as a question sees it: what a tree knows of it, and without one the same answers from the words

use super::super::bitmap::Bitmap;
use super::aggregate::Aggregate;
use super::tree::{LEAF_ORDER, LEAF_WORDS, Tree, WORD_ORDER, children, fold, free, uniform};

/// A window as a question sees it: aggregates from the tree where there is one, or else from the words
///
/// A node is an order and an index: it has the 2^order offsets from index × 2^order on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Nodes<'a, A> {
    busy: &'a Bitmap,
    tree: Option<&'a Tree<A>>,
    order: u32,
}

impl<'a, A: Aggregate> Nodes<'a, A> {
    pub(crate) fn new(busy: &'a Bitmap, tree: Option<&'a Tree<A>>) -> Self {
        Self { busy, tree, order: busy.order() }
    }

    /// The words from `from` to `last`, but for those of which the tree says that they have not what is looked for
    ///
    /// A node has it if one of its children has, and only then. Without a tree, those that have something free.
    pub(crate) fn words_with(
        self,
        from: usize,
        last: usize,
        has: impl Fn(A) -> bool,
    ) -> impl Iterator<Item = (usize, u64)> {
        let mut next = Some(from);
        core::iter::from_fn(move || {
            let at = next.filter(|&at| at <= last)?;
            let open = match self.tree.filter(|_| at == from || at % LEAF_WORDS == 0) {
                Some(tree) => {
                    let leaf = tree.next_leaf(at / LEAF_WORDS, last / LEAF_WORDS, &has)?;
                    at.max(leaf.wrapping_mul(LEAF_WORDS))
                }
                None if self.tree.is_some() => at,
                None => self.busy.next_open(at).filter(|&at| at <= last)?,
            };
            next = open.checked_add(1);
            Some((open, self.word(open)))
        })
    }

    /// The word that is reached from the top by a choice for each pair of children, the last of them by the word;
    /// and what is free of it
    pub(crate) fn descend(self, mut is_low: impl FnMut(A) -> bool) -> (usize, u64) {
        let Some(tree) = self.tree else {
            let (mut order, mut index) = (self.order, 0);
            while order > WORD_ORDER {
                order = order.saturating_sub(1);
                let [low, high] = children(index);
                index = if is_low(self.node(order, low)) { low } else { high };
            }
            return (index, self.word(index));
        };
        let leaf = tree.descend(&mut is_low);
        let words = free::<LEAF_WORDS>(self.busy, leaf).into_iter().take(self.words());
        let last = LEAF_WORDS.min(self.words()).wrapping_sub(1);
        let mut words = words.enumerate();
        let found = words.find(|&(at, word)| at == last || is_low(A::words([word])));
        let (at, word) = found.unwrap_or_default();
        (leaf.wrapping_mul(LEAF_WORDS) | at, word)
    }

    /// Words of the window
    pub(crate) const fn words(&self) -> usize {
        self.busy.words()
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

    /// The aggregate of one node, if the tree has it, or the bitmap says that all of it is alike
    pub(crate) fn stored(&self, order: u32, index: usize) -> Option<A> {
        match self.tree.filter(|_| order >= LEAF_ORDER.min(self.order)) {
            Some(tree) => Some(tree.get(order, index)),
            None => uniform(self.busy, order, index).or_else(|| self.full(order, index)),
        }
    }

    /// The aggregate of a node of which nothing is free
    fn full(&self, order: u32, index: usize) -> Option<A> {
        let words = order.saturating_sub(WORD_ORDER);
        let end = index.wrapping_add(1).wrapping_shl(words);
        let open = self.busy.next_open(index.wrapping_shl(words));
        open.is_none_or(|open| open >= end).then_some(A::NOTHING)
    }

    /// The free offsets of one word
    pub(crate) fn word(&self, index: usize) -> u64 {
        !self.busy.word(index).unwrap_or(u64::MAX)
    }
}
