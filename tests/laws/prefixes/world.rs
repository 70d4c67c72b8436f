//! What the model knows: a list of what is had, and the answer to every question by looking through it

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipam_core::ipnet::IpNet;
use ipam_core::*;

/// An address by itself, or a prefix
pub(crate) type Thing = IpNet;

/// What an interface has
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Owned {
    pub(crate) thing: Thing,
    pub(crate) is_prefix: bool,
    pub(crate) by: InterfaceId,
    pub(crate) generation: u64,
    pub(crate) task: Option<Task>,
}

/// What rests
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Resting {
    pub(crate) thing: Thing,
    pub(crate) is_prefix: bool,
    pub(crate) by: InterfaceId,
    pub(crate) until: u64,
    pub(crate) serial: u64,
}

#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) cidrs: [IpNet; 2],
    pub(crate) profile: Profile,
    /// Why the rules withhold addresses
    pub(crate) rules: BTreeMap<IpAddr, u16>,
    /// Reserved ranges, and the kind of each
    pub(crate) reserved: Vec<(AddrRange, Reservation)>,
    /// In order of assignment
    pub(crate) owned: Vec<Owned>,
    pub(crate) resting: Vec<Resting>,
    /// Holds that run: whose, and until when
    pub(crate) tasks: BTreeMap<Task, (InterfaceId, u64)>,
    pub(crate) quotas: BTreeMap<InterfaceId, Option<u32>>,
    pub(crate) revision: u64,
    pub(crate) serial: u64,
    pub(crate) now: u64,
    pub(crate) index: u32,
}

/// What a command is refused with: a code, and what else it says
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Refusal {
    Addresses(Vec<(usize, IpAddr, u16)>),
    Capacity {
        code: u16,
        wanted: u128,
        free: u128,
        most: Option<u32>,
        /// When the first rest ends that makes a difference, and when enough have
        ends: [Option<u64>; 2],
        largest: Option<IpNet>,
    },
    Other(u16),
}

pub(crate) type Verdict = Result<Vec<Part>, Refusal>;

pub(crate) fn one(address: IpAddr) -> Thing {
    address.into()
}

pub(crate) fn part(thing: Thing, is_prefix: bool) -> Part {
    if is_prefix { Part::Prefix(thing) } else { Part::Addresses(AddrRange::one(thing.addr())) }
}

fn range(thing: Thing) -> AddrRange {
    thing.into()
}

fn family(thing: Thing) -> Family {
    Family::of(thing.addr())
}

/// The maximal aligned blocks of what is free, by rising order and then address
pub(crate) fn blocks(free: &[IpAddr], cidr: IpNet) -> Vec<IpNet> {
    let mut found: Vec<IpNet> = Vec::new();
    for len in cidr.prefix_len()..=cidr.max_prefix_len() {
        for block in subnets(cidr, len) {
            let whole = AddrRange::from(block);
            let inside = found.iter().any(|of| of.contains(&block));
            let count = free.iter().filter(|&&at| whole.contains(at)).count() as u128;
            if !inside && count == whole.count() {
                found.push(block);
            }
        }
    }
    found.sort_by_key(|of| (std::cmp::Reverse(of.prefix_len()), of.addr()));
    found
}

fn subnets(cidr: IpNet, len: u8) -> Vec<IpNet> {
    cidr.subnets(len).unwrap().collect()
}

impl World {
    pub(crate) fn cidr(&self, family: Family) -> IpNet {
        self.cidrs[family as usize]
    }

    pub(crate) fn all(&self, family: Family) -> Vec<IpAddr> {
        AddrRange::from(self.cidr(family)).iter().collect()
    }

    fn reservation(&self, at: IpAddr) -> Option<Reservation> {
        self.reserved.iter().find(|(range, _)| range.contains(at)).map(|of| of.1)
    }

    pub(crate) fn owner(&self, at: IpAddr) -> Option<&Owned> {
        self.owned.iter().find(|of| range(of.thing).contains(at))
    }

