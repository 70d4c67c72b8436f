//! How fast is the bitmap, beside its peers? See README.md
#![expect(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "benches"
)]

extern crate alloc;

mod peers;
#[expect(dead_code, reason = "each benchmark asks some of the questions")]
mod sets;
#[path = "sets/shared.rs"]
mod shared;
#[path = "support/criterion.rs"]
mod short_criterion;
#[expect(dead_code, reason = "each benchmark asks some of the questions")]
mod support;

use std::cell::LazyCell;

use bitmap_allocator::{BitAlloc1M, BitAlloc16M, BitAlloc64K, BitAlloc256};
use criterion::Criterion;
use ipam_core::Indices;
use peers::bitmap_allocator::{Cascade, Inline};
use peers::rangemap::Ranges;
use sets::block;
use sets::everyone::{PREFIXES, Question, everyone};
use sets::questions::{Batch, Churn, Claim, Fill};
use sets::trace::Occupancy;
use short_criterion::{criterion, time};

fn main() {
    let mut criterion = criterion();
    for prefix in PREFIXES {
        let name = format!("fill/{prefix}: how fast is the next lowest address?");
        ask(&mut criterion, &name, prefix, || Fill(prefix));
    }
    for prefix in PREFIXES {
        // In a /24, 99 % is two free, and 99.99 % would be none.
        let shares = [("50", 5_000), ("90", 9_000), ("99", 9_900), ("99.99", 9_999)];
        for (percent, taken) in shares.into_iter().take(if prefix == 24 { 3 } else { 4 }) {
            let name = format!("churn/{prefix}/{percent}%: how fast are a release and the lowest?");
            let occupancy = Occupancy::PerTenThousand(taken);
            ask(&mut criterion, &name, prefix, || Churn::new(prefix, occupancy));
        }
        let name = format!("one free/{prefix}: how fast is the only free address?");
        ask(&mut criterion, &name, prefix, || Churn::new(prefix, Occupancy::Full));
    }
    for prefix in PREFIXES {
        let name = format!("claim/{prefix}: how fast is a given address?");
        ask(&mut criterion, &name, prefix, || Claim::new(prefix));
    }
    for prefix in PREFIXES {
        let name = format!("batch/{prefix}/contiguous: how fast are 256 at once?");
        ask(&mut criterion, &name, prefix, || Batch::contiguous(prefix));
        // A half-full /24 has no 256.
        if prefix != 24 {
            let name = format!("batch/{prefix}/fragmented: how fast are 256 at once?");
            ask(&mut criterion, &name, prefix, || Batch::fragmented(prefix));
        }
    }
    blocks(&mut criterion);
    criterion.final_summary();
}

/// Puts a question to everyone; it is prepared only if somebody is to answer
fn ask<Q: Question>(
    criterion: &mut Criterion,
    name: &str,
    prefix: u8,
    prepare: impl FnOnce() -> Q,
) {
    struct Prepared<Q, F: FnOnce() -> Q>(LazyCell<Q, F>);
    impl<Q: Question, F: FnOnce() -> Q> Question for Prepared<Q, F> {
        fn ask<A: peers::Allocator + 'static>(&self) -> support::measure::Work {
            self.0.ask::<A>()
        }
    }
    let prepared = Prepared(LazyCell::new(prepare));
    for (who, build) in everyone(prefix, &prepared) {
        time(criterion, &format!("{name} {who}"), build);
    }
}

/// Aligned blocks, of which only some peers know
fn blocks(criterion: &mut Criterion) {
    for prefix in PREFIXES {
        let pattern = LazyCell::new(|| block::no_block(prefix));
        let name = format!("block/{prefix}: how fast is it known that no aligned /28 is free?");
        let indexed = || block::ours(&pattern, Indices::BLOCKS);
        time(criterion, &format!("{name} ours with its index"), indexed);
        let bare = || block::ours(&pattern, Indices::NONE);
        time(criterion, &format!("{name} ours without"), bare);
        time(criterion, &format!("{name} rangemap"), || block::peer::<Ranges>(&pattern));
        let cascade = || match prefix {
            24.. => block::peer::<Cascade<Inline<BitAlloc256>>>(&pattern),
            16.. => block::peer::<Cascade<Box<BitAlloc64K>>>(&pattern),
            12.. => block::peer::<Cascade<Box<BitAlloc1M>>>(&pattern),
            _ => block::peer::<Cascade<Box<BitAlloc16M>>>(&pattern),
        };
        time(criterion, &format!("{name} bitmap-allocator"), cascade);
    }
}
