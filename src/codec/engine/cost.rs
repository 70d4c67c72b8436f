//! What a decoder allocates, at most: spoken for before it does
//!
//! Generous rather than exact, so that the limit is kept whatever containers round up to.

use crate::codec::taken::Room;

/// Bytes of a node of an owned address, and of one far from the others, with all that finds it: at worst a branch
/// of links by itself
const NODE: u64 = 21;
const FAR: u64 = 900;

/// Bytes of a prefix: its node, where it ends, and what room it makes
pub(super) const PREFIX: u64 = 1000;

/// A table of so many records of a size
///
/// Pages of up to 4 KiB are made whole but for the first, which doubles, and each has a link; the index has at
/// most 3.5 slots a record, of 5 bytes, and a bucket is made anew as it grows.
pub(super) fn table(count: usize, size: usize) -> u64 {
    let (count, size) = (count as u64, size as u64);
    if count == 0 {
        return 0;
    }
    let used = count.saturating_mul(size.saturating_add(8));
    let pages = used.saturating_mul(3).min(used.saturating_add(8192));
    let links = count.saturating_mul(24).min(count.saturating_mul(size) / 64).saturating_add(64);
    pages.saturating_add(links).saturating_add(count.saturating_mul(24)).saturating_add(512)
}

/// An ordered map or set of so many entries of a size: nodes of eleven, half full
pub(super) const fn map(count: usize, size: usize) -> u64 {
    if count == 0 {
        return 0;
    }
    let entries = (count as u64).saturating_mul(2).saturating_add(11);
    entries.saturating_mul((size as u64).saturating_add(4)).saturating_add(128)
}

/// A block with a dense table of so many, so many offsets beyond it, and so many trees over it
pub(super) fn block(room: Room, trees: u32) -> u64 {
    let Room { near, far } = room;
    let (near, far) = (near as u64, u64::try_from(far).unwrap_or(u64::MAX));
    let bitmap =
        if near > 256 { (near / 8).saturating_add(near / 256).saturating_add(64) } else { 0 };
    let trees = near.saturating_add(512).saturating_mul(trees.into()) / 8;
    let (near, far) = (near.saturating_mul(NODE).saturating_add(1024), far.saturating_mul(FAR));
    bitmap.saturating_add(near).saturating_add(far).saturating_add(trees)
}

/// A tree of so many free runs and one more, and the list that it is made from
pub(super) const fn free_runs(count: u64) -> u64 {
    if count == 0 { 0 } else { count.saturating_add(16).saturating_mul(160) }
}
