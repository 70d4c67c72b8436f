//! Deleting a subnet

use core::fmt::{self, Display, Formatter};

use crate::bytes::requests;
use crate::id::SubnetId;

/// Delete a subnet that is no interface's home and has no assigned or held addresses
///
/// Addresses in quarantine do not prevent it: their quarantine ends with the subnet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct DeleteSubnet {
    /// The subnet to delete
    pub subnet: SubnetId,
}

impl DeleteSubnet {
    /// Deletes this subnet
    pub const fn new(subnet: SubnetId) -> Self {
        Self { subnet }
    }
}

impl Display for DeleteSubnet {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { subnet } = self;
        write!(f, "delete subnet {subnet}")
    }
}

requests! {
    DeleteSubnet { 1 subnet }
}
