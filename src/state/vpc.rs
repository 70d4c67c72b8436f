//! One VPC: where its subnets may lie, and where they do

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use ipnet::IpNet;
use triomphe::Arc;

use super::index::Ix;
use crate::id::SubnetId;
use crate::shared::tree::Tree;
use crate::space::address::{Family, Span};

/// A VPC
// INVARIANT: subnets of one family are disjoint; each subnet is in the map of every family it has.
#[derive(Clone, Debug)]
pub(crate) struct Vpc {
    /// Where subnets may lie; absent for anywhere
    cidrs: Option<Arc<[IpNet]>>,
    pub(crate) subnets: SubnetMap,
}

impl Vpc {
    pub(crate) fn new(cidrs: Vec<IpNet>) -> Self {
        let cidrs = (!cidrs.is_empty()).then(|| Arc::from(cidrs));
        Self { cidrs, subnets: SubnetMap::default() }
    }

    /// Where subnets may lie; empty for anywhere
    pub(crate) fn cidrs(&self) -> &[IpNet] {
        self.cidrs.as_deref().unwrap_or_default()
    }

    /// Whether a subnet may have this CIDR, other subnets apart
    pub(crate) fn allows(&self, cidr: IpNet) -> bool {
        self.cidrs().is_empty() || self.cidrs().iter().any(|of| of.contains(&cidr))
    }
}

/// Disjoint subnets by the bits of their first address; where one ends, its record says
#[derive(Clone, Debug, Default)]
pub(crate) struct SubnetMap {
    v4: Tree<u32, Ix<SubnetId>>,
    v6: Tree<u128, Ix<SubnetId>>,
}

impl SubnetMap {
    pub(crate) fn insert(&mut self, family: Family, first: u128, subnet: Ix<SubnetId>) {
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
        last: impl Fn(Ix<SubnetId>) -> Option<u128>,
    ) -> Option<Ix<SubnetId>> {
        let below = match family {
            Family::V4 => self.v4.below_or_at(&v4_bits(span.first)).map(|(_, ix)| ix),
            Family::V6 => self.v6.below_or_at(&span.first).map(|(_, ix)| ix),
        };
        if let Some(&below) = below.filter(|&&below| last(below) >= Some(span.first)) {
            return Some(below);
        }
        let from = span.first.checked_add(1).filter(|&from| from <= span.last)?;
        let above = self.next(family, from);
        above.filter(|&(first, _)| first <= span.last).map(|(_, subnet)| subnet)
    }

    /// The lowest subnet that begins at `from` or above, and where that is
    pub(crate) fn next(&self, family: Family, from: u128) -> Option<(u128, Ix<SubnetId>)> {
        match family {
            Family::V4 => {
                let (first, &subnet) = self.v4.at_or_above(&u32::try_from(from).ok()?)?;
                Some((first.into(), subnet))
            }
            Family::V6 => self.v6.at_or_above(&from).map(|(first, &subnet)| (first, subnet)),
        }
    }

    /// What is wrong with the maps themselves, if anything
    pub(crate) fn corruption(&self) -> Option<&'static str> {
        self.v4.corruption().or_else(|| self.v6.corruption())
    }

    /// Every subnet by rising first address, and where that is
    pub(crate) fn iter(&self, family: Family) -> impl Iterator<Item = (u128, Ix<SubnetId>)> + '_ {
        let v4 = Some(&self.v4).filter(|_| family == Family::V4);
        let v6 = Some(&self.v6).filter(|_| family == Family::V6);
        let v4 = v4.into_iter().flat_map(Tree::iter).map(|(first, &subnet)| (first.into(), subnet));
        v4.chain(v6.into_iter().flat_map(Tree::iter).map(|(first, &subnet)| (first, subnet)))
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
