//! Two processes with decisions in flight: groups torn anywhere, confirmations lost, doubled and late

use std::collections::{BTreeMap, VecDeque};

use ipam_core::*;

use super::controller::{Crash, Faults, at_every_step};
use super::store::{NOW, Outcome, Store, Told, any, eni, once, small_store};

/// An answer that waits for the store
struct Waiting {
    ticket: Ticket,
    request: usize,
    /// The revision and the addresses, or a refusal
    answer: Result<(Revision, Vec<std::net::IpAddr>), u16>,
}

struct Writer {
    pipeline: Pipeline,
    waiting: VecDeque<Waiting>,
    /// Of decisions that were dropped: a confirmation of them may still come
    dropped: Vec<Ticket>,
}

impl Writer {
    fn start(store: &Store) -> Self {
        let pipeline = Pipeline::new(store.replay()).with_limit(3);
        Self { pipeline, waiting: VecDeque::new(), dropped: Vec::new() }
    }

    /// Whether it was taken; a full pipeline takes it later
    fn take(&mut self, request: usize, command: &Command) -> bool {
        let (ticket, answer) = match self.pipeline.decide(NOW, command) {
            Ok(Decided { decision, ticket }) => {
                let addresses = decision.answer().iter().collect();
                (ticket, Ok((decision.revision(), addresses)))
            }
            Err(Undecided::Refused { error, ticket }) => (ticket, Err(error.code())),
            Err(Undecided::Full { limit: 3 }) => return false,
            Err(other) => panic!("{other}"),
        };
        // The same decision on the same history has the same ticket as one that was dropped.
        self.dropped.retain(|dropped| *dropped != ticket);
        self.waiting.push_back(Waiting { ticket, request, answer });
        true
    }

    /// Writes what is in flight, one event after the other, until one is not known to be stored
    fn write(&mut self, store: &mut Store, faults: &mut Faults) -> Result<(), Crash> {
        let group: Vec<Event> = self.pipeline.pending().cloned().collect();
        let mut stored = None;
        let mut outcome = Outcome::Stored;
        for event in &group {
            faults.step()?;
            outcome = store.write(event, faults.fate());
            faults.step()?;
            if outcome != Outcome::Stored {
                break;
            }
            stored = Some(Ticket::of(event));
        }
        if let Some(ticket) = stored {
            self.pipeline.confirm(ticket).unwrap();
            self.confirm_again(ticket);
        }
        faults.step()?;
        if outcome != Outcome::Stored {
            for event in store.after(self.pipeline.durable().revision()) {
                let dropped = self.pipeline.follow(&event).unwrap();
                self.dropped.extend(dropped);
                faults.step()?;
            }
        }
        // What is not known and not in the log: it is written again. What is known to be missing is dropped.
        if outcome == Outcome::NotStored {
            self.dropped.extend(self.pipeline.abort());
        }
        faults.step()
    }

    /// Confirmations that come twice, or late, change nothing
    fn confirm_again(&mut self, ticket: Ticket) {
        let before = self.pipeline.clone();
        let durable = self.pipeline.durable().revision();
        let revision = ticket.revision();
        let again = self.pipeline.confirm(ticket);
        assert_eq!(again, Err(ConfirmError::Stored { revision, durable }));
        for late in &self.dropped {
            assert!(matches!(self.pipeline.confirm(*late), Err(error) if error.code() >= 952));
        }
        assert_eq!(self.pipeline.head(), before.head());
        assert_eq!(self.pipeline.durable(), before.durable());
        assert!(self.pipeline.pending().eq(before.pending()));
    }

    /// The answers that may be given; the requests that must be decided again are returned apart
    fn answers(&mut self) -> (Vec<Waiting>, Vec<usize>) {
        let (mut done, mut again, mut later) = (Vec::new(), Vec::new(), VecDeque::new());
        for waiting in self.waiting.drain(..) {
            if self.pipeline.is_in_flight(waiting.ticket) {
                later.push_back(waiting);
            } else if self.dropped.contains(&waiting.ticket) {
                again.push(waiting.request);
            } else {
                assert!(waiting.ticket.revision() <= self.pipeline.durable().revision());
                done.push(waiting);
            }
        }
        self.waiting = later;
        (done, again)
    }
}

/// Six addresses; the last one comes too late for some orders
fn requests() -> Vec<(&'static str, Command)> {
    let ask = |index: usize, id: &'static str, count| {
        (id, once(&format!("token-{index}"), any(id, count)))
    };
    let (a, b) = ("eni-a", "eni-b");
    vec![ask(0, a, 1), ask(1, a, 1), ask(2, b, 1), ask(3, b, 2), ask(4, a, 1), ask(5, b, 3)]
}

fn run(faults: &mut Faults) {
    let mut store = small_store();
    let mut writers = [Writer::start(&store), Writer::start(&store)];
    let requests = requests();
    let mut open: VecDeque<usize> = (0..requests.len()).collect();
    let mut answers: BTreeMap<usize, Result<(), u16>> = BTreeMap::new();
    let mut told = Vec::new();
    for turn in 0.. {
        let writer = &mut writers[turn % 2];
        for _ in 0..4 {
            let Some(request) = open.pop_front() else { break };
            if !writer.take(request, &requests[request].1) {
                open.push_front(request);
                break;
            }
        }
        match writer.write(&mut store, faults) {
            Ok(()) => {
                let (done, again) = writer.answers();
                for Waiting { request, answer, .. } in done {
                    if let Ok((revision, addresses)) = answer.clone() {
                        let interface = eni(requests[request].0);
                        told.push(Told { interface, revision, addresses });
                    }
                    let before = answers.insert(request, answer.map(|_| ()));
                    assert_eq!(before, None, "answered twice");
                }
                open.extend(again);
            }
            Err(Crash) => {
                open.extend(writer.waiting.iter().map(|waiting| waiting.request));
                *writer = Writer::start(&store);
            }
        }
        store.audit(&told);
        let pipeline = &writers[turn % 2].pipeline;
        let behind: Vec<Event> = store.after(pipeline.durable().revision());
        let mut caught_up = pipeline.durable().clone();
        behind.iter().for_each(|event| caught_up.apply(event).unwrap());
        assert_eq!(caught_up, store.replay(), "durable is what the store says, up to there");
        if answers.len() == requests.len() {
            break;
        }
        assert!(turn < 40, "never answered: {faults:?}, {answers:?}");
    }
    let refused: Vec<_> = answers.values().filter_map(|answer| answer.err()).collect();
    assert!(refused.iter().all(|code| *code == 700), "{refused:?}");
    let assigned = store
        .replay()
        .at(NOW)
        .subnet_usage("subnet-1".parse().unwrap())
        .unwrap()
        .v4
        .unwrap()
        .assigned;
    let of_told: usize = told.iter().map(|told| told.addresses.len()).sum();
    assert_eq!(assigned, of_told as u128, "each was done once: {faults:?}");
}

#[test]
fn with_decisions_in_flight_processes_die_at_every_step() {
    let runs = at_every_step(run);
    assert!(runs > 1_000, "{runs}");
    println!("{runs} runs");
}
