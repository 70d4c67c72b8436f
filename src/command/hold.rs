//! How an assignment awaits confirmation

use core::fmt::{self, Display, Formatter};

use crate::bytes::{encoded_choices, requests};
use crate::id::{RequestId, Timestamp};
use crate::text::Maybe;

/// How an assignment awaits confirmation
///
/// For a cloud call that may fail, or whose reply may be lost: hold the addresses, make the call, then confirm or
/// cancel. Meanwhile nobody else can be assigned them, and they count against the quota.
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
#[cfg_attr(feature = "serde", serde(from = "serde_form::Form"))]
pub struct Hold {
    /// The deadline; must be later than now
    pub until: Timestamp,
    /// What happens at the deadline
    pub expiry: Expiry,
    /// Until when the finished task can be asked about
    pub keep_until: Timestamp,
    /// The caller's request that it serves, by which the task can also be found
    pub request: Option<RequestId>,
}

/// A hold as it is read: without `keep_until` its task is kept until the deadline
#[cfg(feature = "serde")]
mod serde_form {
    use super::{Expiry, Hold};
    use crate::bytes::given;
    use crate::id::{RequestId, Timestamp};

    #[derive(serde::Deserialize)]
    #[serde(rename = "Hold", deny_unknown_fields)]
    pub(super) struct Form {
        until: Timestamp,
        #[serde(default)]
        expiry: Expiry,
        #[serde(default, deserialize_with = "given")]
        keep_until: Option<Timestamp>,
        request: Option<RequestId>,
    }

    impl From<Form> for Hold {
        fn from(Form { until, expiry, keep_until, request }: Form) -> Self {
            Self { until, expiry, keep_until: keep_until.unwrap_or(until), request }
        }
    }
}

/// What happens to a hold at its deadline
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Expiry {
    /// It fails: its addresses are released, and go into quarantine as their subnet's profile says
    #[default]
    Release,
    /// Its outcome is unknown: its addresses stay held until it is confirmed, cancelled or resolved
    Unknown,
}

impl Hold {
    /// A hold until this time; then its addresses are released, and the task is forgotten
    pub const fn until(until: Timestamp) -> Self {
        Self { until, expiry: Expiry::Release, keep_until: until, request: None }
    }

    /// Keeps the addresses held after the deadline, with an unknown outcome, until it is confirmed, cancelled or
    /// resolved
    ///
    /// Set [`kept_until`](Self::kept_until) to a time when that has surely happened. Otherwise the task is forgotten
    /// as soon as it ends, and a repeated confirmation finds no task.
    #[must_use]
    pub const fn then_unknown(mut self) -> Self {
        self.expiry = Expiry::Unknown;
        self
    }

    /// Keeps the finished task until this time, so that it can be asked about
    #[must_use]
    pub const fn kept_until(mut self, keep_until: Timestamp) -> Self {
        self.keep_until = keep_until;
        self
    }

    /// Names the caller's request, by which the task can be found
    #[must_use]
    pub const fn request(mut self, request: RequestId) -> Self {
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
