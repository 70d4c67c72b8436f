//! A controller that lost an hour of events

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipam_core::reconcile::{Debounce, Observed, Seen, Sightings, Terms, plan};
use ipam_core::*;

use super::controller::{Controller, at, eni, ip, vpc};

const MINUTE: u64 = 60_000;
/// What one round may take from interfaces
const CAP: u32 = 2;

/// Who has what in the cloud
type Cloud = BTreeMap<IpAddr, &'static str>;

fn look(cloud: &Cloud, engine: &Engine) -> Observed {
    let seen = cloud.iter().map(|(&address, id)| Seen::new(eni(id), address));
    Observed::in_vpc(vpc(), seen).as_of(engine.revision())
}

/// Somebody else released, moved and assigned addresses by hand, and none of it was told. Then the controller
/// looks every ten minutes. The first look is a bad one: the cloud's API answers with half of what there is.
#[test]
fn a_controller_that_lost_an_hour_of_events_converges() {
    let mut controller = Controller::new(Quarantine::for_millis(MINUTE));
    let list = |all: &[u8]| Pick::these(all.iter().map(|&of| ip(of)));
    controller.run(Assign::new(eni("eni-a"), list(&[1, 2, 3, 4])));
    controller.run(Assign::new(eni("eni-b"), list(&[5])));
    let held = Hold::until(at(120 * MINUTE)).then_unknown().kept_until(at(999 * MINUTE));
    let asked = Assign::new(eni("eni-b"), list(&[6])).hold(held);
    let task = controller.run(asked).task().unwrap();

    // The lost hour: 1, 2 and 3 are gone from eni-a, 4 went to eni-b, which lost 5, got what it awaits, and was
    // given the network address by hand.
    let cloud = Cloud::from([(ip(4), "eni-b"), (ip(6), "eni-b"), (ip(0), "eni-b")]);
    let half = Cloud::new();

    let terms = Terms::network().debounce(Debounce::times(2)).removals(CAP);
    let mut sightings = Sightings::new();
    let mut rounds = Vec::new();
    for round in 0..8u64 {
        controller.at(MINUTE * (60 + 10 * round));
        let seen = if round == 0 { &half } else { &cloud };
        let observed = look(seen, &controller.engine);
        let plan = plan(&controller.engine, controller.now, &observed, &terms, &mut sightings);
        let mut taken = 0;
        for step in &plan.steps {
            let before = controller.engine.clone();
            let decision = controller.engine.decide_all(controller.now, &step.commands).unwrap();
            let event = decision.event().unwrap();
            controller.log.push(serde_json::to_string(event).unwrap());
            controller.engine.apply(event).unwrap();
            controller.engine.check().unwrap();
            for last in 0..8 {
                let owner = |engine: &Engine| engine.owner(vpc(), ip(last)).map(|of| of.interface);
                let (had, has) = (owner(&before), owner(&controller.engine));
                if had.is_some() && had != has {
                    taken += 1;
                    assert_ne!(had, cloud.get(&ip(last)).map(|id| eni(id)), "{last} is live");
                }
            }
        }
        assert!(taken <= CAP, "{taken} in round {round}");
        let (waiting, postponed) = (plan.waiting.len(), plan.postponed.len());
        rounds.push((plan.steps.len(), taken, waiting, postponed));
    }
    assert_eq!(
        rounds,
        [
            // The bad look: all five are missing, and nothing comes of it.
            (0, 0, 5, 0),
            // What is awaited was seen. 1, 2, 3 and 5 were missing twice: two of them go. That 4 went to eni-b,
            // and the network address, were seen for the first time.
            (3, 2, 2, 2),
            // The network address is adopted, 3 goes, and 4 moves; 5 would be one too many.
            (3, 2, 0, 1),
            (1, 1, 0, 0),
            (0, 0, 0, 0),
            (0, 0, 0, 0),
            (0, 0, 0, 0),
            (0, 0, 0, 0),
        ]
    );
    assert_eq!(controller.state(task), Some(TaskState::Succeeded));
    let has = ["eni-a", "eni-b"].map(|id| controller.addresses(id));
    assert_eq!(has, ["", "10.0.0.6,10.0.0.0,10.0.0.4"].map(str::to_owned));
    controller.end();
}

/// A plan that is carried out an hour late, on an engine that has moved on, frees nothing that is live
#[test]
fn a_plan_of_an_hour_ago_frees_no_live_address() {
    let mut controller = Controller::new(Quarantine::NONE);
    controller.run(Assign::new(eni("eni-a"), Pick::any(3)));
    let nothing = look(&Cloud::new(), &controller.engine);
    let terms = Terms::network();
    let stale = plan(&controller.engine, controller.now, &nothing, &terms, &mut Sightings::new());
    assert_eq!(stale.steps.len(), 3);
    // Meanwhile 1 is released and given to eni-b, and 2 is released and given to eni-a again.
    controller.run(Unassign::new(eni("eni-a"), [ip(1), ip(2)]));
    controller.run(Assign::new(eni("eni-b"), Pick::any(1)));
    controller.run(Assign::new(eni("eni-a"), Pick::any(1)));
    controller.at(61 * MINUTE);
    for step in &stale.steps {
        step.commands.iter().for_each(|command| drop(controller.run(command.clone())));
    }
    let has = ["eni-a", "eni-b"].map(|id| controller.addresses(id));
    assert_eq!(has, ["10.0.0.2", "10.0.0.1"].map(str::to_owned));
    controller.end();
}
