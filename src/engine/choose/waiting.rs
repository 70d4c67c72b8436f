//! The quarantined addresses of a block that a request could choose

use alloc::vec::Vec;

use super::{Asked, offsets};
use crate::error::Shortfall;
use crate::id::Timestamp;
use crate::space::address::Span;
use crate::space::list::AddrList;
use crate::space::runs::Runs;
use crate::space::{Reservation, gaps};
use crate::state::occupant::{Kind, Occupant};
use crate::state::owners::Unit;
use crate::state::view::BlockView;

/// The quarantined addresses of a block that a request could choose once it has rested
pub(in crate::engine) struct Waiting<'a> {
    block: &'a BlockView<'a>,
    /// Where; `None` is the whole block
    within: Option<Span>,
    /// What the request names, and so does not choose
    named: Runs<()>,
    /// Whether prefixes are chosen, which may lie in prefix-only ranges
    prefixes: bool,
    /// Whether addresses by themselves are chosen before they have rested, where too few are free
    pub(super) early: bool,
}

impl<'a> Waiting<'a> {
    /// What a request could choose as addresses
    pub(super) fn of(block: &'a BlockView<'a>, asked: &Asked<'_>) -> Self {
        let named = offsets(block, asked.named);
        let early = asked.early && asked.how.as_ref().is_none_or(|how| !how.contiguous);
        Self { block, within: asked.within, named, prefixes: false, early }
    }

    /// What a request could choose as prefixes, beside what it has of the block already
    pub(in crate::engine) fn for_prefixes(
        block: &'a BlockView<'a>,
        within: Option<Span>,
        given: &AddrList,
    ) -> Self {
        Self { block, within, named: offsets(block, given), prefixes: true, early: false }
    }

    fn range(&self) -> Span {
        self.within.unwrap_or(self.block.space.whole())
    }

    /// Whether the range has fewer addresses than rest in all of the block: then those are looked at, not these
    fn is_narrow(&self) -> bool {
        self.range().count() < self.block.slots_resting().into()
    }

    /// Addresses by themselves, in the order in which they become free
    ///
    /// A prefix rests to the end.
    pub(super) fn addresses(&self) -> impl Iterator<Item = u128> + '_ {
        let few = self.is_narrow().then(|| self.block.resting_within(self.range()));
        let all = few.is_none().then(|| {
            let singles = self.block.resting_in_order().filter(|(unit, _)| !unit.is_prefix);
            singles.map(|(unit, _)| unit.span.first)
        });
        let resting = few.into_iter().flatten().chain(all.into_iter().flatten());
        resting.filter(|&at| self.count(Span::one(at)) > 0)
    }

    /// When something has rested, in order; what, and how much of it may be chosen then
    fn ends(&self) -> impl Iterator<Item = (Timestamp, Unit, u128)> + '_ {
        let few = self.is_narrow().then(|| {
            let units = self.block.units_within(self.range());
            let ends = units.filter_map(|(unit, occupant)| match occupant {
                Occupant::Resting(rest) => Some((self.block.rest(rest)?.until, unit)),
                Occupant::Assigned(_) | Occupant::Held(_) => None,
            });
            let mut ends: Vec<(Timestamp, Unit)> = ends.collect();
            ends.sort_by_key(|&(end, _)| end);
            ends
        });
        let all = few.is_none().then(|| {
            let units = self.block.resting_in_order();
            units.map(|(unit, rest)| (rest.until, unit))
        });
        let ends = few.into_iter().flatten().chain(all.into_iter().flatten());
        let counted = ends.map(|(end, unit)| (end, unit, self.count(unit.span)));
        counted.filter(|&(.., count)| count > 0)
    }

    /// How much of a span may be chosen, if nobody has it
    fn count(&self, span: Span) -> u128 {
        let Some(span) = span.overlap(self.range()) else { return 0 };
        let withheld = |part: &Span| {
            !self.prefixes || self.block.space.kind_at(part.first) != Reservation::PrefixOnly
        };
        let usable = self.block.space.usable().parts(span);
        let left = usable.flat_map(|part| {
            let reserved = self.block.space.reserved_within(part).filter(withheld);
            gaps(part, reserved)
        });
        let left = left.flat_map(|part| gaps(part, self.named.within(part).map(|(run, ())| run)));
        left.fold(0, |sum: u128, part| sum.saturating_add(part.count()))
    }

    /// The numbers behind the refusal of so many addresses, of which so many are free, and so many could be had;
    /// but for `most`
    ///
    /// Costs a look at each rest until those looked at are enough.
    pub(in crate::engine) fn shortfall(&self, wanted: u128, free: u128, had: u128) -> Shortfall {
        let block = self.block;
        // More than rest will not have rested, so only the first is looked for. Of what could be had early,
        // all has been counted; then only prefixes help.
        let mut missing = wanted.saturating_sub(had);
        let helps = !self.early || block.resting_freely().is_none();
        missing = if missing > block.count(Kind::Resting) || !helps { 0 } else { missing };
        let (mut next, mut enough) = (None, None);
        for (end, unit, count) in self.ends() {
            next = next.or(Some(end));
            // That could be had already.
            if self.early && !unit.is_prefix && missing > 0 {
                continue;
            }
            match missing.checked_sub(count) {
                Some(more) if more > 0 => missing = more,
                _ => {
                    enough = (missing > 0).then_some(end);
                    break;
                }
            }
        }
        Shortfall {
            wanted,
            within: self.within.map(|span| block.range(span)),
            free,
            most: None,
            assigned: block.count(Kind::Assigned),
            held: block.count(Kind::Held),
            quarantined: block.count(Kind::Resting),
            next,
            enough,
            reserved: block.withheld(),
            total: block.space.whole().count(),
        }
    }
}
