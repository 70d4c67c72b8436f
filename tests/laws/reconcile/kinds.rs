//! Each kind of difference, and what a plan makes of it

use ipam_core::reconcile::*;
use ipam_core::*;

use super::network::*;

fn told(all: &[Difference]) -> Vec<String> {
    let json = serde_json::to_string(all).unwrap();
    assert_eq!(serde_json::from_str::<Vec<Difference>>(&json).unwrap(), all);
    all.iter().map(ToString::to_string).collect()
}

fn see(interface: &str, address: &str) -> Seen {
    Seen::new(eni(interface), ip(address))
}

fn assign(engine: &mut Engine, interface: &str, addresses: &[&str]) {
    let list = addresses.iter().map(|of| ip(of));
    run(engine, 0, Assign::new(eni(interface), Pick::these(list)));
}

fn plan_now(engine: &Engine, observed: &Observed) -> Plan {
    let plan = plan(engine, at(0), observed, &Terms::network(), &mut Sightings::new());
    let json = serde_json::to_string(&plan).unwrap();
    assert_eq!(serde_json::from_str::<Plan>(&json).unwrap(), plan);
    plan
}

#[test]
fn where_nothing_differs_nothing_is_done() {
    let mut engine = engine();
    assign(&mut engine, "eni-1", &["10.0.0.4", "10.0.0.5"]);
    let observed = observed(&network_of(&engine));
    assert_eq!(differences(&engine, at(0), &observed), []);
    let mut sightings = Sightings::new();
    assert_eq!(plan(&engine, at(0), &observed, &Terms::network(), &mut sightings), Plan::default());
    assert!(sightings.is_empty());
}

#[test]
fn foreign_addresses_say_how_they_stand() {
    let mut engine = engine();
    assign(&mut engine, "eni-1", &["10.0.0.6"]);
    run(&mut engine, 0, Unassign::new(eni("eni-1"), [ip("10.0.0.6")]));
    let seen = ["10.0.0.0", "10.0.0.5", "10.0.0.6", "10.9.9.9"].map(|of| see("eni-2", of));
    let observed = Observed::in_vpc(vpc(), seen);
    let found = told(&differences(&engine, at(0), &observed));
    let expected = [
        "`10.0.0.0` was seen on interface `eni-2`, and is the network address",
        "`10.0.0.5` was seen on interface `eni-2`, and is free",
        "`10.0.0.6` was seen on interface `eni-2`, and rests until 1000 ms",
        "`10.9.9.9` was seen on interface `eni-2`, and lies in no subnet",
    ];
    assert_eq!(found[..2], expected[..2]);
    assert!(found[2].starts_with("`10.0.0.6` was seen on interface `eni-2`, and rests until"));
    assert_eq!(found[3], expected[3]);
    let plan = plan_now(&engine, &observed);
    assert_eq!((plan.steps.len(), plan.unresolved.len()), (3, 1));
    assert_eq!(carry_out(&mut engine, 0, &plan), (0, 0));
    let left = differences(&engine, at(0), &observed);
    assert_eq!(left, plan.unresolved);
}

#[test]
fn a_wrong_owner_is_moved_in_one_event_whatever_its_home_and_role() {
    let mut engine = engine();
    let pick = Pick::these([Wanted::primary(ip("10.0.0.4"))]);
    run(&mut engine, 0, Assign::new(eni("eni-1"), pick));
    let observed = Observed::in_vpc(vpc(), [Seen::primary(eni("eni-3"), ip("10.0.0.4"))]);
    let found = told(&differences(&engine, at(0), &observed));
    assert_eq!(found, ["`10.0.0.4` was seen on interface `eni-3`, and is assigned to `eni-1`"]);
    let plan = plan_now(&engine, &observed);
    assert_eq!((plan.steps.len(), plan.steps[0].commands.len()), (1, 2));
    assert_eq!(carry_out(&mut engine, 0, &plan), (1, 0));
    let holder = engine.owner(vpc(), ip("10.0.0.4")).unwrap();
    assert_eq!((holder.interface, holder.role), (eni("eni-3"), Role::Primary));
}

#[test]
fn of_two_roles_that_are_swapped_one_step_mends_both() {
    let mut engine = engine();
    let pick = Pick::these([Wanted::primary(ip("10.0.0.4")), ip("10.0.0.5").into()]);
    run(&mut engine, 0, Assign::new(eni("eni-1"), pick));
    let mut network = network_of(&engine);
    network.insert(ip("10.0.0.4"), (eni("eni-1"), false));
    // No primary was seen: nothing says which one it is.
    let plan = plan_now(&engine, &observed(&network));
    assert_eq!((plan.steps.len(), plan.unresolved.len()), (0, 1));
    network.insert(ip("10.0.0.5"), (eni("eni-1"), true));
    let found = told(&differences(&engine, at(0), &observed(&network)));
    assert_eq!(
        found,
        [
            "`10.0.0.4` was seen as a secondary address of interface `eni-1`, and is the primary one",
            "`10.0.0.5` was seen as the primary address of interface `eni-1`, and is a secondary one",
        ]
    );
    let plan = plan_now(&engine, &observed(&network));
    assert_eq!((plan.steps.len(), plan.implied.len(), plan.left().count()), (1, 1, 0));
    assert_eq!(carry_out(&mut engine, 0, &plan), (0, 0));
    assert_eq!(network_of(&engine), network);
    // Two primaries of one interface say nothing.
    network.insert(ip("10.0.0.4"), (eni("eni-1"), true));
    assert_eq!(differences(&engine, at(0), &observed(&network)), []);
}

