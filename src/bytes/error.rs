//! Why bytes are not what they should be

use thiserror::Error;

/// Bytes are not an event or an engine that this release reads, and nothing was made of them
///
/// `at` counts bytes from the start of what was given; of an [`EventLog`](crate::EventLog), from the
/// start of the log. The variants stand in order of precedence, as far as one part of the bytes can meet
/// several of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum DecodeError {
    /// The bytes end in the middle: a write was torn, or is not over yet
    ///
    /// Only where what is there begins as it should: all of a header that does not is [`NotOurs`],
    /// [`Schema`] or [`Header`]. A length is not believed before its own check, so damage in the middle of
    /// a log does not look like its end.
    ///
    /// [`NotOurs`]: Self::NotOurs
    /// [`Schema`]: Self::Schema
    /// [`Header`]: Self::Header
    #[error("the bytes of what begins at byte {at} end {missing} too early")]
    Truncated {
        /// Where the torn event or engine begins: where a log is to be cut
        at: u64,
        /// Bytes that are missing at least
        missing: u64,
    },
    /// The bytes do not begin as an event, or an engine, does
    #[error("what begins at byte {at} is not {}", if *event { "an event" } else { "an engine" })]
    NotOurs {
        /// Offset in bytes
        at: u64,
        /// Whether an event was looked for; else an engine
        event: bool,
    },
    /// They are of a schema that this release does not know
    #[error("schema {found} at byte {at} is not known, only those up to {known}")]
    Schema {
        /// Offset in bytes
        at: u64,
        /// The schema that the bytes name
        found: u8,
        /// The latest that this release knows
        known: u8,
    },
    /// The length and what stands before it do not have the check that they should
    #[error("the header at byte {at} is damaged")]
    Header {
        /// Offset in bytes of where it begins
        at: u64,
    },
    /// The bytes do not have the checksum that they should
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
    /// More is stated than the caller allows, and nothing was allocated for it
    #[error("at byte {at}: {wanted} {limit} are more than the {max} allowed")]
    Limit {
        /// Offset in bytes
        at: u64,
        /// What of
        limit: DecodeLimit,
        /// As many as are allowed, inclusive
        max: u64,
        /// Least number needed
        wanted: u64,
    },
    /// A value is none, or is not written as it would be, or does not fit the others
    #[error("at byte {at}: {flaw}")]
    Malformed {
        /// Offset in bytes of the value, or right after it
        at: u64,
        /// What is wrong
        flaw: Flaw,
    },
}

/// What a caller limits
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum DecodeLimit {
    /// Addresses that somebody has, or that rest
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
    /// A part ends before its value does
    #[error("a value goes on where its part ends")]
    Short,
    /// Something follows where nothing should
    #[error("something follows where nothing should")]
    Trailing,
    /// A number has more bytes than it needs
    #[error("a number has more bytes than it needs")]
    Overlong,
    /// A number is too large for what it counts
    #[error("a number is too large for what it counts")]
    TooLarge,
    /// A tag names nothing
    #[error("a tag names nothing")]
    Tag,
    /// An id is not one
    #[error("an id is empty, too long, or not visible ASCII")]
    Id,
    /// A CIDR is none, overlaps another, or lies where it may not
    #[error("a CIDR is none, overlaps another, or lies where it may not")]
    Cidr,
    /// Ids, addresses or deadlines are not in their order, or one is there twice
    #[error("what is in order is not, or is there twice")]
    Order,
    /// Two parts would be written as one
    #[error("two parts would be written as one")]
    Apart,
    /// A position leads nowhere
    #[error("a position leads nowhere")]
    Missing,
    /// An address lies outside its subnet
    #[error("an address lies outside its subnet")]
    Outside,
    /// An address has two holders, or is not among those taken
    #[error("an address has two holders, or is not among those taken")]
    Taken,
    /// An address is taken that nobody has
    #[error("an address is taken that nobody has")]
    Unowned,
    /// A primary is not the interface's
    #[error("a primary is not the interface's")]
    Primary,
    /// A revision is none that was
    #[error("a revision is none that was")]
    Revision,
    /// A deadline is not after the clock, or what is past is
    #[error("a deadline is not after the clock, or what is past is")]
    Deadline,
    /// A task does not hold what it says, or its end does not fit it
    #[error("a task does not hold what it says, or its end does not fit it")]
    Task,
}

impl DecodeError {
    /// Stable number of the refusal
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

    /// Whether trying again may help: only where more bytes may follow
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Truncated { .. })
    }
}
