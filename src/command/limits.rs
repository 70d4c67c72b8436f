//! How much an engine keeps for callers that come back

use crate::bytes::structs;
use core::fmt::{self, Display, Formatter};

/// How much an engine keeps for callers that come back
///
/// The engine drops nothing before its deadline to make room. At a limit it refuses commands that would need more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct Limits {
    /// The most tokens, inclusive
    pub tokens: u32,
    /// The most tasks, finished ones included, inclusive
    pub tasks: u32,
    /// The most runs of addresses in the answers and holds of all of those together, inclusive; a run takes 8 bytes
    /// for IPv4 and 32 for IPv6
    pub runs: u32,
}

impl Limits {
    /// The limits of a new engine: 2^20 tokens, 2^20 tasks, 2^24 runs
    pub const DEFAULT: Self = Self { tokens: 1 << 20, tasks: 1 << 20, runs: 1 << 24 };
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Display for Limits {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { tokens, tasks, runs } = self;
        write!(f, "{tokens} tokens, {tasks} tasks, {runs} runs")
    }
}

structs! {
    Limits { tokens tasks runs }
}