    pub(crate) fn rest(&self, at: IpAddr) -> Option<&Resting> {
        self.resting.iter().find(|of| range(of.thing).contains(at))
    }

    fn withheld(&self, at: IpAddr, auto_only: bool, is_prefix: bool) -> Option<u16> {
        let rule = self.rules.get(&at).copied();
        rule.or(match self.reservation(at) {
            None => None,
            Some(Reservation::AutoOnly) => (!auto_only).then_some(518),
            Some(Reservation::PrefixOnly) => (!is_prefix).then_some(529),
            Some(_) => Some(514),
        })
    }

    /// What is left to prefixes only
    pub(crate) fn kept(&self, family: Family) -> Vec<IpAddr> {
        let mut all = self.all(family);
        all.retain(|&at| {
            let nobody = self.occupied(at).is_none() && !self.rules.contains_key(&at);
            nobody && self.reservation(at) == Some(Reservation::PrefixOnly)
        });
        all
    }

    fn occupied(&self, at: IpAddr) -> Option<u16> {
        let owned = self.owner(at).map(|of| match of.task {
            _ if of.is_prefix => 525,
            None => 515,
            Some(_) => 516,
        });
        owned.or(self.rest(at).map(|_| 517))
    }

    pub(crate) fn cause(&self, at: IpAddr, auto_only: bool) -> Option<u16> {
        self.withheld(at, auto_only, false).or(self.occupied(at))
    }

    pub(crate) fn free(&self, family: Family) -> Vec<IpAddr> {
        let mut all = self.all(family);
        all.retain(|&at| self.cause(at, false).is_none());
        all
    }

    /// When the first rest ends that leaves what may be chosen, and when they leave so many that are missing
    ///
    /// If rests may be cut short, only those of prefixes leave any.
    fn ends(
        &self,
        of: Family,
        mut missing: u128,
        early: bool,
        may: impl Fn(IpAddr) -> bool,
    ) -> [Option<u64>; 2] {
        let (mut next, mut enough) = (None, None);
        for rest in self.resting.iter().filter(|rest| family(rest.thing) == of) {
            let count = range(rest.thing).iter().filter(|at| may(*at)).count() as u128;
            if count == 0 {
                continue;
            }
            next = next.or(Some(rest.until));
            if missing > 0 && (rest.is_prefix || !early) {
                missing = missing.saturating_sub(count);
                enough = (missing == 0).then_some(rest.until);
            }
        }
        [next, enough]
    }

    pub(crate) fn slots(&self, id: InterfaceId) -> u64 {
        self.owned.iter().filter(|of| of.by == id).count() as u64
    }

    fn room(&self, id: InterfaceId, more: u64) -> Result<(), Refusal> {
        let full = self.quotas[&id].is_some_and(|quota| self.slots(id) + more > quota.into());
        if full && more > 0 { Err(Refusal::Other(600)) } else { Ok(()) }
    }

    fn give(&mut self, id: InterfaceId, thing: Thing, is_prefix: bool, task: Option<Task>) {
        for at in range(thing).iter() {
            assert!(self.owner(at).is_none() && self.rest(at).is_none(), "{thing} is had");
        }
        let generation = self.revision + 1;
        self.owned.push(Owned { thing, is_prefix, by: id, generation, task });
    }

    /// Takes things from whoever has them; they rest together until then, if that is still to come
    fn take(&mut self, things: &[Thing], until: u64) {
        let rests = until > self.now;
        if rests && !things.is_empty() {
            self.serial += 1;
        }
        for thing in things {
            let at = self.owned.iter().position(|of| of.thing == *thing).unwrap();
            let Owned { is_prefix, by, .. } = self.owned.remove(at);
            if rests {
                let serial = self.serial;
                self.resting.push(Resting { thing: *thing, is_prefix, by, until, serial });
            }
        }
        self.sort_resting();
    }

