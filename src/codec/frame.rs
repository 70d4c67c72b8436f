//! What stands around an event or an engine: what it is, its schema, its length, its checksum

use alloc::vec::Vec;

use twox_hash::XxHash64;

use super::SCHEMA;
use super::reader::Read;
use crate::error::{DecodeError, Flaw};

/// Bytes before the body: kind, schema, length, and a check of these
const HEADER: usize = 16;
/// Bytes that the check of the header is over
const CHECKED: usize = 12;
/// Bytes after the body
const TRAILER: usize = 8;

/// What a frame holds
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Event,
    Engine,
}

impl Kind {
    const fn magic(self) -> [u8; 3] {
        match self {
            Self::Event => *b"IPE",
            Self::Engine => *b"IPS",
        }
    }
}

/// Writes a frame around what `body` writes
pub(crate) fn write(out: &mut Vec<u8>, kind: Kind, body: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    out.extend_from_slice(&[0; HEADER]);
    let first = out.len();
    body(out);
    let length = out.len().saturating_sub(first) as u64;
    if let Some(header) = out.get_mut(start..).and_then(<[u8]>::first_chunk_mut) {
        *header = header_of(kind, length);
    }
    let checksum = XxHash64::oneshot(0, out.get(start..).unwrap_or_default());
    out.extend_from_slice(&checksum.to_le_bytes());
}

fn header_of(kind: Kind, length: u64) -> [u8; HEADER] {
    let [a, b, c] = kind.magic();
    let [d, e, f, g, h, i, j, k] = length.to_le_bytes();
    let checked: [u8; CHECKED] = [a, b, c, SCHEMA, d, e, f, g, h, i, j, k];
    let [l, m, n, o, ..] = XxHash64::oneshot(0, &checked).to_le_bytes();
    [a, b, c, SCHEMA, d, e, f, g, h, i, j, k, l, m, n, o]
}

/// The body of the frame that the bytes begin with, and what follows the frame; `at` is where they begin
pub(crate) fn read(bytes: &[u8], at: u64, kind: Kind) -> Read<(&[u8], &[u8])> {
    let event = kind == Kind::Event;
    let magic = kind.magic();
    // As far as it is there, it must begin as it should: else it was not torn.
    if bytes.iter().zip(magic).any(|(&found, byte)| found != byte) {
        return Err(DecodeError::NotOurs { at, event });
    }
    if let Some(&found) = bytes.get(magic.len()).filter(|&&found| found != SCHEMA) {
        return Err(DecodeError::Schema { at: at.saturating_add(3), found, known: SCHEMA });
    }
    let truncated = |wanted: u64| {
        let missing = wanted.saturating_sub(bytes.len() as u64);
        Err(DecodeError::Truncated { at, missing })
    };
    let Some((header, rest)) = bytes.split_first_chunk::<HEADER>() else {
        return truncated((HEADER + TRAILER) as u64);
    };
    let [_, _, _, _, length @ .., _, _, _, _] = *header;
    let length = u64::from_le_bytes(length);
    if header_of(kind, length) != *header {
        return Err(DecodeError::Header { at });
    }
    let parts = usize::try_from(length).ok().and_then(|length| {
        let (body, rest) = rest.split_at_checked(length)?;
        let (checksum, rest) = rest.split_first_chunk::<TRAILER>()?;
        Some((bytes.get(..HEADER.checked_add(length)?)?, body, u64::from_le_bytes(*checksum), rest))
    });
    let Some((checked, body, found, rest)) = parts else {
        return truncated(length.saturating_add((HEADER + TRAILER) as u64));
    };
    let computed = XxHash64::oneshot(0, checked);
    if found != computed {
        return Err(DecodeError::Checksum { at, found, computed });
    }
    Ok((body, rest))
}

/// The body of a frame that is all of the bytes
pub(crate) fn read_only(bytes: &[u8], kind: Kind) -> Read<&[u8]> {
    let (body, rest) = read(bytes, 0, kind)?;
    if rest.is_empty() {
        return Ok(body);
    }
    let at = bytes.len().saturating_sub(rest.len()) as u64;
    Err(DecodeError::Malformed { at, flaw: Flaw::Trailing })
}

/// Where the body of a frame begins that begins at `at`
pub(crate) const fn body_at(at: u64) -> u64 {
    at.saturating_add(HEADER as u64)
}
