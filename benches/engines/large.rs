//! Large worlds, ours alone: many subnets and interfaces, a wide subnet, IPv6; and bare memory beside them

use std::hint::black_box;
use std::net::{IpAddr, Ipv6Addr};

use ipam_core::ipnet::{IpNet, Ipv4Net};
use ipam_core::{
    Assign, Command, CreateInterface, CreateSubnet, CreateVpc, Engine, InterfaceId, Pick, Primary,
    Profile, SubnetId, VpcId,
};

use super::contender::NOW;
use super::work::Requests;
use super::world::{BASE, interface_id, name, subnet_id};
use crate::support::measure::{Work, timed};
use crate::support::random::Random;

/// Steps in a chunk
const CHUNK: usize = 1024;

/// An engine, and one address of each of its interfaces
pub(crate) struct Large {
    pub(crate) engine: Engine,
    pub(crate) interfaces: Vec<InterfaceId>,
    pub(crate) held: Vec<IpAddr>,
}

pub(crate) fn vpc_id() -> VpcId {
    name("vpc-", 1).parse().unwrap()
}

/// An engine with a VPC and nothing in it
pub(crate) fn bare() -> Engine {
    let mut engine = Engine::new();
    give(&mut engine, &CreateVpc::new(vpc_id()).into());
    engine
}

pub(crate) fn give(engine: &mut Engine, command: &Command) -> Option<IpAddr> {
    engine.execute(NOW, command).unwrap().answer().iter().next()
}

pub(crate) fn create_subnet(engine: &mut Engine, subnet: SubnetId, cidr: IpNet) {
    give(engine, &CreateSubnet::new(subnet, vpc_id(), Profile::PLAIN).cidr(cidr).into());
}

/// So many subnets of a /24
pub(crate) fn create_subnets(engine: &mut Engine, count: usize) {
    for number in 0..count {
        let first = BASE + number as u32 * 256;
        let cidr = Ipv4Net::new(first.into(), 24).unwrap();
        create_subnet(engine, subnet_id(number), cidr.into());
    }
}

/// So many interfaces without addresses, dealt to the subnets
pub(crate) fn create_interfaces(engine: &mut Engine, count: usize, subnets: usize) {
    for number in 0..count {
        let home = subnet_id(number % subnets);
        give(engine, &CreateInterface::new(interface_id(number), home).into());
    }
}

impl Large {
    /// So many subnets of a /24, so many interfaces with one address each
    pub(crate) fn subnets(subnets: usize, interfaces: usize) -> Self {
        let mut engine = bare();
        create_subnets(&mut engine, subnets);
        Self::with_interfaces(engine, subnets, interfaces)
    }

    /// One subnet of a /8
    pub(crate) fn wide(interfaces: usize) -> Self {
        let mut engine = bare();
        create_subnet(&mut engine, subnet_id(0), "10.0.0.0/8".parse().unwrap());
        Self::with_interfaces(engine, 1, interfaces)
    }

    fn with_interfaces(mut engine: Engine, subnets: usize, count: usize) -> Self {
        let interfaces: Vec<InterfaceId> = (0..count).map(interface_id).collect();
        let mut held = Vec::with_capacity(count);
        for (number, &id) in interfaces.iter().enumerate() {
            let create = CreateInterface::new(id, subnet_id(number % subnets));
            held.extend(give(&mut engine, &create.into()));
            held.extend(give(&mut engine, &Assign::new(id, Pick::any(1)).into()));
        }
        Self { engine, interfaces, held }
    }

    /// Assigns one to a random interface and releases the one of a random other; per such pair
    pub(crate) fn churn(mut self) -> Work {
        let count = self.interfaces.len();
        let mut random = Random::new(7);
        let mut to: Vec<usize> = (0..count).collect();
        let mut from = to.clone();
        let mut requests = Requests::new();
        let mut at = count;
        let mut next = self.held.clone();
        Box::new(move || {
            // Each pass gives every interface one address and takes its old one, in two random orders.
            if at + CHUNK > count {
                assert!(at == count, "a pass is whole chunks");
                at = 0;
                random.shuffle(&mut to);
                random.shuffle(&mut from);
                self.held.clone_from(&next);
            }
            let (given, taken) = (&to[at..][..CHUNK], &from[at..][..CHUNK]);
            let inputs: Vec<_> = given
                .iter()
                .zip(taken)
                .map(|(&to, &from)| (self.interfaces[to], self.interfaces[from], self.held[from]))
                .collect();
            let mut answers = Vec::with_capacity(CHUNK);
            let engine = &mut self.engine;
            let sample = timed(CHUNK, || {
                for &(to, from, address) in &inputs {
                    let assigned = &engine.execute(NOW, requests.assign(to));
                    answers.extend(assigned.iter().flat_map(|of| of.answer().iter()));
                    assert!(engine.execute(NOW, requests.release(from, address)).is_ok());
                }
            });
            assert_eq!(answers.len(), CHUNK, "an assignment is refused");
            for (&to, answer) in given.iter().zip(answers) {
                next[to] = answer;
            }
            at += CHUNK;
            sample
        })
    }
}

