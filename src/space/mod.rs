//! Address arithmetic and the space of one subnet in one family; knows nothing of interfaces

pub(crate) mod address;
pub(crate) mod bitmap;
pub(crate) mod list;
pub(crate) mod range;
pub(crate) mod runs;
#[cfg(test)]
mod tests;
pub(crate) mod words;

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use address::{Span, joined};
use bitmap::Bitmap;
use runs::Runs;

/// The numbers below this may have one slot each whatever is used
const SMALLEST_WINDOW: u128 = 256;

/// Most numbers that dense tables hold; farther ones are kept apart
const WIDEST_WINDOW: u128 = 1 << 31;

/// How wide a dense table becomes to hold number `last`, when `used` numbers are in use with it
///
/// `None` means that `last` lies too far above what is in use: a dense table would cost memory out of
/// proportion, so the number is kept apart. A window is at most 4 times what is in use, and doubles.
pub(crate) fn window_for(last: u128, used: u128) -> Option<usize> {
    let room = last.checked_add(1)?.checked_next_power_of_two()?.max(64);
    let most = used.saturating_mul(4).clamp(SMALLEST_WINDOW, WIDEST_WINDOW);
    if room <= most { usize::try_from(room).ok() } else { None }
}

/// What a subnet's rules leave to be assigned: offsets of a span, but for one hole (the gateway)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Usable {
    /// `None` when the rules leave nothing
    pub(crate) span: Option<Span>,
    /// Lies inside the span
    pub(crate) hole: Option<u128>,
}

impl Usable {
    /// The parts of `span` that are usable, in order
    pub(crate) fn parts(self, span: Span) -> impl Iterator<Item = Span> {
        let inside = self.span.and_then(|usable| usable.overlap(span));
        let parts = match (inside, self.hole) {
            (Some(inside), Some(hole)) if inside.contains(hole) => inside.around(Span::one(hole)),
            (inside, _) => [inside, None],
        };
        parts.into_iter().flatten()
    }

    /// Usable offsets within `span`, modulo 2^128
    pub(crate) fn count_modulo(self, span: Span) -> u128 {
        self.parts(span).fold(0, |sum, part| sum.wrapping_add(part.count_modulo()))
    }
}

/// Which offsets of one subnet family are taken, withheld or free
///
/// Offsets near the bottom live in a [`Bitmap`] that widens as it fills; those far above what is in
/// use live in [`Runs`]. Both hold one bit of truth, *busy*: taken, or in a reserved range. So the
/// search for a free offset never meets a reserved one, however many ranges are reserved. Memory is
/// given back when nothing is busy any more.
// INVARIANT: an offset is busy iff it is taken or in a reserved range. `apart` holds nothing below the
// bitmap's room. `latent` is what is both taken and in a reserved range. `taken` and `withheld` are
// counts: of taken offsets, and, modulo 2^128, of usable offsets in reserved ranges that are not taken.
#[derive(Clone, Debug)]
pub(crate) struct Space {
    last: u128,
    usable: Usable,
    near: Bitmap,
    apart: Runs<()>,
    latent: Runs<()>,
    /// Last offset by first offset; disjoint, and never joined: each is released as it was made
    reserved: BTreeMap<u128, u128>,
    taken: u128,
    /// Taken offsets that the rules would not have given
    taken_unusable: u128,
    withheld: u128,
}

impl Space {
    /// The space of offsets 0 to `last`, both included, nothing taken
    pub(crate) fn new(last: u128, usable: Usable) -> Self {
        Self {
            last,
            usable,
            near: Bitmap::default(),
            apart: Runs::default(),
            latent: Runs::default(),
            reserved: BTreeMap::new(),
            taken: 0,
            taken_unusable: 0,
            withheld: 0,
        }
    }

    pub(crate) const fn whole(&self) -> Span {
        Span { first: 0, last: self.last }
    }

    pub(crate) const fn usable(&self) -> Usable {
        self.usable
    }

    /// Offsets taken
    pub(crate) const fn taken(&self) -> u128 {
        self.taken
    }

    /// Offsets in reserved ranges, usable but for that, and not taken; 2^128 saturates
    pub(crate) fn withheld(&self) -> u128 {
        // Only of ::/0 can that be all, which looks like nothing.
        let zero = self.withheld == 0 && self.taken == 0 && self.whole().count_modulo() == 0;
        if zero && self.free() == 0 { self.whole().count() } else { self.withheld }
    }

