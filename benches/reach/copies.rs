//! What a copy costs, and what one command asks of the heap at most, in large worlds

use std::hint::black_box;
use std::net::IpAddr;

use allocation_counter::{measure, opt_out};
use ipam_core::{Assign, Command, Engine, Pick, Pipeline, Ticket, Timestamp, Unassign};

use crate::engines::contender::NOW;
use crate::engines::large::{self, give};
use crate::engines::second::{SECOND, filled};
use crate::engines::world::{interface_id, subnet_id};
use crate::report::{Report, Target};
use crate::support::measure::{Work, race, timed};
use crate::support::random::Random;

const KB: f64 = 1024.0;
const HOSTS: usize = (1 << 24) - 2;

pub(crate) fn rows(report: &mut Report) {
    if report.wants("copy: a full /8") || report.wants("most bytes: a /8") {
        full(report);
    }
    if report.wants("copy: the second world") || report.wants("most bytes: the second world") {
        second(report);
    }
    if report.wants("pipeline: memory") {
        pipeline(report);
    }
    if report.wants("memory: few of many") {
        few(report);
    }
}

/// The most bytes that one command has asked of the heap
#[derive(Default)]
struct Most(u64);

impl Most {
    fn carry(&mut self, engine: &mut Engine, now: Timestamp, command: &Command) -> Option<IpAddr> {
        let mut answer = None;
        let heap = measure(|| {
            // By reference: to move a decision on would be a cost of the benchmark's own.
            answer = match &engine.execute(now, command) {
                Ok(decision) => decision.answer().iter().next(),
                Err(refusal) => panic!("{refusal}"),
            }
        });
        self.0 = self.0.max(heap.bytes_total);
        answer
    }

    fn row(&self, report: &mut Report, name: &str) {
        let kb = self.0 as f64 / KB;
        report.row(name, kb, " KB", "", Target::AtMost(64.0));
    }
}

fn full(report: &mut Report) {
    let mut most = Most::default();
    let (mut engine, mut held) =
        filled(HOSTS, |engine, now, command| most.carry(engine, now, command));
    most.row(report, "most bytes: a /8 filled one by one, a command");
    let (id, address) = held[HOSTS / 3];
    let write = Unassign::new(id, [address]).into();
    let again = Assign::new(id, Pick::these([address])).into();
    copies(report, "a full /8", &mut engine, [write, again]);
    Random::new(41).shuffle(&mut held);
    let mut most = Most::default();
    for (id, address) in held {
        most.carry(&mut engine, NOW, &Unassign::new(id, [address]).into());
    }
    most.row(report, "most bytes: a /8 drained one by one, a command");
}

fn second(report: &mut Report) {
    let mut most = Most::default();
    let (mut engine, held) = SECOND.make(|engine, now, command| most.carry(engine, now, command));
    most.row(report, "most bytes: the second world made one by one, a command");
    let (id, address) = held[held.len() / 3];
    let write = Unassign::new(id, [address]).into();
    let again = Assign::new(id, Pick::these([address])).into();
    copies(report, "the second world", &mut engine, [write, again]);
    let mut most = Most::default();
    SECOND.unmake(&mut engine, |engine, now, command| most.carry(engine, now, command));
    most.row(report, "most bytes: the second world deleted one by one, a command");
}

/// Bytes that a copy asks for, and the first writes after it; and its time beside a copy of 64 KiB
fn copies(report: &mut Report, what: &str, engine: &mut Engine, writes: [Command; 2]) {
    let mut copy = None;
    let copied = measure(|| copy = Some(engine.clone())).bytes_total as f64 / KB;
    report.row(&format!("copy: {what}, asked for"), copied, " KB", "", Target::AtMost(64.0));
    let mut written = 0;
    for write in &writes {
        let heap = measure(|| assert!(engine.execute(NOW, write).is_ok()));
        written = written.max(heap.bytes_total);
    }
    let name = format!("copy: {what}, asked for by a first write after it");
    report.row(&name, written as f64 / KB, " KB", "", Target::AtMost(64.0));
    drop(copy);
    // Its clone alone, as what is dropped is a cost of its own.
    let shared = engine.clone();
    let mut medians = [0.0; 3];
    let clone: Work = {
        let engine = shared.clone();
        Box::new(move || {
            let mut copy = None;
            let sample = timed(1, || copy = Some(black_box(&engine).clone()));
            drop(copy);
            sample
        })
    };
    let dropped: Work = Box::new(move || {
        let copy = shared.clone();
        timed(1, || drop(copy))
    });
    let bytes = vec![black_box(7u8); 64 << 10];
    let mut target = bytes.clone();
    let memory: Work = Box::new(move || {
        timed(64, || {
            for _ in 0..64 {
                black_box(&mut target).copy_from_slice(black_box(&bytes));
            }
        })
    });
    opt_out(|| medians = race(7, [clone, dropped, memory]));
    let [clone, dropped, memory] = medians;
    let name = format!("copy: {what}, over a copy of 64 KiB");
    report.times_longer(&name, [clone, memory], 20.0);
    report.stated(&format!("copy: {what}, to drop it"), dropped, " ns");
}

