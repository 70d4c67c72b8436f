//! Any order of deciding, confirming, dropping and following, beside one plain engine for each end

use std::net::IpAddr;

use ipam_core::*;
use proptest::collection::vec;
use proptest::prelude::*;

use super::store::{any as any_of, eni, once, subnet, world};
use crate::config;
use crate::model::choices::Choices;

const INTERFACES: [&str; 2] = ["eni-a", "eni-b"];

/// The pipeline, and what it must come to: a log that is stored, and one in flight
struct Beside {
    pipeline: Pipeline,
    stored: Engine,
    in_flight: Vec<Event>,
    /// How many of those were handed out
    handed: usize,
    limit: usize,
    /// Every ticket there ever was
    tickets: Vec<Ticket>,
    log: Vec<Event>,
    now: Timestamp,
}

impl Beside {
    fn new(limit: usize) -> Self {
        let (mut stored, mut log) = (Engine::new(), Vec::new());
        for command in world() {
            log.extend(stored.execute(Timestamp::ZERO, &command).unwrap().into_event());
        }
        Self {
            pipeline: Pipeline::new(stored.clone()).with_limit(limit),
            stored,
            in_flight: Vec::new(),
            handed: 0,
            limit,
            tickets: Vec::new(),
            log,
            now: Timestamp::ZERO,
        }
    }

    /// The stored engine with what is in flight
    fn head(&self) -> Engine {
        let mut head = self.stored.clone();
        self.in_flight.iter().for_each(|event| head.apply(event).unwrap());
        head
    }

    /// A group is what was in flight and not handed out yet
    fn hand_out(&mut self) {
        let group: Vec<Event> = self.pipeline.next_group().cloned().collect();
        assert_eq!(group, self.in_flight[self.handed..]);
        self.handed = self.in_flight.len();
    }

    fn store(&mut self, count: usize) {
        self.handed = self.handed.saturating_sub(count);
        for event in self.in_flight.drain(..count) {
            self.stored.apply(&event).unwrap();
            self.log.push(event);
        }
    }

    fn decide(&mut self, command: &Command) {
        let expected = self.head().decide(self.now, command);
        let found = self.pipeline.decide(self.now, command);
        self.decided(
            expected.map_err(|error| error.code()),
            found.map_err(|error| (error.code(), error)),
        );
    }

    fn decide_all(&mut self, commands: &[Command]) {
        let expected = self.head().decide_all(self.now, commands);
        let found = self.pipeline.decide_all(self.now, commands);
        let expected = expected.map_err(|refused| refused.error.code());
        self.decided(expected, found.map_err(|error| (error.code(), error)));
    }

    fn decided<E: std::fmt::Debug>(
        &mut self,
        expected: Result<Decision, u16>,
        found: Result<Decided, (u16, Undecided<E>)>,
    ) {
        let end =
            self.in_flight.last().map_or((self.stored.revision(), self.stored.digest()), |event| {
                (event.revision(), event.digest())
            });
        match (expected, found) {
            (Ok(expected), Ok(Decided { decision, ticket })) => {
                assert_eq!(decision, expected);
                match decision.into_event() {
                    Some(event) => {
                        assert!(self.in_flight.len() < self.limit);
                        assert_eq!(ticket, Ticket::of(&event));
                        self.in_flight.push(event);
                        self.tickets.push(ticket);
                    }
                    None => assert_eq!((ticket.revision(), ticket.digest()), end),
                }
            }
            (Ok(expected), Err((950, _))) => {
                assert!(!expected.is_unchanged() && self.in_flight.len() >= self.limit);
            }
            (Err(expected), Err((code, Undecided::Refused { ticket, .. }))) => {
                assert_eq!(code, expected);
                assert_eq!((ticket.revision(), ticket.digest()), end);
            }
            (expected, found) => panic!("{found:?}, not {expected:?}"),
        }
    }

    fn confirm(&mut self, ticket: Ticket) {
        let at = self.in_flight.iter().position(|event| Ticket::of(event) == ticket);
        assert_eq!(self.pipeline.is_in_flight(ticket), at.is_some());
        let found = self.pipeline.confirm(ticket);
        match at {
            Some(at) => {
                assert_eq!(found, Ok(()));
                self.store(at + 1);
            }
            None => {
                let stored = self.stored.revision().get();
                let head = stored + self.in_flight.len() as u64;
                let expected = match ticket.revision().get() {
                    revision if revision <= stored => 952,
                    revision if revision > head => 953,
                    _ => 954,
                };
                assert_eq!(found.unwrap_err().code(), expected);
            }
        }
    }

