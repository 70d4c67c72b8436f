//! When two states are the same: by what they hold, never by how their tables number or place it

use alloc::vec::Vec;

use super::State;
use super::interface::Interface;
use super::owners::List;
use super::subnet::Subnet;
use crate::id::SubnetId;
use crate::space::address::Family;

impl PartialEq for State {
    fn eq(&self, other: &Self) -> bool {
        (self.revision, self.clock, self.digest) == (other.revision, other.clock, other.digest)
            && self.same_vpcs(other)
            && self.same_subnets(other)
            && self.same_interfaces(other)
    }
}

impl Eq for State {}

impl State {
    fn same_vpcs(&self, other: &Self) -> bool {
        let vpcs = |state: &Self| -> Vec<_> {
            let all = state.vpcs.sorted().into_iter();
            all.map(|(_, id, vpc)| (id, vpc.cidrs.clone())).collect()
        };
        vpcs(self) == vpcs(other)
    }

    fn same_subnets(&self, other: &Self) -> bool {
        let (ours, theirs) = (self.subnets.sorted(), other.subnets.sorted());
        let same = |subnet: &Subnet, of: &Subnet| {
            let blocks = |subnet: &Subnet| -> Vec<_> {
                let blocks = subnet.blocks();
                blocks.map(|b| (b.span(), b.space.reservations().collect::<Vec<_>>())).collect()
            };
            self.vpcs.id(subnet.vpc) == other.vpcs.id(of.vpc)
                && subnet.profile == of.profile
                && subnet.indices() == of.indices()
                && blocks(subnet) == blocks(of)
        };
        ours.len() == theirs.len()
            && ours.iter().zip(&theirs).all(|((_, a, x), (_, b, y))| a == b && same(x, y))
    }

    fn same_interfaces(&self, other: &Self) -> bool {
        let (ours, theirs) = (self.interfaces.sorted(), other.interfaces.sorted());
        let same = |interface: &Interface, of: &Interface| {
            self.subnets.id(interface.home) == other.subnets.id(of.home)
                && (interface.status, interface.quota()) == (of.status, of.quota())
                && Family::ALL.map(|f| interface.primary(f)) == Family::ALL.map(|f| of.primary(f))
                && self.same_lists(interface, other, of)
        };
        ours.len() == theirs.len()
            && ours.iter().zip(&theirs).all(|((_, a, x), (_, b, y))| a == b && same(x, y))
    }

    fn same_lists(&self, interface: &Interface, other: &Self, of: &Interface) -> bool {
        let (ours, theirs) = (self.lists(interface), other.lists(of));
        ours.len() == theirs.len()
            && ours.into_iter().zip(theirs).all(|((key, subnet, a), (of, theirs, b))| {
                let blocks = subnet.block(key.1).zip(theirs.block(of.1));
                key == of && blocks.is_some_and(|(x, y)| x.owners.iter(a).eq(y.owners.iter(b)))
            })
    }

    /// An interface's lists, by subnet id and family
    fn lists(&self, interface: &Interface) -> Vec<((SubnetId, Family), &Subnet, List)> {
        let mut lists: Vec<_> = interface
            .holdings()
            .iter()
            .filter_map(|held| {
                let subnet = self.subnets.get(held.subnet())?;
                Some(((self.subnets.id(held.subnet())?, held.family()), subnet, held.list))
            })
            .collect();
        lists.sort_unstable_by_key(|&(key, ..)| key);
        lists
    }
}
