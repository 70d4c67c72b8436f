//! Commands about time and trust: deadlines near and past, tasks that ran, tokens seen before

use std::net::IpAddr;

use ipam_core::{
    Adopt, Cancel, Command, Confirm, EnsureCount, Family, Hold, InterfaceId, Limits, Move,
    OldPrimary, Once, Primary, Reason, ReplacePrimary, Resolve, Rest, Revision, SetLimits, Task,
    Timestamp, Token, Wanted,
};

use super::choices::Choices;
use super::generate::{
    address_near, any_command, default_family, in_vpc, interface, small_count, subnet,
};
use super::world::World;

const TOKENS: [&str; 4] = ["token-a", "token-b", "token-c", "token-d"];
const REQUESTS: [&str; 2] = ["request-a", "request-b"];
const REASONS: [&str; 2] = ["port-scan", "migrated"];

/// What callers remember: tasks that were begun, whatever became of them, and what was asked for
#[derive(Clone, Debug, Default)]
pub(crate) struct Past {
    pub(crate) tasks: Vec<Task>,
    pub(crate) onces: Vec<Once>,
    pub(crate) last: Option<Command>,
}

/// Periods, most of them short
pub(crate) fn millis(choices: &mut Choices<'_>) -> u64 {
    match choices.byte() % 32 {
        31 => choices.of(&[u64::MAX, 1_000_000]),
        at => choices.of(&[500, 1, 250, 1000, 2000, 3000, 1000, 500]) + u64::from(at / 24),
    }
}

/// A time to come mostly; else now, or past
fn deadline(choices: &mut Choices<'_>, world: &World) -> Timestamp {
    Timestamp::from_millis(match choices.byte() % 24 {
        22 => world.clock,
        23 => world.clock.saturating_sub(millis(choices)),
        _ => world.clock.saturating_add(millis(choices)),
    })
}

fn reason(choices: &mut Choices<'_>) -> Option<Reason> {
    choices.one_in(3).then(|| choices.of(&REASONS).parse().unwrap())
}

pub(crate) fn rest(choices: &mut Choices<'_>) -> Rest {
    let millis = match choices.byte() % 8 {
        0..=4 => None,
        5 => Some(0),
        _ => Some(millis(choices)),
    };
    Rest { millis, reason: reason(choices) }
}

/// A hold, if there is to be one
pub(crate) fn hold(choices: &mut Choices<'_>, world: &World, one_in: u8) -> Option<Hold> {
    if !choices.one_in(one_in) {
        return None;
    }
    let mut hold = Hold::until(deadline(choices, world));
    if choices.one_in(3) {
        hold = hold.then_unknown();
    }
    match choices.byte() % 8 {
        0..=4 => hold = hold.kept_until(hold.until.after(millis(choices))),
        5 => hold = hold.kept_until(deadline(choices, world)),
        _ => {}
    }
    if choices.one_in(3) {
        hold = hold.request(choices.of(&REQUESTS).parse().unwrap());
    }
    Some(hold)
}

pub(crate) fn ensure_count(choices: &mut Choices<'_>, world: &World) -> EnsureCount {
    let id = interface(choices, world);
    let home = world.interfaces.get(&id).map(|found| found.home);
    let named = choices.one_in(4).then(|| subnet(choices, world));
    let from = named.or(home).unwrap_or_else(|| subnet(choices, world));
    let mut request = EnsureCount::at_least(id, 0);
    request.exact = choices.one_in(2);
    request.vpc = in_vpc(choices, world, id);
    request.subnet = named;
    if choices.one_in(3) {
        request.family = Some(choices.of(&Family::ALL));
    }
    let family = request.family.unwrap_or_else(|| default_family(world, from));
    let exists = world.interfaces.contains_key(&id) && world.subnets.contains_key(&from);
    let has = if exists { world.addresses(id) } else { Vec::new() };
    let has = has.iter().filter(|(of, at, _)| *of == from && Family::of(*at) == family).count();
    let has = u32::try_from(has).unwrap();
    request.count = match choices.byte() % 8 {
        0..=2 => has + u32::from(choices.byte() % 4),
        3..=5 => has.saturating_sub(u32::from(choices.byte() % 4)),
        6 => u32::from(choices.byte() % 4),
        _ => small_count(choices, world, from, family),
    };
    request.hold = hold(choices, world, 4);
    request
}

