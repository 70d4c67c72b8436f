//! Instructions of what an engine does most, counted by Callgrind: `.ci/instructions`
//!
//! Each benchmark does its operation so many times, on a world that is built before anything is counted.
//! Ids, addresses and the tables' seed are fixed, so that every run counts the same.
#![expect(missing_docs, unreachable_pub, unused_qualifications, reason = "what the macros make")]
#![expect(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::panic,
    clippy::unwrap_used,
    reason = "benches"
)]

mod world;

use std::hint::black_box;

use gungraun::prelude::*;
use ipam_core::{Assign, Engine, Event, Timestamp};
use world::{FAR, HALF_FULL, SMALL, WIDE, Work};

const NOW: Timestamp = Timestamp::ZERO;

#[library_benchmark]
#[bench::half_full_assign_by_count(HALF_FULL.by_count(1_000, 1))]
#[bench::half_full_assign_by_name(HALF_FULL.by_name(1_000))]
#[bench::half_full_unassign(HALF_FULL.release(1_000))]
#[bench::small_assign_by_count(SMALL.by_count(200, 1))]
#[bench::small_assign_by_name(SMALL.by_name(100))]
#[bench::small_unassign(SMALL.release(100))]
#[bench::far_assign_by_name(FAR.by_name(1_000))]
#[bench::far_unassign(FAR.release(1_000))]
#[bench::batch_of_256_neighbours_assign(WIDE.by_count(16, 256))]
#[bench::batch_of_256_neighbours_unassign(WIDE.by_count(16, 256).undone())]
#[bench::batch_of_256_scattered_assign(HALF_FULL.by_count(16, 256))]
#[bench::batch_of_256_scattered_unassign(HALF_FULL.by_count(16, 256).undone())]
fn execute(mut work: Work) -> Work {
    for command in &work.commands {
        let decision = black_box(&mut work.engine).execute(NOW, black_box(command));
        assert!(black_box(decision).is_ok());
    }
    work
}

#[library_benchmark]
#[bench::assign_by_count(HALF_FULL.by_count(1_000, 1))]
#[bench::assign_by_name(HALF_FULL.by_name(1_000))]
#[bench::unassign(HALF_FULL.release(1_000))]
fn decide(work: Work) -> Work {
    for command in &work.commands {
        let decision = black_box(&work.engine).decide(NOW, black_box(command));
        assert!(black_box(decision).is_ok());
    }
    work
}

// Two commands each time, and nothing carried out.
#[library_benchmark]
#[bench::unassign_and_assign(HALF_FULL.pairs(500))]
fn decide_all(work: Work) -> Work {
    for commands in work.commands.chunks(2) {
        let decision = black_box(&work.engine).decide_all(NOW, black_box(commands));
        assert!(black_box(decision).is_ok());
    }
    work
}

#[library_benchmark]
#[bench::half_full(HALF_FULL.by_count(1, 1))]
fn copy(work: Work) -> (Work, Engine) {
    let copy = black_box(&work.engine).clone();
    (work, copy)
}

#[library_benchmark]
#[bench::assign(HALF_FULL.by_count(1_000, 1).decided())]
#[bench::unassign(HALF_FULL.release(1_000).decided())]
#[bench::unassign_and_assign(HALF_FULL.pairs(500).decided_by(2))]
#[bench::batch_of_256_neighbours(WIDE.by_count(16, 256).decided())]
#[bench::batch_of_256_scattered(HALF_FULL.by_count(16, 256).decided())]
fn apply((mut engine, events): (Engine, Vec<Event>)) -> (Engine, Vec<Event>) {
    for event in &events {
        assert!(black_box(&mut engine).apply(black_box(event)).is_ok());
    }
    (engine, events)
}

#[library_benchmark]
#[bench::assign(HALF_FULL.by_count(1_000, 1).decided())]
#[bench::batch_of_256_scattered(HALF_FULL.by_count(16, 256).decided())]
fn encode((engine, events): (Engine, Vec<Event>)) -> (Engine, Vec<Event>, Vec<u8>) {
    let mut bytes = Vec::with_capacity(1 << 16);
    for event in &events {
        black_box(event).encode(&mut bytes);
    }
    (engine, events, bytes)
}

// Of what each command names, the interface.
#[library_benchmark]
#[bench::interface(HALF_FULL.by_count(1_000, 1))]
fn look_up(work: Work) -> Work {
    for command in &work.commands {
        let ipam_core::Command::Assign(Assign { interface, .. }) = command else { continue };
        assert!(black_box(black_box(&work.engine).interface(*interface)).is_some());
    }
    work
}

library_benchmark_group!(
    name = hot,
    benchmarks = [execute, decide, decide_all, copy, apply, encode, look_up]
);
main!(library_benchmark_groups = hot);
