//! What passes with time alone

use ipam_core::event::OnExpiry;
use ipam_core::{Family, TaskState, Timestamp};

use super::world::World;

impl World {
    /// The world at a time: as it is, with everything done that is due
    pub(crate) fn at(&self, now: u64) -> Self {
        let mut world = self.clone();
        world.clock = self.clock.max(now);
        world.due = self.next_deadline().is_some_and(|deadline| deadline <= world.clock);
        world.expire_holds();
        world.end_due_rests(world.clock);
        let clock = world.clock;
        world.tasks.retain(|_, hold| !hold.state.is_finished() || hold.keep_until > clock);
        world.tokens.retain(|_, kept| kept.until > clock);
        world
    }

    /// When something is due next
    pub(crate) fn next_deadline(&self) -> Option<u64> {
        let rests = self.subnets.values().flat_map(|subnet| subnet.resting.values());
        let tokens = self.tokens.values().map(|kept| kept.until);
        let tasks = self.tasks.values().filter_map(|hold| match hold.state {
            TaskState::Running { until } => Some(until.millis()),
            TaskState::Unknown { .. } => None,
            _ => Some(hold.keep_until),
        });
        rests.map(|rest| rest.until).chain(tokens).chain(tasks).min()
    }

    /// Rests that end by then, in order
    fn end_due_rests(&mut self, clock: u64) {
        for subnet in self.subnets.values_mut() {
            for family in Family::ALL {
                let due = subnet.resting(family).into_iter().filter(|(_, of)| of.until <= clock);
                due.for_each(|(address, _)| subnet.note_released(address));
            }
            subnet.resting.retain(|_, rest| rest.until > clock);
        }
    }

    /// In order of their deadlines; of the same one, in order of their tasks. Each happens at its time, after the
    /// rests that ended before
    fn expire_holds(&mut self) {
        let running = self.tasks.iter().filter_map(|(&task, hold)| match hold.state {
            TaskState::Running { until } => Some((until.millis(), task)),
            _ => None,
        });
        let mut due: Vec<_> = running.filter(|(until, _)| *until <= self.clock).collect();
        due.sort_unstable();
        let clock = self.clock;
        for (until, task) in due {
            self.clock = until;
            if let Some(before) = until.checked_sub(1) {
                self.end_due_rests(before);
            }
            let hold = self.tasks.get_mut(&task).unwrap();
            let since = Timestamp::from_millis(until);
            match hold.expired {
                OnExpiry::Unknown => hold.state = TaskState::Unknown { since },
                OnExpiry::Release { rest_millis } => {
                    hold.state = TaskState::Expired { at: since };
                    let hold = hold.clone();
                    for (subnet, address) in hold.each() {
                        let until = until.saturating_add(rest_millis);
                        self.rest(subnet, address, until, None);
                    }
                }
            }
        }
        self.clock = clock;
    }
}
