//! Checking that an event belongs to this history and that its facts are consistent

use alloc::collections::{BTreeMap, BTreeSet};

use smallvec::SmallVec;

use crate::command::Assign;
use crate::error::{ApplyError, Contradiction};
use crate::event::{Change, Event};
use crate::id::{SubnetId, Task};
use crate::space::address::{Family, Span};
use crate::state::commit::Making;
use crate::state::tasks::TaskRecord;
use crate::state::view::View;
use crate::state::{Place, Places, State};

/// Makes an event so, if it belongs on this history and fits: else nothing has changed
///
/// Changes that do not depend on each other are checked where they are. Each of others is checked on what its
/// predecessors leave: all are made in a copy, which takes the place of the state once the last one fits.
pub(super) fn apply(state: &mut State, event: &Event) -> Result<(), ApplyError> {
    belongs(state, event)?;
    let (revision, at, changes) = (event.revision, event.at, event.changes.as_slice());
    let contradiction = |change, what| ApplyError::Contradiction { event: revision, change, what };
    if are_independent(changes) {
        let view = View::new(state, at);
        let mut places = Places::new();
        for (index, change) in changes.iter().enumerate() {
            match change.fits(&view) {
                Ok(Some(place)) if places.len() == index => places.push(place),
                Ok(_) => {}
                Err(what) => return Err(contradiction(index, what)),
            }
        }
        drop(view);
        state.commit(event, &places);
        return Ok(());
    }
    let (mut copy, mut holds) = (state.fork(at, revision), Holds::default());
    let standing = standing_settings(changes);
    let mut making = Making::new(at, revision);
    for (index, change) in changes.iter().enumerate() {
        let view = View::new(&copy, at);
        holds.judge(&view, change).map_err(|what| contradiction(index, what))?;
        drop(view);
        making.superseded = setting(change).is_some() && !standing.contains(&index);
        copy.make(change, &mut making);
    }
    copy.end(event);
    *state = copy;
    state.settle();
    Ok(())
}

/// Whether no change reads what another writes, and none extends a hold: one alone; what an interface is given or loses,
/// how far a policy has come by that, and what is kept of it under a token; or what interfaces are given and lose, none
/// of it twice
fn are_independent(changes: &[Change]) -> bool {
    use Change::{
        Assigned, CursorMoved, Drawn, Held, HoldExtended, Quarantined, Released, TokenKept,
    };
    match changes {
        [alone] => !matches!(alone, HoldExtended(_)),
        [
            Assigned(_) | Released(_) | Quarantined(_) | Held(_),
            CursorMoved(_) | Drawn(_) | TokenKept(_),
        ]
        | [
            Assigned(_) | Released(_) | Quarantined(_) | Held(_),
            CursorMoved(_) | Drawn(_),
            TokenKept(_),
        ] => true,
        _ => {
            let addresses =
                |change: &Change| matches!(change, Assigned(_) | Released(_) | Quarantined(_));
            changes.iter().all(addresses) && are_apart(changes)
        }
    }
}

/// Whether no address is in two of the changes, nor twice in one: of several subnets, as if they were one
fn are_apart(changes: &[Change]) -> bool {
    let ranges = changes.iter().flat_map(|change| change.addresses().ranges());
    let mut ranges: SmallVec<[(Family, Span); 4]> =
        ranges.map(|range| (range.family(), range.span())).collect();
    ranges.sort_unstable_by_key(|&(family, span)| (family, span.first));
    ranges.is_sorted_by(|low, high| low.0 < high.0 || low.1.last < high.1.first)
}

/// Whether an event follows this very history, has a change, and assigns no more than one may
fn belongs(state: &State, event: &Event) -> Result<(), ApplyError> {
    let State { revision, clock, digest, .. } = *state;
    let found = event.revision;
    if found != revision.next() {
        return Err(ApplyError::OutOfOrder { revision, found });
    }
    if event.parent != digest {
        return Err(ApplyError::Foreign { event: found, digest, found: event.parent });
    }
    if event.at < clock {
        return Err(ApplyError::BackInTime { event: found, at: event.at, clock });
    }
    if event.changes.is_empty() {
        let what = Contradiction::Empty;
        return Err(ApplyError::Contradiction { event: found, change: 0, what });
    }
    let mut assigned = 0u128;
    for (change, made) in event.changes.iter().enumerate() {
        assigned = assigned.saturating_add(made.assigns());
        if !Assign::may_assign(assigned) {
            let what = Contradiction::TooMany;
            return Err(ApplyError::Contradiction { event: found, change, what });
        }
    }
    Ok(())
}

/// The holds that an event has begun so far, and the subnets of those that it has extended
#[derive(Default)]
struct Holds {
    begun: BTreeSet<u32>,
    subnets: BTreeMap<Task, BTreeSet<SubnetId>>,
}

impl Holds {
    /// Whether a change fits what `view` shows, and the holds of the same event
    fn judge(&mut self, view: &View<'_>, change: &Change) -> Result<Option<Place>, Contradiction> {
        if self.has(view, change) { Err(Contradiction::Exists) } else { change.fits(view) }
    }

    /// Whether a change begins a hold again, which may be forgotten by now, or extends one to a subnet again; notes
    /// it
    fn has(&mut self, view: &View<'_>, change: &Change) -> bool {
        match change {
            Change::Held(held) => !self.begun.insert(held.index),
            Change::HoldExtended(extended) => {
                let task = extended.task;
                let subnets = self.subnets.entry(task).or_insert_with(|| {
                    let record = view.task(task).map(|(record, _)| record);
                    record.into_iter().flat_map(TaskRecord::parts).map(|(id, _)| id.id()).collect()
                });
                !subnets.insert(extended.subnet)
            }
            _ => false,
        }
    }
}

/// What a change sets that costs a look at all of the subnet that is in use: its indices, or its policy
fn setting(change: &Change) -> Option<(SubnetId, bool)> {
    match change {
        Change::IndicesSet(set) => Some((set.subnet, false)),
        Change::PolicySet(set) => Some((set.subnet, true)),
        _ => None,
    }
}

/// Those changes that set a subnet's indices or policy last: each begins anew, so of those before it nothing is
/// left
fn standing_settings(changes: &[Change]) -> BTreeSet<usize> {
    let set = changes.iter().enumerate();
    let set = set.filter_map(|(index, change)| Some((setting(change)?, index)));
    set.collect::<BTreeMap<_, _>>().into_values().collect()
}
