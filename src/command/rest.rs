//! How long released addresses stay in quarantine

use core::fmt::{self, Display, Formatter};

use crate::bytes::requests;
use crate::id::Reason;
use crate::text::Maybe;

/// How long released addresses stay in quarantine before they are assigned again
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct Rest {
    /// Milliseconds; 0 is no quarantine, `None` is what the profile of their subnet says
    pub millis: Option<u64>,
    /// Why they are in quarantine, which reports and refusals can show
    pub reason: Option<Reason>,
}

impl Rest {
    /// What the profile of their subnet says
    pub const USUAL: Self = Self { millis: None, reason: None };

    /// This many milliseconds; 0 is no quarantine
    pub const fn for_millis(millis: u64) -> Self {
        Self { millis: Some(millis), reason: None }
    }

    /// Gives the reason
    #[must_use]
    pub const fn because(mut self, reason: Reason) -> Self {
        self.reason = Some(reason);
        self
    }
}

/// How what is released rests, after a comma; nothing where that is as usual
pub(super) struct AndRest<'r>(pub(super) &'r Rest);

impl Display for AndRest<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Rest { millis, reason } = self.0;
        match millis {
            None => {}
            Some(0) => f.write_str(", without rest")?,
            Some(millis) => write!(f, ", to rest for {millis} ms")?,
        }
        write!(f, "{}", Maybe(", because of ", *reason))
    }
}

requests! {
    Rest { 1 millis: maybe; reason }
}
