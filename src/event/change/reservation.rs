//! Ranges that were reserved, and reservations that ended

use core::fmt::{self, Display, Formatter};

use crate::bytes::structs;
use crate::command::of_kind;
use crate::id::SubnetId;
use crate::space::Reservation;
use crate::space::range::AddrRange;

/// A range was reserved
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct RangeReserved {
    /// The subnet
    pub subnet: SubnetId,
    /// The range
    pub range: AddrRange,
    /// The kind of reservation
    pub kind: Reservation,
}

impl Display for RangeReserved {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { subnet, range, kind } = self;
        write!(f, "{range} reserved{} ({subnet})", of_kind(*kind))
    }
}

/// The reservation of a range ended
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct RangeReleased {
    /// The subnet
    pub subnet: SubnetId,
    /// The range
    pub range: AddrRange,
}

impl Display for RangeReleased {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { subnet, range } = self;
        write!(f, "{range} reserved no more ({subnet})")
    }
}

structs! {
    RangeReserved { subnet range kind }
    RangeReleased { subnet range }
}
