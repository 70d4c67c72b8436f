//! What takes addresses from an interface: releases, moves to another, and another primary

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipam_core::{
    Cause, Error, Family, FreeAddress, InterfaceId, Move, OldPrimary, OwnAddress, Primary,
    QuotaRule, ReplacePrimary, Stale, SubnetId, Unassign,
};

use super::choose::Asked;
use super::judge::{Refusal, Verdict, faultless, has_family, no_duplicates, refuse, within_quota};
use super::world::World;

impl World {
    pub(crate) fn unassign(&mut self, request: &Unassign) -> Verdict {
        let Unassign { interface: id, vpc, ref addresses, generation, stale, rest, .. } = *request;
        no_duplicates(addresses)?;
        if addresses.is_empty() {
            return refuse(Error::NothingAsked);
        }
        let profile = self.subnets[&self.find(id, vpc, None)?].profile;
        self.no_task_runs(id)?;
        let vpc = self.vpc_of(id);
        let generation = generation.map(|generation| generation.get());
        let skips = generation.is_some() && stale == Stale::Ignore;
        let mut released = Vec::new();
        let mut faults = Vec::new();
        for (index, &address) in addresses.iter().enumerate() {
            let Some((subnet, of)) = self.subnet_at(vpc, address) else {
                if !skips {
                    faults.push((index, address, Cause::OutOfRange));
                }
                continue;
            };
            let cause = match of.owned.get(&address) {
                None if skips || profile.free_address == FreeAddress::Ignore => continue,
                None => Cause::NotAssigned,
                Some(owned) if owned.by != id && skips => continue,
                Some(owned) if owned.task.is_some() => Cause::Held { by: owned.by },
                Some(owned) if owned.by != id => Cause::WrongOwner { by: owned.by },
                Some(owned) if generation.is_some_and(|named| named != owned.generation) => {
                    if skips {
                        continue;
                    }
                    Cause::Stale { generation: ipam_core::Revision::new(owned.generation) }
                }
                Some(owned) if owned.primary && !profile.unassign_primary => Cause::IsPrimary,
                Some(_) => {
                    released.push((subnet, address));
                    continue;
                }
            };
            faults.push((index, address, cause));
        }
        faultless(faults)?;
        self.release_blocks(id, released.iter().copied(), rest.millis, rest.reason);
        Ok(released.into_iter().map(|(_, at)| at).collect())
    }

    pub(crate) fn move_over(&mut self, request: &Move) -> Verdict {
        let Move { from, to, vpc, ref addresses, .. } = *request;
        no_duplicates(addresses)?;
        if addresses.is_empty() {
            return refuse(Error::NothingAsked);
        }
        if from == to {
            return refuse(Error::SameInterface(from));
        }
        vpc.map(|vpc| self.vpc(vpc)).transpose()?;
        let homes = [from, to].map(|id| self.interface(id).map(|found| found.home));
        let [home, other] = homes;
        let (home, other) = (home?, other?);
        self.find(from, vpc, None)?;
        self.find(to, vpc, None)?;
        if home != other {
            return refuse(Error::OtherSubnet { from, to });
        }
        let status = self.interfaces[&to].status;
        let profile = self.subnets[&home].profile;
        if !profile.assign_in.contains(status) {
            return refuse(Error::Status { interface: to, status });
        }
        self.no_task_runs(from)?;
        self.no_task_runs(to)?;

        let mut blocks: BTreeMap<(SubnetId, Family), Vec<IpAddr>> = BTreeMap::new();
        let mut faults = Vec::new();
        for (index, &address) in addresses.iter().enumerate() {
            let Some((subnet, of)) = self.subnet_at(self.vpc_of(from), address) else {
                faults.push((index, address, Cause::OutOfRange));
                continue;
            };
            let accepts = profile.own_address == OwnAddress::Accept;
            let cause = match of.owned.get(&address) {
                None => Cause::NotAssigned,
                Some(owned) if owned.task.is_some() => Cause::Held { by: owned.by },
                Some(owned) if owned.by == to && accepts => continue,
                Some(owned) if owned.by != from => Cause::WrongOwner { by: owned.by },
                Some(owned) if owned.primary => Cause::IsPrimary,
                Some(_) => {
                    blocks.entry((subnet, Family::of(address))).or_default().push(address);
                    continue;
                }
            };
            faults.push((index, address, cause));
        }
        faultless(faults)?;

        let rule = profile.quota;
        let taken = Family::ALL.map(|family| self.slots(to, family, rule));
        let mut slots = [0; 2];
        for ((_, family), addresses) in &blocks {
            slots[*family as usize] += addresses.len() as u64;
        }
        within_quota(to, self.interfaces[&to].quota, rule, taken, slots)?;
        for ((subnet, _), addresses) in &blocks {
            self.release_all(from, *subnet, addresses, self.clock, None);
        }
        for ((subnet, _), addresses) in &blocks {
            self.assign_all(to, *subnet, addresses);
        }
        Ok(addresses.clone())
    }

