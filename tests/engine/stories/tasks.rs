//! Cloud calls that take time, or whose reply is lost

use ipam_core::event::Failure;
use ipam_core::*;

use super::controller::*;

/// Two addresses held for `eni-a` until 11,000, the outcome unknown from then on
fn timed_out() -> (Controller, Task) {
    let mut world = Controller::new(Quarantine::for_millis(60_000));
    let request = "req-1".parse().unwrap();
    let hold = Hold::until(at(11_000)).then_unknown().kept_until(at(90_000)).request(request);
    let decision = world.run(any("eni-a", 2).hold(hold));
    assert_eq!(decision.answer().to_string(), "10.0.0.1-10.0.0.2");
    let task = decision.task().unwrap();
    assert_eq!(task, Task::new(decision.revision(), 0));
    assert_eq!(world.state(task), Some(TaskState::Running { until: at(11_000) }));
    assert_eq!(world.engine.next_deadline(), Some(at(11_000)));
    let by_request: Vec<_> = world.engine.at(world.now).tasks_of_request(request).collect();
    assert_eq!(by_request.len(), 1);
    assert_eq!((by_request[0].task, by_request[0].interface), (task, eni("eni-a")));

    // The reply never comes.
    world.at(12_000);
    assert_eq!(world.state(task), Some(TaskState::Unknown { since: at(11_000) }));
    // Nobody else is given them, not the interface itself, however it asks, and nothing releases them.
    let held = Cause::Held { by: eni("eni-a") };
    assert_eq!(world.cause(named("eni-b", 1)), held);
    assert_eq!(world.cause(named("eni-a", 1)), held);
    assert_eq!(world.cause(named("eni-b", 1).reassign()), held);
    assert_eq!(world.cause(release("eni-a", 2)), held);
    assert_eq!(world.cause(Move::new(eni("eni-a"), eni("eni-b"), [ip(1)])), held);
    assert_eq!(world.run(any("eni-b", 1)).answer().to_string(), "10.0.0.3");
    let usage = world.usage();
    assert_eq!((usage.held, usage.assigned, usage.free), (2, 1, 3));
    assert!(world.engine.owner(vpc(), ip(1)).unwrap().held);
    assert_eq!(world.state(task), Some(TaskState::Unknown { since: at(11_000) }));
    assert_eq!(world.engine.at(world.now).tasks_of_interface(eni("eni-a")).count(), 1);
    // It waits for somebody to find out, and time alone never ends it.
    assert_eq!(world.engine.next_deadline(), None);
    (world, task)
}

#[test]
fn a_task_that_timed_out_is_later_seen_to_have_succeeded() {
    let (mut world, task) = timed_out();
    // A day later both are seen on the interface, among others.
    world.at(80_000);
    let seen = Resolve::new(task, [ip(6), ip(2), ip(1), ip(2)]);
    let decision = world.run(seen.clone());
    assert_eq!(decision.answer().to_string(), "10.0.0.1-10.0.0.2");
    assert_eq!(world.state(task), Some(TaskState::Succeeded));
    let held: Vec<_> = world.engine.addresses(eni("eni-a")).unwrap().collect();
    assert!(held.iter().all(|of| !of.held && of.generation == task.revision));
    assert_eq!((held.len(), world.usage().held), (2, 0));

    // The controller that ran it wakes up, and says so too; the opposite is refused.
    assert_eq!(world.unchanged(Confirm::new(task)).answer(), decision.answer());
    assert_eq!(world.unchanged(seen).answer(), decision.answer());
    let finished = Error::TaskFinished { task, succeeded: true };
    assert_eq!(world.refused(Cancel::new(task)), finished);
    assert_eq!(world.refused(Resolve::new(task, [ip(1)])), finished);
    // It can be asked about for as long as was said.
    assert!(world.at(89_999).engine.at(at(89_999)).task(task).is_some());
    assert_eq!(world.at(90_000).state(task), None);
    assert_eq!(world.refused(Confirm::new(task)), Error::TaskNotFound(task));
    assert_eq!(world.addresses("eni-a"), "10.0.0.1,10.0.0.2");
    world.end();
}

