//! Amazon EC2

use super::MADE;
use crate::rules::{
    FamilyRules, FreeAddress, Gateway, ListAndCount, OwnAddress, Profile, Quarantine, QuotaRule,
};
use crate::space::address::Family;

impl Profile {
    /// Amazon EC2
    ///
    /// - Subnets: the first four addresses and the last are withheld in both families, the IPv4 gateway
    ///   is the second, IPv4 /16 to /28, IPv6 /64 (VPC user guide, "Subnet sizing"; newer text allows
    ///   more IPv6 lengths, which we have not read; no page seen places an IPv6 gateway).
    /// - "You can specify either the IP addresses or the count, not both" (API_AssignPrivateIpAddresses).
    /// - The primary is never assigned or unassigned by these calls (API_UnassignPrivateIpAddresses).
    /// - The limit is per interface and family, the primary included (user guide, "IP addresses per
    ///   network interface").
    /// - Not stated, our reading: a request for one's own address is accepted (moto does so); releasing a free one is
    ///   refused; any interface that is not being created or deleted may be assigned addresses. No page that we found
    ///   mentions a quarantine: none.
    pub const AWS: Self = Self {
        v4: FamilyRules {
            first: 4,
            last: 1,
            gateway: Gateway::Offset(1),
            shortest_prefix: 16,
            longest_prefix: 28,
            ..FamilyRules::open(Family::V4)
        },
        v6: FamilyRules {
            first: 4,
            last: 1,
            shortest_prefix: 64,
            longest_prefix: 64,
            ..FamilyRules::open(Family::V6)
        },
        list_and_count: ListAndCount::Refuse,
        own_address: OwnAddress::Accept,
        free_address: FreeAddress::Refuse,
        assign_primary: false,
        unassign_primary: false,
        quota: QuotaRule { per_family: true, counts_primary: true },
        assign_in: MADE,
        quarantine: Quarantine::NONE,
        replace_primary: false,
        one_task: false,
    };
}
