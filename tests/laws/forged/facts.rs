//! What an engine says of its state

use ipam_core::{Assign, CreateInterface, Due, Engine, Family, Pick, Task, Timestamp};

/// Everything that it says at a time, but for revisions and what is named by them
pub(crate) fn facts(engine: &Engine, now: Timestamp, tasks: &[Task]) -> Vec<String> {
    let then = engine.at(now);
    let mut all =
        vec![format!("{} {:?} {:?}", engine.clock(), engine.next_deadline(), engine.limits())];
    for vpc in engine.vpcs() {
        all.push(format!("{vpc} {:?}", engine.vpc_cidrs(vpc)));
        for subnet in engine.subnets(vpc) {
            all.push(format!("{subnet} {:?}", engine.subnet(subnet)));
            all.push(format!("{:?}", engine.at(now).subnet_usage(subnet)));
            for family in Family::ALL {
                // What a policy keeps shows in what it would choose.
                let place = (engine.cursor(subnet, family), engine.draws(subnet, family));
                let mut all_free = engine.clone();
                let chooser = "chooser".parse().unwrap();
                let made = all_free.execute(now, &CreateInterface::new(chooser, subnet).into());
                let free =
                    engine.at(now).subnet_usage(subnet).and_then(|usage| usage.family(family));
                let count = free.map_or(1, |of| of.free).clamp(1, 20) as u32;
                let pick = Assign::new(chooser, Pick::any(count).family(family));
                let chosen = all_free.decide(now, &pick.into());
                let chosen = made.is_ok().then(|| chosen.map(|chosen| chosen.answer().to_string()));
                all.push(format!("{place:?} {chosen:?}"));
                let rests = engine.quarantine(subnet, family).into_iter().flatten();
                let rests = rests.map(|of| (of.address, of.until, of.by, of.reason));
                all.push(format!("resting {:?}", rests.collect::<Vec<_>>()));
                let free = engine.free_ranges(subnet, family).map(Vec::from_iter);
                all.push(format!("free {free:?}"));
                let reserved = engine.reservations(subnet, family).map(Vec::from_iter);
                all.push(format!("reserved {reserved:?}"));
            }
        }
        for interface in engine.interfaces(vpc) {
            all.push(format!("{interface} {:?}", engine.interface(interface)));
            let has = engine.addresses(interface).into_iter().flatten();
            let has = has.map(|of| (of.address, of.subnet, of.role, of.held));
            all.push(format!("has {:?}", has.collect::<Vec<_>>()));
            let open = then.tasks_of_interface(interface);
            let open = open.map(|of| (of.addresses, of.state));
            all.push(format!("tasks {:?}", open.collect::<Vec<_>>()));
        }
    }
    for &task in tasks {
        let known = engine.at(now).task(task);
        let known = known
            .map(|of| (of.interface, of.subnet, of.addresses, of.beside, of.state, of.request));
        all.push(format!("{known:?}"));
    }
    for due in engine.at(now).due() {
        all.push(match due {
            Due::Expired { at, interface, lost, .. } => format!("{at} {interface} {lost}"),
            rested => format!("{rested:?}"),
        });
    }
    all
}