#[test]
fn a_task_that_timed_out_is_later_seen_to_have_failed() {
    let (mut world, task) = timed_out();
    world.at(20_000);
    let seen = Resolve::new(task, [ip(3), ip(9)]);
    let decision = world.run(seen.clone());
    assert_eq!(decision.answer().count(), 0);
    let Some(TaskState::Failed { failure, reason, kept }) = world.state(task) else {
        panic!("{:?}", world.state(task))
    };
    assert_eq!((failure, reason, kept.count()), (Failure::NotObserved, None, 0));
    assert_eq!(world.addresses("eni-a"), "");
    // They rest like any that were released.
    assert_eq!(world.cause(named("eni-b", 1)), Cause::Quarantined { until: at(80_000) });
    world.unchanged(seen);
    world.unchanged(Cancel::new(task));
    let finished = Error::TaskFinished { task, succeeded: false };
    assert_eq!(world.refused(Confirm::new(task)), finished);
    assert_eq!(world.refused(Resolve::new(task, [ip(1), ip(2)])), finished);
    assert_eq!(finished.code(), 310);
    assert_eq!(world.at(80_000).run(named("eni-b", 1)).answer().to_string(), "10.0.0.1");
    world.end();
}

#[test]
fn a_task_that_timed_out_is_later_seen_to_have_done_half() {
    let (mut world, task) = timed_out();
    let seen = Resolve::new(task, [ip(2)]).rest(Rest::for_millis(0));
    let decision = world.run(seen.clone());
    assert_eq!(decision.answer().to_string(), "10.0.0.2");
    let Some(TaskState::Failed { failure, kept, .. }) = world.state(task) else {
        panic!("{:?}", world.state(task))
    };
    assert_eq!((failure, kept.to_string()), (Failure::NotObserved, "10.0.0.2".into()));
    assert_eq!(world.addresses("eni-a"), "10.0.0.2");
    assert!(!world.engine.owner(vpc(), ip(2)).unwrap().held);
    assert_eq!(world.unchanged(seen).answer().to_string(), "10.0.0.2");
    let finished = Error::TaskFinished { task, succeeded: false };
    assert_eq!(world.refused(Confirm::new(task)), finished);
    assert_eq!(world.refused(Cancel::new(task)), finished);
    assert_eq!(world.refused(Resolve::new(task, [ip(1)])), finished);
    assert_eq!(world.run(any("eni-b", 1)).answer().to_string(), "10.0.0.1");
    world.end();
}

/// A confirmation comes when the hold is over and the address is somebody else's
#[test]
fn a_late_confirm_takes_nothing_back() {
    let mut world = Controller::new(Quarantine::for_millis(5_000));
    let hold = Hold::until(at(11_000)).kept_until(at(60_000));
    let task = world.run(any("eni-a", 1).hold(hold)).task().unwrap();
    // To the millisecond: in time is before the deadline.
    let mut in_time = world.engine.clone();
    in_time.execute(at(10_999), &Confirm::new(task).into()).unwrap();
    assert!(!in_time.owner(vpc(), ip(1)).unwrap().held);

    let late = Command::from(Confirm::new(task));
    let finished = Error::TaskFinished { task, succeeded: false };
    assert_eq!(world.at(11_000).refused(late.clone()), finished);
    assert_eq!(world.state(task), Some(TaskState::Expired { at: at(11_000) }));
    // It rests from the deadline on, not from when somebody looked.
    assert_eq!(world.at(15_999).cause(named("eni-b", 1)), Cause::Quarantined { until: at(16_000) });
    assert_eq!(world.at(20_000).run(named("eni-b", 1)).answer().to_string(), "10.0.0.1");
    assert_eq!(world.refused(late.clone()), finished);
    assert_eq!(world.refused(Resolve::new(task, [ip(1)])), finished);
    world.unchanged(Cancel::new(task));
    world.unchanged(Resolve::new(task, [ip(2)]));
    assert_eq!(world.addresses("eni-b"), "10.0.0.1");
    assert_eq!(world.addresses("eni-a"), "");
    assert_eq!(world.at(60_000).refused(late), Error::TaskNotFound(task));
    world.end();
}

