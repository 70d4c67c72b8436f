//! One subnet of the model: what its rules and reservations withhold, who has what, and what rests

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipam_core::ipnet::IpNet;
use ipam_core::{
    AddrRange, Cause, Family, FamilyRules, Gateway, Indices, InterfaceId, Policy, Profile,
    Reservation, SmallSubnet, Timestamp, VpcId,
};

use super::world::{Owned, Resting};

/// Subnets up to this size are counted address by address
const SMALL: u128 = 4096;

#[derive(Clone, Debug)]
pub(crate) struct Subnet {
    pub(crate) vpc: VpcId,
    /// IPv4 first
    pub(crate) cidrs: Vec<IpNet>,
    pub(crate) profile: Profile,
    pub(crate) indices: Indices,
    pub(crate) reserved: Vec<AddrRange>,
    /// Those of the reserved ranges that are auto-only
    pub(crate) kinds: BTreeMap<AddrRange, Reservation>,
    pub(crate) owned: BTreeMap<IpAddr, Owned>,
    /// Never one that is owned
    pub(crate) resting: BTreeMap<IpAddr, Resting>,
    pub(crate) policy: Policy,
    /// Where the policy stands, by family
    pub(crate) position: [u128; 2],
    /// What was released and is nobody's, in order, if the policy asks for that
    pub(crate) released: Vec<IpAddr>,
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
        if let Some(range) =
            self.reservation(address).filter(|_| !causes.contains(&Cause::Reserved))
        {
            causes.push(match self.kinds[&range] {
                Reservation::AutoOnly => Cause::AutoOnly,
                Reservation::PrefixOnly => Cause::PrefixOnly,
                _ => Cause::Reserved,
            });
        }
        causes.extend(self.owned.get(&address).map(|owned| match owned.task {
            None => Cause::InUse { by: owned.by },
            Some(_) => Cause::Held { by: owned.by },
        }));
        let until = |rest: &Resting| Timestamp::from_millis(rest.until);
        let rests = self.resting.get(&address).map(until);
        causes.extend(rests.map(|until| Cause::Quarantined { until }));
        causes
    }

    /// Why an address of the subnet that an interface names cannot be had, by precedence
    pub(crate) fn cause_for(
        &self,
        interface: InterfaceId,
        address: IpAddr,
        auto_only: bool,
    ) -> Option<Cause> {
        let mut causes = self.causes(address);
        causes.retain(|cause| !auto_only || *cause != Cause::AutoOnly);
        let cause = causes.first().copied()?;
        let last = self.resting.get(&address).map(|rest| rest.by);
        let back = self.profile.quarantine.take_back && last == Some(interface);
        let rests = matches!(cause, Cause::Quarantined { .. });
        (!(rests && back)).then_some(cause)
    }

    pub(crate) fn is_free(&self, address: IpAddr) -> bool {
        self.causes(address).is_empty()
    }

    /// In ranges of a kind, usable but for that, and nobody's, and not resting; modulo 2^128
    pub(crate) fn reserved_as(&self, kind: Reservation, family: Family) -> u128 {
        let cidr = self.cidr(family).unwrap();
        let taken = || self.owned.keys().chain(self.resting.keys());
        let of_kind = self.kinds.iter().filter(|&(_, of)| *of == kind).map(|(range, _)| range);
        let of_family = of_kind.filter(|range| range.family() == family);
        of_family.fold(0u128, |sum, range| {
            let all = self.usable_modulo(cidr, *range);
            let latent = |at: &&IpAddr| range.contains(**at) && self.rule(**at).is_none();
            sum.wrapping_add(all).wrapping_sub(taken().filter(latent).count() as u128)
        })
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

    /// Usable by the rules in a range, modulo 2^128: all of ::/0 looks like nothing
    fn usable_modulo(&self, cidr: IpNet, range: AddrRange) -> u128 {
        let (first, last) = (bits(range.first()), bits(range.last()));
        let (all, whole) = (self.usable(cidr, first, last), (0, u128::MAX));
        let gateway = gateway(self.profile.family(range.family()), cidr);
        let barred = self.left(cidr) != Some(whole) || gateway.is_some();
        if (first, last) == whole && !barred { 0 } else { all }
    }

    pub(crate) fn numbers(&self, family: Family) -> Numbers {
        let cidr = self.cidr(family).unwrap();
        let (first, last) = ends(cidr);
        let total = count(first, last);
        let of_family = |at: &&IpAddr| Family::of(**at) == family;
        let owned = || self.owned.iter().filter(|(at, _)| of_family(at));
        let held = owned().filter(|(_, owned)| owned.task.is_some()).count() as u128;
        let assigned = owned().filter(|(_, owned)| owned.task.is_none()).count() as u128;
        let quarantined = self.resting.keys().filter(of_family).count() as u128;
        let taken: Vec<IpAddr> =
            self.owned.keys().chain(self.resting.keys()).filter(of_family).copied().collect();
        if total <= SMALL {
            let all = || (first..=last).map(|at| address(family, at));
            let reserved = all().filter(|&at| {
                self.rule(at).is_none() && self.reservation(at).is_some() && !taken.contains(&at)
            });
            return Numbers {
                total,
                structural: all()
                    .filter(|at| self.rule(*at).is_some() && !taken.contains(at))
                    .count() as u128,
                reserved: reserved.count() as u128,
                assigned,
                held,
                quarantined,
                free: all().filter(|&at| self.is_free(at)).count() as u128,
            };
        }
        let barred = match self.left(cidr) {
            None => total,
            Some((bottom, top)) => {
                let gateway = gateway(self.profile.family(family), cidr);
                let hole = gateway.is_some_and(|at| bottom <= at && at <= top);
                (bottom - first) + (last - top) + u128::from(hole)
            }
        };
        // What somebody has, or what rests, is that; in another shape the rules may withhold it.
        let latent = taken.iter().filter(|&&at| self.rule(at).is_some()).count() as u128;
        let (by_rule, structural) = (barred, barred - latent);
        // Modulo 2^128, in which all of ::/0 looks like nothing.
        let mut reserved: u128 = 0;
        for range in self.reserved.iter().filter(|range| range.family() == family) {
            reserved = reserved.wrapping_add(self.usable_modulo(cidr, *range));
        }
        let latent = |at: &&IpAddr| self.rule(**at).is_none() && self.reservation(**at).is_some();
        reserved = reserved.wrapping_sub(taken.iter().filter(latent).count() as u128);
        let size = (last - first).wrapping_add(1);
        let free =
            size.wrapping_sub(structural).wrapping_sub(reserved).wrapping_sub(taken.len() as u128);
        let mut ranges = self.reserved.iter();
        let untouched = taken.is_empty() && !ranges.any(|range| range.family() == family);
        let all_free = size == 0 && free == 0 && untouched;
        let all_reserved =
            size == 0 && reserved == 0 && by_rule == 0 && !untouched && taken.is_empty();
        let free = if all_free { u128::MAX } else { free };
        let reserved = if all_reserved { u128::MAX } else { reserved };
        Numbers { total, structural, reserved, assigned, held, quarantined, free }
    }

    /// What rests of a family, in the order in which it becomes free
    pub(crate) fn resting(&self, family: Family) -> Vec<(IpAddr, Resting)> {
        let resting = self.resting.iter().map(|(at, rest)| (*at, *rest));
        let mut all: Vec<_> = resting.filter(|(at, _)| Family::of(*at) == family).collect();
        all.sort_by_key(|(_, rest)| (rest.until, rest.number));
        all
    }

    /// The free ranges, found from what is not free
    pub(crate) fn free_ranges(&self, family: Family) -> Vec<AddrRange> {
        let cidr = self.cidr(family).unwrap();
        let Some((first, last)) = self.left(cidr) else { return Vec::new() };
        let taken = self.owned.keys().chain(self.resting.keys());
        let singles = taken.filter(|at| Family::of(**at) == family).map(|at| bits(*at));
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
    /// In reserved ranges, usable but for that, and nobody's, and not resting
    pub(crate) reserved: u128,
    pub(crate) assigned: u128,
    pub(crate) held: u128,
    pub(crate) quarantined: u128,
    /// Of ::/0, counted down from the total that saturates
    pub(crate) free: u128,
}
