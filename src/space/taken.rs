//! What is taken in a space, as a whole: for those who store it, and make it again

use alloc::vec::Vec;

use super::address::{Span, joined};
use super::bitmap::{self, WORD};
use super::scattered::Runs;
use super::{SMALLEST_WINDOW, Space, WIDEST_WINDOW, gaps};

/// Some of what is taken
pub(crate) enum Part<'a> {
    /// By whole words, from the word of this index on: a bit set is a number taken
    Words(u128, &'a [u64]),
    Run(Span),
}

impl Space {
    /// Every offset taken, in ascending parts; costs a look at each page of the bitmap
    ///
    /// What `skip` gives within a span, in order, is left out.
    pub(crate) fn each_taken<I: Iterator<Item = Span>>(
        &self,
        skip: impl Fn(Span) -> I,
        mut part: impl FnMut(Part<'_>),
    ) {
        if self.taken() == 0 {
            return;
        }
        let window = self.window();
        // Where nothing is withheld, a busy bit is one taken.
        let barred = self.usable().barred(window);
        // What is left out may go on far beyond.
        let skipped = skip(window).filter_map(|part| part.overlap(window));
        let withheld: Vec<Span> =
            joined(barred.chain(self.reserved_within(window)).chain(skipped).collect());
        let mut at = 0usize;
        for (first, last) in withheld.into_iter().filter_map(super::change::numbers) {
            let (first, last) = ((first / WORD).max(at), last / WORD);
            if first > last {
                continue;
            }
            self.each_word(at, first, &mut part);
            at = last.saturating_add(1);
            let span = Span { first: number(first), last: number(at).saturating_sub(1) };
            for run in self.taken_runs(span) {
                gaps(run, skip(run)).for_each(|run| part(Part::Run(run)));
            }
        }
        self.each_word(at, usize::MAX, &mut part);
        if let Some(far) = Span::new(window.last.saturating_add(1), self.last) {
            for run in self.taken_runs(far) {
                gaps(run, skip(run)).for_each(|run| part(Part::Run(run)));
            }
        }
    }

    /// The near words that are not empty, from `first` to the one before `end`
    fn each_word(&self, first: usize, end: usize, part: &mut impl FnMut(Part<'_>)) {
        self.near.parts(first, end, |first, words| match words {
            bitmap::Part::Words(words) => part(Part::Words(first as u128, words)),
            bitmap::Part::Full(count) => {
                let last = number(first.saturating_add(count)).saturating_sub(1);
                part(Part::Run(Span { first: number(first), last }));
            }
        });
    }

    /// Whether all of `span` is taken
    #[inline]
    pub(crate) fn is_taken(&self, span: Span) -> bool {
        let bare = self
            .extras
            .as_ref()
            .is_none_or(|extras| extras.reserved.is_empty() && extras.withheld_if_free.is_empty());
        let near = span.last < self.near_end() && span.first / 64 == span.last / 64;
        if bare && near {
            let first = usize::try_from(span.first).unwrap_or(usize::MAX);
            let word = self.near.word(first / WORD).unwrap_or(0);
            let length = u32::try_from(span.count()).unwrap_or(64);
            let mask = (u64::MAX >> 64u32.saturating_sub(length).min(63)) << (first % WORD);
            return word & mask == mask && self.usable().count_modulo(span) == span.count();
        }
        self.is_taken_by_runs(span)
    }

    #[inline(never)]
    fn is_taken_by_runs(&self, span: Span) -> bool {
        let mut next = Some(span.first);
        for run in self.taken_runs(span) {
            if next != Some(run.first) {
                return false;
            }
            next = run.last.checked_add(1);
        }
        next == span.last.checked_add(1)
    }

    /// Takes so many offsets of a space in which none is taken: their number
    ///
    /// They must be given next, by [`restore_words`](Self::restore_words) and [`restore`](Self::restore).
    pub(crate) fn restore_count(&mut self, count: u128) {
        self.count_taken(count);
    }

    /// Marks numbers of near words as taken, from one word on
    pub(crate) fn restore_words(
        &mut self,
        first: usize,
        words: impl ExactSizeIterator<Item = u64>,
    ) {
        let end = first.saturating_add(words.len());
        self.reach(Span { first: number(first), last: number(end).saturating_sub(1) });
        // Where nothing is withheld nothing is busy yet.
        if self.withholds_none(first, words.len()) {
            return self.near.insert_masks(first, words);
        }
        for (word, bits) in (first..).zip(words) {
            let set = self.set_word_busy(word, bits);
            if let Some(word) = u32::try_from(word).ok().filter(|_| !set) {
                Runs::of_word(word, bits).for_each(|run| self.mark_taken(run));
            }
        }
    }

    /// Whether neither the rules nor a reserved range withhold anything of so many words
    fn withholds_none(&self, first: usize, count: usize) -> bool {
        let end = number(first.saturating_add(count));
        let Some(span) = end.checked_sub(1).and_then(|last| Span::new(number(first), last)) else {
            return true;
        };
        let open = self.usable().count_modulo(span) == span.count();
        open && self.reserved_within(span).next().is_none()
    }

    /// Marks a run as taken
    pub(crate) fn restore(&mut self, run: Span) {
        self.mark_taken(run);
    }
}

/// The first number of a word
const fn number(word: usize) -> u128 {
    (word as u128).saturating_mul(WORD as u128)
}

/// The numbers below which a dense table may reach when so many are in use: a power of two
pub(crate) fn near_limit(used: u128) -> u128 {
    let most = used.saturating_mul(4).clamp(SMALLEST_WINDOW, WIDEST_WINDOW);
    1 << most.ilog2()
}
