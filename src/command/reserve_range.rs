//! Reserving a range

use core::fmt::{self, Display, Formatter};

use crate::bytes::requests;
use crate::id::SubnetId;
use crate::space::Reservation;
use crate::space::range::AddrRange;

/// Reserve a range of a subnet: for nobody, for requests that name its addresses, or for prefixes
///
/// Assigned addresses of the range stay assigned, and are withheld once released. A range may not overlap another
/// reserved range.
///
/// ```
/// use ipam_core::{AddrRange, Reservation, ReserveRange};
/// use std::net::IpAddr;
///
/// let subnet = "subnet-1".parse()?;
/// let range = AddrRange::new("10.0.0.8".parse::<IpAddr>()?, "10.0.0.15".parse()?)?;
/// let from_everyone = ReserveRange::new(subnet, range);
/// let from_being_chosen = ReserveRange::new(subnet, range).kind(Reservation::AutoOnly);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct ReserveRange {
    /// The subnet
    pub subnet: SubnetId,
    /// The range, both ends included
    pub range: AddrRange,
    /// Who cannot get its addresses; in readable forms [`Hard`](Reservation::Hard) may be left out
    #[cfg_attr(feature = "serde", serde(default))]
    pub kind: Reservation,
}

impl ReserveRange {
    /// Reserves a range whose addresses nobody gets
    pub const fn new(subnet: SubnetId, range: AddrRange) -> Self {
        Self { subnet, range, kind: Reservation::Hard }
    }

    /// Sets the kind of reservation
    #[must_use]
    pub const fn kind(mut self, kind: Reservation) -> Self {
        self.kind = kind;
        self
    }
}

impl Display for ReserveRange {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { subnet, range, kind } = self;
        write!(f, "reserve {range} of {subnet}{}", of_kind(*kind))
    }
}

/// The text of a reservation's kind, unless nobody gets its addresses
pub(crate) const fn of_kind(kind: Reservation) -> &'static str {
    match kind {
        Reservation::Hard => "",
        Reservation::AutoOnly => " from being chosen",
        Reservation::PrefixOnly => " for prefixes",
    }
}

requests! {
    ReserveRange { 1 subnet 2 range 3 kind: maybe }
}
