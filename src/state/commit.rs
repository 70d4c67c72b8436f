//! Writing events into the tables; judging or checking has shown that they fit

use super::index::Ix;
use super::interface::Interface;
use super::subnet::{Block, Subnet};
use super::{Place, Places, State};
use crate::event::{Change, Event};
use crate::id::{InterfaceId, Revision, SubnetId, Timestamp};
use crate::space::address::Span;
use crate::space::range::AddrRange;

/// What the changes of an event have in common
///
/// What they named last is kept with where it is: mostly the next one names it again.
#[derive(Clone, Copy)]
pub(crate) struct Making<'e> {
    pub(crate) revision: Revision,
    pub(crate) at: Timestamp,
    /// Whether a later change of the event sets the same, so that nothing need be built for this one
    pub(crate) superseded: bool,
    /// Where judging found the interface and the subnet of the change at hand
    judged: Option<Place>,
    interface: Option<(&'e InterfaceId, Ix<InterfaceId>)>,
    subnet: Option<(&'e SubnetId, Ix<SubnetId>)>,
}

impl State {
    /// Carries an event out that fits this state
    ///
    /// Where it does not fit, a change is left out: nothing here can fail half-way. `places` are those of
    /// these very tables that judging found.
    pub(crate) fn commit(&mut self, event: &Event, places: &Places) {
        self.begin(event.at, event.revision);
        let mut making = Making::new(event.at, event.revision);
        for (index, change) in event.changes.iter().enumerate() {
            making.judged = places.get(index).copied();
            change.make(self, &mut making);
        }
        self.end(event);
    }

    /// Processes passed deadlines before the first change of the event of this revision
    pub(crate) fn begin(&mut self, at: Timestamp, revision: Revision) {
        if self.is_due(at) {
            self.sweep(at, revision);
        }
    }

    /// Makes one change, which fits this state
    pub(crate) fn make<'e>(&mut self, change: &'e Change, making: &mut Making<'e>) {
        change.make(self, making);
    }

    /// Takes note that all changes of an event were made
    pub(crate) fn end(&mut self, event: &Event) {
        self.revision = event.revision;
        self.clock = event.at;
        self.digest = event.digest();
    }

    /// Looks for the earliest deadline anew, after a change of deadlines
    pub(super) fn note_deadlines(&mut self) {
        self.earliest_deadline = self.next_deadline();
    }
}

impl<'e> Making<'e> {
    /// Nothing named yet
    pub(crate) const fn new(at: Timestamp, revision: Revision) -> Self {
        Self { revision, at, superseded: false, judged: None, interface: None, subnet: None }
    }

    /// Where an interface and a subnet are
    pub(super) fn place(
        &mut self,
        state: &State,
        interface: &'e InterfaceId,
        subnet: &'e SubnetId,
    ) -> Option<Place> {
        if self.judged.is_some() {
            return self.judged;
        }
        let (interface, subnet) = (self.interface(state, interface)?, self.subnet(state, subnet)?);
        Some(Place { interface, subnet })
    }

    /// Where an interface is: hashes its id only if it is not the one named last
    pub(super) fn interface(
        &mut self,
        state: &State,
        id: &'e InterfaceId,
    ) -> Option<Ix<InterfaceId>> {
        let known = self.interface.filter(|&(of, _)| core::ptr::eq(of, id) || of == id);
        self.interface = known.or_else(|| Some((id, state.interfaces.find(id)?)));
        self.interface.map(|(_, ix)| ix)
    }

    /// Where a subnet is: hashes its id only if it is not the one named last
    pub(super) fn subnet(&mut self, state: &State, id: &'e SubnetId) -> Option<Ix<SubnetId>> {
        let known = self.subnet.filter(|&(of, _)| core::ptr::eq(of, id) || of == id);
        self.subnet = known.or_else(|| Some((id, state.subnets.find(id)?)));
        self.subnet.map(|(_, ix)| ix)
    }

    pub(super) fn interface_mut<'s>(
        &mut self,
        state: &'s mut State,
        id: &'e InterfaceId,
    ) -> Option<&'s mut Interface> {
        let ix = self.interface(state, id)?;
        state.interfaces.get_mut(ix)
    }

    pub(super) fn subnet_mut<'s>(
        &mut self,
        state: &'s mut State,
        id: &'e SubnetId,
    ) -> Option<&'s mut Subnet> {
        let ix = self.subnet(state, id)?;
        state.subnets.get_mut(ix)
    }

    /// The block of a subnet that a range lies in, and the offsets there
    pub(super) fn block_mut<'s>(
        &mut self,
        state: &'s mut State,
        id: &'e SubnetId,
        range: AddrRange,
    ) -> Option<(&'s mut Block, Span)> {
        let block = self.subnet_mut(state, id)?.block_mut(range.family())?;
        let span = block.offsets(range)?;
        Some((block, span))
    }

    pub(super) const fn met_interface(&mut self, id: &'e InterfaceId, ix: Ix<InterfaceId>) {
        self.interface = Some((id, ix));
    }

    pub(super) const fn met_subnet(&mut self, id: &'e SubnetId, ix: Ix<SubnetId>) {
        self.subnet = Some((id, ix));
    }

    pub(super) const fn forget_interface(&mut self) {
        self.interface = None;
    }

    pub(super) const fn forget_subnet(&mut self) {
        self.subnet = None;
    }
}
