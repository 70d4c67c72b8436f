//! Ending a hold after the cloud call has failed

use core::fmt::{self, Display, Formatter};

use super::Rest;
use super::rest::AndRest;
use crate::bytes::requests;
use crate::id::{Reason, Task};
use crate::text::Maybe;

/// Cancel a hold: the cloud call has failed
///
/// The task may be running or unknown. It ends as failed, and its addresses are released. Cancelling it again changes
/// nothing, for as long as the task is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Cancel {
    /// The task
    pub task: Task,
    /// Why it failed, which [`TaskState`](crate::TaskState) reports
    pub reason: Option<Reason>,
    /// How long its addresses stay in quarantine
    #[cfg_attr(feature = "serde", serde(default))]
    pub rest: Rest,
}

impl Cancel {
    /// Cancels this task
    pub const fn new(task: Task) -> Self {
        Self { task, reason: None, rest: Rest::USUAL }
    }

    /// Gives the reason
    #[must_use]
    pub const fn because(mut self, reason: Reason) -> Self {
        self.reason = Some(reason);
        self
    }

    /// Sets the quarantine, instead of the profile's
    #[must_use]
    pub const fn rest(mut self, rest: Rest) -> Self {
        self.rest = rest;
        self
    }
}

impl Display for Cancel {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { task, reason, rest } = self;
        write!(f, "cancel task {task}{}{}", Maybe(" because of ", *reason), AndRest(rest))
    }
}

requests! {
    Cancel { 1 task 2 rest; reason }
}
