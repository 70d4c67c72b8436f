//! Ranges of addresses, and addresses in an order

use core::fmt;
use core::net::IpAddr;

use ipnet::IpNet;
use smallvec::SmallVec;
use thiserror::Error;

use super::address::{Family, Span, address_of, bits_of};

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
// INVARIANT: both ends are of one family and `first <= last`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AddrRange {
    first: IpAddr,
    last: IpAddr,
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
    /// The last one lies below the first
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
            Ok(Self { first, last })
        }
    }

    /// The range of one address
    pub const fn one(address: IpAddr) -> Self {
        Self { first: address, last: address }
    }

    /// Lowest address
    pub const fn first(&self) -> IpAddr {
        self.first
    }

    /// Highest address
    pub const fn last(&self) -> IpAddr {
        self.last
    }

    /// Family of every address
    pub const fn family(&self) -> Family {
        Family::of(self.first)
    }

    /// Addresses in the range; 2^128 saturates
    pub fn count(&self) -> u128 {
        self.span().count()
    }

    /// Whether `address` is of this family and not outside the ends
    pub fn contains(&self, address: IpAddr) -> bool {
        self.family() == Family::of(address) && self.first <= address && address <= self.last
    }

    /// The addresses, ascending
    pub fn iter(&self) -> impl Iterator<Item = IpAddr> + use<> {
        let Span { first, last } = self.span();
        let family = self.family();
        (first..=last).map(move |bits| address_of(family, bits))
    }

    pub(crate) const fn span(&self) -> Span {
        Span { first: bits_of(self.first), last: bits_of(self.last) }
    }

    pub(crate) const fn of_span(family: Family, span: Span) -> Self {
        Self { first: address_of(family, span.first), last: address_of(family, span.last) }
    }
}

/// The addresses of a CIDR, host bits ignored
impl From<IpNet> for AddrRange {
    fn from(net: IpNet) -> Self {
        Self { first: net.network(), last: net.broadcast() }
    }
}

impl fmt::Display for AddrRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.first == self.last {
            write!(f, "{}", self.first)
        } else {
            write!(f, "{}-{}", self.first, self.last)
        }
    }
}

impl fmt::Debug for AddrRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Addresses in an order, which may be any: of a request, or of assignment
///
/// Kept as runs, so that a thousand neighbours cost as much as one address.
///
/// ```
/// use ipam_core::AddrList;
///
/// let list: AddrList = ["10.0.0.9".parse()?, "10.0.0.3".parse()?, "10.0.0.4".parse()?]
///     .into_iter()
///     .collect();
/// assert_eq!(list.to_string(), "10.0.0.9,10.0.0.3-10.0.0.4");
/// assert_eq!(list.count(), 3);
/// # Ok::<(), std::net::AddrParseError>(())
/// ```
// INVARIANT: no run starts at the address after the last one of the run before it; so equal orders of
// addresses have equal runs.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct AddrList {
    runs: SmallVec<[AddrRange; 1]>,
}

impl AddrList {
    /// A list without addresses
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the addresses of `range` at the end, ascending
    pub fn push(&mut self, range: AddrRange) {
        if let Some(run) = self.runs.last_mut() {
            let next = bits_of(run.last).checked_add(1);
            if run.family() == range.family() && next == Some(bits_of(range.first)) {
                run.last = range.last;
                return;
            }
        }
        self.runs.push(range);
    }

    /// The runs, in order
    pub fn ranges(&self) -> impl ExactSizeIterator<Item = AddrRange> + '_ {
        self.runs.iter().copied()
    }

    /// The addresses, in order
    pub fn iter(&self) -> impl Iterator<Item = IpAddr> + '_ {
        self.runs.iter().flat_map(AddrRange::iter)
    }

    /// Addresses in the list; 2^128 saturates
    pub fn count(&self) -> u128 {
        self.ranges().fold(0, |sum, run| sum.saturating_add(run.count()))
    }

    /// Whether the list has no address
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }
}

impl FromIterator<IpAddr> for AddrList {
    fn from_iter<T: IntoIterator<Item = IpAddr>>(addresses: T) -> Self {
        let mut list = Self::new();
        list.extend(addresses);
        list
    }
}

impl Extend<IpAddr> for AddrList {
    fn extend<T: IntoIterator<Item = IpAddr>>(&mut self, addresses: T) {
        self.extend(addresses.into_iter().map(AddrRange::one));
    }
}

impl Extend<AddrRange> for AddrList {
    fn extend<T: IntoIterator<Item = AddrRange>>(&mut self, ranges: T) {
        for range in ranges {
            self.push(range);
        }
    }
}

impl fmt::Display for AddrList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, run) in self.ranges().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(f, "{comma}{run}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for AddrList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{self}]")
    }
}

#[cfg(feature = "serde")]
mod serde_forms {
    use super::{AddrList, AddrRange};
    use core::net::IpAddr;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    /// A range as data: `{"first": .., "last": ..}`
    #[derive(Serialize, Deserialize)]
    #[serde(rename = "AddrRange")]
    struct Ends {
        first: IpAddr,
        last: IpAddr,
    }

    impl Serialize for AddrRange {
        fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
            Ends { first: self.first, last: self.last }.serialize(to)
        }
    }

    impl<'de> Deserialize<'de> for AddrRange {
        fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
            let Ends { first, last } = Ends::deserialize(from)?;
            Self::new(first, last).map_err(serde::de::Error::custom)
        }
    }

    impl Serialize for AddrList {
        fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
            to.collect_seq(self.ranges())
        }
    }

    impl<'de> Deserialize<'de> for AddrList {
        fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
            let runs = alloc::vec::Vec::<AddrRange>::deserialize(from)?;
            let mut list = Self::new();
            list.extend(runs);
            Ok(list)
        }
    }
}
