//! A decision in the making

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::error::Error;
use crate::event::{Change, Decision, Event, Quarantined, Released};
use crate::id::{InterfaceId, Reason, SubnetId, Timestamp};
use crate::space::address::{Family, Span};
use crate::space::list::AddrList;
use crate::state::name::Name;
use crate::state::view::View;
use crate::state::{Place, Places, State};

/// The decision in the making, which judging writes in its final place
#[derive(Debug)]
pub(in crate::engine) struct Draft<'d> {
    pub(in crate::engine) decision: &'d mut Decision,
    pub(in crate::engine) places: &'d mut Places,
    /// Which of several commands it is
    pub(in crate::engine) index: u32,
}

impl Draft<'_> {
    pub(in crate::engine) fn changes(&self) -> &[Change] {
        &self.decision.event.changes
    }

    #[inline(always)]
    pub(in crate::engine) fn push(&mut self, change: Change) {
        self.decision.event.changes.push(change);
    }

    /// Adds a `blank` assignment or release, and then fills it in place, as moving what was just written would wait
    /// for it
    #[inline(always)]
    pub(in crate::engine) fn push_span(
        &mut self,
        blank: Change,
        interface: &InterfaceId,
        subnet: &Name<SubnetId>,
        place: Place,
        (family, span): (Family, Span),
    ) {
        if let Some(addresses) = self.push_blank(blank, interface, subnet, place) {
            addresses.push_span(family, span);
        }
    }

    /// The same of addresses that are still to be told
    #[inline(always)]
    pub(super) fn push_blank(
        &mut self,
        blank: Change,
        interface: &InterfaceId,
        subnet: &Name<SubnetId>,
        place: Place,
    ) -> Option<&mut AddrList> {
        self.push_at(place, blank);
        let (of, at, addresses) = match self.decision.event.changes.last_mut()? {
            Change::Assigned(to) => (&mut to.interface, &mut to.subnet, &mut to.addresses),
            Change::Released(to) => (&mut to.interface, &mut to.subnet, &mut to.addresses),
            _ => return None,
        };
        *of = *interface;
        subnet.put(at);
        Some(addresses)
    }

    /// The addresses of the last change, where they stay
    #[inline]
    pub(in crate::engine) fn last_mut(&mut self) -> Option<&mut AddrList> {
        match self.decision.event.changes.last_mut() {
            Some(Change::Assigned(to)) => Some(&mut to.addresses),
            Some(Change::Released(to)) => Some(&mut to.addresses),
            Some(Change::Quarantined(to)) => Some(&mut to.addresses),
            _ => None,
        }
    }

    /// Sets the answer, if it differs from the addresses of the command's first change
    pub(in crate::engine) fn answer_mut(&mut self) -> &mut AddrList {
        self.decision.answer.get_or_insert_default()
    }

    /// Adds a release of addresses that are free at a time
    pub(in crate::engine) fn release(
        &mut self,
        view: &View<'_>,
        place: Place,
        (interface, subnet): (InterfaceId, SubnetId),
        addresses: AddrList,
        (until, reason): (Timestamp, Option<Reason>),
    ) {
        self.push_at(
            place,
            if until > view.at() {
                let rests = Quarantined { interface, subnet, addresses, until, reason };
                Change::Quarantined(Box::new(rests))
            } else {
                Change::Released(Released { interface, subnet, addresses })
            },
        );
    }

    /// Sets the violations: everything that an assignment would have been refused for
    #[cold]
    pub(in crate::engine) fn violate(&mut self, broken: Vec<Error>) {
        self.decision.violations = (!broken.is_empty()).then(|| broken.into_boxed_slice());
    }

    /// Takes the last change back
    pub(in crate::engine) fn pop(&mut self) {
        self.decision.event.changes.pop();
        self.places.truncate(self.decision.event.changes.len());
    }

    /// Adds a change whose interface and subnet have been found
    #[inline(always)]
    pub(in crate::engine) fn push_at(&mut self, place: Place, change: Change) {
        if self.places.len() == self.decision.event.changes.len() {
            self.places.push(place);
        }
        self.push(change);
    }
}

/// An empty decision
pub(in crate::engine) fn blank(state: &State, now: Timestamp) -> Decision {
    let State { revision, clock, digest, .. } = *state;
    let event = Event::new(revision.next(), now.max(clock), digest);
    Decision { revision, event, answer: None, recalled: None, answers: None, violations: None }
}

/// Seals the event of a decision, or leaves it without one if nothing changes
pub(in crate::engine) fn finish(decision: &mut Decision) {
    if decision.is_unchanged() {
        decision.event = Event::nothing();
    } else {
        decision.event.seal();
        decision.revision = decision.event.revision;
    }
}