    /// Offsets that the rules withhold, and that are not taken
    pub(crate) fn structural(&self) -> u128 {
        let whole = self.whole();
        let parts = self.usable.span.map_or([Some(whole), None], |span| whole.around(span));
        let outside = parts.iter().flatten().fold(0u128, |n, part| n.saturating_add(part.count()));
        let hole = u128::from(self.usable.hole.is_some());
        outside.saturating_add(hole).saturating_sub(self.taken_unusable)
    }

    /// Offsets that may be given now; 2^128 saturates
    pub(crate) fn free(&self) -> u128 {
        all_or_none(self.free_modulo(), || self.next_free(0))
    }

    /// Offsets that may be given now, modulo 2^128
    pub(crate) fn free_modulo(&self) -> u128 {
        let taken = self.taken.wrapping_sub(self.taken_unusable);
        let usable = self.usable.count_modulo(self.whole());
        usable.wrapping_sub(taken).wrapping_sub(self.withheld)
    }

    /// Takes offsets, none of which may be taken
    pub(crate) fn take(&mut self, span: Span) {
        self.taken = self.taken.saturating_add(span.count());
        let usable = self.usable.count_modulo(span);
        self.taken_unusable =
            self.taken_unusable.saturating_add(span.count().saturating_sub(usable));
        if let Some(room) = window_for(span.last, self.taken) {
            self.widen(room);
        }
        self.set_busy(span);
        for range in reserved_within(&self.reserved, span) {
            self.latent.insert(range, ());
            self.withheld = self.withheld.wrapping_sub(self.usable.count_modulo(range));
        }
    }

    /// Gives taken offsets back; those in a reserved range stay withheld
    pub(crate) fn give_back(&mut self, span: Span) {
        self.taken = self.taken.saturating_sub(span.count());
        let usable = self.usable.count_modulo(span);
        self.taken_unusable =
            self.taken_unusable.saturating_sub(span.count().saturating_sub(usable));
        let mut from = Some(span.first);
        while let Some(rest) = from.and_then(|first| Span::new(first, span.last)) {
            let range = reserved_within(&self.reserved, rest).next();
            let [below, _] = range.map_or([Some(rest), None], |range| rest.around(range));
            if let Some(below) = below {
                self.set_idle(below);
            }
            if let Some(range) = range {
                self.latent.remove(range);
                self.withheld = self.withheld.wrapping_add(self.usable.count_modulo(range));
            }
            from = range.and_then(|range| range.last.checked_add(1));
        }
        self.shrink();
    }

    /// Withholds a range that touches no other reserved range; what is taken in it stays so
    pub(crate) fn reserve(&mut self, span: Span) {
        let mut withheld = self.usable.count_modulo(span);
        let mut at = Some(span.first);
        while let Some(run) = at.and_then(|at| self.next_busy_run(at, span.last)) {
            self.latent.insert(run, ());
            withheld = withheld.wrapping_sub(self.usable.count_modulo(run));
            at = run.last.checked_add(1);
        }
        self.withheld = self.withheld.wrapping_add(withheld);
        self.reserved.insert(span.first, span.last);
        self.set_busy(span);
    }

    /// Ends a reservation made with exactly this span
    pub(crate) fn unreserve(&mut self, span: Span) {
        if self.reserved.remove(&span.first).is_none() {
            return;
        }
        self.set_idle(span);
        let mut withheld = self.usable.count_modulo(span);
        let mut rest = Some(span);
        while let Some(within) = rest {
            // A run may begin below and end above: reserved ranges can touch.
            let run = self.latent.next(within.first).and_then(|(run, ())| run.overlap(within));
            if let Some(run) = run {
                self.set_busy(run);
                withheld = withheld.wrapping_sub(self.usable.count_modulo(run));
            }
            rest = run.and_then(|run| within.around(run)[1]);
        }
        self.latent.remove(span);
        self.withheld = self.withheld.wrapping_sub(withheld);
        self.shrink();
    }

    /// Gives memory back when nothing is busy any more
    fn shrink(&mut self) {
        if self.taken == 0 && self.reserved.is_empty() {
            (self.near, self.apart) = (Bitmap::default(), Runs::default());
        }
    }

    /// The reserved range that holds `offset`
    pub(crate) fn reservation_at(&self, offset: u128) -> Option<Span> {
        range_at(&self.reserved, offset)
    }

