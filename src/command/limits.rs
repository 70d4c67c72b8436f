//! How much is kept for callers that come back

use crate::bytes::structs;
use core::fmt::{self, Display, Formatter};

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

impl Display for Limits {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { tokens, tasks, runs } = self;
        write!(f, "{tokens} tokens, {tasks} tasks, {runs} runs")
    }
}

structs! {
    Limits { tokens tasks runs }
}
