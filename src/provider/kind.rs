//! The kinds of refusals, neutral of provider: each provider has one table of them to its codes

use crate::error::{Cause, Error};

/// What kind of refusal it is
///
/// Of a request that is no command, or of an engine's error; a provider's code does not tell which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The body is no request, a field is of another type than documented, or it is given twice
    Type,
    /// A field that must be there is not, or is empty
    Missing,
    /// A text cannot be an id
    Id,
    /// Texts of the list are not IPv4 addresses
    Malformed,
    /// A count is below 1
    Minimum,
    /// More addresses than one request may list, or one command may assign
    TooMany,
    /// A list and a count where the profile wants one of them
    ListAndCount,
    /// Two addresses are both to be primary
    TwoPrimaries,
    /// No such VPC
    VpcNotFound,
    /// No such subnet, or not in that VPC
    SubnetNotFound,
    /// No such interface, or not in that VPC
    InterfaceNotFound,
    /// The interface's state does not allow it
    State,
    /// There is a primary already, or none may be made
    PrimaryExists,
    /// The subnet has no addresses of that family
    FamilyUnsupported,
    /// The list has an address twice
    Duplicate,
    /// An address, or the range to choose from, lies outside
    OutOfRange,
    /// An address is the network's
    NetworkAddress,
    /// An address is for broadcasts
    BroadcastAddress,
    /// An address is the gateway's
    Gateway,
    /// An address is withheld otherwise
    Reserved,
    /// An address is assigned
    InUse,
    /// The interface's quota has no room
    Quota,
    /// Too few addresses are free
    Exhausted,
    /// Of another command than an assignment: the caller asked about something else
    Foreign,
}

impl Kind {
    /// The kind of an engine's error; of several addresses, that of the lowest index
    pub(super) const fn of(error: &Error) -> Self {
        match error {
            Error::NothingAsked => Self::Missing,
            Error::ZeroCount => Self::Minimum,
            Error::TooMany { .. } => Self::TooMany,
            Error::ListAndCount => Self::ListAndCount,
            Error::TwoPrimaries { .. } => Self::TwoPrimaries,
            Error::VpcNotFound(_) => Self::VpcNotFound,
            Error::SubnetNotFound(_) | Error::SubnetNotInVpc { .. } => Self::SubnetNotFound,
            Error::InterfaceNotFound(_) | Error::InterfaceNotInVpc { .. } => {
                Self::InterfaceNotFound
            }
            Error::Status { .. } => Self::State,
            Error::PrimaryForbidden { .. } | Error::PrimaryExists { .. } => Self::PrimaryExists,
            Error::FamilyUnsupported { .. } => Self::FamilyUnsupported,
            Error::RangeFamily { .. } | Error::RangeOutside { .. } => Self::OutOfRange,
            Error::Addresses(faults) => Self::of_cause(&faults.lowest().cause),
            Error::Quota { .. } => Self::Quota,
            Error::Exhausted { .. } => Self::Exhausted,
            Error::HostBits { .. }
            | Error::CidrsOverlap { .. }
            | Error::NoCidr(_)
            | Error::VpcExists(_)
            | Error::SubnetExists(_)
            | Error::InterfaceExists(_)
            | Error::ReservationNotFound { .. }
            | Error::VpcInUse { .. }
            | Error::SubnetInUse { .. }
            | Error::PrefixLength { .. }
            | Error::OutsideVpc { .. }
            | Error::SubnetOverlap { .. }
            | Error::GatewayOutside { .. }
            | Error::ReservationOverlap { .. } => Self::Foreign,
            _ => Self::Foreign,
        }
    }

    const fn of_cause(cause: &Cause) -> Self {
        match cause {
            Cause::Duplicate { .. } => Self::Duplicate,
            Cause::WrongFamily => Self::FamilyUnsupported,
            Cause::OutOfRange => Self::OutOfRange,
            Cause::NetworkAddress => Self::NetworkAddress,
            Cause::BroadcastAddress => Self::BroadcastAddress,
            Cause::Gateway => Self::Gateway,
            Cause::Reserved => Self::Reserved,
            Cause::InUse { .. } => Self::InUse,
            Cause::Held { .. }
            | Cause::Quarantined { .. }
            | Cause::Stale { .. }
            | Cause::NotAssigned
            | Cause::WrongOwner { .. }
            | Cause::IsPrimary => Self::Foreign,
        }
    }
}
