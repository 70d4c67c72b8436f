//! The refusals that time, tasks, tokens and moves bring, in their order of precedence

use std::net::IpAddr;

use ipam_core::*;

use crate::common::*;
use crate::precedence::ladder;

const LATER: Timestamp = Timestamp::from_millis(50_000);

/// Under plain rules with a rest, one task at a time and primaries that stay, `home` (10.0.0.0/28)
///
/// `eni-1` has the primary .1 and .5, and slots for two more; `eni-2` has .3 and had .4, which rests;
/// `eni-3` has .2 held. `eni-away` is in `away` (10.0.1.0/28 and an IPv6 /64), `eni-o` in `vpc-2`.
fn engine() -> (Engine, Task) {
    let mut engine = Engine::new();
    let mut strict = Profile::PLAIN;
    strict.quarantine = Quarantine::for_millis(60_000);
    (strict.one_task, strict.replace_primary, strict.unassign_primary) = (true, false, false);
    strict.assign_in = Statuses::of(&[Status::Available, Status::InUse]);
    let away = create_subnet("away", "10.0.1.0/28", Profile::PLAIN);
    let named = |address: &str| Primary::Named(address.parse().unwrap());
    run(
        &mut engine,
        [
            create_vpc("vpc-1"),
            create_vpc("vpc-2"),
            create_subnet("home", "10.0.0.0/28", strict).into(),
            away.v6("2001:db8::/64".parse().unwrap()).into(),
            CreateSubnet::new(subnet("other"), vpc("vpc-2"), Profile::PLAIN)
                .v4("10.0.0.0/28".parse().unwrap())
                .into(),
            CreateInterface::new(eni("eni-1"), subnet("home"))
                .quota(4)
                .primary_v4(named("10.0.0.1"))
                .into(),
            CreateInterface::new(eni("eni-2"), subnet("home")).into(),
            CreateInterface::new(eni("eni-3"), subnet("home")).into(),
            CreateInterface::new(eni("eni-away"), subnet("away")).into(),
            CreateInterface::new(eni("eni-o"), subnet("other")).into(),
            assign("eni-1", ["10.0.0.5"]).into(),
            assign("eni-2", ["10.0.0.3", "10.0.0.4"]).into(),
            Unassign::new(eni("eni-2"), ips(["10.0.0.4"])).into(),
        ],
    );
    let hold = Hold::until(LATER).kept_until(LATER);
    let held = assign("eni-3", ["10.0.0.2"]).hold(hold).into();
    let task = engine.execute(NOW, &held).unwrap().task().unwrap();
    (engine, task)
}

fn assign<const N: usize>(id: &str, list: [&str; N]) -> Assign {
    Assign::new(eni(id), Pick::these(ips(list)))
}

fn status(id: &str, status: Status) -> Command {
    SetStatus::new(eni(id), status).into()
}

fn causes(error: Error) -> Vec<(usize, Cause)> {
    let Error::Addresses(faults) = error else { panic!("{error}") };
    faults.iter().map(|fault| (fault.index, fault.cause)).collect()
}

