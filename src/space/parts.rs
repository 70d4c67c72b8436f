//! The parts of a list: ranges of single addresses, and prefixes

use core::fmt;

use ipnet::IpNet;

use super::address::{Family, Span, address_of};
use super::range::AddrRange;

/// One part of an [`AddrList`](crate::AddrList): consecutive single addresses, or a prefix
///
/// A prefix is assigned, released and moved as a whole, and counts as one. A /28 is not sixteen addresses, nor is a
/// /32 one.
///
/// ```
/// use ipam_core::{AddrList, Part};
///
/// let list = AddrList::from_parts([Part::Prefix("10.0.0.16/28".parse()?)]);
/// assert_eq!(list.to_string(), "10.0.0.16/28");
/// assert_eq!((list.count(), list.slots()), (16, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Part {
    /// Single addresses, each assigned by itself
    Addresses(AddrRange),
    /// A prefix; host bits are ignored
    Prefix(IpNet),
}

impl Part {
    /// The addresses
    pub fn range(&self) -> AddrRange {
        match *self {
            Self::Addresses(range) => range,
            Self::Prefix(prefix) => prefix.into(),
        }
    }

    /// How many single addresses and prefixes it has, counting a prefix as one; 2^128 saturates
    pub fn slots(&self) -> u128 {
        match self {
            Self::Addresses(range) => range.count(),
            Self::Prefix(_) => 1,
        }
    }

    /// Whether it is a prefix
    pub const fn is_prefix(&self) -> bool {
        matches!(self, Self::Prefix(_))
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Addresses(range) => range.fmt(f),
            Self::Prefix(prefix) => prefix.fmt(f),
        }
    }
}

/// The prefix of a family that has just these addresses; of others, the one around the first of them
pub(crate) fn prefix_of(family: Family, Span { first, last }: Span) -> IpNet {
    let address = address_of(family, first);
    let host_bits = u8::try_from((first ^ last).count_ones()).unwrap_or(u8::MAX);
    let prefix_len = family.bits().saturating_sub(host_bits);
    IpNet::new(address, prefix_len).unwrap_or_else(|_| IpNet::from(address))
}
