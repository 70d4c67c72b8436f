//! Judging moves from one interface to another

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::draft::Draft;
use super::duplicates::duplicates;
use super::lookup;
use super::prefixes::{self, Found};
use super::target::{Target, find};
use crate::command::{Assign, Move};
use crate::error::{AddressFault, AddressFaults, Cause, Error};
use crate::event::{Assigned, Change, Released};
use crate::id::SubnetId;
use crate::rules::OwnAddress;
use crate::space::address::{Family, PerFamily};
use crate::space::list::AddrList;
use crate::space::parts::Part;
use crate::space::range::AddrRange;
use crate::state::Place;
use crate::state::occupant::Occupant;
use crate::state::subnet::Subnet;
use crate::state::table::Ix;
use crate::state::view::View;

/// What moving `request` comes to
pub(super) fn move_addresses(
    view: &View<'_>,
    request: &Move,
    draft: &mut Draft<'_>,
) -> Result<(), Error> {
    let Move { from, to, vpc, addresses, prefixes } = request;
    duplicates(addresses.iter().copied())?;
    if !prefixes.is_empty() {
        prefixes::list_shape(addresses, prefixes)?;
    } else if addresses.is_empty() {
        return Err(Error::NothingAsked);
    }
    if from == to {
        return Err(Error::SameInterface(*from));
    }
    let vpc = lookup::said_vpc(view, vpc.as_ref())?;
    // Both are there before either is in the VPC.
    let (source, target) = (lookup::interface(view, from)?, lookup::interface(view, to)?);
    let source = Target::of(view, from, source, vpc)?;
    let target = Target::of(view, to, target, vpc)?;
    if source.interface.home != target.interface.home {
        return Err(Error::OtherSubnet { from: *from, to: *to });
    }
    target.judge_status()?;
    source.judge_tasks(view)?;
    target.judge_tasks(view)?;

    let again = target.home_profile.own_address == OwnAddress::Accept;
    let mut faults = Vec::new();
    let mut moved = BTreeMap::<(SubnetId, Family), (Ix<Subnet>, AddrList)>::new();
    let mut slots = PerFamily::<u64>::default();
    for (index, &address) in addresses.iter().enumerate() {
        let family = Family::of(address);
        let found = find(view, &source, source.subnet_ix, address);
        let by = |ix| view.interface_id(ix);
        let within = found.and_then(|found| found.prefix_cause(view, address));
        let cause = match found.map(|found| (found.subnet, found.occupant)) {
            _ if within.is_some() => within,
            None => Some(Cause::OutOfRange),
            Some((_, None | Some(Occupant::Resting(_)))) => Some(Cause::NotAssigned),
            Some((_, Some(Occupant::Held(ix)))) => by(ix).map(|by| Cause::Held { by }),
            Some((_, Some(Occupant::Assigned(ix)))) if ix == target.ix && again => None,
            Some((_, Some(Occupant::Assigned(ix)))) if ix != source.ix => {
                by(ix).map(|by| Cause::WrongOwner { by })
            }
            Some(_) if source.interface.primary(family) == Some(address) => Some(Cause::IsPrimary),
            Some((subnet, _)) => {
                if let Some(&id) = view.subnet_id(subnet) {
                    let block = moved.entry((id, family)).or_insert((subnet, AddrList::new()));
                    block.1.push(AddrRange::one(address));
                }
                let slots = slots.get_mut(family);
                *slots = slots.saturating_add(1);
                None
            }
        };
        faults.extend(cause.map(|cause| AddressFault { index, address, cause }));
    }
    for (index, &prefix) in prefixes.iter().enumerate() {
        let (family, address) = (Family::of(prefix.addr()), prefix.addr());
        let by = |ix| view.interface_id(ix);
        let cause = match prefixes::find(view, &source, prefix) {
            Found::Outside => Some(Cause::OutOfRange),
            Found::Vacant | Found::Exact(_, Occupant::Resting(_)) => Some(Cause::NotAssigned),
            Found::Exact(_, Occupant::Held(ix)) => by(ix).map(|by| Cause::Held { by }),
            Found::Exact(_, Occupant::Assigned(ix)) if ix == target.ix && again => None,
            Found::Exact(_, Occupant::Assigned(ix)) if ix != source.ix => {
                by(ix).map(|by| Cause::WrongOwner { by })
            }
            Found::Exact(subnet, _) => {
                if let Some(&id) = view.subnet_id(subnet) {
                    let block = moved.entry((id, family)).or_insert((subnet, AddrList::new()));
                    block.1.push_prefix(prefix);
                }
                let slots = slots.get_mut(family);
                *slots = slots.saturating_add(1);
                None
            }
            Found::Otherwise(cause) => Some(cause),
        };
        let index = addresses.len().saturating_add(index);
        faults.extend(cause.map(|cause| AddressFault { index, address, cause }));
    }
    AddressFaults::collect(faults)?;
    target.judge_quota(|family| *slots.get(family))?;
    let wanted = u128::from(slots.v4).saturating_add(slots.v6.into());
    let limit = Assign::MAX_ADDRESSES;
    if wanted > limit.into() {
        return Err(Error::TooMany { wanted, limit });
    }
    draft.answer_mut().extend(addresses.iter().copied());
    draft.answer_mut().extend(prefixes.iter().map(|&prefix| Part::Prefix(prefix)));
    for (&(id, _), (subnet, addresses)) in &moved {
        let place = Place { interface: source.ix, subnet: *subnet };
        let addresses = addresses.clone();
        draft
            .push_at(place, Change::Released(Released { interface: *from, subnet: id, addresses }));
    }
    for ((id, _), (subnet, addresses)) in moved {
        let place = Place { interface: target.ix, subnet };
        draft.push_at(place, Change::Assigned(Assigned { interface: *to, subnet: id, addresses }));
    }
    Ok(())
}
