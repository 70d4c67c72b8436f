//! Assigning addresses

use core::fmt::{self, Display, Formatter};

use super::pick::{Where, Which};
use super::{Hold, Pick, Source};
use crate::bytes::requests;
use crate::id::{InterfaceId, SubnetId, VpcId};
use crate::text::{Maybe, when};

/// Assign addresses to an interface: by name, by count, or both
///
/// They come from the interface's home subnet, unless the command names another subnet of its VPC, or several
/// ([`Source`]).
///
/// ```
/// use ipam_core::{Assign, Pick};
///
/// let two_more = Assign::new("eni-1".parse()?, Pick::any(2)).in_vpc("vpc-1".parse()?);
/// # Ok::<(), ipam_core::IdError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Assign {
    /// The interface that gets them
    pub interface: InterfaceId,
    /// The VPC that the interface must be in; `None` accepts any
    pub vpc: Option<VpcId>,
    /// Where they come from
    #[cfg_attr(feature = "serde", serde(default))]
    pub from: Source,
    /// The addresses and prefixes asked for
    pub pick: Pick,
    /// Whether listed addresses that other interfaces have are taken from them; never a primary or a held one
    #[cfg_attr(feature = "serde", serde(default))]
    pub reassign: bool,
    /// How they await confirmation; `None` assigns them at once
    pub hold: Option<Hold>,
}

impl Assign {
    /// The most addresses that one command, or one batch, may newly assign: 2^24, as many as a /8 has; a prefix
    /// counts as one
    ///
    /// Each assigned address costs memory, so a count without a bound would let a caller use up all of it.
    pub const MAX_ADDRESSES: u32 = 1 << 24;

    /// Whether one command, or one batch, may newly assign this many
    #[inline]
    pub(crate) fn may_assign(count: impl Into<u128>) -> bool {
        count.into() <= Self::MAX_ADDRESSES.into()
    }

    /// Assigns what is picked, from the interface's home subnet
    pub const fn new(interface: InterfaceId, pick: Pick) -> Self {
        Self { interface, vpc: None, from: Source::Home, pick, reassign: false, hold: None }
    }

    /// Refuses the command unless the interface is in this VPC
    #[must_use]
    pub const fn in_vpc(mut self, vpc: VpcId) -> Self {
        self.vpc = Some(vpc);
        self
    }

    /// Takes them from this subnet of the interface's VPC
    #[must_use]
    pub fn from_subnet(mut self, subnet: SubnetId) -> Self {
        self.from = Source::Subnet(subnet);
        self
    }

    /// Takes as many from each of these subnets of the interface's VPC, all or nothing
    #[must_use]
    pub fn from_each(mut self, subnets: impl IntoIterator<Item = SubnetId>) -> Self {
        self.from = Source::Each(subnets.into_iter().collect());
        self
    }

    /// Takes all of them from the first of these subnets of the interface's VPC that has enough
    #[must_use]
    pub fn from_first(mut self, subnets: impl IntoIterator<Item = SubnetId>) -> Self {
        self.from = Source::First(subnets.into_iter().collect());
        self
    }

    /// Also takes listed addresses that other interfaces have
    ///
    /// It never takes a primary or a held address. A taken address goes through no quarantine. A request without a
    /// list, a named prefix or a range is refused if it says this ([`NoEffect`](crate::Error::NoEffect)).
    #[doc(alias = "AllowReassignment")]
    #[must_use]
    pub const fn reassign(mut self) -> Self {
        self.reassign = true;
        self
    }

    /// Holds them for the interface until they are confirmed or the deadline passes
    ///
    /// [`Decision::task`](crate::Decision::task) names the hold; addresses from several subnets share one. There is
    /// no hold if the interface already has everything that was asked for.
    #[must_use]
    pub const fn hold(mut self, hold: Hold) -> Self {
        self.hold = Some(hold);
        self
    }
}

impl Display for Assign {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { interface, vpc, from, pick, reassign, hold } = self;
        write!(f, "assign {} to {interface}{}", Which(pick), Maybe(" of ", *vpc))?;
        write!(f, "{from}{}", Where(pick))?;
        f.write_str(when(*reassign, ", even if others have them"))?;
        write!(f, "{}", Maybe(", held until ", *hold))
    }
}

requests! {
    Assign { 1 interface 2 vpc: maybe 3 from: maybe 4 pick 5 reassign: maybe 6 hold: maybe }
}
