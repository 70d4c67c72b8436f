//! What a command comes to, by the documented order of precedence: shape, ids, state, family, each
//! address, quota, capacity

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipam_core::ipnet::IpNet;
use ipam_core::{
    AddrRange, Assign, Cause, Command, CreateInterface, CreateSubnet, Error, Family, FreeAddress,
    Gateway, Indices, InterfaceId, ListAndCount, OwnAddress, Pick, Primary, Profile, QuotaRule,
    SubnetId, Unassign, VpcId,
};

use super::world::{Interface, Subnet, World, bits, ends, overlap};

/// What an accepted command comes to
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Accepted {
    pub(crate) answer: Vec<IpAddr>,
    pub(crate) changed: bool,
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
        assigned: u128,
        reserved: u128,
        total: u128,
    },
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
                assigned: of.assigned,
                reserved: of.reserved,
                total: of.total,
            },
            other => Self::Other(other),
        }
    }
}

type Verdict = Result<Accepted, Refusal>;

const CHANGED: Accepted = Accepted { answer: Vec::new(), changed: true };

/// Refuses if there is any fault
fn faultless(faults: Vec<(usize, IpAddr, Cause)>) -> Result<(), Refusal> {
    if faults.is_empty() { Ok(()) } else { Err(Refusal::Addresses(faults)) }
}

fn refuse<T>(error: Error) -> Result<T, Refusal> {
    Err(Refusal::Other(error))
}

impl World {
    /// Judges one command at a time, and carries it out if it is accepted
    pub(crate) fn execute(&mut self, now: u64, command: &Command) -> Verdict {
        let verdict = self.carry_out(command)?;
        self.commit(now, verdict.changed);
        Ok(verdict)
    }

    /// Judges several commands, each on what those before it leave: all or nothing
    pub(crate) fn execute_all(
        &mut self,
        now: u64,
        commands: &[Command],
    ) -> Result<Vec<Accepted>, (usize, Refusal)> {
        let mut after = self.clone();
        let mut verdicts = Vec::new();
        for (index, command) in commands.iter().enumerate() {
            verdicts.push(after.carry_out(command).map_err(|refusal| (index, refusal))?);
        }
        after.commit(now, verdicts.iter().any(|verdict| verdict.changed));
        *self = after;
        Ok(verdicts)
    }

    fn commit(&mut self, now: u64, changed: bool) {
        if changed {
            self.revision += 1;
            self.clock = self.clock.max(now);
        }
    }

    /// A refused command returns before the first write
    pub(crate) fn carry_out(&mut self, command: &Command) -> Verdict {
        match command {
            Command::CreateVpc { vpc, cidrs } => self.create_vpc(*vpc, cidrs),
            Command::DeleteVpc { vpc } => self.delete_vpc(*vpc),
            Command::CreateSubnet(request) => self.create_subnet(request),
            Command::DeleteSubnet { subnet } => self.delete_subnet(*subnet),
            Command::CreateInterface(request) => self.create_interface(request),
            Command::DeleteInterface { interface } => self.delete_interface(*interface),
            Command::SetStatus { interface, status } => {
                self.interface(*interface)?;
                let interface = self.interfaces.get_mut(interface).unwrap();
                let before = std::mem::replace(&mut interface.status, *status);
                Ok(Accepted { changed: before != *status, ..CHANGED })
            }
            Command::SetQuota { interface, quota } => {
                self.interface(*interface)?;
                let interface = self.interfaces.get_mut(interface).unwrap();
                let before = std::mem::replace(&mut interface.quota, *quota);
                Ok(Accepted { changed: before != *quota, ..CHANGED })
            }
            Command::ReserveRange { subnet: id, range } => {
                let subnet = self.subnet(*id)?;
                let cidr = has_family(*id, subnet, range.family())?;
                if !cidr.contains(&range.first()) || !cidr.contains(&range.last()) {
                    return refuse(Error::RangeOutside { subnet: *id, range: *range });
                }
                let overlaps = |of: &&AddrRange| {
                    of.family() == range.family()
                        && of.first() <= range.last()
                        && range.first() <= of.last()
                };
                if let Some(&other) = subnet.reserved.iter().filter(overlaps).min() {
                    return refuse(Error::ReservationOverlap { range: *range, other });
                }
                self.subnets.get_mut(id).unwrap().reserved.push(*range);
                Ok(CHANGED)
            }
            Command::ReleaseRange { subnet: id, range } => {
                let subnet = self.subnet(*id)?;
                if !subnet.reserved.contains(range) {
                    return refuse(Error::ReservationNotFound { subnet: *id, range: *range });
                }
                self.subnets.get_mut(id).unwrap().reserved.retain(|of| of != range);
                Ok(CHANGED)
            }
            Command::SetIndices { subnet: id, indices } => {
                self.subnet(*id)?;
                let subnet = self.subnets.get_mut(id).unwrap();
                let before = std::mem::replace(&mut subnet.indices, *indices);
                Ok(Accepted { changed: before != *indices, ..CHANGED })
            }
            Command::Assign(request) => self.assign(request),
            Command::Unassign(request) => self.unassign(request),
            _ => panic!("a command that the model does not know"),
        }
    }

