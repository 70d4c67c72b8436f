//! Commands near the edges of what exists: ids in use, ends of subnets, addresses that somebody has

use std::net::{IpAddr, Ipv6Addr};

use ipam_core::ipnet::{IpNet, Ipv4Net, Ipv6Net};
use ipam_core::{
    AddrRange, Assign, Command, CreateInterface, CreateSubnet, CreateVpc, DeleteInterface,
    DeleteSubnet, DeleteVpc, Family, FamilyRules, FreeAddress, Gateway, Indices, InterfaceId,
    ListAndCount, OwnAddress, Pick, Policy, Primary, Profile, Quarantine, ReleaseRange,
    Reservation, ReserveRange, Reshape, Revision, SetCursor, SetIndices, SetPolicy, SetQuota,
    SetStatus, SmallSubnet, Source, Stale, Status, Statuses, SubnetId, Unassign, VpcId, Wanted,
};

use super::choices::Choices;
use super::requests::{
    Past, addresses_of, adopt, end_of_task, ensure_count, hold, millis, move_over, once,
    replace_primary, rest, set_limits,
};
use super::subnet::{address, bits, ends};
use super::world::World;

const VPCS: [&str; 3] = ["vpc-a", "vpc-b", "vpc-c"];
const SUBNETS: [&str; 6] = ["sub-a", "sub-b", "sub-c", "sub-d", "sub-e", "sub-f"];
const INTERFACES: [&str; 5] = ["eni-a", "eni-b", "eni-c", "eni-d", "eni-e"];

/// Most addresses asked for of a subnet that may have them
const MOST: u32 = 1200;

/// The next command for a world at its time; one that is refused mostly makes way for another
pub(crate) fn command(choices: &mut Choices<'_>, world: &World, past: &Past) -> Command {
    let mut command = any_command(choices, world, past);
    for _ in 0..3 {
        if choices.one_in(3) || world.clone().carry_out(0, &command).is_ok() {
            break;
        }
        command = any_command(choices, world, past);
    }
    command
}

pub(crate) fn any_command(choices: &mut Choices<'_>, world: &World, past: &Past) -> Command {
    let make = usize::from(world.interfaces.len() < 2);
    match choices.below(68) {
        _ if world.vpcs.is_empty() && !choices.one_in(16) => create_vpc(choices),
        _ if world.subnets.is_empty() && !choices.one_in(16) => {
            create_subnet(choices, world).into()
        }
        _ if world.interfaces.is_empty() && !choices.one_in(16) => {
            create_interface(choices, world).into()
        }
        0..=11 => assign(choices, world).into(),
        12..=17 => unassign(choices, world).into(),
        18..=19 => create_subnet(choices, world).into(),
        20..=21 => create_interface(choices, world).into(),
        22..=23 if make == 1 => create_interface(choices, world).into(),
        22 => DeleteInterface::new(interface(choices, world)).into(),
        23 => SetStatus::new(
            interface(choices, world),
            match choices.one_in(3) {
                true => choices.of(&Status::ALL),
                false => choices.of(&[Status::Available, Status::InUse]),
            },
        )
        .into(),
        24 => SetQuota::new(interface(choices, world), quota(choices)).into(),
        25..=26 => {
            let subnet = subnet(choices, world);
            ReserveRange::new(subnet, range(choices, world, subnet))
                .kind(choices.of(&[
                    Reservation::Hard,
                    Reservation::AutoOnly,
                    Reservation::PrefixOnly,
                ]))
                .into()
        }
        27..=28 => release_range(choices, world),
        29 => create_vpc(choices),
        31 if choices.one_in(2) => SetIndices::new(subnet(choices, world), indices(choices)).into(),
        30 => DeleteSubnet::new(subnet(choices, world)).into(),
        31 if choices.one_in(3) => DeleteVpc::new(vpc(choices, world)).into(),
        32..=34 => ensure_count(choices, world).into(),
        35..=37 => match move_over(choices, world) {
            Some(request) => request.into(),
            None => create_interface(choices, world).into(),
        },
        38..=40 => replace_primary(choices, world).into(),
        // Where there are none, something to hold.
        41..=46 if !world.tasks.is_empty() || choices.one_in(8) => {
            end_of_task(choices, world, past)
        }
        47..=51 => once(choices, world, past).into(),
        52 => Command::Sweep,
        53 => set_limits(choices),
        54..=56 => {
            let subnet = subnet(choices, world);
            let offset = offset_near(choices, world, subnet);
            SetPolicy::new(subnet, policy(choices, offset)).into()
        }
        57 => set_cursor(choices, world),
        60..=64 => reshape(choices, world).into(),
        65..=67 => adopt(choices, world).into(),
        _ => assign(choices, world).into(),
    }
}

