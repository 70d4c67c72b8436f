//! Setting where a subnet looks next

use core::fmt::{self, Display, Formatter};
use core::net::IpAddr;

use crate::bytes::requests;
use crate::id::SubnetId;

/// Set where a subnet that follows [`Policy::Next`](crate::Policy::Next) looks for the next address
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct SetCursor {
    /// The subnet
    pub subnet: SubnetId,
    /// The address that it looks at first
    pub address: IpAddr,
}

impl SetCursor {
    /// Makes the subnet look at this address first
    pub const fn new(subnet: SubnetId, address: IpAddr) -> Self {
        Self { subnet, address }
    }
}

impl Display for SetCursor {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { subnet, address } = self;
        write!(f, "look at {address} first in {subnet}")
    }
}

requests! {
    SetCursor { 1 subnet 2 address }
}
