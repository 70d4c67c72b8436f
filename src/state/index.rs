//! Where records lie in their tables

use core::marker::PhantomData;

use crate::id::SubnetId;
use crate::space::address::Family;

/// Index of a record whose key is a `K`
///
/// Named after the key and not after the record, so that records may name each other without a circle of files.
///
/// Indices of records that are gone are used again, and equal engines may number alike records
/// differently: an index never leaves the crate.
#[derive(Debug)]
pub(crate) struct Ix<K>(pub(super) u32, PhantomData<fn() -> K>);

impl<K> Ix<K> {
    pub(super) const fn new(number: u32) -> Self {
        Self(number, PhantomData)
    }

    pub(crate) const fn number(self) -> u32 {
        self.0
    }

    pub(crate) const fn from_number(number: u32) -> Self {
        Self::new(number)
    }
}

// Derived, these would ask the same of `K`.
impl<K> Clone for Ix<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Ix<K> {}
impl<K> PartialEq for Ix<K> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<K> Eq for Ix<K> {}
impl<K> PartialOrd for Ix<K> {
    fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for Ix<K> {
    fn cmp(&self, other: &Self) -> core::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}

/// In the place of a key, of rests: each has a number only
#[derive(Debug)]
pub(crate) enum AnyRest {}

/// A subnet's index and a family, as one number: only tables number subnets here, so below 2^31
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct BlockKey(u32);

impl BlockKey {
    pub(crate) const fn new(subnet: Ix<SubnetId>, family: Family) -> Self {
        Self((subnet.number() << 1) | family as u32)
    }

    pub(crate) const fn number(self) -> u32 {
        self.0
    }

    pub(crate) const fn subnet(self) -> Ix<SubnetId> {
        Ix::from_number(self.0 >> 1)
    }

    pub(crate) const fn family(self) -> Family {
        if self.0 & 1 == 0 { Family::V4 } else { Family::V6 }
    }
}
