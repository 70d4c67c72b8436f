//! Judging assignments and unassignments the plain way

use std::net::{IpAddr, Ipv4Addr};

use foldhash::fast::FixedState;
use hashbrown::HashSet;
use ipam_core::{
    Assign, Command, FreeAddress, ListAndCount, OwnAddress, Timestamp, Unassign, Wanted,
};
use smallvec::SmallVec;

use super::id::Id;
use super::{Change, Decision, Event, Interface, Plain, Subnet};

/// Why a command was refused
pub(crate) enum Refusal {
    /// It names or asks for something that cannot be; the code is that of ours
    Request(u16),
    /// Addresses that cannot be had, by rising index
    Addresses(Vec<(usize, Cause)>),
}

/// Why an address cannot be had
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    Duplicate,
    WrongFamily,
    OutOfRange,
    NetworkAddress,
    BroadcastAddress,
    Gateway,
    Reserved,
    InUse,
    NotAssigned,
    WrongOwner,
}

impl Refusal {
    /// The code that ours gives for the same refusal
    pub(crate) fn code(&self) -> u16 {
        match self {
            Self::Request(code) => *code,
            Self::Addresses(faults) => match faults.first().map(|&(_, cause)| cause) {
                Some(Cause::Duplicate) | None => 110,
                Some(Cause::WrongFamily) => 401,
                Some(Cause::OutOfRange) => 510,
                Some(Cause::NetworkAddress) => 511,
                Some(Cause::BroadcastAddress) => 512,
                Some(Cause::Gateway) => 513,
                Some(Cause::Reserved) => 514,
                Some(Cause::InUse) => 515,
                Some(Cause::NotAssigned) => 520,
                Some(Cause::WrongOwner) => 521,
            },
        }
    }
}

impl Plain {
    /// What a command comes to; nothing is changed
    pub(crate) fn decide(&self, now: Timestamp, command: &Command) -> Result<Decision, Refusal> {
        match command {
            Command::Assign(request) => self.decide_assign(now, request),
            Command::Unassign(request) => self.decide_unassign(now, request),
            _ => Err(Refusal::Request(0)),
        }
    }

