//! Names that the caller chooses, and numbers that the engine makes

use core::fmt;
use core::hash::{Hash, Hasher};
use core::str::FromStr;

use thiserror::Error;

/// Most bytes of an id
const MAX_LEN: usize = 64;

/// The words of an id: its bytes, padded with zeros, then one whose last byte is the length
pub(crate) const WORDS: usize = MAX_LEN / 8 + 1;

/// Visible ASCII, inline: up to all bytes of the words but the last, which has the length
///
/// Unused bytes are zero, and zero is not visible ASCII, so comparing the bytes compares the texts.
/// Aligned, so that it is compared, hashed and digested a word at a time.
#[derive(Clone, Copy, PartialOrd, Ord)]
#[repr(align(8))]
struct Text([[u8; 8]; WORDS]);

impl Text {
    /// A place for one
    const BLANK: Self = Self([[0; 8]; WORDS]);

    fn new(text: &str) -> Result<Self, IdError> {
        match text.len() {
            0 => return Err(IdError::Empty),
            len if len > MAX_LEN => return Err(IdError::TooLong { len, max: MAX_LEN }),
            _ => {}
        }
        match text.bytes().position(|byte| !byte.is_ascii_graphic()) {
            Some(at) => Err(IdError::NotVisibleAscii { at }),
            None => Ok(Self::of_bytes(text.as_bytes())),
        }
    }

    /// The text of bytes that are those of one
    fn of_bytes(bytes: &[u8]) -> Self {
        let Self(mut words) = Self::BLANK;
        for (to, from) in words.as_flattened_mut().iter_mut().zip(bytes) {
            *to = *from;
        }
        let [.., [.., last]] = &mut words;
        // At most 64.
        *last = u8::try_from(bytes.len()).unwrap_or(u8::MAX);
        Self(words)
    }

    fn as_bytes(&self) -> &[u8] {
        let [.., [.., len]] = self.0;
        self.0.as_flattened().get(..usize::from(len)).unwrap_or_default()
    }

    fn as_str(&self) -> &str {
        core::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }

    /// Every byte, eight a word, the first one lowest
    #[inline]
    fn words(&self) -> [u64; WORDS] {
        self.0.map(u64::from_le_bytes)
    }
}

impl PartialEq for Text {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        // In registers: a call to compare so many bytes costs more than that. Few ids have more than three words.
        let [a, b, c, rest @ .., len] = self.words();
        let [other_a, other_b, other_c, others @ .., other_len] = other.words();
        let apart = (a ^ other_a) | (b ^ other_b) | (c ^ other_c) | (len ^ other_len);
        apart == 0 && (has_unused(c) || rest == others)
    }
}

impl Eq for Text {}

/// By pairs of words, up to the first that ends with an unused byte: most ids have one or two
impl Hash for Text {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        let [text @ .., _] = self.words();
        for pair in text.chunks(2) {
            if let [low, high] = *pair {
                state.write_u128(u128::from(low) | (u128::from(high) << 64));
                if has_unused(high) {
                    return;
                }
            }
        }
    }
}

/// Whether a word of a text ends with an unused byte
const fn has_unused(word: u64) -> bool {
    word.leading_zeros() >= 8
}

/// The name of something that has a record
pub(crate) trait Id: Copy + Ord + Hash {
    /// The id with these bytes, which are those of one
    fn of_bytes(bytes: &[u8]) -> Self;

    /// The id with these words
    fn of_words(words: [u64; WORDS]) -> Self;

    /// The bytes, padded with zeros, and the length as the last one; eight a word, little-endian
    fn words(&self) -> [u64; WORDS];

    fn as_bytes(&self) -> &[u8];
}

/// Why a string is not an id
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum IdError {
    /// The string is empty
    #[error("an id must not be empty")]
    Empty,
    /// The string is longer than an id may be
    #[error("an id of {len} bytes is longer than {max}")]
    TooLong {
        /// Length of the string in bytes
        len: usize,
        /// The most bytes allowed
        max: usize,
    },
    /// A byte is a space, a control character or outside ASCII
    #[error("byte {at} of the id is not visible ASCII")]
    NotVisibleAscii {
        /// Index of the first such byte
        at: usize,
    },
}

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Text);

        impl $name {
            /// The most bytes that an id may have
            pub const MAX_LEN: usize = MAX_LEN;

            /// Parses an id
            ///
            /// # Errors
            ///
            /// [`IdError`] if `text` is empty, too long, or has a byte that is not visible ASCII.
            pub fn new(text: &str) -> Result<Self, IdError> {
                Text::new(text).map(Self)
            }

            /// The id as the caller wrote it
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }

            /// The bytes of the id, which are visible ASCII
            pub fn as_bytes(&self) -> &[u8] {
                self.0.as_bytes()
            }

            /// The bytes, padded with zeros, and the length as the last one; eight a word, little-endian
            #[inline]
            pub(crate) fn words(&self) -> [u64; WORDS] {
                self.0.words()
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::new(text)
            }
        }

        impl TryFrom<&str> for $name {
            type Error = IdError;

            fn try_from(text: &str) -> Result<Self, IdError> {
                Self::new(text)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.as_str())
            }
        }

        #[cfg(feature = "serde")]
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(self.as_str())
            }
        }

        #[cfg(feature = "serde")]
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = alloc::borrow::Cow::<str>::deserialize(from)?;
                Self::new(&text).map_err(serde::de::Error::custom)
            }
        }
    )*};
}

