//! Tencent Cloud

use crate::rules::{
    FamilyRules, FreeAddress, Gateway, ListAndCount, OwnAddress, Profile, Quarantine, QuotaRule,
};
use crate::space::address::Family;
use crate::status::{Status, Statuses};

impl Profile {
    /// Tencent Cloud
    ///
    /// - Subnets: the first two addresses and the last are withheld, the gateway is the second, /16 to
    ///   /28 ("Use limits", and the comment on CreateSubnet in tencentcloud-sdk-go-intl-en). No page
    ///   seen says what an IPv6 subnet withholds: nothing here.
    /// - List and count are both honoured (document/api/215/15813, AssignPrivateIpAddresses v3).
    /// - The v2 page contradicts itself on primaries ("private IP address type cannot be the primary
    ///   IP", then "you can specify primary IP … can only set one primary IP"). Our reading: a request
    ///   may name one, and it is refused where the interface has one, as "the primary IP already
    ///   exists and cannot be modified".
    /// - Not stated, our reading: one's own address is in use (`InvalidPrivateIpAddress.InUse`);
    ///   releasing a free one is refused; a primary is never unassigned; assignment needs an interface
    ///   that is available or in use (v3 names only `UnsupportedOperation.InvalidState`); each family
    ///   has its own limit, the primary included (DescribeNetworkInterfaceLimit,
    ///   `EniPrivateIpAddressQuantity`, document/product/215/34768).
    /// - One task at a time runs on an interface (`UnsupportedOperation.MutexOperationTaskRunning`, v3).
    /// - An address of `ModifyPrivateIpAddressesAttribute` has a field `Primary`. Our reading: it makes
    ///   another address the primary.
    /// - No page that we found mentions a quarantine: none.
    pub const TENCENT: Self = Self {
        v4: FamilyRules {
            first: 2,
            last: 1,
            gateway: Gateway::Offset(1),
            shortest_prefix: 16,
            longest_prefix: 28,
            ..FamilyRules::open(Family::V4)
        },
        v6: FamilyRules::open(Family::V6),
        list_and_count: ListAndCount::Both,
        own_address: OwnAddress::Refuse,
        free_address: FreeAddress::Refuse,
        assign_primary: true,
        unassign_primary: false,
        quota: QuotaRule { per_family: true, counts_primary: true },
        assign_in: Statuses::of(&[Status::Available, Status::InUse]),
        quarantine: Quarantine::NONE,
        replace_primary: true,
        one_task: true,
    };
}
