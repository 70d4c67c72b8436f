//! Documented provider calls, answered from request to reply, with their codes
//!
//! A provider's module only translates:
//!
//! ```text
//! documented request ──command()──▶ command ──Engine──▶ Decision ──Reply──▶ documented reply
//!                        └──▶ Refusal ◀──from── Error ───┘           ▲
//!                                └───────────────────────────────────┘
//! ```
//!
//! There are no sockets here, no HTTP, no JSON parser and no state. With the `serde` feature the types
//! have the documented names, so a controller only moves bytes; without it, set and read their public fields.
//! What only the caller can know, such as the id of a request, is an argument.
//!
//! Rules and choices are in the subnet's [`Profile`](crate::Profile), not here: a call is judged by the
//! profile of the interface's home. Between a request and the engine, a controller may narrow the command: to its
//! tenant's VPC, to a subnet, to a range; or hold what it assigns until it is confirmed. If the narrower command is
//! refused, the refusal has the provider's codes as well: an interface of another VPC is reported as if it did not exist.
//!
//! Some calls name less than a command needs, such as the release of an interface's IPv6 address without the address. They
//! take the engine, to look it up, and the VPC. A call that asks about a task is answered by the engine without a
//! command.
//!
//! # What the controller does around it
//!
//! - **Name and value pairs** ([`tencent::v2`]): percent-decode them before you pass them to `from_pairs`. The iterator of
//!   `form_urlencoded::parse` fits as it is; splitting at `&` and `=` does not decode.
//! - **JSON** ([`tencent::v3`], [`zenlayer`]): deserialize the body, and turn the parser's error into
//!   `Refusal::unreadable`. Send replies with `Content-Type: application/json`; [`tencent::v3`] says why exactly that.
//! - **The HTTP status** is the reply's `http_status()`; API 2.0 of Tencent Cloud documents none.
//!
//! | provider | calls | codes |
//! |---|---|---|
//! | [`zenlayer`] | `BatchAssignNetworkInterfaceIpv4`, `AssignNetworkInterfaceIpv4`, `UnassignNetworkInterfaceIpv4`, `AssignNetworkInterfaceIpv6`, `UnassignNetworkInterfaceIpv6`, `ReplaceNetworkInterfacePrimaryIpv4` | [`zenlayer::Code`] |
//! | Tencent Cloud, API 2.0: [`tencent::v2`] | `AssignPrivateIpAddresses`, `UnassignPrivateIpAddresses`, `MigratePrivateIpAddress`, `DescribeVpcTaskResult` | [`tencent::v2::Code`] |
//! | Tencent Cloud, API 3.0: [`tencent::v3`] | the same and `ModifyPrivateIpAddressesAttribute` | [`tencent::v3::Code`] |
//!
//! A provider has one table of codes for all its calls, as an engine's error does not know which call it
//! answers. Where the pages of its calls differ, the provider's module says which reading it takes.
//!
//! # Hostile input
//!
//! Reading and refusing a request costs time and memory in proportion to the request. A field of the
//! wrong type is not a parser error but a [`Given::Other`], so the reply can name the field in
//! the provider's own words.
//!
//! Messages stay short, whatever was sent. They name the first 8 addresses at fault, each with its cause and its index in
//! the list from 0, and then say how many more there are. They repeat at most 64 characters of
//! any text of the caller's. The engine's own [`Error::Addresses`](crate::Error::Addresses) holds every
//! address at fault.
//!
//! A request with a count is a few bytes long, but it costs what the count gets, up to
//! [`Assign::MAX_ADDRESSES`](crate::Assign::MAX_ADDRESSES), and so does writing its reply. A controller that
//! serves strangers should set quotas.

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
/// Made from an engine's [`Error`](crate::Error), or from a request that cannot be a command. It covers every
/// address that fails at the first stage that fails: first malformed, then repeated addresses, then the engine's causes.
/// The address with the lowest index gives the code; the message names the first 8 and counts the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal<C> {
    code: C,
    message: String,
}

/// Where a code or a number is documented
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Source {
    /// The error table of one of the calls
    Call,
    /// The provider's codes that are common to its calls
    Common,
    /// Nowhere that we have found: it is our choice
    Ours,
}

impl<C: Copy> Refusal<C> {
    /// Your own refusal, for what the engine cannot know, such as a store that failed or a lost race
    ///
    /// The message is used unchanged.
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
            /// The refusal of a body that could not be parsed as this request
            ///
            /// `error` is the parser's error; at most 256 characters of its text are kept.
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
