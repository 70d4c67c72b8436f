//! Prefixes: aligned blocks that are assigned, held, moved and released whole

use ipam_core::ipnet::IpNet;
use ipam_core::*;

use crate::common::*;

fn net(text: &str) -> IpNet {
    text.parse().unwrap()
}

fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis)
}

/// A subnet with these CIDRs, and two interfaces
fn world(cidr: &str, profile: Profile) -> Engine {
    let mut engine = Engine::new();
    run(
        &mut engine,
        [
            create_vpc("vpc-1"),
            create_subnet("home", cidr, profile).into(),
            CreateInterface::new(eni("eni-1"), subnet("home")).into(),
            CreateInterface::new(eni("eni-2"), subnet("home")).quota(3).into(),
        ],
    );
    engine
}

fn assign(engine: &mut Engine, id: &str, pick: Pick) -> String {
    let decision = engine.execute(NOW, &Assign::new(eni(id), pick).into()).unwrap();
    engine.check().unwrap();
    decision.answer().to_string()
}

fn prefixes(engine: &Engine, id: &str) -> Vec<String> {
    engine.prefixes(eni(id)).unwrap().map(|of| of.prefix.to_string()).collect()
}

fn addresses(engine: &Engine, id: &str) -> Vec<String> {
    engine.addresses(eni(id)).unwrap().map(|of| of.address.to_string()).collect()
}

fn usage(engine: &Engine) -> FamilyUsage {
    let usage = engine.at(NOW).subnet_usage(subnet("home")).unwrap();
    usage.v4.or(usage.v6).unwrap()
}

#[test]
fn a_chosen_prefix_fits_best_and_leaves_larger_blocks_whole() {
    let mut engine = world("10.0.0.0/24", Profile::PLAIN);
    // The network address is withheld: 1, 2-3, 4-7, 8-15, 16-31, 32-63, 64-127 are the blocks below.
    assert_eq!(assign(&mut engine, "eni-1", Pick::any_prefixes(28, 1)), "10.0.0.16/28");
    assert_eq!(assign(&mut engine, "eni-1", Pick::any_prefixes(28, 1)), "10.0.0.224/28");
    assert_eq!(assign(&mut engine, "eni-1", Pick::any_prefixes(26, 1)), "10.0.0.64/26");
    assert_eq!(
        assign(&mut engine, "eni-1", Pick::any_prefixes(28, 3)),
        "10.0.0.32/28,10.0.0.48/28,10.0.0.192/28"
    );
    assert_eq!(prefixes(&engine, "eni-1").len(), 6);
    assert!(addresses(&engine, "eni-1").is_empty());
    let info = engine.interface(eni("eni-1")).unwrap();
    assert_eq!((info.count_v4, info.prefixes_v4, info.prefixes_v6), (0, 6, 0));
    assert_eq!(usage(&engine).assigned, 5 * 16 + 64);
}

#[test]
fn one_request_has_a_list_a_count_and_prefixes_in_that_order() {
    let mut engine = world("10.0.0.0/24", Profile::PLAIN);
    let pick = Pick::these([ip("10.0.0.20")])
        .and_any(2)
        .and_prefixes(28, 2)
        .and_prefix(net("10.0.0.0/30").trunc())
        .and_prefixes(32, 1);
    let mut refused = pick.clone();
    refused.prefixes.remove(1);
    // A named prefix that has a reserved address cannot be had; it counts on after the list.
    let Error::Addresses(faults) = refusal(&mut engine, Assign::new(eni("eni-1"), pick)) else {
        panic!("of addresses");
    };
    let fault = *faults.lowest();
    assert_eq!((fault.index, fault.address), (2, ip("10.0.0.0")));
    assert_eq!(fault.cause, Cause::NetworkAddress);
    assert_eq!(
        assign(&mut engine, "eni-1", refused),
        "10.0.0.20,10.0.0.1-10.0.0.2,10.0.0.224/28,10.0.0.32/28,10.0.0.3/32"
    );
    assert_eq!(prefixes(&engine, "eni-1"), ["10.0.0.224/28", "10.0.0.32/28", "10.0.0.3/32"]);
    assert_eq!(addresses(&engine, "eni-1"), ["10.0.0.20", "10.0.0.1", "10.0.0.2"]);
}

#[test]
fn chosen_addresses_stay_out_of_named_prefixes_of_the_same_request() {
    let mut engine = world("10.0.0.0/28", Profile::PLAIN);
    let pick = Pick::any(5).and_prefix(net("10.0.0.4/30"));
    assert_eq!(
        assign(&mut engine, "eni-1", pick),
        "10.0.0.1-10.0.0.3,10.0.0.8-10.0.0.9,10.0.0.4/30"
    );
}