/// What the controller knows to have failed it gives back at once, and says why
#[test]
fn a_call_that_fails_is_cancelled() {
    let mut world = Controller::new(Quarantine::for_millis(5_000));
    let hold = Hold::until(at(11_000)).kept_until(at(60_000));
    let task = world.run(any("eni-a", 2).hold(hold)).task().unwrap();
    let why: Reason = "HTTP-500".parse().unwrap();
    let cancel = Cancel::new(task).because(why).rest(Rest::for_millis(0));
    assert_eq!(world.run(cancel).answer().count(), 0);
    let Some(TaskState::Failed { failure, reason, .. }) = world.state(task) else { panic!() };
    assert_eq!((failure, reason), (Failure::Cancelled, Some(why)));
    assert_eq!((world.usage().free, world.usage().held), (6, 0));
    world.unchanged(Cancel::new(task));
    world.end();
}

/// The node is gone before the call comes back
#[test]
fn an_interface_is_deleted_while_its_task_runs() {
    let mut world = Controller::new(Quarantine::for_millis(60_000));
    world.run(named("eni-a", 4));
    let hold = Hold::until(at(11_000)).kept_until(at(90_000));
    let task = world.run(any("eni-a", 2).hold(hold)).task().unwrap();
    world.at(5_000);
    let gone = world.run(DeleteInterface::new(eni("eni-a")));
    assert_eq!(gone.answer().to_string(), "10.0.0.1-10.0.0.2,10.0.0.4", "what was held, too");
    let Some(TaskState::Failed { failure, kept, .. }) = world.state(task) else { panic!() };
    assert_eq!((failure, kept.count()), (Failure::InterfaceDeleted, 0));
    assert_eq!((world.usage().quarantined, world.usage().free), (3, 3));
    let finished = Error::TaskFinished { task, succeeded: false };
    assert_eq!(world.refused(Confirm::new(task)), finished);
    // Made again under its name, it has nothing, and the old task is not its own to confirm.
    world.run(CreateInterface::new(eni("eni-a"), subnet()));
    assert_eq!(world.addresses("eni-a"), "");
    assert_eq!(world.refused(Confirm::new(task)), finished);
    assert_eq!(world.engine.at(world.now).tasks_of_interface(eni("eni-a")).count(), 0);
    assert_eq!(world.cause(named("eni-b", 1)), Cause::Quarantined { until: at(65_000) });
    world.end();
}

/// One task at a time: while it is not known how one ended, nothing else is begun on the interface
#[test]
fn a_second_task_waits_for_the_first() {
    let mut profile = Profile::PLAIN;
    profile.one_task = true;
    let mut world = Controller::with(profile);
    world.run(named("eni-a", 5));
    let hold = Hold::until(at(11_000)).then_unknown();
    let task = world.run(any("eni-a", 1).hold(hold)).task().unwrap();
    for now in [10_000, 12_000] {
        world.at(now);
        let mutex = Error::TaskRunning { interface: eni("eni-a"), task };
        assert_eq!((mutex.code(), mutex.is_transient()), (309, true));
        assert_eq!(world.refused(any("eni-a", 1)), mutex);
        assert_eq!(world.refused(any("eni-a", 1).hold(Hold::until(at(99_000)))), mutex);
        assert_eq!(world.refused(EnsureCount::at_least(eni("eni-a"), 1)), mutex);
        assert_eq!(world.refused(release("eni-a", 5)), mutex);
        assert_eq!(world.refused(Move::new(eni("eni-a"), eni("eni-b"), [ip(5)])), mutex);
        assert_eq!(world.refused(Move::new(eni("eni-b"), eni("eni-a"), [ip(4)])), mutex);
        assert_eq!(world.refused(ReplacePrimary::with(eni("eni-a"), ip(5))), mutex);
    }
    // Others are not kept waiting.
    world.run(any("eni-b", 1));
    world.run(Confirm::new(task));
    world.run(release("eni-a", 5));
    world.end();
}
