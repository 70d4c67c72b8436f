//! Doing it again: after a crash, beside another controller, in a loop

use ipam_core::*;

use super::controller::*;

fn token(text: &str) -> Token {
    text.parse().unwrap()
}

/// The controller stores and applies, and dies before it replies. Its client asks again.
#[test]
fn a_crash_between_assign_and_reply_then_a_retry() {
    let mut world = Controller::new(Quarantine::NONE);
    let hold = |until| Hold::until(at(until)).then_unknown();
    let request = |id: &str, count, until| {
        let assign = any(id, count).hold(hold(until).request("req".parse().unwrap()));
        Once::new(token("client-7"), at(600_000), assign).unwrap()
    };
    let first = world.run(request("eni-a", 2, 30_000));
    assert_eq!(first.answer().to_string(), "10.0.0.1-10.0.0.2");
    let task = first.task().unwrap();

    // Again on the same process; and after a restart that knows only the log; whatever happened since.
    for round in 0..2 {
        let again = world.at(2_000).unchanged(request("eni-a", 2, 45_000));
        assert_eq!(again.answer(), first.answer());
        assert_eq!((again.task(), again.revision()), (Some(task), first.revision()));
        if round == 0 {
            world.run(any("eni-b", 1));
            world.restart();
        }
    }
    world.run(Confirm::new(task));
    world.run(release("eni-a", 1));
    let again = world.unchanged(request("eni-a", 2, 45_000));
    assert_eq!(again.answer(), first.answer(), "as it was the first time");
    assert_eq!(world.addresses("eni-a"), "10.0.0.2");

    // The token stands for that request alone.
    let mismatch = Error::TokenMismatch { token: token("client-7"), revision: first.revision() };
    assert_eq!(world.refused(request("eni-a", 3, 45_000)), mismatch);
    assert_eq!(world.refused(request("eni-b", 2, 45_000)), mismatch);
    assert_eq!(mismatch.code(), 119);

    // So late that nobody remembers: refused, not done twice.
    world.at(600_000);
    assert_eq!(world.refused(request("eni-a", 2, 700_000)).code(), 120);
    assert_eq!(world.addresses("eni-a"), "10.0.0.2");
    world.end();
}

/// What was refused may be tried again under the same token, and succeed
#[test]
fn a_refusal_is_not_remembered() {
    let mut world = Controller::new(Quarantine::NONE);
    world.run(any("eni-b", 6));
    let once = Once::new(token("t"), at(600_000), any("eni-a", 1)).unwrap();
    assert_eq!(world.refused(once.clone()).code(), 700);
    world.run(release("eni-b", 6));
    assert_eq!(world.run(once.clone()).answer().to_string(), "10.0.0.6");
    assert_eq!(world.unchanged(once).answer().to_string(), "10.0.0.6");
    world.end();
}

/// The table of tokens is full: who comes now is told to come again, and nobody is forgotten early
#[test]
fn a_full_table_of_tokens_is_passing_and_evicts_nobody() {
    let mut world = Controller::new(Quarantine::NONE);
    let limits = Limits { tokens: 2, tasks: 1, ..Limits::DEFAULT };
    world.run(SetLimits::new(limits));
    assert_eq!(world.engine.limits(), limits);
    let once = |name: &str, until| Once::new(token(name), at(until), any("eni-a", 1)).unwrap();
    world.run(once("one", 5_000));
    world.run(once("two", 9_000));
    let error = world.refused(once("three", 9_000));
    assert_eq!(error, Error::TooManyTokens { limit: 2 });
    assert_eq!((error.code(), error.is_transient()), (703, true));
    // What is known is answered, and what needs no token is done.
    assert_eq!(world.unchanged(once("one", 5_000)).answer().to_string(), "10.0.0.1");
    assert_eq!(world.unchanged(once("two", 9_000)).answer().to_string(), "10.0.0.2");
    world.run(any("eni-b", 1));
    // A deadline makes room, and nothing else does: not even less of it.
    world.run(SetLimits::new(Limits { tokens: 1, ..limits }));
    assert_eq!(world.at(4_999).unchanged(once("one", 5_000)).answer().to_string(), "10.0.0.1");
    assert_eq!(world.at(5_000).refused(once("three", 9_000)).code(), 703);
    world.run(SetLimits::new(limits));
    assert_eq!(world.run(once("three", 9_000)).answer().to_string(), "10.0.0.4");

    // The same of tasks.
    let hold = |until, kept| any("eni-b", 1).hold(Hold::until(at(until)).kept_until(at(kept)));
    world.at(6_000).run(hold(7_000, 8_000));
    let error = world.refused(hold(7_000, 7_000));
    assert_eq!(error, Error::TooManyTasks { limit: 1 });
    assert_eq!((error.code(), error.is_transient()), (702, true));
    assert_eq!(world.at(7_999).refused(hold(9_000, 9_000)).code(), 702, "it can be asked about");
    world.at(8_000).run(hold(9_000, 9_000));
    world.end();
}

