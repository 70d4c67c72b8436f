//! The frame of an event or an engine: its kind, its schema, its length, its checksum

use alloc::vec::Vec;

use super::SCHEMA;
use crate::bytes::{DecodeError, DecodeLimits, Flaw, Read, Reader, Sink, hash, hash_of};

/// Bytes of the shortest header: what it is, the length, and a check of these
const SHORTEST: usize = START + 1 + CHECK;
/// Bytes that say what it is
const START: usize = 2;
/// Bytes of the check of the header
const CHECK: usize = 4;
/// Bytes after the body
const TRAILER: usize = 8;

/// What a frame holds
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Event,
    Engine,
}

impl Kind {
    /// What each frame of the kind begins with: a letter; then the kind, and in the lower half of the byte the schema
    const fn start(self) -> [u8; START] {
        match self {
            Self::Event => [b'I', 0xe0 | SCHEMA],
            Self::Engine => [b'I', 0x50 | SCHEMA],
        }
    }
}

/// A frame that was read
pub(crate) struct Frame<'a> {
    /// Where the body begins
    pub(crate) at: u64,
    pub(crate) body: &'a [u8],
    /// The hash of the body
    pub(crate) checksum: u64,
    /// What follows the frame
    pub(crate) rest: &'a [u8],
}

/// Writes a frame around what `body` writes, which has this checksum if that is known
pub(crate) fn write(
    out: &mut Vec<u8>,
    kind: Kind,
    checksum: Option<u64>,
    body: impl FnOnce(&mut Vec<u8>),
) {
    let start = out.len();
    body(out);
    let end = out.len();
    let checksum = checksum.unwrap_or_else(|| hash(out.get(start..).unwrap_or_default()));
    write_header(out, kind, end.saturating_sub(start) as u64);
    // The length is known last, and stands first.
    let header = out.len().saturating_sub(end);
    out.get_mut(start..).unwrap_or_default().rotate_right(header);
    out.word(checksum);
}

fn write_header(to: &mut impl Sink, kind: Kind, length: u64) {
    write_checked(to, kind, length);
    to.bytes(&check_of(kind, length));
}

/// What the check of a header is over
fn write_checked(to: &mut impl Sink, kind: Kind, length: u64) {
    to.bytes(&kind.start());
    to.number(length);
}

fn check_of(kind: Kind, length: u64) -> [u8; CHECK] {
    let hash = hash_of(|to| write_checked(to, kind, length));
    let [check @ .., _, _, _, _] = hash.to_le_bytes();
    check
}

/// The frame that the bytes begin with; `at` is where they begin
pub(crate) fn read(bytes: &[u8], at: u64, kind: Kind) -> Read<Frame<'_>> {
    let event = kind == Kind::Event;
    let [letter, kind_and_schema] = kind.start();
    // As far as it is there, it must begin as it should: else it was not torn.
    let is_other = |found: u8| found & 0xf0 != kind_and_schema & 0xf0;
    let (first, second) = (bytes.first().copied(), bytes.get(1).copied());
    if first.is_some_and(|first| first != letter) || second.is_some_and(is_other) {
        return Err(DecodeError::NotOurs { at, event });
    }
    if let Some(found) = second.map(|second| second & 0x0f).filter(|&found| found != SCHEMA) {
        let at = at.saturating_add(1);
        return Err(DecodeError::Schema { at, found, known: SCHEMA });
    }
    let truncated = |wanted: u64| {
        let missing = wanted.saturating_sub(bytes.len() as u64);
        Err(DecodeError::Truncated { at, missing })
    };
    let after = bytes.get(START..).unwrap_or_default();
    let length_ends = after.iter().position(|&byte| byte < 0x80);
    let most = u64::MAX.ilog2().div_ceil(7) as usize;
    let Some(width) = length_ends.filter(|&last| last < most).map(|last| last.saturating_add(1))
    else {
        let is_torn = after.len() < most;
        return if is_torn {
            truncated((SHORTEST + TRAILER).saturating_add(after.len()) as u64)
        } else {
            Err(DecodeError::Header { at })
        };
    };
    let damaged = DecodeError::Header { at };
    let mut from = Reader::new(after, at, DecodeLimits::UNLIMITED);
    let length = from.number().map_err(|_| damaged)?;
    let header = SHORTEST.saturating_sub(1).saturating_add(width);
    let Ok(check) = from.array::<CHECK>() else {
        return truncated(length.saturating_add(header.saturating_add(TRAILER) as u64));
    };
    if check != check_of(kind, length) {
        return Err(damaged);
    }
    let parts = usize::try_from(length).ok().and_then(|length| {
        let (body, rest) = bytes.get(header..)?.split_at_checked(length)?;
        let (checksum, rest) = rest.split_first_chunk::<TRAILER>()?;
        Some((body, u64::from_le_bytes(*checksum), rest))
    });
    let Some((body, found, rest)) = parts else {
        return truncated(length.saturating_add(header.saturating_add(TRAILER) as u64));
    };
    let checksum = hash(body);
    if found != checksum {
        return Err(DecodeError::Checksum { at, found, computed: checksum });
    }
    Ok(Frame { at: at.saturating_add(header as u64), body, checksum, rest })
}

/// The frame that is all of the bytes
pub(crate) fn read_only(bytes: &[u8], kind: Kind) -> Read<Frame<'_>> {
    let frame = read(bytes, 0, kind)?;
    if frame.rest.is_empty() {
        return Ok(frame);
    }
    let at = bytes.len().saturating_sub(frame.rest.len()) as u64;
    Err(DecodeError::Malformed { at, flaw: Flaw::Trailing })
}
