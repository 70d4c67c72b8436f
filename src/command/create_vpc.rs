//! Creating a VPC

use alloc::vec::Vec;
use core::fmt::{self, Display, Formatter};

use ipnet::IpNet;

use crate::bytes::requests;
use crate::id::VpcId;
use crate::text::Few;

/// Create a VPC, whose subnets may lie anywhere or only in given CIDRs
///
/// ```
/// use ipam_core::CreateVpc;
///
/// let anywhere = CreateVpc::new("vpc-1".parse()?);
/// let confined = CreateVpc::new("vpc-2".parse()?).within(["10.0.0.0/8".parse()?]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct CreateVpc {
    /// Name of the new VPC
    pub vpc: VpcId,
    /// Where its subnets may lie; disjoint, without host bits; empty for anywhere
    #[cfg_attr(feature = "serde", serde(default))]
    pub cidrs: Vec<IpNet>,
}

impl CreateVpc {
    /// A VPC whose subnets may lie anywhere
    pub const fn new(vpc: VpcId) -> Self {
        Self { vpc, cidrs: Vec::new() }
    }

    /// Requires each subnet to lie in one of these CIDRs, or of those given before
    #[must_use]
    pub fn within(mut self, cidrs: impl IntoIterator<Item = IpNet>) -> Self {
        self.cidrs.extend(cidrs);
        self
    }
}

impl Display for CreateVpc {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { vpc, cidrs } = self;
        match cidrs.as_slice() {
            [] => write!(f, "create VPC {vpc} anywhere"),
            cidrs => write!(f, "create VPC {vpc} within {}", Few(cidrs.iter())),
        }
    }
}

requests! {
    CreateVpc { 1 vpc 2 cidrs: maybe }
}
