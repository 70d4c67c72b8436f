//! Values of other crates, numbers and ids as bytes

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use triomphe::Arc;

use super::{Coded, Flaw, Read, Reader, Sink, structs};
use crate::id::{
    InterfaceId, Reason, RequestId, Revision, SubnetId, Task, Timestamp, Token, VpcId,
};

/// A tag, then the value if there is one
impl<T: Coded> Coded for Option<T> {
    fn write(&self, to: &mut impl Sink) {
        self.is_some().write(to);
        if let Some(value) = self {
            value.write(to);
        }
    }

    fn read(from: &mut Reader<'_>) -> Read<Self> {
        if bool::read(from)? { T::read(from).map(Some) } else { Ok(None) }
    }
}

impl Coded for bool {
    fn write(&self, to: &mut impl Sink) {
        to.byte(u8::from(*self));
    }

    fn read(from: &mut Reader<'_>) -> Read<Self> {
        let byte = from.byte()?;
        from.demand(byte < 2, Flaw::Tag)?;
        Ok(byte == 1)
    }
}

impl Coded for u32 {
    fn write(&self, to: &mut impl Sink) {
        to.number((*self).into());
    }

    fn read(from: &mut Reader<'_>) -> Read<Self> {
        from.number32()
    }
}

/// A byte
impl Coded for u8 {
    fn write(&self, to: &mut impl Sink) {
        to.byte(*self);
    }

    fn read(from: &mut Reader<'_>) -> Read<Self> {
        from.byte()
    }
}

/// A word: a digest, or a seed
impl Coded for u64 {
    fn write(&self, to: &mut impl Sink) {
        to.word(*self);
    }

    fn read(from: &mut Reader<'_>) -> Read<Self> {
        from.word()
    }
}

/// An offset: a number
impl Coded for u128 {
    fn write(&self, to: &mut impl Sink) {
        to.wide(*self);
    }

    fn read(from: &mut Reader<'_>) -> Read<Self> {
        from.wide()
    }
}

/// A value behind a shared pointer, which is spoken for with its count
impl<T: Coded> Coded for Arc<T> {
    fn write(&self, to: &mut impl Sink) {
        (**self).write(to);
    }

    fn read(from: &mut Reader<'_>) -> Read<Self> {
        from.spend(size_of::<(usize, T)>() as u64)?;
        T::read(from).map(Self::new)
    }
}

/// A value in a box, which is spoken for
impl<T: Coded> Coded for Box<T> {
    fn write(&self, to: &mut impl Sink) {
        (**self).write(to);
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
            fn write(&self, to: &mut impl Sink) {
                let bytes = self.as_bytes();
                // At most 64.
                to.byte(u8::try_from(bytes.len()).unwrap_or(u8::MAX));
                to.bytes(bytes);
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
    fn write(&self, to: &mut impl Sink) {
        to.number(self.get());
    }

    fn read(from: &mut Reader<'_>) -> Read<Self> {
        from.number().map(Self::new)
    }
}

impl Coded for Timestamp {
    fn write(&self, to: &mut impl Sink) {
        to.number(self.millis());
    }

    fn read(from: &mut Reader<'_>) -> Read<Self> {
        from.number().map(Self::from_millis)
    }
}

/// Its bits, low byte first
impl Coded for Ipv4Addr {
    fn write(&self, to: &mut impl Sink) {
        to.bytes(&self.to_bits().to_le_bytes());
    }

    fn read(from: &mut Reader<'_>) -> Read<Self> {
        from.array().map(|bytes| Self::from_bits(u32::from_le_bytes(bytes)))
    }
}

impl Coded for Ipv6Addr {
    fn write(&self, to: &mut impl Sink) {
        to.bytes(&self.to_bits().to_le_bytes());
    }

    fn read(from: &mut Reader<'_>) -> Read<Self> {
        from.array().map(|bytes| Self::from_bits(u128::from_le_bytes(bytes)))
    }
}

/// 0 and an IPv4 address, or 1 and an IPv6 address
impl Coded for IpAddr {
    fn write(&self, to: &mut impl Sink) {
        to.byte(self.is_ipv6().into());
        match self {
            Self::V4(address) => address.write(to),
            Self::V6(address) => address.write(to),
        }
    }

    fn read(from: &mut Reader<'_>) -> Read<Self> {
        Ok(if bool::read(from)? {
            Self::V6(Coded::read(from)?)
        } else {
            Self::V4(Coded::read(from)?)
        })
    }
}

macro_rules! nets {
    ($($name:ident)*) => {$(
        /// The address, host bits and all, and the length of the prefix
        impl Coded for $name {
            fn write(&self, to: &mut impl Sink) {
                self.addr().write(to);
                self.prefix_len().write(to);
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
    fn write(&self, to: &mut impl Sink) {
        to.number(self.len() as u64);
        self.iter().for_each(|cidr| cidr.write(to));
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

/// A set of few things as bits, `all` at most
pub(crate) fn bits(from: &mut Reader<'_>, all: u8) -> Read<u8> {
    let bits = from.byte()?;
    from.demand(bits & !all == 0, Flaw::Tag)?;
    Ok(bits)
}

structs! {
    Task { revision index }
}
