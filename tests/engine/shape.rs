//! Another shape for a subnet, and what it would affect

use ipam_core::*;

use crate::common::*;

fn reshape() -> Reshape {
    Reshape::new(subnet("home"))
}

fn v4(cidr: &str) -> Reshape {
    reshape().v4(cidr.parse().unwrap())
}

fn v6(cidr: &str) -> Reshape {
    reshape().v6(cidr.parse().unwrap())
}

/// `home` in an open VPC, and `eni-1` and `eni-2` in it
fn engine_of(cidr: &str, profile: Profile) -> Engine {
    let mut engine = Engine::new();
    run(
        &mut engine,
        [
            create_vpc("vpc-1"),
            create_subnet("home", cidr, profile).into(),
            CreateInterface::new(eni("eni-1"), subnet("home")).into(),
            CreateInterface::new(eni("eni-2"), subnet("home")).into(),
        ],
    );
    engine
}

/// Executes a command on an engine and, as JSON, its event on a replica: they must agree
fn done(engine: &mut Engine, command: impl Into<Command>) -> Decision {
    let mut replica = engine.clone();
    let decision = engine.execute(NOW, &command.into()).unwrap();
    if let Some(event) = decision.event() {
        let text = serde_json::to_string(event).unwrap();
        replica.apply(&serde_json::from_str(&text).unwrap()).unwrap();
    }
    assert_eq!(replica, *engine);
    engine.check().unwrap();
    decision
}

fn assign(engine: &mut Engine, to: &str, addresses: &[&str]) {
    let addresses: Vec<_> = addresses.iter().map(|at| ip(at)).collect();
    done(engine, Assign::new(eni(to), Pick::these(addresses)));
}

fn has(engine: &Engine, interface: &str) -> String {
    let all = engine.addresses(eni(interface)).unwrap().map(|of| of.address.to_string());
    all.collect::<Vec<_>>().join(" ")
}

fn impact(engine: &Engine, command: impl Into<Command>) -> Vec<String> {
    let impact = engine.at(NOW).impact(&command.into());
    impact.findings.iter().map(ToString::to_string).collect()
}

fn usage(engine: &Engine, family: Family) -> FamilyUsage {
    engine.at(NOW).subnet_usage(subnet("home")).unwrap().family(family).unwrap()
}

#[test]
fn growth_from_a_24_to_a_16_and_back() {
    let mut engine = engine_of("10.0.1.0/24", Profile::AWS);
    assign(&mut engine, "eni-1", &["10.0.1.9", "10.0.1.4"]);
    assign(&mut engine, "eni-2", &["10.0.1.254"]);
    assign(&mut engine, "eni-1", &["10.0.1.5"]);
    let before = engine.addresses(eni("eni-1")).unwrap().collect::<Vec<_>>();

    // Downwards and upwards at once; nobody is touched by it.
    assert_eq!(impact(&engine, v4("10.0.0.0/16")), Vec::<String>::new());
    done(&mut engine, v4("10.0.0.0/16"));
    assert_eq!(engine.addresses(eni("eni-1")).unwrap().collect::<Vec<_>>(), before);
    assert_eq!(
        (usage(&engine, Family::V4).total, usage(&engine, Family::V4).assigned),
        (65_536, 4)
    );
    assert!(engine.at(NOW).explain_address(vpc("vpc-1"), ip("10.0.1.0")).is_free());
    let gateway = engine.at(NOW).explain_address(vpc("vpc-1"), ip("10.0.0.1"));
    assert_eq!(gateway.causes, [Cause::Gateway]);

    // What was assigned since, where the first address and the gateway would be again, is in the way.
    let pick = Pick::these(ips(["10.0.1.0", "10.0.200.7"]));
    done(&mut engine, Assign::new(eni("eni-2"), pick));
    assert_eq!(
        done(&mut engine, Assign::new(eni("eni-2"), Pick::any(1))).answer().to_string(),
        "10.0.0.4"
    );
    let back = v4("10.0.1.0/24");
    let lost = [
        "`10.0.0.4`, assigned to `eni-2`, would lie outside",
        "`10.0.1.0`, assigned to `eni-2`, is the network address",
        "`10.0.200.7`, assigned to `eni-2`, would lie outside",
    ];
    assert_eq!(impact(&engine, back.clone()), lost);
    assert_eq!(engine.at(NOW).impact(&back.clone().into()).blocking().count(), 2);
    let refused = refusal(&mut engine, back.clone());
    let addresses = ips(["10.0.0.4", "10.0.200.7"]).into_iter().collect();
    assert_eq!(refused, Error::AddressesLost { subnet: subnet("home"), addresses });
    let text = "subnet `home` would lose 2 addresses in use, `10.0.0.4` among them";
    assert_eq!((refused.code(), refused.to_string().as_str()), (315, text));

    done(&mut engine, Unassign::new(eni("eni-2"), ips(["10.0.0.4", "10.0.200.7"])));
    let strict = refusal(&mut engine, back.clone().strict());
    let addresses = ips(["10.0.1.0"]).into_iter().collect();
    assert_eq!(strict, Error::AddressesWithheld { subnet: subnet("home"), addresses });
    assert_eq!(strict.code(), 317);
    done(&mut engine, back.clone());
    assert!(done(&mut engine, back).is_unchanged());

    // The network address stays with who has it, and is nobody's again.
    assert_eq!(has(&engine, "eni-2"), "10.0.1.254 10.0.1.0");
    assert_eq!(has(&engine, "eni-1"), "10.0.1.9 10.0.1.4 10.0.1.5");
    assert_eq!((usage(&engine, Family::V4).structural, usage(&engine, Family::V4).free), (4, 247));
    done(&mut engine, Unassign::new(eni("eni-2"), ips(["10.0.1.0"])));
    assert_eq!((usage(&engine, Family::V4).structural, usage(&engine, Family::V4).free), (5, 247));
}

