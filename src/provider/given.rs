//! A field of a request: absent, read, or of another type than documented

/// A field of a request as it was received
///
/// With the `serde` feature it deserializes from any value of a self-describing format such as JSON, and never fails
/// because of a type: `null` is [`Absent`](Self::Absent), another type than `T` is [`Other`](Self::Other).
///
/// An integer is what the parser gives as one, saturating beyond an `i128`. `serde_json` gives integers beyond 64
/// bits as floats, and a float is never an integer here, even if it is whole: it is [`Form::Number`]. With its
/// feature `arbitrary_precision` every number comes as a text inside an object of its own, which is read as the
/// number it is; there no integer is too long.
///
/// ```
/// use ipam_core::provider::{Form, Given};
///
/// let read = |json| serde_json::from_str::<Given<i128>>(json).unwrap();
/// assert_eq!(read("3"), Given::Value(3));
/// assert_eq!(read("null"), Given::Absent);
/// assert_eq!(read("\"3\""), Given::Other(Form::Text));
/// assert_eq!(read("2.0"), Given::Other(Form::Number));
/// assert_eq!(read("100000000000000000000"), Given::Other(Form::Number));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Given<T> {
    /// Absent, or `null`
    #[default]
    Absent,
    /// A value of the documented type
    Value(T),
    /// A value of this form, which is not the documented one
    Other(Form),
}

/// What a field of the wrong type holds
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Form {
    /// `true` or `false`
    Boolean,
    /// A number; where an integer is documented, one that the parser gives as a float
    Number,
    /// A string
    Text,
    /// An array
    List,
    /// An object
    Object,
}

impl<T> Given<T> {
    /// Whether the field is absent or `null`
    pub const fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }
}

impl Form {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Boolean => "a boolean",
            Self::Number => "a number",
            Self::Text => "a string",
            Self::List => "a list",
            Self::Object => "an object",
        }
    }
}

/// The integer that a text spells in decimal; what is too large saturates
pub(super) fn integer(text: &str) -> Option<i128> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let beyond = if digits.len() == text.len() { i128::MAX } else { i128::MIN };
    Some(text.parse().unwrap_or(beyond))
}

/// Reads a request's type from an object with these fields, and from nothing else
///
/// Derived, it would also be read from a list of its fields, which no page documents.
macro_rules! object {
    ($type:ident { $($name:literal => $field:ident,)* }) => {
        #[cfg(feature = "serde")]
        impl<'de> crate::provider::given::FromForm<'de> for $type {
            fn object<A: serde::de::MapAccess<'de>>(
                mut object: A,
            ) -> Result<crate::provider::Given<Self>, A::Error> {
                let mut read = Self::default();
                while let Some(name) = object.next_key::<alloc::borrow::Cow<'de, str>>()? {
                    match &*name {
                        $($name if read.$field.is_absent() => {
                            read.$field = object.next_value()?;
                        })*
                        $($name => return Err(serde::de::Error::duplicate_field($name)),)*
                        crate::provider::given::NUMBER => {
                            object.next_value::<serde::de::IgnoredAny>()?;
                            return Ok(crate::provider::Given::Other(
                                crate::provider::Form::Number,
                            ));
                        }
                        _ => {
                            object.next_value::<serde::de::IgnoredAny>()?;
                        }
                    }
                }
                Ok(crate::provider::Given::Value(read))
            }
        }

        #[cfg(feature = "serde")]
        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                match crate::provider::Given::deserialize(from)? {
                    crate::provider::Given::Value(read) => Ok(read),
                    _ => Err(serde::de::Error::custom("it is not an object")),
                }
            }
        }
    };
}
pub(super) use object;

#[cfg(feature = "serde")]
pub(super) use forms::{FromForm, NUMBER};

#[cfg(feature = "serde")]
mod forms {
    use alloc::borrow::ToOwned;
    use alloc::string::String;
    use alloc::vec::Vec;
    use core::fmt;
    use core::marker::PhantomData;

    use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
    use serde::{Serialize, Serializer};

    use super::{Form, Given, integer};

    /// The name under which `serde_json` passes the text of a number, with `arbitrary_precision`
    pub(in super::super) const NUMBER: &str = "$serde_json::private::Number";

    /// A type that one of the forms is read as; every other form is [`Given::Other`]
    pub(in super::super) trait FromForm<'de>: Sized {
        fn boolean(_: bool) -> Given<Self> {
            Given::Other(Form::Boolean)
        }

