//! One block as a command sees it

use alloc::borrow::Cow;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use ipnet::IpNet;

use super::delta::{BlockDelta, resting_after};
use super::freed::Freed;
use crate::error::Cause;
use crate::id::{InterfaceId, Reason, Revision, Timestamp};
use crate::rules::FamilyRules;
use crate::space::address::{Span, joined};
use crate::space::buddy::Buddies;
use crate::space::free_runs::FreeRuns;
use crate::space::list::AddrList;
use crate::space::runs::Runs;
use crate::space::search::runs_by;
use crate::space::{Reservation, all_or_none, gaps};
use crate::state::interface::Interface;
use crate::state::occupant::{Kind, Occupant};
use crate::state::owners::Unit;
use crate::state::quarantine::Rest;
use crate::state::released::Released;
use crate::state::subnet::Block;
use crate::state::table::Ix;

/// One block, under what changed in it
#[derive(Clone, Copy, Debug)]
pub(crate) struct BlockView<'a> {
    pub(crate) block: &'a Block,
    pub(super) rules: &'a FamilyRules,
    pub(super) delta: Option<&'a BlockDelta>,
}

impl<'a> BlockView<'a> {
    /// A block as its tables are, under its rules
    pub(crate) const fn of(block: &'a Block, rules: &'a FamilyRules) -> Self {
        Self { block, rules, delta: None }
    }
}

