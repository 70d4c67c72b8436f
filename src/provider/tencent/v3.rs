//! The call as API 3.0 documents it: JSON in, the addresses out
//!
//! ```
//! use ipam_core::provider::tencent::v3::{AssignPrivateIpAddresses, Refusal, Reply};
//! use ipam_core::*;
//!
//! # let mut engine = Engine::new();
//! # let (vpc, subnet) = ("vpc-1".parse()?, "subnet-1".parse()?);
//! # for command in [
//! #     Command::CreateVpc { vpc, cidrs: vec![] },
//! #     CreateSubnet::new(subnet, vpc, Profile::TENCENT).v4("10.0.0.0/24".parse()?).into(),
//! #     CreateInterface::new("eni-1".parse()?, subnet).into(),
//! # ] {
//! #     engine.execute(Timestamp::ZERO, &command)?;
//! # }
//! let body = r#"{
//!     "NetworkInterfaceId": "eni-1",
//!     "PrivateIpAddresses": [{"PrivateIpAddress": "10.0.0.9"}],
//!     "SecondaryPrivateIpAddressCount": 1
//! }"#;
//! let request: AssignPrivateIpAddresses = serde_json::from_str(body)?;
//! let outcome = request
//!     .command()
//!     .and_then(|command| engine.execute(Timestamp::ZERO, &command).map_err(Refusal::from));
//! let reply = Reply::new("id-1".parse()?, outcome.as_ref());
//!
//! let list = r#"[{"PrivateIpAddress":"10.0.0.9","Primary":false},{"PrivateIpAddress":"10.0.0.2","Primary":false}]"#;
//! assert_eq!(
//!     serde_json::to_string(&reply)?,
//!     format!(r#"{{"Response":{{"PrivateIpAddressSet":{list},"RequestId":"id-1"}}}}"#),
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Sources
//!
//! - The call's page, document/product/215/15813: fields, both of list and count honoured, at most
//!   [`MOST_ADDRESSES`] listed.
//! - Its codes: tencentcloud-sdk-go, vpc/v20170312/client.go, and their meaning in errors.go.
//! - Common codes and the shape of replies: "Error Codes" and "Responses" of every product (of this one
//!   document/product/215/15760).
//!
//! # Readings
//!
//! - An item's `Primary` may be absent (it is optional in API 3.0): not primary. `Description`,
//!   `QosLevel` and the other fields of an item or of the request are not read, `ClientToken` neither: a
//!   repeated request is a new one.
//! - The call answers at once what it decided, and carries no HTTP status of its own: a refusal too is
//!   [`HTTP_STATUS`].
//! - Two primaries answer the common `InvalidParameterValue`; a primary where there is one already is an
//!   unsupported operation ("it cannot be a primary IP because the primary IP already exists").

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::net::IpAddr;

use crate::command::{Assign, Command, Pick, Wanted};
use crate::error::{Cause, Error};
use crate::event::{Change, Decision};
use crate::id::RequestId;
use crate::provider::read::{self, Flaw, Kind};
use crate::provider::{Form, Given, Source};
use crate::space::address::Family;

/// Most addresses that one request may list ("you can specify a maximum of 10 at a time", 215/15813)
pub const MOST_ADDRESSES: usize = 10;

/// HTTP status of every reply
///
/// Ours, as the pages seen give none: they tell failure from success by the `Error` field alone.
pub const HTTP_STATUS: u16 = 200;

/// Why a call is refused
pub type Refusal = crate::provider::Refusal<Code>;

/// Request: assign private IPv4 addresses to an ENI
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "PascalCase"))]
pub struct AssignPrivateIpAddresses {
    /// `NetworkInterfaceId`: the ENI
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Given::is_absent"))]
    pub network_interface_id: Given<String>,
    /// `PrivateIpAddresses`: these addresses, at most [`MOST_ADDRESSES`]
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Given::is_absent"))]
    pub private_ip_addresses: Given<Vec<Given<PrivateIpAddressSpecification>>>,
    /// `SecondaryPrivateIpAddressCount`: and so many that are chosen, at least 1
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Given::is_absent"))]
    pub secondary_private_ip_address_count: Given<i128>,
}

/// One address of a request
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "PascalCase"))]
pub struct PrivateIpAddressSpecification {
    /// `PrivateIpAddress`: the address
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Given::is_absent"))]
    pub private_ip_address: Given<String>,
    /// `Primary`: whether it is to be the ENI's primary
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Given::is_absent"))]
    pub primary: Given<bool>,
}

crate::provider::given::object!(AssignPrivateIpAddresses {
    "NetworkInterfaceId" => network_interface_id,
    "PrivateIpAddresses" => private_ip_addresses,
    "SecondaryPrivateIpAddressCount" => secondary_private_ip_address_count,
});

