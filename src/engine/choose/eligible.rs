//! What may be chosen of a block: what is free there, but for what is asked for by name

use alloc::vec::Vec;

use crate::space::address::Span;
use crate::space::gaps;
use crate::space::list::AddrList;
use crate::space::runs::Runs;
use crate::space::search::runs_by;
use crate::space::sixteens::{Fill, SIXTEEN};
use crate::state::view::BlockView;

/// What may be chosen of a block, within a range of it
///
/// Questions are answered from the tables, as far as nothing differs there: neither by what a batch has
/// changed, nor by what is taken out.
pub(super) struct Eligible<'a> {
    pub(super) block: &'a BlockView<'a>,
    pub(super) within: Span,
    /// What is free and cannot be chosen
    out: Runs<()>,
}

impl<'a> Eligible<'a> {
    /// What is free of a block but for the addresses named
    pub(super) fn new(block: &'a BlockView<'a>, within: Option<Span>, named: &AddrList) -> Self {
        let within = within.unwrap_or(block.block.space.whole());
        let mut eligible = Self { block, within, out: Runs::default() };
        for span in named.ranges().filter_map(|range| block.block.offsets(range)) {
            let free: Vec<Span> = eligible.runs(span).collect();
            free.into_iter().for_each(|run| eligible.out.insert(run, ()));
        }
        eligible
    }

    /// Takes what may be chosen out: it is chosen
    pub(super) fn take_out(&mut self, span: Span) {
        self.out.insert(span, ());
    }

    /// Whether nothing was taken out
    pub(super) fn is_all(&self) -> bool {
        self.out.is_empty()
    }

    pub(super) fn contains(&self, offset: u128) -> bool {
        self.within.contains(offset) && self.next(offset) == Some(offset)
    }

    /// How many there are within the range
    pub(super) fn count(&self) -> u128 {
        self.count_within(self.within)
    }

    fn count_within(&self, span: Span) -> u128 {
        let out =
            self.out.within(span).fold(0u128, |sum, (run, ())| sum.saturating_add(run.count()));
        self.block.free_within(span).saturating_sub(out)
    }

    /// The first from `from` on, within the range or above it
    pub(super) fn next(&self, from: u128) -> Option<u128> {
        let mut at = from;
        loop {
            at = self.block.next_free(at)?;
            match self.out.get(at) {
                Some((run, ())) => at = run.last.checked_add(1)?,
                None => return Some(at),
            }
        }
    }

    /// The last of those that follow the one at `from` without a gap, or `last` if that is lower
    pub(super) fn run_last(&self, from: u128, last: u128) -> u128 {
        let last = match self.out.next(from) {
            Some((run, ())) => last.min(run.first.saturating_sub(1)),
            None => last,
        };
        let mut end = self.block.free_run_last(from, last);
        // What a batch has opened is told apart from what touches it.
        while let Some(next) = end.checked_add(1).filter(|&next| next <= last) {
            if self.block.next_free(next) != Some(next) {
                break;
            }
            end = self.block.free_run_last(next, last);
        }
        end
    }

