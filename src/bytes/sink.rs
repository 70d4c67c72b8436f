//! What values are written to, and numbers as bytes

use alloc::vec::Vec;

/// A buffer, or a hash
pub(crate) trait Sink {
    fn bytes(&mut self, bytes: &[u8]);

    fn byte(&mut self, byte: u8);

    /// The first of some bytes, of which there are as many
    fn first_of<const N: usize>(&mut self, bytes: &[u8; N], count: usize);

    /// Eight bytes, the lowest first
    #[inline]
    fn word(&mut self, word: u64) {
        self.first_of(&word.to_le_bytes(), 8);
    }

    /// A number in groups of 7 bits, the lowest first; all bytes but the last have their top bit set
    #[inline]
    fn number(&mut self, value: u64) {
        if value < 0x80 {
            return self.byte(low(value));
        }
        if value >> 56 != 0 {
            self.byte(low(value) | 0x80);
            return self.number(value >> 7);
        }
        // Eight groups at once: apart by 28, then 14, then 7 bits.
        let apart = (value & 0xff_ffff_f000_0000) << 4 | (value & 0xfff_ffff);
        let apart = (apart & 0xfff_c000_0fff_c000) << 2 | (apart & 0x3fff_0000_3fff);
        let apart = (apart & 0x3f80_3f80_3f80_3f80) << 1 | (apart & 0x7f_007f_007f_007f);
        let last = value.ilog2() / 7;
        let below = 1u64.wrapping_shl(last.wrapping_mul(8)).wrapping_sub(1);
        let more = 0x80_8080_8080_8080 & below;
        self.first_of(&(apart | more).to_le_bytes(), (last as usize).saturating_add(1));
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

/// The same of numbers below 2^63
#[inline]
pub(crate) const fn zigzag64(from: u64, to: u64) -> u64 {
    let way = to.wrapping_sub(from);
    (way << 1) ^ (way >> 63).wrapping_neg()
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

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::{Sink, low, zigzag, zigzag64};

    #[test]
    fn a_number_has_the_bytes_that_group_after_group_has() {
        let edges = (0..64).flat_map(|bit| {
            let power = 1u64 << bit;
            [power.wrapping_sub(1), power, power | 1, power.wrapping_mul(0x9e37_79b9), !power]
        });
        for value in edges {
            let (mut bytes, mut plain, mut rest) = (Vec::new(), Vec::new(), value);
            bytes.number(value);
            while rest >= 0x80 {
                plain.push(low(rest) | 0x80);
                rest >>= 7;
            }
            plain.push(low(rest));
            assert_eq!(bytes, plain, "{value:#x}");
        }
    }

    #[test]
    fn a_way_between_words_is_the_same() {
        let all = [0, 1, 2, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 0x1_0000_0000];
        for from in all {
            for to in all {
                let wide = zigzag(from.into(), to.into());
                assert_eq!(u128::from(zigzag64(from, to)), wide, "{from} to {to}");
            }
        }
    }
}
