//! The call as API 2.0 documents it: name/value pairs in, a task id out
//!
//! ```
//! use ipam_core::provider::tencent::v2::{AssignPrivateIpAddresses, Refusal, Reply};
//! use ipam_core::*;
//!
//! # let mut engine = Engine::new();
//! # let (vpc, subnet) = ("vpc-7t9nf3pu".parse()?, "subnet-1".parse()?);
//! # for command in [
//! #     Command::CreateVpc { vpc, cidrs: vec![] },
//! #     CreateSubnet::new(subnet, vpc, Profile::TENCENT).v4("10.0.0.0/24".parse()?).into(),
//! #     CreateInterface::new("eni-m6dyj72l".parse()?, subnet).into(),
//! # ] {
//! #     engine.execute(Timestamp::ZERO, &command)?;
//! # }
//! let form = [
//!     ("Action", "AssignPrivateIpAddresses"),
//!     ("vpcId", "vpc-7t9nf3pu"),
//!     ("networkInterfaceId", "eni-m6dyj72l"),
//!     ("secondaryPrivateIpAddressCount", "1"),
//! ];
//! let outcome = AssignPrivateIpAddresses::from_pairs(form)
//!     .and_then(|request| request.command())
//!     .and_then(|assign| engine.execute(Timestamp::ZERO, &assign.into()).map_err(Refusal::from));
//! let reply = Reply::new(outcome.as_ref());
//!
//! assert_eq!(
//!     serde_json::to_string(&reply)?,
//!     r#"{"code":0,"message":"","codeDesc":"Success","data":{"taskId":4}}"#,
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Sources
//!
//! - The call's page: parameters, its three codes, its example.
//! - Numbers: the common error codes of the VPC's v2 API (cloud.tencent.com/doc/api/245/4781), which name
//!   4000 illegal parameters, 5000 a resource that does not exist, 5100 an operation that failed, 6000 an
//!   internal error, and the same list elsewhere (cloud.tencent.com/doc/api/309/7025) 6200 an API that cannot
//!   be reached for now. 4400, "quota exceeded", is of requests per time there, so it is not used. The pair of
//!   4000 and `InvalidParameter` is in the reply examples of v2 (StartCdnService).
//! - "VPC Error Codes" (cloud.tencent.com/document/api/215/4924) adds to the three codes only
//!   `ServiceUnavailable`, which only the caller can raise, and `ActionLocked`, which nothing here earns. The
//!   common string codes are those that API 3.0 lists for every product.
//!
//! # Readings
//!
//! - The page puts `taskId` at the top of the reply in its table, and inside `data` in its example: the
//!   example is followed. The task id is the revision that the request made or, where nothing changed, that
//!   of the state which already holds what it asked for.
//! - `privateIpAddressSet.n.primary` is "required" within an item, though only one item can be primary
//!   and the call is for secondaries: absent is not primary. A Bool is `true` or `false` in any case, or
//!   `1` or `0`.
//! - `n` is any decimal number; items are taken in the order of `n`, from wherever it starts, over gaps.
//!   An index in a message counts the items in that order, from 0, and is not `n`.
//! - A VPC that is not the ENI's own answers `InvalidNetworkInterface.NotFound`: there is no such ENI in
//!   that VPC. It is told in the words of one that exists nowhere.
//! - Parameters of other names (the common ones: `Action`, `Region`, `Signature`, …) are ignored.

use alloc::borrow::ToOwned;
use alloc::collections::BTreeMap;
use alloc::collections::btree_map::Entry;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::command::{Assign, Pick, Wanted};
use crate::event::Decision;
use crate::id::VpcId;
use crate::provider::given::integer;
use crate::provider::kind::Kind;
use crate::provider::read::{self, Flaw};
use crate::provider::words::{Quoted, beginning};
use crate::provider::{Given, Source};
use crate::space::address::Family;

const VPC: &str = "vpcId";
const ENI: &str = "networkInterfaceId";
const SET: &str = "privateIpAddressSet";
const PRIMARY: &str = "primary";
const ADDRESS: &str = "privateIpAddress";
const COUNT: &str = "secondaryPrivateIpAddressCount";

