//! What is reached? One line for each promise; see README.md
#![expect(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "benches"
)]

extern crate alloc;

#[expect(dead_code, reason = "each benchmark asks some of the questions")]
mod engines;
mod peers;
mod plain;
#[expect(dead_code, reason = "each benchmark asks some of the questions")]
mod sets;
#[path = "sets/shared.rs"]
mod shared;
#[expect(dead_code, reason = "each benchmark asks some of the questions")]
mod support;

#[path = "reach/copies.rs"]
mod copies;
#[path = "reach/engine.rs"]
mod engine;
#[path = "reach/memory.rs"]
mod memory;
#[path = "reach/paths.rs"]
mod paths;
#[path = "reach/report.rs"]
mod report;
#[path = "reach/scale.rs"]
mod scale;
#[path = "reach/space_rows.rs"]
mod space_rows;
#[path = "reach/time.rs"]
mod time;

fn main() -> std::process::ExitCode {
    let mut report = report::Report::new();
    // Only what counts heap calls should pay for the counting.
    allocation_counter::opt_out(|| {
        space_rows::rows(&mut report);
        engine::rows(&mut report);
        time::rows(&mut report);
        paths::rows(&mut report);
    });
    scale::rows(&mut report);
    memory::rows(&mut report);
    copies::rows(&mut report);
    report.end()
}
