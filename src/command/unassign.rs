//! Releasing addresses

use alloc::vec::Vec;
use core::fmt::{self, Display, Formatter};
use core::net::IpAddr;

use ipnet::IpNet;

use super::Rest;
use super::display::AddressesAndPrefixes;
use super::rest::AndRest;
use crate::bytes::{encoded_choices, requests};
use crate::id::{InterfaceId, Revision, VpcId};
use crate::text::Maybe;

/// Release addresses and prefixes of an interface, in any subnets of its VPC
///
/// A prefix is released as a whole, by exactly the CIDR that was assigned; a single address of it cannot be released.
/// In faults and in the answer, prefixes come after the addresses.
///
/// ```
/// use ipam_core::{Rest, Revision, Unassign};
/// use std::net::IpAddr;
///
/// let address: IpAddr = "10.0.0.9".parse()?;
/// // A late release must not free an address that was assigned to somebody else since.
/// let late = Unassign::new("eni-1".parse()?, [address]).of_generation(Revision::new(7));
/// let longer = Unassign::new("eni-1".parse()?, [address])
///     .rest(Rest::for_millis(3_600_000).because("port-scan".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Unassign {
    /// The interface that has them
    pub interface: InterfaceId,
    /// The VPC that the interface must be in; `None` accepts any
    pub vpc: Option<VpcId>,
    /// Which addresses
    #[cfg_attr(feature = "serde", serde(default))]
    pub addresses: Vec<IpAddr>,
    /// Which prefixes, each exactly as it was assigned
    #[cfg_attr(feature = "serde", serde(default))]
    pub prefixes: Vec<IpNet>,
    /// The revision that assigned all of them; `None` accepts any
    pub generation: Option<Revision>,
    /// If a generation is named: what happens to addresses that the interface does not have in that generation
    #[cfg_attr(feature = "serde", serde(default))]
    pub stale: Stale,
    /// How long they stay in quarantine
    #[cfg_attr(feature = "serde", serde(default))]
    pub rest: Rest,
}

/// What a release that names a generation does with addresses that are not of that generation
///
/// They are never released. The interface may have them in another generation, another interface may have them, or
/// nobody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Stale {
    /// Refuses the whole release
    #[default]
    Refuse,
    /// Treats them as released already, and leaves them out of the answer
    Ignore,
}

impl Unassign {
    /// Releases these addresses
    pub fn new<A: Into<IpAddr>>(
        interface: InterfaceId,
        addresses: impl IntoIterator<Item = A>,
    ) -> Self {
        let addresses = addresses.into_iter().map(Into::into).collect();
        let (generation, stale, rest) = (None, Stale::Refuse, Rest::USUAL);
        let prefixes = Vec::new();
        Self { interface, vpc: None, addresses, prefixes, generation, stale, rest }
    }

    /// Releases these prefixes
    ///
    /// ```
    /// use ipam_core::Unassign;
    ///
    /// let whole = Unassign::only_prefixes("eni-1".parse()?, ["10.0.0.16/28".parse()?]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn only_prefixes(
        interface: InterfaceId,
        prefixes: impl IntoIterator<Item = IpNet>,
    ) -> Self {
        Self::new::<IpAddr>(interface, []).and_prefixes(prefixes)
    }

    /// Also releases these prefixes
    #[must_use]
    pub fn and_prefixes(mut self, prefixes: impl IntoIterator<Item = IpNet>) -> Self {
        self.prefixes.extend(prefixes);
        self
    }

    /// Refuses the command unless the interface is in this VPC
    #[must_use]
    pub const fn in_vpc(mut self, vpc: VpcId) -> Self {
        self.vpc = Some(vpc);
        self
    }

    /// Refuses the release unless this revision assigned all of them
    #[must_use]
    pub const fn of_generation(mut self, generation: Revision) -> Self {
        self.generation = Some(generation);
        self
    }

    /// Releases only those that this revision assigned; the others count as released already
    #[must_use]
    pub const fn if_of_generation(mut self, generation: Revision) -> Self {
        self.generation = Some(generation);
        self.stale = Stale::Ignore;
        self
    }

    /// Sets the quarantine, instead of the profile's
    #[must_use]
    pub const fn rest(mut self, rest: Rest) -> Self {
        self.rest = rest;
        self
    }
}

impl Display for Unassign {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { interface, vpc, addresses, prefixes, generation, stale, rest } = self;
        write!(f, "unassign {} from {interface}", AddressesAndPrefixes(addresses, prefixes))?;
        write!(f, "{}", Maybe(" of ", *vpc))?;
        let condition = match stale {
            Stale::Refuse => ", of generation ",
            Stale::Ignore => ", if of generation ",
        };
        // Without a generation, it still says what becomes of addresses that the interface has not.
        match (generation, stale) {
            (None, Stale::Refuse) => {}
            (None, Stale::Ignore) => f.write_str(", if it has them")?,
            (Some(generation), _) => write!(f, "{condition}{generation}")?,
        }
        AndRest(rest).fmt(f)
    }
}

requests! {
    Unassign {
        1 interface 2 vpc: maybe 3 addresses: maybe 4 prefixes: maybe 5 generation: maybe 6 stale: maybe 7 rest
    }
}

encoded_choices! {
    Stale { 0 Refuse 1 Ignore }
}