/// Two controllers follow one log. Both decide on the last address; the log takes one of them.
#[test]
fn two_controllers_race_for_the_last_address() {
    let mut world = Controller::new(Quarantine::NONE);
    world.run(any("eni-a", 5));
    let (mut one, mut two) = (world.engine.clone(), world.engine.clone());
    let mine = one.decide(at(2_000), &any("eni-a", 1).into()).unwrap();
    let yours = two.decide(at(2_001), &any("eni-b", 1).into()).unwrap();
    assert_eq!(mine.answer(), yours.answer());
    let (mine, yours) = (mine.into_event().unwrap(), yours.into_event().unwrap());

    // The first to store wins; both apply it.
    one.apply(&mine).unwrap();
    let lost = one.apply(&yours).unwrap_err();
    assert!(matches!(lost, ApplyError::OutOfOrder { .. }), "{lost}");
    assert_eq!((lost.code(), lost.is_transient()), (800, true));
    two.apply(&mine).unwrap();
    assert_eq!(one, two);

    // The loser decides again on what is so now, and is told.
    let error = two.decide(at(2_002), &any("eni-b", 1).into()).unwrap_err();
    assert_eq!((error.code(), error.is_transient()), (700, true));
    assert_eq!(two.apply(&yours).unwrap_err().code(), 800);

    // Had both applied their own, either would notice at the next event of the other.
    let (mut one, mut two) = (world.engine.clone(), world.engine.clone());
    one.apply(&mine).unwrap();
    two.apply(&yours).unwrap();
    let next = one.decide(at(3_000), &release("eni-a", 1).into()).unwrap().into_event().unwrap();
    let foreign = two.apply(&next).unwrap_err();
    assert!(matches!(foreign, ApplyError::Foreign { .. }), "{foreign}");
    assert_eq!((foreign.code(), foreign.is_transient()), (801, false));
    world.end();
}

/// A reconciler wants three on each node, and looks again and again
#[test]
fn a_reconcile_loop_ensures_a_count() {
    let mut world = Controller::new(Quarantine::for_millis(60_000));
    world.run(ReplacePrimary::with(eni("eni-a"), ip(6)));
    let three = EnsureCount::exactly(eni("eni-a"), 3);
    assert_eq!(world.run(three.clone()).answer().to_string(), "10.0.0.1-10.0.0.3");
    for _ in 0..3 {
        assert_eq!(world.unchanged(three.clone()).answer().to_string(), "10.0.0.1-10.0.0.3");
    }
    // One is lost: it is made up for, behind those that are there.
    world.run(release("eni-a", 2));
    assert_eq!(world.run(three.clone()).answer().to_string(), "10.0.0.1,10.0.0.3-10.0.0.4");
    // One too many: the latest goes. At least three lets it be.
    world.run(named("eni-a", 5));
    let at_least = world.unchanged(EnsureCount::at_least(eni("eni-a"), 3));
    assert_eq!(at_least.answer().to_string(), "10.0.0.1,10.0.0.3-10.0.0.5");
    assert_eq!(world.run(three.clone()).answer().to_string(), "10.0.0.1,10.0.0.3-10.0.0.4");
    assert_eq!(world.usage().quarantined, 2, "it rests like any other");
    // What is missing and cannot be had is said once more each time.
    let four = EnsureCount::exactly(eni("eni-a"), 4);
    for _ in 0..2 {
        let error = world.refused(four.clone());
        let Error::Exhausted { shortfall, .. } = error else { panic!("{error}") };
        assert_eq!((shortfall.wanted, shortfall.next), (1, Some(at(61_000))));
    }
    let four = world.at(61_000).run(four);
    assert_eq!(four.answer().to_string(), "10.0.0.1,10.0.0.3-10.0.0.4,10.0.0.2");

    // What is held counts, and is not what goes.
    let hold = Hold::until(at(99_000));
    let held = world.run(EnsureCount::exactly(eni("eni-a"), 5).hold(hold));
    assert_eq!(held.answer().to_string(), "10.0.0.1,10.0.0.3-10.0.0.4,10.0.0.2,10.0.0.5");
    let task = held.task().unwrap();
    let less = world.run(EnsureCount::exactly(eni("eni-a"), 2));
    assert_eq!(less.answer().to_string(), "10.0.0.1,10.0.0.5");
    let error = world.refused(EnsureCount::exactly(eni("eni-a"), 0));
    assert_eq!(error, Error::TaskRunning { interface: eni("eni-a"), task });
    world.run(Confirm::new(task));
    assert_eq!(world.run(EnsureCount::exactly(eni("eni-a"), 0)).answer().count(), 0);
    assert_eq!(world.addresses("eni-a"), "10.0.0.6", "a primary does not count");
    world.end();
}
