//! What most values are as bytes, said as tables: their fields in order, after a tag where there are several kinds
//!
//! A field that is a `u64` is a word, unless the table says that it is a number.

/// Structures: each field in order
macro_rules! structs {
    ($($(#[$doc:meta])* $name:ident { $($field:ident $(: $how:ident)?)* })*) => {$(
        $(#[$doc])*
        impl $crate::bytes::Coded for $name {
            fn write(&self, to: &mut impl $crate::bytes::Sink) {
                let Self { $($field),* } = self;
                $($crate::bytes::write_field!(to $field $($how)?);)*
            }

            fn read(
                from: &mut $crate::bytes::Reader<'_>,
            ) -> $crate::bytes::Read<Self> {
                $(let $field = $crate::bytes::read_field!(from $($how)?);)*
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
        impl $crate::bytes::Coded for $name {
            fn write(&self, to: &mut impl $crate::bytes::Sink) {
                match self {
                    $(Self::$choice $(($of))? $({ $($field),* })? => {
                        $crate::bytes::Sink::byte(to, $tag);
                        $($crate::bytes::write_field!(to $of);)?
                        $($($crate::bytes::write_field!(to $field $($how)?);)*)?
                    })*
                }
            }

            fn read(
                from: &mut $crate::bytes::Reader<'_>,
            ) -> $crate::bytes::Read<Self> {
                Ok(match from.byte()? {
                    $($tag => {
                        $(let $of = $crate::bytes::read_field!(from);)?
                        $($(let $field = $crate::bytes::read_field!(from $($how)?);)*)?
                        Self::$choice $(($of))? $({ $($field),* })?
                    })*
                    _ => return Err(from.flaw($crate::bytes::Flaw::Tag)),
                })
            }
        }
    )*};
}

macro_rules! write_field {
    ($to:ident $field:ident) => {
        $crate::bytes::Coded::write($field, $to)
    };
    ($to:ident $field:ident number) => {
        $crate::bytes::Sink::number($to, *$field)
    };
}

macro_rules! read_field {
    ($from:ident) => {
        $crate::bytes::Coded::read($from)?
    };
    ($from:ident number) => {
        $from.number()?
    };
}

pub(crate) use {choices, read_field, structs, write_field};
