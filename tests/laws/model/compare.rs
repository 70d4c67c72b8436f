//! The engine beside the model, step by step

use std::net::IpAddr;

use ipam_core::{Change, Command, Decision, Engine, Event, Revision, Task, Timestamp};

use super::choices::Choices;
use super::generate::{address_near, batch, command, subnet};
use super::judge::{Accepted, Refusal};
use super::laws::{law_of_data, law_of_forms};
use super::requests::Past;
use super::world::World;

/// Worlds with more addresses in use are compared in full only now and then
const LARGE: usize = 400;

/// Engine, model and a twin engine that applies what the first one decided
#[derive(Clone)]
pub(crate) struct Session {
    pub(crate) engine: Engine,
    pub(crate) twin: Engine,
    pub(crate) world: World,
    pub(crate) log: Vec<Event>,
    pub(crate) past: Past,
    pub(crate) steps: usize,
    told: Told,
}

/// What was asked for, told if a test fails with `MODEL_TELLS` set: bytes are hard to read
#[derive(Clone, Default)]
struct Told(Vec<(u64, Vec<Command>)>);

impl Drop for Told {
    fn drop(&mut self) {
        if std::thread::panicking() && std::env::var_os("MODEL_TELLS").is_some() {
            self.0.iter().for_each(|(now, commands)| eprintln!("told at {now}: {commands:?}"));
        }
    }
}

/// What a session makes of bytes: every command compared; then the whole log replayed
pub(crate) fn run(bytes: &[u8]) -> Session {
    let mut choices = Choices::new(bytes);
    let mut session = Session::new();
    let mut now = 1000_u64;
    while !choices.is_empty() {
        now = tick(&mut choices, &session.world, now);
        let world = session.world.at(now);
        match choices.byte() % 24 {
            0..=3 => {
                let commands = batch(&mut choices, &world, &session.past);
                session.batch(now, &commands);
            }
            // What was decided is lost, and decided anew, perhaps later.
            4 => {
                let command = command(&mut choices, &world, &session.past);
                session.lose(now, &command);
                now = tick(&mut choices, &session.world, now);
                session.command(now, &command);
            }
            // The reply was lost.
            5 | 6 if session.past.last.is_some() => {
                let again = session.past.last.clone().unwrap();
                session.command(now, &again);
            }
            _ => {
                let command = command(&mut choices, &world, &session.past);
                session.command(now, &command);
            }
        }
        let subnet = subnet(&mut choices, &session.world);
        let sample = address_near(&mut choices, &session.world.at(now), subnet);
        session.compare_address(now, sample);
    }
    session.compare_all(now);
    session.compare_replay();
    session
}

/// The caller's next time: mostly the same, or when something is due, or just before; perhaps far off, or
/// a step back
fn tick(choices: &mut Choices<'_>, world: &World, now: u64) -> u64 {
    let next = world.next_deadline().unwrap_or(now);
    match choices.byte() % 24 {
        15 => now.saturating_sub(500),
        16 => now.saturating_add(1 + u64::from(choices.byte())),
        17 | 18 => now.saturating_add(500),
        19 => now.saturating_add(2000),
        20 => next.max(now),
        21 => next.saturating_sub(1).max(now),
        // Rarely the end of time, where nothing can come to pass any more.
        22 if choices.one_in(64) => u64::MAX,
        22 => now.saturating_add(100_000),
        23 if choices.one_in(4) => 0,
        _ => now,
    }
}

/// Compares what a decision breaks, and does all the same
fn compare_violations(decision: &Decision, expected: &[Refusal]) {
    let found: Vec<Refusal> = decision.violations().iter().cloned().map(Refusal::from).collect();
    assert_eq!(found, expected, "what {decision:?} violates");
}

impl Session {
    pub(crate) fn new() -> Self {
        Self {
            engine: Engine::new(),
            twin: Engine::with_seed(0x7717),
            world: World::default(),
            log: Vec::new(),
            past: Past::default(),
            steps: 0,
            told: Told::default(),
        }
    }

    /// Gives one command to engine and model
    pub(crate) fn command(&mut self, now: u64, command: &Command) {
        self.told.0.push((now, vec![command.clone()]));
        let before = self.engine.clone();
        let at = Timestamp::from_millis(now);
        let decided = self.engine.decide(at, command);
        assert_eq!(self.engine.digest(), before.digest(), "{command:?} left a trace");
        self.law_of_sweeping(now, command);
        self.law_of_impact(now, command);
        if self.writes() {
            law_of_forms(command);
            if self.writes() {
                law_of_data(&decided);
            }
        }
        let executed = self.engine.execute(at, command);
        assert_eq!(decided, executed, "decide and execute differ on {command:?}");
        assert_eq!(decided, self.twin.decide(at, command), "the twin differs on {command:?}");

        let expected = self.world.execute(now, command);
        match (executed, expected) {
            (Ok(decision), Ok(expected)) => {
                let answer: Vec<IpAddr> = decision.answer().iter().collect();
                assert_eq!(answer, expected.answer, "the answer to {command:?}");
                let found = (decision.task(), decision.primary());
                assert_eq!(found, (expected.task, expected.primary), "begun by {command:?}");
                compare_violations(&decision, &expected.violations);
                let revision = expected.revision.unwrap_or(self.world.revision);
                assert_eq!(decision.revision(), Revision::new(revision), "of {command:?}");
                self.follow(&before, &decision, &expected.changes);
                self.law_of_generations(&before, command, &decision);
                self.law_of_tokens(now, command, &decision);
            }
            (Err(error), Err(expected)) => {
                self.law_of_what_would_succeed(now, command, &error);
                assert_eq!(Refusal::from(error), expected, "the refusal of {command:?}");
                assert_eq!(self.engine, before, "refused, but changed by {command:?}");
            }
            (found, expected) => panic!("{command:?}\n  came to {found:?}\n  not {expected:?}"),
        }
        self.remember(command);
        self.compare(now, &before);
    }

