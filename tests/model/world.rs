//! What the model knows: maps of plain records, and questions answered by looping over them

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipam_core::ipnet::IpNet;
use ipam_core::{
    AddrRange, Cause, Family, FamilyRules, Gateway, Indices, InterfaceId, Profile, QuotaRule,
    SmallSubnet, Status, SubnetId, VpcId,
};

/// Subnets up to this size are counted address by address
const SMALL: u128 = 4096;

#[derive(Clone, Debug, Default)]
pub(crate) struct World {
    pub(crate) vpcs: BTreeMap<VpcId, Vec<IpNet>>,
    pub(crate) subnets: BTreeMap<SubnetId, Subnet>,
    pub(crate) interfaces: BTreeMap<InterfaceId, Interface>,
    pub(crate) revision: u64,
    pub(crate) clock: u64,
    /// Assignments ever made, which numbers them
    pub(crate) assigned: u64,
}

#[derive(Clone, Debug)]
pub(crate) struct Subnet {
    pub(crate) vpc: VpcId,
    /// IPv4 first
    pub(crate) cidrs: Vec<IpNet>,
    pub(crate) profile: Profile,
    pub(crate) indices: Indices,
    pub(crate) reserved: Vec<AddrRange>,
    pub(crate) held: BTreeMap<IpAddr, Held>,
}

#[derive(Clone, Debug)]
pub(crate) struct Interface {
    pub(crate) home: SubnetId,
    pub(crate) status: Status,
    pub(crate) quota: Option<u32>,
}

/// An assignment
#[derive(Clone, Copy, Debug)]
pub(crate) struct Held {
    pub(crate) by: InterfaceId,
    pub(crate) primary: bool,
    pub(crate) generation: u64,
    /// Orders the assignments of an interface
    pub(crate) number: u64,
}

pub(crate) fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u32::from(address).into(),
        IpAddr::V6(address) => address.into(),
    }
}

pub(crate) fn address(family: Family, bits: u128) -> IpAddr {
    match family {
        Family::V4 => IpAddr::V4(u32::try_from(bits).unwrap().into()),
        Family::V6 => IpAddr::V6(bits.into()),
    }
}

/// First and last address of a CIDR, as numbers
pub(crate) fn ends(cidr: IpNet) -> (u128, u128) {
    (bits(cidr.network()), bits(cidr.broadcast()))
}

/// Numbers from `first` to `last`; 2^128 saturates
fn count(first: u128, last: u128) -> u128 {
    (last - first).saturating_add(1)
}

pub(crate) fn overlap(a: IpNet, b: IpNet) -> bool {
    let ((a_first, a_last), (b_first, b_last)) = (ends(a), ends(b));
    a.addr().is_ipv4() == b.addr().is_ipv4() && a_first <= b_last && b_first <= a_last
}

/// Where the gateway of a subnet with this CIDR sits
fn gateway(rules: &FamilyRules, cidr: IpNet) -> Option<u128> {
    let (first, last) = ends(cidr);
    match rules.gateway {
        Gateway::None => None,
        Gateway::Offset(above) => first.checked_add(above).filter(|&at| at <= last),
        Gateway::FromLast(below) => last.checked_sub(below).filter(|&at| at >= first),
        Gateway::At(address) => Some(bits(address)),
        _ => panic!("a gateway that the model does not know"),
    }
}

impl Subnet {
    pub(crate) fn cidr(&self, family: Family) -> Option<IpNet> {
        self.cidrs.iter().copied().find(|cidr| Family::of(cidr.addr()) == family)
    }

    /// The CIDR that an address lies in
    pub(crate) fn around(&self, address: IpAddr) -> Option<IpNet> {
        self.cidrs.iter().copied().find(|cidr| cidr.contains(&address))
    }

    /// The family of addresses chosen for a request that names none
    pub(crate) fn default_family(&self) -> Family {
        Family::of(self.cidrs[0].addr())
    }

    fn withholds_ends(&self, cidr: IpNet) -> (u128, u128) {
        let rules = self.profile.family(Family::of(cidr.addr()));
        let (first, last) = ends(cidr);
        let keeps = last - first < 2 && rules.small == SmallSubnet::Keep;
        if keeps { (0, 0) } else { (rules.first.into(), rules.last.into()) }
    }

    /// Why the rules withhold an address that lies in the subnet
    pub(crate) fn rule(&self, address: IpAddr) -> Option<Cause> {
        let family = Family::of(address);
        let cidr = self.cidr(family).unwrap();
        let ((first, last), at) = (ends(cidr), bits(address));
        let (low, high) = self.withholds_ends(cidr);
        let is_gateway = gateway(self.profile.family(family), cidr) == Some(at);
        if at - first >= low && last - at >= high {
            is_gateway.then_some(Cause::Gateway)
        } else if at == first {
            Some(Cause::NetworkAddress)
        } else if at == last && family == Family::V4 {
            Some(Cause::BroadcastAddress)
        } else if is_gateway {
            Some(Cause::Gateway)
        } else {
            Some(Cause::Reserved)
        }
    }

