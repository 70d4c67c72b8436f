//! Microsoft Azure

use super::MADE;
use crate::rules::{
    FamilyRules, FreeAddress, Gateway, ListAndCount, OwnAddress, Profile, Quarantine, QuotaRule,
};
use crate::space::address::Family;

impl Profile {
    /// Microsoft Azure
    ///
    /// - Subnets: the first four addresses and the last are withheld, the gateway is the second, IPv4 /2
    ///   to /29 (an older text of the page has /8), IPv6 /64 (virtual-networks-faq, and ipv6-overview in
    ///   MicrosoftDocs/azure-docs). The page counts five addresses in "each subnet", but shows them of
    ///   IPv4 only. No page seen says what an IPv6 subnet withholds: nothing here.
    /// - Each IP configuration of an interface is static, and names its address, or dynamic (the same
    ///   FAQ). Our reading: a list and a count are both honoured.
    /// - One configuration is the primary, a new one may be made so (`az network nic ip-config create
    ///   --make-primary`), and the primary one is not deleted (`IpConfigDeleteNotSupported`,
    ///   Azure/azure-sdk-for-python#9332). Our reading: its address may be replaced.
    /// - The limit is of "private IP addresses per network interface" (azure-subscription-service-limits).
    ///   Our reading: of both families together, the primary included.
    /// - Not stated, our reading: a request for one's own address is accepted, as an interface is written whole with
    ///   the addresses that it should have; releasing a free one is refused; any interface that is not being created
    ///   or deleted may be assigned addresses. No page that we found mentions a quarantine or tasks: none.
    pub const AZURE: Self = Self {
        v4: FamilyRules {
            first: 4,
            last: 1,
            gateway: Gateway::Offset(1),
            shortest_prefix: 2,
            longest_prefix: 29,
            ..FamilyRules::open(Family::V4)
        },
        v6: FamilyRules {
            shortest_prefix: 64,
            longest_prefix: 64,
            ..FamilyRules::open(Family::V6)
        },
        list_and_count: ListAndCount::Both,
        own_address: OwnAddress::Accept,
        free_address: FreeAddress::Refuse,
        assign_primary: true,
        unassign_primary: false,
        quota: QuotaRule { per_family: false, counts_primary: true },
        assign_in: MADE,
        quarantine: Quarantine::NONE,
        replace_primary: true,
        one_task: false,
    };
}
