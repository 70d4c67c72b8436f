//! Judging what makes and deletes interfaces

use alloc::vec::Vec;
use core::net::IpAddr;

use super::choose::{Any, Chosen, choose_any};
use super::draft::Draft;
use super::seat::{Asker, Seat, Standing};
use super::target::{self, free_at};
use super::{grant, holds, lookup};
use crate::command::{CreateInterface, Primary, Rest};
use crate::error::{AddressFault, AddressFaults, Error};
use crate::event::{
    Assigned, Change, End, Failure, InterfaceCreated, InterfaceDeleted, PrimarySet, RestEnded,
};
use crate::id::InterfaceId;
use crate::space::address::Family;
use crate::space::list::AddrList;
use crate::space::range::AddrRange;
use crate::state::Place;
use crate::state::interface::Interface;
use crate::state::occupant::Kind;
use crate::state::owners::Unit;
use crate::state::view::View;

/// What making an interface, with the primaries it is to have, comes to
pub(super) fn create(
    view: &View<'_>,
    request: &CreateInterface,
    draft: &mut Draft<'_>,
) -> Result<(), Error> {
    let CreateInterface { interface, subnet: home, status, quota, auto_only, .. } = *request;
    let (ix, subnet) = lookup::subnet(view, &home)?;
    if view.find_interface(&interface).is_some() {
        return Err(Error::InterfaceExists(interface));
    }
    let wanted: Vec<(Family, Primary<IpAddr>)> = Family::ALL
        .into_iter()
        .map(|family| (family, request.primary(family)))
        .filter(|(_, primary)| *primary != Primary::Absent)
        .collect();
    for &(family, _) in &wanted {
        lookup::block(view, home, ix, family)?;
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

    draft.push(Change::InterfaceCreated(InterfaceCreated {
        interface,
        subnet: home,
        status,
        quota,
    }));
    for (family, primary) in wanted {
        let block = lookup::block(view, home, ix, family)?;
        let mut chosen = Chosen::default();
        match primary {
            Primary::Named(address) => {
                chosen.addresses.push(AddrRange::one(address));
                if woken.contains(&address) {
                    chosen.woken.push(AddrRange::one(address));
                }
            }
            _ => {
                let any = Any { count: 1, keep: true, pick: None };
                chosen = choose_any((home, subnet), &block, &any)?;
            }
        }
        let Chosen { addresses, woken, moved } = chosen;
        let Some(address) = addresses.iter().next() else { continue };
        draft.answer_mut().extend(addresses.ranges());
        if !woken.is_empty() {
            draft.push(Change::RestEnded(RestEnded { subnet: home, addresses: woken }));
        }
        draft.push(Change::Assigned(Assigned { interface, subnet: home, addresses }));
        grant::move_policy(home, family, draft, moved);
        draft.push(Change::PrimarySet(PrimarySet { interface, address }));
    }
    Ok(())
}

/// What deleting an interface comes to: its tasks fail, and what it has rests
pub(super) fn delete(view: &View<'_>, id: InterfaceId, draft: &mut Draft<'_>) -> Result<(), Error> {
    let (ix, _) = lookup::interface(view, &id)?;
    for task in view.unfinished(ix) {
        let Some((record, _)) = view.task(task) else { continue };
        let until = holds::end_of_rest(view, record, &Rest::USUAL);
        let failure = Failure::InterfaceDeleted;
        let end = End::Failed { failure, reason: None, kept: AddrList::new() };
        holds::finish(draft, task, end, until, &Rest::USUAL);
    }
    for (subnet, subnet_ix, family) in view.blocks_of(ix) {
        let block = lookup::block(view, subnet, subnet_ix, family)?;
        let has = view.holding(ix, subnet_ix, family);
        let held = has.iter().any(|(_, occupant)| occupant.kind() == Kind::Held);
        let ascending = |of: fn(Kind) -> bool| {
            let of = has.iter().filter(|(_, occupant)| of(occupant.kind()));
            let mut units: Vec<Unit> = of.map(|&(unit, _)| unit).collect();
            units.sort_unstable_by_key(|unit| unit.span.first);
            AddrList::of_parts(units.into_iter().map(|unit| block.part(unit)))
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
    draft.push(Change::InterfaceDeleted(InterfaceDeleted { interface: id }));
    Ok(())
}
