//! Several commands decided together, and events of several changes; ours alone

use std::hint::black_box;
use std::net::IpAddr;

use ipam_core::{Assign, Command, Engine, Event, InterfaceId, Pick, Unassign};

use super::contender::NOW;
use crate::support::measure::{Work, timed};
use crate::support::random::Random;

/// Commands in a chunk, a multiple of every batch
const CHUNK: usize = 1024;

/// Who has what, in no order, and where in that the next command looks
pub(crate) struct Held {
    all: Vec<(InterfaceId, IpAddr)>,
    at: usize,
}

impl Held {
    pub(crate) fn new(mut all: Vec<(InterfaceId, IpAddr)>) -> Self {
        Random::new(31).shuffle(&mut all);
        Self { all, at: 0 }
    }

    /// Releases and assignments in turns, no address twice in a chunk: whose release it is, or to be
    fn batch(&mut self, size: usize) -> (Vec<Command>, Vec<usize>) {
        let mut next = || {
            self.at = (self.at + 1) % self.all.len();
            self.at
        };
        let places: Vec<usize> = (0..size / 2).map(|_| next()).collect();
        let pair = |&place: &usize| {
            let (id, address) = self.all[place];
            let other = self.all[(place + self.all.len() / 2) % self.all.len()].0;
            let assign = Assign::new(other, Pick::any(1)).into();
            [Unassign::new(id, [address]).into(), assign]
        };
        (places.iter().flat_map(pair).collect(), places)
    }
}

/// Decided together in batches of so many, and not carried out; per command
pub(crate) fn decide_all(engine: Engine, held: Vec<(InterfaceId, IpAddr)>, size: usize) -> Work {
    let mut held = Held::new(held);
    Box::new(move || {
        let batches: Vec<_> = (0..CHUNK / size).map(|_| held.batch(size).0).collect();
        timed(CHUNK, || {
            for batch in &batches {
                assert!(black_box(&engine).decide_all(NOW, batch).is_ok());
            }
        })
    })
}

/// Events of so many changes, applied; per change
pub(crate) fn apply(mut engine: Engine, held: Vec<(InterfaceId, IpAddr)>, size: usize) -> Work {
    let mut held = Held::new(held);
    let mut ahead = engine.clone();
    Box::new(move || {
        let mut events: Vec<Event> = Vec::with_capacity(CHUNK / size);
        for _ in 0..CHUNK / size {
            let (batch, places) = held.batch(size);
            let decision = ahead.decide_all(NOW, &batch).unwrap();
            for (pair, place) in places.into_iter().enumerate() {
                let given = decision.answer_to(2 * pair + 1).unwrap().iter().next().unwrap();
                let Command::Assign(to) = &batch[2 * pair + 1] else { continue };
                held.all[place] = (to.interface, given);
            }
            events.extend(decision.into_event());
            ahead.apply(events.last().unwrap()).unwrap();
        }
        let sample = timed(CHUNK, || {
            for event in &events {
                assert!(engine.apply(event).is_ok());
            }
        });
        assert_eq!(engine.digest(), ahead.digest());
        sample
    })
}
