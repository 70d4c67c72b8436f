//! Blocks by number, and how many of their offsets still lack a holder

use alloc::vec::Vec;

use crate::bytes::{Read, Reader};
use crate::error::Flaw;
use crate::space::address::{Family, Span};
use crate::state::index::{BlockKey, Ix};

/// How many offsets of each block still lack a holder: a pair for each subnet, IPv4's first
pub(super) type Left = Vec<[u64; 2]>;

/// A block by its subnet's position and its family
pub(super) fn key_of(subnet: u32, family: Family) -> u64 {
    (u64::from(subnet) << 1) | u64::from(family == Family::V6)
}

/// The block that such a number names: a subnet's position is its number in a table that was just made
pub(super) fn block_of(key: u64) -> Option<BlockKey> {
    let family = if key & 1 == 0 { Family::V4 } else { Family::V6 };
    // Only tables number subnets here.
    let number = u32::try_from(key >> 1).ok().filter(|&number| number < 1 << 31)?;
    Some(BlockKey::new(Ix::from_number(number), family))
}

/// Takes this many addresses from those of a block that still lack a holder
pub(super) fn take(from: &Reader<'_>, left: &mut Left, key: BlockKey, span: Span) -> Read<()> {
    let of = left.get_mut(key.subnet().number() as usize);
    let [v4, v6] = of.ok_or_else(|| from.flaw(Flaw::Missing))?;
    let left = if key.family() == Family::V4 { v4 } else { v6 };
    let count = u64::try_from(span.count()).unwrap_or(u64::MAX);
    *left = left.checked_sub(count).ok_or_else(|| from.flaw(Flaw::Taken))?;
    Ok(())
}
