//! Setting the policy of a subnet

use core::fmt::{self, Display, Formatter};

use crate::bytes::requests;
use crate::id::SubnetId;
use crate::rules::Policy;

/// Set the policy by which a subnet chooses addresses
///
/// The policy starts afresh: at the bottom, at draw 0, with no address released yet. Setting the policy that a subnet
/// already has changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct SetPolicy {
    /// The subnet
    pub subnet: SubnetId,
    /// Its policy, in each family that it has
    pub policy: Policy,
}

impl SetPolicy {
    /// Sets this policy for the subnet
    pub const fn new(subnet: SubnetId, policy: Policy) -> Self {
        Self { subnet, policy }
    }
}

impl Display for SetPolicy {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { subnet, policy } = self;
        write!(f, "choose from {subnet} {policy}")
    }
}

requests! {
    SetPolicy { 1 subnet 2 policy }
}
