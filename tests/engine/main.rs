//! The engine through its public API: refusals, foreign events, batches, hard input

#![expect(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests"
)]

mod adopt;
mod batches;
mod common;
mod due;
mod events;
mod events_of_time;
mod hard_input;
mod hard_time;
mod names;
mod no_effect;
mod one_by_one;
mod policies;
mod precedence;
mod precedence_of_time;
mod prefixes;
mod presets;
mod readers;
mod regressions;
mod reports;
mod reservations;
mod several;
mod shape;
mod stories;
mod survivors;
