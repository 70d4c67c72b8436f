//! How a space changes: offsets are taken and given back, ranges are reserved

use alloc::vec::Vec;

use triomphe::Arc;

use super::address::Span;
use super::bitmap::Bitmap;
use super::extras::Extras;
use super::{NEAR_ORDER, Reservation, Space, gaps, kind_at, parts_within};

impl Space {
    /// Takes offsets, none of which may be taken
    #[inline]
    pub(crate) fn take(&mut self, span: Span) {
        if span.first != span.last || self.is_indexed() || !self.take_one(span.first) {
            self.take_any(span);
        }
    }

    /// Takes a near offset that is free: its bit says so
    #[inline]
    fn take_one(&mut self, offset: u128) -> bool {
        let (Ok(at), Some(taken)) = (usize::try_from(offset), self.taken.checked_add(1)) else {
            return false;
        };
        let free = self.set_one_busy(at);
        if free {
            self.taken = taken;
        }
        free
    }

    #[inline(never)]
    fn take_any(&mut self, span: Span) {
        if span.first == span.last && self.is_indexed() && self.take_one(span.first) {
            return self.note_changed(span);
        }
        self.count_more(span.count());
        self.mark_taken(span);
    }

    /// Counts so many more as taken
    pub(super) fn count_more(&mut self, count: u128) {
        match self.taken().checked_add(count) {
            Some(taken) => self.count_taken(taken),
            None => {
                self.count_taken(u128::MAX);
                self.extras_mut().all = true;
            }
        }
    }

    /// Notes that offsets are taken that were not, but for their number
    pub(super) fn mark_taken(&mut self, span: Span) {
        let usable = self.usable();
        let unusable = span.count().saturating_sub(usable.count_modulo(span));
        if unusable > 0 {
            let extras = self.extras_mut();
            extras.taken_unusable = extras.taken_unusable.saturating_add(unusable);
            for part in usable.barred(span) {
                extras.withheld_if_free.insert(part, ());
            }
        }
        if let Some(extras) = &mut self.extras {
            let Extras {
                reserved,
                kinds,
                withheld_if_free,
                withheld,
                withheld_auto,
                prefix_only,
                ..
            } = Arc::make_mut(extras);
            for range in parts_within(reserved, span) {
                withheld_if_free.insert(range, ());
                let count = usable.count_modulo(range);
                *withheld = withheld.wrapping_sub(count);
                match (kind_at(reserved, kinds, range.first), &mut *prefix_only) {
                    (Reservation::AutoOnly, _) => {
                        *withheld_auto = withheld_auto.wrapping_sub(count);
                    }
                    (Reservation::PrefixOnly, Some(free)) => Arc::make_mut(free).remove(range),
                    _ => {}
                }
            }
        }
        self.set_busy(span);
    }

    /// Gives taken offsets back; those in a reserved range stay withheld
    #[inline]
    pub(crate) fn give_back(&mut self, span: Span) {
        if span.first != span.last || !self.is_bare() || !self.give_back_one(span.first) {
            self.give_back_any(span);
        }
    }

    /// Gives back a near offset that will be free by then, unless it is the last one taken
    #[inline]
    fn give_back_one(&mut self, offset: u128) -> bool {
        let left = self.taken.checked_sub(1).filter(|&left| left > 0);
        let (Ok(at), Some(left)) = (usize::try_from(offset), left) else {
            return false;
        };
        let near = self.set_one_idle(at);
        if near {
            self.taken = left;
        }
        near
    }

    #[inline(never)]
    fn give_back_any(&mut self, span: Span) {
        let plain = span.first == span.last && self.is_plain();
        if plain && self.is_indexed() && self.give_back_one(span.first) {
            return self.note_changed(span);
        }
        self.count_fewer(span.count());
        self.mark_given_back(span);
        self.shrink();
    }

