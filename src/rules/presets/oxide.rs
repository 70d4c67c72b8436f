//! Oxide

use crate::rules::{FamilyRules, Gateway, OwnAddress, Profile, QuotaRule};
use crate::space::address::Family;

impl Profile {
    /// Oxide (oxidecomputer/omicron)
    ///
    /// - Subnets: the first five addresses and the last are withheld in both families
    ///   (nexus/db-queries/src/db/queries/network_interface.rs, `first_available_ipv4_address` and its
    ///   kin), IPv4 /8 to /26, IPv6 /64 (common/src/address.rs). A rack may be set to allow longer IPv4
    ///   prefixes (`max_vpc_ipv4_subnet_prefix`).
    /// - The last IPv6 address is never chosen, yet may be named (nexus/db-model/src/ipv6net.rs,
    ///   `check_requestable_addr`). Here it is refused to both.
    /// - The gateway is the second address (`opte_gateway`, common/src/api/internal/shared).
    /// - An address that is taken is refused to everyone, by the index of a subnet's addresses
    ///   (network_interface.rs, `IpAddressNotAvailable`).
    /// - An interface has one address of each family for its life (private_ip_config): none is unassigned or
    ///   replaced, and a quota is of each family. What is primary there is an interface, not an address.
    /// - The instance must be stopped, or in creation: the caller judges that, an interface may be assigned
    ///   addresses in any state. The remaining choices are those of [`PLAIN`](Self::PLAIN).
    pub const OXIDE: Self = Self {
        v4: FamilyRules {
            first: 5,
            last: 1,
            gateway: Gateway::Offset(1),
            shortest_prefix: 8,
            longest_prefix: 26,
            ..FamilyRules::open(Family::V4)
        },
        v6: FamilyRules {
            first: 5,
            last: 1,
            gateway: Gateway::Offset(1),
            shortest_prefix: 64,
            longest_prefix: 64,
            ..FamilyRules::open(Family::V6)
        },
        own_address: OwnAddress::Refuse,
        unassign_primary: false,
        quota: QuotaRule { per_family: true, counts_primary: true },
        replace_primary: false,
        ..Self::PLAIN
    };
}
