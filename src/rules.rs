//! What a subnet withholds and how requests are judged: one provider's numbers and choices, as data
//!
//! The engine asks a [`Profile`]; it never asks who the provider is. The presets are constants with
//! their sources. Where a page is silent, the preset says which reading it takes; a number that no
//! source confirms is left out. Change a field of a copy to describe another provider:
//!
//! ```
//! use ipam_core::{Gateway, Profile};
//!
//! let mut profile = Profile::PLAIN;
//! profile.v4.gateway = Gateway::Offset(1);
//! profile.v4.first = 2;
//! ```

use core::net::IpAddr;

use crate::space::Usable;
use crate::space::address::{Family, Span, bits_of};
use crate::status::{Status, StatusSet};

/// Rules for the subnets created under it, and for the interfaces whose home they are
///
/// What an address may be is judged by the profile of the subnet that it lies in. What a request may
/// ask for is judged by the profile of the interface's home subnet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Profile {
    /// What an IPv4 subnet withholds
    pub v4: FamilyRules,
    /// What an IPv6 subnet withholds
    pub v6: FamilyRules,
    /// What a request with both a list and a count means
    pub list_and_count: ListAndCount,
    /// What asking for an address that the interface already has does
    pub own_address: OwnAddress,
    /// What releasing an address that nobody has does
    pub free_address: FreeAddress,
    /// Whether an assignment may make an address primary, where there is none yet
    pub assign_primary: bool,
    /// Whether an unassignment may release a primary address
    pub unassign_primary: bool,
    /// How an interface's addresses count against its quota
    pub quota: QuotaRule,
    /// The states in which an interface may be assigned addresses
    pub assign_in: StatusSet,
    /// How released addresses of the subnet rest before they are given again
    pub quarantine: Quarantine,
    /// Whether an interface's primary may be replaced by another address
    pub replace_primary: bool,
    /// Whether a task that is not finished refuses every other command about its interface's addresses, but
    /// for its deletion, and for what others take from it
    pub one_task: bool,
}

/// How long released addresses rest, and who may have them earlier
///
/// ```
/// use ipam_core::{Profile, Quarantine};
///
/// let rest = Quarantine { take_back: true, ..Quarantine::of_millis(30_000) };
/// let profile = Profile::AWS.quarantine(rest);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Quarantine {
    /// Milliseconds from the release on, unless a command says otherwise; 0 is not at all
    pub millis: u64,
    /// Whether the interface that had an address last may have it back early, by naming it
    pub take_back: bool,
    /// Whether, when too few others are left, those that rest are chosen: first the one whose rest ends
    /// first
    pub when_exhausted: bool,
}

impl Quarantine {
    /// Released addresses are free at once
    pub const NONE: Self = Self::of_millis(0);

    /// Released addresses rest so long, whoever asks for them
    pub const fn of_millis(millis: u64) -> Self {
        Self { millis, take_back: false, when_exhausted: false }
    }
}

/// What a subnet of one family withholds by rule, and how long its prefix may be
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct FamilyRules {
    /// Addresses withheld at the low end
    pub first: u32,
    /// Addresses withheld at the high end
    pub last: u32,
    /// Where the gateway sits; its address is withheld
    pub gateway: Gateway,
    /// What a subnet of one or two addresses withholds
    pub small: SmallSubnet,
    /// Shortest prefix that a subnet may have (its largest size), inclusive
    pub shortest_prefix: u8,
    /// Longest prefix that a subnet may have (its smallest size), inclusive
    pub longest_prefix: u8,
}

/// Where a subnet's gateway sits
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Gateway {
    /// Nowhere
    None,
    /// So many addresses above the subnet's first (0 is the first itself); none in a subnet that ends
    /// before it
    Offset(u128),
    /// So many addresses below the subnet's last (0 is the last itself); none in a subnet that begins
    /// after it
    FromLast(u128),
    /// At this address, which must lie in the subnet
    At(IpAddr),
}

/// What /31 and /32, or /127 and /128, withhold
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum SmallSubnet {
    /// As much as any other: often all there is
    Withhold,
    /// Nothing but the gateway: both ends of a /31 or /127 are hosts (RFC 3021, RFC 6164), and so,
    /// we take it, is the one address of a /32 or /128
    Keep,
}

/// What a request with both a list and a count means
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum ListAndCount {
    /// It is refused
    Refuse,
    /// The count is ignored, whatever it says
    ListWins,
    /// The list, and so many more
    Both,
}

/// What asking for an address that the interface already has does
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum OwnAddress {
    /// It is refused as in use
    Refuse,
    /// It is given again, to no further effect
    Accept,
}

/// What releasing an address that nobody has does
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum FreeAddress {
    /// It is refused as not assigned
    Refuse,
    /// It is treated as done
    Ignore,
}

/// How an interface's addresses count against its quota
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct QuotaRule {
    /// Whether each family has the whole quota for itself; else both share it
    pub per_family: bool,
    /// Whether primary addresses take a slot; where they do not, making a secondary address primary
    /// frees its slot for later commands
    pub counts_primary: bool,
}

