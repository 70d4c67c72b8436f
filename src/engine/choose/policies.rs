//! Choosing by a policy, from eligible addresses of which there are enough

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::ops::ControlFlow;

use super::eligible::Eligible;
use super::scattered;
use crate::rules::{Policy, draw};
use crate::space::address::Span;
use crate::space::list::AddrList;
use crate::space::sixteens::{Fill, SIXTEEN};

/// What is being chosen
struct Choice<'a> {
    eligible: &'a Eligible<'a>,
    chosen: AddrList,
    missing: u32,
}

/// So many by a policy that stands at a position; and the draws made then
pub(super) fn pick(
    eligible: &mut Eligible<'_>,
    (policy, position): (Policy, u128),
    count: u32,
) -> (AddrList, u128) {
    let block = eligible.block;
    match (policy, count) {
        (_, 0) => (AddrList::new(), position),
        (_, 1) => match first(eligible, policy, position) {
            Some((offset, drawn)) => (block.range(Span::one(offset)).into(), drawn),
            None => (AddrList::new(), position),
        },
        (Policy::Sparse, _) => (sparse(eligible, count), position),
        (Policy::Random { seed }, _) => {
            let mut choice = Choice { eligible, chosen: AddrList::new(), missing: count };
            let drawn = choice.random(seed, draws(position));
            (choice.chosen, drawn.into())
        }
        _ => {
            let mut choice = Choice { eligible, chosen: AddrList::new(), missing: count };
            let _ = spans(eligible, policy, position, &mut |span| choice.lowest(span));
            (choice.chosen, position)
        }
    }
}

/// The one that a policy chooses first, if there is any; and the draws made then
pub(super) fn first(
    eligible: &Eligible<'_>,
    policy: Policy,
    position: u128,
) -> Option<(u128, u128)> {
    let offset = match policy {
        Policy::Random { seed } => {
            let (draws, left) = (draws(position), eligible.count());
            let offset = if left > 0 { eligible.nth(draw(seed, draws, left)) } else { None };
            return Some((offset?, draws.wrapping_add(1).into()));
        }
        Policy::Sparse => firsts(eligible).next().or_else(|| eligible.lowest(eligible.within)),
        _ => spans(eligible, policy, position, &mut |span| match eligible.lowest(span) {
            Some(offset) => ControlFlow::Break(offset),
            None => ControlFlow::Continue(()),
        })
        .break_value(),
    };
    Some((offset?, position))
}

fn draws(position: u128) -> u64 {
    u64::try_from(position).unwrap_or(0)
}

/// The lowest; if there are not so many, how many were found
pub(super) fn lowest(eligible: &Eligible<'_>, count: u32) -> Result<AddrList, u128> {
    let mut choice = Choice { eligible, chosen: AddrList::new(), missing: count };
    choice.lowest_by_runs(eligible.within);
    match choice.missing {
        0 => Ok(choice.chosen),
        missing => Err(count.saturating_sub(missing).into()),
    }
}

/// The spans of which a policy takes the lowest each, in order, until it has enough
fn spans<T>(
    eligible: &Eligible<'_>,
    policy: Policy,
    position: u128,
    take: &mut impl FnMut(Span) -> ControlFlow<T>,
) -> ControlFlow<T> {
    match policy {
        Policy::Next => wrapping(eligible, position, take),
        Policy::From { offset } if eligible.block.block.space.whole().contains(offset) => {
            wrapping(eligible, offset, take)
        }
        Policy::LongestReleased => longest_released(eligible, take),
        Policy::Dense => dense(eligible, take),
        Policy::Lowest | Policy::From { .. } | Policy::Sparse | Policy::Random { .. } => {
            take(eligible.within)
        }
    }
}

/// What lies from an offset on, then what lies below it
#[inline(always)]
fn wrapping<T>(
    eligible: &Eligible<'_>,
    from: u128,
    take: &mut impl FnMut(Span) -> ControlFlow<T>,
) -> ControlFlow<T> {
    let Span { first, last } = eligible.within;
    if let Some(above) = Span::new(from.max(first), last) {
        take(above)?;
    }
    let below = from.checked_sub(1).and_then(|below| Span::new(first, below.min(last)));
    below.map_or(ControlFlow::Continue(()), take)
}

/// Partly used blocks of 16, then whole ones
fn dense<T>(
    eligible: &Eligible<'_>,
    take: &mut impl FnMut(Span) -> ControlFlow<T>,
) -> ControlFlow<T> {
    let within = eligible.within;
    for fill in [Fill::Partly, Fill::Whole] {
        for block in sixteens(eligible, fill) {
            let first = block.saturating_mul(SIXTEEN);
            let all = Span { first, last: first | (SIXTEEN - 1) };
            if let Some(span) = all.overlap(within) {
                take(span)?;
            }
        }
    }
    ControlFlow::Continue(())
}

/// The blocks of 16 of which so much is free, in order
fn sixteens(eligible: &Eligible<'_>, fill: Fill) -> impl Iterator<Item = u128> {
    let Span { first, last } = eligible.within;
    let mut at = Some(first / SIXTEEN);
    core::iter::from_fn(move || {
        let block = eligible.space.next_sixteen(at?, last / SIXTEEN, fill)?;
        at = block.checked_add(1);
        Some(block)
    })
}

