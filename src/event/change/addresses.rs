//! Addresses that were assigned and released, and began and ended their rest

use core::fmt::{self, Display, Formatter};

use super::runs;
use crate::bytes::structs;
use crate::id::{InterfaceId, Reason, SubnetId, Timestamp};
use crate::space::list::AddrList;
use crate::text::Maybe;

/// Addresses of one subnet and family were assigned
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Assigned {
    /// Who has them now
    pub interface: InterfaceId,
    /// Where they lie
    pub subnet: SubnetId,
    /// The addresses, in order of assignment
    pub addresses: AddrList,
}

impl Display for Assigned {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { interface, subnet, addresses } = self;
        write!(f, "{interface} +{} ({subnet})", runs(addresses))
    }
}

/// Addresses of one subnet and family were released; a primary among them is no more
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Released {
    /// Who had them
    pub interface: InterfaceId,
    /// Where they lie
    pub subnet: SubnetId,
    /// The addresses
    pub addresses: AddrList,
}

impl Display for Released {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { interface, subnet, addresses } = self;
        write!(f, "{interface} -{} ({subnet})", runs(addresses))
    }
}

/// Addresses of one subnet and family were released; a primary among them is no more; and they rest
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Quarantined {
    /// Who had them
    pub interface: InterfaceId,
    /// Where they lie
    pub subnet: SubnetId,
    /// The addresses
    pub addresses: AddrList,
    /// When they are free, after the event
    pub until: Timestamp,
    /// Why they rest, if the caller said so
    pub reason: Option<Reason>,
}

impl Display for Quarantined {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { interface, subnet, addresses, until, reason } = self;
        let reason = Maybe(", because of ", *reason);
        write!(f, "{interface} -{} ({subnet}), rests until {until}{reason}", runs(addresses))
    }
}

/// Addresses that rested are free before their time
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct RestEnded {
    /// Where they lie
    pub subnet: SubnetId,
    /// The addresses, of one family
    pub addresses: AddrList,
}

impl Display for RestEnded {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { subnet, addresses } = self;
        write!(f, "{} rests no more ({subnet})", runs(addresses))
    }
}

structs! {
    Assigned { interface subnet addresses }
    Released { interface subnet addresses }
    Quarantined { interface subnet addresses until reason }
    RestEnded { subnet addresses }
}
