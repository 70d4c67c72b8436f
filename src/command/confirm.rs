//! Confirming a hold

use core::fmt::{self, Display, Formatter};

use crate::bytes::requests;
use crate::id::Task;

/// Confirm a hold: the cloud call has succeeded, and the addresses are assigned
///
/// The task may be running or unknown. Confirming it again changes nothing, for as long as the task is kept
/// ([`Hold::kept_until`](crate::Hold::kept_until)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Confirm {
    /// The task
    pub task: Task,
}

impl Confirm {
    /// Confirms this task
    pub const fn new(task: Task) -> Self {
        Self { task }
    }
}

impl Display for Confirm {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { task } = self;
        write!(f, "confirm task {task}")
    }
}

requests! {
    Confirm { 1 task }
}
