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

const ROWS: [Row; 10] = [
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
        let usage = engine.usage(NOW, subnet("s")).unwrap();
        let usage = usage.v4.or(usage.v6).unwrap();
        assert_eq!((usage.free, usage.capacity()), (row.free, row.free), "{}", row.cidr);
        let family = Family::of(ip(row.first));
        let free = engine.free_ranges(subnet("s"), family).unwrap();
        assert_eq!(free.collect::<Vec<_>>(), [range(row.first, row.last)], "{}", row.cidr);
        for &(address, cause) in row.withheld {
            let explained = engine.explain(NOW, vpc("vpc-1"), ip(address));
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
fn a_small_kubernetes_range_has_no_address() {
    for cidr in ["10.0.0.0/31", "10.0.0.0/32", "fd00::/128"] {
        let mut engine = Engine::new();
        run(
            &mut engine,
            [
                create_vpc("vpc-1"),
                create_subnet("s", cidr, Profile::KUBERNETES).into(),
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
