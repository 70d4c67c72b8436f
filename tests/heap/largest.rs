//! What one command, one copy, or the first write after it may ask of the heap at once: nothing in proportion
//! to what an engine holds

use std::net::IpAddr;

use ipam_core::*;

use super::bench::{Bench, subnet};
use super::counted::counted;

const MOST: u64 = 64 * 1024;

/// The largest sum of bytes that a command has asked for, and which it was
#[derive(Default)]
struct Largest {
    bytes: u64,
    what: String,
}

impl Largest {
    fn run(&mut self, engine: &mut Engine, now: Timestamp, command: &Command) -> Option<IpAddr> {
        let (decision, heap) = counted(|| engine.execute(now, command).unwrap());
        if heap.bytes_total > self.bytes {
            *self =
                Self { bytes: heap.bytes_total, what: format!("{}: {command}", engine.revision()) };
        }
        decision.answer().iter().next()
    }

    #[track_caller]
    fn judge(self) {
        assert!(self.bytes <= MOST, "{} bytes at revision {}", self.bytes, self.what);
    }
}

/// A /16 filled one by one, so that each address has a generation of its own
fn full(largest: &mut Largest) -> (Engine, Vec<(InterfaceId, IpAddr)>) {
    let mut bench = Bench::new("10.0.0.0/16");
    let enis: Vec<InterfaceId> =
        (0..256).map(|number| bench.interface(&format!("eni-{number}"))).collect();
    let mut engine = bench.engine;
    let mut held = Vec::new();
    for &eni in enis.iter().cycle().take((1 << 16) - 2) {
        let assign = Assign::new(eni, Pick::any(1)).into();
        held.push((eni, largest.run(&mut engine, Timestamp::ZERO, &assign).unwrap()));
    }
    (engine, held)
}

#[test]
fn a_command_that_fills_a_subnet_asks_for_little() {
    let mut largest = Largest::default();
    full(&mut largest);
    largest.judge();
}

#[test]
fn a_command_that_drains_a_subnet_asks_for_little() {
    let (mut engine, mut held) = full(&mut Largest::default());
    let mut largest = Largest::default();
    // In no order: by a step that has no part in common with their count.
    let count = held.len();
    held = (0..count).map(|at| held[at * 4_099 % count]).collect();
    for (eni, address) in held {
        largest.run(&mut engine, Timestamp::ZERO, &Unassign::new(eni, [address]).into());
    }
    let usage = engine.at(Timestamp::ZERO).subnet_usage(subnet()).unwrap().v4.unwrap();
    assert_eq!(usage.assigned, 0);
    largest.judge();
}

/// The same where each rests, and is given again when it does no more
#[test]
fn a_command_that_lets_rest_and_wakes_asks_for_little() {
    let (mut engine, held) = full(&mut Largest::default());
    let mut largest = Largest::default();
    let mut now = Timestamp::ZERO;
    for &(eni, address) in &held {
        now = now.after(1);
        let rest = Rest::for_millis(60_000);
        largest.run(&mut engine, now, &Unassign::new(eni, [address]).rest(rest).into());
    }
    for &(eni, _) in &held[..50_000] {
        now = now.after(1);
        let assign = Assign::new(eni, Pick::any(1)).into();
        if engine.decide(now, &assign).is_ok() {
            largest.run(&mut engine, now, &assign);
        }
    }
    largest.judge();
}

/// Interfaces, subnets and tokens, made and deleted one by one
#[test]
fn a_command_that_makes_or_deletes_a_record_asks_for_little() {
    const INTERFACES: usize = 50_000;
    const SUBNETS: usize = 5_000;
    let mut engine = Bench::new("9.0.0.0/24").engine;
    let mut largest = Largest::default();
    let vpc = "vpc-1".parse().unwrap();
    let subnet = |at: usize| -> SubnetId { format!("subnet-x{at}").parse().unwrap() };
    let eni = |at: usize| -> InterfaceId { format!("eni-x{at}").parse().unwrap() };
    let mut run = |now, command: Command| {
        largest.run(&mut engine, Timestamp::from_millis(now), &command);
    };
    for at in 0..SUBNETS {
        let [_, _, high, low] = u32::try_from(at).unwrap().to_be_bytes();
        let cidr = format!("10.{high}.{low}.0/24").parse().unwrap();
        run(0, CreateSubnet::new(subnet(at), vpc, Profile::PLAIN).v4(cidr).into());
    }
    for at in 0..INTERFACES {
        let create = CreateInterface::new(eni(at), subnet(at % SUBNETS));
        let token = format!("token-{at}").parse().unwrap();
        let until = Timestamp::from_millis(1_000 + at as u64);
        run(0, Once::new(token, until, create).unwrap().into());
    }
    for at in 0..INTERFACES {
        run(1_000 + at as u64, DeleteInterface::new(eni(at)).into());
    }
    for at in 0..SUBNETS {
        run(100_000, DeleteSubnet::new(subnet(at)).into());
    }
    largest.judge();
}

#[test]
fn a_copy_and_the_first_write_after_it_ask_for_little() {
    let (mut engine, held) = full(&mut Largest::default());
    let (copy, copying) = counted(|| engine.clone());
    let (eni, address) = held[held.len() / 2];
    let release = Unassign::new(eni, [address]).into();
    let (decision, writing) = counted(|| engine.execute(Timestamp::ZERO, &release));
    assert!(decision.is_ok());
    assert_eq!(copy.owner("vpc-1".parse().unwrap(), address).unwrap().interface, eni);
    let bytes = [copying.bytes_total, writing.bytes_total];
    assert!(bytes.iter().all(|&bytes| bytes <= MOST), "{bytes:?} bytes to copy, and then to write");
}

/// What is vacant behind the last record was taken out of its chain at once, which copied every page of a table
#[test]
fn deleting_the_last_of_many_beside_a_copy_asks_for_little() {
    let mut bench = Bench::new("10.0.0.0/16");
    let enis: Vec<InterfaceId> =
        (0..20_000).map(|number| bench.interface(&format!("eni-{number}"))).collect();
    let mut engine = bench.engine;
    let delete = |interface| Command::from(DeleteInterface::new(interface));
    let (first, last) = (1, enis.len() - 1);
    for &eni in &enis[first..last] {
        engine.execute(Timestamp::ZERO, &delete(eni)).unwrap();
    }
    let copy = engine.clone();
    let mut largest = Largest::default();
    largest.run(&mut engine, Timestamp::ZERO, &delete(enis[last]));
    largest.judge();
    assert_eq!((engine.check(), copy.check()), (Ok(()), Ok(())));
}

/// All that was released together was listed at once when it had rested
#[test]
fn the_end_of_a_long_rest_asks_for_little() {
    let mut bench = Bench::new("10.0.0.0/16");
    let eni = bench.interface("eni-1");
    let all = Assign::new(eni, Pick::any(60_000)).into();
    let all = bench.engine.execute(Timestamp::ZERO, &all).unwrap();
    let rest = Rest::for_millis(5);
    let all: Vec<IpAddr> = all.answer().iter().collect();
    bench.run(&Unassign::new(eni, all).rest(rest).into());
    let mut largest = Largest::default();
    let later = Timestamp::from_millis(9);
    largest.run(&mut bench.engine, later, &Assign::new(eni, Pick::any(1)).into());
    // Pages of owners become thin, and then nothing.
    assert!(largest.bytes <= 8 * 60_000, "{} bytes", largest.bytes);
}
