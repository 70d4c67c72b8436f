//! Optional indices of a space, which speed up questions beyond the lowest free offset

pub(crate) mod aggregate;
pub(crate) mod nodes;
#[cfg(test)]
mod tests;
pub(crate) mod tree;

use core::fmt;

use super::address::Span;
use super::bitmap::Bitmap;
use super::free_runs::FreeRuns;
use crate::bytes::{Decode, Encode, Read, Reader, Sink, bits};
use aggregate::{Blocks, Count, Longest};
use tree::Tree;

/// Indices that a subnet keeps, so that some questions need not look at everything in use
///
/// They change neither answers nor decisions, only costs. What each costs, in each family of the subnet:
///
/// | index | speeds up | memory for every 512 addresses of the bitmap, which has 64 bytes | with each run assigned, released or reserved |
/// |---|---|---|---|
/// | `blocks` | [`free_block`], [`largest_free_block`], choosing by [`Dense`] and [`Sparse`] | 8 bytes, +12.5 % | 8 words read for every 512 addresses; a path upwards until nothing changes |
/// | `ranks` | [`nth_free`], [`free_within`], [`longest_free_run`], choosing by [`Random`], and [contiguous] ranges | 32 bytes, +50 % | the same, and a path to the root |
/// | none | | | one predictable branch |
///
/// The bitmap has pages of 4096 addresses where some are in use, and so has its index, with a path of a page
/// for each 16-fold above those; what is wholly free, or reserved as a whole, costs neither. With its index a
/// question costs a path through a tree over the bitmap, at most 22 steps deep; without, up to three looks at
/// each word of its pages.
///
/// What lies far above the bitmap costs a look for each free run there, or with either index a path through a
/// tree of those runs, whose nodes have 8 to 64 below them. That costs 32 bytes for each free run, and as much
/// again at most for what its leaves leave empty; both indices share it. A change there costs a path, and up
/// to 64 runs read in its leaf.
///
/// Measured on a busy 2-core machine, at random places of a half-full subnet: to assign or release one
/// address takes 25 ns more with `blocks` and as much with `ranks` in a /24, 40 and 50 ns in a /16, and
/// around 150 and 200 ns in a /8, where it misses caches. A question takes 25 to 100 ns with its index, in
/// a /8 up to 350 ns; without it, 30 to 70 ns in a /24, 0.4 to 13 µs in a /16, and 0.02 to 3.5 ms in a /8.
/// To build an index over a /8 takes 1 to 6 ms.
///
/// ```
/// use ipam_core::{Command, Indices, SetIndices};
///
/// let keep = Command::from(SetIndices::new("subnet-1".parse()?, Indices::BLOCKS));
/// # Ok::<(), ipam_core::IdError>(())
/// ```
///
/// [`free_block`]: crate::Questions::free_block
/// [`largest_free_block`]: crate::Questions::largest_free_block
/// [`nth_free`]: crate::Questions::nth_free
/// [`free_within`]: crate::Questions::free_within
/// [`longest_free_run`]: crate::Questions::longest_free_run
/// [`Dense`]: crate::Policy::Dense
/// [`Sparse`]: crate::Policy::Sparse
/// [`Random`]: crate::Policy::Random
/// [contiguous]: crate::Pick::contiguous
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct Indices {
    /// The index of free aligned blocks
    pub blocks: bool,
    /// The index of free addresses by their rank, and of free runs by their length
    pub ranks: bool,
}

impl Indices {
    /// No index, as in a new subnet
    pub const NONE: Self = Self { blocks: false, ranks: false };
    /// Only the index of aligned blocks
    pub const BLOCKS: Self = Self { blocks: true, ranks: false };
    /// Only the index of ranks and runs
    pub const RANKS: Self = Self { blocks: false, ranks: true };
    /// Every index
    pub const ALL: Self = Self { blocks: true, ranks: true };
}

/// Their names, or `none`
impl fmt::Display for Indices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { blocks, ranks } = self;
        f.pad(match (blocks, ranks) {
            (false, false) => "none",
            (true, false) => "blocks",
            (false, true) => "ranks",
            (true, true) => "blocks and ranks",
        })
    }
}

/// The trees of the declared indices
#[derive(Clone, Debug, Default)]
pub(crate) struct Index {
    pub(crate) blocks: Option<Tree<Blocks>>,
    pub(crate) ranks: Option<Ranks>,
    /// What is free above the window, for either
    pub(crate) far: FreeRuns,
}

/// The trees of the index of ranks: apart, since every change alters counts, and few alter runs
#[derive(Clone, Debug)]
pub(crate) struct Ranks {
    pub(crate) count: Tree<Count>,
    pub(crate) longest: Tree<Longest>,
}

impl Index {
    /// The indices declared, over a window whose bits are set where an offset is not free, and over the
    /// free runs above it
    pub(crate) fn new(indices: Indices, busy: &Bitmap, far: impl Iterator<Item = Span>) -> Self {
        let ranks = || Ranks { count: Tree::new(busy), longest: Tree::new(busy) };
        Self {
            blocks: indices.blocks.then(|| Tree::new(busy)),
            ranks: indices.ranks.then(ranks),
            far: FreeRuns::of_sorted(far),
        }
    }

    /// Makes the trees anew over a wider window
    pub(crate) fn widen(&mut self, busy: &Bitmap, window: Span) {
        if let Some(blocks) = &mut self.blocks {
            *blocks = Tree::new(busy);
        }
        if let Some(ranks) = &mut self.ranks {
            *ranks = Ranks { count: Tree::new(busy), longest: Tree::new(busy) };
        }
        self.far.remove(window);
    }

    pub(crate) const fn indices(&self) -> Indices {
        Indices { blocks: self.blocks.is_some(), ranks: self.ranks.is_some() }
    }

    /// Whether these are the indices over a window and the free runs above it
    pub(crate) fn is_over(&self, busy: &Bitmap, far: impl Iterator<Item = Span>) -> bool {
        let ranks = |of: &Ranks| of.count.is_over(busy) && of.longest.is_over(busy);
        self.blocks.as_ref().is_none_or(|tree| tree.is_over(busy))
            && self.ranks.as_ref().is_none_or(ranks)
            && self.far.is_of(far)
    }

    /// Takes note that offsets from `first` to `last`, both in the window, may have changed
    pub(crate) fn update(&mut self, busy: &Bitmap, first: usize, last: usize) {
        if let Some(blocks) = &mut self.blocks {
            blocks.update(busy, first, last);
        }
        if let Some(ranks) = &mut self.ranks {
            ranks.count.update(busy, first, last);
            ranks.longest.update(busy, first, last);
        }
    }
}

/// A bit each
impl Encode for Indices {
    fn write(&self, to: &mut impl Sink) {
        to.byte(u8::from(self.blocks) | u8::from(self.ranks) << 1);
    }
}

impl Decode for Indices {
    fn read(from: &mut Reader<'_>) -> Read<Self> {
        let bits = bits(from, 3)?;
        Ok(Self { blocks: bits & 1 != 0, ranks: bits & 2 != 0 })
    }
}
