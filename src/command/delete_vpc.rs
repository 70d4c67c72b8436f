//! Deleting a VPC

use core::fmt::{self, Display, Formatter};

use crate::bytes::requests;
use crate::id::VpcId;

/// Delete a VPC that has no subnets
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct DeleteVpc {
    /// The VPC to delete
    pub vpc: VpcId,
}

impl DeleteVpc {
    /// Deletes this VPC
    pub const fn new(vpc: VpcId) -> Self {
        Self { vpc }
    }
}

impl Display for DeleteVpc {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { vpc } = self;
        write!(f, "delete VPC {vpc}")
    }
}

requests! {
    DeleteVpc { 1 vpc }
}
