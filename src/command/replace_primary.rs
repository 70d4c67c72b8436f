//! Replacing a primary address

use core::fmt::{self, Display, Formatter};
use core::net::IpAddr;

use super::Primary;
use super::display::EVEN_AUTO_ONLY;
use crate::bytes::{encoded_choices, requests};
use crate::id::{InterfaceId, VpcId};
use crate::space::address::Family;
use crate::text::{Maybe, when};

/// Give an interface another primary address of a family
///
/// The new one may be one of its secondary addresses, or a free one of its home. Where it has no primary of
/// that family yet, it gets its first. Naming the primary that it has changes nothing.
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
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct ReplacePrimary {
    /// Whose primary
    pub interface: InterfaceId,
    /// The VPC that the interface is said to be in; refused if it is not. `None` says nothing.
    pub vpc: Option<VpcId>,
    /// The family
    pub family: Family,
    /// The new primary; of that family, and not absent
    pub primary: Primary<IpAddr>,
    /// What becomes of the old one
    pub old: OldPrimary,
    /// Whether the new one, if named, may lie in a range that is reserved from being chosen only
    pub auto_only: bool,
}

/// What becomes of a primary address that is replaced
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum OldPrimary {
    /// It is released, and rests as its subnet's profile says
    #[default]
    Release,
    /// It stays, as a secondary address
    Keep,
}

impl ReplacePrimary {
    /// This address as the new primary of its family, the old one released
    pub fn with(interface: InterfaceId, address: impl Into<IpAddr>) -> Self {
        let address = address.into();
        let (family, primary) = (Family::of(address), Primary::Named(address));
        let old = OldPrimary::Release;
        Self { interface, vpc: None, family, primary, old, auto_only: false }
    }

    /// Any free address of this family as the new primary, the old one released
    pub const fn with_any(interface: InterfaceId, family: Family) -> Self {
        let old = OldPrimary::Release;
        let primary = Primary::Chosen;
        Self { interface, vpc: None, family, primary, old, auto_only: false }
    }

    /// Refused unless the interface is in this VPC
    #[must_use]
    pub const fn of_vpc(mut self, vpc: VpcId) -> Self {
        self.vpc = Some(vpc);
        self
    }

    /// Even one named in a range that is reserved from being chosen only
    #[must_use]
    pub const fn even_auto_only(mut self) -> Self {
        self.auto_only = true;
        self
    }

    /// With the old one treated so
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
