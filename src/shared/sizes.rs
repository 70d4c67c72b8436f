//! The capacities of the pages, nodes and branches of shared structures
//!
//! A build with `--cfg ipam_tiny` makes them tiny, so that a few elements reach every form of each structure.

/// A capacity, and the one of a tiny build
macro_rules! sizes {
    ($($(#[$doc:meta])* $name:ident: $kind:ty = $usual:expr, tiny $tiny:expr;)*) => {$(
        $(#[$doc])*
        #[cfg(not(ipam_tiny))]
        pub(crate) const $name: $kind = $usual;
        $(#[$doc])*
        #[cfg(ipam_tiny)]
        pub(crate) const $name: $kind = $tiny;
    )*};
}

sizes! {
    /// Bits of a number that one branch of a [`Radix`](super::radix::Radix) decides
    BRANCH_BITS: u32 = 5, tiny 1;
    /// Links of a root that is no branch yet: a power of two, at most those of a branch
    FEW_LINKS: usize = 4, tiny 2;
    /// Most bytes of a page of records
    RECORD_BYTES: usize = 4096, tiny 64;
    /// Ids for each bucket of an index of them, on average, above which one more is made
    BUCKET: u32 = 96, tiny 2;
    /// Bits of a slot that are its place in a page of owned addresses
    NODE_BITS: u32 = 7, tiny 4;
    /// Most subnet families in which an interface's lists lie side by side
    FEW_HOLDINGS: usize = 16, tiny 2;

    /// Words of a bitmap that needs no page
    INLINE_WORDS: usize = 4, tiny 1;
    /// Words of a page of a bitmap, as a power of two; 64 at most, a bit of a summary for each
    BITMAP_PAGE_BITS: u32 = 6, tiny 1;
    /// Pages, or branches, below a branch of a bitmap, as a power of two; 64 at most
    BITMAP_BRANCH_BITS: u32 = 6, tiny 1;
    /// Numbers of a thin page of a bitmap: about an eighth of what a dense one needs, and never a whole word
    THIN_NUMBERS: usize = 31, tiny 3;
    /// Leaves, or nodes, below a node of an index, as a power of two
    INDEX_BITS: u32 = 4, tiny 1;
}

/// Links, or branches, in a branch
pub(crate) const BRANCH: usize = 1 << BRANCH_BITS;

/// Owned addresses that a page has a place for
pub(crate) const NODES: usize = 1 << NODE_BITS;

/// Most of them that are kept without a place for each
pub(crate) const THIN_NODES: usize = NODES / 4;

/// Records of so many bytes in a page: a power of two
pub(crate) const fn records_of(bytes: usize) -> u32 {
    let mut records = 1;
    let mut room = bytes.saturating_mul(2);
    while room <= RECORD_BYTES && records < 1024 {
        records <<= 1;
        room = room.saturating_mul(2);
    }
    records
}

/// Bytes that the entries of a tree's leaf may have
const LEAF_BYTES: usize = 2048;

/// Most children of an inner node of a tree
pub(crate) const TREE_INNER: usize = if cfg!(ipam_tiny) { 4 } else { 32 };

/// Most entries of this many bytes in a leaf of a tree
pub(crate) const fn tree_leaf(bytes: usize) -> usize {
    if cfg!(ipam_tiny) {
        return 4;
    }
    match LEAF_BYTES.checked_div(bytes) {
        Some(entries) if entries < 8 => 8,
        Some(entries) if entries < 128 => entries,
        _ => 128,
    }
}
