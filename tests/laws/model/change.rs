//! How the world changes: each change done to the maps, and said as an event says it

use std::net::IpAddr;

use ipam_core::event::{
    Assigned, End, Held, HoldExtended, OnExpiry, PrimarySet, Quarantined, Released, RestEnded,
    TaskFinished,
};
use ipam_core::{
    Change, Expiry, Family, InterfaceId, Reason, SubnetId, Task, TaskState, Timestamp,
};

use super::world::{Hold, Owned, Resting, World};

impl World {
    /// The name of the task that the command being judged may begin
    fn task(&self) -> Task {
        Task::new(ipam_core::Revision::new(self.revision + 1), self.index)
    }

    fn give(&mut self, subnet: SubnetId, address: IpAddr, by: InterfaceId, task: Option<Task>) {
        self.assigned += 1;
        let (generation, number) = (self.revision + 1, self.assigned);
        let owned = Owned { by, primary: false, generation, number, task };
        let subnet = self.subnets.get_mut(&subnet).unwrap();
        assert!(!subnet.resting.contains_key(&address), "the model gave {address} as it rests");
        subnet.released.retain(|at| *at != address);
        let before = subnet.owned.insert(address, owned);
        assert!(before.is_none(), "the model gave {address} twice");
    }

    /// Takes an address from whoever has it; it rests until then, if that is still to come
    pub(crate) fn rest(
        &mut self,
        subnet: SubnetId,
        address: IpAddr,
        until: u64,
        reason: Option<Reason>,
    ) {
        self.rested += 1;
        let subnet = self.subnets.get_mut(&subnet).unwrap();
        let by = subnet.owned.remove(&address).unwrap().by;
        if until > self.clock {
            let rest = Resting { until, by, reason, number: self.rested };
            assert!(subnet.resting.insert(address, rest).is_none());
        } else {
            subnet.note_released(address);
        }
    }

    /// When what a hold loses now is free: as the latest of its subnets says
    pub(crate) fn hold_rest_until(&self, hold: &Hold, millis: Option<u64>) -> u64 {
        let all = hold.parts.iter().map(|(subnet, _)| self.rest_until(*subnet, millis));
        all.max().unwrap()
    }

    /// When what is released now is free, by the command or else by the profile of its subnet
    pub(crate) fn rest_until(&self, subnet: SubnetId, millis: Option<u64>) -> u64 {
        let usual = self.subnets[&subnet].profile.quarantine.millis;
        self.clock.saturating_add(millis.unwrap_or(usual))
    }

    /// Assigns addresses of one subnet: a change for each family
    pub(crate) fn assign_all(&mut self, interface: InterfaceId, subnet: SubnetId, all: &[IpAddr]) {
        for addresses in by_family(all) {
            for &address in &addresses {
                self.give(subnet, address, interface, None);
            }
            let addresses = addresses.into_iter().collect();
            self.said.push(Change::Assigned(Assigned { interface, subnet, addresses }));
        }
    }

    /// Holds addresses of one subnet or more: a change for each
    pub(crate) fn hold_parts(
        &mut self,
        interface: InterfaceId,
        parts: &[(SubnetId, Vec<IpAddr>)],
        hold: ipam_core::Hold,
    ) {
        let task = self.task();
        let parts: Vec<(SubnetId, Vec<IpAddr>)> =
            parts.iter().map(|(subnet, all)| (*subnet, by_family(all).concat())).collect();
        for (subnet, addresses) in &parts {
            for &address in addresses {
                self.give(*subnet, address, interface, Some(task));
            }
        }
        let rests = parts.iter().map(|(subnet, _)| self.subnets[subnet].profile.quarantine.millis);
        let rest_millis = rests.max().unwrap();
        let (subnet, ref addresses) = parts[0];
        let expired = match hold.expiry {
            Expiry::Release => OnExpiry::Release { rest_millis },
            Expiry::Unknown => OnExpiry::Unknown,
        };
        let ipam_core::Hold { until, keep_until, request, .. } = hold;
        self.said.push(Change::Held(Box::new(Held {
            index: self.index,
            interface,
            subnet,
            addresses: addresses.iter().copied().collect(),
            until,
            expired,
            keep_until,
            request,
        })));
        for (subnet, addresses) in &parts[1..] {
            let (subnet, addresses) = (*subnet, addresses.iter().copied().collect());
            let extended = HoldExtended { task, subnet, addresses };
            self.said.push(Change::HoldExtended(Box::new(extended)));
        }
        let (state, keep_until) = (TaskState::Running { until }, keep_until.millis());
        let hold = Hold { interface, parts, state, expired, keep_until, request };
        assert!(self.tasks.insert(task, hold).is_none());
    }

