//! The codes of refusals, their HTTP status, and which of them a refusal has

use crate::provider::Source;
use crate::provider::kind::Kind;

/// A code of a refusal: the ten of `BatchAssignNetworkInterfaceIpv4`, those that other calls' pages add, then
/// the provider's common ones
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Code {
    /// `INVALID_NIC_STATUS`: the vNIC's state, or what is under way on it, does not allow it
    NicStatus,
    /// `OPERATION_DENIED_SUBNET_TYPE_NOT_SUPPORT_IPV4`: the subnet has no IPv4
    SubnetTypeNotSupportIpv4,
    /// `INVALID_SUBNET_PRIVATE_IPV4_IN_USED`: an address is in use, held or in quarantine
    PrivateIpv4InUsed,
    /// `INVALID_IP_OUT_OF_RANGE`: an address lies outside the subnet, or the range narrowed to
    IpOutOfRange,
    /// `INVALID_IP_NETWORK_ADDRESS`: an address is the network's
    IpNetworkAddress,
    /// `INVALID_IP_BROADCAST_ADDRESS`: an address is for broadcasts
    IpBroadcastAddress,
    /// `INVALID_IP_FIRST_ADDRESS`: an address is the gateway's
    IpFirstAddress,
    /// `OPERATION_DENIED_SUBNET_IP_INSUFFICIENT`: too few addresses are free
    SubnetIpInsufficient,
    /// `INVALID_PARAMETER_PRIVATE_IP_ILLEGAL`: an address is malformed, reserved or repeated
    PrivateIpIllegal,
    /// `OPERATION_DENIED_NIC_ATTACH_LAN_IP_EXCEED_LIMIT`: the vNIC's quota has no room
    NicLanIpExceedLimit,

    /// `INVALID_NIC_PRIMARY_IP_CANT_DETACH` (UnassignNetworkInterfaceIpv4): an address is the primary, which
    /// stays
    NicPrimaryIpCantDetach,
    /// `INVALID_NIC_IPV6_EXISTS` (AssignNetworkInterfaceIpv6): the vNIC has an IPv6 address
    NicIpv6Exists,
    /// `INVALID_SUBNET_IPSTACK_NOT_SUPPORT` (AssignNetworkInterfaceIpv6): the subnet has no IPv6
    SubnetIpstackNotSupport,
    /// `INVALID_NIC_HAS_PUBLIC_IP_CANT_DETACH` (UnassignNetworkInterfaceIpv4): a public address is bound
    ///
    /// The engine never produces it; the caller reports it with [`Refusal::new`](crate::provider::Refusal::new).
    NicHasPublicIpCantDetach,
    /// `INVALID_NIC_LB_ASSOCIATED` (UnassignNetworkInterfaceIpv4): a load balancer uses an address
    ///
    /// The engine never produces it; the caller reports it with [`Refusal::new`](crate::provider::Refusal::new).
    NicLbAssociated,

    /// `OPERATION_FAILED_RESOURCE_NOT_FOUND` (common): no such vNIC, or not where the caller narrowed it to,
    /// or it does not have what is to be released
    ResourceNotFound,
    /// `MISSING_PARAMETER` (common): no vNIC, or no address where one is needed, and no count
    MissingParameter,
    /// `INVALID_PARAMETER_TYPE` (common): a field, or the body, is of the wrong type
    ParameterType,
    /// `INVALID_PARAMETER_LESS_MINIMUM` (common): a count below 1
    ParameterLessMinimum,
    /// `INVALID_PARAMETER_EXCEED_MAXIMUM` (common): more addresses than one command may assign
    ParameterExceedMaximum,
    /// `INVALID_PARAMETER_PATTERN_ERROR` (common): the text of an id cannot be one
    ParameterPatternError,
    /// `INTERNAL_SERVER_ERROR` (common): the refusal of a command that no call makes, or of a deadline or token that
    /// the controller added
    InternalServerError,
    /// `SERVICE_TEMPORARY_UNAVAILABLE` (common): the caller could not store the decision or lost a race, or the
    /// engine's limit of tasks or tokens is reached
    ///
    /// The caller reports the first two, with [`Refusal::new`](crate::provider::Refusal::new).
    ServiceTemporaryUnavailable,
}

crate::provider::codes!(Code);

impl Code {
    /// Every code, those of `BatchAssignNetworkInterfaceIpv4` first, in its page's order
    pub const ALL: [Self; 23] = [
        Self::NicStatus,
        Self::SubnetTypeNotSupportIpv4,
        Self::PrivateIpv4InUsed,
        Self::IpOutOfRange,
        Self::IpNetworkAddress,
        Self::IpBroadcastAddress,
        Self::IpFirstAddress,
        Self::SubnetIpInsufficient,
        Self::PrivateIpIllegal,
        Self::NicLanIpExceedLimit,
        Self::NicPrimaryIpCantDetach,
        Self::NicIpv6Exists,
        Self::SubnetIpstackNotSupport,
        Self::NicHasPublicIpCantDetach,
        Self::NicLbAssociated,
        Self::ResourceNotFound,
        Self::MissingParameter,
        Self::ParameterType,
        Self::ParameterLessMinimum,
        Self::ParameterExceedMaximum,
        Self::ParameterPatternError,
        Self::InternalServerError,
        Self::ServiceTemporaryUnavailable,
    ];

