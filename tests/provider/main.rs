//! Documented calls through the public API: bytes in, bytes out, every code, hostile input
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod errors;
mod tencent;
mod zenlayer;
