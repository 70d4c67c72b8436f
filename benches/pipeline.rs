//! What do decisions in flight cost, and a write that fails? See README.md
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

use engines::{flight, large::Large};
use short_criterion::{criterion, time};

/// Interfaces with an address each
const MANY: usize = 1 << 20;

fn main() {
    let mut criterion = criterion();
    for group in [1, 16, 256] {
        let name = format!("in groups of {group}: a decision and its confirmation");
        time(&mut criterion, &name, || flight::groups(group));
    }
    time(&mut criterion, "by decide, then apply: the same without a pipeline", flight::alone);
    for (shape, prefix) in [("a full /24", 24), ("a full /16", 16), ("a full /8", 8)] {
        let name = format!("{shape}: one decision that is dropped");
        time(&mut criterion, &name, || flight::dropped(flight::full(prefix)));
    }
    let name = "a million interfaces in a /8: one decision that is dropped";
    time(&mut criterion, name, || flight::dropped(Large::wide(MANY).engine));
    criterion.final_summary();
}
