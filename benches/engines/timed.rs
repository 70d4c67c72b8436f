//! What time brings, with much of it under way: rests, holds and tokens; ours alone
//!
//! One /8 with a hundred interfaces. While work is timed, as many begin as end, so that there are always
//! as many under way.

use std::net::{IpAddr, Ipv4Addr};

use ipam_core::{
    Assign, Command, Confirm, Engine, Event, Hold, InterfaceId, Limits, Once, Pick, Rest,
    SetLimits, Task, Timestamp, Token, Unassign,
};

use super::contender::NOW;
use super::large;
use super::work::Requests;
use super::world::{BASE, interface_id, name, subnet_id};
use crate::support::measure::{Work, timed};
use crate::support::random::Random;

/// Steps in a chunk: fewer than are under way
const CHUNK: usize = 512;
const INTERFACES: usize = 100;

/// An engine with a /8, its interfaces, and no limit to speak of
fn start() -> (Engine, Vec<InterfaceId>) {
    let mut engine = large::bare();
    large::create_subnet(&mut engine, subnet_id(0), "10.0.0.0/8".parse().unwrap());
    large::create_interfaces(&mut engine, INTERFACES, 1);
    let limits = Limits { tokens: u32::MAX, tasks: u32::MAX, ..Limits::DEFAULT };
    large::give(&mut engine, &SetLimits::new(limits).into());
    (engine, (0..INTERFACES).map(interface_id).collect())
}

fn answer(engine: &mut Engine, now: Timestamp, command: &Command) -> IpAddr {
    engine.execute(now, command).unwrap().answer().iter().next().unwrap()
}

/// The lowest `count` addresses, an equal part of them to each interface, and then in no order
fn assigned(count: usize) -> (Engine, Vec<InterfaceId>, Vec<(InterfaceId, IpAddr)>) {
    let (mut engine, interfaces) = start();
    let each = count / INTERFACES;
    let mut held = Vec::with_capacity(count);
    for &id in &interfaces {
        let decision = engine.execute(NOW, &Assign::new(id, Pick::any(each as u32)).into());
        held.extend(decision.unwrap().answer().iter().map(|address| (id, address)));
    }
    Random::new(21).shuffle(&mut held);
    (engine, interfaces, held)
}

fn release(interface: InterfaceId, address: IpAddr, millis: u64) -> Command {
    Unassign::new(interface, [address]).rest(Rest::for_millis(millis)).into()
}

/// How commands are carried out
#[derive(Clone, Copy)]
pub(crate) enum Carried {
    Executed,
    /// Decided, and then applied
    Applied,
    /// Applied only, by an engine that another has decided for
    Replayed,
}

/// An address wakes, it is assigned as the lowest free one, and released to rest as long as all the
/// others do; per such step
pub(crate) fn reuse(count: usize) -> Work {
    reuse_by(count, Carried::Executed)
}

