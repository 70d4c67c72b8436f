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
}

/// Links, or branches, in a branch
pub(crate) const BRANCH: usize = 1 << BRANCH_BITS;
