//! How does it scale? Large worlds, in time and in bytes; see README.md
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

use allocation_counter::{measure, opt_out};
use criterion::Criterion;
use engines::large::{self, Large};
use short_criterion::{criterion, time};
use support::measure::Work;

/// Interfaces or addresses
const MANY: usize = 1 << 20;

fn main() {
    let mut criterion = criterion();
    let subnets = || Large::subnets(100_000, MANY);
    let name = "a million interfaces in 100,000 /24: how fast are an assignment and a release?";
    interfaces(&mut criterion, name, subnets);
    let name = "a million interfaces in a /8: how fast are an assignment and a release?";
    interfaces(&mut criterion, name, || Large::wide(MANY));
    for (shape, random) in [("in order", false), ("at random", true)] {
        let name =
            format!("a million addresses {shape} in a /64: how fast are a release and a claim?");
        addresses(&mut criterion, &name, random);
    }
    criterion.final_summary();
}

/// Interfaces with an address each
fn interfaces(criterion: &mut Criterion, name: &str, make: impl Fn() -> Large) {
    time(criterion, name, || {
        let mut made = None;
        let heap = measure(|| made = Some(make()));
        let made = made.unwrap();
        let beside = size_of_val(made.interfaces.as_slice()) + size_of_val(made.held.as_slice());
        tell(heap.bytes_current as f64 - beside as f64, "interface with an address");
        uncounted(made.churn())
    });
}

/// IPv6 addresses of a thousand interfaces
fn addresses(criterion: &mut Criterion, name: &str, random: bool) {
    time(criterion, name, || {
        let (mut engine, interfaces) = large::v6(1000);
        let addresses = large::v6_addresses(MANY, random);
        let heap = measure(|| large::deal(&mut engine, &interfaces, &addresses));
        tell(heap.bytes_current as f64, "address");
        uncounted(large::v6_churn(engine, interfaces, addresses))
    });
}

fn tell(bytes: f64, what: &str) {
    println!("memory: {:.1} bytes for each {what}", bytes / MANY as f64);
}

/// The same, without what counting its heap calls would cost
fn uncounted(mut work: Work) -> Work {
    Box::new(move || {
        let mut sample = None;
        opt_out(|| sample = Some(work()));
        sample.unwrap()
    })
}