/// Several commands to be judged together, each made for what its predecessors leave
pub(crate) fn batch(choices: &mut Choices<'_>, world: &World, past: &Past) -> Vec<Command> {
    let mut after = world.clone();
    let mut commands = Vec::new();
    let mut past = past.clone();
    for index in 0..u32::from(choices.byte() % 7) {
        let mut command = any_command(choices, &after, &past);
        let mut trial = after.clone();
        let mut accepted = trial.carry_out(index, &command).is_ok();
        while !accepted && !choices.is_empty() && !choices.one_in(24) {
            command = any_command(choices, &after, &past);
            trial = after.clone();
            accepted = trial.carry_out(index, &command).is_ok();
        }
        if accepted {
            after = trial;
        }
        if let Command::Once(once) = &command {
            past.onces.push(once.clone());
        }
        commands.push(command);
    }
    commands
}

/// An address of interest for a subnet
pub(crate) fn address_near(choices: &mut Choices<'_>, world: &World, subnet: SubnetId) -> IpAddr {
    let Some(subnet) = world.subnets.get(&subnet) else {
        return IpAddr::from([10, 0, 0, choices.byte()]);
    };
    let cidr = choices.of(&subnet.cidrs);
    let family = Family::of(cidr.addr());
    let (first, last) = ends(cidr);
    let small = u128::from(choices.byte());
    let near = |at: IpAddr, by: u128| {
        let bits = bits(at).saturating_sub(1).saturating_add(by).clamp(first, last);
        address(family, bits)
    };
    let of_family = |at: &IpAddr| Family::of(*at) == family;
    match choices.below(14) {
        0..=3 => address(family, first.saturating_add(small % 16).min(last)),
        4 => address(family, first.saturating_add(small).min(last)),
        5 => address(family, last.saturating_sub(small % 4).max(first)),
        6 | 7 => {
            let owned: Vec<IpAddr> = subnet.owned.keys().copied().filter(of_family).collect();
            match owned.is_empty() {
                true => address(family, first),
                false => near(choices.of(&owned), small % 3),
            }
        }
        12 | 13 => {
            let resting: Vec<IpAddr> = subnet.resting.keys().copied().filter(of_family).collect();
            match resting.is_empty() {
                true => address(family, first.saturating_add(small % 8).min(last)),
                false => choices.of(&resting),
            }
        }
        8 => {
            let edges = subnet.reserved.iter().flat_map(|range| [range.first(), range.last()]);
            let edges: Vec<IpAddr> = edges.filter(of_family).collect();
            match edges.is_empty() {
                true => address(family, last),
                false => near(choices.of(&edges), small % 3),
            }
        }
        9 => address(family, first + (last - first) / 2 + u128::from(last > first) * (small % 2)),
        10 => address(family, first + choices.u128() % (last - first).max(1)),
        _ => match (small % 3, last.checked_add(1)) {
            (0, _) => address(family, first.saturating_sub(1)),
            (1, Some(above)) if family == Family::V6 || above <= u32::MAX.into() => {
                address(family, above)
            }
            _ if family == Family::V4 => IpAddr::V6(Ipv6Addr::from_bits(first)),
            _ => IpAddr::from([10, 0, 0, 7]),
        },
    }
}

fn release_range(choices: &mut Choices<'_>, world: &World) -> Command {
    let subnet = subnet(choices, world);
    let made = world.subnets.get(&subnet).map_or(&[][..], |subnet| &subnet.reserved);
    let exact = !made.is_empty() && !choices.one_in(4);
    let range = if exact { choices.of(made) } else { range(choices, world, subnet) };
    ReleaseRange::new(subnet, range).into()
}

/// Where a subnet that follows a cursor looks next, mostly
fn set_cursor(choices: &mut Choices<'_>, world: &World) -> Command {
    let next = world.subnets.iter().filter(|(_, of)| of.policy == Policy::Next).map(|(id, _)| *id);
    let next: Vec<SubnetId> = next.collect();
    let any = next.is_empty() || choices.one_in(8);
    let subnet = if any { subnet(choices, world) } else { choices.of(&next) };
    SetCursor::new(subnet, address_near(choices, world, subnet)).into()
}

