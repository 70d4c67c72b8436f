//! Judging a command in the documented order of precedence: shape, ids, state, family, each address, quota, capacity

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipam_core::event::{
    End, Failure, IndicesSet, InterfaceCreated, InterfaceDeleted, LimitsSet, PolicySet, PrimarySet,
    QuotaSet, RangeReleased, RangeReserved, StatusSet, SubnetCreated, SubnetDeleted, VpcCreated,
    VpcDeleted,
};
use ipam_core::ipnet::IpNet;
use ipam_core::{
    AddrRange, Assign, Cause, Change, Command, Confirm, CreateInterface, CreateSubnet, CreateVpc,
    DeleteInterface, DeleteSubnet, DeleteVpc, Error, Family, Indices, InterfaceId, Policy, Primary,
    QuotaRule, Reason, ReleaseRange, ReserveRange, Revision, SetCursor, SetIndices, SetLimits,
    SetPolicy, SetQuota, SetStatus, SubnetId, Task, Timestamp, VpcId,
};

use super::choose::Asked;
use super::subnet::{Subnet, bits, ends, overlap};
use super::world::{Interface, World};

/// What an accepted command comes to
#[derive(Clone, Debug)]
pub(crate) struct Accepted {
    pub(crate) answer: Vec<IpAddr>,
    pub(crate) changes: Vec<Change>,
    pub(crate) task: Option<Task>,
    pub(crate) primary: Option<IpAddr>,
    /// Of a repeated request, the revision that it made the first time
    pub(crate) revision: Option<u64>,
    /// What it breaks, and does all the same
    pub(crate) violations: Vec<Refusal>,
}

/// A refusal, with those that only the crate can construct spelled out
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    Addresses(Vec<(usize, IpAddr, Cause)>),
    Exhausted {
        subnet: SubnetId,
        family: Family,
        wanted: u128,
        within: Option<AddrRange>,
        free: u128,
        most: Option<u32>,
        assigned: u128,
        held: u128,
        quarantined: u128,
        next: Option<Timestamp>,
        enough: Option<Timestamp>,
        reserved: u128,
        total: u128,
    },
    NoSubnetCan(Vec<(SubnetId, Refusal)>),
    Other(Error),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        match error {
            Error::Addresses(faults) => {
                Self::Addresses(faults.iter().map(|at| (at.index, at.address, at.cause)).collect())
            }
            Error::Exhausted { subnet, family, shortfall: of } => Self::Exhausted {
                subnet,
                family,
                wanted: of.wanted,
                within: of.within,
                free: of.free,
                most: of.most,
                assigned: of.assigned,
                held: of.held,
                quarantined: of.quarantined,
                next: of.next,
                enough: of.enough,
                reserved: of.reserved,
                total: of.total,
            },
            Error::NoSubnetCan { refusals } => {
                let each = refusals.into_iter().map(|of| (of.subnet, of.error.into()));
                Self::NoSubnetCan(each.collect())
            }
            other => Self::Other(other),
        }
    }
}

/// The answer to a command
pub(crate) type Verdict = Result<Vec<IpAddr>, Refusal>;

/// Refuses if there is any fault
pub(crate) fn faultless(faults: Vec<(usize, IpAddr, Cause)>) -> Result<(), Refusal> {
    if faults.is_empty() { Ok(()) } else { Err(Refusal::Addresses(faults)) }
}

pub(crate) fn refuse<T>(error: Error) -> Result<T, Refusal> {
    Err(Refusal::Other(error))
}

impl World {
    /// Judges one command at a time, and carries it out if it is accepted
    pub(crate) fn execute(&mut self, now: u64, command: &Command) -> Result<Accepted, Refusal> {
        let all = self.execute_all(now, std::slice::from_ref(command));
        all.map(|mut all| all.remove(0)).map_err(|refused| refused.1)
    }

    /// Judges several commands, each on what those before it leave: all or nothing
    pub(crate) fn execute_all(
        &mut self,
        now: u64,
        commands: &[Command],
    ) -> Result<Vec<Accepted>, Box<(usize, Refusal)>> {
        let mut after = self.at(now);
        let mut all = Vec::new();
        for (index, command) in (0..).zip(commands) {
            let accepted = after.carry_out(index, command);
            let accepted = accepted.map_err(|refusal| Box::new((index as usize, refusal)))?;
            after.due &= accepted.changes.is_empty();
            all.push(accepted);
        }
        if all.iter().any(|accepted| !accepted.changes.is_empty()) {
            after.revision += 1;
            *self = after;
        }
        Ok(all)
    }

