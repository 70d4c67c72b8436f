//! Records by the caller's ids, interned: an id is hashed once, then a record is an index away

use alloc::collections::BTreeMap;
use alloc::collections::btree_map::Entry;
use alloc::vec::Vec;
use core::hash::Hash;

use super::index::Ix;
use super::name::Name;
use super::pages::Pages;
use super::seeded::Seeded;
use crate::id::{Id, Token};
use crate::shared::ids::Ids;

/// What records are found by
pub(crate) trait Key: Copy + Ord + Hash {
    /// How it lies in the record
    type Kept: Clone + Ord;

    fn kept(&self) -> Self::Kept;

    fn of(kept: &Self::Kept) -> Self;

    fn is(&self, kept: &Self::Kept) -> bool;

    /// Whether it is compared by its words alone
    fn is_short(&self) -> bool;

    /// Whether one that is short is what is kept
    fn short_is(&self, kept: &Self::Kept) -> bool;
}

impl<I: Id> Key for I {
    type Kept = Name<I>;

    #[inline]
    fn kept(&self) -> Name<I> {
        Name::new(self)
    }

    #[inline]
    fn of(name: &Name<I>) -> Self {
        name.id()
    }

    #[inline]
    fn is(&self, name: &Name<I>) -> bool {
        name.is(self)
    }

    #[inline]
    fn is_short(&self) -> bool {
        Name::is_short(self)
    }

    #[inline]
    fn short_is(&self, name: &Name<I>) -> bool {
        name.is_of_short(self)
    }
}

macro_rules! kept_as_they_are {
    ($($key:ty)*) => {$(
        impl $crate::state::table::Key for $key {
            type Kept = Self;

            #[inline]
            fn kept(&self) -> Self {
                *self
            }

            #[inline]
            fn of(kept: &Self) -> Self {
                *kept
            }

            #[inline]
            fn is(&self, kept: &Self) -> bool {
                self == kept
            }

            #[inline]
            fn is_short(&self) -> bool {
                true
            }

            #[inline]
            fn short_is(&self, kept: &Self) -> bool {
                self == kept
            }
        }
    )*};
}

pub(super) use kept_as_they_are;

kept_as_they_are!(Token);

/// Records with their ids
///
/// A clone shares the records and the index, page by page. A [fork](Self::fork) is a clone that is dropped soon, or
/// takes its original's place: it keeps the few records that it changes beside the pages, and copies none for them.
// INVARIANT: `index` holds the number of every record, by the hash of its id. Of a fork, `changed` has no number that
// is not a record's.
#[derive(Clone, Debug)]
pub(crate) struct Table<K: Key, V> {
    index: Ids,
    records: Pages<(K::Kept, V)>,
    /// The records that a fork has changed, by number
    changed: Option<BTreeMap<u32, V>>,
    seeded: Seeded,
}

impl<K: Key, V> Table<K, V> {
    /// An empty table whose hashes are `seeded`
    pub(crate) const fn new(seeded: Seeded) -> Self {
        Self { index: Ids::new(), records: Pages::new(), changed: None, seeded }
    }

    pub(crate) const fn len(&self) -> usize {
        self.index.len()
    }
}

impl<K: Key, V> Table<K, V> {
    /// The index of the record with this id
    pub(crate) fn find(&self, id: &K) -> Option<Ix<K>> {
        if !id.is_short() {
            return self.find_long(id);
        }
        let is = |number| self.records.get(number).is_some_and(|(of, _)| id.short_is(of));
        self.index.find(self.seeded.hash(id), is).map(Ix::new)
    }

    /// The same, out of the way of what needs no call to be compared
    #[cold]
    fn find_long(&self, id: &K) -> Option<Ix<K>> {
        let is = |number| self.records.get(number).is_some_and(|(of, _)| id.is(of));
        self.index.find(self.seeded.hash(id), is).map(Ix::new)
    }

    #[inline]
    pub(crate) fn get(&self, ix: Ix<K>) -> Option<&V> {
        match &self.changed {
            None => self.records.get(ix.0).map(|(_, record)| record),
            Some(changed) => self.of_fork(changed, ix),
        }
    }

    #[cold]
    fn of_fork<'a>(&'a self, changed: &'a BTreeMap<u32, V>, ix: Ix<K>) -> Option<&'a V> {
        let kept = || self.records.get(ix.0).map(|(_, record)| record);
        changed.get(&ix.0).or_else(kept)
    }