    pub(crate) fn reservation(&self, address: IpAddr) -> Option<AddrRange> {
        self.reserved.iter().copied().find(|range| range.contains(address))
    }

    /// Everything that keeps an address of the subnet from being given, in order of precedence
    pub(crate) fn causes(&self, address: IpAddr) -> Vec<Cause> {
        let mut causes: Vec<Cause> = self.rule(address).into_iter().collect();
        if self.reservation(address).is_some() && !causes.contains(&Cause::Reserved) {
            causes.push(Cause::Reserved);
        }
        causes.extend(self.held.get(&address).map(|held| Cause::InUse { by: held.by }));
        causes
    }

    pub(crate) fn is_free(&self, address: IpAddr) -> bool {
        self.causes(address).is_empty()
    }

    /// First and last number that the rules leave, gateway aside
    fn left(&self, cidr: IpNet) -> Option<(u128, u128)> {
        let ((first, last), (low, high)) = (ends(cidr), self.withholds_ends(cidr));
        let (first, last) = (first.checked_add(low)?, last.checked_sub(high)?);
        (first <= last).then_some((first, last))
    }

    /// Usable by the rules among the numbers from `first` to `last`; saturates
    fn usable(&self, cidr: IpNet, first: u128, last: u128) -> u128 {
        let Some((bottom, top)) = self.left(cidr) else { return 0 };
        let (first, last) = (first.max(bottom), last.min(top));
        if first > last {
            return 0;
        }
        let gateway = gateway(self.profile.family(Family::of(cidr.addr())), cidr);
        let hole = gateway.is_some_and(|at| first <= at && at <= last);
        (last - first).saturating_add(u128::from(!hole))
    }

    pub(crate) fn numbers(&self, family: Family) -> Numbers {
        let cidr = self.cidr(family).unwrap();
        let (first, last) = ends(cidr);
        let total = count(first, last);
        let held: Vec<IpAddr> =
            self.held.keys().copied().filter(|at| Family::of(*at) == family).collect();
        let assigned = held.len() as u128;
        if total <= SMALL {
            let all = || (first..=last).map(|at| address(family, at));
            let reserved = all().filter(|&at| {
                self.rule(at).is_none()
                    && self.reservation(at).is_some()
                    && !self.held.contains_key(&at)
            });
            return Numbers {
                total,
                structural: all().filter(|&at| self.rule(at).is_some()).count() as u128,
                reserved: reserved.count() as u128,
                assigned,
                free: all().filter(|&at| self.is_free(at)).count() as u128,
            };
        }
        let structural = match self.left(cidr) {
            None => total,
            Some((bottom, top)) => {
                let gateway = gateway(self.profile.family(family), cidr);
                let hole = gateway.is_some_and(|at| bottom <= at && at <= top);
                (bottom - first) + (last - top) + u128::from(hole)
            }
        };
        // Modulo 2^128, in which all of ::/0 looks like nothing.
        let mut reserved: u128 = 0;
        for range in self.reserved.iter().filter(|range| range.family() == family) {
            let all = self.usable(cidr, bits(range.first()), bits(range.last()));
            let whole = all == u128::MAX && structural == 0 && range.count() == u128::MAX;
            let exact = range.first() == cidr.network() && range.last() == cidr.broadcast();
            reserved = reserved.wrapping_add(if whole && exact { 0 } else { all });
        }
        let latent = held.iter().filter(|&&at| self.reservation(at).is_some()).count() as u128;
        reserved = reserved.wrapping_sub(latent);
        let size = (last - first).wrapping_add(1);
        let free = size.wrapping_sub(structural).wrapping_sub(reserved).wrapping_sub(assigned);
        let mut ranges = self.reserved.iter();
        let untouched = held.is_empty() && !ranges.any(|range| range.family() == family);
        let all_free = size == 0 && free == 0 && untouched;
        let all_reserved =
            size == 0 && reserved == 0 && structural == 0 && !untouched && held.is_empty();
        let free = if all_free { u128::MAX } else { free };
        let reserved = if all_reserved { u128::MAX } else { reserved };
        Numbers { total, structural, reserved, assigned, free }
    }

    /// The lowest free numbers from `first` to `last`, at most `most`, but for those of `named`
    pub(crate) fn lowest_free(
        &self,
        family: Family,
        first: u128,
        last: u128,
        named: &[IpAddr],
        most: u32,
    ) -> Vec<IpAddr> {
        let cidr = self.cidr(family).unwrap();
        let Some((bottom, top)) = self.left(cidr) else { return Vec::new() };
        let mut found = Vec::new();
        let mut at = Some(first.max(bottom));
        while let Some(bits) = at.filter(|&at| at <= last.min(top) && found.len() < most as usize) {
            let candidate = address(family, bits);
            // A reserved range may be too long to walk through.
            let end = self.reservation(candidate).map_or(bits, |range| self::bits(range.last()));
            at = end.checked_add(1);
            if self.is_free(candidate) && !named.contains(&candidate) {
                found.push(candidate);
            }
        }
        found
    }

