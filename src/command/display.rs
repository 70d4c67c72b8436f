//! What the one-line forms of several commands have in common

use core::fmt::{self, Display, Formatter};
use core::net::IpAddr;

use ipnet::IpNet;

use crate::text::{Few, when};

/// The text of a flag: named addresses may lie in auto-only ranges
pub(super) const EVEN_AUTO_ONLY: &str = ", even if reserved from being chosen";

/// Addresses, and prefixes
pub(super) struct AddressesAndPrefixes<'n>(pub(super) &'n [IpAddr], pub(super) &'n [IpNet]);

impl Display for AddressesAndPrefixes<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self(addresses, prefixes) = self;
        if !addresses.is_empty() || prefixes.is_empty() {
            Few(addresses.iter()).fmt(f)?;
        }
        if !prefixes.is_empty() {
            let and = when(!addresses.is_empty(), " and ");
            write!(f, "{and}{}", Few(prefixes.iter()))?;
        }
        Ok(())
    }
}
