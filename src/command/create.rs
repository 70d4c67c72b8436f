//! What makes subnets and interfaces

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use crate::id::{InterfaceId, SubnetId, VpcId};
use crate::rules::Profile;
use crate::space::address::Family;
use crate::status::Status;

/// Make a subnet of a VPC, with an IPv4 CIDR, an IPv6 CIDR or both
///
/// ```
/// use ipam_core::{CreateSubnet, Profile};
///
/// let dual_stack = CreateSubnet::new("subnet-1".parse()?, "vpc-1".parse()?, Profile::AWS)
///     .v4("10.0.0.0/24".parse()?)
///     .v6("2001:db8::/64".parse()?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct CreateSubnet {
    /// Name of the new subnet
    pub subnet: SubnetId,
    /// The VPC that it belongs to
    pub vpc: VpcId,
    /// Its IPv4 addresses, without host bits
    pub v4: Option<Ipv4Net>,
    /// Its IPv6 addresses, without host bits
    pub v6: Option<Ipv6Net>,
    /// Its rules
    pub profile: Profile,
}

impl CreateSubnet {
    /// A subnet with no CIDR yet
    pub const fn new(subnet: SubnetId, vpc: VpcId, profile: Profile) -> Self {
        Self { subnet, vpc, v4: None, v6: None, profile }
    }

    /// With these IPv4 addresses
    #[must_use]
    pub const fn v4(mut self, cidr: Ipv4Net) -> Self {
        self.v4 = Some(cidr);
        self
    }

    /// With these IPv6 addresses
    #[must_use]
    pub const fn v6(mut self, cidr: Ipv6Net) -> Self {
        self.v6 = Some(cidr);
        self
    }

    /// With these addresses, of either family
    #[must_use]
    pub const fn cidr(self, cidr: IpNet) -> Self {
        match cidr {
            IpNet::V4(cidr) => self.v4(cidr),
            IpNet::V6(cidr) => self.v6(cidr),
        }
    }
}

/// Make an interface whose home is a subnet
///
/// A refusal that names addresses counts the primary IPv4 address as index 0 and the primary IPv6
/// address as index 1.
///
/// Unless told otherwise it is [`Available`](Status::Available), without a quota and without
/// addresses.
///
/// ```
/// use ipam_core::{CreateInterface, Primary};
///
/// let eni = CreateInterface::new("eni-1".parse()?, "subnet-1".parse()?)
///     .quota(10)
///     .primary_v4(Primary::Chosen);
/// # Ok::<(), ipam_core::IdError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct CreateInterface {
    /// Name of the new interface
    pub interface: InterfaceId,
    /// Its home
    pub subnet: SubnetId,
    /// Its state
    pub status: Status,
    /// Its quota in slots; `None` is without limit
    pub quota: Option<u32>,
    /// Its primary IPv4 address
    pub primary_v4: Primary<Ipv4Addr>,
    /// Its primary IPv6 address
    pub primary_v6: Primary<Ipv6Addr>,
    /// Whether primaries that are named may lie in ranges that are reserved from being chosen only
    pub auto_only: bool,
}

/// The primary address that a new interface gets in one family
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Primary<A> {
    /// None
    #[default]
    Absent,
    /// Any that is free, chosen by the subnet's policy
    Chosen,
    /// This one
    Named(A),
}

impl<A: Into<IpAddr> + Copy> Primary<A> {
    /// The same of either family
    pub(crate) fn wide(&self) -> Primary<IpAddr> {
        match *self {
            Self::Absent => Primary::Absent,
            Self::Chosen => Primary::Chosen,
            Self::Named(address) => Primary::Named(address.into()),
        }
    }
}

impl CreateInterface {
    /// An available interface without quota or addresses
    pub const fn new(interface: InterfaceId, subnet: SubnetId) -> Self {
        Self {
            interface,
            subnet,
            status: Status::Available,
            quota: None,
            primary_v4: Primary::Absent,
            primary_v6: Primary::Absent,
            auto_only: false,
        }
    }

    /// In this state
    #[must_use]
    pub const fn status(mut self, status: Status) -> Self {
        self.status = status;
        self
    }

    /// With a quota of `slots`
    #[must_use]
    pub const fn quota(mut self, slots: u32) -> Self {
        self.quota = Some(slots);
        self
    }

    /// With this primary IPv4 address
    #[must_use]
    pub const fn primary_v4(mut self, primary: Primary<Ipv4Addr>) -> Self {
        self.primary_v4 = primary;
        self
    }

    /// With this primary IPv6 address
    #[must_use]
    pub const fn primary_v6(mut self, primary: Primary<Ipv6Addr>) -> Self {
        self.primary_v6 = primary;
        self
    }

    /// Even with primaries named in ranges that are reserved from being chosen only
    #[must_use]
    pub const fn even_auto_only(mut self) -> Self {
        self.auto_only = true;
        self
    }

    /// The primary asked for in `family`
    pub(crate) fn primary(&self, family: Family) -> Primary<IpAddr> {
        match family {
            Family::V4 => self.primary_v4.wide(),
            Family::V6 => self.primary_v6.wide(),
        }
    }
}
