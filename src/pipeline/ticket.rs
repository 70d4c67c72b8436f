//! What is waited for

use crate::event::Event;
use crate::id::Revision;

/// A point of a history: a revision, and the digest of all that led to it
///
/// After a drop the same revision is decided anew. The digest tells the two apart, so that a confirmation
/// that comes late confirms nothing else. The same decision made again on the same history has the same
/// ticket, and may: its event is the same, byte for byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Ticket {
    pub(super) revision: Revision,
    #[cfg_attr(feature = "serde", serde(with = "crate::bytes::hex"))]
    pub(super) digest: u64,
}

impl Ticket {
    /// The ticket of an event: what is stored once this is
    pub fn of(event: &Event) -> Self {
        Self { revision: event.revision(), digest: event.digest() }
    }

    /// The revision that must be stored
    ///
    /// Compare whole tickets: two decisions may have one revision.
    pub const fn revision(&self) -> Revision {
        self.revision
    }

    /// Digest of the history up to there
    pub const fn digest(&self) -> u64 {
        self.digest
    }
}
