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
//! let outcome = serde_json::from_str::<AssignPrivateIpAddresses>(body)
//!     .map_err(Refusal::unreadable)
//!     .and_then(|request| request.command())
//!     .and_then(|assign| engine.execute(Timestamp::ZERO, &assign.into()).map_err(Refusal::from));
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
//!   document/product/215/15760). `ServiceUnavailable` ("当前服务暂时不可用") is in the Chinese
//!   list of common codes, of which we have seen copies only.
//!
//! # Readings
//!
//! - An item's `Primary` may be absent (it is optional in API 3.0): not primary. `Description`,
//!   `QosLevel` and the other fields of an item or of the request are not read, `ClientToken` neither: a
//!   repeated request is a new one.
//! - An item without an address is a missing parameter, and one whose address is no text is of the wrong
//!   type: the message names `PrivateIpAddresses.0.PrivateIpAddress`, counted from 0. A list longer than
//!   [`MOST_ADDRESSES`] is refused unread.
//! - A request that the caller narrowed to a VPC or a subnet where the ENI is not answers `ResourceNotFound`.
//! - The call answers at once what it decided, and carries no HTTP status of its own: a refusal too is
//!   [`HTTP_STATUS`].
//! - Two primaries answer the common `InvalidParameterValue`; a primary where there is one already is an
//!   unsupported operation ("it cannot be a primary IP because the primary IP already exists").

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::net::IpAddr;

use crate::command::{Assign, Pick, Wanted};
use crate::event::{Change, Decision};
use crate::id::RequestId;
use crate::provider::kind::Kind;
use crate::provider::read::{self, Flaw};
use crate::provider::{Form, Given, Source};
use crate::space::address::Family;
use crate::space::list::AddrList;

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
#[non_exhaustive]
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
#[non_exhaustive]
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

impl From<Wanted> for PrivateIpAddressSpecification {
    fn from(wanted: Wanted) -> Self {
        Self {
            private_ip_address: Given::Value(wanted.address.to_string()),
            primary: Given::Value(wanted.primary),
        }
    }
}

impl AssignPrivateIpAddresses {
    /// Asks for these addresses; one of them may be [`Wanted::primary`]
    pub fn these<W: Into<Wanted>>(
        network_interface_id: &str,
        addresses: impl IntoIterator<Item = W>,
    ) -> Self {
        let items = addresses.into_iter().map(|address| Given::Value(address.into().into()));
        Self {
            network_interface_id: Given::Value(network_interface_id.to_string()),
            private_ip_addresses: Given::Value(items.collect()),
            secondary_private_ip_address_count: Given::Absent,
        }
    }

    /// Asks for so many addresses
    pub fn any(network_interface_id: &str, count: u32) -> Self {
        Self {
            network_interface_id: Given::Value(network_interface_id.to_string()),
            private_ip_addresses: Given::Absent,
            secondary_private_ip_address_count: Given::Value(count.into()),
        }
    }

    /// And for so many more
    #[must_use]
    pub fn and_any(mut self, count: u32) -> Self {
        self.secondary_private_ip_address_count = Given::Value(count.into());
        self
    }

    /// The command that the request comes to
    ///
    /// # Errors
    ///
    /// [`Refusal`] when it comes to none; of several flaws that of the first field, in documented order.
    /// A list that is too long is not read at all.
    pub fn command(&self) -> Result<Assign, Refusal> {
        const ENI: &str = "NetworkInterfaceId";
        const LIST: &str = "PrivateIpAddresses";
        let eni = read::id(ENI, read::text(ENI, &self.network_interface_id)?)?;
        let items = read::list(LIST, &self.private_ip_addresses)?;
        if items.len() > MOST_ADDRESSES {
            return Err(Flaw::too_many(LIST, items.len(), MOST_ADDRESSES).into());
        }
        let mut texts = Vec::with_capacity(items.len());
        let mut primaries = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let (text, primary) = item.read(&format!("{LIST}.{index}"))?;
            texts.push(Ok(text));
            primaries.push(primary);
        }
        let list = read::addresses(texts.into_iter())?.into_iter().zip(primaries);
        let list = list.map(|(address, primary)| Wanted { address: address.into(), primary });
        let mut pick = Pick::these(list).family(Family::V4);
        let count = &self.secondary_private_ip_address_count;
        pick.count = read::count("SecondaryPrivateIpAddressCount", count)?;
        Ok(Assign::new(eni, pick))
    }
}

impl Given<PrivateIpAddressSpecification> {
    /// The text of the item's address, and whether it is to be primary
    fn read(&self, field: &str) -> Result<(&str, bool), Flaw> {
        let item = match self {
            Self::Value(item) => item,
            Self::Absent => return Err(Flaw::missing(field)),
            Self::Other(found) => {
                return Err(Flaw::form(field, *found, Form::Object.as_str()));
            }
        };
        let text = read::text(format_args!("{field}.PrivateIpAddress"), &item.private_ip_address)?;
        let primary = match item.primary {
            Given::Absent => false,
            Given::Value(primary) => primary,
            Given::Other(found) => {
                let boolean = Form::Boolean.as_str();
                return Err(Flaw::form(format_args!("{field}.Primary"), found, boolean));
            }
        };
        Ok((text, primary))
    }
}

