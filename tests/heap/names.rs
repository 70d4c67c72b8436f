//! What long names cost: each its own length, once

use ipam_core::*;

use super::bench::{Bench, subnet};
use super::counted::counted;

/// Interfaces whose names have so many bytes
fn ids(length: usize) -> Vec<InterfaceId> {
    (0..1_000).map(|number| format!("{number:0length$}").parse().unwrap()).collect()
}

/// An engine with interfaces whose names have so many bytes
fn engine(length: usize) -> Bench {
    let mut bench = Bench::new("10.0.0.0/16");
    for id in ids(length) {
        bench.run(&CreateInterface::new(id, subnet()).into());
    }
    bench
}

#[test]
fn each_name_costs_its_own_length() {
    let mut bench = engine(4);
    // There is room for one more record.
    let spare: InterfaceId = "spare".parse().unwrap();
    bench.run(&CreateInterface::new(spare, subnet()).into());
    bench.run(&DeleteInterface::new(spare).into());
    for length in 1..=InterfaceId::MAX_LEN {
        let interface = "x".repeat(length).parse().unwrap();
        let mut heap = |command: &Command| {
            let (_, heap) = counted(|| bench.run(command));
            (heap.count_total, heap.bytes_current)
        };
        // The text, in whole words, and the count of those who share it.
        let beside = if length > 23 { 8 + length.next_multiple_of(8) } else { 0 };
        let beside = i64::try_from(beside).unwrap();
        let calls = u64::from(beside > 0);
        let create = CreateInterface::new(interface, subnet()).into();
        assert_eq!(heap(&create), (calls, beside), "{length}");
        assert_eq!(heap(&DeleteInterface::new(interface).into()), (0, -beside), "{length}");
    }
    for id in ids(4) {
        bench.run(&DeleteInterface::new(id).into());
    }
    bench.end();
}

/// Calls of the heap and bytes, of a copy and of the first write to it
fn copied(length: usize) -> [(u64, u64); 2] {
    let bench = engine(length);
    let (mut copy, cloning) = counted(|| bench.engine.clone());
    let set = SetQuota::new(ids(length)[7], Some(1)).into();
    let (_, writing) = counted(|| copy.execute(Timestamp::ZERO, &set).unwrap());
    [cloning, writing].map(|heap| (heap.count_total, heap.bytes_total))
}

#[test]
fn a_copy_shares_every_text() {
    assert_eq!(copied(64), copied(20));
}

/// Bytes that rests of so many addresses hold, each released alone, and tasks of as many
fn naming(length: usize) -> [i64; 2] {
    let mut bench = engine(length);
    let id = ids(length)[3];
    let rest = Rest::for_millis(1_000);
    let mut more = |command: &dyn Fn(u8) -> Command| {
        let before = bench.held;
        (1..=100).for_each(|last| bench.run(&command(last)));
        bench.held - before
    };
    let at = |last| [std::net::IpAddr::from([10, 0, 0, last])];
    more(&|last| Assign::new(id, Pick::these(at(last))).into());
    let rests = more(&|last| Unassign::new(id, at(last)).rest(rest).into());
    let hold = Hold::until(Timestamp::from_millis(1_000));
    let tasks = more(&|_| Assign::new(id, Pick::any(1)).hold(hold).into());
    bench.end();
    [rests, tasks]
}

#[test]
fn what_names_an_interface_shares_its_text() {
    assert_eq!(naming(64), naming(20));
}

#[test]
fn a_look_up_and_one_address_ask_for_nothing() {
    let mut bench = engine(64);
    let id = ids(64)[5];
    let assign = Assign::new(id, Pick::any(1)).into();
    let unassign = Unassign::new(id, [std::net::IpAddr::from([10, 0, 0, 2])]).into();
    bench.run(&assign);
    bench.run(&assign);
    for command in [&unassign, &assign, &unassign] {
        let (_, heap) = counted(|| bench.engine.execute(Timestamp::ZERO, command).unwrap());
        // A list of addresses that a command names is the caller's.
        assert_eq!(heap.count_total, 0);
    }
    let (found, heap) = counted(|| bench.engine.interface(id).is_some());
    assert_eq!((found, heap.count_total), (true, 0));
}
