//! Values of other crates, numbers and ids as bytes

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use triomphe::Arc;

use super::{Decode, Encode, Flaw, Read, Reader, Sink, structs};
use crate::id::{
    InterfaceId, Reason, RequestId, Revision, SubnetId, Task, Timestamp, Token, VpcId, WORDS,
};

/// A tag, then the value if there is one
impl<T: Encode> Encode for Option<T> {
    fn write(&self, to: &mut impl Sink) {
        self.is_some().write(to);
        if let Some(value) = self {
            value.write(to);
        }
    }
}

impl<T: Decode> Decode for Option<T> {
    fn read(from: &mut Reader<'_>) -> Read<Self> {
        if bool::read(from)? { T::read(from).map(Some) } else { Ok(None) }
    }
}

impl Encode for bool {
    fn write(&self, to: &mut impl Sink) {
        to.byte(u8::from(*self));
    }
}

impl Decode for bool {
    fn read(from: &mut Reader<'_>) -> Read<Self> {
        let byte = from.byte()?;
        from.demand(byte < 2, Flaw::Tag)?;
        Ok(byte == 1)
    }
}

impl Encode for u32 {
    fn write(&self, to: &mut impl Sink) {
        to.number((*self).into());
    }
}

impl Decode for u32 {
    fn read(from: &mut Reader<'_>) -> Read<Self> {
        from.number32()
    }
}

/// A byte
impl Encode for u8 {
    fn write(&self, to: &mut impl Sink) {
        to.byte(*self);
    }
}

impl Decode for u8 {
    fn read(from: &mut Reader<'_>) -> Read<Self> {
        from.byte()
    }
}

/// A word: a digest, or a seed
impl Encode for u64 {
    fn write(&self, to: &mut impl Sink) {
        to.word(*self);
    }
}

impl Decode for u64 {
    fn read(from: &mut Reader<'_>) -> Read<Self> {
        from.word()
    }
}

/// An offset: a number
impl Encode for u128 {
    fn write(&self, to: &mut impl Sink) {
        to.wide(*self);
    }
}

impl Decode for u128 {
    fn read(from: &mut Reader<'_>) -> Read<Self> {
        from.wide()
    }
}

/// A value behind a shared pointer, which is spoken for with its count
impl<T: Encode> Encode for Arc<T> {
    fn write(&self, to: &mut impl Sink) {
        (**self).write(to);
    }
}

impl<T: Decode> Decode for Arc<T> {
    fn read(from: &mut Reader<'_>) -> Read<Self> {
        from.spend(size_of::<(usize, T)>() as u64)?;
        T::read(from).map(Self::new)
    }
}

/// A value in a box, which is spoken for
impl<T: Encode> Encode for Box<T> {
    fn write(&self, to: &mut impl Sink) {
        (**self).write(to);
    }
}

impl<T: Decode> Decode for Box<T> {
    fn read(from: &mut Reader<'_>) -> Read<Self> {
        from.spend(size_of::<T>() as u64)?;
        T::read(from).map(Self::new)
    }
}

macro_rules! ids {
    ($($name:ident)*) => {$(
        /// Its length in a byte, and its bytes
        impl Encode for $name {
            #[inline]
            fn write(&self, to: &mut impl Sink) {
                write_id(to, self.words(), || self.as_bytes());
            }
        }

        impl Decode for $name {
            fn read(from: &mut Reader<'_>) -> Read<Self> {
                let length = from.byte()?;
                let bytes = from.bytes(length.into())?;
                let text = core::str::from_utf8(bytes).ok();
                text.and_then(|text| Self::new(text).ok()).ok_or_else(|| from.flaw(Flaw::Id))
            }
        }
    )*};
}

/// Three words at once where they have all of it, as they have of most: a copy of a length that is not known costs more
#[inline]
fn write_id<'a>(to: &mut impl Sink, words: [u64; WORDS], all: impl Fn() -> &'a [u8]) {
    let [a, b, c, .., last] = words;
    let len = (last >> 56) as usize;
    if len < 24 {
        let with_len = [a << 8 | len as u64, b << 8 | a >> 56, c << 8 | b >> 56];
        let bytes = with_len.map(u64::to_le_bytes);
        if let Some(bytes) = bytes.as_flattened().first_chunk::<24>() {
            return to.first_of(bytes, len.saturating_add(1));
        }
    }
    write_long_id(to, all());
}

