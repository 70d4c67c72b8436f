//! What releases addresses or gives them to another, and for how long they rest

use alloc::vec::Vec;
use core::net::IpAddr;

use ipnet::IpNet;

use super::Primary;
use crate::id::{InterfaceId, Reason, Revision, VpcId};
use crate::space::address::Family;

/// Release addresses and prefixes of an interface, in any subnets of its VPC
///
/// A prefix is released whole, by just the CIDR that was assigned; an address of it is not released by
/// itself. Prefixes come after the addresses, in faults and in the answer.
///
/// ```
/// use ipam_core::{Rest, Revision, Unassign};
/// use std::net::IpAddr;
///
/// let address: IpAddr = "10.0.0.9".parse()?;
/// // A late release must not free what somebody has been given since.
/// let late = Unassign::new("eni-1".parse()?, [address]).of_generation(Revision::new(7));
/// let longer = Unassign::new("eni-1".parse()?, [address])
///     .rest(Rest::for_millis(3_600_000).because("port-scan".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
    /// And which prefixes, each as it was assigned
    #[cfg_attr(feature = "serde", serde(default))]
    pub prefixes: Vec<IpNet>,
    /// The revision that assigned them, all of them; `None` is whichever it was
    pub generation: Option<Revision>,
    /// What happens to those that the interface has not, or not of that generation, if one is named
    pub stale: Stale,
    /// How long they rest
    pub rest: Rest,
}

/// What a release that names a generation does about addresses that are not of it
///
/// They are never released. They may be the same interface's of another generation, another interface's,
/// or nobody's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Stale {
    // The numbers are part of the digests of requests.
    /// Refuses the whole release
    #[default]
    Refuse = 0,
    /// Treats them as released: the answer leaves them out
    Ignore = 1,
}

/// How long released addresses rest before they are given again
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Rest {
    /// Milliseconds; 0 is not at all, `None` is as the profile of their subnet says
    pub millis: Option<u64>,
    /// Why they rest, for whoever asks
    pub reason: Option<Reason>,
}

impl Rest {
    /// As the profile of their subnet says
    pub const USUAL: Self = Self { millis: None, reason: None };

    /// So many milliseconds; 0 is not at all
    pub const fn for_millis(millis: u64) -> Self {
        Self { millis: Some(millis), reason: None }
    }

    /// For this reason
    #[must_use]
    pub const fn because(mut self, reason: Reason) -> Self {
        self.reason = Some(reason);
        self
    }
}

impl Unassign {
    /// A release of these addresses
    pub fn new<A: Into<IpAddr>>(
        interface: InterfaceId,
        addresses: impl IntoIterator<Item = A>,
    ) -> Self {
        let addresses = addresses.into_iter().map(Into::into).collect();
        let (generation, stale, rest) = (None, Stale::Refuse, Rest::USUAL);
        let prefixes = Vec::new();
        Self { interface, vpc: None, addresses, prefixes, generation, stale, rest }
    }

    /// A release of these prefixes
    ///
    /// ```
    /// use ipam_core::Unassign;
    ///
    /// let whole = Unassign::prefixes("eni-1".parse()?, ["10.0.0.16/28".parse()?]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn prefixes(interface: InterfaceId, prefixes: impl IntoIterator<Item = IpNet>) -> Self {
        Self::new::<IpAddr>(interface, []).and_prefixes(prefixes)
    }

    /// And these prefixes
    #[must_use]
    pub fn and_prefixes(mut self, prefixes: impl IntoIterator<Item = IpNet>) -> Self {
        self.prefixes.extend(prefixes);
        self
    }

    /// Refused unless the interface is in this VPC
    #[must_use]
    pub const fn of_vpc(mut self, vpc: VpcId) -> Self {
        self.vpc = Some(vpc);
        self
    }

    /// Refused unless they are those that this revision assigned
    #[must_use]
    pub const fn of_generation(mut self, generation: Revision) -> Self {
        self.generation = Some(generation);
        self
    }

    /// Only those that are still as this revision assigned them; the others count as released already
    #[must_use]
    pub const fn if_of_generation(mut self, generation: Revision) -> Self {
        self.generation = Some(generation);
        self.stale = Stale::Ignore;
        self
    }

    /// Sets how long they rest, instead of the profile's time
    #[must_use]
    pub const fn rest(mut self, rest: Rest) -> Self {
        self.rest = rest;
        self
    }
}