    fn vpc(&self, id: VpcId) -> Result<&Vec<IpNet>, Refusal> {
        self.vpcs.get(&id).ok_or(Refusal::Other(Error::VpcNotFound(id)))
    }

    fn subnet(&self, id: SubnetId) -> Result<&Subnet, Refusal> {
        self.subnets.get(&id).ok_or(Refusal::Other(Error::SubnetNotFound(id)))
    }

    fn interface(&self, id: InterfaceId) -> Result<&Interface, Refusal> {
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
        Ok(CHANGED)
    }

    fn delete_vpc(&mut self, vpc: VpcId) -> Verdict {
        self.vpc(vpc)?;
        let lowest =
            |(_, subnet): &(SubnetId, &Subnet)| (subnet.default_family(), ends(subnet.cidrs[0]).0);
        if let Some((subnet, _)) = self.subnets_of(vpc).min_by_key(lowest) {
            return refuse(Error::VpcInUse { vpc, subnet });
        }
        self.vpcs.remove(&vpc);
        Ok(CHANGED)
    }

    fn create_subnet(&mut self, request: &CreateSubnet) -> Verdict {
        let CreateSubnet { subnet, vpc, v4, v6, profile, .. } = *request;
        let cidrs: Vec<IpNet> = v4.map(IpNet::V4).into_iter().chain(v6.map(IpNet::V6)).collect();
        no_host_bits(&cidrs)?;
        if cidrs.is_empty() {
            return refuse(Error::NoCidr(subnet));
        }
        let allowed = self.vpc(vpc)?;
        if self.subnets.contains_key(&subnet) {
            return refuse(Error::SubnetExists(subnet));
        }
        let rules = |cidr: IpNet| *profile.family(Family::of(cidr.addr()));
        for &cidr in &cidrs {
            let (shortest, longest) = (rules(cidr).shortest_prefix, rules(cidr).longest_prefix);
            if cidr.prefix_len() < shortest || cidr.prefix_len() > longest {
                return refuse(Error::PrefixLength { cidr, shortest, longest });
            }
        }
        for &cidr in &cidrs {
            if !allowed.is_empty() && !allowed.iter().any(|of| of.contains(&cidr)) {
                return refuse(Error::OutsideVpc { cidr, vpc });
            }
        }
        for &cidr in &cidrs {
            let overlapping = self.subnets_of(vpc).filter_map(|(id, of)| {
                let other = of.cidrs.iter().find(|of| overlap(**of, cidr))?;
                Some((ends(*other).0, id))
            });
            if let Some((_, other)) = overlapping.min() {
                return refuse(Error::SubnetOverlap { cidr, other });
            }
        }
        for &cidr in &cidrs {
            match rules(cidr).gateway {
                Gateway::At(gateway) if !cidr.contains(&gateway) => {
                    return refuse(Error::GatewayOutside { gateway, cidr });
                }
                _ => {}
            }
        }
        let (indices, reserved, held) = (Indices::NONE, Vec::new(), BTreeMap::new());
        self.subnets.insert(subnet, Subnet { vpc, cidrs, profile, indices, reserved, held });
        Ok(CHANGED)
    }

