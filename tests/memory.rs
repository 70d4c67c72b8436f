//! What engines cost in memory: every byte on the heap, counted as the allocator sees it

#![expect(clippy::unwrap_used, clippy::arithmetic_side_effects, reason = "tests")]

use std::alloc::System;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipam_core::*;
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

/// Counts what it is asked for, not what the system rounds that up to
#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Bytes on the heap
fn heap() -> usize {
    let stats = ALLOCATOR.stats();
    stats.bytes_allocated - stats.bytes_deallocated
}

/// Calls made to get memory, ever
fn calls() -> usize {
    let stats = ALLOCATOR.stats();
    stats.allocations + stats.reallocations
}

/// An engine with one VPC and `subnet-0` in it, and what it takes to ask more of it
struct Bench {
    engine: Engine,
    before: usize,
}

impl Bench {
    fn new(cidr: &str) -> Self {
        let before = heap();
        let mut bench = Self { engine: Engine::with_seed(7), before };
        let vpc = "vpc-1".parse().unwrap();
        bench.run(&Command::CreateVpc { vpc, cidrs: vec![] });
        bench.subnet("subnet-0", cidr);
        bench
    }

    fn run(&mut self, command: &Command) {
        self.engine.execute(Timestamp::ZERO, command).unwrap();
    }

    fn subnet(&mut self, id: &str, cidr: &str) {
        let vpc = "vpc-1".parse().unwrap();
        let request = CreateSubnet::new(id.parse().unwrap(), vpc, Profile::PLAIN);
        self.run(&match cidr.parse().unwrap() {
            ipnet::IpNet::V4(cidr) => request.v4(cidr).into(),
            ipnet::IpNet::V6(cidr) => request.v6(cidr).into(),
        });
    }

    fn interface(&mut self, id: &str) -> InterfaceId {
        let id = id.parse().unwrap();
        self.run(&CreateInterface::new(id, "subnet-0".parse().unwrap()).into());
        id
    }

    /// Bytes on the heap since before the engine
    fn held(&self) -> usize {
        heap() - self.before
    }
}

fn each(bytes: usize, count: usize) -> f64 {
    bytes as f64 / count as f64
}

/// Not a good random number: one that scatters
fn scatter(number: u64) -> u64 {
    let mixed = (number ^ (number >> 31)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9)
}

fn subnets_of_a_vpc() -> f64 {
    let count = 100_000;
    let before = heap();
    let mut bench = Bench::new("0.0.0.0/24");
    for number in 1..count {
        let [_, a, b, c] = u32::try_from(number).unwrap().to_be_bytes();
        bench.subnet(&format!("subnet-{number:08}"), &format!("{a}.{b}.{c}.0/24"));
    }
    let all = each(bench.held(), count);
    for number in 1..count {
        let subnet = format!("subnet-{number:08}").parse().unwrap();
        bench.run(&Command::DeleteSubnet { subnet });
    }
    let left = bench.held();
    assert!(left < 4096, "{left} bytes for one subnet, when 99,999 are gone");
    drop(bench);
    assert_eq!(heap(), before);
    all
}

/// Interfaces alone, and holding one address each
fn interfaces_of_a_subnet() -> (f64, f64) {
    let count = 1_000_000;
    let mut bench = Bench::new("10.0.0.0/8");
    let empty = bench.held();
    let interfaces: Vec<InterfaceId> =
        (0..count).map(|number| format!("eni-{number:017}").parse().unwrap()).collect();
    let ids = bench.held() - empty;
    let subnet = "subnet-0".parse().unwrap();
    for &id in &interfaces {
        bench.run(&CreateInterface::new(id, subnet).into());
    }
    let alone = bench.held() - empty - ids;
    for &id in &interfaces {
        bench.run(&Assign::new(id, Pick::any(1)).into());
    }
    let holding = bench.held() - empty - ids - alone;
    // Of a window of 2^20 addresses, all but a few are in use.
    (each(alone, count), each(holding, count))
}

fn a_full_net() -> f64 {
    let mut bench = Bench::new("10.0.0.0/8");
    let eni = bench.interface("eni-1");
    let free = |engine: &Engine| {
        let usage = engine.usage(Timestamp::ZERO, "subnet-0".parse().unwrap()).unwrap();
        u32::try_from(usage.v4.unwrap().free).unwrap()
    };
    while free(&bench.engine) > 0 {
        let count = free(&bench.engine).min(Assign::MAX_ADDRESSES);
        bench.run(&Assign::new(eni, Pick::any(count)).into());
    }
    each(bench.held(), 1 << 24)
}

fn scattered_addresses() -> f64 {
    let count = 1_000_000;
    let mut bench = Bench::new("2001:db8::/64");
    let eni = bench.interface("eni-1");
    let base = u128::from("2001:db8::".parse::<Ipv6Addr>().unwrap());
    for number in 1..=count as u64 {
        let address = IpAddr::from(Ipv6Addr::from(base | u128::from(scatter(number))));
        bench.run(&Assign::new(eni, Pick::these([address])).into());
    }
    let all = each(bench.held(), count);
    bench.run(&Command::DeleteInterface { interface: eni });
    let left = bench.held();
    assert!(left < 4096, "{left} bytes for one subnet, when its addresses are gone");
    all
}

/// Calls to the allocator while addresses come and go, a hundred times each
fn coming_and_going() -> usize {
    let mut bench = Bench::new("10.0.0.0/16");
    let eni = bench.interface("eni-1");
    let assign: Command = Assign::new(eni, Pick::any(1)).into();
    let unassign: Command = Unassign::new(eni, [Ipv4Addr::new(10, 0, 0, 1)]).into();
    for _ in 0..2 {
        bench.run(&assign);
        bench.run(&unassign);
    }
    let before = calls();
    for _ in 0..100 {
        bench.run(&assign);
        bench.run(&unassign);
    }
    calls() - before
}

/// Targets that stand on how a subnet's space is kept are asserted at what is reached today
#[test]
fn memory_is_what_is_in_use() {
    let bench = Bench::new("10.0.0.0/24");
    let least = bench.held();
    drop(bench);
    let calls = coming_and_going();
    let subnets = subnets_of_a_vpc();
    let (alone, holding) = interfaces_of_a_subnet();
    let full = a_full_net();
    let scattered = scattered_addresses();
    println!("an engine with one subnet:                        {least:7} bytes");
    println!("a subnet of 100,000, /24, empty:                  {subnets:7.2} bytes");
    println!("an interface of 1,000,000, without addresses:     {alone:7.2} bytes");
    println!("... more, holding one address, with owner and bit: {holding:6.2} bytes");
    println!("an address of a full /8:                          {full:7.2} bytes");
    println!("an address of 1,000,000 scattered over a /64:     {scattered:7.2} bytes");
    println!("allocations in 100 rounds of one address:         {calls:7}");
    assert!(least < 4096);
    assert!(alone <= 128.0);
    assert!(holding <= 21.5);
    assert!(full <= 21.0);
    // To be 256 and 72.
    assert!(subnets <= 444.0);
    assert!(scattered <= 98.0);
    // The space's bitmap, which it gives back each time; to be none.
    assert!(calls <= 200);
}
