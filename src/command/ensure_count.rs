//! Ensuring a number of addresses

use core::fmt::{self, Display, Formatter};

use super::Hold;
use crate::bytes::requests;
use crate::id::{InterfaceId, SubnetId, VpcId};
use crate::space::address::Family;
use crate::text::Maybe;

/// Ensure that an interface has a number of secondary addresses of one subnet and family
///
/// For reconcilers, as repeating it changes nothing. Missing addresses are chosen as by
/// [`Pick::any`](crate::Pick::any). If the count is to be exact, surplus addresses are released, the latest assigned
/// first. Held addresses count and are not released. The answer is all secondary addresses that the interface then
/// has there, in order of assignment.
///
/// ```
/// use ipam_core::EnsureCount;
///
/// let five = EnsureCount::at_least("eni-1".parse()?, 5);
/// let none = EnsureCount::exactly("eni-1".parse()?, 0).in_vpc("vpc-1".parse()?);
/// # Ok::<(), ipam_core::IdError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct EnsureCount {
    /// The interface that is to have them
    pub interface: InterfaceId,
    /// The VPC that the interface must be in; `None` accepts any
    pub vpc: Option<VpcId>,
    /// The subnet whose addresses count; `None` is the interface's home
    pub subnet: Option<SubnetId>,
    /// The family that counts; `None` is the subnet's only one, or else IPv4
    pub family: Option<Family>,
    /// How many; may be 0
    pub count: u32,
    /// Whether surplus addresses are released
    #[cfg_attr(feature = "serde", serde(default))]
    pub exact: bool,
    /// How newly assigned addresses await confirmation; `None` assigns them at once
    pub hold: Option<Hold>,
}

impl EnsureCount {
    /// Ensures at least `count` secondary addresses
    pub const fn at_least(interface: InterfaceId, count: u32) -> Self {
        Self { interface, vpc: None, subnet: None, family: None, count, exact: false, hold: None }
    }

    /// Ensures exactly `count` secondary addresses
    pub const fn exactly(interface: InterfaceId, count: u32) -> Self {
        Self { exact: true, ..Self::at_least(interface, count) }
    }

    /// Refuses the command unless the interface is in this VPC
    #[must_use]
    pub const fn in_vpc(mut self, vpc: VpcId) -> Self {
        self.vpc = Some(vpc);
        self
    }

    /// Counts those of this subnet of the interface's VPC
    #[must_use]
    pub const fn from_subnet(mut self, subnet: SubnetId) -> Self {
        self.subnet = Some(subnet);
        self
    }

    /// Counts those of this family
    #[must_use]
    pub const fn family(mut self, family: Family) -> Self {
        self.family = Some(family);
        self
    }

    /// Holds newly assigned addresses until they are confirmed or the deadline passes
    #[must_use]
    pub const fn hold(mut self, hold: Hold) -> Self {
        self.hold = Some(hold);
        self
    }
}

impl Display for EnsureCount {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { interface, vpc, subnet, family, count, exact, hold } = self;
        let how = if *exact { "exactly" } else { "at least" };
        write!(f, "ensure {how} {count}{} for {interface}", Maybe(" ", *family))?;
        write!(f, "{}{}", Maybe(" of ", *vpc), Maybe(" from ", *subnet))?;
        write!(f, "{}", Maybe(", held until ", *hold))
    }
}

requests! {
    EnsureCount { 1 interface 2 vpc: maybe 3 subnet: maybe 4 family: maybe 5 count 6 exact: maybe 7 hold: maybe }
}
