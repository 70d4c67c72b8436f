//! Why bytes cannot be decoded

use thiserror::Error;

/// Why bytes were not decoded to an event or an engine
///
/// `at` counts bytes from the start of the input; for an [`EventLog`](crate::EventLog), from the start of the log.
/// The variants are listed in order of precedence, as far as one part of the bytes can meet several of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum DecodeError {
    /// The bytes end early: a write was torn, or is still going on
    ///
    /// The bytes up to there begin as they should; a whole header that does not is [`NotOurs`], [`Schema`] or
    /// [`Header`]. The length has a check of its own, so damage in the middle of a log does not look like its end.
    ///
    /// [`NotOurs`]: Self::NotOurs
    /// [`Schema`]: Self::Schema
    /// [`Header`]: Self::Header
    #[error("the bytes end early: what begins at byte {at} lacks at least {missing} bytes")]
    Truncated {
        /// Where the torn event or engine begins, which is where to cut a log
        at: u64,
        /// How many bytes are missing, at least
        missing: u64,
    },
    /// The bytes do not begin as an event, or an engine, does
    #[error("what begins at byte {at} is not {}", if *event { "an event" } else { "an engine" })]
    NotOurs {
        /// Offset in bytes
        at: u64,
        /// Whether an event was expected; otherwise an engine
        event: bool,
    },
    /// The bytes have a schema that this release does not know
    #[error("schema {found} at byte {at} is unknown: this release reads schemas up to {known}")]
    Schema {
        /// Offset in bytes
        at: u64,
        /// The schema that the bytes name
        found: u8,
        /// The latest schema that this release knows
        known: u8,
    },
    /// The header's check does not match
    #[error("the header at byte {at} is damaged")]
    Header {
        /// Offset in bytes of where it begins
        at: u64,
    },
    /// The checksum of the body does not match
    #[error(
        "what begins at byte {at} is damaged: its checksum is {computed:016x}, not {found:016x}"
    )]
    Checksum {
        /// Offset in bytes of where it begins
        at: u64,
        /// The checksum that it states
        #[cfg_attr(feature = "serde", serde(with = "crate::bytes::hex"))]
        found: u64,
        /// The checksum that it has
        #[cfg_attr(feature = "serde", serde(with = "crate::bytes::hex"))]
        computed: u64,
    },
    /// The bytes describe more than the caller allows; nothing was allocated for it
    #[error("at byte {at}: {wanted} {limit} are more than the {max} allowed")]
    Limit {
        /// Offset in bytes
        at: u64,
        /// What is limited
        limit: DecodeLimit,
        /// The limit, inclusive
        max: u64,
        /// How many are needed, at least
        wanted: u64,
    },
    /// A value is invalid, not in canonical form, or contradicts another
    #[error("at byte {at}: {flaw}")]
    Malformed {
        /// Offset in bytes of the value, or right after it
        at: u64,
        /// What is wrong
        flaw: Flaw,
    },
}

/// What a caller can limit
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum DecodeLimit {
    /// Addresses that are assigned, held or in quarantine
    #[error("addresses")]
    Addresses,
    /// Interfaces
    #[error("interfaces")]
    Interfaces,
    /// Bytes of memory
    #[error("bytes of memory")]
    Memory,
}

/// What is wrong with a value
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Flaw {
    /// A value is longer than the part that contains it
    #[error("a value is longer than the part that contains it")]
    Short,
    /// Bytes follow where nothing should
    #[error("bytes follow where nothing should")]
    Trailing,
    /// A number has more bytes than it needs
    #[error("a number has more bytes than it needs")]
    Overlong,
    /// A number is too large for what it counts
    #[error("a number is too large for what it counts")]
    TooLarge,
    /// A tag is unknown
    #[error("a tag is unknown")]
    Tag,
    /// An id is empty, too long, or not visible ASCII
    #[error("an id is empty, too long, or not visible ASCII")]
    Id,
    /// A CIDR is invalid, overlaps another, or lies where it may not
    #[error("a CIDR is invalid, overlaps another, or lies where it may not")]
    Cidr,
    /// Ids, addresses or deadlines are out of order, or one occurs twice
    #[error("ids, addresses or deadlines are out of order, or occur twice")]
    Order,
    /// Two parts should be written as one
    #[error("two parts should be written as one")]
    Apart,
    /// A position refers to nothing
    #[error("a position refers to nothing")]
    Missing,
    /// An address lies outside its subnet
    #[error("an address lies outside its subnet")]
    Outside,
    /// An address has two holders, or is not marked as taken
    #[error("an address has two holders, or is not marked as taken")]
    Taken,
    /// An address is marked as taken, but nobody has it
    #[error("an address is marked as taken, but nobody has it")]
    Unowned,
    /// A primary does not belong to its interface
    #[error("a primary does not belong to its interface")]
    Primary,
    /// A revision lies outside the history
    #[error("a revision lies outside the history")]
    Revision,
    /// A deadline is not later than the clock, or a past time is
    #[error("a deadline is not later than the clock, or a past time is")]
    Deadline,
    /// A task does not hold what it says, or its end contradicts it
    #[error("a task does not hold what it says, or its end contradicts it")]
    Task,
}

impl DecodeError {
    /// The stable code of the refusal
    pub const fn code(&self) -> u16 {
        match self {
            Self::Truncated { .. } => 900,
            Self::NotOurs { .. } => 901,
            Self::Schema { .. } => 902,
            Self::Header { .. } => 903,
            Self::Checksum { .. } => 904,
            Self::Limit { .. } => 905,
            Self::Malformed { .. } => 906,
        }
    }

    /// Whether trying again may help: only if more bytes may follow
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Truncated { .. })
    }
}
