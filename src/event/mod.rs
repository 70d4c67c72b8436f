//! What was decided, as facts: the chosen addresses, never the request for them

mod change;
mod decision;

pub(crate) use change::each_fact;
pub use change::*;
pub use decision::Decision;
pub(crate) use decision::{Answer, Recalled};

use core::fmt::{self, Display, Formatter};

use smallvec::SmallVec;

use crate::bytes::{Decode, Encode, Flaw, Read, Reader, Sink, hash_of};
use crate::id::{Revision, Task, Timestamp};

/// Everything that a command changes, or that several commands decided together change
///
/// Store it, then pass it to [`Engine::apply`](crate::Engine::apply): on this engine, on a replica, or on an engine
/// that is being rebuilt. It states outcomes, so a later release that chooses differently applies it the same way.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(from = "serde_form::Unsealed"))]
pub struct Event {
    pub(crate) revision: Revision,
    pub(crate) at: Timestamp,
    #[cfg_attr(feature = "serde", serde(with = "crate::bytes::hex"))]
    pub(crate) parent: u64,
    #[cfg_attr(feature = "serde", serde(serialize_with = "serde_form::changes"))]
    pub(crate) changes: SmallVec<[Change; 1]>,
    // INVARIANT: the digest of the other fields, wherever the event is visible.
    #[cfg_attr(feature = "serde", serde(skip))]
    digest: u64,
}

/// An event without its digest, which follows from the other fields; the changes as a plain list
#[cfg(feature = "serde")]
mod serde_form {
    use alloc::vec::Vec;

    use super::{Change, Event, Revision, SmallVec, Timestamp};
    use serde::{Deserialize, Serializer};

    #[derive(Deserialize)]
    #[serde(rename = "Event")]
    pub(super) struct Unsealed {
        revision: Revision,
        at: Timestamp,
        #[serde(with = "crate::bytes::hex")]
        parent: u64,
        changes: Vec<Change>,
    }

    impl From<Unsealed> for Event {
        fn from(unsealed: Unsealed) -> Self {
            let Unsealed { revision, at, parent, changes } = unsealed;
            let mut event = Self::new(revision, at, parent);
            event.changes = SmallVec::from_vec(changes);
            event.seal();
            event
        }
    }

    pub(super) fn changes<S: Serializer>(
        changes: &SmallVec<[Change; 1]>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.collect_seq(changes)
    }
}

/// Stands in the place of a change's tag where there is not one change
const SEVERAL: u8 = u8::MAX;

impl Event {
    /// The event of a decision that changes nothing
    pub(crate) fn nothing() -> Self {
        Self::new(Revision::ZERO, Timestamp::ZERO, 0)
    }

    /// An event without changes yet; it is [sealed](Self::seal) once it has them
    pub(crate) fn new(revision: Revision, at: Timestamp, parent: u64) -> Self {
        Self { revision, at, parent, changes: SmallVec::new(), digest: 0 }
    }

    /// The revision that this event makes, which is also the generation of what it assigns
    pub const fn revision(&self) -> Revision {
        self.revision
    }

    /// When it was decided: the caller's time, but not before the time of the previous event
    pub const fn at(&self) -> Timestamp {
        self.at
    }

    /// Digest of the history that it was decided on, the only history that accepts it
    pub const fn parent(&self) -> u64 {
        self.parent
    }

    /// The changes, in the order in which they take effect; at least one
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// Digest of the history that ends with this event: the hash of its body, as schema 1 writes it
    ///
    /// The body begins with the parent's digest, so the digest covers all earlier events, too. It is also the
    /// checksum of the bytes that [`encode`](Self::encode) writes, and the same on every platform.
    pub const fn digest(&self) -> u64 {
        self.digest
    }

    pub(crate) fn write_body(&self, to: &mut impl Sink) {
        let Self { revision, at, parent, changes, digest: _ } = self;
        parent.write(to);
        revision.write(to);
        at.write(to);
        if changes.len() != 1 {
            to.byte(SEVERAL);
            to.number(changes.len() as u64);
        }
        changes.iter().for_each(|change| change.write(to));
    }

    /// Reads what [`write_body`](Self::write_body) writes, which has this digest
    pub(crate) fn read_body(from: &mut Reader<'_>, digest: u64) -> Read<Self> {
        let parent = Decode::read(from)?;
        let (revision, at) = (Decode::read(from)?, Decode::read(from)?);
        let count = if from.starts_with(SEVERAL) {
            let _ = from.byte()?;
            let count = from.count(1)?;
            from.demand(count != 1, Flaw::Tag)?;
            from.spend((count as u64).saturating_mul(size_of::<Change>() as u64))?;
            count
        } else {
            1
        };
        let mut changes = SmallVec::with_capacity(count);
        for _ in 0..count {
            changes.push(Decode::read(from)?);
        }
        Ok(Self { revision, at, parent, changes, digest })
    }

    /// Computes the digest, once all changes are there
    pub(crate) fn seal(&mut self) {
        self.digest = hash_of(|to| self.write_body(to));
    }
}

/// One line: the revision, the time, the changes, and for a hold also the name of its task
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
        let Self { revision, at, parent: _, changes, digest: _ } = self;
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
