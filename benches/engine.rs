//! How fast is the engine, beside the plain one? See README.md
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

use std::rc::Rc;

use criterion::Criterion;
use engines::agree::agree;
use engines::contender::Contender;
use engines::work::{self, Asked};
use engines::world::{Step, World};
use ipam_core::Engine;
use plain::Plain;
use short_criterion::{criterion, time};

fn main() {
    agree(&World::new(16, 1024, 50), 20_000);
    let mut criterion = criterion();
    let world = Rc::new(World::new(16, 1024, 50));
    let (steps, chosen) = world.steps(1 << 14);
    let steps: Rc<[(Step, _)]> = steps.into_iter().zip(chosen).collect();
    both::<Engine>(&mut criterion, "ours", &world, &steps);
    both::<Plain>(&mut criterion, "plain engine", &world, &steps);
    let name = "one: how fast are two bare look-ups of ids?";
    time(&mut criterion, name, || work::look_ups(&world, &steps));
    criterion.final_summary();
}

/// Every question, by either path
fn both<C: Contender + 'static>(
    criterion: &mut Criterion,
    who: &str,
    world: &Rc<World>,
    steps: &Rc<[(Step, std::net::Ipv4Addr)]>,
) {
    let name = "one: how fast are a release and an assignment?";
    time(criterion, &format!("{name} {who}, execute"), || work::single(world, steps, C::execute));
    let applied = format!("{name} {who}, decide and apply");
    time(criterion, &applied, || work::single(world, steps, C::decide_apply));
    for count in [1, 16, 256, 4096] {
        for (kind, asked) in [("count", Asked::Count(count)), ("list", Asked::List(count))] {
            let name = format!("{count} by {kind}: how fast there and back, per address?");
            let executed = || work::there_and_back(world, asked, C::execute);
            time(criterion, &format!("{name} {who}, execute"), executed);
            let applied = || work::there_and_back(world, asked, C::decide_apply);
            time(criterion, &format!("{name} {who}, decide and apply"), applied);
        }
    }
}
