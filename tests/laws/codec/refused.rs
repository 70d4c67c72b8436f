//! Bytes that were torn or damaged

use ipam_core::{DecodeError, DecodeLimits, Engine, Event, EventLog};
use proptest::collection::vec;
use proptest::prelude::*;

use super::{body, header, snapshot, written};
use crate::config;
use crate::model::compare::run;
use crate::seal::{ENGINE, sealed};

const NO_LIMITS: DecodeLimits = DecodeLimits::UNLIMITED;

proptest! {
    #![proptest_config(config(24))]

    #[test]
    fn every_truncation_is_told_apart(bytes in vec(any::<u8>(), 100..600)) {
        let session = run(&bytes);
        let bytes = snapshot(&session.engine);
        for end in 0..bytes.len() {
            let torn = Engine::decode(&bytes[..end], 0, &NO_LIMITS);
            // Without the whole length, as much as a frame has at least.
            let length_ends = header(&bytes) - 4;
            let least = 15 + end.saturating_sub(2);
            let missing = (if end < length_ends { least } else { bytes.len() } - end) as u64;
            prop_assert_eq!(torn, Err(DecodeError::Truncated { at: 0, missing }));
        }
        let log = written(&session.log);
        let mut whole = 0;
        let mut ends: Vec<usize> = Vec::new();
        for event in &session.log {
            whole += written(std::slice::from_ref(event)).len();
            ends.push(whole);
        }
        for end in 0..log.len() {
            let mut events = EventLog::new(&log[..end], &NO_LIMITS);
            let read: Vec<_> = events.by_ref().collect();
            let kept = ends.iter().filter(|&&at| at <= end).count();
            let cut = ends[..kept].last().copied().unwrap_or(0) as u64;
            prop_assert_eq!(events.offset(), cut);
            let torn = end as u64 != cut;
            prop_assert_eq!(read.len(), kept + usize::from(torn));
            if let Some(Err(error)) = read.last() {
                prop_assert!(error.is_transient() && torn, "{}", error);
            }
        }
    }

    #[test]
    fn every_byte_counts(bytes in vec(any::<u8>(), 100..500), flip in 1u8..) {
        let session = run(&bytes);
        let mut bytes = snapshot(&session.engine);
        for at in 0..bytes.len() {
            bytes[at] ^= flip;
            prop_assert!(Engine::decode(&bytes, 0, &NO_LIMITS).is_err(), "byte {}", at);
            // With its checksum made anew it is refused, or another engine.
            let forged = sealed(ENGINE, body(&bytes));
            if let Ok(engine) = Engine::decode(&forged, 0, &NO_LIMITS) {
                prop_assert_eq!(engine.check(), Ok(()));
                prop_assert_eq!(snapshot(&engine), forged);
            }
            bytes[at] ^= flip;
        }
        let log = written(&session.log);
        for at in 0..log.len() {
            let mut log = log.clone();
            log[at] ^= flip;
            let mut events = EventLog::new(&log, &NO_LIMITS);
            let error = events.find_map(Result::err);
            prop_assert!(error.is_some_and(|error| !error.is_transient()), "byte {at}: {error:?}");
        }
    }
}

#[test]
fn what_follows_is_refused() {
    let mut bytes = snapshot(&Engine::new());
    let length = bytes.len() as u64;
    bytes.push(0);
    let flaw = ipam_core::Flaw::Trailing;
    let expected = DecodeError::Malformed { at: length, flaw };
    assert_eq!(Engine::decode(&bytes, 0, &NO_LIMITS), Err(expected));
}

#[test]
fn an_event_is_not_an_engine() {
    let bytes = snapshot(&Engine::new());
    assert_eq!(Event::decode(&bytes, &NO_LIMITS), Err(DecodeError::NotOurs { at: 0, event: true }));
    let events = run(&[7; 200]).log;
    let bytes = written(&events[..1]);
    let refused = Engine::decode(&bytes, 0, &NO_LIMITS);
    assert_eq!(refused, Err(DecodeError::NotOurs { at: 0, event: false }));
}

#[test]
fn another_schema_is_named() {
    let mut bytes = snapshot(&Engine::new());
    bytes[1] += 1;
    let refused = Engine::decode(&bytes, 0, &NO_LIMITS).unwrap_err();
    assert_eq!(refused, DecodeError::Schema { at: 1, found: 2, known: 1 });
    assert_eq!(
        refused.to_string(),
        "schema 2 at byte 1 is unknown: this release reads schemas up to 1"
    );
    assert_eq!(refused.code(), 902);
}
