//! What a subnet withholds and how requests are judged: one provider's numbers and choices, as data
//!
//! The engine asks a [`Profile`]; it never asks who the provider is. Presets are constants, documented with their
//! sources. If a page is silent, the preset says which reading it takes; a number that no source confirms is left
//! out. To describe another provider, copy a preset and change its fields:
//!
//! ```
//! use ipam_core::{Gateway, Profile};
//!
//! let mut profile = Profile::PLAIN;
//! profile.v4.gateway = Gateway::Offset(1);
//! profile.v4.first = 2;
//! ```

#[cfg(feature = "serde")]
mod form;
mod policy;
mod presets;

use core::net::IpAddr;

use crate::bytes::{choices, structs};
use crate::space::Usable;
use crate::space::address::{Family, Span, bits_of};
use crate::status::Statuses;
pub use policy::Policy;
pub(crate) use policy::draw;

/// The rules of a subnet, and of the interfaces whose home it is
///
/// An address is judged by the profile of the subnet that it lies in. A request is judged by the profile of the
/// interface's home subnet.
///
/// # JSON
///
/// With the feature `serde`, a profile may be written as the name of a preset, or as a preset's name and the fields
/// that differ, at any depth. Without `preset` every field must be there, except those that
/// [`FamilyRules::open`] and [`Quarantine::for_millis`] set.
///
/// ```json
/// "AWS"
/// {"preset": "AWS", "v4": {"first": 5}, "quarantine": {"millis": 30000}}
/// ```
///
/// The engine stores what it has read: `Serialize` always writes every field, and never `preset`. So a preset that a
/// later release corrects does not change what an old event says. In formats that are not readable, such as
/// MessagePack, a profile has all its fields and no preset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Profile {
    /// What an IPv4 subnet withholds
    pub v4: FamilyRules,
    /// What an IPv6 subnet withholds
    pub v6: FamilyRules,
    /// What a request with both a list and a count means
    pub list_and_count: ListAndCount,
    /// What happens if a request names an address that the interface already has
    pub own_address: OwnAddress,
    /// What happens if a release names an address that nobody has
    pub free_address: FreeAddress,
    /// Whether an assignment may make an address primary, if the interface has no primary yet
    pub assign_primary: bool,
    /// Whether an unassignment may release a primary address
    pub unassign_primary: bool,
    /// How an interface's addresses count against its quota
    pub quota: QuotaRule,
    /// The states in which an interface may be assigned addresses
    pub assign_in: Statuses,
    /// How long released addresses of the subnet stay in quarantine, and who may have them earlier
    pub quarantine: Quarantine,
    /// Whether an interface's primary may be replaced by another address
    pub replace_primary: bool,
    /// Whether an unfinished task refuses every other command about its interface's addresses, except its deletion
    /// and commands by which other interfaces take addresses from it
    pub one_task: bool,
}

/// How long released addresses stay in quarantine, and who may have them earlier
///
/// ```
/// use ipam_core::{Profile, Quarantine};
///
/// let rest = Quarantine { take_back: true, ..Quarantine::for_millis(30_000) };
/// let profile = Profile::AWS.quarantine(rest);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Quarantine {
    /// Milliseconds from the release on, unless a command says otherwise; 0 is no quarantine
    pub millis: u64,
    /// Whether the last owner may take an address back early, by naming it
    #[cfg_attr(feature = "serde", serde(default))]
    pub take_back: bool,
    /// Whether quarantined addresses are chosen when too few others are free, first the one whose quarantine ends
    /// first
    #[cfg_attr(feature = "serde", serde(default))]
    pub when_exhausted: bool,
}

impl Quarantine {
    /// Released addresses are free at once
    pub const NONE: Self = Self::for_millis(0);

    /// Released addresses stay in quarantine for this long, whoever asks for them
    pub const fn for_millis(millis: u64) -> Self {
        Self { millis, take_back: false, when_exhausted: false }
    }
}

/// What a subnet of one family withholds by rule, and how long its prefix may be
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct FamilyRules {
    /// Addresses withheld at the low end
    pub first: u32,
    /// Addresses withheld at the high end
    pub last: u32,
    /// Where the gateway is; its address is withheld
    pub gateway: Gateway,
    /// What a subnet of one or two addresses withholds
    pub small: SmallSubnet,
    /// Shortest prefix that a subnet may have (its largest size), inclusive
    pub shortest_prefix: u8,
    /// Longest prefix that a subnet may have (its smallest size), inclusive
    pub longest_prefix: u8,
}

