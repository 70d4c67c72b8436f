//! Adopting addresses that an interface has already

use alloc::vec::Vec;
use core::fmt::{self, Display, Formatter};

use super::Wanted;
use crate::bytes::requests;
use crate::id::{InterfaceId, VpcId};
use crate::text::{Few, Maybe};

/// Record addresses that an interface has in the real network, whatever rules they break
///
/// For reconcilers, migrations and imports. What exists is a fact: if the engine refused it, it would assign an
/// address in use to somebody else. So reserved ranges, the gateway, the quota, the interface's state and its tasks
/// do not refuse the command, and neither does a quarantine, which ends.
/// [`Decision::violations`](crate::Decision::violations) lists what an assignment would have been refused for. An
/// address that another interface has, a held address, and one outside every subnet of the VPC are refused.
///
/// The addresses may lie in any subnets of the interface's VPC. All are adopted, or none. Addresses that the
/// interface has in the engine already stay as they are, with one exception: an address that the command marks as
/// primary becomes the primary, and the previous primary becomes secondary. A primary that the command lists without
/// marking it stays primary, unless the command marks another one.
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
    /// The interface that has them
    pub interface: InterfaceId,
    /// The VPC that the interface must be in; `None` accepts any
    pub vpc: Option<VpcId>,
    /// Which addresses
    pub addresses: Vec<Wanted>,
}

impl Adopt {
    /// Adopts these addresses for the interface
    pub fn new<W: Into<Wanted>>(
        interface: InterfaceId,
        addresses: impl IntoIterator<Item = W>,
    ) -> Self {
        let addresses = addresses.into_iter().map(Into::into).collect();
        Self { interface, vpc: None, addresses }
    }

    /// Refuses the command unless the interface is in this VPC
    #[must_use]
    pub const fn in_vpc(mut self, vpc: VpcId) -> Self {
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