/// Why a call is refused
pub type Refusal = crate::provider::Refusal<Code>;

/// Request: assign private IPv4 addresses to an ENI
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AssignPrivateIpAddresses {
    /// `vpcId`: the VPC that the ENI is in; empty counts as absent
    pub vpc_id: String,
    /// `networkInterfaceId`: the ENI; empty counts as absent
    pub network_interface_id: String,
    /// `privateIpAddressSet.n`: these addresses, in the order of `n`
    pub private_ip_address_set: Vec<PrivateIpAddress>,
    /// `secondaryPrivateIpAddressCount`: and so many that are chosen, at least 1
    ///
    /// Beyond an `i128` it saturates when read, and beyond a `u32` on its way into the command.
    pub secondary_private_ip_address_count: Option<i128>,
}

/// One address of a request
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PrivateIpAddress {
    /// `privateIpAddressSet.n.primary`: whether it is to be the ENI's primary
    pub primary: bool,
    /// `privateIpAddressSet.n.privateIpAddress`: the address
    pub private_ip_address: String,
}

impl From<Wanted> for PrivateIpAddress {
    fn from(wanted: Wanted) -> Self {
        Self { primary: wanted.primary, private_ip_address: wanted.address.to_string() }
    }
}

impl AssignPrivateIpAddresses {
    /// Asks for these addresses; one of them may be [`Wanted::primary`]
    pub fn these<W: Into<Wanted>>(
        vpc_id: &str,
        network_interface_id: &str,
        addresses: impl IntoIterator<Item = W>,
    ) -> Self {
        let addresses = addresses.into_iter().map(|address| address.into().into());
        Self {
            vpc_id: vpc_id.to_owned(),
            network_interface_id: network_interface_id.to_owned(),
            private_ip_address_set: addresses.collect(),
            secondary_private_ip_address_count: None,
        }
    }

    /// Asks for so many addresses
    pub fn any(vpc_id: &str, network_interface_id: &str, count: u32) -> Self {
        Self::these::<Wanted>(vpc_id, network_interface_id, []).and_any(count)
    }

    /// And for so many more
    #[must_use]
    pub fn and_any(mut self, count: u32) -> Self {
        self.secondary_private_ip_address_count = Some(count.into());
        self
    }

    /// Reads a request from its parameters, in any order
    ///
    /// Names and values come percent-decoded.
    ///
    /// # Errors
    ///
    /// [`Refusal`] for a parameter given twice, one that does not spell its type, an `n` that is not a
    /// decimal number, or an item without an address.
    pub fn from_pairs<N: AsRef<str>, V: AsRef<str>>(
        pairs: impl IntoIterator<Item = (N, V)>,
    ) -> Result<Self, Refusal> {
        let pairs: Vec<_> = pairs.into_iter().collect();
        let (mut vpc, mut eni, mut count) = (None, None, None);
        // Numbers without leading zeros order by length, then by digits: no `n` is too large.
        let mut items = BTreeMap::<(usize, &str), [Option<&str>; 2]>::new();
        for (name, value) in &pairs {
            let (name, value) = (name.as_ref(), value.as_ref());
            let slot = match name {
                VPC => &mut vpc,
                ENI => &mut eni,
                COUNT => &mut count,
                _ => {
                    let Some(rest) = name.strip_prefix(SET).and_then(|rest| rest.strip_prefix('.'))
                    else {
                        continue;
                    };
                    let (n, field) = rest.split_once('.').unwrap_or((rest, ""));
                    if n.is_empty() || !n.bytes().all(|byte| byte.is_ascii_digit()) {
                        let wanted = format!("a number, in {}", Quoted(name));
                        return Err(Flaw::spelling(SET, n, &wanted).into());
                    }
                    let n = n.trim_start_matches('0');
                    let item = match items.entry((n.len(), n)) {
                        Entry::Occupied(item) => item.into_mut(),
                        Entry::Vacant(item) => item.insert([None; 2]),
                    };
                    let [primary, address] = item;
                    match field {
                        PRIMARY => primary,
                        ADDRESS => address,
                        _ => continue,
                    }
                }
            };
            if slot.replace(value).is_some() {
                return Err(Flaw::repeated(name).into());
            }
        }
        let mut set = Vec::with_capacity(items.len());
        for ((_, n), [primary, address]) in items {
            let field = |of: &str| {
                let (n, more) = beginning(if n.is_empty() { "0" } else { n });
                format!("{SET}.{n}{more}.{of}")
            };
            let Some(address) = address else {
                return Err(Flaw::missing(field(ADDRESS)).into());
            };
            let primary = match primary {
                None => false,
                Some(text) => boolean(text)
                    .ok_or_else(|| Flaw::spelling(field(PRIMARY), text, "a boolean"))?,
            };
            set.push(PrivateIpAddress { primary, private_ip_address: address.to_owned() });
        }
        let count = count
            .map(|text| integer(text).ok_or_else(|| Flaw::spelling(COUNT, text, "an integer")))
            .transpose()?;
        Ok(Self {
            vpc_id: vpc.unwrap_or_default().to_owned(),
            network_interface_id: eni.unwrap_or_default().to_owned(),
            private_ip_address_set: set,
            secondary_private_ip_address_count: count,
        })
    }