crate::provider::given::object!(PrivateIpAddressSpecification {
    "PrivateIpAddress" => private_ip_address,
    "Primary" => primary,
});

impl AssignPrivateIpAddresses {
    /// The command that the request comes to
    ///
    /// # Errors
    ///
    /// [`Refusal`] when it comes to none; of several flaws that of the first field, in documented order.
    pub fn command(&self) -> Result<Command, Refusal> {
        const ENI: &str = "NetworkInterfaceId";
        const LIST: &str = "PrivateIpAddresses";
        const COUNT: &str = "SecondaryPrivateIpAddressCount";
        const ABSENT: &Given<String> = &Given::Absent;
        let eni = read::id(ENI, read::text(ENI, &self.network_interface_id)?)?;
        let items = read::list(LIST, &self.private_ip_addresses)?;
        let mut primary = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let field = |of: &str| alloc::format!("{LIST}.{index}{of}");
            primary.push(match item {
                Given::Value(item) => match item.primary {
                    Given::Absent => false,
                    Given::Value(primary) => primary,
                    Given::Other(found) => {
                        return Err(Flaw::form(field(".Primary"), found, Form::Boolean).into());
                    }
                },
                Given::Absent => return Err(Flaw::missing(field("")).into()),
                Given::Other(found) => {
                    return Err(Flaw::form(field(""), *found, Form::Object).into());
                }
            });
        }
        let addresses = read::addresses(items.iter().map(|item| match item {
            Given::Value(item) => &item.private_ip_address,
            Given::Absent | Given::Other(_) => ABSENT,
        }))?;
        if items.len() > MOST_ADDRESSES {
            return Err(Flaw::too_many(LIST, items.len(), MOST_ADDRESSES).into());
        }
        let list = addresses.into_iter().zip(primary);
        let list = list.map(|(address, primary)| Wanted { address: address.into(), primary });
        let mut pick = Pick::these(list).family(Family::V4);
        if let Some(number) = read::number(COUNT, &self.secondary_private_ip_address_count)? {
            pick = pick.and_any(read::count(COUNT, number)?);
        }
        Ok(Assign::new(eni, pick).into())
    }
}

/// What the call answers
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "PascalCase"))]
pub struct Reply {
    /// `Response`: all there is
    pub response: Response,
}

/// The inside of a reply
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(untagged, rename_all_fields = "PascalCase"))]
pub enum Response {
    /// It was done
    Success {
        /// `PrivateIpAddressSet`: what was assigned, in the order asked for, chosen ones last
        private_ip_address_set: Vec<Assigned>,
        /// `RequestId`: of the request answered
        request_id: RequestId,
    },
    /// It was refused
    Failure {
        /// `Error`: why
        error: ResponseError,
        /// `RequestId`: of the request answered
        request_id: RequestId,
    },
}

/// One address that was assigned
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "PascalCase"))]
pub struct Assigned {
    /// `PrivateIpAddress`: the address
    pub private_ip_address: IpAddr,
    /// `Primary`: whether this request made it the ENI's primary
    pub primary: bool,
}

/// Why a request was refused, in a reply
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "PascalCase"))]
pub struct ResponseError {
    /// `Code`: of the refusal
    pub code: Code,
    /// `Message`: the refusal in words
    pub message: String,
}

impl Reply {
    /// The reply to the request of this id
    pub fn new(request_id: RequestId, outcome: Result<&Decision, &Refusal>) -> Self {
        let response = match outcome {
            Ok(decision) => {
                let changes = decision.event().map_or(&[][..], |event| event.changes());
                // A request makes one primary at most, and the calls are for one family.
                let made = changes.iter().find_map(|change| match change {
                    Change::PrimarySet { address, .. } => Some(*address),
                    _ => None,
                });
                let set = decision.answer().iter().map(|address| Assigned {
                    private_ip_address: address,
                    primary: made == Some(address),
                });
                Response::Success { private_ip_address_set: set.collect(), request_id }
            }
            Err(refusal) => {
                let message = refusal.message().to_string();
                let error = ResponseError { code: refusal.code(), message };
                Response::Failure { error, request_id }
            }
        };
        Self { response }
    }

    /// HTTP status of the reply, [`HTTP_STATUS`] always
    pub const fn http_status(&self) -> u16 {
        HTTP_STATUS
    }
}

