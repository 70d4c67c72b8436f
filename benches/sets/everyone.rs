//! Everyone who can answer a question about subnets of one size

use bitmap_allocator::{BitAlloc1M, BitAlloc16M, BitAlloc64K, BitAlloc256};

use super::ours::Ours;
use crate::peers::Allocator;
use crate::peers::bitmap_allocator::{Cascade, Inline};
use crate::peers::btree_set::BTree;
use crate::peers::hash_set::Scan;
use crate::peers::hibitset::Hibit;
use crate::peers::rangemap::Ranges;
use crate::peers::roaring::Roaring;
use crate::support::measure::Work;

/// The prefix lengths that are measured
pub(crate) const PREFIXES: [u8; 4] = [24, 16, 12, 8];

/// A question that any allocator can be asked
pub(crate) trait Question {
    fn ask<A: Allocator + 'static>(&self) -> Work;
}

/// One who answers, and how to get the answer timed; nothing is built before it is called
pub(crate) type Contender<'q> = (&'static str, Box<dyn Fn() -> Work + 'q>);

/// Addresses in a subnet
pub(crate) const fn size(prefix: u8) -> u32 {
    1 << (32 - prefix)
}

/// Ours first, then the peers
///
/// A scan of a hash set looks at every address below the one it finds: it is left out above a /24,
/// where filling a /16 would take it a minute, and a /8 a month.
pub(crate) fn everyone<'q>(prefix: u8, question: &'q impl Question) -> Vec<Contender<'q>> {
    fn one<'q, A: Allocator + 'static>(question: &'q impl Question) -> Contender<'q> {
        (A::NAME, Box::new(|| question.ask::<A>()))
    }
    let cascade = match prefix {
        24.. => one::<Cascade<Inline<BitAlloc256>>>(question),
        16.. => one::<Cascade<Box<BitAlloc64K>>>(question),
        12.. => one::<Cascade<Box<BitAlloc1M>>>(question),
        _ => one::<Cascade<Box<BitAlloc16M>>>(question),
    };
    let mut all = vec![
        one::<Ours>(question),
        cascade,
        one::<Hibit>(question),
        one::<Roaring>(question),
        one::<Ranges>(question),
        one::<BTree>(question),
    ];
    if prefix >= 24 {
        all.push(one::<Scan>(question));
    }
    all
}
