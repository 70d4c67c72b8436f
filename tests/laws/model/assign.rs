//! Assignments: by name, by count, or as many as are missing

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipam_core::{
    Assign, Cause, EnsureCount, Error, Family, Hold, InterfaceId, ListAndCount, Modifier,
    OwnAddress, Pick, Profile, Source, SubnetId, Wanted,
};

use super::change::by_family;
use super::choose::Asked;
use super::judge::{Refusal, Verdict, faultless, has_family, no_duplicates, refuse, within_quota};
use super::world::World;

impl World {
    pub(crate) fn assign(&mut self, request: &Assign) -> Verdict {
        let Assign { interface: id, vpc, ref pick, reassign, hold, .. } = *request;
        shape(pick)?;
        no_effect(pick, reassign)?;
        let from = match &request.from {
            Source::Each(subnets) => return self.assign_several(request, subnets, true),
            Source::First(subnets) => return self.assign_several(request, subnets, false),
            one => one.subnet(),
        };
        self.lies_ahead(hold)?;
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
        let is_own = |at: IpAddr| {
            subnet.owned.get(&at).is_some_and(|owned| owned.by == id && owned.task.is_none())
        };
        let cause = |at: IpAddr| {
            let inside = pick.within.is_none_or(|range| range.contains(at));
            if subnet.around(at).is_none() || !inside {
                Some(Cause::OutOfRange)
            } else if is_own(at) && profile.own_address == OwnAddress::Accept {
                None
            } else {
                match subnet.cause_for(id, at, pick.auto_only) {
                    Some(Cause::InUse { by }) if reassign && by != id => {
                        subnet.owned[&at].primary.then_some(Cause::IsPrimary)
                    }
                    cause => cause,
                }
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
        let mut moved = subnet.position.get(family as usize).copied();
        if count > 0 {
            let within = pick.within;
            let named: Vec<IpAddr> = named.iter().copied().filter(|at| !is_own(*at)).collect();
            let together = named.len() as u128 + u128::from(count);
            let (named, pick) = (&named[..], Some(pick));
            let asked = Asked { family, count, within, named, together, pick };
            let (all, after) =
                subnet.choose(&asked).map_err(|refused| refused.of(from, subnet, &asked))?;
            (chosen, moved) = (all, Some(after));
        }
        let new = || named.iter().copied().filter(|at| !is_own(*at));
        let mut lost: BTreeMap<(InterfaceId, Family), Vec<IpAddr>> = BTreeMap::new();
        for address in new() {
            if let Some(owned) = subnet.owned.get(&address) {
                lost.entry((owned.by, Family::of(address))).or_default().push(address);
            }
        }
        let new: Vec<IpAddr> = new().chain(chosen.clone()).collect();
        if !new.is_empty() && hold.is_some() {
            self.room_for_a_task(&[&new])?;
        }
        for ((loser, _), addresses) in lost {
            self.release_all(loser, from, &addresses, self.clock, None);
        }
        self.give_new(id, from, &new, hold);
        if let Some(moved) = moved {
            self.move_policy(from, family, moved);
        }
        for wanted in pick.list.iter().filter(|wanted| wanted.primary) {
            self.make_primary(id, wanted.address);
        }
        Ok(named.into_iter().chain(chosen).collect())
    }

    /// Assigns or holds addresses of one subnet that rest or are nobody's
    fn give_new(
        &mut self,
        interface: InterfaceId,
        subnet: SubnetId,
        new: &[IpAddr],
        hold: Option<Hold>,
    ) {
        for of_family in by_family(new) {
            self.end_rests(subnet, &of_family);
            if hold.is_none() {
                self.assign_all(interface, subnet, &of_family);
            }
        }
        if let Some(hold) = hold.filter(|_| !new.is_empty()) {
            self.hold_parts(interface, &[(subnet, new.to_vec())], hold);
        }
    }

    pub(crate) fn ensure_count(&mut self, request: &EnsureCount) -> Verdict {
        let EnsureCount { interface: id, vpc, subnet: from, family, count, exact, hold, .. } =
            *request;
        self.lies_ahead(hold)?;
        let home = self.find(id, vpc, from)?;
        let rule = self.subnets[&home].profile.quota;
        self.may_be_given(id)?;
        let from = from.unwrap_or(home);
        let subnet = &self.subnets[&from];
        let family = family.unwrap_or_else(|| subnet.default_family());
        has_family(from, subnet, family)?;

        let mut has = self.addresses(id);
        has.retain(|(subnet, at, owned)| {
            *subnet == from && Family::of(*at) == family && !owned.primary
        });
        let all: Vec<IpAddr> = has.iter().map(|(_, at, _)| *at).collect();
        let missing = u64::from(count).saturating_sub(all.len() as u64);
        if missing > 0 {
            let missing = u32::try_from(missing).unwrap();
            let mut slots = [0; 2];
            slots[family as usize] = missing.into();
            let taken = Family::ALL.map(|family| self.slots(id, family, rule));
            within_quota(id, self.interfaces[&id].quota, rule, taken, slots)?;
            let asked = Asked::alone(family, missing);
            let (new, moved) =
                subnet.choose(&asked).map_err(|refused| refused.of(from, subnet, &asked))?;
            if hold.is_some() {
                self.room_for_a_task(&[&new])?;
            }
            self.give_new(id, from, &new, hold);
            self.move_policy(from, family, moved);
            return Ok([all, new].concat());
        }
        let beyond = all.len() - count as usize;
        if beyond == 0 || !exact {
            return Ok(all);
        }
        let mut last: Vec<IpAddr> =
            has.iter().filter(|(_, _, owned)| owned.task.is_none()).map(|(_, at, _)| *at).collect();
        if last.len() < beyond {
            let task = self.unfinished(id)[0];
            return refuse(Error::TaskRunning { interface: id, task });
        }
        let last = last.split_off(last.len() - beyond);
        let until = self.rest_until(from, None);
        self.release_all(id, from, &last, until, None);
        Ok(all.into_iter().filter(|at| !last.contains(at)).collect())
    }

    fn state_allows(&self, id: InterfaceId, pick: &Pick, profile: &Profile) -> Result<(), Refusal> {
        self.may_be_given(id)?;
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

fn shape(pick: &Pick) -> Result<(), Refusal> {
    no_duplicates(&pick.list.iter().map(|wanted| wanted.address).collect::<Vec<_>>())?;
    match pick.count {
        None if pick.list.is_empty() => return refuse(Error::NothingAsked),
        Some(0) if pick.list.is_empty() => return refuse(Error::ZeroCount),
        _ => {}
    }
    one_primary(&pick.list)?;
    match (pick.within, pick.family) {
        (Some(range), Some(family)) if range.family() != family => {
            refuse(Error::RangeFamily { range, family })
        }
        _ => Ok(()),
    }
}

/// Taking from others and taking auto-only addresses are said of what is named, or lies in a range
fn no_effect(pick: &Pick, reassign: bool) -> Result<(), Refusal> {
    if !pick.list.is_empty() || pick.within.is_some() {
        Ok(())
    } else if reassign {
        refuse(Error::NoEffect(Modifier::Reassign))
    } else if pick.auto_only {
        refuse(Error::NoEffect(Modifier::AutoOnly))
    } else {
        Ok(())
    }
}

pub(crate) fn one_primary(list: &[Wanted]) -> Result<(), Refusal> {
    let primaries = || list.iter().enumerate().filter(|(_, wanted)| wanted.primary);
    for (second, wanted) in primaries() {
        let family = Family::of(wanted.address);
        let before = |(at, of): &(usize, &Wanted)| *at < second && Family::of(of.address) == family;
        if let Some((first, _)) = primaries().find(before) {
            return refuse(Error::TwoPrimaries { family, first, second });
        }
    }
    Ok(())
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
