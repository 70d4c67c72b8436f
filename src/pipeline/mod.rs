//! Decisions in flight: deciding goes on while earlier events are being stored

mod error;
mod ticket;

pub use error::{ConfirmError, Undecided};
pub use ticket::Ticket;

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use crate::command::Command;
use crate::engine::Engine;
use crate::error::{ApplyError, BatchError, Error};
use crate::event::{Decision, Event};
use crate::id::{Revision, Timestamp};

/// Two engines with the decisions between them: `head` has all of them, `durable` what is stored
///
/// For a store that takes a while, or takes many events at once as cheaply as one. Every command is judged
/// on `head`, so that decisions do not wait for each other; no answer is given before its event is stored.
///
/// 1. [`decide`](Self::decide) judges a command and puts its event in flight. The [`Ticket`] says what must
///    be stored before the answer may be given, be it yes or no: a refusal may be for what is in flight, too.
/// 2. [`next_group`](Self::next_group) hands out the events to be stored, in order: one by one, or all in one
///    write.
/// 3. [`confirm`](Self::confirm): everything up to a ticket is stored. Its callers have their answers.
/// 4. [`abort`](Self::abort): a write failed, and nothing in flight is or will be stored.
///    [`follow`](Self::follow): the store holds an event of another writer. Either way what was in flight
///    was decided on a history that has not come to be; it is dropped, and its tickets are returned, so that
///    their commands can be refused or decided again.
///
/// So `durable` is what a replay of the store gives, at all times, and no answer is ever taken back.
///
/// # A write whose outcome is not known
///
/// A write that timed out may have happened. Aborting and writing on would put two events of one revision
/// into a log that takes anything. Read the end of the log first, and [`follow`](Self::follow) what is
/// there: an event of one's own is confirmed by that, another writer's drops the rest. Where the end of the
/// log cannot be read, end the process and [start](Self::new) from a replay. Where the store takes a
/// revision once only, a late write does no harm: what comes second is refused.
///
/// Two writers that decide the same command on the same history decide the same event, and then only one of
/// them has stored it. Do every command under a token of its own ([`Once`](crate::Once)): then no two
/// requests have the same event. Without tokens, [`abort`](Self::abort) what the store has refused before
/// you follow what it has instead.
///
/// # What it costs
///
/// The memory of one engine, the pages that what is in flight has changed, and its events, at most
/// [`limit`](Self::limit) of them. A decision costs an [`execute`](Engine::execute) and a copy of its event. A
/// confirmation of a group that was handed out, or of all that is decided, costs nothing for each event: `durable`
/// takes over a copy of `head` that was kept. Within a group it costs an [`apply`](Engine::apply) an event.
/// Dropping what is in flight costs a clone. `cargo bench --bench pipeline` measures all three.
///
/// ```
/// use ipam_core::*;
///
/// let (vpc, subnet, eni) = ("vpc-1".parse()?, "subnet-1".parse()?, "eni-1".parse()?);
/// let mut pipeline = Pipeline::new(Engine::new());
/// let cidr = "192.0.2.0/29".parse()?;
/// let now = Timestamp::ZERO;
/// pipeline.decide(now, &CreateVpc::new(vpc).into())?;
/// pipeline.decide(now, &CreateSubnet::new(subnet, vpc, Profile::PLAIN).v4(cidr).into())?;
/// pipeline.decide(now, &CreateInterface::new(eni, subnet).into())?;
/// let two = pipeline.decide(now, &Assign::new(eni, Pick::any(2)).into())?;
///
/// // All four in one write; then, and not before, the answers.
/// let group: Vec<Event> = pipeline.next_group().cloned().collect();
/// assert_eq!((group.len(), pipeline.durable().revision()), (4, Revision::ZERO));
/// pipeline.confirm(two.ticket)?;
/// assert_eq!(two.decision.answer().to_string(), "192.0.2.1-192.0.2.2");
///
/// // The next write fails: it is as if the command had not come.
/// let lost = pipeline.decide(now, &Assign::new(eni, Pick::any(1)).into())?;
/// assert_eq!(pipeline.abort(), [lost.ticket]);
/// assert_eq!(pipeline.head(), pipeline.durable());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias = "group commit")]
// INVARIANT: `head` is `durable` with the events in flight applied, in order, and each of `borders` is `durable` with
// some of them.
#[derive(Clone, Debug)]
pub struct Pipeline {
    head: Engine,
    durable: Engine,
    in_flight: VecDeque<Event>,
    /// Copies of `head` as it was when groups were handed out: what `durable` is once they are stored
    borders: VecDeque<Engine>,
    limit: usize,
}

