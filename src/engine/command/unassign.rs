//! Judging unassignments, in the order of precedence that [`Error`] states

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::net::IpAddr;

use ipnet::IpNet;

use crate::command::{Rest, Stale, Unassign};
use crate::engine::judge::draft::{Draft, Loss};
use crate::engine::judge::duplicates::duplicates;
use crate::engine::judge::prefixes::{self, PrefixUse};
use crate::engine::judge::target::{Target, find, free_at};
use crate::error::{AddressFault, AddressFaults, Cause, Error};
use crate::id::{Revision, SubnetId};
use crate::rules::FreeAddress;
use crate::space::address::Family;
use crate::space::list::AddrList;
use crate::space::parts::Part;
use crate::space::range::AddrRange;
use crate::state::Place;
use crate::state::index::Ix;
use crate::state::occupant::Occupant;
use crate::state::view::View;

/// Releases addresses of the interface's home that are listed in ascending order, if nothing prevents it; returns
/// whether it has
///
/// It makes the checks of [`decide`] in an order of its own, as an assignment does.
#[inline]
pub(super) fn usual(view: &View<'_>, request: &Unassign, draft: &mut Draft<'_>) -> bool {
    let Some((target, addresses)) = usual_list(view, request) else { return false };
    let (interface, subnet, rest) = (*target.id, target.subnet_id(), &request.rest);
    let (until, reason) = (free_at(view, target.subnet_ix, rest), rest.reason);
    draft.release(view, target.place(), Loss { interface, subnet, addresses, until, reason });
    true
}

#[inline(always)]
fn usual_list<'v>(view: &'v View<'_>, request: &'v Unassign) -> Option<(Target<'v>, AddrList)> {
    let Unassign { interface: id, vpc, addresses, prefixes, generation: None, .. } = request else {
        return None;
    };
    let family = Family::of(*addresses.first().filter(|_| prefixes.is_empty())?);
    let target = Target::known(view, id, vpc.as_ref(), None)?;
    let block = view.block(target.subnet_ix, family)?;
    let list = match **addresses {
        [address] => AddrList::from(AddrRange::one(address)),
        _ => block.ascending(addresses)?,
    };
    let has = |primary| list.ranges().any(|range| range.contains(primary));
    let usual = block.are_of(&list, Occupant::Assigned(target.ix))
        && !target.kept_primary(family).is_some_and(has)
        && !target.is_busy(view);
    usual.then_some((target, list))
}

/// Judges an unassignment
pub(super) fn decide(
    view: &View<'_>,
    request: &Unassign,
    draft: &mut Draft<'_>,
) -> Result<(), Error> {
    let Unassign { interface: id, vpc, addresses, prefixes, generation, stale, rest } = request;
    duplicates(addresses.iter().copied())?;
    if !prefixes.is_empty() {
        prefixes::list_shape(addresses, prefixes)?;
    } else if addresses.is_empty() {
        return Err(Error::NothingAsked);
    }
    let target = Target::find(view, id, vpc.as_ref(), None)?;
    target.judge_tasks(view)?;
    let Target { ix, interface, home_profile: profile, .. } = target;
    // Whether what is not the interface's, or not of that generation, counts as released already.
    let lenient = generation.is_some() && *stale == Stale::Ignore;
    let mut faults = Vec::new();
    let mut released = Releases::default();
    // Subnets of a VPC are disjoint, and neighbours in a list are mostly of the same one.
    let mut likely = interface.home;
    for (index, &address) in addresses.iter().enumerate() {
        let found = find(view, &target, likely, address);
        if let Some(cause) = found.and_then(|found| found.prefix_cause(view, address)) {
            if !lenient {
                faults.push(AddressFault { index, address, cause });
            }
            continue;
        }
        let cause = match found.map(|found| (found.subnet, found.occupant)) {
            Some((_, None | Some(Occupant::Resting(_)))) => {
                if profile.free_address == FreeAddress::Ignore || lenient {
                    continue;
                }
                Cause::NotAssigned
            }
            Some((_, Some(Occupant::Held(by)))) if by == ix || !lenient => {
                view.interface_id(by).map_or(Cause::NotAssigned, |by| Cause::Held { by })
            }
            Some((subnet, Some(Occupant::Assigned(by)))) if by == ix => {
                likely = subnet;
                let made = generation.and_then(|meant| stale_by(view, subnet, address, meant));
                match made {
                    Some(_) if lenient => continue,
                    Some(generation) => Cause::Stale { generation },
                    None if target.kept_primary(Family::of(address)) == Some(address) => {
                        Cause::IsPrimary
                    }
                    None => {
                        released.push(
                            (subnet, Family::of(address)),
                            Part::Addresses(AddrRange::one(address)),
                        );
                        continue;
                    }
                }
            }
            _ if lenient => continue,
            None => Cause::OutOfRange,
            Some((_, Some(Occupant::Assigned(by) | Occupant::Held(by)))) => {
                view.interface_id(by).map_or(Cause::NotAssigned, |by| Cause::WrongOwner { by })
            }
        };
        faults.push(AddressFault { index, address, cause });
    }
    for (index, &prefix) in prefixes.iter().enumerate() {
        let (index, address) = (addresses.len().saturating_add(index), prefix.addr());
        let cause = release_prefix(view, &target, request, lenient, prefix, &mut released);
        faults.extend(cause.map(|cause| AddressFault { index, address, cause }));
    }
    AddressFaults::collect(faults)?;
    released.write(view, &target, rest, draft);
    Ok(())
}

