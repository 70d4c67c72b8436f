//! Why an event is refused, and what is wrong with a broken engine

use thiserror::Error;

use crate::id::{Revision, Timestamp};

/// Why an event was not applied; nothing has changed
///
/// The variants are listed in order of precedence.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum ApplyError {
    /// It is not the next event: an event was lost, repeated or swapped
    #[error("event {found} does not follow revision {revision}: {}", if found > revision {
        "an event before it is missing"
    } else {
        "an event with its revision was applied already"
    })]
    OutOfOrder {
        /// Revision of the engine
        revision: Revision,
        /// Revision that the event makes
        found: Revision,
    },
    /// It was decided on a different history of the same length
    #[error("event {event} was decided on history {found:016x}, not on {digest:016x}")]
    Foreign {
        /// Revision that the event makes
        event: Revision,
        /// History digest of the engine
        #[cfg_attr(feature = "serde", serde(with = "crate::bytes::hex"))]
        digest: u64,
        /// History digest that the event was decided on
        #[cfg_attr(feature = "serde", serde(with = "crate::bytes::hex"))]
        found: u64,
    },
    /// It is earlier than the engine's clock
    #[error("event {event} at {at} is earlier than the clock, {clock}")]
    BackInTime {
        /// Revision that the event makes
        event: Revision,
        /// Time of the event
        at: Timestamp,
        /// Time of the event before it
        clock: Timestamp,
    },
    /// It states something impossible, so it is damaged or forged
    #[error("change {change} of event {event} is impossible: {what}")]
    Contradiction {
        /// Revision that the event makes
        event: Revision,
        /// Index of the change
        change: usize,
        /// The contradiction found
        what: Contradiction,
    },
}

/// What is wrong with a change that an engine could not have decided
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Contradiction {
    /// The event has no change
    #[error("it has no change")]
    Empty,
    /// It creates something that exists
    #[error("it creates something that exists")]
    Exists,
    /// It names something that does not exist
    #[error("it names something that does not exist")]
    Missing,
    /// It deletes something in use, or leaves it outside its subnet
    #[error("it deletes something in use, or leaves it outside its subnet")]
    InUse,
    /// A CIDR has host bits, overlaps another, lies outside the VPC, or is absent
    #[error("its CIDRs have host bits, overlap, lie outside the VPC, or are absent")]
    Cidr,
    /// Its addresses lie outside the subnet or are of mixed families, a hold has IPv6 before IPv4, or reserved ranges
    /// would lie outside
    #[error("its addresses lie outside the subnet, or are of mixed families")]
    Outside,
    /// It assigns an address that is in use
    #[error("it assigns an address that is in use")]
    Taken,
    /// It assigns more addresses than one command may
    #[error("it assigns more addresses than one command may")]
    TooMany,
    /// It releases an address, or makes one primary, that the interface does not have
    #[error("the interface does not have the address")]
    NotHeld,
    /// The address is the interface's primary already
    #[error("the address is the interface's primary already")]
    Primary,
    /// Its deadline is not later than the event
    #[error("its deadline is not later than the event")]
    Deadline,
    /// It ends the quarantine of an address that is not in quarantine
    #[error("the address is not in quarantine")]
    NotResting,
    /// It ends a task that has ended, or keeps what the task does not hold
    #[error("the task has ended, or does not hold what the change keeps")]
    Finished,
    /// A reservation overlaps another
    #[error("its range overlaps a reservation")]
    Overlap,
}

impl ApplyError {
    /// The stable code of the refusal
    pub const fn code(&self) -> u16 {
        match self {
            Self::OutOfOrder { .. } => 800,
            Self::Foreign { .. } => 801,
            Self::BackInTime { .. } => 802,
            Self::Contradiction { .. } => 803,
        }
    }

    /// Whether reading the log further and trying again may help: only after a lost race
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::OutOfOrder { .. })
    }
}

/// A broken invariant of an engine: a bug in this crate, or a fault of the machine
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{what}{}", subject.as_deref().map(|of| alloc::format!(" (`{of}`)")).unwrap_or_default())]
#[non_exhaustive]
pub struct Corruption {
    /// The invariant
    pub what: &'static str,
    /// Id of the VPC, subnet or interface concerned, or name of the task
    pub subject: Option<alloc::string::String>,
}
