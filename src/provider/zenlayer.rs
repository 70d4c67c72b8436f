//! Zenlayer Elastic Compute: `BatchAssignNetworkInterfaceIpv4`
//!
//! ```
//! use ipam_core::provider::zenlayer::{BatchAssignNetworkInterfaceIpv4, Refusal, Reply};
//! use ipam_core::*;
//!
//! # let mut engine = Engine::new();
//! # let (vpc, subnet): (VpcId, SubnetId) = ("vpc-1".parse()?, "subnet-1".parse()?);
//! # for command in [
//! #     Command::CreateVpc { vpc, cidrs: vec![] },
//! #     CreateSubnet::new(subnet, vpc, Profile::ZENLAYER).v4("10.0.0.0/24".parse()?).into(),
//! #     CreateInterface::new("nic-1".parse()?, subnet).into(),
//! # ] {
//! #     engine.execute(Timestamp::ZERO, &command)?;
//! # }
//! let body = r#"{"nicId": "nic-1", "ipAddresses": ["10.0.0.3", "10.0.0.4"]}"#;
//! let outcome = serde_json::from_str::<BatchAssignNetworkInterfaceIpv4>(body)
//!     .map_err(Refusal::unreadable)
//!     .and_then(|request| request.command())
//!     .map(|assign| assign.of_vpc(vpc))
//!     .and_then(|assign| engine.execute(Timestamp::ZERO, &assign.into()).map_err(Refusal::from));
//! let reply = Reply::new("T1".parse()?, outcome.as_ref());
//!
//! assert_eq!(reply.http_status(), 200);
//! assert_eq!(
//!     serde_json::to_string(&reply)?,
//!     r#"{"requestId":"T1","response":{"requestId":"T1","ipAddresses":["10.0.0.3","10.0.0.4"]}}"#,
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A `nicId` is global: the call names no VPC, so whoever knows an id may assign to it. A controller of
//! several tenants adds [`of_vpc`](Assign::of_vpc), as above; another tenant's vNIC is then refused as one
//! that does not exist.
//!
//! # Sources
//!
//! - The call's page (BatchAssignNetworkInterfaceIpv4): fields, the ten codes and their HTTP status.
//! - Shapes of replies: docs.console.zenlayer.com, api-introduction/instruction/response.
//! - Common codes: that page is not to be had, but zenlayer/zenlayer-cloud-csi-driver lists them with
//!   their meaning. `OPERATION_FAILED_RESOURCE_NOT_FOUND` is 404 on the pages of AttachNetworkInterface
//!   and DetachNetworkInterface; the status of the others is ours (the page on replies: 4xx for illegal
//!   parameters, 5xx for the system).
//!
//! # Where the page is silent, our reading
//!
//! - An unknown `nicId` is a resource that does not exist; a `nicId` that is absent or empty, or
//!   neither list nor count, is a missing parameter. An empty list counts as absent.
//! - An item that is no text is of the wrong type, and `null` is a missing one: neither is an address.
//! - "Illegal" is an address that cannot be read (an IPv6 one too: the call is for IPv4), one that is
//!   reserved beyond network, gateway and broadcast, and one that the list has twice. All of them answer
//!   `INVALID_PARAMETER_PRIVATE_IP_ILLEGAL`, as "if any of the private IPv4 addresses is illegal, the
//!   operation will fail".
//! - Beside a list the count is dropped unread, whatever it holds and whatever the subnet's profile makes
//!   of lists and counts ("If both are provided, ipAddresses takes precedence").

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::kind::Kind;
use super::{Given, Source, read};
use crate::command::{Assign, Pick};
use crate::event::Decision;
use crate::id::RequestId;
use crate::space::address::Family;
use crate::space::list::AddrList;
use crate::status::Status;

/// Why a call is refused
pub type Refusal = super::Refusal<Code>;

/// Request: assign private IPv4 addresses to a vNIC
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct BatchAssignNetworkInterfaceIpv4 {
    /// `nicId`: the vNIC
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Given::is_absent"))]
    pub nic_id: Given<String>,
    /// `ipAddresses`: these addresses; an empty list counts as absent
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Given::is_absent"))]
    pub ip_addresses: Given<Vec<Given<String>>>,
    /// `ipAddressCount`: so many that are chosen, at least 1; ignored beside a list
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Given::is_absent"))]
    pub ip_address_count: Given<i128>,
}

