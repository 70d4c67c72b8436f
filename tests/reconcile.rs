//! Reconciliation: what differs, and that plans end it without harm
#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests"
)]

#[path = "reconcile/kinds.rs"]
mod kinds;
#[path = "reconcile/laws.rs"]
mod laws;
#[path = "reconcile/network.rs"]
mod network;
#[path = "reconcile/rounds.rs"]
mod rounds;