/// A pipeline after a million commands, beside one engine after the same
fn pipeline(report: &mut Report) {
    const COMMANDS: usize = 1_000_000;
    let start = || {
        let mut engine = large::bare();
        large::create_subnet(&mut engine, subnet_id(0), "10.0.0.0/8".parse().unwrap());
        large::create_interfaces(&mut engine, 1024, 1);
        engine
    };
    let command = |number: usize| -> Command {
        Assign::new(interface_id(number % 1024), Pick::any(1)).into()
    };
    let mut engine = None;
    let alone = measure(|| {
        let mut made = start();
        for number in 0..COMMANDS {
            give(&mut made, &command(number));
        }
        engine = Some(made);
    });
    drop(engine);
    for group in [1, 64] {
        let mut kept = None;
        let heap = measure(|| {
            let mut pipeline = Pipeline::new(start());
            let mut last: Option<Ticket> = None;
            for number in 0..COMMANDS {
                last = Some(pipeline.decide(NOW, &command(number)).unwrap().ticket);
                if number % group == group - 1 {
                    pipeline.confirm(last.take().unwrap()).unwrap();
                }
            }
            last.into_iter().for_each(|ticket| pipeline.confirm(ticket).unwrap());
            kept = Some(pipeline);
        });
        drop(kept);
        let name =
            format!("pipeline: memory after a million in groups of {group}, over one engine");
        let both = [heap.bytes_current as f64, alone.bytes_current as f64];
        report.times_longer(&name, both, 1.1);
    }
}

/// Memory where few of many addresses are in use
fn few(report: &mut Report) {
    const COUNT: usize = 1 << 16;
    let mut random = Random::new(42);
    let mut anywhere: Vec<u32> = (0..COUNT).map(|_| 1 + random.below(HOSTS) as u32).collect();
    anywhere.sort_unstable();
    anywhere.dedup();
    random.shuffle(&mut anywhere);
    let every: Vec<u32> = (0..COUNT as u32).map(|number| number << 8 | 1).collect();
    for (what, list) in
        [("65,536 random ones of a /8", anywhere), ("one in every 256 of a /8", every)]
    {
        let mut engine = large::bare();
        large::create_subnet(&mut engine, subnet_id(0), "10.0.0.0/8".parse().unwrap());
        large::create_interfaces(&mut engine, 1024, 1);
        let heap = measure(|| {
            for (number, &offset) in list.iter().enumerate() {
                let address = IpAddr::from((0x0a00_0000 | offset).to_be_bytes());
                let assign = Assign::new(interface_id(number % 1024), Pick::these([address]));
                give(&mut engine, &assign.into());
            }
        });
        let each = heap.bytes_current as f64 / list.len() as f64;
        let name = format!("memory: few of many: {what}, each");
        report.row(&name, each, " bytes", "", Target::AtMost(80.0));
    }
    let mut engine = large::bare();
    large::create_subnets(&mut engine, 1024);
    large::create_interfaces(&mut engine, 1024, 1024);
    let heap = measure(|| {
        for number in 0..1024 {
            give(&mut engine, &Assign::new(interface_id(number), Pick::any(1)).into());
        }
    });
    let each = heap.bytes_current as f64 / 1024.0;
    let name = "memory: few of many: the first address of a /24";
    report.row(name, each, " bytes", "", Target::AtMost(1300.0));
}
