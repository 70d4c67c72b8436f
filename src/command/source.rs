//! Where the addresses of a request come from

use alloc::vec::Vec;
use core::fmt::{self, Display, Formatter};

use crate::bytes::encoded_choices;
use crate::id::SubnetId;
use crate::text::Few;

/// Where assigned addresses come from: one subnet of the interface's VPC, or several
///
/// Of several, each is judged as it would be alone: its rules, its free addresses, and where the request
/// names no family, its own ([`Pick::family`](crate::Pick::family)). The quota is judged over all of them.
/// Several can only be asked for a count: an address has its subnet, and so has a range.
///
/// ```
/// use ipam_core::{Assign, Pick};
///
/// let (v4, v6) = ("subnet-v4".parse()?, "subnet-v6".parse()?);
/// let dual_stack = Assign::new("eni-1".parse()?, Pick::any(1)).from_each([v4, v6]);
/// let overflow = Assign::new("eni-1".parse()?, Pick::any(3)).from_first([v4, v6]);
/// # Ok::<(), ipam_core::IdError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Source {
    /// The interface's home
    #[default]
    Home,
    /// This subnet
    Subnet(SubnetId),
    /// As many of each of these, all or nothing; the answer has them in this order
    Each(Vec<SubnetId>),
    /// All from one of these: the first that has as many
    First(Vec<SubnetId>),
}

impl Source {
    /// The subnet, if one is named
    pub const fn subnet(&self) -> Option<SubnetId> {
        match self {
            Self::Subnet(subnet) => Some(*subnet),
            Self::Home | Self::Each(_) | Self::First(_) => None,
        }
    }
}

/// After the rest of a request; nothing where it is the home
impl Display for Source {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Home => Ok(()),
            Self::Subnet(subnet) => write!(f, " from {subnet}"),
            Self::Each(subnets) => write!(f, " from each of {}", Few(subnets.iter())),
            Self::First(subnets) => write!(f, " from the first of {}", Few(subnets.iter())),
        }
    }
}

encoded_choices! {
    Source {
        0 Home
        1 Subnet(subnet)
        2 Each(subnets)
        3 First(subnets)
    }
}
