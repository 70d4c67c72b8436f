//! Reading what the calls have in common: ids, IPv4 addresses, counts, flags

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Display;
use core::net::Ipv4Addr;
use core::str::FromStr;

use super::kind::Kind;
use super::words::{self, Faults, Quoted};
use super::{Form, Given};
use crate::id::IdError;

/// What keeps a request from being a command
#[derive(Debug)]
pub(super) struct Flaw {
    pub(super) kind: Kind,
    pub(super) message: String,
}

impl Flaw {
    pub(super) fn body(error: impl Display) -> Self {
        Self { kind: Kind::Type, message: words::of_parser(error) }
    }

    pub(super) fn missing(field: impl Display) -> Self {
        Self { kind: Kind::Missing, message: format!("`{field}` is missing") }
    }

    pub(super) fn form(field: impl Display, found: Form, wanted: &str) -> Self {
        let found = found.as_str();
        Self { kind: Kind::Type, message: format!("`{field}` is {found}, not {wanted}") }
    }

    pub(super) fn spelling(field: impl Display, text: &str, wanted: &str) -> Self {
        let text = Quoted(text);
        Self { kind: Kind::Type, message: format!("`{field}` is {text}, not {wanted}") }
    }

    pub(super) fn repeated(field: &str) -> Self {
        Self { kind: Kind::Type, message: format!("{} is given twice", Quoted(field)) }
    }

    pub(super) fn two_primaries(first: usize, second: usize) -> Self {
        let message =
            format!("addresses {first} and {second} of the list are both to be the IPv4 primary");
        Self { kind: Kind::TwoPrimaries, message }
    }

    pub(super) fn too_many(field: &str, count: usize, most: usize) -> Self {
        let message = format!("`{field}` has {count} addresses, more than {most}");
        Self { kind: Kind::TooMany, message }
    }
}

/// The text of a field that must be there
pub(super) fn text(field: impl Display, given: &Given<String>) -> Result<&str, Flaw> {
    match given {
        Given::Absent => Err(Flaw::missing(field)),
        Given::Value(text) => Ok(text),
        Given::Other(found) => Err(Flaw::form(field, *found, Form::Text.as_str())),
    }
}

/// The id that a text spells; an empty one counts as missing
pub(super) fn id<I: FromStr<Err = IdError>>(field: &str, text: &str) -> Result<I, Flaw> {
    if text.is_empty() {
        return Err(Flaw::missing(field));
    }
    text.parse().map_err(|error| {
        let message = format!("`{field}` is {}: {error}", Quoted(text));
        Flaw { kind: Kind::Id, message }
    })
}

/// The id that a field names, which must be there
pub(super) fn named<I: FromStr<Err = IdError>>(
    field: &str,
    given: &Given<String>,
) -> Result<I, Flaw> {
    id(field, text(field, given)?)
}

/// The items of a list, none where it is absent
pub(super) fn list<'a, T>(field: &str, given: &'a Given<Vec<T>>) -> Result<&'a [T], Flaw> {
    match given {
        Given::Absent => Ok(&[]),
        Given::Value(items) => Ok(items),
        Given::Other(found) => Err(Flaw::form(field, *found, Form::List.as_str())),
    }
}

/// The addresses that the texts of a list spell; of those that spell none, every one is counted
///
/// IPv6 addresses are none: the calls are for IPv4. The first item that is no text at all comes before
/// every text.
pub(super) fn addresses<'a>(
    texts: impl ExactSizeIterator<Item = Result<&'a str, Flaw>>,
) -> Result<Vec<Ipv4Addr>, Flaw> {
    let mut addresses = Vec::with_capacity(texts.len());
    let mut faults = Faults::default();
    for (index, text) in texts.enumerate() {
        let text = text?;
        match text.parse() {
            Ok(address) => addresses.push(address),
            Err(_) => faults.add(format_args!(
                "address {index} of the list, {}, is not an IPv4 address",
                Quoted(text)
            )),
        }
    }
    match faults.finish() {
        None => Ok(addresses),
        Some(message) => Err(Flaw { kind: Kind::Malformed, message }),
    }
}

/// The addresses that a list of texts spells; an item that is no text is named by its index
pub(super) fn texts(field: &str, items: &[Given<String>]) -> Result<Vec<Ipv4Addr>, Flaw> {
    let texts = items.iter().enumerate();
    addresses(texts.map(|(index, item)| text(format_args!("{field}.{index}"), item)))
}

/// The IPv4 address that the text of a field spells
pub(super) fn address(field: &str, text: &str) -> Result<Ipv4Addr, Flaw> {
    text.parse().map_err(|_| {
        let message = format!("`{field}` is {}, not an IPv4 address", Quoted(text));
        Flaw { kind: Kind::Malformed, message }
    })
}

/// What a Boolean field says, if it is there
pub(super) fn boolean(field: impl Display, given: &Given<bool>) -> Result<Option<bool>, Flaw> {
    match *given {
        Given::Absent => Ok(None),
        Given::Value(value) => Ok(Some(value)),
        Given::Other(found) => Err(Flaw::form(field, found, Form::Boolean.as_str())),
    }
}

/// A count as the engine takes it, if there is one
///
/// What is too large for a `u32` saturates, and is refused by quota or capacity.
pub(super) fn count(field: &str, given: &Given<i128>) -> Result<Option<u32>, Flaw> {
    match *given {
        Given::Absent => Ok(None),
        Given::Value(number) if number < 0 => {
            Err(Flaw { kind: Kind::Minimum, message: format!("`{field}` is less than 1") })
        }
        Given::Value(number) => Ok(Some(u32::try_from(number).unwrap_or(u32::MAX))),
        Given::Other(found) => Err(Flaw::form(field, found, "an integer that fits 64 bits")),
    }
}