    /// In the order in which they end; those of one release as they were released
    fn sort_resting(&mut self) {
        self.resting.sort_by_key(|of| (of.until, of.serial));
    }

    /// Takes things of both families, IPv4 first
    fn take_all(&mut self, things: &[Thing], until: u64) {
        for of in Family::ALL {
            let part: Vec<Thing> = things.iter().copied().filter(|at| family(*at) == of).collect();
            self.take(&part, until);
        }
    }

    /// Processes passed deadlines
    pub(crate) fn tick(&mut self, now: u64) {
        self.now = self.now.max(now);
        let mut due: Vec<(u64, Task)> = self
            .tasks
            .iter()
            .map(|(task, of)| (of.1, *task))
            .filter(|of| of.0 <= self.now)
            .collect();
        due.sort_unstable();
        for (until, task) in due {
            self.tasks.remove(&task);
            let held: Vec<Thing> =
                self.owned.iter().filter(|of| of.task == Some(task)).map(|of| of.thing).collect();
            self.take_all(&held, until + self.profile.quarantine.millis);
        }
        self.resting.retain(|of| of.until > self.now);
    }

    pub(crate) fn execute(&mut self, command: &Command) -> Verdict {
        match command {
            Command::Assign(request) => self.assign(request),
            Command::Unassign(request) => self.unassign(request),
            Command::Move(request) => self.move_over(request),
            &Command::ReserveRange(ReserveRange { range, kind, .. }) => {
                let overlaps = |of: &AddrRange| {
                    of.family() == range.family()
                        && of.first() <= range.last()
                        && range.first() <= of.last()
                };
                if self.reserved.iter().any(|(of, _)| overlaps(of)) {
                    return Err(Refusal::Other(501));
                }
                self.reserved.push((range, kind));
                Ok(Vec::new())
            }
            Command::ReleaseRange(ReleaseRange { range, .. }) => {
                let at = self.reserved.iter().position(|of| of.0 == *range);
                self.reserved.remove(at.ok_or(Refusal::Other(208))?);
                Ok(Vec::new())
            }
            Command::Confirm(Confirm { task, .. }) => {
                self.tasks.remove(task).ok_or(Refusal::Other(209))?;
                let mut held = Vec::new();
                for of in self.owned.iter_mut().filter(|of| of.task == Some(*task)) {
                    of.task = None;
                    held.push((of.thing, of.is_prefix));
                }
                held.sort_by_key(|of| family(of.0));
                Ok(held.into_iter().map(|(thing, is_prefix)| part(thing, is_prefix)).collect())
            }
            Command::Resolve(request) => {
                self.tasks.remove(&request.task).ok_or(Refusal::Other(209))?;
                let (mut seen, mut lost) = (Vec::new(), Vec::new());
                for of in self.owned.iter_mut().filter(|of| of.task == Some(request.task)) {
                    let observed = match of.is_prefix {
                        true => request.prefixes.contains(&of.thing),
                        false => request.observed.contains(&of.thing.addr()),
                    };
                    if observed {
                        of.task = None;
                        seen.push((of.thing, of.is_prefix));
                    } else {
                        lost.push(of.thing);
                    }
                }
                self.take_all(&lost, self.now + self.profile.quarantine.millis);
                seen.sort_by_key(|of| family(of.0));
                Ok(seen.into_iter().map(|(thing, is_prefix)| part(thing, is_prefix)).collect())
            }
            Command::EnsureCount(request) => self.ensure_count(request),
            Command::DeleteInterface(DeleteInterface { interface, .. }) => {
                let of_it = |of: &&Owned| of.by == *interface;
                let mut all: Vec<Owned> = self.owned.iter().filter(of_it).cloned().collect();
                all.sort_by_key(|of| of.thing.addr());
                let open: Vec<Task> = self
                    .tasks
                    .iter()
                    .filter(|(_, of)| of.0 == *interface)
                    .map(|of| *of.0)
                    .collect();
                let until = self.now + self.profile.quarantine.millis;
                for task in open {
                    self.tasks.remove(&task);
                    let held: Vec<Thing> = self
                        .owned
                        .iter()
                        .filter(|of| of.task == Some(task))
                        .map(|of| of.thing)
                        .collect();
                    self.take_all(&held, until);
                }
                let rest: Vec<Thing> =
                    all.iter().filter(|of| of.task.is_none()).map(|of| of.thing).collect();
                self.take_all(&rest, until);
                self.quotas.remove(interface);
                Ok(all.iter().map(|of| part(of.thing, of.is_prefix)).collect())
            }
            Command::CreateInterface(request) => {
                if self.quotas.contains_key(&request.interface) {
                    return Err(Refusal::Other(207));
                }
                self.quotas.insert(request.interface, request.quota);
                Ok(Vec::new())
            }
            Command::Sweep => Ok(Vec::new()),
            other => panic!("{other:?}"),
        }
    }

