//! Decisions in flight: stores that fail at every step, and random interleavings
#![expect(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

#[expect(dead_code, reason = "the generator of commands takes more kinds of choices")]
#[path = "../model/choices.rs"]
mod choices;
mod controller;
mod crash;
mod crash_in_flight;
mod interleavings;
mod store;
mod tickets;
