//! Scattered numbers, by the words of 64 that have any

use alloc::vec::Vec;

use super::address::Span;

/// Bits in a word
const WORD: u128 = 64;

/// Ascending numbers, by the words of 64 that hold them
///
/// What a search finds in a bitmap that is neither full nor empty, in the bitmap's own terms.
// INVARIANT: word numbers ascend, and each has a bit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Scattered {
    words: Vec<(u32, u64)>,
}

impl Scattered {
    /// No numbers yet, with room for so many words
    pub(crate) fn with_room(words: usize) -> Self {
        Self { words: Vec::with_capacity(words) }
    }

    /// Words that have numbers
    pub(crate) fn words(&self) -> usize {
        self.words.len()
    }

    /// Adds one number above those that are there; says whether it is above them
    #[inline]
    pub(crate) fn push_one(&mut self, number: u32) -> bool {
        let (word, bit) = (number >> 6, 1u64 << (number & 63));
        match self.words.last_mut() {
            Some((last, bits)) if *last == word && *bits < bit => *bits |= bit,
            Some((last, _)) if *last >= word => return false,
            _ => self.words.push((word, bit)),
        }
        true
    }

    /// Adds numbers of a word above those that are there
    pub(crate) fn push(&mut self, word: u32, bits: u64) {
        self.words.push((word, bits));
    }

    /// Word numbers, each with its bits
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, u64)> + Clone + '_ {
        self.words.iter().copied()
    }

    /// The highest number
    pub(crate) fn last(&self) -> Option<u128> {
        self.words.last().and_then(|&(word, bits)| last_of(word, bits))
    }

    /// Numbers held
    pub(crate) fn count(&self) -> u128 {
        self.words.iter().fold(0, |sum, (_, bits)| sum.saturating_add(bits.count_ones().into()))
    }

    /// Runs of numbers
    pub(crate) fn run_count(&self) -> usize {
        let mut runs = 0usize;
        // The number below the word at hand, if it is held.
        let mut below = None;
        for &(word, bits) in &self.words {
            let carried = u64::from(below == Some(word));
            let starts = bits & !((bits << 1) | carried);
            runs = runs.saturating_add(starts.count_ones() as usize);
            below = (bits >> 63 == 1).then(|| word.saturating_add(1));
        }
        runs
    }

    /// Every number, ascending; those beyond 2^32 are left out
    #[inline]
    pub(crate) fn numbers(&self) -> impl Iterator<Item = u32> + '_ {
        let mut words = self.words.iter();
        let (mut base, mut rest) = (0, 0u64);
        core::iter::from_fn(move || {
            while rest == 0 {
                let &(word, bits) = words.next()?;
                (base, rest) = (word.checked_mul(64)?, bits);
            }
            let at = rest.trailing_zeros();
            rest &= rest.wrapping_sub(1);
            Some(base | at)
        })
    }

    /// The runs, ascending
    pub(crate) fn runs(&self) -> Runs<'_> {
        Runs { words: self.words.iter(), word: 0, bits: 0 }
    }
}

/// The runs of [`Scattered`]
#[derive(Clone, Debug)]
pub(crate) struct Runs<'a> {
    words: core::slice::Iter<'a, (u32, u64)>,
    word: u32,
    /// What is left of the word
    bits: u64,
}

impl Runs<'_> {
    /// Those of one word
    pub(crate) fn of_word(word: u32, bits: u64) -> Self {
        Self { words: [].iter(), word, bits }
    }

    /// The first and the last number of the next run
    #[inline]
    pub(crate) fn next_ends(&mut self) -> Option<[u64; 2]> {
        if self.bits == 0 {
            (self.word, self.bits) = *self.words.next()?;
        }
        let first = self.bits.trailing_zeros();
        let length = (self.bits >> first).trailing_ones();
        let base = u64::from(self.word) << 6;
        let start = base | u64::from(first);
        let end = first.saturating_add(length);
        let mut last = base.saturating_add(end.into()).saturating_sub(1);
        self.bits = above(self.bits, end);
        // A run that reaches the end of its word may go on in the next.
        while self.bits == 0 && last % 64 == 63 {
            match self.words.as_slice().first() {
                Some(&(word, bits)) if Some(word) == self.word.checked_add(1) && bits & 1 == 1 => {
                    self.words.next();
                    let length = bits.trailing_ones();
                    (self.word, self.bits) = (word, above(bits, length));
                    last = last.saturating_add(length.into());
                }
                _ => break,
            }
        }
        Some([start, last])
    }
}

impl Iterator for Runs<'_> {
    type Item = Span;

    #[inline]
    fn next(&mut self) -> Option<Span> {
        self.next_ends().map(|[first, last]| Span { first: first.into(), last: last.into() })
    }
}