names! {
    /// Name of a VPC: 1 to 64 visible ASCII bytes, chosen by the caller
    VpcId;

    /// Name of a subnet: 1 to 64 visible ASCII bytes, chosen by the caller
    #[doc(alias = "vswitch")]
    SubnetId;

    /// Name of an interface: 1 to 64 visible ASCII bytes, chosen by the caller
    ///
    /// 64 bytes are enough for a UUID, for a container's 64 hexadecimal digits, and for every provider's ids.
    ///
    /// ```
    /// use ipam_core::InterfaceId;
    ///
    /// let eni: InterfaceId = "eni-m6dyj72l".parse()?;
    /// assert_eq!(eni.to_string(), "eni-m6dyj72l");
    /// assert!("eni m6dyj72l".parse::<InterfaceId>().is_err());
    /// # Ok::<(), ipam_core::IdError>(())
    /// ```
    #[doc(alias = "eni")]
    #[doc(alias = "nic")]
    #[doc(alias = "vnic")]
    #[doc(alias = "port")]
    InterfaceId;

    /// Name of one request, which a provider's reply repeats: 1 to 64 visible ASCII bytes
    RequestId;

    /// Name of a request that is carried out once, however often it is sent: 1 to 64 visible ASCII bytes
    ///
    /// An engine has one set of tokens. Where strangers choose them, as clients of a cloud call do, the
    /// controller makes each its own: one engine a tenant, or a token made of the tenant and theirs.
    #[doc(alias = "ClientToken")]
    #[doc(alias = "idempotency key")]
    Token;

    /// Why something was done, in the caller's words: 1 to 64 visible ASCII bytes
    Reason;
}

macro_rules! ids {
    ($($name:ident)*) => {$(
        impl Id for $name {
            fn of_bytes(bytes: &[u8]) -> Self {
                Self(Text::of_bytes(bytes))
            }

            #[inline]
            fn of_words(words: [u64; WORDS]) -> Self {
                Self(Text(words.map(u64::to_le_bytes)))
            }

            #[inline]
            fn words(&self) -> [u64; WORDS] {
                self.words()
            }

            fn as_bytes(&self) -> &[u8] {
                self.as_bytes()
            }
        }
    )*};
}

ids!(VpcId SubnetId InterfaceId);

/// Number of events that an engine has applied
///
/// The revision that made an assignment is its *generation*.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct Revision(u64);

impl Revision {
    /// The revision of an empty engine
    pub const ZERO: Self = Self(0);

    /// The revision after `count` events
    pub const fn new(count: u64) -> Self {
        Self(count)
    }

    /// The number of events
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The revision after one more event; it stays the same after 2^64 - 1 events
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Name of a hold: the revision that made it, and the index of its command among those decided together
///
/// ```
/// use ipam_core::{Revision, Task};
///
/// let task = Task::new(Revision::new(16284), 0);
/// assert_eq!(task.to_string(), "16284");
/// assert_eq!("16284.2".parse(), Ok(Task::new(Revision::new(16284), 2)));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Task {
    /// The revision that made it, which is the generation of its addresses
    pub revision: Revision,
    /// Index of the command among those decided together; 0 for a single command
    #[cfg_attr(feature = "serde", serde(default))]
    pub index: u32,
}

impl Task {
    /// The task of one command of a revision
    pub const fn new(revision: Revision, index: u32) -> Self {
        Self { revision, index }
    }
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.index {
            0 => self.revision.fmt(f),
            index => write!(f, "{}.{index}", self.revision),
        }
    }
}

/// A string is not the name of a task
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("a task is a revision, or a revision and an index with a point between them")]
pub struct TaskError;

impl FromStr for Task {
    type Err = TaskError;

    fn from_str(text: &str) -> Result<Self, TaskError> {
        let (revision, index) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(revision) || !digits(index) {
            return Err(TaskError);
        }
        let revision = revision.parse().map_err(|_| TaskError)?;
        Ok(Self::new(Revision::new(revision), index.parse().map_err(|_| TaskError)?))
    }
}

/// Milliseconds since an epoch of the caller's choice, usually Unix's
///
/// The engine reads no clock: every command comes with its time. Times are clamped, so that a clock
/// that steps back cannot reorder a history.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct Timestamp(u64);

impl Timestamp {
    /// The epoch itself
    pub const ZERO: Self = Self(0);

    /// The time `millis` milliseconds after the epoch
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the epoch
    pub const fn millis(self) -> u64 {
        self.0
    }

    /// The time `millis` milliseconds later, or the latest possible time
    #[must_use]
    pub const fn after(self, millis: u64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// The time one millisecond earlier, if there is one
    pub(crate) fn before(self) -> Option<Self> {
        self.0.checked_sub(1).map(Self)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ms", self.0)
    }
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeMap;
    use alloc::string::String;
    use core::hash::BuildHasher;

    use super::InterfaceId;

    #[test]
    fn every_byte_of_an_id_is_hashed_and_so_is_its_length() {
        let hasher = foldhash::quality::FixedState::with_seed(5);
        let mut hashes = BTreeMap::new();
        let mut hash = |text: &str| {
            let hash = InterfaceId::new(text).map(|id| hasher.hash_one(id)).ok();
            assert!(hash.is_some());
            assert_eq!(hashes.insert(hash, String::from(text)), None, "{text}");
        };
        for len in 1..=64 {
            let text = "a".repeat(len);
            hash(&text);
            for at in 0..len {
                let mut other = text.clone();
                other.replace_range(at..=at, "b");
                hash(&other);
            }
        }
    }
}
