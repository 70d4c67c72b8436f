//! What a command costs grows with what it says and what it meets, and not with the square of it
//!
//! Where bytes asked of the heap show it, they are counted: twice as much may ask for little more than twice
//! as many. Where nothing but steps does, the work is of such a size that it is done at once, and would take
//! minutes if it grew with the square; no time is asserted.

use std::net::{IpAddr, Ipv4Addr};

use ipam_core::reconcile::{Observed, Plan, Seen, Sightings, Terms, plan};
use ipam_core::*;

use super::bench::{Bench, subnet};
use super::counted::counted;

const NOW: Timestamp = Timestamp::ZERO;

/// Fails unless twice as many ask for about twice as many bytes: a map's nodes are never all full
#[track_caller]
fn grows_with(few: u32, bytes: impl Fn(u32) -> u64) {
    let [some, many] = [few, 2 * few].map(bytes);
    assert!(many * 10 <= some * 23, "{some} bytes for {few}, and {many} for {}", 2 * few);
}

fn v4(offset: u32) -> IpAddr {
    Ipv4Addr::from(0x0a00_0000 | offset).into()
}

fn eni() -> InterfaceId {
    "eni-1".parse().unwrap()
}

fn reserve(first: u32, last: u32, kind: Reservation) -> Command {
    let range = AddrRange::new(v4(first), v4(last)).unwrap();
    ReserveRange::new(subnet(), range).kind(kind).into()
}

/// A subnet with `eni-1`, in which every eighth address, up to the last, is another's
fn combed(cidr: &str, size: u32, indices: Indices) -> Bench {
    let mut bench = Bench::new(cidr);
    bench.interface("eni-1");
    let other = bench.interface("eni-other");
    let list = (1..size / 8).map(|number| v4(8 * number)).chain([v4(size - 2)]);
    bench.run(&Assign::new(other, Pick::these(list)).into());
    bench.run(&SetIndices::new(subnet(), indices).into());
    bench
}

/// Bytes asked for to decide commands together, and to apply what was decided
fn together(bench: &mut Bench, commands: &[Command]) -> [u64; 2] {
    let (decision, deciding) = counted(|| bench.engine.decide_all(NOW, commands).unwrap());
    let ((), applying) = counted(|| bench.engine.apply(decision.event().unwrap()).unwrap());
    bench.engine.check().unwrap();
    [deciding.bytes_total, applying.bytes_total]
}

/// Decides commands together and applies that, beside them one by one
fn as_one_by_one(mut bench: Bench, commands: &[Command]) {
    let decision = bench.engine.decide_all(NOW, commands).unwrap();
    let mut apart = bench.engine.clone();
    for (index, command) in commands.iter().enumerate() {
        let alone = apart.execute(NOW, command).unwrap();
        assert_eq!(decision.answer_to(index), Some(alone.answer()), "{index}");
    }
    bench.engine.apply(decision.event().unwrap()).unwrap();
}

/// One hold of an address of each of so many subnets
fn hold_of_each(count: u32) -> [u64; 2] {
    let mut bench = Bench::new("9.0.0.0/24");
    let eni = bench.interface("eni-1");
    let ids = (0..count).map(|number| format!("subnet-{number:06}x"));
    let ids: Vec<SubnetId> = ids.map(|id| id.parse().unwrap()).collect();
    for (number, id) in (0..).zip(&ids) {
        bench.subnet(id.as_str(), &format!("{}/28", v4(16 * number)));
    }
    let hold = Hold::until(NOW.after(100));
    let each = Assign::new(eni, Pick::any(1)).from_each(ids).hold(hold).into();
    together(&mut bench, &[Assign::new(eni, Pick::any(1)).into(), each])
}

#[test]
fn to_decide_a_hold_of_each_of_many_subnets() {
    grows_with(1_000, |count| hold_of_each(count)[0]);
}

#[test]
fn to_apply_a_hold_of_each_of_many_subnets() {
    grows_with(1_000, |count| hold_of_each(count)[1]);
}

/// Any one, so many times, by a policy with its index
fn any_one(count: u32, policy: Policy) -> [u64; 2] {
    let mut bench = combed("10.0.0.0/16", 1 << 16, Indices::ALL);
    let one = Assign::new(eni(), Pick::any(1).by(policy));
    together(&mut bench, &vec![one.into(); count as usize])
}

#[test]
fn to_decide_any_one_at_random_many_times() {
    grows_with(1_000, |count| any_one(count, Policy::Random { seed: 7 })[0]);
}

#[test]
fn to_apply_any_one_at_random_many_times() {
    grows_with(1_000, |count| any_one(count, Policy::Random { seed: 7 })[1]);
}