    fn decide_assign(&self, now: Timestamp, request: &Assign) -> Result<Decision, Refusal> {
        let Assign { interface, pick, .. } = request;
        let (id, vpc) = (Id::of(interface), request.vpc.map(Id::of));
        let named = v4(pick.list.iter().map(|wanted: &Wanted| wanted.address))?;
        repeated(&named)?;
        if named.is_empty() {
            match pick.count {
                None => return Err(Refusal::Request(111)),
                Some(0) => return Err(Refusal::Request(112)),
                Some(_) => {}
            }
        }
        if vpc.is_some_and(|vpc| !self.vpcs.contains_key(&vpc)) {
            return Err(Refusal::Request(200));
        }
        let named_subnet = match request.from.subnet().map(Id::of) {
            None => None,
            Some(id) => Some((id, self.subnets.get(&id).ok_or(Refusal::Request(201))?)),
        };
        let interface = self.interfaces.get(&id).ok_or(Refusal::Request(202))?;
        let home = self.subnets.get(&interface.home).ok_or(Refusal::Request(201))?;
        if vpc.is_some_and(|vpc| vpc != home.vpc) {
            return Err(Refusal::Request(203));
        }
        let (subnet_id, subnet) = named_subnet.unwrap_or((interface.home, home));
        if subnet.vpc != home.vpc {
            return Err(Refusal::Request(204));
        }
        let count = match (pick.count, home.profile.list_and_count) {
            (None, _) => 0,
            (Some(count), _) if named.is_empty() => count,
            (Some(_), ListAndCount::Refuse) => return Err(Refusal::Request(115)),
            (Some(_), ListAndCount::ListWins) => 0,
            (Some(0), _) => return Err(Refusal::Request(112)),
            (Some(count), _) => count,
        };
        if !home.profile.assign_in.contains(interface.status) {
            return Err(Refusal::Request(300));
        }
        let mut faults = Vec::new();
        let mut owned = 0;
        for (index, &address) in named.iter().enumerate() {
            match subnet.judge(address, id, home.profile.own_address) {
                Ok(true) => owned += 1,
                Ok(false) => {}
                Err(cause) => faults.push((index, cause)),
            }
        }
        if !faults.is_empty() {
            return Err(Refusal::Addresses(faults));
        }
        let new = named.len() - owned;
        let wanted = new as u64 + u64::from(count);
        let over = |quota: u32| interface.addresses.len() as u64 + wanted > u64::from(quota);
        if wanted > 0 && interface.quota.is_some_and(over) {
            return Err(Refusal::Request(600));
        }
        if subnet.free.len() < new + count as usize {
            return Err(Refusal::Request(700));
        }

        // Only where the interface has some of the list are the answer and the event's list two.
        let mut answer = named;
        answer.reserve_exact(count as usize);
        let mut addresses = None;
        if owned > 0 {
            let mut fresh = Vec::with_capacity(new + count as usize);
            fresh.extend(answer.iter().filter(|at| !subnet.owners.contains_key(&at.to_bits())));
            addresses = Some(fresh);
        }
        let free = subnet.free.iter().map(|&at| Ipv4Addr::from_bits(at));
        if answer.is_empty() {
            answer.extend(free.take(count as usize));
        } else if count > 0 {
            let named: HashSet<Ipv4Addr, FixedState> = answer.iter().copied().collect();
            let chosen = free.filter(|at| !named.contains(at)).take(count as usize);
            for address in chosen {
                answer.push(address);
                addresses.iter_mut().for_each(|fresh| fresh.push(address));
            }
        }
        let (addresses, answer) = match addresses {
            None => (answer, None),
            Some(fresh) => (fresh, Some(answer)),
        };
        let change = (wanted > 0).then_some(Change::Assigned {
            interface: id,
            subnet: subnet_id,
            addresses,
        });
        Ok(Decision { event: change.map(|change| self.event(now, [change])), answer })
    }

    fn decide_unassign(&self, now: Timestamp, request: &Unassign) -> Result<Decision, Refusal> {
        let (id, vpc) = (Id::of(request.interface), request.vpc.map(Id::of));
        let asked = v4(request.addresses.iter().copied())?;
        repeated(&asked)?;
        if asked.is_empty() {
            return Err(Refusal::Request(111));
        }
        if vpc.is_some_and(|vpc| !self.vpcs.contains_key(&vpc)) {
            return Err(Refusal::Request(200));
        }
        let interface = self.interfaces.get(&id).ok_or(Refusal::Request(202))?;
        let home = self.subnets.get(&interface.home).ok_or(Refusal::Request(201))?;
        if vpc.is_some_and(|vpc| vpc != home.vpc) {
            return Err(Refusal::Request(203));
        }
        let ignore = home.profile.free_address == FreeAddress::Ignore;
        let mut faults = Vec::new();
        let mut ignored = false;
        let mut elsewhere = false;
        for (index, &address) in asked.iter().enumerate() {
            let cause = match self.subnet_of(interface, home, address) {
                None => Some(Cause::OutOfRange),
                Some((subnet_id, subnet)) => {
                    elsewhere |= subnet_id != interface.home;
                    match subnet.owners.get(&address.to_bits()) {
                        Some(owner) if owner.interface == id => None,
                        Some(_) => Some(Cause::WrongOwner),
                        None if ignore => {
                            ignored = true;
                            None
                        }
                        None => Some(Cause::NotAssigned),
                    }
                }
            };
            faults.extend(cause.map(|cause| (index, cause)));
        }
        if !faults.is_empty() {
            return Err(Refusal::Addresses(faults));
        }
        if !elsewhere && !ignored {
            let change =
                Change::Released { interface: id, subnet: interface.home, addresses: asked };
            return Ok(Decision { event: Some(self.event(now, [change])), answer: None });
        }
        // The rare case: several subnets, or addresses that nobody has.
        let mut by_subnet = std::collections::BTreeMap::<Id, Vec<Ipv4Addr>>::new();
        let mut answer = Vec::with_capacity(asked.len());
        for address in asked {
            let Some((at, subnet)) = self.subnet_of(interface, home, address) else { continue };
            if subnet.owners.contains_key(&address.to_bits()) {
                by_subnet.entry(at).or_default().push(address);
                answer.push(address);
            }
        }
        let released = |(subnet, addresses)| Change::Released { interface: id, subnet, addresses };
        let changes: SmallVec<[Change; 1]> = by_subnet.into_iter().map(released).collect();
        let event = (!changes.is_empty()).then(|| self.event(now, changes));
        Ok(Decision { event, answer: Some(answer) })
    }

