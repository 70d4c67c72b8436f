//! Replacing a primary address

use core::fmt::{self, Display, Formatter};
use core::net::IpAddr;

use super::Primary;
use super::display::EVEN_AUTO_ONLY;
use crate::bytes::{encoded_choices, requests};
use crate::id::{InterfaceId, VpcId};
use crate::space::address::Family;
use crate::text::{Maybe, when};

/// Replace an interface's primary address of a family
///
/// The new primary may be one of the interface's secondary addresses, or a free address of its home. An interface
/// without a primary of that family gets its first. Naming the current primary changes nothing.
///
/// ```
/// use ipam_core::{Family, OldPrimary, ReplacePrimary};
/// use std::net::IpAddr;
///
/// let address: IpAddr = "10.0.0.9".parse()?;
/// let this = ReplacePrimary::with("eni-1".parse()?, address);
/// let any = ReplacePrimary::with_any("eni-1".parse()?, Family::V4).old(OldPrimary::Keep);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "serde_form::Form"))]
pub struct ReplacePrimary {
    /// The interface
    pub interface: InterfaceId,
    /// The VPC that the interface must be in; `None` accepts any
    pub vpc: Option<VpcId>,
    /// The family
    pub family: Family,
    /// The new primary, which must be of that family
    pub primary: Primary<IpAddr>,
    /// What happens to the old primary
    pub old: OldPrimary,
    /// Whether a named new primary may lie in an auto-only range
    pub auto_only: bool,
}

/// What happens to a primary address that is replaced
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum OldPrimary {
    /// It is released, and goes into quarantine as its subnet's profile says
    #[default]
    Release,
    /// The interface keeps it as a secondary address
    Keep,
}

/// A replacement as it is read: a named primary says its family, and without a primary any is chosen
#[cfg(feature = "serde")]
mod serde_form {
    use core::net::IpAddr;

    use serde::de::{Error, value};

    use super::{OldPrimary, Primary, ReplacePrimary};
    use crate::bytes::given;
    use crate::id::{InterfaceId, VpcId};
    use crate::space::address::Family;

    #[derive(serde::Deserialize)]
    #[serde(rename = "ReplacePrimary", deny_unknown_fields)]
    pub(super) struct Form {
        interface: InterfaceId,
        vpc: Option<VpcId>,
        #[serde(default, deserialize_with = "given")]
        family: Option<Family>,
        #[serde(default = "chosen")]
        primary: Primary<IpAddr>,
        #[serde(default)]
        old: OldPrimary,
        #[serde(default)]
        auto_only: bool,
    }

    const fn chosen() -> Primary<IpAddr> {
        Primary::Chosen
    }

    impl TryFrom<Form> for ReplacePrimary {
        type Error = value::Error;

        fn try_from(read: Form) -> Result<Self, value::Error> {
            let Form { interface, vpc, family, primary, old, auto_only } = read;
            let family = match (family, primary) {
                (Some(family), _) => family,
                (None, Primary::Named(address)) => Family::of(address),
                (None, _) => return Err(Error::missing_field("family")),
            };
            Ok(Self { interface, vpc, family, primary, old, auto_only })
        }
    }
}

impl ReplacePrimary {
    /// Makes this address the primary of its family, and releases the old one
    pub fn with(interface: InterfaceId, address: impl Into<IpAddr>) -> Self {
        let address = address.into();
        let (family, primary) = (Family::of(address), Primary::Named(address));
        let old = OldPrimary::Release;
        Self { interface, vpc: None, family, primary, old, auto_only: false }
    }

    /// Makes a free address of this family the primary, and releases the old one
    pub const fn with_any(interface: InterfaceId, family: Family) -> Self {
        let old = OldPrimary::Release;
        let primary = Primary::Chosen;
        Self { interface, vpc: None, family, primary, old, auto_only: false }
    }

    /// Refuses the command unless the interface is in this VPC
    #[must_use]
    pub const fn in_vpc(mut self, vpc: VpcId) -> Self {
        self.vpc = Some(vpc);
        self
    }

    /// Lets a named new primary lie in an auto-only range
    #[must_use]
    pub const fn even_auto_only(mut self) -> Self {
        self.auto_only = true;
        self
    }

    /// Sets what happens to the old primary
    #[must_use]
    pub const fn old(mut self, old: OldPrimary) -> Self {
        self.old = old;
        self
    }
}

impl Display for ReplacePrimary {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { interface, vpc, family, primary, old, auto_only } = self;
        write!(f, "replace the {family} primary of {interface}{}", Maybe(" of ", *vpc))?;
        write!(f, " by {primary}")?;
        f.write_str(when(*auto_only, EVEN_AUTO_ONLY))?;
        f.write_str(match old {
            OldPrimary::Release => "",
            OldPrimary::Keep => ", and keep the old one",
        })
    }
}

requests! {
    ReplacePrimary { 1 interface 2 vpc: maybe 3 family 4 primary: maybe 5 old: maybe 6 auto_only: maybe }
}

encoded_choices! {
    OldPrimary { 0 Release 1 Keep }
}
