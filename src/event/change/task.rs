//! Holds that began, grew and ended

use core::fmt::{self, Display, Formatter};

use super::runs;
use crate::id::{InterfaceId, Reason, RequestId, SubnetId, Task, Timestamp};
use crate::space::list::AddrList;
use crate::text::Maybe;

/// Addresses of one subnet were assigned until further notice
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Held {
    /// Index of the command that made it: with the event's revision, the task
    pub index: u32,
    /// Who has them
    pub interface: InterfaceId,
    /// Where they lie
    pub subnet: SubnetId,
    /// The addresses, IPv4 before IPv6, each in order of assignment
    pub addresses: AddrList,
    /// When its time is up, after the event
    pub until: Timestamp,
    /// What happens then
    pub expired: OnExpiry,
    /// Until when the task can be asked about once it is finished
    pub keep_until: Timestamp,
    /// The caller's request that it is for
    pub request: Option<RequestId>,
}

/// What happens to a hold whose time is up
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum OnExpiry {
    /// Its addresses are released, and rest
    Release {
        /// For so many milliseconds from then on
        rest_millis: u64,
    },
    /// Its addresses stay held, and its outcome is unknown
    Unknown,
}

impl Display for Held {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { index: _, interface, subnet, addresses, until, expired, keep_until, request } =
            self;
        write!(f, "{interface} +{} ({subnet}), held until {until}", runs(addresses))?;
        match expired {
            OnExpiry::Release { rest_millis: 0 } => {}
            OnExpiry::Release { rest_millis } => write!(f, ", then rests for {rest_millis} ms")?,
            OnExpiry::Unknown => f.write_str(", then unknown")?,
        }
        if keep_until > until {
            write!(f, ", its task kept until {keep_until}")?;
        }
        write!(f, "{}", Maybe(", for request ", *request))
    }
}

/// A hold took in addresses of another subnet: they are held for its interface until it ends
///
/// When they rest in the end, they rest as long as the others of the hold.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct HoldExtended {
    /// The hold
    pub task: Task,
    /// Where they lie; none of the hold's did before
    pub subnet: SubnetId,
    /// The addresses, IPv4 before IPv6, each in order of assignment
    pub addresses: AddrList,
}

impl Display for HoldExtended {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { task, subnet, addresses } = self;
        write!(f, "task {task} +{} ({subnet})", runs(addresses))
    }
}

/// A hold came to its end
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct TaskFinished {
    /// The task
    pub task: Task,
    /// What came of it
    pub end: End,
    /// When those of its addresses that it lost are free; not after the event if they do not rest
    pub until: Timestamp,
    /// Why they rest, if the caller said so
    pub reason: Option<Reason>,
}

/// What came of a hold
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum End {
    /// All of its addresses were assigned
    Succeeded,
    /// Its addresses were released, but for some
    Failed {
        /// How
        failure: Failure,
        /// Why, if the caller said so
        reason: Option<Reason>,
        /// Those that were assigned all the same, as they were observed, in the order of the hold
        kept: AddrList,
    },
}

/// How a hold failed
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Failure {
    /// It was cancelled
    Cancelled,
    /// Its interface was deleted
    InterfaceDeleted,
    /// Some of its addresses were not observed, or none
    NotObserved,
}

impl Display for TaskFinished {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { task, end, until, reason: rested } = self;
        match end {
            End::Succeeded => write!(f, "task {task} succeeded"),
            End::Failed { failure, reason, kept } => {
                write!(f, "task {task} {failure}{}", Maybe(", because of ", *reason))?;
                if kept.count() > 0 {
                    write!(f, ", keeps {}", runs(kept))?;
                }
                write!(f, ", the rest free at {until}{}", Maybe(", because of ", *rested))
            }
        }
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Cancelled => "was cancelled",
            Self::InterfaceDeleted => "lost its interface",
            Self::NotObserved => "was not observed whole",
        })
    }
}