    /// A record and its id, as that is kept
    #[inline]
    pub(crate) fn entry(&self, ix: Ix<K>) -> Option<(&K::Kept, &V)> {
        match self.changed {
            None => self.records.get(ix.0).map(|(id, record)| (id, record)),
            Some(_) => self.entry_of_fork(ix),
        }
    }

    #[cold]
    fn entry_of_fork(&self, ix: Ix<K>) -> Option<(&K::Kept, &V)> {
        self.kept(ix).zip(self.get(ix))
    }

    pub(crate) fn id(&self, ix: Ix<K>) -> Option<K> {
        self.kept(ix).map(K::of)
    }

    /// A record's id, as it is kept
    #[inline]
    pub(crate) fn kept(&self, ix: Ix<K>) -> Option<&K::Kept> {
        self.records.get(ix.0).map(|(id, _)| id)
    }

    /// Every record, in no order that may be observed
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Ix<K>, K, &V)> {
        self.records.iter().map(|(number, (id, record))| (Ix::new(number), K::of(id), record))
    }

    /// Every record, by rising id; costs a sort
    pub(crate) fn sorted(&self) -> Vec<(Ix<K>, K::Kept, &V)> {
        let all = self.records.iter();
        let mut all: Vec<_> =
            all.map(|(number, (id, record))| (Ix::new(number), id.clone(), record)).collect();
        all.sort_unstable_by(|(_, id, _), (_, other, _)| id.cmp(other));
        all
    }

    /// Why ids do not lead to their records, if they do not
    pub(crate) fn corruption(&self) -> Option<&'static str> {
        if let Some(what) = self.records.corruption() {
            return Some(what);
        }
        if self.iter().any(|(ix, id, _)| self.find(&id) != Some(ix)) {
            return Some("an id does not lead to its record");
        }
        if self.records.len() != self.len() {
            return Some("a table has ids that lead to no record");
        }
        self.index.corruption(|number| rehash::<K, V>(&self.records, &self.seeded, number))
    }
}

impl<K: Key, V: Clone> Table<K, V> {
    #[inline]
    pub(crate) fn get_mut(&mut self, ix: Ix<K>) -> Option<&mut V> {
        match self.changed {
            None => self.records.get_mut(ix.0).map(|(_, record)| record),
            Some(_) => self.changed_mut(ix),
        }
    }

    /// A record that a fork changes, copied from its page if it is the first time
    #[cold]
    fn changed_mut(&mut self, ix: Ix<K>) -> Option<&mut V> {
        match self.changed.as_mut()?.entry(ix.0) {
            Entry::Occupied(changed) => Some(changed.into_mut()),
            Entry::Vacant(vacant) => Some(vacant.insert(self.records.get(ix.0)?.1.clone())),
        }
    }

    /// A clone that is dropped soon, or [settled](Self::settle)
    pub(crate) fn fork(&self) -> Self {
        Self { changed: Some(BTreeMap::new()), ..self.clone() }
    }

    /// Puts what a fork has changed into its pages: it is a table like any other
    pub(crate) fn settle(&mut self) {
        for (number, changed) in self.changed.take().into_iter().flatten() {
            if let Some((_, record)) = self.records.get_mut(number) {
                *record = changed;
            }
        }
    }

    /// Adds a record whose id has none yet
    pub(crate) fn insert(&mut self, id: K, record: V) -> Ix<K> {
        let number = self.records.insert((id.kept(), record));
        let Self { index, records, seeded, .. } = self;
        index.insert(seeded.hash(&id), number, |number| rehash::<K, V>(records, seeded, number));
        Ix::new(number)
    }

    /// Takes a record out
    pub(crate) fn remove(&mut self, ix: Ix<K>) -> Option<V> {
        let (id, mut record) = self.records.remove(ix.0)?;
        if let Some(changed) = self.changed.as_mut().and_then(|changed| changed.remove(&ix.0)) {
            record = changed;
        }
        let Self { index, records, seeded, .. } = self;
        let hash = seeded.hash(&K::of(&id));
        index.remove(hash, ix.0, |number| rehash::<K, V>(records, seeded, number));
        Some(record)
    }
}

/// The hash of the id of record `number`
fn rehash<K: Key, V>(records: &Pages<(K::Kept, V)>, seeded: &Seeded, number: u32) -> u64 {
    records.get(number).map_or(0, |(id, _)| seeded.hash(&K::of(id)))
}
