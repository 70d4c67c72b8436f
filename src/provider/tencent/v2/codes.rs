//! The codes of refusals, their numbers, and which of them a refusal has

use crate::provider::Source;
use crate::provider::kind::Kind;

/// A code of a refusal: the four of the calls' pages, then the provider's common ones
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Code {
    /// `InvalidVpc.NotFound`: no such VPC
    VpcNotFound,
    /// `InvalidNetworkInterface.NotFound`: no such ENI in that VPC
    NetworkInterfaceNotFound,
    /// `InvalidPrivateIpAddress.InUse`: an address is in use, held or in quarantine
    PrivateIpAddressInUse,
    /// `InvalidPrivateip.IsPrimary`: an address is the primary, which stays
    PrivateIpIsPrimary,

    /// `ActionLocked` (common to the VPC's calls): a task of the ENI is unfinished
    ActionLocked,
    /// `InvalidParameter` (common): a parameter is not of its type, or is given twice
    InvalidParameter,
    /// `InvalidParameterValue` (common): an id, address or count is invalid, an address cannot be assigned or is
    /// listed twice, or two ENIs are the same
    InvalidParameterValue,
    /// `MissingParameter` (common): no VPC, no ENI, no address, or neither addresses nor a count
    MissingParameter,
    /// `LimitExceeded` (common): the ENI's quota has no room, or more than one command may assign
    LimitExceeded,
    /// `ResourceInsufficient` (common): too few addresses are free
    ResourceInsufficient,
    /// `ResourceNotFound` (common): no such subnet, where the caller narrowed the request to one; an address
    /// is not the ENI's; no such task
    ResourceNotFound,
    /// `UnsupportedOperation` (common): not in the ENI's state, not with its primary, no IPv4, or two ENIs
    /// are not of the same subnet
    UnsupportedOperation,
    /// `InternalError` (common): the refusal of a command that no call makes, or of a deadline that the controller
    /// set
    InternalError,
    /// `ServiceUnavailable` (common): the caller could not store the decision or lost a race, or the engine's limit
    /// of tasks or tokens is reached
    ///
    /// The caller reports the first two, with [`Refusal::new`](crate::provider::Refusal::new).
    ServiceUnavailable,
}

crate::provider::codes!(Code);

impl Code {
    /// Every code, those of the calls' pages first
    pub const ALL: [Self; 14] = [
        Self::VpcNotFound,
        Self::NetworkInterfaceNotFound,
        Self::PrivateIpAddressInUse,
        Self::PrivateIpIsPrimary,
        Self::ActionLocked,
        Self::InvalidParameter,
        Self::InvalidParameterValue,
        Self::MissingParameter,
        Self::LimitExceeded,
        Self::ResourceInsufficient,
        Self::ResourceNotFound,
        Self::UnsupportedOperation,
        Self::InternalError,
        Self::ServiceUnavailable,
    ];

    /// The table: the code and where it is documented; its number, and where that is documented
    const fn row(self) -> (&'static str, Source, u16, Source) {
        use Source::{Call, Common, Ours};
        match self {
            Self::VpcNotFound => ("InvalidVpc.NotFound", Call, 5000, Common),
            Self::NetworkInterfaceNotFound => {
                ("InvalidNetworkInterface.NotFound", Call, 5000, Common)
            }
            Self::PrivateIpAddressInUse => ("InvalidPrivateIpAddress.InUse", Call, 5100, Ours),
            Self::PrivateIpIsPrimary => ("InvalidPrivateip.IsPrimary", Call, 5100, Ours),
            Self::ActionLocked => ("ActionLocked", Common, 5100, Ours),
            Self::InvalidParameter => ("InvalidParameter", Common, 4000, Common),
            Self::InvalidParameterValue => ("InvalidParameterValue", Common, 4000, Common),
            Self::MissingParameter => ("MissingParameter", Common, 4000, Common),
            Self::LimitExceeded => ("LimitExceeded", Common, 5100, Ours),
            Self::ResourceInsufficient => ("ResourceInsufficient", Common, 5100, Ours),
            Self::ResourceNotFound => ("ResourceNotFound", Common, 5000, Common),
            Self::UnsupportedOperation => ("UnsupportedOperation", Common, 5100, Ours),
            Self::InternalError => ("InternalError", Common, 6000, Common),
            Self::ServiceUnavailable => ("ServiceUnavailable", Common, 6200, Common),
        }
    }

    /// The documented string code, which a reply has as `codeDesc`
    pub const fn as_str(self) -> &'static str {
        self.row().0
    }

    /// Where the string code is documented
    pub const fn source(self) -> Source {
        self.row().1
    }

    /// The number, which a reply has as `code`; never 0
    pub const fn number(self) -> u16 {
        self.row().2
    }

    /// Where that number is documented with the meaning of this code
    ///
    /// [`Source::Ours`] is 5100, "the operation failed", for codes without a better number.
    pub const fn number_source(self) -> Source {
        self.row().3
    }

    const fn of(kind: Kind) -> Self {
        match kind {
            Kind::Type | Kind::ListAndCount => Self::InvalidParameter,
            Kind::Missing => Self::MissingParameter,
            Kind::VpcNotFound => Self::VpcNotFound,
            Kind::InterfaceNotFound => Self::NetworkInterfaceNotFound,
            Kind::SubnetNotFound | Kind::TaskNotFound | Kind::NotAssigned => Self::ResourceNotFound,
            Kind::InUse => Self::PrivateIpAddressInUse,
            Kind::IsPrimary => Self::PrivateIpIsPrimary,
            Kind::TaskRunning => Self::ActionLocked,
            Kind::Id
            | Kind::Malformed
            | Kind::Minimum
            | Kind::TwoPrimaries
            | Kind::SameInterface
            | Kind::TokenMismatch
            | Kind::Duplicate
            | Kind::OutOfRange
            | Kind::NetworkAddress
            | Kind::BroadcastAddress
            | Kind::Gateway
            | Kind::Reserved => Self::InvalidParameterValue,
            Kind::State
            | Kind::PrimaryExists
            | Kind::FamilyUnsupported
            | Kind::Ipv6Unsupported
            | Kind::OtherSubnet => Self::UnsupportedOperation,
            Kind::Quota | Kind::TooMany => Self::LimitExceeded,
            Kind::Exhausted => Self::ResourceInsufficient,
            Kind::Full => Self::ServiceUnavailable,
            Kind::Foreign => Self::InternalError,
        }
    }
}
