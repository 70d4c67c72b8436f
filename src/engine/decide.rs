//! Judging commands: what makes, deletes and sets; assignments are judged in `assign`

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::net::IpAddr;

use ipnet::IpNet;

use super::choose::{self, Asked, How};
use super::draft::Draft;
use super::seat::{Asker, Seat, Standing};
use super::target::{self, free_at};
use super::{adopt, assign, ensure, grant, holds, moves, once, primary, shape, unassign};
use crate::command::{Command, CreateInterface, Primary, Rest};
use crate::error::{AddressFault, AddressFaults, Error};
use crate::event::{Change, End, Failure};
use crate::id::{InterfaceId, SubnetId, VpcId};
use crate::rules::Policy;
use crate::space::Reservation;
use crate::space::address::Family;
use crate::space::{list::AddrList, range::AddrRange};
use crate::state::Place;
use crate::state::interface::Interface;
use crate::state::occupant::Kind;
use crate::state::owners::Unit;
use crate::state::subnet::Subnet;
use crate::state::table::Ix;
use crate::state::view::{BlockView, View};
use crate::state::vpc::{Vpc, first_overlap};

/// What `command` comes to on what `view` shows
pub(super) fn decide(
    view: &View<'_>,
    command: &Command,
    draft: &mut Draft<'_>,
) -> Result<(), Error> {
    let change = match command {
        Command::Assign(request) => return assign::assign(view, request, draft),
        Command::Adopt(request) => return adopt::adopt(view, request, draft),
        Command::Unassign(request) => return unassign::unassign(view, request, draft),
        Command::EnsureCount(request) => return ensure::ensure_count(view, request, draft),
        Command::Move(request) => return moves::move_addresses(view, request, draft),
        Command::ReplacePrimary(request) => return primary::replace_primary(view, request, draft),
        Command::Confirm { task } => return holds::confirm(view, *task, draft),
        Command::Cancel(request) => return holds::cancel(view, request, draft),
        Command::Resolve(request) => return holds::resolve(view, request, draft),
        Command::Once(request) => return once::once(view, request, draft),
        Command::CreateInterface(request) => return create_interface(view, request, draft),
        Command::DeleteInterface { interface } => return delete_interface(view, *interface, draft),
        Command::CreateVpc { vpc, cidrs } => create_vpc(view, *vpc, cidrs)?,
        Command::DeleteVpc { vpc } => delete_vpc(view, *vpc)?,
        Command::CreateSubnet(request) => shape::create_subnet(view, request)?,
        Command::Reshape(request) => {
            let Some(change) = shape::reshape(view, request)? else { return Ok(()) };
            change
        }
        Command::DeleteSubnet { subnet } => delete_subnet(view, *subnet)?,
        Command::SetStatus { interface, status } => {
            let (_, found) = self::interface(view, interface)?;
            if found.status == *status {
                return Ok(());
            }
            Change::StatusSet { interface: *interface, status: *status }
        }
        Command::SetQuota { interface, quota } => {
            let (_, found) = self::interface(view, interface)?;
            if found.quota() == *quota {
                return Ok(());
            }
            Change::QuotaSet { interface: *interface, quota: *quota }
        }
        Command::ReserveRange { subnet, range, kind } => {
            reserve_range(view, *subnet, *range, *kind)?
        }
        Command::ReleaseRange { subnet, range } => release_range(view, *subnet, *range)?,
        Command::SetIndices { subnet, indices } => {
            let (ix, _) = self::subnet(view, subnet)?;
            if view.indices(ix) == *indices {
                return Ok(());
            }
            Change::IndicesSet { subnet: *subnet, indices: *indices }
        }
        Command::SetPolicy { subnet, policy } => {
            let (ix, _) = self::subnet(view, subnet)?;
            if view.selection(ix).map_or(Policy::Lowest, |of| of.policy) == *policy {
                return Ok(());
            }
            Change::PolicySet { subnet: *subnet, policy: Box::new(*policy) }
        }
        Command::SetCursor { subnet, address } => match set_cursor(view, *subnet, *address)? {
            Some(change) => change,
            None => return Ok(()),
        },
        Command::SetLimits { limits } => {
            if view.limits() == *limits {
                return Ok(());
            }
            Change::LimitsSet { limits: *limits }
        }
        Command::Sweep => {
            // Every other change does it too.
            if !view.is_due() || !draft.changes().is_empty() {
                return Ok(());
            }
            Change::Swept
        }
    };
    draft.push(change);
    Ok(())
}

pub(super) fn vpc<'v>(view: &'v View<'_>, id: &VpcId) -> Result<(Ix<Vpc>, &'v Vpc), Error> {
    let found = view.find_vpc(id).and_then(|ix| Some((ix, view.vpc(ix)?)));
    match found {
        Some(found) => Ok(found),
        None => Err(Error::VpcNotFound(*id)),
    }
}

