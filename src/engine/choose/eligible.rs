//! What may be chosen from a block: its free addresses, except those that the request names

use alloc::borrow::Cow;
use alloc::vec::Vec;

use crate::space::Space;
use crate::space::address::Span;
use crate::space::list::AddrList;
use crate::state::view::BlockView;

/// What may be chosen of a block, within a range of it
///
/// What is taken out is taken in a copy of the block's space, so that its questions and indices serve here too.
pub(super) struct Eligible<'a> {
    pub(super) block: &'a BlockView<'a>,
    pub(super) within: Span,
    pub(super) space: Cow<'a, Space>,
}

impl<'a> Eligible<'a> {
    /// What is free of a block but for the addresses named
    pub(super) fn new(block: &'a BlockView<'a>, within: Option<Span>, named: &AddrList) -> Self {
        let within = within.unwrap_or(block.space.whole());
        let mut eligible = Self { within, ..Self::all(block) };
        for span in named.ranges().filter_map(|range| block.offsets(range)) {
            let free: Vec<Span> = eligible.runs(span).collect();
            free.into_iter().for_each(|run| eligible.take_out(run));
        }
        eligible
    }

    /// All that is free of a block
    #[inline]
    pub(super) fn all(block: &'a BlockView<'a>) -> Self {
        Self { block, within: block.space.whole(), space: Cow::Borrowed(block.space()) }
    }

    /// Takes what may be chosen out: it is chosen
    pub(super) fn take_out(&mut self, span: Span) {
        self.space.to_mut().take(span);
    }

    /// Whether nothing was taken out
    pub(super) const fn is_all(&self) -> bool {
        matches!(self.space, Cow::Borrowed(_))
    }

    pub(super) fn contains(&self, offset: u128) -> bool {
        self.within.contains(offset) && self.space.next_free(offset) == Some(offset)
    }

    /// The lowest of a span
    #[inline]
    pub(super) fn lowest(&self, span: Span) -> Option<u128> {
        self.space.next_free(span.first).filter(|&at| at <= span.last)
    }

    /// How many there are within the range
    pub(super) fn count(&self) -> u128 {
        self.space.free_within(self.within)
    }

    /// The runs of a span, in order
    pub(super) fn runs(&self, span: Span) -> impl Iterator<Item = Span> + '_ {
        self.space.free_runs(span)
    }

    /// The first of the lowest `length` within the range that follow one another, from `from` on
    pub(super) fn first_run(&self, from: u128, length: u128) -> Option<u128> {
        let first = self.space.first_free_run(from, length)?;
        let last = first.checked_add(length.checked_sub(1)?)?;
        (last <= self.within.last).then_some(first)
    }

    /// The longest run within the range, the lowest of several
    pub(super) fn longest_run(&self) -> Option<Span> {
        self.space.longest_free_run(self.within)
    }

    /// The one within the range that has `n` of them below it
    pub(super) fn nth(&self, n: u128) -> Option<u128> {
        let below = self.within.first.checked_sub(1);
        let below = below.map_or(0, |last| self.space.free_within(Span { first: 0, last }));
        self.space.nth_free(n.saturating_add(below))
    }
}
