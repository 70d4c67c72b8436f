//! Offsets of a space by the word: 64 at a step

use super::Space;
use super::bitmap::WORD;
use super::indexed::Touched;
use super::scattered::Runs;

impl Space {
    /// The free near offsets from `from` on, by word: its index and the bits of those that are free
    ///
    /// Words come by rising index, without those that have none. Offset `64 * index + bit` is meant. What
    /// lies above the near ones is left to the search for runs, from [`near_end`](Self::near_end) on.
    pub(crate) fn free_words(&self, from: u128) -> impl Iterator<Item = (u32, u64)> + '_ {
        let from = usize::try_from(from).ok();
        let mut next = from.map(|from| from / WORD);
        let low = from.map_or(0, |from| from % WORD);
        let mut mask = u64::MAX << low;
        core::iter::from_fn(move || {
            loop {
                let at = next?;
                let index = self.near.next_open(at)?;
                // Only the word of `from` has bits below it.
                let wanted = if index == at { mask } else { u64::MAX };
                (next, mask) = (index.checked_add(1), u64::MAX);
                let free = !self.near.word(index)? & wanted;
                if free != 0 {
                    return Some((u32::try_from(index).ok()?, free));
                }
            }
        })
    }

    /// The first offset that is not near
    pub(crate) fn near_end(&self) -> u128 {
        self.near.room() as u128
    }

    /// Whether none of these offsets is taken; a reserved one is vacant all the same
    #[inline]
    pub(crate) fn are_vacant(&self, word: u32, mask: u64) -> bool {
        match self.near.word(word as usize) {
            Some(busy) if busy & mask == 0 => true,
            _ => Runs::of_word(word, mask).all(|run| self.is_vacant(run)),
        }
    }

    /// Takes offsets by the word, none of which may be taken
    ///
    /// The same as taking all of them, but an index is brought up to date by pages.
    pub(crate) fn take_words(&mut self, words: impl Iterator<Item = (u32, u64)>) {
        let (mut count, mut touched) = (0u128, Touched::default());
        for (word, mask) in words {
            count = count.saturating_add(u128::from(mask.count_ones()));
            if mask == 0 {
                continue;
            }
            if self.set_word_busy(word as usize, mask) {
                self.note_word(&mut touched, word as usize);
            } else {
                Runs::of_word(word, mask).for_each(|run| self.mark_taken(run));
            }
        }
        self.note_touched(touched);
        self.count_more(count);
    }

    /// Gives taken offsets back by the word; those in a reserved range stay withheld
    pub(crate) fn give_back_words(&mut self, words: impl Iterator<Item = (u32, u64)>) {
        let near = self.near.words();
        let (mut count, mut touched) = (0u128, Touched::default());
        for (word, mask) in words {
            count = count.saturating_add(u128::from(mask.count_ones()));
            if (word as usize) < near && self.is_plain() {
                self.set_word_idle(word as usize, mask);
                self.note_word(&mut touched, word as usize);
            } else {
                Runs::of_word(word, mask).for_each(|run| self.mark_given_back(run));
            }
        }
        self.note_touched(touched);
        self.count_fewer(count);
        self.shrink();
    }
}
