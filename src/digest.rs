//! The history digest: what is fed to it, in what form

use core::hash::Hasher;
use core::net::IpAddr;

use ipnet::IpNet;
use twox_hash::XxHash64;

use crate::rules::{FamilyRules, Gateway, Profile};
use crate::space::address::{Family, bits_of};
use crate::space::range::{AddrList, AddrRange};

/// XXH64 over little-endian fields, with a length before whatever has no fixed one
pub(crate) struct Digest(XxHash64);

impl Digest {
    pub(crate) fn new() -> Self {
        Self(XxHash64::with_seed(0))
    }

    pub(crate) fn finish(&self) -> u64 {
        self.0.finish()
    }

    pub(crate) fn u8(&mut self, value: u8) {
        self.0.write(&[value]);
    }

    pub(crate) fn u32(&mut self, value: u32) {
        self.0.write(&value.to_le_bytes());
    }

    pub(crate) fn u64(&mut self, value: u64) {
        self.0.write(&value.to_le_bytes());
    }

    pub(crate) fn len(&mut self, value: usize) {
        self.u64(value as u64);
    }

    pub(crate) fn bytes(&mut self, value: &[u8]) {
        self.len(value.len());
        self.0.write(value);
    }

    pub(crate) fn option<T>(&mut self, value: Option<T>, feed: impl FnOnce(&mut Self, T)) {
        self.u8(value.is_some().into());
        if let Some(value) = value {
            feed(self, value);
        }
    }

    pub(crate) fn address(&mut self, value: IpAddr) {
        self.u8(Family::of(value).bits());
        self.u128(bits_of(value));
    }

    pub(crate) fn net(&mut self, value: IpNet) {
        self.address(value.addr());
        self.u8(value.prefix_len());
    }

    pub(crate) fn range(&mut self, value: AddrRange) {
        self.address(value.first());
        self.address(value.last());
    }

    pub(crate) fn list(&mut self, value: &AddrList) {
        self.len(value.ranges().len());
        value.ranges().for_each(|range| self.range(range));
    }

    pub(crate) fn profile(&mut self, value: &Profile) {
        self.rules(&value.v4);
        self.rules(&value.v6);
        self.u8(value.list_and_count as u8);
        self.u8(value.own_address as u8);
        self.u8(value.free_address as u8);
        self.u8(value.assign_primary.into());
        self.u8(value.unassign_primary.into());
        self.u8(value.quota.per_family.into());
        self.u8(value.quota.counts_primary.into());
        self.u8(value.assign_in.bits());
    }

    fn rules(&mut self, value: &FamilyRules) {
        self.u32(value.first);
        self.u32(value.last);
        match value.gateway {
            Gateway::None => self.u8(0),
            Gateway::Offset(offset) => {
                self.u8(1);
                self.u128(offset);
            }
            Gateway::FromLast(below) => {
                self.u8(2);
                self.u128(below);
            }
            Gateway::At(address) => {
                self.u8(3);
                self.address(address);
            }
        }
        self.u8(value.small as u8);
        self.u8(value.shortest_prefix);
        self.u8(value.longest_prefix);
    }

    fn u128(&mut self, value: u128) {
        self.0.write(&value.to_le_bytes());
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
