//! What was seen in the real network

use alloc::vec::Vec;
use core::net::IpAddr;

use crate::engine::Role;
use crate::id::{InterfaceId, Revision, SubnetId, VpcId};

/// What was seen in the real network of a VPC, and where the observer looked
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Observed {
    /// The VPC
    pub vpc: VpcId,
    /// Where the observer looked: an address that was not seen is missing only if it lies there
    pub scope: Scope,
    /// The engine's revision when the observation began. Addresses that later revisions assigned, or released into
    /// quarantine, are no differences, as the observer may have missed the change; `None` makes no such exception
    pub as_of: Option<Revision>,
    /// What was seen, in any order
    pub seen: Vec<Seen>,
}

/// The part of the VPC that was observed
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Scope {
    /// Every interface of the VPC
    #[default]
    Vpc,
    /// Every interface of the VPC, but only addresses of these subnets
    Subnets(Vec<SubnetId>),
    /// These interfaces
    Interfaces(Vec<InterfaceId>),
}

/// An address that an interface was seen to have
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Seen {
    /// The address
    pub address: IpAddr,
    /// The interface that was seen to have it
    pub interface: InterfaceId,
    /// The role in which it was seen; `None` if roles cannot be seen
    pub role: Option<Role>,
}

impl Seen {
    /// An address of an interface, in an unknown role
    pub const fn new(interface: InterfaceId, address: IpAddr) -> Self {
        Self { address, interface, role: None }
    }

    /// An interface's primary address of its family
    pub const fn primary(interface: InterfaceId, address: IpAddr) -> Self {
        Self { address, interface, role: Some(Role::Primary) }
    }

    /// An address of an interface that is not its primary
    pub const fn secondary(interface: InterfaceId, address: IpAddr) -> Self {
        Self { address, interface, role: Some(Role::Secondary) }
    }
}

impl Observed {
    /// An observation of a whole VPC
    pub fn in_vpc(vpc: VpcId, seen: impl IntoIterator<Item = Seen>) -> Self {
        Self { vpc, scope: Scope::Vpc, as_of: None, seen: seen.into_iter().collect() }
    }

    /// Sets the part of the VPC that was observed
    #[must_use]
    pub fn within(mut self, scope: Scope) -> Self {
        self.scope = scope;
        self
    }

    /// Whether it was looked at an interface, for addresses of a subnet
    pub(super) fn covers(&self, interface: InterfaceId, subnet: SubnetId) -> bool {
        match &self.scope {
            Scope::Vpc => true,
            Scope::Subnets(subnets) => subnets.contains(&subnet),
            Scope::Interfaces(interfaces) => interfaces.contains(&interface),
        }
    }

    /// Whether what a revision did may have been done after the look began
    pub(super) fn is_recent(&self, revision: Revision) -> bool {
        self.as_of.is_some_and(|as_of| revision > as_of)
    }

    /// Says that the observation began when the engine was at this revision
    #[must_use]
    pub const fn as_of(mut self, revision: Revision) -> Self {
        self.as_of = Some(revision);
        self
    }
}