impl FamilyRules {
    /// Withholds nothing, in subnets of any length
    pub const fn open(family: Family) -> Self {
        Self {
            first: 0,
            last: 0,
            gateway: Gateway::None,
            small: SmallSubnet::Withhold,
            shortest_prefix: 0,
            longest_prefix: family.bits(),
        }
    }

    /// The gateway's offset in a subnet with these address bits
    pub(crate) fn gateway_offset(&self, subnet: Span) -> Option<u128> {
        let last = subnet.last.checked_sub(subnet.first)?;
        match self.gateway {
            Gateway::None => None,
            Gateway::Offset(offset) => Some(offset),
            Gateway::FromLast(below) => last.checked_sub(below),
            Gateway::At(address) => bits_of(address).checked_sub(subnet.first),
        }
        .filter(|&offset| offset <= last)
    }

    /// What is left to assign in a subnet with these address bits
    pub(crate) fn usable(&self, subnet: Span) -> Usable {
        let last = subnet.last.saturating_sub(subnet.first);
        let kept = last < 2 && self.small == SmallSubnet::Keep;
        let (low, high) = if kept { (0, 0) } else { (self.first, self.last) };
        let span = last.checked_sub(high.into()).and_then(|last| Span::new(low.into(), last));
        let gateway = self.gateway_offset(subnet);
        Usable { span, hole: gateway.filter(|&at| span.is_some_and(|span| span.contains(at))) }
    }
}

impl Profile {
    /// The rules of `family`
    pub const fn family(&self, family: Family) -> &FamilyRules {
        match family {
            Family::V4 => &self.v4,
            Family::V6 => &self.v6,
        }
    }

    /// With this rest for released addresses
    #[must_use]
    pub const fn quarantine(mut self, quarantine: Quarantine) -> Self {
        self.quarantine = quarantine;
        self
    }

    /// No provider: RFC 3021 and RFC 6164
    ///
    /// IPv4 withholds the network and broadcast addresses, but a /31 keeps both (RFC 3021). IPv6
    /// withholds the subnet-router anycast address (RFC 4291, 2.6.1), but a /127 keeps it (RFC 6164).
    /// The remaining choices are ours: a /32 and a /128 keep their one address, list and count are both
    /// honoured, one's own address is given again, releasing a free address is refused, an interface
    /// may be assigned addresses in any state.
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
        assign_in: StatusSet::ALL,
        quarantine: Quarantine::NONE,
        replace_primary: true,
        one_task: false,
    };

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
    /// - No page seen tells of a rest after release: none.
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
        assign_in: StatusSet::of(&[Status::Available, Status::InUse]),
        quarantine: Quarantine::NONE,
        replace_primary: true,
        one_task: true,
    };

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
    /// - Its primary may be replaced (ReplaceNetworkInterfacePrimaryIpv4). No page seen tells of a rest
    ///   after release, or of tasks: none.
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
        assign_in: StatusSet::of(&[Status::Available, Status::InUse]),
        quarantine: Quarantine::NONE,
        replace_primary: true,
        one_task: false,
    };

    /// Amazon EC2
    ///
    /// - Subnets: the first four addresses and the last are withheld in both families, the IPv4 gateway
    ///   is the second, IPv4 /16 to /28, IPv6 /64 (VPC user guide, "Subnet sizing"; newer text allows
    ///   more IPv6 lengths, which we have not read; no page seen places an IPv6 gateway).
    /// - "You can specify either the IP addresses or the count, not both" (API_AssignPrivateIpAddresses).
    /// - The primary is never assigned or unassigned by these calls (API_UnassignPrivateIpAddresses).
    /// - The limit is per interface and family, the primary included (user guide, "IP addresses per
    ///   network interface").
    /// - Not stated, our reading: one's own address is given again (moto does so); releasing a free one
    ///   is refused; any interface that is not being created or deleted may be assigned addresses.
    ///   No page seen tells of a rest after release: none.
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
        assign_in: StatusSet::of(&[
            Status::Available,
            Status::Attaching,
            Status::InUse,
            Status::Detaching,
        ]),
        quarantine: Quarantine::NONE,
        replace_primary: false,
        one_task: false,
    };

    /// Kubernetes services (ClusterIP)
    ///
    /// - IPv4 withholds the first address and the last, IPv6 the first; small ranges too, so that /31
    ///   and /32 have none, a /127 has one and a /128 none (pkg/registry/core/service/ipallocator,
    ///   Test_hostsPerNetwork). IPv6 ranges are /64 or longer (the same package's allocator).
    /// - An address that is allocated is refused to everyone (`ErrAllocated`); releasing an unknown
    ///   one does nothing (bitmap_test.go, TestRelease).
    /// - Services have no primaries, states or quotas: the remaining choices are those of
    ///   [`PLAIN`](Self::PLAIN).
    pub const KUBERNETES: Self = Self {
        v4: FamilyRules { first: 1, last: 1, ..FamilyRules::open(Family::V4) },
        v6: FamilyRules { first: 1, shortest_prefix: 64, ..FamilyRules::open(Family::V6) },
        own_address: OwnAddress::Refuse,
        free_address: FreeAddress::Ignore,
        ..Self::PLAIN
    };
}
