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

/// Two engines and the decisions between them: `head` includes every decision, `durable` only what is stored
///
/// Use it for a store that is slow, or that writes many events as cheaply as one. Every command is judged
/// on `head`, so decisions do not wait for each other. No answer is given before its event is stored.
///
/// 1. [`decide`](Self::decide) judges a command and puts its event in flight. The [`Ticket`] says what must
///    be stored before the answer may be given. This holds for refusals too, as a decision in flight may be their cause.
/// 2. [`next_group`](Self::next_group) hands out the events to store, in order. Store them one by one, or all in one
///    write.
/// 3. [`confirm`](Self::confirm) says that everything up to a ticket is stored. Give its callers their answers.
/// 4. [`abort`](Self::abort) says that a write failed, so that nothing in flight is or will be stored.
///    [`follow`](Self::follow) says that the store holds another writer's event. In both cases the decisions in flight
///    were made on a history that did not come about. The pipeline drops them and returns their tickets, so that
///    you can refuse their commands or decide them again.
///
/// So `durable` is always what a replay of the store gives, and no answer is ever taken back.
///
/// # Reading from `head`
///
/// `head` includes decisions that may yet be dropped. So three things belong together: what you read from
/// [`head`](Self::head), the [`head_ticket`](Self::head_ticket) that goes with it, and the lock under which you took both.
/// Take the two under one lock, without a `decide` between them; release the lock; and tell nobody what you read until
/// that ticket is confirmed. If the ticket is dropped, read again. What you read from [`durable`](Self::durable) may be
/// told at once.
///
/// ```
/// use ipam_core::*;
/// use std::sync::Mutex;
///
/// let pipeline = Mutex::new(Pipeline::new(Engine::new()));
/// # let create = CreateVpc::new("vpc-1".parse()?).into();
/// # pipeline.lock().map_err(|_| "poisoned")?.decide(Timestamp::ZERO, &create)?;
/// let (seen, ticket) = {
///     let pipeline = pipeline.lock().map_err(|_| "poisoned")?;
///     (pipeline.head().clone(), pipeline.head_ticket())
/// };
/// let list = seen.vpcs(); // for as long as it takes, without the lock
/// // Answer once `ticket` is confirmed.
/// assert!(pipeline.lock().map_err(|_| "poisoned")?.is_in_flight(ticket));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # A write whose outcome is not known
///
/// A write that timed out may have happened. If you abort and write on, a log that accepts anything may end up with two
/// events of one revision. Read the end of the log first, and [`follow`](Self::follow) what is there: that confirms
/// your own event, and drops the rest if the event is another writer's. If the end of the log cannot be read, end the
/// process and [start](Self::new) from a replay. If the store accepts each revision only once, a late write does no
/// harm: the store refuses the second one.
///
/// Two writers that decide the same command on the same history produce equal events, of which only one is stored. Give
/// every command its own token ([`Once`](crate::Once)): then no two requests have the same event. Without tokens,
/// [`abort`](Self::abort) what the store has refused before you follow what it has instead.
///
/// # What it costs
///
/// A pipeline takes the memory of one engine, of the pages that the decisions in flight have changed, and of their
/// events, at most [`limit`](Self::limit) of them. A decision costs an [`execute`](Engine::execute) and a copy of its
/// event. Confirming a whole group, or everything that is decided, costs nothing for each event, as `durable`
/// takes over a copy of `head` that was kept. Confirming a part of a group costs an [`apply`](Engine::apply) for each
/// event. Dropping what is in flight costs a clone. `cargo bench --bench pipeline` measures all three.
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
/// // The next write fails: it is as if the command had never been given.
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

/// A decision, and what must be stored before its answer may be given
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Decided {
    /// The decision; if it changes anything, its event is in flight
    pub decision: Decision,
    /// What must be stored before the answer is given
    ///
    /// For a decision that changes something, its own event. For one that changes nothing, the last event decided before
    /// it, as the answer may depend on that event. If the ticket is not [in flight](Pipeline::is_in_flight), the answer
    /// may be given now.
    pub ticket: Ticket,
}

impl Pipeline {
    /// The most decisions in flight, unless [`with_limit`](Self::with_limit) says otherwise
    pub const LIMIT: usize = 1024;

    /// A pipeline that starts from what is stored: an empty engine, or a replayed one
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

    /// With at most `limit` decisions in flight; with 0, every command that changes something is refused
    ///
    /// The limit bounds the memory of what is in flight: an event is as large as what its command gets.
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

