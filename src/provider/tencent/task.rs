//! The outcome of the tasks of a request, as `DescribeVpcTaskResult` reports it: one status for all of them

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;

use crate::engine::{TaskInfo, TaskState};
use crate::event::Failure;
use crate::provider::words::{Faults, Quoted};

/// The state of a request's tasks taken together, with a message
///
/// One that failed or expired makes it failed; else one that runs, or whose outcome is unknown, makes it
/// running; else it has succeeded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskResult {
    status: TaskStatus,
    message: String,
}

/// The state of a request, in the provider's three words
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TaskStatus {
    /// It is done
    Success,
    /// It failed, at least in part
    Failed,
    /// It is still running, or its outcome is unknown
    Running,
}

impl TaskResult {
    /// The result of a request that was done when it was answered
    ///
    /// Such a request has no task in the engine. A controller that answers them, and remembers their ids,
    /// answers this.
    pub const DONE: Self = Self { status: TaskStatus::Success, message: String::new() };

    /// The result of these tasks; `None` if there are none
    ///
    /// A controller of several tenants leaves out tasks whose interfaces are another's: whoever knows an id
    /// may ask for it.
    pub fn of(tasks: impl IntoIterator<Item = TaskInfo>) -> Option<Self> {
        let (mut any, mut running) = (false, false);
        let (mut failed, mut unknown) = (Faults::default(), Faults::default());
        for TaskInfo { task, interface, addresses, state, .. } in tasks {
            any = true;
            match state {
                TaskState::Succeeded => {}
                TaskState::Running { .. } => running = true,
                TaskState::Unknown { since } => {
                    running = true;
                    unknown.add(format_args!(
                        "task `{task}`: its time was up at {since}, what came of it is not known yet"
                    ));
                }
                TaskState::Expired { at } => {
                    failed.add(format_args!("task `{task}`: its time was up at {at}"));
                }
                TaskState::Failed { failure, reason, kept } => {
                    let what = match failure {
                        Failure::Cancelled => "it was cancelled".to_owned(),
                        Failure::InterfaceDeleted => format!("interface `{interface}` was deleted"),
                        Failure::NotObserved => {
                            let (seen, all) = (kept.count(), addresses.count());
                            format!("{seen} of {all} addresses were observed")
                        }
                    };
                    match reason {
                        None => failed.add(format_args!("task `{task}`: {what}")),
                        Some(reason) => {
                            let reason = Quoted(reason.as_str());
                            failed.add(format_args!("task `{task}`: {what}, {reason}"));
                        }
                    }
                }
            }
        }
        let (failed, unknown) = (failed.finish(), unknown.finish());
        let result = match (failed, running) {
            (Some(message), _) => Self { status: TaskStatus::Failed, message },
            (None, true) => {
                Self { status: TaskStatus::Running, message: unknown.unwrap_or_default() }
            }
            (None, false) => Self::DONE,
        };
        any.then_some(result)
    }

    /// Their state
    pub const fn status(&self) -> TaskStatus {
        self.status
    }

    /// A message about those that failed or, if none did, about those whose outcome is unknown
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl TaskStatus {
    /// As API 3.0 has it
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "SUCCESS",
            Self::Failed => "FAILED",
            Self::Running => "RUNNING",
        }
    }

    /// As API 2.0 has it
    pub const fn number(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Failed => 1,
            Self::Running => 2,
        }
    }
}
