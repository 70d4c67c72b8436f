//! What do bytes cost? Encode, decode, clone, replay: each beside a copy of the engine's memory; see README.md
#![expect(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "benches"
)]

#[expect(dead_code, reason = "each benchmark asks some of the questions")]
mod engines;
mod plain;
#[expect(dead_code, reason = "each benchmark asks some of the questions")]
mod support;

use std::hint::black_box;
use std::time::Instant;

use allocation_counter::{measure, opt_out};
use engines::large::{self, Large};
use engines::world::{interface_id, subnet_id};
use ipam_core::ipnet::IpNet;
use ipam_core::{
    AddrRange, Assign, Command, CreateInterface, DecodeLimits, Engine, Event, EventLog, Pick,
    Timestamp, Unassign,
};
use support::random::Random;

const NOW: Timestamp = Timestamp::from_millis(1_000);

/// Makes an engine to be measured
type Make = fn() -> Engine;

fn main() {
    let only = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let wants = |name: &str| only.as_deref().is_none_or(|part| name.contains(part));
    println!("name | milliseconds | bytes | times a copy of the engine's memory");
    let engines: [(&str, Make); 5] = [
        ("a half-full random /16 of a thousand interfaces", || half_full("10.0.0.0/16", 1_000)),
        ("a half-full random /8 of one interface", || half_full("10.0.0.0/8", 1)),
        ("a half-full random /8 of a million interfaces", || half_full("10.0.0.0/8", 1 << 20)),
        ("a full /8 of one interface", full),
        ("a million interfaces in 100,000 /24", || Large::subnets(100_000, 1 << 20).engine),
    ];
    for (name, make) in engines {
        if wants(name) {
            engine(name, make);
        }
    }
    for (name, cidr) in [("a /16", "10.0.0.0/16"), ("a /8", "10.0.0.0/8")] {
        let name = format!("a million events in {name}");
        if wants(&name) {
            opt_out(|| replay(&name, cidr, 1_000_000));
        }
    }
}

/// The best of some runs, in milliseconds
fn best<T>(runs: usize, mut work: impl FnMut() -> T) -> f64 {
    let times = (0..runs).map(|_| {
        let start = Instant::now();
        let made = work();
        let time = start.elapsed().as_secs_f64() * 1e3;
        drop(black_box(made));
        time
    });
    times.fold(f64::INFINITY, f64::min)
}

fn engine(name: &str, make: fn() -> Engine) {
    let mut made = None;
    measure(|| made = Some(make()));
    let made = made.unwrap();
    // What was used and given back while it was made does not count: a clone has what is held.
    let mut clone = None;
    let held = measure(|| clone = Some(made.clone())).bytes_current as usize;
    drop(clone);
    let mut bytes = Vec::new();
    made.encode(&mut bytes);
    let limits = DecodeLimits::UNLIMITED;
    let mut read = None;
    let heap = measure(|| read = Some(Engine::decode(&bytes, 1, &limits).unwrap()));
    assert!(read.as_ref() == Some(&made), "{name}");
    drop(read);
    opt_out(|| {
        let memory = vec![1u8; held];
        let mut target = vec![2u8; held];
        let copy = best(5, || {
            target.copy_from_slice(black_box(&memory));
            black_box(&mut target);
        });
        drop(target);
        // The system clears the pages of memory that is new before it hands them out.
        let fresh = best(3, || black_box(&memory).clone());
        drop(memory);
        let row = |what: &str, time: f64, bytes: usize| {
            println!("{name}: {what} | {time:.1} | {bytes} | {:.1}x", time / copy);
        };
        row("a copy of its memory", copy, held);
        row("a copy into fresh memory", fresh, held);
        row("clone", best(3, || made.clone()), held);
        let mut out = Vec::with_capacity(bytes.len());
        let encode = best(3, || {
            out.clear();
            made.encode(&mut out);
        });
        row("encode", encode, bytes.len());
        let decode = best(3, || Engine::decode(&bytes, 1, &limits).unwrap());
        row("decode", decode, heap.bytes_max as usize);
        let mut damaged = bytes.clone();
        let last = damaged.len() - 1;
        damaged[last] ^= 1;
        row("refuse, checksum", best(3, || Engine::decode(&damaged, 1, &limits).is_err()), 0);
        let share = bytes.len() as f64 / held as f64 * 100.0;
        let peak = heap.bytes_max as f64
            / (2 * heap.bytes_current as usize + 2 * bytes.len() + (1 << 20)) as f64;
        println!(
            "{name}: bytes {share:.1} % of memory, peak of decode {:.0} % of what is allowed",
            peak * 100.0
        );
    });
}

