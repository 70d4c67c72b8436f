//! Holds that begin, are extended and end

use super::addresses::{each_unit, is_vacant, place, same_vpc};
use super::{Fact, Fit, later};
use crate::error::Contradiction;
use crate::event::{End, Held, HoldExtended, TaskFinished};
use crate::id::{Revision, SubnetId, Task};
use crate::space::address::Family;
use crate::space::list::{AddrList, Members};
use crate::state::commit::Making;
use crate::state::index::Ix;
use crate::state::occupant::Occupant;
use crate::state::tasks::{Stage, TaskRecord};
use crate::state::view::View;
use crate::state::{Place, State};

impl Fact for Held {
    fn fits(&self, view: &View<'_>) -> Fit {
        let place = place(view, &self.interface, &self.subnet)?;
        same_vpc(view, place)?;
        later(view, self.until)?;
        may_be_held(view, place.subnet, &self.addresses)?;
        Ok(Some(place))
    }

    fn make<'e>(&'e self, state: &mut State, making: &mut Making<'e>) {
        let Some(place) = making.place(state, &self.interface, &self.subnet) else { return };
        state.hold(place, &self.addresses, making.revision);
        let task = Task::new(making.revision, self.index);
        let interface = state.interfaces.kept(place.interface).cloned();
        let subnet = state.subnets.kept(place.subnet).cloned();
        let Some((interface, subnet)) = interface.zip(subnet) else { return };
        state.tasks.insert(task, place.interface, TaskRecord::new(self, interface, subnet));
        state.note_deadlines();
    }
}

impl Fact for HoldExtended {
    fn fits(&self, view: &View<'_>) -> Fit {
        let (record, stage) = view.task(self.task).ok_or(Contradiction::Missing)?;
        if stage.is_finished() {
            return Err(Contradiction::Finished);
        }
        let place = place(view, &record.interface.id(), &self.subnet)?;
        same_vpc(view, place)?;
        may_be_held(view, place.subnet, &self.addresses)?;
        Ok(None)
    }

    fn make<'e>(&'e self, state: &mut State, making: &mut Making<'e>) {
        let Some(record) = state.tasks.get(self.task) else { return };
        let Some(interface) = state.interfaces.find(&record.interface.id()) else { return };
        let Some(subnet) = making.subnet(state, &self.subnet) else { return };
        state.hold(Place { interface, subnet }, &self.addresses, making.revision);
        let Some(name) = state.subnets.kept(subnet).cloned() else { return };
        state.tasks.extend(self.task, name, &self.addresses);
        state.note_deadlines();
    }
}

impl Fact for TaskFinished {
    fn fits(&self, view: &View<'_>) -> Fit {
        let (record, stage) = view.task(self.task).ok_or(Contradiction::Missing)?;
        let known = match &self.end {
            End::Succeeded => true,
            // Those of the hold, in its order, none twice.
            End::Failed { kept, .. } => {
                let [same, _] = record.all().split_by(kept);
                same == *kept
            }
        };
        if known && !stage.is_finished() { Ok(None) } else { Err(Contradiction::Finished) }
    }

    fn make<'e>(&'e self, state: &mut State, making: &mut Making<'e>) {
        state.finish(self, making);
        state.note_deadlines();
    }
}

/// Whether addresses of one subnet can be held: vacant, and IPv4 before IPv6
fn may_be_held(
    view: &View<'_>,
    subnet: Ix<SubnetId>,
    addresses: &AddrList,
) -> Result<(), Contradiction> {
    if addresses.is_empty() {
        return Err(Contradiction::Empty);
    }
    let families = addresses.ranges().map(|range| range.family());
    if !families.is_sorted() {
        return Err(Contradiction::Outside);
    }
    for part in Family::ALL.map(|family| addresses.of_family(family)) {
        if !part.is_empty() {
            each_unit(view, subnet, &part, Contradiction::Taken, is_vacant)?;
        }
    }
    Ok(())
}

impl State {
    fn hold(&mut self, place: Place, addresses: &AddrList, generation: Revision) {
        for family in Family::ALL {
            let part = addresses.of_family(family);
            if !part.is_empty() {
                self.assign(Occupant::Held(place.interface), place.subnet, &part, generation);
            }
        }
    }

    fn finish(&mut self, of: &TaskFinished, making: &Making<'_>) {
        let Some(record) = self.tasks.shared(of.task) else { return };
        let Some(owner) = self.interfaces.find(&record.interface.id()) else { return };
        let kept = match &of.end {
            End::Succeeded => None,
            End::Failed { kept, .. } => Some(Members::of(kept)),
        };
        for (subnet, all) in record.parts() {
            let Some(from) = self.subnets.find(&subnet.id()) else { continue };
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
            let times = (of.until, making.at);
            self.lose(owner, from, &lost, times, of.reason, making.revision);
        }
        drop(record);
        let stage = Stage::of(&of.end);
        self.tasks.set_stage(of.task, Some(owner), stage, making.at);
    }
}
