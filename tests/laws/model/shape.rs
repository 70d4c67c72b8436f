//! Another shape for a subnet, and what a change of rules would meet: each address by itself

use std::net::IpAddr;

use ipam_core::event::SubnetReshaped;
use ipam_core::ipnet::IpNet;
use ipam_core::{
    AddrRange, Cause, Change, Command, Error, Family, Finding, Gateway, InterfaceId, NewCidr,
    Policy, Profile, Reservation, ReserveRange, Reshape, SubnetId, Timestamp, VpcId,
};

use super::judge::{Refusal, Verdict, no_host_bits, refuse};
use super::subnet::{Subnet, bits, ends, overlap};
use super::world::World;

/// The CIDR in the place of one
fn over<N: Copy + Into<IpNet>>(new: &NewCidr<N>, before: Option<IpNet>) -> Option<IpNet> {
    match new {
        NewCidr::Kept => before,
        NewCidr::Dropped => None,
        NewCidr::Set(cidr) => Some((*cidr).into()),
    }
}

/// Why a reserved range withholds an address
fn reserved(kind: Reservation) -> Cause {
    match kind {
        Reservation::AutoOnly => Cause::AutoOnly,
        Reservation::PrefixOnly => Cause::PrefixOnly,
        _ => Cause::Reserved,
    }
}

fn inside(cidrs: &[IpNet], address: IpAddr) -> bool {
    cidrs.iter().any(|cidr| cidr.contains(&address))
}

fn family_of(cidr: &IpNet) -> Family {
    Family::of(cidr.addr())
}

/// IPv4 first, then by address
fn in_order(range: &AddrRange) -> (Family, u128) {
    (range.family(), bits(range.first()))
}

impl World {
    /// Everything that is wrong with where a subnet is to lie, whoever has what
    pub(crate) fn misplaced(
        &self,
        vpc: VpcId,
        own: Option<SubnetId>,
        cidrs: &[IpNet],
        profile: &Profile,
    ) -> Vec<Error> {
        let allowed = &self.vpcs[&vpc];
        let rules = |cidr: IpNet| *profile.family(Family::of(cidr.addr()));
        let mut faults = Vec::new();
        for &cidr in cidrs {
            let (shortest, longest) = (rules(cidr).shortest_prefix, rules(cidr).longest_prefix);
            if cidr.prefix_len() < shortest || cidr.prefix_len() > longest {
                faults.push(Error::PrefixLength { cidr, shortest, longest });
            }
        }
        for &cidr in cidrs {
            if !allowed.is_empty() && !allowed.iter().any(|of| of.contains(&cidr)) {
                faults.push(Error::OutsideVpc { cidr, vpc });
            }
        }
        for &cidr in cidrs {
            let overlapping = self.subnets_of(vpc).filter_map(|(id, of)| {
                let other = of.cidrs.iter().find(|of| overlap(**of, cidr))?;
                Some((ends(*other).0, id))
            });
            let mut all: Vec<_> = overlapping.filter(|&(_, id)| Some(id) != own).collect();
            all.sort_unstable();
            faults.extend(all.into_iter().map(|(_, other)| Error::SubnetOverlap { cidr, other }));
        }
        for &cidr in cidrs {
            match rules(cidr).gateway {
                Gateway::At(gateway) if !cidr.contains(&gateway) => {
                    faults.push(Error::GatewayOutside { gateway, cidr });
                }
                _ => {}
            }
        }
        faults
    }

