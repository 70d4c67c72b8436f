//! The values that events and engines are made of, each written and read in one place

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use triomphe::Arc;

use super::fields::{choices, structs};
use super::reader::{Read, Reader};
use super::write;
use crate::command::Limits;
use crate::error::Flaw;
use crate::id::{
    InterfaceId, Reason, RequestId, Revision, SubnetId, Task, Timestamp, Token, VpcId,
};
use crate::space::Reservation;
use crate::space::address::{Family, Span};
use crate::space::index::Indices;
use crate::space::range::AddrRange;
use crate::status::Status;

/// A value with one form in bytes
pub(crate) trait Coded: Sized {
    fn write(&self, out: &mut Vec<u8>);

    /// Reads one, and refuses any other form of it
    fn read(from: &mut Reader<'_>) -> Read<Self>;
}

/// A tag, then the value if there is one
impl<T: Coded> Coded for Option<T> {
    fn write(&self, out: &mut Vec<u8>) {
        self.is_some().write(out);
        if let Some(value) = self {
            value.write(out);
        }
    }

    fn read(from: &mut Reader<'_>) -> Read<Self> {
        if bool::read(from)? { T::read(from).map(Some) } else { Ok(None) }
    }
}

impl Coded for bool {
    fn write(&self, out: &mut Vec<u8>) {
        out.push(u8::from(*self));
    }

    fn read(from: &mut Reader<'_>) -> Read<Self> {
        let byte = from.byte()?;
        from.demand(byte < 2, Flaw::Tag)?;
        Ok(byte == 1)
    }
}

impl Coded for u32 {
    fn write(&self, out: &mut Vec<u8>) {
        write::number(out, (*self).into());
    }

    fn read(from: &mut Reader<'_>) -> Read<Self> {
        from.number32()
    }
}

/// A byte
impl Coded for u8 {
    fn write(&self, out: &mut Vec<u8>) {
        out.push(*self);
    }

    fn read(from: &mut Reader<'_>) -> Read<Self> {
        from.byte()
    }
}

/// A word: a digest, or a seed
impl Coded for u64 {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.to_le_bytes());
    }

    fn read(from: &mut Reader<'_>) -> Read<Self> {
        from.word()
    }
}

/// An offset: a number
impl Coded for u128 {
    fn write(&self, out: &mut Vec<u8>) {
        write::wide(out, *self);
    }

    fn read(from: &mut Reader<'_>) -> Read<Self> {
        from.wide()
    }
}

/// A value behind a shared pointer, which is spoken for with its count
impl<T: Coded> Coded for Arc<T> {
    fn write(&self, out: &mut Vec<u8>) {
        (**self).write(out);
    }

    fn read(from: &mut Reader<'_>) -> Read<Self> {
        from.spend(size_of::<(usize, T)>() as u64)?;
        T::read(from).map(Self::new)
    }
}

/// A value in a box, which is spoken for
impl<T: Coded> Coded for Box<T> {
    fn write(&self, out: &mut Vec<u8>) {
        (**self).write(out);
    }

    fn read(from: &mut Reader<'_>) -> Read<Self> {
        from.spend(size_of::<T>() as u64)?;
        T::read(from).map(Self::new)
    }
}

macro_rules! ids {
    ($($name:ident)*) => {$(
        /// Its length in a byte, and its bytes
        impl Coded for $name {
            fn write(&self, out: &mut Vec<u8>) {
                let bytes = self.as_bytes();
                // At most 64.
                out.push(u8::try_from(bytes.len()).unwrap_or(u8::MAX));
                out.extend_from_slice(bytes);
            }

            fn read(from: &mut Reader<'_>) -> Read<Self> {
                let length = from.byte()?;
                let bytes = from.bytes(length.into())?;
                let text = core::str::from_utf8(bytes).ok();
                text.and_then(|text| Self::new(text).ok()).ok_or_else(|| from.flaw(Flaw::Id))
            }
        }
    )*};
}

ids!(VpcId SubnetId InterfaceId RequestId Token Reason);

impl Coded for Revision {
    fn write(&self, out: &mut Vec<u8>) {
        write::number(out, self.get());
    }

    fn read(from: &mut Reader<'_>) -> Read<Self> {
        from.number().map(Self::new)
    }
}