pub(super) fn subnet<'v>(
    view: &'v View<'_>,
    id: &SubnetId,
) -> Result<(Ix<Subnet>, &'v Subnet), Error> {
    let found = view.find_subnet(id).and_then(|ix| Some((ix, view.subnet(ix)?)));
    match found {
        Some(found) => Ok(found),
        None => Err(Error::SubnetNotFound(*id)),
    }
}

pub(super) fn interface<'v>(
    view: &'v View<'_>,
    id: &InterfaceId,
) -> Result<(Ix<Interface>, &'v Interface), Error> {
    let found = view.find_interface(id).and_then(|ix| Some((ix, view.interface(ix)?)));
    match found {
        Some(found) => Ok(found),
        None => Err(Error::InterfaceNotFound(*id)),
    }
}

/// The block of a subnet in `family`
pub(super) fn block<'v>(
    view: &'v View<'_>,
    id: SubnetId,
    ix: Ix<Subnet>,
    family: Family,
) -> Result<BlockView<'v>, Error> {
    view.block(ix, family).ok_or(Error::FamilyUnsupported { subnet: id, family })
}

pub(super) fn no_host_bits(cidrs: impl Iterator<Item = IpNet>) -> Result<(), Error> {
    let flawed = cidrs.enumerate().find(|(_, cidr)| *cidr != cidr.trunc());
    match flawed {
        Some((index, cidr)) => Err(Error::HostBits { index, cidr, network: cidr.trunc() }),
        None => Ok(()),
    }
}

fn create_vpc(view: &View<'_>, id: VpcId, cidrs: &[IpNet]) -> Result<Change, Error> {
    no_host_bits(cidrs.iter().copied())?;
    if let Some([(first, other), (index, cidr)]) = first_overlap(cidrs) {
        return Err(Error::CidrsOverlap { index, cidr, first, other });
    }
    if view.find_vpc(&id).is_some() {
        return Err(Error::VpcExists(id));
    }
    Ok(Change::VpcCreated { vpc: id, cidrs: cidrs.to_vec() })
}

fn delete_vpc(view: &View<'_>, id: VpcId) -> Result<Change, Error> {
    let (ix, _) = vpc(view, &id)?;
    match view.any_subnet(ix).and_then(|subnet| view.subnet_id(subnet)) {
        Some(&subnet) => Err(Error::VpcInUse { vpc: id, subnet }),
        None => Ok(Change::VpcDeleted { vpc: id }),
    }
}

fn delete_subnet(view: &View<'_>, id: SubnetId) -> Result<Change, Error> {
    let (ix, _) = subnet(view, &id)?;
    let interfaces = view.homes(ix);
    let addresses = Family::ALL
        .into_iter()
        .filter_map(|family| view.block(ix, family))
        .fold(0u128, |sum, block| sum.saturating_add(block.owned()));
    if interfaces == 0 && addresses == 0 {
        Ok(Change::SubnetDeleted { subnet: id })
    } else {
        Err(Error::SubnetInUse { subnet: id, interfaces, addresses })
    }
}

fn create_interface(
    view: &View<'_>,
    request: &CreateInterface,
    draft: &mut Draft<'_>,
) -> Result<(), Error> {
    let CreateInterface { interface, subnet: home, status, quota, auto_only, .. } = *request;
    let (ix, subnet) = subnet(view, &home)?;
    if view.find_interface(&interface).is_some() {
        return Err(Error::InterfaceExists(interface));
    }
    let wanted: Vec<(Family, Primary<IpAddr>)> = Family::ALL
        .into_iter()
        .map(|family| (family, request.primary(family)))
        .filter(|(_, primary)| *primary != Primary::Absent)
        .collect();
    for &(family, _) in &wanted {
        block(view, home, ix, family)?;
    }
    let seat = Seat::new(view, ix, subnet, None);
    let asker = Asker { id: &interface, ix: None, own: false, reassign: false, auto_only };
    let mut faults = Vec::new();
    let mut woken = Vec::new();
    for &(family, primary) in &wanted {
        let Primary::Named(address) = primary else { continue };
        match seat.judge(address, &asker) {
            Ok(Standing::Resting) => woken.push(address),
            Ok(_) => {}
            Err(cause) => faults.push(AddressFault { index: family as usize, address, cause }),
        }
    }
    AddressFaults::collect(faults)?;

    let record = Interface::new(ix, status, quota);
    if subnet.profile.quota.counts_primary {
        let families: Vec<Family> = wanted.iter().map(|&(family, _)| family).collect();
        let slots = |family: Family| u64::from(families.contains(&family));
        target::quota(&record, &interface, subnet.profile.quota, slots)?;
    }

    draft.push(Change::InterfaceCreated { interface, subnet: home, status, quota });
    for (family, primary) in wanted {
        let block = block(view, home, ix, family)?;
        let mut chosen = choose::Chosen::default();
        match primary {
            Primary::Named(address) => {
                chosen.addresses.push(AddrRange::one(address));
                if woken.contains(&address) {
                    chosen.woken.push(AddrRange::one(address));
                }
            }
            _ => {
                let none = AddrList::new();
                let how = How::of(view, (ix, subnet), family, None);
                let asked = Asked::any(1, subnet.profile.quarantine.when_exhausted, &none, how);
                chosen = choose::choose(&block, &asked)
                    .map_err(|few| choose::refusal(home, &block, &asked, few))?;
            }
        }
        let choose::Chosen { addresses, woken, moved } = chosen;
        let Some(address) = addresses.iter().next() else { continue };
        draft.answer_mut().extend(addresses.ranges());
        if !woken.is_empty() {
            draft.push(Change::RestEnded { subnet: home, addresses: woken });
        }
        draft.push(Change::Assigned { interface, subnet: home, addresses });
        grant::move_policy(home, family, draft, moved);
        draft.push(Change::PrimarySet { interface, address });
    }
    Ok(())
}

