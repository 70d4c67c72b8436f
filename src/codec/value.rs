//! The values that events and engines are made of, each written and read in one place

use alloc::vec::Vec;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

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

impl Coded for Task {
    fn write(&self, out: &mut Vec<u8>) {
        let Self { revision, index } = self;
        revision.write(out);
        index.write(out);
    }

    fn read(from: &mut Reader<'_>) -> Read<Self> {
        Ok(Self { revision: Coded::read(from)?, index: Coded::read(from)? })
    }
}

/// Its place in an interface's life
impl Coded for Status {
    fn write(&self, out: &mut Vec<u8>) {
        out.push(*self as u8);
    }

    fn read(from: &mut Reader<'_>) -> Read<Self> {
        let byte = from.byte()?;
        Self::ALL.get(usize::from(byte)).copied().ok_or_else(|| from.flaw(Flaw::Tag))
    }
}

impl Coded for Reservation {
    fn write(&self, out: &mut Vec<u8>) {
        out.push(match self {
            Self::Hard => 0,
            Self::AutoOnly => 1,
            Self::PrefixOnly => 2,
        });
    }

    fn read(from: &mut Reader<'_>) -> Read<Self> {
        match from.byte()? {
            0 => Ok(Self::Hard),
            1 => Ok(Self::AutoOnly),
            2 => Ok(Self::PrefixOnly),
            _ => Err(from.flaw(Flaw::Tag)),
        }
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

impl Coded for Limits {
    fn write(&self, out: &mut Vec<u8>) {
        let Self { tokens, tasks, runs } = self;
        tokens.write(out);
        tasks.write(out);
        runs.write(out);
    }

    fn read(from: &mut Reader<'_>) -> Read<Self> {
        Ok(Self { tokens: Coded::read(from)?, tasks: Coded::read(from)?, runs: Coded::read(from)? })
    }
}

/// 0 is IPv4, 1 IPv6
impl Coded for Family {
    fn write(&self, out: &mut Vec<u8>) {
        out.push(match self {
            Self::V4 => 0,
            Self::V6 => 1,
        });
    }

    fn read(from: &mut Reader<'_>) -> Read<Self> {
        match from.byte()? {
            0 => Ok(Self::V4),
            1 => Ok(Self::V6),
            _ => Err(from.flaw(Flaw::Tag)),
        }
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

/// The address, host bits and all, and the length of the prefix
impl Coded for Ipv4Net {
    fn write(&self, out: &mut Vec<u8>) {
        self.addr().write(out);
        out.push(self.prefix_len());
    }

    fn read(from: &mut Reader<'_>) -> Read<Self> {
        let address = Coded::read(from)?;
        let prefix = from.byte()?;
        Self::new(address, prefix).map_err(|_| from.flaw(Flaw::Cidr))
    }
}

impl Coded for Ipv6Net {
    fn write(&self, out: &mut Vec<u8>) {
        self.addr().write(out);
        out.push(self.prefix_len());
    }

    fn read(from: &mut Reader<'_>) -> Read<Self> {
        let address = Coded::read(from)?;
        let prefix = from.byte()?;
        Self::new(address, prefix).map_err(|_| from.flaw(Flaw::Cidr))
    }
}

impl Coded for IpNet {
    fn write(&self, out: &mut Vec<u8>) {
        self.addr().write(out);
        out.push(self.prefix_len());
    }

    fn read(from: &mut Reader<'_>) -> Read<Self> {
        let address = Coded::read(from)?;
        let prefix = from.byte()?;
        Self::new(address, prefix).map_err(|_| from.flaw(Flaw::Cidr))
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
