//! How much each shared structure holds in a piece
//!
//! A build with `--cfg ipam_tiny` has tiny ones, so that few elements reach every form of each structure.

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
