//! Google Cloud: a subnet's primary range, and its secondary ranges

use super::MADE;
use crate::rules::{
    FamilyRules, FreeAddress, Gateway, ListAndCount, OwnAddress, Profile, Quarantine, QuotaRule,
};
use crate::space::address::Family;

impl Profile {
    /// Google Cloud, the primary range of a subnet
    ///
    /// Primaries lie in it, and alias addresses may. A secondary range is a subnet of its own here, of
    /// [`GCP_ALIAS`](Self::GCP_ALIAS); the interface's home is the primary range.
    ///
    /// - Ranges: the first two IPv4 addresses and the last two are withheld, the gateway is the second
    ///   (vpc/docs/subnets, "Unusable addresses in IPv4 subnet ranges"), /29 is the smallest. The largest is
    ///   /8 on pages that are not Google's, whose own list of ranges has 240.0.0.0/4: left out, any.
    /// - IPv6 ranges are /64 (vpc/docs/subnets). The API shows some of their addresses as reserved
    ///   (`systemReservedInternalIpv6Ranges`), but no page seen says which: nothing here.
    /// - `aliasIpRanges[].ipCidrRange` is an address, a range, or a length alone, which is chosen for the caller; it
    ///   must not contain what is reserved "or used by other network interfaces" (compute v1, AliasIpRange). Our
    ///   reading: list and count are both honoured, a request for one's own address is accepted.
    /// - The limit is of alias ranges per interface, of any size ("VPC quotas"): a range takes one slot. Our
    ///   reading: the primary, which is no alias, takes none; each family has its own.
    /// - Aliases may be added and removed while the machine runs (configure-alias-ip-ranges). Our reading:
    ///   any interface that is not being created or deleted may be assigned addresses.
    /// - Not stated, our reading: a request may name the primary of an interface that has none; it is
    ///   neither unassigned nor replaced; releasing a free address is refused.
    /// - To take an alias from one machine and give it to another "can take up to one minute"
    ///   (configure-alias-ip-ranges): so long may the transfer last, but no page seen has the address
    ///   refused meanwhile. No rest, nor tasks.
    pub const GCP: Self = Self {
        v4: FamilyRules {
            first: 2,
            last: 2,
            gateway: Gateway::Offset(1),
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
        quota: QuotaRule { per_family: true, counts_primary: false },
        assign_in: MADE,
        quarantine: Quarantine::NONE,
        replace_primary: false,
        one_task: false,
    };

    /// Google Cloud, a secondary range of a subnet, for aliases
    ///
    /// - Nothing is withheld, and there is no gateway: every address may be used (vpc/docs/subnets).
    /// - IPv6 ranges are /64 (compute v1, SubnetworkSecondaryRange). No page seen gives lengths for IPv4:
    ///   any.
    /// - A primary lies in the primary range: none is made by an assignment.
    /// - The remaining choices are those of [`GCP`](Self::GCP).
    pub const GCP_ALIAS: Self =
        Self { v4: FamilyRules::open(Family::V4), assign_primary: false, ..Self::GCP };
}