impl Coded for Timestamp {
    fn write(&self, out: &mut Vec<u8>) {
        write::number(out, self.millis());
    }

    fn read(from: &mut Reader<'_>) -> Read<Self> {
        from.number().map(Self::from_millis)
    }
}

/// A bit each
impl Coded for Indices {
    fn write(&self, out: &mut Vec<u8>) {
        out.push(self.bits());
    }

    fn read(from: &mut Reader<'_>) -> Read<Self> {
        let bits = from.byte()?;
        let indices = Self { blocks: bits & 1 != 0, ranks: bits & 2 != 0 };
        from.demand(indices.bits() == bits, Flaw::Tag)?;
        Ok(indices)
    }
}

/// Its bits, low byte first
impl Coded for Ipv4Addr {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.to_bits().to_le_bytes());
    }

    fn read(from: &mut Reader<'_>) -> Read<Self> {
        from.array().map(|bytes| Self::from_bits(u32::from_le_bytes(bytes)))
    }
}

impl Coded for Ipv6Addr {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.to_bits().to_le_bytes());
    }

    fn read(from: &mut Reader<'_>) -> Read<Self> {
        from.array().map(|bytes| Self::from_bits(u128::from_le_bytes(bytes)))
    }
}

impl Coded for IpAddr {
    fn write(&self, out: &mut Vec<u8>) {
        Family::of(*self).write(out);
        match self {
            Self::V4(address) => address.write(out),
            Self::V6(address) => address.write(out),
        }
    }

    fn read(from: &mut Reader<'_>) -> Read<Self> {
        Ok(match Family::read(from)? {
            Family::V4 => Self::V4(Coded::read(from)?),
            Family::V6 => Self::V6(Coded::read(from)?),
        })
    }
}

macro_rules! nets {
    ($($name:ident)*) => {$(
        /// The address, host bits and all, and the length of the prefix
        impl Coded for $name {
            fn write(&self, out: &mut Vec<u8>) {
                self.addr().write(out);
                self.prefix_len().write(out);
            }

            fn read(from: &mut Reader<'_>) -> Read<Self> {
                let (address, prefix_len) = (Coded::read(from)?, Coded::read(from)?);
                Self::new(address, prefix_len).map_err(|_| from.flaw(Flaw::Cidr))
            }
        }
    )*};
}

nets!(Ipv4Net Ipv6Net IpNet);

/// As many as are counted, then each
impl Coded for Vec<IpNet> {
    fn write(&self, out: &mut Vec<u8>) {
        write::number(out, self.len() as u64);
        self.iter().for_each(|cidr| cidr.write(out));
    }

    fn read(from: &mut Reader<'_>) -> Read<Self> {
        // The shortest is a family, 4 bytes, and a length.
        let count = from.count(6)?;
        let mut cidrs = from.vector(count)?;
        for _ in 0..count {
            cidrs.push(Coded::read(from)?);
        }
        Ok(cidrs)
    }
}

/// The first address, and how many come after it
impl Coded for AddrRange {
    fn write(&self, out: &mut Vec<u8>) {
        self.first().write(out);
        let Span { first, last } = self.span();
        write::wide(out, last.saturating_sub(first));
    }

    fn read(from: &mut Reader<'_>) -> Read<Self> {
        let range = Self::one(Coded::read(from)?);
        let (family, first) = (range.family(), range.span().first);
        let span = first.checked_add(from.wide()?).and_then(|last| Span::new(first, last));
        let span = span.filter(|span| span.last <= last_of(family));
        span.map(|span| Self::of_span(family, span)).ok_or_else(|| from.flaw(Flaw::TooLarge))
    }
}

/// Bits of the last address of a family
pub(crate) const fn last_of(family: Family) -> u128 {
    match family {
        Family::V4 => u32::MAX as u128,
        Family::V6 => u128::MAX,
    }
}

choices! {
    /// Its place in an interface's life
    Status {
        0 Creating
        1 Available
        2 Attaching
        3 InUse
        4 Detaching
        5 Deleting
    }
    Reservation { 0 Hard 1 AutoOnly 2 PrefixOnly }
    Family { 0 V4 1 V6 }
}

structs! {
    Task { revision index }
    Limits { tokens tasks runs }
}
