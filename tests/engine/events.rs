//! Events that do not belong: each refusal of `apply`, and each contradiction

use ipam_core::*;
use serde_json::{Value, json};

use crate::common::*;

/// An engine with two interfaces, and the next event: two addresses for `eni-1`
fn start() -> (Engine, Event) {
    let mut engine = Engine::new();
    run(
        &mut engine,
        [
            create_vpc("vpc-1"),
            create_vpc("vpc-2"),
            CreateVpc::new(vpc("confined")).within(["10.0.0.0/8".parse().unwrap()]).into(),
            create_subnet("home", "10.0.0.0/24", Profile::AWS).into(),
            CreateSubnet::new(subnet("other"), vpc("vpc-2"), Profile::PLAIN)
                .v4("10.0.0.0/24".parse().unwrap())
                .into(),
            CreateInterface::new(eni("eni-1"), subnet("home")).into(),
            CreateInterface::new(eni("eni-2"), subnet("home")).primary_v4(Primary::Chosen).into(),
            ReserveRange::new(subnet("home"), range("10.0.0.9", "10.0.0.9")).into(),
        ],
    );
    let decision = engine.decide(NOW, &Assign::new(eni("eni-1"), Pick::any(2)).into()).unwrap();
    (engine, decision.into_event().unwrap())
}

/// The event with its changes replaced, as a forger or a damaged disk would
pub(crate) fn forged(event: &Event, changes: Value) -> Event {
    let mut value = serde_json::to_value(event).unwrap();
    value["changes"] = changes;
    serde_json::from_value(value).unwrap()
}

pub(crate) fn refused(engine: &mut Engine, event: &Event) -> ApplyError {
    let before = engine.clone();
    let error = engine.apply(event).unwrap_err();
    assert_eq!(*engine, before, "a refused event changed the engine");
    engine.check().unwrap();
    error
}

#[test]
fn order_then_history_then_time() {
    let (mut engine, event) = start();
    let set = |field: &str, to: u64| {
        let mut value = serde_json::to_value(&event).unwrap();
        value[field] = json!(to);
        value
    };
    let event_of = |value: Value| serde_json::from_value::<Event>(value).unwrap();
    for wrong in [0, 8, 10, u64::MAX] {
        let mut value = set("revision", wrong);
        value["parent"] = json!("0000000000000000");
        value["at"] = json!(0);
        let error = refused(&mut engine, &event_of(value));
        assert!(matches!(error, ApplyError::OutOfOrder { .. }), "{error}");
        assert_eq!((error.code(), error.is_transient()), (800, true));
    }
    let mut value = set("revision", 9);
    value["parent"] = json!("0000000000000000");
    value["at"] = json!(0);
    let error = refused(&mut engine, &event_of(value));
    let digest = engine.digest();
    assert_eq!(error, ApplyError::Foreign { event: Revision::new(9), digest, found: 0 });
    assert_eq!((error.code(), error.is_transient()), (801, false));

    let error = refused(&mut engine, &event_of(set("at", 999)));
    let at = Timestamp::from_millis(999);
    assert_eq!(error, ApplyError::BackInTime { event: Revision::new(9), at, clock: NOW });
    assert_eq!(error.code(), 802);

    engine.apply(&event).unwrap();
    assert_eq!(refused(&mut engine, &event).code(), 800, "a repeated event");
}