    fn delete_subnet(&mut self, id: SubnetId) -> Verdict {
        let addresses = self.subnet(id)?.held.len() as u128;
        let interfaces = self.interfaces.values().filter(|of| of.home == id).count() as u64;
        if interfaces > 0 || addresses > 0 {
            return refuse(Error::SubnetInUse { subnet: id, interfaces, addresses });
        }
        self.subnets.remove(&id);
        Ok(CHANGED)
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
            Some(_) => subnet.causes(at).first().copied(),
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
            let cidr = subnet.cidr(family).unwrap();
            let (first, last) = ends(cidr);
            match address {
                Some(address) => given.push(address),
                None => match subnet.lowest_free(family, first, last, &[], 1)[..] {
                    [address] => given.push(address),
                    _ => return Err(exhausted(home, subnet, family, 1, None, 0)),
                },
            }
        }
        self.interfaces.insert(id, Interface { home, status, quota });
        for &address in &given {
            self.give(home, address, id);
            self.make_primary(home, address);
        }
        Ok(Accepted { answer: given, changed: true })
    }

    fn delete_interface(&mut self, id: InterfaceId) -> Verdict {
        self.interface(id)?;
        let mut all = self.addresses(id);
        all.sort_by_key(|&(subnet, address, _)| (subnet, address));
        for &(subnet, address, _) in &all {
            self.take_back(subnet, address);
        }
        self.interfaces.remove(&id);
        Ok(Accepted { answer: all.into_iter().map(|(_, at, _)| at).collect(), changed: true })
    }

    fn assign(&mut self, request: &Assign) -> Verdict {
        let Assign { interface: id, vpc, subnet: from, ref pick, .. } = *request;
        shape(pick)?;
        let home = self.find(id, vpc, from)?;
        let profile = self.subnets[&home].profile;
        let count = count(pick, &profile)?;
        self.state_allows(id, pick, &profile)?;

        let from = from.unwrap_or(home);
        let subnet = &self.subnets[&from];
        let ranged = pick.within.map(|range| range.family());
        let family = pick.family.or(ranged).unwrap_or_else(|| subnet.default_family());
        if let Some(family) = ranged {
            has_family(from, subnet, family)?;
        }
        if count > 0 {
            has_family(from, subnet, family)?;
        }
        let list = || pick.list.iter().map(|wanted| wanted.address).enumerate();
        let alien = list().filter(|&(_, at)| subnet.cidr(Family::of(at)).is_none());
        faultless(alien.map(|(index, at)| (index, at, Cause::WrongFamily)).collect())?;

        if let Some(range) = pick.within {
            let inside = |at| subnet.around(at).is_some();
            if !inside(range.first()) || !inside(range.last()) {
                return refuse(Error::RangeOutside { subnet: from, range });
            }
        }
        let is_own = |at: IpAddr| subnet.held.get(&at).is_some_and(|held| held.by == id);
        let cause = |at: IpAddr| {
            let inside = pick.within.is_none_or(|range| range.contains(at));
            if subnet.around(at).is_none() || !inside {
                Some(Cause::OutOfRange)
            } else if is_own(at) && profile.own_address == OwnAddress::Accept {
                None
            } else {
                subnet.causes(at).first().copied()
            }
        };
        faultless(list().filter_map(|(index, at)| Some((index, at, cause(at)?))).collect())?;

        let mut slots = [0; 2];
        for wanted in pick.list.iter().filter(|wanted| !is_own(wanted.address)) {
            if !wanted.primary || profile.quota.counts_primary {
                slots[Family::of(wanted.address) as usize] += 1;
            }
        }
        slots[family as usize] += u64::from(count);
        let taken = Family::ALL.map(|family| self.slots(id, family, profile.quota));
        within_quota(id, self.interfaces[&id].quota, profile.quota, taken, slots)?;

        let named: Vec<IpAddr> = list().map(|(_, at)| at).collect();
        let mut chosen = Vec::new();
        if count > 0 {
            let (mut first, mut last) = ends(subnet.cidr(family).unwrap());
            if let Some(range) = pick.within {
                (first, last) = (bits(range.first()), bits(range.last()));
            }
            chosen = subnet.lowest_free(family, first, last, &named, count);
            if chosen.len() < count as usize {
                return Err(exhausted(
                    from,
                    subnet,
                    family,
                    count,
                    pick.within,
                    chosen.len() as u128,
                ));
            }
        }
        let new: Vec<IpAddr> =
            named.iter().copied().filter(|at| !is_own(*at)).chain(chosen.clone()).collect();
        for &address in &new {
            self.give(from, address, id);
        }
        let mut changed = !new.is_empty();
        for wanted in pick.list.iter().filter(|wanted| wanted.primary) {
            changed |= !self.subnets[&from].held[&wanted.address].primary;
            self.make_primary(from, wanted.address);
        }
        Ok(Accepted { answer: named.into_iter().chain(chosen).collect(), changed })
    }

    fn unassign(&mut self, request: &Unassign) -> Verdict {
        let Unassign { interface: id, vpc, ref addresses, .. } = *request;
        no_duplicates(addresses)?;
        if addresses.is_empty() {
            return refuse(Error::NothingAsked);
        }
        let profile = self.subnets[&self.find(id, vpc, None)?].profile;
        let vpc = self.vpc_of(id);
        let mut answer = Vec::new();
        let mut faults = Vec::new();
        for (index, &address) in addresses.iter().enumerate() {
            let Some((subnet, of)) = self.subnet_at(vpc, address) else {
                faults.push((index, address, Cause::OutOfRange));
                continue;
            };
            match of.held.get(&address) {
                None if profile.free_address == FreeAddress::Ignore => {}
                None => faults.push((index, address, Cause::NotAssigned)),
                Some(held) if held.by != id => {
                    faults.push((index, address, Cause::WrongOwner { by: held.by }));
                }
                Some(held) if held.primary && !profile.unassign_primary => {
                    faults.push((index, address, Cause::IsPrimary));
                }
                Some(_) => answer.push((subnet, address)),
            }
        }
        faultless(faults)?;
        for &(subnet, address) in &answer {
            self.take_back(subnet, address);
        }
        let changed = !answer.is_empty();
        Ok(Accepted { answer: answer.into_iter().map(|(_, at)| at).collect(), changed })
    }

    /// The home of an interface, if what is said of it and of a subnet is so
    fn find(
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

    fn state_allows(&self, id: InterfaceId, pick: &Pick, profile: &Profile) -> Result<(), Refusal> {
        let status = self.interfaces[&id].status;
        if !profile.assign_in.contains(status) {
            return refuse(Error::Status { interface: id, status });
        }
        for (index, wanted) in pick.list.iter().enumerate().filter(|(_, wanted)| wanted.primary) {
            let address = wanted.address;
            if !profile.assign_primary {
                return refuse(Error::PrimaryForbidden { index, address });
            }
            if let Some(primary) = self.primary(id, Family::of(address)) {
                if primary != address || profile.own_address != OwnAddress::Accept {
                    return refuse(Error::PrimaryExists { interface: id, primary, index, address });
                }
            }
        }
        Ok(())
    }
}