    /// The subnet as it would be, and what is wrong with that, whoever has what
    fn shaped(&self, request: &Reshape) -> Result<(Subnet, Vec<Error>), Refusal> {
        let named = [over(&request.v4, None), over(&request.v6, None)];
        no_host_bits(&named.into_iter().flatten().collect::<Vec<_>>())?;
        let id = request.subnet;
        let mut subnet = self.subnet(id)?.clone();
        let v4 = over(&request.v4, subnet.cidr(Family::V4));
        let v6 = over(&request.v6, subnet.cidr(Family::V6));
        subnet.cidrs = v4.into_iter().chain(v6).collect();
        subnet.profile = request.profile.unwrap_or(subnet.profile);
        let none = subnet.cidrs.is_empty().then_some(Error::NoFamilyLeft(id));
        let misplaced = self.misplaced(subnet.vpc, Some(id), &subnet.cidrs, &subnet.profile);
        Ok((subnet, none.into_iter().chain(misplaced).collect()))
    }

    pub(crate) fn reshape(&mut self, request: &Reshape) -> Verdict {
        let (id, before) = (request.subnet, self.subnets.get(&request.subnet).cloned());
        let (mut after, faults) = self.shaped(request)?;
        if let Some(fault) = faults.into_iter().next() {
            return refuse(fault);
        }
        let before = before.unwrap();
        let lost = after.owned.keys().copied().filter(|&at| !inside(&after.cidrs, at));
        let addresses: Vec<IpAddr> = lost.collect();
        if !addresses.is_empty() {
            return refuse(Error::AddressesLost {
                subnet: id,
                addresses: addresses.into_iter().collect(),
            });
        }
        let ranges = after.reserved_outside();
        if !ranges.is_empty() {
            return refuse(Error::ReservationsLost { subnet: id, ranges });
        }
        let news = |at: &IpAddr| before.rule(*at).is_none() && after.rule(*at).is_some();
        let withheld: Vec<IpAddr> = after.owned.keys().copied().filter(news).collect();
        if request.strict && !withheld.is_empty() {
            return refuse(Error::AddressesWithheld {
                subnet: id,
                addresses: withheld.into_iter().collect(),
            });
        }
        let same = (&before.cidrs, before.profile) == (&after.cidrs, after.profile);
        let cidrs = after.cidrs.clone();
        after.resting.retain(|at, _| inside(&cidrs, *at));
        after.released.retain(|at| inside(&cidrs, *at));
        for family in Family::ALL {
            let position = &mut after.position[family as usize];
            *position = match (
                before.cidr(family),
                after.cidrs.iter().find(|of| family_of(of) == family),
            ) {
                (Some(old), Some(new)) if after.policy == Policy::Next => {
                    let (at, (first, last)) = (ends(old).0 + *position, ends(*new));
                    if (first..=last).contains(&at) { at - first } else { 0 }
                }
                (Some(_), Some(_)) => *position,
                _ => 0,
            };
        }
        let (mut v4, mut v6) = (None, None);
        for &cidr in &cidrs {
            match cidr {
                IpNet::V4(cidr) => v4 = Some(cidr),
                IpNet::V6(cidr) => v6 = Some(cidr),
            }
        }
        let profile = Box::new(after.profile);
        self.subnets.insert(id, after);
        self.done(!same, Change::SubnetReshaped(SubnetReshaped { subnet: id, v4, v6, profile }))
    }

    /// What a command would break or affect
    pub(crate) fn impact(&self, command: &Command) -> Vec<Finding> {
        let refused = |error: Error| Finding::Refused { error: Box::new(error) };
        match command {
            Command::Reshape(request) => match self.shaped(request) {
                Err(Refusal::Other(error)) => vec![refused(error)],
                Err(other) => panic!("a shape refused for {other:?}"),
                Ok((after, faults)) => {
                    let affected = self.affected(request, &after);
                    faults.into_iter().map(refused).chain(affected).collect()
                }
            },
            &Command::ReserveRange(ReserveRange { subnet: id, range, kind, .. }) => {
                let mut trial = self.clone();
                let refusal = trial.carry_out(0, command).err();
                let mut found = Vec::new();
                if let Some(Refusal::Other(error)) = refusal {
                    let Error::ReservationOverlap { .. } = error else {
                        return vec![refused(error)];
                    };
                    let mut others = self.subnets[&id].reserved.clone();
                    others.sort_by_key(in_order);
                    others.retain(|of| {
                        let (of, range) = ((of.first(), of.last()), (range.first(), range.last()));
                        of.0 <= range.1 && range.0 <= of.1
                    });
                    others.retain(|of| of.family() == range.family());
                    let refusals =
                        others.into_iter().map(|other| Error::ReservationOverlap { range, other });
                    found.extend(refusals.map(refused));
                }
                let subnet = &self.subnets[&id];
                for at in subnet.used().into_iter().filter(|at| range.contains(*at)) {
                    let cause = subnet.rule(at).unwrap_or(reserved(kind));
                    found.push(subnet.withheld(at, cause, false));
                }
                found
            }
            _ => panic!("the model knows the impact of rules only"),
        }
    }

