//! What most values are as bytes, said as tables: their fields in order, after a tag where there are several kinds
//!
//! A field that is a `u64` is a word, unless the table says that it is a number.

/// Structures: each field in order
macro_rules! structs {
    ($($(#[$doc:meta])* $name:ident { $($field:ident $(: $how:ident)?)* })*) => {$(
        $(#[$doc])*
        impl $crate::codec::value::Coded for $name {
            fn write(&self, out: &mut alloc::vec::Vec<u8>) {
                let Self { $($field),* } = self;
                $($crate::codec::fields::write_field!(out $field $($how)?);)*
            }

            fn read(
                from: &mut $crate::codec::reader::Reader<'_>,
            ) -> $crate::codec::reader::Read<Self> {
                $(let $field = $crate::codec::fields::read_field!(from $($how)?);)*
                Ok(Self { $($field),* })
            }
        }
    )*};
}

/// Choices: the tag of each in a byte, then its fields in order
macro_rules! choices {
    ($($(#[$doc:meta])* $name:ident {
        $($tag:literal $choice:ident $(($of:ident))? $({ $($field:ident $(: $how:ident)?)* })?)*
    })*) => {$(
        $(#[$doc])*
        impl $crate::codec::value::Coded for $name {
            fn write(&self, out: &mut alloc::vec::Vec<u8>) {
                match self {
                    $(Self::$choice $(($of))? $({ $($field),* })? => {
                        out.push($tag);
                        $($crate::codec::fields::write_field!(out $of);)?
                        $($($crate::codec::fields::write_field!(out $field $($how)?);)*)?
                    })*
                }
            }

            fn read(
                from: &mut $crate::codec::reader::Reader<'_>,
            ) -> $crate::codec::reader::Read<Self> {
                Ok(match from.byte()? {
                    $($tag => {
                        $(let $of = $crate::codec::fields::read_field!(from);)?
                        $($(let $field = $crate::codec::fields::read_field!(from $($how)?);)*)?
                        Self::$choice $(($of))? $({ $($field),* })?
                    })*
                    _ => return Err(from.flaw($crate::error::Flaw::Tag)),
                })
            }
        }
    )*};
}

macro_rules! write_field {
    ($out:ident $field:ident) => {
        $crate::codec::value::Coded::write($field, $out)
    };
    ($out:ident $field:ident number) => {
        $crate::codec::write::number($out, *$field)
    };
}

macro_rules! read_field {
    ($from:ident) => {
        $crate::codec::value::Coded::read($from)?
    };
    ($from:ident number) => {
        $from.number()?
    };
}

pub(super) use {choices, read_field, structs, write_field};