/// What a command comes to, and when that may be told
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Decided {
    /// What it comes to; if that is a change, its event is in flight
    pub decision: Decision,
    /// What must be stored before the answer is given
    ///
    /// Of a change, its own event. Of what is unchanged, the last event decided before it, since the answer
    /// may be for what that one did; if [nothing is in flight](Pipeline::is_in_flight), it may be given now.
    pub ticket: Ticket,
}

impl Pipeline {
    /// Most decisions in flight, unless told otherwise
    pub const LIMIT: usize = 1024;

    /// A pipeline over what is stored: an empty engine, or one that was replayed
    ///
    /// ```
    /// use ipam_core::{Engine, Pipeline};
    ///
    /// let pipeline = Pipeline::new(Engine::new());
    /// assert_eq!(pipeline.head(), pipeline.durable());
    /// ```
    pub fn new(durable: Engine) -> Self {
        let head = durable.clone();
        let (in_flight, borders) = (VecDeque::new(), VecDeque::new());
        Self { head, durable, in_flight, borders, limit: Self::LIMIT }
    }

    /// With at most so many decisions in flight; 0 lets nothing be decided
    ///
    /// It bounds the memory of what is in flight: an event has the size of what its command gets.
    ///
    /// ```
    /// use ipam_core::*;
    ///
    /// let mut pipeline = Pipeline::new(Engine::new()).with_limit(1);
    /// let create = |vpc| Command::from(CreateVpc::new(vpc));
    /// pipeline.decide(Timestamp::ZERO, &create("vpc-1".parse()?))?;
    /// let refused = pipeline.decide(Timestamp::ZERO, &create("vpc-2".parse()?)).unwrap_err();
    /// assert_eq!((refused.code(), refused.is_transient()), (950, true));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn with_limit(mut self, limit: usize) -> Self {
        self.limit = limit;
        self
    }

    /// Judges a command on all that is decided; a change is in flight from then on
    ///
    /// ```
    /// use ipam_core::*;
    ///
    /// let mut pipeline = Pipeline::new(Engine::new());
    /// let create = Command::from(CreateVpc::new("vpc-1".parse()?));
    /// let decided = pipeline.decide(Timestamp::ZERO, &create)?;
    /// assert!(pipeline.is_in_flight(decided.ticket));
    ///
    /// // There is one already, or so it seems: if that one cannot be stored, there is none.
    /// let refused = pipeline.decide(Timestamp::ZERO, &create).unwrap_err();
    /// let Undecided::Refused { error, ticket } = refused else { return Err("not refused".into()) };
    /// assert_eq!((error.code(), ticket), (205, decided.ticket));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Undecided`], and the pipeline is as it was: refused, or too many in flight. A full pipeline still
    /// refuses, and answers what changes nothing.
    pub fn decide(&mut self, now: Timestamp, command: &Command) -> Result<Decided, Undecided> {
        let before = self.head_ticket();
        let refused = |error: Error| Undecided::Refused { error, ticket: before };
        if self.is_full() {
            let decision = self.head.decide(now, command).map_err(refused)?;
            return self.unchanged(decision);
        }
        let decision = self.head.execute(now, command).map_err(refused)?;
        self.in_flight.extend(decision.event().cloned());
        Ok(Decided { decision, ticket: self.head_ticket() })
    }

    /// Judges several commands, all or none: one event, one ticket
    ///
    /// ```
    /// use ipam_core::*;
    ///
    /// let mut pipeline = Pipeline::new(Engine::new());
    /// let create = |vpc| Command::from(CreateVpc::new(vpc));
    /// let both = [create("vpc-1".parse()?), create("vpc-2".parse()?)];
    /// let decided = pipeline.decide_all(Timestamp::ZERO, &both)?;
    /// assert_eq!((decided.ticket.revision(), pipeline.pending().count()), (Revision::new(1), 1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As of [`decide`](Self::decide); the first command that is refused, and why.
    pub fn decide_all(
        &mut self,
        now: Timestamp,
        commands: &[Command],
    ) -> Result<Decided, Undecided<BatchError>> {
        let before = self.head_ticket();
        let refused = |error| Undecided::Refused { error, ticket: before };
        let decision = self.head.decide_all(now, commands).map_err(refused)?;
        match decision.event() {
            Some(event) if !self.is_full() => {
                self.head.apply(event).map_err(Undecided::Defect)?;
                self.in_flight.push_back(event.clone());
                Ok(Decided { decision, ticket: self.head_ticket() })
            }
            _ => self.unchanged(decision),
        }
    }

    /// Everything up to this ticket is stored
    ///
    /// Whoever waits for it, or for an earlier one, may have the answer. Events must be stored in order:
    /// confirm one once all before it are.
    ///
    /// ```
    /// use ipam_core::*;
    ///
    /// let mut pipeline = Pipeline::new(Engine::new());
    /// let create = Command::from(CreateVpc::new("vpc-1".parse()?));
    /// let first = pipeline.decide(Timestamp::ZERO, &create)?.ticket;
    /// pipeline.abort();
    /// let again = pipeline.decide(Timestamp::from_millis(1), &create)?.ticket;
    /// assert_eq!(first.revision(), again.revision());
    ///
    /// let late = pipeline.confirm(first);
    /// assert_eq!(late, Err(ConfirmError::Dropped { revision: first.revision() }));
    /// pipeline.confirm(again)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ConfirmError`], and the pipeline is as it was: confirmed before, never decided, or dropped.
    pub fn confirm(&mut self, ticket: Ticket) -> Result<(), ConfirmError> {
        let Ticket { revision, digest } = ticket;
        let (durable, head) = (self.durable.revision(), self.head.revision());
        if revision <= durable {
            return Err(ConfirmError::Stored { revision, durable });
        }
        match self.digest_at(revision) {
            Some(found) if found == digest => {}
            Some(_) => return Err(ConfirmError::Dropped { revision }),
            None => return Err(ConfirmError::NotInFlight { revision, head }),
        }
        self.store(revision).map_err(ConfirmError::Defect)
    }

    /// Makes `durable` what `head` was at a revision in flight
    fn store(&mut self, revision: Revision) -> Result<(), ApplyError> {
        while self.borders.front().is_some_and(|border| border.revision() <= revision) {
            if let Some(border) = self.borders.pop_front() {
                self.durable = border;
            }
        }
        if self.head.revision() == revision {
            self.durable = self.head.clone();
        }
        while let Some(next) = self.in_flight.front().filter(|next| next.revision() <= revision) {
            if next.revision() > self.durable.revision() {
                self.durable.apply(next)?;
            }
            self.in_flight.pop_front();
        }
        Ok(())
    }

    /// Nothing that is in flight is stored, or ever will be: it is dropped
    ///
    /// The tickets come in order. Confirm first what was stored of a group; read the log where that is not
    /// known ([above](Self#a-write-whose-outcome-is-not-known)).
    ///
    /// ```
    /// use ipam_core::*;
    ///
    /// let mut pipeline = Pipeline::new(Engine::new());
    /// let create = |vpc| Command::from(CreateVpc::new(vpc));
    /// let stored = pipeline.decide(Timestamp::ZERO, &create("vpc-1".parse()?))?.ticket;
    /// let torn = pipeline.decide(Timestamp::ZERO, &create("vpc-2".parse()?))?.ticket;
    /// pipeline.confirm(stored)?;
    /// assert_eq!(pipeline.abort(), [torn]);
    /// assert_eq!(pipeline.head().revision(), Revision::new(1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn abort(&mut self) -> Vec<Ticket> {
        let dropped = self.tickets();
        self.reset();
        dropped
    }

    /// Drops what is in flight
    fn reset(&mut self) {
        self.head = self.durable.clone();
        self.in_flight.clear();
        self.borders.clear();
    }

    /// The store holds this event, whoever wrote it
    ///
    /// If it is equal to the next in flight, that is confirmed by this, and nothing is dropped. If it is another
    /// writer's, everything in flight was decided on a history that is not the store's: it is dropped, and
    /// its tickets are returned.
    ///
    /// ```
    /// use ipam_core::*;
    ///
    /// let mut pipelines = [(); 2].map(|()| Pipeline::new(Engine::new()));
    /// let [ours, theirs] = &mut pipelines;
    /// let create = |vpc| Command::from(CreateVpc::new(vpc));
    /// let lost = ours.decide(Timestamp::ZERO, &create("vpc-1".parse()?))?.ticket;
    /// theirs.decide(Timestamp::ZERO, &create("vpc-2".parse()?))?;
    ///
    /// // The store has a unique key, the revision: the other one was quicker.
    /// let winner = theirs.pending().next().cloned().ok_or("nothing in flight")?;
    /// assert_eq!(theirs.follow(&winner)?, []);
    /// assert_eq!(ours.follow(&winner)?, [lost]);
    /// assert_eq!(ours.head(), theirs.durable());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ApplyError`], and the pipeline is as it was: the event does not follow what is stored.
    pub fn follow(&mut self, event: &Event) -> Result<Vec<Ticket>, ApplyError> {
        if self.in_flight.front() == Some(event) {
            self.store(event.revision())?;
            return Ok(Vec::new());
        }
        let dropped = self.tickets();
        self.durable.apply(event)?;
        self.reset();
        Ok(dropped)
    }

    /// The events in flight, in the order in which they must be stored
    ///
    /// ```
    /// use ipam_core::{Engine, Pipeline};
    ///
    /// assert_eq!(Pipeline::new(Engine::new()).pending().count(), 0);
    /// ```
    pub fn pending(&self) -> impl ExactSizeIterator<Item = &Event> {
        self.in_flight.iter()
    }

    /// Hands out the events in flight that were not yet, in the order in which they must be stored
    ///
    /// Store them in one write or one by one, then [confirm](Self::confirm) the last of them. A copy of `head` as of
    /// that one is kept until then. After a drop all begins anew.
    ///
    /// ```
    /// use ipam_core::*;
    ///
    /// let mut pipeline = Pipeline::new(Engine::new());
    /// let create = |vpc| Command::from(CreateVpc::new(vpc));
    /// let first = pipeline.decide(Timestamp::ZERO, &create("vpc-1".parse()?))?.ticket;
    /// assert!(pipeline.next_group().map(Ticket::of).eq([first]));
    /// let second = pipeline.decide(Timestamp::ZERO, &create("vpc-2".parse()?))?.ticket;
    /// assert!(pipeline.next_group().map(Ticket::of).eq([second]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn next_group(&mut self) -> impl ExactSizeIterator<Item = &Event> {
        let handed = self.borders.back().unwrap_or(&self.durable).revision();
        if self.head.revision() > handed {
            self.borders.push_back(self.head.clone());
        }
        let before = handed.get().saturating_sub(self.durable.revision().get());
        let before = usize::try_from(before).unwrap_or(usize::MAX).min(self.in_flight.len());
        self.in_flight.range(before..)
    }

    /// Whether a ticket waits for the store: it was neither confirmed nor dropped
    ///
    /// ```
    /// use ipam_core::*;
    ///
    /// let mut pipeline = Pipeline::new(Engine::new());
    /// // Nothing is due, so nothing changes, and nothing is in flight that the answer could be for.
    /// let nothing = pipeline.decide(Timestamp::ZERO, &Command::Sweep)?;
    /// assert!(nothing.decision.is_unchanged());
    /// assert!(!pipeline.is_in_flight(nothing.ticket));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn is_in_flight(&self, ticket: Ticket) -> bool {
        self.digest_at(ticket.revision()) == Some(ticket.digest())
    }

    /// The engine with all that is decided: what the next command is judged on
    ///
    /// What it tells may yet be dropped: to tell it to somebody, wait for the [ticket](Self::head_ticket) that goes
    /// with it, taken under the same lock.
    ///
    /// ```
    /// use ipam_core::{Engine, Pipeline};
    ///
    /// assert_eq!(Pipeline::new(Engine::new()).head(), &Engine::new());
    /// ```
    pub const fn head(&self) -> &Engine {
        &self.head
    }

    /// What must be stored before an answer that was read from [`head`](Self::head) may be given
    ///
    /// ```
    /// use ipam_core::*;
    ///
    /// let mut pipeline = Pipeline::new(Engine::new());
    /// let create = Command::from(CreateVpc::new("vpc-1".parse()?));
    /// let decided = pipeline.decide(Timestamp::ZERO, &create)?;
    /// assert_eq!((pipeline.head().vpcs().len(), pipeline.head_ticket()), (1, decided.ticket));
    /// pipeline.confirm(decided.ticket)?;
    /// assert!(!pipeline.is_in_flight(pipeline.head_ticket()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn head_ticket(&self) -> Ticket {
        let (revision, digest) = (self.head.revision(), self.head.digest());
        Ticket { revision, digest }
    }

    /// The engine with all that is stored, and no more: what is told to others
    ///
    /// ```
    /// use ipam_core::{Engine, Pipeline};
    ///
    /// assert_eq!(Pipeline::new(Engine::new()).durable(), &Engine::new());
    /// ```
    pub const fn durable(&self) -> &Engine {
        &self.durable
    }

    /// Most decisions in flight, inclusive
    ///
    /// ```
    /// use ipam_core::{Engine, Pipeline};
    ///
    /// assert_eq!(Pipeline::new(Engine::new()).limit(), Pipeline::LIMIT);
    /// ```
    pub const fn limit(&self) -> usize {
        self.limit
    }

    /// The engine with all that is stored; what is in flight is dropped
    ///
    /// ```
    /// use ipam_core::{Engine, Pipeline};
    ///
    /// assert_eq!(Pipeline::new(Engine::new()).into_durable(), Engine::new());
    /// ```
    pub fn into_durable(self) -> Engine {
        self.durable
    }

    fn is_full(&self) -> bool {
        self.in_flight.len() >= self.limit
    }

    /// The answer of a full pipeline: to what changes nothing
    fn unchanged<E>(&self, decision: Decision) -> Result<Decided, Undecided<E>> {
        if decision.is_unchanged() {
            Ok(Decided { decision, ticket: self.head_ticket() })
        } else {
            Err(Undecided::Full { limit: self.limit })
        }
    }

    /// The digest of the history that ends with the event in flight of this revision, if there is one
    fn digest_at(&self, revision: Revision) -> Option<u64> {
        let after = revision.get().checked_sub(self.durable.revision().get())?;
        let next = usize::try_from(after).ok()?;
        let at = next.checked_sub(1)?;
        self.in_flight.get(at)?;
        // An event names the history that it was decided on: that of the one before it.
        Some(self.in_flight.get(next).map_or(self.head.digest(), Event::parent))
    }

    /// The tickets of all in flight, in order
    fn tickets(&self) -> Vec<Ticket> {
        let ticket = |event: &Event| {
            let revision = event.revision();
            Some(Ticket { revision, digest: self.digest_at(revision)? })
        };
        self.in_flight.iter().filter_map(ticket).collect()
    }
}
