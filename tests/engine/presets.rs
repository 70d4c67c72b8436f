//! The presets' numbers, as their sources give them: one row a preset and family

use ipam_core::*;

use crate::common::*;

/// A preset, and a subnet under it: what is assignable, and why the rest is not
struct Row {
    profile: Profile,
    cidr: &'static str,
    first: &'static str,
    last: &'static str,
    free: u128,
    withheld: &'static [(&'static str, Cause)],
    /// Prefix lengths just outside what is allowed
    refused: &'static [&'static str],
}

use Cause::{
    BroadcastAddress as Broadcast, Gateway as Router, NetworkAddress as Network, Reserved,
};

/// What another of Huawei's documents says
const HUAWEI_OTHERWISE: Profile = {
    let mut profile = Profile::HUAWEI;
    profile.v4.last = 4;
    profile
};

const NEUTRON_WITHOUT_GATEWAY: Profile = {
    let mut profile = Profile::NEUTRON;
    profile.v4.gateway = Gateway::None;
    profile
};

const ROWS: [Row; 37] = [
    Row {
        profile: Profile::PLAIN,
        cidr: "10.0.0.0/24",
        first: "10.0.0.1",
        last: "10.0.0.254",
        free: 254,
        withheld: &[("10.0.0.0", Network), ("10.0.0.255", Broadcast)],
        refused: &[],
    },
    Row {
        profile: Profile::PLAIN,
        cidr: "10.0.0.0/31",
        first: "10.0.0.0",
        last: "10.0.0.1",
        free: 2,
        withheld: &[],
        refused: &[],
    },
    Row {
        profile: Profile::PLAIN,
        cidr: "2001:db8::/120",
        first: "2001:db8::1",
        last: "2001:db8::ff",
        free: 255,
        withheld: &[("2001:db8::", Network)],
        refused: &[],
    },
    Row {
        profile: Profile::TENCENT,
        cidr: "172.16.0.0/24",
        first: "172.16.0.2",
        last: "172.16.0.254",
        free: 253,
        withheld: &[("172.16.0.0", Network), ("172.16.0.1", Router), ("172.16.0.255", Broadcast)],
        refused: &["172.0.0.0/15", "172.16.0.0/29"],
    },
    Row {
        profile: Profile::ZENLAYER,
        cidr: "10.0.0.0/24",
        first: "10.0.0.2",
        last: "10.0.0.254",
        free: 253,
        withheld: &[("10.0.0.0", Network), ("10.0.0.1", Router), ("10.0.0.255", Broadcast)],
        refused: &[],
    },
    Row {
        profile: Profile::AWS,
        cidr: "10.0.0.0/28",
        first: "10.0.0.4",
        last: "10.0.0.14",
        free: 11,
        withheld: &[
            ("10.0.0.0", Network),
            ("10.0.0.1", Router),
            ("10.0.0.2", Reserved),
            ("10.0.0.3", Reserved),
            ("10.0.0.15", Broadcast),
        ],
        refused: &["10.0.0.0/15", "10.0.0.0/29"],
    },
    Row {
        profile: Profile::AWS,
        cidr: "2001:db8::/64",
        first: "2001:db8::4",
        last: "2001:db8::ffff:ffff:ffff:fffe",
        free: (1 << 64) - 5,
        withheld: &[
            ("2001:db8::", Network),
            ("2001:db8::1", Reserved),
            ("2001:db8::3", Reserved),
            ("2001:db8::ffff:ffff:ffff:ffff", Reserved),
        ],
        refused: &["2001:db8::/63", "2001:db8::/65"],
    },
    Row {
        profile: Profile::KUBERNETES,
        cidr: "10.96.0.0/12",
        first: "10.96.0.1",
        last: "10.111.255.254",
        free: (1 << 20) - 2,
        withheld: &[("10.96.0.0", Network), ("10.111.255.255", Broadcast)],
        refused: &[],
    },
    Row {
        profile: Profile::KUBERNETES,
        cidr: "fd00::/64",
        first: "fd00::1",
        last: "fd00::ffff:ffff:ffff:ffff",
        free: (1 << 64) - 1,
        withheld: &[("fd00::", Network)],
        refused: &["fd00::/63"],
    },
    Row {
        profile: Profile::KUBERNETES,
        cidr: "fd00::/127",
        first: "fd00::1",
        last: "fd00::1",
        free: 1,
        withheld: &[("fd00::", Network)],
        refused: &[],
    },
    Row {
        profile: Profile::AZURE,
        cidr: "10.0.0.0/29",
        first: "10.0.0.4",
        last: "10.0.0.6",
        free: 3,
        withheld: &[
            ("10.0.0.0", Network),
            ("10.0.0.1", Router),
            ("10.0.0.2", Reserved),
            ("10.0.0.3", Reserved),
            ("10.0.0.7", Broadcast),
        ],
        refused: &["0.0.0.0/1", "10.0.0.0/30"],
    },
    Row {
        profile: Profile::AZURE,
        cidr: "10.0.0.0/8",
        first: "10.0.0.4",
        last: "10.255.255.254",
        free: (1 << 24) - 5,
        withheld: &[("10.0.0.3", Reserved), ("10.255.255.255", Broadcast)],
        refused: &[],
    },
    Row {
        profile: Profile::AZURE,
        cidr: "2001:db8::/64",
        first: "2001:db8::",
        last: "2001:db8::ffff:ffff:ffff:ffff",
        free: 1 << 64,
        withheld: &[],
        refused: &["2001:db8::/63", "2001:db8::/65"],
    },
    Row {
        profile: Profile::GCP,
        cidr: "10.1.2.0/24",
        first: "10.1.2.2",
        last: "10.1.2.253",
        free: 252,
        withheld: &[
            ("10.1.2.0", Network),
            ("10.1.2.1", Router),
            ("10.1.2.254", Reserved),
            ("10.1.2.255", Broadcast),
        ],
        refused: &["10.1.2.0/30"],
    },
    Row {
        profile: Profile::GCP,
        cidr: "10.1.2.0/29",
        first: "10.1.2.2",
        last: "10.1.2.5",
        free: 4,
        withheld: &[("10.1.2.1", Router), ("10.1.2.6", Reserved), ("10.1.2.7", Broadcast)],
        refused: &[],
    },
    Row {
        profile: Profile::GCP,
        cidr: "fd20::/64",
        first: "fd20::",
        last: "fd20::ffff:ffff:ffff:ffff",
        free: 1 << 64,
        withheld: &[],
        refused: &["fd20::/63", "fd20::/65"],
    },
    Row {
        profile: Profile::GCP_ALIAS,
        cidr: "10.2.0.0/24",
        first: "10.2.0.0",
        last: "10.2.0.255",
        free: 256,
        withheld: &[],
        refused: &[],
    },
    Row {
        profile: Profile::GCP_ALIAS,
        cidr: "10.2.0.0/32",
        first: "10.2.0.0",
        last: "10.2.0.0",
        free: 1,
        withheld: &[],
        refused: &["fd20::/63", "fd20::/65"],
    },
    Row {
        profile: Profile::ALIBABA,
        cidr: "192.168.1.0/24",
        first: "192.168.1.1",
        last: "192.168.1.252",
        free: 252,
        withheld: &[
            ("192.168.1.0", Network),
            ("192.168.1.253", Router),
            ("192.168.1.254", Reserved),
            ("192.168.1.255", Broadcast),
        ],
        refused: &["192.168.0.0/15", "192.168.1.0/30"],
    },
    Row {
        profile: Profile::ALIBABA,
        cidr: "192.168.1.0/29",
        first: "192.168.1.1",
        last: "192.168.1.4",
        free: 4,
        withheld: &[("192.168.1.5", Router), ("192.168.1.6", Reserved), ("192.168.1.7", Broadcast)],
        refused: &[],
    },
    Row {
        profile: Profile::ALIBABA,
        cidr: "2001:db8::/64",
        first: "2001:db8::1",
        last: "2001:db8::ffff:ffff:ffff:fff6",
        free: (1 << 64) - 10,
        withheld: &[
            ("2001:db8::", Network),
            ("2001:db8::ffff:ffff:ffff:fff7", Reserved),
            ("2001:db8::ffff:ffff:ffff:ffff", Reserved),
        ],
        refused: &["2001:db8::/63", "2001:db8::/65"],
    },
    Row {
        profile: Profile::HUAWEI,
        cidr: "192.168.1.0/24",
        first: "192.168.1.2",
        last: "192.168.1.252",
        free: 251,
        withheld: &[
            ("192.168.1.0", Network),
            ("192.168.1.1", Router),
            ("192.168.1.253", Reserved),
            ("192.168.1.254", Reserved),
            ("192.168.1.255", Broadcast),
        ],
        refused: &["192.168.1.0/29"],
    },
    Row {
        profile: HUAWEI_OTHERWISE,
        cidr: "192.168.1.0/24",
        first: "192.168.1.2",
        last: "192.168.1.251",
        free: 250,
        withheld: &[("192.168.1.252", Reserved)],
        refused: &[],
    },
    Row {
        profile: Profile::HUAWEI,
        cidr: "2001:db8:a583:9::/64",
        first: "2001:db8:a583:9::2",
        last: "2001:db8:a583:9:ffff:ffff:ffff:fffc",
        free: (1 << 64) - 5,
        withheld: &[
            ("2001:db8:a583:9::", Network),
            ("2001:db8:a583:9::1", Reserved),
            ("2001:db8:a583:9:ffff:ffff:ffff:fffd", Reserved),
        ],
        refused: &[],
    },
    Row {
        profile: Profile::OCI,
        cidr: "172.16.1.0/30",
        first: "172.16.1.2",
        last: "172.16.1.2",
        free: 1,
        withheld: &[("172.16.1.0", Network), ("172.16.1.1", Router), ("172.16.1.3", Broadcast)],
        refused: &["172.16.0.0/15", "172.16.1.0/31"],
    },
    Row {
        profile: Profile::OCI,
        cidr: "172.16.0.0/16",
        first: "172.16.0.2",
        last: "172.16.255.254",
        free: 65_533,
        withheld: &[("172.16.0.1", Router), ("172.16.255.255", Broadcast)],
        refused: &["2001:db8::/63", "2001:db8::/65"],
    },
    Row {
        profile: Profile::SCALEWAY,
        cidr: "172.16.12.0/22",
        first: "172.16.12.2",
        last: "172.16.15.253",
        free: 1020,
        withheld: &[
            ("172.16.12.0", Network),
            ("172.16.12.1", Reserved),
            ("172.16.15.254", Reserved),
            ("172.16.15.255", Broadcast),
        ],
        refused: &["192.168.0.0/19", "192.168.0.0/30", "2001:db8::/63", "2001:db8::/65"],
    },
    Row {
        profile: Profile::OXIDE,
        cidr: "172.30.0.0/26",
        first: "172.30.0.5",
        last: "172.30.0.62",
        free: 58,
        withheld: &[
            ("172.30.0.0", Network),
            ("172.30.0.1", Router),
            ("172.30.0.4", Reserved),
            ("172.30.0.63", Broadcast),
        ],
        refused: &["10.0.0.0/7", "172.30.0.0/27"],
    },
    Row {
        profile: Profile::OXIDE,
        cidr: "fd00::/64",
        first: "fd00::5",
        last: "fd00::ffff:ffff:ffff:fffe",
        free: (1 << 64) - 6,
        withheld: &[
            ("fd00::", Network),
            ("fd00::1", Router),
            ("fd00::4", Reserved),
            ("fd00::ffff:ffff:ffff:ffff", Reserved),
        ],
        refused: &["fd00::/63", "fd00::/65"],
    },
    Row {
        profile: Profile::NEUTRON,
        cidr: "192.168.0.0/24",
        first: "192.168.0.2",
        last: "192.168.0.254",
        free: 253,
        withheld: &[
            ("192.168.0.0", Network),
            ("192.168.0.1", Router),
            ("192.168.0.255", Broadcast),
        ],
        refused: &[],
    },
    Row {
        profile: Profile::NEUTRON,
        cidr: "192.168.0.0/30",
        first: "192.168.0.2",
        last: "192.168.0.2",
        free: 1,
        withheld: &[("192.168.0.1", Router), ("192.168.0.3", Broadcast)],
        refused: &[],
    },
    Row {
        profile: Profile::NEUTRON,
        cidr: "192.168.0.0/31",
        first: "192.168.0.0",
        last: "192.168.0.0",
        free: 1,
        withheld: &[("192.168.0.1", Router)],
        refused: &[],
    },
    Row {
        profile: Profile::NEUTRON,
        cidr: "192.168.0.0/32",
        first: "192.168.0.0",
        last: "192.168.0.0",
        free: 1,
        withheld: &[],
        refused: &[],
    },
    Row {
        profile: Profile::NEUTRON,
        cidr: "f111::/64",
        first: "f111::1",
        last: "f111::ffff:ffff:ffff:ffff",
        free: (1 << 64) - 1,
        withheld: &[("f111::", Network)],
        refused: &[],
    },
    Row {
        profile: Profile::NEUTRON,
        cidr: "f111::/127",
        first: "f111::1",
        last: "f111::1",
        free: 1,
        withheld: &[("f111::", Network)],
        refused: &[],
    },
    Row {
        profile: NEUTRON_WITHOUT_GATEWAY,
        cidr: "192.168.0.0/30",
        first: "192.168.0.1",
        last: "192.168.0.2",
        free: 2,
        withheld: &[("192.168.0.0", Network), ("192.168.0.3", Broadcast)],
        refused: &[],
    },
    Row {
        profile: NEUTRON_WITHOUT_GATEWAY,
        cidr: "192.168.0.0/31",
        first: "192.168.0.0",
        last: "192.168.0.1",
        free: 2,
        withheld: &[],
        refused: &[],
    },
];

