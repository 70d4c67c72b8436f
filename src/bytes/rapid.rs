//! rapidhash, version 3, with seed 0: a hash of 64 bits, the same on every platform
//!
//! The crate of that name would exceed the limit of 13 packages; tests compare the two.

const SECRETS: [u64; 7] = [
    0x2d35_8dcc_aa6c_78a5,
    0x8bb8_4b93_962e_acc9,
    0x4b33_a62e_d433_d4a3,
    0x4d5a_2da5_1de1_aa47,
    0xa076_1d64_78bd_642f,
    0xe703_7ed1_a0b4_28db,
    0x90ed_1765_281c_388c,
];
const SECOND: u64 = SECRETS[1];
const THIRD: u64 = SECRETS[2];
const SEED: u64 = mix(THIRD, SECOND);

/// Bytes that the lanes take at once
pub(super) const CHUNK: usize = 112;

/// The hash of some bytes
#[inline]
pub(super) fn hash(all: &[u8]) -> u64 {
    let Some(last) = all.last_chunk().filter(|_| all.len() > 16) else { return short(all) };
    let mut lanes = Lanes::NEW;
    let mut rest = all;
    // The last chunk, though it be whole, is no lane's.
    while let Some((chunk, after)) = rest.split_first_chunk().filter(|(_, after)| !after.is_empty())
    {
        lanes.take(chunk);
        rest = after;
    }
    let seed = if rest.len() == all.len() { SEED } else { lanes.joined() };
    ended(seed, rest, *last)
}

/// What has been hashed of bytes that are many
#[derive(Clone, Debug)]
pub(super) struct Lanes([u64; 7]);

impl Lanes {
    pub(super) const NEW: Self = Self([SEED; 7]);

    /// Hashes so many bytes, after which there are more
    pub(super) fn take(&mut self, chunk: &[u8; CHUNK]) {
        let pairs = chunk.chunks_exact(16).filter_map(<[u8]>::first_chunk);
        for ((lane, secret), pair) in self.0.iter_mut().zip(SECRETS).zip(pairs) {
            let [low, high] = words(*pair);
            *lane = mix(low ^ secret, high ^ *lane);
        }
    }

    /// The hash, given the bytes that are left, at least one, and the last 16 of all
    pub(super) fn finish(&self, rest: &[u8], last: [u8; 16]) -> u64 {
        ended(self.joined(), rest, last)
    }

    fn joined(&self) -> u64 {
        self.0.iter().fold(0, |all, lane| all ^ lane)
    }
}

#[inline]
fn ended(seed: u64, rest: &[u8], last: [u8; 16]) -> u64 {
    let whole = rest.len().saturating_sub(1) / 16;
    let secrets = [THIRD, THIRD, SECOND, SECOND, THIRD, SECOND];
    let pairs = rest.chunks_exact(16).filter_map(<[u8]>::first_chunk).take(whole);
    let seed = pairs.zip(secrets).fold(seed, |seed, (pair, secret)| {
        let [low, high] = words(*pair);
        mix(low ^ secret, high ^ seed)
    });
    let [low, high] = words(last);
    mixed(low ^ rest.len() as u64, high, seed, rest.len())
}

/// Of at most 16 bytes
#[cold]
fn short(all: &[u8]) -> u64 {
    let len = all.len();
    let sized = SEED ^ len as u64;
    if let (Some(first), Some(last)) = (all.first_chunk(), all.last_chunk()) {
        return mixed(u64::from_le_bytes(*first), u64::from_le_bytes(*last), sized, len);
    }
    if let (Some(first), Some(last)) = (all.first_chunk(), all.last_chunk()) {
        let [first, last] = [*first, *last].map(u32::from_le_bytes).map(u64::from);
        return mixed(first, last, sized, len);
    }
    match (all.first(), all.get(len / 2), all.last()) {
        (Some(&first), Some(&middle), Some(&last)) => {
            mixed(u64::from(first) << 45 | u64::from(last), middle.into(), SEED, len)
        }
        _ => mixed(0, 0, SEED, len),
    }
}

#[inline]
const fn mixed(a: u64, b: u64, seed: u64, rest: usize) -> u64 {
    let [low, high] = product(a ^ SECOND, b ^ seed);
    mix(low ^ 0xaaaa_aaaa_aaaa_aaaa, high ^ SECOND ^ rest as u64)
}

#[inline]
const fn mix(a: u64, b: u64) -> u64 {
    let [low, high] = product(a, b);
    low ^ high
}

/// Both halves of a product
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "each half has 64 bits")]
const fn product(a: u64, b: u64) -> [u64; 2] {
    let product = (a as u128).wrapping_mul(b as u128);
    [product as u64, (product >> 64) as u64]
}

#[inline]
#[expect(clippy::cast_possible_truncation, reason = "each half has 64 bits")]
const fn words(bytes: [u8; 16]) -> [u64; 2] {
    let both = u128::from_le_bytes(bytes);
    [both as u64, (both >> 64) as u64]
}
