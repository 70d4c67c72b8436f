//! What is free in a space, and what is taken

use super::Space;
use super::address::Span;

impl Space {
    /// The first free offset from `from` on
    #[inline]
    pub(crate) fn next_free(&self, from: u128) -> Option<u128> {
        // A near offset that is not busy is free.
        let near = usize::try_from(from).ok().and_then(|from| self.near.next_absent(from));
        match near {
            Some(at) => Some(at as u128),
            None => self.next_free_apart(from),
        }
    }

    /// Whether an offset is free: nobody has it, nothing withholds it
    #[inline]
    pub(crate) fn is_free(&self, offset: u128) -> bool {
        self.next_free(offset) == Some(offset)
    }

    /// Whether every offset of a run is free
    #[inline]
    pub(crate) fn is_free_run(&self, run: Span) -> bool {
        self.is_free(run.first)
            && (run.first == run.last || self.free_run_last(run.first, run.last) == run.last)
    }

    #[inline(never)]
    fn next_free_apart(&self, from: u128) -> Option<u128> {
        let usable = self.usable();
        let span = usable.span?;
        let mut at = from.max(span.first).max(self.near.room() as u128);
        loop {
            at = self.next_idle_apart(at)?;
            if at > span.last {
                return None;
            }
            if usable.hole != Some(at) {
                return Some(at);
            }
            at = at.checked_add(1)?;
        }
    }

    /// The last offset of the free run that starts at the free offset `from`, or `last` if that is lower
    pub(crate) fn free_run_last(&self, from: u128, last: u128) -> u128 {
        let usable = self.usable();
        let end = usable.span.map_or(from, |span| span.last);
        let before_hole = usable.hole.filter(|&hole| hole > from);
        let last = last.min(end).min(before_hole.map_or(last, |hole| hole.saturating_sub(1)));
        self.next_busy(from, last).map_or(last, |busy| busy.saturating_sub(1))
    }

    /// The free runs within `span`, in order
    pub(crate) fn free_runs(&self, span: Span) -> impl Iterator<Item = Span> + '_ {
        runs_by(span, |from| self.next_free(from), |first, last| self.free_run_last(first, last))
    }

    /// Whether no offset of `span` is taken; a reserved one is vacant all the same
    pub(crate) fn is_vacant(&self, span: Span) -> bool {
        self.taken_runs(span).next().is_none()
    }

    /// The taken runs within `span`, in order; two may touch where a withheld range begins or ends
    pub(crate) fn taken_runs(&self, span: Span) -> impl Iterator<Item = Span> + '_ {
        let mut at = Some(span.first);
        core::iter::from_fn(move || {
            loop {
                let busy = self.next_busy_run(at?, span.last)?;
                let run = match self.withheld_at(busy.first) {
                    // Only what is in `withheld_if_free` is taken here.
                    Some(range) => match self.next_latent(busy.first) {
                        Some(run) if run.first <= range.last => {
                            run.overlap(Span { first: busy.first, ..span })
                        }
                        _ => {
                            at = range.last.checked_add(1);
                            continue;
                        }
                    },
                    None => {
                        let above = self.next_withheld(busy);
                        let last = above.map_or(busy.last, |first| first.saturating_sub(1));
                        Some(Span { first: busy.first, last })
                    }
                }?;
                at = run.last.checked_add(1);
                return Some(run);
            }
        })
    }

    /// The range around `offset` that is withheld, but for what is in `withheld_if_free`
    fn withheld_at(&self, offset: u128) -> Option<Span> {
        self.usable().barred_at(offset).or_else(|| self.reservation_at(offset))
    }

    /// Where in `span`, which begins in no withheld range, the first of them begins
    fn next_withheld(&self, span: Span) -> Option<u128> {
        let reserved = self.extras.as_ref().and_then(|extras| {
            let next = extras.reserved.at_or_above(&span.first).map(|(first, _)| first);
            next.filter(|&first| first <= span.last)
        });
        let barred = self.usable().barred(span).next().map(|part| part.first);
        match (reserved, barred) {
            (Some(reserved), Some(barred)) => Some(reserved.min(barred)),
            (reserved, barred) => reserved.or(barred),
        }
    }

    fn next_latent(&self, from: u128) -> Option<Span> {
        self.extras.as_ref()?.withheld_if_free.next(from).map(|(run, ())| run)
    }

    /// The first offset from `from` on that is not busy
    fn next_idle(&self, from: u128) -> Option<u128> {
        let near = usize::try_from(from).ok().and_then(|from| self.near.next_absent(from));
        match near {
            Some(at) => Some(at as u128),
            None => self.next_idle_apart(from.max(self.near.room() as u128)),
        }
    }

    fn next_idle_apart(&self, from: u128) -> Option<u128> {
        match self.extras.as_ref().and_then(|extras| extras.apart.get(from)) {
            // Runs that touch are joined, so the offset after one is not busy.
            Some(run) => run.last.checked_add(1),
            None => Some(from),
        }
    }

    /// The first busy offset from `from` to `last`, both included
    fn next_busy(&self, from: u128, last: u128) -> Option<u128> {
        let span = Span::new(from, last)?;
        let (near, apart) = self.split(span);
        if let Some(at) = near.and_then(|(first, last)| self.near.next_held(first, last)) {
            return Some(at as u128);
        }
        let run = self.extras.as_ref()?.apart.next(apart?.first)?;
        run.overlap(span).map(|run| run.first)
    }

    /// The first run of busy offsets from `from` to `last`, both included, clipped to them
    pub(super) fn next_busy_run(&self, from: u128, last: u128) -> Option<Span> {
        let first = self.next_busy(from, last)?;
        let idle = self.next_idle(first);
        let end = idle.and_then(|idle| idle.checked_sub(1)).unwrap_or(last);
        Some(Span { first, last: end.min(last) })
    }
}

/// The runs within `span`, in order, of a set that tells its next member from an offset on, and where the run
/// that begins at a member ends
pub(crate) fn runs_by(
    span: Span,
    next: impl Fn(u128) -> Option<u128>,
    run_last: impl Fn(u128, u128) -> u128,
) -> impl Iterator<Item = Span> {
    let mut at = Some(span.first);
    core::iter::from_fn(move || {
        let first = next(at?).filter(|&first| first <= span.last)?;
        let last = run_last(first, span.last);
        at = last.checked_add(1);
        Some(Span { first, last })
    })
}