    /// Decides a command, and forgets what was decided
    fn lose(&self, now: u64, command: &Command) {
        let before = self.engine.clone();
        let at = Timestamp::from_millis(now);
        let (lost, again) = (self.engine.decide(at, command), self.engine.decide(at, command));
        assert_eq!(lost, again, "deciding {command:?} changed the next decision");
        assert_eq!(self.engine, before, "deciding {command:?} changed the engine");
        assert_eq!(self.engine.digest(), before.digest());
    }

    /// Gives several commands to engine and model, to be judged together
    pub(crate) fn batch(&mut self, now: u64, commands: &[Command]) {
        self.told.0.push((now, commands.to_vec()));
        let before = self.engine.clone();
        let at = Timestamp::from_millis(now);
        let decided = self.engine.decide_all(at, commands);
        assert_eq!(decided, self.twin.decide_all(at, commands), "the twin differs on {commands:?}");
        if self.writes() {
            law_of_data(&decided);
        }
        let expected = self.world.execute_all(now, commands);
        match (decided, expected) {
            (Ok(decision), Ok(expected)) => {
                for (index, expected) in expected.iter().enumerate() {
                    let answer: Vec<IpAddr> = decision.answer_to(index).unwrap().iter().collect();
                    assert_eq!(answer, expected.answer, "answer {index} to {commands:?}");
                    assert_eq!(decision.task_of(index), expected.task, "{index} of {commands:?}");
                }
                assert_eq!(decision.answer_to(commands.len()), None);
                let answers = expected.iter().flat_map(|of| of.answer.iter().copied());
                assert!(decision.answer().iter().eq(answers));
                let violations: Vec<Refusal> =
                    expected.iter().flat_map(|of| of.violations.clone()).collect();
                compare_violations(&decision, &violations);
                let changes: Vec<Change> =
                    expected.into_iter().flat_map(|Accepted { changes, .. }| changes).collect();
                if let Some(event) = decision.event() {
                    let applied = self.engine.apply(event);
                    assert_eq!(applied, Ok(()), "the event of {commands:?}");
                }
                self.follow(&before, &decision, &changes);
            }
            (Err(error), Err(expected)) => {
                let found = (error.index, Refusal::from(error.error));
                assert_eq!(found, *expected, "the refusal of {commands:?}");
            }
            (found, expected) => panic!("{commands:?}\n  came to {found:?}\n  not {expected:?}"),
        }
        commands.iter().for_each(|command| self.remember(command));
        self.compare(now, &before);
    }

    /// Lets the twin follow what the engine decided, and keeps the log
    fn follow(&mut self, before: &Engine, decision: &Decision, expected: &[Change]) {
        let Some(event) = decision.event() else {
            assert_eq!(expected, [], "unchanged, but it should have changed");
            assert_eq!(self.engine, *before, "unchanged, but changed");
            return;
        };
        let mut changes = event.changes().to_vec();
        for change in &mut changes {
            if let Change::TokenKept(kept) = change {
                kept.request = 0;
            }
        }
        assert_eq!(changes, expected, "what the event says");
        assert_eq!(event.revision(), before.revision().next());
        assert_eq!(event.revision(), self.engine.revision());
        assert_eq!(event.parent(), before.digest());
        assert_eq!(event.digest(), self.engine.digest());
        assert_eq!(event.at(), self.engine.clock());
        assert_eq!(self.twin.apply(event), Ok(()), "the twin refuses {event:?}");
        for change in event.changes() {
            if let Change::Held(held) = change {
                self.past.tasks.push(Task::new(event.revision(), held.index));
            }
        }
        self.log.push(event.clone());
    }

    /// Whether this step is one that is written as JSON and read again, which takes longer than all else
    const fn writes(&self) -> bool {
        self.steps % 16 == 0
    }

    fn remember(&mut self, command: &Command) {
        if let Command::Once(once) = command {
            self.past.onces.push(once.clone());
        }
        self.past.last = Some(command.clone());
    }

    fn compare(&mut self, now: u64, before: &Engine) {
        self.steps += 1;
        assert_eq!(self.engine.revision(), Revision::new(self.world.revision));
        assert_eq!(self.engine.clock(), Timestamp::from_millis(self.world.clock));
        assert!(self.engine.clock() >= before.clock(), "time went back");
        if self.world.size() < LARGE || self.steps % 8 == 0 {
            self.compare_all(now);
        }
    }

    /// Replays the log, as JSON, into engines that know nothing
    fn compare_replay(&self) {
        let mut replica = Engine::with_seed(0x5eed);
        for event in &self.log {
            let text = serde_json::to_string(event).unwrap();
            let read: Event = serde_json::from_str(&text).unwrap();
            assert_eq!(read, *event);
            law_of_forms(event);
            assert_eq!(replica.apply(&read), Ok(()));
        }
        assert_eq!(replica, self.engine, "the replay of the log differs");
        assert_eq!(replica.check(), Ok(()));
    }
}
