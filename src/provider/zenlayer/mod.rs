//! Zenlayer Elastic Compute: the calls that assign, release and replace addresses of a vNIC
//!
//! | call | command | reply |
//! |---|---|---|
//! | [`BatchAssignNetworkInterfaceIpv4`] | [`Assign`](crate::Assign) | [`Reply::new`]: the addresses |
//! | [`AssignNetworkInterfaceIpv4`] | [`Assign`](crate::Assign) | [`Reply::done`] |
//! | [`UnassignNetworkInterfaceIpv4`] | [`Unassign`](crate::Unassign) | [`Reply::done`] |
//! | [`AssignNetworkInterfaceIpv6`] | [`Assign`](crate::Assign) | [`Reply::done`] |
//! | [`UnassignNetworkInterfaceIpv6`] | [`Unassign`](crate::Unassign) | [`Reply::done`] |
//! | [`ReplaceNetworkInterfacePrimaryIpv4`] | [`ReplacePrimary`](crate::ReplacePrimary) | [`Reply::replaced`]: the vNIC and its primary |
//!
//! ```
//! use ipam_core::provider::zenlayer::{BatchAssignNetworkInterfaceIpv4, Refusal, Reply};
//! use ipam_core::*;
//!
//! # let mut engine = Engine::new();
//! # let (vpc, subnet): (VpcId, SubnetId) = ("vpc-1".parse()?, "subnet-1".parse()?);
//! # for command in [
//! #     CreateVpc::new(vpc).into(),
//! #     CreateSubnet::new(subnet, vpc, Profile::ZENLAYER).v4("10.0.0.0/24".parse()?).into(),
//! #     CreateInterface::new("nic-1".parse()?, subnet).into(),
//! # ] {
//! #     engine.execute(Timestamp::ZERO, &command)?;
//! # }
//! let body = r#"{"nicId": "nic-1", "ipAddresses": ["10.0.0.3", "10.0.0.4"]}"#;
//! let outcome = serde_json::from_str::<BatchAssignNetworkInterfaceIpv4>(body)
//!     .map_err(Refusal::unreadable)
//!     .and_then(|request| request.command())
//!     .map(|assign| assign.in_vpc(vpc))
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
//! A `nicId` is global: the call names no VPC, so anybody who knows an id may assign to it. A controller with several
//! tenants adds [`in_vpc`](crate::Assign::in_vpc), as above; another tenant's vNIC is then refused as one that does
//! not exist. The IPv6 calls, which look up what the vNIC has, take the VPC as an argument.
//!
//! # Sources
//!
//! - BatchAssignNetworkInterfaceIpv4: its page, for the fields, the ten codes and their HTTP status.
//! - AssignNetworkInterfaceIpv4 and UnassignNetworkInterfaceIpv4: their pages, of which there are several generations
//!   with different tables of codes; zenlayercloud-cli (apis/en-US/zec) for what is deprecated.
//! - AssignNetworkInterfaceIpv6: two generations of its page, the newer cut off within its codes.
//! - UnassignNetworkInterfaceIpv6: zenlayercloud-cli and zenlayercloud-sdk-go (zec20250901).
//!   ReplaceNetworkInterfacePrimaryIpv4: zenlayercloud-sdk-java (zec20250901). We found no page of either, so their
//!   codes are those of the other calls.
//! - Shapes of replies: docs.console.zenlayer.com, api-introduction/instruction/response, and the SDKs.
//! - Common codes: we did not find that page, but zenlayer/zenlayer-cloud-csi-driver lists them with their meaning.
//!   `OPERATION_FAILED_RESOURCE_NOT_FOUND` is 404 on the pages of AttachNetworkInterface and DetachNetworkInterface;
//!   the status of the others is ours (the page on replies: 4xx for illegal parameters, 5xx for the system).
//!
//! # Where the pages differ, our reading
//!
//! All calls share one table of codes, which is that of BatchAssignNetworkInterfaceIpv4 where that has a code:
//!
//! - An unknown vNIC is `OPERATION_FAILED_RESOURCE_NOT_FOUND` in every call, as on the older pages of the
//!   other calls. Their newer pages say `INVALID_NIC_NOT_FOUND`, with the same status, 404.
//! - A quota without room is `OPERATION_DENIED_NIC_ATTACH_LAN_IP_EXCEED_LIMIT`, 400, where the older page of
//!   AssignNetworkInterfaceIpv4 says `INVALID_NIC_PRIVATE_IP_EXCEED_LIMIT`, 403, and the newer nothing.
//! - A vNIC that has IPv6 already is `INVALID_NIC_IPV6_EXISTS`, of the newer page (the older:
//!   `OPERATION_DENIED_NIC_EXIST_IPV6`), a subnet without IPv6 `INVALID_SUBNET_IPSTACK_NOT_SUPPORT`, which
//!   only the older page has.
//!
//! # Where the pages are silent, our reading
//!
//! - An unknown `nicId` is a resource that does not exist; a `nicId` that is absent or empty, or
//!   neither list nor count, is a missing parameter. An empty list counts as absent.
//! - An item that is not a string has the wrong type, and `null` is a missing item; neither is an address.
//! - "Illegal" is an address that cannot be read (an IPv6 one too: the calls with addresses are for IPv4),
//!   one that is reserved beyond network, gateway and broadcast, and one that the list has twice. All of
//!   them answer `INVALID_PARAMETER_PRIVATE_IP_ILLEGAL`, as "if any of the private IPv4 addresses is
//!   illegal, the operation will fail".
//! - Beside a list the count is dropped unread, whatever it holds and whatever the subnet's profile makes
//!   of lists and counts ("If both are provided, ipAddresses takes precedence"). So is the one address of
//!   UnassignNetworkInterfaceIpv4.
//! - A release is all or nothing. An address that the vNIC does not have is a resource that does not exist, and so is
//!   the IPv6 address of a vNIC without one. A vNIC may release in any state: the page lists `INVALID_NIC_STATUS`,
//!   and no states.
//! - A held or quarantined address is occupied. A running task on the vNIC, which the preset ignores and another
//!   profile may not, is reported as a state that does not allow the call.
//! - A vNIC gets one IPv6 address of its home from these calls, and loses all of its IPv6 addresses.
//! - A new primary may be one of the vNIC's secondary addresses ("unused" is said of it; we read: by
//!   others). The old one is released: [`ReplacePrimary::old`](crate::ReplacePrimary::old) can keep it.
//!   Where the profile keeps primaries, `INVALID_NIC_PRIMARY_IP_CANT_DETACH`.
//! - All calls are done when they reply.

mod assign;
mod codes;
mod ipv6;
mod primary;
mod reply;
mod unassign;

pub use assign::{AssignNetworkInterfaceIpv4, BatchAssignNetworkInterfaceIpv4};
pub use codes::Code;
pub use ipv6::{AssignNetworkInterfaceIpv6, UnassignNetworkInterfaceIpv6};
pub use primary::ReplaceNetworkInterfacePrimaryIpv4;
pub use reply::{Assigned, Done, Replaced, Reply};
pub use unassign::UnassignNetworkInterfaceIpv4;

use crate::status::Status;

/// Why a call is refused
pub type Refusal = super::Refusal<Code>;

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