#[test]
fn each_contradiction() {
    let (mut engine, event) = start();
    let list = |first: &str, last: &str| json!([{"first": first, "last": last}]);
    let assigned = |who: &str, whence: &str, addresses: Value| {
        json!({"Assigned": {
        "interface": who, "subnet": whence, "addresses": addresses}})
    };
    let released = |who: &str, addresses: Value| {
        json!({"Released": {
        "interface": who, "subnet": "home", "addresses": addresses}})
    };
    let status = json!({"StatusSet": {"interface": "eni-1", "status": "InUse"}});
    let profile = serde_json::to_value(Profile::PLAIN).unwrap();
    let subnet_created = |id: &str, of: &str, cidr: Value| {
        json!({"SubnetCreated": {
        "subnet": id, "vpc": of, "v4": cidr, "v6": null, "profile": profile}})
    };
    let reshaped = |id: &str, cidr: Value| json!({"SubnetReshaped": {"subnet": id, "v4": cidr, "v6": null, "profile": profile}});
    let range = |name: &str, whence: &str, first: &str| {
        json!({name: {
        "subnet": whence, "range": {"first": first, "last": "10.0.0.9"}, "kind": "Hard"}})
    };
    let interface_created = |id: &str, whence: &str| {
        json!({"InterfaceCreated": {
        "interface": id, "subnet": whence, "status": "Available", "quota": null}})
    };
    let primary = |who: &str, address: &str| {
        json!({"PrimarySet": {
        "interface": who, "address": address}})
    };
    let mixed =
        json!([{"first": "10.0.0.20", "last": "10.0.0.20"}, {"first": "::1", "last": "::1"}]);
    let twice = json!([{"first": "10.0.0.20", "last": "10.0.0.29"},
        {"first": "10.0.0.25", "last": "10.0.0.25"}]);
    let held = list("10.0.0.4", "10.0.0.4");
    let vpc_created = |cidrs: Value| json!({"VpcCreated": {"vpc": "new", "cidrs": cidrs}});

    use Contradiction::*;
    let cases = [
        (Exists, json!({"VpcCreated": {"vpc": "vpc-1", "cidrs": []}})),
        (Exists, subnet_created("home", "vpc-1", json!("10.1.0.0/24"))),
        (Exists, interface_created("eni-1", "home")),
        (Cidr, vpc_created(json!(["10.0.0.1/8"]))),
        (Cidr, vpc_created(json!(["10.0.0.0/8", "10.0.0.0/9"]))),
        (Missing, json!({"VpcDeleted": {"vpc": "vpc-3"}})),
        (Missing, json!({"SubnetDeleted": {"subnet": "none"}})),
        (Missing, json!({"InterfaceDeleted": {"interface": "none"}})),
        (Missing, json!({"StatusSet": {"interface": "none", "status": "InUse"}})),
        (Missing, json!({"QuotaSet": {"interface": "none", "quota": 1}})),
        (Missing, subnet_created("new", "vpc-3", json!("10.1.0.0/24"))),
        (Missing, interface_created("new", "none")),
        (Missing, range("RangeReserved", "none", "10.0.0.1")),
        (Missing, range("RangeReleased", "home", "10.0.0.8")),
        (Missing, assigned("none", "home", list("10.0.0.20", "10.0.0.20"))),
        (Missing, assigned("eni-1", "none", list("10.0.0.20", "10.0.0.20"))),
        (Missing, released("none", held.clone())),
        (Missing, primary("none", "10.0.0.4")),
        (Missing, json!({"IndicesSet": {"subnet": "none", "indices": {"blocks": true}}})),
        (InUse, json!({"VpcDeleted": {"vpc": "vpc-1"}})),
        (InUse, json!({"SubnetDeleted": {"subnet": "home"}})),
        (InUse, json!({"InterfaceDeleted": {"interface": "eni-2"}})),
        (Missing, reshaped("none", json!("10.0.0.0/24"))),
        (Cidr, reshaped("home", Value::Null)),
        (Cidr, reshaped("home", json!("10.0.0.1/24"))),
        (InUse, reshaped("home", json!("10.0.0.128/25"))),
        (Cidr, subnet_created("new", "vpc-1", json!("10.1.0.1/24"))),
        (Cidr, subnet_created("new", "vpc-1", json!("10.0.0.0/8"))),
        (Cidr, subnet_created("new", "vpc-1", Value::Null)),
        (Cidr, subnet_created("new", "confined", json!("11.0.0.0/8"))),
        (Outside, range("RangeReserved", "home", "9.0.0.0")),
        (Outside, assigned("eni-1", "home", list("10.0.0.250", "10.0.1.4"))),
        (Outside, assigned("eni-1", "home", list("::1", "::1"))),
        (Outside, assigned("eni-1", "home", mixed)),
        (Outside, assigned("eni-1", "other", list("10.0.0.20", "10.0.0.20"))),
        (Outside, released("eni-2", list("10.0.1.4", "10.0.1.4"))),
        (Taken, assigned("eni-1", "home", list("10.0.0.3", "10.0.0.6"))),
        (Taken, assigned("eni-1", "home", twice.clone())),
        (NotHeld, released("eni-1", held)),
        (NotHeld, released("eni-2", list("10.0.0.4", "10.0.0.5"))),
        (NotHeld, primary("eni-1", "10.0.0.4")),
        (NotHeld, primary("eni-1", "172.16.0.4")),
        (Primary, primary("eni-2", "10.0.0.4")),
        (Overlap, range("RangeReserved", "home", "10.0.0.1")),
        (Empty, assigned("eni-1", "home", json!([]))),
    ];
    for (what, change) in cases {
        let alone = forged(&event, json!([change]));
        let contradiction =
            |change| ApplyError::Contradiction { event: Revision::new(9), change, what };
        assert_eq!(refused(&mut engine, &alone), contradiction(0), "{change}");
        // Behind changes that are fine by themselves, nothing of which may stay.
        let behind = forged(&event, json!([status, change]));
        assert_eq!(refused(&mut engine, &behind), contradiction(1), "{change}");
    }
    let empty = refused(&mut engine, &forged(&event, json!([])));
    assert_eq!(empty.code(), 803);
    assert_eq!(empty.to_string(), "change 0 of event 9 is impossible: it has no change");

    engine.apply(&event).unwrap();
}

