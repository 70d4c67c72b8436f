//! That comparing with the network asks the heap for bytes in proportion to what was seen

use std::net::{IpAddr, Ipv4Addr};

use ipam_core::reconcile::{Observed, Seen, differences};
use ipam_core::*;

use super::bench::Bench;
use super::counted::counted;

const NOW: Timestamp = Timestamp::ZERO;
const LATER: Timestamp = Timestamp::from_millis(1_000);

/// Addresses of 10.0.0.0/16, no two of them neighbours
fn scattered(count: u32) -> Vec<IpAddr> {
    (1..=count).map(|number| Ipv4Addr::from(0x0a00_0000 + 2 * number).into()).collect()
}

/// Fails unless four times as many ask for about four times as many bytes: a map's nodes are never all full
#[track_caller]
fn is_proportional(bytes: impl Fn(u32) -> u64) {
    let [few, many] = [512, 2_048].map(bytes);
    assert!(many <= 5 * few, "{few} bytes for 512, and {many} for 2,048");
}

/// Bytes asked for to compare, where all of these were seen on an interface
fn compared(
    engine: &Engine,
    now: Timestamp,
    interface: InterfaceId,
    all: &[IpAddr],
    found: usize,
) -> u64 {
    let seen = all.iter().map(|&address| Seen::new(interface, address));
    let observed = Observed::in_vpc("vpc-1".parse().unwrap(), seen);
    let (differences, heap) = counted(|| differences(engine, now, &observed));
    assert_eq!(differences.len(), found);
    heap.bytes_total
}

#[test]
fn a_scattered_hold_that_was_seen_is_looked_at_once() {
    is_proportional(|count| {
        let mut bench = Bench::new("10.0.0.0/16");
        let (eni, all) = (bench.interface("eni-1"), scattered(count));
        let pick = Pick::these(all.clone());
        bench.run(&Assign::new(eni, pick).hold(Hold::until(LATER)).into());
        compared(&bench.engine, NOW, eni, &all, 1)
    });
}

#[test]
fn each_of_many_holds_that_were_seen_is_looked_at_once() {
    is_proportional(|count| {
        let mut bench = Bench::new("10.0.0.0/16");
        let (eni, all) = (bench.interface("eni-1"), scattered(count));
        for pair in all.chunks(2) {
            let pick = Pick::these(pair.to_vec());
            bench.run(&Assign::new(eni, pick).hold(Hold::until(LATER)).into());
        }
        compared(&bench.engine, NOW, eni, &all, all.len() / 2)
    });
}

#[test]
fn what_is_due_and_not_swept_is_looked_at_once() {
    is_proportional(|count| {
        let mut bench = Bench::new("10.0.0.0/16");
        let (eni, all) = (bench.interface("eni-1"), scattered(count));
        bench.run(&Assign::new(eni, Pick::these(all.clone())).into());
        let rest = Rest::for_millis(LATER.millis());
        for &address in &all {
            bench.run(&Unassign::new(eni, [address]).rest(rest).into());
        }
        compared(&bench.engine, LATER, eni, &all, all.len())
    });
}
