//! Records by the caller's ids, interned: an id is hashed once, then a record is an index away

use alloc::vec::Vec;
use core::hash::{BuildHasher, Hash};
use core::marker::PhantomData;

use foldhash::quality::FixedState;
use hashbrown::HashTable;

/// Index of a record in a [`Table`] of `V`
///
/// Indices of records that are gone are used again, and equal engines may number alike records
/// differently: an index never leaves the crate.
#[derive(Debug)]
pub(crate) struct Ix<V>(u32, PhantomData<fn() -> V>);

/// Indices at and above this one are free for others' use: an overlay numbers its own records there
const TABLE_END: u32 = 1 << 31;

impl<V> Ix<V> {
    const fn new(number: u32) -> Self {
        Self(number, PhantomData)
    }

    pub(crate) const fn number(self) -> u32 {
        self.0
    }

    pub(crate) const fn from_number(number: u32) -> Self {
        Self::new(number)
    }

    /// The index of an overlay's own record `position`
    pub(crate) fn outside(position: usize) -> Self {
        // An overlay holds what one batch makes, each record larger than a byte: fewer than 2^31.
        Self::new(u32::try_from(position).unwrap_or(u32::MAX) | TABLE_END)
    }

    /// The position of an overlay's own record, if it is one
    pub(crate) fn position_outside(self) -> Option<usize> {
        usize::try_from(self.0.checked_sub(TABLE_END)?).ok()
    }

    fn slot(self) -> usize {
        self.0 as usize
    }
}

// Derived, these would ask the same of `V`.
impl<V> Clone for Ix<V> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<V> Copy for Ix<V> {}
impl<V> PartialEq for Ix<V> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<V> Eq for Ix<V> {}
impl<V> PartialOrd for Ix<V> {
    fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<V> Ord for Ix<V> {
    fn cmp(&self, other: &Self) -> core::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}

/// Records with their ids
// INVARIANT: `index` holds the slot of every record, by the hash of its id; `vacant` every other slot.
#[derive(Clone, Debug)]
pub(crate) struct Table<K, V> {
    index: HashTable<u32>,
    slots: Vec<Option<(K, V)>>,
    vacant: Vec<u32>,
    hasher: FixedState,
}

impl<K: Copy + Ord + Hash, V> Table<K, V> {
    /// An empty table whose hashes depend on `seed`
    pub(crate) const fn new(seed: u64) -> Self {
        Self {
            index: HashTable::new(),
            slots: Vec::new(),
            vacant: Vec::new(),
            hasher: FixedState::with_seed(seed),
        }
    }

    /// The index of the record with this id
    pub(crate) fn find(&self, id: &K) -> Option<Ix<V>> {
        let hash = self.hasher.hash_one(id);
        self.index.find(hash, |&slot| self.id_at(slot) == Some(*id)).map(|&slot| Ix::new(slot))
    }

    pub(crate) fn get(&self, ix: Ix<V>) -> Option<&V> {
        self.slots.get(ix.slot())?.as_ref().map(|(_, record)| record)
    }

    pub(crate) fn get_mut(&mut self, ix: Ix<V>) -> Option<&mut V> {
        self.slots.get_mut(ix.slot())?.as_mut().map(|(_, record)| record)
    }

    pub(crate) fn id(&self, ix: Ix<V>) -> Option<K> {
        self.id_at(ix.0)
    }

    /// Adds a record whose id has none yet
    pub(crate) fn insert(&mut self, id: K, record: V) {
        // 2^31 records would fill more than 100 GiB before their number could wrap.
        let slot = self.vacant.pop().unwrap_or_else(|| {
            self.slots.push(None);
            u32::try_from(self.slots.len().saturating_sub(1)).unwrap_or(u32::MAX)
        });
        let Self { index, slots, hasher, .. } = self;
        if let Some(place) = slots.get_mut(slot as usize) {
            *place = Some((id, record));
        }
        let hash_at = |&slot: &u32| match slots.get(slot as usize) {
            Some(Some((id, _))) => hasher.hash_one(id),
            _ => 0,
        };
        index.insert_unique(hasher.hash_one(id), slot, hash_at);
    }

    /// Takes a record out
    pub(crate) fn remove(&mut self, ix: Ix<V>) -> Option<(K, V)> {
        let taken = self.slots.get_mut(ix.slot())?.take()?;
        let hash = self.hasher.hash_one(taken.0);
        if let Ok(entry) = self.index.find_entry(hash, |&slot| slot == ix.0) {
            entry.remove();
        }
        self.vacant.push(ix.0);
        Some(taken)
    }

    /// Every record, in no order that may be observed
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Ix<V>, K, &V)> {
        self.slots.iter().zip(0u32..).filter_map(|(slot, number)| {
            let (id, record) = slot.as_ref()?;
            Some((Ix::new(number), *id, record))
        })
    }

    /// Every record, by rising id; costs a sort
    pub(crate) fn sorted(&self) -> Vec<(Ix<V>, K, &V)> {
        let mut all: Vec<_> = self.iter().collect();
        all.sort_unstable_by_key(|&(_, id, _)| id);
        all
    }

    pub(crate) fn len(&self) -> usize {
        self.index.len()
    }

    /// Why ids do not lead to their records, if they do not
    pub(crate) fn corruption(&self) -> Option<&'static str> {
        if self.iter().any(|(ix, id, _)| self.find(&id) != Some(ix)) {
            return Some("an id does not lead to its record");
        }
        let used = self.slots.iter().flatten().count();
        let vacant = self.vacant.len();
        let fits = used == self.len() && used.checked_add(vacant) == Some(self.slots.len());
        (!fits).then_some("a table counts its records wrongly")
    }

    fn id_at(&self, slot: u32) -> Option<K> {
        self.slots.get(slot as usize)?.as_ref().map(|&(id, _)| id)
    }
}