fn no_host_bits(cidrs: &[IpNet]) -> Result<(), Refusal> {
    match cidrs.iter().position(|cidr| cidr.addr() != cidr.network()) {
        Some(index) => {
            let cidr = cidrs[index];
            refuse(Error::HostBits { index, cidr, network: cidr.trunc() })
        }
        None => Ok(()),
    }
}

fn no_duplicates(addresses: &[IpAddr]) -> Result<(), Refusal> {
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

fn has_family(id: SubnetId, subnet: &Subnet, family: Family) -> Result<IpNet, Refusal> {
    let lacks = Error::FamilyUnsupported { subnet: id, family };
    subnet.cidr(family).ok_or(Refusal::Other(lacks))
}

fn shape(pick: &Pick) -> Result<(), Refusal> {
    no_duplicates(&pick.list.iter().map(|wanted| wanted.address).collect::<Vec<_>>())?;
    match pick.count {
        None if pick.list.is_empty() => return refuse(Error::NothingAsked),
        Some(0) if pick.list.is_empty() => return refuse(Error::ZeroCount),
        _ => {}
    }
    let primaries = || pick.list.iter().enumerate().filter(|(_, wanted)| wanted.primary);
    for (second, wanted) in primaries() {
        let family = Family::of(wanted.address);
        let before = |(at, of): &(usize, &ipam_core::Wanted)| {
            *at < second && Family::of(of.address) == family
        };
        if let Some((first, _)) = primaries().find(before) {
            return refuse(Error::TwoPrimaries { family, first, second });
        }
    }
    match (pick.within, pick.family) {
        (Some(range), Some(family)) if range.family() != family => {
            refuse(Error::RangeFamily { range, family })
        }
        _ => Ok(()),
    }
}

/// How many to choose beside the list
///
/// What a count beside a list means is the profile's to say, so a count of 0 beside a list is judged
/// only once the interface is found.
fn count(pick: &Pick, profile: &Profile) -> Result<u32, Refusal> {
    let Some(count) = pick.count else { return Ok(0) };
    if pick.list.is_empty() {
        return Ok(count);
    }
    match profile.list_and_count {
        ListAndCount::Refuse => refuse(Error::ListAndCount),
        ListAndCount::ListWins => Ok(0),
        ListAndCount::Both if count == 0 => refuse(Error::ZeroCount),
        ListAndCount::Both => Ok(count),
        _ => panic!("a choice that the model does not know"),
    }
}

/// Whether there is room for more slots of each family
fn within_quota(
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

fn exhausted(
    id: SubnetId,
    subnet: &Subnet,
    family: Family,
    wanted: u32,
    within: Option<AddrRange>,
    free: u128,
) -> Refusal {
    let of = subnet.numbers(family);
    Refusal::Exhausted {
        subnet: id,
        family,
        wanted: wanted.into(),
        within,
        free,
        assigned: of.assigned,
        reserved: of.structural.saturating_add(of.reserved),
        total: of.total,
    }
}
