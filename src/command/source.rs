//! Where the addresses of a request come from

use alloc::vec::Vec;
use core::fmt::{self, Display, Formatter};

use crate::bytes::encoded_choices;
use crate::id::SubnetId;
use crate::text::Few;

/// Where assigned addresses come from: one subnet of the interface's VPC, or several
///
/// With several subnets, each is judged as it would be alone: by its rules and its free addresses, and by its own
/// family if the request names none ([`Pick::family`](crate::Pick::family)). The quota is judged over all of them. A
/// request to several subnets can only have a count, as a named address or a range belongs to one subnet.
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
    /// The count from each of these subnets, all or nothing; the answer has them in this order
    Each(Vec<SubnetId>),
    /// The whole count from one of these subnets: the first that has enough
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