    fn abort(&mut self) {
        self.handed = 0;
        let expected: Vec<Ticket> =
            self.in_flight.drain(..).map(|event| Ticket::of(&event)).collect();
        assert_eq!(self.pipeline.abort(), expected);
    }

    /// Another writer's event, or the first of our own
    fn follow(&mut self, event: &Event) {
        let mut after = self.stored.clone();
        let expected = after.apply(event).map(|()| match self.in_flight.first() == Some(event) {
            true => Vec::new(),
            false => self.in_flight.iter().map(Ticket::of).collect(),
        });
        let found = self.pipeline.follow(event);
        assert_eq!(found, expected);
        if found.is_ok() {
            if self.in_flight.first() == Some(event) {
                self.in_flight.remove(0);
                self.handed = self.handed.saturating_sub(1);
            } else {
                self.in_flight.clear();
                self.handed = 0;
            }
            self.stored = after;
            self.log.push(event.clone());
        }
    }

    fn compare(&self) {
        assert_eq!(*self.pipeline.durable(), self.stored);
        assert_eq!(*self.pipeline.head(), self.head());
        assert!(self.pipeline.pending().eq(&self.in_flight));
        assert_eq!(self.pipeline.head().digest(), self.head().digest());
    }
}

fn command(choices: &mut Choices<'_>, now: Timestamp) -> Command {
    let id = choices.of(&INTERFACES);
    let address = IpAddr::from([10, 0, 0, 1 + choices.byte() % 6]);
    match choices.below(8) {
        0 | 1 => any_of(id, 1 + u32::from(choices.byte() % 2)),
        2 => Assign::new(eni(id), Pick::these([address])).into(),
        3 => Unassign::new(eni(id), [address]).rest(Rest::for_millis(5)).into(),
        4 => Assign::new(eni(id), Pick::any(1)).hold(Hold::until(now.after(3))).into(),
        5 => EnsureCount::exactly(eni(id), u32::from(choices.byte() % 3)).into(),
        6 => once(choices.of(&["t-1", "t-2", "t-3"]), any_of(id, 1)),
        _ => SetQuota::new(eni(id), Some(u32::from(choices.byte() % 7))).into(),
    }
}

fn run(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    let mut beside = Beside::new(choices.of(&[0, 1, 3, 8, 1000]));
    while !choices.is_empty() {
        beside.now = beside.now.after(u64::from(choices.byte() % 3));
        match choices.below(14) {
            0..=4 => beside.decide(&command(&mut choices, beside.now)),
            5 => {
                let batch = [(); 2].map(|()| command(&mut choices, beside.now));
                beside.decide_all(&batch);
            }
            6 | 7 if !beside.tickets.is_empty() => {
                // Mostly of late, and in flight.
                let back = choices.below(beside.tickets.len().min(9));
                beside.confirm(beside.tickets[beside.tickets.len() - 1 - back]);
            }
            8 => beside.abort(),
            12 | 13 => beside.hand_out(),
            9 | 10 => {
                let decided = beside.stored.decide(beside.now, &command(&mut choices, beside.now));
                if let Some(event) = decided.ok().and_then(Decision::into_event) {
                    beside.follow(&event);
                }
            }
            _ => {
                let all: Vec<&Event> =
                    beside.log.iter().rev().take(2).chain(&beside.in_flight).collect();
                let event = all[choices.below(all.len())].clone();
                beside.follow(&event);
            }
        }
        beside.compare();
    }
    let mut replay = Engine::with_seed(9);
    beside.log.iter().for_each(|event| replay.apply(event).unwrap());
    assert_eq!(replay, *beside.pipeline.durable());
    assert_eq!(beside.pipeline.head().check(), Ok(()));
    assert!(replay.at(beside.now).subnet_usage(subnet()).is_some());
}

proptest! {
    #![proptest_config(config(256))]

    #[test]
    fn any_interleaving_is_the_stored_log_and_what_is_in_flight(bytes in vec(any::<u8>(), 0..400)) {
        run(&bytes);
    }
}
