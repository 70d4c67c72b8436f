//! Subnets that were created, changed and deleted

use alloc::boxed::Box;
use core::fmt::{self, Display, Formatter};

use ipnet::{Ipv4Net, Ipv6Net};

use crate::bytes::structs;
use crate::id::{SubnetId, VpcId};
use crate::rules::Profile;
use crate::text::Maybe;

/// A subnet was created
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct SubnetCreated {
    /// Its name
    pub subnet: SubnetId,
    /// Its VPC
    pub vpc: VpcId,
    /// Its IPv4 addresses
    pub v4: Option<Ipv4Net>,
    /// Its IPv6 addresses
    pub v6: Option<Ipv6Net>,
    /// Its rules
    pub profile: Box<Profile>,
}

impl Display for SubnetCreated {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { subnet, vpc, v4, v6, profile: _ } = self;
        write!(f, "subnet {subnet} created in {vpc}{}", Cidrs(" with ", *v4, *v6))
    }
}

/// A subnet's CIDRs and rules were set; the quarantine of addresses outside them ended
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct SubnetReshaped {
    /// Its name
    pub subnet: SubnetId,
    /// Its IPv4 addresses from now on
    pub v4: Option<Ipv4Net>,
    /// Its IPv6 addresses from now on
    pub v6: Option<Ipv6Net>,
    /// Its rules from now on
    pub profile: Box<Profile>,
}

impl Display for SubnetReshaped {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { subnet, v4, v6, profile: _ } = self;
        write!(f, "subnet {subnet} reshaped{}", Cidrs(" to ", *v4, *v6))
    }
}

/// A subnet was deleted, with its reservations and the quarantine of its addresses
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct SubnetDeleted {
    /// Its name
    pub subnet: SubnetId,
}

impl Display for SubnetDeleted {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { subnet } = self;
        write!(f, "subnet {subnet} deleted")
    }
}

/// The CIDRs of a subnet, after a word
struct Cidrs(&'static str, Option<Ipv4Net>, Option<Ipv6Net>);

impl Display for Cidrs {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self(word, v4, v6) = *self;
        let and = if v4.is_some() { " and " } else { word };
        write!(f, "{}{}", Maybe(word, v4), Maybe(and, v6))
    }
}

structs! {
    SubnetCreated { subnet vpc v4 v6 profile }
    SubnetReshaped { subnet v4 v6 profile }
    SubnetDeleted { subnet }
}
