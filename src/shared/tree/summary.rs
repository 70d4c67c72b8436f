//! Summaries of subtrees, which a tree keeps in its branches

/// What is known of neighbouring entries together
pub(crate) trait Summary<K, V>: Clone + PartialEq {
    /// Of no entry
    const NONE: Self;

    /// Of one entry
    fn of(key: &K, value: &V) -> Self;

    /// Of these, and of what comes after them
    fn and(self, after: &Self) -> Self;
}

impl<K, V> Summary<K, V> for () {
    const NONE: Self = ();

    fn of(_: &K, _: &V) -> Self {}

    fn and(self, (): &Self) -> Self {}
}

/// Some of a tree, in order
pub(crate) enum Part<'a, K, V, S> {
    /// All entries below one node
    Many(&'a S),
    One(&'a K, &'a V),
}
