//! Profiles as bytes: every field in order, numbers as numbers, choices as tags

use alloc::vec::Vec;

use super::reader::{Read, Reader};
use super::value::Coded;
use super::write;
use crate::error::Flaw;
use crate::rules::{
    FamilyRules, FreeAddress, Gateway, ListAndCount, OwnAddress, Policy, Profile, Quarantine,
    QuotaRule, SmallSubnet,
};
use crate::status::{Status, StatusSet};

impl Coded for Profile {
    fn write(&self, out: &mut Vec<u8>) {
        let Self {
            v4,
            v6,
            list_and_count,
            own_address,
            free_address,
            assign_primary,
            unassign_primary,
            quota,
            assign_in,
            quarantine,
            replace_primary,
            one_task,
        } = self;
        v4.write(out);
        v6.write(out);
        list_and_count.write(out);
        own_address.write(out);
        free_address.write(out);
        assign_primary.write(out);
        unassign_primary.write(out);
        quota.write(out);
        assign_in.write(out);
        quarantine.write(out);
        replace_primary.write(out);
        one_task.write(out);
    }

    fn read(from: &mut Reader<'_>) -> Read<Self> {
        Ok(Self {
            v4: Coded::read(from)?,
            v6: Coded::read(from)?,
            list_and_count: Coded::read(from)?,
            own_address: Coded::read(from)?,
            free_address: Coded::read(from)?,
            assign_primary: Coded::read(from)?,
            unassign_primary: Coded::read(from)?,
            quota: Coded::read(from)?,
            assign_in: Coded::read(from)?,
            quarantine: Coded::read(from)?,
            replace_primary: Coded::read(from)?,
            one_task: Coded::read(from)?,
        })
    }
}

impl Coded for FamilyRules {
    fn write(&self, out: &mut Vec<u8>) {
        let Self { first, last, gateway, small, shortest_prefix, longest_prefix } = self;
        first.write(out);
        last.write(out);
        gateway.write(out);
        small.write(out);
        out.extend_from_slice(&[*shortest_prefix, *longest_prefix]);
    }

    fn read(from: &mut Reader<'_>) -> Read<Self> {
        Ok(Self {
            first: Coded::read(from)?,
            last: Coded::read(from)?,
            gateway: Coded::read(from)?,
            small: Coded::read(from)?,
            shortest_prefix: from.byte()?,
            longest_prefix: from.byte()?,
        })
    }
}

impl Coded for Gateway {
    fn write(&self, out: &mut Vec<u8>) {
        match *self {
            Self::None => out.push(0),
            Self::Offset(offset) => {
                out.push(1);
                write::wide(out, offset);
            }
            Self::FromLast(below) => {
                out.push(2);
                write::wide(out, below);
            }
            Self::At(address) => {
                out.push(3);
                address.write(out);
            }
        }
    }

    fn read(from: &mut Reader<'_>) -> Read<Self> {
        Ok(match from.byte()? {
            0 => Self::None,
            1 => Self::Offset(from.wide()?),
            2 => Self::FromLast(from.wide()?),
            3 => Self::At(Coded::read(from)?),
            _ => return Err(from.flaw(Flaw::Tag)),
        })
    }
}

impl Coded for Policy {
    fn write(&self, out: &mut Vec<u8>) {
        match *self {
            Self::Lowest => out.push(0),
            Self::Next => out.push(1),
            Self::From { offset } => {
                out.push(2);
                write::wide(out, offset);
            }
            Self::Random { seed } => {
                out.push(3);
                seed.write(out);
            }
            Self::LongestReleased => out.push(4),
            Self::Dense => out.push(5),
            Self::Sparse => out.push(6),
        }
    }

    fn read(from: &mut Reader<'_>) -> Read<Self> {
        Ok(match from.byte()? {
            0 => Self::Lowest,
            1 => Self::Next,
            2 => Self::From { offset: from.wide()? },
            3 => Self::Random { seed: Coded::read(from)? },
            4 => Self::LongestReleased,
            5 => Self::Dense,
            6 => Self::Sparse,
            _ => return Err(from.flaw(Flaw::Tag)),
        })
    }
}

impl Coded for Quarantine {
    fn write(&self, out: &mut Vec<u8>) {
        let Self { millis, take_back, when_exhausted } = self;
        write::number(out, *millis);
        take_back.write(out);
        when_exhausted.write(out);
    }

    fn read(from: &mut Reader<'_>) -> Read<Self> {
        Ok(Self {
            millis: from.number()?,
            take_back: Coded::read(from)?,
            when_exhausted: Coded::read(from)?,
        })
    }
}

impl Coded for QuotaRule {
    fn write(&self, out: &mut Vec<u8>) {
        let Self { per_family, counts_primary } = self;
        per_family.write(out);
        counts_primary.write(out);
    }

    fn read(from: &mut Reader<'_>) -> Read<Self> {
        Ok(Self { per_family: Coded::read(from)?, counts_primary: Coded::read(from)? })
    }
}

/// A bit each
impl Coded for StatusSet {
    fn write(&self, out: &mut Vec<u8>) {
        out.push(self.bits());
    }

    fn read(from: &mut Reader<'_>) -> Read<Self> {
        let bits = from.byte()?;
        let states: Vec<Status> =
            Status::ALL.into_iter().filter(|&state| bits & (1 << state as u8) != 0).collect();
        let set = Self::of(&states);
        from.demand(set.bits() == bits, Flaw::Tag)?;
        Ok(set)
    }
}

/// Choices, each with its tag
macro_rules! choices {
    ($($name:ident: $($choice:ident = $tag:literal),*;)*) => {$(
        impl Coded for $name {
            fn write(&self, out: &mut Vec<u8>) {
                out.push(match self {
                    $(Self::$choice => $tag,)*
                });
            }

            fn read(from: &mut Reader<'_>) -> Read<Self> {
                match from.byte()? {
                    $($tag => Ok(Self::$choice),)*
                    _ => Err(from.flaw(Flaw::Tag)),
                }
            }
        }
    )*};
}

choices! {
    SmallSubnet: Withhold = 0, Keep = 1;
    ListAndCount: Refuse = 0, ListWins = 1, Both = 2;
    OwnAddress: Refuse = 0, Accept = 1;
    FreeAddress: Refuse = 0, Ignore = 1;
}
