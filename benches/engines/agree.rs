//! The two engines must agree before either is timed

use std::net::{IpAddr, Ipv4Addr};

use ipam_core::{
    AddrRange, Assign, Command, Engine, Error, Family, InterfaceId, Pick, ReserveRange, Unassign,
};

use super::contender::{Contender, NOW};
use super::world::{Step, World};
use crate::plain::{Plain, Refusal};

/// The commands of a step
pub(crate) fn commands(world: &World, step: Step) -> [Command; 2] {
    [
        Unassign::new(world.interfaces[step.from], [step.address]).into(),
        Assign::new(world.interfaces[step.to], Pick::any(1)).into(),
    ]
}

/// Stops the benchmark unless both engines, by both paths, choose the same addresses for the same
/// steps, and then for batches and lists; refuse the same; and end with the same history
pub(crate) fn agree(world: &World, count: usize) {
    let (steps, chosen) = world.steps(count);
    let (mut ours, mut plain) = (Engine::set_up(world), Plain::set_up(world));
    let (mut ours_applied, mut plain_applied) = (ours.clone(), plain.clone());
    let mut all = |command: &Command, expected: Option<Result<u64, u16>>| {
        let answer = Contender::execute(&mut ours, command);
        assert_eq!(answer, expected.unwrap_or(answer), "{command:?}");
        assert_eq!(answer, Contender::execute(&mut plain, command), "{command:?}");
        assert_eq!(answer, ours_applied.decide_apply(command), "{command:?}");
        assert_eq!(answer, plain_applied.decide_apply(command), "{command:?}");
    };
    for (step, chosen) in steps.into_iter().zip(chosen) {
        let [release, assign] = commands(world, step);
        all(&release, Some(Ok(step.address.to_bits().into())));
        all(&assign, Some(Ok(chosen.to_bits().into())));
    }
    for command in batches(world) {
        all(&command, None);
    }
    let history = Contender::history(&ours);
    let plain_history = Contender::history(&plain);
    assert_eq!(history.0, plain_history.0, "the revisions differ");
    assert_eq!(history, Contender::history(&ours_applied), "the digests differ");
    assert_eq!(plain_history, Contender::history(&plain_applied), "the digests differ");
    for interface in 0..world.interfaces.len() {
        let expected = Contender::addresses(&ours, world, interface);
        assert_eq!(expected, Contender::addresses(&plain, world, interface), "an order differs");
    }
    refuse_alike(world, &ours, &plain);
}

/// Many at a time: by count, by list, both, and back, in another order
fn batches(world: &World) -> Vec<Command> {
    let mut ours = Engine::set_up(world);
    let (one, other) = (world.interfaces[0], world.interfaces[1]);
    let mut commands: Vec<Command> = Vec::new();
    let mut give = |command: Command, ours: &mut Engine| -> Vec<IpAddr> {
        let answer = ours.execute(NOW, &command).unwrap().answer().iter().collect();
        commands.push(command);
        answer
    };
    let start = (*ours).addresses(one).unwrap().map(|of| of.address).collect::<Vec<_>>();
    let many = give(Assign::new(one, Pick::any(50)).into(), &mut ours);
    let mut shuffled = many.clone();
    shuffled.reverse();
    shuffled.swap(3, 20);
    give(Unassign::new(one, shuffled.iter().copied()).into(), &mut ours);
    give(Assign::new(other, Pick::these(shuffled.iter().copied())).into(), &mut ours);
    give(Assign::new(other, Pick::these(many.iter().copied())).into(), &mut ours);
    give(Unassign::new(other, many.iter().copied().step_by(2)).into(), &mut ours);
    let both = Pick::these(many.iter().copied()).and_any(7);
    give(Assign::new(other, both).into(), &mut ours);
    give(Unassign::new(one, start).into(), &mut ours);
    commands
}

/// Commands that must be refused, with the same code and the same places in the list
fn refuse_alike(world: &World, ours: &Engine, plain: &Plain) {
    let mut free = ours.free_ranges(world.subnet, Family::V4).unwrap();
    let free: IpAddr = free.next().unwrap().first();
    let (one, taken): (InterfaceId, IpAddr) = (0..world.interfaces.len())
        .find_map(|at| {
            let held = Contender::addresses(ours, world, at);
            Some((world.interfaces[at], *held.first()?))
        })
        .unwrap();
    let other = *world.interfaces.iter().find(|&&id| id != one).unwrap();
    let stranger: InterfaceId = "eni-nobody".parse().unwrap();
    let (network, broadcast) = (world.cidr.network().into(), world.cidr.broadcast().into());
    let outside: IpAddr = Ipv4Addr::new(192, 0, 2, 1).into();
    let v6: IpAddr = std::net::Ipv6Addr::LOCALHOST.into();
    let assign = |list: &[IpAddr]| Assign::new(other, Pick::these(list.iter().copied())).into();
    let unassign = |list: &[IpAddr]| Unassign::new(other, list.iter().copied()).into();
    let refused: [Command; 13] = [
        assign(&[]),
        assign(&[free, taken, network, broadcast, outside]),
        assign(&[broadcast, free]),
        assign(&[outside]),
        assign(&[taken]),
        assign(&[free, taken, free, taken]),
        assign(&[v6]),
        Assign::new(other, Pick::any(0)).into(),
        Assign::new(other, Pick::any(1 << 20)).into(),
        Assign::new(stranger, Pick::any(1)).into(),
        unassign(&[]),
        unassign(&[taken, free, outside]),
        Unassign::new(stranger, [taken]).into(),
    ];
    for command in &refused {
        same_refusal(ours, plain, command);
    }
    // The same once more with the lowest free address withheld.
    let (mut ours, mut plain) = (ours.clone(), plain.clone());
    let range = AddrRange::one(free);
    ours.execute(NOW, &ReserveRange::new(world.subnet, range).into()).unwrap();
    if let IpAddr::V4(free) = free {
        plain.reserve_range(world.subnet, free, free);
    }
    plain.resume(Contender::history(&ours));
    same_refusal(&ours, &plain, &assign(&[free, taken]));
    let next = Assign::new(other, Pick::any(3)).into();
    assert_eq!(ours.decide_apply(&next), plain.decide_apply(&next), "a reservation is not seen");
    let (ours, plain) = (Contender::history(&ours), Contender::history(&plain));
    assert_eq!(ours.0, plain.0, "the revisions differ");
}

fn same_refusal(ours: &Engine, plain: &Plain, command: &Command) {
    let expected = ours.decide(NOW, command).unwrap_err();
    let Err(found) = plain.decide(NOW, command) else { panic!("not refused: {command:?}") };
    assert_eq!(found.code(), expected.code(), "{command:?}");
    if let (Error::Addresses(faults), Refusal::Addresses(found)) = (expected, found) {
        assert!(faults.iter().map(|at| at.index).eq(found.iter().map(|at| at.0)), "{command:?}");
    }
}
