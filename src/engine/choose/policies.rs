//! Choosing by a policy: each takes so many of what may be chosen, of which there are as many

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

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

/// So many by a policy that stands at a position; and where it stands then
pub(super) fn pick(
    eligible: &mut Eligible<'_>,
    (policy, position): (Policy, u128),
    count: u32,
) -> (AddrList, u128) {
    if count == 0 {
        return (AddrList::new(), position);
    }
    if policy == Policy::Sparse {
        return (sparse(eligible, count), position);
    }
    let mut choice = Choice { eligible, chosen: AddrList::new(), missing: count };
    let mut after = position;
    match policy {
        Policy::Next => choice.wrapping(position),
        Policy::From { offset } if eligible.block.block.space.whole().contains(offset) => {
            choice.wrapping(offset);
        }
        Policy::Random { seed } => {
            after = choice.random(seed, u64::try_from(position).unwrap_or(0)).into();
        }
        Policy::LongestReleased => choice.longest_released(),
        Policy::Dense => choice.dense(),
        Policy::Lowest | Policy::From { .. } | Policy::Sparse => {
            choice.lowest(eligible.within);
        }
    }
    (choice.chosen, after)
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

/// The first of each whole block of 16, then the lowest
fn sparse(eligible: &mut Eligible<'_>, count: u32) -> AddrList {
    let mut firsts = Vec::new();
    let Span { first, last } = eligible.within;
    let mut at = Some(first / SIXTEEN);
    while let Some(from) = at.filter(|_| firsts.len() < count as usize) {
        let block = eligible.space.next_sixteen(from, last / SIXTEEN, Fill::Whole);
        let Some(block) = block else { break };
        firsts.push(block.saturating_mul(SIXTEEN).max(first));
        at = block.checked_add(1);
    }
    let found = u32::try_from(firsts.len()).unwrap_or(count);
    let missing = count.saturating_sub(found);
    if missing > 0 {
        firsts.iter().for_each(|&first| eligible.take_out(Span::one(first)));
    }
    let mut choice = Choice { eligible, chosen: AddrList::new(), missing };
    firsts.into_iter().for_each(|first| choice.push(Span::one(first)));
    choice.lowest(choice.eligible.within);
    choice.chosen
}

impl Choice<'_> {
    fn push(&mut self, span: Span) {
        self.chosen.push(self.eligible.block.block.range(span));
    }

    /// The lowest of a span, as many as are missing or as there are
    fn lowest(&mut self, span: Span) {
        let eligible = self.eligible;
        if self.missing > 1 && self.chosen.is_empty() && eligible.is_all() {
            if let Some(chosen) = scattered(eligible.block, span, self.missing) {
                (self.chosen, self.missing) = (chosen, 0);
                return;
            }
        }
        self.lowest_by_runs(span);
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

    /// The lowest from an offset on, then from the bottom
    fn wrapping(&mut self, from: u128) {
        let Span { first, last } = self.eligible.within;
        if let Some(above) = Span::new(from.max(first), last) {
            self.lowest(above);
        }
        let below = from.checked_sub(1).and_then(|below| Span::new(first, below.min(last)));
        if let Some(below) = below {
            self.lowest(below);
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
        let indexed = self.eligible.block.block.space.indices().ranks;
        if indexed || drawn.len() == 1 {
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

    /// Those never released, then those released, in order
    fn longest_released(&mut self) {
        let (eligible, Some(released)) = (self.eligible, &self.eligible.block.block.released)
        else {
            return self.lowest(self.eligible.within);
        };
        let Span { first, last } = eligible.within;
        let mut at = Some(first);
        while self.missing > 0 {
            let next = at.and_then(|at| eligible.space.next_free(at)).filter(|&next| next <= last);
            let Some(next) = next else { break };
            match released.ever_from(next) {
                Some(known) => at = known.checked_add(1),
                None => {
                    self.push(Span::one(next));
                    self.missing = self.missing.saturating_sub(1);
                    at = next.checked_add(1);
                }
            }
        }
        if eligible.within.count() < released.count().into() {
            // Of a range with fewer addresses than were released in all of the block, those are looked at.
            let all = eligible.runs(eligible.within).flat_map(|run| run.first..=run.last);
            let mut kept: Vec<(u64, u128)> =
                all.filter_map(|offset| Some((released.number(offset)?, offset))).collect();
            kept.sort_unstable();
            kept.into_iter().for_each(|(_, offset)| self.push_if_missing(Span::one(offset)));
            return;
        }
        for offset in released.iter() {
            if self.missing == 0 {
                return;
            }
            self.push_if_missing(Span::one(offset));
        }
    }

    /// Adds what may be chosen of a span, as far as it is missing
    fn push_if_missing(&mut self, span: Span) {
        if let Some(span) = span.overlap(self.eligible.within).filter(|_| self.missing > 0) {
            self.lowest_by_runs(span);
        }
    }

    /// Those of partly used blocks of 16, then those of whole ones
    fn dense(&mut self) {
        for fill in [Fill::Partly, Fill::Whole] {
            let within = self.eligible.within;
            let mut at = Some(within.first / SIXTEEN);
            while let Some(from) = at.filter(|_| self.missing > 0) {
                let block = self.eligible.space.next_sixteen(from, within.last / SIXTEEN, fill);
                let Some(block) = block else { break };
                let first = block.saturating_mul(SIXTEEN);
                let all = Span { first, last: first | (SIXTEEN - 1) };
                let Some(span) = all.overlap(within) else { break };
                self.lowest_by_runs(span);
                at = block.checked_add(1);
            }
        }
    }
}
