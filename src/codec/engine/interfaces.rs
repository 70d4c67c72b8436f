//! Interfaces as bytes, and what each has, in order of assignment

use alloc::vec::Vec;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::tables::Left;
use super::{Order, cost};
use crate::bytes::{Decode, Encode, Read, Reader, Sink, follow, zigzag};
use crate::error::{DecodeLimit, Flaw};
use crate::id::{InterfaceId, Revision};
use crate::space::address::{Family, Span};
use crate::space::range::AddrRange;
use crate::state::State;
use crate::state::holdings::Holding;
use crate::state::interface::{BlockKey, Count, Interface};
use crate::state::name::Name;
use crate::state::occupant::Occupant;
use crate::state::owners::{Gain, List, Owners, Unit};
use crate::state::table::Ix;
use crate::status::Status;

pub(super) fn write(out: &mut Vec<u8>, state: &State, order: &Order<'_>) {
    out.number(order.interfaces.len() as u64);
    let mut lists = Vec::new();
    for (_, id, interface) in &order.interfaces {
        id.id().write(out);
        order.subnet_positions.get(interface.home).write(out);
        interface.status.write(out);
        interface.quota().write(out);
        for family in Family::ALL {
            match interface.primary(family) {
                None => out.push(0),
                Some(IpAddr::V4(primary)) => Some(primary).write(out),
                Some(IpAddr::V6(primary)) => Some(primary).write(out),
            }
        }
        let key = |held: &Holding| key_of(order.subnet_positions.get(held.subnet()), held.family());
        lists.clear();
        lists.extend(interface.holdings().map(|held| (key(&held), held)));
        lists.sort_unstable_by_key(|&(key, _)| key);
        out.number(lists.len() as u64);
        let mut at = 0u64;
        for &(key, held) in &lists {
            out.number(key.saturating_sub(at));
            at = key.saturating_add(1);
            let subnet = state.subnets.get(held.subnet());
            let block = subnet.and_then(|subnet| subnet.block(held.family()));
            if let Some(block) = block {
                write_list(out, &block.owners, held.list);
            }
        }
    }
}

/// A block by its subnet's position and its family
pub(super) fn key_of(subnet: u32, family: Family) -> u64 {
    (u64::from(subnet) << 1) | u64::from(family == Family::V6)
}

/// The block that such a number names: a subnet's position is its number in a table that was just made
pub(super) fn block_of(key: u64) -> Option<BlockKey> {
    let family = if key & 1 == 0 { Family::V4 } else { Family::V6 };
    // Only tables number subnets here.
    let number = u32::try_from(key >> 1).ok().filter(|&number| number < 1 << 31)?;
    Some(BlockKey::new(Ix::from_number(number), family))
}

/// How many slots, then runs of addresses that ascend and were made by one revision, and prefixes
fn write_list(out: &mut Vec<u8>, owners: &Owners, list: List) {
    out.number(list.count().into());
    let (mut made, mut at) = (Revision::ZERO, 0u128);
    for (unit, by) in runs(owners.iter(list)) {
        out.wide((head_of(unit) << 1) | u128::from(by != made));
        if by != made {
            out.number(by.get().saturating_sub(made.get()));
            made = by;
        }
        out.wide(zigzag(at, unit.span.first));
        at = unit.span.last.wrapping_add(1);
    }
}

/// Twice how many addresses come after the first of a run; or the host bits of a prefix, and 1 more
pub(super) fn head_of(unit: Unit) -> u128 {
    let more = unit.span.last.saturating_sub(unit.span.first);
    match unit.is_prefix {
        true => (u128::from(more.count_ones()) << 1) | 1,
        false => more << 1,
    }
}

/// Runs of offsets that ascend one by one and have the same revision; a prefix is one by itself
pub(super) fn runs(
    units: impl Iterator<Item = (Unit, Revision)>,
) -> impl Iterator<Item = (Unit, Revision)> {
    let mut units = units;
    let mut next = units.next();
    core::iter::from_fn(move || {
        let (unit, made) = next?;
        let Span { first, mut last } = unit.span;
        loop {
            next = units.next();
            match next {
                Some((one, by))
                    if !unit.is_prefix
                        && !one.is_prefix
                        && last.checked_add(1) == Some(one.span.first)
                        && by == made =>
                {
                    last = one.span.last;
                }
                _ => return Some((Unit { span: Span { first, last }, ..unit }, made)),
            }
        }
    })
}

pub(super) fn read(from: &mut Reader<'_>, state: &mut State, left: &mut Left) -> Read<()> {
    // Id, home, state, quota, primaries, lists.
    let count = from.count(8)?;
    from.limit(DecodeLimit::Interfaces, count as u64)?;
    from.spend(cost::table(count, size_of::<(Name<InterfaceId>, Interface)>()))?;
    let mut before = None;
    for _ in 0..count {
        let id = InterfaceId::read(from)?;
        from.spend(Name::beside(&id) as u64)?;
        from.demand(before < Some(id), Flaw::Order)?;
        before = Some(id);
        let home = Ix::from_number(from.number32()?);
        let vpc = state.subnets.get(home).map(|home| home.vpc);
        let vpc = vpc.ok_or_else(|| from.flaw(Flaw::Missing))?;
        let status = Status::read(from)?;
        let quota = Option::<u32>::read(from)?;
        let primary_v4 = Option::<Ipv4Addr>::read(from)?;
        let primary_v6 = Option::<Ipv6Addr>::read(from)?;
        let ix = state.interfaces.insert(id, Interface::new(home, status, quota));
        let lists = from.count(3)?;
        let beyond = lists.saturating_sub(1).saturating_mul(size_of::<Holding>());
        from.spend((beyond as u64).saturating_mul(3))?;
        let mut at = 0u64;
        for _ in 0..lists {
            let key = at.checked_add(from.number()?).and_then(|key| Some((key, block_of(key)?)));
            let (key, block) = key.ok_or_else(|| from.flaw(Flaw::Missing))?;
            at = key.saturating_add(1);
            let same = state.subnets.get(block.subnet()).is_some_and(|subnet| subnet.vpc == vpc);
            from.demand(same, Flaw::Missing)?;
            read_list(from, state, left, (ix, block))?;
        }
        if let Some(home) = state.subnets.get_mut(home) {
            home.homes = home.homes.saturating_add(1);
        }
        let primaries = [primary_v4.map(IpAddr::V4), primary_v6.map(IpAddr::V6)];
        for primary in primaries.into_iter().flatten() {
            from.demand(has(state, ix, primary), Flaw::Primary)?;
            if let Some(interface) = state.interfaces.get_mut(ix) {
                interface.set_primary(primary);
            }
        }
    }
    Ok(())
}