#[test]
fn holds_are_what_they_are() {
    let mut engine = engine();
    let hold = Hold::until(at(100)).then_unknown();
    let ask = Assign::new(eni("eni-1"), Pick::any(2)).hold(hold);
    let task = run(&mut engine, 0, ask).task().unwrap();
    // Not seen: not missing.
    let none = Observed::in_vpc(vpc(), []);
    assert_eq!(differences(&engine, at(0), &none), []);
    assert_eq!(differences(&engine, at(200), &none), []);
    // One of two was seen: it may still come to succeed, until its time is up.
    let one = Observed::in_vpc(vpc(), [see("eni-1", "10.0.0.2")]);
    let plan = plan_now(&engine, &one);
    assert_eq!((plan.steps.len(), plan.waiting.len()), (0, 1));
    assert!(told(&plan.waiting)[0].ends_with("and `10.0.0.1` was not"));
    let terms = Terms::network();
    let late = reconcile::plan(&engine, at(200), &one, &terms, &mut Sightings::new());
    let resolve = Command::from(Resolve::new(task, [ip("10.0.0.2")]));
    assert_eq!(late.steps[0].commands, [resolve]);
    let capped = terms.removals(0);
    let late = reconcile::plan(&engine, at(200), &one, &capped, &mut Sightings::new());
    assert_eq!((late.steps.len(), late.postponed.len()), (0, 1));
    // Both were seen: it has happened, and nobody needs to see it twice.
    let both = Observed::in_vpc(vpc(), ["10.0.0.2", "10.0.0.1"].map(|of| see("eni-1", of)));
    let slow = terms.debounce(Debounce::times(9)).removals(0);
    let done = reconcile::plan(&engine, at(0), &both, &slow, &mut Sightings::new());
    assert_eq!(done.steps[0].commands, [Confirm::new(task).into()]);
    // Seen elsewhere: a hold is to be ended first.
    let other = Observed::in_vpc(vpc(), [see("eni-2", "10.0.0.1")]);
    let plan = plan_now(&engine, &other);
    assert_eq!((plan.steps.len(), plan.unresolved.len()), (0, 1));
}

#[test]
fn strangers_and_doubles_are_told_and_left() {
    let mut engine = engine();
    assign(&mut engine, "eni-1", &["10.0.0.4", "10.0.0.5"]);
    let seen = [see("eni-1", "10.0.0.4"), see("eni-2", "10.0.0.4"), see("who", "10.0.0.5")];
    let observed = Observed::in_vpc(vpc(), seen);
    let found = told(&differences(&engine, at(0), &observed));
    assert_eq!(
        found,
        [
            "`10.0.0.4` was seen on 2 interfaces",
            "`10.0.0.5` was seen on interface `who`, which is not known, and is assigned to `eni-1`",
        ]
    );
    assert_eq!(plan_now(&engine, &observed).unresolved.len(), 2);
}

#[test]
fn only_what_was_looked_at_can_be_missing_or_moved() {
    let mut engine = engine();
    assign(&mut engine, "eni-1", &["10.0.0.4", "10.0.0.5"]);
    run(&mut engine, 0, Assign::new(eni("eni-2"), Pick::any(1)).from_subnet(subnet("b")));
    let look = |scope| Observed::in_vpc(vpc(), [see("eni-3", "10.0.0.5")]).within(scope);
    let count = |scope| differences(&engine, at(0), &look(scope)).len();
    assert_eq!(count(Scope::Vpc), 3);
    assert_eq!(count(Scope::Subnets(vec![subnet("b")])), 2);
    assert_eq!(count(Scope::Interfaces(vec![eni("eni-3"), eni("none")])), 1);
    // Whether eni-1 still has it was not looked at.
    let plan = plan_now(&engine, &look(Scope::Interfaces(vec![eni("eni-3")])));
    assert_eq!((plan.steps.len(), plan.unresolved.len()), (0, 1));
}

#[test]
fn what_happened_after_the_look_began_is_no_difference() {
    let mut engine = engine();
    assign(&mut engine, "eni-1", &["10.0.0.4", "10.0.0.6"]);
    let before = engine.revision();
    let look = || Observed::in_vpc(vpc(), ["10.0.0.4", "10.0.0.6"].map(|of| see("eni-1", of)));
    assign(&mut engine, "eni-1", &["10.0.0.5"]);
    run(&mut engine, 0, Unassign::new(eni("eni-1"), [ip("10.0.0.4")]));
    run(&mut engine, 0, Move::new(eni("eni-1"), eni("eni-2"), [ip("10.0.0.6")]));
    assert_eq!(differences(&engine, at(0), &look()).len(), 3);
    assert_eq!(differences(&engine, at(0), &look().as_of(before)), []);
}

#[test]
fn a_primary_that_the_profile_keeps_is_left() {
    let mut engine = engine();
    let mut profile = Profile::PLAIN;
    profile.unassign_primary = false;
    let create =
        CreateSubnet::new(subnet("c"), vpc(), profile).cidr("10.0.2.0/28".parse().unwrap());
    run(&mut engine, 0, create);
    let create = CreateInterface::new(eni("eni-4"), subnet("c")).primary_v4(Primary::Chosen);
    run(&mut engine, 0, create);
    let plan = plan_now(&engine, &Observed::in_vpc(vpc(), []));
    assert_eq!((plan.steps.len(), plan.unresolved.len()), (0, 1));
}
