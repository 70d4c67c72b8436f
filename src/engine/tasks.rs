//! Questions about tasks

use super::Engine;
use crate::event::Failure;
use crate::id::{InterfaceId, Reason, RequestId, Revision, SubnetId, Task, Timestamp};
use crate::space::list::AddrList;

/// A hold, and what came of it
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct TaskInfo {
    /// Its name
    pub task: Task,
    /// The interface that it holds addresses for
    pub interface: InterfaceId,
    /// The subnet that they lie in
    pub subnet: SubnetId,
    /// All that it held when it began, IPv4 before IPv6, each in order of assignment
    pub addresses: AddrList,
    /// Where it stands
    pub state: TaskState,
    /// Until when it can be asked about once it is finished
    pub keep_until: Timestamp,
    /// The caller's request that it is for
    pub request: Option<RequestId>,
}

/// Where a task stands
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum TaskState {
    /// Its addresses are held
    Running {
        /// Until then
        until: Timestamp,
    },
    /// Its time is up, its addresses are held, and nobody knows what came of it
    Unknown {
        /// Since then
        since: Timestamp,
    },
    /// It was confirmed, or all of its addresses were observed: they are assigned
    Succeeded,
    /// It failed: its addresses are released, but for some
    Failed {
        /// How
        failure: Failure,
        /// Why, if the caller said so
        reason: Option<Reason>,
        /// Those that were observed, and are assigned
        kept: AddrList,
    },
    /// Its time is up: its addresses are released
    Expired {
        /// Since then
        at: Timestamp,
    },
}

impl TaskState {
    /// Whether it has come to its end
    pub const fn is_finished(&self) -> bool {
        !matches!(self, Self::Running { .. } | Self::Unknown { .. })
    }
}

impl Engine {
    /// A task, unless it is forgotten
    pub fn task(&self, now: Timestamp, task: Task) -> Option<TaskInfo> {
        let _ = (now, task);
        None
    }

    /// The tasks that a revision made, in order
    pub fn tasks_of_revision(
        &self,
        now: Timestamp,
        revision: Revision,
    ) -> impl Iterator<Item = TaskInfo> + '_ {
        let _ = (now, revision);
        core::iter::empty()
    }

    /// The tasks made for a request, in order
    pub fn tasks_of_request(
        &self,
        now: Timestamp,
        request: RequestId,
    ) -> impl Iterator<Item = TaskInfo> + '_ {
        let _ = (now, request);
        core::iter::empty()
    }

    /// The tasks of an interface that are not finished, in order
    pub fn tasks_of_interface(
        &self,
        now: Timestamp,
        interface: InterfaceId,
    ) -> impl Iterator<Item = TaskInfo> + '_ {
        let _ = (now, interface);
        core::iter::empty()
    }
}
