//! Why an event is not taken, and what a broken engine says

use thiserror::Error;

use crate::id::{Revision, Timestamp};

/// An event does not belong on this history, and nothing happened
///
/// The variants stand in order of precedence.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum ApplyError {
    /// It is not the next event: one was lost, repeated or swapped
    #[error("event {found} does not follow revision {revision}: {}", if found > revision {
        "one before it is missing"
    } else {
        "one of its number was applied already"
    })]
    OutOfOrder {
        /// Revision of the engine
        revision: Revision,
        /// Revision that the event makes
        found: Revision,
    },
    /// It was decided on another history of the same length
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
    /// It lies before the engine's clock
    #[error("event {event} at {at} lies before the clock, {clock}")]
    BackInTime {
        /// Revision that the event makes
        event: Revision,
        /// Time of the event
        at: Timestamp,
        /// Time of the event before it
        clock: Timestamp,
    },
    /// It states what cannot be: it is damaged or forged
    #[error("change {change} of event {event} cannot be: {what}")]
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
    /// It makes what exists
    #[error("it makes what exists")]
    Exists,
    /// It names what does not exist
    #[error("it names what does not exist")]
    Missing,
    /// It deletes what is in use, or leaves it outside its subnet
    #[error("it deletes what is in use, or leaves it outside")]
    InUse,
    /// A CIDR has host bits, overlaps another, lies outside the VPC, or is absent
    #[error("its CIDRs have host bits, overlap, lie outside the VPC, or are absent")]
    Cidr,
    /// Addresses lie outside the subnet, or are of mixed families, or of a hold with IPv6 before IPv4; or
    /// reserved ranges would lie outside
    #[error("its addresses are not of one family of the subnet")]
    Outside,
    /// An address is assigned that somebody has
    #[error("it assigns an address that somebody has")]
    Taken,
    /// More addresses are assigned than one command may assign
    #[error("it assigns more addresses than one command may")]
    TooMany,
    /// An address is released, or made primary, that the interface does not have
    #[error("the interface does not have the address")]
    NotHeld,
    /// The address is the interface's primary already
    #[error("the address is the interface's primary already")]
    Primary,
    /// A deadline is not after the event
    #[error("its deadline is not after the event")]
    Deadline,
    /// An address ends its rest that does not rest
    #[error("the address does not rest")]
    NotResting,
    /// A task ends that has come to its end, or keeps what it does not have
    #[error("the task has come to its end, or does not have what it keeps")]
    Finished,
    /// A reservation overlaps another
    #[error("its range overlaps a reservation")]
    Overlap,
}

impl ApplyError {
    /// Stable number of the refusal
    pub const fn code(&self) -> u16 {
        match self {
            Self::OutOfOrder { .. } => 800,
            Self::Foreign { .. } => 801,
            Self::BackInTime { .. } => 802,
            Self::Contradiction { .. } => 803,
        }
    }

    /// Whether reading the log further and trying again may help: only for a lost race
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::OutOfOrder { .. })
    }
}

/// An invariant of an engine does not hold: a defect of this crate, or of the machine
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{what}{}", subject.as_deref().map(|of| alloc::format!(" (`{of}`)")).unwrap_or_default())]
#[non_exhaustive]
pub struct Corruption {
    /// The invariant
    pub what: &'static str,
    /// Id of the VPC, subnet or interface concerned, or name of the task
    pub subject: Option<alloc::string::String>,
}
