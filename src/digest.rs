//! The history digest: what is fed to it, in what form

use core::hash::Hasher;
use core::net::IpAddr;

use ipnet::IpNet;
use twox_hash::XxHash64;

use crate::rules::{FamilyRules, Gateway, Policy, Profile};
use crate::space::address::Family;
use crate::space::list::AddrList;
use crate::space::range::{AddrRange, Ends};

/// XXH64 over little-endian words of 64 bits
///
/// Words are gathered and hashed many at a time: most events are hashed in one go.
pub(crate) struct Digest {
    gathered: [[u8; 8]; Self::GATHERED],
    /// Words gathered
    len: usize,
    /// Once there were more than can be gathered
    before: Option<XxHash64>,
}

impl Digest {
    /// Words, more than any fixed number that is fed at once
    const GATHERED: usize = 24;

    #[inline]
    pub(crate) const fn new() -> Self {
        Self { gathered: [[0; 8]; Self::GATHERED], len: 0, before: None }
    }

    pub(crate) fn finish(&self) -> u64 {
        let gathered = self.gathered.get(..self.len).unwrap_or_default().as_flattened();
        match &self.before {
            None => XxHash64::oneshot(0, gathered),
            Some(before) => {
                let mut hash = before.clone();
                hash.write(gathered);
                hash.finish()
            }
        }
    }

    #[inline]
    pub(crate) fn word(&mut self, word: u64) {
        self.words(&[word]);
    }

    #[inline]
    pub(crate) fn words<const N: usize>(&mut self, words: &[u64; N]) {
        if self.len.saturating_add(N) > Self::GATHERED {
            self.flush();
        }
        let room = self.gathered.get_mut(self.len..).and_then(<[[u8; 8]]>::first_chunk_mut);
        if let Some(room) = room {
            *room = words.map(u64::to_le_bytes);
            self.len = self.len.saturating_add(N);
        }
    }

    /// The words of two ids
    #[inline]
    pub(crate) fn pair(&mut self, [a, b, c, d, e]: [u64; 5], [f, g, h, i, j]: [u64; 5]) {
        self.words(&[a, b, c, d, e, f, g, h, i, j]);
    }

    #[cold]
    fn flush(&mut self) {
        let hash = self.before.get_or_insert_with(|| XxHash64::with_seed(0));
        hash.write(self.gathered.get(..self.len).unwrap_or_default().as_flattened());
        self.len = 0;
    }

    pub(crate) fn option<T>(&mut self, value: Option<T>, feed: impl FnOnce(&mut Self, T)) {
        self.word(value.is_some().into());
        if let Some(value) = value {
            feed(self, value);
        }
    }

    pub(crate) fn address(&mut self, value: IpAddr) {
        self.range(AddrRange::one(value));
    }

    pub(crate) fn net(&mut self, value: IpNet) {
        self.address(value.addr());
        self.word(value.prefix_len().into());
    }

    /// The bits in an address of its family, then its ends
    pub(crate) fn range(&mut self, value: AddrRange) {
        self.word(value.family().bits().into());
        self.ends(value);
    }

    /// Of IPv4 one word, the first address in its lower half; of IPv6 two for each address, low one first
    fn ends(&mut self, value: AddrRange) {
        match value.ends() {
            Ends::V4(ends) => self.word(packed(ends)),
            Ends::V6([first, last]) => {
                self.words(&[first.low(), first.high(), last.low(), last.high()]);
            }
        }
    }

    /// How many runs there are, with the bits in an address if that is the same of all; then the runs. Of a
    /// list with prefixes how many parts, and 1; then each part's range, after a 1 if it is a prefix
    pub(crate) fn list(&mut self, value: &AddrList) {
        // Most lists: the same as below, at one go.
        if let Some(Ends::V4(ends)) = value.as_run().map(AddrRange::ends) {
            return self.words(&[1, Family::V4.bits().into(), packed(ends)]);
        }
        let runs = value.run_count() as u64;
        if value.has_prefixes() {
            self.words(&[runs, 1]);
            return value.parts().for_each(|part| {
                self.word(part.is_prefix().into());
                self.range(part.range());
            });
        }
        match value.family() {
            Some(family) => {
                self.words(&[runs, family.bits().into()]);
                value.ranges().for_each(|range| self.ends(range));
            }
            None => {
                self.words(&[runs, 0]);
                value.ranges().for_each(|range| self.range(range));
            }
        }
    }

    pub(crate) fn profile(&mut self, value: &Profile) {
        self.rules(&value.v4);
        self.rules(&value.v6);
        self.word(value.list_and_count as u64);
        self.word(value.own_address as u64);
        self.word(value.free_address as u64);
        self.word(value.assign_primary.into());
        self.word(value.unassign_primary.into());
        self.word(value.quota.per_family.into());
        self.word(value.quota.counts_primary.into());
        self.word(value.assign_in.bits().into());
        self.word(value.quarantine.millis);
        self.word(value.quarantine.take_back.into());
        self.word(value.quarantine.when_exhausted.into());
        self.word(value.replace_primary.into());
        self.word(value.one_task.into());
    }

    pub(crate) fn policy(&mut self, value: Policy) {
        match value {
            Policy::Lowest => self.word(0),
            Policy::Next => self.word(1),
            Policy::From { offset } => {
                self.word(2);
                self.u128(offset);
            }
            Policy::Random { seed } => self.words(&[3, seed]),
            Policy::LongestReleased => self.word(4),
            Policy::Dense => self.word(5),
            Policy::Sparse => self.word(6),
        }
    }

    fn rules(&mut self, value: &FamilyRules) {
        self.word(value.first.into());
        self.word(value.last.into());
        match value.gateway {
            Gateway::None => self.word(0),
            Gateway::Offset(offset) => {
                self.word(1);
                self.u128(offset);
            }
            Gateway::FromLast(below) => {
                self.word(2);
                self.u128(below);
            }
            Gateway::At(address) => {
                self.word(3);
                self.address(address);
            }
        }
        self.word(value.small as u64);
        self.word(value.shortest_prefix.into());
        self.word(value.longest_prefix.into());
    }

    #[expect(clippy::cast_possible_truncation, reason = "each half has 64 bits")]
    fn u128(&mut self, value: u128) {
        self.words(&[value as u64, (value >> 64) as u64]);
    }
}

/// Both ends of an IPv4 range in one word, the first one in the lower half
fn packed([first, last]: [u32; 2]) -> u64 {
    u64::from(first) | (u64::from(last) << 32)
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
