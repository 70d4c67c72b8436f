//! Addresses of several subnets, and adoption of what lies in any

use std::net::IpAddr;

use ipam_core::{Adopt, Assign, Cause, Error, Family, InterfaceId, Pick, SubnetId};

use super::change::by_family;
use super::choose::{Asked, Chosen, Refused};
use super::judge::{Refusal, Verdict, faultless, has_family, no_duplicates, refuse, within_quota};
use super::world::World;

type Parts = Vec<(SubnetId, Chosen)>;

impl World {
    /// As many of each subnet, or all from the first that can
    pub(crate) fn assign_several(
        &mut self,
        request: &Assign,
        subnets: &[SubnetId],
        all: bool,
    ) -> Verdict {
        let Assign { interface: id, ref pick, hold, .. } = *request;
        self.lies_ahead(hold)?;
        if subnets.is_empty() {
            return refuse(Error::NoSubnets);
        }
        for (second, subnet) in subnets.iter().enumerate() {
            if let Some(first) = subnets[..second].iter().position(|other| other == subnet) {
                return refuse(Error::SubnetTwice { subnet: *subnet, first, second });
            }
        }
        if !pick.list.is_empty() || !pick.prefixes.is_empty() || pick.within.is_some() {
            return refuse(Error::NamedFromSeveral);
        }
        request.vpc.map(|vpc| self.vpc(vpc).map(|_| ())).transpose()?;
        for &subnet in subnets {
            self.subnet(subnet)?;
        }
        self.find(id, request.vpc, None)?;
        for &subnet in subnets {
            self.find(id, request.vpc, Some(subnet))?;
        }
        self.may_be_given(id)?;
        let parts = if all {
            self.part_of_each(id, subnets, pick)?
        } else {
            let mut refusals = Vec::new();
            let mut found = None;
            for &subnet in subnets {
                match self.part_of_each(id, &[subnet], pick) {
                    Ok(parts) => {
                        found = Some(parts);
                        break;
                    }
                    Err(refusal) => refusals.push((subnet, refusal)),
                }
            }
            found.ok_or(Refusal::NoSubnetCan(refusals))?
        };
        if hold.is_some() {
            let parts: Vec<&[IpAddr]> = parts.iter().map(|(_, (of, _))| of.as_slice()).collect();
            self.room_for_a_task(&parts)?;
        }
        for (subnet, (addresses, _)) in &parts {
            self.end_rests(*subnet, addresses);
            if hold.is_none() {
                self.assign_all(id, *subnet, addresses);
            }
        }
        if let Some(hold) = hold {
            let held = parts.iter().map(|(subnet, (of, _))| (*subnet, of.clone()));
            self.hold_parts(id, &held.collect::<Vec<_>>(), hold);
        }
        for (subnet, (addresses, position)) in &parts {
            self.move_policy(*subnet, Family::of(addresses[0]), *position);
        }
        Ok(parts.into_iter().flat_map(|(_, (of, _))| of).collect())
    }

    fn part_of_each(
        &self,
        id: InterfaceId,
        subnets: &[SubnetId],
        pick: &Pick,
    ) -> Result<Parts, Refusal> {
        let (family, count) = (pick.family, pick.count.unwrap());
        let family_of = |id: &SubnetId| family.unwrap_or_else(|| self.subnets[id].default_family());
        let mut slots = [0; 2];
        for subnet in subnets {
            has_family(*subnet, &self.subnets[subnet], family_of(subnet))?;
            slots[family_of(subnet) as usize] += u64::from(count);
        }
        let rule = self.subnets[&self.interfaces[&id].home].profile.quota;
        let taken = Family::ALL.map(|family| self.slots(id, family, rule));
        within_quota(id, self.interfaces[&id].quota, rule, taken, slots)?;
        let together = u128::from(count) * subnets.len() as u128;
        let mut parts = Vec::new();
        for id in subnets {
            let (subnet, family) = (&self.subnets[id], family_of(id));
            let pick = Some(pick);
            let asked = Asked { family, count, within: None, named: &[], together, pick };
            match subnet.choose(&asked) {
                Ok(chosen) => parts.push((*id, chosen)),
                // Of all together, once each has as many.
                Err(Refused::Many(_)) => {}
                Err(refused) => return Err(refused.of(*id, subnet, &asked)),
            }
        }
        if parts.len() < subnets.len() {
            return refuse(Error::TooMany { wanted: together, limit: Assign::MAX_ADDRESSES });
        }
        Ok(parts)
    }

