//! What does an address cost under each policy, the fuller the subnet? See README.md
//!
//! A /16 of which a random part is assigned: so much of the time of one decision, and of a release at a random
//! place with the assignment after it, each with the indices declared and without. `cargo bench --bench
//! policies -- 12` takes a /12 instead. Last comes the refusal of a prefix, in a /8 and in a /24.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "benches"
)]

#[expect(dead_code, reason = "each benchmark asks some of the questions")]
mod support;

use std::net::{IpAddr, Ipv4Addr};
use std::time::Instant;

use ipam_core::{
    Assign, Command, CreateInterface, CreateSubnet, CreateVpc, Engine, Family, Indices,
    InterfaceId, Pick, Policy, Profile, Rest, SetIndices, SetPolicy, Timestamp, Unassign,
};
use support::random::Random;

/// Parts of 10,000 that are assigned
const FULL: [u32; 4] = [5_000, 9_000, 9_900, 9_999];

/// Most that one row may take, and the operations that are timed at a time
const MILLIS: u128 = 40;
const CHUNK: u32 = 64;

struct Bench {
    engine: Engine,
    interface: InterfaceId,
    assigned: Vec<IpAddr>,
    random: Random,
}

impl Bench {
    fn new(prefix: u8, full: u32, policy: Policy, indices: Indices) -> Self {
        let (vpc, subnet, interface) =
            ("vpc-1".parse().unwrap(), "subnet-1".parse().unwrap(), "eni-1".parse().unwrap());
        let cidr = format!("10.0.0.0/{prefix}").parse().unwrap();
        let mut bench =
            Self { engine: Engine::new(), interface, assigned: Vec::new(), random: Random::new(1) };
        bench.run(CreateVpc::new(vpc));
        bench.run(CreateSubnet::new(subnet, vpc, Profile::PLAIN).v4(cidr));
        bench.run(CreateInterface::new(interface, subnet));
        bench.run(SetIndices::new(subnet, indices));
        let all = 1u32 << (32 - prefix);
        // What is released below is then known to have been.
        bench.run(SetPolicy::new(subnet, policy));
        bench.run(Assign::new(interface, Pick::any(all - 2).by(Policy::Lowest)));
        let mut all: Vec<IpAddr> =
            (1..all - 1).map(|at| Ipv4Addr::from(0x0a00_0000 + at).into()).collect();
        bench.random.shuffle(&mut all);
        let keep = all.len() * full as usize / 10_000;
        let free = all.split_off(keep);
        bench.assigned = all;
        for some in free.chunks(1 << 16) {
            bench.run(Unassign::new(interface, some.to_vec()));
        }
        bench
    }

    fn run(&mut self, command: impl Into<Command>) {
        self.engine.execute(Timestamp::ZERO, &command.into()).unwrap();
    }

    /// Nanoseconds of one decision
    fn decide(&self, pick: &Pick) -> f64 {
        let command = Assign::new(self.interface, pick.clone()).into();
        median(|| {
            let start = Instant::now();
            for _ in 0..CHUNK {
                std::hint::black_box(self.engine.decide(Timestamp::ZERO, &command)).ok();
            }
            start.elapsed().as_nanos() as f64 / f64::from(CHUNK)
        })
    }

    /// Nanoseconds of a release and an assignment
    fn churn(&mut self) -> f64 {
        let assign = Assign::new(self.interface, Pick::any(1)).into();
        median(|| {
            let mut nanos = 0;
            for _ in 0..CHUNK {
                let at = self.random.below(self.assigned.len());
                let old = [self.assigned[at]];
                let release = Unassign::new(self.interface, old).rest(Rest::for_millis(0)).into();
                let start = Instant::now();
                self.engine.execute(Timestamp::ZERO, &release).unwrap();
                let decision = self.engine.execute(Timestamp::ZERO, &assign).unwrap();
                nanos += start.elapsed().as_nanos();
                self.assigned[at] = decision.answer().iter().next().unwrap();
            }
            nanos as f64 / f64::from(CHUNK)
        })
    }
}

/// The median of as many chunks as there is time for
fn median(mut chunk: impl FnMut() -> f64) -> f64 {
    let start = Instant::now();
    let mut times = vec![chunk()];
    while start.elapsed().as_millis() < MILLIS {
        times.push(chunk());
    }
    times.sort_unstable_by(f64::total_cmp);
    times[times.len() / 2]
}

fn row(name: &str, what: &str, times: impl Iterator<Item = f64>) {
    let times: Vec<String> = times.map(|time| format!("{time:>9.0}")).collect();
    println!("| {name:<28} | {what:<20} | {} |", times.join(" | "));
}

fn main() {
    let prefix = std::env::args().find_map(|text| text.parse().ok()).unwrap_or(16);
    let full = FULL.map(|full| format!("{:>8}%", f64::from(full) / 100.0));
    println!("ns in a /{prefix} that is so full");
    println!("| {:<28} | {:<20} | {} |", "policy", "operation", full.join(" | "));
    println!("|---|---|---|---|---|---|");
    let policies = [
        ("Lowest", Policy::Lowest, Indices::NONE),
        ("Next", Policy::Next, Indices::NONE),
        ("From", Policy::From { offset: 1 << (31 - prefix) }, Indices::NONE),
        ("Random", Policy::Random { seed: 1 }, Indices::RANKS),
        ("LongestReleased", Policy::LongestReleased, Indices::NONE),
        ("Dense", Policy::Dense, Indices::BLOCKS),
        ("Sparse", Policy::Sparse, Indices::BLOCKS),
    ];
    for (name, policy, indices) in policies {
        let both = [(indices, " indexed"), (Indices::NONE, "")];
        for (indices, said) in both.into_iter().skip(usize::from(indices == Indices::NONE)) {
            let bench = |full| Bench::new(prefix, full, policy, indices);
            let name = format!("{name}{said}");
            row(&name, "decide", FULL.into_iter().map(|full| bench(full).decide(&Pick::any(1))));
            row(&name, "release and assign", FULL.into_iter().map(|full| bench(full).churn()));
        }
    }
    for (indices, said) in [(Indices::RANKS, " indexed"), (Indices::NONE, "")] {
        for count in [4, 64] {
            let pick = Pick::any(count).contiguous();
            let bench = |full| Bench::new(prefix, full, Policy::Lowest, indices);
            let name = format!("{count} contiguous{said}");
            row(&name, "decide, or refuse", FULL.into_iter().map(|full| bench(full).decide(&pick)));
        }
    }
    let [large, small] = [8, 24].map(refuse_a_prefix);
    println!("\nno /28 is free in a half-full random block, index declared: refused (705)");
    println!("/8: {large:.0} ns, /24: {small:.0} ns, {:.2}x", large / small);
}

/// Nanoseconds of refusing a /28 where half is free, and no /28
fn refuse_a_prefix(prefix: u8) -> f64 {
    let mut bench = Bench::new(prefix, 5_000, Policy::Lowest, Indices::BLOCKS);
    let subnet = "subnet-1".parse().unwrap();
    while let Some(block) = bench.engine.free_block(subnet, Family::V4, 28) {
        bench.run(Assign::new(bench.interface, Pick::these([block.addr()])));
    }
    let pick = Pick::any_prefixes(28, 1);
    let refused =
        bench.engine.decide(Timestamp::ZERO, &Assign::new(bench.interface, pick.clone()).into());
    assert_eq!(refused.unwrap_err().code(), 705);
    bench.decide(&pick)
}
