//! What others keep and must read for ever: bytes of events and engines, JSON names, one-line forms
#![expect(clippy::panic, clippy::unwrap_used, reason = "tests")]

mod bytes;
mod digests;
mod facts;
mod forms;
mod history;