#[test]
fn a_prefix_takes_one_slot_of_the_quota() {
    let mut engine = world("10.0.0.0/24", Profile::PLAIN);
    assign(&mut engine, "eni-2", Pick::any(1).and_prefixes(28, 2));
    let refused = refusal(&mut engine, Assign::new(eni("eni-2"), Pick::any_prefixes(28, 1)));
    let quota = Error::Quota { interface: eni("eni-2"), quota: 3, held: 3, wanted: 1 };
    assert_eq!(refused, quota);
}

#[test]
fn an_address_in_a_prefix_is_had_through_it_alone() {
    let mut engine = world("10.0.0.0/24", Profile::PLAIN);
    assign(&mut engine, "eni-1", Pick::any_prefixes(28, 1));
    let (prefix, inside) = (net("10.0.0.16/28"), ip("10.0.0.20"));
    let cause = Cause::InPrefix { by: eni("eni-1"), prefix };
    let commands: [Command; 7] = [
        Assign::new(eni("eni-2"), Pick::these([inside])).into(),
        Assign::new(eni("eni-1"), Pick::these([inside])).into(),
        Assign::new(eni("eni-2"), Pick::these([inside])).reassign().into(),
        Unassign::new(eni("eni-1"), [inside]).into(),
        Move::new(eni("eni-1"), eni("eni-2"), [inside]).into(),
        ReplacePrimary::with(eni("eni-1"), inside).into(),
        ReplacePrimary::with(eni("eni-2"), inside).into(),
    ];
    for command in commands {
        let Error::Addresses(faults) = refusal(&mut engine, command.clone()) else {
            panic!("{command:?}");
        };
        assert_eq!((faults.lowest().index, faults.lowest().cause), (0, cause), "{command:?}");
        assert_eq!(faults.lowest().cause.code(), 525);
    }
    let explained = engine.at(NOW).explain_address(vpc("vpc-1"), inside);
    assert_eq!(explained.causes, [cause]);
    let holder = engine.owner(vpc("vpc-1"), inside).unwrap();
    assert_eq!((holder.interface, holder.prefix), (eni("eni-1"), Some(prefix)));
}

#[test]
fn a_prefix_is_released_and_moved_only_as_it_was_assigned() {
    let mut engine = world("10.0.0.0/24", Profile::PLAIN);
    assign(&mut engine, "eni-1", Pick::any_prefixes(28, 1));
    let pick = Pick::any(0);
    assert_eq!(refusal(&mut engine, Assign::new(eni("eni-1"), pick)), Error::ZeroCount);
    let singles = (32..48).map(|last| std::net::IpAddr::from([10, 0, 0, last]));
    assign(&mut engine, "eni-1", Pick::these(singles));
    let cases = [
        ("10.0.0.16/29", 525),
        ("10.0.0.24/29", 525),
        ("10.0.0.0/27", 525),
        ("10.0.0.32/28", 520),
        ("10.0.0.64/28", 520),
        ("10.0.1.0/28", 510),
        ("10.0.0.0/23", 510),
    ];
    for (prefix, code) in cases {
        let release = Unassign::only_prefixes(eni("eni-1"), [net(prefix)]);
        assert_eq!(refusal(&mut engine, release).code(), code, "{prefix}");
        let none: [std::net::IpAddr; 0] = [];
        let moved = Move::new(eni("eni-1"), eni("eni-2"), none).and_prefixes([net(prefix)]);
        assert_eq!(refusal(&mut engine, moved).code(), code, "{prefix}");
    }
    let whole = net("10.0.0.16/28");
    let others = refusal(&mut engine, Unassign::only_prefixes(eni("eni-2"), [whole]));
    assert_eq!(others.code(), 521);
    let none: [std::net::IpAddr; 0] = [];
    let moved = Move::new(eni("eni-1"), eni("eni-2"), none).and_prefixes([whole]);
    let decision = engine.execute(NOW, &moved.into()).unwrap();
    assert_eq!(decision.answer().to_string(), "10.0.0.16/28");
    engine.check().unwrap();
    assert_eq!(prefixes(&engine, "eni-2"), ["10.0.0.16/28"]);
    let made = engine.prefixes(eni("eni-2")).unwrap().next().unwrap().generation;
    let stale = Unassign::only_prefixes(eni("eni-2"), [whole]).of_generation(Revision::new(5));
    assert_eq!(refusal(&mut engine, stale).code(), 523);
    let release = Unassign::only_prefixes(eni("eni-2"), [whole]).of_generation(made);
    let decision = engine.execute(NOW, &release.into()).unwrap();
    assert_eq!(decision.answer().prefixes().collect::<Vec<_>>(), [whole]);
    engine.check().unwrap();
    assert_eq!(usage(&engine).assigned, 16);
}

