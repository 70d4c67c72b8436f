//! What begins and ends holds: assignments that await confirmation

use alloc::vec::Vec;
use core::net::IpAddr;

use ipnet::IpNet;

use super::Rest;
use crate::id::{Reason, RequestId, Task, Timestamp};

/// How an assignment awaits confirmation
///
/// For a cloud call that may fail, or whose reply may be lost: hold the addresses, make the call, then
/// confirm or cancel. Nobody else is given them in between, and they take slots of the quota.
///
/// ```
/// use ipam_core::{Assign, Hold, Pick, Timestamp};
///
/// let now = Timestamp::from_millis(1_700_000_000_000);
/// let hold = Hold::until(now.after(30_000)).then_unknown().kept_until(now.after(86_400_000));
/// let two = Assign::new("eni-1".parse()?, Pick::any(2)).hold(hold);
/// # Ok::<(), ipam_core::IdError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Hold {
    /// When its time is up; must lie after now
    pub until: Timestamp,
    /// What happens then
    pub expiry: Expiry,
    /// Until when the task can be asked about once it is finished
    pub keep_until: Timestamp,
    /// The caller's request that it is for, by which it can be found too
    pub request: Option<RequestId>,
}

/// What happens to a hold whose time is up
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Expiry {
    /// It has failed: its addresses are released, and rest as their subnet's profile says
    #[default]
    Release,
    /// Nobody knows: its addresses stay held until somebody finds out
    Unknown,
}

impl Hold {
    /// Until this time; then its addresses are released, and the task is forgotten
    pub const fn until(until: Timestamp) -> Self {
        Self { until, expiry: Expiry::Release, keep_until: until, request: None }
    }

    /// With the outcome unknown when its time is up, until it is confirmed, cancelled or resolved
    ///
    /// [`kept_until`](Self::kept_until) had better be later than that may come: else the task is forgotten as
    /// it ends, and a repetition of what ended it finds none.
    #[must_use]
    pub const fn then_unknown(mut self) -> Self {
        self.expiry = Expiry::Unknown;
        self
    }

    /// With its task there to be asked about until this time, once it is finished
    #[must_use]
    pub const fn kept_until(mut self, keep_until: Timestamp) -> Self {
        self.keep_until = keep_until;
        self
    }

    /// Names the caller's request, to find the task by
    #[must_use]
    pub const fn of_request(mut self, request: RequestId) -> Self {
        self.request = Some(request);
        self
    }
}

/// End a hold: what was asked of the cloud has not happened
///
/// Its task may be running, or unknown; it has failed from then on. Its addresses are released. Cancelling
/// it again changes nothing, for as long as the task is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Cancel {
    /// The task
    pub task: Task,
    /// Why it failed, for whoever asks
    pub reason: Option<Reason>,
    /// How long its addresses rest
    pub rest: Rest,
}

impl Cancel {
    /// Ends this task
    pub const fn new(task: Task) -> Self {
        Self { task, reason: None, rest: Rest::USUAL }
    }

    /// For this reason
    #[must_use]
    pub const fn because(mut self, reason: Reason) -> Self {
        self.reason = Some(reason);
        self
    }

    /// With a rest of its own
    #[must_use]
    pub const fn rest(mut self, rest: Rest) -> Self {
        self.rest = rest;
        self
    }
}

/// End a hold by what was observed: those of its addresses that the interface was seen to have
///
/// They are assigned, the others released. It has succeeded if all were seen, failed otherwise. Addresses
/// and prefixes that the hold has not are of no concern here, so that everything seen on the interface may
/// be given.
/// Its task may be running, or unknown; once it is finished, resolving it to the same end changes nothing,
/// for as long as the task is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Resolve {
    /// The task
    pub task: Task,
    /// What the interface was seen to have
    pub observed: Vec<IpAddr>,
    /// And which prefixes
    #[cfg_attr(feature = "serde", serde(default))]
    pub prefixes: Vec<IpNet>,
    /// How long those of its addresses rest that were not seen
    pub rest: Rest,
}

impl Resolve {
    /// Ends this task, the interface having been seen to have these
    pub fn new<A: Into<IpAddr>>(task: Task, observed: impl IntoIterator<Item = A>) -> Self {
        let observed = observed.into_iter().map(Into::into).collect();
        Self { task, observed, prefixes: Vec::new(), rest: Rest::USUAL }
    }

    /// And these prefixes
    #[must_use]
    pub fn and_prefixes(mut self, prefixes: impl IntoIterator<Item = IpNet>) -> Self {
        self.prefixes.extend(prefixes);
        self
    }

    /// With a rest of its own
    #[must_use]
    pub const fn rest(mut self, rest: Rest) -> Self {
        self.rest = rest;
        self
    }
}
