//! Setting the policy of a subnet

use core::fmt::{self, Display, Formatter};

use crate::bytes::requests;
use crate::id::SubnetId;
use crate::rules::Policy;

/// Choose a subnet's addresses by this policy from now on, until it is set again
///
/// It begins at its beginning: at the bottom, at draw 0, with nothing released yet. To set the policy that
/// a subnet has changes nothing.
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
    /// This policy for that subnet
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
