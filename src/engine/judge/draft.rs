//! A decision in the making

use alloc::boxed::Box;
use alloc::vec::Vec;

use smallvec::SmallVec;

use crate::error::Error;
use crate::event::{Change, Decision, Event, Quarantined, Released};
use crate::id::{InterfaceId, Reason, SubnetId, Timestamp};
use crate::space::list::AddrList;
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

/// What an interface loses
#[derive(Debug)]
pub(in crate::engine) struct Loss {
    pub(in crate::engine) interface: InterfaceId,
    pub(in crate::engine) subnet: SubnetId,
    pub(in crate::engine) addresses: AddrList,
    /// When they are free
    pub(in crate::engine) until: Timestamp,
    pub(in crate::engine) reason: Option<Reason>,
}

impl Draft<'_> {
    pub(in crate::engine) fn changes(&self) -> &[Change] {
        &self.decision.event.changes
    }

    #[inline(always)]
    pub(in crate::engine) fn push(&mut self, change: Change) {
        let changes = &mut self.decision.event.changes;
        if changes.is_empty() {
            // There is room for the first: it is written without a call that would make room.
            *changes = SmallVec::from_buf([change]);
        } else {
            changes.push(change);
        }
    }

    /// Sets the answer, if it differs from the addresses of the command's first change
    pub(in crate::engine) fn answer_mut(&mut self) -> &mut AddrList {
        self.decision.answer.get_or_insert_default()
    }

    /// Adds a release of addresses, which are in quarantine if they are not free at once
    pub(in crate::engine) fn release(&mut self, view: &View<'_>, place: Place, loss: Loss) {
        let Loss { interface, subnet, addresses, until, reason } = loss;
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
