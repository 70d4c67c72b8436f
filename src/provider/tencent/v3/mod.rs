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
//! # Sending the reply
//!
//! Send every reply, a refusal too, with HTTP status [`HTTP_STATUS`] and the header `Content-Type: application/json`, in
//! exactly that spelling. tencentcloud-sdk-python compares the whole header (`_check_error` in abstract_client.py): with
//! `application/json; charset=utf-8` it does not look for an `Error`, and takes a refusal for a success.
//!
//! # Tasks and tokens
//!
//! All calls except `ModifyPrivateIpAddressesAttribute` go on after they have answered, and the
//! `RequestId` of the reply is the task to ask for. A controller that has something to wait for holds what
//! it assigns, names that request in the hold, and confirms or cancels it later. With a `ClientToken`, a repeated request
//! gets the first answer:
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
//!     let hold = Hold::until(now.after(30_000)).kept_until(now.after(3_600_000)).request(id);
//!     request.once(now.after(600_000), request.command()?.hold(hold))
//! }
//! # let request = AssignPrivateIpAddresses::any("eni-1", 1).with_token("t-1");
//! # assert!(matches!(command(&request, "id-1".parse()?, Timestamp::ZERO)?, Command::Once(_)));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A repeated request has the task of the first one, which was made for the first one's id. So answer a repeated request
//! with the [`request`](crate::TaskInfo::request) of its [`task`](crate::Decision::task).
//!
//! A request that held nothing has no task, and a task whose record has expired is gone. The engine cannot tell
//! either from a request that never existed, and to report it as done would be a guess: both are `ResourceNotFound`. A
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
//!   list of common codes, of which we have only seen copies.
//!
//! # Readings
//!
//! - An item's `Primary` may be absent (it is optional in API 3.0): not primary. `Description`,
//!   `QosLevel` and the other fields of an item or of a request are not read.
//! - An item without an address is a missing parameter, and one whose address is not a string is of the wrong
//!   type. The message names `PrivateIpAddresses.0.PrivateIpAddress`, counted from 0. A list longer than
//!   [`MOST_ADDRESSES`] is refused unread. We apply the limit to
//!   `ModifyPrivateIpAddressesAttribute` too, whose page lists the code but no number.
//! - If the caller narrowed a request to a VPC or a subnet that the ENI is not in, the answer is `ResourceNotFound`.
//! - The calls have no HTTP status of their own, so a refusal has [`HTTP_STATUS`] too.
//! - Two primaries in one request are the common `InvalidParameterValue`; a primary for an ENI that has one is an
//!   unsupported operation ("it cannot be a primary IP because the primary IP already exists").
//! - All calls share one table of codes, though not every page lists every code: a primary that is to be released or
//!   moved is `UnsupportedOperation.PrimaryIp`, which only Migrate lists (beside
//!   `UnauthorizedOperation.PrimaryIp`); an address that the ENI does not have is
//!   `UnsupportedOperation.AttachmentNotFound`, which only Unassign lists (Migrate:
//!   `UnauthorizedOperation.AttachmentNotFound`), but `ResourceNotFound` where its attributes are to
//!   change, as there is no other; ENIs of different subnets are an `UnsupportedOperation`.
//! - A held or quarantined address is in use.
//! - That `ModifyPrivateIpAddressesAttribute` makes a primary is a reading: `Primary` is a field of its
//!   items, and no page that we found says what it does, or what becomes of the old primary. We keep the old primary as
//!   a secondary address. `false` has no effect.
//! - A task whose outcome is unknown is `RUNNING`: the provider has no word for it, and the client should ask again.
//!   An expired task is `FAILED`. If a request has several tasks, it has failed if one of them has, and else is running
//!   if one of them is. `Output` says why; its format is not documented.

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

/// The most addresses that one request may list ("you can specify a maximum of 10 at a time", 215/15813)
pub const MOST_ADDRESSES: usize = 10;

/// HTTP status of every reply
///
/// Our choice, as no page gives one: clients tell failure from success by the `Error` field alone. Send it with
/// `Content-Type: application/json` and nothing after it ([why](self#sending-the-reply)).
pub const HTTP_STATUS: u16 = 200;

/// Why a call is refused
pub type Refusal = crate::provider::Refusal<Code>;

const ENI: &str = "NetworkInterfaceId";
const LIST: &str = "PrivateIpAddresses";