    fn event(&self, now: Timestamp, changes: impl Into<SmallVec<[Change; 1]>>) -> Event {
        Event {
            revision: self.revision + 1,
            at: now.max(self.clock),
            parent: self.digest,
            changes: changes.into(),
        }
    }

    /// The subnet of an interface's VPC that an address lies in: most often its home
    fn subnet_of<'s>(
        &'s self,
        interface: &Interface,
        home: &'s Subnet,
        address: Ipv4Addr,
    ) -> Option<(Id, &'s Subnet)> {
        if home.cidr.contains(&address) {
            return Some((interface.home, home));
        }
        let vpc = self.vpcs.get(&home.vpc)?;
        let (_, &id) = vpc.subnets.range(..=address).next_back()?;
        let subnet = self.subnets.get(&id)?;
        subnet.cidr.contains(&address).then_some((id, subnet))
    }
}

impl Subnet {
    /// Whether an interface has an address already, if it may ask for it
    fn judge(&self, address: Ipv4Addr, by: Id, own: OwnAddress) -> Result<bool, Cause> {
        let at = address.to_bits();
        if !self.cidr.contains(&address) {
            return Err(Cause::OutOfRange);
        }
        if self.free.contains(&at) {
            return Ok(false);
        }
        let owner = self.owners.get(&at).map(|owner| owner.interface);
        if owner == Some(by) && own == OwnAddress::Accept {
            return Ok(true);
        }
        let rules = &self.profile.v4;
        let (first, last) = (self.cidr.network(), self.cidr.broadcast());
        let below = at - first.to_bits() < rules.first;
        let above = last.to_bits() - at < rules.last;
        Err(match owner {
            _ if (below || above) && address == first => Cause::NetworkAddress,
            _ if (below || above) && address == last => Cause::BroadcastAddress,
            _ if self.gateway == Some(address) => Cause::Gateway,
            _ if below || above || self.is_reserved(at) => Cause::Reserved,
            _ => Cause::InUse,
        })
    }
}

/// The addresses as IPv4 ones
fn v4(addresses: impl ExactSizeIterator<Item = IpAddr>) -> Result<Vec<Ipv4Addr>, Refusal> {
    let mut list = Vec::with_capacity(addresses.len());
    for (index, address) in addresses.enumerate() {
        match address {
            IpAddr::V4(address) => list.push(address),
            IpAddr::V6(_) => return Err(Refusal::Addresses(vec![(index, Cause::WrongFamily)])),
        }
    }
    Ok(list)
}

/// Refuses a list that has an address twice
pub(super) fn repeated(list: &[Ipv4Addr]) -> Result<(), Refusal> {
    if list.is_sorted_by(|a, b| a < b) {
        return Ok(());
    }
    let mut seen = HashSet::with_capacity_and_hasher(list.len(), FixedState::default());
    let again = list.iter().enumerate().filter(|&(_, at)| !seen.insert(*at));
    let faults: Vec<_> = again.map(|(index, _)| (index, Cause::Duplicate)).collect();
    if faults.is_empty() { Ok(()) } else { Err(Refusal::Addresses(faults)) }
}