    /// The table: the code as documented, its HTTP status, where it is documented
    const fn row(self) -> (&'static str, u16, Source) {
        use Source::{Call, Common};
        match self {
            Self::NicStatus => ("INVALID_NIC_STATUS", 400, Call),
            Self::SubnetTypeNotSupportIpv4 => {
                ("OPERATION_DENIED_SUBNET_TYPE_NOT_SUPPORT_IPV4", 400, Call)
            }
            Self::PrivateIpv4InUsed => ("INVALID_SUBNET_PRIVATE_IPV4_IN_USED", 409, Call),
            Self::IpOutOfRange => ("INVALID_IP_OUT_OF_RANGE", 400, Call),
            Self::IpNetworkAddress => ("INVALID_IP_NETWORK_ADDRESS", 400, Call),
            Self::IpBroadcastAddress => ("INVALID_IP_BROADCAST_ADDRESS", 400, Call),
            Self::IpFirstAddress => ("INVALID_IP_FIRST_ADDRESS", 400, Call),
            Self::SubnetIpInsufficient => ("OPERATION_DENIED_SUBNET_IP_INSUFFICIENT", 400, Call),
            Self::PrivateIpIllegal => ("INVALID_PARAMETER_PRIVATE_IP_ILLEGAL", 400, Call),
            Self::NicLanIpExceedLimit => {
                ("OPERATION_DENIED_NIC_ATTACH_LAN_IP_EXCEED_LIMIT", 400, Call)
            }
            Self::NicPrimaryIpCantDetach => ("INVALID_NIC_PRIMARY_IP_CANT_DETACH", 409, Call),
            Self::NicIpv6Exists => ("INVALID_NIC_IPV6_EXISTS", 400, Call),
            Self::SubnetIpstackNotSupport => ("INVALID_SUBNET_IPSTACK_NOT_SUPPORT", 400, Call),
            Self::NicHasPublicIpCantDetach => ("INVALID_NIC_HAS_PUBLIC_IP_CANT_DETACH", 409, Call),
            Self::NicLbAssociated => ("INVALID_NIC_LB_ASSOCIATED", 409, Call),
            Self::ResourceNotFound => ("OPERATION_FAILED_RESOURCE_NOT_FOUND", 404, Common),
            Self::MissingParameter => ("MISSING_PARAMETER", 400, Common),
            Self::ParameterType => ("INVALID_PARAMETER_TYPE", 400, Common),
            Self::ParameterLessMinimum => ("INVALID_PARAMETER_LESS_MINIMUM", 400, Common),
            Self::ParameterPatternError => ("INVALID_PARAMETER_PATTERN_ERROR", 400, Common),
            Self::ParameterExceedMaximum => ("INVALID_PARAMETER_EXCEED_MAXIMUM", 400, Common),
            Self::InternalServerError => ("INTERNAL_SERVER_ERROR", 500, Common),
            Self::ServiceTemporaryUnavailable => ("SERVICE_TEMPORARY_UNAVAILABLE", 503, Common),
        }
    }

    /// The documented code
    pub const fn as_str(self) -> &'static str {
        self.row().0
    }

    /// HTTP status of a reply with this code
    pub const fn http_status(self) -> u16 {
        self.row().1
    }

    /// Where the code is documented
    pub const fn source(self) -> Source {
        self.row().2
    }

    const fn of(kind: Kind) -> Self {
        match kind {
            Kind::Type => Self::ParameterType,
            Kind::Missing => Self::MissingParameter,
            Kind::Id => Self::ParameterPatternError,
            Kind::Minimum => Self::ParameterLessMinimum,
            Kind::TooMany => Self::ParameterExceedMaximum,
            Kind::VpcNotFound
            | Kind::SubnetNotFound
            | Kind::InterfaceNotFound
            | Kind::TaskNotFound
            | Kind::NotAssigned => Self::ResourceNotFound,
            Kind::State | Kind::TaskRunning => Self::NicStatus,
            Kind::FamilyUnsupported => Self::SubnetTypeNotSupportIpv4,
            Kind::Ipv6Unsupported => Self::SubnetIpstackNotSupport,
            Kind::Malformed | Kind::Duplicate | Kind::Reserved => Self::PrivateIpIllegal,
            Kind::OutOfRange => Self::IpOutOfRange,
            Kind::NetworkAddress => Self::IpNetworkAddress,
            Kind::BroadcastAddress => Self::IpBroadcastAddress,
            Kind::Gateway => Self::IpFirstAddress,
            Kind::InUse => Self::PrivateIpv4InUsed,
            Kind::IsPrimary => Self::NicPrimaryIpCantDetach,
            Kind::Quota => Self::NicLanIpExceedLimit,
            Kind::Exhausted => Self::SubnetIpInsufficient,
            Kind::Full => Self::ServiceTemporaryUnavailable,
            // What no call asks for: a new primary by assigning, a count beside a list, a move, a token.
            Kind::TwoPrimaries
            | Kind::PrimaryExists
            | Kind::ListAndCount
            | Kind::SameInterface
            | Kind::OtherSubnet
            | Kind::TokenMismatch
            | Kind::Foreign => Self::InternalServerError,
        }
    }
}