/// A reservation for prefixes and a prefix, in turns
fn reserve_and_take(count: u32) -> [u64; 2] {
    let mut bench = Bench::new("10.0.0.0/16");
    let eni = bench.interface("eni-1");
    let pair = |number: u32| {
        let first = 1 << 15 | (8 * number);
        let prefix = Assign::new(eni, Pick::any_prefixes(31, 1)).into();
        [reserve(first, first + 3, Reservation::PrefixOnly), prefix]
    };
    let commands: Vec<Command> = (0..count).flat_map(pair).collect();
    together(&mut bench, &commands)
}

#[test]
fn to_decide_reservations_and_prefixes_in_turns() {
    grows_with(500, |count| reserve_and_take(count)[0]);
}

#[test]
fn to_apply_reservations_and_prefixes_in_turns() {
    grows_with(500, |count| reserve_and_take(count)[1]);
}

#[test]
fn contiguous_ranges_many_times_are_one_quick_batch() {
    let bench = combed("10.0.0.0/12", 1 << 20, Indices::NONE);
    let range = Assign::new(eni(), Pick::any(4).contiguous());
    as_one_by_one(bench, &vec![range.into(); 30_000]);
}

#[test]
fn any_one_sparsely_many_times_is_one_quick_batch() {
    let mut bench = Bench::new("10.0.0.0/12");
    let eni = bench.interface("eni-1");
    // Up to here there is a bitmap, and its index.
    bench.run(&Assign::new(eni, Pick::these([v4((1 << 20) - 2)])).into());
    bench.run(&SetIndices::new(subnet(), Indices::BLOCKS).into());
    let one = Assign::new(eni, Pick::any(1).by(Policy::Sparse));
    as_one_by_one(bench, &vec![one.into(); 30_000]);
}

#[test]
fn many_prefixes_beside_many_reservations_are_chosen_quickly() {
    let mut bench = Bench::new("10.0.0.0/8");
    let eni = bench.interface("eni-1");
    for number in 0..100_000 {
        bench.run(&reserve(4 * number + 1, 4 * number + 1, Reservation::Hard));
    }
    let prefixes = Assign::new(eni, Pick::any_prefixes(31, 10_000)).into();
    let decision = bench.engine.decide(NOW, &prefixes).unwrap();
    assert_eq!(decision.answer().prefixes().count(), 10_000);
}

#[test]
fn the_impact_of_a_reservation_beside_many_is_found_quickly() {
    let mut bench = Bench::new("10.0.0.0/8");
    for number in 0..80_000 {
        bench.run(&reserve(4 * number + 1, 4 * number + 1, Reservation::Hard));
    }
    for number in 0..80_000 {
        let one = reserve(4 * number + 3, 4 * number + 3, Reservation::Hard);
        assert!(bench.engine.at(NOW).impact(&one).blocking().next().is_none());
    }
}

/// So many interfaces, each seen with its two roles swapped
fn swapped(count: u32) -> Plan {
    let mut bench = Bench::new("10.0.0.0/8");
    let mut seen = Vec::new();
    for number in 0..count {
        let eni = bench.interface(&format!("eni-{number:07}"));
        let (one, other) = (v4(2 * number + 1), v4(2 * number + 2));
        bench.run(&Assign::new(eni, Pick::these([Wanted::primary(one), other.into()])).into());
        seen.extend([Seen::secondary(eni, one), Seen::primary(eni, other)]);
    }
    let observed = Observed::in_vpc("vpc-1".parse().unwrap(), seen);
    plan(&bench.engine, NOW, &observed, &Terms::network(), &mut Sightings::new())
}

#[test]
fn many_roles_that_are_swapped_are_planned_quickly() {
    let plan = swapped(200_000);
    assert_eq!((plan.steps.len(), plan.implied.len()), (200_000, 200_000));
}

/// Resolving a hold of each of many subnets, some of whose addresses were observed
#[test]
fn to_resolve_a_hold_of_each_of_many_subnets() {
    let resolve = |count: u32| {
        let mut bench = Bench::new("10.255.0.0/24");
        let eni = bench.interface("eni-1");
        let vpc = bench.engine.vpcs().next().unwrap();
        let ids: Vec<SubnetId> =
            (0..count).map(|number| format!("part-{number}").parse().unwrap()).collect();
        for (number, &id) in (0..).zip(&ids) {
            let cidr = format!("10.{}.{}.0/28", number / 256, number % 256).parse().unwrap();
            bench.run(&CreateSubnet::new(id, vpc, Profile::PLAIN).cidr(cidr).into());
        }
        let hold = Hold::until(Timestamp::from_millis(9));
        let assign = Assign::new(eni, Pick::any(1)).from_each(ids).hold(hold);
        let decision = bench.engine.execute(NOW, &assign.into()).unwrap();
        let seen: Vec<IpAddr> = decision.answer().iter().step_by(2).collect();
        let resolve = Resolve::new(decision.task().unwrap(), seen).into();
        counted(|| bench.engine.execute(NOW, &resolve).unwrap()).1.bytes_total
    };
    grows_with(500, resolve);
}
