//! Judging moves from one interface to another

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::net::IpAddr;

use ipnet::IpNet;

use crate::command::Move;
use crate::engine::judge::draft::Draft;
use crate::engine::judge::duplicates::duplicates;
use crate::engine::judge::lookup;
use crate::engine::judge::prefixes::{self, PrefixUse};
use crate::engine::judge::target::{Target, find};
use crate::error::{AddressFault, AddressFaults, Cause, Error};
use crate::event::{Assigned, Change, Released};
use crate::id::{InterfaceId, SubnetId};
use crate::rules::OwnAddress;
use crate::space::address::{Family, PerFamily};
use crate::space::list::AddrList;
use crate::space::parts::Part;
use crate::space::range::AddrRange;
use crate::state::Place;
use crate::state::index::Ix;
use crate::state::occupant::Occupant;
use crate::state::view::View;

/// Judges a move
pub(super) fn decide(view: &View<'_>, request: &Move, draft: &mut Draft<'_>) -> Result<(), Error> {
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
    let vpc = lookup::requested_vpc(view, vpc.as_ref())?;
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

    let (moved, slots) = (BTreeMap::new(), PerFamily::default());
    let mut moving = Moving { view, source: &source, target: &target, moved, slots };
    let mut faults = Vec::new();
    for (index, &address) in addresses.iter().enumerate() {
        let cause = moving.judge(address);
        faults.extend(cause.map(|cause| AddressFault { index, address, cause }));
    }
    for (index, &prefix) in prefixes.iter().enumerate() {
        let (index, address) = (addresses.len().saturating_add(index), prefix.addr());
        let cause = moving.judge_prefix(prefix);
        faults.extend(cause.map(|cause| AddressFault { index, address, cause }));
    }
    AddressFaults::collect(faults)?;
    let Moving { moved, slots, .. } = moving;
    target.judge_quota(|family| *slots.get(family))?;
    let wanted = u128::from(slots.v4).saturating_add(slots.v6.into());
    Error::too_many(wanted)?;
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

/// What moves from one interface to another, as far as it was looked at
struct Moving<'a> {
    view: &'a View<'a>,
    source: &'a Target<'a>,
    target: &'a Target<'a>,
    moved: BTreeMap<(SubnetId, Family), (Ix<SubnetId>, AddrList)>,
    slots: PerFamily<u64>,
}

impl Moving<'_> {
    /// Why an address cannot move, if it cannot; else it is noted, unless it is there already
    fn judge(&mut self, address: IpAddr) -> Option<Cause> {
        let Self { view, source, target: _, .. } = *self;
        let family = Family::of(address);
        let found = find(view, source, source.subnet_ix, address);
        if let Some(within) = found.and_then(|found| found.prefix_cause(view, address)) {
            return Some(within);
        }
        let by = |ix| view.interface_id(ix);
        match found.map(|found| (found.subnet, found.occupant)) {
            None => Some(Cause::OutOfRange),
            Some((_, None | Some(Occupant::Resting(_)))) => Some(Cause::NotAssigned),
            Some((_, Some(Occupant::Held(ix)))) => by(ix).map(|by| Cause::Held { by }),
            Some((_, Some(Occupant::Assigned(ix)))) if self.stays(ix) => None,
            Some((_, Some(Occupant::Assigned(ix)))) if ix != source.ix => {
                by(ix).map(|by| Cause::WrongOwner { by })
            }
            Some(_) if source.interface.primary(family) == Some(address) => Some(Cause::IsPrimary),
            Some((subnet, _)) => {
                self.note(subnet, family, Part::Addresses(AddrRange::one(address)));
                None
            }
        }
    }

    /// The same of a prefix
    fn judge_prefix(&mut self, prefix: IpNet) -> Option<Cause> {
        let Self { view, source, .. } = *self;
        let by = |ix| view.interface_id(ix);
        match prefixes::find(view, source, prefix) {
            PrefixUse::Outside => Some(Cause::OutOfRange),
            PrefixUse::Vacant | PrefixUse::Exact(_, Occupant::Resting(_)) => {
                Some(Cause::NotAssigned)
            }
            PrefixUse::Exact(_, Occupant::Held(ix)) => by(ix).map(|by| Cause::Held { by }),
            PrefixUse::Exact(_, Occupant::Assigned(ix)) if self.stays(ix) => None,
            PrefixUse::Exact(_, Occupant::Assigned(ix)) if ix != source.ix => {
                by(ix).map(|by| Cause::WrongOwner { by })
            }
            PrefixUse::Exact(subnet, _) => {
                self.note(subnet, Family::of(prefix.addr()), Part::Prefix(prefix));
                None
            }
            PrefixUse::Otherwise(cause) => Some(cause),
        }
    }

    /// Whether what an interface has is where it is to go, and may be asked for again
    fn stays(&self, ix: Ix<InterfaceId>) -> bool {
        ix == self.target.ix && self.target.home_profile.own_address == OwnAddress::Accept
    }

    fn note(&mut self, subnet: Ix<SubnetId>, family: Family, part: Part) {
        if let Some(id) = self.view.subnet_id(subnet) {
            let block = self.moved.entry((id, family)).or_insert((subnet, AddrList::new()));
            block.1.push_part(part);
        }
        let slots = self.slots.get_mut(family);
        *slots = slots.saturating_add(1);
    }
}
