//! How fast is the ordered tree, beside the standard library's and its peers that share? See README.md
#![expect(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    reason = "benches"
)]

extern crate alloc;

#[path = "sets/tree.rs"]
mod shared;
#[path = "support/criterion.rs"]
mod short_criterion;
#[expect(dead_code, reason = "each benchmark asks some of the questions")]
mod support;

use std::collections::BTreeMap;
use std::hint::black_box;

use imbl::OrdMap;
use rpds::RedBlackTreeMapSync;
use shared::tree::Tree;
use short_criterion::{criterion, time};
use support::measure::{Work, timed};
use support::random::Random;

/// Operations of a chunk
const CHUNK: usize = 1_000;

/// An ordered map
trait Ordered: Clone + 'static {
    const NAME: &str;

    /// Whether a clone shares
    const SHARES: bool = true;

    fn empty() -> Self;
    fn add(&mut self, key: u64);
    fn take(&mut self, key: u64);
    fn from(&self, key: u64) -> Option<u64>;
}

impl Ordered for Tree<u64, u64> {
    const NAME: &str = "tree";

    fn empty() -> Self {
        Self::new()
    }

    fn add(&mut self, key: u64) {
        self.insert(key, key);
    }

    fn take(&mut self, key: u64) {
        self.remove(&key);
    }

    fn from(&self, key: u64) -> Option<u64> {
        self.at_or_above(&key).map(|(key, _)| key)
    }
}

impl Ordered for BTreeMap<u64, u64> {
    const NAME: &str = "BTreeMap";
    const SHARES: bool = false;

    fn empty() -> Self {
        Self::new()
    }

    fn add(&mut self, key: u64) {
        self.insert(key, key);
    }

    fn take(&mut self, key: u64) {
        self.remove(&key);
    }

    fn from(&self, key: u64) -> Option<u64> {
        self.range(key..).next().map(|(&key, _)| key)
    }
}

impl Ordered for OrdMap<u64, u64> {
    const NAME: &str = "imbl::OrdMap";

    fn empty() -> Self {
        Self::new()
    }

    fn add(&mut self, key: u64) {
        self.insert(key, key);
    }

    fn take(&mut self, key: u64) {
        self.remove(&key);
    }

    fn from(&self, key: u64) -> Option<u64> {
        self.range(key..).next().map(|(&key, _)| key)
    }
}

impl Ordered for RedBlackTreeMapSync<u64, u64> {
    const NAME: &str = "rpds::RedBlackTreeMap";

    fn empty() -> Self {
        Self::new_sync()
    }

    fn add(&mut self, key: u64) {
        self.insert_mut(key, key);
    }

    fn take(&mut self, key: u64) {
        self.remove_mut(&key);
    }

    fn from(&self, key: u64) -> Option<u64> {
        self.range(key..).next().map(|(&key, _)| key)
    }
}

/// A map of so many random keys, and the keys
fn map<M: Ordered>(count: usize) -> (M, Vec<u64>) {
    let mut random = Random::new(1);
    let keys: Vec<u64> = (0..count).map(|_| random.next()).collect();
    let mut map = M::empty();
    keys.iter().for_each(|&key| map.add(key));
    (map, keys)
}

fn pair<M: Ordered>(count: usize) -> Work {
    let (mut map, keys) = map::<M>(count);
    let mut random = Random::new(2);
    Box::new(move || {
        timed(CHUNK, || {
            for _ in 0..CHUNK {
                let key = keys[random.below(keys.len())];
                map.take(key);
                map.add(key);
            }
        })
    })
}

fn next<M: Ordered>(count: usize) -> Work {
    let (map, _) = map::<M>(count);
    let mut random = Random::new(2);
    Box::new(move || {
        timed(CHUNK, || {
            for _ in 0..CHUNK {
                black_box(map.from(random.next()));
            }
        })
    })
}

fn copy<M: Ordered>(count: usize) -> Work {
    let (map, keys) = map::<M>(count);
    let mut random = Random::new(2);
    Box::new(move || {
        timed(1, || {
            let mut copy = map.clone();
            for _ in 0..8 {
                copy.take(keys[random.below(keys.len())]);
            }
            black_box(&copy);
        })
    })
}

fn ask<M: Ordered>(criterion: &mut criterion::Criterion) {
    for (count, many) in [(1_000, "1,000"), (100_000, "100,000"), (1_000_000, "1,000,000")] {
        let name = |question| format!("{many} keys: {question}/{}", M::NAME);
        time(criterion, &name("take one out and put it back"), || pair::<M>(count));
        time(criterion, &name("the first from one on"), || next::<M>(count));
        if M::SHARES || count == 1_000 {
            time(criterion, &name("copy, take eight out, and drop it"), || copy::<M>(count));
        }
    }
}

fn main() {
    let mut criterion = criterion();
    ask::<Tree<u64, u64>>(&mut criterion);
    ask::<BTreeMap<u64, u64>>(&mut criterion);
    ask::<OrdMap<u64, u64>>(&mut criterion);
    ask::<RedBlackTreeMapSync<u64, u64>>(&mut criterion);
    criterion.final_summary();
}
