//! VPCs and subnets as bytes

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use triomphe::Arc;

use super::blocks::Left;
use super::runs::{RunReader, head_of, runs};
use super::{Order, cost};
use crate::bytes::{Decode, Encode, Read, Reader, Sink, zigzag};
use crate::codec::taken::{self, Taken};
use crate::error::{DecodeLimit, Flaw};
use crate::id::{Revision, SubnetId, VpcId};
use crate::rules::{Policy, Profile};
use crate::space::Reservation;
use crate::space::address::{Family, PerFamily, Span};
use crate::space::index::Indices;
use crate::state::State;
use crate::state::index::Ix;
use crate::state::name::Name;
use crate::state::owners::Unit;
use crate::state::released::Released;
use crate::state::selection::Selection;
use crate::state::subnet::{self, Block, Subnet};
use crate::state::vpc::Vpc;

/// The CIDRs of each VPC in order, in which one that contains another is the last before it
pub(super) type Sorted = Vec<Vec<IpNet>>;

pub(super) fn write_vpcs(out: &mut Vec<u8>, order: &Order<'_>) {
    out.number(order.vpcs.len() as u64);
    for (_, id, vpc) in &order.vpcs {
        id.id().write(out);
        out.number(vpc.cidrs().len() as u64);
        vpc.cidrs().iter().for_each(|cidr| cidr.write(out));
    }
}

pub(super) fn read_vpcs(from: &mut Reader<'_>, state: &mut State) -> Read<Sorted> {
    let count = from.count(3)?;
    from.spend(cost::table(count, size_of::<(Name<VpcId>, Vpc)>()))?;
    let mut all: Sorted = from.vector(count)?;
    let mut before = None;
    for _ in 0..count {
        let id = VpcId::read(from)?;
        from.spend(Name::beside(&id) as u64)?;
        from.demand(before < Some(id), Flaw::Order)?;
        before = Some(id);
        let cidrs = Vec::<IpNet>::read(from)?;
        from.spend(size_of_val(cidrs.as_slice()) as u64)?;
        let mut sorted = cidrs.clone();
        sorted.sort_unstable();
        // CIDRs overlap only if one contains the other, and then it contains the next one in order.
        let apart = sorted.is_sorted_by(|a, b| !a.contains(b));
        from.demand(apart && sorted.iter().all(|&cidr| cidr == cidr.trunc()), Flaw::Cidr)?;
        all.push(sorted);
        state.vpcs.insert(id, Vpc::new(cidrs));
    }
    Ok(all)
}

pub(super) fn write_subnets(out: &mut Vec<u8>, order: &Order<'_>) {
    out.number(order.subnets.len() as u64);
    // By where they are kept: each is kept once.
    let mut profiles = BTreeMap::<usize, u64>::new();
    for (_, id, subnet) in &order.subnets {
        let Subnet { vpc, homes: _, profile, .. } = subnet;
        let selection = subnet.selection();
        let policy = selection.map_or(Policy::Lowest, |of| of.policy);
        id.id().write(out);
        order.vpc_positions.get(*vpc).write(out);
        let next = profiles.len() as u64;
        let number = *profiles.entry(Arc::as_ptr(profile).addr()).or_insert(next);
        out.number(number);
        if number == next {
            profile.write(out);
        }
        let cidr = |family| subnet.block(family).and_then(Block::cidr);
        let v4 = match cidr(Family::V4) {
            Some(IpNet::V4(v4)) => Some(v4),
            _ => None,
        };
        let v6 = match cidr(Family::V6) {
            Some(IpNet::V6(v6)) => Some(v6),
            _ => None,
        };
        v4.write(out);
        v6.write(out);
        subnet.indices().write(out);
        policy.write(out);
        for block in subnet.blocks() {
            write_space(out, block);
            if let (Some(of), Policy::Next | Policy::Random { .. }) = (selection, policy) {
                out.wide(of.at(block.family));
            }
            if let Some(released) = &block.released {
                write_released(out, released);
            }
        }
    }
}

/// How many, then runs of those that ascend one by one, in the order of their release
fn write_released(out: &mut Vec<u8>, released: &Released) {
    out.number(released.count().into());
    let units = released.iter().map(|offset| (Unit::one(offset), Revision::ZERO));
    let mut at = 0u128;
    for (unit, _) in runs(units) {
        out.wide(head_of(unit));
        out.wide(zigzag(at, unit.span.first));
        at = unit.span.last.wrapping_add(1);
    }
}

