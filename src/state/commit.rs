//! Writing changes into the tables; they fit, as judging or checking them has shown

use super::interface::{BlockKey, Count, Interface};
use super::occupant::Occupant;
use super::owners::{Gain, List};
use super::quarantine::Rest;
use super::subnet::{Block, Subnet};
use super::sweep::reorder;
use super::table::Ix;
use super::tasks::{Stage, TaskRecord};
use super::tokens::Remembered;
use super::vpc::{SubnetMap, Vpc};
use super::{Place, Places, State};
use crate::event::{Change, End, Event, Held, HoldExtended, TaskFinished};
use crate::id::{InterfaceId, Revision, SubnetId, Task, Timestamp};
use crate::space::address::{Family, Span};
use crate::space::list::{AddrList, Members};
use crate::space::range::AddrRange;

/// What an event's changes named last, and where it is: mostly the next one names it again
#[derive(Clone, Copy, Default)]
struct Last<'e> {
    interface: Option<(&'e InterfaceId, Ix<Interface>)>,
    subnet: Option<(&'e SubnetId, Ix<Subnet>)>,
}

/// The event that changes are of
#[derive(Clone, Copy)]
pub(crate) struct Made {
    pub(crate) revision: Revision,
    pub(crate) at: Timestamp,
    /// Whether a later change of the event sets the same, so that nothing need be built for this one
    pub(crate) superseded: bool,
}

impl State {
    /// Carries an event out that fits this state
    ///
    /// Where it does not fit, a change is left out: nothing here can fail half-way. `places` are those of
    /// these very tables that judging found.
    pub(crate) fn commit(&mut self, event: &Event, places: &Places) {
        self.begin(event.at, event.revision);
        let made = Made { revision: event.revision, at: event.at, superseded: false };
        let mut found = Last::default();
        for (index, change) in event.changes.iter().enumerate() {
            self.commit_change(change, made, places.get(index), &mut found);
        }
        self.end(event);
    }

    /// Does what is due before the first change of the event of this revision
    pub(crate) fn begin(&mut self, at: Timestamp, revision: Revision) {
        if self.is_due(at) {
            self.sweep(at, revision);
        }
    }

    /// Makes one change, which fits this state
    pub(crate) fn make(&mut self, change: &Change, made: Made) {
        self.commit_change(change, made, None, &mut Last::default());
    }

    /// Takes note that all changes of an event were made
    pub(crate) fn end(&mut self, event: &Event) {
        self.revision = event.revision;
        self.clock = event.at;
        self.digest = event.digest();
    }

    fn commit_change<'e>(
        &mut self,
        change: &'e Change,
        made: Made,
        place: Option<&Place>,
        found: &mut Last<'e>,
    ) {
        match change {
            Change::VpcCreated { vpc, cidrs } => {
                self.vpcs.insert(*vpc, Vpc::new(cidrs.clone()));
            }
            Change::VpcDeleted { vpc } => {
                if let Some(ix) = self.vpcs.find(vpc) {
                    self.vpcs.remove(ix);
                }
            }
            Change::SubnetCreated { subnet, vpc, v4, v6, profile } => {
                let Some(vpc) = self.vpcs.find(vpc) else { return };
                let shared = self.profiles.share(profile);
                let Some(record) = Subnet::new(vpc, shared, *v4, *v6) else {
                    return self.profiles.release(profile);
                };
                let ix = self.subnets.insert(*subnet, record);
                found.subnet = Some((subnet, ix));
                self.with_places(ix, |map, family, first| map.insert(family, first, ix));
            }
            Change::SubnetReshaped { subnet, v4, v6, profile } => {
                if let Some(ix) = self.find_subnet(subnet, found) {
                    self.reshape(ix, (*v4, *v6), profile);
                }
            }
            Change::SubnetDeleted { subnet } => {
                let Some(ix) = self.find_subnet(subnet, found) else { return };
                self.with_places(ix, SubnetMap::remove);
                for family in Family::ALL {
                    let block = self.subnets.get(ix).and_then(|subnet| subnet.block(family));
                    if let Some(first) = block.and_then(Block::first_end) {
                        self.resting.remove(&(first, BlockKey::new(ix, family)));
                        self.alarm = self.next_deadline();
                    }
                }
                found.subnet = None;
                let Some((_, gone)) = self.subnets.remove(ix) else { return };
                self.profiles.release(&gone.profile);
            }
            Change::InterfaceCreated { interface, subnet, status, quota } => {
                let Some(home) = self.find_subnet(subnet, found) else { return };
                let ix = self.interfaces.insert(*interface, Interface::new(home, *status, *quota));
                found.interface = Some((interface, ix));
                if let Some(home) = self.subnets.get_mut(home) {
                    home.homes = home.homes.saturating_add(1);
                }
            }
            Change::InterfaceDeleted { interface } => {
                let Some(ix) = self.find_interface(interface, found) else { return };
                found.interface = None;
                let Some((_, gone)) = self.interfaces.remove(ix) else { return };
                if let Some(home) = self.subnets.get_mut(gone.home) {
                    home.homes = home.homes.saturating_sub(1);
                }
            }
            Change::StatusSet { interface, status } => {
                if let Some(interface) = self.interface_mut(interface, found) {
                    interface.status = *status;
                }
            }
            Change::QuotaSet { interface, quota } => {
                if let Some(interface) = self.interface_mut(interface, found) {
                    interface.set_quota(*quota);
                }
            }
            Change::PrimarySet { interface, address } => {
                if let Some(interface) = self.interface_mut(interface, found) {
                    interface.set_primary(*address);
                }
            }
            Change::RangeReserved { subnet, range, kind } => {
                if let Some((block, span)) = self.block_mut(subnet, *range, found) {
                    block.space.reserve(span, *kind);
                }
            }
            Change::RangeReleased { subnet, range } => {
                if let Some((block, span)) = self.block_mut(subnet, *range, found) {
                    block.space.unreserve(span);
                }
            }
            Change::IndicesSet { subnet, indices } => {
                let Some(ix) = self.find_subnet(subnet, found) else { return };
                if let Some(subnet) = self.subnets.get_mut(ix).filter(|_| !made.superseded) {
                    subnet.set_indices(*indices);
                }
            }
            Change::PolicySet { subnet, policy } => {
                let Some(ix) = self.find_subnet(subnet, found) else { return };
                let Self { subnets, seeded, .. } = self;
                if let Some(subnet) = subnets.get_mut(ix) {
                    subnet.set_policy(**policy, made.superseded, seeded);
                }
            }
            Change::CursorMoved { subnet, address } => {
                let Some(ix) = self.find_subnet(subnet, found) else { return };
                let Some(subnet) = self.subnets.get_mut(ix) else { return };
                let family = Family::of(*address);
                let block = subnet.block(family);
                if let Some(offset) = block.and_then(|block| block.offset(*address)) {
                    subnet.move_policy(family, offset);
                }
            }
            Change::Drawn { subnet, family, draws } => {
                let Some(ix) = self.find_subnet(subnet, found) else { return };
                if let Some(subnet) = self.subnets.get_mut(ix) {
                    subnet.move_policy(*family, (*draws).into());
                }
            }
            Change::Assigned { interface, subnet, addresses } => {
                found.note(interface, subnet, place);
                let Some(owner) = self.find_interface(interface, found) else { return };
                let Some(from) = self.find_subnet(subnet, found) else { return };
                self.assign(Occupant::Assigned(owner), from, addresses, made.revision);
            }
            Change::Released { interface, subnet, addresses } => {
                found.note(interface, subnet, place);
                let Some(owner) = self.find_interface(interface, found) else { return };
                let Some(from) = self.find_subnet(subnet, found) else { return };
                self.release(owner, from, addresses, None);
            }
            Change::Quarantined(_)
            | Change::RestEnded { .. }
            | Change::Held(_)
            | Change::HoldExtended(_)
            | Change::TaskFinished(_)
            | Change::TokenKept(_)
            | Change::LimitsSet { .. }
            | Change::Swept => {
                self.commit_timed(change, made, place, found);
                self.alarm = self.next_deadline();
            }
        }
    }

    /// Writes what has to do with deadlines
    fn commit_timed<'e>(
        &mut self,
        change: &'e Change,
        made: Made,
        place: Option<&Place>,
        found: &mut Last<'e>,
    ) {
        match change {
            Change::Quarantined(of) => {
                found.note(&of.interface, &of.subnet, place);
                let Some(owner) = self.find_interface(&of.interface, found) else { return };
                let Some(from) = self.find_subnet(&of.subnet, found) else { return };
                let rest = self.new_rest(of.until, of.interface, of.reason);
                self.release(owner, from, &of.addresses, Some((rest, made.revision)));
            }
            Change::RestEnded { subnet, addresses } => {
                let Some(from) = self.find_subnet(subnet, found) else { return };
                let Some(family) = addresses.family() else { return };
                self.with_block(BlockKey::new(from, family), |block| block.wake(addresses));
            }
            Change::Held(held) => {
                found.note(&held.interface, &held.subnet, place);
                self.hold(held, made, found);
            }
            Change::HoldExtended(of) => self.extend(of, made, found),
            Change::TaskFinished(of) => self.finish(of, made),
            Change::TokenKept(kept) => {
                self.tokens.insert(kept.token, Remembered::new(kept, made.revision));
            }
            Change::LimitsSet { limits } => self.limits = *limits,
            _ => {}
        }
    }

    fn hold<'e>(&mut self, held: &'e Held, made: Made, found: &mut Last<'e>) {
        let Some(owner) = self.find_interface(&held.interface, found) else { return };
        let Some(from) = self.find_subnet(&held.subnet, found) else { return };
        self.hold_addresses(owner, from, &held.addresses, made.revision);
        let task = Task::new(made.revision, held.index);
        self.tasks.insert(task, owner, TaskRecord::new(held));
    }

    fn extend<'e>(&mut self, of: &'e HoldExtended, made: Made, found: &mut Last<'e>) {
        let interface = self.tasks.get(of.task).map(|record| record.interface);
        let owner = interface.and_then(|interface| self.interfaces.find(&interface));
        let Some((owner, from)) = owner.zip(self.find_subnet(&of.subnet, found)) else { return };
        self.hold_addresses(owner, from, &of.addresses, made.revision);
        self.tasks.extend(of.task, of.subnet, &of.addresses);
    }

    fn hold_addresses(
        &mut self,
        owner: Ix<Interface>,
        from: Ix<Subnet>,
        addresses: &AddrList,
        generation: Revision,
    ) {
        for family in Family::ALL {
            let part = addresses.of_family(family);
            if !part.is_empty() {
                self.assign(Occupant::Held(owner), from, &part, generation);
            }
        }
    }

    fn finish(&mut self, of: &TaskFinished, made: Made) {
        let Some(record) = self.tasks.shared(of.task) else { return };
        let id = record.interface;
        let Some(owner) = self.interfaces.find(&id) else { return };
        let kept = match &of.end {
            End::Succeeded => None,
            End::Failed { kept, .. } => Some(Members::of(kept)),
        };
        for (subnet, all) in record.parts() {
            let Some(from) = self.subnets.find(&subnet) else { continue };
            let [kept, lost] = match &kept {
                None => [all.clone(), AddrList::new()],
                Some(kept) => kept.split(all),
            };
            for family in Family::ALL {
                let part = kept.of_family(family);
                let subnet = self.subnets.get_mut(from);
                if let Some(block) = subnet.and_then(|of| of.block_mut(family)) {
                    block.confirm(owner, &part);
                }
            }
            let times = (of.until, made.at);
            self.lose((owner, &id), from, &lost, times, of.reason, made.revision);
        }
        drop(record);
        let stage = Stage::of(&of.end);
        self.tasks.set_stage(of.task, Some(owner), stage, made.at);
    }

    fn assign(
        &mut self,
        occupant: Occupant,
        from: Ix<Subnet>,
        addresses: &AddrList,
        generation: Revision,
    ) {
        let Some(owner) = occupant.interface() else { return };
        let Self { interfaces, subnets, seeded, .. } = self;
        let Some(interface) = interfaces.get_mut(owner) else { return };
        let Some(subnet) = subnets.get_mut(from) else { return };
        let Some((block, list)) = places(interface, subnet, from, addresses) else { return };
        let (family, before) = (block.family, list.count());
        block.assign(list, addresses, Gain { occupant, generation, seeded });
        let slots = list.count().saturating_sub(before);
        interface.gain(family, Count::with_slots(slots, addresses));
    }

    /// Takes addresses from the interface that has them; they rest, from that revision on, or are free
    pub(super) fn release(
        &mut self,
        owner: Ix<Interface>,
        from: Ix<Subnet>,
        addresses: &AddrList,
        rest: Option<(Rest, Revision)>,
    ) {
        let Self { interfaces, subnets, seeded, resting, .. } = self;
        let Some(interface) = interfaces.get_mut(owner) else { return };
        let Some(subnet) = subnets.get_mut(from) else { return };
        let Some((block, list)) = places(interface, subnet, from, addresses) else { return };
        let (family, before) = (block.family, list.count());
        match rest {
            None => block.release(list, addresses),
            Some((rest, since)) => {
                let first = block.first_end();
                block.quarantine(list, addresses, rest, since, seeded);
                reorder(resting, BlockKey::new(from, family), first, block.first_end());
            }
        }
        let count = before.saturating_sub(list.count());
        if count == before {
            interface.drop_list(from, family);
        }
        let less = Count::with_slots(count, addresses);
        interface.lose(family, less, addresses.ranges());
    }

    /// Does something to the place of a subnet in its VPC's map of each family that it has
    pub(super) fn with_places<T>(
        &mut self,
        ix: Ix<Subnet>,
        mut change: impl FnMut(&mut SubnetMap, Family, u128) -> T,
    ) {
        let Some(subnet) = self.subnets.get(ix) else { return };
        let Some(vpc) = self.vpcs.get_mut(subnet.vpc) else { return };
        for block in subnet.blocks() {
            change(&mut vpc.subnets, block.family, block.span().first);
        }
    }

    /// Where an interface is: hashes its id only if it is not the one found last
    fn find_interface<'e>(
        &self,
        id: &'e InterfaceId,
        found: &mut Last<'e>,
    ) -> Option<Ix<Interface>> {
        let known = found.interface.filter(|&(of, _)| core::ptr::eq(of, id) || of == id);
        found.interface = known.or_else(|| Some((id, self.interfaces.find(id)?)));
        found.interface.map(|(_, ix)| ix)
    }

    /// Where a subnet is: hashes its id only if it is not the one found last
    fn find_subnet<'e>(&self, id: &'e SubnetId, found: &mut Last<'e>) -> Option<Ix<Subnet>> {
        let known = found.subnet.filter(|&(of, _)| core::ptr::eq(of, id) || of == id);
        found.subnet = known.or_else(|| Some((id, self.subnets.find(id)?)));
        found.subnet.map(|(_, ix)| ix)
    }

    fn interface_mut<'e>(
        &mut self,
        id: &'e InterfaceId,
        found: &mut Last<'e>,
    ) -> Option<&mut Interface> {
        let ix = self.find_interface(id, found)?;
        self.interfaces.get_mut(ix)
    }

    fn block_mut<'e>(
        &mut self,
        subnet: &'e SubnetId,
        range: AddrRange,
        found: &mut Last<'e>,
    ) -> Option<(&mut Block, Span)> {
        let ix = self.find_subnet(subnet, found)?;
        let block = self.subnets.get_mut(ix)?.block_mut(range.family())?;
        let span = block.offsets(range)?;
        Some((block, span))
    }
}

impl<'e> Last<'e> {
    /// Takes note of what judging found
    fn note(&mut self, interface: &'e InterfaceId, subnet: &'e SubnetId, place: Option<&Place>) {
        if let Some(place) = place {
            self.interface = Some((interface, place.interface));
            self.subnet = Some((subnet, place.subnet));
        }
    }
}

/// The block that addresses lie in, all of one family, and the list of it that they are on, or will be
fn places<'a>(
    interface: &'a mut Interface,
    subnet: &'a mut Subnet,
    from: Ix<Subnet>,
    addresses: &AddrList,
) -> Option<(&'a mut Block, &'a mut List)> {
    let family = addresses.family()?;
    Some((subnet.block_mut(family)?, interface.list_mut(from, family)?))
}
