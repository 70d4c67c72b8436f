//! Taking over what exists already

use alloc::vec::Vec;
use core::fmt::{self, Display, Formatter};

use super::Wanted;
use crate::bytes::requests;
use crate::id::{InterfaceId, VpcId};
use crate::text::{Few, Maybe};

/// Take over addresses that an interface has in the real network, whatever rules that breaks
///
/// For reconcilers, migrations and imports: what exists is a fact, and to refuse it would leave an address
/// in use that the engine gives to somebody else. So neither reserved ranges nor the gateway, the quota, the
/// interface's state or its tasks stand in the way, nor a rest, which ends.
/// [`Decision::violations`](crate::Decision::violations) tells what an assignment would have been refused
/// for. What somebody else has, or anybody awaits, is not taken; nor is what lies in no subnet of the VPC.
///
/// The addresses may lie in any subnets of the interface's VPC. All are adopted, or none. Those that the
/// interface has already stay as they are, but that one that is to be primary becomes so in the place of the
/// one before, which is secondary then. One that is not said to be primary, and is, stays so unless another
/// takes its place.
///
/// ```
/// use ipam_core::{Adopt, Wanted};
/// use std::net::IpAddr;
///
/// let (gateway, other): (IpAddr, IpAddr) = ("10.0.0.1".parse()?, "10.0.0.9".parse()?);
/// let adopt = Adopt::new("eni-1".parse()?, [Wanted::primary(gateway), other.into()]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Adopt {
    /// Who has them
    pub interface: InterfaceId,
    /// The VPC that the interface is said to be in; refused if it is not. `None` says nothing.
    pub vpc: Option<VpcId>,
    /// Which addresses
    pub addresses: Vec<Wanted>,
}

impl Adopt {
    /// These addresses of the interface
    pub fn new<W: Into<Wanted>>(
        interface: InterfaceId,
        addresses: impl IntoIterator<Item = W>,
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

impl Display for Adopt {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { interface, vpc, addresses } = self;
        write!(f, "adopt {} for {interface}{}", Few(addresses.iter()), Maybe(" of ", *vpc))
    }
}

requests! {
    Adopt { 1 interface 2 vpc: maybe 3 addresses }
}