    /// Notes that taken offsets are given back, but for their number
    pub(super) fn mark_given_back(&mut self, span: Span) {
        let usable = self.usable();
        let mut at = Some(span.first);
        // A reserved range that touches the next is one of two: each is met by itself.
        while let Some(rest) = at.and_then(|first| Span::new(first, span.last)) {
            let range = self.reserved_within(rest).next();
            let [below, _] = range.map_or([Some(rest), None], |range| rest.around(range));
            if let Some(below) = below {
                self.leave(below);
            }
            if let (Some(range), Some(extras)) = (range, &mut self.extras) {
                let extras = Arc::make_mut(extras);
                extras.withhold(range, usable.count_modulo(range));
                if extras.kind_at(range.first) == Reservation::PrefixOnly {
                    extras.open_to_prefixes(usable.parts(range));
                }
            }
            at = range.and_then(|range| range.last.checked_add(1));
        }
        if let Some(extras) = &mut self.extras {
            let extras = Arc::make_mut(extras);
            extras.withheld_if_free.remove(span);
            let unusable = span.count().saturating_sub(usable.count_modulo(span));
            extras.taken_unusable = extras.taken_unusable.saturating_sub(unusable);
        }
    }

    /// Withholds a range that touches no other reserved range; what is taken in it stays so
    pub(crate) fn reserve(&mut self, span: Span, kind: Reservation) {
        let usable = self.usable();
        let taken: Vec<Span> = self.taken_runs(span).collect();
        let extras = self.extras_mut();
        extras.reserved.insert(span.first, span.last);
        if kind != Reservation::Hard {
            extras.kinds.insert(span.first, kind);
        }
        if kind == Reservation::PrefixOnly {
            let left = gaps(span, taken.iter().copied());
            extras.open_to_prefixes(left.flat_map(|part| usable.parts(part)));
        }
        extras.withhold(span, usable.count_modulo(span));
        for run in taken {
            extras.withheld_if_free.insert(run, ());
            extras.withhold(run, usable.count_modulo(run).wrapping_neg());
        }
        self.set_busy(span);
    }

    /// Ends a reservation made with exactly this span
    pub(crate) fn unreserve(&mut self, span: Span) {
        let usable = self.usable();
        let Some(extras) = &mut self.extras else { return };
        if !extras.reserved.contains(&span.first) {
            return;
        }
        let extras = Arc::make_mut(extras);
        let taken: Vec<Span> = extras.withheld_if_free.within(span).map(|(run, ())| run).collect();
        extras.withhold(span, usable.count_modulo(span).wrapping_neg());
        for run in &taken {
            extras.withhold(*run, usable.count_modulo(*run));
        }
        extras.reserved.remove(&span.first);
        if extras.kinds.remove(&span.first) == Some(Reservation::PrefixOnly) {
            let left = extras.kinds.values().any(|&kind| kind == Reservation::PrefixOnly);
            extras.prefix_only = extras.prefix_only.take().filter(|_| left);
            if let Some(free) = &mut extras.prefix_only {
                Arc::make_mut(free).remove(span);
            }
        }
        // What the rules would withhold stays in `withheld_if_free`.
        for part in usable.parts(span) {
            extras.withheld_if_free.remove(part);
        }
        for free in gaps(span, taken) {
            self.leave(free);
        }
        self.shrink();
    }

    /// Makes offsets idle that nobody has or reserves; near ones that are not usable stay busy
    fn leave(&mut self, span: Span) {
        let usable = self.usable();
        for part in usable.parts(span) {
            self.set_idle(part);
        }
        let far = Span::new(span.first.max(self.near.room() as u128), span.last);
        for part in far.into_iter().flat_map(|far| usable.barred(far)) {
            self.set_idle(part);
        }
    }

    /// Gives memory back that nothing needs any more
    pub(super) fn shrink(&mut self) {
        let reserved = self.extras.as_ref().is_some_and(|extras| !extras.reserved.is_empty());
        if self.taken() == 0 && !reserved && self.near.order() > Bitmap::SMALLEST {
            self.near = Bitmap::default();
            self.bar(0);
            self.rebuild_index();
        }
        self.tidy();
    }

