//! Kubernetes services

use crate::rules::{FamilyRules, FreeAddress, OwnAddress, Profile};
use crate::space::address::Family;

impl Profile {
    /// Kubernetes services (ClusterIP)
    ///
    /// - IPv4 withholds the first address and the last, IPv6 the first; small ranges too, so that /31
    ///   and /32 have none, a /127 has one and a /128 none (pkg/registry/core/service/ipallocator,
    ///   Test_hostsPerNetwork). IPv6 ranges are /64 or longer (the same package's allocator).
    /// - An allocated address is refused to everyone (`ErrAllocated`); releasing an unknown address does nothing
    ///   (bitmap_test.go, TestRelease).
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