#[test]
fn hold_ladder() {
    let (mut engine, task) = engine();
    let past = Hold::until(NOW);
    let none = vpc("none");
    let held = |assign: Assign| assign.in_vpc(none).hold(past).into();
    let any = |id: &str, count| Assign::new(eni(id), Pick::any(count));
    ladder(
        &mut engine,
        [
            (110, held(assign("none", ["10.0.0.9", "10.0.0.9"]))),
            (111, held(assign("none", []))),
            (112, held(any("none", 0))),
            (120, held(any("none", 1))),
            (200, any("none", 1).in_vpc(none).hold(Hold::until(LATER)).into()),
        ],
    );
    let crossed = Pick::any(1).family(Family::V6).within(range("10.0.0.1", "10.0.0.2"));
    ladder(&mut engine, [(114, held(Assign::new(eni("none"), crossed)))]);
    // To the millisecond: the deadline must lie after the time that the refusal is asked at.
    let late = Timestamp::from_millis(9_999);
    let error = refusal(&mut engine, any("eni-2", 1).hold(Hold::until(late)));
    assert_eq!(error, Error::DeadlinePassed { deadline: late, now: late });
    assert!(engine.decide(late, &any("eni-2", 1).hold(Hold::until(late.after(1))).into()).is_ok());

    // A task that runs is asked for right after the state, before anything else.
    run(&mut engine, [status("eni-3", Status::Deleting)]);
    let bad = Pick::these([Wanted::primary(ip("10.0.0.0")), Wanted::from(ip("::1"))]);
    let bad = Assign::new(eni("eni-3"), bad);
    ladder(&mut engine, [(300, bad.clone().into())]);
    run(&mut engine, [status("eni-3", Status::InUse)]);
    let running = Error::TaskRunning { interface: eni("eni-3"), task };
    assert_eq!(refusal(&mut engine, bad), running);
    assert_eq!((running.code(), running.is_transient()), (309, true));

    // Another subnet's profile does not ask, but home's does.
    assert_eq!(refusal(&mut engine, any("eni-3", 1).from_subnet(subnet("away"))), running);
    let limits = Limits { tokens: 0, tasks: 1, ..Limits::DEFAULT };
    run(&mut engine, [SetLimits::new(limits).into()]);
    let away = |count| any("eni-away", count).hold(Hold::until(LATER));
    let v6 = |count| {
        let pick = Pick::any(count).family(Family::V6);
        Assign::new(eni("eni-away"), pick).hold(Hold::until(LATER)).into()
    };
    ladder(&mut engine, [(700, away(15).into()), (701, v6(u32::MAX)), (702, away(1).into())]);
    ladder(&mut engine, [(702, Once::new("t".parse().unwrap(), LATER, away(1)).unwrap().into())]);
    let once = Once::new("t".parse().unwrap(), LATER, any("eni-away", 1)).unwrap();
    ladder(&mut engine, [(703, once.into())]);
    assert!(
        engine.decide(LATER, &any("eni-away", 1).hold(Hold::until(LATER.after(1))).into()).is_ok()
    );
}

#[test]
fn what_is_held_or_rests_is_named_after_what_is_withheld() {
    let (mut engine, _) = engine();
    let list = ["10.0.0.0", "10.0.0.2", "10.0.0.4", "10.0.0.5", "10.0.0.3"];
    let until = Timestamp::from_millis(61_000);
    let expected = [
        (0, Cause::NetworkAddress),
        (1, Cause::Held { by: eni("eni-3") }),
        (2, Cause::Quarantined { until }),
        (3, Cause::InUse { by: eni("eni-1") }),
    ];
    assert_eq!(causes(refusal(&mut engine, assign("eni-2", list))), expected);
    let [_, held, resting, _] = expected.map(|(_, cause)| cause);
    assert_eq!((held.code(), resting.code()), (516, 517));
    assert_eq!(held.to_string(), "is held for interface `eni-3`");
    assert_eq!(resting.to_string(), "rests until 61000 ms");
    let over = range("10.0.0.2", "10.0.0.4");
    run(&mut engine, [ReserveRange::new(subnet("home"), over).into()]);
    for (address, cause) in [("10.0.0.2", held), ("10.0.0.4", resting)] {
        let explained = engine.at(NOW).explain_address(vpc("vpc-1"), ip(address));
        assert_eq!(explained.causes, [Cause::Reserved, cause]);
        assert_eq!(refusal(&mut engine, assign("eni-2", [address])).code(), 514);
    }
    // Beyond the quota there may be no room either, and beyond both too many tasks.
    let list = ["10.0.0.9", "10.0.0.10", "10.0.0.11"];
    assert_eq!(refusal(&mut engine, assign("eni-1", list)).code(), 600);
}

