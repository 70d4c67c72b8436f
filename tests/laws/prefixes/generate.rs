//! Commands about prefixes, near what is had, reserved and free

use std::net::IpAddr;

use ipam_core::ipnet::IpNet;
use ipam_core::*;

use super::session::{INTERFACES, subnet};
use super::world::World;

/// A source of small decisions; when the bytes run out, every decision is the first option
pub(crate) struct Choices<'a>(pub(crate) &'a [u8]);

impl Choices<'_> {
    pub(crate) fn byte(&mut self) -> u8 {
        let Some((&byte, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        byte
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::from(self.byte()) % end
    }

    pub(crate) fn one_in(&mut self, of: u8) -> bool {
        self.byte() % of == of - 1
    }

    pub(crate) fn of<T: Copy>(&mut self, options: &[T]) -> T {
        options[self.below(options.len())]
    }
}

pub(crate) fn profile(choices: &mut Choices<'_>) -> Profile {
    let mut profile = Profile::PLAIN;
    profile.quota = Profile::PLAIN.quota;
    (profile.quota.per_family, profile.quota.counts_primary) = (false, true);
    profile.list_and_count = ListAndCount::Both;
    profile.one_task = false;
    profile.own_address = choices.of(&[OwnAddress::Accept, OwnAddress::Refuse]);
    profile.free_address = choices.of(&[FreeAddress::Refuse, FreeAddress::Ignore]);
    let bits = choices.byte();
    let millis = choices.of(&[0, 500, 1000, 2000]);
    let (take_back, when_exhausted) = (bits & 1 == 0, bits & 2 == 0);
    profile.quarantine = Quarantine { millis, take_back, when_exhausted };
    profile.v4.first = choices.of(&[1, 0, 3]);
    profile.v4.gateway = choices.of(&[Gateway::None, Gateway::Offset(9)]);
    profile.v6.gateway = choices.of(&[Gateway::None, Gateway::Offset(16)]);
    profile
}

fn family(choices: &mut Choices<'_>) -> Family {
    choices.of(&[Family::V4, Family::V4, Family::V6])
}

fn address(choices: &mut Choices<'_>, world: &World) -> IpAddr {
    let all = world.all(family(choices));
    match choices.byte() % 8 {
        0 if !world.owned.is_empty() => {
            let at = choices.below(world.owned.len());
            world.owned[at].thing.addr()
        }
        1 if !world.resting.is_empty() => {
            let at = choices.below(world.resting.len());
            world.resting[at].thing.addr()
        }
        _ => choices.of(&all),
    }
}

fn prefix(choices: &mut Choices<'_>, world: &World) -> IpNet {
    let had: Vec<IpNet> = world.owned.iter().filter(|of| of.is_prefix).map(|of| of.thing).collect();
    let rests: Vec<IpNet> =
        world.resting.iter().filter(|of| of.is_prefix).map(|of| of.thing).collect();
    match choices.byte() % 8 {
        0 | 1 if !had.is_empty() => choices.of(&had),
        2 | 3 if !rests.is_empty() => choices.of(&rests),
        _ => {
            let at = address(choices, world);
            let cidr = world.cidr(Family::of(at));
            let len = cidr.max_prefix_len() - choices.of(&[2, 3, 1, 0, 4, 5, 2, 3]);
            IpNet::new(at, len).unwrap().trunc()
        }
    }
}

fn range(choices: &mut Choices<'_>, world: &World) -> AddrRange {
    let from = address(choices, world);
    let all = AddrRange::from(world.cidr(Family::of(from)));
    let to = all.iter().nth(choices.below(usize::try_from(all.count()).unwrap())).unwrap();
    AddrRange::new(from.min(to), from.max(to)).unwrap()
}

fn id(choices: &mut Choices<'_>) -> InterfaceId {
    choices.of(&INTERFACES).parse().unwrap()
}

fn pick(choices: &mut Choices<'_>, world: &World) -> Pick {
    let mut pick = Pick::default();
    let kind = choices.byte();
    if kind & 1 == 1 {
        for _ in 0..=choices.below(3) {
            let at = address(choices, world);
            pick.list.push(at.into());
        }
    }
    if kind & 6 == 2 {
        pick.count = Some(u32::from(choices.byte() % 7));
    }
    if kind & 6 == 6 && choices.one_in(3) {
        pick.count = Some(u32::from(choices.byte() % 80));
    }
    for _ in 0..choices.of(&[1, 0, 2, 3]) {
        let any = WantedPrefix::Any {
            prefix_len: 0,
            count: u32::from(choices.byte() % 4) + u32::from(!choices.one_in(24)),
            family: choices.one_in(3).then(|| family(choices)),
        };
        pick.prefixes.push(match (any, choices.byte() % 3) {
            (WantedPrefix::Any { count, family, .. }, 0 | 1) => {
                let usual = family.or(pick.family).unwrap_or(Family::V4);
                let bits = usual.bits();
                let prefix_len = bits.wrapping_sub(choices.of(&[2, 3, 1, 0, 4, 5, 6, 7, 255]));
                WantedPrefix::Any { prefix_len, count, family }
            }
            _ => WantedPrefix::Named(prefix(choices, world)),
        });
    }
    if choices.one_in(6) {
        pick.within = Some(range(choices, world));
    } else if choices.one_in(6) {
        pick.family = Some(family(choices));
    }
    // What is said in vain is refused.
    pick.auto_only = choices.one_in(if is_named(&pick) { 3 } else { 16 });
    if pick.list.is_empty() && pick.count.is_none() && choices.one_in(16) {
        match choices.byte() % 3 {
            0 => pick.preferred.push(address(choices, world)),
            1 => pick.policy = Some(choices.of(&[Policy::Lowest, Policy::Dense])),
            _ => pick.contiguous = true,
        }
    }
    pick
}

fn is_named(pick: &Pick) -> bool {
    let named = |of: &WantedPrefix| matches!(of, WantedPrefix::Named(_));
    !pick.list.is_empty() || pick.within.is_some() || pick.prefixes.iter().any(named)
}

/// Things of an interface mostly
fn things(choices: &mut Choices<'_>, world: &World, id: InterfaceId) -> (Vec<IpAddr>, Vec<IpNet>) {
    let (mut addresses, mut prefixes) = (Vec::new(), Vec::new());
    let own: Vec<_> = world.owned.iter().filter(|of| of.by == id).collect();
    for _ in 0..choices.below(5) {
        if !own.is_empty() && !choices.one_in(5) {
            let of = own[choices.below(own.len())];
            match of.is_prefix != choices.one_in(16) {
                true => prefixes.push(of.thing),
                false => addresses.push(of.thing.addr()),
            }
        } else if choices.one_in(2) {
            addresses.push(address(choices, world));
        } else {
            prefixes.push(prefix(choices, world));
        }
    }
    if !choices.one_in(8) {
        addresses.sort_unstable();
        addresses.dedup();
        prefixes.sort_unstable();
        prefixes.dedup();
    }
    (addresses, prefixes)
}

pub(crate) fn command(choices: &mut Choices<'_>, world: &World) -> Command {
    let tasks: Vec<Task> = world.tasks.keys().copied().collect();
    let id = id(choices);
    let reserved = &world.reserved;
    match choices.byte() % 20 {
        0..=8 => {
            let mut request = Assign::new(id, pick(choices, world));
            request.reassign = choices.one_in(if is_named(&request.pick) { 4 } else { 32 });
            if choices.one_in(5) {
                let until = world.now + choices.of(&[500, 1000, 3000]);
                request.hold = Some(Hold::until(Timestamp::from_millis(until)));
            }
            request.into()
        }
        9..=11 => {
            let (addresses, prefixes) = things(choices, world, id);
            let mut request = Unassign::new(id, addresses).and_prefixes(prefixes);
            if choices.one_in(3) {
                let made = Revision::new(world.revision.saturating_sub(choices.byte().into()));
                let own = world.owned.iter().find(|of| of.by == id);
                let own = own.map_or(made, |of| Revision::new(of.generation));
                request = match choices.byte() % 3 {
                    0 => request.of_generation(own),
                    1 => request.if_of_generation(own),
                    _ => request.if_of_generation(made),
                };
            }
            if choices.one_in(4) {
                request = request.rest(Rest::for_millis(choices.of(&[0, 700, 1500])));
            }
            request.into()
        }
        12 | 13 => {
            let (addresses, prefixes) = things(choices, world, id);
            Move::new(id, self::id(choices), addresses).and_prefixes(prefixes).into()
        }
        14 if reserved.len() < 3 => {
            let kind =
                choices.of(&[Reservation::Hard, Reservation::AutoOnly, Reservation::PrefixOnly]);
            ReserveRange::new(subnet(), range(choices, world)).kind(kind).into()
        }
        14 | 15 if !reserved.is_empty() => {
            let range = reserved[choices.below(reserved.len())].0;
            ReleaseRange::new(subnet(), range).into()
        }
        16 | 17 if !tasks.is_empty() => {
            let task = choices.of(&tasks);
            let held = world.owned.iter().filter(|of| of.task == Some(task));
            let mut seen: Vec<_> = held.filter(|_| !choices.one_in(3)).collect();
            seen.retain(|of| of.thing.addr() != IpAddr::from([0, 0, 0, 0]));
            let singles = seen.iter().filter(|of| !of.is_prefix).map(|of| of.thing.addr());
            let prefixes = seen.iter().filter(|of| of.is_prefix).map(|of| of.thing);
            match choices.byte() % 3 {
                0 => Confirm::new(task).into(),
                _ => Resolve::new(task, singles).and_prefixes(prefixes).into(),
            }
        }
        18 => {
            let mut request = EnsureCount::at_least(id, u32::from(choices.byte() % 6));
            request.exact = choices.one_in(2);
            request.family = choices.one_in(3).then(|| family(choices));
            request.into()
        }
        19 if choices.one_in(3) && world.quotas.contains_key(&id) => {
            DeleteInterface::new(id).into()
        }
        _ => {
            let mut request = CreateInterface::new(id, subnet());
            request.quota = choices.one_in(3).then_some(u32::from(choices.byte() % 9));
            request.into()
        }
    }
}