    /// The reserved ranges, in order
    pub(crate) fn reservations(&self) -> impl Iterator<Item = Span> + '_ {
        self.reserved.iter().map(|(&first, &last)| Span { first, last })
    }

    /// The parts of `span` in reserved ranges, in order
    pub(crate) fn reserved_within(&self, span: Span) -> impl Iterator<Item = Span> + '_ {
        reserved_within(&self.reserved, span)
    }

    pub(crate) fn free_words(&self, _from: u128) -> impl Iterator<Item = (u32, u64)> {
        core::iter::empty()
    }

    /// The first free offset from `from` on
    pub(crate) fn next_free(&self, from: u128) -> Option<u128> {
        let usable = self.usable.span?;
        let mut at = from.max(usable.first);
        loop {
            at = self.next_idle(at)?;
            if at > usable.last {
                return None;
            }
            if self.usable.hole != Some(at) {
                return Some(at);
            }
            at = at.checked_add(1)?;
        }
    }

    /// The last offset of the free run that starts at the free offset `from`, or `last` if that is lower
    pub(crate) fn free_run_last(&self, from: u128, last: u128) -> u128 {
        let usable = self.usable.span.map_or(from, |span| span.last);
        let before_hole = self.usable.hole.filter(|&hole| hole > from);
        let last = last.min(usable).min(before_hole.map_or(last, |hole| hole.saturating_sub(1)));
        self.next_busy(from, last).map_or(last, |busy| busy.saturating_sub(1))
    }

    /// The free runs within `span`, in order
    pub(crate) fn free_runs(&self, span: Span) -> impl Iterator<Item = Span> + '_ {
        let mut at = Some(span.first);
        core::iter::from_fn(move || {
            let first = self.next_free(at?).filter(|&first| first <= span.last)?;
            let last = self.free_run_last(first, span.last);
            at = last.checked_add(1);
            Some(Span { first, last })
        })
    }

    /// The taken runs within `span`, in order; two may touch where a reserved range begins or ends
    pub(crate) fn taken_runs(&self, span: Span) -> impl Iterator<Item = Span> + '_ {
        let mut at = Some(span.first);
        core::iter::from_fn(move || {
            loop {
                let busy = self.next_busy_run(at?, span.last)?;
                match self.reservation_at(busy.first) {
                    Some(range) => match self.latent.next(busy.first) {
                        Some((run, ())) if run.first <= range.last => {
                            let run = run.overlap(Span { first: busy.first, ..span })?;
                            at = run.last.checked_add(1);
                            return Some(run);
                        }
                        _ => at = range.last.checked_add(1),
                    },
                    None => {
                        let above = self
                            .reserved
                            .range(busy.first..=busy.last)
                            .next()
                            .map(|(&first, _)| first);
                        let last = above.map_or(busy.last, |first| first.saturating_sub(1));
                        at = last.checked_add(1);
                        return Some(Span { first: busy.first, last });
                    }
                }
            }
        })
    }

    /// What is wrong with this space, given the runs that are taken: ascending, disjoint and apart
    pub(crate) fn corruption(&self, taken: &[Span]) -> Option<&'static str> {
        let whole = self.whole();
        let count = |spans: &[Span]| spans.iter().fold(0u128, |n, s| n.saturating_add(s.count()));
        let usable = |spans: &[Span]| {
            spans.iter().fold(0u128, |n, &s| n.wrapping_add(self.usable.count_modulo(s)))
        };
        if let Some(what) = self.near.corruption() {
            return Some(what);
        }
        let room = self.near.room() as u128;
        if room > 0 && self.apart.next(0).is_some_and(|(run, ())| run.first < room) {
            return Some("a busy address that belongs in the bitmap is kept apart");
        }
        let reserved: Vec<Span> = self.reservations().collect();
        if !reserved.is_sorted_by(|a, b| a.last < b.first) {
            return Some("reserved ranges overlap");
        }
        let latent: Vec<Span> = taken.iter().flat_map(|&run| self.reserved_within(run)).collect();
        if joined(latent.clone()) != self.latent.iter().map(|(run, ())| run).collect::<Vec<_>>() {
            return Some("what is both taken and reserved is not known as such");
        }
        let mut busy = Vec::new();
        let mut at = Some(0);
        while let Some(run) = at.and_then(|at| self.next_busy_run(at, whole.last)) {
            busy.push(run);
            at = run.last.checked_add(1);
        }
        if joined(busy) != joined(taken.iter().chain(&reserved).copied().collect()) {
            return Some("the busy addresses are not those taken or reserved");
        }
        let withheld = usable(&reserved).wrapping_sub(usable(&latent));
        let unusable = count(taken).wrapping_sub(usable(taken));
        let counted = (count(taken), unusable, withheld);
        (counted != (self.taken, self.taken_unusable, self.withheld))
            .then_some("a subnet counts its addresses wrongly")
    }

    fn widen(&mut self, room: usize) {
        if room <= self.near.room() {
            return;
        }
        self.near.grow(room);
        let window = Span { first: 0, last: (room as u128).saturating_sub(1) };
        while let Some((run, ())) = self.apart.next(0) {
            let Some(run) = run.overlap(window) else { return };
            self.apart.remove(run);
            self.set_busy(run);
        }
    }

    /// The parts of `span` inside the bitmap's room, as numbers of it, and above it
    fn split(&self, span: Span) -> (Option<(usize, usize)>, Option<Span>) {
        let room = self.near.room() as u128;
        let near = room.checked_sub(1).and_then(|last| span.overlap(Span { first: 0, last }));
        let near = near.and_then(|near| {
            Some((usize::try_from(near.first).ok()?, usize::try_from(near.last).ok()?))
        });
        (near, Span::new(span.first.max(room), span.last))
    }

    fn set_busy(&mut self, span: Span) {
        let (near, apart) = self.split(span);
        if let Some((first, last)) = near {
            self.near.insert(first, last);
        }
        if let Some(apart) = apart {
            self.apart.insert(apart, ());
        }
    }

    fn set_idle(&mut self, span: Span) {
        let (near, apart) = self.split(span);
        if let Some((first, last)) = near {
            self.near.remove(first, last);
        }
        if let Some(apart) = apart {
            self.apart.remove(apart);
        }
    }

    /// The first offset from `from` on that is not busy, usable or not
    fn next_idle(&self, from: u128) -> Option<u128> {
        let room = self.near.room();
        let near = usize::try_from(from).ok().filter(|&at| at < room);
        if let Some(at) = near.and_then(|at| self.near.next_absent(at)) {
            return Some(at as u128);
        }
        let at = from.max(room as u128);
        match self.apart.get(at) {
            // Runs that touch are joined, so the offset after one is not busy.
            Some((run, ())) => run.last.checked_add(1),
            None => Some(at),
        }
    }

    /// The first busy offset from `from` to `last`, both included
    fn next_busy(&self, from: u128, last: u128) -> Option<u128> {
        let span = Span::new(from, last)?;
        let (near, apart) = self.split(span);
        if let Some(at) = near.and_then(|(first, last)| self.near.next_held(first, last)) {
            return Some(at as u128);
        }
        let (run, ()) = self.apart.next(apart?.first)?;
        run.overlap(span).map(|run| run.first)
    }

    /// The first run of busy offsets from `from` to `last`, both included, clipped to them
    fn next_busy_run(&self, from: u128, last: u128) -> Option<Span> {
        let first = self.next_busy(from, last)?;
        let idle = self.next_idle(first);
        let end = idle.and_then(|idle| idle.checked_sub(1)).unwrap_or(last);
        Some(Span { first, last: end.min(last) })
    }
}

