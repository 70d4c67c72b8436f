//! Creating a subnet

use core::fmt::{self, Display, Formatter};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use crate::bytes::requests;
use crate::id::{SubnetId, VpcId};
use crate::rules::Profile;
use crate::text::Maybe;

/// Create a subnet of a VPC, with an IPv4 CIDR, an IPv6 CIDR, or both
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

impl Display for CreateSubnet {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { subnet, vpc, v4, v6, profile: _ } = self;
        write!(f, "create subnet {subnet} in {vpc}")?;
        match (v4, v6) {
            (Some(v4), Some(v6)) => write!(f, " with {v4} and {v6}"),
            (v4, v6) => {
                write!(f, "{}{}", Maybe(" with ", v4.as_ref()), Maybe(" with ", v6.as_ref()))
            }
        }
    }
}

requests! {
    CreateSubnet { 1 subnet 2 vpc 3 v4: maybe 4 v6: maybe 5 profile }
}
