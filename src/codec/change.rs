//! Changes as bytes: the tag that the history digest has for each, and its fields in order

use alloc::boxed::Box;
use alloc::vec::Vec;

use ipnet::IpNet;

use super::reader::{Read, Reader};
use super::value::Coded;
use super::write;
use crate::error::Flaw;
use crate::event::{
    Change, End, Failure, Held, HoldExtended, OnExpiry, Quarantined, TaskFinished, TokenKept,
};

impl Coded for Change {
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::VpcCreated { vpc, cidrs } => {
                out.push(0);
                vpc.write(out);
                write::number(out, cidrs.len() as u64);
                cidrs.iter().for_each(|cidr| cidr.write(out));
            }
            Self::VpcDeleted { vpc } => {
                out.push(1);
                vpc.write(out);
            }
            Self::SubnetCreated { subnet, vpc, v4, v6, profile } => {
                out.push(2);
                subnet.write(out);
                vpc.write(out);
                v4.write(out);
                v6.write(out);
                profile.write(out);
            }
            Self::SubnetDeleted { subnet } => {
                out.push(3);
                subnet.write(out);
            }
            Self::InterfaceCreated { interface, subnet, status, quota } => {
                out.push(4);
                interface.write(out);
                subnet.write(out);
                status.write(out);
                quota.write(out);
            }
            Self::InterfaceDeleted { interface } => {
                out.push(5);
                interface.write(out);
            }
            Self::StatusSet { interface, status } => {
                out.push(6);
                interface.write(out);
                status.write(out);
            }
            Self::QuotaSet { interface, quota } => {
                out.push(7);
                interface.write(out);
                quota.write(out);
            }
            Self::RangeReserved { subnet, range, kind } => {
                out.push(8);
                subnet.write(out);
                range.write(out);
                kind.write(out);
            }
            Self::RangeReleased { subnet, range } => {
                out.push(9);
                subnet.write(out);
                range.write(out);
            }
            Self::Assigned { interface, subnet, addresses } => {
                out.push(10);
                interface.write(out);
                subnet.write(out);
                addresses.write(out);
            }
            Self::PrimarySet { interface, address } => {
                out.push(11);
                interface.write(out);
                address.write(out);
            }
            Self::Released { interface, subnet, addresses } => {
                out.push(12);
                interface.write(out);
                subnet.write(out);
                addresses.write(out);
            }
            Self::IndicesSet { subnet, indices } => {
                out.push(13);
                subnet.write(out);
                indices.write(out);
            }
            Self::Quarantined(of) => {
                out.push(14);
                of.write(out);
            }
            Self::RestEnded { subnet, addresses } => {
                out.push(15);
                subnet.write(out);
                addresses.write(out);
            }
            Self::Held(of) => {
                out.push(16);
                of.write(out);
            }
            Self::TaskFinished(of) => {
                out.push(17);
                of.write(out);
            }
            Self::TokenKept(of) => {
                out.push(18);
                of.write(out);
            }
            Self::LimitsSet { limits } => {
                out.push(19);
                limits.write(out);
            }
            Self::Swept => out.push(20),
            Self::PolicySet { subnet, policy } => {
                out.push(25);
                subnet.write(out);
                policy.write(out);
            }
            Self::CursorMoved { subnet, address } => {
                out.push(26);
                subnet.write(out);
                address.write(out);
            }
            Self::Drawn { subnet, family, draws } => {
                out.push(27);
                subnet.write(out);
                family.write(out);
                write::number(out, *draws);
            }
            Self::SubnetReshaped { subnet, v4, v6, profile } => {
                out.push(29);
                subnet.write(out);
                v4.write(out);
                v6.write(out);
                profile.write(out);
            }
            Self::HoldExtended(of) => {
                out.push(34);
                of.write(out);
            }
        }
    }

    fn read(from: &mut Reader<'_>) -> Read<Self> {
        Ok(match from.byte()? {
            0 => Self::VpcCreated { vpc: Coded::read(from)?, cidrs: cidrs(from)? },
            1 => Self::VpcDeleted { vpc: Coded::read(from)? },
            2 => Self::SubnetCreated {
                subnet: Coded::read(from)?,
                vpc: Coded::read(from)?,
                v4: Coded::read(from)?,
                v6: Coded::read(from)?,
                profile: boxed(from)?,
            },
            3 => Self::SubnetDeleted { subnet: Coded::read(from)? },
            4 => Self::InterfaceCreated {
                interface: Coded::read(from)?,
                subnet: Coded::read(from)?,
                status: Coded::read(from)?,
                quota: Coded::read(from)?,
            },
            5 => Self::InterfaceDeleted { interface: Coded::read(from)? },
            6 => Self::StatusSet { interface: Coded::read(from)?, status: Coded::read(from)? },
            7 => Self::QuotaSet { interface: Coded::read(from)?, quota: Coded::read(from)? },
            8 => Self::RangeReserved {
                subnet: Coded::read(from)?,
                range: Coded::read(from)?,
                kind: Coded::read(from)?,
            },
            9 => Self::RangeReleased { subnet: Coded::read(from)?, range: Coded::read(from)? },
            10 => Self::Assigned {
                interface: Coded::read(from)?,
                subnet: Coded::read(from)?,
                addresses: Coded::read(from)?,
            },
            11 => Self::PrimarySet { interface: Coded::read(from)?, address: Coded::read(from)? },
            12 => Self::Released {
                interface: Coded::read(from)?,
                subnet: Coded::read(from)?,
                addresses: Coded::read(from)?,
            },
            13 => Self::IndicesSet { subnet: Coded::read(from)?, indices: Coded::read(from)? },
            14 => Self::Quarantined(boxed(from)?),
            15 => Self::RestEnded { subnet: Coded::read(from)?, addresses: Coded::read(from)? },
            16 => Self::Held(boxed(from)?),
            17 => Self::TaskFinished(boxed(from)?),
            18 => Self::TokenKept(boxed(from)?),
            19 => Self::LimitsSet { limits: Coded::read(from)? },
            20 => Self::Swept,
            25 => Self::PolicySet { subnet: Coded::read(from)?, policy: boxed(from)? },
            26 => Self::CursorMoved { subnet: Coded::read(from)?, address: Coded::read(from)? },
            27 => Self::Drawn {
                subnet: Coded::read(from)?,
                family: Coded::read(from)?,
                draws: from.number()?,
            },
            29 => Self::SubnetReshaped {
                subnet: Coded::read(from)?,
                v4: Coded::read(from)?,
                v6: Coded::read(from)?,
                profile: boxed(from)?,
            },
            34 => Self::HoldExtended(boxed(from)?),
            _ => return Err(from.flaw(Flaw::Tag)),
        })
    }
}