/// Move addresses and prefixes from one interface to another whose home is the same subnet
///
/// All or none. A primary never moves, nor what is held. What moves is assigned anew, by this revision,
/// and does not rest: at most [`Assign::MAX_ADDRESSES`](crate::Assign::MAX_ADDRESSES). Addresses that the
/// other interface has already are left with it where its profile gives an interface its own addresses again.
///
/// ```
/// use ipam_core::Move;
/// use std::net::IpAddr;
///
/// let address: IpAddr = "10.0.0.9".parse()?;
/// let migrate = Move::new("eni-1".parse()?, "eni-2".parse()?, [address]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias = "migrate")]
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Move {
    /// Who has them
    pub from: InterfaceId,
    /// Who gets them
    pub to: InterfaceId,
    /// The VPC that both are said to be in; refused if one is not. `None` says nothing.
    pub vpc: Option<VpcId>,
    /// Which addresses
    pub addresses: Vec<IpAddr>,
    /// And which prefixes, each as it was assigned
    #[cfg_attr(feature = "serde", serde(default))]
    pub prefixes: Vec<IpNet>,
}

impl Move {
    /// These addresses, from one interface to the other
    pub fn new<A: Into<IpAddr>>(
        from: InterfaceId,
        to: InterfaceId,
        addresses: impl IntoIterator<Item = A>,
    ) -> Self {
        let addresses = addresses.into_iter().map(Into::into).collect();
        Self { from, to, vpc: None, addresses, prefixes: Vec::new() }
    }

    /// And these prefixes
    #[must_use]
    pub fn and_prefixes(mut self, prefixes: impl IntoIterator<Item = IpNet>) -> Self {
        self.prefixes.extend(prefixes);
        self
    }

    /// Refused unless both interfaces are in this VPC
    #[must_use]
    pub const fn of_vpc(mut self, vpc: VpcId) -> Self {
        self.vpc = Some(vpc);
        self
    }
}

/// Give an interface another primary address of a family
///
/// The new one may be one of its secondary addresses, or a free one of its home. Where it has no primary of
/// that family yet, it gets its first. Naming the primary that it has changes nothing.
///
/// ```
/// use ipam_core::{Family, OldPrimary, ReplacePrimary};
/// use std::net::IpAddr;
///
/// let address: IpAddr = "10.0.0.9".parse()?;
/// let this = ReplacePrimary::with("eni-1".parse()?, address);
/// let any = ReplacePrimary::with_any("eni-1".parse()?, Family::V4).old(OldPrimary::Keep);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct ReplacePrimary {
    /// Whose primary
    pub interface: InterfaceId,
    /// The VPC that the interface is said to be in; refused if it is not. `None` says nothing.
    pub vpc: Option<VpcId>,
    /// The family
    pub family: Family,
    /// The new primary; of that family, and not absent
    pub primary: Primary<IpAddr>,
    /// What becomes of the old one
    pub old: OldPrimary,
    /// Whether the new one, if named, may lie in a range that is reserved from being chosen only
    pub auto_only: bool,
}

/// What becomes of a primary address that is replaced
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum OldPrimary {
    // The numbers are part of the digests of requests.
    /// It is released, and rests as its subnet's profile says
    #[default]
    Release = 0,
    /// It stays, as a secondary address
    Keep = 1,
}

impl ReplacePrimary {
    /// This address as the new primary of its family, the old one released
    pub fn with(interface: InterfaceId, address: impl Into<IpAddr>) -> Self {
        let address = address.into();
        let (family, primary) = (Family::of(address), Primary::Named(address));
        let old = OldPrimary::Release;
        Self { interface, vpc: None, family, primary, old, auto_only: false }
    }

    /// Any free address of this family as the new primary, the old one released
    pub const fn with_any(interface: InterfaceId, family: Family) -> Self {
        let old = OldPrimary::Release;
        let primary = Primary::Chosen;
        Self { interface, vpc: None, family, primary, old, auto_only: false }
    }

    /// Refused unless the interface is in this VPC
    #[must_use]
    pub const fn of_vpc(mut self, vpc: VpcId) -> Self {
        self.vpc = Some(vpc);
        self
    }

    /// Even one named in a range that is reserved from being chosen only
    #[must_use]
    pub const fn even_auto_only(mut self) -> Self {
        self.auto_only = true;
        self
    }

    /// With the old one treated so
    #[must_use]
    pub const fn old(mut self, old: OldPrimary) -> Self {
        self.old = old;
        self
    }
}
