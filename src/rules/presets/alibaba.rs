//! Alibaba Cloud

use crate::rules::{
    FamilyRules, FreeAddress, Gateway, ListAndCount, OwnAddress, Profile, Quarantine, QuotaRule,
};
use crate::space::address::Family;
use crate::status::{Status, Statuses};

impl Profile {
    /// Alibaba Cloud
    ///
    /// - vSwitches: the first IPv4 address and the last three are withheld (CreateVSwitch), of IPv6 the
    ///   first and the last nine (CreateVSwitchCidrReservation); IPv4 /16 to /29, IPv6 /64 (doc-detail
    ///   100380). The wording "the first and last three" can be read as three at each end, and some
    ///   translations do; the example with it, of 192.168.1.0/24, has .0, .253, .254 and .255.
    /// - The gateway is the third from the last (AliyunContainerService/terway, `DeriveGatewayIP`). No page
    ///   seen places an IPv6 gateway.
    /// - List or count, not both (ROS, ALIYUN::ECS::AssignPrivateIpAddresses).
    /// - An interface must be `Available` or `InUse` (AssignPrivateIpAddresses). The state of an instance
    ///   counts too, where the interface is its primary one: the caller judges that.
    /// - Both calls are of "secondary private IP addresses" (AssignPrivateIpAddresses,
    ///   UnassignPrivateIpAddresses): a primary is neither assigned nor unassigned by them.
    /// - Releasing an address that the interface does not have is an error (`InvalidIp.IpUnassigned`, terway's
    ///   pkg/aliyun/client/errors).
    /// - Not stated, our reading: one's own address is in use; the limit, by instance type, is of each family, the
    ///   primary included; the primary is not replaced. No page that we found mentions a quarantine or tasks: none.
    pub const ALIBABA: Self = Self {
        v4: FamilyRules {
            first: 1,
            last: 3,
            gateway: Gateway::FromLast(2),
            shortest_prefix: 16,
            longest_prefix: 29,
            ..FamilyRules::open(Family::V4)
        },
        v6: FamilyRules {
            first: 1,
            last: 9,
            shortest_prefix: 64,
            longest_prefix: 64,
            ..FamilyRules::open(Family::V6)
        },
        list_and_count: ListAndCount::Refuse,
        own_address: OwnAddress::Refuse,
        free_address: FreeAddress::Refuse,
        assign_primary: false,
        unassign_primary: false,
        quota: QuotaRule { per_family: true, counts_primary: true },
        assign_in: Statuses::of(&[Status::Available, Status::InUse]),
        quarantine: Quarantine::NONE,
        replace_primary: false,
        one_task: false,
    };
}