    /// Offsets that the bitmap may have room for, as a power of two
    fn near_order(&self) -> u32 {
        // As many as are needed, none above the last.
        u128::BITS.saturating_sub(self.last.leading_zeros()).clamp(Bitmap::SMALLEST, NEAR_ORDER)
    }

    /// Makes the bitmap reach all near offsets, before some are busy that it has no room for
    #[inline]
    pub(super) fn reach(&mut self, span: Span) {
        if span.last >= self.near_end() && self.near.order() == Bitmap::SMALLEST {
            self.widen(span);
        }
    }

    #[cold]
    fn widen(&mut self, span: Span) {
        let (before, order) = (self.near_end(), self.near_order());
        if order == Bitmap::SMALLEST || span.first >= 1 << order {
            return;
        }
        self.near.grow(order);
        self.bar(before);
        self.widen_index();
    }

    /// Makes near offsets from `first` on busy that the rules withhold
    pub(super) fn bar(&mut self, first: u128) {
        let usable = self.usable();
        let window = Span { first, ..self.window() };
        for (first, last) in usable.barred(window).filter_map(numbers) {
            self.near.insert(first, last);
        }
    }

    /// Counts so many less as taken
    pub(super) fn count_fewer(&mut self, count: u128) {
        let all = self.extras.as_ref().is_some_and(|extras| extras.all);
        if let Some(extras) = self.extras.as_mut().filter(|_| all) {
            Arc::make_mut(extras).all = false;
        }
        let taken = if all { count.wrapping_neg() } else { self.taken().saturating_sub(count) };
        self.count_taken(taken);
    }

    /// Sets how many are taken
    pub(super) fn count_taken(&mut self, taken: u128) {
        let high = u64::try_from(taken >> 64).unwrap_or(u64::MAX);
        self.taken = u64::try_from(taken & u128::from(u64::MAX)).unwrap_or(u64::MAX);
        if high != 0 {
            self.extras_mut().taken_high = high;
        } else if let Some(extras) = self.extras.as_mut().filter(|extras| extras.taken_high != 0) {
            Arc::make_mut(extras).taken_high = 0;
        }
    }

    /// The parts of `span` inside the bitmap's room, as numbers of it, and above it
    pub(super) fn split(&self, span: Span) -> (Option<(usize, usize)>, Option<Span>) {
        let near = span.overlap(self.window()).and_then(numbers);
        (near, Span::new(span.first.max(self.near.room() as u128), span.last))
    }

    #[inline]
    fn set_one_busy(&mut self, at: usize) -> bool {
        self.near.insert_one(at)
    }

    #[inline]
    fn set_one_idle(&mut self, at: usize) -> bool {
        self.near.remove_one(at)
    }

    /// Makes idle offsets of a near word busy; false, without a change, unless all of them are
    #[inline]
    pub(super) fn set_word_busy(&mut self, word: usize, mask: u64) -> bool {
        self.near.claim_mask(word, mask)
    }

    #[inline]
    pub(super) fn set_word_idle(&mut self, word: usize, mask: u64) {
        self.near.remove_mask(word, mask);
    }

    fn set_busy(&mut self, span: Span) {
        self.reach(span);
        let (near, apart) = self.split(span);
        if let Some((first, last)) = near {
            self.near.insert(first, last);
            self.note_changed(span);
        }
        if let Some(apart) = apart {
            self.extras_mut().apart.insert(apart);
            self.note_far(apart, false);
        }
    }

    fn set_idle(&mut self, span: Span) {
        let (near, apart) = self.split(span);
        if let Some((first, last)) = near {
            self.near.remove(first, last);
            self.note_changed(span);
        }
        if let (Some(apart), Some(extras)) = (apart, &mut self.extras) {
            Arc::make_mut(extras).apart.remove(apart);
            self.note_far(apart, true);
        }
    }
}

/// A span of near offsets as numbers of the bitmap
pub(super) fn numbers(span: Span) -> Option<(usize, usize)> {
    Some((usize::try_from(span.first).ok()?, usize::try_from(span.last).ok()?))
}
