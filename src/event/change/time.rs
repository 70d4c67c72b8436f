//! Deadlines that have passed

use core::fmt::{self, Display, Formatter};

/// Expired deadlines were processed; every event does this, and this one does nothing else
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Swept;

impl Display for Swept {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("swept")
    }
}
