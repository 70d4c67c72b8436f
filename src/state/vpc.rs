//! One VPC: where its subnets may lie, and where they do

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::net::IpAddr;

use ipnet::IpNet;

use super::subnet::Subnet;
use super::table::Ix;
use crate::space::address::{Family, PerFamily, Span, bits_of};

/// The subnets of one family, by the bits of their first address, with the bits of their last
pub(crate) type SubnetMap = BTreeMap<u128, (u128, Ix<Subnet>)>;

/// A VPC
// INVARIANT: subnets of one family are disjoint; each subnet is in the map of every family it has.
#[derive(Clone, Debug)]
pub(crate) struct Vpc {
    /// Where subnets may lie; empty for anywhere
    pub(crate) cidrs: Vec<IpNet>,
    pub(crate) subnets: PerFamily<SubnetMap>,
}

impl Vpc {
    pub(crate) fn new(cidrs: Vec<IpNet>) -> Self {
        Self { cidrs, subnets: PerFamily::default() }
    }

    /// The subnet that an address lies in
    pub(crate) fn subnet_at(&self, address: IpAddr) -> Option<Ix<Subnet>> {
        let bits = bits_of(address);
        overlapping(self.subnets.get(Family::of(address)), Span::one(bits)).next()
    }

    /// Whether a subnet may have this CIDR, other subnets apart
    pub(crate) fn allows(&self, cidr: IpNet) -> bool {
        self.cidrs.is_empty() || self.cidrs.iter().any(|of| of.contains(&cidr))
    }
}

/// The subnets of `map` that have addresses of `span`, in order
pub(crate) fn overlapping(map: &SubnetMap, span: Span) -> impl Iterator<Item = Ix<Subnet>> + '_ {
    let below = map.range(..span.first).next_back().filter(|&(_, &(last, _))| last >= span.first);
    below.into_iter().chain(map.range(span.first..=span.last)).map(|(_, &(_, subnet))| subnet)
}