#[test]
fn a_family_is_added_and_dropped() {
    let mut engine = engine_of("10.0.0.0/28", Profile::PLAIN);
    let kind = Reservation::Hard;
    assign(&mut engine, "eni-1", &["10.0.0.3"]);
    assert_eq!(impact(&engine, v6("2001:db8::/64")), Vec::<String>::new());
    done(&mut engine, v6("2001:db8::/64"));
    let six = Pick::any(1).family(Family::V6);
    assert_eq!(
        done(&mut engine, Assign::new(eni("eni-1"), six)).answer().to_string(),
        "2001:db8::1"
    );
    let range = range("2001:db8::100", "2001:db8::1ff");
    done(&mut engine, ReserveRange::new(subnet("home"), range).kind(kind));

    let drop = reshape().without_v6();
    let found = [
        "`2001:db8::1`, assigned to `eni-1`, would lie outside",
        "the reserved range `2001:db8::100-2001:db8::1ff` would lie outside",
    ];
    assert_eq!(impact(&engine, drop.clone()), found);
    assert_eq!(refusal(&mut engine, drop.clone()).code(), 315);
    let rest = Rest::for_millis(5_000);
    done(&mut engine, Unassign::new(eni("eni-1"), ips(["2001:db8::1"])).rest(rest));
    let refused = refusal(&mut engine, drop.clone());
    assert_eq!(refused, Error::ReservationsLost { subnet: subnet("home"), ranges: vec![range] });
    assert_eq!(refused.code(), 316);
    done(&mut engine, ReleaseRange::new(subnet("home"), range));
    let found = ["`2001:db8::1`, which rests until 6000 ms, would lie outside"];
    assert_eq!(impact(&engine, drop.clone()), found);
    assert_eq!(engine.next_deadline(), Some(Timestamp::from_millis(6_000)));
    done(&mut engine, drop);
    assert_eq!(engine.next_deadline(), None);
    assert_eq!(engine.subnet(subnet("home")).unwrap().v6, None);

    // Not the last one, be it of either family.
    let none = reshape().without_v4();
    let refused = Error::NoFamilyLeft(subnet("home"));
    assert_eq!(impact(&engine, none.clone())[0], refused.to_string());
    assert_eq!(refusal(&mut engine, none), refused);
    done(&mut engine, Unassign::new(eni("eni-1"), ips(["10.0.0.3"])));
    done(&mut engine, v6("2001:db8::/126").without_v4());
    let chosen = done(&mut engine, Assign::new(eni("eni-1"), Pick::any(1)));
    assert_eq!(chosen.answer().to_string(), "2001:db8::1");
}

