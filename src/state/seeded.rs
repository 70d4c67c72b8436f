//! The seeded hash of what strangers may choose: ids, and offsets far apart

use core::fmt;
use core::hash::{BuildHasher, Hash};

use foldhash::quality::FixedState;

/// A hash that depends on the engine's seed, and that nothing else does
#[derive(Clone)]
pub(crate) struct Seeded(FixedState);

impl Seeded {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(FixedState::with_seed(seed))
    }

    #[inline]
    pub(crate) fn hash(&self, value: &impl Hash) -> u64 {
        self.0.hash_one(value)
    }
}

/// Without the seed: it is a secret
impl fmt::Debug for Seeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seeded")
    }
}