    /// Carries a command out on the world as it is at its time; one that is refused may leave it half done
    pub(crate) fn carry_out(&mut self, index: u32, command: &Command) -> Result<Accepted, Refusal> {
        if let Command::Once(request) = command {
            return self.once(index, request);
        }
        self.index = index;
        self.said.clear();
        self.violations.clear();
        let answer = self.judge(command)?;
        let changes = std::mem::take(&mut self.said);
        let revision = Revision::new(self.revision + 1);
        let task = changes.iter().find_map(|change| match change {
            Change::Held(held) => Some(Task::new(revision, held.index)),
            _ => None,
        });
        let primary = changes.iter().find_map(|change| match change {
            Change::PrimarySet(PrimarySet { address, .. }) => Some(*address),
            _ => None,
        });
        let violations = std::mem::take(&mut self.violations);
        Ok(Accepted { answer, changes, task, primary, revision: None, violations })
    }

    fn judge(&mut self, command: &Command) -> Verdict {
        match command {
            Command::CreateVpc(CreateVpc { vpc, cidrs, .. }) => self.create_vpc(*vpc, cidrs),
            Command::DeleteVpc(DeleteVpc { vpc, .. }) => self.delete_vpc(*vpc),
            Command::CreateSubnet(request) => self.create_subnet(request),
            Command::Reshape(request) => self.reshape(request),
            Command::DeleteSubnet(DeleteSubnet { subnet, .. }) => self.delete_subnet(*subnet),
            Command::CreateInterface(request) => self.create_interface(request),
            Command::DeleteInterface(DeleteInterface { interface, .. }) => {
                self.delete_interface(*interface)
            }
            &Command::SetStatus(SetStatus { interface, status, .. }) => {
                self.interface(interface)?;
                let before = &mut self.interfaces.get_mut(&interface).unwrap().status;
                let changed = std::mem::replace(before, status) != status;
                self.done(changed, Change::StatusSet(StatusSet { interface, status }))
            }
            &Command::SetQuota(SetQuota { interface, quota, .. }) => {
                self.interface(interface)?;
                let before = &mut self.interfaces.get_mut(&interface).unwrap().quota;
                let changed = std::mem::replace(before, quota) != quota;
                self.done(changed, Change::QuotaSet(QuotaSet { interface, quota }))
            }
            &Command::ReserveRange(ReserveRange { subnet: id, range, kind, .. }) => {
                let subnet = self.subnet(id)?;
                let cidr = has_family(id, subnet, range.family())?;
                if !cidr.contains(&range.first()) || !cidr.contains(&range.last()) {
                    return refuse(Error::RangeOutside { subnet: id, range });
                }
                let overlaps = |of: &&AddrRange| {
                    of.family() == range.family()
                        && of.first() <= range.last()
                        && range.first() <= of.last()
                };
                if let Some(&other) = subnet.reserved.iter().filter(overlaps).min() {
                    return refuse(Error::ReservationOverlap { range, other });
                }
                let subnet = self.subnets.get_mut(&id).unwrap();
                subnet.reserved.push(range);
                subnet.kinds.insert(range, kind);
                self.done(true, Change::RangeReserved(RangeReserved { subnet: id, range, kind }))
            }
            &Command::ReleaseRange(ReleaseRange { subnet: id, range, .. }) => {
                let subnet = self.subnet(id)?;
                if !subnet.reserved.contains(&range) {
                    return refuse(Error::ReservationNotFound { subnet: id, range });
                }
                let subnet = self.subnets.get_mut(&id).unwrap();
                subnet.reserved.retain(|of| *of != range);
                subnet.kinds.remove(&range);
                self.done(true, Change::RangeReleased(RangeReleased { subnet: id, range }))
            }
            &Command::SetPolicy(SetPolicy { subnet: id, policy, .. }) => {
                let changed = self.subnet(id)?.policy != policy;
                if changed {
                    let subnet = self.subnets.get_mut(&id).unwrap();
                    (subnet.policy, subnet.position) = (policy, [0; 2]);
                    subnet.released.clear();
                }
                self.done(
                    changed,
                    Change::PolicySet(PolicySet { subnet: id, policy: Box::new(policy) }),
                )
            }
            &Command::SetCursor(SetCursor { subnet: id, address, .. }) => {
                let subnet = self.subnet(id)?;
                if subnet.policy != Policy::Next {
                    return refuse(Error::NoCursor(id));
                }
                let family = Family::of(address);
                let cidr = has_family(id, subnet, family)?;
                if !cidr.contains(&address) {
                    let range = AddrRange::one(address);
                    return refuse(Error::RangeOutside { subnet: id, range });
                }
                self.move_policy(id, family, bits(address) - ends(cidr).0);
                Ok(Vec::new())
            }
            &Command::SetIndices(SetIndices { subnet, indices, .. }) => {
                self.subnet(subnet)?;
                let before = &mut self.subnets.get_mut(&subnet).unwrap().indices;
                let changed = std::mem::replace(before, indices) != indices;
                self.done(changed, Change::IndicesSet(IndicesSet { subnet, indices }))
            }
            Command::Assign(request) => self.assign(request),
            Command::EnsureCount(request) => self.ensure_count(request),
            Command::Adopt(request) => self.adopt(request),
            Command::Unassign(request) => self.unassign(request),
            Command::Move(request) => self.move_over(request),
            Command::ReplacePrimary(request) => self.replace_primary(request),
            Command::Confirm(Confirm { task, .. }) => self.confirm(*task),
            Command::Cancel(request) => self.cancel(request),
            Command::Resolve(request) => self.resolve(request),
            &Command::SetLimits(SetLimits { limits, .. }) => {
                let changed = std::mem::replace(&mut self.limits, limits) != limits;
                self.done(changed, Change::LimitsSet(LimitsSet { limits }))
            }
            Command::Sweep => self.done(self.due, Change::Swept),
            _ => panic!("a command that the model does not know"),
        }
    }

