//! Setting the state of an interface

use core::fmt::{self, Display, Formatter};

use crate::bytes::requests;
use crate::id::InterfaceId;
use crate::status::Status;

/// Set an interface's state
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct SetStatus {
    /// The interface
    pub interface: InterfaceId,
    /// Its new state
    pub status: Status,
}

impl SetStatus {
    /// Sets this state for the interface
    pub const fn new(interface: InterfaceId, status: Status) -> Self {
        Self { interface, status }
    }
}

impl Display for SetStatus {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { interface, status } = self;
        write!(f, "set the state of {interface} to {status}")
    }
}

requests! {
    SetStatus { 1 interface 2 status }
}
