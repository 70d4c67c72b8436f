//! Decisions in flight, confirmed in groups, and dropped; ours alone

use std::hint::black_box;

use ipam_core::{
    Assign, Command, CreateInterface, Engine, InterfaceId, Pick, Pipeline, Ticket, Unassign,
};

use super::contender::NOW;
use super::large;
use super::world::{interface_id, subnet_id};
use crate::support::measure::{Work, timed};

/// Decisions in a chunk, a multiple of every group
const CHUNK: usize = 1024;

/// A /16 with a hundred interfaces, and the commands of a chunk: each assigned, then each released
fn start() -> (Engine, Vec<Command>) {
    let mut engine = large::bare();
    large::create_subnet(&mut engine, subnet_id(0), "10.0.0.0/16".parse().unwrap());
    large::create_interfaces(&mut engine, 100, 1);
    let half = 0..CHUNK / 2;
    let eni = |at: usize| -> InterfaceId { interface_id(at % 100) };
    let assign = half.clone().map(|at| Assign::new(eni(at), Pick::any(1)).into());
    let address =
        |at: usize| std::net::IpAddr::from([10, 0, ((at + 1) / 256) as u8, (at + 1) as u8]);
    let release = half.map(|at| Unassign::new(eni(at), [address(at)]).into());
    let commands = assign.chain(release).collect();
    (engine, commands)
}

/// Decided, and confirmed in groups of so many; per decision
pub(crate) fn groups(group: usize) -> Work {
    let (engine, commands) = start();
    let mut pipeline = Pipeline::new(engine);
    Box::new(move || {
        let sample = timed(CHUNK, || {
            for group in commands.chunks(group) {
                let mut last: Option<Ticket> = None;
                for command in group {
                    last = Some(pipeline.decide(NOW, command).unwrap().ticket);
                }
                black_box(pipeline.pending().count());
                pipeline.confirm(last.unwrap()).unwrap();
            }
        });
        assert_eq!(pipeline.head().digest(), pipeline.durable().digest());
        sample
    })
}

/// The same, one after the other; per decision
pub(crate) fn alone() -> Work {
    let (mut engine, commands) = start();
    Box::new(move || {
        timed(CHUNK, || {
            for command in &commands {
                let decision = engine.decide(NOW, command).unwrap();
                engine.apply(decision.event().unwrap()).unwrap();
            }
        })
    })
}

/// A subnet of this prefix with every address but one assigned, and an interface for the last
pub(crate) fn full(prefix: u8) -> Engine {
    let mut engine = large::bare();
    large::create_subnet(&mut engine, subnet_id(0), format!("10.0.0.0/{prefix}").parse().unwrap());
    let size = (1 << (32 - prefix)) - 2;
    large::create_interfaces(&mut engine, 1, 1);
    let all = Assign::new(interface_id(0), Pick::any(size - 1));
    large::give(&mut engine, &all.into());
    let last = CreateInterface::new(interface_id(1), subnet_id(0));
    large::give(&mut engine, &last.into());
    engine
}

/// One address is assigned, and its event cannot be stored; per decision dropped
pub(crate) fn dropped(engine: Engine) -> Work {
    let mut pipeline = Pipeline::new(engine);
    let assign = Assign::new(interface_id(1), Pick::any(1)).into();
    Box::new(move || {
        timed(1, || {
            pipeline.decide(NOW, &assign).unwrap();
            assert_eq!(pipeline.abort().len(), 1);
        })
    })
}