fn write_space(out: &mut Vec<u8>, block: &Block) {
    let space = &block.space;
    out.number(space.reservations().count() as u64);
    let mut at = 0u128;
    for Span { first, last } in space.reservations() {
        out.wide(first.saturating_sub(at));
        out.wide(last.saturating_sub(first));
        let kind = space.kind_at(first);
        kind.write(out);
        at = last.wrapping_add(1);
    }
    let prefixes = |span| block.owners.prefixes().into_iter().flat_map(move |of| of.within(span));
    taken::write(out, space, prefixes);
}

pub(super) fn read_subnets(from: &mut Reader<'_>, state: &mut State, cidrs: &Sorted) -> Read<Left> {
    // Id, VPC, profile, which CIDRs, one of them, indices, ranges, what is taken.
    let count = from.count(15)?;
    from.spend(cost::table(count, size_of::<(Name<SubnetId>, Subnet)>()))?;
    from.spend(cost::map(count, size_of::<(u128, Ix<SubnetId>)>()))?;
    let mut left: Left = from.vector(count)?;
    let mut profiles: Vec<Arc<Profile>> = Vec::new();
    let mut before = None;
    for _ in 0..count {
        let id = SubnetId::read(from)?;
        from.spend(Name::beside(&id) as u64)?;
        from.demand(before < Some(id), Flaw::Order)?;
        before = Some(id);
        let vpc = Ix::from_number(from.number32()?);
        from.demand(state.vpcs.get(vpc).is_some(), Flaw::Missing)?;
        let profile = read_profile(from, state, &mut profiles)?;
        let v4 = Option::<Ipv4Net>::read(from)?;
        let v6 = Option::<Ipv6Net>::read(from)?;
        let indices = Indices::read(from)?;
        let policy = Policy::read(from)?;
        for cidr in subnet::cidrs(v4, v6) {
            let fits =
                cidr == cidr.trunc() && is_allowed(cidrs, vpc, cidr) && is_apart(state, vpc, cidr);
            from.demand(fits, Flaw::Cidr)?;
        }
        if v4.is_some() && v6.is_some() {
            from.spend(size_of::<Block>() as u64)?;
        }
        let mut record = Subnet::new(vpc, profile, v4, v6).ok_or_else(|| from.flaw(Flaw::Cidr))?;
        let mut taken = [0; 2];
        let (mut positions, mut orders) = <(PerFamily<u128>, PerFamily<Vec<Span>>)>::default();
        if policy != Policy::Lowest {
            from.spend(size_of::<Selection>() as u64)?;
        }
        for (family, left) in Family::ALL.into_iter().zip(&mut taken) {
            if let Some(block) = record.block_mut(family) {
                *left = read_space(from, block, indices)?;
                let last = block.space.whole().last;
                if matches!(policy, Policy::Next | Policy::Random { .. }) {
                    let position = from.wide()?;
                    let may = Selection::new(policy).may_be_at(position, last);
                    from.demand(may == Some(true), Flaw::Outside)?;
                    *positions.get_mut(family) = position;
                }
                if policy == Policy::LongestReleased {
                    let order = read_released(from, block)?;
                    spend_known(from, block, &order)?;
                    *orders.get_mut(family) = order;
                }
            }
        }
        record.set_indices(indices);
        if policy != Policy::Lowest {
            record.restore_policy(policy, positions, orders, &state.seeded);
        }
        left.push(taken);
        state.restore_subnet(id, record);
    }
    Ok(left)
}

/// Offsets in the order of their release, none of which may be taken
fn read_released(from: &mut Reader<'_>, block: &Block) -> Read<Vec<Span>> {
    let count = from.number32()?;
    from.take_addresses(count.into())?;
    // At worst each has a page and a branch on each level to itself.
    from.spend(u64::from(count).saturating_mul(2_000).saturating_add(8_000))?;
    let (mut order, mut runs, mut read) = (Vec::new(), RunReader::default(), 0u32);
    while read < count {
        let head = from.wide()?;
        let unit = runs.next(from, head, count.saturating_sub(read))?;
        let fits = !unit.is_prefix
            && unit.span.last <= block.space.whole().last
            && block.space.is_vacant(unit.span);
        from.demand(fits, Flaw::Taken)?;
        read = read.saturating_add(u32::try_from(unit.slots()).unwrap_or(u32::MAX));
        order.push(unit.span);
    }
    let mut sorted = order.clone();
    sorted.sort_unstable_by_key(|span| span.first);
    from.demand(sorted.is_sorted_by(|a, b| a.last < b.first), Flaw::Order)?;
    Ok(order)
}

