//! What is left: free CIDRs by prefix length and in order, and what a refusal says would succeed

use ipam_core::ipnet::IpNet;
use ipam_core::*;

use crate::common::*;

/// One subnet of a profile without rules, and an interface
fn engine(v4: &str, v6: &str) -> Engine {
    let mut profile = Profile::PLAIN;
    (profile.v4.first, profile.v4.last) = (0, 0);
    (profile.v6.first, profile.v6.last) = (0, 0);
    profile.list_and_count = ListAndCount::Both;
    let mut engine = Engine::new();
    let home = create_subnet("home", v4, profile).v6(v6.parse().unwrap());
    run(
        &mut engine,
        [
            create_vpc("vpc-1"),
            home.into(),
            CreateInterface::new(eni("eni-1"), subnet("home")).into(),
        ],
    );
    engine
}

fn reserve(engine: &mut Engine, first: &str, last: &str, kind: Reservation) {
    let range = AddrRange::new(ip(first), ip(last)).unwrap();
    run(engine, [ReserveRange::new(subnet("home"), range).kind(kind).into()]);
}

fn free_blocks(engine: &mut Engine, family: Family) -> FreeBlocks {
    let home = subnet("home");
    let indices = |indices| Command::from(SetIndices::new(home, indices));
    let without = engine.free_blocks(home, family).unwrap();
    engine.execute(NOW, &indices(Indices::BLOCKS)).unwrap();
    let with = engine.free_blocks(home, family).unwrap();
    engine.execute(NOW, &indices(Indices::NONE)).unwrap();
    assert_eq!(with, without, "with the index and without");
    without
}

fn free_prefixes(engine: &Engine, family: Family) -> Vec<String> {
    let all = engine.free_prefixes(subnet("home"), family).unwrap();
    all.map(|cidr: IpNet| cidr.to_string()).collect()
}

#[test]
fn free_cidrs_are_counted_by_prefix_length() {
    let mut engine = engine("10.0.0.0/24", "::/0");
    run(&mut engine, [Assign::new(eni("eni-1"), Pick::these(ips(["10.0.0.5"]))).into()]);
    let free = free_blocks(&mut engine, Family::V4);
    let expected: Vec<(u8, u128)> = (25..=32).map(|len| (len, 1)).collect();
    assert_eq!((free.family, free.maximal.as_slice()), (Family::V4, expected.as_slice()));
    assert_eq!((free.largest(), free.prefix_only.len()), (Some(25), 0));
    let capacity = |len| free.capacity(len);
    assert_eq!([24, 25, 28, 31, 32, 33].map(capacity), [0, 1, 15, 127, 255, 0]);
    assert_eq!(free_prefixes(&engine, Family::V4).first().unwrap(), "10.0.0.0/30");
    assert_eq!(free_prefixes(&engine, Family::V4).len(), 8);
}

#[test]
fn all_of_ipv6_is_one_free_cidr_and_saturates() {
    let mut engine = engine("10.0.0.0/32", "::/0");
    let free = free_blocks(&mut engine, Family::V6);
    assert_eq!((free.maximal.as_slice(), free.largest()), (&[(0, 1)][..], Some(0)));
    assert_eq!((free.capacity(0), free.capacity(1), free.capacity(64)), (1, 2, 1 << 64));
    assert_eq!((free.capacity(127), free.capacity(128)), (1 << 127, u128::MAX));
    assert_eq!(free_prefixes(&engine, Family::V6), ["::/0"]);
    assert_eq!(free_prefixes(&engine, Family::V4), ["10.0.0.0/32"]);

    let last = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";
    run(&mut engine, [Assign::new(eni("eni-1"), Pick::these(ips([last]))).into()]);
    let free = free_blocks(&mut engine, Family::V6);
    assert_eq!(free.maximal, (1..=128).map(|len| (len, 1)).collect::<Vec<_>>());
    assert_eq!(free.capacity(128), u128::MAX, "2^128 less one");
    let below = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe/128";
    assert_eq!(free_prefixes(&engine, Family::V6).last().unwrap(), below);
    run(&mut engine, [Assign::new(eni("eni-1"), Pick::these(ips(["10.0.0.0"]))).into()]);
    let full = free_blocks(&mut engine, Family::V4);
    assert_eq!((full.largest(), full.capacity(32)), (None, 0));
}

#[test]
fn what_prefix_only_ranges_leave_is_counted_apart() {
    let mut engine = engine("10.0.0.0/24", "2001:db8::/64");
    reserve(&mut engine, "10.0.0.64", "10.0.0.127", Reservation::PrefixOnly);
    reserve(&mut engine, "10.0.0.128", "10.0.0.191", Reservation::Hard);
    let free = free_blocks(&mut engine, Family::V4);
    assert_eq!((&*free.maximal, &*free.prefix_only), (&[(26, 2)][..], &[(26, 1)][..]));
    assert_eq!((free.capacity(28), free.largest()), (12, Some(26)));
    // Two ranges that touch are one to prefixes.
    reserve(&mut engine, "10.0.0.0", "10.0.0.63", Reservation::PrefixOnly);
    let free = free_blocks(&mut engine, Family::V4);
    assert_eq!((&*free.maximal, &*free.prefix_only), (&[(26, 1)][..], &[(25, 1)][..]));

    reserve(
        &mut engine,
        "2001:db8::8000:0:0:0",
        "2001:db8::ffff:ffff:ffff:ffff",
        Reservation::PrefixOnly,
    );
    let free = free_blocks(&mut engine, Family::V6);
    assert_eq!((&*free.maximal, &*free.prefix_only), (&[(65, 1)][..], &[(65, 1)][..]));
    assert_eq!(free.capacity(80), 1 << 16);
}

