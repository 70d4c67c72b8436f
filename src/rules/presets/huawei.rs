//! Huawei Cloud

use crate::rules::{FamilyRules, Gateway, Profile};
use crate::space::address::Family;

impl Profile {
    /// Huawei Cloud
    ///
    /// - Subnets: the first IPv4 address and the last three are withheld, and masks are no longer than /28
    ///   (VPC API v2.0, creating a subnet); the gateway is the second address (the API guide's example
    ///   of a VPC and a subnet). No page seen gives the largest subnet: any.
    /// - Another of its documents withholds the last four, .252 too (NeutronCreateSubnet.json, in the crate
    ///   huawei-cloud-api-definitions-VPC). For that answer:
    ///
    ///   ```
    ///   let mut profile = ipam_core::Profile::HUAWEI;
    ///   profile.v4.last = 4;
    ///   ```
    /// - IPv6 withholds the second address and the last three, and its pool begins at the third (the
    ///   same page of v2.0): the first two here. No page seen calls the second the gateway, nor gives lengths.
    /// - A port has one fixed address, which cannot be changed (API v1, ports): no primary is unassigned or
    ///   replaced.
    /// - The page on network_ip_availabilities, of which we have only read an excerpt, lets a user name an address
    ///   that the system reserves. Here it is refused.
    /// - We found no page on assigning several addresses, on quotas, states or quarantine: the remaining choices are
    ///   those of [`PLAIN`](Self::PLAIN).
    pub const HUAWEI: Self = Self {
        v4: FamilyRules {
            first: 2,
            last: 3,
            gateway: Gateway::Offset(1),
            longest_prefix: 28,
            ..FamilyRules::open(Family::V4)
        },
        v6: FamilyRules { first: 2, last: 3, ..FamilyRules::open(Family::V6) },
        unassign_primary: false,
        replace_primary: false,
        ..Self::PLAIN
    };
}
