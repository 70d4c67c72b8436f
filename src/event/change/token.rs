//! Answers that are kept for retries, and how much may be kept

use core::fmt::{self, Display, Formatter};
use core::net::IpAddr;

use super::runs;
use crate::bytes::structs;
use crate::command::Limits;
use crate::id::{Task, Timestamp, Token};
use crate::space::list::AddrList;
use crate::text::Maybe;

/// An answer was kept under a token
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct TokenKept {
    /// The token
    pub token: Token,
    /// Until when, which is later than the event
    pub until: Timestamp,
    /// Digest of the command, by which a retry is recognised
    #[cfg_attr(feature = "serde", serde(with = "crate::bytes::hex"))]
    pub request: u64,
    /// The answer to it
    pub answer: AddrList,
    /// The task that it started
    pub task: Option<Task>,
    /// The address that it made primary
    pub primary: Option<IpAddr>,
}

impl Display for TokenKept {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { token, until, request: _, answer, task, primary } = self;
        write!(f, "token {token} kept until {until} with {}", runs(answer))?;
        write!(f, "{}{}", Maybe(", task ", *task), Maybe(", primary ", *primary))
    }
}

/// The engine's limits were set
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct LimitsSet {
    /// Its limits from now on
    pub limits: Limits,
}

impl Display for LimitsSet {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { limits } = self;
        write!(f, "the limits are {limits}")
    }
}

structs! {
    TokenKept { token until request answer task primary }
    LimitsSet { limits }
}
