//! Interfaces as bytes, and what each has, in order of assignment

use alloc::vec::Vec;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::blocks::{Left, block_of, key_of, take};
use super::runs::{RunReader, head_of, runs};
use super::{Order, cost};
use crate::bytes::{Decode, Encode, Read, Reader, Sink, zigzag};
use crate::error::{DecodeLimit, Flaw};
use crate::id::{InterfaceId, Revision};
use crate::space::address::Family;
use crate::space::range::AddrRange;
use crate::state::State;
use crate::state::holdings::Holding;
use crate::state::index::{BlockKey, Ix};
use crate::state::interface::{Count, Interface};
use crate::state::name::Name;
use crate::state::occupant::Occupant;
use crate::state::owners::{Gain, List, Owners};
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
            home.home_interfaces = home.home_interfaces.saturating_add(1);
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
    (owner, key): (Ix<InterfaceId>, BlockKey),
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

/// Whether an interface has an address in a subnet of its VPC
fn has(state: &State, ix: Ix<InterfaceId>, address: IpAddr) -> bool {
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
