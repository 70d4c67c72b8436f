//! Events as bytes, and a log of them

use alloc::vec::Vec;

use super::frame::{self, Frame, Kind};
use crate::bytes::{DecodeLimits, Read, Reader};
use crate::error::DecodeError;
use crate::event::Event;

impl Event {
    /// Appends the event's bytes: equal events have equal bytes, in every release that writes this schema
    ///
    /// A log is the bytes of events, one after another: [`EventLog`] reads it.
    ///
    /// ```
    /// use ipam_core::*;
    ///
    /// let engine = Engine::new();
    /// let command = Command::from(CreateVpc::new("vpc-1".parse()?));
    /// let event = engine.decide(Timestamp::ZERO, &command)?.into_event().ok_or("unchanged")?;
    /// let mut bytes = Vec::new();
    /// event.encode(&mut bytes);
    /// assert_eq!(Event::decode(&bytes, &DecodeLimits::UNLIMITED)?, event);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn encode(&self, out: &mut Vec<u8>) {
        frame::write(out, Kind::Event, Some(self.digest()), |out| self.write_body(out));
    }

    /// Reads the bytes of one event, after which nothing may follow
    ///
    /// It does not check whether the event fits a history: [`Engine::apply`](crate::Engine::apply) does. Of `limits`,
    /// only the memory counts.
    ///
    /// ```
    /// use ipam_core::{DecodeError, DecodeLimits, Event};
    ///
    /// let torn = Event::decode(b"I\xe1", &DecodeLimits::UNLIMITED);
    /// assert!(matches!(torn, Err(DecodeError::Truncated { at: 0, .. })));
    /// ```
    ///
    /// # Errors
    ///
    /// [`DecodeError`]: what is wrong, and where.
    pub fn decode(bytes: &[u8], limits: &DecodeLimits) -> Result<Self, DecodeError> {
        read(&frame::read_only(bytes, Kind::Event)?, *limits)
    }
}

/// The event of a frame
fn read(frame: &Frame<'_>, limits: DecodeLimits) -> Read<Event> {
    let mut from = Reader::new(frame.body, frame.at, limits);
    let event = Event::read_body(&mut from, frame.checksum)?;
    from.finish()?;
    Ok(event)
}

/// Reads a log: events one after another, as [`Event::encode`] appends them
///
/// It stops at the first error. An error that [`is_transient`](DecodeError::is_transient) is a torn write at the end:
/// cut the log at [`offset`](Self::offset), where the last whole event ends, and go on writing there. Every other
/// error is damage, which cutting would hide.
///
/// ```
/// use ipam_core::*;
///
/// let (mut engine, mut log) = (Engine::new(), Vec::new());
/// for name in ["vpc-1", "vpc-2"] {
///     let command = Command::from(CreateVpc::new(name.parse()?));
///     let decision = engine.execute(Timestamp::ZERO, &command)?;
///     decision.event().ok_or("unchanged")?.encode(&mut log);
/// }
/// log.extend(b"I\xe1"); // A write that was torn.
///
/// let mut replica = Engine::new();
/// let mut events = EventLog::new(&log, &DecodeLimits::UNLIMITED);
/// let torn = loop {
///     match events.next() {
///         Some(Ok(event)) => replica.apply(&event)?,
///         Some(Err(error)) => break error,
///         None => return Err("not torn".into()),
///     }
/// };
/// assert!(torn.is_transient());
/// assert_eq!((replica, events.offset()), (engine, log.len() as u64 - 2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct EventLog<'a> {
    rest: &'a [u8],
    at: u64,
    limits: DecodeLimits,
    stopped: bool,
}

impl<'a> EventLog<'a> {
    /// The events of a log, each read within `limits`
    pub const fn new(log: &'a [u8], limits: &DecodeLimits) -> Self {
        Self { rest: log, at: 0, limits: *limits, stopped: false }
    }

    /// The offset at which the last whole event ends
    pub const fn offset(&self) -> u64 {
        self.at
    }
}

impl Iterator for EventLog<'_> {
    type Item = Result<Event, DecodeError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.stopped || self.rest.is_empty() {
            return None;
        }
        let (rest, at, limits) = (self.rest, self.at, self.limits);
        let found = frame::read(rest, at, Kind::Event)
            .and_then(|frame| Ok((read(&frame, limits)?, frame.rest)));
        match found {
            Ok((event, after)) => {
                let length = rest.len().saturating_sub(after.len()) as u64;
                (self.rest, self.at) = (after, at.saturating_add(length));
                Some(Ok(event))
            }
            Err(error) => {
                self.stopped = true;
                Some(Err(error))
            }
        }
    }
}
