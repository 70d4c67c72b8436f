//! The states of an interface

use crate::bytes::{Decode, Encode, Read, Reader, Sink, bits, choices};
use core::fmt;

/// State of an interface
///
/// Providers have their own words for the same states: Zenlayer's `USED` is [`InUse`](Self::InUse).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Status {
    // The numbers are part of the digests of histories.
    /// Being created
    Creating = 0,
    /// Created, and attached to nothing
    Available = 1,
    /// Being attached to an instance
    Attaching = 2,
    /// Attached
    InUse = 3,
    /// Being detached
    Detaching = 4,
    /// Being deleted
    Deleting = 5,
}

impl Status {
    /// Every state, in the order of an interface's life
    pub const ALL: [Self; 6] = [
        Self::Creating,
        Self::Available,
        Self::Attaching,
        Self::InUse,
        Self::Detaching,
        Self::Deleting,
    ];
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Creating => "creating",
            Self::Available => "available",
            Self::Attaching => "attaching",
            Self::InUse => "in use",
            Self::Detaching => "detaching",
            Self::Deleting => "deleting",
        })
    }
}

/// A set of interface states
///
/// ```
/// use ipam_core::{Status, Statuses};
///
/// let gate = Statuses::of(&[Status::Available, Status::InUse]);
/// assert!(gate.contains(Status::InUse));
/// assert!(!gate.contains(Status::Deleting));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Statuses(u8);

impl Statuses {
    /// Every state
    pub const ALL: Self = Self::of(&Status::ALL);

    /// A set of these states
    pub const fn of(mut states: &[Status]) -> Self {
        let mut bits = 0;
        while let [state, rest @ ..] = states {
            bits |= 1 << *state as u8;
            states = rest;
        }
        Self(bits)
    }

    /// Whether `state` is in the set
    pub const fn contains(self, state: Status) -> bool {
        self.0 & (1 << state as u8) != 0
    }

    /// The states in the set, in the order of an interface's life
    pub fn iter(self) -> impl Iterator<Item = Status> {
        Status::ALL.into_iter().filter(move |&state| self.contains(state))
    }
}

impl fmt::Debug for Statuses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Statuses {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.iter())
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for Statuses {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let states = alloc::vec::Vec::<Status>::deserialize(from)?;
        Ok(Self::of(&states))
    }
}

choices! {
    /// Its place in an interface's life
    Status {
        0 Creating
        1 Available
        2 Attaching
        3 InUse
        4 Detaching
        5 Deleting
    }
}

/// A bit each
impl Encode for Statuses {
    fn write(&self, to: &mut impl Sink) {
        to.byte(self.0);
    }
}

impl Decode for Statuses {
    fn read(from: &mut Reader<'_>) -> Read<Self> {
        bits(from, Self::ALL.0).map(Self)
    }
}