/// Addresses of an IPv6 /64: the lowest ones in order, or anywhere
pub(crate) fn v6_addresses(count: usize, random: bool) -> Vec<IpAddr> {
    let base = 0x2001_0db8_u128 << 96;
    let mut numbers = Random::new(8);
    let host = |index: usize| if random { numbers.next().max(1) } else { index as u64 + 1 };
    let address = |host: u64| IpAddr::V6(Ipv6Addr::from_bits(base | u128::from(host)));
    (0..count).map(host).map(address).collect()
}

/// An engine with an IPv6 /64 and so many interfaces
pub(crate) fn v6(interfaces: usize) -> (Engine, Vec<InterfaceId>) {
    let mut engine = bare();
    create_subnet(&mut engine, subnet_id(0), "2001:db8::/64".parse().unwrap());
    create_interfaces(&mut engine, interfaces, 1);
    (engine, (0..interfaces).map(interface_id).collect())
}

/// Deals addresses to interfaces by name, a thousand a command
pub(crate) fn deal(engine: &mut Engine, interfaces: &[InterfaceId], addresses: &[IpAddr]) {
    for (list, &id) in addresses.chunks(1000).zip(interfaces.iter().cycle()) {
        give(engine, &Assign::new(id, Pick::these(list.iter().copied())).into());
    }
}

/// Releases a random address of an IPv6 /64 and assigns it again by name; per such pair
pub(crate) fn v6_churn(
    mut engine: Engine,
    interfaces: Vec<InterfaceId>,
    addresses: Vec<IpAddr>,
) -> Work {
    let mut random = Random::new(9);
    let mut requests = Requests::new();
    let owner = move |index: usize| interfaces[index / 1000 % interfaces.len()];
    Box::new(move || {
        let inputs: Vec<(InterfaceId, IpAddr)> = (0..CHUNK)
            .map(|_| random.below(addresses.len()))
            .map(|index| (owner(index), addresses[index]))
            .collect();
        let mut done = 0;
        let sample = timed(CHUNK, || {
            for &(id, address) in &inputs {
                done += u32::from(engine.execute(NOW, requests.release(id, address)).is_ok());
                done += u32::from(engine.execute(NOW, requests.assign_named(id, address)).is_ok());
            }
        });
        assert_eq!(done as usize, 2 * CHUNK);
        sample
    })
}

/// Random loads, each of an address that the one before it tells, in so many bytes; per load
pub(crate) fn loads(bytes: usize) -> Work {
    // Written, so that the pages are there.
    let cells = vec![black_box(7u64); bytes / size_of::<u64>()];
    let mut at = 1u64;
    Box::new(move || {
        timed(CHUNK, || {
            for _ in 0..CHUNK {
                let place = (u128::from(at) * cells.len() as u128) >> 64;
                at = at.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(cells[place as usize]);
            }
            black_box(at);
        })
    })
}

/// A wide subnet filled to the last address by count
pub(crate) fn fill_whole(engine: &mut Engine, interfaces: &[InterfaceId], total: usize) {
    let each = total.div_ceil(interfaces.len());
    let mut left = total;
    for &id in interfaces {
        let count = each.min(left);
        left -= count;
        if count > 0 {
            give(engine, &Assign::new(id, Pick::any(count as u32)).into());
        }
    }
}

/// The last address of a prefix that its rules leave, assigned by name
pub(crate) fn far_end(cidr: IpNet) -> Engine {
    let mut engine = bare();
    let mut profile = Profile::PLAIN;
    (profile.v4.first, profile.v4.last) = (0, 0);
    profile.v6.first = 0;
    give(&mut engine, &CreateSubnet::new(subnet_id(0), vpc_id(), profile).cidr(cidr).into());
    let mut interface = CreateInterface::new(interface_id(0), subnet_id(0));
    match cidr.broadcast() {
        IpAddr::V4(last) => interface.primary_v4 = Primary::Named(last),
        IpAddr::V6(last) => interface.primary_v6 = Primary::Named(last),
    }
    give(&mut engine, &interface.into());
    engine
}
