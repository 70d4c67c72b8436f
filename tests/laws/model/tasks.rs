//! Commands that end a hold

use std::net::IpAddr;

use ipam_core::event::{End, Failure};
use ipam_core::{Cancel, Error, Family, InterfaceId, Limits, Resolve, Task, TaskState};

use super::change::by_family;
use super::judge::{Refusal, Verdict, refuse};
use super::subnet::bits;
use super::world::{Hold, World};

impl World {
    pub(crate) fn confirm(&mut self, task: Task) -> Verdict {
        let hold = self.hold(task)?;
        match hold.state {
            TaskState::Running { .. } | TaskState::Unknown { .. } => {
                self.finish(task, End::Succeeded, &hold.addresses(), self.clock, None);
                Ok(hold.addresses())
            }
            TaskState::Succeeded => Ok(hold.addresses()),
            _ => refuse(Error::TaskFinished { task, succeeded: false }),
        }
    }

    pub(crate) fn cancel(&mut self, request: &Cancel) -> Verdict {
        let Cancel { task, reason, rest, .. } = *request;
        let hold = self.hold(task)?;
        match &hold.state {
            TaskState::Running { .. } | TaskState::Unknown { .. } => {
                let (failure, kept) = (Failure::Cancelled, [].into_iter().collect());
                let until = self.hold_rest_until(&hold, rest.millis);
                let end = End::Failed { failure, reason, kept };
                self.finish(task, end, &[], until, rest.reason);
                Ok(Vec::new())
            }
            TaskState::Failed { kept, .. } if kept.is_empty() => Ok(Vec::new()),
            TaskState::Expired { .. } => Ok(Vec::new()),
            state => {
                refuse(Error::TaskFinished { task, succeeded: *state == TaskState::Succeeded })
            }
        }
    }

    pub(crate) fn resolve(&mut self, request: &Resolve) -> Verdict {
        let Resolve { task, ref observed, rest, .. } = *request;
        let hold = self.hold(task)?;
        let seen: Vec<IpAddr> =
            hold.addresses().into_iter().filter(|at| observed.contains(at)).collect();
        let all = seen.len() == hold.addresses().len();
        let agrees = match &hold.state {
            TaskState::Running { .. } | TaskState::Unknown { .. } if all => {
                self.finish(task, End::Succeeded, &seen, self.clock, None);
                true
            }
            TaskState::Running { .. } | TaskState::Unknown { .. } => {
                let failure = Failure::NotObserved;
                let kept = seen.iter().copied().collect();
                let until = self.hold_rest_until(&hold, rest.millis);
                let end = End::Failed { failure, reason: None, kept };
                self.finish(task, end, &seen, until, rest.reason);
                true
            }
            TaskState::Succeeded => all,
            TaskState::Failed { kept, .. } => kept.iter().eq(seen.iter().copied()),
            TaskState::Expired { .. } => seen.is_empty(),
            _ => panic!("a state that the model does not know"),
        };
        if agrees {
            return Ok(seen);
        }
        refuse(Error::TaskFinished { task, succeeded: hold.state == TaskState::Succeeded })
    }

    fn hold(&self, task: Task) -> Result<Hold, Refusal> {
        self.tasks.get(&task).cloned().ok_or(Refusal::Other(Error::TaskNotFound(task)))
    }

    /// Refuses while a task of the interface is not finished, where its profile says so
    pub(crate) fn no_task_runs(&self, interface: InterfaceId) -> Result<(), Refusal> {
        let profile = self.subnets[&self.interfaces[&interface].home].profile;
        match self.unfinished(interface).first() {
            Some(&task) if profile.one_task => refuse(Error::TaskRunning { interface, task }),
            _ => Ok(()),
        }
    }

    /// Refuses a hold whose time is up before it begins
    pub(crate) fn lies_ahead(&self, hold: Option<ipam_core::Hold>) -> Result<(), Refusal> {
        match hold {
            Some(hold) => self.is_ahead(hold.until),
            None => Ok(()),
        }
    }

    /// Refuses a hold beyond the limit
    pub(crate) fn room_for_a_task(&self, parts: &[&[IpAddr]]) -> Result<(), Refusal> {
        let Limits { tasks: limit, runs: most, .. } = self.limits;
        if self.tasks.len() as u64 >= limit.into() {
            return refuse(Error::TooManyTasks { limit });
        }
        let new = parts.iter().map(|part| runs(&by_family(part).concat()));
        let runs = self.runs() + new.sum::<u64>();
        if runs > most.into() { refuse(Error::TooManyRuns { limit: most }) } else { Ok(()) }
    }

    /// Runs of addresses kept of tasks and tokens
    pub(crate) fn runs(&self) -> u64 {
        let held = self.tasks.values().flat_map(|of| &of.parts).map(|(_, of)| runs(of));
        held.chain(self.tokens.values().map(|of| runs(&of.answer))).sum()
    }
}

/// How many of the addresses do not follow the one before them
pub(crate) fn runs(addresses: &[IpAddr]) -> u64 {
    let follows = |two: &&[IpAddr]| {
        let alike = Family::of(two[0]) == Family::of(two[1]);
        alike && bits(two[0]).checked_add(1) == Some(bits(two[1]))
    };
    let joined = addresses.windows(2).filter(follows).count() as u64;
    addresses.len() as u64 - joined
}