#[test]
fn a_profile_is_changed() {
    let mut engine = engine_of("10.0.0.0/24", Profile::PLAIN);
    assign(&mut engine, "eni-1", &["10.0.0.1", "10.0.0.2"]);
    assign(&mut engine, "eni-2", &["10.0.0.3", "10.0.0.9"]);
    done(&mut engine, SetQuota::new(eni("eni-2"), Some(1)));
    let aws = reshape().profile(Profile::AWS);
    let found = [
        "`10.0.0.1`, assigned to `eni-1`, is the gateway",
        "`10.0.0.2`, assigned to `eni-1`, is reserved",
        "`10.0.0.3`, assigned to `eni-2`, is reserved",
        "interface `eni-2` holds 2 of 1 slots of IPv4",
    ];
    assert_eq!(impact(&engine, aws.clone()), found);
    assert_eq!(engine.at(NOW).impact(&aws.clone().into()).blocking().count(), 0);
    assert_eq!(engine.at(NOW).impact(&aws.clone().strict().into()).blocking().count(), 3);
    done(&mut engine, aws.clone());
    // Present violations are the impact of nothing.
    assert_eq!(impact(&engine, reshape()), found);
    // Withheld already, they do not stop a strict change.
    done(&mut engine, v4("10.0.0.0/23").strict());

    done(&mut engine, Unassign::new(eni("eni-1"), ips(["10.0.0.1"])));
    let again = Assign::new(eni("eni-2"), Pick::these(ips(["10.0.0.1"])));
    assert_eq!(refusal(&mut engine, again).code(), 513);

    // The rest that a profile gives is that of the time of release.
    let rests = Profile::PLAIN.quarantine(Quarantine::for_millis(500));
    done(&mut engine, reshape().profile(rests));
    done(&mut engine, Unassign::new(eni("eni-1"), ips(["10.0.0.2"])));
    done(&mut engine, reshape().profile(Profile::PLAIN));
    assert_eq!(engine.next_deadline(), Some(Timestamp::from_millis(1_500)));
    done(&mut engine, Unassign::new(eni("eni-2"), ips(["10.0.0.3"])));
    assert_eq!(engine.next_deadline(), Some(Timestamp::from_millis(1_500)));
}

#[test]
fn a_range_to_reserve_has_its_impact() {
    let mut engine = engine_of("10.0.0.0/24", Profile::PLAIN);
    assign(&mut engine, "eni-1", &["10.0.0.5", "10.0.0.7"]);
    let rest = Rest::for_millis(5_000);
    done(&mut engine, Unassign::new(eni("eni-1"), ips(["10.0.0.7"])).rest(rest));
    let reserve = |first, last, kind| {
        let range = range(first, last);
        Command::from(ReserveRange::new(subnet("home"), range).kind(kind))
    };
    let wide = reserve("10.0.0.4", "10.0.0.20", Reservation::AutoOnly);
    let found = [
        "`10.0.0.5`, assigned to `eni-1`, is reserved, except for requests that accept auto-only ranges",
        "`10.0.0.7`, which rests until 6000 ms, is reserved, except for requests that accept auto-only ranges",
    ];
    assert_eq!(impact(&engine, wide.clone()), found);
    done(&mut engine, reserve("10.0.0.10", "10.0.0.11", Reservation::Hard));
    done(&mut engine, reserve("10.0.0.20", "10.0.0.29", Reservation::Hard));
    let overlaps = [
        "range `10.0.0.4-10.0.0.20` overlaps the reservation `10.0.0.10-10.0.0.11`",
        "range `10.0.0.4-10.0.0.20` overlaps the reservation `10.0.0.20-10.0.0.29`",
    ];
    assert_eq!(impact(&engine, wide), [&overlaps[..], &found[..]].concat());
    let outside = reserve("10.0.0.9", "10.0.1.0", Reservation::Hard);
    assert_eq!(engine.at(NOW).impact(&outside).blocking().count(), 1);
    // Of any other command, only whether it is refused.
    assert_eq!(impact(&engine, Assign::new(eni("eni-1"), Pick::any(300))).len(), 1);
    assert_eq!(impact(&engine, Assign::new(eni("eni-1"), Pick::any(3))).len(), 0);
}

