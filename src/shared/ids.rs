//! An index of numbered records by the hashes of their ids, in buckets that copies share

use hashbrown::HashTable;
use triomphe::Arc;

use super::radix::Radix;
use super::sizes::BUCKET;

/// Numbers by hash: which records may have an id
///
/// Linear hashing: with so many more numbers one bucket is split, and with so many fewer the last is put back
/// into the one that it came from, so that growth moves no more than a bucket. One that a split does not divide, as
/// its hashes are equal, grows. A clone shares the buckets, and a write copies the one that it touches.
// INVARIANT: a number lies in the bucket that its hash leads to; no bucket that is there is empty.
#[derive(Clone, Debug)]
pub(crate) struct Ids {
    buckets: Radix<Option<Arc<HashTable<u32>>>>,
    /// Buckets, the empty ones included
    count: u32,
    len: u32,
}

impl Ids {
    pub(crate) const fn new() -> Self {
        Self { buckets: Radix::new(), count: 1, len: 0 }
    }

    /// Numbers held
    pub(crate) const fn len(&self) -> usize {
        self.len as usize
    }

    /// The number with this hash that is the one sought
    #[inline]
    pub(crate) fn find(&self, hash: u64, is: impl Fn(u32) -> bool) -> Option<u32> {
        let bucket = self.buckets.get(self.bucket(hash))?.as_ref()?;
        bucket.find(hash, |&number| is(number)).copied()
    }

    /// Adds a number that is not there yet
    pub(crate) fn insert(&mut self, hash: u64, number: u32, rehash: impl Fn(u32) -> u64) {
        let bucket = self.buckets.get_mut(bucket_of(hash, self.count));
        let bucket = Arc::make_mut(bucket.get_or_insert_with(|| Arc::new(HashTable::new())));
        bucket.insert_unique(hash, number, |&number| rehash(number));
        self.len = self.len.saturating_add(1);
        if self.len > self.count.saturating_mul(BUCKET) {
            self.split(rehash);
        }
    }

    /// Takes a number out
    pub(crate) fn remove(&mut self, hash: u64, number: u32, rehash: impl Fn(u32) -> u64) {
        let at = self.bucket(hash);
        let Some(Some(bucket)) = self.buckets.existing_mut(at) else { return };
        let bucket = Arc::make_mut(bucket);
        let Ok(entry) = bucket.find_entry(hash, |&held| held == number) else { return };
        entry.remove();
        if bucket.is_empty() {
            self.buckets.take(at);
        }
        self.len = self.len.saturating_sub(1);
        if self.len < self.count.saturating_sub(1).saturating_mul(BUCKET / 2) {
            self.merge(rehash);
        }
    }

    /// Why numbers are not where their hashes lead, if they are not
    pub(crate) fn corruption(&self, rehash: impl Fn(u32) -> u64) -> Option<&'static str> {
        let mut len = 0usize;
        for (at, bucket) in self.buckets.iter() {
            let Some(bucket) = bucket else { continue };
            len = len.saturating_add(bucket.len());
            if bucket.is_empty() || bucket.iter().any(|&of| self.bucket(rehash(of)) != at) {
                return Some("an id lies in a bucket that is not its own");
            }
        }
        (len != self.len()).then_some("an index counts its ids wrongly")
    }

    #[inline]
    fn bucket(&self, hash: u64) -> u32 {
        bucket_of(hash, self.count)
    }

    /// Makes one more bucket, of what belongs there in the one that it comes from
    #[cold]
    fn split(&mut self, rehash: impl Fn(u32) -> u64) {
        let new = self.count;
        let old = parent(new);
        self.count = new.saturating_add(1);
        let Some(bucket) = self.buckets.get(old).and_then(Option::as_ref) else { return };
        let moves = |hash| bucket_of(hash, self.count) == new;
        let count = bucket.iter().filter(|&&number| moves(rehash(number))).count();
        if count == 0 {
            return;
        }
        let mut stays = HashTable::with_capacity(bucket.len().saturating_sub(count));
        let mut gone = HashTable::with_capacity(count);
        for &number in bucket.iter() {
            let hash = rehash(number);
            let table = if moves(hash) { &mut gone } else { &mut stays };
            table.insert_unique(hash, number, |&number| rehash(number));
        }
        self.put(old, stays);
        self.put(new, gone);
    }

    /// Puts the last bucket back into the one that it came from
    #[cold]
    fn merge(&mut self, rehash: impl Fn(u32) -> u64) {
        let last = self.count.saturating_sub(1).max(1);
        self.count = last;
        let gone = self.buckets.take(last);
        let old = parent(last);
        let left = self.buckets.get(old).and_then(Option::as_ref);
        let both = || left.into_iter().chain(&gone).flat_map(|table| table.iter().copied());
        let mut all = HashTable::with_capacity(both().count());
        for number in both() {
            all.insert_unique(rehash(number), number, |&number| rehash(number));
        }
        self.put(old, all);
    }

    fn put(&mut self, at: u32, table: HashTable<u32>) {
        if table.is_empty() {
            self.buckets.take(at);
        } else {
            *self.buckets.get_mut(at) = Some(Arc::new(table));
        }
    }
}