    pub(crate) fn adopt(&mut self, request: &Adopt) -> Verdict {
        let Adopt { interface: id, vpc, ref addresses, .. } = *request;
        let all: Vec<IpAddr> = addresses.iter().map(|wanted| wanted.address).collect();
        no_duplicates(&all)?;
        if all.is_empty() {
            return refuse(Error::NothingAsked);
        }
        super::assign::one_primary(addresses)?;
        let home = self.find(id, vpc, None)?;
        let profile = self.subnets[&home].profile;
        let vpc = self.vpc_of(id);

        let mut faults = Vec::new();
        let mut withheld = Vec::new();
        let mut new: Vec<(SubnetId, IpAddr)> = Vec::new();
        let mut slots = [0; 2];
        for (index, wanted) in addresses.iter().enumerate() {
            let (at, family) = (wanted.address, Family::of(wanted.address));
            let Some((of, subnet)) = self.subnet_at(vpc, at) else {
                faults.push((index, at, Cause::OutOfRange));
                continue;
            };
            if let Some(owned) = subnet.owned.get(&at) {
                let by = owned.by;
                match owned.task {
                    Some(_) => faults.push((index, at, Cause::Held { by })),
                    None if by != id => faults.push((index, at, Cause::InUse { by })),
                    None => {}
                }
                continue;
            }
            withheld.extend(subnet.cause_for(id, at, false).map(|cause| (index, at, cause)));
            new.push((of, at));
            let first = wanted.primary && self.primary(id, family).is_none();
            slots[family as usize] += u64::from(!first || profile.quota.counts_primary);
        }
        faultless(faults)?;

        let mut violations = Vec::new();
        let status = self.interfaces[&id].status;
        if !profile.assign_in.contains(status) {
            violations.push(Refusal::Other(Error::Status { interface: id, status }));
        }
        violations.extend(self.no_task_runs(id).err());
        for (index, wanted) in addresses.iter().enumerate().filter(|(_, wanted)| wanted.primary) {
            let address = wanted.address;
            violations.extend(match self.primary(id, Family::of(address)) {
                Some(has) if has == address => None,
                Some(primary) if !profile.replace_primary => {
                    Some(Refusal::Other(Error::PrimaryFixed { interface: id, primary }))
                }
                None if !profile.assign_primary => {
                    Some(Refusal::Other(Error::PrimaryForbidden { index, address }))
                }
                _ => None,
            });
        }
        violations.extend(faultless(withheld).err());
        let taken = Family::ALL.map(|family| self.slots(id, family, profile.quota));
        let quota = self.interfaces[&id].quota;
        violations.extend(within_quota(id, quota, profile.quota, taken, slots).err());

        let mut blocks: Vec<SubnetId> = new.iter().map(|(subnet, _)| *subnet).collect();
        blocks.sort_unstable();
        blocks.dedup();
        for subnet in blocks {
            let there = new.iter().filter(|(of, _)| *of == subnet).map(|(_, at)| *at);
            for of_family in by_family(&there.collect::<Vec<_>>()) {
                self.end_rests(subnet, &of_family);
                self.assign_all(id, subnet, &of_family);
            }
        }
        for wanted in addresses.iter().filter(|wanted| wanted.primary) {
            self.make_primary(id, wanted.address);
        }
        if !self.said.is_empty() {
            self.violations = violations;
        }
        Ok(all)
    }
}
