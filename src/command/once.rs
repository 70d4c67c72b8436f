//! What is done once however often it is asked for, and how much is kept for that

use alloc::boxed::Box;

use super::Command;
use crate::bytes::structs;
use crate::id::{Timestamp, Token};

/// Do a command once, however often it is asked for
///
/// The first time it is decided like any other, and the answer is kept under the token until its deadline.
/// From then on the same command under that token has the same answer and no further effect, whatever
/// happened in between; another command under it is refused. Refusals are not kept.
///
/// A token whose deadline has come is as good as never seen. A retry that carries that deadline is refused
/// from then on. One that carries a later deadline is a new request, and is done again: whoever must never
/// do a thing twice keeps the deadline with the token, and retries with both.
///
/// The deadlines of a command, the request that a hold is for, and reasons are not part of what makes it
/// the same. While the token is known, the deadline of a retry is not looked at, and moves nothing.
///
/// ```
#[doc = include_str!("../engine/example.txt")]
/// let at = Timestamp::from_millis;
/// let token = "token-1".parse()?;
/// let until = |end| Once::new(token, at(end), Assign::new(eni, Pick::any(1))).into();
/// let first = engine.execute(at(0), &until(100))?;
/// assert_eq!(engine.execute(at(99), &until(100))?.answer(), first.answer());
///
/// let late = engine.execute(at(100), &until(100));
/// assert!(matches!(late, Err(Error::DeadlinePassed { .. })));
/// let second = engine.execute(at(100), &until(200))?;
/// assert_ne!(second.answer(), first.answer());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias = "idempotent")]
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Once {
    /// The token
    pub token: Token,
    /// Until when the answer is kept, exclusive: at that very time the token is forgotten; must lie after now,
    /// unless the token is known
    pub until: Timestamp,
    /// The command; not another of this kind
    pub command: Box<Command>,
}

impl Once {
    /// This command, once, under this token until that time
    pub fn new(token: Token, until: Timestamp, command: impl Into<Command>) -> Self {
        Self { token, until, command: Box::new(command.into()) }
    }
}

/// How much an engine keeps for callers that come back
///
/// What is kept is never dropped before its time: beyond these, what would need more is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Limits {
    /// Most tokens, inclusive
    pub tokens: u32,
    /// Most tasks, finished ones included, inclusive
    pub tasks: u32,
    /// Most runs of addresses in the answers and holds of all those together, inclusive: 8 bytes a run of
    /// IPv4 addresses, 32 of IPv6
    pub runs: u32,
}

impl Limits {
    /// Those of a new engine: 2^20 tokens, as many tasks, 2^24 runs
    pub const DEFAULT: Self = Self { tokens: 1 << 20, tasks: 1 << 20, runs: 1 << 24 };
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

structs! {
    Limits { tokens tasks runs }
}
