//! How an assignment awaits confirmation

use core::fmt::{self, Display, Formatter};

use crate::bytes::{encoded_choices, requests};
use crate::id::{RequestId, Timestamp};
use crate::text::Maybe;

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

impl Display for Hold {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { until, expiry, keep_until, request } = self;
        let then = match expiry {
            Expiry::Release => "",
            Expiry::Unknown => ", then unknown",
        };
        write!(f, "{until}{then}")?;
        if keep_until > until {
            write!(f, ", its task kept until {keep_until}")?;
        }
        write!(f, "{}", Maybe(", for request ", *request))
    }
}

requests! {
    Hold { 1 expiry: maybe; until keep_until request }
}

encoded_choices! {
    Expiry { 0 Release 1 Unknown }
}
