//! Judging commands: each goes to the file of its kind; here is what makes, deletes and sets besides

use alloc::boxed::Box;
use core::net::IpAddr;

use ipnet::IpNet;

use super::draft::Draft;
use super::{
    adopt, assign, ensure, holds, interface, lookup, moves, once, primary, shape, unassign,
};
use crate::command::{
    Command, Confirm, CreateVpc, DeleteInterface, DeleteSubnet, DeleteVpc, ReleaseRange,
    ReserveRange, SetCursor, SetIndices, SetLimits, SetPolicy, SetQuota, SetStatus,
};
use crate::error::Error;
use crate::event::{
    Change, CursorMoved, IndicesSet, LimitsSet, PolicySet, QuotaSet, RangeReleased, RangeReserved,
    StatusSet, SubnetDeleted, VpcCreated, VpcDeleted,
};
use crate::id::{SubnetId, VpcId};
use crate::rules::Policy;
use crate::space::Reservation;
use crate::space::address::Family;
use crate::space::range::AddrRange;
use crate::state::view::View;
use crate::state::vpc::first_overlap;

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
        Command::Confirm(Confirm { task }) => return holds::confirm(view, *task, draft),
        Command::Cancel(request) => return holds::cancel(view, request, draft),
        Command::Resolve(request) => return holds::resolve(view, request, draft),
        Command::Once(request) => return once::once(view, request, draft),
        Command::CreateInterface(request) => return interface::create(view, request, draft),
        Command::DeleteInterface(DeleteInterface { interface: id }) => {
            return interface::delete(view, *id, draft);
        }
        Command::CreateVpc(CreateVpc { vpc, cidrs }) => create_vpc(view, *vpc, cidrs)?,
        Command::DeleteVpc(DeleteVpc { vpc }) => delete_vpc(view, *vpc)?,
        Command::CreateSubnet(request) => shape::create_subnet(view, request)?,
        Command::Reshape(request) => {
            let Some(change) = shape::reshape(view, request)? else { return Ok(()) };
            change
        }
        Command::DeleteSubnet(DeleteSubnet { subnet }) => delete_subnet(view, *subnet)?,
        Command::SetStatus(SetStatus { interface, status }) => {
            let (_, found) = lookup::interface(view, interface)?;
            if found.status == *status {
                return Ok(());
            }
            Change::StatusSet(StatusSet { interface: *interface, status: *status })
        }
        Command::SetQuota(SetQuota { interface, quota }) => {
            let (_, found) = lookup::interface(view, interface)?;
            if found.quota() == *quota {
                return Ok(());
            }
            Change::QuotaSet(QuotaSet { interface: *interface, quota: *quota })
        }
        Command::ReserveRange(ReserveRange { subnet, range, kind }) => {
            reserve_range(view, *subnet, *range, *kind)?
        }
        Command::ReleaseRange(ReleaseRange { subnet, range }) => {
            release_range(view, *subnet, *range)?
        }
        Command::SetIndices(SetIndices { subnet, indices }) => {
            let (_, found) = lookup::subnet(view, subnet)?;
            if found.indices() == *indices {
                return Ok(());
            }
            Change::IndicesSet(IndicesSet { subnet: *subnet, indices: *indices })
        }
        Command::SetPolicy(SetPolicy { subnet, policy }) => {
            let (_, found) = lookup::subnet(view, subnet)?;
            if found.selection().map_or(Policy::Lowest, |of| of.policy) == *policy {
                return Ok(());
            }
            Change::PolicySet(PolicySet { subnet: *subnet, policy: Box::new(*policy) })
        }
        Command::SetCursor(SetCursor { subnet, address }) => {
            match set_cursor(view, *subnet, *address)? {
                Some(change) => change,
                None => return Ok(()),
            }
        }
        Command::SetLimits(SetLimits { limits }) => {
            if view.limits() == *limits {
                return Ok(());
            }
            Change::LimitsSet(LimitsSet { limits: *limits })
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

fn create_vpc(view: &View<'_>, id: VpcId, cidrs: &[IpNet]) -> Result<Change, Error> {
    lookup::no_host_bits(cidrs.iter().copied())?;
    if let Some([(first, other), (index, cidr)]) = first_overlap(cidrs) {
        return Err(Error::CidrsOverlap { index, cidr, first, other });
    }
    if view.find_vpc(&id).is_some() {
        return Err(Error::VpcExists(id));
    }
    Ok(Change::VpcCreated(VpcCreated { vpc: id, cidrs: cidrs.to_vec() }))
}

fn delete_vpc(view: &View<'_>, id: VpcId) -> Result<Change, Error> {
    let (ix, _) = lookup::vpc(view, &id)?;
    match view.any_subnet(ix).and_then(|subnet| view.subnet_id(subnet)) {
        Some(&subnet) => Err(Error::VpcInUse { vpc: id, subnet }),
        None => Ok(Change::VpcDeleted(VpcDeleted { vpc: id })),
    }
}

fn delete_subnet(view: &View<'_>, id: SubnetId) -> Result<Change, Error> {
    let (ix, _) = lookup::subnet(view, &id)?;
    match view.users_of(ix) {
        (0, 0) => Ok(Change::SubnetDeleted(SubnetDeleted { subnet: id })),
        (interfaces, addresses) => {
            let interfaces = interfaces.into();
            Err(Error::SubnetInUse { subnet: id, interfaces, addresses })
        }
    }
}

/// Where the policy is to go on, unless it stands there
fn set_cursor(view: &View<'_>, id: SubnetId, address: IpAddr) -> Result<Option<Change>, Error> {
    let (ix, subnet) = lookup::subnet(view, &id)?;
    let selection = subnet.selection().filter(|of| of.policy == Policy::Next);
    let selection = selection.ok_or(Error::NoCursor(id))?;
    let (family, range) = (Family::of(address), AddrRange::one(address));
    let block = lookup::block(view, id, ix, family)?;
    let outside = Error::RangeOutside { subnet: id, range };
    let position = block.offset(address).ok_or(outside)?;
    let moved = selection.at(family) != position;
    Ok(moved.then_some(Change::CursorMoved(CursorMoved { subnet: id, address })))
}

fn reserve_range(
    view: &View<'_>,
    id: SubnetId,
    range: AddrRange,
    kind: Reservation,
) -> Result<Change, Error> {
    let (ix, _) = lookup::subnet(view, &id)?;
    let block = lookup::block(view, id, ix, range.family())?;
    let span = block.offsets(range).ok_or(Error::RangeOutside { subnet: id, range })?;
    match block.reservation_within(span) {
        Some(other) => Err(Error::ReservationOverlap { range, other: block.range(other) }),
        None => Ok(Change::RangeReserved(RangeReserved { subnet: id, range, kind })),
    }
}

fn release_range(view: &View<'_>, id: SubnetId, range: AddrRange) -> Result<Change, Error> {
    let (ix, _) = lookup::subnet(view, &id)?;
    let found = view.block(ix, range.family()).and_then(|block| {
        let span = block.offsets(range)?;
        block.space.reservation_at(span.first).filter(|&reserved| reserved == span)
    });
    match found {
        Some(_) => Ok(Change::RangeReleased(RangeReleased { subnet: id, range })),
        None => Err(Error::ReservationNotFound { subnet: id, range }),
    }
}
