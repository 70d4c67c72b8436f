//! The engine: deciding, applying, and answering questions

mod apply;
mod at;
mod bytes;
mod check;
mod choose;
mod command;
mod judge;

use alloc::vec::Vec;
use core::ops::Deref;

pub use at::*;

use crate::command::Command;
use crate::error::{ApplyError, BatchError, Error};
use crate::event::{Answer, Change, Decision, Event, Recalled};
use crate::id::Timestamp;
use crate::space::list::AddrList;
use crate::state::commit::Making;
use crate::state::view::View;
use crate::state::{Places, State};
use judge::draft::{self, Draft};

/// A deterministic state machine that decides which addresses an interface gets
///
/// Deciding and applying are separate. [`decide`](Self::decide) changes nothing, so a command that is refused, or
/// decided and then dropped because it could not be stored, leaves nothing behind. A decision is one [`Event`].
/// [`apply`](Self::apply) carries it out, here and on every replica, and accepts it only on the history that it was
/// decided on.
///
/// ```
/// use ipam_core::*;
///
/// let mut engine = Engine::new();
/// let now = Timestamp::from_millis(0);
/// let (vpc, subnet, eni) = ("vpc-1".parse()?, "subnet-1".parse()?, "eni-1".parse()?);
///
/// engine.execute(now, &CreateVpc::new(vpc).into())?;
/// let cidr = "10.0.0.0/24".parse()?;
/// engine.execute(now, &CreateSubnet::new(subnet, vpc, Profile::AWS).v4(cidr).into())?;
/// engine.execute(now, &CreateInterface::new(eni, subnet).quota(10).into())?;
///
/// let decision = engine.decide(now, &Assign::new(eni, Pick::any(2)).into())?;
/// assert_eq!(decision.answer().to_string(), "10.0.0.4-10.0.0.5");
/// if let Some(event) = decision.event() {
///     // Store the event here. If that fails, drop it: nothing has happened.
///     engine.apply(event)?;
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [`Questions`] lists what can be asked. The engine answers as of its last event, and [`at`](Self::at) as of any
/// later time.
///
/// A clone costs a few pointers, whatever the engine holds. It shares with the original everything that neither has
/// written since. So one thread can query or [encode](Self::encode) a clone while another goes on with the original.
///
/// Engines are equal if they have the same state and history, whatever seeds their tables have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Engine {
    questions: Questions,
}

impl Deref for Engine {
    type Target = Questions;

    #[inline]
    fn deref(&self) -> &Questions {
        &self.questions
    }
}

impl Default for Engine {
    fn default() -> Self {
        Self::new()
    }
}

impl Engine {
    /// An empty engine
    ///
    /// Use [`with_seed`](Self::with_seed) if people whom you do not trust choose ids.
    ///
    /// ```
    /// use ipam_core::{Engine, Revision};
    ///
    /// assert_eq!(Engine::new().revision(), Revision::ZERO);
    /// ```
    pub const fn new() -> Self {
        Self::with_seed(0)
    }

    /// An empty engine, whose tables hash ids under `seed`
    ///
    /// Draw the seed at random if strangers choose ids. Without knowing it, they cannot find ids that collide and
    /// slow the tables down. The seed has no other effect that can be observed.
    ///
    /// ```
    /// use ipam_core::Engine;
    ///
    /// assert_eq!(Engine::with_seed(0x5eed), Engine::new());
    /// ```
    pub const fn with_seed(seed: u64) -> Self {
        Self { questions: Questions { state: State::new(seed) } }
    }

    /// Decides `command` at time `now`, and changes nothing
    ///
    /// The cost follows what the command names and gets, not the size of a subnet; passed deadlines that are not
    /// swept cost a look. Only prefixes, contiguous ranges, and the policies `Random`, `Dense` and `Sparse` look at
    /// each word of the bitmap, unless the subnet keeps the index for them ([`Indices`](crate::Indices),
    /// [`Policy`](crate::Policy)). A refusal for lack of addresses may look at every address in quarantine
    /// ([`Shortfall`](crate::Shortfall)). A `now` before the time of the last event counts as that time.
    ///
    /// ```
    /// use ipam_core::*;
    ///
    /// let engine = Engine::new();
    /// let command = Command::from(CreateVpc::new("vpc-1".parse()?));
    /// let decision = engine.decide(Timestamp::ZERO, &command)?;
    /// assert_eq!(decision.revision(), Revision::new(1));
    /// assert_eq!(engine.revision(), Revision::ZERO);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The first [`Error`] in this order: the shape of the request, ids, the state and tasks of what is named, the
    /// address family, each address (all at fault are listed, and the lowest index gives the code), the quota,
    /// capacity, and the limits of tasks and tokens.
    pub fn decide(&self, now: Timestamp, command: &Command) -> Result<Decision, Error> {
        let mut result = Ok(draft::blank(&self.state, now));
        decide_into(&self.state, command, &mut result, &mut Places::new());
        result
    }

