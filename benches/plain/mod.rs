//! The plain engine: the same semantics, written the usual way
//!
//! What ours is measured against. Hash maps (foldhash) from inline ids to records, an ordered
//! set of the free addresses and a hash map of the owners for each subnet, a list of addresses for each
//! interface. It takes the same commands, refuses with the same codes, makes an event of the same facts
//! and keeps the same digest of them. It is tuned as such code is tuned: tables made as large as they
//! will be, no copies that nobody asked for, nothing hashed twice where once will do.
//!
//! It leaves out what no benchmark asks for, which can only make it faster: IPv6, primaries, deletions,
//! ranges to choose from, batches of commands.

mod assign;
mod commit;
mod event;
mod id;

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use ipam_core::ipnet::Ipv4Net;
use ipam_core::{Command, Gateway, InterfaceId, Profile, Status, SubnetId, Timestamp, VpcId};

pub(crate) use assign::Refusal;
pub(crate) use event::{Change, Event};
use id::Id;

type Map<K, V> = HashMap<K, V, FixedState>;

/// An engine as one would write it who has not thought about memory
#[derive(Clone, Default)]
pub(crate) struct Plain {
    vpcs: Map<Id, Vpc>,
    subnets: Map<Id, Subnet>,
    interfaces: Map<Id, Interface>,
    revision: u64,
    clock: Timestamp,
    digest: u64,
}

/// What a command came to
pub(crate) struct Decision {
    /// None if nothing was to be done
    pub(crate) event: Option<Event>,
    /// The addresses asked for, if they are not those of the event
    answer: Option<Vec<Ipv4Addr>>,
}

#[derive(Clone, Default)]
struct Vpc {
    /// By first address
    subnets: BTreeMap<Ipv4Addr, Id>,
}

#[derive(Clone)]
struct Subnet {
    vpc: Id,
    cidr: Ipv4Net,
    profile: Profile,
    gateway: Option<Ipv4Addr>,
    /// Last by first address
    reserved: BTreeMap<u32, u32>,
    /// Neither owned nor withheld
    free: BTreeSet<u32>,
    owners: Map<u32, Owner>,
}

#[derive(Clone)]
struct Owner {
    interface: Id,
    #[expect(dead_code, reason = "kept for who asks, as ours is; no benchmark asks")]
    generation: u64,
}

#[derive(Clone)]
struct Interface {
    home: Id,
    status: Status,
    quota: Option<u32>,
    /// In order of assignment
    addresses: Vec<Ipv4Addr>,
}

impl Plain {
    /// Decides and carries out
    pub(crate) fn execute(
        &mut self,
        now: Timestamp,
        command: &Command,
    ) -> Result<Decision, Refusal> {
        let decision = self.decide(now, command)?;
        if let Some(event) = &decision.event {
            self.commit(event);
        }
        Ok(decision)
    }

    /// The history so far: revision and digest
    pub(crate) fn history(&self) -> (u64, u64) {
        (self.revision, self.digest)
    }

    /// Goes on with a history that another engine began
    pub(crate) fn resume(&mut self, (revision, digest): (u64, u64)) {
        (self.revision, self.digest) = (revision, digest);
    }

    pub(crate) fn create_vpc(&mut self, vpc: VpcId) {
        self.vpcs.insert(Id::of(vpc), Vpc::default());
    }

    /// A subnet with room in its tables for so many owners
    pub(crate) fn create_subnet(
        &mut self,
        id: SubnetId,
        vpc: VpcId,
        cidr: Ipv4Net,
        profile: Profile,
        owners: usize,
    ) {
        let (id, vpc) = (Id::of(id), Id::of(vpc));
        let (first, last) = (cidr.network(), cidr.broadcast());
        let gateway = match profile.v4.gateway {
            Gateway::Offset(offset) => u32::try_from(offset).ok().and_then(|offset| {
                first
                    .to_bits()
                    .checked_add(offset)
                    .map(Ipv4Addr::from_bits)
                    .filter(|at| *at <= last)
            }),
            _ => None,
        };
        let usable = first.to_bits() + profile.v4.first..=last.to_bits() - profile.v4.last;
        let subnet = Subnet {
            vpc,
            cidr,
            profile,
            gateway,
            reserved: BTreeMap::new(),
            free: usable.filter(|&at| gateway.map(Ipv4Addr::to_bits) != Some(at)).collect(),
            owners: Map::with_capacity_and_hasher(owners, FixedState::default()),
        };
        self.subnets.insert(id, subnet);
        if let Some(vpc) = self.vpcs.get_mut(&vpc) {
            vpc.subnets.insert(first, id);
        }
    }

    /// Withholds a range of a subnet in which nobody has anything
    pub(crate) fn reserve_range(&mut self, subnet: SubnetId, first: Ipv4Addr, last: Ipv4Addr) {
        let Some(subnet) = self.subnets.get_mut(&Id::of(subnet)) else { return };
        let (first, last) = (first.to_bits(), last.to_bits());
        subnet.reserved.insert(first, last);
        for at in first..=last {
            subnet.free.remove(&at);
        }
    }

    pub(crate) fn create_interface(
        &mut self,
        id: InterfaceId,
        home: SubnetId,
        status: Status,
        quota: Option<u32>,
    ) {
        let record = Interface { home: Id::of(home), status, quota, addresses: Vec::new() };
        self.interfaces.insert(Id::of(id), record);
    }

    /// The addresses of an interface, in order of assignment
    pub(crate) fn addresses(&self, interface: InterfaceId) -> Option<&[Ipv4Addr]> {
        Some(&self.interfaces.get(&Id::of(interface))?.addresses)
    }
}

impl Decision {
    /// The addresses, in the order asked for
    pub(crate) fn answer(&self) -> &[Ipv4Addr] {
        match (&self.answer, &self.event) {
            (Some(answer), _) => answer,
            (None, Some(event)) => event.addresses(),
            (None, None) => &[],
        }
    }
}

impl Subnet {
    /// Whether an address lies in a reserved range
    fn is_reserved(&self, at: u32) -> bool {
        self.reserved.range(..=at).next_back().is_some_and(|(_, &last)| at <= last)
    }

    /// Whether rules and ranges leave an address to be given
    fn is_given(&self, address: Ipv4Addr) -> bool {
        let (at, rules) = (address.to_bits(), &self.profile.v4);
        let first = self.cidr.network().to_bits() + rules.first;
        let last = self.cidr.broadcast().to_bits() - rules.last;
        (first..=last).contains(&at) && self.gateway != Some(address) && !self.is_reserved(at)
    }
}