fn offset_near(choices: &mut Choices<'_>, world: &World, subnet: SubnetId) -> u128 {
    let at = address_near(choices, world, subnet);
    let cidr = world.subnets.get(&subnet).and_then(|of| of.cidr(Family::of(at)));
    cidr.map_or(0, |cidr| bits(at).saturating_sub(ends(cidr).0))
}

fn policy(choices: &mut Choices<'_>, offset: u128) -> Policy {
    choices.of(&[
        Policy::Next,
        Policy::Random { seed: 7 },
        Policy::LongestReleased,
        Policy::Dense,
        Policy::Sparse,
        Policy::From { offset },
        Policy::LongestReleased,
        Policy::Lowest,
    ])
}

/// Some indices, all of them at first
pub(crate) fn indices(choices: &mut Choices<'_>) -> Indices {
    choices.of(&[Indices::ALL, Indices::NONE, Indices::BLOCKS, Indices::RANKS])
}

fn create_vpc(choices: &mut Choices<'_>) -> Command {
    let vpc = choices.of(&VPCS).parse().unwrap();
    let mut cidrs = Vec::new();
    if choices.one_in(8) {
        let wide = ["0.0.0.0/0", "10.0.0.0/8", "2001:db8::/32", "::/0", "10.0.0.0/20"];
        cidrs = (0..=choices.below(4)).map(|_| choices.of(&wide).parse().unwrap()).collect();
    } else if choices.one_in(16) {
        cidrs = vec![cidr(choices, Family::V4), cidr(choices, Family::V6)];
    }
    CreateVpc::new(vpc).within(cidrs).into()
}

fn create_subnet(choices: &mut Choices<'_>, world: &World) -> CreateSubnet {
    let id = choices.of(&SUBNETS).parse().unwrap();
    let mut request = CreateSubnet::new(id, vpc(choices, world), profile(choices));
    let families = choices.byte() % 16;
    if families < 12 {
        request = request.cidr(cidr(choices, Family::V4));
    }
    if (7..15).contains(&families) {
        request = request.cidr(cidr(choices, Family::V6));
    }
    request
}

/// Larger or smaller, by little or much, elsewhere, another family or none, other rules
fn reshape(choices: &mut Choices<'_>, world: &World) -> Reshape {
    let id = subnet(choices, world);
    let mut request = Reshape::new(id);
    let subnet = world.subnets.get(&id);
    for family in Family::ALL {
        let before = subnet.and_then(|subnet| subnet.cidr(family));
        let new = match (before, choices.byte() % 16) {
            (Some(before), 0..=3) => wider(before, choices.of(&[1, 1, 2, 4, 8, 128])),
            (Some(before), 4..=7) => narrower(before, choices.of(&[1, 1, 2, 3]), choices.u128()),
            (Some(_), 8) => {
                request = match family {
                    Family::V4 => request.without_v4(),
                    Family::V6 => request.without_v6(),
                };
                continue;
            }
            (_, 9) => cidr(choices, family),
            (None, 10..=13) => cidr(choices, family),
            _ => continue,
        };
        request = request.cidr(new);
    }
    if choices.one_in(3) {
        request = request.profile(profile(choices));
    } else if let (Some(subnet), true) = (subnet, choices.one_in(2)) {
        let mut profile = subnet.profile;
        let at = address_near(choices, world, id);
        match at {
            IpAddr::V4(_) => rules(choices, &mut profile.v4, at),
            IpAddr::V6(_) => rules(choices, &mut profile.v6, at),
        }
        request = request.profile(profile);
    }
    request.strict = choices.one_in(4);
    request
}

/// The CIDR so many bits wider that holds one
fn wider(cidr: IpNet, by: u8) -> IpNet {
    let prefix = cidr.prefix_len().saturating_sub(by);
    IpNet::new(cidr.addr(), prefix).unwrap().trunc()
}

/// A part of a CIDR, so many bits narrower
fn narrower(cidr: IpNet, by: u8, which: u128) -> IpNet {
    let family = Family::of(cidr.addr());
    let prefix = cidr.prefix_len().saturating_add(by).min(family.bits());
    let (first, last) = ends(cidr);
    // Mostly the first part, where most is in use.
    let within = if which % 3 == 0 { which } else { 0 };
    let at = match (last - first).checked_add(1) {
        Some(size) => first + within % size,
        None => within,
    };
    IpNet::new(address(family, at), prefix).unwrap().trunc()
}

