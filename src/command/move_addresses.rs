//! Moving addresses from one interface to another

use alloc::vec::Vec;
use core::fmt::{self, Display, Formatter};
use core::net::IpAddr;

use ipnet::IpNet;

use super::display::Named;
use crate::bytes::requests;
use crate::id::{InterfaceId, VpcId};
use crate::text::Maybe;

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

impl Display for Move {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { from, to, vpc, addresses, prefixes } = self;
        let named = Named(addresses, prefixes);
        write!(f, "move {named} from {from} to {to}{}", Maybe(" of ", *vpc))
    }
}

requests! {
    Move { 1 from 2 to 3 vpc: maybe 4 addresses: maybe 5 prefixes: maybe }
}
