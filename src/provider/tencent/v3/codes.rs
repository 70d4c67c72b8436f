//! The codes of refusals, and which of them a refusal has

use crate::provider::Source;
use crate::provider::kind::Kind;

/// A code of a refusal: those of the calls, then the provider's common ones
///
/// The calls list more codes, which nothing here produces. Among them are `FailedOperation.NetDetectTimeOut`, about
/// the network; `LimitExceeded.ActionLimited`, about the rate of calls; `ResourceInsufficient.Subnet`, which
/// [`ResourceInsufficient`](Self::ResourceInsufficient) covers; `UnsupportedOperation.ResourceMismatch`, as a
/// mismatch is reported as not found; `UnsupportedOperation.IdempotentProcessing`, as every answered request has been
/// decided; and the two `UnauthorizedOperation` of `MigratePrivateIpAddress`, which mean the same as those of
/// `UnsupportedOperation`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Code {
    /// `InvalidParameterValue.DuplicatePara`: the list names an address twice
    DuplicatePara,
    /// `InvalidParameterValue.LimitExceeded`: more addresses than a request may list or a command assign
    ValueLimitExceeded,
    /// `InvalidParameterValue.Malformed`: a string is not an IPv4 address, or not an id
    Malformed,
    /// `InvalidParameterValue.Range`: an address outside the subnet or the range narrowed to, or a count
    /// below 1
    Range,
    /// `InvalidParameterValue.Reserved`: an address is withheld
    Reserved,
    /// `LimitExceeded`: the ENI's quota has no room
    LimitExceeded,
    /// `ResourceInUse`: an address is in use, held or in quarantine
    ResourceInUse,
    /// `ResourceInsufficient`: too few addresses are free
    ResourceInsufficient,
    /// `ResourceNotFound`: no such ENI, or not where the caller narrowed it to; no such task; an address
    /// whose attributes are to change is not the ENI's
    ResourceNotFound,
    /// `UnsupportedOperation`: there is a primary already, the subnet has no IPv4, or two ENIs are not of the
    /// same subnet
    UnsupportedOperation,
    /// `UnsupportedOperation.InvalidState`: the ENI's state does not allow it
    InvalidState,
    /// `MissingParameter`: no ENI, or no address where one is needed, and no count
    MissingParameter,
    /// `UnsupportedOperation.IdempotentParameterMismatch`: the token is that of another request
    IdempotentParameterMismatch,
    /// `UnsupportedOperation.MutexOperationTaskRunning`: a task of the ENI is unfinished
    MutexOperationTaskRunning,
    /// `UnsupportedOperation.AttachmentNotFound`: an address is not the ENI's
    AttachmentNotFound,
    /// `UnsupportedOperation.PrimaryIp`: an address is the primary, which stays
    PrimaryIp,

    /// `InvalidParameter` (common): a field, or the body, is of the wrong type
    InvalidParameter,
    /// `InvalidParameterValue` (common): two addresses are marked as primary, or two ENIs are the same
    InvalidParameterValue,
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
    /// Every code, those of the calls first
    pub const ALL: [Self; 20] = [
        Self::DuplicatePara,
        Self::ValueLimitExceeded,
        Self::Malformed,
        Self::Range,
        Self::Reserved,
        Self::LimitExceeded,
        Self::ResourceInUse,
        Self::ResourceInsufficient,
        Self::ResourceNotFound,
        Self::UnsupportedOperation,
        Self::InvalidState,
        Self::MissingParameter,
        Self::IdempotentParameterMismatch,
        Self::MutexOperationTaskRunning,
        Self::AttachmentNotFound,
        Self::PrimaryIp,
        Self::InvalidParameter,
        Self::InvalidParameterValue,
        Self::InternalError,
        Self::ServiceUnavailable,
    ];

    /// The table: the code as documented, where it is documented
    const fn row(self) -> (&'static str, Source) {
        use Source::{Call, Common};
        match self {
            Self::DuplicatePara => ("InvalidParameterValue.DuplicatePara", Call),
            Self::ValueLimitExceeded => ("InvalidParameterValue.LimitExceeded", Call),
            Self::Malformed => ("InvalidParameterValue.Malformed", Call),
            Self::Range => ("InvalidParameterValue.Range", Call),
            Self::Reserved => ("InvalidParameterValue.Reserved", Call),
            Self::LimitExceeded => ("LimitExceeded", Call),
            Self::ResourceInUse => ("ResourceInUse", Call),
            Self::ResourceInsufficient => ("ResourceInsufficient", Call),
            Self::ResourceNotFound => ("ResourceNotFound", Call),
            Self::UnsupportedOperation => ("UnsupportedOperation", Call),
            Self::InvalidState => ("UnsupportedOperation.InvalidState", Call),
            Self::MissingParameter => ("MissingParameter", Call),
            Self::IdempotentParameterMismatch => {
                ("UnsupportedOperation.IdempotentParameterMismatch", Call)
            }
            Self::MutexOperationTaskRunning => {
                ("UnsupportedOperation.MutexOperationTaskRunning", Call)
            }
            Self::AttachmentNotFound => ("UnsupportedOperation.AttachmentNotFound", Call),
            Self::PrimaryIp => ("UnsupportedOperation.PrimaryIp", Call),
            Self::InvalidParameter => ("InvalidParameter", Common),
            Self::InvalidParameterValue => ("InvalidParameterValue", Common),
            Self::InternalError => ("InternalError", Common),
            Self::ServiceUnavailable => ("ServiceUnavailable", Common),
        }
    }

    /// The documented code
    pub const fn as_str(self) -> &'static str {
        self.row().0
    }

    /// Where the code is documented
    pub const fn source(self) -> Source {
        self.row().1
    }

    const fn of(kind: Kind) -> Self {
        match kind {
            Kind::Type | Kind::ListAndCount => Self::InvalidParameter,
            Kind::Missing => Self::MissingParameter,
            Kind::TwoPrimaries | Kind::SameInterface => Self::InvalidParameterValue,
            Kind::Id | Kind::Malformed => Self::Malformed,
            Kind::Minimum | Kind::OutOfRange => Self::Range,
            Kind::TooMany => Self::ValueLimitExceeded,
            Kind::VpcNotFound
            | Kind::SubnetNotFound
            | Kind::InterfaceNotFound
            | Kind::TaskNotFound => Self::ResourceNotFound,
            Kind::State => Self::InvalidState,
            Kind::TaskRunning => Self::MutexOperationTaskRunning,
            Kind::TokenMismatch => Self::IdempotentParameterMismatch,
            Kind::PrimaryExists
            | Kind::FamilyUnsupported
            | Kind::Ipv6Unsupported
            | Kind::OtherSubnet => Self::UnsupportedOperation,
            Kind::Duplicate => Self::DuplicatePara,
            Kind::NetworkAddress | Kind::BroadcastAddress | Kind::Gateway | Kind::Reserved => {
                Self::Reserved
            }
            Kind::InUse => Self::ResourceInUse,
            Kind::NotAssigned => Self::AttachmentNotFound,
            Kind::IsPrimary => Self::PrimaryIp,
            Kind::Quota => Self::LimitExceeded,
            Kind::Exhausted => Self::ResourceInsufficient,
            Kind::Full => Self::ServiceUnavailable,
            Kind::Foreign => Self::InternalError,
        }
    }
}
