//! What a caller may ask of an engine

use alloc::vec::Vec;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use crate::id::{InterfaceId, SubnetId, VpcId};
use crate::rules::Profile;
use crate::space::address::Family;
use crate::space::index::Indices;
use crate::space::range::AddrRange;
use crate::status::Status;

/// One request, judged and carried out whole or not at all
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub enum Command {
    /// Make a VPC; its subnets must lie in one of `cidrs`, unless there are none
    CreateVpc {
        /// Name of the new VPC
        vpc: VpcId,
        /// Where its subnets may lie; disjoint, without host bits; empty for anywhere
        cidrs: Vec<IpNet>,
    },
    /// Delete a VPC that has no subnets
    DeleteVpc {
        /// The VPC to delete
        vpc: VpcId,
    },
    /// Make a subnet
    CreateSubnet(CreateSubnet),
    /// Delete a subnet that is no interface's home and has no address assigned
    DeleteSubnet {
        /// The subnet to delete
        subnet: SubnetId,
    },
    /// Make an interface
    CreateInterface(CreateInterface),
    /// Delete an interface and release everything it has
    DeleteInterface {
        /// The interface to delete
        interface: InterfaceId,
    },
    /// Set an interface's state
    SetStatus {
        /// The interface
        interface: InterfaceId,
        /// Its new state
        status: Status,
    },
    /// Set an interface's quota; what it has already, it keeps
    SetQuota {
        /// The interface
        interface: InterfaceId,
        /// Its new quota in slots; `None` is without limit
        quota: Option<u32>,
    },
    /// Withhold a range of a subnet from everyone
    ///
    /// Addresses of the range that are assigned stay so, and are withheld once released. A range may
    /// not overlap another reserved one.
    ReserveRange {
        /// The subnet
        subnet: SubnetId,
        /// What to withhold, both ends included
        range: AddrRange,
    },
    /// End a reservation that was made with exactly this range
    ReleaseRange {
        /// The subnet
        subnet: SubnetId,
        /// The range as it was reserved
        range: AddrRange,
    },
    /// Keep these indices of what is free in a subnet, and no others; it has none until told to
    ///
    /// They change what some questions cost, and never an answer or a decision.
    SetIndices {
        /// The subnet
        subnet: SubnetId,
        /// Its indices from now on, in each family that it has
        indices: Indices,
    },
    /// Assign addresses to an interface
    Assign(Assign),
    /// Release addresses of an interface
    Unassign(Unassign),
}

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
}

/// The primary address that a new interface gets in one family
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Primary<A> {
    /// None
    #[default]
    Absent,
    /// Any that is free
    Chosen,
    /// This one
    Named(A),
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

    /// The primary asked for in `family`
    pub(crate) fn primary(&self, family: Family) -> Primary<IpAddr> {
        fn widen<A: Into<IpAddr> + Copy>(primary: Primary<A>) -> Primary<IpAddr> {
            match primary {
                Primary::Absent => Primary::Absent,
                Primary::Chosen => Primary::Chosen,
                Primary::Named(address) => Primary::Named(address.into()),
            }
        }
        match family {
            Family::V4 => widen(self.primary_v4),
            Family::V6 => widen(self.primary_v6),
        }
    }
}

/// Assign addresses of one subnet to an interface: these, or so many, or both
///
/// The subnet is the interface's home, unless another of its VPC is named.
///
/// ```
/// use ipam_core::{Assign, Pick};
///
/// let two_more = Assign::new("eni-1".parse()?, Pick::any(2)).of_vpc("vpc-1".parse()?);
/// # Ok::<(), ipam_core::IdError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Assign {
    /// Who gets them
    pub interface: InterfaceId,
    /// The VPC that the interface is said to be in; refused if it is not. `None` says nothing.
    pub vpc: Option<VpcId>,
    /// Where they come from; `None` is the interface's home
    pub subnet: Option<SubnetId>,
    /// Which addresses
    pub pick: Pick,
}