/// A small subnet mostly, some of many words; sometimes a huge one; rarely with host bits
fn cidr(choices: &mut Choices<'_>, family: Family) -> IpNet {
    let host_bits = choices.one_in(32);
    let huge = choices.one_in(4);
    let cidr: IpNet = match family {
        Family::V4 => {
            let bases =
                [[10, 0, 0, 0], [10, 0, 16, 0], [10, 0, 35, 200], [255; 4], [0; 4], [10, 1, 2, 3]];
            let base = choices.of(&bases);
            let prefix = match huge {
                true => choices.of(&[8, 16, 0, 1, 12]),
                false => choices.of(&[28, 29, 22, 24, 26, 30, 31, 32, 23, 25, 27, 20]),
            };
            Ipv4Net::new_assert(base.into(), prefix).into()
        }
        Family::V6 => {
            let bases: [u128; 6] = [
                0x2001_0db8_u128 << 96,
                0x2001_0db8_u128 << 96 | 0xf000,
                0x2001_0db8_0000_0001_u128 << 64 | 0x1234,
                u128::MAX,
                0,
                0x2001_0db8_ffff_u128 << 80,
            ];
            let base = Ipv6Addr::from_bits(choices.of(&bases));
            let prefix = match huge {
                true => choices.of(&[64, 48, 0, 1, 96, 63]),
                false => choices.of(&[124, 125, 118, 120, 122, 126, 127, 128, 116, 119, 121, 123]),
            };
            Ipv6Net::new_assert(base, prefix).into()
        }
    };
    if host_bits { cidr } else { cidr.trunc() }
}

fn profile(choices: &mut Choices<'_>) -> Profile {
    let presets =
        [Profile::PLAIN, Profile::TENCENT, Profile::ZENLAYER, Profile::AWS, Profile::KUBERNETES];
    let mut profile = choices.of(&presets);
    if !choices.one_in(8) {
        // Any size, so that the presets' rules meet small and huge subnets too.
        (profile.v4.shortest_prefix, profile.v4.longest_prefix) = (0, 32);
        (profile.v6.shortest_prefix, profile.v6.longest_prefix) = (0, 128);
    }
    if choices.one_in(3) {
        rules(choices, &mut profile.v4, [10, 0, 0, 5].into());
        rules(choices, &mut profile.v6, Ipv6Addr::from_bits((0x2001_0db8 << 96) + 5).into());
    }
    if choices.one_in(3) {
        let bits = choices.byte();
        profile.list_and_count =
            choices.of(&[ListAndCount::Both, ListAndCount::ListWins, ListAndCount::Refuse]);
        profile.own_address = choices.of(&[OwnAddress::Accept, OwnAddress::Refuse]);
        profile.free_address = choices.of(&[FreeAddress::Ignore, FreeAddress::Refuse]);
        profile.assign_primary = bits & 1 == 0;
        profile.unassign_primary = bits & 2 == 0;
        profile.quota.per_family = bits & 4 == 0;
        profile.quota.counts_primary = bits & 8 == 0;
        if bits >= 0xf0 {
            profile.assign_in = Statuses::of(&[Status::Creating, choices.of(&Status::ALL)]);
        }
    }
    if !choices.one_in(3) {
        let bits = choices.byte();
        let millis = if bits % 4 == 3 { 0 } else { millis(choices) };
        let (take_back, when_exhausted) = (bits & 16 == 0, bits & 32 == 0);
        profile.quarantine = Quarantine { millis, take_back, when_exhausted };
        profile.one_task = bits >= 0xc0;
        profile.replace_primary = !choices.one_in(4);
    }
    profile
}

fn rules(choices: &mut Choices<'_>, rules: &mut FamilyRules, at: IpAddr) {
    rules.first = choices.of(&[0, 1, 2, 3, 64, 70]);
    rules.last = choices.of(&[0, 1, 2, 5, 65]);
    let offset = u128::from(choices.byte() % 8);
    rules.gateway = choices.of(&[
        Gateway::None,
        Gateway::Offset(offset),
        Gateway::FromLast(offset),
        Gateway::At(at),
        Gateway::Offset(offset * 64),
    ]);
    rules.small = choices.of(&[SmallSubnet::Keep, SmallSubnet::Withhold]);
}

