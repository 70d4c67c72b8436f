//! Tencent Cloud: the calls on the private addresses of an ENI, as API 2.0 and API 3.0 document them
//!
//! The two differ in everything but their purpose: [`v2`] reads name/value pairs, names the VPC and
//! answers a task id; [`v3`] reads JSON and answers in JSON, the addresses too.
//!
//! All are for IPv4 (IPv6 has `AssignIpv6Addresses`). An IPv6 address in them is malformed, and what they ask to be
//! chosen is IPv4 in a dual-stack subnet too.

use crate::status::Status;

mod task;
pub mod v2;
pub mod v3;

pub use task::{TaskResult, TaskStatus};

/// The provider's word for the state of an ENI
///
/// The words are those of `NetworkInterface.NetworkInterfaceState` in the VPC data types of
/// tencentcloud-sdk-nodejs (vpc/v20170312); the older `State` has the same without `INUSE`.
pub const fn status_word(status: Status) -> &'static str {
    match status {
        Status::Creating => "PENDING",
        Status::Available => "AVAILABLE",
        Status::Attaching => "ATTACHING",
        Status::InUse => "INUSE",
        Status::Detaching => "DETACHING",
        Status::Deleting => "DELETING",
    }
}

/// The state of an ENI that the provider's word names
///
/// ```
/// use ipam_core::{Status, provider::tencent};
///
/// assert_eq!(tencent::status("PENDING"), Some(Status::Creating));
/// assert_eq!(tencent::status("pending"), None);
/// ```
pub fn status(word: &str) -> Option<Status> {
    Status::ALL.into_iter().find(|&status| status_word(status) == word)
}