/// A count that is known modulo 2^128, and that is 2^128, saturated, only if there is a `first`
pub(crate) fn all_or_none(modulo: u128, first: impl FnOnce() -> Option<u128>) -> u128 {
    if modulo == 0 && first().is_some() { u128::MAX } else { modulo }
}

/// What remains of `span` without `covered`, which must come by rising first number
pub(crate) fn gaps(
    span: Span,
    covered: impl IntoIterator<Item = Span>,
) -> impl Iterator<Item = Span> {
    let mut at = Some(span.first);
    let mut covered = covered.into_iter().map(Some).chain([None]);
    core::iter::from_fn(move || {
        loop {
            let first = at.filter(|&first| first <= span.last)?;
            match covered.next()? {
                Some(cover) => {
                    let above = cover.last.checked_add(1);
                    at = above.map(|above| above.max(first));
                    let last = cover.first.min(span.last.saturating_add(1)).checked_sub(1);
                    if let Some(gap) = last.and_then(|last| Span::new(first, last)) {
                        return Some(gap);
                    }
                }
                None => {
                    at = None;
                    return Some(Span { first, last: span.last });
                }
            }
        }
    })
}

/// The range of `ranges` (last by first, disjoint) that holds `at`
pub(crate) fn range_at(ranges: &BTreeMap<u128, u128>, at: u128) -> Option<Span> {
    let (&first, &last) = ranges.range(..=at).next_back()?;
    (at <= last).then_some(Span { first, last })
}

/// The parts of `span` in `ranges` (last by first, disjoint), in order
pub(crate) fn reserved_within(
    ranges: &BTreeMap<u128, u128>,
    span: Span,
) -> impl Iterator<Item = Span> + '_ {
    let first = range_at(ranges, span.first).map_or(span.first, |range| range.first);
    ranges
        .range(first..=span.last)
        .filter_map(move |(&first, &last)| Span { first, last }.overlap(span))
}