    /// Releases addresses of one block
    pub(crate) fn release_all(
        &mut self,
        interface: InterfaceId,
        subnet: SubnetId,
        all: &[IpAddr],
        until: u64,
        reason: Option<Reason>,
    ) {
        if all.is_empty() {
            return;
        }
        for &address in all {
            assert_eq!(self.subnets[&subnet].owned[&address].by, interface);
            self.rest(subnet, address, until, reason);
        }
        let addresses = all.iter().copied().collect();
        self.said.push(if until > self.clock {
            let until = Timestamp::from_millis(until);
            let rests = Quarantined { interface, subnet, addresses, until, reason };
            Change::Quarantined(Box::new(rests))
        } else {
            Change::Released(Released { interface, subnet, addresses })
        });
    }

    /// Ends the rest of those addresses of one subnet that rest: a change for each family
    pub(crate) fn end_rests(&mut self, subnet: SubnetId, all: &[IpAddr]) {
        for mut addresses in by_family(all) {
            let of = self.subnets.get_mut(&subnet).unwrap();
            addresses.retain(|address| of.resting.remove(address).is_some());
            addresses.iter().for_each(|&address| of.note_released(address));
            if !addresses.is_empty() {
                let addresses = addresses.into_iter().collect();
                self.said.push(Change::RestEnded(RestEnded { subnet, addresses }));
            }
        }
    }

    /// Makes an address primary in the place of the one before, unless it is so
    pub(crate) fn make_primary(&mut self, interface: InterfaceId, address: IpAddr) {
        let before = self.primary_at(interface, Family::of(address));
        if before.is_some_and(|(_, before, _)| before == address) {
            return;
        }
        let all = self.addresses(interface);
        let new = all.into_iter().find(|(_, at, _)| *at == address);
        assert!(new.is_some(), "the model made {address} primary, which {interface} has not");
        for (subnet, at, _) in before.into_iter().chain(new) {
            let subnet = self.subnets.get_mut(&subnet).unwrap();
            subnet.owned.get_mut(&at).unwrap().primary = at == address;
        }
        self.said.push(Change::PrimarySet(PrimarySet { interface, address }));
    }

    /// Ends a hold: `kept` of its addresses are assigned, the others released
    pub(crate) fn finish(
        &mut self,
        task: Task,
        end: End,
        kept: &[IpAddr],
        until: u64,
        reason: Option<Reason>,
    ) {
        let hold = self.tasks[&task].clone();
        for (subnet, address) in hold.each() {
            if kept.contains(&address) {
                let subnet = self.subnets.get_mut(&subnet).unwrap();
                subnet.owned.get_mut(&address).unwrap().task = None;
            } else {
                self.rest(subnet, address, until, reason);
            }
        }
        self.tasks.get_mut(&task).unwrap().state = match end.clone() {
            End::Succeeded => TaskState::Succeeded,
            End::Failed { failure, reason, kept } => TaskState::Failed { failure, reason, kept },
        };
        if hold.keep_until <= self.clock {
            self.tasks.remove(&task);
        }
        let until = Timestamp::from_millis(until);
        self.said.push(Change::TaskFinished(Box::new(TaskFinished { task, end, until, reason })));
    }
}

/// The IPv4 ones and the IPv6 ones, each in order, but not if there are none
pub(crate) fn by_family(all: &[IpAddr]) -> Vec<Vec<IpAddr>> {
    let of = |family| all.iter().copied().filter(|at| Family::of(*at) == family).collect();
    let parts: [Vec<IpAddr>; 2] = Family::ALL.map(of);
    parts.into_iter().filter(|part| !part.is_empty()).collect()
}