/// What might be seen in the real network: mostly of the interface's own VPC, and near what is there
pub(crate) fn adopt(choices: &mut Choices<'_>, world: &World) -> Adopt {
    let id = interface(choices, world);
    let home = world.interfaces.get(&id).map(|found| found.home);
    let mut addresses: Vec<Wanted> = Vec::new();
    for _ in 0..choices.below(5) {
        let near = home.filter(|_| !choices.one_in(3));
        let near = near.unwrap_or_else(|| subnet(choices, world));
        let address = address_near(choices, world, near);
        let again = addresses.iter().any(|wanted| wanted.address == address);
        if !again || choices.one_in(8) {
            addresses.push(Wanted { address, primary: choices.one_in(4) });
        }
    }
    let mut request = Adopt::new(id, addresses);
    request.vpc = in_vpc(choices, world, id);
    request
}

/// Between interfaces of one home, if there are two, but rarely
pub(crate) fn move_over(choices: &mut Choices<'_>, world: &World) -> Option<Move> {
    let home = |id: &InterfaceId| world.interfaces[id].home;
    let all = || world.interfaces.keys().copied();
    let neighbours = |id: InterfaceId| all().filter(move |of| *of != id && home(of) == home(&id));
    let pairs: Vec<(InterfaceId, InterfaceId)> =
        all().flat_map(|id| neighbours(id).map(move |other| (id, other))).collect();
    let (from, to) = match choices.one_in(8) {
        true => (interface(choices, world), interface(choices, world)),
        false if pairs.is_empty() => return None,
        false => choices.of(&pairs),
    };
    let mut request = Move::new(from, to, addresses_of(choices, world, from));
    request.vpc = in_vpc(choices, world, from);
    Some(request)
}

/// Addresses that an interface has, mostly
pub(crate) fn addresses_of(
    choices: &mut Choices<'_>,
    world: &World,
    id: InterfaceId,
) -> Vec<IpAddr> {
    let has = if world.interfaces.contains_key(&id) { world.addresses(id) } else { Vec::new() };
    let mut addresses = Vec::new();
    match choices.byte() % 8 {
        // Every other one, so that words become ragged.
        0 => addresses.extend(has.iter().step_by(2).map(|(_, at, _)| *at)),
        1 => addresses.extend(has.iter().rev().map(|(_, at, _)| *at)),
        _ => {
            for _ in 0..choices.below(5) {
                let address = if has.is_empty() || choices.one_in(8) {
                    let subnet = subnet(choices, world);
                    address_near(choices, world, subnet)
                } else {
                    choices.of(&has).1
                };
                if !addresses.contains(&address) || choices.one_in(8) {
                    addresses.push(address);
                }
            }
        }
    }
    addresses
}

pub(crate) fn replace_primary(choices: &mut Choices<'_>, world: &World) -> ReplacePrimary {
    let id = interface(choices, world);
    let home = world.interfaces.get(&id).map(|found| found.home);
    let home = home.unwrap_or_else(|| subnet(choices, world));
    let family = default_family(world, home);
    let own = if choices.one_in(2) { addresses_of(choices, world, id) } else { Vec::new() };
    let mut request = match own.first() {
        Some(&address) => ReplacePrimary::with(id, address),
        None if choices.one_in(2) => ReplacePrimary::with(id, address_near(choices, world, home)),
        None => ReplacePrimary::with_any(id, family),
    };
    request.auto_only = choices.one_in(4);
    match choices.byte() % 32 {
        30 => request.family = choices.of(&Family::ALL),
        31 => request.primary = Primary::Absent,
        _ => {}
    }
    request.vpc = in_vpc(choices, world, id);
    request.old(choices.of(&[OldPrimary::Release, OldPrimary::Keep]))
}

