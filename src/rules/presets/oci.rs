//! Oracle Cloud Infrastructure

use crate::rules::{
    FamilyRules, FreeAddress, Gateway, ListAndCount, OwnAddress, Profile, Quarantine, QuotaRule,
};
use crate::space::address::Family;
use crate::status::{Status, Statuses};

impl Profile {
    /// Oracle Cloud Infrastructure
    ///
    /// - Subnets: the first two IPv4 addresses and the last are withheld; a VCN is /16 to /30, and so, we
    ///   take it, are its subnets ("Networking Overview", and the VCN FAQ, which has one address left in
    ///   a /30). The virtual router is the second address in the examples of the API (Subnet,
    ///   `virtualRouterIp`).
    /// - IPv6 subnets are /64 ("IPv6 Addresses"). No page seen says what they withhold: nothing here.
    /// - A call assigns one address, named or not (CreatePrivateIp). Our reading: a list and a count are
    ///   not combined.
    /// - One's own address is given again, to no effect (oci-cli, `vnic assign-private-ip`).
    /// - Calls on private IPs do not make, move or remove a primary, and it does not change while the
    ///   instance lives (PrivateIp; "Private IP Addresses").
    /// - A VNIC has up to 32 IPv6 addresses ("IPv6 Addresses"); the limit of IPv4 is of secondary private
    ///   IPs, by pages that differ on the number. Our reading: each family has its own, and the primary takes
    ///   no slot.
    /// - Not stated, our reading: a VNIC must be available or in use; releasing a free address is refused. No page
    ///   that we found mentions a quarantine or tasks: none.
    pub const OCI: Self = Self {
        v4: FamilyRules {
            first: 2,
            last: 1,
            gateway: Gateway::Offset(1),
            shortest_prefix: 16,
            longest_prefix: 30,
            ..FamilyRules::open(Family::V4)
        },
        v6: FamilyRules {
            shortest_prefix: 64,
            longest_prefix: 64,
            ..FamilyRules::open(Family::V6)
        },
        list_and_count: ListAndCount::Refuse,
        own_address: OwnAddress::Accept,
        free_address: FreeAddress::Refuse,
        assign_primary: false,
        unassign_primary: false,
        quota: QuotaRule { per_family: true, counts_primary: false },
        assign_in: Statuses::of(&[Status::Available, Status::InUse]),
        quarantine: Quarantine::NONE,
        replace_primary: false,
        one_task: false,
    };
}