#[test]
fn a_refusal_says_what_would_succeed_and_when_enough_are_free() {
    let mut engine = engine("10.0.0.0/29", "2001:db8::/64");
    let v4 = |count| Pick::any(count).family(Family::V4);
    run(&mut engine, [Assign::new(eni("eni-1"), v4(6)).into()]);
    for (number, millis) in [(0, 20_000), (1, 30_000), (2, 40_000)] {
        let address = ips([["10.0.0.0", "10.0.0.1", "10.0.0.2"][number]]);
        let rest = Rest::for_millis(millis);
        run(&mut engine, [Unassign::new(eni("eni-1"), address).rest(rest).into()]);
    }
    // Two are free, three rest.
    let refused = |engine: &mut Engine, count| {
        let error = refusal(engine, Assign::new(eni("eni-1"), v4(count)));
        let Error::Exhausted { shortfall, .. } = error else { panic!("{error}") };
        assert_eq!(error.would_succeed(), Some(2));
        (shortfall.next.map(Timestamp::millis), shortfall.enough.map(Timestamp::millis))
    };
    assert_eq!(refused(&mut engine, 3), (Some(21_000), Some(21_000)));
    assert_eq!(refused(&mut engine, 5), (Some(21_000), Some(41_000)));
    assert_eq!(refused(&mut engine, 6), (Some(21_000), None), "not before others are released");
    assert_eq!(refused(&mut engine, u32::MAX), (Some(21_000), None));
    let enough = Assign::new(eni("eni-1"), v4(5));
    assert!(engine.decide(Timestamp::from_millis(41_000), &enough.into()).is_ok());

    run(&mut engine, [SetQuota::new(eni("eni-1"), Some(4)).into()]);
    let error = refusal(&mut engine, Assign::new(eni("eni-1"), v4(2)));
    assert_eq!((error.code(), error.would_succeed()), (600, Some(1)));
    run(&mut engine, [SetQuota::new(eni("eni-1"), Some(1)).into()]);
    let error = refusal(&mut engine, Assign::new(eni("eni-1"), v4(2)));
    assert_eq!((error.code(), error.would_succeed()), (600, Some(0)));
    let error = refusal(&mut engine, SetQuota::new(eni("eni-2"), None));
    assert_eq!(error.would_succeed(), None);
}

#[test]
fn what_would_succeed_is_in_the_unit_asked_for() {
    let mut engine = Engine::new();
    let home = create_subnet("home", "10.0.0.0/26", Profile::PLAIN);
    let create = CreateInterface::new(eni("eni-1"), subnet("home"));
    run(&mut engine, [create_vpc("vpc-1"), home.into(), create.into()]);
    let most = |engine: &mut Engine, pick| {
        let error = refusal(engine, Assign::new(eni("eni-1"), pick));
        (error.code(), error.would_succeed())
    };
    // The network and broadcast addresses are in the first and in the last of four.
    assert_eq!(most(&mut engine, Pick::any_prefixes(28, 4)), (700, Some(2)));
    assert_eq!(most(&mut engine, Pick::any_prefixes(28, 3)), (705, Some(2)));
    let beyond = Pick::any_prefixes(28, Assign::MAX_ADDRESSES + 1);
    assert_eq!(most(&mut engine, beyond), (700, None), "not tried");
    let within = range("10.0.0.8", "10.0.0.31");
    assert_eq!(most(&mut engine, Pick::any_prefixes(28, 2).within(within)), (700, Some(1)));
    // Every third is assigned, so that no three are one range.
    let every_third = (1..=20).map(|at| std::net::IpAddr::from([10, 0, 0, 3 * at]));
    run(&mut engine, [Assign::new(eni("eni-1"), Pick::these(every_third)).into()]);
    assert_eq!(most(&mut engine, Pick::any(3).contiguous()), (707, Some(2)));
    assert_eq!(most(&mut engine, Pick::any(60).contiguous()), (700, Some(2)));
    assert_eq!(most(&mut engine, Pick::any(60)), (700, Some(42)));
}

#[test]
fn what_may_be_taken_early_would_succeed() {
    let mut engine = engine("10.0.0.0/29", "2001:db8::/64");
    let mut profile = engine.subnet(subnet("home")).unwrap().profile;
    profile.quarantine = Quarantine { when_exhausted: true, ..Quarantine::for_millis(1) };
    run(&mut engine, [Reshape::new(subnet("home")).profile(profile).into()]);
    let v4 = |count| Pick::any(count).family(Family::V4);
    run(&mut engine, [Assign::new(eni("eni-1"), v4(6)).into()]);
    let released = ips(["10.0.0.0", "10.0.0.1", "10.0.0.2"]);
    let release = Unassign::new(eni("eni-1"), released).rest(Rest::for_millis(20_000));
    run(&mut engine, [release.into()]);
    let error = refusal(&mut engine, Assign::new(eni("eni-1"), v4(6)));
    assert_eq!(error.would_succeed(), Some(5), "two are free, three rest");
    let error = refusal(&mut engine, Assign::new(eni("eni-1"), v4(u32::MAX)));
    assert_eq!(error.would_succeed(), Some(5));
    assert!(engine.decide(NOW, &Assign::new(eni("eni-1"), v4(5)).into()).is_ok());
    // One of them is reserved, and one lies outside the range.
    reserve(&mut engine, "10.0.0.1", "10.0.0.1", Reservation::AutoOnly);
    let within = range("10.0.0.1", "10.0.0.6");
    let error = refusal(&mut engine, Assign::new(eni("eni-1"), v4(6).within(within)));
    assert_eq!(error.would_succeed(), Some(2));
}
