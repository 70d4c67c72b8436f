//! Judging unassignments, in the order of precedence that [`Error`] states

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::mem;
use core::net::IpAddr;

use ipnet::IpNet;

use crate::command::{Rest, Stale, Unassign};
use crate::engine::judge::draft::Draft;
use crate::engine::judge::duplicates::duplicates;
use crate::engine::judge::prefixes::{self, Found};
use crate::engine::judge::target::{Target, find, free_at};
use crate::error::{AddressFault, AddressFaults, Cause, Error};
use crate::event::{Change, Released};
use crate::id::{InterfaceId, Revision, SubnetId};
use crate::rules::FreeAddress;
use crate::space::address::{Family, Span, bits_of};
use crate::space::list::AddrList;
use crate::space::parts::Part;
use crate::space::range::AddrRange;
use crate::state::Place;
use crate::state::index::Ix;
use crate::state::name::Name;
use crate::state::occupant::Occupant;
use crate::state::view::View;

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
    let mut released = Releases::new(draft, &target, rest);
    // Subnets of a VPC are disjoint, and neighbours in a list are mostly of the same one.
    let mut likely = interface.home;
    for (index, &address) in addresses.iter().enumerate() {
        let family = Family::of(address);
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
                let primary = interface.primary(family) == Some(address);
                match made {
                    Some(_) if lenient => continue,
                    Some(generation) => Cause::Stale { generation },
                    None if primary && !profile.unassign_primary => Cause::IsPrimary,
                    None => {
                        released.push(view, subnet, address);
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
        let cause = release_prefix(view, &target, (request, lenient), prefix, &mut released);
        faults.extend(cause.map(|cause| AddressFault { index, address, cause }));
    }
    AddressFaults::collect(faults)?;
    released.finish(view);
    Ok(())
}

/// Releases a prefix, unless it counts as released already; why it cannot be, if so
#[cold]
fn release_prefix(
    view: &View<'_>,
    target: &Target<'_>,
    (request, lenient): (&Unassign, bool),
    prefix: IpNet,
    released: &mut Releases<'_, '_>,
) -> Option<Cause> {
    let by = |ix| view.interface_id(ix);
    Some(match prefixes::find(view, target, prefix) {
        Found::Vacant | Found::Exact(_, Occupant::Resting(_))
            if target.home_profile.free_address == FreeAddress::Ignore =>
        {
            return None;
        }
        Found::Exact(_, Occupant::Held(ix)) if ix == target.ix || !lenient => {
            by(ix).map_or(Cause::NotAssigned, |by| Cause::Held { by })
        }
        Found::Exact(subnet, Occupant::Assigned(ix)) if ix == target.ix => {
            let stale = |meant| stale_by(view, subnet, prefix.addr(), meant);
            match request.generation.and_then(stale) {
                Some(_) if lenient => return None,
                Some(generation) => Cause::Stale { generation },
                None => {
                    released.push_prefix(view, subnet, prefix);
                    return None;
                }
            }
        }
        _ if lenient => return None,
        Found::Outside => Cause::OutOfRange,
        Found::Vacant | Found::Exact(_, Occupant::Resting(_)) => Cause::NotAssigned,
        Found::Exact(_, Occupant::Assigned(ix) | Occupant::Held(ix)) => {
            by(ix).map_or(Cause::NotAssigned, |by| Cause::WrongOwner { by })
        }
        Found::Otherwise(cause) => cause,
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

/// The changes of an unassignment, one a block
struct Releases<'a, 'd> {
    draft: &'a mut Draft<'d>,
    interface: (&'a InterfaceId, Ix<InterfaceId>),
    rest: &'a Rest,
    /// Where it is at home, and how many milliseconds what it releases there usually rests
    home: (Ix<SubnetId>, &'a Name<SubnetId>),
    usual: u64,
    stage: Stage,
}

/// How many blocks there are: of one, as mostly, the change is written where it stays, and is the answer
enum Stage {
    Nothing,
    Block(Key),
    Blocks(BTreeMap<Key, AddrList>),
}

impl<'a, 'd> Releases<'a, 'd> {
    fn new(draft: &'a mut Draft<'d>, target: &Target<'a>, rest: &'a Rest) -> Self {
        let home = (target.interface.home, target.subnet_name);
        let usual = target.home_profile.quarantine.millis;
        let interface = (target.id, target.ix);
        Self { draft, interface, rest, home, usual, stage: Stage::Nothing }
    }

    #[inline(always)]
    fn push(&mut self, view: &View<'_>, subnet: Ix<SubnetId>, address: IpAddr) {
        let (family, span) = (Family::of(address), Span::one(bits_of(address)));
        let key = (subnet, family);
        match self.stage {
            Stage::Nothing => {
                let (home, at_home) = (self.home.1, subnet == self.home.0);
                let other = || view.subnet_name(subnet);
                let Some(name) = (if at_home { Some(home) } else { other() }) else { return };
                self.stage = Stage::Block(key);
                let (interface, place) = (self.interface.0, self.place(subnet));
                let usual = Some(self.usual).filter(|_| at_home);
                if self.rest.millis.or(usual) == Some(0) {
                    self.draft.push_span(
                        Change::Released(Released::BLANK),
                        interface,
                        name,
                        place,
                        (family, span),
                    );
                } else {
                    let one = AddrList::from(AddrRange::of_span(family, span));
                    let (until, reason) = (free_at(view, subnet, self.rest), self.rest.reason);
                    let ids = (*interface, name.id());
                    self.draft.release(view, place, ids, one, (until, reason));
                }
            }
            Stage::Block(only) if only == key => {
                if let Some(addresses) = self.draft.last_mut() {
                    addresses.push_span(family, span);
                }
            }
            _ => self.push_apart(key, Part::Addresses(AddrRange::one(address))),
        }
    }

    #[cold]
    fn push_prefix(&mut self, view: &View<'_>, subnet: Ix<SubnetId>, prefix: IpNet) {
        let key = (subnet, Family::of(prefix.addr()));
        match self.stage {
            Stage::Nothing => {
                let Some(id) = view.subnet_id(subnet) else { return };
                self.stage = Stage::Block(key);
                let (ids, place) = ((*self.interface.0, id), self.place(subnet));
                let (until, reason) = (free_at(view, subnet, self.rest), self.rest.reason);
                let one = AddrList::of_parts([Part::Prefix(prefix)]);
                self.draft.release(view, place, ids, one, (until, reason));
            }
            Stage::Block(only) if only == key => {
                if let Some(addresses) = self.draft.last_mut() {
                    addresses.push_prefix(prefix);
                }
            }
            _ => self.push_apart(key, Part::Prefix(prefix)),
        }
    }

    #[cold]
    fn push_apart(&mut self, key: Key, part: Part) {
        if let Stage::Block(first) = self.stage {
            let addresses = self.draft.last_mut().map(mem::take).unwrap_or_default();
            self.draft.pop();
            self.draft.answer_mut().append(&addresses);
            self.stage = Stage::Blocks(BTreeMap::from([(first, addresses)]));
        }
        if let Stage::Blocks(blocks) = &mut self.stage {
            blocks.entry(key).or_default().push_part(part);
            self.draft.answer_mut().push_part(part);
        }
    }

    /// Writes what is still to be written: changes by rising subnet id and family
    fn finish(mut self, view: &View<'_>) {
        let Stage::Blocks(blocks) = mem::replace(&mut self.stage, Stage::Nothing) else { return };
        let mut blocks: Vec<(Key, AddrList)> = blocks.into_iter().collect();
        blocks.sort_unstable_by_key(|&((ix, family), _)| (view.subnet_name(ix), family));
        for ((ix, _), addresses) in blocks {
            let Some(subnet) = view.subnet_id(ix) else { continue };
            let (until, reason) = (free_at(view, ix, self.rest), self.rest.reason);
            let ids = (*self.interface.0, subnet);
            self.draft.release(view, self.place(ix), ids, addresses, (until, reason));
        }
    }

    const fn place(&self, subnet: Ix<SubnetId>) -> Place {
        Place { interface: self.interface.1, subnet }
    }
}
