//! Is an aligned /28 free? Asked of a half-full subnet that has none

use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr};

use ipam_core::ipnet::{Ipv4Net, Ipv6Net};
use ipam_core::{
    AddrRange, Assign, Command, CreateInterface, CreateSubnet, CreateVpc, Engine, Family, Indices,
    InterfaceId, Pick, Profile, ReserveRange, SetIndices, SubnetId, Timestamp, VpcId,
};

use super::questions::half;
use super::trace::Pattern;
use crate::peers::Blocks;
use crate::support::measure::{Work, timed};

/// Addresses in a block
const BLOCK: usize = 16;

/// First address of the subnet
const BASE: u32 = 10 << 24;

/// A half-full random subnet without a free aligned /28: of each that chance left, one more is taken
pub(crate) fn no_block(prefix: u8) -> Pattern {
    let mut pattern = half(prefix);
    let blocks = pattern.free.chunk_by(|one, next| one / BLOCK as u32 == next / BLOCK as u32);
    let whole = blocks.filter(|block| block.len() == BLOCK);
    let more: Vec<u32> = whole.map(|block| block[0]).collect();
    pattern.free.retain(|at| more.binary_search(at).is_err());
    pattern.taken.extend(more);
    pattern
}

/// Asks a peer to take one
pub(crate) fn peer<A: Blocks + 'static>(pattern: &Pattern) -> Work {
    let mut set = A::with_free(pattern.size, &pattern.runs());
    let times = often(pattern);
    Box::new(move || {
        let mut found = 0;
        let sample = timed(times, || {
            for _ in 0..times {
                found += usize::from(black_box(&mut set).take_block().is_some());
            }
        });
        assert_eq!(found, 0, "{} finds a block where there is none", A::NAME);
        sample
    })
}

/// Asks our engine, by the subnet's id, with or without an index
pub(crate) fn ours(pattern: &Pattern, indices: Indices) -> Work {
    let (engine, subnet) = with_taken(pattern, indices);
    let times = if indices == Indices::BLOCKS { 1024 } else { often(pattern) };
    Box::new(move || {
        let mut found = 0;
        let sample = timed(times, || {
            for _ in 0..times {
                let block = black_box(&engine).free_block(black_box(subnet), Family::V4, 28);
                found += usize::from(block.is_some());
            }
        });
        assert_eq!(found, 0, "ours finds a block where there is none");
        sample
    })
}

/// Asks our engine where a /80 fits best in a /64 that has 10,000 of them withheld, and 100,000 single
/// addresses assigned among them
pub(crate) fn far(indices: Indices) -> Work {
    const APART: u128 = 1 << 49;
    let base = 0x2001_0db8u128 << 96;
    let (vpc, subnet) = ("vpc-1".parse().unwrap(), "subnet-1".parse().unwrap());
    let interface: InterfaceId = "eni-1".parse().unwrap();
    let mut engine = Engine::new();
    let mut give = |command: Command| {
        engine.execute(Timestamp::ZERO, &command).unwrap();
    };
    give(CreateVpc::new(vpc).into());
    let cidr = Ipv6Net::new(base.into(), 64).unwrap();
    give(CreateSubnet::new(subnet, vpc, Profile::PLAIN).v6(cidr).into());
    give(CreateInterface::new(interface, subnet).into());
    give(SetIndices::new(subnet, indices).into());
    let address = |at: u128| IpAddr::V6((base + at).into());
    for number in 1..=10_000 {
        let first = number * APART;
        let range = AddrRange::new(address(first), address(first + APART / 2 - 1)).unwrap();
        give(ReserveRange::new(subnet, range).into());
    }
    // Ten in the /80 above each: so none of those is whole.
    let singles = (0..100_000).map(|of| (of / 10 + 1) * APART + APART / 2 + of % 10 * 1000);
    give(Assign::new(interface, Pick::these(singles.map(address))).into());
    let times = if indices == Indices::BLOCKS { 1024 } else { 1 };
    Box::new(move || {
        let mut found = 0;
        let sample = timed(times, || {
            for _ in 0..times {
                let block = black_box(&engine).free_block(black_box(subnet), Family::V6, 80);
                found += usize::from(block.is_some());
            }
        });
        assert_eq!(found, times, "there are /80 beyond them");
        sample
    })
}

/// Times in a chunk, where one answer costs as much as the subnet is wide
fn often(pattern: &Pattern) -> usize {
    ((1 << 20) / pattern.size as usize).max(1)
}

/// An engine with a subnet in which these addresses are assigned by name
fn with_taken(pattern: &Pattern, indices: Indices) -> (Engine, SubnetId) {
    let vpc: VpcId = "vpc-1".parse().unwrap();
    let subnet: SubnetId = "subnet-1".parse().unwrap();
    let interface: InterfaceId = "eni-1".parse().unwrap();
    let mut profile = Profile::PLAIN;
    // As its peers have it: no address is withheld.
    (profile.v4.first, profile.v4.last) = (0, 0);
    let prefix = 32 - pattern.size.trailing_zeros() as u8;
    let cidr = Ipv4Net::new(BASE.into(), prefix).unwrap();
    let address = |&at: &u32| IpAddr::V4(Ipv4Addr::from_bits(BASE + at));
    let mut engine = Engine::new();
    let mut give = |command: Command| {
        engine.execute(Timestamp::ZERO, &command).unwrap();
    };
    give(CreateVpc::new(vpc).into());
    give(CreateSubnet::new(subnet, vpc, profile).v4(cidr).into());
    give(CreateInterface::new(interface, subnet).into());
    give(SetIndices::new(subnet, indices).into());
    for list in pattern.taken.chunks(1 << 16) {
        give(Assign::new(interface, Pick::these(list.iter().map(address))).into());
    }
    (engine, subnet)
}
