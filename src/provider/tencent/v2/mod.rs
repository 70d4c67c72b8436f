//! The calls as API 2.0 documents them: name/value pairs in, a task id out
//!
//! | call | command | reply |
//! |---|---|---|
//! | [`AssignPrivateIpAddresses`] | [`Assign`](crate::Assign) | [`Reply::new`]: the task |
//! | [`UnassignPrivateIpAddresses`] | [`Unassign`](crate::Unassign) | [`Reply::new`]: the task |
//! | [`MigratePrivateIpAddress`] | [`Move`](crate::Move) | [`Reply::new`]: the task |
//! | [`DescribeVpcTaskResult`] | none: it asks the engine | [`Reply::task`]: where a task stands |
//!
//! `from_pairs` takes names and values that are percent-decoded, from a query string or a form: pass it the iterator of
//! `form_urlencoded::parse` as it is. Splitting at `&` and `=` decodes nothing.
//!
//! ```
//! use ipam_core::provider::tencent::v2::{AssignPrivateIpAddresses, Refusal, Reply};
//! use ipam_core::*;
//!
//! # let mut engine = Engine::new();
//! # let (vpc, subnet) = ("vpc-7t9nf3pu".parse()?, "subnet-1".parse()?);
//! # for command in [
//! #     CreateVpc::new(vpc).into(),
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
//! # Tasks
//!
//! The first three calls go on after they have answered. Their task is the revision that they made. A
//! controller that has something to wait for [holds](crate::Assign::hold) what it assigns, and confirms or
//! cancels it later. A revision that held nothing has no task, and a task whose record has expired is gone. The
//! engine cannot tell either from a revision that never existed, and to report it as done would be a guess: both are
//! `ResourceNotFound`. A controller that remembers which requests it answered at once answers
//! [`TaskResult::DONE`](super::TaskResult::DONE) for these, as for Unassign and Migrate. Revisions can be
//! guessed, so a controller with several tenants leaves out [the tasks](super::TaskResult::of) of other tenants' ENIs.
//!
//! # Sources
//!
//! - The calls' pages, cloud.tencent.com/doc/api/245/4817 (Assign), 4819 (Unassign), 5385 (Migrate) and
//!   5094 (Describe): parameters, their codes, their examples. We found no page of a call that
//!   modifies addresses.
//! - Numbers: the common error codes of the VPC's v2 API (cloud.tencent.com/doc/api/245/4781), which name
//!   4000 illegal parameters, 5000 a resource that does not exist, 5100 an operation that failed, 6000 an
//!   internal error, and, in the same list elsewhere (cloud.tencent.com/doc/api/309/7025), 6200 an API that
//!   is temporarily unavailable. 4400, "quota exceeded", is of requests per time there, so it is not used.
//!   The pair of 4000 and `InvalidParameter` is in the reply examples of v2 (StartCdnService).
//! - "VPC Error Codes" (cloud.tencent.com/document/api/215/4924) adds to these only `ServiceUnavailable`
//!   and `ActionLocked`, a resource that is being operated on. The common string codes are those that API
//!   3.0 lists for every product.
//!
//! # Readings
//!
//! - The pages put `taskId` at the top of the reply in their tables, and inside `data` in their examples: the
//!   examples are followed. The task id is the revision that the request made or, where nothing changed, that
//!   of the state which already holds what it asked for; of a repeated request, that of the first time.
//! - `privateIpAddressSet.n.primary` is "required" within an item, though only one item can be primary
//!   and the call is for secondaries: absent is not primary. A Bool is `true` or `false` in any case, or
//!   `1` or `0`.
//! - `n` is any decimal number; items are taken in the order of `n`, from wherever it starts, over gaps.
//!   An index in a message counts the items in that order, from 0, and is not `n`.
//! - A VPC that is not the ENI's own answers `InvalidNetworkInterface.NotFound`: there is no such ENI in
//!   that VPC. The message is the one for an ENI that exists nowhere.
//! - Parameters of other names (the common ones: `Action`, `Region`, `Signature`, …) are ignored.
//! - All four parameters of Migrate are required: the example has them, and the page has lost the column that says so.
//! - A primary that is to be moved is `InvalidPrivateip.IsPrimary`, which only the page of Unassign has. No
//!   page has a code for an address that the ENI does not have: `ResourceNotFound`; nor for ENIs of different
//!   subnets: `UnsupportedOperation`. A held or quarantined address is in use.
//! - The page does not mention unknown tasks: `ResourceNotFound`. A task whose outcome is unknown is in
//!   progress, 2, as there is no number for it, and an expired one has failed, 1. If a revision has several tasks, it has
//!   failed if one of them has, and else is in progress if one of them is. `message` says why.

mod assign;
mod codes;
mod form;
mod migrate;
mod reply;
mod task;
mod unassign;

pub use assign::{AssignPrivateIpAddresses, PrivateIpAddress};
pub use codes::Code;
pub use migrate::MigratePrivateIpAddress;
pub use reply::{Data, Reply};
pub use task::DescribeVpcTaskResult;
pub use unassign::UnassignPrivateIpAddresses;

/// Why a call is refused
pub type Refusal = crate::provider::Refusal<Code>;

const VPC: &str = "vpcId";
const ENI: &str = "networkInterfaceId";
const ADDRESS: &str = "privateIpAddress";
