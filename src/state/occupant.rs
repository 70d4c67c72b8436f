//! What occupies an address, and for whom

use crate::id::InterfaceId;
use core::num::NonZeroU32;

use super::index::{AnyRest, Ix};

/// Who or what has an address
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Occupant {
    /// The interface, for good
    Assigned(Ix<InterfaceId>),
    /// The interface, awaiting confirmation
    Held(Ix<InterfaceId>),
    /// Nobody, until the rest ends: one of the address's block
    Resting(Ix<AnyRest>),
}

impl Occupant {
    /// The interface that has it, for good or not
    pub(crate) const fn interface(self) -> Option<Ix<InterfaceId>> {
        match self {
            Self::Assigned(ix) | Self::Held(ix) => Some(ix),
            Self::Resting(_) => None,
        }
    }

    pub(crate) const fn kind(self) -> Kind {
        match self {
            Self::Assigned(_) => Kind::Assigned,
            Self::Held(_) => Kind::Held,
            Self::Resting(_) => Kind::Resting,
        }
    }
}

/// What an occupant is, whoever it is
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Assigned,
    Held,
    Resting,
}

/// An occupant in 4 bytes: of tables, whose records are fewer than 2^30, as so many would fill 60 GiB
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Packed(NonZeroU32);

impl Packed {
    #[inline]
    pub(super) const fn new(occupant: Occupant) -> Self {
        let (number, kind) = match occupant {
            Occupant::Assigned(ix) => (ix.number(), 0),
            Occupant::Held(ix) => (ix.number(), 1),
            Occupant::Resting(ix) => (ix.number(), 2),
        };
        Self(NonZeroU32::MIN.saturating_add((number << 2) | kind))
    }

    #[inline]
    pub(super) const fn unpack(self) -> Occupant {
        let bits = self.0.get().wrapping_sub(1);
        match bits & 3 {
            0 => Occupant::Assigned(Ix::from_number(bits >> 2)),
            1 => Occupant::Held(Ix::from_number(bits >> 2)),
            _ => Occupant::Resting(Ix::from_number(bits >> 2)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Ix, Occupant, Packed};

    #[test]
    fn an_occupant_is_what_was_packed() {
        for number in [0, 1, 77, (1 << 30) - 2] {
            for occupant in [
                Occupant::Assigned(Ix::from_number(number)),
                Occupant::Held(Ix::from_number(number)),
                Occupant::Resting(Ix::from_number(number)),
            ] {
                assert_eq!(Packed::new(occupant).unpack(), occupant);
            }
        }
    }
}
