//! What assigns addresses and prefixes, and which

use alloc::vec::Vec;
use core::net::IpAddr;

use ipnet::IpNet;

use super::{Hold, Source};
use crate::id::{InterfaceId, SubnetId, VpcId};
use crate::rules::Policy;
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
    /// The addresses and prefixes asked for
    pub pick: Pick,
    /// Whether addresses of the list that other interfaces have are taken from them: secondary ones, and
    /// none that is held
    pub reassign: bool,
    /// Whether they wait for a confirmation, and how; `None` is not at all
    pub hold: Option<Hold>,
}

impl Assign {
    /// Most addresses that one command, or batch, may newly assign: 2^24, those of a /8; a prefix is as one
    ///
    /// Each costs memory once it is assigned, so a count without bound would be a way to ask for all of it.
    pub const MAX_ADDRESSES: u32 = 1 << 24;

    /// A request for what is picked, of the interface's home subnet
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
    /// A request for at least `count` secondary addresses
    pub const fn at_least(interface: InterfaceId, count: u32) -> Self {
        Self { interface, vpc: None, subnet: None, family: None, count, exact: false, hold: None }
    }

    /// A request for exactly `count` secondary addresses
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

/// Which addresses to assign: these, or so many, or both; and prefixes
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
    /// How many more the engine chooses, by the subnet's policy; at least 1 if given
    pub count: Option<u32>,
    /// The family of those it chooses; `None` is that of `within`, or else the subnet's only one, or
    /// else IPv4
    pub family: Option<Family>,
    /// Where all of them must lie, both ends included; `None` is the whole subnet
    pub within: Option<AddrRange>,
    /// Whether those of the list may lie in ranges that are reserved from being chosen only, and prefixes
    /// asked for by name
    pub auto_only: bool,
    /// Prefixes beside those addresses, in order
    pub prefixes: Vec<WantedPrefix>,
    /// The policy by which it chooses; `None` is the subnet's
    pub policy: Option<Policy>,
    /// Those that it chooses first, in order, as far as they are free, are asked for and may be chosen
    pub preferred: Vec<IpAddr>,
    /// Whether those that it chooses must follow one another without a gap
    pub contiguous: bool,
}

/// Prefixes asked for: one by name, or so many that the engine chooses
///
/// They stand beside the list and the count, whatever the profile says of those two. A prefix takes one slot
/// of a quota, whatever its length, and is released and moved whole. It may be as long as an address, and as
/// short as its subnet; only IPv6's /0 has more addresses than can be counted.
///
/// What the engine chooses fits best: it is the bottom of the smallest free block that has room, the lowest
/// of several, so that larger ones stay whole. Each sees those before it as taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub enum WantedPrefix {
    /// This one, without host bits
    Named(IpNet),
    /// So many of one length
    Any {
        /// Their length
        prefix_len: u8,
        /// How many, at least 1
        count: u32,
        /// Their family; `None` is as of addresses that are chosen
        #[cfg_attr(feature = "serde", serde(default))]
        family: Option<Family>,
    },
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
    /// A pick of `count` addresses that the engine chooses; 0 is refused
    /// ([`ZeroCount`](crate::Error::ZeroCount))
    pub const fn any(count: u32) -> Self {
        Self {
            list: Vec::new(),
            count: Some(count),
            family: None,
            within: None,
            auto_only: false,
            prefixes: Vec::new(),
            policy: None,
            preferred: Vec::new(),
            contiguous: false,
        }
    }

    /// A pick of `count` prefixes of this length that the engine chooses
    ///
    /// ```
    /// use ipam_core::Pick;
    ///
    /// let two = Pick::prefixes(28, 2);
    /// let more = Pick::any(1).and_prefixes(28, 2).and_prefix("10.0.0.64/26".parse()?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "Ipv4PrefixCount")]
    pub fn prefixes(prefix_len: u8, count: u32) -> Self {
        Self::default().and_prefixes(prefix_len, count)
    }

    /// And so many prefixes of this length that the engine chooses
    #[must_use]
    pub fn and_prefixes(mut self, prefix_len: u8, count: u32) -> Self {
        self.prefixes.push(WantedPrefix::Any { prefix_len, count, family: None });
        self
    }

    /// And so many prefixes of this length and family that the engine chooses
    #[must_use]
    pub fn and_prefixes_of(mut self, family: Family, prefix_len: u8, count: u32) -> Self {
        self.prefixes.push(WantedPrefix::Any { prefix_len, count, family: Some(family) });
        self
    }

    /// And this prefix, by name
    #[must_use]
    pub fn and_prefix(mut self, prefix: IpNet) -> Self {
        self.prefixes.push(WantedPrefix::Named(prefix));
        self
    }

    /// A pick of these addresses, by name
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

    /// With those that the engine chooses by this policy, and not by the subnet's
    ///
    /// The subnet's own is where it was: neither its cursor nor its draws count what is chosen so.
    #[must_use]
    pub const fn by(mut self, policy: Policy) -> Self {
        self.policy = Some(policy);
        self
    }

    /// With these before any others, in order, as far as they are free and so many are asked for
    ///
    /// One that cannot be chosen, whatever keeps it, is passed over: others take its place. Of a
    /// [contiguous](Self::contiguous) range, where it begins.
    #[must_use]
    pub fn preferring<A: Into<IpAddr>>(mut self, addresses: impl IntoIterator<Item = A>) -> Self {
        self.preferred.extend(addresses.into_iter().map(Into::into));
        self
    }

    /// With those that the engine chooses one range, of any alignment
    ///
    /// It is the lowest one that is long enough, from where the policy looks first, and from the bottom again
    /// at the end; policies other than `Next` and `From` look at the bottom first. Each of its addresses is
    /// assigned by itself, counts against the quota, and may be released alone.
    #[must_use]
    pub const fn contiguous(mut self) -> Self {
        self.contiguous = true;
        self
    }

    /// Restricts all of them to this range, both ends included
    #[must_use]
    pub const fn within(mut self, range: AddrRange) -> Self {
        self.within = Some(range);
        self
    }
}