#[test]
fn move_ladder() {
    let (mut engine, task) = engine();
    let nothing = Vec::<IpAddr>::new();
    let (none, two) = (vpc("none"), vpc("vpc-2"));
    let bad = ["9.9.9.9", "10.0.0.9", "10.0.0.4", "10.0.0.2", "10.0.0.3", "10.0.0.1"];
    let step = |from: &str, to: &str| Move::new(eni(from), eni(to), ips(bad));
    let twins = Move::new(eni("none"), eni("none"), ips(["::1", "::1"]));
    ladder(
        &mut engine,
        [
            (110, twins.in_vpc(none).into()),
            (111, Move::new(eni("none"), eni("none"), nothing).in_vpc(none).into()),
            (116, step("none", "none").in_vpc(none).into()),
            (200, step("none", "nope").in_vpc(none).into()),
            (202, step("none", "nope").in_vpc(two).into()),
            (203, step("eni-1", "eni-away").in_vpc(two).into()),
            (210, step("eni-1", "eni-away").in_vpc(vpc("vpc-1")).into()),
        ],
    );
    let error = refusal(&mut engine, step("none", "nope"));
    assert_eq!(error, Error::InterfaceNotFound(eni("none")));
    let error = refusal(&mut engine, step("eni-1", "nope").in_vpc(two));
    assert_eq!(error, Error::InterfaceNotFound(eni("nope")));
    let error = refusal(&mut engine, step("eni-o", "eni-1").in_vpc(two));
    assert_eq!(error, Error::InterfaceNotInVpc { interface: eni("eni-1"), vpc: two });
    let error = refusal(&mut engine, step("eni-1", "eni-o"));
    assert_eq!(error, Error::OtherSubnet { from: eni("eni-1"), to: eni("eni-o") });

    // The state is that of whoever gets them; a task may run on either.
    run(&mut engine, [status("eni-2", Status::Deleting)]);
    ladder(&mut engine, [(300, step("eni-3", "eni-2").into())]);
    run(&mut engine, [status("eni-2", Status::InUse), status("eni-1", Status::Deleting)]);
    let running = Error::TaskRunning { interface: eni("eni-3"), task };
    assert_eq!(refusal(&mut engine, step("eni-3", "eni-2")), running);
    assert_eq!(refusal(&mut engine, step("eni-1", "eni-3")), running);

    assert_eq!(
        causes(refusal(&mut engine, step("eni-1", "eni-2"))),
        [
            (0, Cause::OutOfRange),
            (1, Cause::NotAssigned),
            (2, Cause::NotAssigned),
            (3, Cause::Held { by: eni("eni-3") }),
            // .3 is with `eni-2` already.
            (5, Cause::IsPrimary),
        ]
    );
    let stolen = Move::new(eni("eni-2"), eni("eni-1"), ips(["10.0.0.3", "10.0.0.5"]));
    run(&mut engine, [CreateInterface::new(eni("eni-4"), subnet("home")).into()]);
    let error = refusal(&mut engine, Move::new(eni("eni-2"), eni("eni-4"), ips(["10.0.0.5"])));
    assert_eq!(causes(error), [(0, Cause::WrongOwner { by: eni("eni-1") })]);
    run(&mut engine, [status("eni-1", Status::InUse), SetQuota::new(eni("eni-1"), Some(2)).into()]);
    assert_eq!(refusal(&mut engine, stolen.clone()).code(), 600);
    run(&mut engine, [SetQuota::new(eni("eni-1"), Some(3)).into(), stolen.into()]);
}

#[test]
fn replace_primary_ladder() {
    let (mut engine, _) = engine();
    let (none, two) = (vpc("none"), vpc("vpc-2"));
    let of = |id: &str, address: &str| ReplacePrimary::with(eni(id), ip(address));
    let any = |id: &str| ReplacePrimary::with_any(eni(id), Family::V4);
    let (mut absent, mut crossed) = (any("none").in_vpc(none), any("none").in_vpc(none));
    absent.primary = Primary::Absent;
    crossed.primary = Primary::Named(ip("::1"));
    let no_primary = Error::NoPrimary { family: Family::V4 };
    assert_eq!(refusal(&mut engine, absent), no_primary);
    ladder(
        &mut engine,
        [
            (117, crossed.into()),
            (200, any("none").in_vpc(none).into()),
            (202, any("none").in_vpc(two).into()),
            (203, any("eni-3").in_vpc(two).into()),
        ],
    );
    run(&mut engine, [status("eni-3", Status::Creating)]);
    ladder(&mut engine, [(300, of("eni-3", "::1").into())]);
    run(&mut engine, [status("eni-3", Status::Available)]);
    ladder(&mut engine, [(309, of("eni-3", "::1").into())]);
    let primary = ip("10.0.0.1");
    let fixed = Error::PrimaryFixed { interface: eni("eni-1"), primary };
    ladder(&mut engine, [(311, of("eni-1", "10.0.0.0").into()), (400, of("eni-1", "::1").into())]);
    assert_eq!(refusal(&mut engine, any("eni-1")), fixed);
    assert!(engine.decide(NOW, &of("eni-1", "10.0.0.1").into()).unwrap().is_unchanged());

    let quota = |quota| Command::from(SetQuota::new(eni("eni-2"), quota));
    run(&mut engine, [quota(Some(1))]);
    ladder(
        &mut engine,
        [
            (510, of("eni-2", "10.0.1.1").into()),
            (511, of("eni-2", "10.0.0.0").into()),
            (512, of("eni-2", "10.0.0.15").into()),
            (515, of("eni-2", "10.0.0.1").into()),
            (516, of("eni-2", "10.0.0.2").into()),
            (517, of("eni-2", "10.0.0.4").into()),
            (600, of("eni-2", "10.0.0.9").into()),
        ],
    );
    let full = Assign::new(eni("eni-2"), Pick::any(9));
    run(&mut engine, [quota(None), full.into()]);
    ladder(&mut engine, [(700, any("eni-2").into())]);
    run(&mut engine, [quota(Some(1)), of("eni-2", "10.0.0.3").into()]);
}