#[cold]
#[inline(never)]
fn write_long_id(to: &mut impl Sink, all: &[u8]) {
    // At most 64.
    to.byte(u8::try_from(all.len()).unwrap_or(u8::MAX));
    to.bytes(all);
}

ids!(VpcId SubnetId InterfaceId RequestId Token Reason);

impl Encode for Revision {
    fn write(&self, to: &mut impl Sink) {
        to.number(self.get());
    }
}

impl Decode for Revision {
    fn read(from: &mut Reader<'_>) -> Read<Self> {
        from.number().map(Self::new)
    }
}

impl Encode for Timestamp {
    fn write(&self, to: &mut impl Sink) {
        to.number(self.millis());
    }
}

impl Decode for Timestamp {
    fn read(from: &mut Reader<'_>) -> Read<Self> {
        from.number().map(Self::from_millis)
    }
}

/// Its bits, low byte first
impl Encode for Ipv4Addr {
    fn write(&self, to: &mut impl Sink) {
        to.bytes(&self.to_bits().to_le_bytes());
    }
}

impl Decode for Ipv4Addr {
    fn read(from: &mut Reader<'_>) -> Read<Self> {
        from.array().map(|bytes| Self::from_bits(u32::from_le_bytes(bytes)))
    }
}

impl Encode for Ipv6Addr {
    fn write(&self, to: &mut impl Sink) {
        to.bytes(&self.to_bits().to_le_bytes());
    }
}

impl Decode for Ipv6Addr {
    fn read(from: &mut Reader<'_>) -> Read<Self> {
        from.array().map(|bytes| Self::from_bits(u128::from_le_bytes(bytes)))
    }
}

/// 0 and an IPv4 address, or 1 and an IPv6 address
impl Encode for IpAddr {
    fn write(&self, to: &mut impl Sink) {
        to.byte(self.is_ipv6().into());
        match self {
            Self::V4(address) => address.write(to),
            Self::V6(address) => address.write(to),
        }
    }
}

impl Decode for IpAddr {
    fn read(from: &mut Reader<'_>) -> Read<Self> {
        Ok(if bool::read(from)? {
            Self::V6(Decode::read(from)?)
        } else {
            Self::V4(Decode::read(from)?)
        })
    }
}

macro_rules! nets {
    ($($name:ident)*) => {$(
        /// The address, host bits and all, and the length of the prefix
        impl Encode for $name {
            fn write(&self, to: &mut impl Sink) {
                self.addr().write(to);
                self.prefix_len().write(to);
            }
        }

        impl Decode for $name {
            fn read(from: &mut Reader<'_>) -> Read<Self> {
                let (address, prefix_len) = (Decode::read(from)?, Decode::read(from)?);
                Self::new(address, prefix_len).map_err(|_| from.flaw(Flaw::Cidr))
            }
        }
    )*};
}

nets!(Ipv4Net Ipv6Net IpNet);

/// How many there are, then each
impl<T: Encode> Encode for Vec<T> {
    fn write(&self, to: &mut impl Sink) {
        to.number(self.len() as u64);
        self.iter().for_each(|value| value.write(to));
    }
}

impl Decode for Vec<IpNet> {
    fn read(from: &mut Reader<'_>) -> Read<Self> {
        // The shortest is a family, 4 bytes, and a length.
        let count = from.count(6)?;
        let mut cidrs = from.vector(count)?;
        for _ in 0..count {
            cidrs.push(Decode::read(from)?);
        }
        Ok(cidrs)
    }
}

/// A set of few things as bits, `all` at most
pub(crate) fn bits(from: &mut Reader<'_>, all: u8) -> Read<u8> {
    let bits = from.byte()?;
    from.demand(bits & !all == 0, Flaw::Tag)?;
    Ok(bits)
}

structs! {
    Task { revision index }
}