/// Releases a prefix, unless it counts as released already; why it cannot be, if so
#[cold]
fn release_prefix(
    view: &View<'_>,
    target: &Target<'_>,
    request: &Unassign,
    lenient: bool,
    prefix: IpNet,
    released: &mut Releases,
) -> Option<Cause> {
    let by = |ix| view.interface_id(ix);
    Some(match prefixes::find(view, target, prefix) {
        PrefixUse::Vacant | PrefixUse::Exact(_, Occupant::Resting(_))
            if target.home_profile.free_address == FreeAddress::Ignore =>
        {
            return None;
        }
        PrefixUse::Exact(_, Occupant::Held(ix)) if ix == target.ix || !lenient => {
            by(ix).map_or(Cause::NotAssigned, |by| Cause::Held { by })
        }
        PrefixUse::Exact(subnet, Occupant::Assigned(ix)) if ix == target.ix => {
            let stale = |meant| stale_by(view, subnet, prefix.addr(), meant);
            match request.generation.and_then(stale) {
                Some(_) if lenient => return None,
                Some(generation) => Cause::Stale { generation },
                None => {
                    released.push((subnet, Family::of(prefix.addr())), Part::Prefix(prefix));
                    return None;
                }
            }
        }
        _ if lenient => return None,
        PrefixUse::Outside => Cause::OutOfRange,
        PrefixUse::Vacant | PrefixUse::Exact(_, Occupant::Resting(_)) => Cause::NotAssigned,
        PrefixUse::Exact(_, Occupant::Assigned(ix) | Occupant::Held(ix)) => {
            by(ix).map_or(Cause::NotAssigned, |by| Cause::WrongOwner { by })
        }
        PrefixUse::Otherwise(cause) => cause,
    })
}

/// The generation of an address that an interface has, if it is not the one meant
#[cold]
fn stale_by(
    view: &View<'_>,
    subnet: Ix<SubnetId>,
    address: IpAddr,
    meant: Revision,
) -> Option<Revision> {
    let block = view.block(subnet, Family::of(address))?;
    let made = block.generation(block.offset(address)?)?;
    (made != meant).then_some(made)
}

type Key = (Ix<SubnetId>, Family);

/// What is released of each block
#[derive(Default)]
struct Releases {
    blocks: BTreeMap<Key, AddrList>,
    /// All of it, in the order asked for, once there are several blocks
    all: AddrList,
}

impl Releases {
    fn push(&mut self, key: Key, part: Part) {
        match self.blocks.first_key_value() {
            Some((only, first)) if self.blocks.len() == 1 && *only != key => {
                self.all = first.clone();
            }
            _ => {}
        }
        self.blocks.entry(key).or_default().push_part(part);
        if self.blocks.len() > 1 {
            self.all.push_part(part);
        }
    }

    /// Writes the changes, by rising subnet id and family; of one block, its change is the answer
    fn write(self, view: &View<'_>, target: &Target<'_>, rest: &Rest, draft: &mut Draft<'_>) {
        if self.blocks.len() > 1 {
            *draft.answer_mut() = self.all;
        }
        let mut blocks: Vec<(Key, AddrList)> = self.blocks.into_iter().collect();
        blocks.sort_unstable_by_key(|&((ix, family), _)| (view.subnet_name(ix), family));
        for ((ix, _), addresses) in blocks {
            let Some(subnet) = view.subnet_id(ix) else { continue };
            let (until, reason, interface) = (free_at(view, ix, rest), rest.reason, *target.id);
            let place = Place { interface: target.ix, subnet: ix };
            draft.release(view, place, Loss { interface, subnet, addresses, until, reason });
        }
    }
}
