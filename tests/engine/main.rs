//! The engine through its public API: refusals, foreign events, batches, hard input

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
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
mod policies;
mod precedence;
mod precedence_of_time;
mod prefixes;
mod presets;
mod reports;
mod reservations;
mod several;
mod shape;