/// A value in a box, which is spoken for
fn boxed<T: Coded>(from: &mut Reader<'_>) -> Read<Box<T>> {
    from.spend(size_of::<T>() as u64)?;
    T::read(from).map(Box::new)
}

/// As many CIDRs as are counted
pub(crate) fn cidrs(from: &mut Reader<'_>) -> Read<Vec<IpNet>> {
    // The shortest is a family, 4 bytes, and a length.
    let count = from.count(6)?;
    let mut cidrs = from.vector(count)?;
    for _ in 0..count {
        cidrs.push(Coded::read(from)?);
    }
    Ok(cidrs)
}

macro_rules! structs {
    ($($name:ident: $($field:ident)*;)*) => {$(
        impl Coded for $name {
            fn write(&self, out: &mut Vec<u8>) {
                let Self { $($field),* } = self;
                $($field.write(out);)*
            }

            fn read(from: &mut Reader<'_>) -> Read<Self> {
                Ok(Self { $($field: Coded::read(from)?),* })
            }
        }
    )*};
}

structs! {
    Quarantined: interface subnet addresses until reason;
    Held: index interface subnet addresses until expired keep_until request;
    TaskFinished: task end until reason;
    TokenKept: token until request answer task primary;
    HoldExtended: task subnet addresses;
}

/// A digest: a word
impl Coded for u64 {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.to_le_bytes());
    }

    fn read(from: &mut Reader<'_>) -> Read<Self> {
        from.word()
    }
}

impl Coded for OnExpiry {
    fn write(&self, out: &mut Vec<u8>) {
        match *self {
            Self::Unknown => out.push(0),
            Self::Release { rest_millis } => {
                out.push(1);
                write::number(out, rest_millis);
            }
        }
    }

    fn read(from: &mut Reader<'_>) -> Read<Self> {
        Ok(match from.byte()? {
            0 => Self::Unknown,
            1 => Self::Release { rest_millis: from.number()? },
            _ => return Err(from.flaw(Flaw::Tag)),
        })
    }
}

impl Coded for End {
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Succeeded => out.push(0),
            Self::Failed { failure, reason, kept } => {
                out.push(1);
                failure.write(out);
                reason.write(out);
                kept.write(out);
            }
        }
    }

    fn read(from: &mut Reader<'_>) -> Read<Self> {
        Ok(match from.byte()? {
            0 => Self::Succeeded,
            1 => Self::Failed {
                failure: Coded::read(from)?,
                reason: Coded::read(from)?,
                kept: Coded::read(from)?,
            },
            _ => return Err(from.flaw(Flaw::Tag)),
        })
    }
}

impl Coded for Failure {
    fn write(&self, out: &mut Vec<u8>) {
        out.push(match self {
            Self::Cancelled => 0,
            Self::InterfaceDeleted => 1,
            Self::NotObserved => 2,
        });
    }

    fn read(from: &mut Reader<'_>) -> Read<Self> {
        match from.byte()? {
            0 => Ok(Self::Cancelled),
            1 => Ok(Self::InterfaceDeleted),
            2 => Ok(Self::NotObserved),
            _ => Err(from.flaw(Flaw::Tag)),
        }
    }
}