    fn known(&self, id: InterfaceId) -> Result<(), Refusal> {
        if self.quotas.contains_key(&id) { Ok(()) } else { Err(Refusal::Other(202)) }
    }

    /// Refuses what is named twice, or in two prefixes
    fn shape(addresses: &[IpAddr], prefixes: &[(usize, IpNet)]) -> Result<(), Refusal> {
        let again = |(at, of): &(usize, &IpAddr)| addresses[..*at].contains(of);
        let twice = addresses.iter().enumerate().filter(again);
        let twice: Vec<_> = twice
            .map(|(at, of)| {
                let first = addresses.iter().position(|other| other == of);
                assert!(first < Some(at));
                (at, *of, 110)
            })
            .collect();
        faultless(twice)?;
        let mut met: Vec<Thing> = addresses.iter().map(|at| one(*at)).collect();
        let mut faults = Vec::new();
        for &(index, prefix) in prefixes {
            let shared = met.iter().filter(|of| of.contains(&prefix) || prefix.contains(*of));
            match shared.map(|of| of.addr().max(prefix.addr())).min() {
                Some(at) => faults.push((addresses.len() + index, at, 110)),
                None => met.push(prefix),
            }
        }
        faultless(faults)
    }

    fn assign(&mut self, request: &Assign) -> Verdict {
        let Assign { interface: id, ref pick, reassign, ref hold, .. } = *request;
        let list: Vec<IpAddr> = pick.list.iter().map(|of| of.address).collect();
        let named: Vec<(usize, IpNet)> = pick
            .prefixes
            .iter()
            .enumerate()
            .filter_map(|(index, of)| match of {
                WantedPrefix::Named(prefix) => Some((index, *prefix)),
                WantedPrefix::Any { .. } => None,
            })
            .collect();
        Self::shape(&list, &named)?;
        let zero = |of: &WantedPrefix| matches!(of, WantedPrefix::Any { count: 0, .. });
        let no_count = pick.count == Some(0);
        if pick.prefixes.iter().any(zero) || (no_count && list.is_empty()) {
            return Err(Refusal::Other(112));
        }
        if list.is_empty() && pick.count.is_none() && pick.prefixes.is_empty() {
            return Err(Refusal::Other(111));
        }
        let other = |of: &WantedPrefix| match (of, pick.within) {
            (WantedPrefix::Any { family: Some(family), .. }, Some(range)) => {
                *family != range.family()
            }
            _ => false,
        };
        if pick.prefixes.iter().any(other) {
            return Err(Refusal::Other(114));
        }
        let of_addresses = !pick.preferred.is_empty() || pick.contiguous || pick.policy.is_some();
        let nothing_named = list.is_empty() && named.is_empty() && pick.within.is_none();
        if of_addresses && list.is_empty() && pick.count.is_none()
            || (reassign || pick.auto_only) && nothing_named
        {
            return Err(Refusal::Other(136));
        }
        self.known(id)?;
        // What a count beside a list means is the profile's to say, once the interface is found.
        if no_count {
            return Err(Refusal::Other(112));
        }
        let usual = pick.family.or(pick.within.map(|of| of.family())).unwrap_or(Family::V4);
        for wanted in &pick.prefixes {
            if let WantedPrefix::Any { prefix_len, family, .. } = *wanted {
                let cidr = self.cidr(family.unwrap_or(usual));
                if prefix_len < cidr.prefix_len() || prefix_len > cidr.max_prefix_len() {
                    return Err(Refusal::Other(524));
                }
            }
        }
        let inside = |at: IpAddr| {
            self.cidr(Family::of(at)).contains(&at) && pick.within.is_none_or(|of| of.contains(at))
        };
        let accepts = self.profile.own_address == OwnAddress::Accept;
        let back = self.profile.quarantine.take_back;
        let is_own = |thing: Thing, is_prefix: bool| {
            self.owned.iter().any(|of| {
                (of.thing, of.is_prefix, of.by) == (thing, is_prefix, id) && of.task.is_none()
            })
        };
        // Whether exactly this may be assigned though it is in use or in quarantine.
        let lent = |thing: Thing, is_prefix: bool| {
            let others = self.owned.iter().any(|of| {
                (of.thing, of.is_prefix) == (thing, is_prefix) && of.by != id && of.task.is_none()
            });
            let rests = self
                .resting
                .iter()
                .any(|of| (of.thing, of.is_prefix, of.by) == (thing, is_prefix, id));
            (others && reassign) || (rests && back)
        };
        let judge = |thing: Thing, is_prefix: bool| {
            if accepts && is_own(thing, is_prefix) && range(thing).iter().all(inside) {
                return None;
            }
            let fault = |at: &IpAddr| {
                if !inside(*at) {
                    return Some(510);
                }
                let occupied = || self.occupied(*at).filter(|_| !lent(thing, is_prefix));
                self.withheld(*at, pick.auto_only, is_prefix).or_else(occupied)
            };
            // All that is outside comes before all else, as a prefix is in a subnet or not.
            let outside = range(thing).iter().find(|at| !inside(*at)).map(|at| (at, 510));
            outside.or_else(|| range(thing).iter().find_map(|at| Some((at, fault(&at)?))))
        };
        let mut faults = Vec::new();
        for (index, &at) in list.iter().enumerate() {
            faults.extend(judge(one(at), false).map(|(at, code)| (index, at, code)));
        }
        for &(index, prefix) in &named {
            faults.extend(judge(prefix, true).map(|(at, code)| (list.len() + index, at, code)));
        }
        faultless(faults)?;
        let singles: Vec<IpAddr> =
            list.iter().copied().filter(|at| !is_own(one(*at), false)).collect();
        let named: Vec<IpNet> =
            named.iter().map(|of| of.1).filter(|of| !is_own(*of, true)).collect();
        let any = pick.prefixes.iter().map(|of| match of {
            WantedPrefix::Any { count, .. } => u64::from(*count),
            WantedPrefix::Named(_) => 0,
        });
        let more = singles.len() + named.len();
        self.room(id, more as u64 + u64::from(pick.count.unwrap_or(0)) + any.sum::<u64>())?;

        let mut after = self.clone();
        let lose = |of: &Owned| of.by != id;
        for of in Family::ALL {
            let losers: Vec<InterfaceId> =
                self.owned.iter().filter(|of| lose(of)).map(|of| of.by).collect();
            for loser in losers {
                let lost = |of_it: &&Owned| {
                    of_it.by == loser
                        && family(of_it.thing) == of
                        && match of_it.is_prefix {
                            true => named.contains(&of_it.thing),
                            false => singles.contains(&of_it.thing.addr()),
                        }
                };
                let lost: Vec<Thing> = after.owned.iter().filter(lost).map(|of| of.thing).collect();
                after.take(&lost, 0);
            }
        }
        let wanted = |thing: Thing, is_prefix: bool| match is_prefix {
            true => named.contains(&thing),
            false => singles.contains(&thing.addr()),
        };
        after.resting.retain(|of| !wanted(of.thing, of.is_prefix));
        let task = Task::new(Revision::new(self.revision + 1), self.index);
        let held = hold.as_ref().map(|_| task);
        let mut answers: Vec<Vec<Part>> = vec![Vec::new(); pick.prefixes.len()];
        let mut chosen = Vec::new();
        let taken: Vec<Thing> = singles.iter().map(|at| one(*at)).chain(named.clone()).collect();
        let beside = |at: &IpAddr| !taken.iter().any(|of| of.contains(at));
        for of in Family::ALL {
            for &at in singles.iter().filter(|at| Family::of(**at) == of) {
                after.give(id, one(at), false, held);
            }
            if let Some(count) = pick.count.filter(|_| of == usual) {
                let mut free = after.free(of);
                free.retain(|at| inside(*at) && beside(at));
                let left = free.len() as u128;
                let mut rests: Vec<IpAddr> = Vec::new();
                if self.profile.quarantine.when_exhausted {
                    let eligible = |of_it: &&Resting| {
                        let at = of_it.thing.addr();
                        !of_it.is_prefix
                            && family(of_it.thing) == of
                            && after.withheld(at, false, false).is_none()
                            && inside(at)
                    };
                    rests.extend(after.resting.iter().filter(eligible).map(|of| of.thing.addr()));
                }
                free.extend(rests);
                if free.len() < count as usize {
                    let (wanted, largest) = (count.into(), None);
                    let early = self.profile.quarantine.when_exhausted;
                    let may = |at: IpAddr| {
                        after.withheld(at, false, false).is_none() && inside(at) && beside(&at)
                    };
                    let missing = wanted - free.len() as u128;
                    let ends = after.ends(of, missing, early, may);
                    let most = u32::try_from(free.len()).ok();
                    let free = left;
                    return Err(Refusal::Capacity { code: 700, wanted, free, most, ends, largest });
                }
                for &at in &free[..count as usize] {
                    after.resting.retain(|of| of.thing != one(at) || of.is_prefix);
                    after.give(id, one(at), false, held);
                    chosen.push(part(one(at), false));
                }
            }
            for (index, wanted) in pick.prefixes.iter().enumerate() {
                let (len, count) = match *wanted {
                    WantedPrefix::Any { prefix_len, count, family }
                        if family.unwrap_or(usual) == of =>
                    {
                        (prefix_len, count)
                    }
                    _ => continue,
                };
                for done in 0..count {
                    let cidr = self.cidr(of);
                    let mut domains = [after.kept(of), after.free(of)];
                    domains.iter_mut().for_each(|free| free.retain(beside));
                    let all = domains.iter().flat_map(|free| blocks(free, cidr));
                    let largest = all.min_by_key(|of| (of.prefix_len(), of.addr()));
                    domains.iter_mut().for_each(|free| free.retain(|at| inside(*at)));
                    let fits = |free: &Vec<IpAddr>| {
                        blocks(free, cidr).into_iter().find(|of| of.prefix_len() <= len)
                    };
                    let Some(block) = domains.iter().find_map(fits) else {
                        let size = 1 << (cidr.max_prefix_len() - len);
                        let free = domains.iter().map(Vec::len).sum::<usize>() as u128;
                        let wanted = u128::from(count - done) * size;
                        let code = if wanted > free { 700 } else { 705 };
                        let largest = largest.filter(|_| code == 705);
                        let may = |at: IpAddr| {
                            after.withheld(at, false, true).is_none() && inside(at) && beside(&at)
                        };
                        let missing = wanted.saturating_sub(free);
                        let (most, ends) = (Some(done), after.ends(of, missing, false, may));
                        return Err(Refusal::Capacity { code, wanted, free, most, ends, largest });
                    };
                    let prefix = IpNet::new(block.addr(), len).unwrap();
                    after.give(id, prefix, true, held);
                    answers[index].push(part(prefix, true));
                }
            }
            // Those chosen before are not moved: only the order of assignment is.
            let mut ordered = Vec::new();
            for (index, wanted) in pick.prefixes.iter().enumerate() {
                match wanted {
                    WantedPrefix::Named(prefix)
                        if family(*prefix) == of && named.contains(prefix) =>
                    {
                        ordered.push(*prefix);
                    }
                    WantedPrefix::Named(_) => {}
                    WantedPrefix::Any { .. } => {
                        ordered.extend(answers[index].iter().filter_map(|part| match part {
                            Part::Prefix(prefix) if family(*prefix) == of => Some(*prefix),
                            _ => None,
                        }))
                    }
                }
            }
            after.owned.retain(|of_it| !(of_it.is_prefix && ordered.contains(&of_it.thing)));
            for prefix in ordered {
                after.give(id, prefix, true, held);
            }
        }
        let changed = after.owned != self.owned;
        if let Some(hold) = hold.as_ref().filter(|_| changed) {
            after.tasks.insert(task, (id, hold.until.millis()));
        }
        *self = after;
        let mut answer: Vec<Part> = list.iter().map(|at| part(one(*at), false)).collect();
        answer.extend(chosen);
        for (index, wanted) in pick.prefixes.iter().enumerate() {
            match wanted {
                WantedPrefix::Named(prefix) => answer.push(part(*prefix, true)),
                WantedPrefix::Any { .. } => answer.extend(answers[index].iter().copied()),
            }
        }
        Ok(answer)
    }