/// The first of each whole block of 16, in order
fn firsts(eligible: &Eligible<'_>) -> impl Iterator<Item = u128> {
    let first = eligible.within.first;
    sixteens(eligible, Fill::Whole).map(move |block| block.saturating_mul(SIXTEEN).max(first))
}

/// Those never released, then those released, in order
fn longest_released<T>(
    eligible: &Eligible<'_>,
    take: &mut impl FnMut(Span) -> ControlFlow<T>,
) -> ControlFlow<T> {
    let Some(released) = &eligible.block.block.released else { return take(eligible.within) };
    let Span { first, last } = eligible.within;
    let mut at = Some(first);
    let free = |at: Option<u128>| eligible.lowest(Span::new(at?, last)?);
    while let Some(run) = free(at).and_then(|free| released.next_never(free, last)) {
        take(run)?;
        at = run.last.checked_add(1);
    }
    if eligible.within.count() < released.count().into() {
        // Of a range with fewer addresses than were released in all of the block, those are looked at.
        let all = eligible.runs(eligible.within).flat_map(|run| run.first..=run.last);
        let mut kept: Vec<(u64, u128)> =
            all.filter_map(|offset| Some((released.number(offset)?, offset))).collect();
        kept.sort_unstable();
        return kept.into_iter().try_for_each(|(_, offset)| take(Span::one(offset)));
    }
    let mut within = released.iter().filter(|&offset| eligible.within.contains(offset));
    within.try_for_each(|offset| take(Span::one(offset)))
}

/// The first of each whole block of 16, then the lowest
fn sparse(eligible: &mut Eligible<'_>, count: u32) -> AddrList {
    let firsts: Vec<u128> = firsts(eligible).take(count as usize).collect();
    let found = u32::try_from(firsts.len()).unwrap_or(count);
    let missing = count.saturating_sub(found);
    if missing > 0 {
        firsts.iter().for_each(|&first| eligible.take_out(Span::one(first)));
    }
    let mut choice = Choice { eligible, chosen: AddrList::new(), missing };
    firsts.into_iter().for_each(|first| choice.push(Span::one(first)));
    if missing > 0 {
        let _ = choice.lowest(choice.eligible.within);
    }
    choice.chosen
}

impl Choice<'_> {
    fn push(&mut self, span: Span) {
        self.chosen.push(self.eligible.block.block.range(span));
    }

    /// The lowest of a span, as many as are missing or as there are; breaks once none is missing
    fn lowest(&mut self, span: Span) -> ControlFlow<()> {
        let eligible = self.eligible;
        let many = self.missing > 1 && span.count() >= self.missing.into();
        if many && self.chosen.is_empty() && eligible.is_all() {
            if let Some(chosen) = scattered(eligible.block, span, self.missing) {
                (self.chosen, self.missing) = (chosen, 0);
                return ControlFlow::Break(());
            }
        }
        self.lowest_by_runs(span);
        if self.missing == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn lowest_by_runs(&mut self, span: Span) {
        let eligible = self.eligible;
        let mut at = Some(span.first);
        while self.missing > 0 {
            let next = at.and_then(|at| eligible.space.next_free(at));
            let Some(first) = next.filter(|&first| first <= span.last) else { return };
            let most = first.saturating_add(u128::from(self.missing).saturating_sub(1));
            let last = eligible.space.free_run_last(first, most.min(span.last));
            let run = Span { first, last };
            self.push(run);
            let count = u32::try_from(run.count()).unwrap_or(self.missing);
            self.missing = self.missing.saturating_sub(count);
            at = last.checked_add(1);
        }
    }

    /// As a sequence goes on from a draw; says with which it goes on then
    fn random(&mut self, seed: u64, draws: u64) -> u64 {
        let mut left = self.eligible.count();
        let mut drawn: Vec<u128> = Vec::new();
        // What stands in the place of those drawn, where that is not their own.
        let mut moved = BTreeMap::<u128, u128>::new();
        let mut next = draws;
        while self.missing > 0 && left > 0 {
            let index = draw(seed, next, left);
            next = next.wrapping_add(1);
            left = left.saturating_sub(1);
            drawn.push(moved.get(&index).copied().unwrap_or(index));
            let last = moved.remove(&left).unwrap_or(left);
            if index != left {
                moved.insert(index, last);
            }
            self.missing = self.missing.saturating_sub(1);
        }
        if self.eligible.block.block.space.indices().ranks {
            for offset in drawn.into_iter().filter_map(|index| self.eligible.nth(index)) {
                self.push(Span::one(offset));
            }
        } else {
            self.push_walking(&drawn);
        }
        next
    }

    /// Adds several by their place in ascending order, at the cost of one walk up to the highest
    fn push_walking(&mut self, drawn: &[u128]) {
        let eligible = self.eligible;
        let mut sorted: Vec<(u128, usize)> = drawn.iter().copied().zip(0..).collect();
        sorted.sort_unstable();
        let mut found: Vec<u128> = alloc::vec![0; drawn.len()];
        let mut wanted = sorted.into_iter().peekable();
        let mut below = 0u128;
        for run in eligible.runs(eligible.within) {
            let above = below.saturating_add(run.count());
            while let Some((index, at)) = wanted.next_if(|&(index, _)| index < above) {
                if let Some(place) = found.get_mut(at) {
                    *place = run.first.saturating_add(index.saturating_sub(below));
                }
            }
            below = above;
            if wanted.peek().is_none() {
                break;
            }
        }
        found.into_iter().for_each(|offset| self.push(Span::one(offset)));
    }
}
