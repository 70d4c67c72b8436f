//! VPCs and subnets as bytes

use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::{Order, cost};
use crate::codec::change::cidrs;
use crate::codec::reader::{Read, Reader};
use crate::codec::taken::{self, Taken};
use crate::codec::value::Coded;
use crate::codec::write;
use crate::error::{DecodeLimit, Flaw};
use crate::id::{SubnetId, VpcId};
use crate::rules::Profile;
use crate::space::address::{Family, Span};
use crate::space::index::Indices;
use crate::space::{Reservation, Space};
use crate::state::State;
use crate::state::subnet::{self, Block, Subnet};
use crate::state::table::Ix;
use crate::state::vpc::Vpc;

/// The CIDRs of each VPC in order, in which one that contains another is the last before it
pub(super) type Sorted = Vec<Vec<IpNet>>;

/// How many offsets of each block nobody has had yet: a pair for each subnet, IPv4's first
pub(super) type Left = Vec<[u64; 2]>;

pub(super) fn write_vpcs(out: &mut Vec<u8>, order: &Order<'_>) {
    write::number(out, order.vpcs.len() as u64);
    for (_, id, vpc) in &order.vpcs {
        id.write(out);
        write::number(out, vpc.cidrs.len() as u64);
        vpc.cidrs.iter().for_each(|cidr| cidr.write(out));
    }
}

pub(super) fn read_vpcs(from: &mut Reader<'_>, state: &mut State) -> Read<Sorted> {
    let count = from.count(3)?;
    from.spend(cost::table(count, size_of::<(VpcId, Vpc)>()))?;
    let mut all: Sorted = from.vector(count)?;
    let mut before = None;
    for _ in 0..count {
        let id = VpcId::read(from)?;
        from.demand(before < Some(id), Flaw::Order)?;
        before = Some(id);
        let cidrs = cidrs(from)?;
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
    write::number(out, order.subnets.len() as u64);
    // By where they are kept: each is kept once.
    let mut profiles = BTreeMap::<usize, u64>::new();
    for (_, id, subnet) in &order.subnets {
        let Subnet { vpc, homes: _, profile, .. } = subnet;
        id.write(out);
        order.vpc_positions.get(*vpc).write(out);
        let next = profiles.len() as u64;
        let number = *profiles.entry(Arc::as_ptr(profile).addr()).or_insert(next);
        write::number(out, number);
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
        subnet.blocks().for_each(|block| write_space(out, &block.space));
    }
}

fn write_space(out: &mut Vec<u8>, space: &Space) {
    write::number(out, space.reservations().count() as u64);
    let mut at = 0u128;
    for Span { first, last } in space.reservations() {
        write::wide(out, first.saturating_sub(at));
        write::wide(out, last.saturating_sub(first));
        let kind = space.kind_at(first);
        kind.write(out);
        at = last.wrapping_add(1);
    }
    taken::write(out, space);
}

pub(super) fn read_subnets(from: &mut Reader<'_>, state: &mut State, cidrs: &Sorted) -> Read<Left> {
    // Id, VPC, profile, which CIDRs, one of them, indices, ranges, what is taken.
    let count = from.count(14)?;
    from.spend(cost::table(count, size_of::<(SubnetId, Subnet)>()))?;
    from.spend(cost::map(count, size_of::<(u128, Ix<Subnet>)>()))?;
    let mut left: Left = from.vector(count)?;
    let mut profiles: Vec<Arc<Profile>> = Vec::new();
    let mut before = None;
    for _ in 0..count {
        let id = SubnetId::read(from)?;
        from.demand(before < Some(id), Flaw::Order)?;
        before = Some(id);
        let vpc = Ix::from_number(from.number32()?);
        from.demand(state.vpcs.get(vpc).is_some(), Flaw::Missing)?;
        let profile = read_profile(from, state, &mut profiles)?;
        let v4 = Option::<Ipv4Net>::read(from)?;
        let v6 = Option::<Ipv6Net>::read(from)?;
        let indices = Indices::read(from)?;
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
        for (family, left) in Family::ALL.into_iter().zip(&mut taken) {
            if let Some(block) = record.block_mut(family) {
                *left = read_space(from, block, indices)?;
            }
        }
        record.set_indices(indices);
        left.push(taken);
        state.restore_subnet(id, record);
    }
    Ok(left)
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
fn is_allowed(cidrs: &Sorted, vpc: Ix<Vpc>, cidr: IpNet) -> bool {
    let Some(cidrs) = cidrs.get(vpc.number() as usize) else { return false };
    let below = cidrs.partition_point(|of| *of <= cidr).checked_sub(1);
    cidrs.is_empty() || below.and_then(|at| cidrs.get(at)).is_some_and(|of| of.contains(&cidr))
}

/// Whether a VPC has no subnet yet that overlaps this CIDR
fn is_apart(state: &State, vpc: Ix<Vpc>, cidr: IpNet) -> bool {
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
        block.space.reserve(span, kind);
        at = span.last.checked_add(1);
    }
    let taken = Taken::read(from, whole.last)?;
    let count = u64::try_from(taken.count).unwrap_or(u64::MAX);
    // As many as nodes have numbers, whatever the caller allows.
    from.limit_to(DecodeLimit::Addresses, u32::MAX.into(), count)?;
    from.take_addresses(count)?;
    let room = taken.room();
    let trees =
        u32::from(indices.blocks).saturating_add(u32::from(indices.ranks).saturating_mul(4));
    from.spend(cost::block(room, trees))?;
    let far = if trees > 0 { u64::try_from(room.far).unwrap_or(u64::MAX) } else { 0 };
    let parted = if prefix_only { count } else { 0 };
    from.spend(cost::free_runs(far.saturating_add(parted)))?;
    if count > 0 {
        taken.restore(&mut block.space, room.near);
        block.owners.reach((room.near as u128).saturating_sub(1), taken.count);
    }
    Ok(count)
}
