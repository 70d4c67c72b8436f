//! Reading what every call has: ids, a list of IPv4 addresses, a count

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::{Display, Write as _};
use core::net::Ipv4Addr;
use core::str::FromStr;

use super::{Form, Given};
use crate::error::Error;
use crate::id::IdError;

/// What keeps a request from being a command
#[derive(Debug)]
pub(super) struct Flaw {
    pub(super) kind: Kind,
    pub(super) message: String,
}

/// The kinds of flaws, each with a code at every provider
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// The body is not a request at all
    Body,
    /// A field that must be there is not, or is empty
    Missing,
    /// A field is of another type than documented, or a text does not spell its type
    Type,
    /// A field is given twice
    Repeated,
    /// A text cannot be an id
    Id,
    /// Addresses of the list are not IPv4 addresses
    Address,
    /// A count is less than documented
    Minimum,
    /// A list is longer than documented
    TooMany,
}

impl Flaw {
    pub(super) fn body(error: impl Display) -> Self {
        Self { kind: Kind::Body, message: format!("the body cannot be read: {error}") }
    }

    pub(super) fn missing(field: impl Display) -> Self {
        Self { kind: Kind::Missing, message: format!("`{field}` is missing") }
    }

    pub(super) fn form(field: impl Display, found: Form, wanted: Form) -> Self {
        let (found, wanted) = (found.as_str(), wanted.as_str());
        Self { kind: Kind::Type, message: format!("`{field}` is {found}, not {wanted}") }
    }

    pub(super) fn spelling(field: impl Display, text: &str, wanted: &str) -> Self {
        let text = text.escape_debug();
        Self { kind: Kind::Type, message: format!("`{field}` is `{text}`, not {wanted}") }
    }

    pub(super) fn repeated(field: impl Display) -> Self {
        Self { kind: Kind::Repeated, message: format!("`{field}` is given twice") }
    }

    pub(super) fn too_many(field: &str, count: usize, most: usize) -> Self {
        let message = format!("`{field}` has {count} addresses, more than {most}");
        Self { kind: Kind::TooMany, message }
    }
}

/// The text of a field that must be there
pub(super) fn text<'a>(field: &str, given: &'a Given<String>) -> Result<&'a str, Flaw> {
    match given {
        Given::Absent => Err(Flaw::missing(field)),
        Given::Value(text) => Ok(text),
        Given::Other(found) => Err(Flaw::form(field, *found, Form::Text)),
    }
}

/// The id that a text spells; an empty one counts as missing
pub(super) fn id<I: FromStr<Err = IdError>>(field: &str, text: &str) -> Result<I, Flaw> {
    if text.is_empty() {
        return Err(Flaw::missing(field));
    }
    text.parse().map_err(|error| Flaw { kind: Kind::Id, message: format!("`{field}`: {error}") })
}

/// The items of a list, none where it is absent
pub(super) fn list<'a, T>(field: &str, given: &'a Given<Vec<T>>) -> Result<&'a [T], Flaw> {
    match given {
        Given::Absent => Ok(&[]),
        Given::Value(items) => Ok(items),
        Given::Other(found) => Err(Flaw::form(field, *found, Form::List)),
    }
}

/// The addresses that the texts of a list spell; the flaw names every one that is none
///
/// IPv6 addresses are none: the calls are for IPv4.
pub(super) fn addresses<'a, T: AsRef<str> + 'a>(
    given: impl ExactSizeIterator<Item = &'a Given<T>>,
) -> Result<Vec<Ipv4Addr>, Flaw> {
    let mut addresses = Vec::with_capacity(given.len());
    let mut message = String::new();
    for (index, given) in given.enumerate() {
        let text = match given {
            Given::Value(text) => match text.as_ref().parse() {
                Ok(address) => {
                    addresses.push(address);
                    continue;
                }
                Err(_) => format!("`{}`", text.as_ref().escape_debug()),
            },
            Given::Absent => "absent".to_string(),
            Given::Other(found) => found.as_str().to_string(),
        };
        let and = if message.is_empty() { "" } else { "; " };
        // Writing to a string does not fail.
        let _ = write!(message, "{and}address {index} of the list, {text}, is not an IPv4 address");
    }
    if message.is_empty() { Ok(addresses) } else { Err(Flaw { kind: Kind::Address, message }) }
}

/// The number of a count, if there is one
pub(super) fn number(field: &str, given: &Given<i128>) -> Result<Option<i128>, Flaw> {
    match *given {
        Given::Absent => Ok(None),
        Given::Value(number) => Ok(Some(number)),
        Given::Other(found) => {
            let wanted = "an integer";
            let message = format!("`{field}` is {}, not {wanted}", found.as_str());
            Err(Flaw { kind: Kind::Type, message })
        }
    }
}

/// A count as the engine takes it: what is too large for it saturates, and is refused by capacity
pub(super) fn count(field: &str, number: i128) -> Result<u32, Flaw> {
    if number < 0 {
        let message = format!("`{field}` is {number}, less than 1");
        return Err(Flaw { kind: Kind::Minimum, message });
    }
    Ok(u32::try_from(number).unwrap_or(u32::MAX))
}

/// An engine's error in words, with every address at fault
pub(super) fn message(error: &Error) -> String {
    let Error::Addresses(faults) = error else { return error.to_string() };
    let mut message = String::new();
    for fault in faults.iter() {
        let and = if message.is_empty() { "" } else { "; " };
        // Writing to a string does not fail.
        let _ = write!(message, "{and}{fault}");
    }
    message
}