/// What the call answers
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
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
    #[non_exhaustive]
    Success {
        /// `PrivateIpAddressSet`: what was assigned, in the order asked for, chosen ones last
        private_ip_address_set: PrivateIpAddressSet,
        /// `RequestId`: of the request answered
        request_id: RequestId,
    },
    /// It was refused
    #[non_exhaustive]
    Failure {
        /// `Error`: why
        error: ResponseError,
        /// `RequestId`: of the request answered
        request_id: RequestId,
    },
}

/// The addresses that were assigned; written as the documented array
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrivateIpAddressSet {
    addresses: AddrList,
    primary: Option<IpAddr>,
}

impl PrivateIpAddressSet {
    /// The addresses, in the order asked for, chosen ones last
    pub fn iter(&self) -> impl Iterator<Item = Assigned> + '_ {
        self.addresses.iter().map(|address| Assigned {
            private_ip_address: address,
            primary: self.primary == Some(address),
        })
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for PrivateIpAddressSet {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.iter())
    }
}

/// One address that was assigned
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
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
#[non_exhaustive]
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
                let primary = changes.iter().find_map(|change| match change {
                    Change::PrimarySet { address, .. } => Some(*address),
                    _ => None,
                });
                let addresses = decision.answer().clone();
                let private_ip_address_set = PrivateIpAddressSet { addresses, primary };
                Response::Success { private_ip_address_set, request_id }
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
/// The call lists three more that nothing here earns: `FailedOperation.NetDetectTimeOut`, of the network,
/// `UnsupportedOperation.MutexOperationTaskRunning`, of tasks in flight, and
/// `UnsupportedOperation.ResourceMismatch`, as a mismatch is told as what is not found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Code {
    /// `InvalidParameterValue.DuplicatePara`: the list has an address twice
    DuplicatePara,
    /// `InvalidParameterValue.LimitExceeded`: more addresses than a request may list or a command assign
    ValueLimitExceeded,
    /// `InvalidParameterValue.Malformed`: a text is no IPv4 address, or no id
    Malformed,
    /// `InvalidParameterValue.Range`: an address outside the subnet or the range narrowed to, or a count
    /// below 1
    Range,
    /// `InvalidParameterValue.Reserved`: an address is withheld
    Reserved,
    /// `LimitExceeded`: the ENI's quota has no room
    LimitExceeded,
    /// `ResourceInUse`: an address is occupied
    ResourceInUse,
    /// `ResourceInsufficient`: too few addresses are free
    ResourceInsufficient,
    /// `ResourceNotFound`: no such ENI, or not where the caller narrowed it to
    ResourceNotFound,
    /// `UnsupportedOperation`: there is a primary already, or the subnet has no IPv4
    UnsupportedOperation,
    /// `UnsupportedOperation.InvalidState`: the ENI's state does not allow it
    InvalidState,

    /// `InvalidParameter` (common): a field, or the body, is of the wrong type
    InvalidParameter,
    /// `InvalidParameterValue` (common): two addresses are to be primary
    InvalidParameterValue,
    /// `MissingParameter` (common): no ENI, or neither addresses nor a count
    MissingParameter,
    /// `InternalError` (common): the error of another command than this call's
    InternalError,
    /// `ServiceUnavailable` (common): the caller could not store the decision, or lost a race
    ///
    /// Nothing here earns it: it is the caller's, through [`Refusal::new`](crate::provider::Refusal::new).
    ServiceUnavailable,
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
        Self::InvalidParameter,
        Self::InvalidParameterValue,
        Self::MissingParameter,
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
            Self::InvalidParameter => ("InvalidParameter", Common),
            Self::InvalidParameterValue => ("InvalidParameterValue", Common),
            Self::MissingParameter => ("MissingParameter", Common),
            Self::InternalError => ("InternalError", Common),
            Self::ServiceUnavailable => ("ServiceUnavailable", Common),
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

    const fn of(kind: Kind) -> Self {
        match kind {
            Kind::Type | Kind::ListAndCount => Self::InvalidParameter,
            Kind::Missing => Self::MissingParameter,
            Kind::TwoPrimaries => Self::InvalidParameterValue,
            Kind::Id | Kind::Malformed => Self::Malformed,
            Kind::Minimum | Kind::OutOfRange => Self::Range,
            Kind::TooMany => Self::ValueLimitExceeded,
            Kind::VpcNotFound | Kind::SubnetNotFound | Kind::InterfaceNotFound => {
                Self::ResourceNotFound
            }
            Kind::State => Self::InvalidState,
            Kind::PrimaryExists | Kind::FamilyUnsupported => Self::UnsupportedOperation,
            Kind::Duplicate => Self::DuplicatePara,
            Kind::NetworkAddress | Kind::BroadcastAddress | Kind::Gateway | Kind::Reserved => {
                Self::Reserved
            }
            Kind::InUse => Self::ResourceInUse,
            Kind::Quota => Self::LimitExceeded,
            Kind::Exhausted => Self::ResourceInsufficient,
            Kind::Foreign => Self::InternalError,
        }
    }
}
