//! How most values are written, as tables: the fields in order, after a tag if there are several kinds
//!
//! A field that is a `u64` is a word, unless the table says that it is a number.

/// Structures: each field in order
macro_rules! structs {
    ($($(#[$doc:meta])* $name:ident { $($field:ident $(: $how:ident)?)* })*) => {$(
        $(#[$doc])*
        impl $crate::bytes::Encode for $name {
            fn write(&self, to: &mut impl $crate::bytes::Sink) {
                let Self { $($field),* } = self;
                $($crate::bytes::write_field!(to $field $($how)?);)*
            }
        }

        impl $crate::bytes::Decode for $name {
            fn read(from: &mut $crate::bytes::Reader<'_>) -> $crate::bytes::Read<Self> {
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
    })*) => {
        $crate::bytes::encoded_choices! {
            $($(#[$doc])* $name { $($tag $choice $(($of))? $({ $($field $(: $how)?)* })?)* })*
        }
        $(
            impl $crate::bytes::Decode for $name {
                fn read(from: &mut $crate::bytes::Reader<'_>) -> $crate::bytes::Read<Self> {
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
        )*
    };
}

/// Choices that are only written, never read
macro_rules! encoded_choices {
    ($($(#[$doc:meta])* $name:ty {
        $($tag:literal $choice:ident $(($of:ident))? $({ $($field:ident $(: $how:ident)?)* })?)*
    })*) => {$(
        $(#[$doc])*
        impl $crate::bytes::Encode for $name {
            fn write(&self, to: &mut impl $crate::bytes::Sink) {
                match self {
                    $(Self::$choice $(($of))? $({ $($field),* })? => {
                        $crate::bytes::Sink::byte(to, $tag);
                        $($crate::bytes::write_field!(to $of);)?
                        $($($crate::bytes::write_field!(to $field $($how)?);)*)?
                    })*
                }
            }
        }
    )*};
}

/// Requests, which are only written, into the digest that recognises them
///
/// Each field follows its number, and a 0 follows the last field. A field marked `maybe` is not written if it has its
/// default. So a new field that is marked so does not change the digest of any earlier request. Fields after the
/// semicolon are not part of the request, and may differ between retries.
macro_rules! requests {
    ($($name:ident {
        $($number:literal $field:ident $(: $maybe:ident)?)* $(; $($apart:ident)+)?
    })*) => {$(
        impl $crate::bytes::Encode for $name {
            fn write(&self, to: &mut impl $crate::bytes::Sink) {
                let Self { $($field,)* $($($apart: _,)+)? } = self;
                $($crate::bytes::requests!(@ to $number $field $($maybe)?);)*
                $crate::bytes::Sink::byte(to, 0);
            }
        }
    )*};
    (@ $to:ident $number:literal $field:ident) => {
        $crate::bytes::Sink::byte($to, $number);
        $crate::bytes::Encode::write($field, $to);
    };
    (@ $to:ident $number:literal $field:ident maybe) => {
        if !$crate::bytes::is_default($field) {
            $crate::bytes::requests!(@ $to $number $field);
        }
    };
}

macro_rules! write_field {
    ($to:ident $field:ident) => {
        $crate::bytes::Encode::write($field, $to)
    };
    ($to:ident $field:ident number) => {
        $crate::bytes::Sink::number($to, *$field)
    };
}

macro_rules! read_field {
    ($from:ident) => {
        $crate::bytes::Decode::read($from)?
    };
    ($from:ident number) => {
        $from.number()?
    };
}

pub(crate) use {choices, encoded_choices, read_field, requests, structs, write_field};
