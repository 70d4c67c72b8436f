//! What was decided, as facts: the chosen addresses, never the wish for some

mod change;
mod decision;

pub(crate) use change::each_fact;
pub use change::{
    Assigned, Change, CursorMoved, Drawn, End, Failure, Held, HoldExtended, IndicesSet,
    InterfaceCreated, InterfaceDeleted, LimitsSet, OnExpiry, PolicySet, PrimarySet, Quarantined,
    QuotaSet, RangeReleased, RangeReserved, Released, RestEnded, StatusSet, SubnetCreated,
    SubnetDeleted, SubnetReshaped, Swept, TaskFinished, TokenKept, VpcCreated, VpcDeleted,
};
pub use decision::Decision;
pub(crate) use decision::{Answer, Recalled};

use core::fmt::{self, Display, Formatter};

use smallvec::SmallVec;

use crate::digest::Digest;
use crate::id::{Revision, Task, Timestamp};

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

/// One line: the revision, the time, the changes; of a hold, also the name of its task
///
/// ```
/// use ipam_core::*;
///
/// let now = Timestamp::from_millis(1_700_000_000_000);
/// let create = Command::from(CreateVpc::new("vpc-1".parse()?).within(["10.0.0.0/8".parse()?]));
/// let event = Engine::new().decide(now, &create)?.into_event().ok_or("unchanged")?;
/// assert_eq!(event.to_string(), "#1 at 1700000000000 ms: VPC vpc-1 created within 10.0.0.0/8");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
impl Display for Event {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { revision, at, parent: _, changes } = self;
        write!(f, "#{revision} at {at}")?;
        for (index, change) in changes.iter().enumerate() {
            let before = if index == 0 { ": " } else { "; " };
            write!(f, "{before}{change}")?;
            if let Change::Held(of) = change {
                write!(f, ", task {}", Task::new(*revision, of.index))?;
            }
        }
        Ok(())
    }
}