#[test]
fn shapes_at_the_ends_of_what_there_is() {
    let mut engine = engine_of("10.0.0.0/31", Profile::PLAIN);
    let mut keep = Profile::PLAIN;
    keep.v4.small = SmallSubnet::Keep;
    done(&mut engine, reshape().profile(keep));
    done(&mut engine, Assign::new(eni("eni-1"), Pick::any(2)));
    // Both ends of a /31 are hosts; of the /30, the first is its network, and stays as it is had.
    done(&mut engine, v4("10.0.0.0/30"));
    assert_eq!(
        impact(&engine, reshape()),
        ["`10.0.0.0`, assigned to `eni-1`, is the network address"]
    );
    assert_eq!(engine.free_ranges(subnet("home"), Family::V4).unwrap().count(), 1);
    done(&mut engine, Unassign::new(eni("eni-1"), ips(["10.0.0.0"])));

    done(&mut engine, v4("10.0.0.1/32"));
    assert_eq!((usage(&engine, Family::V4).assigned, usage(&engine, Family::V4).free), (1, 0));
    done(&mut engine, v4("0.0.0.0/0"));
    assert_eq!(usage(&engine, Family::V4).free, (1 << 32) - 3);
    let last = Assign::new(eni("eni-1"), Pick::these(ips(["255.255.255.254"])));
    done(&mut engine, last);
    assert_eq!(has(&engine, "eni-1"), "10.0.0.1 255.255.255.254");
    done(&mut engine, Unassign::new(eni("eni-1"), ips(["10.0.0.1"])));
    // Onto the last address in use.
    done(&mut engine, v4("255.255.255.254/31"));
    done(&mut engine, v4("255.255.255.254/32"));

    done(&mut engine, v6("::/0"));
    let ends = Pick::these(ips(["::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"]));
    done(&mut engine, Assign::new(eni("eni-2"), ends));
    assert_eq!(refusal(&mut engine, v6("::/1")).code(), 315);
    done(&mut engine, Unassign::new(eni("eni-2"), ips(["::1"])));
    done(&mut engine, v6("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128"));
    assert_eq!(usage(&engine, Family::V6).total, 1);
    done(&mut engine, v6("8000::/1"));
    assert_eq!(has(&engine, "eni-2"), "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
}

#[test]
fn a_gateway_moves_onto_an_address_in_use() {
    let mut engine = engine_of("10.0.0.0/28", Profile::PLAIN);
    assign(&mut engine, "eni-1", &["10.0.0.7"]);
    let mut profile = Profile::PLAIN;
    profile.v4.gateway = Gateway::At(ip("10.0.0.7"));
    let moved = reshape().profile(profile);
    assert_eq!(impact(&engine, moved.clone()), ["`10.0.0.7`, assigned to `eni-1`, is the gateway"]);
    assert_eq!(refusal(&mut engine, moved.clone().strict()).code(), 317);
    done(&mut engine, moved);
    // Growth that keeps it inside is fine, a shape without it is not.
    done(&mut engine, v4("10.0.0.0/27"));
    let refused = refusal(&mut engine, v4("10.0.0.16/28"));
    assert_eq!(refused.code(), 308);
    let found = impact(&engine, v4("10.0.0.16/28"));
    assert_eq!(found, [&refused.to_string(), "`10.0.0.7`, assigned to `eni-1`, would lie outside"]);
}

#[test]
fn the_ladder_of_refusals() {
    let mut engine = engine_of("10.1.0.0/24", Profile::AWS);
    assign(&mut engine, "eni-1", &["10.1.0.200"]);
    let kind = Reservation::Hard;
    let reserved = range("10.1.0.210", "10.1.0.219");
    let gateway = |address: &str| {
        let mut profile = Profile::AWS;
        profile.v4.gateway = Gateway::At(ip(address));
        profile
    };
    let home = |cidr: &str, address: &str| v4(cidr).profile(gateway(address)).strict();
    let mut none = home("10.1.0.1/29", "192.0.2.1");
    none.subnet = subnet("none");
    let mut missing = home("10.1.0.0/29", "192.0.2.1");
    missing.subnet = subnet("none");
    run(
        &mut engine,
        [
            ReserveRange::new(subnet("home"), reserved).kind(kind).into(),
            create_subnet("near", "10.1.1.0/24", Profile::PLAIN).into(),
            create_subnet("next", "10.1.2.0/24", Profile::PLAIN).into(),
        ],
    );
    crate::precedence::ladder(
        &mut engine,
        [
            (100, none.into()),
            (201, missing.into()),
            (305, home("10.1.0.0/29", "192.0.2.1").into()),
            (307, home("10.1.0.0/16", "192.0.2.1").into()),
            (308, home("10.1.0.0/25", "192.0.2.1").into()),
            (315, home("10.1.0.0/25", "10.1.0.9").into()),
        ],
    );
    let overlaps = impact(&engine, v4("10.1.0.0/16"));
    assert_eq!(overlaps.len(), 2, "each subnet in the way: {overlaps:?}");
    done(&mut engine, Unassign::new(eni("eni-1"), ips(["10.1.0.200"])));
    assign(&mut engine, "eni-1", &["10.1.0.9"]);
    let shrink = home("10.1.0.0/25", "10.1.0.9");
    assert_eq!(refusal(&mut engine, shrink.clone()).code(), 316);
    done(&mut engine, ReleaseRange::new(subnet("home"), reserved));
    assert_eq!(refusal(&mut engine, shrink.clone()).code(), 317);
    done(&mut engine, Unassign::new(eni("eni-1"), ips(["10.1.0.9"])));
    done(&mut engine, shrink);

    // Where a VPC has CIDRs, the new shape lies in one of them.
    let cidrs = ["10.0.0.0/16".parse().unwrap()];
    let create = CreateSubnet::new(subnet("inner"), vpc("vpc-2"), Profile::PLAIN);
    run(
        &mut engine,
        [
            CreateVpc::new(vpc("vpc-2")).within(cidrs).into(),
            create.v4("10.0.0.0/24".parse().unwrap()).into(),
        ],
    );
    let wide = Reshape::new(subnet("inner")).v4("10.0.0.0/8".parse().unwrap());
    assert_eq!(refusal(&mut engine, wide).code(), 306);
}

#[test]
fn a_batch_is_judged_on_the_new_shape() {
    let mut engine = engine_of("10.0.1.0/30", Profile::PLAIN);
    let first = Task::new(engine.revision().next(), 3);
    let hold = Hold::until(Timestamp::from_millis(9_000));
    let rest = Rest::for_millis(5_000);
    let batch = [
        Assign::new(eni("eni-1"), Pick::any(2)).into(),
        v4("10.0.0.0/23").into(),
        Unassign::new(eni("eni-1"), ips(["10.0.1.1"])).rest(rest).into(),
        Assign::new(eni("eni-2"), Pick::these(ips(["10.0.0.77"])).and_any(1)).hold(hold).into(),
        v4("10.0.0.0/22").profile(Profile::AWS).into(),
        Assign::new(eni("eni-1"), Pick::any(1)).into(),
        Unassign::new(eni("eni-1"), ips(["10.0.1.2"])).if_of_generation(Revision::new(5)).into(),
        CreateInterface::new(eni("eni-3"), subnet("home")).primary_v4(Primary::Chosen).into(),
        v6("2001:db8::/64").into(),
    ];
    let decision = engine.decide_all(NOW, &batch).unwrap();
    assert_eq!(decision.answer_to(3).unwrap().to_string(), "10.0.0.77,10.0.0.1");
    assert_eq!(decision.answer_to(5).unwrap().to_string(), "10.0.0.4");
    assert_eq!(decision.answer_to(6).unwrap().to_string(), "10.0.1.2");
    assert_eq!(decision.answer_to(7).unwrap().to_string(), "10.0.0.5");
    engine.apply(decision.event().unwrap()).unwrap();
    engine.check().unwrap();
    assert_eq!(has(&engine, "eni-1"), "10.0.0.4");
    assert_eq!(has(&engine, "eni-2"), "10.0.0.77 10.0.0.1");
    let resting: Vec<_> = engine.quarantine(subnet("home"), Family::V4).unwrap().collect();
    assert_eq!(resting.len(), 1);

    // The task names its subnet; its addresses are the same in whatever shape.
    done(&mut engine, v4("10.0.0.0/16"));
    let found = impact(&engine, v4("10.0.0.64/26"));
    assert_eq!(found[0], "`10.0.0.1`, held for `eni-2`, would lie outside");
    done(&mut engine, Confirm::new(first));
    assert_eq!(has(&engine, "eni-2"), "10.0.0.77 10.0.0.1");
    // What rests comes free at its time, wherever it lies in the new shape.
    let later = Timestamp::from_millis(6_000);
    engine.execute(later, &Command::Sweep).unwrap();
    engine.check().unwrap();
    assert!(engine.at(later).explain_address(vpc("vpc-1"), ip("10.0.1.1")).is_free());
}

#[test]
fn two_subnets_swap_their_places_in_a_batch() {
    let mut engine = engine_of("10.0.0.0/24", Profile::PLAIN);
    run(&mut engine, [create_subnet("other", "10.0.1.0/24", Profile::PLAIN).into()]);
    let other =
        |cidr: &str| -> Command { Reshape::new(subnet("other")).v4(cidr.parse().unwrap()).into() };
    let direct = [v4("10.0.1.0/24").into(), other("10.0.0.0/24")];
    let refused = engine.decide_all(NOW, &direct).unwrap_err();
    assert_eq!((refused.index, refused.error.code()), (0, 307));
    let swap = [
        other("10.9.0.0/16"),
        v4("10.0.1.0/24").into(),
        other("10.0.0.0/24"),
        Assign::new(eni("eni-1"), Pick::these(ips(["10.0.1.3"]))).into(),
        Assign::new(eni("eni-1"), Pick::these(ips(["10.0.0.3"])))
            .from_subnet(subnet("other"))
            .into(),
    ];
    let decision = engine.decide_all(NOW, &swap).unwrap();
    engine.apply(decision.event().unwrap()).unwrap();
    engine.check().unwrap();
    let places: Vec<_> = engine.addresses(eni("eni-1")).unwrap().map(|of| of.subnet).collect();
    assert_eq!(places, [subnet("home"), subnet("other")]);
    assert!(engine.at(NOW).explain_address(vpc("vpc-1"), ip("10.9.0.1")).subnet.is_none());
}

#[test]
fn what_rests_or_is_owned_far_apart_keeps_its_order() {
    let mut engine = engine_of("10.0.128.0/17", Profile::PLAIN);
    let mut quarantined = Profile::PLAIN.quarantine(Quarantine::for_millis(5_000));
    quarantined.quarantine.when_exhausted = true;
    done(&mut engine, v6("2001:db8:0:1::/64").profile(quarantined));
    let far = ["2001:db8:0:1::1", "2001:db8:0:1:ffff::9", "2001:db8:0:1::2", "2001:db8:0:1:8::"];
    assign(&mut engine, "eni-1", &far);
    assign(&mut engine, "eni-2", &["2001:db8:0:1::3", "2001:db8:0:1:9::"]);
    let released = ips(["2001:db8:0:1:ffff::9", "2001:db8:0:1::1"]);
    done(&mut engine, Unassign::new(eni("eni-1"), released));
    done(&mut engine, Unassign::new(eni("eni-2"), ips(["2001:db8:0:1:9::"])));
    let rests = |engine: &Engine| -> Vec<_> {
        engine.quarantine(subnet("home"), Family::V6).unwrap().collect()
    };
    let (before, list) = (rests(&engine), has(&engine, "eni-1"));
    done(&mut engine, SetIndices::new(subnet("home"), Indices::ALL));
    done(&mut engine, v6("2001:db8::/32"));
    assert_eq!((rests(&engine), has(&engine, "eni-1")), (before, list));
    assert_eq!(engine.subnet(subnet("home")).unwrap().indices, Indices::ALL);
    done(&mut engine, v6("2001:db8:0:1::/66"));
    assert_eq!(rests(&engine).len(), 2, "one of them ended outside");
}

#[test]
fn a_reshape_is_done_once_under_a_token() {
    let mut engine = engine_of("10.0.0.0/24", Profile::PLAIN);
    let until = Timestamp::from_millis(20_000);
    let once = |request: Reshape| Once::new("t".parse().unwrap(), until, request).unwrap();
    done(&mut engine, once(v4("10.0.0.0/16")));
    assert!(done(&mut engine, once(v4("10.0.0.0/16"))).is_unchanged());
    assert_eq!(refusal(&mut engine, once(v4("10.0.0.0/16").strict())).code(), 119);
    assert_eq!(refusal(&mut engine, once(v4("10.0.0.0/16").without_v6())).code(), 119);
}

#[test]
fn reports_and_commands_are_data() {
    let mut engine = engine_of("10.0.0.0/24", Profile::PLAIN);
    assign(&mut engine, "eni-1", &["10.0.0.200"]);
    let command: Command = v4("10.0.0.0/25").without_v6().strict().into();
    let text = serde_json::to_string(&command).unwrap();
    assert_eq!(serde_json::from_str::<Command>(&text).unwrap(), command);
    let short = r#"{"Reshape": {"subnet": "home"}}"#;
    assert_eq!(serde_json::from_str::<Command>(short).unwrap(), reshape().into());
    let impact = engine.at(NOW).impact(&command);
    let text = serde_json::to_string(&impact).unwrap();
    assert_eq!(serde_json::from_str::<Impact>(&text).unwrap(), impact);
    assert_eq!(impact.to_string(), "`10.0.0.200`, assigned to `eni-1`, would lie outside");
}

#[test]
fn prefixes_stay_whole_in_another_shape() {
    let mut engine =
        engine_of("10.0.1.0/24", Profile::PLAIN.quarantine(Quarantine::for_millis(50)));
    let net = |text: &str| text.parse::<ipnet::IpNet>().unwrap();
    done(&mut engine, Assign::new(eni("eni-1"), Pick::any(2).and_prefixes(28, 2)));
    assign(&mut engine, "eni-1", &["10.0.1.9"]);
    let held = Hold::until(NOW.after(500));
    done(&mut engine, Assign::new(eni("eni-2"), Pick::default().and_prefixes(27, 1)).hold(held));
    let release =
        Unassign::new(eni("eni-1"), [ip("10.0.1.2")]).and_prefixes([net("10.0.1.224/28")]);
    done(&mut engine, release);
    let before = usage(&engine, Family::V4);

    // Downwards, so that every offset changes; in a batch a prefix is taken before, and one after.
    let command = |pick| Command::from(Assign::new(eni("eni-1"), pick));
    let early = command(Pick::default().and_prefixes(28, 1));
    let late = command(Pick::default().and_prefix(net("10.0.0.240/28")));
    let batch = [early, v4("10.0.0.0/23").into(), late];
    let decision = engine.decide_all(NOW, &batch).unwrap();
    assert_eq!(decision.answer().to_string(), "10.0.1.192/28,10.0.0.240/28");
    let mut at_once = engine.clone();
    at_once.apply(decision.event().unwrap()).unwrap();
    at_once.check().unwrap();
    for command in &batch {
        done(&mut engine, command.clone());
    }
    let had =
        |of: &Engine| of.prefixes(eni("eni-1")).unwrap().map(|of| of.prefix).collect::<Vec<_>>();
    assert_eq!(had(&at_once), had(&engine));
    let all = engine.prefixes(eni("eni-1")).unwrap().map(|of| of.prefix.to_string());
    assert_eq!(all.collect::<Vec<_>>().join(" "), "10.0.1.16/28 10.0.1.192/28 10.0.0.240/28");
    let after = usage(&engine, Family::V4);
    assert_eq!((after.held, after.quarantined), (before.held, before.quarantined));
    assert_eq!(after.assigned, before.assigned + 32);

    // Half of a prefix is as much as none.
    assert_eq!(
        impact(&engine, v4("10.0.1.0/24")),
        ["`10.0.0.240/28`, assigned to `eni-1`, would lie outside"]
    );
    let refused = engine.decide(NOW, &v4("10.0.1.24/29").into()).unwrap_err();
    let Error::AddressesLost { addresses, .. } = refused else { panic!("{refused}") };
    assert_eq!(addresses.prefixes().count(), 4);
}
