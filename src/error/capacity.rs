//! What a refusal for want of addresses says in numbers

use alloc::string::String;

use ipnet::IpNet;
use thiserror::Error;

use crate::id::{SubnetId, Timestamp};
use crate::space::address::Family;
use crate::space::range::AddrRange;

/// Prefixes that no aligned block is free for, though addresses are
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "subnet `{subnet}` has no free block for a /{prefix_len}, {}: {shortfall}",
    match largest {
        Some(largest) => alloc::format!("the largest being `{largest}`"),
        None => String::from("nor any other"),
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
    /// How many of them could not be had; those before them could
    pub missing: u32,
    /// The largest free block that what comes before leaves, in the whole subnet
    pub largest: Option<IpNet>,
    /// The numbers behind the refusal, once what comes before is given
    pub shortfall: Shortfall,
}

/// Why one of several subnets could not give what was asked for
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{error}")]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct SubnetRefusal {
    /// The subnet
    pub subnet: SubnetId,
    /// Why, as it would have been refused alone: its family, the quota, or too few that are free
    pub error: super::Error,
}

/// The numbers behind a capacity refusal, all in addresses but for `most`
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
    /// Asked for, beyond what is named, or what [`EnsureCount`](crate::EnsureCount) finds there; of prefixes,
    /// those that could not be had
    pub wanted: u128,
    /// Where they were to be chosen; `None` is the whole subnet
    pub within: Option<AddrRange>,
    /// Free there, beyond what the list names
    pub free: u128,
    /// The largest count that would have succeeded, as [`Error::would_succeed`](crate::Error::would_succeed) says; `None` if it is not known
    ///
    /// In the unit of what was refused: where a request asks for addresses and for prefixes, addresses are judged
    /// first, by their number. Where the profile lets what rests be taken, the refusal may have cost a look at all
    /// of that: where something is named, due or reserved besides, or prefixes rest.
    pub most: Option<u32>,
    /// Assigned in the whole subnet
    pub assigned: u128,
    /// Held in the whole subnet
    pub held: u128,
    /// Resting in the whole subnet
    pub quarantined: u128,
    /// When the first of those that rest could be chosen: no rule, reservation or range keeps it from that,
    /// nor is it named; the deadlines of holds are not looked at
    pub next: Option<Timestamp>,
    /// When so many of them could be chosen that they would be enough, if nothing else changes; `None` if too
    /// few rest
    ///
    /// That they are one range then, or aligned blocks for prefixes, is not said. The refusal has cost a look at
    /// each rest that ends until then; where they are not enough, or are kept from being chosen, at all of
    /// them, or at all of the range.
    pub enough: Option<Timestamp>,
    /// Withheld in the whole subnet, by the rules or by a reserved range, and nobody's:
    /// [`FamilyUsage::structural`](crate::FamilyUsage::structural) and
    /// [`reserved`](crate::FamilyUsage::reserved) together
    pub reserved: u128,
    /// Addresses of the whole subnet; 2^128 saturates
    pub total: u128,
}
