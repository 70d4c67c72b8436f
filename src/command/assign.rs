//! What assigns addresses, and which

use alloc::vec::Vec;
use core::net::IpAddr;

use super::{Hold, Source};
use crate::id::{InterfaceId, SubnetId, VpcId};
use crate::space::address::Family;
use crate::space::range::AddrRange;

/// Assign addresses of one subnet to an interface: these, or so many, or both
///
/// The subnet is the interface's home, unless another of its VPC is named, or several ([`Source`]).
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
    /// Where they come from; in readable forms [`Home`](Source::Home) may be left out
    #[cfg_attr(feature = "serde", serde(default))]
    pub from: Source,
    /// Which addresses
    pub pick: Pick,
    /// Whether addresses of the list that other interfaces have are taken from them: secondary ones, and
    /// none that is held
    pub reassign: bool,
    /// Whether they wait for a confirmation, and how; `None` is not at all
    pub hold: Option<Hold>,
}

impl Assign {
    /// Most addresses that one command, or batch, may newly assign: 2^24, those of a /8
    ///
    /// Each costs memory once it is assigned, so a count without bound would be a way to ask for all of it.
    pub const MAX_ADDRESSES: u32 = 1 << 24;

    /// Addresses of the interface's home subnet
    pub const fn new(interface: InterfaceId, pick: Pick) -> Self {
        Self { interface, vpc: None, from: Source::Home, pick, reassign: false, hold: None }
    }

    /// Refused unless the interface is in this VPC
    #[must_use]
    pub const fn of_vpc(mut self, vpc: VpcId) -> Self {
        self.vpc = Some(vpc);
        self
    }

    /// From this subnet of the interface's VPC
    #[must_use]
    pub fn from_subnet(mut self, subnet: SubnetId) -> Self {
        self.from = Source::Subnet(subnet);
        self
    }

    /// As many from each of these subnets of the interface's VPC, all or nothing
    #[must_use]
    pub fn from_each(mut self, subnets: impl IntoIterator<Item = SubnetId>) -> Self {
        self.from = Source::Each(subnets.into_iter().collect());
        self
    }

    /// All from the first of these subnets of the interface's VPC that can give them
    #[must_use]
    pub fn from_first(mut self, subnets: impl IntoIterator<Item = SubnetId>) -> Self {
        self.from = Source::First(subnets.into_iter().collect());
        self
    }

    /// Even those of the list that other interfaces have
    ///
    /// A primary is never taken, nor what is held for somebody. What is taken does not rest.
    #[doc(alias = "AllowReassignment")]
    #[must_use]
    pub const fn reassign(mut self) -> Self {
        self.reassign = true;
        self
    }

    /// Held for the interface until it is confirmed, or its time is up
    ///
    /// [`Decision::task`](crate::Decision::task) names the hold, one for all of several subnets. There is none
    /// where the interface has all that was asked for.
    #[must_use]
    pub const fn hold(mut self, hold: Hold) -> Self {
        self.hold = Some(hold);
        self
    }
}

/// See to it that an interface has so many secondary addresses of one subnet and family
///
/// For reconcilers: asking again changes nothing. What is missing is chosen as by [`Pick::any`]; what is
/// too many, if the count is to be exact, is released, latest assigned first. Addresses that are held
/// count, and are not released. The answer is all the secondary addresses that it then has there, in order
/// of assignment.
///
/// ```
/// use ipam_core::EnsureCount;
///
/// let five = EnsureCount::at_least("eni-1".parse()?, 5);
/// let none = EnsureCount::exactly("eni-1".parse()?, 0).of_vpc("vpc-1".parse()?);
/// # Ok::<(), ipam_core::IdError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct EnsureCount {
    /// Who is to have them
    pub interface: InterfaceId,
    /// The VPC that the interface is said to be in; refused if it is not. `None` says nothing.
    pub vpc: Option<VpcId>,
    /// The subnet whose addresses count; `None` is the interface's home
    pub subnet: Option<SubnetId>,
    /// The family that counts; `None` is the subnet's only one, or else IPv4
    pub family: Option<Family>,
    /// How many; may be 0
    pub count: u32,
    /// Whether more than that are too many
    pub exact: bool,
    /// Whether those that are assigned wait for a confirmation, and how; `None` is not at all
    pub hold: Option<Hold>,
}

impl EnsureCount {
    /// So many, or more
    pub const fn at_least(interface: InterfaceId, count: u32) -> Self {
        Self { interface, vpc: None, subnet: None, family: None, count, exact: false, hold: None }
    }

    /// So many, and no more
    pub const fn exactly(interface: InterfaceId, count: u32) -> Self {
        Self { exact: true, ..Self::at_least(interface, count) }
    }

    /// Refused unless the interface is in this VPC
    #[must_use]
    pub const fn of_vpc(mut self, vpc: VpcId) -> Self {
        self.vpc = Some(vpc);
        self
    }

    /// Of this subnet of the interface's VPC
    #[must_use]
    pub const fn from_subnet(mut self, subnet: SubnetId) -> Self {
        self.subnet = Some(subnet);
        self
    }

    /// Of this family
    #[must_use]
    pub const fn family(mut self, family: Family) -> Self {
        self.family = Some(family);
        self
    }

    /// What is assigned is held until it is confirmed, or its time is up
    #[must_use]
    pub const fn hold(mut self, hold: Hold) -> Self {
        self.hold = Some(hold);
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
    /// Whether those of the list may lie in ranges that are reserved from being chosen only
    pub auto_only: bool,
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
        Self { list: Vec::new(), count: Some(count), family: None, within: None, auto_only: false }
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

    /// Even those of the list in ranges that are reserved from being chosen only
    /// ([`Reservation::AutoOnly`](crate::Reservation::AutoOnly))
    #[must_use]
    pub const fn even_auto_only(mut self) -> Self {
        self.auto_only = true;
        self
    }

    /// All within this range
    #[must_use]
    pub const fn within(mut self, range: AddrRange) -> Self {
        self.within = Some(range);
        self
    }
}