    /// What a command without an answer comes to
    pub(crate) fn done(&mut self, changed: bool, change: Change) -> Verdict {
        if changed {
            self.said.push(change);
        }
        Ok(Vec::new())
    }

    pub(crate) fn vpc(&self, id: VpcId) -> Result<&Vec<IpNet>, Refusal> {
        self.vpcs.get(&id).ok_or(Refusal::Other(Error::VpcNotFound(id)))
    }

    pub(crate) fn subnet(&self, id: SubnetId) -> Result<&Subnet, Refusal> {
        self.subnets.get(&id).ok_or(Refusal::Other(Error::SubnetNotFound(id)))
    }

    pub(crate) fn interface(&self, id: InterfaceId) -> Result<&Interface, Refusal> {
        self.interfaces.get(&id).ok_or(Refusal::Other(Error::InterfaceNotFound(id)))
    }

    fn create_vpc(&mut self, vpc: VpcId, cidrs: &[IpNet]) -> Verdict {
        no_host_bits(cidrs)?;
        for (index, &cidr) in cidrs.iter().enumerate() {
            if let Some(first) = cidrs[..index].iter().position(|&other| overlap(cidr, other)) {
                return refuse(Error::CidrsOverlap { index, cidr, first, other: cidrs[first] });
            }
        }
        if self.vpcs.contains_key(&vpc) {
            return refuse(Error::VpcExists(vpc));
        }
        self.vpcs.insert(vpc, cidrs.to_vec());
        self.done(true, Change::VpcCreated(VpcCreated { vpc, cidrs: cidrs.to_vec() }))
    }

    fn delete_vpc(&mut self, vpc: VpcId) -> Verdict {
        self.vpc(vpc)?;
        let lowest =
            |(_, subnet): &(SubnetId, &Subnet)| (subnet.default_family(), ends(subnet.cidrs[0]).0);
        if let Some((subnet, _)) = self.subnets_of(vpc).min_by_key(lowest) {
            return refuse(Error::VpcInUse { vpc, subnet });
        }
        self.vpcs.remove(&vpc);
        self.done(true, Change::VpcDeleted(VpcDeleted { vpc }))
    }

    fn create_subnet(&mut self, request: &CreateSubnet) -> Verdict {
        let CreateSubnet { subnet, vpc, v4, v6, profile, .. } = *request;
        let cidrs: Vec<IpNet> = v4.map(IpNet::V4).into_iter().chain(v6.map(IpNet::V6)).collect();
        no_host_bits(&cidrs)?;
        if cidrs.is_empty() {
            return refuse(Error::NoCidr(subnet));
        }
        self.vpc(vpc)?;
        if self.subnets.contains_key(&subnet) {
            return refuse(Error::SubnetExists(subnet));
        }
        if let Some(fault) = self.misplaced(vpc, None, &cidrs, &profile).into_iter().next() {
            return refuse(fault);
        }
        let (indices, reserved) = (Indices::NONE, Vec::new());
        let (owned, resting) = (BTreeMap::new(), BTreeMap::new());
        let made = Subnet {
            vpc,
            cidrs,
            profile,
            indices,
            reserved,
            kinds: BTreeMap::new(),
            owned,
            resting,
            policy: Policy::Lowest,
            position: [0; 2],
            released: Vec::new(),
        };
        self.subnets.insert(subnet, made);
        let profile = Box::new(profile);
        self.done(true, Change::SubnetCreated(SubnetCreated { subnet, vpc, v4, v6, profile }))
    }

