//! Bytes of events and engines: whatever is read is what was written, and nothing else is read
#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests"
)]

#[path = "codec/hostile.rs"]
mod hostile;
#[path = "codec/laws.rs"]
mod laws;
#[path = "codec/memory.rs"]
mod memory;
#[path = "model/mod.rs"]
mod model;
#[path = "codec/refused.rs"]
mod refused;
#[path = "codec/seal.rs"]
mod seal;

use ipam_core::{AddrList, Change, DecodeLimits, End, Engine, Event};
use proptest::prelude::ProptestConfig;
use proptest::test_runner::FileFailurePersistence;

/// `PROPTEST_CASES` overrides the number of cases
fn config(cases: u32) -> ProptestConfig {
    let mut config = ProptestConfig::default();
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = cases;
    }
    config.failure_persistence = Some(Box::new(FileFailurePersistence::WithSource("regressions")));
    config
}

/// The bytes of an engine
fn snapshot(engine: &Engine) -> Vec<u8> {
    let mut bytes = Vec::new();
    engine.encode(&mut bytes);
    bytes
}

/// The bytes of a log
fn written(log: &[Event]) -> Vec<u8> {
    let mut bytes = Vec::new();
    log.iter().for_each(|event| event.encode(&mut bytes));
    bytes
}

/// The engine of bytes that must be one
fn restored(bytes: &[u8], seed: u64) -> Engine {
    Engine::decode(bytes, seed, &DecodeLimits::UNLIMITED).unwrap_or_else(|error| panic!("{error}"))
}

/// Whether an event names few addresses: the engine writes each one down, however many there are
fn is_small(event: &Event) -> bool {
    let is_small = |addresses: &AddrList| addresses.count() < 10_000;
    event.changes().iter().all(|change| match change {
        Change::Assigned { addresses, .. }
        | Change::Released { addresses, .. }
        | Change::RestEnded { addresses, .. } => is_small(addresses),
        Change::Quarantined(of) => is_small(&of.addresses),
        Change::Held(of) => is_small(&of.addresses),
        Change::HoldExtended(of) => is_small(&of.addresses),
        Change::TaskFinished(of) => match &of.end {
            End::Failed { kept, .. } => is_small(kept),
            End::Succeeded => true,
        },
        Change::TokenKept(of) => is_small(&of.answer),
        _ => true,
    })
}

/// What is between the header of a frame and its checksum
fn body(frame: &[u8]) -> &[u8] {
    &frame[16..frame.len() - 8]
}