/// A subnet whose addresses were taken by random runs of interfaces, and half of them given back
fn half_full(cidr: &str, interfaces: usize) -> Engine {
    let cidr: IpNet = cidr.parse().unwrap();
    let mut engine = large::bare();
    large::create_subnet(&mut engine, subnet_id(0), cidr);
    large::create_interfaces(&mut engine, interfaces, 1);
    let mut random = Random::new(7);
    let whole = AddrRange::from(cidr);
    let most = Assign::MAX_ADDRESSES.min(1 << 16);
    // All of it by interfaces in turn, then every second address at random goes back.
    let mut owners: Vec<(usize, Vec<std::net::IpAddr>)> = Vec::new();
    let mut left = whole.count() - 3;
    let share = (left / interfaces as u128).max(1).min(most.into()) as u32;
    for turn in 0.. {
        if left < u128::from(share) {
            break;
        }
        let owner = turn % interfaces;
        let decision = engine
            .execute(NOW, &Assign::new(interface_id(owner), Pick::any(share)).into())
            .unwrap();
        left -= u128::from(share);
        let back = decision.answer().iter().filter(|_| random.below(2) == 0).collect();
        owners.push((owner, back));
    }
    for (owner, back) in owners {
        if !back.is_empty() {
            engine.execute(NOW, &Unassign::new(interface_id(owner), back).into()).unwrap();
        }
    }
    engine
}

fn full() -> Engine {
    let mut engine = large::bare();
    large::create_subnet(&mut engine, subnet_id(0), "10.0.0.0/8".parse().unwrap());
    engine.execute(NOW, &CreateInterface::new(interface_id(0), subnet_id(0)).into()).unwrap();
    let most = Assign::MAX_ADDRESSES.min(1 << 16);
    let mut left = (1u32 << 24) - 3;
    while left > 0 {
        let count = left.min(most);
        let Ok(_) = engine.execute(NOW, &Assign::new(interface_id(0), Pick::any(count)).into())
        else {
            break;
        };
        left -= count;
    }
    engine
}

/// Single assignments and releases of a thousand interfaces, executed, stored, read and applied
fn replay(name: &str, cidr: &str, count: usize) {
    let mut start = large::bare();
    large::create_subnet(&mut start, subnet_id(0), cidr.parse().unwrap());
    large::create_interfaces(&mut start, 1_000, 1);
    let mut random = Random::new(11);
    let mut commands: Vec<Command> = Vec::with_capacity(count);
    let mut planned = start.clone();
    let mut held: Vec<(usize, std::net::IpAddr)> = Vec::new();
    for _ in 0..count {
        let full = held.len() >= 30_000;
        let command = if full || (!held.is_empty() && random.below(3) == 0) {
            let (owner, address) = held.swap_remove(random.below(held.len()));
            Unassign::new(interface_id(owner), [address]).into()
        } else {
            let owner = random.below(1_000);
            Assign::new(interface_id(owner), Pick::any(1)).into()
        };
        let decision = planned.execute(NOW, &command).unwrap();
        if let Command::Assign(assign) = &command {
            let owner = assign.interface;
            let number = (0..1_000).find(|&number| interface_id(number) == owner).unwrap();
            held.push((number, decision.answer().iter().next().unwrap()));
        }
        commands.push(command);
    }
    let mut events: Vec<Event> = Vec::with_capacity(count);
    let mut live = start.clone();
    for command in &commands {
        events.extend(live.execute(NOW, command).unwrap().into_event());
    }
    let mut log = Vec::new();
    events.iter().for_each(|event| event.encode(&mut log));
    let ns = |millis: f64| millis * 1e6 / count as f64;
    // In turns, as whatever else the machine does meets each of them.
    let mut times = [f64::INFINITY; 4];
    for _ in 0..3 {
        let mut executed = start.clone();
        times[0] = times[0].min(best(1, || {
            for command in &commands {
                black_box(executed.execute(NOW, command).unwrap());
            }
        }));
        let mut applied = start.clone();
        times[1] = times[1].min(best(1, || {
            events.iter().for_each(|event| applied.apply(event).unwrap());
        }));
        assert!(applied == live && executed == live, "{name}");
        times[2] = times[2].min(best(1, || {
            let limits = DecodeLimits::UNLIMITED;
            EventLog::new(&log, &limits).map(Result::unwrap).map(black_box).count()
        }));
        let mut out = Vec::with_capacity(log.len());
        times[3] = times[3].min(best(1, || events.iter().for_each(|event| event.encode(&mut out))));
    }
    let [execute, apply, decode, encode] = times.map(ns);
    println!(
        "{name}: execute {execute:.0} ns, apply {apply:.0} ns ({:.2}x), encode {encode:.0} ns, decode {decode:.0} ns, {:.1} bytes each",
        apply / execute,
        log.len() as f64 / count as f64,
    );
}
