//! The plain RFCs

use crate::rules::{
    FamilyRules, FreeAddress, ListAndCount, OwnAddress, Profile, Quarantine, QuotaRule, SmallSubnet,
};
use crate::space::address::Family;
use crate::status::Statuses;

impl Profile {
    /// No provider: RFC 3021 and RFC 6164
    ///
    /// IPv4 withholds the network and broadcast addresses, but a /31 keeps both (RFC 3021). IPv6 withholds the
    /// subnet-router anycast address (RFC 4291, 2.6.1), but a /127 keeps it (RFC 6164). The remaining choices are
    /// ours: a /32 and a /128 keep their one address, list and count are both honoured, a request for one's own
    /// address is accepted, releasing a free address is refused, an interface may be assigned addresses in any state.
    pub const PLAIN: Self = Self {
        v4: FamilyRules {
            first: 1,
            last: 1,
            small: SmallSubnet::Keep,
            ..FamilyRules::open(Family::V4)
        },
        v6: FamilyRules { first: 1, small: SmallSubnet::Keep, ..FamilyRules::open(Family::V6) },
        list_and_count: ListAndCount::Both,
        own_address: OwnAddress::Accept,
        free_address: FreeAddress::Refuse,
        assign_primary: true,
        unassign_primary: true,
        quota: QuotaRule { per_family: false, counts_primary: true },
        assign_in: Statuses::ALL,
        quarantine: Quarantine::NONE,
        replace_primary: true,
        one_task: false,
    };
}
