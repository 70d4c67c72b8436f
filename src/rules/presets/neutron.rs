//! OpenStack Neutron

use crate::rules::{FamilyRules, Gateway, Profile, SmallSubnet};
use crate::space::address::Family;

impl Profile {
    /// OpenStack Neutron
    ///
    /// - Pools: IPv4 withholds the first address and the last, but for a /31 and a /32, which keep theirs;
    ///   IPv6 withholds the first; the gateway is cut out (neutron/ipam/utils.py, `generate_pools`, and
    ///   its tests). Subnets are of any length.
    /// - The gateway is the second address, of IPv6 the first, unless the subnet names another or none
    ///   (neutron/db/ipam_backend_mixin.py, `_gateway_ip_str`). For a subnet without one:
    ///
    ///   ```
    ///   let mut profile = ipam_core::Profile::NEUTRON;
    ///   profile.v4.gateway = ipam_core::Gateway::None;
    ///   ```
    ///
    ///   A /31 has to be without one there, as the default is its last address
    ///   (`check_gateway_invalid_in_subnet`); here it would withhold one of the two.
    /// - Both addresses of a /31 and the one of a /32 are chosen there, but not to be named
    ///   (`check_subnet_ip`); here they may be. The one of a /128 is chosen there, but to be named only by a
    ///   router: withheld here, as the first of every IPv6 subnet is, which a router may name there.
    /// - There, a request that names an address outside the pools gets it, even the gateway, except for the first and
    ///   the last of IPv4 (`check_subnet_ip`). Here the gateway is refused.
    /// - Each of `fixed_ips` names an address or leaves it to Neutron: list and count are both honoured. An
    ///   update keeps those that the port has already (ipam_backend_mixin.py): one's own is given again.
    /// - Releasing a free address is an error by the contract of drivers (neutron/ipam/driver.py,
    ///   `deallocate`), though the driver that comes with Neutron lets it pass.
    /// - Ports have no limit of addresses (`max_fixed_ips_per_port` went in Pike), no primary address, and
    ///   no states that bar: the remaining choices are those of [`PLAIN`](Self::PLAIN).
    pub const NEUTRON: Self = Self {
        v4: FamilyRules {
            first: 1,
            last: 1,
            gateway: Gateway::Offset(1),
            small: SmallSubnet::Keep,
            ..FamilyRules::open(Family::V4)
        },
        v6: FamilyRules { first: 1, gateway: Gateway::Offset(0), ..FamilyRules::open(Family::V6) },
        ..Self::PLAIN
    };
}
