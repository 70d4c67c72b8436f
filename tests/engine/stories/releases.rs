//! Releases, and the rest after them

use ipam_core::event::{Assigned, RestEnded};
use ipam_core::*;

use super::controller::*;

/// A delete hangs in a queue for an hour. Meanwhile the address is released by somebody else, and given
/// again: to another interface, or to the very same one.
#[test]
fn a_late_delete_after_reuse_frees_nothing() {
    let mut world = Controller::new(Quarantine::NONE);
    let first = world.run(named("eni-a", 1)).revision();
    let late = release("eni-a", 1).of_generation(first);
    let lenient = release("eni-a", 1).if_of_generation(first);

    // Released by hand: the late delete finds nobody there.
    world.run(release("eni-a", 1));
    assert_eq!(world.cause(late.clone()), Cause::NotAssigned);
    assert_eq!(world.unchanged(lenient.clone()).answer().to_string(), "");

    // Given to another interface.
    world.run(named("eni-b", 1));
    assert_eq!(world.cause(late.clone()), Cause::WrongOwner { by: eni("eni-b") });
    assert_eq!(world.unchanged(lenient.clone()).answer().to_string(), "");
    assert_eq!(world.addresses("eni-b"), "10.0.0.1");

    // Given to the same interface: no owner tells the two apart, but the generation does.
    world.run(release("eni-b", 1));
    let second = world.run(named("eni-a", 1)).revision();
    let error = world.refused(late);
    assert_eq!((error.code(), error.is_transient()), (523, false));
    assert_eq!(error.to_string(), "address 0 of the list, `10.0.0.1`, is of another generation, 9");
    assert_eq!(second, Revision::new(9));
    assert_eq!(world.unchanged(lenient).answer().to_string(), "");
    assert_eq!(world.addresses("eni-a"), "10.0.0.1");

    // Whoever means this one, and knows it, may release it.
    let known = world.engine.owner(vpc(), ip(1)).unwrap().generation;
    assert_eq!(known, second);
    let released = world.run(release("eni-a", 1).of_generation(known));
    assert_eq!(released.answer().to_string(), "10.0.0.1");
    world.end();
}

/// All or nothing holds for a list of which a part is stale, unless the caller takes the rest
#[test]
fn a_late_delete_of_several_takes_those_that_it_means() {
    let mut world = Controller::new(Quarantine::NONE);
    let first = world.run(any("eni-a", 3)).revision();
    world.run(release("eni-a", 2));
    world.run(named("eni-a", 2));
    let all = Unassign::new(eni("eni-a"), [ip(3), ip(2), ip(1), ip(6)]);
    let Error::Addresses(faults) = world.refused(all.clone().of_generation(first)) else {
        panic!("addresses")
    };
    let causes: Vec<_> = faults.iter().map(|fault| (fault.index, fault.cause)).collect();
    let stale = Cause::Stale { generation: Revision::new(7) };
    assert_eq!(causes, [(1, stale), (3, Cause::NotAssigned)]);

    let taken = world.run(all.clone().if_of_generation(first));
    assert_eq!(taken.answer().to_string(), "10.0.0.3,10.0.0.1");
    assert_eq!(world.addresses("eni-a"), "10.0.0.2");
    assert_eq!(world.unchanged(all.if_of_generation(first)).answer().count(), 0);
    world.end();
}

/// Every address is taken or has just been released: the caller is told when to come again
#[test]
fn a_full_subnet_that_only_rests_says_when_to_come_again() {
    let mut world = Controller::new(Quarantine::for_millis(60_000));
    world.run(any("eni-a", 6));
    world.at(2_000).run(release("eni-a", 4));
    world.at(3_000).run(release("eni-a", 2));
    let error = world.at(4_000).refused(any("eni-b", 1));
    assert_eq!((error.code(), error.is_transient()), (700, true));
    let Error::Exhausted { shortfall, .. } = error else { panic!("{error}") };
    assert_eq!((shortfall.wanted, shortfall.free, shortfall.assigned), (1, 0, 4));
    assert_eq!((shortfall.quarantined, shortfall.next), (2, Some(at(62_000))));
    let usage = world.usage();
    assert_eq!((usage.quarantined, usage.free, usage.assigned), (2, 0, 4));
    assert_eq!(world.cause(named("eni-b", 4)), Cause::Quarantined { until: at(62_000) });
    // It is nobody's: to release it again is to release a free one, and prolongs nothing.
    assert_eq!(world.cause(release("eni-a", 4)), Cause::NotAssigned);
    let resting = world.engine.quarantine(subnet(), Family::V4).unwrap();
    let resting: Vec<_> = resting.map(|rest| (rest.address, rest.until, rest.by)).collect();
    assert_eq!(resting.len(), 2);
    for rest in [(ip(4), at(62_000), eni("eni-a")), (ip(2), at(63_000), eni("eni-a"))] {
        assert!(resting.contains(&rest), "{resting:?}");
    }

    assert_eq!(world.engine.next_deadline(), Some(at(62_000)));
    assert_eq!(world.at(61_999).refused(any("eni-b", 1)).code(), 700);
    assert_eq!(world.at(62_000).run(any("eni-b", 1)).answer().to_string(), "10.0.0.4");
    assert_eq!(world.refused(any("eni-b", 1)).code(), 700);
    assert_eq!(world.at(63_000).run(any("eni-b", 1)).answer().to_string(), "10.0.0.2");
    assert_eq!(world.engine.next_deadline(), None);
    world.end();
}

