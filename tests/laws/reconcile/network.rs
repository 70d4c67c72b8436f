//! A small VPC, and what its network is like

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipam_core::reconcile::{Observed, Plan, Seen};
use ipam_core::*;

pub(crate) fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis)
}

pub(crate) fn vpc() -> VpcId {
    "vpc".parse().unwrap()
}

pub(crate) fn subnet(id: &str) -> SubnetId {
    id.parse().unwrap()
}

pub(crate) fn eni(id: &str) -> InterfaceId {
    id.parse().unwrap()
}

pub(crate) fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

/// `a` 10.0.0.0/28 and `b` 10.0.1.0/28; `eni-1` and `eni-2` at home in `a`, `eni-3` in `b`
pub(crate) fn engine() -> Engine {
    let mut engine = Engine::new();
    let profile = Profile::PLAIN.quarantine(Quarantine::for_millis(1_000));
    let mut commands = vec![Command::from(CreateVpc::new(vpc()))];
    for (id, cidr) in [("a", "10.0.0.0/28"), ("b", "10.0.1.0/28")] {
        let create = CreateSubnet::new(subnet(id), vpc(), profile).cidr(cidr.parse().unwrap());
        commands.push(create.into());
    }
    for (id, home) in [("eni-1", "a"), ("eni-2", "a"), ("eni-3", "b")] {
        commands.push(CreateInterface::new(eni(id), subnet(home)).into());
    }
    commands.iter().for_each(|command| drop(run(&mut engine, 0, command.clone())));
    engine
}

pub(crate) fn run(engine: &mut Engine, now: u64, command: impl Into<Command>) -> Decision {
    let command = command.into();
    engine.execute(at(now), &command).unwrap_or_else(|error| panic!("{command:?}: {error}"))
}

/// Who has each address in the network, and whether as its primary
pub(crate) type Network = BTreeMap<IpAddr, (InterfaceId, bool)>;

pub(crate) fn observed(network: &Network) -> Observed {
    Observed::in_vpc(
        vpc(),
        network.iter().map(|(&address, &(interface, primary))| match primary {
            true => Seen::primary(interface, address),
            false => Seen::secondary(interface, address),
        }),
    )
}

/// What the engine says of all interfaces
pub(crate) fn network_of(engine: &Engine) -> Network {
    let all = engine.interfaces(vpc()).flat_map(|id| {
        let has = engine.addresses(id).unwrap().filter(|of| !of.held);
        has.map(move |of| (of.address, (id, of.role == Role::Primary))).collect::<Vec<_>>()
    });
    all.collect()
}

/// Carries a plan out step by step; how many addresses interfaces lost, and how many steps were refused
pub(crate) fn carry_out(engine: &mut Engine, now: u64, plan: &Plan) -> (usize, usize) {
    let (mut lost, mut refused) = (0, 0);
    for step in &plan.steps {
        let before = network_of(engine);
        match engine.decide_all(at(now), &step.commands) {
            Ok(decision) => {
                if let Some(event) = decision.event() {
                    engine.apply(event).unwrap();
                }
            }
            Err(_) => refused += 1,
        }
        engine.check().unwrap();
        let after = network_of(engine);
        let gone = |(at, of): &(&IpAddr, &(InterfaceId, bool))| {
            after.get(*at).is_none_or(|now| now.0 != of.0)
        };
        lost += before.iter().filter(gone).count();
    }
    (lost, refused)
}
