//! Rests, holds and tokens: with a million under way, beside a thousand

use std::time::Instant;

use ipam_core::{Assign, Engine, Pick};

use crate::engines::large;
use crate::engines::timed::{self, DUE};
use crate::engines::world::interface_id;
use crate::report::Report;
use crate::support::measure::{Work, race};

const FEW: usize = 1_000;
const MANY: usize = 1_000_000;

/// Bytes of an answer kept under a token, as `tests/heap/memory.rs` has them
const TOKEN: usize = 189;

type Question = (&'static str, fn(usize) -> Work);

const QUESTIONS: [Question; 5] = [
    ("time: wake, assign and release, a million resting over a thousand", timed::reuse),
    ("time: hold and confirm, a million tasks running over a thousand", timed::hold),
    ("time: assign under a new token, a million kept over a thousand", timed::new_token),
    (
        "time: assign under a new token and repeat it, a million kept over a thousand",
        timed::new_and_repeated,
    ),
    ("time: repeat under a known token, a million kept over a thousand", timed::known_token),
];

pub(crate) fn rows(report: &mut Report) {
    for (name, work) in QUESTIONS {
        if report.wants(name) {
            let [few, many] = race(500, [work(FEW), work(MANY)]);
            report.times_longer(name, [many, few], 3.0);
        }
    }
    let name = "time: repeat under one of a million tokens, in random loads of as many bytes";
    if report.wants(name) {
        let [repeat, load] = race(500, [timed::known_token(MANY), large::loads(MANY * TOKEN)]);
        report.stated(name, repeat / load, &format!(" ({repeat:.0} of {load:.0})"));
    }
    for (shape, one_by_one) in [("each its own release", true), ("in a hundred runs", false)] {
        let name = format!("time: just after a million rests are over, {shape}");
        if report.wants(&name) {
            due(report, &name, one_by_one);
        }
    }
}

/// Milliseconds of the first decision, of one more, and of the first execution, which sweeps
fn due(report: &mut Report, name: &str, one_by_one: bool) {
    let engine = timed::resting(MANY, one_by_one);
    let any = Assign::new(interface_id(0), Pick::any(1)).into();
    let millis = |work: &mut dyn FnMut()| {
        let start = Instant::now();
        work();
        start.elapsed().as_secs_f64() * 1000.0
    };
    let least = |times: Vec<f64>| times.into_iter().fold(f64::INFINITY, f64::min);
    let decide = |engine: &Engine| assert!(engine.decide(DUE, &any).is_ok());
    let decided = least((0..5).map(|_| millis(&mut || decide(&engine))).collect());
    let executed = least(
        (0..3)
            .map(|_| {
                let mut engine = engine.clone();
                let time = millis(&mut || assert!(engine.execute(DUE, &any).is_ok()));
                assert_eq!(engine.next_deadline(), None);
                time
            })
            .collect(),
    );
    report.stated(&format!("{name}: a decision"), decided, " ms");
    report.stated(&format!("{name}: the first execution"), executed, " ms");
}
