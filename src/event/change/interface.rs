//! Interfaces that were created, changed and deleted

use core::fmt::{self, Display, Formatter};
use core::net::IpAddr;

use crate::bytes::structs;
use crate::id::{InterfaceId, SubnetId};
use crate::status::Status;
use crate::text::Maybe;

/// An interface was created
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct InterfaceCreated {
    /// Its name
    pub interface: InterfaceId,
    /// Its home
    pub subnet: SubnetId,
    /// Its state
    pub status: Status,
    /// Its quota in slots
    pub quota: Option<u32>,
}

impl Display for InterfaceCreated {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { interface, subnet, status, quota } = self;
        let quota = Maybe(", quota ", *quota);
        write!(f, "interface {interface} created in {subnet}, {status}{quota}")
    }
}

/// An interface that had nothing left was deleted
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct InterfaceDeleted {
    /// Its name
    pub interface: InterfaceId,
}

impl Display for InterfaceDeleted {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { interface } = self;
        write!(f, "interface {interface} deleted")
    }
}

/// An interface's state was set
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct StatusSet {
    /// The interface
    pub interface: InterfaceId,
    /// Its state from now on
    pub status: Status,
}

impl Display for StatusSet {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { interface, status } = self;
        write!(f, "{interface} is {status}")
    }
}

/// An interface's quota was set
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct QuotaSet {
    /// The interface
    pub interface: InterfaceId,
    /// Its quota from now on
    pub quota: Option<u32>,
}

impl Display for QuotaSet {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { interface, quota } = self;
        match quota {
            Some(quota) => write!(f, "{interface} has a quota of {quota}"),
            None => write!(f, "{interface} has no quota"),
        }
    }
}

/// An address of the interface became its primary; the previous primary, if any, became secondary
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PrimarySet {
    /// The interface
    pub interface: InterfaceId,
    /// Its primary from now on
    pub address: IpAddr,
}

impl Display for PrimarySet {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { interface, address } = self;
        write!(f, "{interface} has the primary {address}")
    }
}

structs! {
    InterfaceCreated { interface subnet status quota }
    InterfaceDeleted { interface }
    StatusSet { interface status }
    QuotaSet { interface quota }
    PrimarySet { interface address }
}