#[test]
fn overlapping_prefixes_of_one_request_are_refused() {
    let mut engine = world("10.0.0.0/24", Profile::PLAIN);
    let fault =
        |engine: &mut Engine, pick: Pick| match refusal(engine, Assign::new(eni("eni-1"), pick)) {
            Error::Addresses(faults) => {
                let fault = *faults.lowest();
                (fault.index, fault.address.to_string(), fault.cause)
            }
            other => panic!("{other:?}"),
        };
    let pick = Pick::these(ips(["10.0.0.70", "10.0.0.5"])).and_prefix(net("10.0.0.64/28"));
    let first = Cause::Duplicate { first: 0 };
    assert_eq!(fault(&mut engine, pick), (2, "10.0.0.70".into(), first));
    let pick = Pick::default().and_prefix(net("10.0.0.64/26")).and_prefix(net("10.0.0.80/28"));
    assert_eq!(fault(&mut engine, pick), (1, "10.0.0.80".into(), first));
    let pick = Pick::default().and_prefix("10.0.0.65/26".parse().unwrap());
    assert_eq!(refusal(&mut engine, Assign::new(eni("eni-1"), pick)).code(), 100);
    assert_eq!(
        refusal(&mut engine, Assign::new(eni("eni-1"), Pick::any_prefixes(28, 0))).code(),
        112
    );
    assert_eq!(refusal(&mut engine, Assign::new(eni("eni-1"), Pick::default())).code(), 111);
}

#[test]
fn fragmented_is_not_exhausted() {
    let mut engine = world("10.0.0.0/24", Profile::PLAIN);
    // One address in each /28 but the last half of the subnet's top.
    let holes = (0..16).map(|block| std::net::IpAddr::from([10, 0, 0, block * 16 + 9]));
    assign(&mut engine, "eni-1", Pick::these(holes));
    let Error::Fragmented(of) =
        refusal(&mut engine, Assign::new(eni("eni-1"), Pick::any_prefixes(28, 1)))
    else {
        panic!("not fragmented");
    };
    assert_eq!((of.prefix_len, of.missing, of.index), (28, 1, 0));
    assert_eq!(of.largest, Some(net("10.0.0.16/29")));
    assert_eq!((of.shortfall.wanted, of.shortfall.free), (16, 238));
    assert_eq!(Error::Fragmented(of.clone()).code(), 705);
    // More addresses than are free: exhausted, whatever the blocks.
    let refused = refusal(&mut engine, Assign::new(eni("eni-1"), Pick::any_prefixes(28, 15)));
    assert_eq!(refused.code(), 700);
    // Of three /29 each sees those before it: fifteen fit, as one has the network address.
    assign(&mut engine, "eni-1", Pick::any_prefixes(29, 14));
    let Error::Fragmented(of) =
        refusal(&mut engine, Assign::new(eni("eni-1"), Pick::any_prefixes(29, 3)))
    else {
        panic!("not fragmented");
    };
    assert_eq!((of.missing, of.shortfall.wanted), (2, 16));
    assert_eq!(of.largest, Some(net("10.0.0.4/30")));
}

#[test]
fn lengths_that_no_subnet_has_are_refused() {
    let mut engine = world("10.0.0.0/24", Profile::PLAIN);
    for (len, code) in [(33, 524), (23, 524), (0, 524), (255, 524), (24, 700)] {
        let refused = refusal(&mut engine, Assign::new(eni("eni-1"), Pick::any_prefixes(len, 1)));
        assert_eq!(refused.code(), code, "/{len}");
    }
    let pick = Pick::default().and_prefixes_of(Family::V6, 64, 1);
    assert_eq!(refusal(&mut engine, Assign::new(eni("eni-1"), pick)).code(), 400);
    let pick = Pick::default().and_prefix(net("2001:db8::/80"));
    assert_eq!(refusal(&mut engine, Assign::new(eni("eni-1"), pick)).code(), 401);
    let pick = Pick::default().and_prefix(net("10.0.0.0/8"));
    assert_eq!(refusal(&mut engine, Assign::new(eni("eni-1"), pick)).code(), 510);
    let few = Pick::any_prefixes(32, u32::MAX);
    assert_eq!(refusal(&mut engine, Assign::new(eni("eni-1"), few)).code(), 700);
}

