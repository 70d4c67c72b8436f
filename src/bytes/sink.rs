//! What values are written to, and numbers as bytes

use alloc::vec::Vec;

/// A buffer, or a hash
pub(crate) trait Sink {
    fn bytes(&mut self, bytes: &[u8]);

    fn byte(&mut self, byte: u8);

    /// The first of some bytes
    fn first_of<const N: usize>(&mut self, bytes: &[u8; N], count: usize);

    /// Eight bytes, the lowest first
    #[inline]
    fn word(&mut self, word: u64) {
        self.first_of(&word.to_le_bytes(), 8);
    }

    /// A number in groups of 7 bits, the lowest first; all bytes but the last have their top bit set
    #[inline]
    fn number(&mut self, value: u64) {
        let mut rest = value;
        while rest >= 0x80 {
            self.byte(low(rest) | 0x80);
            rest >>= 7;
        }
        self.byte(low(rest));
    }

    /// The same of more bits
    #[inline]
    fn wide(&mut self, value: u128) {
        let mut rest = value;
        loop {
            if let Ok(rest) = u64::try_from(rest) {
                return self.number(rest);
            }
            let [byte, ..] = rest.to_le_bytes();
            self.byte(byte | 0x80);
            rest >>= 7;
        }
    }
}

impl Sink for Vec<u8> {
    #[inline]
    fn bytes(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }

    #[inline]
    fn byte(&mut self, byte: u8) {
        self.push(byte);
    }

    #[inline]
    fn first_of<const N: usize>(&mut self, bytes: &[u8; N], count: usize) {
        self.extend_from_slice(bytes.get(..count).unwrap_or(bytes));
    }
}

/// How far it is from one number to another, on a circle of 2^128: small distances either way are small
pub(crate) const fn zigzag(from: u128, to: u128) -> u128 {
    let way = to.wrapping_sub(from);
    // All bits where the way leads down.
    let down = if way >> 127 == 1 { u128::MAX } else { 0 };
    (way << 1) ^ down
}

/// Where such a way leads to
pub(crate) const fn follow(from: u128, zigzag: u128) -> u128 {
    let down = if zigzag & 1 == 1 { u128::MAX } else { 0 };
    from.wrapping_add((zigzag >> 1) ^ down)
}

const fn low(rest: u64) -> u8 {
    let [low, ..] = rest.to_le_bytes();
    low & 0x7f
}