fn delete_interface(view: &View<'_>, id: InterfaceId, draft: &mut Draft<'_>) -> Result<(), Error> {
    let (ix, _) = interface(view, &id)?;
    for task in view.unfinished(ix) {
        let Some((record, _)) = view.task(task) else { continue };
        let until = holds::end_of_rest(view, record, &Rest::USUAL);
        let failure = Failure::InterfaceDeleted;
        let end = End::Failed { failure, reason: None, kept: AddrList::new() };
        holds::finish(draft, task, end, until, &Rest::USUAL);
    }
    for (subnet, subnet_ix, family) in view.blocks_of(ix) {
        let block = block(view, subnet, subnet_ix, family)?;
        let has = view.holding(ix, subnet_ix, family);
        let held = has.iter().any(|(_, occupant)| occupant.kind() == Kind::Held);
        let ascending = |of: fn(Kind) -> bool| {
            let of = has.iter().filter(|(_, occupant)| of(occupant.kind()));
            let mut units: Vec<Unit> = of.map(|&(unit, _)| unit).collect();
            units.sort_unstable_by_key(|unit| unit.span.first);
            AddrList::of_parts(units.into_iter().map(|unit| block.block.part(unit)))
        };
        let mut addresses = ascending(|_| true);
        draft.answer_mut().append(&addresses);
        if held {
            addresses = ascending(|kind| kind == Kind::Assigned);
        }
        if !addresses.is_empty() {
            let until = free_at(view, subnet_ix, &Rest::USUAL);
            let place = Place { interface: ix, subnet: subnet_ix };
            draft.release(view, place, (id, subnet), addresses, (until, None));
        }
    }
    draft.push(Change::InterfaceDeleted { interface: id });
    Ok(())
}

/// Where the policy is to go on, unless it stands there
fn set_cursor(view: &View<'_>, id: SubnetId, address: IpAddr) -> Result<Option<Change>, Error> {
    let (ix, _) = subnet(view, &id)?;
    let selection = view.selection(ix).filter(|of| of.policy == Policy::Next);
    let selection = selection.ok_or(Error::NoCursor(id))?;
    let (family, range) = (Family::of(address), AddrRange::one(address));
    let block = block(view, id, ix, family)?;
    let outside = Error::RangeOutside { subnet: id, range };
    let position = block.block.offset(address).ok_or(outside)?;
    let moved = selection.at(family) != position;
    Ok(moved.then_some(Change::CursorMoved { subnet: id, address }))
}

fn reserve_range(
    view: &View<'_>,
    id: SubnetId,
    range: AddrRange,
    kind: Reservation,
) -> Result<Change, Error> {
    let (ix, _) = subnet(view, &id)?;
    let block = block(view, id, ix, range.family())?;
    let span = block.block.offsets(range).ok_or(Error::RangeOutside { subnet: id, range })?;
    match block.reservation_within(span) {
        Some(other) => Err(Error::ReservationOverlap { range, other: block.block.range(other) }),
        None => Ok(Change::RangeReserved { subnet: id, range, kind }),
    }
}

fn release_range(view: &View<'_>, id: SubnetId, range: AddrRange) -> Result<Change, Error> {
    let (ix, _) = subnet(view, &id)?;
    let found = view.block(ix, range.family()).and_then(|block| {
        let span = block.block.offsets(range)?;
        block.reservation_at(span.first).filter(|&reserved| reserved == span)
    });
    match found {
        Some(_) => Ok(Change::RangeReleased { subnet: id, range }),
        None => Err(Error::ReservationNotFound { subnet: id, range }),
    }
}
