//! Ranges of addresses

use core::fmt;
use core::net::IpAddr;

use ipnet::IpNet;
use thiserror::Error;

use super::address::{Family, Span, address_of, bits_of};
use crate::bytes::{Decode, Encode, Flaw, Read, Reader, Sink};

/// Addresses of one family from `first` to `last`, both included
///
/// ```
/// use ipam_core::AddrRange;
///
/// let range = AddrRange::new("10.0.0.4".parse()?, "10.0.0.7".parse()?)?;
/// assert_eq!(range.count(), 4);
/// assert!(range.contains("10.0.0.7".parse()?));
/// assert!(AddrRange::new("10.0.0.7".parse()?, "10.0.0.4".parse()?).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
// INVARIANT: `first <= last`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AddrRange(Ends);

/// The ends as numbers, which are copied and compared faster than addresses
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Ends {
    V4([u32; 2]),
    V6([Wide; 2]),
}

/// An IPv6 address as two halves, the high one first: aligned as those are
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Wide(u64, u64);

impl Wide {
    #[expect(clippy::cast_possible_truncation, reason = "each half has 64 bits")]
    pub(crate) const fn new(bits: u128) -> Self {
        Self((bits >> 64) as u64, bits as u64)
    }

    pub(crate) const fn bits(self) -> u128 {
        ((self.0 as u128) << 64) | self.1 as u128
    }
}

/// Why two addresses are not a range
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum RangeError {
    /// One is IPv4, the other IPv6
    #[error("a range from {first} to {last} mixes families")]
    Families {
        /// First address given
        first: IpAddr,
        /// Last address given
        last: IpAddr,
    },
    /// The last address lies below the first
    #[error("a range from {first} to {last} runs backwards")]
    Backwards {
        /// First address given
        first: IpAddr,
        /// Last address given
        last: IpAddr,
    },
}

impl AddrRange {
    /// The range from `first` to `last`, both included
    ///
    /// # Errors
    ///
    /// [`RangeError::Families`], then [`RangeError::Backwards`].
    pub fn new(first: IpAddr, last: IpAddr) -> Result<Self, RangeError> {
        if Family::of(first) != Family::of(last) {
            Err(RangeError::Families { first, last })
        } else if first > last {
            Err(RangeError::Backwards { first, last })
        } else {
            let span = Span { first: bits_of(first), last: bits_of(last) };
            Ok(Self::of_span(Family::of(first), span))
        }
    }

    /// The range of one address
    pub const fn one(address: IpAddr) -> Self {
        Self::of_span(Family::of(address), Span::one(bits_of(address)))
    }

    /// Lowest address
    pub const fn first(&self) -> IpAddr {
        address_of(self.family(), self.span().first)
    }

    /// Highest address
    pub const fn last(&self) -> IpAddr {
        address_of(self.family(), self.span().last)
    }

    /// Family of every address
    pub const fn family(&self) -> Family {
        match self.0 {
            Ends::V4(_) => Family::V4,
            Ends::V6(_) => Family::V6,
        }
    }

    /// Addresses in the range; 2^128 saturates
    pub fn count(&self) -> u128 {
        self.span().count()
    }

    /// Whether `address` lies in the range
    pub fn contains(&self, address: IpAddr) -> bool {
        self.family() == Family::of(address) && self.span().contains(bits_of(address))
    }

    /// The addresses, ascending
    pub fn iter(&self) -> impl Iterator<Item = IpAddr> + use<> {
        let Span { first, last } = self.span();
        let family = self.family();
        (first..=last).map(move |bits| address_of(family, bits))
    }

    pub(crate) const fn of(ends: Ends) -> Self {
        Self(ends)
    }

    pub(crate) const fn ends(self) -> Ends {
        self.0
    }

    pub(crate) const fn span(&self) -> Span {
        match self.0 {
            Ends::V4([first, last]) => Span { first: first as u128, last: last as u128 },
            Ends::V6([first, last]) => Span { first: first.bits(), last: last.bits() },
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "IPv4 bits are below 2^32 by construction")]
    pub(crate) const fn of_span(family: Family, span: Span) -> Self {
        Self(match family {
            Family::V4 => Ends::V4([span.first as u32, span.last as u32]),
            Family::V6 => Ends::V6([Wide::new(span.first), Wide::new(span.last)]),
        })
    }
}

/// The addresses of a CIDR, host bits ignored
impl From<IpNet> for AddrRange {
    fn from(net: IpNet) -> Self {
        Self::of_span(Family::of(net.addr()), Span::of_net(net))
    }
}

impl fmt::Display for AddrRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.first() == self.last() {
            write!(f, "{}", self.first())
        } else {
            write!(f, "{}-{}", self.first(), self.last())
        }
    }
}

impl fmt::Debug for AddrRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(feature = "serde")]
mod serde_forms {
    use super::AddrRange;
    use core::net::IpAddr;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    /// A range as data: `{"first": .., "last": ..}`
    #[derive(Serialize, Deserialize)]
    #[serde(rename = "AddrRange", deny_unknown_fields)]
    struct Form {
        first: IpAddr,
        last: IpAddr,
    }

    impl Serialize for AddrRange {
        fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
            Form { first: self.first(), last: self.last() }.serialize(to)
        }
    }

    impl<'de> Deserialize<'de> for AddrRange {
        fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
            let Form { first, last } = Form::deserialize(from)?;
            Self::new(first, last).map_err(serde::de::Error::custom)
        }
    }
}

/// The first address, and how many come after it
impl Encode for AddrRange {
    fn write(&self, to: &mut impl Sink) {
        self.first().write(to);
        let Span { first, last } = self.span();
        to.wide(last.saturating_sub(first));
    }
}

impl Decode for AddrRange {
    fn read(from: &mut Reader<'_>) -> Read<Self> {
        let range = Self::one(Decode::read(from)?);
        let (family, first) = (range.family(), range.span().first);
        let span = first.checked_add(from.wide()?).and_then(|last| Span::new(first, last));
        let span = span.filter(|span| span.last <= last_of(family));
        span.map(|span| Self::of_span(family, span)).ok_or_else(|| from.flaw(Flaw::TooLarge))
    }
}

/// Bits of the last address of a family
pub(super) const fn last_of(family: Family) -> u128 {
    match family {
        Family::V4 => u32::MAX as u128,
        Family::V6 => u128::MAX,
    }
}
