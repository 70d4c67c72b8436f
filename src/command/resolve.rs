//! Ending a hold with what was observed

use alloc::vec::Vec;
use core::fmt::{self, Display, Formatter};
use core::net::IpAddr;

use ipnet::IpNet;

use super::Rest;
use super::display::AddressesAndPrefixes;
use super::rest::AndRest;
use crate::bytes::requests;
use crate::id::Task;

/// End a hold with the addresses that the interface was seen to have
///
/// Of the hold's addresses, those that were seen are assigned, and the others are released. The task succeeds if all
/// were seen, and fails otherwise. Addresses and prefixes that do not belong to the hold are ignored, so you may pass
/// everything that was seen on the interface. The task may be running or unknown. Resolving a finished task to the
/// same end changes nothing, for as long as the task is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Resolve {
    /// The task
    pub task: Task,
    /// The addresses that the interface was seen to have
    pub observed: Vec<IpAddr>,
    /// The prefixes that it was seen to have
    #[cfg_attr(feature = "serde", serde(default))]
    pub prefixes: Vec<IpNet>,
    /// How long the addresses that were not seen stay in quarantine
    #[cfg_attr(feature = "serde", serde(default))]
    pub rest: Rest,
}

impl Resolve {
    /// Ends this task; the interface was seen to have these addresses
    pub fn new<A: Into<IpAddr>>(task: Task, observed: impl IntoIterator<Item = A>) -> Self {
        let observed = observed.into_iter().map(Into::into).collect();
        Self { task, observed, prefixes: Vec::new(), rest: Rest::USUAL }
    }

    /// And it was seen to have these prefixes
    #[must_use]
    pub fn and_prefixes(mut self, prefixes: impl IntoIterator<Item = IpNet>) -> Self {
        self.prefixes.extend(prefixes);
        self
    }

    /// Sets the quarantine, instead of the profile's
    #[must_use]
    pub const fn rest(mut self, rest: Rest) -> Self {
        self.rest = rest;
        self
    }
}

impl Display for Resolve {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { task, observed, prefixes, rest } = self;
        let observed = AddressesAndPrefixes(observed, prefixes);
        write!(f, "resolve task {task} with {observed} observed{}", AndRest(rest))
    }
}

requests! {
    Resolve { 1 task 2 observed: maybe 3 prefixes: maybe 4 rest }
}