    /// The free ranges, found from what is not free
    pub(crate) fn free_ranges(&self, family: Family) -> Vec<AddrRange> {
        let cidr = self.cidr(family).unwrap();
        let Some((first, last)) = self.left(cidr) else { return Vec::new() };
        let singles = self.held.keys().filter(|at| Family::of(**at) == family).map(|at| bits(*at));
        let singles = singles.chain(gateway(self.profile.family(family), cidr));
        let reserved = self.reserved.iter().filter(|range| range.family() == family);
        let mut blocked: Vec<(u128, u128)> = singles
            .map(|at| (at, at))
            .chain(reserved.map(|range| (bits(range.first()), bits(range.last()))))
            .collect();
        blocked.sort_unstable();
        let mut free = Vec::new();
        let mut at = Some(first);
        let mut add = |first, last| {
            let ends = (address(family, first), address(family, last));
            free.push(AddrRange::new(ends.0, ends.1).unwrap());
        };
        for (from, to) in blocked {
            let Some(start) = at else { break };
            if from > start && from > 0 && start <= last.min(from - 1) {
                add(start, last.min(from - 1));
            }
            at = to.checked_add(1).map(|next| next.max(start));
        }
        if let Some(start) = at.filter(|&start| start <= last) {
            add(start, last);
        }
        free
    }
}

/// The free CIDRs that lie in no larger free one, ascending: by looking for one address after another
pub(crate) fn free_cidrs(free: &[AddrRange]) -> Vec<IpNet> {
    let mut found = Vec::new();
    for range in free {
        let family = range.family();
        let (last, mut at) = (bits(range.last()), Some(bits(range.first())));
        while let Some(first) = at.filter(|&first| first <= last) {
            let fits = |len: &u8| {
                let cidr = IpNet::new(address(family, first), *len).unwrap();
                cidr == cidr.trunc() && ends(cidr).1 <= last
            };
            let len = (0..=family.bits()).find(fits).unwrap();
            let cidr = IpNet::new(address(family, first), len).unwrap();
            at = ends(cidr).1.checked_add(1);
            found.push(cidr);
        }
    }
    found
}

/// Counts of one subnet family
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Numbers {
    pub(crate) total: u128,
    /// Of ::/0, one less than the rules withhold
    pub(crate) structural: u128,
    /// In reserved ranges, usable but for that, not assigned
    pub(crate) reserved: u128,
    pub(crate) assigned: u128,
    /// Of ::/0, counted down from the total that saturates
    pub(crate) free: u128,
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
    pub(crate) fn addresses(&self, interface: InterfaceId) -> Vec<(SubnetId, IpAddr, Held)> {
        let mut all = Vec::new();
        for (&id, subnet) in &self.subnets {
            let held = subnet.held.iter().filter(|(_, held)| held.by == interface);
            all.extend(held.map(|(&address, &held)| (id, address, held)));
        }
        all.sort_by_key(|(id, address, held)| (*id, Family::of(*address), held.number));
        all
    }

    pub(crate) fn primary(&self, interface: InterfaceId, family: Family) -> Option<IpAddr> {
        let all = self.addresses(interface).into_iter();
        let mut primaries = all
            .filter(|(_, at, held)| held.primary && Family::of(*at) == family)
            .map(|(_, at, _)| at);
        let primary = primaries.next();
        assert_eq!(primaries.next(), None, "the model made two primaries");
        primary
    }

    /// Slots of its quota that an interface takes, by the rule's way of counting
    pub(crate) fn slots(&self, interface: InterfaceId, family: Family, rule: QuotaRule) -> u64 {
        let counts = |at: IpAddr, held: Held| {
            (!rule.per_family || Family::of(at) == family) && (rule.counts_primary || !held.primary)
        };
        self.addresses(interface).into_iter().filter(|(_, at, held)| counts(*at, *held)).count()
            as u64
    }

    pub(crate) fn give(&mut self, subnet: SubnetId, address: IpAddr, by: InterfaceId) {
        self.assigned += 1;
        let (generation, number) = (self.revision + 1, self.assigned);
        let held = Held { by, primary: false, generation, number };
        let before = self.subnets.get_mut(&subnet).unwrap().held.insert(address, held);
        assert!(before.is_none(), "the model gave {address} twice");
    }

    pub(crate) fn make_primary(&mut self, subnet: SubnetId, address: IpAddr) {
        let subnet = self.subnets.get_mut(&subnet).unwrap();
        subnet.held.get_mut(&address).unwrap().primary = true;
    }

    pub(crate) fn take_back(&mut self, subnet: SubnetId, address: IpAddr) {
        self.subnets.get_mut(&subnet).unwrap().held.remove(&address).unwrap();
    }

    /// Addresses assigned
    pub(crate) fn size(&self) -> usize {
        self.subnets.values().map(|subnet| subnet.held.len()).sum()
    }
}
