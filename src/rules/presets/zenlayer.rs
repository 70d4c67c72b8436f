//! Zenlayer Elastic Compute

use crate::rules::{
    FamilyRules, FreeAddress, Gateway, ListAndCount, OwnAddress, Profile, Quarantine, QuotaRule,
};
use crate::space::address::Family;
use crate::status::{Status, Statuses};

impl Profile {
    /// Zenlayer Elastic Compute
    ///
    /// - Subnets: the network address, the first address, which is the gateway, and the broadcast
    ///   address are withheld (BatchAssignNetworkInterfaceIpv4: `INVALID_IP_NETWORK_ADDRESS`,
    ///   `INVALID_IP_FIRST_ADDRESS`, `INVALID_IP_BROADCAST_ADDRESS`). No page seen gives prefix
    ///   lengths, nor what an IPv6 subnet withholds: any length, and nothing.
    /// - "If both are provided, ipAddresses takes precedence": the list wins.
    /// - "vNIC state must be `AVAILABLE` or `USED`."
    /// - Not stated, our reading: one's own address is occupied
    ///   (`INVALID_SUBNET_PRIVATE_IPV4_IN_USED`); releasing a free one is refused; this call never
    ///   makes a primary (the vNIC has its own call for that), and none is unassigned; the upper limit
    ///   counts "private IPs on the vNIC", the primary included, per family.
    /// - Its primary may be replaced (ReplaceNetworkInterfacePrimaryIpv4). No page that we found mentions a
    ///   quarantine or tasks: none.
    pub const ZENLAYER: Self = Self {
        v4: FamilyRules {
            first: 2,
            last: 1,
            gateway: Gateway::Offset(1),
            ..FamilyRules::open(Family::V4)
        },
        v6: FamilyRules::open(Family::V6),
        list_and_count: ListAndCount::ListWins,
        own_address: OwnAddress::Refuse,
        free_address: FreeAddress::Refuse,
        assign_primary: false,
        unassign_primary: false,
        quota: QuotaRule { per_family: true, counts_primary: true },
        assign_in: Statuses::of(&[Status::Available, Status::InUse]),
        quarantine: Quarantine::NONE,
        replace_primary: true,
        one_task: false,
    };
}
