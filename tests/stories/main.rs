//! What goes wrong around a controller, each as its author would tell it
//!
//! Every story is told with a log: what is decided is stored, then applied. In the end the log is read into
//! another engine, which must have come to the same.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod controller;
mod moves;
mod reconciles;
mod releases;
mod retries;
mod tasks;