#[test]
fn a_whole_subnet_may_be_one_prefix() {
    let mut engine = world("10.0.0.8/32", Profile::PLAIN);
    assert_eq!(assign(&mut engine, "eni-1", Pick::any_prefixes(32, 1)), "10.0.0.8/32");
    assert_eq!(prefixes(&engine, "eni-1"), ["10.0.0.8/32"]);
    let full = refusal(&mut engine, Assign::new(eni("eni-1"), Pick::any(1)));
    assert_eq!(full.code(), 700);
    let mut engine = world("10.0.0.8/31", Profile::PLAIN);
    assert_eq!(assign(&mut engine, "eni-1", Pick::any_prefixes(31, 1)), "10.0.0.8/31");
    let mut engine = world("2001:db8::/127", Profile::PLAIN);
    assert_eq!(assign(&mut engine, "eni-1", Pick::any_prefixes(128, 1)), "2001:db8::/128");
    let mut engine = world("0.0.0.0/0", Profile::PLAIN);
    assert_eq!(assign(&mut engine, "eni-1", Pick::any_prefixes(2, 2)), "64.0.0.0/2,128.0.0.0/2");
    assert_eq!(
        refusal(&mut engine, Assign::new(eni("eni-1"), Pick::any_prefixes(1, 1))).code(),
        700
    );
}

#[test]
fn all_of_ipv6_may_be_assigned_as_prefixes_and_given_back() {
    let mut profile = Profile::PLAIN;
    (profile.v6.first, profile.v6.last) = (0, 0);
    profile.v6.gateway = Gateway::None;
    let mut engine = world("::/0", profile);
    assert_eq!(
        refusal(&mut engine, Assign::new(eni("eni-1"), Pick::any_prefixes(0, 1))).code(),
        524
    );
    let named = Pick::default().and_prefix(net("::/0"));
    assert_eq!(refusal(&mut engine, Assign::new(eni("eni-1"), named)).code(), 524);
    assert_eq!(assign(&mut engine, "eni-1", Pick::any_prefixes(1, 2)), "::/1,8000::/1");
    assert_eq!(usage(&engine).free, 0);
    assert_eq!(refusal(&mut engine, Assign::new(eni("eni-1"), Pick::any(1))).code(), 700);
    for half in ["::/1", "8000::/1"] {
        run(&mut engine, [Unassign::only_prefixes(eni("eni-1"), [net(half)]).into()]);
        engine.check().unwrap();
    }
    assert_eq!(usage(&engine).assigned, 0);
}

#[test]
fn a_released_prefix_rests_whole_and_is_taken_back_by_its_name() {
    let mut profile = Profile::PLAIN;
    profile.quarantine = Quarantine { millis: 99_000, take_back: true, when_exhausted: true };
    let mut engine = world("10.0.0.0/26", profile);
    assign(&mut engine, "eni-1", Pick::any_prefixes(28, 1));
    let whole = net("10.0.0.16/28");
    run(&mut engine, [Unassign::only_prefixes(eni("eni-1"), [whole]).into()]);
    engine.check().unwrap();
    assert_eq!((usage(&engine).quarantined, usage(&engine).assigned), (16, 0));
    let resting: Vec<_> = engine.quarantine(subnet("home"), Family::V4).unwrap().collect();
    assert_eq!(resting.iter().map(|of| of.prefix).collect::<Vec<_>>(), [Some(whole)]);
    // Exhaustion wakes no prefix, and an address of it is not taken back by itself.
    let full = refusal(&mut engine, Assign::new(eni("eni-1"), Pick::any(47)));
    assert_eq!(full.code(), 700);
    let part = Pick::these([ip("10.0.0.17")]);
    assert_eq!(refusal(&mut engine, Assign::new(eni("eni-1"), part)).code(), 517);
    let back = Pick::default().and_prefix(whole);
    assert_eq!(refusal(&mut engine, Assign::new(eni("eni-2"), back.clone())).code(), 517);
    let half = Pick::default().and_prefix(net("10.0.0.16/29"));
    assert_eq!(refusal(&mut engine, Assign::new(eni("eni-1"), half)).code(), 517);
    assert_eq!(assign(&mut engine, "eni-1", back), "10.0.0.16/28");
    run(&mut engine, [Unassign::only_prefixes(eni("eni-1"), [whole]).into()]);
    let due: Vec<_> = engine.at(at(100_000)).due().collect();
    let addresses = AddrList::from_parts([Part::Prefix(whole)]);
    assert_eq!(due, [Due::Rested { at: at(100_000), subnet: subnet("home"), addresses }]);
    let decision =
        engine.decide(at(100_000), &Assign::new(eni("eni-2"), Pick::any_prefixes(28, 1)).into());
    assert_eq!(decision.unwrap().answer().to_string(), "10.0.0.16/28");
    engine.execute(at(100_000), &Command::Sweep).unwrap();
    engine.check().unwrap();
    assert_eq!(usage(&engine).quarantined, 0);
}

