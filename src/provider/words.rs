//! What is wrong, in words whose length a caller cannot choose

use alloc::format;
use alloc::string::{String, ToString};
use core::fmt::{self, Display, Write};

use crate::error::Error;

/// Most addresses that a message names
const MOST_NAMED: usize = 8;

/// Most characters of a caller's text that a message repeats
const MOST_QUOTED: usize = 64;

/// Most characters of a parser's error that a message repeats; it may quote the caller in turn
const MOST_PARSER: usize = 256;

/// A caller's text: the beginning of it, escaped, between backquotes
pub(super) struct Quoted<'a>(pub(super) &'a str);

impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (text, more) = beginning(self.0);
        write!(f, "`{}{more}`", text.escape_debug())
    }
}

/// The beginning of a text, and an ellipsis where that is not all of it
pub(super) fn beginning(text: &str) -> (&str, &'static str) {
    let end = text.char_indices().nth(MOST_QUOTED).map_or(text.len(), |(at, _)| at);
    match text.get(..end) {
        Some(beginning) if beginning.len() < text.len() => (beginning, "…"),
        _ => (text, ""),
    }
}

/// Addresses at fault: the first of them by name, of the others how many
#[derive(Default)]
pub(super) struct Faults {
    message: String,
    count: usize,
}

impl Faults {
    pub(super) fn add(&mut self, fault: impl Display) {
        self.count = self.count.saturating_add(1);
        if self.count <= MOST_NAMED {
            let and = if self.message.is_empty() { "" } else { "; " };
            // Writing to a string does not fail.
            let _ = write!(self.message, "{and}{fault}");
        }
    }

    /// The message, if there was a fault
    pub(super) fn finish(self) -> Option<String> {
        let Self { mut message, count } = self;
        if count > MOST_NAMED {
            let more = count.saturating_sub(MOST_NAMED);
            // Writing to a string does not fail.
            let _ = write!(message, "; and {more} more");
        }
        (count > 0).then_some(message)
    }
}

/// An engine's error in words
pub(super) fn of_error(error: &Error) -> String {
    // A count may have saturated at this on its way into the command, and then nobody asked for it.
    const MOST: u32 = u32::MAX;
    match error {
        Error::Addresses(faults) => {
            let mut words = Faults::default();
            faults.iter().for_each(|fault| words.add(fault));
            words.finish().unwrap_or_default()
        }
        // In the words of one that exists nowhere: a tenant must not learn which ids others have.
        Error::InterfaceNotInVpc { interface, .. } => {
            Error::InterfaceNotFound(*interface).to_string()
        }
        Error::Quota { interface, quota, held, wanted } if *wanted >= MOST.into() => format!(
            "interface `{interface}` holds {held} of {quota} slots and asks for {MOST} or more"
        ),
        Error::Exhausted { subnet, family, shortfall } if shortfall.wanted >= MOST.into() => {
            let (free, total) = (shortfall.free, shortfall.total);
            format!(
                "subnet `{subnet}` has too few free {family} addresses: \
                 {MOST} or more wanted, {free} free of {total}"
            )
        }
        Error::TooMany { wanted, limit } if *wanted >= MOST.into() => {
            format!(
                "{MOST} or more addresses are more than the {limit} that one command may assign"
            )
        }
        _ => error.to_string(),
    }
}

/// A parser's error in words
pub(super) fn of_parser(error: impl Display) -> String {
    /// Takes so many characters more, then fails
    struct Cut {
        text: String,
        room: usize,
    }

    impl Write for Cut {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            for character in text.chars() {
                self.room = self.room.checked_sub(1).ok_or(fmt::Error)?;
                self.text.push(character);
            }
            Ok(())
        }
    }

    let mut cut = Cut { text: "the body cannot be read: ".into(), room: MOST_PARSER };
    if write!(cut, "{error}").is_err() {
        cut.text.push('…');
    }
    cut.text
}
