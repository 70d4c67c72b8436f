//! One VPC: where its subnets may lie, and where they do

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use ipnet::IpNet;

use super::subnet::Subnet;
use super::table::Ix;
use crate::space::address::{Family, Span};

/// A VPC
// INVARIANT: subnets of one family are disjoint; each subnet is in the map of every family it has.
#[derive(Clone, Debug)]
pub(crate) struct Vpc {
    /// Where subnets may lie; empty for anywhere
    pub(crate) cidrs: Vec<IpNet>,
    pub(crate) subnets: SubnetMap,
}

impl Vpc {
    pub(crate) fn new(cidrs: Vec<IpNet>) -> Self {
        Self { cidrs, subnets: SubnetMap::default() }
    }

    /// Whether a subnet may have this CIDR, other subnets apart
    pub(crate) fn allows(&self, cidr: IpNet) -> bool {
        self.cidrs.is_empty() || self.cidrs.iter().any(|of| of.contains(&cidr))
    }
}

/// Disjoint subnets by the bits of their first address; where one ends, its record says
#[derive(Clone, Debug, Default)]
pub(crate) struct SubnetMap {
    v4: BTreeMap<u32, Ix<Subnet>>,
    v6: BTreeMap<u128, Ix<Subnet>>,
}

impl SubnetMap {
    pub(crate) fn insert(&mut self, family: Family, first: u128, subnet: Ix<Subnet>) {
        match family {
            Family::V4 => self.v4.insert(v4_bits(first), subnet),
            Family::V6 => self.v6.insert(first, subnet),
        };
    }

    pub(crate) fn remove(&mut self, family: Family, first: u128) {
        match family {
            Family::V4 => self.v4.remove(&v4_bits(first)),
            Family::V6 => self.v6.remove(&first),
        };
    }

    /// The lowest subnet that has addresses of `span`, given where one ends
    pub(crate) fn lowest(
        &self,
        family: Family,
        span: Span,
        last: impl Fn(Ix<Subnet>) -> Option<u128>,
    ) -> Option<Ix<Subnet>> {
        let below = match family {
            Family::V4 => self.v4.range(..=v4_bits(span.first)).next_back().map(|(_, ix)| ix),
            Family::V6 => self.v6.range(..=span.first).next_back().map(|(_, ix)| ix),
        };
        if let Some(&below) = below.filter(|&&below| last(below) >= Some(span.first)) {
            return Some(below);
        }
        let from = span.first.checked_add(1).filter(|&from| from <= span.last)?;
        let above = self.next(family, from);
        above.filter(|&(first, _)| first <= span.last).map(|(_, subnet)| subnet)
    }

    /// The lowest subnet that begins at `from` or above, and where that is
    pub(crate) fn next(&self, family: Family, from: u128) -> Option<(u128, Ix<Subnet>)> {
        match family {
            Family::V4 => {
                let (&first, &subnet) = self.v4.range(u32::try_from(from).ok()?..).next()?;
                Some((first.into(), subnet))
            }
            Family::V6 => self.v6.range(from..).next().map(|(&first, &subnet)| (first, subnet)),
        }
    }

    /// Every subnet by rising first address, and where that is
    pub(crate) fn iter(&self, family: Family) -> impl Iterator<Item = (u128, Ix<Subnet>)> + '_ {
        let v4 = Some(&self.v4).filter(|_| family == Family::V4);
        let v6 = Some(&self.v6).filter(|_| family == Family::V6);
        let v4 = v4.into_iter().flatten().map(|(&first, &subnet)| (first.into(), subnet));
        v4.chain(v6.into_iter().flatten().map(|(&first, &subnet)| (first, subnet)))
    }
}

/// Bits of an IPv4 address, or those of the last one
fn v4_bits(bits: u128) -> u32 {
    u32::try_from(bits).unwrap_or(u32::MAX)
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
