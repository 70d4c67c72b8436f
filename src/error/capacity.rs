//! The numbers behind a refusal for lack of addresses

use alloc::string::String;

use ipnet::IpNet;
use thiserror::Error;

use crate::id::{SubnetId, Timestamp};
use crate::space::address::Family;
use crate::space::range::AddrRange;

/// No aligned block is free for a prefix, though enough addresses are
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "subnet `{subnet}` has no free block for a /{prefix_len}, {}: {shortfall}",
    match largest {
        Some(largest) => alloc::format!("the largest being `{largest}`"),
        None => String::from("and no free block at all"),
    }
)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Fragmented {
    /// The subnet asked
    pub subnet: SubnetId,
    /// The family asked for
    pub family: Family,
    /// Index in the list of prefixes
    pub index: usize,
    /// The length asked for
    pub prefix_len: u8,
    /// How many of them could not be chosen, after those that could
    pub missing: u32,
    /// The largest free block in the whole subnet, after what the request gets before
    pub largest: Option<IpNet>,
    /// The numbers behind the refusal, after what the request gets before
    pub shortfall: Shortfall,
}

/// Why one of several subnets cannot satisfy the request
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{error}")]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct SubnetRefusal {
    /// The subnet
    pub subnet: SubnetId,
    /// Why a request to it alone would have been refused: its family, the quota, or too few free addresses
    pub error: super::Error,
}

/// The numbers behind a capacity refusal, all in addresses except for `most`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error(
    "{wanted} wanted, {free} free{}, {assigned} assigned{}{}{}, {reserved} reserved of {total}",
    within.map(|range| alloc::format!(" within {range}")).unwrap_or_default(),
    if *held > 0 { alloc::format!(", {held} held") } else { String::new() },
    if *quarantined > 0 { alloc::format!(", {quarantined} quarantined") } else { String::new() },
    next.map(|next| alloc::format!(", the first until {next}")).unwrap_or_default()
)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Shortfall {
    /// How many were asked for, beyond named addresses and those that [`EnsureCount`](crate::EnsureCount) finds; for
    /// prefixes, the addresses of those that could not be chosen
    pub wanted: u128,
    /// The range to choose from; `None` is the whole subnet
    pub within: Option<AddrRange>,
    /// Free addresses there, not counting those that the list names
    pub free: u128,
    /// The largest count that would have succeeded, as [`Error::would_succeed`](crate::Error::would_succeed) says; `None` if it is not known
    ///
    /// Its unit is that of what was refused: if a request asks for addresses and prefixes, addresses are judged
    /// first, by their number. If the profile lets quarantined addresses be chosen, the refusal may have cost a look
    /// at all of them: if the request also names something, a deadline has passed, a range is reserved, or prefixes
    /// are in quarantine.
    pub most: Option<u32>,
    /// Assigned in the whole subnet
    pub assigned: u128,
    /// Held in the whole subnet
    pub held: u128,
    /// In quarantine in the whole subnet
    pub quarantined: u128,
    /// When the first quarantined address could be chosen: one that no rule, reservation or range excludes, and that
    /// the request does not name; the deadlines of holds are ignored
    pub next: Option<Timestamp>,
    /// When enough quarantined addresses could be chosen, if nothing else changes; `None` if too few are in
    /// quarantine
    ///
    /// They need not form one range then, or aligned blocks for prefixes. The refusal has cost a look at each
    /// quarantine that ends until then; if they are not enough, or may not be chosen, a look at all of them, or at
    /// all in the range.
    pub enough: Option<Timestamp>,
    /// Withheld in the whole subnet, by the rules or by a reserved range, and not in use:
    /// [`FamilyUsage::structural`](crate::FamilyUsage::structural) and [`reserved`](crate::FamilyUsage::reserved)
    /// together
    pub reserved: u128,
    /// Addresses of the whole subnet; 2^128 saturates
    pub total: u128,
}
