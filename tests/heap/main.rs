//! What is requested from the heap: bytes that engines hold, and how often commands and questions call it, exactly;
//! and that comparing with a network asks in proportion
#![cfg(target_pointer_width = "64")]
#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "tests"
)]

mod allocations;
mod bench;
mod counted;
mod growth;
mod largest;
mod memory;
mod names;
mod reconcile;