    /// What is wrong with taking a prefix or an address from an interface, but for who that is
    fn found(&self, thing: Thing, is_prefix: bool) -> Result<Option<&Owned>, (u16, bool)> {
        let cidr = self.cidr(family(thing));
        if !cidr.contains(&thing) {
            return Err((510, false));
        }
        let exact = |of: &&Owned| (of.thing, of.is_prefix) == (thing, is_prefix);
        if let Some(of) = self.owned.iter().find(exact) {
            return Ok(Some(of));
        }
        let lowest = range(thing).iter().find_map(|at| self.occupied(at).map(|_| at));
        let Some(at) = lowest else { return Ok(None) };
        match (self.owner(at), self.rest(at)) {
            (Some(of), _) if of.is_prefix => Err((525, false)),
            (None, Some(rest)) if !is_prefix || (rest.is_prefix && rest.thing == thing) => Ok(None),
            _ => Err((520, false)),
        }
    }

    fn unassign(&mut self, request: &Unassign) -> Verdict {
        let Unassign {
            interface: id, ref addresses, ref prefixes, generation, stale, rest, ..
        } = *request;
        let indexed: Vec<(usize, IpNet)> = prefixes.iter().copied().enumerate().collect();
        Self::shape(addresses, &indexed)?;
        if addresses.is_empty() && prefixes.is_empty() {
            return Err(Refusal::Other(111));
        }
        self.known(id)?;
        let lenient = generation.is_some() && stale == Stale::Ignore;
        let ignores = self.profile.free_address == FreeAddress::Ignore;
        let things = addresses
            .iter()
            .map(|at| (one(*at), false))
            .chain(prefixes.iter().map(|of| (*of, true)));
        let (mut faults, mut released) = (Vec::new(), Vec::new());
        for (index, (thing, is_prefix)) in things.enumerate() {
            let code = match self.found(thing, is_prefix) {
                Ok(None) if ignores => continue,
                Ok(Some(of)) if of.by == id && of.task.is_some() => 516,
                Ok(Some(of)) if of.by == id => {
                    match generation.is_some_and(|named| named.get() != of.generation) {
                        true if lenient => continue,
                        true => 523,
                        false => {
                            released.push((thing, is_prefix));
                            continue;
                        }
                    }
                }
                _ if lenient => continue,
                Ok(None) => 520,
                Ok(Some(of)) => {
                    if of.task.is_some() {
                        516
                    } else {
                        521
                    }
                }
                Err((code, _)) => code,
            };
            faults.push((index, thing.addr(), code));
        }
        faultless(faults)?;
        let until = self.now + rest.millis.unwrap_or(self.profile.quarantine.millis);
        let things: Vec<Thing> = released.iter().map(|of| of.0).collect();
        self.take_all(&things, until);
        Ok(released.into_iter().map(|(thing, is_prefix)| part(thing, is_prefix)).collect())
    }

