//! What is raced against another checkout: plain nanoseconds, the targets of which `.ci/race` knows

use std::net::IpAddr;

use ipam_core::{Engine, InterfaceId};

use crate::engines::contender::{Contender, NOW};
use crate::engines::second::SECOND;
use crate::engines::timed::{self, Carried, DUE};
use crate::engines::together::{apply, decide_all};
use crate::engines::world::World;
use crate::report::Report;
use crate::support::measure::{Work, race};

pub(crate) fn rows(report: &mut Report) {
    reuse(report);
    beside(report);
    together(report);
}

fn reuse(report: &mut Report) {
    let ways = [
        ("executed", Carried::Executed),
        ("decided and applied", Carried::Applied),
        ("replayed", Carried::Replayed),
    ];
    for (many, count, chunks) in [("a thousand", 1_000, 200), ("a million", 1_000_000, 100)] {
        for (way, carried) in ways {
            let name =
                format!("race: wake, assign and release each millisecond, {many} resting, {way}");
            if report.wants(&name) {
                let [each] = race(chunks, [timed::reuse_by(count, carried)]);
                report.stated(&name, each, " ns");
            }
        }
    }
}

fn beside(report: &mut Report) {
    const MANY: usize = 1_000_000;
    let name = "race: a decision while a million rests are due in another subnet, over none due";
    if report.wants(name) {
        let work = |now| timed::decide_beside(MANY, true, now);
        report.times_longer(name, race(9, [work(DUE), work(NOW)]), 1.1);
    }
    let name = "race: a decision while a million rests are due in the same subnet";
    if report.wants(name) {
        let [each] = race(7, [timed::decide_beside(MANY, false, DUE)]);
        report.stated(name, each, " ns");
    }
}

fn together(report: &mut Report) {
    if wanted(report, "a /16 half full") {
        let world = World::new(16, 1024, 50);
        let engine = Engine::set_up(&world);
        let held = world.interfaces.iter().zip(&world.start);
        let held = held.flat_map(|(&id, all)| all.iter().map(move |&at| (id, IpAddr::V4(at))));
        of_world(report, "a /16 half full", &engine, &held.collect::<Vec<_>>());
    }
    if wanted(report, "the second world") {
        let (engine, held) = SECOND.make(|engine, now, command| {
            engine.execute(now, command).unwrap().answer().iter().next()
        });
        of_world(report, "the second world", &engine, &held);
    }
}

type Question = fn(Engine, Vec<(InterfaceId, IpAddr)>, usize) -> Work;

/// Names of rows, and what each asks
fn questions(world: &str) -> Vec<(String, Question, usize)> {
    let decided = [2, 16, 256].map(|size| {
        let name = format!("race: together, {world}: decided {size} at once, a command");
        (name, decide_all as Question, size)
    });
    let applied = [2, 16].map(|size| {
        let name = format!("race: together, {world}: applied {size} at once, a change");
        (name, apply as Question, size)
    });
    decided.into_iter().chain(applied).collect()
}

fn wanted(report: &Report, world: &str) -> bool {
    questions(world).iter().any(|(name, ..)| report.wants(name))
}

fn of_world(report: &mut Report, world: &str, engine: &Engine, held: &[(InterfaceId, IpAddr)]) {
    for (name, question, size) in questions(world) {
        if report.wants(&name) {
            let [each] = race(100, [question(engine.clone(), held.to_vec(), size)]);
            report.stated(&name, each, " ns");
        }
    }
}
