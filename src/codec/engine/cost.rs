//! How much a decoder allocates at most, which it counts before it allocates
//!
//! It counts generously rather than exactly, so that the limit holds whatever containers round up to.

use crate::codec::taken::Room;
use crate::space::WIDEST_WINDOW;
use crate::space::address::Span;
use crate::space::index::Indices;

/// Bytes of a node of an owned address, and of one far from the others, with all that finds it: at worst a branch
/// of links by itself
const NODE: u64 = 21;
const FAR: u64 = 1_700;

/// Bytes of a prefix: its node, where it ends, and what room it makes
pub(super) const PREFIX: u64 = 1000;

/// A table of `count` records of a size
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

/// An ordered tree of `count` entries of a size: leaves at least a quarter full
pub(super) const fn map(count: usize, size: usize) -> u64 {
    if count == 0 {
        return 0;
    }
    let entries = (count as u64).saturating_mul(2).saturating_add(11);
    entries.saturating_mul((size as u64).saturating_add(4)).saturating_add(128)
}

/// The owners of a block with a dense table of so many, and what is kept of so many offsets beyond it
pub(super) fn block(room: Room) -> u64 {
    let Room { near, far } = room;
    let (near, far) = (near as u64, u64::try_from(far).unwrap_or(u64::MAX));
    let near = near.saturating_mul(NODE).saturating_add(1024);
    near.saturating_add(far.saturating_mul(FAR))
}

/// What the pages of a bitmap need, and those of the trees over it, as offsets come that rise
///
/// Each is spoken for as a dense one, with a branch of its own where its neighbours have none yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pages {
    whole: Span,
    /// Bytes of an aggregate of each tree, and how many trees there are
    trees: (u64, u64),
    before: Option<u128>,
}

/// A shared page of a bitmap, and a branch, with what the heap adds
const PAGE: u64 = 560;
const BRANCH: u64 = 1072;

/// Offsets of a page of a bitmap, and of one of a tree, as powers of two; and those of the next level
const LEVELS: [(u32, u32); 2] = [(12, 6), (13, 4)];

impl Pages {
    pub(super) const fn new(whole: Span, indices: Indices) -> Self {
        let (blocks, ranks) = (indices.blocks as u64, indices.ranks as u64);
        let bytes = blocks.saturating_mul(4).saturating_add(ranks.saturating_mul(16));
        let count = blocks.saturating_add(ranks.saturating_mul(2));
        Self { whole, trees: (bytes, count), before: None }
    }

    /// What there is to be spoken for before the offsets of a run, of which all that is between its ends needs
    /// no page
    pub(super) fn of_run(&mut self, run: Span) -> u64 {
        if self.whole.last < 256 {
            return 0;
        }
        // What the rules withhold lies at both ends, and somewhere between.
        let ends = if self.before.is_none() { self.of(0).saturating_mul(3) } else { 0 };
        let first = self.of(run.first);
        ends.saturating_add(first).saturating_add(self.of(run.last))
    }

    fn of(&mut self, offset: u128) -> u64 {
        let offset = offset.min(WIDEST_WINDOW.saturating_sub(1));
        let before = self.before.replace(offset);
        let whole = self.whole.last;
        // Those of a level are of so many offsets; the highest has all.
        let new = |(first, step): (u32, u32)| {
            let levels = (first..=36).step_by(step as usize);
            let levels = levels
                .take_while(|&level| level == first || whole >> level.saturating_sub(step) != 0);
            let is_new =
                |level: &u32| before.is_none_or(|before| before >> level != offset >> level);
            levels.filter(is_new).count() as u64
        };
        let [bitmap, trees] = LEVELS.map(new);
        let (bytes, count) = self.trees;
        let page = bytes.saturating_mul(32).saturating_add(count.saturating_mul(320));
        let branches = bitmap.saturating_mul(BRANCH).saturating_sub(BRANCH.saturating_sub(PAGE));
        branches.saturating_add(trees.saturating_mul(page))
    }
}

/// A tree of so many free runs and one more, and the list that it is made from
pub(super) const fn free_runs(count: u64) -> u64 {
    if count == 0 { 0 } else { count.saturating_add(16).saturating_mul(160) }
}

/// What is kept of ascending runs by a bitmap alone, and in a tree above it
pub(super) fn known(whole: Span, runs: impl Iterator<Item = Span>) -> u64 {
    let (mut pages, mut bytes, mut far) = (Pages::new(whole, Indices::NONE), 0u64, 0u64);
    for run in runs {
        bytes = bytes.saturating_add(pages.of_run(run));
        far = far.saturating_add(u64::from(run.last >= WIDEST_WINDOW));
    }
    bytes.saturating_add(free_runs(far))
}
