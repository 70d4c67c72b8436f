//! What users store and must always be able to read: bytes of events and engines, JSON names, one-line forms
#![expect(clippy::panic, clippy::unwrap_used, reason = "tests")]

mod bytes;
mod digests;
mod facts;
mod forms;
mod history;
mod written;
