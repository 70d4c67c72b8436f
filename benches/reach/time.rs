//! Rests, holds and tokens: with a million under way, beside a thousand

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Instant;

use ipam_core::{Assign, Engine, Pick, Timestamp};

use crate::engines::large;
use crate::engines::timed::{self, DUE};
use crate::engines::world::interface_id;
use crate::report::{Report, Target};
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
    let shapes =
        [("each its own release", true, [0.1, 0.2]), ("in a hundred runs", false, [0.1, 0.1])];
    for (shape, one_by_one, targets) in shapes {
        let name = format!("time: just after a million rests are over, {shape}");
        if report.wants(&name) {
            due(report, &name, one_by_one, targets);
        }
    }
}

/// Milliseconds of a million removals from and inserts into an ordered set of a million deadlines with their addresses,
/// in no order: what who writes such a list by hand keeps
fn set_of_a_million() -> f64 {
    let scattered = |at: usize| (at as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let entry = |at: usize| (Timestamp::from_millis(scattered(at)), address(at));
    let mut set: BTreeSet<(Timestamp, IpAddr)> = (0..MANY).map(entry).collect();
    let start = Instant::now();
    for at in 0..MANY {
        assert!(set.remove(&entry(at)) && set.insert(entry(at + MANY)));
    }
    start.elapsed().as_secs_f64() * 1000.0
}

fn address(at: usize) -> IpAddr {
    Ipv4Addr::from_bits(u32::try_from(at).unwrap()).into()
}

/// The first decision, and the first execution, which sweeps; over a set that as much changes in
fn due(report: &mut Report, name: &str, one_by_one: bool, [a_decision, an_execution]: [f64; 2]) {
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
    let set = least((0..3).map(|_| set_of_a_million()).collect());
    let over = |time: f64| format!("{time:.1} ms over {set:.1} ms");
    let rows =
        [("a decision", decided, a_decision), ("the first execution", executed, an_execution)];
    for (what, time, most) in rows {
        report.row(&format!("{name}: {what}"), time / set, "x", &over(time), Target::AtMost(most));
    }
}
