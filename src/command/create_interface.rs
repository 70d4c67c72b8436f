//! Creating an interface

use core::fmt::{self, Display, Formatter};
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::Primary;
use super::display::EVEN_AUTO_ONLY;
use crate::bytes::requests;
use crate::id::{InterfaceId, SubnetId};
use crate::space::address::Family;
use crate::status::Status;
use crate::text::{Maybe, when};

/// Create an interface whose home is a subnet
///
/// A refusal that names addresses counts the primary IPv4 address as index 0 and the primary IPv6
/// address as index 1.
///
/// By default it is [`Available`](Status::Available), with no quota and no addresses.
///
/// ```
/// use ipam_core::{CreateInterface, Primary};
///
/// let eni = CreateInterface::new("eni-1".parse()?, "subnet-1".parse()?)
///     .quota(10)
///     .primary_v4(Primary::Chosen);
/// # Ok::<(), ipam_core::IdError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct CreateInterface {
    /// Name of the new interface
    pub interface: InterfaceId,
    /// Its home
    pub subnet: SubnetId,
    /// Its state
    #[cfg_attr(feature = "serde", serde(default = "available"))]
    pub status: Status,
    /// Its quota in slots; `None` is unlimited
    pub quota: Option<u32>,
    /// Its primary IPv4 address
    #[cfg_attr(feature = "serde", serde(default))]
    pub primary_v4: Primary<Ipv4Addr>,
    /// Its primary IPv6 address
    #[cfg_attr(feature = "serde", serde(default))]
    pub primary_v6: Primary<Ipv6Addr>,
    /// Whether named primaries may lie in auto-only ranges
    #[cfg_attr(feature = "serde", serde(default))]
    pub auto_only: bool,
}

/// The state of a new interface whose readable form names none
#[cfg(feature = "serde")]
const fn available() -> Status {
    Status::Available
}

impl CreateInterface {
    /// An available interface with no quota and no addresses
    pub const fn new(interface: InterfaceId, subnet: SubnetId) -> Self {
        Self {
            interface,
            subnet,
            status: Status::Available,
            quota: None,
            primary_v4: Primary::Absent,
            primary_v6: Primary::Absent,
            auto_only: false,
        }
    }

    /// In this state
    #[must_use]
    pub const fn status(mut self, status: Status) -> Self {
        self.status = status;
        self
    }

    /// With a quota of `slots`
    #[must_use]
    pub const fn quota(mut self, slots: u32) -> Self {
        self.quota = Some(slots);
        self
    }

    /// With this primary IPv4 address
    #[must_use]
    pub const fn primary_v4(mut self, primary: Primary<Ipv4Addr>) -> Self {
        self.primary_v4 = primary;
        self
    }

    /// With this primary IPv6 address
    #[must_use]
    pub const fn primary_v6(mut self, primary: Primary<Ipv6Addr>) -> Self {
        self.primary_v6 = primary;
        self
    }

    /// Lets named primaries lie in auto-only ranges
    #[must_use]
    pub const fn even_auto_only(mut self) -> Self {
        self.auto_only = true;
        self
    }

    /// The primary asked for in `family`
    pub(crate) fn primary(&self, family: Family) -> Primary<IpAddr> {
        match family {
            Family::V4 => self.primary_v4.wide(),
            Family::V6 => self.primary_v6.wide(),
        }
    }
}

impl Display for CreateInterface {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { interface, subnet, status, quota, primary_v4, primary_v6, auto_only } = self;
        write!(
            f,
            "create interface {interface} in {subnet}, {status}{}",
            Maybe(", quota ", *quota)
        )?;
        for (family, primary) in [("IPv4", primary_v4.wide()), ("IPv6", primary_v6.wide())] {
            if primary != Primary::Absent {
                write!(f, ", {family} primary {primary}")?;
            }
        }
        f.write_str(when(*auto_only, EVEN_AUTO_ONLY))
    }
}

requests! {
    CreateInterface {
        1 interface 2 subnet 3 status 4 quota: maybe 5 primary_v4: maybe 6 primary_v6: maybe 7 auto_only: maybe
    }
}