    /// The parameters of the request, as [`from_pairs`](Self::from_pairs) reads them
    pub fn to_pairs(&self) -> Vec<(String, String)> {
        let mut pairs = Vec::new();
        for (name, id) in [(VPC, &self.vpc_id), (ENI, &self.network_interface_id)] {
            if !id.is_empty() {
                pairs.push((name.to_owned(), id.clone()));
            }
        }
        for (n, item) in self.private_ip_address_set.iter().enumerate() {
            pairs.push((format!("{SET}.{n}.{PRIMARY}"), item.primary.to_string()));
            pairs.push((format!("{SET}.{n}.{ADDRESS}"), item.private_ip_address.clone()));
        }
        if let Some(count) = self.secondary_private_ip_address_count {
            pairs.push((COUNT.to_owned(), count.to_string()));
        }
        pairs
    }

    /// The command that the request comes to
    ///
    /// # Errors
    ///
    /// [`Refusal`] when it comes to none; of several flaws that of the first field, in documented order.
    pub fn command(&self) -> Result<Assign, Refusal> {
        let vpc: VpcId = read::id(VPC, &self.vpc_id)?;
        let eni = read::id(ENI, &self.network_interface_id)?;
        let items = &self.private_ip_address_set;
        let texts = items.iter().map(|item| Ok(item.private_ip_address.as_str()));
        let list = read::addresses(texts)?.into_iter().zip(items);
        let list =
            list.map(|(address, item)| Wanted { address: address.into(), primary: item.primary });
        let mut pick = Pick::these(list).family(Family::V4);
        let count = self.secondary_private_ip_address_count.map_or(Given::Absent, Given::Value);
        pick.count = read::count(COUNT, &count)?;
        Ok(Assign::new(eni, pick).of_vpc(vpc))
    }
}

