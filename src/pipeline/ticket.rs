//! What a caller waits for before giving an answer

use crate::event::Event;
use crate::id::Revision;

/// A point in a history: a revision, and the digest of everything up to it
///
/// After events were dropped, other events get their revisions. The digest tells the two apart, so a confirmation
/// that arrives late confirms nothing else. The same decision made again on the same history has the same
/// ticket, which is right: its event is the same, byte for byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Ticket {
    pub(super) revision: Revision,
    #[cfg_attr(feature = "serde", serde(with = "crate::bytes::hex"))]
    pub(super) digest: u64,
}

impl Ticket {
    /// The ticket of an event: confirm it once the event is stored
    pub fn of(event: &Event) -> Self {
        Self { revision: event.revision(), digest: event.digest() }
    }

    /// The revision that must be stored
    ///
    /// To compare decisions, compare whole tickets: two decisions may have one revision.
    pub const fn revision(&self) -> Revision {
        self.revision
    }

    /// Digest of the history up to that revision
    pub const fn digest(&self) -> u64 {
        self.digest
    }
}