impl BlockView<'_> {
    /// Who or what has `offset`
    #[inline]
    pub(crate) fn occupant(&self, offset: u128) -> Option<Occupant> {
        let Some(delta) = self.delta else {
            return self.block.owners.get(offset).map(|(occupant, _)| occupant);
        };
        match delta.occupant(offset) {
            Some(changed) => changed,
            None => match self.block.owners.get(offset)?.0 {
                Occupant::Held(owner) if delta.is_confirmed(offset) => {
                    Some(Occupant::Assigned(owner))
                }
                occupant => Some(occupant),
            },
        }
    }

    /// The prefix that has `offset`, if one has
    #[inline]
    pub(crate) fn prefix_at(&self, offset: u128) -> Option<Span> {
        let Some(delta) = self.delta else { return self.block.owners.prefix_at(offset) };
        match delta.occupant(offset) {
            Some(changed) => changed.and_then(|_| delta.prefix_at(offset)),
            None => self.block.owners.prefix_at(offset),
        }
    }

    /// Whether a prefix has any offset of `span`
    pub(crate) fn has_prefix_within(&self, span: Span) -> bool {
        let prefixes = self.block.owners.prefixes();
        let mut kept = prefixes.into_iter().flat_map(|prefixes| prefixes.within(span));
        kept.any(|prefix| self.is_unchanged(prefix.first))
            || self.delta.is_some_and(|delta| delta.prefix_within(span).is_some())
    }

    /// The revision that assigned `offset`, or held it; none if it is the one being made
    pub(crate) fn generation(&self, offset: u128) -> Option<Revision> {
        let stands = self.is_unchanged(offset);
        self.block.owners.get(offset).filter(|_| stands).map(|(_, generation)| generation)
    }

    /// When a rest of this block ends
    pub(crate) fn rest_end(&self, ix: Ix<Rest>) -> Option<Timestamp> {
        match self.delta.and_then(|delta| delta.new_rest(ix)) {
            Some(rest) => Some(rest.until),
            None => Some(self.block.rests.as_ref()?.get(ix)?.until),
        }
    }

    /// Who had what rests last
    pub(crate) fn rest_by(&self, ix: Ix<Rest>) -> Option<InterfaceId> {
        match self.delta.and_then(|delta| delta.new_rest(ix)) {
            Some(rest) => Some(rest.by),
            None => Some(self.block.rests.as_ref()?.get(ix)?.by),
        }
    }

    /// Why something rests, if somebody said so
    pub(crate) fn rest_reason(&self, ix: Ix<Rest>) -> Option<Reason> {
        match self.delta.and_then(|delta| delta.new_rest(ix)) {
            Some(rest) => rest.reason,
            None => self.block.rests.as_ref()?.get(ix)?.reason.as_deref().copied(),
        }
    }

    /// What rests, with its rest: the one that ends first at first, then in the order of release
    pub(crate) fn resting_in_order(&self) -> impl Iterator<Item = (Unit, Ix<Rest>)> + '_ {
        let past = self.delta.and_then(BlockDelta::past);
        let mut kept = resting_after(self.block, past)
            .filter_map(|(unit, ix)| Some((self.rest_end(ix)?, unit, ix)))
            .filter(|&(_, unit, _)| self.is_unchanged(unit.span.first))
            .peekable();
        let begun = self.delta.into_iter().flat_map(|delta| {
            delta.live().flat_map(|(until, ix, from)| {
                let rest = delta.new_rest(ix);
                let parts = rest.into_iter().flat_map(move |rest| rest.parts(from));
                parts.flat_map(|(_, unit)| each(unit)).map(move |unit| (until, unit, ix))
            })
        });
        let resting = |&(_, unit, ix): &(_, Unit, _)| {
            self.occupant(unit.span.first) == Some(Occupant::Resting(ix))
                && self.prefix_at(unit.span.first).is_some() == unit.is_prefix
        };
        let mut begun = begun.filter(resting).peekable();
        core::iter::from_fn(move || {
            // Of those that end together, the one of the tables began before.
            let kept_until = kept.peek().map(|&(until, ..)| until);
            let next = match begun.peek() {
                Some(&(until, ..)) if kept_until.is_none_or(|kept| until < kept) => begun.next(),
                _ => kept.next(),
            };
            next.map(|(_, unit, ix)| (unit, ix))
        })
    }

    /// The addresses by themselves that rest within a span, in the same order: costs a look at each of its
    /// offsets and, where several were released together, at what was
    pub(crate) fn resting_within(&self, span: Span) -> impl Iterator<Item = u128> {
        let mut rests = BTreeMap::<Ix<Rest>, Vec<u128>>::new();
        for offset in span.first..=span.last {
            let Some(Occupant::Resting(ix)) = self.occupant(offset) else { continue };
            if self.prefix_at(offset).is_none() {
                rests.entry(ix).or_default().push(offset);
            }
        }
        let mut ordered = BTreeMap::new();
        for (ix, mut offsets) in rests {
            let kept = self.block.rests.as_ref().and_then(|rests| rests.get(ix));
            let begun = self.delta.and_then(|delta| delta.new_rest(ix));
            if offsets.len() > 1 {
                let list = kept.into_iter().flat_map(|rest| self.block.owners.iter(rest.list));
                let units = begun.into_iter().flat_map(|rest| &rest.units);
                let all = list.map(|(unit, _)| unit).chain(units.flat_map(|&unit| each(unit)));
                // They ascend, as they were met.
                let all = all.map(|unit| unit.span.first);
                offsets = all.filter(|at| offsets.binary_search(at).is_ok()).collect();
            }
            // Those of the tables began before all others.
            let serial = kept.map(|rest| rest.serial);
            if let Some(until) = self.rest_end(ix) {
                ordered.insert((until, serial.is_none(), serial, ix), offsets);
            }
        }
        ordered.into_values().flatten()
    }

    /// What was assigned to an interface since, or held for it, and still is, in order
    pub(crate) fn order_of(&self, ix: Ix<Interface>) -> Vec<(Unit, Occupant)> {
        self.delta.map_or_else(Vec::new, |delta| delta.order_of(ix))
    }

    /// Why the rules withhold an offset, if they do
    pub(crate) fn withheld_by_rule(&self, offset: u128) -> Option<Cause> {
        self.block.withheld_by_rule(self.rules, offset)
    }

    /// Whether what the tables say of `offset` stands
    pub(crate) fn is_unchanged(&self, offset: u128) -> bool {
        self.delta.is_none_or(|delta| delta.occupant(offset).is_none())
    }

    /// The reserved range that holds `offset`
    pub(crate) fn reservation_at(&self, offset: u128) -> Option<Span> {
        match self.delta {
            Some(delta) => delta.reservation_at(self.block, offset),
            None => self.block.space.reservation_at(offset),
        }
    }

    /// The kind of the reserved range that holds `offset`, which one must
    pub(crate) fn kind_at(&self, offset: u128) -> Reservation {
        match self.delta {
            Some(delta) => delta.kind_at(self.block, offset),
            None => self.block.space.kind_at(offset),
        }
    }

    /// Offsets in reserved ranges of a kind, usable but for that, that nobody has and that do not rest; 2^128
    /// saturates
    pub(crate) fn reserved_as(&self, kind: Reservation) -> u128 {
        let Some(delta) = self.delta else { return self.block.space.withheld_as(kind) };
        let usable = self.block.space.usable();
        let count = |span: Span| usable.count_modulo(span);
        let parts = delta.reserved_within(self.block, self.block.space.whole());
        let parts = parts.into_iter().filter(|part| delta.kind_at(self.block, part.first) == kind);
        let modulo = parts.fold(0, |sum: u128, part| {
            let held = delta.held_within(self.block, part).into_iter().map(count);
            let left = held.fold(count(part), u128::wrapping_sub);
            sum.wrapping_add(left)
        });
        all_or_none(modulo, || {
            let reserved = self.reservation_at(0).is_some() && self.kind_at(0) == kind;
            let others = usable.barred(Span::one(0)).next().is_some() || self.occupant(0).is_some();
            (reserved && !others).then_some(0)
        })
    }

    /// The parts of `span` in reserved ranges, in order
    pub(crate) fn reserved_parts(&self, span: Span) -> impl Iterator<Item = Span> + '_ {
        let changed = self.delta.map(|delta| delta.reserved_within(self.block, span));
        let kept = changed.is_none().then(|| self.block.space.reserved_within(span));
        changed.into_iter().flatten().chain(kept.into_iter().flatten())
    }

    /// The first offset of `span` that the rules withhold
    pub(crate) fn first_barred(&self, span: Span) -> Option<u128> {
        gaps(span, self.block.space.usable().parts(span)).next().map(|part| part.first)
    }

    /// The free runs within `span`, in order; two may touch
    pub(crate) fn free_runs(&self, span: Span) -> impl Iterator<Item = Span> + '_ {
        runs_by(span, |from| self.next_free(from), |first, last| self.free_run_last(first, last))
    }

    /// What a batch has taken and freed of the space's blocks
    pub(crate) fn buddies(&self) -> Cow<'_, Buddies> {
        match self.delta {
            None => Cow::Owned(Buddies::default()),
            Some(delta) => delta.buddies(self.block),
        }
    }

    /// What is left to prefixes only: usable, nobody's, and at rest no more; `None` if no range is
    ///
    /// Where a batch has changed the block it costs a look at all that is in such ranges.
    pub(crate) fn prefix_only(&self) -> Option<Cow<'_, FreeRuns>> {
        let Some(delta) = self.delta else {
            return self.block.space.prefix_only().map(Cow::Borrowed);
        };
        if self.block.space.prefix_only().is_none() && !delta.reserves(Reservation::PrefixOnly) {
            return None;
        }
        let usable = self.block.space.usable();
        let parts = delta.reserved_within(self.block, self.block.space.whole()).into_iter();
        let parts =
            parts.filter(|part| delta.kind_at(self.block, part.first) == Reservation::PrefixOnly);
        let parts = parts.flat_map(|part| usable.parts(part));
        let left = parts.flat_map(|part| gaps(part, delta.held_within(self.block, part)));
        Some(Cow::Owned(FreeRuns::of_sorted(joined(left.collect()).into_iter())))
    }

    /// The reserved ranges, in order, and what each is
    pub(crate) fn reservations(&self) -> impl Iterator<Item = (Span, Reservation)> + '_ {
        let whole = self.block.space.whole();
        let changed = self.delta.map(|delta| delta.reserved_within(self.block, whole));
        let kept = changed.is_none().then(|| self.block.space.reservations());
        let ranges = changed.into_iter().flatten().chain(kept.into_iter().flatten());
        ranges.map(|range| (range, self.kind_at(range.first)))
    }

    /// What of the block would lie outside a new shape of it
    pub(crate) fn outside(&self, shape: Option<IpNet>) -> impl Iterator<Item = Span> {
        let whole = self.block.space.whole();
        let inside = shape.and_then(|cidr| self.block.within(Span::of_net(cidr)));
        let parts = inside.map_or([Some(whole), None], |inside| whole.around(inside));
        parts.into_iter().flatten()
    }

    /// Reserved ranges that would lie outside a new shape, be it in part
    pub(crate) fn reserved_outside(
        &self,
        shape: Option<IpNet>,
    ) -> impl Iterator<Item = (Span, Reservation)> + '_ {
        let outside: Vec<Span> = self.outside(shape).collect();
        let lies = move |range: &Span| outside.iter().any(|part| part.overlap(*range).is_some());
        self.reservations().filter(move |(range, _)| lies(range))
    }

    /// The runs of `span` that somebody has, or that rest, in order
    pub(crate) fn taken_within(&self, span: Span) -> impl Iterator<Item = Span> + '_ {
        let changed = self.delta.map(|delta| delta.held_within(self.block, span));
        let kept = changed.is_none().then(|| self.block.space.taken_runs(span));
        changed.into_iter().flatten().chain(kept.into_iter().flatten())
    }

    /// What of a span somebody has by itself, or rests so, ascending: each address, and each prefix once
    pub(crate) fn units_within(&self, span: Span) -> impl Iterator<Item = (Unit, Occupant)> + '_ {
        let mut runs = self.taken_within(span);
        let (mut run, mut from) = (None, Some(span.first));
        core::iter::from_fn(move || {
            loop {
                let rest = run.take().or_else(|| runs.next())?;
                // A prefix may go on where the next run begins.
                let Some(rest) = Span::new(rest.first.max(from?), rest.last) else { continue };
                let unit = self.prefix_at(rest.first).map_or(Unit::one(rest.first), Unit::prefix);
                from = unit.span.last.checked_add(1);
                run = from.and_then(|from| Span::new(from, rest.last));
                return Some((unit, self.occupant(rest.first)?));
            }
        })
    }

    /// The lowest reserved range that has offsets of `span`
    pub(crate) fn reservation_within(&self, span: Span) -> Option<Span> {
        let part = match self.delta {
            Some(delta) => delta.reserved_within(self.block, span).first().copied(),
            None => self.block.space.reserved_within(span).next(),
        };
        self.reservation_at(part?.first)
    }

    /// Offsets that somebody has, or that rest; 2^128 saturates
    pub(crate) fn occupied(&self) -> u128 {
        // If all of ::/0 is, offset 0 is.
        all_or_none(self.occupied_modulo(), || self.occupant(0).map(|_| 0))
    }

    /// The same, modulo 2^128
    fn occupied_modulo(&self) -> u128 {
        match self.delta {
            Some(delta) => delta.occupied_modulo(self.block),
            None => self.block.space.taken_modulo(),
        }
    }

    /// Offsets assigned or held; 2^128 saturates
    pub(crate) fn owned(&self) -> u128 {
        let modulo = self.occupied_modulo().wrapping_sub(self.resting_modulo());
        all_or_none(modulo, || self.occupant(0)?.interface().map(|_| 0))
    }

    /// Offsets assigned; 2^128 saturates
    pub(crate) fn assigned(&self) -> u128 {
        let others = self.held_modulo().wrapping_add(self.resting_modulo());
        self.all_or_none_of(Kind::Assigned, self.occupied_modulo().wrapping_sub(others))
    }

    /// Offsets held; 2^128 saturates
    pub(crate) fn held(&self) -> u128 {
        self.all_or_none_of(Kind::Held, self.held_modulo())
    }

    fn held_modulo(&self) -> u128 {
        self.delta.map_or_else(|| self.block.addresses_held(), |delta| delta.held(self.block))
    }

    /// Offsets that rest; 2^128 saturates
    pub(crate) fn resting(&self) -> u128 {
        self.all_or_none_of(Kind::Resting, self.resting_modulo())
    }

    fn resting_modulo(&self) -> u128 {
        self.delta.map_or_else(|| self.block.addresses_resting(), |delta| delta.resting(self.block))
    }

    /// The count of what occupants of a kind have, which is known modulo 2^128
    fn all_or_none_of(&self, kind: Kind, modulo: u128) -> u128 {
        all_or_none(modulo, || self.occupant(0).filter(|of| of.kind() == kind).map(|_| 0))
    }

    /// Addresses and prefixes that rest, or more: never more than there are offsets that rest
    pub(crate) fn most_resting(&self) -> u128 {
        let begun = self.delta.map_or(0, BlockDelta::begun);
        self.resting().min(u128::from(self.block.resting()).saturating_add(begun))
    }

    /// Addresses that rest, if it is plain that each would be free if it did not
    pub(crate) fn resting_freely(&self) -> Option<u128> {
        let is_plain = self.delta.is_none() && self.block.space.is_plain();
        let is_single = self.block.owners.prefixes().is_none();
        (is_plain && is_single).then(|| self.resting())
    }

    /// Offsets that may be given; 2^128 saturates
    pub(crate) fn free(&self) -> u128 {
        all_or_none(self.free_modulo(), || self.next_free(0))
    }

    pub(crate) fn free_modulo(&self) -> u128 {
        match self.delta {
            Some(delta) => delta.free_modulo(self.block),
            None => self.block.space.free_modulo(),
        }
    }

    /// Offsets withheld, by rule or in reserved ranges, that nobody has and that do not rest; 2^128 saturates
    pub(crate) fn withheld(&self) -> u128 {
        let whole = self.block.space.whole();
        let others = self.free_modulo().wrapping_add(self.occupied_modulo());
        match whole.count_modulo().wrapping_sub(others) {
            0 if self.free() == 0 && self.occupied() == 0 => whole.count(),
            withheld => withheld,
        }
    }

    /// Offsets that the rules withhold, that nobody has and that do not rest
    pub(crate) fn structural(&self) -> u128 {
        let structural = self.block.space.structural();
        let Some(delta) = self.delta else { return structural };
        let (left, gained) = delta.unusable(self.block);
        structural.saturating_add(left).saturating_sub(gained)
    }

    /// Offsets in reserved ranges, usable but for that, that nobody has and that do not rest; 2^128 saturates
    pub(crate) fn reserved(&self) -> u128 {
        if self.delta.is_none() {
            return self.block.space.withheld();
        }
        let others = self.free_modulo().wrapping_add(self.occupied_modulo());
        let others = others.wrapping_add(self.structural());
        match self.block.space.whole().count_modulo().wrapping_sub(others) {
            0 if others == 0 && self.free() == 0 && self.occupied() == 0 => u128::MAX,
            reserved => reserved,
        }
    }

    /// Whether nobody has any offset of `span`, and none rests
    pub(crate) fn is_vacant(&self, span: Span) -> bool {
        self.first_occupied(span).is_none()
    }

    /// The first offset of `span` that somebody has, or that rests
    pub(crate) fn first_occupied(&self, span: Span) -> Option<u128> {
        match self.delta {
            Some(delta) => delta.first_held(self.block, span),
            None => self.block.space.taken_runs(span).next().map(|run| run.first),
        }
    }

    /// Whether addresses lie in the block and nobody has any, as far as whole words can tell
    pub(crate) fn are_vacant(&self, addresses: &AddrList) -> bool {
        let plain = self.delta.is_none();
        let scattered = self.block.by_words(addresses).filter(|_| plain);
        scattered.is_some_and(|offsets| {
            offsets.iter().all(|(word, bits)| self.block.space.are_vacant(word, bits))
        })
    }

    /// The first free offset from `from` on
    pub(crate) fn next_free(&self, from: u128) -> Option<u128> {
        match self.delta {
            Some(delta) => delta.next_free(self.block, from),
            None => self.block.space.next_free(from),
        }
    }

    /// Free offsets within `span`; 2^128 saturates
    pub(crate) fn free_within(&self, span: Span) -> u128 {
        match self.delta {
            _ if span == self.block.space.whole() => self.free(),
            None => self.block.space.free_within(span),
            Some(delta) => delta.free_within(self.block, span),
        }
    }

    /// The first run from `from` on that is free by the tables and not any more, or the other way round
    pub(crate) fn next_change(&self, from: u128) -> Option<Span> {
        self.delta?.next_change(from)
    }

    /// What is free by the tables and not any more; what is free and was not
    pub(crate) fn changes(&self) -> Option<[&Runs<()>; 2]> {
        self.delta.map(BlockDelta::changes)
    }

    /// What the tables say of the order of release, if that stands
    fn kept_releases(&self) -> Option<&Released> {
        let anew = self.freed().is_some_and(|freed| freed.anew);
        self.block.released.as_deref().filter(|_| !anew)
    }

    fn freed(&self) -> Option<&Freed> {
        self.delta?.freed()
    }

    /// The last of the offsets from `offset` on that are not free, or were released, if that one is so
    pub(crate) fn released_from(&self, offset: u128) -> Option<u128> {
        let kept = self.kept_releases().and_then(|kept| kept.ever_from(offset));
        let last = kept.or_else(|| self.freed()?.released_from(offset))?;
        let forgotten = self.freed().and_then(|freed| freed.next_forgotten(offset));
        match forgotten.filter(|run| run.first <= last) {
            Some(run) if run.first <= offset => None,
            Some(run) => run.first.checked_sub(1),
            None => Some(last),
        }
    }

    /// Released offsets that nobody has, in the order of their release; some may not be free
    pub(crate) fn released(&self) -> impl Iterator<Item = Span> + '_ {
        let past = self.freed().and_then(|freed| freed.past);
        let kept = self.kept_releases().into_iter().flat_map(move |kept| kept.iter(past));
        let kept = kept.filter(|&offset| self.is_as_released(offset)).map(Span::one);
        kept.chain(self.freed().into_iter().flat_map(Freed::iter))
    }

    /// How many offsets the tables list as released
    pub(crate) fn kept_released(&self) -> u128 {
        self.kept_releases().map_or(0, |kept| kept.count().into())
    }

    /// What orders a free offset by its release among those of the tables, where that stands
    pub(crate) fn release_number(&self, offset: u128) -> Option<u64> {
        self.kept_releases()?.number(offset).filter(|_| self.is_as_released(offset))
    }

    /// What was released since, in order
    pub(crate) fn released_since(&self) -> impl Iterator<Item = Span> + '_ {
        self.freed().into_iter().flat_map(Freed::iter)
    }

    /// Whether what the tables list as released was not taken since
    fn is_as_released(&self, offset: u128) -> bool {
        let since = self.freed().is_some_and(|freed| freed.was_released(offset));
        self.is_unchanged(offset) && !since
    }

    /// Near free offsets from `from` on, by words; `None` where a batch has changed the block
    pub(crate) fn free_words(&self, from: u128) -> Option<impl Iterator<Item = (u32, u64)> + '_> {
        self.delta.is_none().then(|| self.block.space.free_words(from))
    }

    /// The last offset of a free run that starts at the free offset `from`, or `last` if that is lower
    pub(crate) fn free_run_last(&self, from: u128, last: u128) -> u128 {
        match self.delta {
            Some(delta) => delta.free_run_last(self.block, from, last),
            None => self.block.space.free_run_last(from, last),
        }
    }
}

/// What is had by itself: each address of a run, and a prefix
fn each(Unit { span, is_prefix }: Unit) -> impl Iterator<Item = Unit> {
    let last = if is_prefix { span.first } else { span.last };
    (span.first..=last).map(
        move |offset| {
            if is_prefix { Unit::prefix(span) } else { Unit::one(offset) }
        },
    )
}