/// Speaks for what an order of release knows beside itself: which offsets were ever taken
fn spend_known(from: &mut Reader<'_>, block: &Block, order: &[Span]) -> Read<()> {
    let whole = block.space.whole();
    let mut released = order.to_vec();
    released.sort_unstable_by_key(|span| span.first);
    from.spend(cost::known(whole, block.space.taken_runs(whole)))?;
    from.spend(cost::known(whole, released.into_iter()))
}

/// A profile by its number, the first time with what it says
fn read_profile(
    from: &mut Reader<'_>,
    state: &mut State,
    profiles: &mut Vec<Arc<Profile>>,
) -> Read<Arc<Profile>> {
    let number = from.number32()? as usize;
    if let Some(profile) = profiles.get(number) {
        return Ok(state.profiles.share(profile));
    }
    from.demand(number == profiles.len(), Flaw::Missing)?;
    from.spend((size_of::<Profile>() as u64).saturating_add(128))?;
    let profile = Profile::read(from)?;
    let known = state.profiles.len();
    let shared = state.profiles.share(&profile);
    from.demand(state.profiles.len() > known, Flaw::Apart)?;
    profiles.push(Arc::clone(&shared));
    Ok(shared)
}

/// Whether a VPC lets a subnet have this CIDR
fn is_allowed(cidrs: &Sorted, vpc: Ix<VpcId>, cidr: IpNet) -> bool {
    let Some(cidrs) = cidrs.get(vpc.number() as usize) else { return false };
    let below = cidrs.partition_point(|of| *of <= cidr).checked_sub(1);
    cidrs.is_empty() || below.and_then(|at| cidrs.get(at)).is_some_and(|of| of.contains(&cidr))
}

/// Whether a VPC has no subnet yet that overlaps this CIDR
fn is_apart(state: &State, vpc: Ix<VpcId>, cidr: IpNet) -> bool {
    let (family, span) = (Family::of(cidr.addr()), Span::of_net(cidr));
    let last = |ix| Some(state.subnets.get(ix)?.block(family)?.span().last);
    let vpc = state.vpcs.get(vpc);
    vpc.is_some_and(|vpc| vpc.subnets.lowest(family, span, last).is_none())
}

/// Reads what is reserved and taken in a block; says how much is taken
fn read_space(from: &mut Reader<'_>, block: &mut Block, indices: Indices) -> Read<u64> {
    let (whole, mut at) = (block.space.whole(), Some(0u128));
    let ranges = from.count(3)?;
    from.spend(cost::map(ranges, size_of::<[u128; 5]>().saturating_mul(2)))?;
    from.spend(cost::free_runs(ranges as u64))?;
    let mut pages = cost::Pages::new(whole, indices);
    let mut prefix_only = false;
    for _ in 0..ranges {
        let gap = from.wide()?;
        let first = at.and_then(|at| at.checked_add(gap));
        let more = from.wide()?;
        let span = first.and_then(|first| Span::new(first, first.checked_add(more)?));
        let span = span.filter(|span| span.last <= whole.last);
        let span = span.ok_or_else(|| from.flaw(Flaw::Outside))?;
        let kind = Reservation::read(from)?;
        prefix_only |= kind == Reservation::PrefixOnly;
        from.spend(pages.of_run(span))?;
        block.space.reserve(span, kind);
        at = span.last.checked_add(1);
    }
    let taken = Taken::read(from, whole.last)?;
    let count = u64::try_from(taken.count).unwrap_or(u64::MAX);
    // As many as nodes have numbers, whatever the caller allows.
    from.limit_to(DecodeLimit::Addresses, u32::MAX.into(), count)?;
    from.take_addresses(count)?;
    let (mut pages, mut bytes) = (cost::Pages::new(whole, indices), 0u64);
    let room = taken.room(|run| bytes = bytes.saturating_add(pages.of_run(run)));
    from.spend(bytes.saturating_add(cost::block(room)))?;
    let far =
        if indices != Indices::NONE { u64::try_from(room.far).unwrap_or(u64::MAX) } else { 0 };
    let parted = if prefix_only { count } else { 0 };
    from.spend(cost::free_runs(far.saturating_add(parted)))?;
    if count > 0 {
        taken.restore(&mut block.space);
    }
    Ok(count)
}
