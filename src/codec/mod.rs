//! Bytes of events and engines
mod change;
mod engine;
mod event;
mod frame;
mod limits;
mod list;
mod reader;
mod rules;
mod taken;
mod value;
mod write;

pub(crate) use engine::{decode, encode};
pub use event::EventLog;
pub use limits::DecodeLimits;

/// The schema written, and the latest one read
const SCHEMA: u8 = 1;