fn create_interface(choices: &mut Choices<'_>, world: &World) -> CreateInterface {
    let home = subnet(choices, world);
    let mut request = CreateInterface::new(choices.of(&INTERFACES).parse().unwrap(), home);
    if choices.one_in(8) {
        request = request.status(choices.of(&Status::ALL));
    }
    request.quota = if choices.one_in(4) { quota(choices) } else { None };
    for _ in 0..choices.below(3) {
        match (address_near(choices, world, home), choices.byte() % 3) {
            (IpAddr::V4(_), 0) => request.primary_v4 = Primary::Chosen,
            (IpAddr::V6(_), 0) => request.primary_v6 = Primary::Chosen,
            (IpAddr::V4(address), _) => request.primary_v4 = Primary::Named(address),
            (IpAddr::V6(address), _) => request.primary_v6 = Primary::Named(address),
        }
    }
    request.auto_only = choices.one_in(4);
    request
}

fn assign(choices: &mut Choices<'_>, world: &World) -> Assign {
    let id = interface(choices, world);
    let home = world.interfaces.get(&id).map(|found| found.home);
    let named = choices.one_in(4).then(|| subnet(choices, world));
    let from = named.or(home).unwrap_or_else(|| subnet(choices, world));
    let mut pick = Pick::default();
    pick.auto_only = choices.one_in(4);
    let kind = choices.byte() % 8;
    if kind < 5 {
        let primary = choices.byte();
        for at in 0..=choices.below(4) {
            let address = address_near(choices, world, from);
            let primary = primary >= 0xd0 && (at == 0 || primary >= 0xf8);
            let again = pick.list.iter().any(|wanted| wanted.address == address);
            if !again || choices.one_in(8) {
                pick.list.push(Wanted { address, primary });
            }
        }
    }
    if choices.one_in(4) {
        pick.within = Some(range(choices, world, from));
    }
    if choices.one_in(8) {
        pick.family = Some(choices.of(&Family::ALL));
    }
    if kind > 3 && (kind < 7 || !choices.one_in(16)) {
        let ranged = pick.within.map(|range| range.family());
        let family = pick.family.or(ranged).unwrap_or_else(|| default_family(world, from));
        pick.count = Some(count(choices, world, from, family));
    }
    if choices.one_in(4) {
        let offset = offset_near(choices, world, from);
        pick.policy = Some(policy(choices, offset));
    }
    if choices.one_in(5) {
        for _ in 0..=choices.below(3) {
            pick.preferred.push(address_near(choices, world, from));
        }
    }
    pick.contiguous = choices.one_in(6);
    // What is said in vain is refused.
    let is_named = !pick.list.is_empty() || pick.within.is_some();
    pick.auto_only &= is_named || pick.count.is_some_and(|count| count % 8 == 1);
    let mut request = Assign::new(id, pick);
    request.from = named.map_or(Source::Home, Source::Subnet);
    if choices.one_in(6) {
        several(choices, world, &mut request);
    }
    request.vpc = in_vpc(choices, world, id);
    request.hold = hold(choices, world, 4);
    request.reassign = choices.one_in(if is_named { 6 } else { 48 });
    request
}

/// Asks for a count, mostly, of several subnets, mostly of one VPC
fn several(choices: &mut Choices<'_>, world: &World, request: &mut Assign) {
    let home = world.interfaces.get(&request.interface).map(|found| found.home);
    let vpc = home.map(|home| world.subnets[&home].vpc);
    let near: Vec<SubnetId> = match vpc {
        Some(vpc) => world.subnets_of(vpc).map(|(id, _)| id).collect(),
        None => Vec::new(),
    };
    let mut subnets: Vec<SubnetId> = Vec::new();
    for _ in 0..choices.below(5) {
        let any = near.is_empty() || choices.one_in(16);
        let one = if any { subnet(choices, world) } else { choices.of(&near) };
        if !subnets.contains(&one) || choices.one_in(16) {
            subnets.push(one);
        }
    }
    if !choices.one_in(12) {
        (request.pick.list, request.pick.within) = (Vec::new(), None);
        request.pick.family = request.pick.family.filter(|_| choices.one_in(2));
        let few = 1 + u32::from(choices.byte() % 4);
        request.pick.count = Some(if choices.one_in(4) { few * 31 } else { few });
    }
    let each = !choices.one_in(3);
    request.from = if each { Source::Each(subnets) } else { Source::First(subnets) };
}