/// The same however it is carried out
pub(crate) fn reuse_by(count: usize, carried: Carried) -> Work {
    let (mut engine, interfaces, held) = assigned(count);
    let mut now = NOW;
    let rest = count as u64;
    for (interface, address) in held {
        now = now.after(1);
        engine.execute(now, &release(interface, address, rest)).unwrap();
    }
    let (mut random, mut requests) = (Random::new(22), Requests::new());
    let mut release = release(interfaces[0], IpAddr::from([0; 4]), rest);
    let replays = matches!(carried, Carried::Replayed);
    let mut ahead = replays.then(|| engine.clone());
    Box::new(move || {
        let ids: Vec<_> = (0..CHUNK).map(|_| interfaces[random.below(INTERFACES)]).collect();
        let mut events = Vec::with_capacity(2 * CHUNK);
        let mut step = |engine: &mut Engine, id, now: Timestamp, events: &mut Vec<Event>| {
            let mut carry = |command: &Command| match carried {
                Carried::Executed => match &engine.execute(now, command) {
                    Ok(decision) => decision.answer().iter().next(),
                    Err(_) => None,
                },
                Carried::Applied | Carried::Replayed => match engine.decide(now, command) {
                    Ok(decision) => {
                        engine.apply(decision.event().unwrap()).unwrap();
                        let address = decision.answer().iter().next();
                        if replays {
                            events.extend(decision.into_event());
                        }
                        address
                    }
                    Err(_) => None,
                },
            };
            let address = carry(requests.assign(id)).unwrap();
            if let Command::Unassign(request) = &mut release {
                (request.interface, request.addresses[0]) = (id, address);
            }
            assert!(carry(&release).is_some());
        };
        let start = now;
        now = now.after(CHUNK as u64);
        let times = (1..=CHUNK as u64).map(|millis| start.after(millis));
        let steps: Vec<(InterfaceId, Timestamp)> = ids.into_iter().zip(times).collect();
        if let Some(ahead) = &mut ahead {
            steps.iter().for_each(|&(id, now)| step(ahead, id, now, &mut events));
        }
        let sample = timed(CHUNK, || {
            if replays {
                events.iter().for_each(|event| assert!(engine.apply(event).is_ok()));
            } else {
                steps.iter().for_each(|&(id, now)| step(&mut engine, id, now, &mut events));
            }
        });
        let usage = engine.at(now).subnet_usage(subnet_id(0)).unwrap().v4.unwrap();
        assert_eq!((usage.quarantined, usage.assigned), (count as u128, 0));
        sample
    })
}

/// An address is held, and its task confirmed; per such pair, the release not counted
pub(crate) fn hold(count: usize) -> Work {
    let (mut engine, interfaces) = start();
    let mut random = Random::new(23);
    let mut deadlines = move || {
        let until = NOW.after(1_000_000 + random.below(1 << 40) as u64);
        Hold::until(until).then_unknown().kept_until(NOW)
    };
    for number in 0..count {
        let assign = Assign::new(interfaces[number % INTERFACES], Pick::any(1));
        engine.execute(NOW, &assign.hold(deadlines()).into()).unwrap();
    }
    let mut at = 0;
    Box::new(move || {
        let commands: Vec<Command> = (0..CHUNK)
            .map(|step| {
                let assign = Assign::new(interfaces[(at + step) % INTERFACES], Pick::any(1));
                assign.hold(deadlines()).into()
            })
            .collect();
        let mut confirm = Command::from(Confirm::new(Task::default()));
        let mut confirmed = Vec::with_capacity(CHUNK);
        let sample = timed(CHUNK, || {
            for command in &commands {
                let held = &engine.execute(NOW, command);
                if let (Ok(held), Command::Confirm(Confirm { task, .. })) = (held, &mut confirm) {
                    *task = held.task().unwrap();
                }
                confirmed.push(answer(&mut engine, NOW, &confirm));
            }
        });
        for (step, &address) in confirmed.iter().enumerate() {
            let interface = interfaces[(at + step) % INTERFACES];
            engine.execute(NOW, &Unassign::new(interface, [address]).into()).unwrap();
        }
        at += CHUNK;
        let usage = engine.at(NOW).subnet_usage(subnet_id(0)).unwrap().v4.unwrap();
        assert_eq!((usage.held, usage.assigned), (count as u128, 0));
        sample
    })
}

fn token(number: usize) -> Token {
    name("token-", number as u64).parse().unwrap()
}

/// One address each, every millisecond, under a token that is kept until as many others were
fn once(count: usize, number: usize, interface: InterfaceId) -> Command {
    let until = NOW.after((number + count) as u64);
    Once::new(token(number), until, Assign::new(interface, Pick::any(1))).unwrap().into()
}

/// An engine that knows so many tokens, what was assigned released, and the time
fn with_tokens(count: usize) -> (Engine, Vec<InterfaceId>) {
    let (mut engine, interfaces) = start();
    for number in 0..count {
        let interface = interfaces[number % INTERFACES];
        let now = NOW.after(number as u64);
        let address = answer(&mut engine, now, &once(count, number, interface));
        engine.execute(now, &Unassign::new(interface, [address]).into()).unwrap();
    }
    (engine, interfaces)
}

