//! Ending a reservation

use core::fmt::{self, Display, Formatter};

use crate::bytes::requests;
use crate::id::SubnetId;
use crate::space::range::AddrRange;

/// End a reservation that was made with exactly this range
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct ReleaseRange {
    /// The subnet
    pub subnet: SubnetId,
    /// The range as it was reserved
    pub range: AddrRange,
}

impl ReleaseRange {
    /// Ends the reservation of this range
    pub const fn new(subnet: SubnetId, range: AddrRange) -> Self {
        Self { subnet, range }
    }
}

impl Display for ReleaseRange {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { subnet, range } = self;
        write!(f, "end the reservation of {range} of {subnet}")
    }
}

requests! {
    ReleaseRange { 1 subnet 2 range }
}