    /// The engine as of `now`, with the deadlines that have passed by then handled, to be asked [`Questions`]
    ///
    /// Costs nothing if no deadline has passed since the last event; otherwise it processes those that have, on a
    /// copy.
    ///
    /// ```
    #[doc = include_str!("example.txt")]
    /// let rest = Rest::for_millis(1_000);
    /// let address: std::net::IpAddr = "10.0.0.5".parse().unwrap();
    /// let release = Unassign::new(eni, [address]).rest(rest);
    /// engine.execute(Timestamp::ZERO, &release.into()).unwrap();
    /// let explain = |now| engine.at(now).explain_address(vpc, address);
    /// assert!(!explain(Timestamp::ZERO).is_free());
    /// assert!(explain(Timestamp::from_millis(1_000)).is_free());
    /// ```
    pub fn at(&self, now: Timestamp) -> At<'_> {
        At::new(&self.questions, now)
    }

    /// Decides all of `commands` or none, as one event, and changes nothing
    ///
    /// Each command is judged on the state that its predecessors leave, so a command may assign an address that an
    /// earlier one releases. Costs what the commands cost one by one, on a copy: the pages that they write are
    /// copied.
    ///
    /// ```
    /// use ipam_core::*;
    ///
    /// let mut engine = Engine::new();
    /// let (vpc, subnet, eni) = ("vpc-1".parse()?, "subnet-1".parse()?, "eni-1".parse()?);
    /// let cidr = "192.0.2.0/30".parse()?;
    /// let batch = [
    ///     CreateVpc::new(vpc).into(),
    ///     CreateSubnet::new(subnet, vpc, Profile::PLAIN).v4(cidr).into(),
    ///     CreateInterface::new(eni, subnet).into(),
    ///     Assign::new(eni, Pick::any(2)).into(),
    /// ];
    /// let decision = engine.decide_all(Timestamp::ZERO, &batch)?;
    /// assert_eq!(decision.answer().to_string(), "192.0.2.1-192.0.2.2");
    /// engine.apply(decision.event().ok_or("nothing to do")?)?;
    /// assert_eq!(engine.revision(), Revision::new(1));
    ///
    /// let one_too_many = Assign::new(eni, Pick::any(1)).into();
    /// let refused = engine.decide_all(Timestamp::ZERO, &[one_too_many]).unwrap_err();
    /// assert_eq!((refused.index, refused.error.code()), (0, 700));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`BatchError`]: the first command that is refused, and why. Each command is judged in the order of [`Error`].
    /// Then the commands up to it are judged together: they may newly assign
    /// [`Assign::MAX_ADDRESSES`](crate::Assign::MAX_ADDRESSES), the same as a single command
    /// ([`TooMany`](Error::TooMany)). An empty list changes nothing.
    pub fn decide_all(&self, now: Timestamp, commands: &[Command]) -> Result<Decision, BatchError> {
        let mut decision = draft::blank(&self.state, now);
        let (at, revision) = (decision.event.at, decision.event.revision);
        // What the commands judged so far leave; the engine itself until one of them changes something.
        let mut left: Option<State> = None;
        let mut draft = Draft { decision: &mut decision, places: &mut Places::new(), index: 0 };
        let mut answer = AddrList::new();
        let mut answers = Vec::with_capacity(commands.len());
        let mut violations = Vec::new();
        let last = commands.len().saturating_sub(1);
        let mut wanted = 0u128;
        for (index, command) in commands.iter().enumerate() {
            let before = draft.changes().len();
            // More commands than that do not fit into memory.
            draft.index = u32::try_from(index).unwrap_or(u32::MAX);
            let refused = |error| BatchError { index, error };
            let view = View::new(left.as_ref().unwrap_or(&self.state), at);
            command::decide(&view, command, &mut draft).map_err(refused)?;
            drop(view);
            let mut making = Making::new(at, revision);
            for change in draft.changes().iter().skip(before) {
                wanted = wanted.saturating_add(change.assigns());
                if index != last {
                    let left = left.get_or_insert_with(|| self.state.fork(at, revision));
                    left.make(change, &mut making);
                }
            }
            Error::too_many(wanted).map_err(refused)?;
            violations.extend(draft.decision.violations.take().into_iter().flatten());
            let own = draft.decision.answer.take().unwrap_or_else(|| {
                let first = draft.changes().get(before);
                first.map_or(AddrList::none(), Change::addresses).clone()
            });
            answer.append(&own);
            let made = draft.changes().get(before..).unwrap_or_default();
            let of_event = Recalled::of(made, draft.decision.event.revision);
            let recalled = draft.decision.recalled.take().map_or(of_event, |known| *known);
            answers.push(Answer { addresses: own, recalled });
        }
        draft.decision.answer = Some(answer);
        draft.decision.answers = Some(answers);
        draft.decision.violations = (!violations.is_empty()).then(|| violations.into_boxed_slice());
        decision.revision = self.state.revision;
        draft::finish(&mut decision);
        Ok(decision)
    }

    /// Carries out a decided event
    ///
    /// It checks structure, never policy: that the event follows this very history, and that its facts are
    /// consistent. So stricter rules never break an old log, and a damaged event or one of another history is
    /// refused. The whole event is checked before anything is written.
    ///
    /// ```
    /// use ipam_core::*;
    ///
    /// let (mut leader, mut replica) = (Engine::with_seed(1), Engine::with_seed(2));
    /// let command = Command::from(CreateVpc::new("vpc-1".parse()?));
    /// let decision = leader.decide(Timestamp::ZERO, &command)?;
    /// let event = decision.event().ok_or("unchanged")?;
    /// leader.apply(event)?;
    /// replica.apply(event)?;
    /// assert_eq!(leader, replica);
    /// assert!(matches!(replica.apply(event), Err(ApplyError::OutOfOrder { .. })));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ApplyError`], and the engine is unchanged. In this order: the event is [`OutOfOrder`], was decided on
    /// another history ([`Foreign`]), is earlier than the clock ([`BackInTime`]), or contradicts the engine's state
    /// ([`Contradiction`]).
    ///
    /// [`OutOfOrder`]: ApplyError::OutOfOrder
    /// [`Foreign`]: ApplyError::Foreign
    /// [`BackInTime`]: ApplyError::BackInTime
    /// [`Contradiction`]: ApplyError::Contradiction
    pub fn apply(&mut self, event: &Event) -> Result<(), ApplyError> {
        apply::apply(&mut self.questions.state, event)
    }

    /// Decides `command` and applies its event at once: for a single writer that keeps no log
    ///
    /// The same as [`decide`](Self::decide) followed by [`apply`](Self::apply), without the second check.
    ///
    /// ```
    /// use ipam_core::*;
    ///
    /// let mut engine = Engine::new();
    /// let command = Command::from(CreateVpc::new("vpc-1".parse()?));
    /// engine.execute(Timestamp::ZERO, &command)?;
    /// let refused = engine.execute(Timestamp::ZERO, &command).unwrap_err();
    /// assert_eq!(refused.to_string(), "VPC `vpc-1` exists already");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`decide`](Self::decide); the engine is then unchanged.
    pub fn execute(&mut self, now: Timestamp, command: &Command) -> Result<Decision, Error> {
        let mut places = Places::new();
        let mut result = Ok(draft::blank(&self.state, now));
        decide_into(&self.state, command, &mut result, &mut places);
        if let Some(event) = result.as_ref().ok().and_then(Decision::event) {
            self.questions.state.commit(event, &places);
        }
        result
    }
}

/// Writes what `command` comes to where it is returned from, as a decision is some 320 bytes; and where in the
/// tables that lies
fn decide_into(
    state: &State,
    command: &Command,
    result: &mut Result<Decision, Error>,
    places: &mut Places,
) {
    let Ok(decision) = result else { return };
    let view = View::new(state, decision.event.at);
    let mut draft = Draft { decision, places, index: 0 };
    match command::decide(&view, command, &mut draft) {
        Ok(()) => draft::finish(decision),
        Err(refused) => *result = Err(refused),
    }
}

#[cfg(test)]
mod tests {
    use super::Engine;

    #[test]
    fn an_engine_can_be_sent_and_shared() {
        fn check<T: Clone + Eq + Send + Sync + 'static>() {}
        check::<Engine>();
    }
}