    fn move_over(&mut self, request: &Move) -> Verdict {
        let Move { from, to, ref addresses, ref prefixes, .. } = *request;
        let indexed: Vec<(usize, IpNet)> = prefixes.iter().copied().enumerate().collect();
        Self::shape(addresses, &indexed)?;
        if addresses.is_empty() && prefixes.is_empty() {
            return Err(Refusal::Other(111));
        }
        if from == to {
            return Err(Refusal::Other(116));
        }
        self.known(from)?;
        self.known(to)?;
        let accepts = self.profile.own_address == OwnAddress::Accept;
        let things: Vec<(Thing, bool)> = addresses
            .iter()
            .map(|at| (one(*at), false))
            .chain(prefixes.iter().map(|of| (*of, true)))
            .collect();
        let (mut faults, mut moved) = (Vec::new(), Vec::new());
        for (index, &(thing, is_prefix)) in things.iter().enumerate() {
            let code = match self.found(thing, is_prefix) {
                Ok(None) => 520,
                Ok(Some(of)) if of.task.is_some() => 516,
                Ok(Some(of)) if of.by == to && accepts => continue,
                Ok(Some(of)) if of.by != from => 521,
                Ok(Some(_)) => {
                    moved.push((thing, is_prefix));
                    continue;
                }
                Err((code, _)) => code,
            };
            faults.push((index, thing.addr(), code));
        }
        faultless(faults)?;
        self.room(to, moved.len() as u64)?;
        self.take(&moved.iter().map(|of| of.0).collect::<Vec<_>>(), 0);
        moved.sort_by_key(|of| family(of.0));
        for (thing, is_prefix) in moved {
            self.give(to, thing, is_prefix, None);
        }
        Ok(things.into_iter().map(|(thing, is_prefix)| part(thing, is_prefix)).collect())
    }