impl Assign {
    /// Most addresses that one command, or batch, may newly assign: 2^24, those of a /8
    ///
    /// Each costs memory once it is assigned, so a count without bound would be a way to ask for all of it.
    pub const MAX_ADDRESSES: u32 = 1 << 24;

    /// Addresses of the interface's home subnet
    pub const fn new(interface: InterfaceId, pick: Pick) -> Self {
        Self { interface, vpc: None, subnet: None, pick }
    }

    /// Refused unless the interface is in this VPC
    #[must_use]
    pub const fn of_vpc(mut self, vpc: VpcId) -> Self {
        self.vpc = Some(vpc);
        self
    }

    /// From this subnet of the interface's VPC
    #[must_use]
    pub const fn from_subnet(mut self, subnet: SubnetId) -> Self {
        self.subnet = Some(subnet);
        self
    }
}

/// Which addresses to assign: these, or so many, or both
///
/// ```
/// use ipam_core::{Pick, Wanted};
/// use std::net::IpAddr;
///
/// let address: IpAddr = "10.0.0.9".parse()?;
/// let any = Pick::any(3);
/// let both = Pick::these([address]).and_any(2);
/// let primary = Pick::these([Wanted::primary(address)]);
/// # Ok::<(), std::net::AddrParseError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct Pick {
    /// Addresses asked for by name, in order; an empty list counts as absent
    pub list: Vec<Wanted>,
    /// How many more the engine chooses, lowest free first; at least 1 if given
    pub count: Option<u32>,
    /// The family of those it chooses; `None` is that of `within`, or else the subnet's only one, or
    /// else IPv4
    pub family: Option<Family>,
    /// Where all of them must lie, both ends included; `None` is the whole subnet
    pub within: Option<AddrRange>,
}

/// One address asked for by name
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Wanted {
    /// The address
    pub address: IpAddr,
    /// Whether it is to be the interface's primary of its family
    pub primary: bool,
}

impl Wanted {
    /// The address, as the interface's primary of its family
    pub fn primary(address: impl Into<IpAddr>) -> Self {
        Self { address: address.into(), primary: true }
    }
}

impl<A: Into<IpAddr>> From<A> for Wanted {
    fn from(address: A) -> Self {
        Self { address: address.into(), primary: false }
    }
}

impl Pick {
    /// So many that the engine chooses
    pub const fn any(count: u32) -> Self {
        Self { list: Vec::new(), count: Some(count), family: None, within: None }
    }

    /// These, by name
    pub fn these<W: Into<Wanted>>(list: impl IntoIterator<Item = W>) -> Self {
        Self { list: list.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    /// And so many more that the engine chooses
    #[must_use]
    pub const fn and_any(mut self, count: u32) -> Self {
        self.count = Some(count);
        self
    }

    /// With those that the engine chooses of this family
    #[must_use]
    pub const fn family(mut self, family: Family) -> Self {
        self.family = Some(family);
        self
    }

    /// All within this range
    #[must_use]
    pub const fn within(mut self, range: AddrRange) -> Self {
        self.within = Some(range);
        self
    }
}

/// Release addresses of an interface, in any subnets of its VPC
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Unassign {
    /// Who has them
    pub interface: InterfaceId,
    /// The VPC that the interface is said to be in; refused if it is not. `None` says nothing.
    pub vpc: Option<VpcId>,
    /// Which addresses
    pub addresses: Vec<IpAddr>,
}

impl Unassign {
    /// These addresses of the interface
    pub fn new<A: Into<IpAddr>>(
        interface: InterfaceId,
        addresses: impl IntoIterator<Item = A>,
    ) -> Self {
        let addresses = addresses.into_iter().map(Into::into).collect();
        Self { interface, vpc: None, addresses }
    }

    /// Refused unless the interface is in this VPC
    #[must_use]
    pub const fn of_vpc(mut self, vpc: VpcId) -> Self {
        self.vpc = Some(vpc);
        self
    }
}

macro_rules! into_command {
    ($($request:ident)*) => {$(
        impl From<$request> for Command {
            fn from(request: $request) -> Self {
                Self::$request(request)
            }
        }
    )*};
}

into_command!(CreateSubnet CreateInterface Assign Unassign);
