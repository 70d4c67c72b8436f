//! Instructions of what an engine does most, counted by Callgrind: `.ci/instructions`
//!
//! Each benchmark does its operation so many times, on a world that is built before anything is counted.
//! Ids, addresses and the tables' seed are fixed, so that every run counts the same. Each command has some 107
//! instructions of the harness in its count, which are not taken off.
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
use ipam_core::{Assign, Engine, Event, Indices, Policy, Timestamp};
use world::{
    FAR, HALF_FULL, HALF_FULL_V6, LOWER_HALF, SMALL, WIDE, WITH_QUARANTINE, WITH_QUOTA, Work,
    refusals,
};

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
#[bench::unassign_and_assign(HALF_FULL.pairs(500))]
#[bench::longest_released_unassign_and_assign(HALF_FULL.by(Policy::LongestReleased, Indices::NONE).pairs(500))]
#[bench::all_released_unassign_and_assign(HALF_FULL.by(Policy::LongestReleased, Indices::NONE).all_released().pairs(500))]
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
#[bench::with_a_quota(WITH_QUOTA.by_count(1_000, 1))]
#[bench::with_a_quarantine(WITH_QUARANTINE.rested(1_000))]
#[bench::of_ipv6(HALF_FULL_V6.by_count(1_000, 1))]
#[bench::by_next(HALF_FULL.by(Policy::Next, Indices::NONE).by_count(1_000, 1))]
#[bench::by_from(HALF_FULL.by(Policy::From { offset: 1 << 15 }, Indices::NONE).by_count(1_000, 1))]
#[bench::by_random(HALF_FULL.by(Policy::Random { seed: 1 }, Indices::RANKS).by_count(1_000, 1))]
#[bench::by_dense(HALF_FULL.by(Policy::Dense, Indices::BLOCKS).by_count(1_000, 1))]
#[bench::by_sparse(LOWER_HALF.by(Policy::Sparse, Indices::BLOCKS).by_count(1_000, 1))]
#[bench::by_longest_released(HALF_FULL.by(Policy::LongestReleased, Indices::NONE).by_count(1_000, 1))]
#[bench::by_dense_within_a_range(WIDE.dense_within(16))]
#[bench::contiguous(refusals::contiguous(4, Indices::NONE))]
#[bench::contiguous_indexed(refusals::contiguous(4, Indices::RANKS))]
#[bench::resting(refusals::resting(256, true))]
#[bench::first_of_several(refusals::several(2, false))]
#[bench::each_of_several(refusals::several(2, true))]
fn decide(work: Work) -> Work {
    for command in &work.commands {
        let decision = black_box(&work.engine).decide(NOW, black_box(command));
        assert!(black_box(decision).is_ok());
    }
    work
}

// Each beside one of the same name that `decide` grants.
#[library_benchmark]
#[bench::contiguous(refusals::contiguous(64, Indices::NONE))]
#[bench::contiguous_indexed(refusals::contiguous(64, Indices::RANKS))]
#[bench::contiguous_beyond_what_is_free(refusals::contiguous(100_000, Indices::NONE))]
#[bench::contiguous_beyond_what_is_free_indexed(refusals::contiguous(100_000, Indices::RANKS))]
#[bench::resting(refusals::resting(256, false))]
#[bench::resting_too_few(refusals::resting(10_001, true))]
#[bench::first_of_several(refusals::several(1, false))]
#[bench::each_of_several(refusals::several(1, true))]
fn refuse(work: Work) -> Work {
    for command in &work.commands {
        let decision = black_box(&work.engine).decide(NOW, black_box(command));
        assert!(black_box(decision).is_err());
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

#[library_benchmark]
#[bench::assign(encoded(HALF_FULL.by_count(1_000, 1)))]
fn decode(bytes: Vec<u8>) -> Vec<u8> {
    let events = ipam_core::EventLog::new(black_box(&bytes), &ipam_core::DecodeLimits::UNLIMITED);
    assert!(events.map(black_box).all(|event| event.is_ok()));
    bytes
}

/// The bytes of the events that the commands come to
fn encoded(work: Work) -> Vec<u8> {
    let mut bytes = Vec::new();
    work.decided().1.iter().for_each(|event| event.encode(&mut bytes));
    bytes
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
    benchmarks = [execute, decide, refuse, decide_all, copy, apply, encode, decode, look_up]
);
main!(library_benchmark_groups = hot);
