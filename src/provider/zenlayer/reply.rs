//! The replies of the calls

use alloc::string::{String, ToString};
use core::net::IpAddr;

use super::{Code, Refusal};
use crate::event::Decision;
use crate::id::{InterfaceId, RequestId};
use crate::space::list::AddrList;

/// The reply of a call
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(untagged, rename_all_fields = "camelCase"))]
pub enum Reply {
    /// `BatchAssignNetworkInterfaceIpv4` was done
    #[non_exhaustive]
    Success {
        /// `requestId`: of the request answered
        request_id: RequestId,
        /// `response`: the answer itself
        response: Assigned,
    },
    /// A call whose reply has no data was done
    #[non_exhaustive]
    Done {
        /// `requestId`: of the request answered
        request_id: RequestId,
        /// `response`: the answer itself
        response: Done,
    },
    /// `ReplaceNetworkInterfacePrimaryIpv4` was done
    #[non_exhaustive]
    Replaced {
        /// `requestId`: of the request answered
        request_id: RequestId,
        /// `response`: the answer itself
        response: Replaced,
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

/// The answer to `BatchAssignNetworkInterfaceIpv4`
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

/// The reply of a call that has no data
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct Done {
    /// `requestId`: of the request answered, once more
    pub request_id: RequestId,
}

/// The answer to `ReplaceNetworkInterfacePrimaryIpv4`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct Replaced {
    /// `requestId`: of the request answered, once more
    pub request_id: RequestId,
    /// `nicId`: the vNIC
    pub nic_id: InterfaceId,
    /// `primaryIpAddress`: its primary from now on; absent only from a decision about something else
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub primary_ip_address: Option<IpAddr>,
}

/// Writes the addresses of a list, not its ranges, without ever holding them all
#[cfg(feature = "serde")]
fn one_by_one<S: serde::Serializer>(addresses: &AddrList, to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(addresses.iter())
}

impl Reply {
    /// The reply of `BatchAssignNetworkInterfaceIpv4` to the request with this id
    pub fn new(request_id: RequestId, outcome: Result<&Decision, &Refusal>) -> Self {
        match outcome {
            Ok(decision) => {
                let ip_addresses = decision.answer().clone();
                Self::Success { request_id, response: Assigned { request_id, ip_addresses } }
            }
            Err(refusal) => Self::refused(request_id, refusal),
        }
    }

    /// The reply, to the request with this id, of a call whose reply has no data
    ///
    /// These are `AssignNetworkInterfaceIpv4`, `UnassignNetworkInterfaceIpv4`, `AssignNetworkInterfaceIpv6`
    /// and `UnassignNetworkInterfaceIpv6`.
    pub fn done(request_id: RequestId, outcome: Result<&Decision, &Refusal>) -> Self {
        match outcome {
            Ok(_) => Self::Done { request_id, response: Done { request_id } },
            Err(refusal) => Self::refused(request_id, refusal),
        }
    }

    /// The reply of `ReplaceNetworkInterfacePrimaryIpv4` to the request of this id, about this vNIC
    pub fn replaced(
        request_id: RequestId,
        outcome: Result<(InterfaceId, &Decision), &Refusal>,
    ) -> Self {
        match outcome {
            Ok((nic_id, decision)) => {
                let primary_ip_address = decision.answer().iter().next();
                let response = Replaced { request_id, nic_id, primary_ip_address };
                Self::Replaced { request_id, response }
            }
            Err(refusal) => Self::refused(request_id, refusal),
        }
    }

    fn refused(request_id: RequestId, refusal: &Refusal) -> Self {
        let message = refusal.message().to_string();
        Self::Failure { request_id, code: refusal.code(), message }
    }

    /// HTTP status of the reply
    pub const fn http_status(&self) -> u16 {
        match self {
            Self::Failure { code, .. } => code.http_status(),
            Self::Success { .. } | Self::Done { .. } | Self::Replaced { .. } => 200,
        }
    }
}
