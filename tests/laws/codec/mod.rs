//! Bytes of events and engines: whatever is read is what was written, and nothing else is read

#[path = "../../heap/counted.rs"]
mod counted;
mod hostile;
mod laws;
mod memory;
mod prefixes;
mod refused;

use ipam_core::{DecodeLimits, Engine, Event};

/// The bytes of an engine
fn snapshot(engine: &Engine) -> Vec<u8> {
    let mut bytes = Vec::new();
    engine.encode(&mut bytes);
    bytes
}

/// The bytes of a log
fn written(log: &[Event]) -> Vec<u8> {
    let mut bytes = Vec::new();
    log.iter().for_each(|event| event.encode(&mut bytes));
    bytes
}

/// The engine of bytes that must be one
fn restored(bytes: &[u8], seed: u64) -> Engine {
    Engine::decode(bytes, seed, &DecodeLimits::UNLIMITED).unwrap_or_else(|error| panic!("{error}"))
}

/// How many bytes stand before the body of the frame that some bytes begin with
fn header(bytes: &[u8]) -> usize {
    2 + bytes[2..].iter().position(|&byte| byte < 0x80).unwrap() + 1 + 4
}

/// What is between the header of a frame and its checksum
fn body(frame: &[u8]) -> &[u8] {
    &frame[header(frame)..frame.len() - 8]
}
