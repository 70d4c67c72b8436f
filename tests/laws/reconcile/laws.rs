//! Whatever the engine and the network hold, rounds converge, and do no harm

use std::net::IpAddr;

use ipam_core::reconcile::*;
use ipam_core::*;
use proptest::collection::vec;
use proptest::prelude::*;

use super::network::*;
use crate::config;

const INTERFACES: [&str; 4] = ["eni-1", "eni-2", "eni-3", "who"];

/// An address of either subnet, withheld ones among them, or of none
fn address(choice: u8) -> IpAddr {
    IpAddr::from([10, 0, choice / 16 % 3, choice % 16])
}

proptest! {
    #![proptest_config(config(300))]

    #[test]
    fn rounds_converge_within_their_cap_and_release_nothing_that_is_there(
        assigned in vec((0..3usize, any::<u8>(), any::<bool>(), 0..4u8), 0..24),
        network in vec((0..4usize, any::<u8>(), any::<bool>()), 0..24),
        cap in 1..4u32,
        times in 0..3u32,
    ) {
        let mut engine = engine();
        for (id, choice, primary, kind) in assigned {
            let (id, address) = (eni(INTERFACES[id]), address(choice));
            let wanted = Wanted { address, primary };
            // Refused where somebody has it, or it lies elsewhere.
            let _ = match kind {
                0 => {
                    let hold = Hold::until(at(50)).then_unknown().kept_until(at(1_000_000));
                    let pick = Pick::these([address]);
                    engine.execute(at(0), &Assign::new(id, pick).hold(hold).into())
                }
                _ => engine.execute(at(0), &Adopt::new(id, [wanted]).into()),
            };
        }
        let network: Network = network
            .into_iter()
            .map(|(id, choice, primary)| (address(choice), (eni(INTERFACES[id]), primary)))
            .collect();
        let observed = observed(&network);
        let terms = Terms::network().debounce(Debounce::times(times)).removals(cap);
        let mut sightings = Sightings::new();
        let mut now = 0;
        let mut left = None;
        for round in 0..120 {
            now += 10;
            let all = differences(&engine, at(now), &observed);
            let before = network_of(&engine);
            let plan = plan(&engine, at(now), &observed, &terms, &mut sightings);
            let lists = plan.steps.len() + plan.implied.len() + plan.left().count();
            prop_assert_eq!(lists, all.len(), "each difference is in one list");
            let (lost, refused) = carry_out(&mut engine, now, &plan);
            prop_assert_eq!(refused, 0);
            prop_assert!(lost <= cap as usize, "{} lost in one round", lost);
            let after = network_of(&engine);
            for (address, (interface, _)) in &network {
                if before.get(address).is_some_and(|of| of.0 == *interface) {
                    let kept = after.get(address).is_some_and(|of| of.0 == *interface);
                    prop_assert!(kept, "{} was there, and taken from {}", address, interface);
                }
            }
            if plan.steps.is_empty() && plan.waiting.is_empty() {
                prop_assert!(plan.postponed.is_empty());
                left = Some((round, plan));
                break;
            }
        }
        let Some((_, plan)) = left else { panic!("no end of rounds") };
        for difference in &plan.unresolved {
            let unresolvable = match difference {
                Difference::Stranger { .. } => true,
                Difference::Foreign { standing, .. } => *standing == Standing::Outside,
                Difference::WrongOwner { held, .. } => *held,
                Difference::WrongRole { seen, .. } => *seen == Role::Secondary,
                _ => false,
            };
            prop_assert!(unresolvable, "{:?} could be ended", difference);
        }
        prop_assert_eq!(plan.left().count(), plan.unresolved.len());
        // What a known interface was seen to have, it has, unless it is held for another.
        for (address, (interface, _)) in network {
            let located = engine.at(at(now)).explain_address(vpc(), address);
            let held = located.holder.is_some_and(|of| of.held);
            if engine.interface(interface).is_some() && located.subnet.is_some() && !held {
                prop_assert_eq!(located.holder.map(|of| of.interface), Some(interface));
            }
        }
    }
}
