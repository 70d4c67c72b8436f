//! What releases addresses, and for how long they rest

use alloc::vec::Vec;
use core::net::IpAddr;

use crate::id::{InterfaceId, VpcId};

/// Release addresses of an interface, in any subnets of its VPC
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Unassign {
    /// Who has them
    pub interface: InterfaceId,
    /// The VPC that the interface is said to be in; refused if it is not. `None` says nothing.
    pub vpc: Option<VpcId>,
    /// Which addresses
    pub addresses: Vec<IpAddr>,
}

impl Unassign {
    /// These addresses of the interface
    pub fn new<A: Into<IpAddr>>(
        interface: InterfaceId,
        addresses: impl IntoIterator<Item = A>,
    ) -> Self {
        let addresses = addresses.into_iter().map(Into::into).collect();
        Self { interface, vpc: None, addresses }
    }

    /// Refused unless the interface is in this VPC
    #[must_use]
    pub const fn of_vpc(mut self, vpc: VpcId) -> Self {
        self.vpc = Some(vpc);
        self
    }
}
