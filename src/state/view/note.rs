//! Seeing changes as made, without making them

use triomphe::Arc;

use alloc::vec::Vec;

use super::View;
use super::delta::{BlockDelta, NewRest};
use super::overlay::Overlay;
use crate::event::{Change, TaskFinished};
use crate::id::{InterfaceId, Reason, SubnetId, Task, Timestamp};
use crate::space::address::{Family, Span};
use crate::space::{list::AddrList, parts::Part};
use crate::state::interface::{Count, Interface};
use crate::state::occupant::{Kind, Occupant};
use crate::state::owners::Unit;
use crate::state::selection::Selection;
use crate::state::subnet::{Block, Subnet};
use crate::state::table::Ix;
use crate::state::tasks::{Stage, TaskRecord};
use crate::state::tokens::Remembered;
use crate::state::vpc::Vpc;

impl View<'_> {
    /// Sees a change as made from here on
    ///
    /// The change must have been judged on this view, and found to fit. What this does to the overlay,
    /// `State::commit` does to the tables.
    pub(crate) fn note(&mut self, change: &Change) {
        match change {
            Change::VpcCreated { vpc, cidrs } => {
                self.over().vpcs.create(*vpc, Vpc::new(cidrs.clone()));
            }
            Change::VpcDeleted { vpc } => self.over().vpcs.delete(*vpc),
            Change::SubnetCreated { subnet, vpc, v4, v6, profile } => {
                let Some(vpc) = self.find_vpc(vpc) else { return };
                let profile = Arc::new(**profile);
                let Some(record) = Subnet::new(vpc, profile, *v4, *v6) else { return };
                self.add_subnet(*subnet, record);
            }
            Change::SubnetReshaped { subnet, v4, v6, profile } => {
                self.reshape(subnet, (*v4, *v6), profile);
            }
            Change::SubnetDeleted { subnet } => self.drop_subnet(*subnet),
            Change::InterfaceCreated { interface, subnet, status, quota } => {
                let Some(home) = self.find_subnet(subnet) else { return };
                let record = Interface::new(home, *status, *quota);
                self.over().interfaces.create(*interface, record);
                let homes = self.homes(home).saturating_add(1);
                self.over().homes.insert(home, homes);
            }
            Change::InterfaceDeleted { interface } => {
                let Some(ix) = self.find_interface(interface) else { return };
                let Some(home) = self.interface(ix).map(|interface| interface.home) else { return };
                let homes = self.homes(home).saturating_sub(1);
                self.over().homes.insert(home, homes);
                self.over().interfaces.delete(*interface);
            }
            Change::StatusSet { interface, status } => {
                self.with_interface(interface, |interface| interface.status = *status);
            }
            Change::QuotaSet { interface, quota } => {
                self.with_interface(interface, |interface| interface.set_quota(*quota));
            }
            Change::PrimarySet { interface, address } => {
                self.with_interface(interface, |interface| interface.set_primary(*address));
            }
            Change::RangeReserved { subnet, range, kind } => {
                let reserve = |delta: &mut BlockDelta, block: &Block, unit: Unit| {
                    delta.reserve(block, unit.span, *kind);
                };
                self.with_block(subnet, range.family(), [Part::Addresses(*range)], reserve);
            }
            Change::RangeReleased { subnet, range } => {
                let unreserve = |delta: &mut BlockDelta, block: &Block, unit: Unit| {
                    delta.unreserve(block, unit.span);
                };
                self.with_block(subnet, range.family(), [Part::Addresses(*range)], unreserve);
            }
            Change::IndicesSet { subnet, indices } => {
                let Some(ix) = self.find_subnet(subnet) else { return };
                self.over().indices.insert(ix, *indices);
            }
            Change::PolicySet { subnet, policy } => {
                let Some(ix) = self.find_subnet(subnet) else { return };
                self.over().selections.insert(ix, Selection::new(**policy));
                let remembers = self.remembers(ix);
                for family in Family::ALL {
                    if self.block(ix, family).is_some() {
                        let delta = self.over().blocks.entry((ix, family)).or_default();
                        delta.remember_anew(remembers);
                    }
                }
            }
            Change::CursorMoved { subnet, address } => {
                let Some(ix) = self.find_subnet(subnet) else { return };
                let family = Family::of(*address);
                let block = self.block(ix, family).map(|view| view.block);
                let Some(offset) = block.and_then(|block| block.offset(*address)) else { return };
                self.move_policy(ix, family, offset);
            }
            Change::Drawn { subnet, family, draws } => {
                let Some(ix) = self.find_subnet(subnet) else { return };
                self.move_policy(ix, *family, (*draws).into());
            }
            Change::Assigned { interface, subnet, addresses } => {
                self.assign(interface, subnet, addresses, Occupant::Assigned);
            }
            Change::Released { interface, subnet, addresses } => {
                self.release(interface, subnet, addresses, None, Kind::Assigned);
            }
            Change::Quarantined(of) => {
                let rest = (of.until, of.reason);
                let kind = Kind::Assigned;
                self.release(&of.interface, &of.subnet, &of.addresses, Some(rest), kind);
            }
            Change::RestEnded { subnet, addresses } => {
                let Some(family) = addresses.family() else { return };
                let wake = |delta: &mut BlockDelta, block: &Block, unit| {
                    delta.leave(block, unit, Kind::Resting);
                    delta.pass(block);
                };
                self.with_block(subnet, family, addresses.parts(), wake);
            }
            Change::Held(held) => {
                self.hold(&held.interface, &held.subnet, &held.addresses);
                let task = Task::new(self.making(), held.index);
                let Some(owner) = self.find_interface(&held.interface) else { return };
                let record = TaskRecord::new(held);
                self.unfinished_mut(owner).insert(task);
                self.over().more.add_task(&record);
                self.over().tasks.insert(task, record);
            }
            Change::HoldExtended(of) => {
                let Some((record, _)) = self.task(of.task) else { return };
                let mut record = record.clone();
                self.hold(&record.interface, &of.subnet, &of.addresses);
                record.extend(of.subnet, &of.addresses);
                self.over().more.add_runs(&of.addresses);
                self.over().tasks.insert(of.task, record);
            }
            Change::TaskFinished(of) => self.finish(of),
            Change::TokenKept(kept) => {
                let remembered = Remembered::new(kept, self.making());
                self.over().more.add_token(&remembered);
                self.over().tokens.insert(kept.token, remembered);
            }
            Change::LimitsSet { limits } => self.over().limits = Some(*limits),
            Change::Swept => {}
        }
    }

    fn move_policy(&mut self, ix: Ix<Subnet>, family: Family, position: u128) {
        let Some(mut moved) = self.selection(ix).copied() else { return };
        *moved.position.get_mut(family) = position;
        self.over().selections.insert(ix, moved);
    }

    fn hold(&mut self, interface: &InterfaceId, subnet: &SubnetId, addresses: &AddrList) {
        for family in Family::ALL {
            self.assign(interface, subnet, &addresses.of_family(family), Occupant::Held);
        }
    }

    fn finish(&mut self, of: &TaskFinished) {
        let Some((record, _)) = self.task(of.task) else { return };
        let mut record = record.clone();
        let id = record.interface;
        let Some(owner) = self.find_interface(&id) else { return };
        for (subnet, addresses) in record.parts() {
            let (lost, kept) = of.end.split(addresses);
            for family in Family::ALL {
                let confirm =
                    |delta: &mut BlockDelta, _: &Block, unit: Unit| delta.confirm(unit.span, owner);
                self.with_block(&subnet, family, kept.of_family(family).parts(), confirm);
            }
            self.lose(&id, &subnet, &lost, of.until, of.reason);
        }
        record.stage = Stage::of(&of.end);
        self.unfinished_mut(owner).remove(&of.task);
        if !record.is_kept(self.at()) {
            self.over().fewer.add_task(&record);
        }
        self.over().tasks.insert(of.task, record);
    }

    /// Takes held addresses from their interface; they rest until then, if that is after now
    pub(super) fn lose(
        &mut self,
        id: &InterfaceId,
        subnet: &SubnetId,
        lost: &AddrList,
        until: Timestamp,
        reason: Option<Reason>,
    ) {
        let rest = (until > self.at()).then_some((until, reason));
        for family in Family::ALL {
            self.release(id, subnet, &lost.of_family(family), rest, Kind::Held);
        }
    }

    /// Takes addresses of one family from their interface
    fn release(
        &mut self,
        interface: &InterfaceId,
        subnet: &SubnetId,
        addresses: &AddrList,
        rest: Option<(Timestamp, Option<Reason>)>,
        kind: Kind,
    ) {
        let Some(family) = addresses.family() else { return };
        self.with_interface(interface, |interface| {
            interface.lose(family, Count::of(addresses), addresses.ranges());
        });
        let Some((until, reason)) = rest else {
            let leave =
                |delta: &mut BlockDelta, block: &Block, unit| delta.leave(block, unit, kind);
            return self.with_block(subnet, family, addresses.parts(), leave);
        };
        let mut units = Vec::new();
        self.with_block(subnet, family, addresses.parts(), |_, _, unit| units.push(unit));
        let Some(ix) = self.find_subnet(subnet) else { return };
        let delta = self.over().blocks.entry((ix, family)).or_default();
        delta.rest(NewRest { until, by: *interface, reason, units }, kind);
    }

    fn add_subnet(&mut self, id: SubnetId, record: Subnet) {
        let vpc = record.vpc;
        let spans = Family::ALL.map(|family| Some((family, record.block(family)?.span())));
        let ix = self.over().subnets.create(id, record);
        let gained = self.over().gained.entry(vpc).or_default();
        for (family, span) in spans.into_iter().flatten() {
            gained.insert(family, span.first, ix);
        }
    }

    fn drop_subnet(&mut self, id: SubnetId) {
        let Some(ix) = self.find_subnet(&id) else { return };
        let Some(record) = self.subnet(ix) else { return };
        let vpc = record.vpc;
        let spans = Family::ALL.map(|family| Some((family, record.block(family)?.span())));
        for (family, span) in spans.into_iter().flatten() {
            self.leave_place(ix, vpc, family, span);
        }
        self.over().subnets.delete(id);
    }

    /// Marks the place of a subnet as empty
    pub(super) fn leave_place(&mut self, ix: Ix<Subnet>, vpc: Ix<Vpc>, family: Family, span: Span) {
        let gained = self.over().gained.entry(vpc).or_default();
        if gained.next(family, span.first) == Some((span.first, ix)) {
            gained.remove(family, span.first);
        } else {
            self.forget_place(vpc, family, span);
        }
    }

    /// Marks the place of a subnet of the table as empty, up to the next subnet that is there
    fn forget_place(&mut self, vpc: Ix<Vpc>, family: Family, span: Span) {
        let Some(record) = self.state.vpcs.get(vpc) else { return };
        let above = span.last.checked_add(1);
        let above = above.and_then(|at| record.subnets.next(family, at));
        let last = above.map_or(u128::MAX, |(first, _)| first.saturating_sub(1));
        let gone = self.over().gone.entry((vpc, family)).or_default();
        gone.insert(Span { first: span.first, last }, ());
    }

    fn assign(
        &mut self,
        interface: &InterfaceId,
        subnet: &SubnetId,
        addresses: &AddrList,
        occupant: fn(Ix<Interface>) -> Occupant,
    ) {
        let Some(owner) = self.find_interface(interface) else { return };
        let Some(from) = self.find_subnet(subnet) else { return };
        let Some(family) = addresses.family() else { return };
        self.over().touched.entry(owner).or_default().insert((from, family));
        self.with_interface(interface, |interface| interface.gain(family, Count::of(addresses)));
        let keep = self.choosing && addresses.has_prefixes();
        let take = |delta: &mut BlockDelta, block: &Block, unit| {
            if keep {
                delta.keep_buddies(block);
            }
            delta.take(block, unit, occupant(owner));
        };
        self.with_block(subnet, family, addresses.parts(), take);
    }

    fn with_interface(&mut self, id: &InterfaceId, change: impl FnOnce(&mut Interface)) {
        let Some(ix) = self.find_interface(id) else { return };
        if let Some(made) = self.over().interfaces.made_mut(ix) {
            change(made);
        } else if let Some(changed) = self.over().changed.get_mut(&ix) {
            change(changed);
        } else if let Some(record) = self.state.interfaces.get(ix).cloned() {
            change(self.over().changed.entry(ix).or_insert(record));
        }
    }

    fn with_block(
        &mut self,
        id: &SubnetId,
        family: Family,
        parts: impl IntoIterator<Item = Part>,
        mut change: impl FnMut(&mut BlockDelta, &Block, Unit),
    ) {
        let Some(ix) = self.find_subnet(id) else { return };
        let remembers = self.remembers(ix);
        let over = self.overlay.get_or_insert_default();
        let Overlay { subnets, reshaped, blocks, .. } = &mut **over;
        let reshaped = reshaped.get(&ix).map(|subnet| &**subnet);
        let subnet = reshaped.or_else(|| subnets.get(&self.state.subnets, ix));
        let Some(block) = subnet.and_then(|subnet| subnet.block(family)) else { return };
        let delta = blocks.entry((ix, family)).or_default();
        if remembers {
            delta.remember();
        }
        for part in parts {
            let Some(span) = block.offsets(part.range()) else { continue };
            change(delta, block, Unit { span, is_prefix: part.is_prefix() });
        }
    }
}
