//! Laws, whatever the history: the engine, its bytes and its pipeline beside models of them
//!
//! The histories are the same in each run: `.cargo/config.toml` says from which seed they are made.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests"
)]

mod batches;
mod beside_model;
mod codec;
mod copies;
mod corpus;
mod forged;
mod model;
mod pipeline;
mod prefixes;
mod reconcile;
mod seal;
mod seen;
#[expect(unreachable_pub, reason = "the fuzz package is made of the same file")]
mod targets;

use ipam_core::event::{Assigned, End, Released, RestEnded};
use ipam_core::{AddrList, Change, Event};
use proptest::prelude::ProptestConfig;
use proptest::test_runner::FileFailurePersistence;

/// So many cases, unless `PROPTEST_CASES` says how many
fn config(cases: u32) -> ProptestConfig {
    let mut config = ProptestConfig::default();
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = cases;
    }
    config.failure_persistence = Some(Box::new(FileFailurePersistence::WithSource("regressions")));
    config
}

/// Whether an event names few addresses: the engine writes each one down, however many there are
fn is_small(event: &Event) -> bool {
    let is_small = |addresses: &AddrList| addresses.count() < 10_000;
    event.changes().iter().all(|change| match change {
        Change::Assigned(Assigned { addresses, .. })
        | Change::Released(Released { addresses, .. })
        | Change::RestEnded(RestEnded { addresses, .. }) => is_small(addresses),
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