#[test]
fn unassign_by_generation() {
    let (mut engine, _) = engine();
    let generation = |address: &str| engine.owner(vpc("vpc-1"), ip(address)).unwrap().generation;
    let (of_primary, of_other) = (generation("10.0.0.1"), generation("10.0.0.5"));
    let list = ["9.9.9.9", "10.0.0.4", "10.0.0.2", "10.0.0.3", "10.0.0.1", "10.0.0.5"];
    let release = Unassign::new(eni("eni-1"), ips(list));
    let first_four = [
        (0, Cause::OutOfRange),
        (1, Cause::NotAssigned),
        (2, Cause::Held { by: eni("eni-3") }),
        (3, Cause::WrongOwner { by: eni("eni-2") }),
    ];
    let with = |last: (usize, Cause), other: Option<(usize, Cause)>| {
        first_four.into_iter().chain([last]).chain(other).collect::<Vec<_>>()
    };
    let is_primary = (4, Cause::IsPrimary);
    assert_eq!(causes(refusal(&mut engine, release.clone())), with(is_primary, None));
    let stale = |index, generation| (index, Cause::Stale { generation });
    let asked = release.clone().of_generation(of_primary);
    assert_eq!(causes(refusal(&mut engine, asked)), with(is_primary, Some(stale(5, of_other))));
    let asked = release.clone().of_generation(of_other);
    assert_eq!(causes(refusal(&mut engine, asked)), with(stale(4, of_primary), None));
    // What is skipped is all that is not meant; the primary is, and stays.
    let asked = release.clone().if_of_generation(of_primary);
    assert_eq!(causes(refusal(&mut engine, asked)), [is_primary]);
    let asked = engine.decide(NOW, &release.if_of_generation(of_other).into()).unwrap();
    assert_eq!(asked.answer().to_string(), "10.0.0.5");

    let by_itself = Unassign::new(eni("eni-3"), ips(["10.0.0.2"]));
    ladder(&mut engine, [(309, by_itself.into())]);
}

#[test]
fn ensure_count_ladder() {
    let (mut engine, _) = engine();
    let (none, two) = (vpc("none"), vpc("vpc-2"));
    let ensure = |id: &str, count| EnsureCount::at_least(eni(id), count);
    let past = |ensure: EnsureCount| ensure.hold(Hold::until(NOW));
    let lost = |ensure: EnsureCount| ensure.from_subnet(subnet("none"));
    ladder(
        &mut engine,
        [
            (120, past(lost(ensure("none", 1)).in_vpc(none)).into()),
            (200, lost(ensure("none", 1)).in_vpc(none).into()),
            (201, lost(ensure("none", 1)).in_vpc(two).into()),
            (202, ensure("none", 1).from_subnet(subnet("other")).in_vpc(two).into()),
            (203, ensure("eni-1", 1).from_subnet(subnet("other")).in_vpc(two).into()),
            (204, ensure("eni-1", 1).from_subnet(subnet("other")).into()),
        ],
    );
    // Judged even where there is nothing to do.
    run(&mut engine, [status("eni-3", Status::Deleting)]);
    ladder(&mut engine, [(300, ensure("eni-3", 0).family(Family::V6).into())]);
    run(&mut engine, [status("eni-3", Status::InUse)]);
    ladder(&mut engine, [(309, ensure("eni-3", 0).family(Family::V6).into())]);
    ladder(
        &mut engine,
        [(400, ensure("eni-1", 0).family(Family::V6).into()), (600, ensure("eni-1", 99).into())],
    );
    ladder(&mut engine, [(700, ensure("eni-2", 99).into())]);
    let v6 = |count| ensure("eni-away", count).family(Family::V6).hold(Hold::until(LATER));
    run(&mut engine, [SetLimits::new(Limits { tokens: 1, tasks: 1, ..Limits::DEFAULT }).into()]);
    ladder(&mut engine, [(701, v6(u32::MAX).into()), (702, v6(1).into())]);
    assert!(engine.decide(NOW, &v6(0).into()).unwrap().is_unchanged(), "holds nothing");
}

