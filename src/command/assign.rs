//! Assigning addresses

use core::fmt::{self, Display, Formatter};

use super::pick::{Where, Which};
use super::{Hold, Pick, Source};
use crate::bytes::requests;
use crate::id::{InterfaceId, SubnetId, VpcId};
use crate::text::{Maybe, when};

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

    /// Whether one command, or batch, may newly assign so many
    #[inline]
    pub(crate) fn may_assign(count: impl Into<u128>) -> bool {
        count.into() <= Self::MAX_ADDRESSES.into()
    }

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
