//! Holds that began, were extended and ended

use core::fmt::{self, Display, Formatter};

use super::runs;
use crate::bytes::{choices, structs};
use crate::id::{InterfaceId, Reason, RequestId, SubnetId, Task, Timestamp};
use crate::space::list::AddrList;
use crate::text::Maybe;

/// Addresses of one subnet were held for an interface
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Held {
    /// Index of the command that made it: with the event's revision, the task
    pub index: u32,
    /// The interface that they are held for
    pub interface: InterfaceId,
    /// Their subnet
    pub subnet: SubnetId,
    /// The addresses, IPv4 before IPv6, each in order of assignment
    pub addresses: AddrList,
    /// The deadline, which is later than the event
    pub until: Timestamp,
    /// What happens at the deadline
    pub expired: OnExpiry,
    /// Until when the finished task can be asked about
    pub keep_until: Timestamp,
    /// The caller's request that it serves
    pub request: Option<RequestId>,
}

/// What happens to a hold at its deadline
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum OnExpiry {
    /// Its addresses are released, and go into quarantine
    Release {
        /// For this many milliseconds after the deadline
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

/// A hold was extended to addresses of another subnet, which are held for its interface until it ends
///
/// If they go into quarantine at the end, they stay there as long as the hold's other addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct HoldExtended {
    /// The hold
    pub task: Task,
    /// Their subnet, in which the hold had no addresses before
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

/// A hold ended
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct TaskFinished {
    /// The task
    pub task: Task,
    /// Its outcome
    pub end: End,
    /// When the released addresses are free; not later than the event if there is no quarantine
    pub until: Timestamp,
    /// The reason of the quarantine, if the caller gave one
    pub reason: Option<Reason>,
}

/// The outcome of a hold
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum End {
    /// All of its addresses were assigned
    Succeeded,
    /// Its addresses were released, except for those that were kept
    Failed {
        /// How
        failure: Failure,
        /// The reason that the caller gave, if any
        reason: Option<Reason>,
        /// The addresses that were assigned, because they were observed, in the order of the hold
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

structs! {
    Held { index interface subnet addresses until expired keep_until request }
    HoldExtended { task subnet addresses }
    TaskFinished { task end until reason }
}

choices! {
    OnExpiry {
        0 Unknown
        1 Release { rest_millis: number }
    }
    End {
        0 Succeeded
        1 Failed { failure reason kept }
    }
    Failure {
        0 Cancelled
        1 InterfaceDeleted
        2 NotObserved
    }
}
