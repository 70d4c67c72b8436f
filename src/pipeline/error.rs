//! Why a pipeline does not take a command, or a confirmation

use super::Ticket;
use crate::error::{ApplyError, BatchError, Error};
use crate::id::Revision;

/// A [`Pipeline`](crate::Pipeline) has not decided a command, and nothing happened
///
/// `E` is [`Error`], or [`BatchError`] for several commands. The variants stand in order of precedence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Undecided<E = Error> {
    /// It was refused, on a state that has what is in flight
    #[error("{error}")]
    Refused {
        /// Why
        error: E,
        /// What must be stored before that is certain: if it is dropped instead, decide again
        ticket: Ticket,
    },
    /// As many decisions are in flight as may be, and this would be one more
    #[error("{limit} decisions are in flight already, as many as may be")]
    Full {
        /// [`Pipeline::limit`](crate::Pipeline::limit), inclusive
        limit: usize,
    },
    /// What was decided does not fit the very engine that decided it: a defect of this crate
    #[error("the engine does not take what it has decided: {0}")]
    Defect(ApplyError),
}

/// A [`Pipeline`](crate::Pipeline) does not take a confirmation, and nothing happened
///
/// The variants stand in order of precedence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum ConfirmError {
    /// Nothing of this revision is in flight any more: it was confirmed before, or was another's
    #[error("revision {revision} is stored already: storage is at {durable}")]
    Stored {
        /// The revision of the ticket
        revision: Revision,
        /// What is stored
        durable: Revision,
    },
    /// Nothing of this revision is in flight: it was dropped, or never decided
    #[error("revision {revision} is not in flight: the last that is decided is {head}")]
    NotInFlight {
        /// The revision of the ticket
        revision: Revision,
        /// The last revision that is decided
        head: Revision,
    },
    /// Another decision of this revision is in flight: the one of the ticket was dropped
    #[error("revision {revision} in flight is another decision than the one confirmed")]
    Dropped {
        /// The revision of the ticket
        revision: Revision,
    },
    /// What was decided does not fit what is stored: a defect of this crate
    #[error("the stored engine does not take what was decided on it: {0}")]
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

    /// Whether backing off and sending the same command again makes sense
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

    /// Whether backing off and sending the same commands again makes sense
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

    /// Whether confirming it again may help: never
    pub const fn is_transient(&self) -> bool {
        false
    }
}