super::given::object!(BatchAssignNetworkInterfaceIpv4 {
    "nicId" => nic_id,
    "ipAddresses" => ip_addresses,
    "ipAddressCount" => ip_address_count,
});

impl BatchAssignNetworkInterfaceIpv4 {
    /// Asks for these addresses
    pub fn these<A: ToString>(nic_id: &str, addresses: impl IntoIterator<Item = A>) -> Self {
        let addresses = addresses.into_iter().map(|address| Given::Value(address.to_string()));
        Self {
            nic_id: Given::Value(nic_id.to_string()),
            ip_addresses: Given::Value(addresses.collect()),
            ip_address_count: Given::Absent,
        }
    }

    /// Asks for so many addresses
    pub fn any(nic_id: &str, count: u32) -> Self {
        Self {
            nic_id: Given::Value(nic_id.to_string()),
            ip_addresses: Given::Absent,
            ip_address_count: Given::Value(count.into()),
        }
    }

    /// The command that the request comes to
    ///
    /// # Errors
    ///
    /// [`Refusal`] when it comes to none; of several flaws that of the first field, in documented order.
    pub fn command(&self) -> Result<Assign, Refusal> {
        const LIST: &str = "ipAddresses";
        let nic = read::id("nicId", read::text("nicId", &self.nic_id)?)?;
        let items = read::list(LIST, &self.ip_addresses)?;
        let pick = if items.is_empty() {
            match read::count("ipAddressCount", &self.ip_address_count)? {
                Some(count) => Pick::any(count),
                None => Pick::default(),
            }
        } else {
            let texts = items.iter().enumerate();
            let texts = texts.map(|(index, item)| read::text(format_args!("{LIST}.{index}"), item));
            Pick::these(read::addresses(texts)?)
        };
        Ok(Assign::new(nic, pick.family(Family::V4)))
    }
}

/// What the call answers
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(untagged, rename_all_fields = "camelCase"))]
pub enum Reply {
    /// It was done
    #[non_exhaustive]
    Success {
        /// `requestId`: of the request answered
        request_id: RequestId,
        /// `response`: the answer itself
        response: Assigned,
    },
    /// It was refused
    #[non_exhaustive]
    Failure {
        /// `requestId`: of the request answered
        request_id: RequestId,
        /// `code`: of the refusal
        code: Code,
        /// `message`: the refusal in words
        message: String,
    },
}

/// The answer to a request that was done
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct Assigned {
    /// `requestId`: of the request answered, once more
    pub request_id: RequestId,
    /// `ipAddresses`: what was assigned, in the order asked for
    ///
    /// Written as the documented array, an address a text.
    #[cfg_attr(feature = "serde", serde(serialize_with = "one_by_one"))]
    pub ip_addresses: AddrList,
}

/// Writes the addresses of a list, not its ranges, without ever holding them all
#[cfg(feature = "serde")]
fn one_by_one<S: serde::Serializer>(addresses: &AddrList, to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(addresses.iter())
}

impl Reply {
    /// The reply to the request of this id
    pub fn new(request_id: RequestId, outcome: Result<&Decision, &Refusal>) -> Self {
        match outcome {
            Ok(decision) => {
                let ip_addresses = decision.answer().clone();
                Self::Success { request_id, response: Assigned { request_id, ip_addresses } }
            }
            Err(refusal) => {
                let message = refusal.message().to_string();
                Self::Failure { request_id, code: refusal.code(), message }
            }
        }
    }

    /// HTTP status of the reply
    pub const fn http_status(&self) -> u16 {
        match self {
            Self::Success { .. } => 200,
            Self::Failure { code, .. } => code.http_status(),
        }
    }
}

