//! Questions about tasks

use alloc::vec::Vec;

use crate::engine::Questions;
use crate::event::{End, Failure};
use crate::id::{InterfaceId, Reason, RequestId, Revision, SubnetId, Task, Timestamp};
use crate::space::list::AddrList;
use crate::state::tasks::{Stage, TaskRecord};

/// A hold and its outcome
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct TaskInfo {
    /// Its name
    pub task: Task,
    /// The interface that it holds addresses for
    pub interface: InterfaceId,
    /// The subnet that they lie in; of several, the first
    pub subnet: SubnetId,
    /// Everything that it held when it began: by subnet, IPv4 before IPv6, each in order of assignment
    pub addresses: AddrList,
    /// The addresses among them that lie in other subnets, if any
    #[cfg_attr(feature = "serde", serde(default))]
    pub beside: Vec<(SubnetId, AddrList)>,
    /// Its state
    pub state: TaskState,
    /// Until when it can be asked about after it has ended
    pub keep_until: Timestamp,
    /// The caller's request that it serves
    pub request: Option<RequestId>,
}

/// The state of a task
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum TaskState {
    /// Its addresses are held
    Running {
        /// Until then
        until: Timestamp,
    },
    /// Its deadline has passed, its addresses are still held, and its outcome is unknown
    Unknown {
        /// Since then
        since: Timestamp,
    },
    /// It was confirmed, or all of its addresses were observed: they are assigned
    Succeeded,
    /// It failed: its addresses are released, except for those that were kept
    Failed {
        /// How
        failure: Failure,
        /// The reason that the caller gave, if any
        reason: Option<Reason>,
        /// The addresses that were observed, and are assigned
        kept: AddrList,
    },
    /// Its deadline has passed: its addresses are released
    Expired {
        /// Since then
        at: Timestamp,
    },
}

impl TaskState {
    /// Whether it has ended
    pub const fn is_finished(&self) -> bool {
        !matches!(self, Self::Running { .. } | Self::Unknown { .. })
    }
}

impl Questions {
    /// A task, unless its record has expired
    ///
    /// ```
    #[doc = include_str!("../example.txt")]
    /// let until = Timestamp::from_millis(30_000);
    /// let hold = Assign::new(eni, Pick::any(1)).hold(Hold::until(until).then_unknown());
    /// let task = engine.execute(Timestamp::ZERO, &hold.into()).unwrap().task().unwrap();
    ///
    /// let now = Timestamp::ZERO;
    /// assert_eq!(engine.at(now).task(task).unwrap().state, TaskState::Running { until });
    /// let late = engine.at(until).task(task).unwrap();
    /// assert_eq!(late.state, TaskState::Unknown { since: until });
    /// engine.execute(until, &Confirm::new(task).into()).unwrap();
    /// assert_eq!(engine.at(until).task(task), None);
    /// ```
    pub fn task(&self, task: Task) -> Option<TaskInfo> {
        self.info(task, self.state.tasks.get(task)?)
    }

    /// The tasks that a revision started, in order
    ///
    /// ```
    #[doc = include_str!("../example.txt")]
    /// let until = Timestamp::from_millis(30_000);
    /// let hold = Assign::new(eni, Pick::any(1)).hold(Hold::until(until));
    /// let decision = engine.execute(Timestamp::ZERO, &hold.into()).unwrap();
    /// let mut tasks = engine.tasks_of_revision(decision.revision());
    /// assert_eq!(tasks.next().map(|task| task.interface), Some(eni));
    /// ```
    pub fn tasks_of_revision(&self, revision: Revision) -> impl Iterator<Item = TaskInfo> + '_ {
        let all = self.state.tasks.of_revision(revision);
        all.filter_map(move |(task, record)| self.info(task, record))
    }

    /// The tasks that serve a request, in order
    ///
    /// ```
    #[doc = include_str!("../example.txt")]
    /// let request: RequestId = "request-1".parse().unwrap();
    /// let hold = Hold::until(Timestamp::from_millis(30_000)).request(request);
    /// let hold = Assign::new(eni, Pick::any(1)).hold(hold);
    /// engine.execute(Timestamp::ZERO, &hold.into()).unwrap();
    /// assert_eq!(engine.at(Timestamp::ZERO).tasks_of_request(request).count(), 1);
    /// ```
    pub fn tasks_of_request(&self, request: RequestId) -> impl Iterator<Item = TaskInfo> + '_ {
        let all = self.state.tasks.request(request);
        all.filter_map(move |task| self.task(task))
    }

    /// The unfinished tasks of an interface, in order
    ///
    /// ```
    #[doc = include_str!("../example.txt")]
    /// let until = Timestamp::from_millis(30_000);
    /// let hold = Assign::new(eni, Pick::any(1)).hold(Hold::until(until));
    /// engine.execute(Timestamp::ZERO, &hold.into()).unwrap();
    /// assert_eq!(engine.at(Timestamp::ZERO).tasks_of_interface(eni).count(), 1);
    /// assert_eq!(engine.at(until).tasks_of_interface(eni).count(), 0);
    /// ```
    pub fn tasks_of_interface(
        &self,
        interface: InterfaceId,
    ) -> impl Iterator<Item = TaskInfo> + '_ {
        let ix = self.state.interfaces.find(&interface);
        let all = ix.into_iter().flat_map(|ix| self.state.tasks.of_interface(ix));
        all.filter_map(move |task| self.task(task)).filter(|of| !of.state.is_finished())
    }

    fn info(&self, task: Task, record: &TaskRecord) -> Option<TaskInfo> {
        let state = match record.stage_at(self.state.clock)? {
            Stage::Running(until) => TaskState::Running { until },
            Stage::Unknown(since) => TaskState::Unknown { since },
            Stage::Expired(at) => TaskState::Expired { at },
            Stage::Succeeded => TaskState::Succeeded,
            Stage::Failed(end) => match &*end {
                End::Succeeded => TaskState::Succeeded,
                End::Failed { failure, reason, kept } => {
                    TaskState::Failed { failure: *failure, reason: *reason, kept: kept.clone() }
                }
            },
        };
        Some(TaskInfo {
            task,
            interface: record.interface.id(),
            subnet: record.subnet.id(),
            addresses: record.all().into_owned(),
            beside: record.beside().map(|(subnet, of)| (subnet.id(), of.clone())).collect(),
            state,
            keep_until: record.keep_until,
            request: record.request.as_deref().copied(),
        })
    }
}
