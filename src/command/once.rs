//! Carrying out a command once, however often it is sent

use alloc::boxed::Box;
use core::fmt::{self, Display, Formatter};

use thiserror::Error;

use super::Command;
#[cfg(feature = "serde")]
use super::Inner;
use crate::bytes::requests;
use crate::id::{Timestamp, Token};

/// Carry out a command once, however often it is sent
///
/// The first time, the command is decided like any other, and its answer is kept under the token until the deadline.
/// From then on the same command under the same token gets the same answer and has no further effect, whatever
/// happened in between. Another command under the token is refused. Refusals are not kept.
///
/// A token whose deadline has passed is forgotten. A retry with the same deadline is then refused. A retry with a
/// later deadline is a new request, and is carried out again. So keep the deadline with the token, and retry with
/// both.
///
/// Two commands count as the same even if their deadlines, reasons, or the request that a hold serves differ. While
/// the token is known, the deadline of a retry is ignored and changes nothing.
///
/// The command cannot itself be a `Once`: [`new`](Self::new) refuses one, and so does deserialization. So commands
/// are never nested deeper.
///
/// ```
#[doc = include_str!("../engine/example.txt")]
/// let at = Timestamp::from_millis;
/// let token = "token-1".parse()?;
/// let until = |end| Once::new(token, at(end), Assign::new(eni, Pick::any(1))).map(Command::from);
/// let first = engine.execute(at(0), &until(100)?)?;
/// assert_eq!(engine.execute(at(99), &until(100)?)?.answer(), first.answer());
///
/// let late = engine.execute(at(100), &until(100)?);
/// assert!(matches!(late, Err(Error::DeadlinePassed { .. })));
/// let second = engine.execute(at(100), &until(200)?)?;
/// assert_ne!(second.answer(), first.answer());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias = "idempotent")]
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Once {
    /// The token
    pub token: Token,
    /// Until when the answer is kept: at this time the token is forgotten. It must be later than now, unless the
    /// token is known
    pub until: Timestamp,
    #[cfg_attr(feature = "serde", serde(deserialize_with = "read_inner"))]
    command: Box<Command>,
}

/// A `Once` was to contain another `Once`
///
/// [`Error::OnceWithinOnce`](crate::Error::OnceWithinOnce) says the same, and has its code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a `Once` cannot contain another `Once`")]
pub struct NestedOnce;

impl Once {
    /// Carries out this command once, under this token, until that time
    ///
    /// # Errors
    ///
    /// [`NestedOnce`] when the command is a `Once` itself.
    ///
    /// ```
    /// use ipam_core::{Command, DeleteVpc, NestedOnce, Once, Timestamp};
    ///
    /// let (token, until) = ("token-1".parse()?, Timestamp::from_millis(600_000));
    /// let delete = DeleteVpc::new("vpc-1".parse()?);
    /// let once = Once::new(token, until, delete)?;
    /// assert_eq!(*once.command(), Command::from(delete));
    /// assert_eq!(Once::new(token, until, once), Err(NestedOnce));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(
        token: Token,
        until: Timestamp,
        command: impl Into<Command>,
    ) -> Result<Self, NestedOnce> {
        match command.into() {
            Command::Once(_) => Err(NestedOnce),
            command => Ok(Self { token, until, command: Box::new(command) }),
        }
    }

    /// The command, which is never a `Once`
    pub fn command(&self) -> &Command {
        &self.command
    }
}

impl Display for Once {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { token, until, command } = self;
        write!(f, "once under token {token} until {until}: {command}")
    }
}

/// Reads the command, unless it is another of this kind
#[cfg(feature = "serde")]
fn read_inner<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Box<Command>, D::Error> {
    serde::Deserialize::deserialize(from).map(|read: Inner| Box::new(read.into()))
}

/// In the place of a `Once` where there may be none: no value is one, and to read one is refused at once
#[cfg(feature = "serde")]
pub(super) enum Nothing {}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for Nothing {
    fn deserialize<D: serde::Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Err(serde::de::Error::custom(NestedOnce))
    }
}

requests! {
    Once { 1 token 2 command; until }
}
