//! What the model knows: maps of plain records, and questions answered by looping over them

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipam_core::event::OnExpiry;
use ipam_core::ipnet::IpNet;
use ipam_core::{
    Change, Command, Family, InterfaceId, Limits, QuotaRule, Reason, RequestId, Status, SubnetId,
    Task, TaskState, Token, VpcId,
};

use super::judge::Refusal;
use super::subnet::Subnet;

#[derive(Clone, Debug, Default)]
pub(crate) struct World {
    pub(crate) vpcs: BTreeMap<VpcId, Vec<IpNet>>,
    pub(crate) subnets: BTreeMap<SubnetId, Subnet>,
    pub(crate) interfaces: BTreeMap<InterfaceId, Interface>,
    pub(crate) tasks: BTreeMap<Task, Hold>,
    pub(crate) tokens: BTreeMap<Token, Kept>,
    pub(crate) limits: Limits,
    pub(crate) revision: u64,
    pub(crate) clock: u64,
    /// Assignments ever made, which numbers them
    pub(crate) assigned: u64,
    /// Releases into quarantine ever made, which numbers them
    pub(crate) rested: u64,
    /// While a command is judged: what it has changed
    pub(crate) said: Vec<Change>,
    /// While a command is judged: what it breaks and does all the same
    pub(crate) violations: Vec<Refusal>,
    /// While a command is judged: which one of a batch it is
    pub(crate) index: u32,
    /// While commands are judged: whether something was due that no change has swept yet
    pub(crate) due: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Interface {
    pub(crate) home: SubnetId,
    pub(crate) status: Status,
    pub(crate) quota: Option<u32>,
}

/// An address that an interface has
#[derive(Clone, Copy, Debug)]
pub(crate) struct Owned {
    pub(crate) by: InterfaceId,
    pub(crate) primary: bool,
    pub(crate) generation: u64,
    /// Orders the assignments of an interface
    pub(crate) number: u64,
    /// The task that it is held by; `None` if it is assigned
    pub(crate) task: Option<Task>,
}

/// An address in quarantine
#[derive(Clone, Copy, Debug)]
pub(crate) struct Resting {
    pub(crate) until: u64,
    pub(crate) by: InterfaceId,
    pub(crate) reason: Option<Reason>,
    /// Orders those that rest until the same time
    pub(crate) number: u64,
}

/// A hold, and what came of it
#[derive(Clone, Debug)]
pub(crate) struct Hold {
    pub(crate) interface: InterfaceId,
    /// What it holds, by subnet
    pub(crate) parts: Vec<(SubnetId, Vec<IpAddr>)>,
    pub(crate) state: TaskState,
    pub(crate) expired: OnExpiry,
    pub(crate) keep_until: u64,
    pub(crate) request: Option<RequestId>,
}

impl Hold {
    /// All that it holds
    pub(crate) fn addresses(&self) -> Vec<IpAddr> {
        self.parts.iter().flat_map(|(_, all)| all.iter().copied()).collect()
    }

    /// Each address, and where it lies
    pub(crate) fn each(&self) -> Vec<(SubnetId, IpAddr)> {
        self.parts.iter().flat_map(|(of, all)| all.iter().map(|at| (*of, *at))).collect()
    }
}

/// An answer under a token
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    /// What was asked, without what a retry has of its own
    pub(crate) gist: Command,
    pub(crate) until: u64,
    pub(crate) answer: Vec<IpAddr>,
    pub(crate) task: Option<Task>,
    pub(crate) primary: Option<IpAddr>,
    pub(crate) revision: u64,
}

impl World {
    /// The subnets of a VPC
    pub(crate) fn subnets_of(&self, vpc: VpcId) -> impl Iterator<Item = (SubnetId, &Subnet)> {
        self.subnets.iter().filter(move |(_, of)| of.vpc == vpc).map(|(id, of)| (*id, of))
    }

    /// The subnet of a VPC that an address lies in
    pub(crate) fn subnet_at(&self, vpc: VpcId, address: IpAddr) -> Option<(SubnetId, &Subnet)> {
        self.subnets_of(vpc).find(|(_, subnet)| subnet.around(address).is_some())
    }

    pub(crate) fn vpc_of(&self, interface: InterfaceId) -> VpcId {
        self.subnets[&self.interfaces[&interface].home].vpc
    }

    /// What an interface has: by subnet and family, each in order of assignment
    pub(crate) fn addresses(&self, interface: InterfaceId) -> Vec<(SubnetId, IpAddr, Owned)> {
        let mut all = Vec::new();
        for (&id, subnet) in &self.subnets {
            let owned = subnet.owned.iter().filter(|(_, owned)| owned.by == interface);
            all.extend(owned.map(|(&address, &owned)| (id, address, owned)));
        }
        all.sort_by_key(|(id, address, owned)| (*id, Family::of(*address), owned.number));
        all
    }

    /// An interface's primary, and the subnet that it lies in
    pub(crate) fn primary_at(
        &self,
        interface: InterfaceId,
        family: Family,
    ) -> Option<(SubnetId, IpAddr, Owned)> {
        let all = self.addresses(interface).into_iter();
        let mut primaries = all.filter(|(_, at, owned)| owned.primary && Family::of(*at) == family);
        let primary = primaries.next();
        assert!(primaries.next().is_none(), "the model made two primaries");
        primary
    }

    pub(crate) fn primary(&self, interface: InterfaceId, family: Family) -> Option<IpAddr> {
        self.primary_at(interface, family).map(|(_, at, _)| at)
    }

    /// Slots of its quota that an interface takes, by the rule's way of counting
    pub(crate) fn slots(&self, interface: InterfaceId, family: Family, rule: QuotaRule) -> u64 {
        let counts = |at: IpAddr, owned: Owned| {
            (!rule.per_family || Family::of(at) == family)
                && (rule.counts_primary || !owned.primary)
        };
        self.addresses(interface).into_iter().filter(|(_, at, owned)| counts(*at, *owned)).count()
            as u64
    }

    /// The tasks of an interface that are not finished, in order
    pub(crate) fn unfinished(&self, interface: InterfaceId) -> Vec<Task> {
        let open = |hold: &Hold| hold.interface == interface && !hold.state.is_finished();
        self.tasks.iter().filter(|(_, hold)| open(hold)).map(|(task, _)| *task).collect()
    }

    /// Addresses that the world has something to say of
    pub(crate) fn size(&self) -> usize {
        self.subnets.values().map(|subnet| subnet.owned.len() + subnet.resting.len()).sum()
    }
}
