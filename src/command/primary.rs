//! The primary addresses that a new interface asks for

use crate::bytes::encoded_choices;
use core::fmt::{self, Display, Formatter};
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The primary address that a new interface gets in one family
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Primary<A> {
    /// None
    #[default]
    Absent,
    /// A free address, chosen by the subnet's policy
    Chosen,
    /// This address
    Named(A),
}

impl<A: Into<IpAddr> + Copy> Primary<A> {
    /// The same of either family
    pub(crate) fn wide(&self) -> Primary<IpAddr> {
        match *self {
            Self::Absent => Primary::Absent,
            Self::Chosen => Primary::Chosen,
            Self::Named(address) => Primary::Named(address.into()),
        }
    }
}

impl<A: Display> Display for Primary<A> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("none"),
            Self::Chosen => f.write_str("any"),
            Self::Named(address) => address.fmt(f),
        }
    }
}

encoded_choices! {
    Primary<Ipv4Addr> { 0 Absent 1 Chosen 2 Named(address) }
    Primary<Ipv6Addr> { 0 Absent 1 Chosen 2 Named(address) }
    Primary<IpAddr> { 0 Absent 1 Chosen 2 Named(address) }
}
