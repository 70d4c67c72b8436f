//! Setting the quota of an interface

use core::fmt::{self, Display, Formatter};

use crate::bytes::requests;
use crate::id::InterfaceId;

/// Set an interface's quota; the interface keeps what it has
///
/// ```
/// use ipam_core::SetQuota;
///
/// let ten = SetQuota::new("eni-1".parse()?, Some(10));
/// let without_limit = SetQuota::new("eni-1".parse()?, None);
/// # Ok::<(), ipam_core::IdError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct SetQuota {
    /// The interface
    pub interface: InterfaceId,
    /// Its new quota in slots; `None` is unlimited
    // A form that leaves it out is refused: to lift the quota, it says `null`.
    #[cfg_attr(feature = "serde", serde(deserialize_with = "serde::Deserialize::deserialize"))]
    pub quota: Option<u32>,
}

impl SetQuota {
    /// Sets this quota for the interface
    pub const fn new(interface: InterfaceId, quota: Option<u32>) -> Self {
        Self { interface, quota }
    }
}

impl Display for SetQuota {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { interface, quota } = self;
        match quota {
            Some(quota) => write!(f, "set the quota of {interface} to {quota}"),
            None => write!(f, "lift the quota of {interface}"),
        }
    }
}

requests! {
    SetQuota { 1 interface 2 quota: maybe }
}
