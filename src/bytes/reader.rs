//! Reading bytes that cannot be trusted

use alloc::vec::Vec;

use super::{DecodeError, DecodeLimit, DecodeLimits, Flaw};

/// What is left of some bytes, and of what may be made of them
#[derive(Clone, Debug)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
    /// Where `rest` ends, in what the caller gave
    end: u64,
    limits: DecodeLimits,
    /// Bytes of memory that are spoken for
    spent: u64,
    /// Addresses that were counted
    addresses: u64,
}

pub(crate) type Read<T> = Result<T, DecodeError>;

impl<'a> Reader<'a> {
    /// A reader of bytes that begin at `at`
    pub(crate) fn new(bytes: &'a [u8], at: u64, limits: DecodeLimits) -> Self {
        let end = at.saturating_add(bytes.len() as u64);
        Self { rest: bytes, end, limits, spent: 0, addresses: 0 }
    }

    pub(crate) fn at(&self) -> u64 {
        self.end.saturating_sub(self.rest.len() as u64)
    }

    /// Bytes that are left
    pub(crate) const fn left(&self) -> usize {
        self.rest.len()
    }

    #[cold]
    pub(crate) fn flaw(&self, flaw: Flaw) -> DecodeError {
        DecodeError::Malformed { at: self.at(), flaw }
    }

    /// A flaw, unless something holds
    #[inline]
    pub(crate) fn demand(&self, holds: bool, flaw: Flaw) -> Read<()> {
        if holds { Ok(()) } else { Err(self.flaw(flaw)) }
    }

    /// Speaks for memory, before it is allocated
    pub(crate) fn spend(&mut self, bytes: u64) -> Read<()> {
        let wanted = self.spent.saturating_add(bytes);
        self.limit(DecodeLimit::Memory, wanted)?;
        self.spent = wanted;
        Ok(())
    }

    /// Gives back what was spoken for and is released
    pub(crate) fn give_back(&mut self, bytes: u64) {
        self.spent = self.spent.saturating_sub(bytes);
    }

    /// Whether this many are allowed
    pub(crate) fn limit(&self, limit: DecodeLimit, wanted: u64) -> Read<()> {
        let max = match limit {
            DecodeLimit::Addresses => self.limits.addresses,
            DecodeLimit::Interfaces => self.limits.interfaces,
            DecodeLimit::Memory => self.limits.memory,
        };
        self.limit_to(limit, max, wanted)
    }

    /// Whether this many are allowed, by a limit that the caller cannot set
    pub(crate) fn limit_to(&self, limit: DecodeLimit, max: u64, wanted: u64) -> Read<()> {
        if wanted > max {
            return Err(DecodeError::Limit { at: self.at(), limit, max, wanted });
        }
        Ok(())
    }

    /// Counts this many more addresses, if they are allowed
    pub(crate) fn take_addresses(&mut self, count: u64) -> Read<()> {
        self.addresses = self.addresses.saturating_add(count);
        self.limit(DecodeLimit::Addresses, self.addresses)
    }

    /// An empty vector with room for this many, whose memory is counted
    pub(crate) fn vector<T>(&mut self, count: usize) -> Read<Vec<T>> {
        self.spend((count as u64).saturating_mul(size_of::<T>() as u64))?;
        Ok(Vec::with_capacity(count))
    }

    #[inline]
    pub(crate) fn bytes(&mut self, count: usize) -> Read<&'a [u8]> {
        match self.rest.split_at_checked(count) {
            Some((bytes, rest)) => {
                self.rest = rest;
                Ok(bytes)
            }
            None => Err(self.flaw(Flaw::Short)),
        }
    }

    #[inline]
    pub(crate) fn array<const N: usize>(&mut self) -> Read<[u8; N]> {
        match self.rest.split_first_chunk() {
            Some((bytes, rest)) => {
                self.rest = rest;
                Ok(*bytes)
            }
            None => Err(self.flaw(Flaw::Short)),
        }
    }

    #[inline]
    pub(crate) fn byte(&mut self) -> Read<u8> {
        self.array().map(|[byte]| byte)
    }

    pub(crate) fn word(&mut self) -> Read<u64> {
        self.array().map(u64::from_le_bytes)
    }

    /// A number as [`number`](super::Sink::number) writes it
    #[inline]
    pub(crate) fn number(&mut self) -> Read<u64> {
        match self.rest {
            [byte, rest @ ..] if *byte < 0x80 => {
                self.rest = rest;
                Ok(u64::from(*byte))
            }
            _ => self.long_number(),
        }
    }

    fn long_number(&mut self) -> Read<u64> {
        let value = self.long_wide()?;
        u64::try_from(value).map_err(|_| self.flaw(Flaw::TooLarge))
    }

    #[inline]
    pub(crate) fn wide(&mut self) -> Read<u128> {
        match self.rest {
            [byte, rest @ ..] if *byte < 0x80 => {
                self.rest = rest;
                Ok(u128::from(*byte))
            }
            _ => self.long_wide(),
        }
    }

    fn long_wide(&mut self) -> Read<u128> {
        let (mut low, mut shift) = (0u64, 0u32);
        // Nine groups fit a word, and most numbers have no more.
        while shift < 63 {
            let byte = self.byte()?;
            low |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                self.demand(byte != 0 || shift == 0, Flaw::Overlong)?;
                return Ok(low.into());
            }
            shift = shift.wrapping_add(7);
        }
        let mut value = u128::from(low);
        loop {
            let byte = self.byte()?;
            let group = u128::from(byte & 0x7f);
            // Of the last group there is room for two bits.
            self.demand(shift < 126 || (shift == 126 && group < 4), Flaw::TooLarge)?;
            value |= group << shift;
            if byte < 0x80 {
                self.demand(byte != 0, Flaw::Overlong)?;
                return Ok(value);
            }
            shift = shift.wrapping_add(7);
        }
    }

    pub(crate) fn number32(&mut self) -> Read<u32> {
        let value = self.number()?;
        u32::try_from(value).map_err(|_| self.flaw(Flaw::TooLarge))
    }

    /// How many parts follow, of at least this many bytes each
    pub(crate) fn count(&mut self, least: usize) -> Read<usize> {
        let count = self.number()?;
        let most = self.left().checked_div(least).unwrap_or(0);
        match usize::try_from(count) {
            Ok(count) if count <= most => Ok(count),
            _ => Err(self.flaw(Flaw::Short)),
        }
    }

    /// A part with its tag and its length before it, read to its end
    pub(crate) fn section<T>(
        &mut self,
        tag: u8,
        read: impl FnOnce(&mut Self) -> Read<T>,
    ) -> Read<T> {
        let found = self.byte()?;
        self.demand(found == tag, Flaw::Tag)?;
        let length = self.word()?;
        let inside =
            usize::try_from(length).ok().and_then(|length| self.rest.split_at_checked(length));
        let Some((inside, after)) = inside else { return Err(self.flaw(Flaw::Short)) };
        let end = self.end;
        (self.rest, self.end) = (inside, end.saturating_sub(after.len() as u64));
        let value = read(self)?;
        self.finish()?;
        (self.rest, self.end) = (after, end);
        Ok(value)
    }

    /// Whether this byte comes next
    pub(crate) fn starts_with(&self, byte: u8) -> bool {
        self.rest.first() == Some(&byte)
    }

    /// A flaw if anything is left
    pub(crate) fn finish(&self) -> Read<()> {
        self.demand(self.rest.is_empty(), Flaw::Trailing)
    }
}
