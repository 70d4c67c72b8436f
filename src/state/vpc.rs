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

/// Whether CIDRs have no host bits and do not overlap
pub(crate) fn are_sound(cidrs: &[IpNet]) -> bool {
    cidrs.iter().all(|&cidr| cidr == cidr.trunc()) && first_overlap(cidrs).is_none()
}

/// The first CIDR of a list that overlaps an earlier one, after the first such; each with its index
pub(crate) fn first_overlap(cidrs: &[IpNet]) -> Option<[(usize, IpNet); 2]> {
    // Until one overlaps, those before it are disjoint.
    let mut before = BTreeMap::<(Family, u128), (u128, usize, IpNet)>::new();
    for (index, &cidr) in cidrs.iter().enumerate() {
        let (family, Span { first, last }) = (Family::of(cidr.addr()), Span::of_net(cidr));
        let below = before.range(..=(family, first)).next_back();
        let below = below.filter(|&(&(of, _), &(end, ..))| of == family && end >= first);
        let above = before.range((family, first)..=(family, last));
        let overlapping = below.into_iter().chain(above).map(|(_, &(_, index, of))| (index, of));
        if let Some(earlier) = overlapping.min_by_key(|&(index, _)| index) {
            return Some([earlier, (index, cidr)]);
        }
        before.insert((family, first), (last, index, cidr));
    }
    None
}
