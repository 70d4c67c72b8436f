//! Why a pipeline refuses a command or a confirmation

use super::Ticket;
use crate::error::{ApplyError, BatchError, Error};
use crate::id::Revision;

/// Why a [`Pipeline`](crate::Pipeline) did not decide a command; nothing has changed
///
/// `E` is [`Error`], or [`BatchError`] for several commands. The variants stand in order of precedence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Undecided<E = Error> {
    /// The command was refused, on a state that includes what is in flight
    #[error("{error}")]
    Refused {
        /// Why
        error: E,
        /// What must be stored before the refusal is certain; if it is dropped instead, decide the command again
        ticket: Ticket,
    },
    /// The limit of decisions in flight is reached
    #[error("{limit} decisions are in flight already, which is the limit")]
    Full {
        /// [`Pipeline::limit`](crate::Pipeline::limit), inclusive
        limit: usize,
    },
    /// The engine refuses the event that it has just decided: a bug in this crate
    #[error("the engine refuses its own decision: {0}")]
    Defect(ApplyError),
}

/// Why a [`Pipeline`](crate::Pipeline) refuses a confirmation; nothing has changed
///
/// The variants stand in order of precedence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum ConfirmError {
    /// The revision is stored already: it was confirmed before, or another writer's event has it
    #[error("revision {revision} is stored already: the store is at revision {durable}")]
    Stored {
        /// The revision of the ticket
        revision: Revision,
        /// The last revision that is stored
        durable: Revision,
    },
    /// The revision is not in flight: it was dropped, or never decided
    #[error("revision {revision} is not in flight: the last decided revision is {head}")]
    NotInFlight {
        /// The revision of the ticket
        revision: Revision,
        /// The last revision that is decided
        head: Revision,
    },
    /// The ticket's decision was dropped, and another one with its revision is in flight
    #[error("the confirmed decision was dropped, and another one has its revision, {revision}")]
    Dropped {
        /// The revision of the ticket
        revision: Revision,
    },
    /// The stored engine refuses an event that was decided on it: a bug in this crate
    #[error("the stored engine refuses an event that was decided on it: {0}")]
    Defect(ApplyError),
}

impl Undecided {
    /// Stable number of the refusal
    pub const fn code(&self) -> u16 {
        match self {
            Self::Refused { error, .. } => error.code(),
            Self::Full { .. } => 950,
            Self::Defect(_) => 951,
        }
    }

    /// Whether the same command may succeed if it is sent again later
    pub const fn is_transient(&self) -> bool {
        match self {
            Self::Refused { error, .. } => error.is_transient(),
            Self::Full { .. } => true,
            Self::Defect(_) => false,
        }
    }
}

impl Undecided<BatchError> {
    /// Stable number of the refusal
    pub const fn code(&self) -> u16 {
        match self {
            Self::Refused { error, .. } => error.error.code(),
            Self::Full { .. } => 950,
            Self::Defect(_) => 951,
        }
    }

    /// Whether the same commands may succeed if they are sent again later
    pub const fn is_transient(&self) -> bool {
        match self {
            Self::Refused { error, .. } => error.error.is_transient(),
            Self::Full { .. } => true,
            Self::Defect(_) => false,
        }
    }
}

impl ConfirmError {
    /// Stable number of the refusal
    pub const fn code(&self) -> u16 {
        match self {
            Self::Defect(_) => 951,
            Self::Stored { .. } => 952,
            Self::NotInFlight { .. } => 953,
            Self::Dropped { .. } => 954,
        }
    }

    /// Whether confirming the ticket again may succeed: never
    pub const fn is_transient(&self) -> bool {
        false
    }
}
