//! The calls as API 3.0 documents them: JSON in, JSON out
//!
//! | call | command | reply |
//! |---|---|---|
//! | [`AssignPrivateIpAddresses`] | [`Assign`](crate::Assign) | [`Reply::new`]: the addresses |
//! | [`UnassignPrivateIpAddresses`] | [`Unassign`](crate::Unassign) | [`Reply::done`] |
//! | [`MigratePrivateIpAddress`] | [`Move`](crate::Move) | [`Reply::done`] |
//! | [`ModifyPrivateIpAddressesAttribute`] | [`ReplacePrimary`](crate::ReplacePrimary), or none | [`Reply::done`] |
//! | [`DescribeVpcTaskResult`] | none: it asks the engine | [`Reply::task`]: where a request stands |
//!
//! ```
//! use ipam_core::provider::tencent::v3::{AssignPrivateIpAddresses, Refusal, Reply};
//! use ipam_core::*;
//!
//! # let mut engine = Engine::new();
//! # let (vpc, subnet) = ("vpc-1".parse()?, "subnet-1".parse()?);
//! # for command in [
//! #     CreateVpc::new(vpc).into(),
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
//! # Tasks and tokens
//!
//! The provider's calls but `ModifyPrivateIpAddressesAttribute` go on after they have answered, and the
//! `RequestId` of the reply is the task to ask for. A controller that has something to wait for holds what
//! it assigns, for that request, and confirms or cancels it later; `ClientToken` makes a repeated request
//! have the first answer:
//!
//! ```
//! use ipam_core::provider::tencent::v3::{AssignPrivateIpAddresses, Refusal};
//! use ipam_core::{Command, Hold, RequestId, Timestamp};
//!
//! fn command(
//!     request: &AssignPrivateIpAddresses,
//!     id: RequestId,
//!     now: Timestamp,
//! ) -> Result<Command, Refusal> {
//!     let hold = Hold::until(now.after(30_000)).kept_until(now.after(3_600_000)).of_request(id);
//!     request.once(now.after(600_000), request.command()?.hold(hold))
//! }
//! # let request = AssignPrivateIpAddresses::any("eni-1", 1).with_token("t-1");
//! # assert!(matches!(command(&request, "id-1".parse()?, Timestamp::ZERO)?, Command::Once(_)));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The task of a repeated request is that of the first, made for the first one's id: so a repeated request is
//! answered with the [`request`](crate::TaskInfo::request) of its [`task`](crate::Decision::task).
//!
//! A request that held nothing has no task, nor has one whose tasks are forgotten: the engine cannot tell
//! them from one that never was, and to call it done would be a guess. Both are `ResourceNotFound`. A
//! controller that remembers which ids it answered at once answers
//! [`TaskResult::DONE`](super::TaskResult::DONE) for these, as for Unassign and Migrate.
//!
//! # Sources
//!
//! - The calls' pages, document/product/215/15813 (Assign), 15814 (Unassign), 15820 (Migrate), 15823
//!   (Modify) and 41567 (Describe; in Chinese document/api/215/59037): fields, both of list and count
//!   honoured, at most [`MOST_ADDRESSES`] listed.
//! - Their codes: tencentcloud-sdk-go, vpc/v20170312/client.go, and their meaning in errors.go.
//! - Common codes and the shape of replies: "Error Codes" and "Responses" of every product (of this one
//!   document/product/215/15760). `ServiceUnavailable` ("当前服务暂时不可用") is in the Chinese
//!   list of common codes, of which we have seen copies only.
//!
//! # Readings
//!
//! - An item's `Primary` may be absent (it is optional in API 3.0): not primary. `Description`,
//!   `QosLevel` and the other fields of an item or of a request are not read.
//! - An item without an address is a missing parameter, and one whose address is no text is of the wrong
//!   type: the message names `PrivateIpAddresses.0.PrivateIpAddress`, counted from 0. A list longer than
//!   [`MOST_ADDRESSES`] is refused unread; we take the limit to be that of
//!   `ModifyPrivateIpAddressesAttribute` too, which lists its code and no number.
//! - A request that the caller narrowed to a VPC or a subnet where the ENI is not answers `ResourceNotFound`.
//! - The calls carry no HTTP status of their own: a refusal too is [`HTTP_STATUS`].
//! - Two primaries answer the common `InvalidParameterValue`; a primary where there is one already is an
//!   unsupported operation ("it cannot be a primary IP because the primary IP already exists").
//! - One table of codes for all calls, though not each page lists each: a primary that is to be released or
//!   moved is `UnsupportedOperation.PrimaryIp`, which only Migrate lists (beside
//!   `UnauthorizedOperation.PrimaryIp`); an address that the ENI does not have is
//!   `UnsupportedOperation.AttachmentNotFound`, which only Unassign lists (Migrate:
//!   `UnauthorizedOperation.AttachmentNotFound`), but `ResourceNotFound` where its attributes are to
//!   change, as there is no other; ENIs of different subnets are an `UnsupportedOperation`.
//! - An address that is held or rests is in use.
//! - That `ModifyPrivateIpAddressesAttribute` makes a primary is a reading: `Primary` is a field of its
//!   items, and no page seen says what it does there, or what becomes of the old primary. It stays, as a
//!   secondary address. `false` says nothing.
//! - A task that is unknown is `RUNNING`: the provider has no word for it, and the client should ask again.
//!   One that expired is `FAILED`. Of several tasks of a request, one that failed makes it failed, else one
//!   that runs makes it running. `Output` says why; its format is not documented.

mod assign;
mod codes;
mod migrate;
mod modify;
mod reply;
mod specification;
mod task;
mod unassign;

pub use assign::AssignPrivateIpAddresses;
pub use codes::Code;
pub use migrate::MigratePrivateIpAddress;
pub use modify::ModifyPrivateIpAddressesAttribute;
pub use reply::{Assigned, PrivateIpAddressSet, Reply, Response, ResponseError};
pub use specification::PrivateIpAddressSpecification;
pub use task::DescribeVpcTaskResult;
pub use unassign::UnassignPrivateIpAddresses;

/// Most addresses that one request may list ("you can specify a maximum of 10 at a time", 215/15813)
pub const MOST_ADDRESSES: usize = 10;

/// HTTP status of every reply
///
/// Ours, as the pages seen give none: they tell failure from success by the `Error` field alone.
pub const HTTP_STATUS: u16 = 200;

/// Why a call is refused
pub type Refusal = crate::provider::Refusal<Code>;

const ENI: &str = "NetworkInterfaceId";
const LIST: &str = "PrivateIpAddresses";
