//! Bits of words by number

use core::num::NonZeroU64;

/// Bits in a word
pub(crate) const WORD: usize = 64;
/// As a power of two
pub(super) const WORD_BITS: u32 = WORD.ilog2();
pub(super) const FULL: u64 = !0;

/// The bit of `at` within its word
#[inline]
pub(super) const fn bit(at: usize) -> u64 {
    1 << (at % WORD)
}

/// The bits of a word from that of `at` upwards
#[inline]
pub(super) const fn from_bit(at: usize) -> u64 {
    FULL << (at % WORD)
}

/// The bits of a word up to that of `at`
#[inline]
pub(super) const fn up_to_bit(at: usize) -> u64 {
    FULL >> (!at % WORD)
}

/// The number of the lowest bit of `bits` in word `index`, if there is one
#[inline]
pub(super) fn lowest(index: usize, bits: u64) -> Option<usize> {
    let bits = NonZeroU64::new(bits)?;
    Some(index.wrapping_mul(WORD) | bits.trailing_zeros() as usize)
}

/// The words that have the numbers from `first` to `last`, each with the bits of those
fn parts(words: &mut [u64], first: usize, last: usize) -> impl Iterator<Item = (&mut u64, u64)> {
    let (low, high) = (first / WORD, last / WORD);
    let touched = words.get_mut(low..).unwrap_or_default().iter_mut();
    (low..=high).zip(touched).map(move |(index, word)| {
        let from = if index == low { from_bit(first) } else { FULL };
        let to = if index == high { up_to_bit(last) } else { FULL };
        (word, from & to)
    })
}

/// Sets the bits from `first` to `last`, as far as there are such words
pub(super) fn fill(words: &mut [u64], first: usize, last: usize) {
    parts(words, first, last).for_each(|(word, bits)| *word |= bits);
}

/// Clears the bits from `first` to `last`, as far as there are such words
pub(super) fn clear(words: &mut [u64], first: usize, last: usize) {
    parts(words, first, last).for_each(|(word, bits)| *word &= !bits);
}

/// The lowest number held from `from` on
pub(super) fn next_held(words: &[u64], from: usize) -> Option<usize> {
    let index = from / WORD;
    let held = words.get(index)? & from_bit(from);
    if held != 0 {
        return lowest(index, held);
    }
    let above = index.checked_add(1)?;
    let skipped = words.get(above..)?.iter().position(|&word| word != 0)?;
    let index = above.checked_add(skipped)?;
    lowest(index, *words.get(index)?)
}

/// A bit for each of up to 64 words: is it full?
pub(super) fn summary(words: &[u64]) -> u64 {
    words.iter().zip(0u32..64).fold(0, |sum, (&word, at)| sum | (u64::from(word == FULL) << at))
}