fn read_list(
    from: &mut Reader<'_>,
    state: &mut State,
    left: &mut Left,
    (owner, key): (Ix<Interface>, BlockKey),
) -> Read<()> {
    let State { interfaces, subnets, seeded, revision, .. } = state;
    let subnet = subnets.get_mut(key.subnet());
    let block = subnet.and_then(|subnet| subnet.block_mut(key.family()));
    let block = block.ok_or_else(|| from.flaw(Flaw::Missing))?;
    let list = interfaces.get_mut(owner);
    let list = list.and_then(|of| of.list_mut(key.subnet(), key.family()));
    let list = list.ok_or_else(|| from.flaw(Flaw::Missing))?;
    let count = from.number32()?;
    from.demand(count > 0, Flaw::Unowned)?;
    let (mut runs, mut prefixes) = (RunReader::default(), 0u32);
    let occupant = Occupant::Assigned(owner);
    while list.count() < count {
        let head = from.wide()?;
        if head & 1 == 1 {
            let since = runs.made.get().checked_add(from.number()?).map(Revision::new);
            let since = since.filter(|&since| since > runs.made && since <= *revision);
            runs.made = since.ok_or_else(|| from.flaw(Flaw::Revision))?;
            runs.before = None;
        }
        from.demand(runs.made > Revision::ZERO, Flaw::Revision)?;
        let unit = runs.next(from, head >> 1, count.saturating_sub(list.count()))?;
        let gain = Gain { occupant, generation: runs.made, seeded };
        if unit.is_prefix {
            from.spend(cost::PREFIX)?;
            prefixes = prefixes.saturating_add(1);
        } else {
            take(from, left, key, unit.span)?;
        }
        from.demand(block.restore(list, unit, gain), Flaw::Taken)?;
    }
    if let Some(interface) = interfaces.get_mut(owner) {
        interface.gain(key.family(), Count { slots: count, prefixes });
    }
    Ok(())
}

/// Takes so many addresses from those of a block that nobody has had yet
pub(super) fn take(from: &Reader<'_>, left: &mut Left, key: BlockKey, span: Span) -> Read<()> {
    let of = left.get_mut(key.subnet().number() as usize);
    let [v4, v6] = of.ok_or_else(|| from.flaw(Flaw::Missing))?;
    let left = if key.family() == Family::V4 { v4 } else { v6 };
    let count = u64::try_from(span.count()).unwrap_or(u64::MAX);
    *left = left.checked_sub(count).ok_or_else(|| from.flaw(Flaw::Taken))?;
    Ok(())
}

/// Where reading the runs of a list stands
#[derive(Default)]
pub(super) struct RunReader {
    /// The revision that made the run at hand
    pub(super) made: Revision,
    /// The offset after the run before
    at: u128,
    /// The last offset of the run before, if that has the same revision
    before: Option<u128>,
}

impl RunReader {
    /// The next run or prefix, by its head; of no more than `room` slots
    pub(super) fn next(&mut self, from: &mut Reader<'_>, head: u128, room: u32) -> Read<Unit> {
        let (value, is_prefix) = (head >> 1, head & 1 == 1);
        let more = if is_prefix {
            // None has all of ::/0, which is more than can be counted.
            let size = u32::try_from(value).ok().and_then(|bits| 1u128.checked_shl(bits));
            size.ok_or_else(|| from.flaw(Flaw::TooLarge))?.saturating_sub(1)
        } else {
            from.demand(value < room.into(), Flaw::TooLarge)?;
            value
        };
        let first = follow(self.at, from.wide()?);
        let span = first.checked_add(more).and_then(|last| Span::new(first, last));
        let span = span.ok_or_else(|| from.flaw(Flaw::Outside))?;
        let touches = self.before.and_then(|last| last.checked_add(1)) == Some(first);
        from.demand(is_prefix || !touches, Flaw::Apart)?;
        self.at = span.last.wrapping_add(1);
        self.before = Some(span.last).filter(|_| !is_prefix);
        Ok(Unit { span, is_prefix })
    }
}

/// Whether an interface has an address in a subnet of its VPC
fn has(state: &State, ix: Ix<Interface>, address: IpAddr) -> bool {
    let found = || {
        let family = Family::of(address);
        let home = state.interfaces.get(ix)?.home;
        let vpc = state.vpcs.get(state.subnets.get(home)?.vpc)?;
        let last = |ix| Some(state.subnets.get(ix)?.block(family)?.span().last);
        let subnet = vpc.subnets.lowest(family, AddrRange::one(address).span(), last)?;
        let block = state.subnets.get(subnet)?.block(family)?;
        let offset = block.offset(address)?;
        if block.owners.prefix_at(offset).is_some() {
            return None;
        }
        block.owners.get(offset)?.0.interface()
    };
    found() == Some(ix)
}
