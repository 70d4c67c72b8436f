//! Addresses that cannot be assigned or released, and why

use alloc::vec::Vec;
use core::fmt;
use core::net::IpAddr;

use ipnet::IpNet;

use super::Error;
use crate::id::{InterfaceId, Revision, Timestamp};

/// The addresses of a list that fail at the first stage where any fails, by index, each with its cause; at least one
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct AddressFaults {
    lowest: AddressFault,
    others: Vec<AddressFault>,
}

/// One address of a list that cannot be assigned or released
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("address {index} of the list, `{address}`, {cause}")]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct AddressFault {
    /// Index in the list, in which prefixes follow the addresses; of a new interface's primaries, 0 is IPv4 and 1 is
    /// IPv6
    pub index: usize,
    /// The address; for a prefix, its lowest address at fault
    pub address: IpAddr,
    /// Why it cannot be assigned or released
    pub cause: Cause,
}

/// Why an address cannot be assigned or released, in order of precedence; the codes within 500 – 599 are not in that
/// order
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Cause {
    /// The list names it twice
    #[error("repeats address {first}")]
    Duplicate {
        /// Index of the first occurrence
        first: usize,
    },
    /// The subnet has no addresses of its family
    #[error("is of a family that the subnet lacks")]
    WrongFamily,
    /// It lies outside the subnet, or the range asked for
    #[error("is out of range")]
    OutOfRange,
    /// It is the subnet's first address, withheld by rule
    #[error("is the network address")]
    NetworkAddress,
    /// It is an IPv4 subnet's last address, withheld by rule
    #[error("is the broadcast address")]
    BroadcastAddress,
    /// It is the subnet's gateway
    #[error("is the gateway")]
    Gateway,
    /// It is withheld, by a rule or in a hard reserved range
    #[error("is reserved")]
    Reserved,
    /// It lies in an auto-only range, and the request does not accept those
    #[error("is reserved, except for requests that accept auto-only ranges")]
    AutoOnly,
    /// It lies in a prefix-only range
    #[error("is reserved for prefixes")]
    PrefixOnly,
    /// It is assigned
    #[error("is in use by interface `{by}`")]
    InUse {
        /// The interface that has it
        by: InterfaceId,
    },
    /// It is part of a prefix that is assigned to an interface or held for it
    #[error("is in prefix `{prefix}` of interface `{by}`")]
    InPrefix {
        /// The interface that has the prefix
        by: InterfaceId,
        /// The prefix
        prefix: IpNet,
    },
    /// It is held, awaiting confirmation
    #[error("is held for interface `{by}`")]
    Held {
        /// The interface that it is held for
        by: InterfaceId,
    },
    /// It is in quarantine
    #[error("rests until {until}")]
    Quarantined {
        /// When it is free
        until: Timestamp,
    },
    /// It is assigned to nobody
    #[error("is not assigned")]
    NotAssigned,
    /// It is assigned to another interface than the one named
    #[error("is assigned to interface `{by}`")]
    WrongOwner {
        /// The interface that has it
        by: InterfaceId,
    },
    /// The interface has it, but another revision assigned it than the one named
    #[error("is of another generation, {generation}")]
    Stale {
        /// The revision that assigned it
        generation: Revision,
    },
    /// It is an interface's primary, which may not be taken or released
    #[error("is the primary of its interface")]
    IsPrimary,
}

impl AddressFaults {
    /// The faults found, if any; they must come by rising index
    pub(crate) fn collect(faults: impl IntoIterator<Item = AddressFault>) -> Result<(), Error> {
        let mut faults = faults.into_iter();
        match faults.next() {
            Some(lowest) => Err(Error::Addresses(Self { lowest, others: faults.collect() })),
            None => Ok(()),
        }
    }

    /// The fault with the lowest index, which gives the code
    pub const fn lowest(&self) -> &AddressFault {
        &self.lowest
    }

    /// Every fault, by rising index
    pub fn iter(&self) -> impl Iterator<Item = &AddressFault> {
        core::iter::once(&self.lowest).chain(&self.others)
    }
}

impl fmt::Display for AddressFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lowest.fmt(f)?;
        match self.others.len() {
            0 => Ok(()),
            more => write!(f, " (and {more} more at fault)"),
        }
    }
}

impl core::error::Error for AddressFaults {}

impl Cause {
    /// Stable number of the cause, shared with [`Error::code`]
    pub const fn code(&self) -> u16 {
        match self {
            Self::Duplicate { .. } => 110,
            Self::WrongFamily => 401,
            Self::OutOfRange => 510,
            Self::NetworkAddress => 511,
            Self::BroadcastAddress => 512,
            Self::Gateway => 513,
            Self::Reserved => 514,
            Self::InUse { .. } => 515,
            Self::Held { .. } => 516,
            Self::Quarantined { .. } => 517,
            Self::AutoOnly => 518,
            Self::NotAssigned => 520,
            Self::WrongOwner { .. } => 521,
            Self::IsPrimary => 522,
            Self::Stale { .. } => 523,
            Self::InPrefix { .. } => 525,
            Self::PrefixOnly => 529,
        }
    }
}
