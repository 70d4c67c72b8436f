//! How much a decoder may make of bytes that nobody vouches for

/// How much may be made of bytes: checked before anything is allocated for it
///
/// ```
/// use ipam_core::DecodeLimits;
///
/// let limits = DecodeLimits::of_memory(1 << 30).interfaces(1_000_000);
/// assert!(limits.memory < DecodeLimits::UNLIMITED.memory);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct DecodeLimits {
    /// Addresses that somebody has, or that rest
    pub addresses: u64,
    /// Interfaces
    pub interfaces: u64,
    /// Bytes of memory in use at once, the bytes that are read and what the allocator rounds up to apart
    pub memory: u64,
}

impl DecodeLimits {
    /// Whatever the bytes say: for those that the caller wrote, and kept where nobody else writes
    pub const UNLIMITED: Self =
        Self { addresses: u64::MAX, interfaces: u64::MAX, memory: u64::MAX };

    /// As much as fits into so many bytes of memory
    pub const fn of_memory(bytes: u64) -> Self {
        Self { memory: bytes, ..Self::UNLIMITED }
    }

    /// With at most so many addresses
    #[must_use]
    pub const fn addresses(mut self, count: u64) -> Self {
        self.addresses = count;
        self
    }

    /// With at most so many interfaces
    #[must_use]
    pub const fn interfaces(mut self, count: u64) -> Self {
        self.interfaces = count;
        self
    }
}