    fn affected(&self, request: &Reshape, after: &Subnet) -> Vec<Finding> {
        let id = request.subnet;
        let before = &self.subnets[&id];
        let mut found = Vec::new();
        for family in Family::ALL {
            for at in after.used().into_iter().filter(|at| Family::of(*at) == family) {
                let kind = after.reservation(at).map(|range| after.kinds[&range]);
                let kind = kind.filter(|kind| *kind != Reservation::AutoOnly);
                if !inside(&after.cidrs, at) {
                    found.push(after.lost(at));
                } else if let Some(cause) = after.rule(at) {
                    let news = before.rule(at).is_none() && after.owned.contains_key(&at);
                    found.push(after.withheld(at, cause, request.strict && news));
                } else if let Some(kind) = kind {
                    found.push(after.withheld(at, reserved(kind), false));
                }
            }
            let lost = after.reserved_outside().into_iter().filter(|of| of.family() == family);
            found.extend(lost.map(|range| {
                let kind = after.kinds[&range];
                Finding::ReservationLost { range, kind }
            }));
        }
        let rule = after.profile.quota;
        let over = |interface: InterfaceId, family: Option<Family>| {
            let quota = self.interfaces[&interface].quota?;
            let held = self.slots(interface, family.unwrap_or(Family::V4), rule);
            let finding = Finding::OverQuota { interface, family, quota, held };
            (held > quota.into()).then_some(finding)
        };
        for (&interface, _) in self.interfaces.iter().filter(|(_, of)| of.home == id) {
            match rule.per_family {
                true => found
                    .extend(Family::ALL.map(|of| over(interface, Some(of))).into_iter().flatten()),
                false => found.extend(over(interface, None)),
            }
        }
        found
    }
}

impl Subnet {
    /// What somebody has, or what rests, ascending, IPv4 first
    fn used(&self) -> Vec<IpAddr> {
        let mut used: Vec<IpAddr> = self.owned.keys().chain(self.resting.keys()).copied().collect();
        used.sort_unstable();
        used
    }

    fn reserved_outside(&self) -> Vec<AddrRange> {
        let mut ranges = self.reserved.clone();
        ranges.retain(|of| !inside(&self.cidrs, of.first()) || !inside(&self.cidrs, of.last()));
        ranges.sort_by_key(in_order);
        ranges
    }

    fn lost(&self, address: IpAddr) -> Finding {
        match self.owned.get(&address) {
            Some(of) => {
                Finding::Lost { address, prefix: None, interface: of.by, held: of.task.is_some() }
            }
            None => Finding::RestEnds { address, prefix: None, until: self.rested(address) },
        }
    }

    fn withheld(&self, address: IpAddr, cause: Cause, blocks: bool) -> Finding {
        match self.owned.get(&address) {
            Some(of) => {
                let (interface, held) = (of.by, of.task.is_some());
                Finding::Withheld { address, prefix: None, interface, held, cause, blocks }
            }
            None => {
                Finding::RestWithheld { address, prefix: None, until: self.rested(address), cause }
            }
        }
    }

    fn rested(&self, address: IpAddr) -> Timestamp {
        Timestamp::from_millis(self.resting[&address].until)
    }
}