/// Where a subnet's gateway is
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Gateway {
    /// Nowhere
    None,
    /// This many addresses above the subnet's first (0 is the first itself); a subnet that is too small has none
    Offset(u128),
    /// This many addresses below the subnet's last (0 is the last itself); a subnet that is too small has none
    FromLast(u128),
    /// At this address, which must lie in the subnet
    At(IpAddr),
}

/// What /31 and /32, or /127 and /128, withhold
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum SmallSubnet {
    // The numbers are part of the digests of histories.
    /// As much as any other subnet, which often is every address
    Withhold = 0,
    /// Only the gateway: both ends of a /31 or /127 are hosts (RFC 3021, RFC 6164), and so, in our reading, is the
    /// one address of a /32 or /128
    Keep = 1,
}

/// What a request with both a list and a count means
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum ListAndCount {
    // The numbers are part of the digests of histories.
    /// It is refused
    Refuse = 0,
    /// The count is ignored, whatever it says
    ListWins = 1,
    /// It asks for the list, and the count more
    Both = 2,
}

/// What happens if a request names an address that the interface already has
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum OwnAddress {
    // The numbers are part of the digests of histories.
    /// It is refused as in use
    Refuse = 0,
    /// It is accepted, and has no further effect
    Accept = 1,
}

/// What happens if a release names an address that nobody has
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum FreeAddress {
    // The numbers are part of the digests of histories.
    /// It is refused as not assigned
    Refuse = 0,
    /// It is accepted, and has no effect
    Ignore = 1,
}

/// How an interface's addresses count against its quota
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct QuotaRule {
    /// Whether each family has a whole quota for itself; otherwise both share one
    pub per_family: bool,
    /// Whether primary addresses take a slot; if they do not, making a secondary address primary frees its slot for
    /// later commands
    pub counts_primary: bool,
}

impl FamilyRules {
    /// Withholds nothing, in subnets of any length
    pub const fn open(family: Family) -> Self {
        Self {
            first: 0,
            last: 0,
            gateway: Gateway::None,
            small: SmallSubnet::Withhold,
            shortest_prefix: 0,
            longest_prefix: family.bits(),
        }
    }

    /// The gateway's offset in a subnet with these address bits
    pub(crate) fn gateway_offset(&self, subnet: Span) -> Option<u128> {
        let last = subnet.last.checked_sub(subnet.first)?;
        match self.gateway {
            Gateway::None => None,
            Gateway::Offset(offset) => Some(offset),
            Gateway::FromLast(below) => last.checked_sub(below),
            Gateway::At(address) => bits_of(address).checked_sub(subnet.first),
        }
        .filter(|&offset| offset <= last)
    }

    /// What is left to assign in a subnet with these address bits
    pub(crate) fn usable(&self, subnet: Span) -> Usable {
        let last = subnet.last.saturating_sub(subnet.first);
        let kept = last < 2 && self.small == SmallSubnet::Keep;
        let (low, high) = if kept { (0, 0) } else { (self.first, self.last) };
        let span = last.checked_sub(high.into()).and_then(|last| Span::new(low.into(), last));
        let gateway = self.gateway_offset(subnet);
        Usable { span, hole: gateway.filter(|&at| span.is_some_and(|span| span.contains(at))) }
    }
}

impl Profile {
    /// The rules of `family`
    pub const fn family(&self, family: Family) -> &FamilyRules {
        match family {
            Family::V4 => &self.v4,
            Family::V6 => &self.v6,
        }
    }

    /// With this quarantine for released addresses
    #[must_use]
    pub const fn quarantine(mut self, quarantine: Quarantine) -> Self {
        self.quarantine = quarantine;
        self
    }
}

structs! {
    Profile {
        v4 v6 list_and_count own_address free_address assign_primary unassign_primary quota assign_in
        quarantine replace_primary one_task
    }
    FamilyRules { first last gateway small shortest_prefix longest_prefix }
    Quarantine { millis: number take_back when_exhausted }
    QuotaRule { per_family counts_primary }
}

choices! {
    Gateway {
        0 None
        1 Offset(offset)
        2 FromLast(below)
        3 At(address)
    }
    SmallSubnet { 0 Withhold 1 Keep }
    ListAndCount { 0 Refuse 1 ListWins 2 Both }
    OwnAddress { 0 Refuse 1 Accept }
    FreeAddress { 0 Refuse 1 Ignore }
}