/// Better a warm address than none: where the subnet says so, the longest rested are taken at last
#[test]
fn a_full_subnet_that_only_rests_may_give_the_longest_rested() {
    let quarantine = Quarantine { when_exhausted: true, ..Quarantine::for_millis(60_000) };
    let mut world = Controller::new(quarantine);
    world.run(any("eni-a", 5));
    world.at(2_000).run(release("eni-a", 4));
    world.at(3_000).run(release("eni-a", 2));
    // One that has rested least, and one that its caller wanted to rest long.
    world.run(release("eni-a", 1).rest(Rest::for_millis(90_000).because("scan".parse().unwrap())));
    world.at(4_000).run(release("eni-a", 5));

    // While another is free, none is woken.
    assert_eq!(world.run(any("eni-b", 1)).answer().to_string(), "10.0.0.6");
    // Those that rest are of no help by name.
    assert_eq!(world.cause(named("eni-b", 4)), Cause::Quarantined { until: at(62_000) });
    let given = world.run(any("eni-b", 2));
    assert_eq!(given.answer().to_string(), "10.0.0.4,10.0.0.2");
    let [Change::RestEnded(RestEnded { subnet: of, addresses }), Change::Assigned(Assigned { .. })] =
        given.event().unwrap().changes()
    else {
        panic!("{given:?}")
    };
    assert_eq!((*of, addresses.to_string()), (subnet(), "10.0.0.4,10.0.0.2".into()));
    let error = world.refused(any("eni-b", 3));
    let Error::Exhausted { shortfall, .. } = error else { panic!("{error}") };
    assert_eq!((shortfall.free, shortfall.quarantined), (0, 2));
    assert_eq!(world.run(any("eni-b", 2)).answer().to_string(), "10.0.0.5,10.0.0.1");
    assert_eq!(world.usage().quarantined, 0);
    assert_eq!(world.engine.next_deadline(), None);
    world.end();
}

/// A stateful pod is deleted and made again under its name, within the rest of its address
#[test]
fn a_pod_of_the_same_name_takes_its_address_back() {
    let quarantine = Quarantine { take_back: true, ..Quarantine::for_millis(60_000) };
    let mut world = Controller::new(quarantine);
    let create = |id: &str| CreateInterface::new(eni(id), subnet());
    world.run(create("web-0").primary_v4(Primary::Named("10.0.0.5".parse().unwrap())));
    world.run(DeleteInterface::new(eni("web-0")));
    assert_eq!(world.usage().quarantined, 1);

    let other = create("web-1").primary_v4(Primary::Named("10.0.0.5".parse().unwrap()));
    assert_eq!(world.cause(other), Cause::Quarantined { until: at(61_000) });
    // Not by count, either: what is chosen is never resting.
    assert_eq!(world.run(any("eni-b", 5)).answer().to_string(), "10.0.0.1-10.0.0.4,10.0.0.6");
    assert_eq!(world.refused(any("eni-b", 1)).code(), 700);

    let again = create("web-0").primary_v4(Primary::Named("10.0.0.5".parse().unwrap()));
    let again = world.at(30_000).run(again);
    assert_eq!(again.answer().to_string(), "10.0.0.5");
    let ended = |change: &Change| matches!(change, Change::RestEnded(RestEnded { .. }));
    assert!(again.event().unwrap().changes().iter().any(ended));
    assert_eq!(primary_of(&world.engine, "web-0"), Some(ip(5)));
    assert_eq!(world.usage().quarantined, 0);
    world.end();
}