/// An address is assigned under a new token, and the oldest token forgotten; per assignment
pub(crate) fn new_token(count: usize) -> Work {
    once_each(count, false)
}

fn once_each(count: usize, repeat: bool) -> Work {
    let (mut engine, interfaces) = with_tokens(count);
    let mut number = count;
    Box::new(move || {
        let interface = |number: usize| interfaces[number % INTERFACES];
        let commands: Vec<Command> =
            (number..number + CHUNK).map(|at| once(count, at, interface(at))).collect();
        let mut given = Vec::with_capacity(CHUNK);
        let last = NOW.after((number + CHUNK - 1) as u64);
        let sample = timed(CHUNK, || {
            for (step, command) in commands.iter().enumerate() {
                given.push(answer(&mut engine, NOW.after((number + step) as u64), command));
            }
            for (command, &first) in commands.iter().zip(&given).filter(|_| repeat) {
                assert_eq!(answer(&mut engine, last, command), first);
            }
        });
        for (step, &address) in given.iter().enumerate() {
            let release = Unassign::new(interface(number + step), [address]).into();
            engine.execute(last, &release).unwrap();
        }
        number += CHUNK;
        sample
    })
}

/// An address is assigned under a new token, the oldest token forgotten, and the request repeated as soon as
/// half a thousand others were made; per pair
pub(crate) fn new_and_repeated(count: usize) -> Work {
    once_each(count, true)
}

/// A request is repeated under its token; per request
pub(crate) fn known_token(count: usize) -> Work {
    let (mut engine, interfaces) = with_tokens(count);
    let now = NOW.after(count as u64 - 1);
    let mut random = Random::new(24);
    Box::new(move || {
        let commands: Vec<Command> = (0..CHUNK)
            .map(|_| random.below(count))
            .map(|number| once(count, number, interfaces[number % INTERFACES]))
            .collect();
        let mut given = 0;
        let sample = timed(CHUNK, || {
            for command in &commands {
                let decision = &engine.execute(now, command);
                given += decision.iter().filter(|known| known.is_unchanged()).count();
            }
        });
        assert_eq!(given, CHUNK);
        sample
    })
}

/// An engine in which so many rest, released one by one or all at once, until `DUE`
pub(crate) fn resting(count: usize, one_by_one: bool) -> Engine {
    let (mut engine, interfaces, held) = assigned(count);
    let rest = DUE.millis() - NOW.millis();
    if one_by_one {
        for (interface, address) in held {
            engine.execute(NOW, &release(interface, address, rest)).unwrap();
        }
    } else {
        let each = count / INTERFACES;
        for (number, &interface) in interfaces.iter().enumerate() {
            let first = BASE + 1 + (number * each) as u32;
            let run = (first..first + each as u32).map(Ipv4Addr::from_bits);
            let release = Unassign::new(interface, run).rest(Rest::for_millis(rest));
            engine.execute(NOW, &release.into()).unwrap();
        }
    }
    let usage = engine.at(NOW).subnet_usage(subnet_id(0)).unwrap().v4.unwrap();
    assert_eq!((usage.quarantined, usage.assigned), (count as u128, 0));
    engine
}

/// A million rest in one /8 and fall due at once; an address of it is decided on, or of another subnet; per
/// decision
pub(crate) fn decide_beside(count: usize, other: bool, now: Timestamp) -> Work {
    let mut engine = resting(count, true);
    let elsewhere = subnet_id(1);
    large::create_subnet(&mut engine, elsewhere, "11.0.0.0/16".parse().unwrap());
    let assign = Assign::new(interface_id(0), Pick::any(1));
    let assign = if other { assign.from_subnet(elsewhere) } else { assign }.into();
    // Where all that is due is looked at, each takes long.
    let decisions = if other { 4 } else { 1 };
    Box::new(move || {
        timed(decisions, || {
            for _ in 0..decisions {
                assert!(engine.decide(now, &assign).is_ok());
            }
        })
    })
}

/// When all that rest fall due
pub(crate) const DUE: Timestamp = NOW.after(1_000_000);
