//! Setting the indices of a subnet

use core::fmt::{self, Display, Formatter};

use crate::bytes::requests;
use crate::id::SubnetId;
use crate::space::index::Indices;

/// Set which indices of free addresses a subnet keeps; a new subnet keeps none
///
/// Indices change what some questions and commands cost, and never an answer or a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct SetIndices {
    /// The subnet
    pub subnet: SubnetId,
    /// Its indices from now on, in each family that it has
    pub indices: Indices,
}

impl SetIndices {
    /// Sets these indices for the subnet
    pub const fn new(subnet: SubnetId, indices: Indices) -> Self {
        Self { subnet, indices }
    }
}

impl Display for SetIndices {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { subnet, indices } = self;
        write!(f, "set the indices of {subnet} to {indices}")
    }
}

requests! {
    SetIndices { 1 subnet 2 indices }
}
