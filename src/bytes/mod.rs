//! How each value is written: one description of its fields, for a buffer and for a hash
//!
//! The modules above describe their values with [`structs`] and [`choices`]. The codec writes the values into a
//! buffer and reads them again; the digest of an event is a hash of the same bytes.

mod error;
mod fields;
mod hash;
mod limits;
mod rapid;
mod reader;
mod sink;
mod value;

pub use error::{DecodeError, DecodeLimit, Flaw};
pub(crate) use fields::{choices, encoded_choices, read_field, requests, structs, write_field};
#[cfg(feature = "serde")]
pub(crate) use hash::hex;
pub(crate) use hash::{hash, hash_of};
pub use limits::DecodeLimits;
pub(crate) use reader::{Read, Reader};
pub(crate) use sink::{Sink, follow, zigzag, zigzag64};
pub(crate) use value::bits;

/// A value with one form in bytes
pub(crate) trait Encode {
    fn write(&self, to: &mut impl Sink);
}

/// A value that is read from its bytes
pub(crate) trait Decode: Sized {
    /// Reads one, and refuses any other form of it
    fn read(from: &mut Reader<'_>) -> Read<Self>;
}

/// Reads a field that may be left out of a readable form, but is no `Option` where it is there
#[cfg(feature = "serde")]
pub(crate) fn given<'de, T: serde::Deserialize<'de>, D: serde::Deserializer<'de>>(
    from: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

/// Whether a value is its default
pub(crate) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
