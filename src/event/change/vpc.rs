//! VPCs that were created and deleted

use alloc::vec::Vec;
use core::fmt::{self, Display, Formatter};

use ipnet::IpNet;

use crate::bytes::structs;
use crate::id::VpcId;
use crate::text::Few;

/// A VPC was created
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct VpcCreated {
    /// Its name
    pub vpc: VpcId,
    /// Where its subnets may lie; empty for anywhere
    pub cidrs: Vec<IpNet>,
}

impl Display for VpcCreated {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { vpc, cidrs } = self;
        write!(f, "VPC {vpc} created")?;
        if cidrs.is_empty() { Ok(()) } else { write!(f, " within {}", Few(cidrs.iter())) }
    }
}

/// A VPC was deleted
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct VpcDeleted {
    /// Its name
    pub vpc: VpcId,
}

impl Display for VpcDeleted {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { vpc } = self;
        write!(f, "VPC {vpc} deleted")
    }
}

structs! {
    VpcCreated { vpc cidrs }
    VpcDeleted { vpc }
}