#[test]
fn a_held_prefix_is_confirmed_observed_or_lost_whole() {
    let mut engine = world("10.0.0.0/24", Profile::PLAIN);
    let hold = Hold::until(at(50_000)).kept_until(at(90_000));
    let pick = Pick::any(2).and_prefixes(28, 2);
    let command = Assign::new(eni("eni-1"), pick).hold(hold).into();
    let decision = engine.execute(NOW, &command).unwrap();
    engine.check().unwrap();
    let task = decision.task().unwrap();
    assert_eq!((usage(&engine).held, usage(&engine).assigned), (34, 0));
    assert!(engine.prefixes(eni("eni-1")).unwrap().all(|of| of.held));
    let release = Unassign::only_prefixes(eni("eni-1"), [net("10.0.0.16/28")]);
    assert_eq!(refusal(&mut engine, release).code(), 516);

    let mut confirmed = engine.clone();
    confirmed.execute(NOW, &Confirm::new(task).into()).unwrap();
    confirmed.check().unwrap();
    assert_eq!(usage(&confirmed).assigned, 34);

    // A /28 that was seen as sixteen addresses was not seen as a prefix.
    let singles = (32..48).map(|last| std::net::IpAddr::from([10, 0, 0, last]));
    let seen = Resolve::new(task, singles).and_prefixes([net("10.0.0.16/28")]);
    let decision = engine.execute(NOW, &seen.into()).unwrap();
    engine.check().unwrap();
    assert_eq!(decision.answer().to_string(), "10.0.0.16/28");
    assert_eq!(prefixes(&engine, "eni-1"), ["10.0.0.16/28"]);
    assert_eq!((usage(&engine).held, usage(&engine).assigned), (0, 16));

    let hold = Hold::until(at(60_000));
    let command = Assign::new(eni("eni-1"), Pick::any_prefixes(26, 1)).hold(hold).into();
    engine.execute(NOW, &command).unwrap();
    engine.execute(at(60_000), &Command::Sweep).unwrap();
    engine.check().unwrap();
    assert_eq!(prefixes(&engine, "eni-1"), ["10.0.0.16/28"]);
}

#[test]
fn a_prefix_is_reassigned_as_it_is_and_given_again_to_its_own() {
    let mut engine = world("10.0.0.0/24", Profile::PLAIN);
    let whole = net("10.0.0.64/26");
    let pick = Pick::default().and_prefix(whole);
    assign(&mut engine, "eni-1", pick.clone());
    let refused = refusal(&mut engine, Assign::new(eni("eni-2"), pick.clone()));
    assert_eq!(refused.code(), 525);
    let part = Pick::default().and_prefix(net("10.0.0.64/27"));
    let take = Assign::new(eni("eni-2"), part).reassign();
    assert_eq!(refusal(&mut engine, take).code(), 525);
    let take = Assign::new(eni("eni-2"), pick.clone()).reassign();
    let decision = engine.execute(NOW, &take.into()).unwrap();
    assert_eq!(decision.answer().to_string(), "10.0.0.64/26");
    engine.check().unwrap();
    assert!(prefixes(&engine, "eni-1").is_empty());
    let again = engine.execute(NOW, &Assign::new(eni("eni-2"), pick).into()).unwrap();
    assert!(again.is_unchanged());
    assert_eq!(again.answer().to_string(), "10.0.0.64/26");
}

#[test]
fn counts_and_deletions_know_prefixes_from_addresses() {
    let mut engine = world("10.0.0.0/24", Profile::PLAIN);
    assign(&mut engine, "eni-1", Pick::any(2).and_prefixes(28, 2));
    let ensured = engine.execute(NOW, &EnsureCount::exactly(eni("eni-1"), 1).into()).unwrap();
    assert_eq!(ensured.answer().to_string(), "10.0.0.1");
    engine.check().unwrap();
    let command = Command::from(DeleteInterface::new(eni("eni-1")));
    let deleted = engine.execute(NOW, &command).unwrap();
    assert_eq!(deleted.answer().to_string(), "10.0.0.1,10.0.0.16/28,10.0.0.224/28");
    engine.check().unwrap();
    assert_eq!(usage(&engine).assigned, 0);
}