    pub(crate) fn replace_primary(&mut self, request: &ReplacePrimary) -> Verdict {
        let ReplacePrimary { interface: id, vpc, family, primary, old, .. } = *request;
        let named = match primary {
            Primary::Chosen => None,
            Primary::Named(address) if Family::of(address) == family => Some(address),
            _ => return refuse(Error::NoPrimary { family }),
        };
        let home = self.find(id, vpc, None)?;
        let profile = self.subnets[&home].profile;
        self.may_be_given(id)?;
        let before = self.primary_at(id, family);
        let old_one = before.filter(|(_, at, _)| Some(*at) != named);
        if let Some((_, primary, owned)) = old_one {
            if owned.task.is_some() && old == OldPrimary::Release {
                let task = self.unfinished(id)[0];
                return refuse(Error::TaskRunning { interface: id, task });
            }
            if !profile.replace_primary {
                return refuse(Error::PrimaryFixed { interface: id, primary });
            }
        }
        let subnet = &self.subnets[&home];
        has_family(home, subnet, family)?;
        if let Some((_, same, _)) = before.filter(|(_, at, _)| Some(*at) == named) {
            return Ok(vec![same]);
        }
        let own = self
            .addresses(id)
            .into_iter()
            .find(|(_, at, owned)| Some(*at) == named && owned.task.is_none());
        if let Some(address) = named.filter(|_| own.is_none()) {
            let cause = match subnet.around(address) {
                Some(_) => subnet.cause_for(id, address, request.auto_only),
                None => Some(Cause::OutOfRange),
            };
            faultless(cause.map(|cause| (0, address, cause)).into_iter().collect())?;
        }
        self.room_for_a_primary(id, family, profile.quota, named, old)?;
        let (new, moved) = match named {
            Some(address) => (address, subnet.position[family as usize]),
            None => {
                let asked = Asked::alone(family, 1);
                let chosen = subnet.choose(&asked);
                let (chosen, moved) = chosen.map_err(|refused| refused.of(home, subnet, &asked))?;
                (chosen[0], moved)
            }
        };
        if let Some((subnet, address, _)) = old_one.filter(|_| old == OldPrimary::Release) {
            let until = self.rest_until(subnet, None);
            self.release_all(id, subnet, &[address], until, None);
        }
        if own.is_none() {
            self.end_rests(home, &[new]);
            self.assign_all(id, home, &[new]);
            self.move_policy(home, family, moved);
        }
        self.make_primary(id, new);
        Ok(vec![new])
    }

    /// Whether the quota has room for another primary, slots given back counted
    fn room_for_a_primary(
        &self,
        interface: InterfaceId,
        family: Family,
        rule: QuotaRule,
        named: Option<IpAddr>,
        old: OldPrimary,
    ) -> Result<(), Refusal> {
        let Some(quota) = self.interfaces[&interface].quota else { return Ok(()) };
        let before = self.primary(interface, family);
        // Every address that may count, and whether it is a primary.
        let mut has: BTreeMap<Option<IpAddr>, bool> = BTreeMap::new();
        for (_, at, owned) in self.addresses(interface) {
            if !rule.per_family || Family::of(at) == family {
                has.insert(Some(at), owned.primary);
            }
        }
        let slots = |has: &BTreeMap<Option<IpAddr>, bool>| {
            has.values().filter(|&&primary| rule.counts_primary || !primary).count() as u64
        };
        let held = slots(&has);
        if before.is_some() && before != named {
            match old {
                OldPrimary::Release => has.remove(&before),
                OldPrimary::Keep => has.insert(before, false),
            };
        }
        has.insert(named, true);
        let after = slots(&has);
        if after > quota.into() && after > held {
            return refuse(Error::Quota { interface, quota, held, wanted: after - held });
        }
        Ok(())
    }
}