    /// The runs of a span, in order
    pub(super) fn runs(&self, span: Span) -> impl Iterator<Item = Span> + '_ {
        runs_by(span, |from| self.next(from), |first, last| self.run_last(first, last))
    }

    /// The first run from `from` on that differs from what the tables say is free
    fn next_change(&self, from: u128) -> Option<Span> {
        let out = self.out.next(from).map(|(run, ())| run);
        match (self.block.next_change(from), out) {
            (Some(a), Some(b)) => Some(if a.first < b.first { a } else { b }),
            (changed, out) => changed.or(out),
        }
    }

    /// The first of the lowest `length` within the range that follow one another, from `from` on
    pub(super) fn first_run(&self, from: u128, length: u128) -> Option<u128> {
        let space = &self.block.block.space;
        let beyond = length.checked_sub(1)?;
        let mut at = self.next(from)?;
        let mut kept = space.first_free_run(at, length);
        loop {
            if kept.is_some_and(|kept| kept < at) {
                kept = space.first_free_run(at, length);
            }
            let change = self.next_change(at);
            // Below the first change it is as the tables say.
            let as_kept = |first: &u128| {
                change.is_none_or(|change| first.saturating_add(beyond) < change.first)
            };
            if let Some(first) = kept.filter(as_kept) {
                return Some(first).filter(|&first| self.ends_within(first, beyond));
            }
            let change = change?;
            // The change may have begun below.
            let first = self.next(self.free_below(change.first, at, length).max(at))?;
            let last = first.checked_add(beyond).filter(|&last| last <= self.within.last)?;
            let end = self.run_last(first, last);
            if end == last {
                return Some(first);
            }
            at = self.next(end.checked_add(1)?)?;
        }
    }

    fn ends_within(&self, first: u128, beyond: u128) -> bool {
        first.checked_add(beyond).is_some_and(|last| last <= self.within.last)
    }

    /// Where what is free right below `end` begins, not below `from` and at most `most` below; nothing
    /// differs there from what the tables say
    fn free_below(&self, end: u128, from: u128, most: u128) -> u128 {
        let space = &self.block.block.space;
        let (mut some, mut most) = (0, end.saturating_sub(from).min(most));
        while some < most {
            let half = most.saturating_sub(some).div_ceil(2);
            let length = some.saturating_add(half);
            let span = Span { first: end.saturating_sub(length), last: end.saturating_sub(1) };
            if space.free_within(span) == length {
                some = length;
            } else {
                most = length.saturating_sub(1);
            }
        }
        end.saturating_sub(some)
    }

    /// The longest run within the range, the lowest of several
    ///
    /// Found by asking for runs of one length after another: how large the subnet is makes no difference.
    pub(super) fn longest_run(&self) -> Option<Span> {
        let (mut some, mut most) = (0u128, self.count());
        let mut found = None;
        while some < most {
            let half = most.saturating_sub(some).div_ceil(2);
            let length = some.saturating_add(half);
            match self.first_run(self.within.first, length) {
                Some(first) => {
                    some = length;
                    let last = first.saturating_add(length.saturating_sub(1));
                    found = Some(Span { first, last });
                }
                None => most = length.saturating_sub(1),
            }
        }
        found
    }

    /// The first block of 16 from number `from` on of which so much may be chosen, but for the range
    pub(super) fn next_sixteen(&self, from: u128, fill: Fill) -> Option<u128> {
        let space = &self.block.block.space;
        let mut at = from;
        let mut kept = space.next_sixteen(at, fill);
        loop {
            at = at.max(self.next(at.checked_mul(SIXTEEN)?)? / SIXTEEN);
            if kept.is_some_and(|kept| kept < at) {
                kept = space.next_sixteen(at, fill);
            }
            let Some(change) = self.next_change(at.checked_mul(SIXTEEN)?) else { return kept };
            let block = at.max(change.first / SIXTEEN);
            if let Some(kept) = kept.filter(|&kept| kept < block) {
                return Some(kept);
            }
            if self.fill(block) == Some(fill) {
                return Some(block);
            }
            at = block.checked_add(1)?;
        }
    }

    fn fill(&self, block: u128) -> Option<Fill> {
        let first = block.checked_mul(SIXTEEN)?;
        let last = first | (SIXTEEN - 1);
        let count =
            self.runs(Span { first, last }).fold(0u128, |sum, run| sum.saturating_add(run.count()));
        match count {
            0 => None,
            SIXTEEN => Some(Fill::Whole),
            _ => Some(Fill::Partly),
        }
    }

    /// What finds each by its place in ascending order
    pub(super) fn ranks(&self) -> Ranks<'_> {
        let none = Runs::default();
        let [lost, opened] = self.block.changes().unwrap_or([&none, &none]);
        let mut changes: Vec<Change> = Vec::new();
        let mut add =
            |span, opened| changes.push(Change { span, opened, lost_below: 0, opened_below: 0 });
        lost.iter().for_each(|(run, ())| add(run, false));
        for (run, ()) in self.out.iter() {
            // Of what is taken out, what was opened counts nowhere.
            let opened = opened.within(run).map(|(part, ())| part);
            gaps(run, opened).for_each(|part| add(part, false));
        }
        for (run, ()) in opened.iter() {
            let out = self.out.within(run).map(|(part, ())| part);
            gaps(run, out).for_each(|part| add(part, true));
        }
        changes.sort_unstable_by_key(|change| change.span.first);
        let (mut lost, mut opened) = (0u128, 0u128);
        for change in &mut changes {
            (change.lost_below, change.opened_below) = (lost, opened);
            let sum = if change.opened { &mut opened } else { &mut lost };
            *sum = sum.saturating_add(change.span.count());
        }
        let mut ranks = Ranks { eligible: self, changes, below: 0 };
        let below = self.within.first.checked_sub(1);
        ranks.below = below.map_or(0, |last| self.count_within(Span { first: 0, last }));
        ranks
    }
}

/// Where what may be chosen differs from what the tables say is free
struct Change {
    span: Span,
    /// Whether it may be chosen, and was not free; or the other way round
    opened: bool,
    /// Offsets of such changes below it
    lost_below: u128,
    opened_below: u128,
}

/// What may be chosen, by its place in ascending order
pub(super) struct Ranks<'a> {
    eligible: &'a Eligible<'a>,
    /// Ascending
    changes: Vec<Change>,
    /// Those below the range
    below: u128,
}

impl Ranks<'_> {
    /// The one within the range that has `n` of them below it
    pub(super) fn nth(&self, n: u128) -> Option<u128> {
        let space = &self.eligible.block.block.space;
        let n = n.saturating_add(self.below);
        let kept_below = |at: u128| {
            let below = at.checked_sub(1);
            below.map_or(0, |last| space.free_within(Span { first: 0, last }))
        };
        let before = |change: &Change| {
            let kept = kept_below(change.span.first).saturating_sub(change.lost_below);
            kept.saturating_add(change.opened_below)
        };
        let above = self.changes.partition_point(|change| before(change) <= n);
        let change = above.checked_sub(1).and_then(|at| self.changes.get(at));
        let Some(change) = change else { return space.nth_free(n) };
        let (rest, kept) = (n.saturating_sub(before(change)), kept_below(change.span.first));
        if !change.opened {
            return space.nth_free(kept.saturating_add(change.span.count()).saturating_add(rest));
        }
        match rest.checked_sub(change.span.count()) {
            None => change.span.first.checked_add(rest),
            Some(beyond) => space.nth_free(kept.saturating_add(beyond)),
        }
    }
}