#[test]
fn apply_checks_structure_and_never_policy() {
    let (mut engine, event) = start();
    // Beyond the quota, reserved by rule and by range, in a state that the profile does not allow: an
    // older release may have had other rules.
    run(
        &mut engine,
        [
            SetQuota::new(eni("eni-1"), Some(0)).into(),
            SetStatus::new(eni("eni-1"), Status::Deleting).into(),
        ],
    );
    let mut value = serde_json::to_value(&event).unwrap();
    value["revision"] = json!(11);
    value["parent"] = json!(format!("{:016x}", engine.digest()));
    value["changes"] = json!([{"Assigned": {"interface": "eni-1", "subnet": "home", "addresses": [
        {"first": "10.0.0.0", "last": "10.0.0.3"}, {"first": "10.0.0.9", "last": "10.0.0.9"}]}}]);
    engine.apply(&serde_json::from_value(value).unwrap()).unwrap();
    engine.check().unwrap();
    let usage = engine.at(NOW).subnet_usage(subnet("home")).unwrap().v4.unwrap();
    assert_eq!((usage.assigned, usage.structural, usage.reserved, usage.free), (6, 1, 0, 249));
    // Once released, they are withheld again.
    run(&mut engine, [DeleteInterface::new(eni("eni-1")).into()]);
    engine.check().unwrap();
    let usage = engine.at(NOW).subnet_usage(subnet("home")).unwrap().v4.unwrap();
    assert_eq!((usage.assigned, usage.structural, usage.reserved, usage.free), (1, 5, 1, 249));
}

#[test]
fn histories_of_equal_length_are_told_apart_by_their_digest() {
    let (mut one, event) = start();
    let mut two = one.clone();
    one.apply(&event).unwrap();
    let other = Command::from(SetStatus::new(eni("eni-1"), Status::InUse));
    run(&mut two, [other.clone()]);
    assert_ne!(one.digest(), two.digest());
    let next = two.decide(NOW, &DeleteInterface::new(eni("eni-1")).into()).unwrap();
    assert_eq!(refused(&mut one, next.event().unwrap()).code(), 801);
}