/// The Bool that a text spells
fn boolean(text: &str) -> Option<bool> {
    if text == "1" || text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text == "0" || text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

/// What the call answers
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct Reply {
    /// `code`: 0 if it was done, else [`Code::number`]
    pub code: u16,
    /// `message`: the refusal in words; empty if it was done
    pub message: String,
    /// `codeDesc`: `Success`, or [`Code::as_str`]
    pub code_desc: &'static str,
    /// `data`: the task, if it was done
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub data: Option<Task>,
}

/// The task that does what was asked for
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct Task {
    /// `taskId`: the revision that the request made or, where nothing changed, that of the state which
    /// already holds what it asked for
    pub task_id: u64,
}

impl Reply {
    /// The reply to a request
    pub fn new(outcome: Result<&Decision, &Refusal>) -> Self {
        match outcome {
            Ok(decision) => Self {
                code: 0,
                message: String::new(),
                code_desc: "Success",
                data: Some(Task { task_id: decision.revision().get() }),
            },
            Err(refusal) => Self {
                code: refusal.code().number(),
                message: refusal.message().to_owned(),
                code_desc: refusal.code().as_str(),
                data: None,
            },
        }
    }
}

/// A code of a refusal: the three of the call's page, then the provider's common ones
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Code {
    /// `InvalidVpc.NotFound`: no such VPC
    VpcNotFound,
    /// `InvalidNetworkInterface.NotFound`: no such ENI in that VPC
    NetworkInterfaceNotFound,
    /// `InvalidPrivateIpAddress.InUse`: an address is occupied
    PrivateIpAddressInUse,

    /// `InvalidParameter` (common): a parameter does not spell its type, or is given twice
    InvalidParameter,
    /// `InvalidParameterValue` (common): an id, address or count that cannot be, be had, or be twice
    InvalidParameterValue,
    /// `MissingParameter` (common): no VPC, no ENI, no address, or neither addresses nor a count
    MissingParameter,
    /// `LimitExceeded` (common): the ENI's quota has no room, or more than one command may assign
    LimitExceeded,
    /// `ResourceInsufficient` (common): too few addresses are free
    ResourceInsufficient,
    /// `ResourceNotFound` (common): no such subnet, where the caller narrowed the request to one
    ResourceNotFound,
    /// `UnsupportedOperation` (common): not in the ENI's state, not with its primary, or no IPv4
    UnsupportedOperation,
    /// `InternalError` (common): the error of another command than this call's
    InternalError,
    /// `ServiceUnavailable` (common): the caller could not store the decision, or lost a race
    ///
    /// Nothing here earns it: it is the caller's, through [`Refusal::new`](crate::provider::Refusal::new).
    ServiceUnavailable,
}

crate::provider::codes!(Code);

impl Code {
    /// Every code, those of the call's page first, in its order
    pub const ALL: [Self; 12] = [
        Self::VpcNotFound,
        Self::NetworkInterfaceNotFound,
        Self::PrivateIpAddressInUse,
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

    /// The table: the code as documented and where; its number, and where that number's meaning is
    const fn row(self) -> (&'static str, Source, u16, Source) {
        use Source::{Call, Common, Ours};
        match self {
            Self::VpcNotFound => ("InvalidVpc.NotFound", Call, 5000, Common),
            Self::NetworkInterfaceNotFound => {
                ("InvalidNetworkInterface.NotFound", Call, 5000, Common)
            }
            Self::PrivateIpAddressInUse => ("InvalidPrivateIpAddress.InUse", Call, 5100, Ours),
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

    /// The string code as documented, which a reply has as `codeDesc`
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

    /// Where that number is given the meaning of this code
    ///
    /// [`Source::Ours`] is 5100, "the operation failed", where no number says it better.
    pub const fn number_source(self) -> Source {
        self.row().3
    }

    const fn of(kind: Kind) -> Self {
        match kind {
            Kind::Type | Kind::ListAndCount => Self::InvalidParameter,
            Kind::Missing => Self::MissingParameter,
            Kind::VpcNotFound => Self::VpcNotFound,
            Kind::InterfaceNotFound => Self::NetworkInterfaceNotFound,
            Kind::SubnetNotFound => Self::ResourceNotFound,
            Kind::InUse => Self::PrivateIpAddressInUse,
            Kind::Id
            | Kind::Malformed
            | Kind::Minimum
            | Kind::TwoPrimaries
            | Kind::Duplicate
            | Kind::OutOfRange
            | Kind::NetworkAddress
            | Kind::BroadcastAddress
            | Kind::Gateway
            | Kind::Reserved => Self::InvalidParameterValue,
            Kind::State | Kind::PrimaryExists | Kind::FamilyUnsupported => {
                Self::UnsupportedOperation
            }
            Kind::Quota | Kind::TooMany => Self::LimitExceeded,
            Kind::Exhausted => Self::ResourceInsufficient,
            Kind::Foreign => Self::InternalError,
        }
    }
}
