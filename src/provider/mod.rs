//! Documented provider calls, answered in full: their requests, replies and codes
//!
//! A provider's module translates, and does nothing else:
//!
//! ```text
//! documented request ──command()──▶ command ──Engine──▶ Decision ──Reply──▶ documented reply
//!                        └──▶ Refusal ◀──from── Error ───┘           ▲
//!                                └───────────────────────────────────┘
//! ```
//!
//! There are no sockets here, no HTTP, no JSON parser and no state. With the `serde` feature the types
//! carry the documented names, so that a controller only moves bytes; without it their fields are public.
//! What only the caller can know, the id of a request, is an argument.
//!
//! Rules and choices are in the subnet's [`Profile`](crate::Profile), not here: a call is judged by the
//! profile of the interface's home. Between a request and the engine a controller may narrow what is asked,
//! as the command lets it: of its tenant's VPC, from a subnet, within a range. What the narrower request then
//! lacks is answered in the provider's codes too, an interface of another VPC as if there were none.
//!
//! A call that names less than a command has to, an IPv6 address to release for one, is given the engine to
//! look it up, and the VPC beforehand. A call that asks about a task is answered by the engine without a
//! command.
//!
//! | provider | calls | codes |
//! |---|---|---|
//! | [`zenlayer`] | `BatchAssignNetworkInterfaceIpv4`, `AssignNetworkInterfaceIpv4`, `UnassignNetworkInterfaceIpv4`, `AssignNetworkInterfaceIpv6`, `UnassignNetworkInterfaceIpv6`, `ReplaceNetworkInterfacePrimaryIpv4` | [`zenlayer::Code`] |
//! | Tencent Cloud, API 2.0: [`tencent::v2`] | `AssignPrivateIpAddresses`, `UnassignPrivateIpAddresses`, `MigratePrivateIpAddress`, `DescribeVpcTaskResult` | [`tencent::v2::Code`] |
//! | Tencent Cloud, API 3.0: [`tencent::v3`] | the same and `ModifyPrivateIpAddressesAttribute` | [`tencent::v3::Code`] |
//!
//! A provider has one table of codes for all its calls: an engine's error does not know which call it
//! answers. Where the pages of its calls differ, the provider's module says which reading is taken.
//!
//! # Hostile input
//!
//! Reading a request and refusing it cost time and memory in proportion to the request. A field of the
//! wrong type is not an error of the parser but a [`Given::Other`], so that the reply can name the field in
//! the provider's own words.
//!
//! Messages stay short whatever was sent. They name the first 8 addresses at fault, each with its index in
//! the list, from 0, and its cause, then say how many more there are; they repeat at most 64 characters of
//! any text of the caller's. The engine's own [`Error::Addresses`](crate::Error::Addresses) holds every
//! address at fault.
//!
//! A request that names a count instead of a list is a few bytes long and costs what the count gets, up to
//! [`Assign::MAX_ADDRESSES`](crate::Assign::MAX_ADDRESSES), and so does writing its reply. A controller that
//! serves strangers sets quotas.

use alloc::string::String;
use core::fmt;

mod given;
mod kind;
mod look;
mod read;
pub mod tencent;
mod words;
pub mod zenlayer;

pub use given::{Form, Given};

/// Why a provider's call is refused: its code, and what is wrong in words
///
/// Made of an engine's [`Error`](crate::Error), or of a request that is no command. It is about every
/// address that fails at the first stage to fail: malformed, then repeated, then the engine's causes. The
/// lowest index among them gives the code; the message names the first 8 and counts the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal<C> {
    code: C,
    message: String,
}

/// Where a code, or a number, is written down
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Source {
    /// The error table of one of the calls
    Call,
    /// The provider's codes that are common to its calls
    Common,
    /// Nowhere that we have seen: our choice
    Ours,
}

impl<C: Copy> Refusal<C> {
    /// A refusal of the caller's own, for what the engine cannot know: a store that failed, a lost race
    ///
    /// The message is taken as it is.
    pub fn new(code: C, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// The provider's code
    pub const fn code(&self) -> C {
        self.code
    }

    /// What is wrong, in words
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl<C: fmt::Display> fmt::Display for Refusal<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl<C: fmt::Display + fmt::Debug> core::error::Error for Refusal<C> {}

/// What every provider's `Code` and `Refusal` share, given its table from kinds, `Code::of`
macro_rules! codes {
    ($code:ty) => {
        impl core::fmt::Display for $code {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.pad(self.as_str())
            }
        }

        #[cfg(feature = "serde")]
        impl serde::Serialize for $code {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(self.as_str())
            }
        }

        impl crate::provider::Refusal<$code> {
            /// The refusal of a body that could not be read as this request at all
            ///
            /// `error` is the parser's, in words; at most 256 characters of it are kept.
            pub fn unreadable(error: impl core::fmt::Display) -> Self {
                crate::provider::read::Flaw::body(error).into()
            }
        }

        impl From<crate::provider::read::Flaw> for crate::provider::Refusal<$code> {
            fn from(flaw: crate::provider::read::Flaw) -> Self {
                Self { code: <$code>::of(flaw.kind), message: flaw.message }
            }
        }

        impl From<&crate::Error> for crate::provider::Refusal<$code> {
            fn from(error: &crate::Error) -> Self {
                let kind = crate::provider::kind::Kind::of(error);
                Self { code: <$code>::of(kind), message: crate::provider::words::of_error(error) }
            }
        }

        impl From<crate::Error> for crate::provider::Refusal<$code> {
            fn from(error: crate::Error) -> Self {
                Self::from(&error)
            }
        }
    };
}
use codes;