    fn delete_subnet(&mut self, id: SubnetId) -> Verdict {
        let addresses = self.subnet(id)?.owned.len() as u128;
        let interfaces = self.interfaces.values().filter(|of| of.home == id).count() as u64;
        if interfaces > 0 || addresses > 0 {
            return refuse(Error::SubnetInUse { subnet: id, interfaces, addresses });
        }
        self.subnets.remove(&id);
        self.done(true, Change::SubnetDeleted(SubnetDeleted { subnet: id }))
    }

    fn create_interface(&mut self, request: &CreateInterface) -> Verdict {
        let CreateInterface { interface: id, subnet: home, status, quota, .. } = *request;
        let subnet = self.subnet(home)?;
        if self.interfaces.contains_key(&id) {
            return refuse(Error::InterfaceExists(id));
        }
        let mut wanted: Vec<(Family, Option<IpAddr>)> = Vec::new();
        match request.primary_v4 {
            Primary::Absent => {}
            Primary::Chosen => wanted.push((Family::V4, None)),
            Primary::Named(address) => wanted.push((Family::V4, Some(address.into()))),
        }
        match request.primary_v6 {
            Primary::Absent => {}
            Primary::Chosen => wanted.push((Family::V6, None)),
            Primary::Named(address) => wanted.push((Family::V6, Some(address.into()))),
        }
        for &(family, _) in &wanted {
            has_family(home, subnet, family)?;
        }
        // The IPv4 primary is index 0, the IPv6 primary index 1.
        let named = wanted.iter().filter_map(|&(family, at)| Some((family as usize, at?)));
        let cause = |at: IpAddr| match subnet.around(at) {
            Some(_) => subnet.cause_for(id, at, request.auto_only),
            None => Some(Cause::OutOfRange),
        };
        faultless(named.filter_map(|(index, at)| Some((index, at, cause(at)?))).collect())?;

        let rule = subnet.profile.quota;
        let mut slots = [0; 2];
        for &(family, _) in wanted.iter().filter(|_| rule.counts_primary) {
            slots[family as usize] += 1;
        }
        within_quota(id, quota, rule, [0; 2], slots)?;

        let mut given = Vec::new();
        for &(family, address) in &wanted {
            let stands = subnet.position[family as usize];
            match address {
                Some(address) => given.push((address, stands)),
                None => {
                    let asked = Asked::alone(family, 1);
                    let chosen = subnet.choose(&asked);
                    let (chosen, moved) =
                        chosen.map_err(|refused| refused.of(home, subnet, &asked))?;
                    given.push((chosen[0], moved));
                }
            }
        }
        self.interfaces.insert(id, Interface { home, status, quota });
        self.said.push(Change::InterfaceCreated(InterfaceCreated {
            interface: id,
            subnet: home,
            status,
            quota,
        }));
        for &(address, moved) in &given {
            self.end_rests(home, &[address]);
            self.assign_all(id, home, &[address]);
            self.move_policy(home, Family::of(address), moved);
            self.make_primary(id, address);
        }
        Ok(given.into_iter().map(|(address, _)| address).collect())
    }

    fn delete_interface(&mut self, id: InterfaceId) -> Verdict {
        self.interface(id)?;
        let mut all = self.addresses(id);
        all.sort_by_key(|&(subnet, address, _)| (subnet, address));
        for task in self.unfinished(id) {
            let (failure, kept) = (Failure::InterfaceDeleted, [].into_iter().collect());
            let until = self.hold_rest_until(&self.tasks[&task], None);
            self.finish(task, End::Failed { failure, reason: None, kept }, &[], until, None);
        }
        let assigned = all.iter().filter(|(_, _, owned)| owned.task.is_none());
        self.release_blocks(id, assigned.map(|(subnet, at, _)| (*subnet, *at)), None, None);
        self.interfaces.remove(&id);
        self.said.push(Change::InterfaceDeleted(InterfaceDeleted { interface: id }));
        Ok(all.into_iter().map(|(_, at, _)| at).collect())
    }

