//! Addresses that go from one interface to another

use ipam_core::*;

use super::controller::*;

/// A service's addresses fail over to another node, which has room for two
#[test]
fn a_quota_is_reached_by_a_move() {
    let mut world = Controller::new(Quarantine::for_millis(60_000));
    world.run(any("eni-a", 3));
    world.run(SetQuota::new(eni("eni-b"), Some(2)));
    let step =
        |list: &[u8]| Move::new(eni("eni-a"), eni("eni-b"), list.iter().map(|&offset| ip(offset)));
    let error = world.refused(step(&[3, 1, 2]));
    let quota = Error::Quota { interface: eni("eni-b"), quota: 2, held: 0, wanted: 3 };
    assert_eq!((error.code(), error), (600, quota));
    assert_eq!(world.addresses("eni-a"), "10.0.0.1,10.0.0.2,10.0.0.3", "all or none");

    let before = world.engine.owner(vpc(), ip(3)).unwrap().generation;
    let moved = world.run(step(&[3, 1]));
    assert_eq!(moved.answer().to_string(), "10.0.0.3,10.0.0.1");
    assert_eq!(world.addresses("eni-b"), "10.0.0.3,10.0.0.1");
    assert_eq!(world.usage().quarantined, 0, "what moves does not rest");
    assert_eq!(world.refused(step(&[2])).code(), 600);
    // What is there already takes no slot.
    assert_eq!(world.unchanged(step(&[1, 3])).answer().to_string(), "10.0.0.1,10.0.0.3");
    // A delete that was meant for the first node comes late.
    let late = release("eni-b", 3).of_generation(before);
    assert_eq!(world.cause(late), Cause::Stale { generation: moved.revision() });
    world.run(release("eni-b", 3));
    world.run(step(&[2]));
    assert_eq!(world.addresses("eni-b"), "10.0.0.1,10.0.0.2");
    world.end();
}

/// The same by an assignment that takes from whoever has it
#[test]
fn an_address_is_taken_over() {
    let mut world = Controller::new(Quarantine::for_millis(60_000));
    world.run(any("eni-a", 2));
    world.run(CreateInterface::new(eni("eni-c"), subnet()).primary_v4(Primary::Chosen));
    world.run(SetQuota::new(eni("eni-b"), Some(3)));
    let list =
        |list: &[u8]| Assign::new(eni("eni-b"), Pick::these(list.iter().map(|&offset| ip(offset))));
    assert_eq!(world.cause(list(&[2, 5])), Cause::InUse { by: eni("eni-a") });
    assert_eq!(world.cause(list(&[5, 3]).reassign()), Cause::IsPrimary);
    let taken = world.run(list(&[2, 5]).reassign());
    assert_eq!(taken.answer().to_string(), "10.0.0.2,10.0.0.5");
    assert_eq!(world.addresses("eni-a"), "10.0.0.1");
    assert_eq!(world.refused(list(&[1, 4]).reassign()).code(), 600);
    world.unchanged(list(&[5, 2]).reassign());
    world.run(list(&[1, 2]).reassign());
    assert_eq!(world.addresses("eni-b"), "10.0.0.2,10.0.0.5,10.0.0.1");
    assert_eq!(world.usage().quarantined, 0);
    world.end();
}

/// A primary stays where it is, and so does what lies elsewhere or is nobody's
#[test]
fn what_cannot_move_is_named() {
    let mut world = Controller::new(Quarantine::for_millis(60_000));
    world.run(ReplacePrimary::with(eni("eni-a"), ip(1)));
    world.run(named("eni-a", 2));
    world.run(named("eni-a", 6));
    world.run(release("eni-a", 6));
    world.run(CreateInterface::new(eni("eni-c"), subnet()));
    world.run(named("eni-c", 3));
    let step = Move::new(eni("eni-a"), eni("eni-b"), [1, 2, 3, 4, 6, 9].map(ip));
    let Error::Addresses(faults) = world.refused(step) else { panic!("addresses") };
    let causes: Vec<_> = faults.iter().map(|fault| (fault.index, fault.cause)).collect();
    assert_eq!(
        causes,
        [
            (0, Cause::IsPrimary),
            (2, Cause::WrongOwner { by: eni("eni-c") }),
            (3, Cause::NotAssigned),
            (4, Cause::NotAssigned),
            (5, Cause::OutOfRange),
        ]
    );
    world.end();
}
