//! Numbers as bytes

use alloc::vec::Vec;

/// A number in groups of 7 bits, the lowest first; all bytes but the last have their top bit set
#[inline]
pub(crate) fn number(out: &mut Vec<u8>, value: u64) {
    let mut rest = value;
    while rest >= 0x80 {
        out.push(low(rest) | 0x80);
        rest >>= 7;
    }
    out.push(low(rest));
}

/// The same of more bits
#[inline]
pub(crate) fn wide(out: &mut Vec<u8>, value: u128) {
    let mut rest = value;
    loop {
        if let Ok(rest) = u64::try_from(rest) {
            return number(out, rest);
        }
        let [byte, ..] = rest.to_le_bytes();
        out.push(byte | 0x80);
        rest >>= 7;
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
