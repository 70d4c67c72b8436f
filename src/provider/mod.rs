//! Documented provider calls, answered in full: their requests, replies and codes
//!
//! A provider's module translates, and does nothing else:
//!
//! ```text
//! documented request ──command()──▶ Command ──Engine──▶ Decision ──Reply::new──▶ documented reply
//!                        └──▶ Refusal ◀──from── Error ──┘             ▲
//!                                └────────────────────────────────────┘
//! ```
//!
//! There are no sockets here, no HTTP, no JSON parser and no state. With the `serde` feature the types
//! carry the documented names, so that a controller only moves bytes; without it their fields are public.
//! What only the caller can know, the id of a request, is an argument.
//!
//! Rules and choices are in the subnet's [`Profile`](crate::Profile), not here: a call is judged by the
//! profile of the interface's home.
//!
//! | call | request | codes |
//! |---|---|---|
//! | Zenlayer `BatchAssignNetworkInterfaceIpv4` | [`zenlayer::BatchAssignNetworkInterfaceIpv4`] | [`zenlayer::Code`] |
//! | Tencent Cloud `AssignPrivateIpAddresses`, API 2.0 | [`tencent::v2::AssignPrivateIpAddresses`] | [`tencent::v2::Code`] |
//! | Tencent Cloud `AssignPrivateIpAddresses`, API 3.0 | [`tencent::v3::AssignPrivateIpAddresses`] | [`tencent::v3::Code`] |
//!
//! Hostile input costs time and memory in proportion to itself. A field of the wrong type is not an
//! error of the parser but a [`Given::Other`], so that the reply can name the field in the provider's
//! own words.

use alloc::string::String;
use core::fmt;

mod given;
mod read;
pub mod tencent;
pub mod zenlayer;

pub use given::{Form, Given};

/// Why a provider's call is refused: its code, and what is wrong in words
///
/// Made of an engine's [`Error`](crate::Error), or of a request that is no command. A message names
/// every address at fault with its index in the list, from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal<C> {
    code: C,
    message: String,
}

/// Where a code, or a number, is written down
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Source {
    /// The error table of the call itself
    Call,
    /// The provider's codes that are common to its calls
    Common,
    /// Nowhere that we have seen: our choice
    Ours,
}

impl<C: Copy> Refusal<C> {
    /// A refusal of the caller's own, for what the engine cannot know
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

/// What every provider's `Code` and `Refusal` share, given how each maps a flaw and an error
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
            /// `error` is the parser's, in words.
            pub fn unreadable(error: impl core::fmt::Display) -> Self {
                crate::provider::read::Flaw::body(error).into()
            }
        }

        impl From<crate::provider::read::Flaw> for crate::provider::Refusal<$code> {
            fn from(flaw: crate::provider::read::Flaw) -> Self {
                Self { code: <$code>::of_flaw(flaw.kind), message: flaw.message }
            }
        }

        impl From<&crate::Error> for crate::provider::Refusal<$code> {
            fn from(error: &crate::Error) -> Self {
                let message = crate::provider::read::message(error);
                Self { code: <$code>::of_error(error), message }
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