#[test]
fn a_prefix_named_in_an_auto_only_range_needs_to_say_so() {
    let mut engine = world("10.0.0.0/24", Profile::PLAIN);
    let reserved = range("10.0.0.70", "10.0.0.75");
    let (home, kind) = (subnet("home"), Reservation::AutoOnly);
    run(&mut engine, [ReserveRange::new(home, reserved).kind(kind).into()]);
    let pick = Pick::any(3).and_prefix(net("10.0.0.64/28"));
    let Error::Addresses(faults) = refusal(&mut engine, Assign::new(eni("eni-1"), pick.clone()))
    else {
        panic!("of addresses");
    };
    assert_eq!((faults.lowest().index, faults.lowest().cause), (0, Cause::AutoOnly));
    assert_eq!(faults.lowest().address, ip("10.0.0.70"));
    let free = usage(&engine).free;
    assert_eq!(
        assign(&mut engine, "eni-1", pick.even_auto_only()),
        "10.0.0.1-10.0.0.3,10.0.0.64/28"
    );
    assert_eq!(usage(&engine).free, free - 3 - 10);
}

#[test]
fn prefixes_within_a_range_stay_there() {
    let mut engine = world("10.0.0.0/24", Profile::PLAIN);
    let pick = Pick::any_prefixes(28, 2).within(range("10.0.0.100", "10.0.0.160"));
    assert_eq!(assign(&mut engine, "eni-1", pick), "10.0.0.112/28,10.0.0.128/28");
    let pick = Pick::any_prefixes(28, 2).within(range("10.0.0.100", "10.0.0.160"));
    let Error::Fragmented(of) = refusal(&mut engine, Assign::new(eni("eni-1"), pick)) else {
        // 29 addresses are left: too few for two of them.
        return;
    };
    panic!("{of:?}");
}

/// What is left of a range is kept as prefixes are chosen there: the same as what is left of all
#[test]
fn many_prefixes_within_all_of_a_subnet_are_those_without_a_range() {
    let mut engine = world("10.0.0.0/22", Profile::PLAIN);
    let odd = (0..1024u32).filter(|at| at % 7 == 3 || (at % 2 == 1 && at % 64 < 40));
    let odd = odd.map(|at| std::net::Ipv4Addr::from(0x0a00_0000 | at).into());
    assign(&mut engine, "eni-1", Pick::these(odd.collect::<Vec<std::net::IpAddr>>()));
    let (home, kind) = (subnet("home"), Reservation::PrefixOnly);
    let reserved = range("10.0.1.0", "10.0.1.99");
    run(&mut engine, [ReserveRange::new(home, reserved).kind(kind).into()]);
    let (whole, upper) = (range("10.0.0.0", "10.0.3.255"), range("10.0.2.0", "10.0.3.255"));
    let beside = || Pick::these(ips(["10.0.3.144", "10.0.1.254"]));
    for (lens, counts) in [([32, 32, 32], [90, 150, 9]), ([30, 31, 32], [20, 30, 80])] {
        let asked = |pick: Pick| {
            lens.iter()
                .zip(counts)
                .fold(pick, |pick, (&len, count)| pick.and_prefixes_of(Family::V4, len, count))
        };
        let decide = |pick: Pick| {
            let request = Assign::new(eni("eni-1"), asked(pick));
            engine.decide(NOW, &request.into()).map(|of| of.answer().clone())
        };
        let all = decide(beside()).unwrap();
        assert_eq!(decide(beside().within(whole)), Ok(all));
    }
    let few = decide_all_of(&engine, upper);
    assert!(few.iter().all(|at| upper.contains(at)));
    assert_eq!(few.count(), engine.free_within(home, upper).unwrap());
}

/// Every free address of a range, as prefixes
fn decide_all_of(engine: &Engine, within: AddrRange) -> AddrList {
    let free = engine.free_within(subnet("home"), within).unwrap();
    let count = |count: u128| Pick::any_prefixes(32, u32::try_from(count).unwrap()).within(within);
    let ask = |pick| engine.decide(NOW, &Assign::new(eni("eni-1"), pick).into());
    assert_eq!(ask(count(free + 1)).unwrap_err().code(), 700);
    ask(count(free)).unwrap().answer().clone()
}

#[test]
fn prefixes_of_one_family_are_not_within_a_range_of_the_other() {
    let mut engine = world("10.0.0.0/24", Profile::PLAIN);
    let within = range("2001:db8::", "2001:db8::f");
    let pick = Pick::default().and_prefixes_of(Family::V4, 28, 1).within(within);
    let refused = refusal(&mut engine, Assign::new(eni("eni-1"), pick));
    assert_eq!(refused, Error::RangeFamily { range: within, family: Family::V4 });
}

