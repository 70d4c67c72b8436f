//! Single numbers, far from each other: little more than 16 bytes each

use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;

use crate::space::address::Span;

/// Most numbers in a chunk
const CHUNK: usize = 128;

/// A chunk with fewer numbers is joined to a neighbour, if both together leave room
const FEW: usize = CHUNK / 4;
const MERGED: usize = CHUNK / 4 * 3;

/// A set of numbers in sorted chunks, wide enough that what keeps them in order is not felt
///
/// Every operation costs O(log n), a move within one chunk, and what it takes away. Numbers that come
/// in order leave full chunks behind.
// INVARIANT: each chunk is sorted, has 1 to 128 numbers, none of them below its key, and all of them
// below the next key.
#[derive(Clone, Debug, Default)]
pub(crate) struct Singles {
    pub(crate) chunks: BTreeMap<u128, Vec<u128>>,
}

impl Singles {
    /// Adds a number
    pub(crate) fn insert(&mut self, at: u128) {
        let Some((_, chunk)) = self.chunks.range_mut(..=at).next_back() else {
            return self.insert_below(at);
        };
        let Err(index) = chunk.binary_search(&at) else { return };
        if chunk.len() < CHUNK {
            insert_at(chunk, index, at);
        } else if index == chunk.len() {
            self.chunks.insert(at, one(at));
        } else {
            let mut upper = chunk.split_off(CHUNK / 2);
            chunk.shrink_to_fit();
            match index.checked_sub(chunk.len()) {
                Some(index) if index > 0 => insert_at(&mut upper, index, at),
                _ => insert_at(chunk, index, at),
            }
            if let Some(&first) = upper.first() {
                self.chunks.insert(first, upper);
            }
        }
    }

    /// Adds a number below all keys
    fn insert_below(&mut self, at: u128) {
        let chunk = match self.chunks.first_entry().filter(|chunk| chunk.get().len() < CHUNK) {
            Some(first) => {
                let mut chunk = first.remove();
                insert_at(&mut chunk, 0, at);
                chunk
            }
            None => one(at),
        };
        self.chunks.insert(at, chunk);
    }

    /// Takes the numbers of `span` out
    pub(crate) fn remove(&mut self, span: Span) {
        while let Some(at) = self.next(span.first).filter(|&at| at <= span.last) {
            let Some((&key, chunk)) = self.chunks.range_mut(..=at).next_back() else { return };
            let low = chunk.partition_point(|&at| at < span.first);
            let high = chunk.partition_point(|&at| at <= span.last);
            if low < high {
                chunk.drain(low..high);
            }
            self.tidy(key);
        }
    }

    /// Gives back what a chunk that lost numbers does not need
    fn tidy(&mut self, key: u128) {
        let Some(chunk) = self.chunks.get_mut(&key) else { return };
        if chunk.is_empty() {
            self.chunks.remove(&key);
            return;
        }
        // Exactly half is kept: so a second number may come and go at no cost.
        if chunk.len() < chunk.capacity() / 2 {
            chunk.shrink_to(chunk.len().saturating_add(chunk.len() / 4));
        }
        if chunk.len() > FEW {
            return;
        }
        let few = chunk.len();
        let fits = |other: &Vec<u128>| other.len().saturating_add(few) <= MERGED;
        let above = key.checked_add(1).and_then(|from| self.chunks.range(from..).next());
        let above = above.filter(|(_, chunk)| fits(chunk)).map(|(&above, _)| (key, above));
        let pair = above.or_else(|| {
            let (&below, _) =
                self.chunks.range(..key).next_back().filter(|(_, chunk)| fits(chunk))?;
            Some((below, key))
        });
        let Some((low, high)) = pair else { return };
        if let Some(upper) = self.chunks.remove(&high) {
            if let Some(lower) = self.chunks.get_mut(&low) {
                lower.reserve_exact(upper.len());
                lower.extend(upper);
            }
        }
    }

    /// Whether the number is held
    pub(crate) fn contains(&self, at: u128) -> bool {
        let chunk = self.chunks.range(..=at).next_back();
        chunk.is_some_and(|(_, chunk)| chunk.binary_search(&at).is_ok())
    }

    /// The first number held from `at` on
    pub(crate) fn next(&self, at: u128) -> Option<u128> {
        let here = self.chunks.range(..=at).next_back();
        let found = here.and_then(|(_, chunk)| {
            chunk.get(chunk.partition_point(|&number| number < at)).copied()
        });
        found.or_else(|| self.chunks.range(at..).next()?.1.first().copied())
    }

    /// The numbers, in order
    pub(crate) fn iter(&self) -> impl Iterator<Item = u128> + '_ {
        self.chunks.values().flatten().copied()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    /// Why the chunks are not as they should be, if they are not
    pub(crate) fn corruption(&self) -> Option<&'static str> {
        let filled = |chunk: &Vec<u128>| (1..=CHUNK).contains(&chunk.len());
        if !self.chunks.values().all(filled) {
            return Some("a chunk of far addresses is empty or too long");
        }
        let above = self.chunks.iter().all(|(key, chunk)| chunk.first() >= Some(key));
        let lasts = self.chunks.values().map(|chunk| chunk.last());
        let below = lasts.zip(self.chunks.keys().skip(1)).all(|(last, next)| last < Some(next));
        let sorted = self.chunks.values().all(|chunk| chunk.is_sorted_by(|a, b| a < b));
        (!(above && below && sorted)).then_some("far addresses are out of order")
    }
}

fn one(at: u128) -> Vec<u128> {
    vec![at]
}

/// Inserts into a chunk, which grows by a quarter: doubling would leave a third of all memory unused
fn insert_at(chunk: &mut Vec<u128>, index: usize, at: u128) {
    if chunk.len() == chunk.capacity() {
        let wanted = (chunk.len() / 4).saturating_add(1);
        let most = CHUNK.saturating_sub(chunk.len()).max(1);
        chunk.reserve_exact(wanted.min(most));
    }
    if index <= chunk.len() {
        chunk.insert(index, at);
    }
}
