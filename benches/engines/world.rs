//! What the engines are given: ids, one subnet with many interfaces, and a trace of single commands

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::net::Ipv4Addr;

use ipam_core::ipnet::Ipv4Net;
use ipam_core::{InterfaceId, SubnetId, VpcId};

use crate::support::random::Random;

/// First address of the IPv4 worlds
pub(crate) const BASE: u32 = 10 << 24;

/// One subnet, its interfaces, and who has what at first
pub(crate) struct World {
    pub(crate) vpc: VpcId,
    pub(crate) subnet: SubnetId,
    pub(crate) cidr: Ipv4Net,
    pub(crate) interfaces: Vec<InterfaceId>,
    /// Addresses by interface, in order of assignment
    pub(crate) start: Vec<Vec<Ipv4Addr>>,
}

/// Release this address of one interface, then assign one to another
#[derive(Clone, Copy)]
pub(crate) struct Step {
    pub(crate) from: usize,
    pub(crate) address: Ipv4Addr,
    pub(crate) to: usize,
}

/// An id as clouds write them, `eni-m6dyj72l`: no two alike, in no order
pub(crate) fn name(prefix: &str, number: u64) -> String {
    // Odd, so that it permutes the numbers below 36^8 that are coprime to nothing else here.
    const SPREAD: u64 = 1_000_000_007;
    const NAMES: u64 = 36u64.pow(8);
    let mut rest = number * SPREAD % NAMES;
    let mut text = prefix.to_owned();
    for _ in 0..8 {
        text.push(char::from(b"0123456789abcdefghijklmnopqrstuvwxyz"[(rest % 36) as usize]));
        rest /= 36;
    }
    text
}

pub(crate) fn interface_id(number: usize) -> InterfaceId {
    name("eni-", number as u64).parse().unwrap()
}

pub(crate) fn subnet_id(number: usize) -> SubnetId {
    name("subnet-", number as u64).parse().unwrap()
}

impl World {
    /// A subnet, part of it dealt to its interfaces at random
    pub(crate) fn new(prefix: u8, interfaces: usize, taken_percent: usize) -> Self {
        let cidr = Ipv4Net::new(Ipv4Addr::from_bits(BASE), prefix).unwrap();
        let mut hosts: Vec<Ipv4Addr> = cidr.hosts().collect();
        Random::new(1).shuffle(&mut hosts);
        hosts.truncate(hosts.len() * taken_percent / 100);
        let mut start = vec![Vec::new(); interfaces];
        for (index, host) in hosts.into_iter().enumerate() {
            start[index % interfaces].push(host);
        }
        Self {
            vpc: name("vpc-", 1).parse().unwrap(),
            subnet: subnet_id(1),
            cidr,
            interfaces: (0..interfaces).map(interface_id).collect(),
            start,
        }
    }

    /// Single releases of random addresses and assignments to random interfaces, with the addresses
    /// that must be chosen: always the lowest free one
    pub(crate) fn steps(&self, count: usize) -> (Vec<Step>, Vec<Ipv4Addr>) {
        let mut random = Random::new(2);
        let mut taken: Vec<(usize, Ipv4Addr)> = Vec::new();
        for (interface, addresses) in self.start.iter().enumerate() {
            taken.extend(addresses.iter().map(|&address| (interface, address)));
        }
        let mut is_free = vec![true; 1 << (32 - self.cidr.prefix_len())];
        for (_, address) in &taken {
            is_free[(address.to_bits() - BASE) as usize] = false;
        }
        let free = self.cidr.hosts().filter(|at| is_free[(at.to_bits() - BASE) as usize]);
        let mut free: BinaryHeap<Reverse<Ipv4Addr>> = free.map(Reverse).collect();
        let step = |_| {
            let place = random.below(taken.len());
            let to = random.below(self.interfaces.len());
            let (from, address) = taken[place];
            free.push(Reverse(address));
            let Reverse(chosen) = free.pop().unwrap();
            taken[place] = (to, chosen);
            (Step { from, address, to }, chosen)
        };
        (0..count).map(step).unzip()
    }
}