#[test]
fn a_batch_sees_the_prefixes_that_it_has_taken_and_released() {
    let mut engine = world("10.0.0.0/24", Profile::PLAIN);
    assign(&mut engine, "eni-1", Pick::any_prefixes(26, 1));
    let whole = net("10.0.0.64/26");
    let choose =
        |id: &str, len, count| Command::from(Assign::new(eni(id), Pick::any_prefixes(len, count)));
    let batch = [
        choose("eni-1", 27, 2),
        Unassign::only_prefixes(eni("eni-1"), [whole]).into(),
        choose("eni-2", 26, 1),
        Unassign::only_prefixes(eni("eni-2"), [whole]).into(),
        choose("eni-1", 25, 1),
        Move::new::<std::net::IpAddr>(eni("eni-1"), eni("eni-2"), [])
            .and_prefixes([net("10.0.0.32/27")])
            .into(),
        EnsureCount::at_least(eni("eni-2"), 2).into(),
    ];
    let mut apart = engine.clone();
    let apart_said: Result<Vec<String>, Error> = batch
        .iter()
        .map(|command| apart.execute(NOW, command).map(|of| of.answer().to_string()))
        .collect();
    let refused = engine.decide_all(NOW, &batch).unwrap_err();
    assert_eq!((refused.index, Err(refused.error)), (4, apart_said));
    let batch: Vec<Command> =
        batch.into_iter().enumerate().filter(|of| of.0 != 4).map(|of| of.1).collect();
    let mut apart = engine.clone();
    let said: Vec<AddrList> =
        batch.iter().map(|command| apart.execute(NOW, command).unwrap().answer().clone()).collect();
    let decision = engine.decide_all(NOW, &batch).unwrap();
    for (index, said) in said.iter().enumerate() {
        assert_eq!(decision.answer_to(index), Some(said), "command {index}");
    }
    engine.apply(decision.event().unwrap()).unwrap();
    engine.check().unwrap();
    for id in ["eni-1", "eni-2"] {
        assert_eq!(prefixes(&engine, id), prefixes(&apart, id));
        assert_eq!(addresses(&engine, id), addresses(&apart, id));
    }
}

#[test]
fn a_prefix_far_up_costs_no_window() {
    // 2^48 addresses taken at once, then one that lies far above the others.
    let mut engine = world("2001:db8::/64", Profile::PLAIN);
    assert_eq!(assign(&mut engine, "eni-1", Pick::any_prefixes(80, 1)), "2001:db8:0:0:1::/80");
    let far = ip("2001:db8::3fff:ffff");
    assign(&mut engine, "eni-1", Pick::these([far]));
    assert_eq!(addresses(&engine, "eni-1"), ["2001:db8::3fff:ffff"]);
    run(
        &mut engine,
        [Unassign::new(eni("eni-1"), [far]).and_prefixes([net("2001:db8:0:0:1::/80")]).into()],
    );
    engine.check().unwrap();
}

#[test]
fn forged_prefixes_are_refused_without_a_walk() {
    let mut engine = world("2001:db8::/64", Profile::PLAIN);
    assign(&mut engine, "eni-1", Pick::any_prefixes(80, 2).and_any(1));
    let forge = |change: serde_json::Value| -> Event {
        let (revision, at) = (engine.revision().next(), engine.clock());
        let parent = format!("{:016x}", engine.digest());
        let event = serde_json::json!({
            "revision": revision, "at": at, "parent": parent, "changes": [change],
        });
        serde_json::from_value(event).unwrap()
    };
    let released = |addresses: serde_json::Value| {
        forge(serde_json::json!({
            "Released": { "interface": "eni-1", "subnet": "home", "addresses": addresses },
        }))
    };
    let assigned = |addresses: serde_json::Value| {
        forge(serde_json::json!({
            "Assigned": { "interface": "eni-2", "subnet": "home", "addresses": addresses },
        }))
    };
    let run =
        serde_json::json!({ "first": "2001:db8:0:0:1::", "last": "2001:db8:0:0:1:ffff:ffff:ffff" });
    let cases = [
        (released(serde_json::json!(["2001:db8:0:0:1::/81"])), Contradiction::NotHeld),
        (released(serde_json::json!(["2001:db8:0:0:1::/79"])), Contradiction::NotHeld),
        (released(serde_json::json!(["2001:db8:0:0:4::/80"])), Contradiction::NotHeld),
        (released(serde_json::json!([run])), Contradiction::NotHeld),
        (
            released(serde_json::json!(["2001:db8:0:0:1::/80", "2001:db8:0:0:1::/80"])),
            Contradiction::NotHeld,
        ),
        (released(serde_json::json!(["2001:db8:0:0::1/128"])), Contradiction::NotHeld),
        (assigned(serde_json::json!(["2001:db8:0:0:1::/80"])), Contradiction::Taken),
        (assigned(serde_json::json!(["2001:db8::/64"])), Contradiction::Taken),
        (assigned(serde_json::json!(["2001:db8::/63"])), Contradiction::Outside),
        (
            assigned(serde_json::json!(["2001:db8:0:0:8::/80", "2001:db8:0:0:8::/81"])),
            Contradiction::Taken,
        ),
        (assigned(serde_json::json!(["10.0.0.0/28"])), Contradiction::Outside),
    ];
    for (event, expected) in cases {
        let before = engine.clone();
        let mut engine = engine.clone();
        match engine.apply(&event) {
            Err(ApplyError::Contradiction { what, .. }) => assert_eq!(what, expected, "{event:?}"),
            other => panic!("{other:?} of {event:?}"),
        }
        assert_eq!(engine, before);
    }
}