/// One that runs mostly, else one that did, or never
fn task(choices: &mut Choices<'_>, world: &World, past: &Past) -> Task {
    let known: Vec<Task> = world.tasks.keys().copied().collect();
    let known = if choices.one_in(6) { past.tasks.clone() } else { known };
    if known.is_empty() || choices.one_in(24) {
        let revision = Revision::new(world.revision + u64::from(choices.byte() % 3));
        return Task::new(revision, u32::from(choices.byte() % 2));
    }
    choices.of(&known)
}

pub(crate) fn end_of_task(choices: &mut Choices<'_>, world: &World, past: &Past) -> Command {
    let task = task(choices, world, past);
    match choices.byte() % 3 {
        0 => Confirm::new(task).into(),
        1 => {
            let mut request = Cancel::new(task).rest(rest(choices));
            request.reason = reason(choices);
            request.into()
        }
        _ => {
            let all = world.tasks.get(&task).map_or(Vec::new(), |hold| hold.addresses());
            let bits = choices.byte();
            let observed = match bits % 4 {
                0 => all.to_vec(),
                1 => Vec::new(),
                _ => {
                    let seen = |at: usize| bits >> (2 + at % 6) & 1 == 1;
                    let some = all.iter().enumerate().filter(|(at, _)| seen(*at));
                    let mut some: Vec<IpAddr> = some.map(|(_, address)| *address).rev().collect();
                    if choices.one_in(2) {
                        let subnet = subnet(choices, world);
                        some.push(address_near(choices, world, subnet));
                        some.extend(some.first().copied());
                    }
                    some
                }
            };
            Resolve::new(task, observed).rest(rest(choices)).into()
        }
    }
}

/// One seen before mostly, perhaps with another deadline, or another command under its token
pub(crate) fn once(choices: &mut Choices<'_>, world: &World, past: &Past) -> Once {
    if !past.onces.is_empty() && !choices.one_in(3) {
        let mut again = past.onces[choices.below(past.onces.len())].clone();
        match choices.byte() % 8 {
            0 | 1 => again.until = deadline(choices, world),
            2 => {
                let mut command = again.command().clone();
                other_deadlines(choices, world, &mut command);
                again = once_of(again.token, again.until, command);
            }
            3 => again = once_of(again.token, again.until, any_command(choices, world, past)),
            _ => {}
        }
        return again;
    }
    let token = choices.of(&TOKENS).parse().unwrap();
    let until = deadline(choices, world);
    once_of(token, until, any_command(choices, world, past))
}

/// This command once, or what is inside it if it is one of that kind: they are not nested
fn once_of(token: Token, until: Timestamp, command: Command) -> Once {
    match command {
        Command::Once(of) => Once::new(token, until, of.command().clone()).unwrap(),
        command => Once::new(token, until, command).unwrap(),
    }
}

/// What a retry has of its own
fn other_deadlines(choices: &mut Choices<'_>, world: &World, command: &mut Command) {
    let mut other = |hold: &mut Option<Hold>| {
        if let Some(hold) = hold {
            hold.until = deadline(choices, world);
            hold.request = None;
        }
    };
    match command {
        Command::Assign(of) => other(&mut of.hold),
        Command::EnsureCount(of) => other(&mut of.hold),
        Command::Unassign(of) => of.rest.reason = reason(choices),
        Command::Cancel(of) => of.reason = reason(choices),
        _ => {}
    }
}

pub(crate) fn set_limits(choices: &mut Choices<'_>) -> Command {
    let few = Limits {
        tokens: u32::from(choices.byte() % 4),
        tasks: u32::from(choices.byte() % 4),
        runs: u32::from(choices.byte() % 16),
    };
    SetLimits::new(choices.of(&[few, Limits::DEFAULT, Limits::DEFAULT])).into()
}
