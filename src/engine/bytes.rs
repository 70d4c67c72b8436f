//! The engine as bytes

use alloc::vec::Vec;

use super::{Engine, Questions};
use crate::bytes::DecodeLimits;
use crate::codec;
use crate::error::DecodeError;

impl Engine {
    /// Appends the engine's bytes: equal engines have equal bytes, whatever their seeds
    ///
    /// To take a snapshot of a live engine, clone it under your lock, release the lock, and encode the clone: a clone
    /// costs a few pointers, and encoding costs a walk along everything that interfaces have and a sort of ids.
    /// The module `guide` shows it in a whole program, under "Readers, and snapshots".
    ///
    /// ```
    /// use ipam_core::{DecodeLimits, Engine};
    ///
    #[doc = include_str!("example.txt")]
    /// let mut bytes = Vec::new();
    /// engine.encode(&mut bytes);
    /// let restored = Engine::decode(&bytes, 0x5eed, &DecodeLimits::with_memory(1 << 20))?;
    /// assert_eq!(restored, engine);
    /// # Ok::<(), ipam_core::DecodeError>(())
    /// ```
    pub fn encode(&self, out: &mut Vec<u8>) {
        codec::encode(&self.state, out);
    }

    /// Decodes an engine, whose tables hash ids under `seed`
    ///
    /// The decoder trusts no byte. Either it refuses them, or the engine passes [`check`](Self::check) and encodes to the
    /// same bytes. Time and memory are in proportion to the bytes and to the addresses in use; the memory is at most what
    /// `limits` allow, which is checked before it is allocated. [`DecodeLimits`] says which limits to use for your own
    /// bytes. To restart, apply the events after the decoded engine's [`revision`](crate::Questions::revision).
    ///
    /// ```
    /// use ipam_core::{DecodeError, DecodeLimits, Engine};
    ///
    /// let mut bytes = Vec::new();
    /// Engine::new().encode(&mut bytes);
    /// bytes[1] = 0x59; // Of schema 9.
    /// let refused = Engine::decode(&bytes, 0, &DecodeLimits::UNLIMITED).unwrap_err();
    /// assert!(matches!(refused, DecodeError::Schema { found: 9, known: 1, .. }));
    /// ```
    ///
    /// # Errors
    ///
    /// [`DecodeError`]: what is wrong, and where.
    pub fn decode(bytes: &[u8], seed: u64, limits: &DecodeLimits) -> Result<Self, DecodeError> {
        let state = codec::decode(bytes, seed, limits)?;
        Ok(Self { questions: Questions { state } })
    }
}