    /// Releases addresses of any blocks, by subnet and family, each in the order given
    pub(crate) fn release_blocks(
        &mut self,
        interface: InterfaceId,
        all: impl Iterator<Item = (SubnetId, IpAddr)>,
        millis: Option<u64>,
        reason: Option<Reason>,
    ) {
        let mut blocks: BTreeMap<(SubnetId, Family), Vec<IpAddr>> = BTreeMap::new();
        for (subnet, address) in all {
            blocks.entry((subnet, Family::of(address))).or_default().push(address);
        }
        for ((subnet, _), addresses) in blocks {
            let until = self.rest_until(subnet, millis);
            self.release_all(interface, subnet, &addresses, until, reason);
        }
    }

    /// The home of an interface, if what is said of it and of a subnet is so
    pub(crate) fn find(
        &self,
        interface: InterfaceId,
        vpc: Option<VpcId>,
        subnet: Option<SubnetId>,
    ) -> Result<SubnetId, Refusal> {
        vpc.map(|vpc| self.vpc(vpc)).transpose()?;
        subnet.map(|subnet| self.subnet(subnet)).transpose()?;
        let home = self.interface(interface)?.home;
        if let Some(vpc) = vpc.filter(|&vpc| vpc != self.vpc_of(interface)) {
            return refuse(Error::InterfaceNotInVpc { interface, vpc });
        }
        if let Some(subnet) = subnet.filter(|of| self.subnets[of].vpc != self.vpc_of(interface)) {
            return refuse(Error::SubnetNotInVpc { subnet, interface });
        }
        Ok(home)
    }

    /// Whether the interface's state lets it be given addresses
    pub(crate) fn may_be_given(&self, interface: InterfaceId) -> Result<(), Refusal> {
        let Interface { home, status, .. } = self.interfaces[&interface];
        if !self.subnets[&home].profile.assign_in.contains(status) {
            return refuse(Error::Status { interface, status });
        }
        self.no_task_runs(interface)
    }
}

pub(crate) fn no_host_bits(cidrs: &[IpNet]) -> Result<(), Refusal> {
    match cidrs.iter().position(|cidr| cidr.addr() != cidr.network()) {
        Some(index) => {
            let cidr = cidrs[index];
            refuse(Error::HostBits { index, cidr, network: cidr.trunc() })
        }
        None => Ok(()),
    }
}

pub(crate) fn no_duplicates(addresses: &[IpAddr]) -> Result<(), Refusal> {
    let mut firsts = BTreeMap::new();
    let mut faults = Vec::new();
    for (index, &address) in addresses.iter().enumerate() {
        let first = *firsts.entry(address).or_insert(index);
        if first != index {
            faults.push((index, address, Cause::Duplicate { first }));
        }
    }
    faultless(faults)
}

pub(crate) fn has_family(id: SubnetId, subnet: &Subnet, family: Family) -> Result<IpNet, Refusal> {
    let lacks = Error::FamilyUnsupported { subnet: id, family };
    subnet.cidr(family).ok_or(Refusal::Other(lacks))
}

/// Whether there is room for more slots of each family
pub(crate) fn within_quota(
    interface: InterfaceId,
    quota: Option<u32>,
    rule: QuotaRule,
    taken: [u64; 2],
    more: [u64; 2],
) -> Result<(), Refusal> {
    let Some(quota) = quota else { return Ok(()) };
    // Shared by both families, the slots taken of either are those of both.
    let judged = if rule.per_family {
        vec![(taken[0], more[0]), (taken[1], more[1])]
    } else {
        vec![(taken[0], more[0] + more[1])]
    };
    for (held, wanted) in judged {
        if wanted > 0 && held + wanted > quota.into() {
            return refuse(Error::Quota { interface, quota, held, wanted });
        }
    }
    Ok(())
}

pub(crate) fn exhausted(
    id: SubnetId,
    subnet: &Subnet,
    asked: &Asked<'_>,
    (free, most): (u128, u128),
) -> Refusal {
    let Asked { family, count: wanted, within, .. } = *asked;
    let of = subnet.numbers(family);
    let waiting = subnet.waiting(asked);
    let end = |nth: usize| waiting.get(nth).map(|&(_, until)| Timestamp::from_millis(until));
    let missing = usize::try_from(u128::from(wanted) - free).unwrap();
    Refusal::Exhausted {
        subnet: id,
        family,
        wanted: wanted.into(),
        within,
        free,
        most: u32::try_from(
            most.min(u128::from(Assign::MAX_ADDRESSES) - asked.named.len() as u128),
        )
        .ok(),
        assigned: of.assigned,
        held: of.held,
        quarantined: of.quarantined,
        next: end(0),
        enough: end(missing - 1),
        reserved: of.structural.saturating_add(of.reserved),
        total: of.total,
    }
}
