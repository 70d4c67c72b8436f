//! Events of rests, holds, tasks and tokens: their digests, and each contradiction

use ipam_core::*;
use serde_json::{Value, json};

use crate::common::*;
use crate::events::{forged, refused};

/// A quarantine of a minute; `eni-1` has the primary .1 and holds .2 and .3 until 50,000; .4 rests, .5 is
/// `eni-2`'s; token `t` is known. And the next event.
fn start() -> (Engine, Event, Task) {
    let mut engine = Engine::new();
    let mut profile = Profile::PLAIN;
    profile.quarantine = Quarantine::for_millis(60_000);
    let named = Primary::Named("10.0.0.1".parse().unwrap());
    let hold = Hold::until(Timestamp::from_millis(50_000));
    let hold = hold.kept_until(Timestamp::from_millis(90_000));
    let later = Timestamp::from_millis(70_000);
    let known = Assign::new(eni("eni-2"), Pick::these(ips(["10.0.0.5"])));
    run(
        &mut engine,
        [
            create_vpc("vpc-1"),
            create_subnet("home", "10.0.0.0/24", profile).into(),
            create_subnet("away", "10.0.1.0/24", profile).into(),
            CreateInterface::new(eni("eni-1"), subnet("home")).primary_v4(named).into(),
            CreateInterface::new(eni("eni-2"), subnet("home")).into(),
            Assign::new(eni("eni-1"), Pick::these(ips(["10.0.0.4"]))).into(),
            Unassign::new(eni("eni-1"), ips(["10.0.0.4"])).into(),
            Once::new("t".parse().unwrap(), later, known).unwrap().into(),
            Assign::new(eni("eni-1"), Pick::any(2)).hold(hold).into(),
        ],
    );
    let task = Task::new(engine.revision(), 0);
    assert!(engine.at(NOW).task(task).is_some());
    let next = Command::from(SetStatus::new(eni("eni-2"), Status::InUse));
    let event = engine.decide(NOW, &next).unwrap().into_event().unwrap();
    (engine, event, task)
}

fn list(first: &str, last: &str) -> Value {
    json!([{"first": first, "last": last}])
}

fn one(address: &str) -> Value {
    list(address, address)
}

fn quarantined(who: &str, whence: &str, addresses: Value, until: u64) -> Value {
    json!({"Quarantined": {"interface": who, "subnet": whence, "addresses": addresses,
        "until": until, "reason": null}})
}

fn rest_ended(whence: &str, addresses: Value) -> Value {
    json!({"RestEnded": {"subnet": whence, "addresses": addresses}})
}

fn held(index: u32, who: &str, whence: &str, addresses: Value, until: u64) -> Value {
    json!({"Held": {"index": index, "interface": who, "subnet": whence, "addresses": addresses,
        "until": until, "expired": "Unknown", "keep_until": 0, "request": null}})
}

fn finished(task: Task, end: Value) -> Value {
    json!({"TaskFinished": {"task": task, "end": end, "until": 0, "reason": null}})
}

fn failed(kept: Value) -> Value {
    json!({"Failed": {"failure": "NotObserved", "reason": null, "kept": kept}})
}

fn token_kept(token: &str, until: u64) -> Value {
    json!({"TokenKept": {"token": token, "until": until, "request": "00000000000000ff",
        "answer": [], "task": null, "primary": null}})
}

fn assigned(addresses: Value) -> Value {
    json!({"Assigned": {"interface": "eni-2", "subnet": "home", "addresses": addresses}})
}

