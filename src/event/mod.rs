//! What was decided, as facts: the chosen addresses, never the wish for some

mod change;
mod decision;
mod display;

pub use change::{
    Change, End, Failure, Held, HoldExtended, OnExpiry, Quarantined, TaskFinished, TokenKept,
};
pub use decision::Decision;
pub(crate) use decision::{Answer, Recalled};

use smallvec::SmallVec;

use crate::digest::Digest;
use crate::id::{Revision, Timestamp};

/// The one effect of a command, or of several decided together
///
/// Store it, then give it to [`Engine::apply`](crate::Engine::apply): on this engine, on a replica, or
/// on one that is being rebuilt. It states outcomes, so a later release that searches differently reads
/// it the same.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Event {
    pub(crate) revision: Revision,
    pub(crate) at: Timestamp,
    #[cfg_attr(feature = "serde", serde(with = "crate::digest::hex"))]
    pub(crate) parent: u64,
    #[cfg_attr(feature = "serde", serde(with = "change_list"))]
    pub(crate) changes: SmallVec<[Change; 1]>,
}

/// The changes as a plain list
#[cfg(feature = "serde")]
mod change_list {
    use alloc::vec::Vec;

    use super::{Change, SmallVec};
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(
        changes: &SmallVec<[Change; 1]>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.collect_seq(changes)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<SmallVec<[Change; 1]>, D::Error> {
        Vec::deserialize(from).map(SmallVec::from_vec)
    }
}

impl Event {
    /// An event that never was, where a decision has none
    pub(crate) fn nothing() -> Self {
        let changes = SmallVec::new();
        Self { revision: Revision::ZERO, at: Timestamp::ZERO, parent: 0, changes }
    }

    /// The revision that this event makes; also the generation of what it assigns
    pub const fn revision(&self) -> Revision {
        self.revision
    }

    /// When it was decided: the caller's time, clamped to that of the event before
    pub const fn at(&self) -> Timestamp {
        self.at
    }

    /// Digest of the history that it was decided on, the only one that it fits
    pub const fn parent(&self) -> u64 {
        self.parent
    }

    /// The changes, in the order in which they take effect; at least one
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// Digest of the history that ends with this event
    ///
    /// XXH64, seed 0, over the parent's digest and every field, in order, as little-endian words of 64
    /// bits; a count before whatever has no fixed number of them. The same on every platform.
    pub fn digest(&self) -> u64 {
        let mut digest = Digest::new();
        let changes = self.changes.len() as u64;
        digest.words(&[self.parent, self.revision.get(), self.at.millis(), changes]);
        for change in &self.changes {
            change.feed(&mut digest);
        }
        digest.finish()
    }
}