/// The highest number of a word's bits
pub(crate) fn last_of(word: u32, bits: u64) -> Option<u128> {
    Some(first_of(word).saturating_add(bits.checked_ilog2()?.into()))
}

/// The first number of a word
fn first_of(word: u32) -> u128 {
    u128::from(word).saturating_mul(WORD)
}

/// The bits from number `from` on
fn above(bits: u64, from: u32) -> u64 {
    bits & u64::MAX.checked_shl(from).unwrap_or(0)
}

/// The lowest `count` of the bits that are set, all of them if there are not so many
pub(crate) fn lowest(bits: u64, count: u32) -> u64 {
    if bits.count_ones() <= count {
        return bits;
    }
    let mut rest = bits;
    for _ in 0..count {
        rest &= rest.wrapping_sub(1);
    }
    bits ^ rest
}

/// Numbers of spans by words of 64, neighbours of one word together; spans beyond 2^37 are left out
pub(crate) fn words_of<S: Iterator<Item = Span> + Clone>(
    spans: S,
) -> impl Iterator<Item = (u32, u64)> + Clone {
    let mut spans = spans;
    let mut rest: Option<Span> = None;
    core::iter::from_fn(move || {
        let mut gathered: Option<(u32, u64)> = None;
        loop {
            let Some(span) = rest.take().or_else(|| spans.next()) else { return gathered };
            let Ok(word) = u32::try_from(span.first / WORD) else { continue };
            if gathered.is_some_and(|(of, _)| of != word) {
                rest = Some(span);
                return gathered;
            }
            let base = first_of(word);
            let low = u32::try_from(span.first.saturating_sub(base)).unwrap_or_default();
            let bits = above(up_to(word, span.last).unwrap_or(0), low);
            gathered = Some((word, gathered.map_or(0, |(_, bits)| bits) | bits));
            let next = base.saturating_add(WORD);
            rest = Span::new(next, span.last);
        }
    })
}

/// The bits of a word's numbers up to `last`, included; `None` if all of them are higher
pub(crate) fn up_to(word: u32, last: u128) -> Option<u64> {
    let room = last.checked_sub(first_of(word))?;
    Some(if room < WORD {
        u64::MAX >> WORD.saturating_sub(1).saturating_sub(room)
    } else {
        u64::MAX
    })
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "tests")]
mod tests {
    use super::*;
    use crate::space::address::joined;
    use alloc::collections::{BTreeMap, BTreeSet};
    use proptest::prelude::*;

    fn naive_runs(numbers: &BTreeSet<u128>) -> Vec<Span> {
        joined(numbers.iter().map(|&at| Span::one(at)).collect())
    }

    proptest! {
        #[test]
        fn scattered_numbers_are_their_bits(
            masks in prop::collection::btree_map(
                prop_oneof![0u32..6, any::<u32>()],
                prop_oneof![Just(u64::MAX), Just(1), Just(1 << 63), 1u64..],
                0..8,
            ),
        ) {
            let masks: BTreeMap<u32, u64> = masks;
            let mut words = Scattered::default();
            let mut naive = BTreeSet::new();
            for (&word, &bits) in &masks {
                words.push(word, bits);
                naive.extend((0..64).filter(|at| bits >> at & 1 == 1).map(|at| u128::from(word) * 64 + at));
            }
            prop_assert_eq!(words.count(), naive.len() as u128);
            prop_assert_eq!(words.last(), naive.last().copied());
            let low = naive.iter().filter_map(|&at| u32::try_from(at).ok());
            prop_assert!(words.numbers().eq(low));
            prop_assert_eq!(words.runs().collect::<Vec<_>>(), naive_runs(&naive));
            prop_assert_eq!(words.run_count(), naive_runs(&naive).len());
        }

        #[test]
        fn words_of_spans_hold_their_numbers(
            lengths in prop::collection::vec((1u128..200, 1u128..200), 0..12),
        ) {
            let (mut at, mut spans, mut naive) = (0, Vec::new(), BTreeSet::new());
            for (gap, length) in lengths {
                let span = Span { first: at + gap, last: at + gap + length - 1 };
                naive.extend(span.first..=span.last);
                at = span.last + 1;
                spans.push(span);
            }
            let mut found = Scattered::default();
            words_of(spans.into_iter()).for_each(|(word, bits)| found.push(word, bits));
            prop_assert!(found.iter().is_sorted_by(|a, b| a.0 < b.0));
            prop_assert_eq!(found.runs().collect::<Vec<_>>(), naive_runs(&naive));
        }

        #[test]
        fn the_lowest_bits_are_the_lowest(bits in any::<u64>(), count in 0u32..70) {
            let set = (0..64).filter(|at| bits >> at & 1 == 1);
            let naive = set.take(count as usize).fold(0, |sum, at| sum | (1u64 << at));
            prop_assert_eq!(lowest(bits, count), naive);
        }
    }
}
