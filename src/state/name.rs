//! Ids as records keep them: each costs its own length

use core::cmp::Ordering;
use core::fmt;
use core::marker::PhantomData;
use core::num::NonZeroU64;

use triomphe::Arc;

use crate::id::{Id, WORDS};

/// An id in 24 bytes: by itself if it has at most 23, else beside the record
///
/// A copy shares what lies beside: a record that names another one's id costs 24 bytes, however long that is.
#[derive(Clone)]
pub(crate) struct Name<I> {
    form: Form,
    of: PhantomData<fn() -> I>,
}

#[derive(Clone)]
enum Form {
    Short(Short),
    Long(Arc<[u8]>),
}

/// Three words, compared and copied as those: a text padded with zeros and, as the last byte, its length
///
/// The last word is never zero, by which it is told from a long text.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Short {
    words: [u64; 2],
    last: NonZeroU64,
}

/// Most bytes of a short name
const SHORT: u64 = 23;

/// The last byte of a word
const LAST: u64 = 0xff << 56;

impl Short {
    /// An id of so few bytes
    #[inline]
    fn of(id: &impl Id) -> Option<Self> {
        let [first, second, third, .., length] = id.words();
        let last = NonZeroU64::new(third | length).filter(|_| length >> 56 <= SHORT)?;
        Some(Self { words: [first, second], last })
    }

    /// Its words, as those of an id, whose last word has the length alone
    #[inline]
    fn words(&self) -> [u64; WORDS] {
        let Self { words: [first, second], last } = *self;
        [first, second, last.get() & !LAST, 0, 0, 0, 0, 0, last.get() & LAST]
    }

    #[inline]
    fn is(&self, id: &impl Id) -> bool {
        let Self { words: [first, second], last } = *self;
        let [id_first, id_second, id_third, .., length] = id.words();
        // Of a longer id there is text where the length would be, and that is more than 23.
        (first ^ id_first) | (second ^ id_second) | (last.get() ^ (id_third | length)) == 0
    }

    /// What orders it among its like as the texts: the bytes, the first one highest
    fn key(&self) -> [u64; 3] {
        let Self { words: [first, second], last } = *self;
        [first, second, last.get()].map(u64::swap_bytes)
    }
}

impl<I: Id> Name<I> {
    #[inline]
    pub(crate) fn new(id: &I) -> Self {
        let long = || Form::Long(Arc::from(id.as_bytes()));
        Self { form: Short::of(id).map_or_else(long, Form::Short), of: PhantomData }
    }

    #[inline]
    pub(crate) fn id(&self) -> I {
        match &self.form {
            Form::Short(short) => I::of_words(short.words()),
            Form::Long(text) => long(text),
        }
    }

    /// Whether it is this id
    pub(crate) fn is(&self, id: &I) -> bool {
        match &self.form {
            Form::Short(short) => short.is(id),
            Form::Long(text) => **text == *id.as_bytes(),
        }
    }

    /// Whether the name of an id lies by itself
    #[inline]
    pub(crate) fn is_short(id: &I) -> bool {
        let [.., length] = id.words();
        length >> 56 <= SHORT
    }

    /// Whether it is this id, whose name lies by itself
    #[inline]
    pub(crate) fn is_of_short(&self, id: &I) -> bool {
        match &self.form {
            Form::Short(short) => short.is(id),
            Form::Long(_) => false,
        }
    }

    /// Bytes that lie beside the record of an id, with the count of those who share them
    pub(crate) fn beside(id: &I) -> usize {
        const COUNT: usize = size_of::<usize>();
        if Self::is_short(id) {
            return 0;
        }
        id.as_bytes().len().next_multiple_of(COUNT).saturating_add(COUNT)
    }
}

/// Out of the way of short names
#[cold]
#[inline(never)]
fn long<I: Id>(text: &[u8]) -> I {
    I::of_bytes(text)
}

impl<I: Id> PartialEq for Name<I> {
    fn eq(&self, other: &Self) -> bool {
        match (&self.form, &other.form) {
            (Form::Short(one), Form::Short(other)) => one == other,
            (Form::Long(one), Form::Long(other)) => Arc::ptr_eq(one, other) || one == other,
            _ => false,
        }
    }
}

impl<I: Id> Eq for Name<I> {}

impl<I: Id> PartialOrd for Name<I> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// As the ids
impl<I: Id> Ord for Name<I> {
    fn cmp(&self, other: &Self) -> Ordering {
        match (&self.form, &other.form) {
            (Form::Short(one), Form::Short(other)) => one.key().cmp(&other.key()),
            (Form::Long(one), Form::Long(other)) => one.cmp(other),
            _ => self.id().cmp(&other.id()),
        }
    }
}

impl<I: Id + fmt::Debug> fmt::Debug for Name<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.id().fmt(f)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use alloc::string::String;
    use alloc::vec::Vec;

    use super::{Form, Name};
    use crate::id::InterfaceId;

    #[test]
    fn a_name_is_small() {
        assert_eq!(size_of::<Name<InterfaceId>>(), 24);
    }

    /// Ids of every length, some of which differ in the first byte, in the last or in length alone
    fn ids() -> Vec<InterfaceId> {
        let mut ids = Vec::new();
        for length in 1..=InterfaceId::MAX_LEN {
            for (first, last) in [("!", "!"), ("!", "~"), ("~", "!")] {
                let rest = "x".repeat(length.saturating_sub(2));
                let text: String = [first, &rest, last].concat();
                ids.push(InterfaceId::new(text.get(..length).unwrap()).unwrap());
            }
        }
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    #[test]
    fn names_are_as_their_ids() {
        let ids = ids();
        assert_eq!(ids.len(), 64 * 3 - 1);
        let names: Vec<Name<_>> = ids.iter().map(Name::new).collect();
        for (id, name) in ids.iter().zip(&names) {
            let length = id.as_bytes().len();
            assert_eq!(name.id(), *id);
            assert_eq!(matches!(name.form, Form::Short(_)), length <= 23);
            let beside = if length > 23 { 8 + length.next_multiple_of(8) } else { 0 };
            assert_eq!(Name::beside(id), beside);
            for (other_id, other) in ids.iter().zip(&names) {
                assert_eq!(name.is(other_id), id == other_id, "{id} and {other_id}");
                assert_eq!(name == other, id == other_id, "{id} and {other_id}");
                assert_eq!(name.cmp(other), id.as_str().cmp(other_id.as_str()));
                assert_eq!(id.cmp(other_id), id.as_str().cmp(other_id.as_str()));
            }
            // Equal, and not shared.
            assert_eq!(*name, Name::new(id));
        }
    }

    #[test]
    fn a_copy_shares_a_long_text() {
        let name = Name::new(&InterfaceId::new(&"x".repeat(64)).unwrap());
        let copy = name.clone();
        let (Form::Long(text), Form::Long(same)) = (&name.form, &copy.form) else { return };
        assert_eq!(text.as_ptr(), same.as_ptr());
    }
}