/// A code of a refusal: the ten of the call's page, then the provider's common ones
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Code {
    /// `INVALID_NIC_STATUS`: the vNIC's state does not allow it
    NicStatus,
    /// `OPERATION_DENIED_SUBNET_TYPE_NOT_SUPPORT_IPV4`: the subnet has no IPv4
    SubnetTypeNotSupportIpv4,
    /// `INVALID_SUBNET_PRIVATE_IPV4_IN_USED`: an address is occupied
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
    /// `INVALID_PARAMETER_PRIVATE_IP_ILLEGAL`: an address is none, is reserved, or is repeated
    PrivateIpIllegal,
    /// `OPERATION_DENIED_NIC_ATTACH_LAN_IP_EXCEED_LIMIT`: the vNIC's quota has no room
    NicLanIpExceedLimit,

    /// `OPERATION_FAILED_RESOURCE_NOT_FOUND` (common): no such vNIC, or not where the caller narrowed it to
    ResourceNotFound,
    /// `MISSING_PARAMETER` (common): no vNIC, or neither addresses nor a count
    MissingParameter,
    /// `INVALID_PARAMETER_TYPE` (common): a field, or the body, is of the wrong type
    ParameterType,
    /// `INVALID_PARAMETER_LESS_MINIMUM` (common): a count below 1
    ParameterLessMinimum,
    /// `INVALID_PARAMETER_EXCEED_MAXIMUM` (common): more addresses than one command may assign
    ParameterExceedMaximum,
    /// `INVALID_PARAMETER_PATTERN_ERROR` (common): the text of an id cannot be one
    ParameterPatternError,
    /// `INTERNAL_SERVER_ERROR` (common): the error of another command than this call's
    InternalServerError,
    /// `SERVICE_TEMPORARY_UNAVAILABLE` (common): the caller could not store the decision, or lost a race
    ///
    /// Nothing here earns it: it is the caller's, through [`Refusal::new`](super::Refusal::new).
    ServiceTemporaryUnavailable,
}

super::codes!(Code);

impl Code {
    /// Every code, those of the call's page first, in its order
    pub const ALL: [Self; 18] = [
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

    /// The code as documented
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
            Kind::VpcNotFound | Kind::SubnetNotFound | Kind::InterfaceNotFound => {
                Self::ResourceNotFound
            }
            Kind::State => Self::NicStatus,
            Kind::FamilyUnsupported => Self::SubnetTypeNotSupportIpv4,
            Kind::Malformed | Kind::Duplicate | Kind::Reserved => Self::PrivateIpIllegal,
            Kind::OutOfRange => Self::IpOutOfRange,
            Kind::NetworkAddress => Self::IpNetworkAddress,
            Kind::BroadcastAddress => Self::IpBroadcastAddress,
            Kind::Gateway => Self::IpFirstAddress,
            Kind::InUse => Self::PrivateIpv4InUsed,
            Kind::Quota => Self::NicLanIpExceedLimit,
            Kind::Exhausted => Self::SubnetIpInsufficient,
            // What `command` never asks for: a primary, or a count beside a list.
            Kind::TwoPrimaries | Kind::PrimaryExists | Kind::ListAndCount | Kind::Foreign => {
                Self::InternalServerError
            }
        }
    }
}

/// The provider's word for a state of a vNIC
///
/// `AVAILABLE` and `USED` are on the call's page; all six are constants of
/// zenlayer/terraform-provider-zenlayercloud (`ZecVnicStatus…`). The seventh there, `CREATE_FAILED`, is no
/// state of an interface that exists.
pub const fn status_word(status: Status) -> &'static str {
    match status {
        Status::Creating => "PENDING",
        Status::Available => "AVAILABLE",
        Status::Attaching => "ATTACHING",
        Status::InUse => "USED",
        Status::Detaching => "DETACHING",
        Status::Deleting => "DELETING",
    }
}

/// The state of a vNIC that the provider's word names
///
/// ```
/// use ipam_core::{Status, provider::zenlayer};
///
/// assert_eq!(zenlayer::status("USED"), Some(Status::InUse));
/// assert_eq!(zenlayer::status("CREATE_FAILED"), None);
/// ```
pub fn status(word: &str) -> Option<Status> {
    Status::ALL.into_iter().find(|&status| status_word(status) == word)
}