        fn integer(_: i128) -> Given<Self> {
            Given::Other(Form::Number)
        }

        fn text(_: &str) -> Given<Self> {
            Given::Other(Form::Text)
        }

        fn list<A: SeqAccess<'de>>(mut list: A) -> Result<Given<Self>, A::Error> {
            while list.next_element::<IgnoredAny>()?.is_some() {}
            Ok(Given::Other(Form::List))
        }

        fn object<A: MapAccess<'de>>(mut object: A) -> Result<Given<Self>, A::Error> {
            let mut read = Given::Other(Form::Object);
            if let Some(name) = object.next_key::<Given<String>>()? {
                let value = object.next_value::<Given<String>>()?;
                if matches!(name, Given::Value(name) if name == NUMBER) {
                    read = match value {
                        Given::Value(text) => {
                            integer(&text).map_or(Given::Other(Form::Number), Self::integer)
                        }
                        Given::Absent | Given::Other(_) => Given::Other(Form::Number),
                    };
                }
            }
            while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            Ok(read)
        }
    }

    impl FromForm<'_> for bool {
        fn boolean(value: bool) -> Given<Self> {
            Given::Value(value)
        }
    }

    impl FromForm<'_> for i128 {
        fn integer(value: i128) -> Given<Self> {
            Given::Value(value)
        }
    }

    impl FromForm<'_> for String {
        fn text(value: &str) -> Given<Self> {
            Given::Value(value.to_owned())
        }
    }

    impl<'de, T: FromForm<'de>> FromForm<'de> for Vec<Given<T>> {
        fn list<A: SeqAccess<'de>>(mut list: A) -> Result<Given<Self>, A::Error> {
            // Grows with what is there: a length that is only announced costs nothing.
            let mut items = Self::new();
            while let Some(item) = list.next_element()? {
                items.push(item);
            }
            Ok(Given::Value(items))
        }
    }

    struct Reader<T>(PhantomData<T>);

    impl<'de, T: FromForm<'de>> Visitor<'de> for Reader<T> {
        type Value = Given<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("any value")
        }

        fn visit_bool<E: Error>(self, value: bool) -> Result<Given<T>, E> {
            Ok(T::boolean(value))
        }

        fn visit_i64<E: Error>(self, value: i64) -> Result<Given<T>, E> {
            Ok(T::integer(value.into()))
        }

        fn visit_u64<E: Error>(self, value: u64) -> Result<Given<T>, E> {
            Ok(T::integer(value.into()))
        }

        fn visit_i128<E: Error>(self, value: i128) -> Result<Given<T>, E> {
            Ok(T::integer(value))
        }

        fn visit_u128<E: Error>(self, value: u128) -> Result<Given<T>, E> {
            Ok(T::integer(i128::try_from(value).unwrap_or(i128::MAX)))
        }

        fn visit_f64<E: Error>(self, _: f64) -> Result<Given<T>, E> {
            Ok(Given::Other(Form::Number))
        }

        fn visit_str<E: Error>(self, value: &str) -> Result<Given<T>, E> {
            Ok(T::text(value))
        }

        fn visit_bytes<E: Error>(self, _: &[u8]) -> Result<Given<T>, E> {
            Ok(Given::Other(Form::Text))
        }

        fn visit_unit<E: Error>(self) -> Result<Given<T>, E> {
            Ok(Given::Absent)
        }

        fn visit_none<E: Error>(self) -> Result<Given<T>, E> {
            Ok(Given::Absent)
        }

        fn visit_some<D: Deserializer<'de>>(self, from: D) -> Result<Given<T>, D::Error> {
            from.deserialize_any(self)
        }

        fn visit_newtype_struct<D: Deserializer<'de>>(self, from: D) -> Result<Given<T>, D::Error> {
            from.deserialize_any(self)
        }

        fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Given<T>, A::Error> {
            T::list(list)
        }

        fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Given<T>, A::Error> {
            T::object(object)
        }
    }

    impl<'de, T: FromForm<'de>> Deserialize<'de> for Given<T> {
        fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
            from.deserialize_any(Reader(PhantomData))
        }
    }

    /// What is absent, or was of another type, is written as nothing
    impl<T: Serialize> Serialize for Given<T> {
        fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
            match self {
                Self::Value(value) => to.serialize_some(value),
                Self::Absent | Self::Other(_) => to.serialize_none(),
            }
        }
    }
}
