//! Scaleway

use crate::rules::{FamilyRules, Profile};
use crate::space::address::Family;

impl Profile {
    /// Scaleway Private Networks
    ///
    /// - The first two IPv4 addresses and the last two are withheld (scaleway/docs-content, ipam/concepts
    ///   and vpc/how-to/create-private-network: 1020 of a /22). No page seen says what they are for: no
    ///   gateway here.
    /// - IPv4 /20 to /29, by the API's own refusal (scaleway/scaleway-sdk-go#1807). The console offers /20 to
    ///   /28, and counts 4094 and 14 addresses in them, which does not agree with four withheld.
    /// - IPv6 is /64 (create-private-network). The page on concepts says "each CIDR block" of the four
    ///   addresses, but shows an IPv4 one, and the other page has them under IPv4 only: nothing here.
    /// - An address that is attached to one resource is not given to another (developers/api/ipam). Addresses are
    ///   booked one by one, and no page seen tells of primaries, states, quotas or rests: the remaining choices are
    ///   those of [`PLAIN`](Self::PLAIN).
    pub const SCALEWAY: Self = Self {
        v4: FamilyRules {
            first: 2,
            last: 2,
            shortest_prefix: 20,
            longest_prefix: 29,
            ..FamilyRules::open(Family::V4)
        },
        v6: FamilyRules {
            shortest_prefix: 64,
            longest_prefix: 64,
            ..FamilyRules::open(Family::V6)
        },
        ..Self::PLAIN
    };
}
