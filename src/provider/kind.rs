//! The kinds of refusals, whatever the provider; each provider's table maps them to its codes

use crate::error::{Cause, Error};
use crate::space::address::Family;

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
    /// Texts are not IPv4 addresses
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
    /// A task of the interface is not finished
    TaskRunning,
    /// No such task, or its record has expired
    TaskNotFound,
    /// A move from an interface to itself
    SameInterface,
    /// A move to an interface of another subnet
    OtherSubnet,
    /// The token is known from another request
    TokenMismatch,
    /// The subnet has no IPv4 addresses
    FamilyUnsupported,
    /// The subnet has no IPv6 addresses
    Ipv6Unsupported,
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
    /// An address is assigned, held or in quarantine, by itself or in a prefix
    ///
    /// One that rests is not free, and will be: it is told as one that is in use rather than as one that is
    /// withheld.
    InUse,
    /// The interface does not have an address: nobody has it, another interface has it, or another revision assigned
    /// it
    NotAssigned,
    /// An address is the interface's primary, and stays so
    IsPrimary,
    /// The interface's quota has no room
    Quota,
    /// Too few addresses are free, or enough are free but not in one range or block
    Exhausted,
    /// The limit of tasks or tokens is reached
    Full,
    /// Not a client's fault: a command that no documented call makes, or a passed deadline, which only a controller
    /// sets
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
            Error::TaskRunning { .. } => Self::TaskRunning,
            Error::TaskNotFound(_) => Self::TaskNotFound,
            Error::SameInterface(_) => Self::SameInterface,
            Error::OtherSubnet { .. } => Self::OtherSubnet,
            Error::TokenMismatch { .. } => Self::TokenMismatch,
            Error::FamilyUnsupported { family: Family::V4, .. } => Self::FamilyUnsupported,
            Error::FamilyUnsupported { family: Family::V6, .. } => Self::Ipv6Unsupported,
            Error::RangeFamily { .. } | Error::RangeOutside { .. } => Self::OutOfRange,
            Error::Addresses(faults) => Self::of_cause(&faults.lowest().cause),
            Error::PrimaryFixed { .. } => Self::IsPrimary,
            Error::Quota { .. } => Self::Quota,
            Error::Exhausted { .. }
            | Error::Fragmented(_)
            | Error::NoRun { .. }
            | Error::NoSubnetCan { .. } => Self::Exhausted,
            Error::TooManyTasks { .. }
            | Error::TooManyTokens { .. }
            | Error::TooManyRuns { .. } => Self::Full,
            Error::NoSubnets
            | Error::SubnetTwice { .. }
            | Error::NamedFromSeveral
            | Error::NoEffect(_)
            | Error::HostBits { .. }
            | Error::CidrsOverlap { .. }
            | Error::NoCidr(_)
            | Error::NoPrimary { .. }
            | Error::OnceWithinOnce
            | Error::DeadlinePassed { .. }
            | Error::VpcExists(_)
            | Error::SubnetExists(_)
            | Error::InterfaceExists(_)
            | Error::ReservationNotFound { .. }
            | Error::TaskFinished { .. }
            | Error::VpcInUse { .. }
            | Error::SubnetInUse { .. }
            | Error::NoFamilyLeft(_)
            | Error::AddressesLost { .. }
            | Error::ReservationsLost { .. }
            | Error::AddressesWithheld { .. }
            | Error::PrefixLength { .. }
            | Error::OutsideVpc { .. }
            | Error::SubnetOverlap { .. }
            | Error::GatewayOutside { .. }
            | Error::PrefixSize { .. }
            | Error::ReservationOverlap { .. }
            | Error::NoCursor(_) => Self::Foreign,
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
            Cause::Reserved | Cause::AutoOnly | Cause::PrefixOnly => Self::Reserved,
            Cause::InUse { .. }
            | Cause::InPrefix { .. }
            | Cause::Held { .. }
            | Cause::Quarantined { .. } => Self::InUse,
            Cause::NotAssigned | Cause::WrongOwner { .. } | Cause::Stale { .. } => {
                Self::NotAssigned
            }
            Cause::IsPrimary => Self::IsPrimary,
        }
    }
}
