//! Adopting addresses that exist already

use ipam_core::*;

use crate::common::*;

/// `eni-1` and `eni-2` at home in 10.0.0.0/28 under the rules of EC2, beside 10.0.1.0/28
fn world() -> Engine {
    let mut engine = Engine::new();
    let mut profile = Profile::AWS.quarantine(Quarantine::for_millis(60_000));
    profile.assign_in = Statuses::of(&[Status::InUse]);
    profile.replace_primary = false;
    run(
        &mut engine,
        [
            create_vpc("vpc-1"),
            create_subnet("home", "10.0.0.0/28", profile).into(),
            create_subnet("away", "10.0.1.0/28", profile).into(),
            CreateInterface::new(eni("eni-1"), subnet("home")).quota(3).into(),
            CreateInterface::new(eni("eni-2"), subnet("home")).into(),
        ],
    );
    engine
}

fn adopt<const N: usize>(id: &str, addresses: [&str; N]) -> Adopt {
    Adopt::new(eni(id), ips(addresses))
}

fn execute(engine: &mut Engine, command: impl Into<Command>) -> Decision {
    let command = command.into();
    let decided = engine.decide(NOW, &command).unwrap();
    let json = serde_json::to_string(&decided).unwrap();
    assert_eq!(serde_json::from_str::<Decision>(&json).unwrap(), decided);
    assert_eq!(engine.execute(NOW, &command), Ok(decided.clone()));
    engine.check().unwrap();
    decided
}

fn codes(decision: &Decision) -> Vec<u16> {
    decision.violations().iter().map(Error::code).collect()
}

#[test]
fn every_rule_that_it_breaks_is_told_and_none_stands_in_the_way() {
    let mut engine = world();
    let reserved = range("10.0.1.8", "10.0.1.9");
    let kind = Reservation::AutoOnly;
    run(&mut engine, [ReserveRange::new(subnet("away"), reserved).kind(kind).into()]);
    // The state, three addresses by rule, one by a range, and five of three slots.
    let all = ["10.0.0.0", "10.0.0.1", "10.0.0.15", "10.0.1.8", "10.0.0.7"];
    let decision = execute(&mut engine, adopt("eni-1", all));
    assert_eq!(codes(&decision), [300, 511, 600]);
    let Error::Addresses(faults) = &decision.violations()[1] else { panic!() };
    let faults: Vec<_> = faults.iter().map(|fault| (fault.index, fault.cause)).collect();
    let causes = [Cause::NetworkAddress, Cause::Gateway, Cause::BroadcastAddress, Cause::AutoOnly];
    assert!(faults.into_iter().eq((0..).zip(causes)));
    assert_eq!(decision.answer().iter().collect::<Vec<_>>(), ips(all), "in the order asked");
    // Latent, and withheld again once released.
    let causes = engine.at(NOW).explain_address(vpc("vpc-1"), ip("10.0.0.1")).causes;
    assert_eq!(causes, [Cause::Gateway, Cause::InUse { by: eni("eni-1") }]);
    let rest = Rest::for_millis(0);
    execute(&mut engine, Unassign::new(eni("eni-1"), ips(["10.0.0.1"])).rest(rest));
    let causes = engine.at(NOW).explain_address(vpc("vpc-1"), ip("10.0.0.1")).causes;
    assert_eq!(causes, [Cause::Gateway]);
}

#[test]
fn again_it_changes_nothing_and_tells_nothing() {
    let mut engine = world();
    execute(&mut engine, adopt("eni-1", ["10.0.0.1", "10.0.1.4"]));
    let again = execute(&mut engine, adopt("eni-1", ["10.0.1.4", "10.0.0.1"]));
    assert!(again.is_unchanged());
    assert_eq!(
        (again.answer().to_string(), again.violations().len()),
        ("10.0.1.4,10.0.0.1".into(), 0)
    );
}

#[test]
fn a_wrong_role_is_set_right() {
    let mut engine = world();
    let first = Adopt::new(eni("eni-1"), [Wanted::primary(ip("10.0.0.4")), ip("10.0.0.5").into()]);
    assert_eq!(execute(&mut engine, first).primary(), Some(ip("10.0.0.4")));
    let role = |engine: &Engine, of| engine.owner(vpc("vpc-1"), ip(of)).unwrap().role;
    let other = Adopt::new(eni("eni-1"), [Wanted::primary(ip("10.0.0.5")), ip("10.0.0.4").into()]);
    let decision = execute(&mut engine, other);
    assert_eq!(decision.event().unwrap().changes().len(), 1);
    assert_eq!(codes(&decision), [300, 311], "the profile keeps the primary");
    assert_eq!(role(&engine, "10.0.0.5"), Role::Primary);
    assert_eq!(role(&engine, "10.0.0.4"), Role::Secondary);
    // A primary that is not said to be one stays so: there is no other.
    assert!(execute(&mut engine, adopt("eni-1", ["10.0.0.5"])).is_unchanged());
}

