//! Every capacity of the shared structures
//!
//! A build with `--cfg ipam_tiny` has the least of each, so that few elements reach every form.

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
