//! The replies of the calls

use alloc::string::{String, ToString};
use core::net::IpAddr;

use super::{Code, HTTP_STATUS, Refusal};
use crate::event::Decision;
use crate::id::RequestId;
use crate::provider::tencent::{TaskResult, TaskStatus};
use crate::space::list::AddrList;

/// The reply of a call
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "PascalCase"))]
pub struct Reply {
    /// `Response`: all there is
    pub response: Response,
}

/// The content of a reply
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(untagged, rename_all_fields = "PascalCase"))]
pub enum Response {
    /// `AssignPrivateIpAddresses` was done, or has begun
    #[non_exhaustive]
    Success {
        /// `PrivateIpAddressSet`: what was assigned, in the order asked for, chosen ones last
        private_ip_address_set: PrivateIpAddressSet,
        /// `RequestId`: of the request answered
        request_id: RequestId,
    },
    /// A call whose reply has no data was done, or has begun
    #[non_exhaustive]
    Done {
        /// `RequestId`: of the request answered
        request_id: RequestId,
    },
    /// The outcome of a request
    #[non_exhaustive]
    Task {
        /// `Status`: where it stands, written as [`TaskStatus::as_str`]
        #[cfg_attr(feature = "serde", serde(serialize_with = "word"))]
        status: TaskStatus,
        /// `Output`: `SUCCESS`, or what is to be said of it
        output: String,
        /// `Result`: nothing; it is for requests about several resources
        result: [(); 0],
        /// `RequestId`: of the request answered, not of the one asked for
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

#[cfg(feature = "serde")]
fn word<S: serde::Serializer>(status: &TaskStatus, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(status.as_str())
}

impl Reply {
    /// The reply of `AssignPrivateIpAddresses` to the request of this id
    pub fn new(request_id: RequestId, outcome: Result<&Decision, &Refusal>) -> Self {
        let response = match outcome {
            Ok(decision) => {
                // A request makes one primary at most, and the calls are for one family.
                let primary = decision.primary();
                let addresses = decision.answer().clone();
                let private_ip_address_set = PrivateIpAddressSet { addresses, primary };
                Response::Success { private_ip_address_set, request_id }
            }
            Err(refusal) => refused(request_id, refusal),
        };
        Self { response }
    }

    /// The reply to the request of this id, of a call that answers no more than that
    ///
    /// These are `UnassignPrivateIpAddresses`, `MigratePrivateIpAddress` and
    /// `ModifyPrivateIpAddressesAttribute`, which may come to no decision.
    pub fn done<D>(request_id: RequestId, outcome: Result<D, &Refusal>) -> Self {
        let response = match outcome {
            Ok(_) => Response::Done { request_id },
            Err(refusal) => refused(request_id, refusal),
        };
        Self { response }
    }

    /// The reply of `DescribeVpcTaskResult` to the request of this id
    pub fn task(request_id: RequestId, outcome: Result<&TaskResult, &Refusal>) -> Self {
        let response = match outcome {
            Ok(task) => {
                let status = task.status();
                let output = match status {
                    TaskStatus::Success => status.as_str(),
                    TaskStatus::Failed | TaskStatus::Running => task.message(),
                };
                Response::Task { status, output: output.to_string(), result: [], request_id }
            }
            Err(refusal) => refused(request_id, refusal),
        };
        Self { response }
    }

    /// HTTP status of the reply, [`HTTP_STATUS`] always
    pub const fn http_status(&self) -> u16 {
        HTTP_STATUS
    }
}

fn refused(request_id: RequestId, refusal: &Refusal) -> Response {
    let message = refusal.message().to_string();
    Response::Failure { error: ResponseError { code: refusal.code(), message }, request_id }
}
