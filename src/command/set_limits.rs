//! Setting how much is kept

use core::fmt::{self, Display, Formatter};

use super::Limits;
use crate::bytes::requests;

/// Set how much the engine keeps for callers that come back
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct SetLimits {
    /// The new limits; what is kept beyond them stays until its deadline
    pub limits: Limits,
}

impl SetLimits {
    /// These limits
    pub const fn new(limits: Limits) -> Self {
        Self { limits }
    }
}

impl Display for SetLimits {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { limits } = self;
        write!(f, "set the limits to {limits}")
    }
}

requests! {
    SetLimits { 1 limits }
}
