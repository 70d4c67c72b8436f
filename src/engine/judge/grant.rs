//! Writing what an interface is given

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::draft::Draft;
use super::target::Target;
use crate::command::{Expiry, Hold, Wanted};
use crate::engine::choose::Moved;
use crate::error::Error;
use crate::event::{
    Assigned, Change, CursorMoved, Drawn, Held, HoldExtended, OnExpiry, PrimarySet, RestEnded,
};
use crate::id::{SubnetId, Task};
use crate::space::address::Family;
use crate::space::list::AddrList;
use crate::state::name::Name;
use crate::state::view::View;

/// Ends the rest of addresses that are about to be given
pub(in crate::engine) fn wake(target: &Target<'_>, draft: &mut Draft<'_>, addresses: AddrList) {
    if !addresses.is_empty() {
        draft.push(Change::RestEnded(RestEnded { subnet: target.subnet_id(), addresses }));
    }
}

/// Assigns addresses of one family
#[inline]
pub(in crate::engine) fn assign(target: &Target<'_>, draft: &mut Draft<'_>, addresses: AddrList) {
    let (interface, subnet) = (*target.id, target.subnet_id());
    let assigned = Assigned { interface, subnet, addresses };
    draft.push_at(target.place(), Change::Assigned(assigned));
}

/// Sets the primaries of a list that are not primary yet
pub(in crate::engine) fn primaries(target: &Target<'_>, draft: &mut Draft<'_>, list: &[Wanted]) {
    for &Wanted { address, primary } in list {
        if primary && target.interface.primary(Family::of(address)) != Some(address) {
            draft.push(Change::PrimarySet(PrimarySet { interface: *target.id, address }));
        }
    }
}

/// Notes where the subnet's policy stands then, if it has moved
pub(in crate::engine) fn move_policy(
    name: &Name<SubnetId>,
    family: Family,
    draft: &mut Draft<'_>,
    moved: Option<Moved>,
) {
    let Some(moved) = moved else { return };
    let subnet = name.id();
    draft.push(match moved {
        Moved::Cursor(address) => Change::CursorMoved(CursorMoved { subnet, address }),
        Moved::Drawn(draws) => Change::Drawn(Drawn { subnet, family, draws }),
    });
}

/// Holds addresses, IPv4 before IPv6, if there are any
pub(in crate::engine) fn hold(
    view: &View<'_>,
    target: &Target<'_>,
    draft: &mut Draft<'_>,
    hold: &Hold,
    addresses: AddrList,
) -> Result<(), Error> {
    if addresses.is_empty() {
        return Ok(());
    }
    view.judge_task(addresses.run_count())?;
    let rest_millis = target.subnet.profile.quarantine.millis;
    begin(target, draft, hold, (addresses, rest_millis));
    Ok(())
}

/// Holds addresses of several subnets, some of each, by one task
///
/// What of them rests in the end rests as long as the subnet says that says the longest.
pub(in crate::engine) fn hold_each(
    view: &View<'_>,
    draft: &mut Draft<'_>,
    hold: &Hold,
    parts: Vec<(&Target<'_>, AddrList)>,
) -> Result<(), Error> {
    let runs = parts.iter().map(|(_, addresses)| addresses.run_count());
    view.judge_task(runs.fold(0, usize::saturating_add))?;
    let rests = parts.iter().map(|(target, _)| target.subnet.profile.quarantine.millis);
    let rest_millis = rests.max().unwrap_or(0);
    let task = Task::new(view.making(), draft.index);
    for (index, (target, addresses)) in parts.into_iter().enumerate() {
        if index == 0 {
            begin(target, draft, hold, (addresses, rest_millis));
        } else {
            let extended = HoldExtended { task, subnet: target.subnet_id(), addresses };
            draft.push_at(target.place(), Change::HoldExtended(Box::new(extended)));
        }
    }
    Ok(())
}

/// Writes that a hold begins
fn begin(
    target: &Target<'_>,
    draft: &mut Draft<'_>,
    hold: &Hold,
    (addresses, rest_millis): (AddrList, u64),
) {
    let held = Held {
        index: draft.index,
        interface: *target.id,
        subnet: target.subnet_id(),
        addresses,
        until: hold.until,
        expired: match hold.expiry {
            Expiry::Release => OnExpiry::Release { rest_millis },
            Expiry::Unknown => OnExpiry::Unknown,
        },
        keep_until: hold.keep_until,
        request: hold.request,
    };
    draft.push_at(target.place(), Change::Held(Box::new(held)));
}