#[test]
fn task_ladders() {
    let (mut engine, task) = engine();
    let nobody = Task::new(task.revision, 1);
    let (confirm, cancel) = (|task| Command::from(Confirm::new(task)), Cancel::new);
    let resolve = |task| Resolve::new(task, ips(["10.0.0.2"]));
    for unknown in [nobody, Task::default(), Task::new(Revision::new(u64::MAX), u32::MAX)] {
        ladder(&mut engine, [(209, confirm(unknown))]);
        ladder(&mut engine, [(209, cancel(unknown).into())]);
        ladder(&mut engine, [(209, resolve(unknown).into())]);
    }
    let mut other = engine.clone();
    run(&mut engine, [cancel(task).into()]);
    ladder(&mut engine, [(310, confirm(task))]);
    ladder(&mut engine, [(310, resolve(task).into())]);
    let error = refusal(&mut engine, confirm(task));
    assert_eq!(error, Error::TaskFinished { task, succeeded: false });
    assert!(!error.is_transient());
    run(&mut other, [confirm(task)]);
    let error = refusal(&mut other, cancel(task));
    assert_eq!(error, Error::TaskFinished { task, succeeded: true });
    assert_eq!(error.to_string(), format!("task `{task}` has already succeeded"));
    // Kept until then, and not beyond.
    let forgotten = other.decide(LATER, &confirm(task)).unwrap_err();
    assert_eq!(forgotten, Error::TaskNotFound(task));
}

/// Before anything is judged: there is no such command
#[test]
fn once_inside_another_is_refused_as_it_is_made() {
    let token = "token".parse().unwrap();
    let once = Once::new(token, NOW, Command::Sweep).unwrap();
    assert_eq!(Once::new(token, LATER, once.clone()), Err(NestedOnce));
    assert_eq!(Once::new(token, LATER, Command::from(once)), Err(NestedOnce));
    let error = Error::from(NestedOnce);
    assert_eq!((error.code(), error.to_string()), (118, NestedOnce.to_string()));
}

#[test]
fn once_ladder() {
    let (mut engine, _) = engine();
    let known = "known".parse().unwrap();
    let once = |token: &str, until, command: Command| {
        Once::new(token.parse().unwrap(), until, command).unwrap()
    };
    let any = |id: &str| Command::from(Assign::new(eni(id), Pick::any(1)));
    run(
        &mut engine,
        [
            SetLimits::new(Limits { tokens: 1, tasks: 9, ..Limits::DEFAULT }).into(),
            once("known", LATER, any("eni-2")).into(),
        ],
    );
    let revision = engine.revision();
    ladder(
        &mut engine,
        [
            (119, once("known", NOW, any("none")).into()),
            (120, once("new", NOW, any("none")).into()),
            (202, once("new", LATER, any("none")).into()),
            (703, once("new", LATER, any("eni-2")).into()),
        ],
    );
    let error = refusal(&mut engine, once("known", LATER, any("eni-1")));
    assert_eq!(error, Error::TokenMismatch { token: known, revision });
    // A known token answers, whatever deadline it comes with.
    let again = engine.decide(NOW, &once("known", Timestamp::ZERO, any("eni-2")).into()).unwrap();
    assert!(again.is_unchanged());
    assert_eq!(again.revision(), revision);
    // A command that changes nothing keeps a token all the same, and so needs room for one.
    let idle = Command::from(SetQuota::new(eni("eni-2"), None));
    assert!(engine.decide(NOW, &idle).unwrap().is_unchanged());
    ladder(&mut engine, [(703, once("new", LATER, idle).into())]);

    // The answers of both, and the holds, are kept as runs of addresses.
    let one = Limits { runs: 1, ..Limits::DEFAULT };
    run(&mut engine, [SetLimits::new(one).into()]);
    ladder(&mut engine, [(704, once("new", LATER, any("eni-2")).into())]);
    let hold = Assign::new(eni("eni-2"), Pick::any(1)).hold(Hold::until(LATER));
    ladder(&mut engine, [(704, hold.into())]);
    assert!(refusal(&mut engine, once("new", LATER, any("eni-2"))).is_transient());
}
