//! The hash of histories, requests and frames: rapidhash, version 3, with its own seed and secrets

use super::Sink;
use super::rapid::{self, CHUNK, Lanes};

/// The hash of some bytes: the same on every platform, and in every release
pub(crate) fn hash(bytes: &[u8]) -> u64 {
    rapid::hash(bytes)
}

/// The hash of what a value writes
#[inline]
pub(crate) fn hash_of(write: impl Fn(&mut Gathered)) -> u64 {
    let mut gathered = Gathered { bytes: [0; Gathered::ROOM], len: Gathered::START, lanes: None };
    write(&mut gathered);
    gathered.finish()
}

/// Gathers what is written to it, most of which is hashed in one go; more is hashed on the way
pub(crate) struct Gathered {
    /// The last bytes of what was hashed, then what was not
    bytes: [u8; Self::ROOM],
    // INVARIANT: from `START` to `ROOM`, as all that is counted was copied.
    len: usize,
    lanes: Option<Lanes>,
}

impl Gathered {
    /// Bytes that a hash needs to have of what it hashed
    const START: usize = 16;
    const ROOM: usize = Self::START + CHUNK;

    #[inline]
    fn finish(&self) -> u64 {
        let all = self.bytes.get(..self.len).unwrap_or_default();
        let rest = all.get(Self::START..).unwrap_or_default();
        match (&self.lanes, all.last_chunk()) {
            (Some(lanes), Some(last)) => lanes.finish(rest, *last),
            _ => hash(rest),
        }
    }

    #[cold]
    #[inline(never)]
    fn many(&mut self, bytes: &[u8]) {
        let mut more = bytes;
        loop {
            let room = self.bytes.get_mut(self.len..).unwrap_or_default();
            let count = room.len().min(more.len());
            for (to, from) in room.iter_mut().zip(more) {
                *to = *from;
            }
            self.len = self.len.wrapping_add(count);
            more = more.get(count..).unwrap_or_default();
            if more.is_empty() {
                return;
            }
            if let Some(chunk) = self.bytes.last_chunk() {
                self.lanes.get_or_insert(Lanes::NEW).take(chunk);
            }
            self.bytes.copy_within(CHUNK.., 0);
            self.len = Self::START;
        }
    }
}

impl Sink for Gathered {
    #[inline]
    fn bytes(&mut self, bytes: &[u8]) {
        let end = self.len.saturating_add(bytes.len());
        match self.bytes.get_mut(self.len..end) {
            Some(room) => {
                room.copy_from_slice(bytes);
                self.len = end;
            }
            None => self.many(bytes),
        }
    }

    #[inline(always)]
    fn byte(&mut self, byte: u8) {
        match self.bytes.get_mut(self.len) {
            Some(room) => {
                *room = byte;
                self.len = self.len.wrapping_add(1);
            }
            None => self.many(&[byte]),
        }
    }

    /// Copies all of them, whose number is known, and counts the first
    #[inline(always)]
    fn first_of<const N: usize>(&mut self, bytes: &[u8; N], count: usize) {
        match self.bytes.get_mut(self.len..).and_then(<[u8]>::first_chunk_mut) {
            Some(room) => {
                *room = *bytes;
                self.len = self.len.wrapping_add(count);
            }
            None => self.many(bytes.get(..count).unwrap_or(bytes)),
        }
    }
}

/// A digest as 16 hexadecimal digits in readable formats: many tools round numbers above 2^53
#[cfg(feature = "serde")]
pub(crate) mod hex {
    use alloc::borrow::Cow;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(crate) fn serialize<S: Serializer>(digest: &u64, to: S) -> Result<S::Ok, S::Error> {
        if to.is_human_readable() {
            to.collect_str(&format_args!("{digest:016x}"))
        } else {
            to.serialize_u64(*digest)
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
        if !from.is_human_readable() {
            return u64::deserialize(from);
        }
        let text = Cow::<str>::deserialize(from)?;
        let digits = text.len() == 16 && text.bytes().all(|digit| digit.is_ascii_hexdigit());
        let digest = u64::from_str_radix(&text, 16).ok().filter(|_| digits);
        digest.ok_or_else(|| D::Error::custom("a digest is 16 hexadecimal digits"))
    }
}

#[cfg(test)]
#[expect(clippy::indexing_slicing, reason = "tests")]
mod tests {
    use alloc::vec::Vec;

    use rapidhash::v3::rapidhash_v3;

    use super::{Sink, hash, hash_of};

    #[test]
    fn it_is_rapidhash() {
        let all: Vec<u8> = (0..=u8::MAX).cycle().map(|at| at.wrapping_mul(59)).take(1000).collect();
        for length in 0..=all.len() {
            assert_eq!(hash(&all[..length]), rapidhash_v3(&all[..length]), "{length} bytes");
        }
    }

    #[test]
    fn pieces_of_any_length_hash_as_one_does() {
        let all: Vec<u8> =
            (0..=u8::MAX).cycle().map(|at| at.wrapping_mul(167)).take(2000).collect();
        for length in (0..300).chain([511, 512, 513, 1999, 2000]) {
            let whole = &all[..length];
            for piece in [1, 3, 7, 64, 100, 111, 112, 113, 127, 128, 129, 1000] {
                let pieces = hash_of(|sink| {
                    for (index, part) in whole.chunks(piece).enumerate() {
                        match part {
                            [byte] => sink.byte(*byte),
                            _ if index % 2 == 1 && part.len() <= 100 => {
                                let mut padded = [0xff; 100];
                                padded[..part.len()].copy_from_slice(part);
                                sink.first_of(&padded, part.len());
                            }
                            _ => sink.bytes(part),
                        }
                    }
                });
                assert_eq!(pieces, hash(whole), "{length} bytes in pieces of {piece}");
            }
        }
    }
}
