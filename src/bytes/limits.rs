//! How much a decoder may allocate for bytes that it cannot trust

/// How much a decoder may allocate, which it checks before it allocates anything
///
/// - **Bytes that only you can write**, such as snapshots and logs on your own disk: use
///   [`UNLIMITED`](Self::UNLIMITED). The decoded engine takes about as much memory as the encoded one did, and checksums find damage.
/// - **Bytes that others can write**, or a process that must not run out of memory: use
///   [`with_memory`](Self::with_memory). The decoder counts generously: allow about three times what the engine needs.
///
/// A decoder that meets a limit refuses with [`DecodeError::Limit`](crate::DecodeError::Limit), which says how much was
/// needed.
///
/// ```
/// use ipam_core::DecodeLimits;
///
/// let limits = DecodeLimits::with_memory(1 << 30).interfaces(1_000_000);
/// assert!(limits.memory < DecodeLimits::UNLIMITED.memory);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct DecodeLimits {
    /// Addresses that are assigned, held or in quarantine
    pub addresses: u64,
    /// Interfaces
    pub interfaces: u64,
    /// Bytes of memory in use at once, not counting the bytes that are read or what the allocator rounds up to
    pub memory: u64,
}

impl DecodeLimits {
    /// No limits: for bytes that the caller wrote, and kept where nobody else can write
    pub const UNLIMITED: Self =
        Self { addresses: u64::MAX, interfaces: u64::MAX, memory: u64::MAX };

    /// At most this many bytes of memory, and no other limit
    pub const fn with_memory(bytes: u64) -> Self {
        Self { memory: bytes, ..Self::UNLIMITED }
    }

    /// With at most `count` addresses
    #[must_use]
    pub const fn addresses(mut self, count: u64) -> Self {
        self.addresses = count;
        self
    }

    /// With at most `count` interfaces
    #[must_use]
    pub const fn interfaces(mut self, count: u64) -> Self {
        self.interfaces = count;
        self
    }
}
