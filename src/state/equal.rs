//! Whether two states are equal: by what they hold, never by how their tables number it

use alloc::vec::Vec;

use super::State;
use super::interface::Interface;
use super::occupant::Kind;
use super::owners::{List, Unit};
use super::subnet::{Block, Subnet};
use crate::id::{Revision, SubnetId};
use crate::space::Reservation;
use crate::space::address::{Family, Span};

impl PartialEq for State {
    fn eq(&self, other: &Self) -> bool {
        (self.revision, self.clock, self.digest) == (other.revision, other.clock, other.digest)
            && (self.limits, self.rested) == (other.limits, other.rested)
            && self.tasks.iter().eq(other.tasks.iter())
            && self.tokens.sorted().eq(other.tokens.sorted())
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
            all.map(|(_, id, vpc)| (id, vpc.cidrs().to_vec())).collect()
        };
        vpcs(self) == vpcs(other)
    }

    fn same_subnets(&self, other: &Self) -> bool {
        let (ours, theirs) = (self.subnets.sorted(), other.subnets.sorted());
        let same = |subnet: &Subnet, of: &Subnet| {
            let blocks = |subnet: &Subnet| -> Vec<_> {
                let blocks = subnet.blocks();
                blocks.map(|b| (b.span(), reservations(b))).collect()
            };
            self.vpcs.id(subnet.vpc) == other.vpcs.id(of.vpc)
                && subnet.profile == of.profile
                && subnet.indices() == of.indices()
                && subnet.selection() == of.selection()
                && blocks(subnet) == blocks(of)
                && subnet.blocks().zip(of.blocks()).all(|(a, b)| rests(a).eq(rests(b)))
                && subnet.blocks().zip(of.blocks()).all(|(a, b)| released(a).eq(released(b)))
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
                key == of && blocks.is_some_and(|(x, y)| listed(x, a).eq(listed(y, b)))
            })
    }

    /// An interface's lists, by subnet id and family
    fn lists(&self, interface: &Interface) -> Vec<((SubnetId, Family), &Subnet, List)> {
        let mut lists: Vec<_> = interface
            .holdings()
            .filter_map(|held| {
                let subnet = self.subnets.get(held.subnet())?;
                Some(((self.subnets.id(held.subnet())?, held.family()), subnet, held.list))
            })
            .collect();
        lists.sort_unstable_by_key(|&(key, ..)| key);
        lists
    }
}

/// What is on an interface's list, in order: what it is, its generation, whether it is held
fn listed(block: &Block, list: List) -> impl Iterator<Item = (Unit, Revision, bool)> + '_ {
    block.owners.iter(list).map(|(unit, generation)| {
        let occupant = block.owners.get(unit.span.first).map(|(occupant, _)| occupant.kind());
        (unit, generation, occupant == Some(Kind::Held))
    })
}

/// What rests in a block, in the order in which it is free
fn rests(block: &Block) -> impl Iterator<Item = impl PartialEq + '_> + '_ {
    let rests = block.rests.iter().flat_map(|rests| rests.iter());
    rests.map(|(_, rest)| {
        let all: Vec<(Unit, Revision)> = block.owners.iter(rest.list).collect();
        (rest.until, rest.serial, &rest.by, &rest.reason, all)
    })
}

/// What was released in a block, in order, as far as that is kept
fn released(block: &Block) -> impl Iterator<Item = u128> + '_ {
    block.released.iter().flat_map(|released| released.iter())
}

/// The reserved ranges of a block, and the kind of each
fn reservations(block: &Block) -> Vec<(Span, Reservation)> {
    let space = &block.space;
    space.reservations().map(|span| (span, space.kind_at(span.first))).collect()
}