/// A code of a refusal: those of the call, then the provider's common ones
///
/// The call lists two more that nothing here earns: `FailedOperation.NetDetectTimeOut`, of the network,
/// and `UnsupportedOperation.MutexOperationTaskRunning`, of tasks in flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Code {
    /// `InvalidParameterValue.DuplicatePara`: the list has an address twice
    DuplicatePara,
    /// `InvalidParameterValue.LimitExceeded`: the list has too many addresses
    ValueLimitExceeded,
    /// `InvalidParameterValue.Malformed`: a text is no IPv4 address, or no id
    Malformed,
    /// `InvalidParameterValue.Range`: an address lies outside the subnet, or a count below 1
    Range,
    /// `InvalidParameterValue.Reserved`: an address is withheld
    Reserved,
    /// `LimitExceeded`: the ENI's quota has no room
    LimitExceeded,
    /// `ResourceInUse`: an address is occupied
    ResourceInUse,
    /// `ResourceInsufficient`: too few addresses are free
    ResourceInsufficient,
    /// `ResourceNotFound`: no such ENI
    ResourceNotFound,
    /// `UnsupportedOperation`: there is a primary already, or the subnet has no IPv4
    UnsupportedOperation,
    /// `UnsupportedOperation.InvalidState`: the ENI's state does not allow it
    InvalidState,
    /// `UnsupportedOperation.ResourceMismatch`: the ENI is not in the VPC that the caller added
    ResourceMismatch,

    /// `InvalidParameter` (common): a field, or the body, is of the wrong type
    InvalidParameter,
    /// `InvalidParameterValue` (common): two addresses are to be primary
    InvalidParameterValue,
    /// `MissingParameter` (common): no ENI, or neither addresses nor a count
    MissingParameter,
    /// `InternalError` (common): the error of another command than this call's
    InternalError,
}

crate::provider::codes!(Code);

impl Code {
    /// Every code, those of the call first
    pub const ALL: [Self; 16] = [
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
        Self::ResourceMismatch,
        Self::InvalidParameter,
        Self::InvalidParameterValue,
        Self::MissingParameter,
        Self::InternalError,
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
            Self::ResourceMismatch => ("UnsupportedOperation.ResourceMismatch", Call),
            Self::InvalidParameter => ("InvalidParameter", Common),
            Self::InvalidParameterValue => ("InvalidParameterValue", Common),
            Self::MissingParameter => ("MissingParameter", Common),
            Self::InternalError => ("InternalError", Common),
        }
    }

    /// The code as documented
    pub const fn as_str(self) -> &'static str {
        self.row().0
    }

    /// Where the code is documented
    pub const fn source(self) -> Source {
        self.row().1
    }

    const fn of_flaw(kind: Kind) -> Self {
        match kind {
            Kind::Body | Kind::Type | Kind::Repeated => Self::InvalidParameter,
            Kind::Missing => Self::MissingParameter,
            Kind::Id | Kind::Address => Self::Malformed,
            Kind::Minimum => Self::Range,
            Kind::TooMany => Self::ValueLimitExceeded,
        }
    }

    const fn of_error(error: &Error) -> Self {
        match error {
            Error::NothingAsked => Self::MissingParameter,
            Error::ZeroCount => Self::Range,
            Error::TwoPrimaries { .. } => Self::InvalidParameterValue,
            Error::ListAndCount => Self::InvalidParameter,
            Error::InterfaceNotFound(_) | Error::VpcNotFound(_) | Error::SubnetNotFound(_) => {
                Self::ResourceNotFound
            }
            Error::InterfaceNotInVpc { .. } | Error::SubnetNotInVpc { .. } => {
                Self::ResourceMismatch
            }
            Error::Status { .. } => Self::InvalidState,
            Error::PrimaryForbidden { .. }
            | Error::PrimaryExists { .. }
            | Error::FamilyUnsupported { .. } => Self::UnsupportedOperation,
            Error::RangeOutside { .. } => Self::Range,
            Error::Addresses(faults) => match faults.lowest().cause {
                Cause::Duplicate { .. } => Self::DuplicatePara,
                Cause::WrongFamily => Self::UnsupportedOperation,
                Cause::OutOfRange => Self::Range,
                Cause::NetworkAddress
                | Cause::BroadcastAddress
                | Cause::Gateway
                | Cause::Reserved => Self::Reserved,
                Cause::InUse { .. } => Self::ResourceInUse,
                // Of an unassignment.
                Cause::NotAssigned | Cause::WrongOwner { .. } | Cause::IsPrimary => {
                    Self::InternalError
                }
            },
            Error::Quota { .. } | Error::TooMany { .. } => Self::LimitExceeded,
            Error::Exhausted { .. } => Self::ResourceInsufficient,
            // Of commands that are not this call.
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
            | Error::RangeFamily { .. }
            | Error::ReservationOverlap { .. } => Self::InternalError,
        }
    }
}