pub(crate) fn default_family(world: &World, subnet: SubnetId) -> Family {
    world.subnets.get(&subnet).map_or(Family::V4, |subnet| subnet.default_family())
}

/// How many: few, words full, all that are free or one more; beyond that only what is refused anywhere: the
/// command may be given again where more is free
fn count(choices: &mut Choices<'_>, world: &World, subnet: SubnetId, family: Family) -> u32 {
    let free = world.subnets.get(&subnet).filter(|subnet| subnet.cidr(family).is_some());
    let free = free.map_or(0, |subnet| subnet.numbers(family).free);
    let free = u32::try_from(free).ok().filter(|&free| free <= MOST);
    match (choices.below(8), free) {
        (3 | 4, _) => 62 + u32::from(choices.byte() % 8),
        (5, Some(free)) => free + u32::from(choices.byte() % 2),
        (6, Some(free)) => free.saturating_sub(1),
        (7, Some(_)) => choices.of(&[0, u32::MAX, Assign::MAX_ADDRESSES + 1]),
        (7, None) => 250 + u32::from(choices.byte()),
        _ => 1 + u32::from(choices.byte() % 5),
    }
}

/// As many as are free, or fewer
pub(crate) fn small_count(
    choices: &mut Choices<'_>,
    world: &World,
    subnet: SubnetId,
    family: Family,
) -> u32 {
    count(choices, world, subnet, family).min(MOST)
}

fn unassign(choices: &mut Choices<'_>, world: &World) -> Unassign {
    let id = interface(choices, world);
    let mut request = Unassign::new(id, addresses_of(choices, world, id));
    request.vpc = in_vpc(choices, world, id);
    if choices.one_in(3) {
        let found =
            if world.interfaces.contains_key(&id) { world.addresses(id) } else { Vec::new() };
        let first = found.iter().find(|(_, at, _)| request.addresses.contains(at));
        let generation = first.map_or(world.revision, |(_, _, owned)| owned.generation);
        let other = if choices.one_in(3) { u64::from(choices.byte() % 3) } else { 0 };
        request.generation = Some(Revision::new(generation.saturating_sub(other)));
        request.stale = choices.of(&[Stale::Refuse, Stale::Ignore]);
    }
    request.rest = rest(choices);
    request
}

/// A range with ends of interest for a subnet
fn range(choices: &mut Choices<'_>, world: &World, subnet: SubnetId) -> AddrRange {
    let from = address_near(choices, world, subnet);
    let to = match choices.byte() % 8 {
        0 => from,
        1 => address(Family::of(from), bits(from) | 63),
        2 => address(Family::of(from), bits(from) | 7),
        _ => address_near(choices, world, subnet),
    };
    let range = if from <= to { AddrRange::new(from, to) } else { AddrRange::new(to, from) };
    range.unwrap_or(AddrRange::one(from))
}

pub(crate) fn in_vpc(choices: &mut Choices<'_>, world: &World, id: InterfaceId) -> Option<VpcId> {
    match choices.byte() % 32 {
        0..=5 => world.interfaces.contains_key(&id).then(|| world.vpc_of(id)),
        6 | 7 => Some(vpc(choices, world)),
        _ => None,
    }
}

fn quota(choices: &mut Choices<'_>) -> Option<u32> {
    match choices.byte() % 8 {
        0 => None,
        1 => Some(64 + u32::from(choices.byte())),
        _ => Some(u32::from(choices.byte() % 12)),
    }
}

fn vpc(choices: &mut Choices<'_>, world: &World) -> VpcId {
    existing(choices, world.vpcs.keys()).unwrap_or_else(|| choices.of(&VPCS).parse().unwrap())
}

pub(crate) fn subnet(choices: &mut Choices<'_>, world: &World) -> SubnetId {
    existing(choices, world.subnets.keys()).unwrap_or_else(|| choices.of(&SUBNETS).parse().unwrap())
}

pub(crate) fn interface(choices: &mut Choices<'_>, world: &World) -> InterfaceId {
    existing(choices, world.interfaces.keys())
        .unwrap_or_else(|| choices.of(&INTERFACES).parse().unwrap())
}

/// Something that exists, but rarely
fn existing<'a, T: Copy + 'a>(
    choices: &mut Choices<'_>,
    ids: impl Iterator<Item = &'a T>,
) -> Option<T> {
    let ids: Vec<T> = ids.copied().collect();
    (!ids.is_empty() && !choices.one_in(24)).then(|| choices.of(&ids))
}
