//! Ending a hold by what was observed

use alloc::vec::Vec;
use core::fmt::{self, Display, Formatter};
use core::net::IpAddr;

use ipnet::IpNet;

use super::Rest;
use super::display::Named;
use super::rest::AndRest;
use crate::bytes::requests;
use crate::id::Task;

/// End a hold by what was observed: those of its addresses that the interface was seen to have
///
/// They are assigned, the others released. It has succeeded if all were seen, failed otherwise. Addresses
/// and prefixes that the hold has not are of no concern here, so that everything seen on the interface may
/// be given.
/// Its task may be running, or unknown; once it is finished, resolving it to the same end changes nothing,
/// for as long as the task is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Resolve {
    /// The task
    pub task: Task,
    /// What the interface was seen to have
    pub observed: Vec<IpAddr>,
    /// And which prefixes
    #[cfg_attr(feature = "serde", serde(default))]
    pub prefixes: Vec<IpNet>,
    /// How long those of its addresses rest that were not seen
    pub rest: Rest,
}

impl Resolve {
    /// Ends this task, the interface having been seen to have these
    pub fn new<A: Into<IpAddr>>(task: Task, observed: impl IntoIterator<Item = A>) -> Self {
        let observed = observed.into_iter().map(Into::into).collect();
        Self { task, observed, prefixes: Vec::new(), rest: Rest::USUAL }
    }

    /// And these prefixes
    #[must_use]
    pub fn and_prefixes(mut self, prefixes: impl IntoIterator<Item = IpNet>) -> Self {
        self.prefixes.extend(prefixes);
        self
    }

    /// With a rest of its own
    #[must_use]
    pub const fn rest(mut self, rest: Rest) -> Self {
        self.rest = rest;
        self
    }
}

impl Display for Resolve {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { task, observed, prefixes, rest } = self;
        let observed = Named(observed, prefixes);
        write!(f, "resolve task {task} with {observed} observed{}", AndRest(rest))
    }
}

requests! {
    Resolve { 1 task 2 observed: maybe 3 prefixes: maybe 4 rest }
}