/// The bucket of a hash, of so many
///
/// By bits that neither the tags nor the places in a table of moderate size are made from.
#[inline]
const fn bucket_of(hash: u64, count: u32) -> u32 {
    let [.., a, b, c, d] = hash.to_le_bytes();
    let bits = u32::from_le_bytes([a, b, c, d]);
    // One bit at least, of which the only bucket makes nothing.
    let mask = u32::MAX >> (count.saturating_sub(1) | 1).leading_zeros();
    let bucket = bits & mask;
    if bucket < count { bucket } else { bucket & (mask >> 1) }
}

/// The bucket that this one was split from
fn parent(bucket: u32) -> u32 {
    bucket & !bucket.checked_ilog2().map_or(0, |bit| 1 << bit)
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "tests")]
mod tests {
    use alloc::collections::BTreeMap;
    use alloc::vec::Vec;

    use proptest::prelude::*;

    use super::Ids;

    /// Hashes that spread, or of which many are equal
    fn hash(number: u32) -> u64 {
        let spread = u64::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        if number % 4 == 0 { spread.rotate_left(29) } else { u64::from(number % 3) << 40 }
    }

    proptest! {
        #[test]
        fn an_index_is_a_set_whose_clones_keep_apart(
            steps in prop::collection::vec((0u32..3000, any::<bool>(), 1u32..700, any::<bool>()), 1..16),
        ) {
            let (mut ids, mut naive) = (Ids::new(), BTreeMap::new());
            let mut clones = Vec::new();
            for (first, make, count, keep) in steps {
                for number in first..first + count {
                    let found = ids.find(hash(number), |of| of == number);
                    prop_assert_eq!(found.is_some(), naive.contains_key(&number));
                    match (found, make) {
                        (None, true) => {
                            ids.insert(hash(number), number, hash);
                            naive.insert(number, ());
                        }
                        (Some(_), false) => {
                            ids.remove(hash(number), number, hash);
                            naive.remove(&number);
                        }
                        _ => {}
                    }
                }
                if keep {
                    clones.push((ids.clone(), naive.clone()));
                }
            }
            clones.push((ids, naive));
            for (mut ids, naive) in clones {
                prop_assert_eq!(ids.corruption(hash), None);
                prop_assert_eq!(ids.len(), naive.len());
                for &number in naive.keys() {
                    prop_assert_eq!(ids.find(hash(number), |of| of == number), Some(number));
                    ids.remove(hash(number), number, hash);
                    prop_assert_eq!(ids.find(hash(number), |of| of == number), None);
                }
                prop_assert!(ids.buckets.is_empty());
                prop_assert_eq!(ids.count, 1);
            }
        }
    }
}