    fn ensure_count(&mut self, request: &EnsureCount) -> Verdict {
        let (id, count) = (request.interface, request.count as usize);
        self.known(id)?;
        let of = request.family.unwrap_or(Family::V4);
        let has: Vec<Owned> = self
            .owned
            .iter()
            .filter(|at| at.by == id && !at.is_prefix && family(at.thing) == of)
            .cloned()
            .collect();
        let mut all: Vec<Thing> = has.iter().map(|of| of.thing).collect();
        if all.len() > count && request.exact {
            let beyond = all.len() - count;
            let mut last: Vec<Thing> =
                has.iter().filter(|of| of.task.is_none()).map(|of| of.thing).collect();
            if last.len() < beyond {
                return Err(Refusal::Other(309));
            }
            let last = last.split_off(last.len() - beyond);
            self.take(&last, self.now + self.profile.quarantine.millis);
            all.retain(|of| !last.contains(of));
        } else if all.len() < count {
            let pick = Pick::any(u32::try_from(count - all.len()).unwrap()).family(of);
            let new = self.assign(&Assign::new(id, pick))?;
            all.extend(new.iter().map(|part| one(part.range().first())));
        }
        Ok(all.into_iter().map(|thing| part(thing, false)).collect())
    }
}

fn faultless(faults: Vec<(usize, IpAddr, u16)>) -> Result<(), Refusal> {
    if faults.is_empty() { Ok(()) } else { Err(Refusal::Addresses(faults)) }
}