#[test]
fn each_contradiction() {
    let (mut engine, event, task) = start();
    let nobody = Task::new(task.revision, 1);
    let released = |addresses| json!({"Released": {"interface": "eni-1", "subnet": "home", "addresses": addresses}});
    let harmless = json!({"StatusSet": {"interface": "eni-1", "status": "InUse"}});
    use Contradiction::*;
    let cases = [
        (Missing, quarantined("none", "home", one("10.0.0.1"), 9_000)),
        (Missing, quarantined("eni-1", "none", one("10.0.0.1"), 9_000)),
        (Empty, quarantined("eni-1", "home", json!([]), 9_000)),
        (Outside, quarantined("eni-1", "home", one("10.0.1.1"), 9_000)),
        (NotHeld, quarantined("eni-1", "home", one("10.0.0.9"), 9_000)),
        (NotHeld, quarantined("eni-2", "home", one("10.0.0.1"), 9_000)),
        (NotHeld, quarantined("eni-1", "home", one("10.0.0.4"), 9_000)),
        (NotHeld, quarantined("eni-1", "home", one("10.0.0.2"), 9_000)),
        (NotHeld, released(one("10.0.0.2"))),
        (NotHeld, released(one("10.0.0.4"))),
        (Deadline, quarantined("eni-1", "home", one("10.0.0.1"), 1_000)),
        (Missing, rest_ended("none", one("10.0.0.4"))),
        (Empty, rest_ended("home", json!([]))),
        (Outside, rest_ended("home", one("10.0.1.4"))),
        (NotResting, rest_ended("home", one("10.0.0.9"))),
        (NotResting, rest_ended("home", list("10.0.0.4", "10.0.0.5"))),
        (NotResting, rest_ended("home", one("10.0.0.2"))),
        (Missing, held(0, "none", "home", one("10.0.0.9"), 9_000)),
        (Missing, held(0, "eni-1", "none", one("10.0.0.9"), 9_000)),
        (Empty, held(0, "eni-1", "home", json!([]), 9_000)),
        (Outside, held(0, "eni-1", "home", list("10.0.0.254", "10.0.1.1"), 9_000)),
        (Taken, held(0, "eni-1", "home", one("10.0.0.1"), 9_000)),
        (Taken, held(0, "eni-1", "home", one("10.0.0.3"), 9_000)),
        (Taken, held(0, "eni-1", "home", one("10.0.0.4"), 9_000)),
        (Deadline, held(0, "eni-1", "home", one("10.0.0.9"), 1_000)),
        (Taken, assigned(one("10.0.0.3"))),
        (Taken, assigned(one("10.0.0.4"))),
        (Missing, finished(nobody, json!("Succeeded"))),
        (Missing, finished(Task::default(), json!("Succeeded"))),
        (Finished, finished(task, failed(one("10.0.0.1")))),
        (Finished, finished(task, failed(list("10.0.0.2", "10.0.0.4")))),
        (Exists, token_kept("t", 9_000)),
        (Deadline, token_kept("new", 1_000)),
        (InUse, json!({"InterfaceDeleted": {"interface": "eni-1"}})),
    ];
    for (what, change) in cases {
        for (at, changes) in [(0, json!([change])), (1, json!([harmless, change]))] {
            let error = refused(&mut engine, &forged(&event, changes));
            let expected = ApplyError::Contradiction { event: event.revision(), change: at, what };
            assert_eq!(error, expected, "{change}");
        }
    }
    // What a change of the same event did counts.
    for (what, first, second) in [
        (NotHeld, quarantined("eni-1", "home", one("10.0.0.1"), 9_000), released(one("10.0.0.1"))),
        (Taken, quarantined("eni-1", "home", one("10.0.0.1"), 9_000), assigned(one("10.0.0.1"))),
        (NotResting, rest_ended("home", one("10.0.0.4")), rest_ended("home", one("10.0.0.4"))),
        (Taken, held(0, "eni-1", "home", one("10.0.0.9"), 9_000), assigned(one("10.0.0.9"))),
        (
            Exists,
            held(0, "eni-1", "home", one("10.0.0.9"), 9_000),
            held(0, "eni-1", "home", one("10.0.0.10"), 9_000),
        ),
        (Finished, finished(task, json!("Succeeded")), finished(task, json!("Succeeded"))),
        (Exists, token_kept("new", 9_000), token_kept("new", 9_000)),
    ] {
        let error = refused(&mut engine, &forged(&event, json!([first, second])));
        let expected = ApplyError::Contradiction { event: event.revision(), change: 1, what };
        assert_eq!(error, expected, "{first} {second}");
    }
    engine.apply(&event).unwrap();
}

/// Bare changes, as an older or a later release may put them together
#[test]
fn what_fits_together_is_applied() {
    let (engine, event, task) = start();
    let apply = |changes: Value| {
        let mut engine = engine.clone();
        engine.apply(&forged(&event, changes)).unwrap();
        engine.check().unwrap();
        engine
    };
    let vpc = vpc("vpc-1");
    let ended = apply(json!([rest_ended("home", one("10.0.0.4")), assigned(one("10.0.0.4"))]));
    assert_eq!(ended.owner(vpc, ip("10.0.0.4")).unwrap().interface, eni("eni-2"));
    let resting = apply(json!([quarantined("eni-1", "home", one("10.0.0.1"), 2_000)]));
    assert_eq!(resting.interface(eni("eni-1")).unwrap().primary_v4, None);
    let until = Timestamp::from_millis(2_000);
    assert_eq!(
        resting.at(NOW).explain_address(vpc, ip("10.0.0.1")).causes,
        [Cause::Quarantined { until }]
    );
    let half = apply(json!([finished(task, failed(one("10.0.0.3")))]));
    assert!(!half.owner(vpc, ip("10.0.0.3")).unwrap().held);
    assert!(half.at(NOW).explain_address(vpc, ip("10.0.0.2")).is_free(), "a rest until 0 is none");
    let two = apply(json!([
        held(3, "eni-2", "home", one("10.0.0.9"), 2_000),
        held(7, "eni-2", "away", one("10.0.1.9"), 2_000)
    ]));
    let of_revision: Vec<_> = two.at(NOW).tasks_of_revision(event.revision()).collect();
    assert_eq!(of_revision.iter().map(|of| of.task.index).collect::<Vec<_>>(), [3, 7]);
}

#[test]
fn a_damaged_rest_is_refused_before_it_costs_anything() {
    let (mut engine, event, _) = start();
    let all = json!({"first": "10.0.0.0", "last": "10.0.0.255"});
    for make in [
        |all: Value| quarantined("eni-1", "home", all, 9_000),
        |all: Value| rest_ended("home", all),
        |all: Value| held(0, "eni-1", "home", all, 9_000),
    ] {
        let changes = json!([make(vec![all.clone(); 20_000].into())]);
        assert_eq!(refused(&mut engine, &forged(&event, changes)).code(), 803);
    }
}
