//! Deleting an interface

use core::fmt::{self, Display, Formatter};

use crate::bytes::requests;
use crate::id::InterfaceId;

/// Delete an interface and release everything it has
///
/// Its addresses go into quarantine as their subnets' profiles say. Its unfinished tasks fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct DeleteInterface {
    /// The interface to delete
    pub interface: InterfaceId,
}

impl DeleteInterface {
    /// Deletes this interface
    pub const fn new(interface: InterfaceId) -> Self {
        Self { interface }
    }
}

impl Display for DeleteInterface {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { interface } = self;
        write!(f, "delete interface {interface}")
    }
}

requests! {
    DeleteInterface { 1 interface }
}
