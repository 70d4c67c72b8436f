//! What do rests, holds and tokens cost, and with many of them? See README.md
#![expect(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "benches"
)]

#[expect(dead_code, reason = "each benchmark asks some of the questions")]
mod engines;
mod plain;
#[path = "support/criterion.rs"]
mod short_criterion;
#[expect(dead_code, reason = "each benchmark asks some of the questions")]
mod support;

use engines::timed;
use short_criterion::{criterion, time};

fn main() {
    let mut criterion = criterion();
    for (count, many) in [(1_000, "a thousand"), (1_000_000, "a million")] {
        let name = |question| format!("with {many}: {question}");
        time(&mut criterion, &name("rests that end, are assigned, and begin"), || {
            timed::reuse(count)
        });
        time(&mut criterion, &name("holds that begin and are confirmed"), || timed::hold(count));
        time(&mut criterion, &name("assignments under new tokens"), || timed::new_token(count));
        time(&mut criterion, &name("repetitions under known tokens"), || timed::known_token(count));
    }
    criterion.final_summary();
}
