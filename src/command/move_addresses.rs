//! Moving addresses from one interface to another

use alloc::vec::Vec;
use core::fmt::{self, Display, Formatter};
use core::net::IpAddr;

use ipnet::IpNet;

use super::display::AddressesAndPrefixes;
use crate::bytes::requests;
use crate::id::{InterfaceId, VpcId};
use crate::text::Maybe;

/// Move addresses and prefixes from one interface to another whose home is the same subnet
///
/// All of them move, or none. A primary never moves, and neither does a held address. What moves is assigned anew, by
/// this revision, without a quarantine; at most [`Assign::MAX_ADDRESSES`](crate::Assign::MAX_ADDRESSES) can move.
/// Addresses that the other interface has already stay with it, if its profile accepts a request for an interface's
/// own addresses.
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
    /// The interface that has them
    pub from: InterfaceId,
    /// The interface that gets them
    pub to: InterfaceId,
    /// The VPC that both interfaces must be in; `None` accepts any
    pub vpc: Option<VpcId>,
    /// Which addresses
    #[cfg_attr(feature = "serde", serde(default))]
    pub addresses: Vec<IpAddr>,
    /// Which prefixes, each exactly as it was assigned
    #[cfg_attr(feature = "serde", serde(default))]
    pub prefixes: Vec<IpNet>,
}

impl Move {
    /// Moves these addresses from one interface to the other
    pub fn new<A: Into<IpAddr>>(
        from: InterfaceId,
        to: InterfaceId,
        addresses: impl IntoIterator<Item = A>,
    ) -> Self {
        let addresses = addresses.into_iter().map(Into::into).collect();
        Self { from, to, vpc: None, addresses, prefixes: Vec::new() }
    }

    /// Also moves these prefixes
    #[must_use]
    pub fn and_prefixes(mut self, prefixes: impl IntoIterator<Item = IpNet>) -> Self {
        self.prefixes.extend(prefixes);
        self
    }

    /// Refuses the command unless both interfaces are in this VPC
    #[must_use]
    pub const fn in_vpc(mut self, vpc: VpcId) -> Self {
        self.vpc = Some(vpc);
        self
    }
}

impl Display for Move {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { from, to, vpc, addresses, prefixes } = self;
        let named = AddressesAndPrefixes(addresses, prefixes);
        write!(f, "move {named} from {from} to {to}{}", Maybe(" of ", *vpc))
    }
}

requests! {
    Move { 1 from 2 to 3 vpc: maybe 4 addresses: maybe 5 prefixes: maybe }
}