#[test]
fn a_rest_ends_whoever_had_the_address() {
    let mut engine = world();
    execute(&mut engine, adopt("eni-2", ["10.0.0.6"]));
    execute(&mut engine, Unassign::new(eni("eni-2"), ips(["10.0.0.6"])));
    let decision = execute(&mut engine, adopt("eni-1", ["10.0.0.6"]));
    assert_eq!(codes(&decision), [300, 517]);
    assert_eq!(engine.quarantine(subnet("home"), Family::V4).unwrap().count(), 0);
    assert_eq!(engine.owner(vpc("vpc-1"), ip("10.0.0.6")).unwrap().interface, eni("eni-1"));
}

#[test]
fn never_what_others_have_or_await_nor_what_lies_elsewhere() {
    let mut engine = world();
    let in_use = Command::from(SetStatus::new(eni("eni-2"), Status::InUse));
    let held = Assign::new(eni("eni-2"), Pick::these(ips(["10.0.0.7"])));
    let held = held.hold(Hold::until(Timestamp::from_millis(90_000)));
    run(&mut engine, [in_use, adopt("eni-2", ["10.0.0.6"]).into(), held.into()]);
    let all = ["10.0.0.5", "10.0.0.6", "10.0.0.7", "10.0.2.1", "2001:db8::1"];
    let Error::Addresses(faults) = refusal(&mut engine, adopt("eni-1", all)) else { panic!() };
    let faults: Vec<_> = faults.iter().map(|fault| (fault.index, fault.cause)).collect();
    let by = eni("eni-2");
    let outside = Cause::OutOfRange;
    let causes = [(1, Cause::InUse { by }), (2, Cause::Held { by }), (3, outside), (4, outside)];
    assert_eq!(faults, causes);
    // Its own hold is to be confirmed instead.
    assert_eq!(refusal(&mut engine, adopt("eni-2", ["10.0.0.7"])).code(), 516);
}

#[test]
fn what_is_wrong_with_the_request_is_refused_first() {
    let mut engine = world();
    let two = [Wanted::primary(ip("10.0.0.5")), Wanted::primary(ip("10.0.0.6"))];
    for (code, request) in [
        (110, adopt("none", ["10.0.0.5", "10.0.0.5"])),
        (111, adopt("none", [])),
        (113, Adopt::new(eni("none"), two)),
        (200, adopt("none", ["10.0.9.9"]).in_vpc(vpc("none"))),
        (202, adopt("none", ["10.0.9.9"])),
        (510, adopt("eni-1", ["10.0.9.9"])),
    ] {
        assert_eq!(refusal(&mut engine, request).code(), code);
    }
    run(&mut engine, [create_vpc("vpc-2")]);
    let elsewhere = adopt("eni-1", ["10.0.9.9"]).in_vpc(vpc("vpc-2"));
    assert_eq!(refusal(&mut engine, elsewhere).code(), 203);
}

#[test]
fn in_a_batch_it_takes_what_the_one_before_releases() {
    let mut engine = world();
    run(&mut engine, [adopt("eni-2", ["10.0.0.6"]).into()]);
    let release = Unassign::new(eni("eni-2"), ips(["10.0.0.6"])).rest(Rest::for_millis(0));
    let once = Once::new(
        "t".parse().unwrap(),
        Timestamp::from_millis(5_000),
        adopt("eni-1", ["10.0.0.1"]),
    )
    .unwrap();
    let batch = [release.into(), adopt("eni-1", ["10.0.0.6"]).into(), Command::from(once.clone())];
    let decision = engine.decide_all(NOW, &batch).unwrap();
    assert_eq!(codes(&decision), [300, 300, 513], "of each command, in order");
    engine.apply(decision.event().unwrap()).unwrap();
    engine.check().unwrap();
    assert_eq!(engine.owner(vpc("vpc-1"), ip("10.0.0.6")).unwrap().interface, eni("eni-1"));
    let again = execute(&mut engine, once);
    assert_eq!((again.is_unchanged(), again.violations().len()), (true, 0));
}
