//! Addresses as numbers: a family and up to 128 bits

use alloc::vec::Vec;
use core::fmt;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::bytes::choices;
use ipnet::IpNet;

/// IP address family
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Family {
    /// IPv4: 32 bits
    V4,
    /// IPv6: 128 bits
    V6,
}

impl Family {
    /// Both families, in order
    pub const ALL: [Self; 2] = [Self::V4, Self::V6];

    /// Bits in an address
    pub const fn bits(self) -> u8 {
        match self {
            Self::V4 => 32,
            Self::V6 => 128,
        }
    }

    /// The family of `address`
    pub const fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(_) => Self::V4,
            IpAddr::V6(_) => Self::V6,
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::V4 => "IPv4",
            Self::V6 => "IPv6",
        })
    }
}

/// One value for each family
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct PerFamily<T> {
    pub(crate) v4: T,
    pub(crate) v6: T,
}

impl<T> PerFamily<T> {
    pub(crate) const fn get(&self, family: Family) -> &T {
        match family {
            Family::V4 => &self.v4,
            Family::V6 => &self.v6,
        }
    }

    pub(crate) const fn get_mut(&mut self, family: Family) -> &mut T {
        match family {
            Family::V4 => &mut self.v4,
            Family::V6 => &mut self.v6,
        }
    }
}

/// An address as a number; an IPv4 address has its bits at the low end
pub(crate) const fn bits_of(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_bits() as u128,
        IpAddr::V6(address) => address.to_bits(),
    }
}

/// The address of `family` with these bits
#[expect(clippy::cast_possible_truncation, reason = "IPv4 bits are below 2^32 by construction")]
pub(crate) const fn address_of(family: Family, bits: u128) -> IpAddr {
    match family {
        Family::V4 => IpAddr::V4(Ipv4Addr::from_bits(bits as u32)),
        Family::V6 => IpAddr::V6(Ipv6Addr::from_bits(bits)),
    }
}

/// Numbers from `first` to `last`, both included
///
/// Both ends are included because no half-open range of `u128` can hold the last address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) first: u128,
    pub(crate) last: u128,
}

impl Span {
    /// The span, unless its ends are crossed
    pub(crate) const fn new(first: u128, last: u128) -> Option<Self> {
        if first <= last { Some(Self { first, last }) } else { None }
    }

    pub(crate) const fn one(at: u128) -> Self {
        Self { first: at, last: at }
    }

    /// The bits of a CIDR's addresses, host bits ignored
    pub(crate) fn of_net(net: IpNet) -> Self {
        Self { first: bits_of(net.network()), last: bits_of(net.broadcast()) }
    }

    /// Numbers in the span; 2^128 saturates
    pub(crate) const fn count(self) -> u128 {
        self.last.saturating_sub(self.first).saturating_add(1)
    }

    /// Numbers in the span, modulo 2^128: sums and differences of such counts are exact, and only all of
    /// ::/0 looks like nothing
    pub(crate) const fn count_modulo(self) -> u128 {
        self.last.wrapping_sub(self.first).wrapping_add(1)
    }

    pub(crate) const fn contains(self, at: u128) -> bool {
        self.first <= at && at <= self.last
    }

    /// What both spans hold
    pub(crate) fn overlap(self, other: Self) -> Option<Self> {
        Self::new(self.first.max(other.first), self.last.min(other.last))
    }

    /// What remains below and above `other`, which must overlap
    pub(crate) fn around(self, other: Self) -> [Option<Self>; 2] {
        [
            other.first.checked_sub(1).and_then(|last| Self::new(self.first, last)),
            other.last.checked_add(1).and_then(|first| Self::new(first, self.last)),
        ]
    }
}

/// The same numbers as spans that are ascending, disjoint and apart
pub(crate) fn joined(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_unstable_by_key(|span| span.first);
    let mut runs: Vec<Span> = Vec::new();
    for span in spans {
        match runs.last_mut().filter(|run| run.last.saturating_add(1) >= span.first) {
            Some(run) => run.last = run.last.max(span.last),
            None => runs.push(span),
        }
    }
    runs
}

choices! {
    Family { 0 V4 1 V6 }
}
