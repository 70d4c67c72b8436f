//! Rounds: debounce, caps, late plans

use ipam_core::reconcile::*;
use ipam_core::*;

use super::network::*;

fn full() -> Engine {
    let mut engine = engine();
    run(&mut engine, 0, Assign::new(eni("eni-1"), Pick::any(10)));
    engine
}

#[test]
fn a_difference_counts_once_it_was_seen_often_or_long_enough() {
    let engine = full();
    let nothing = Observed::in_vpc(vpc(), []);
    let all = observed(&network_of(&engine));
    let terms = Terms::network().debounce(Debounce::times(3).or_millis(1_000));
    let mut sightings = Sightings::new();
    let mut steps = |now, observed: &Observed| {
        let plan = plan(&engine, at(now), observed, &terms, &mut sightings);
        // The memory is data: it can be stored from round to round.
        let json = serde_json::to_string(&sightings).unwrap();
        sightings = serde_json::from_str(&json).unwrap();
        assert_eq!(plan.steps.len() + plan.waiting.len(), sightings.len());
        plan.steps.len()
    };
    assert_eq!([steps(0, &nothing), steps(1, &nothing), steps(2, &nothing)], [0, 0, 10]);
    assert_eq!(steps(3, &all), 0, "a round without it");
    assert_eq!([steps(4, &nothing), steps(5, &nothing)], [0, 0], "begins anew");
    assert_eq!(steps(6, &all), 0);
    assert_eq!([steps(7, &nothing), steps(1_007, &nothing)], [0, 10], "long enough");
}

#[test]
fn another_generation_is_another_difference() {
    let mut engine = full();
    let nothing = Observed::in_vpc(vpc(), []);
    let terms = Terms::network().debounce(Debounce::times(2));
    let mut sightings = Sightings::new();
    assert_eq!(plan(&engine, at(0), &nothing, &terms, &mut sightings).steps.len(), 0);
    let gone = [ip("10.0.0.3")];
    run(&mut engine, 0, Unassign::new(eni("eni-1"), gone).rest(Rest::for_millis(0)));
    run(&mut engine, 0, Assign::new(eni("eni-1"), Pick::these(gone)));
    let plan = plan(&engine, at(0), &nothing, &terms, &mut sightings);
    assert_eq!((plan.steps.len(), plan.waiting.len()), (9, 1));
}

/// An overdue hold of 10.0.0.4 to 10.0.0.6, and what rounds that see these of them come to
fn rounds_of_a_hold(rounds: &[&[&str]]) -> Vec<Vec<Command>> {
    let mut engine = engine();
    let pick = Pick::these(["10.0.0.4", "10.0.0.5", "10.0.0.6"].map(ip));
    let hold = Hold::until(at(100)).then_unknown();
    run(&mut engine, 0, Assign::new(eni("eni-1"), pick).hold(hold));
    let terms = Terms::network().debounce(Debounce::times(2));
    let mut sightings = Sightings::new();
    let of_round = |seen: &&[&str]| {
        let seen = seen.iter().map(|of| Seen::new(eni("eni-1"), ip(of)));
        let plan = plan(&engine, at(200), &Observed::in_vpc(vpc(), seen), &terms, &mut sightings);
        assert_eq!(plan.steps.len() + plan.waiting.len(), 1);
        plan.steps.into_iter().flat_map(|step| step.commands).collect()
    };
    rounds.iter().map(of_round).collect()
}

#[test]
fn a_hold_counts_whichever_of_its_addresses_is_seen_first() {
    let made = rounds_of_a_hold(&[&["10.0.0.5"], &["10.0.0.4", "10.0.0.5"]]);
    let task = Task::new(Revision::new(7), 0);
    let resolve = Resolve::new(task, ["10.0.0.4", "10.0.0.5"].map(ip));
    assert_eq!(made, [vec![], vec![resolve.into()]]);
}

#[test]
fn no_address_of_a_hold_is_lost_that_was_seen_a_round_ago() {
    let made = rounds_of_a_hold(&[&["10.0.0.4", "10.0.0.5"], &["10.0.0.4"], &["10.0.0.4"]]);
    let resolve = Resolve::new(Task::new(Revision::new(7), 0), [ip("10.0.0.4")]);
    assert_eq!(made, [vec![], vec![], vec![resolve.into()]]);
}

#[test]
fn a_round_takes_no_more_than_it_may() {
    let engine = full();
    let nothing = Observed::in_vpc(vpc(), []);
    let steps = |terms: Terms| {
        let plan = plan(&engine, at(0), &nothing, &terms, &mut Sightings::new());
        assert_eq!(plan.steps.len() + plan.postponed.len(), 10);
        plan.steps.len()
    };
    let terms = Terms::network();
    assert_eq!(steps(terms), 10);
    assert_eq!([0, 3, 99].map(|cap| steps(terms.removals(cap))), [0, 3, 10]);
    let shares = [0, 1, 100, 101, 1_000, u32::MAX];
    assert_eq!(shares.map(|of| steps(terms.removals_per_mille(of))), [0, 1, 1, 2, 10, 10]);
    assert_eq!(steps(terms.removals(3).removals_per_mille(200)), 2, "the smaller");
    // What is adopted takes nothing.
    let seen = (1..5).map(|last| Seen::new(eni("eni-3"), [10, 0, 1, last].into()));
    let observed = Observed::in_vpc(vpc(), seen).within(Scope::Interfaces(vec![eni("eni-3")]));
    let plan = plan(&engine, at(0), &observed, &terms.removals(0), &mut Sightings::new());
    assert_eq!(plan.steps.len(), 4);
}

#[test]
fn a_plan_that_comes_late_releases_nothing_that_was_assigned_since() {
    let mut engine = full();
    let nothing = Observed::in_vpc(vpc(), []);
    let late = plan(&engine, at(0), &nothing, &Terms::network(), &mut Sightings::new());
    let all: Vec<_> = network_of(&engine).into_keys().collect();
    run(&mut engine, 0, Unassign::new(eni("eni-1"), all.clone()).rest(Rest::for_millis(0)));
    run(&mut engine, 0, Assign::new(eni("eni-2"), Pick::these(all[..5].to_vec())));
    run(&mut engine, 0, Assign::new(eni("eni-1"), Pick::these(all[5..].to_vec())));
    let before = engine.clone();
    assert_eq!(carry_out(&mut engine, 0, &late), (0, 0));
    assert_eq!(engine, before);
}

#[test]
fn to_trust_the_engine_is_to_tell_and_do_nothing() {
    let engine = full();
    let seen = [("eni-2", "10.0.0.1"), ("eni-2", "10.0.0.12")];
    let seen = seen.map(|(id, of)| Seen::new(eni(id), ip(of)));
    let observed = Observed::in_vpc(vpc(), seen);
    let mut sightings = Sightings::new();
    let plan = plan(&engine, at(0), &observed, &Terms::engine(), &mut sightings);
    assert_eq!((plan.steps.len(), plan.network.len()), (0, 11));
    assert_eq!(plan.network, differences(&engine, at(0), &observed));
    let read: Terms = serde_json::from_str(r#"{"missing":"Network","cap":{"count":5}}"#).unwrap();
    assert_eq!((read.missing, read.foreign), (Trust::Network, Trust::Engine));
    assert_eq!(read.cap.count, Some(5));
}
