//! What an engine says of itself, as JSON

use std::collections::BTreeMap;

use ipam_core::{Engine, Family, Task};
use serde_json::{Value, json};

use super::history;

/// Everything that can be asked, but for tokens
pub(crate) fn facts(engine: &Engine) -> Value {
    let now = engine.clock();
    let (mut vpcs, mut subnets, mut interfaces) =
        (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    for vpc in engine.vpcs() {
        vpcs.insert(vpc, json!(engine.vpc_cidrs(vpc)));
        for subnet in engine.subnets(vpc) {
            let reserved = Family::ALL.map(|family| {
                let ranges = engine.reservations(subnet, family);
                ranges.map(|ranges| ranges.collect::<Vec<_>>())
            });
            let resting = Family::ALL.map(|family| {
                let rests = engine.quarantine(subnet, family);
                rests.map(|rests| rests.collect::<Vec<_>>())
            });
            let info = engine.subnet(subnet);
            subnets.insert(subnet, json!({"info": info, "reserved": reserved, "resting": resting}));
        }
        for interface in engine.interfaces(vpc) {
            let has: Vec<_> = engine.addresses(interface).unwrap().collect();
            let info = engine.interface(interface);
            let prefixes: Vec<_> = engine.prefixes(interface).unwrap().collect();
            let all = json!({"info": info, "addresses": has, "prefixes": prefixes});
            interfaces.insert(interface, all);
        }
    }
    let tasks = history::tasks().into_iter().filter_map(|task: Task| engine.at(now).task(task));
    json!({
        "revision": engine.revision(),
        "clock": now,
        "digest": format!("{:016x}", engine.digest()),
        "limits": engine.limits(),
        "vpcs": vpcs,
        "subnets": subnets,
        "interfaces": interfaces,
        "tasks": tasks.collect::<Vec<_>>(),
        "tokens": ["token-1", "token-2", "token-3"],
    })
}