/// The primary is replaced, the old one kept, or released and at rest
#[test]
fn a_primary_is_replaced() {
    let quarantine = Quarantine { take_back: true, ..Quarantine::for_millis(60_000) };
    let mut world = Controller::new(quarantine);
    world.run(ReplacePrimary::with_any(eni("eni-a"), Family::V4));
    assert_eq!(primary_of(&world.engine, "eni-a"), Some(ip(1)), "the first that it has");

    // Kept, it is a secondary like any other.
    let kept = ReplacePrimary::with(eni("eni-a"), ip(3)).old(OldPrimary::Keep);
    let decision = world.run(kept.clone());
    assert_eq!(decision.answer().to_string(), "10.0.0.3");
    assert_eq!(decision.primary(), Some(ip(3)));
    assert_eq!(world.addresses("eni-a"), "10.0.0.1,10.0.0.3");
    assert_eq!(world.engine.owner(vpc(), ip(1)).unwrap().role, Role::Secondary);
    assert_eq!(world.unchanged(kept).answer().to_string(), "10.0.0.3");

    // Released, it rests; the new one may be a secondary that is there already.
    let back = world.run(ReplacePrimary::with(eni("eni-a"), ip(1)));
    assert_eq!(back.answer().to_string(), "10.0.0.1");
    assert_eq!(world.addresses("eni-a"), "10.0.0.1");
    assert_eq!(primary_of(&world.engine, "eni-a"), Some(ip(1)));
    let explained = world.engine.at(world.now).explain_address(vpc(), ip(3));
    assert_eq!(explained.causes, [Cause::Quarantined { until: at(61_000) }]);
    assert_eq!(explained.rest.map(|rest| rest.by), Some(eni("eni-a")));
    assert_eq!(
        world.cause(ReplacePrimary::with(eni("eni-b"), ip(3))),
        Cause::Quarantined { until: at(61_000) }
    );
    // Who had it last may name it.
    let again = world.run(ReplacePrimary::with(eni("eni-a"), ip(3)));
    assert_eq!(again.answer().to_string(), "10.0.0.3");
    assert_eq!(world.addresses("eni-a"), "10.0.0.3");

    // One that is chosen is never the one that is given up.
    let chosen = world.run(ReplacePrimary::with_any(eni("eni-a"), Family::V4));
    assert_eq!(chosen.answer().to_string(), "10.0.0.2");
    world.run(any("eni-b", 3));
    let error = world.refused(ReplacePrimary::with_any(eni("eni-a"), Family::V4));
    assert_eq!(error.code(), 700, "{error}");
    assert_eq!(primary_of(&world.engine, "eni-a"), Some(ip(2)));
    world.end();
}

/// What rests does not keep a subnet, and does not outlive it
#[test]
fn a_subnet_is_deleted_while_addresses_rest() {
    let mut world = Controller::new(Quarantine::for_millis(60_000));
    world.run(any("eni-a", 4));
    world.run(release("eni-a", 1));
    let delete = Command::from(DeleteSubnet::new(subnet()));
    for id in ["eni-a", "eni-b"] {
        assert_eq!(world.refused(delete.clone()).code(), 304);
        world.run(DeleteInterface::new(eni(id)));
    }
    assert_eq!(world.usage().quarantined, 4);
    assert_eq!(world.engine.next_deadline(), Some(at(61_000)));
    world.run(delete);
    assert_eq!(world.engine.next_deadline(), None);
    assert!(world.engine.quarantine(subnet(), Family::V4).is_none());

    // Another of the same name and CIDR knows nothing of it.
    let create = CreateSubnet::new(subnet(), vpc(), Profile::PLAIN);
    world.run(create.v4("10.0.0.0/29".parse().unwrap()));
    world.run(CreateInterface::new(eni("eni-c"), subnet()));
    assert_eq!(world.run(any("eni-c", 6)).answer().to_string(), "10.0.0.1-10.0.0.6");
    world.at(61_000).unchanged(Command::Sweep);
    world.end();
}

/// The system's clock steps back by an hour: nothing rests longer for it, and nothing wakes twice
#[test]
fn the_clock_goes_back() {
    let mut world = Controller::new(Quarantine::for_millis(60_000));
    world.at(3_600_000).run(any("eni-a", 6));
    world.at(1_000).run(release("eni-a", 1));
    let event: Event = serde_json::from_str(world.log.last().unwrap()).unwrap();
    assert_eq!(event.at(), at(3_600_000), "clamped to the event before");
    assert_eq!(world.cause(named("eni-b", 1)), Cause::Quarantined { until: at(3_660_000) });
    assert_eq!(world.at(0).cause(named("eni-b", 1)), Cause::Quarantined { until: at(3_660_000) });
    // A deadline of the caller's is judged by the clamped time too.
    let hold = Hold::until(at(3_600_000));
    let error = world.at(2_000).refused(any("eni-b", 1).hold(hold));
    let (deadline, now) = (at(3_600_000), at(3_600_000));
    assert_eq!(error, Error::DeadlinePassed { deadline, now });

    assert_eq!(world.at(3_660_000).run(named("eni-b", 1)).answer().to_string(), "10.0.0.1");
    world.at(5).run(release("eni-a", 2));
    assert_eq!(world.engine.clock(), at(3_660_000));
    assert_eq!(world.usage().quarantined, 1);
    assert_eq!(world.engine.next_deadline(), Some(at(3_720_000)));
    world.end();
}