#[test]
fn lists_with_prefixes_are_told_from_those_with_their_addresses() {
    let prefix = net("10.0.0.16/28");
    let part = AddrList::from_parts([Part::Prefix(prefix)]);
    let run = AddrList::from(AddrRange::from(prefix));
    assert_ne!(part, run);
    assert_eq!((part.count(), run.count(), part.slots(), run.slots()), (16, 16, 1, 16));
    let text = serde_json::to_string(&part).unwrap();
    assert_eq!(text, r#"["10.0.0.16/28"]"#);
    assert_eq!(serde_json::from_str::<AddrList>(&text).unwrap(), part);
    let mut mixed = run.clone();
    mixed.push_prefix(net("10.0.0.32/32"));
    mixed.push(AddrRange::one(ip("10.0.0.33")));
    mixed.push(AddrRange::one(ip("10.0.0.34")));
    mixed.push(AddrRange::one(ip("2001:db8::1")));
    assert_eq!(
        mixed.to_string(),
        "10.0.0.16-10.0.0.31,10.0.0.32/32,10.0.0.33-10.0.0.34,2001:db8::1"
    );
    let text = serde_json::to_string(&mixed).unwrap();
    assert_eq!(serde_json::from_str::<AddrList>(&text).unwrap(), mixed);
}

#[test]
fn what_is_left_to_prefixes_is_given_to_them_first() {
    let mut engine = world("10.0.0.0/24", Profile::PLAIN);
    let (home, kind) = (subnet("home"), Reservation::PrefixOnly);
    let reserved = range("10.0.0.100", "10.0.0.139");
    run(&mut engine, [ReserveRange::new(home, reserved).kind(kind).into()]);
    // Of 100-139, 112-127 is the one /28; then the free ones, best fit.
    assert_eq!(assign(&mut engine, "eni-1", Pick::any_prefixes(28, 1)), "10.0.0.112/28");
    assert_eq!(assign(&mut engine, "eni-1", Pick::any_prefixes(29, 1)), "10.0.0.104/29");
    assert_eq!(assign(&mut engine, "eni-1", Pick::any_prefixes(28, 1)), "10.0.0.16/28");
    let single = Pick::these([ip("10.0.0.130")]);
    assert_eq!(refusal(&mut engine, Assign::new(eni("eni-1"), single)).code(), 529);
    // By name, half in it and half free.
    let named = Pick::default().and_prefix(net("10.0.0.128/28"));
    assert_eq!(assign(&mut engine, "eni-1", named), "10.0.0.128/28");
    let batch = [
        Unassign::only_prefixes(eni("eni-1"), [net("10.0.0.112/28")]).into(),
        Command::from(Assign::new(eni("eni-1"), Pick::any_prefixes(29, 3))),
        ReleaseRange::new(home, reserved).into(),
        ReserveRange::new(home, range("10.0.0.160", "10.0.0.175")).kind(kind).into(),
        Command::from(Assign::new(eni("eni-1"), Pick::any_prefixes(28, 1))),
    ];
    let decision = engine.decide_all(NOW, &batch).unwrap();
    let said = |index| decision.answer_to(index).map(ToString::to_string);
    assert_eq!(said(1).as_deref(), Some("10.0.0.112/29,10.0.0.120/29,10.0.0.8/29"));
    assert_eq!(said(4).as_deref(), Some("10.0.0.160/28"));
    engine.apply(decision.event().unwrap()).unwrap();
    engine.check().unwrap();
}