#[test]
fn each_preset_withholds_what_its_source_says() {
    for row in ROWS {
        let mut engine = Engine::new();
        run(
            &mut engine,
            [
                create_vpc("vpc-1"),
                create_vpc("vpc-2"),
                create_subnet("s", row.cidr, row.profile).into(),
                CreateInterface::new(eni("eni"), subnet("s")).into(),
            ],
        );
        let usage = engine.at(NOW).subnet_usage(subnet("s")).unwrap();
        let usage = usage.v4.or(usage.v6).unwrap();
        assert_eq!((usage.free, usage.capacity()), (row.free, row.free), "{}", row.cidr);
        let family = Family::of(ip(row.first));
        let free = engine.free_ranges(subnet("s"), family).unwrap();
        assert_eq!(free.collect::<Vec<_>>(), [range(row.first, row.last)], "{}", row.cidr);
        for &(address, cause) in row.withheld {
            let explained = engine.at(NOW).explain_address(vpc("vpc-1"), ip(address));
            assert_eq!(explained.causes, [cause], "{address} of {}", row.cidr);
        }
        for cidr in row.refused {
            let mut other = create_subnet("other", cidr, row.profile);
            other.vpc = vpc("vpc-2");
            assert_eq!(refusal(&mut engine, other).code(), 305, "{cidr}");
        }
    }
}

#[test]
fn a_small_range_may_have_no_address() {
    for (profile, cidr) in [
        (Profile::KUBERNETES, "10.0.0.0/31"),
        (Profile::KUBERNETES, "10.0.0.0/32"),
        (Profile::KUBERNETES, "fd00::/128"),
        (Profile::NEUTRON, "fd00::/128"),
    ] {
        let mut engine = Engine::new();
        run(
            &mut engine,
            [
                create_vpc("vpc-1"),
                create_subnet("s", cidr, profile).into(),
                CreateInterface::new(eni("eni"), subnet("s")).into(),
            ],
        );
        assert_eq!(
            refusal(&mut engine, Assign::new(eni("eni"), Pick::any(1))).code(),
            700,
            "{cidr}"
        );
    }
}