    /// Judges a command on `head`; if it changes anything, its event is in flight from then on
    ///
    /// ```
    /// use ipam_core::*;
    ///
    /// let mut pipeline = Pipeline::new(Engine::new());
    /// let create = Command::from(CreateVpc::new("vpc-1".parse()?));
    /// let decided = pipeline.decide(Timestamp::ZERO, &create)?;
    /// assert!(pipeline.is_in_flight(decided.ticket));
    ///
    /// // The refusal rests on an event in flight: if that cannot be stored, the VPC does not exist.
    /// let refused = pipeline.decide(Timestamp::ZERO, &create).unwrap_err();
    /// let Undecided::Refused { error, ticket } = refused else { return Err("not refused".into()) };
    /// assert_eq!((error.code(), ticket), (205, decided.ticket));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Undecided`]: the command is refused, or too many decisions are in flight. The pipeline is unchanged. A full
    /// pipeline still refuses commands, and still answers those that change nothing.
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

    /// Judges several commands, all or none of them, as one event with one ticket
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
    /// Those of [`decide`](Self::decide). A refusal names the first command that is refused, and why.
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

    /// Says that everything up to this ticket is stored
    ///
    /// Every caller who waits for this ticket, or for an earlier one, may have the answer. Store events in order, and
    /// confirm a ticket only when all events before it are stored as well.
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
    /// [`ConfirmError`]: the ticket was confirmed before, never decided, or dropped. The pipeline is unchanged.
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

    /// Drops everything in flight, and returns its tickets in order
    ///
    /// Call it when nothing in flight is stored or ever will be. If part of a group was stored, confirm that part first;
    /// if you do not know, read the log ([above](Self#a-write-whose-outcome-is-not-known)).
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

    /// Takes the next event of the store, whoever wrote it
    ///
    /// If it equals the next event in flight, that event is confirmed and nothing is dropped. If it is another
    /// writer's, everything in flight was decided on a history that is not the store's. All of it is dropped, and
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
    /// // The store accepts each revision once, and the other writer was faster.
    /// let winner = theirs.pending().next().cloned().ok_or("nothing in flight")?;
    /// assert_eq!(theirs.follow(&winner)?, []);
    /// assert_eq!(ours.follow(&winner)?, [lost]);
    /// assert_eq!(ours.head(), theirs.durable());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ApplyError`]: the event does not follow what is stored. The pipeline is unchanged.
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

    /// All events in flight, in the order in which they must be stored
    ///
    /// ```
    /// use ipam_core::{Engine, Pipeline};
    ///
    /// assert_eq!(Pipeline::new(Engine::new()).pending().count(), 0);
    /// ```
    pub fn pending(&self) -> impl ExactSizeIterator<Item = &Event> {
        self.in_flight.iter()
    }

    /// The events in flight that were not handed out before, in the order in which they must be stored
    ///
    /// Store them in one write or one by one, then [confirm](Self::confirm) the last of them. The pipeline keeps a copy of
    /// `head` as of that event until then. After events were dropped, the next call starts again after what is stored.
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

    /// Whether a ticket still waits for the store: it was neither confirmed nor dropped
    ///
    /// ```
    /// use ipam_core::*;
    ///
    /// let mut pipeline = Pipeline::new(Engine::new());
    /// // No deadline has passed, so nothing changes and nothing is in flight: answer at once.
    /// let nothing = pipeline.decide(Timestamp::ZERO, &Command::Sweep)?;
    /// assert!(nothing.decision.is_unchanged());
    /// assert!(!pipeline.is_in_flight(nothing.ticket));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn is_in_flight(&self, ticket: Ticket) -> bool {
        self.digest_at(ticket.revision()) == Some(ticket.digest())
    }

    /// The engine with everything that is decided: what the next command is judged on
    ///
    /// Some of it may yet be dropped. Take the [ticket](Self::head_ticket) under the same lock, and tell nobody what you
    /// read until that ticket is confirmed ([reading from `head`](Self#reading-from-head)).
    ///
    /// ```
    /// use ipam_core::{Engine, Pipeline};
    ///
    /// assert_eq!(Pipeline::new(Engine::new()).head(), &Engine::new());
    /// ```
    pub const fn head(&self) -> &Engine {
        &self.head
    }

    /// The ticket that must be confirmed before anything read from [`head`](Self::head) may be told
    ///
    /// Take it under the same lock as what you read ([reading from `head`](Self#reading-from-head)).
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

    /// The engine with everything that is stored, and no more: what may be told to others at once
    ///
    /// To take a snapshot, clone it and [encode](Engine::encode) the clone.
    ///
    /// ```
    /// use ipam_core::{Engine, Pipeline};
    ///
    /// assert_eq!(Pipeline::new(Engine::new()).durable(), &Engine::new());
    /// ```
    pub const fn durable(&self) -> &Engine {
        &self.durable
    }

    /// The most decisions that may be in flight
    ///
    /// ```
    /// use ipam_core::{Engine, Pipeline};
    ///
    /// assert_eq!(Pipeline::new(Engine::new()).limit(), Pipeline::LIMIT);
    /// ```
    pub const fn limit(&self) -> usize {
        self.limit
    }

    /// The engine with everything that is stored; drops what is in flight
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

    /// The answer of a full pipeline, which it gives only to commands that change nothing
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
