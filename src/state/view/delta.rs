//! What a batch has changed in one block so far

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use super::freed::Freed;
use crate::id::{InterfaceId, Reason, Timestamp};
use crate::shared::tree::Tree;
use crate::space::Reservation;
use crate::space::address::Span;
use crate::space::buddy::Buddies;
use crate::space::runs::Runs;
use crate::space::{gaps, kind_at, parts_within, range_at, ranges_within};
use crate::state::interface::Interface;
use crate::state::occupant::{Kind, Occupant};
use crate::state::owners::Unit;
use crate::state::quarantine::Rest;
use crate::state::subnet::Block;
use crate::state::table::Ix;

/// What changed in one block
///
/// *Free* means what the block's space means by it: usable, in no reserved range, nobody's, and at rest
/// no more.
// INVARIANT: `lost` is what is free in the block and not any more; `opened` what is free now and was not;
// nothing in `barren` is free now.
#[derive(Debug, Default)]
pub(crate) struct BlockDelta {
    /// Who or what has what changed hands
    occupants: Runs<Occupant>,
    /// The prefixes among that: last by first
    prefixes: Tree<u128, u128>,
    /// What was assigned to an interface, or held for it, in order; some of it may have gone again
    order: BTreeMap<Ix<Interface>, Order>,
    /// What the block's occupants no longer have
    left: Runs<()>,
    /// What the block's occupants hold, and is assigned to them now
    confirmed: Runs<()>,
    /// Rests begun, in order
    rests: Vec<NewRest>,
    /// Addresses and prefixes in them
    begun: u128,
    /// Those in which something may still rest, by their ends, and where: in which of their spans
    live: BTreeMap<(Timestamp, Ix<Rest>), Within>,
    /// Of what rests in the block, in the order of its ends, the last before which nothing does any more
    past: Option<(Ix<Rest>, u128)>,
    /// Addresses held and resting, less those of the block, modulo 2^128
    held: u128,
    resting: u128,
    /// Reserved ranges made: last by first
    reserved: Tree<u128, u128>,
    /// The kinds of those that are not hard, by first
    kinds: Tree<u128, Reservation>,
    /// Reserved ranges of the block that ended, by first
    unreserved: BTreeSet<u128>,
    lost: Runs<()>,
    opened: Runs<()>,
    /// The free blocks that differ from the block's, once a prefix was taken
    buddies: Option<Box<Buddies>>,
    /// Joins `lost` to what was not free around it, so that a search leaps over all of it at once
    barren: Runs<()>,
    /// What was released since, where the order of that is kept
    freed: Option<Box<Freed>>,
}

/// A rest that a batch begins, or something that was due
#[derive(Clone, Debug)]
pub(crate) struct NewRest {
    pub(crate) until: Timestamp,
    pub(crate) by: InterfaceId,
    pub(crate) reason: Option<Reason>,
    /// In the order of their release; some may rest no more
    pub(crate) units: Vec<Unit>,
}

/// Spans in order, those that are gone among them
#[derive(Debug, Default)]
struct Order {
    spans: Vec<Span>,
    /// With more spans than that it is tidied
    most: usize,
}

impl Order {
    /// So few spans are never tidied
    const SHORT: usize = 64;
}

/// What rests in a block by its tables, in the order of its ends, after one of it
pub(super) fn resting_after(
    block: &Block,
    past: Option<(Ix<Rest>, u128)>,
) -> impl Iterator<Item = (Unit, Ix<Rest>)> + '_ {
    let rest = past.into_iter().flat_map(move |(ix, offset)| {
        block.owners.iter_after(offset).map(move |(unit, _)| (unit, ix))
    });
    let rests = block.rests.iter();
    let all = rests.flat_map(move |rests| rests.after(past.map(|(ix, _)| ix)));
    rest.chain(
        all.flat_map(|(ix, rest)| block.owners.iter(rest.list).map(move |(unit, _)| (unit, ix))),
    )
}

/// Which of a rest's spans, and an offset of that
pub(crate) type Within = (usize, u128);

impl NewRest {
    /// The rest of its spans from somewhere in them on, with their indices
    pub(crate) fn parts(&self, (index, first): Within) -> impl Iterator<Item = (usize, Unit)> + '_ {
        self.units.iter().enumerate().skip(index).map(move |(at, &unit)| {
            let first = if at == index { first } else { unit.span.first };
            (at, Unit { span: Span { first, ..unit.span }, ..unit })
        })
    }
}

impl BlockDelta {
    /// Gives free offsets to an occupant
    pub(crate) fn take(&mut self, block: &Block, unit: Unit, occupant: Occupant) {
        self.close(block, unit.span);
        self.settle(unit, occupant);
        self.note_taken(block, unit.span);
    }

    /// Frees offsets that occupants of one kind have
    pub(crate) fn leave(&mut self, block: &Block, unit: Unit, kind: Kind) {
        self.vacate(unit, kind);
        if let Some(freed) = &mut self.freed {
            freed.release_unit(unit);
        }
        for part in block.space.usable().parts(unit.span) {
            let reserved = self.reserved_within(block, part);
            for free in gaps(part, reserved) {
                self.open(block, free);
            }
        }
    }

    /// Keeps the order of release
    pub(crate) fn remember(&mut self) -> &mut Freed {
        self.freed.get_or_insert_default()
    }

    /// Begins the order of release anew, or keeps none
    pub(crate) fn remember_anew(&mut self, remembers: bool) {
        self.freed = remembers.then(|| Box::new(Freed::anew()));
    }

    /// What was released since
    pub(crate) fn freed(&self) -> Option<&Freed> {
        self.freed.as_deref()
    }

    /// Leaps over what the tables list as released and is not as it was
    fn note_taken(&mut self, block: &Block, span: Span) {
        let Some(mut freed) = self.freed.take() else { return };
        freed.take(span);
        if let Some(released) = block.released.as_ref().filter(|_| !freed.anew) {
            let as_it_was =
                |&offset: &u128| self.occupant(offset).is_none() && !freed.was_released(offset);
            let changed = released.iter(freed.past).take_while(|at| !as_it_was(at)).last();
            freed.past = changed.or(freed.past);
        }
        self.freed = Some(freed);
    }

    /// The first run from `from` on that is free in the block and not any more, or is free and was not
    pub(crate) fn next_change(&self, from: u128) -> Option<Span> {
        let next = |runs: &Runs<()>| runs.next(from).map(|(run, ())| run);
        let first = |a: Span, b: Span| if a.first < b.first { a } else { b };
        match (next(&self.lost), next(&self.opened)) {
            (Some(lost), Some(opened)) => Some(first(lost, opened)),
            (lost, opened) => lost.or(opened),
        }
    }

    /// What is free in the block and not any more; what is free and was not
    pub(crate) fn changes(&self) -> [&Runs<()>; 2] {
        [&self.lost, &self.opened]
    }

    /// Free offsets within `span`, which is not all of ::/0
    pub(crate) fn free_within(&self, block: &Block, span: Span) -> u128 {
        let count = |runs: &Runs<()>| {
            runs.within(span).fold(0u128, |sum, (run, ())| sum.saturating_add(run.count()))
        };
        let kept = block.space.free_within(span).saturating_sub(count(&self.lost));
        kept.saturating_add(count(&self.opened))
    }

    /// Begins a rest of offsets that occupants of one kind have
    pub(crate) fn rest(&mut self, rest: NewRest, kind: Kind) {
        let ix = Ix::outside(self.rests.len());
        for &unit in &rest.units {
            self.vacate(unit, kind);
            self.settle(unit, Occupant::Resting(ix));
            self.begun = self.begun.saturating_add(unit.slots());
        }
        let first = rest.units.first().map(|unit| (0, unit.span.first));
        self.live.extend(first.map(|first| ((rest.until, ix), first)));
        self.rests.push(rest);
    }

    /// Leaps over what rests no more, so that a search for what rests longest does not
    pub(crate) fn pass(&mut self, block: &Block) {
        while let Some((unit, ix)) = resting_after(block, self.past).next() {
            if self.occupant(unit.span.first).is_none() {
                break;
            }
            self.past = Some((ix, unit.span.first));
        }
        while let Some(mut first) = self.live.first_entry() {
            let (_, ix) = *first.key();
            let rest = ix.position_outside().and_then(|at| self.rests.get(at));
            let parts = rest.into_iter().flat_map(|rest| rest.parts(*first.get()));
            let found = parts.filter_map(|(index, part)| {
                let mut runs = self.occupants.within(part.span);
                let run = runs.find(|&(_, occupant)| occupant == Occupant::Resting(ix))?.0;
                Some((index, run.first))
            });
            match { found }.next() {
                Some(next) => {
                    *first.get_mut() = next;
                    return;
                }
                None => {
                    first.remove();
                }
            }
        }
    }

    /// The same of the block in another shape, which has taken over what is not changed here
    pub(crate) fn carried(&self, from: &Block, to: &Block, remembers: bool) -> Self {
        let mut carried = Self::default();
        if remembers {
            carried.remember();
        }
        for &owner in self.order.keys() {
            for (unit, occupant) in self.order_of(owner) {
                if let Some(unit) = to.unit_within(from, unit) {
                    carried.take(to, unit, occupant);
                }
            }
        }
        for (position, rest) in self.rests.iter().enumerate() {
            let resting = Occupant::Resting(Ix::outside(position));
            let runs = rest.units.iter().flat_map(|&unit| {
                let runs = self.occupants.within(unit.span);
                runs.map(move |(span, occupant)| (Unit { span, ..unit }, occupant))
            });
            let still = runs.filter(|&(_, occupant)| occupant == resting);
            let inside = still.filter_map(|(unit, _)| to.unit_within(from, unit));
            let units: Vec<Unit> = inside.collect();
            if !units.is_empty() {
                carried.begin(to, NewRest { units, ..rest.clone() });
            }
        }
        carried
    }

    /// Whether it changes nothing
    pub(crate) fn is_nothing(&self) -> bool {
        self.occupants.is_empty()
    }

    /// Begins a rest of free offsets
    fn begin(&mut self, block: &Block, rest: NewRest) {
        let ix = Ix::outside(self.rests.len());
        for &unit in &rest.units {
            self.take(block, unit, Occupant::Resting(ix));
            self.begun = self.begun.saturating_add(unit.slots());
        }
        let first = rest.units.first().map(|unit| (0, unit.span.first));
        self.live.extend(first.map(|first| ((rest.until, ix), first)));
        self.rests.push(rest);
    }

    /// Assigns offsets to the interface that they are held for
    pub(crate) fn confirm(&mut self, span: Span, owner: Ix<Interface>) {
        let since: Vec<Span> = self.occupants.within(span).map(|(run, _)| run).collect();
        for &run in &since {
            self.occupants.insert(run, Occupant::Assigned(owner));
        }
        for run in gaps(span, since) {
            self.confirmed.insert(run, ());
        }
        self.held = self.held.wrapping_sub(span.count_modulo());
    }

    /// Frees offsets of the block that rest: ascending, apart, and the first change to the block; those up
    /// to the `last` in the order of its ends
    pub(crate) fn wake(&mut self, block: &Block, spans: Vec<Span>, last: Option<(Ix<Rest>, u128)>) {
        self.past = last;
        if !block.space.is_plain() {
            for span in spans {
                self.leave(block, Unit { span, is_prefix: false }, Kind::Resting);
            }
            return;
        }
        self.left = Runs::of_sorted(spans.iter().copied());
        self.resting = self.resting.wrapping_sub(self.left.count_modulo());
        self.opened = Runs::of_sorted(spans.iter().copied());
    }

    pub(crate) fn reserve(&mut self, block: &Block, span: Span, kind: Reservation) {
        self.reserved.insert(span.first, span.last);
        if kind != Reservation::Hard {
            self.kinds.insert(span.first, kind);
        }
        self.close(block, span);
    }

    pub(crate) fn unreserve(&mut self, block: &Block, span: Span) {
        if self.reserved.remove(&span.first).is_none() {
            self.unreserved.insert(span.first);
        }
        self.kinds.remove(&span.first);
        for part in block.space.usable().parts(span) {
            let held = self.held_within(block, part);
            for free in gaps(part, held) {
                self.open(block, free);
            }
        }
    }

    /// The free blocks that differ from those of the block's space
    pub(crate) fn buddies(&self, block: &Block) -> Cow<'_, Buddies> {
        if let Some(buddies) = &self.buddies {
            return Cow::Borrowed(buddies);
        }
        let mut buddies = Buddies::default();
        self.lost.iter().for_each(|(run, ())| buddies.take(&block.space, run));
        self.opened.iter().for_each(|(run, ())| buddies.free(&block.space, run));
        Cow::Owned(buddies)
    }

    /// Keeps those from here on, as more prefixes may be asked for
    pub(crate) fn keep_buddies(&mut self, block: &Block) {
        if self.buddies.is_none() {
            self.buddies = Some(Box::new(self.buddies(block).into_owned()));
        }
    }

    /// Who or what has `offset`, if that changed: `Some(None)` when nobody has it any more
    pub(crate) fn occupant(&self, offset: u128) -> Option<Option<Occupant>> {
        match self.occupants.get(offset) {
            Some((_, occupant)) => Some(Some(occupant)),
            None if self.left.contains(offset) => Some(None),
            None => None,
        }
    }

    /// The prefix that has an offset, of what changed hands
    pub(crate) fn prefix_at(&self, offset: u128) -> Option<Span> {
        range_at(&self.prefixes, offset)
    }

    /// The lowest prefix that has offsets of `span`, of what changed hands
    pub(crate) fn prefix_within(&self, span: Span) -> Option<Span> {
        ranges_within(&self.prefixes, span).next()
    }

    /// Whether an offset of the block, held there, is assigned now
    pub(crate) fn is_confirmed(&self, offset: u128) -> bool {
        self.confirmed.contains(offset)
    }

    /// What was assigned to `owner` or held for it, and still is, in order
    pub(crate) fn order_of(&self, owner: Ix<Interface>) -> Vec<(Unit, Occupant)> {
        let mut seen = Runs::default();
        let mut order = Vec::new();
        // What went and came again counts where it came last.
        let spans = self.order.get(&owner).map_or(&[][..], |order| &order.spans);
        for &span in spans.iter().rev() {
            let known: Vec<Span> = seen.within(span).map(|(run, ())| run).collect();
            let mut parts = Vec::new();
            for news in gaps(span, known) {
                let own = |(_, occupant): &(Span, Occupant)| occupant.interface() == Some(owner);
                let own = self.occupants.within(news).filter(own);
                parts.extend(own.map(|(span, occupant)| {
                    let is_prefix = self.prefixes.get(&span.first) == Some(&span.last);
                    (Unit { span, is_prefix }, occupant)
                }));
            }
            seen.insert(span, ());
            order.extend(parts.into_iter().rev());
        }
        order.reverse();
        order
    }

    /// The rests begun in which something may still rest, by their ends, then in order; and from
    /// where in it on
    pub(crate) fn live(&self) -> impl Iterator<Item = (Timestamp, Ix<Rest>, Within)> + '_ {
        self.live.iter().map(|(&(until, ix), &from)| (until, ix, from))
    }

    /// Of what rests in the block, in the order of its ends, the last before which nothing does any more
    pub(crate) const fn past(&self) -> Option<(Ix<Rest>, u128)> {
        self.past
    }

    /// Addresses and prefixes of the rests begun
    pub(crate) fn begun(&self) -> u128 {
        self.begun
    }

    pub(crate) fn new_rest(&self, ix: Ix<Rest>) -> Option<&NewRest> {
        self.rests.get(ix.position_outside()?)
    }

    /// Offsets that somebody has, or that rest, modulo 2^128
    pub(crate) fn occupied_modulo(&self, block: &Block) -> u128 {
        let kept = block.space.taken_modulo().wrapping_sub(self.left.count_modulo());
        kept.wrapping_add(self.occupants.count_modulo())
    }

    /// Offsets held, modulo 2^128
    pub(crate) fn held(&self, block: &Block) -> u128 {
        self.held.wrapping_add(block.addresses_held())
    }

    /// Offsets that rest, modulo 2^128
    pub(crate) fn resting(&self, block: &Block) -> u128 {
        self.resting.wrapping_add(block.addresses_resting())
    }

    /// Offsets that the rules withhold: those that the block's occupants left, and those that have others
    pub(crate) fn unusable(&self, block: &Block) -> (u128, u128) {
        let usable = block.space.usable();
        let unusable = |span: Span| span.count().saturating_sub(usable.count_modulo(span));
        let left = self.left.iter().map(|(run, ())| unusable(run));
        let gained = self.occupants.iter().map(|(run, _)| unusable(run));
        (left.fold(0, u128::saturating_add), gained.fold(0, u128::saturating_add))
    }

    /// Offsets that may be given, modulo 2^128
    pub(crate) fn free_modulo(&self, block: &Block) -> u128 {
        let kept = block.space.free_modulo().wrapping_sub(self.lost.count_modulo());
        kept.wrapping_add(self.opened.count_modulo())
    }

    /// The runs of `span` that somebody has, or that rest, by rising first offset
    pub(crate) fn held_within(&self, block: &Block, span: Span) -> Vec<Span> {
        let mut held: Vec<Span> = self.occupants.within(span).map(|(run, _)| run).collect();
        for run in block.space.taken_runs(span) {
            held.extend(gaps(run, self.left.within(run).map(|(run, ())| run)));
        }
        held.sort_unstable_by_key(|run| run.first);
        held
    }

    /// The first offset of `span` that somebody has, or that rests
    pub(crate) fn first_held(&self, block: &Block, span: Span) -> Option<u128> {
        let gained = self.occupants.within(span).next().map(|(run, _)| run.first);
        let kept = block
            .space
            .taken_runs(span)
            .find_map(|run| gaps(run, self.left.within(run).map(|(run, ())| run)).next());
        gained.into_iter().chain(kept.map(|run| run.first)).min()
    }

    /// The parts of `span` in reserved ranges, by rising first offset
    pub(crate) fn reserved_within(&self, block: &Block, span: Span) -> Vec<Span> {
        let kept = block.space.reserved_within(span);
        let mut parts: Vec<Span> = kept
            .filter(|part| self.kept_at(block, part.first).is_some())
            .chain(parts_within(&self.reserved, span))
            .collect();
        parts.sort_unstable_by_key(|part| part.first);
        parts
    }

    pub(crate) fn reservation_at(&self, block: &Block, offset: u128) -> Option<Span> {
        range_at(&self.reserved, offset).or_else(|| self.kept_at(block, offset))
    }

    /// Whether a range of a kind was reserved
    pub(crate) fn reserves(&self, kind: Reservation) -> bool {
        self.kinds.values().any(|&of| of == kind)
    }

    /// The kind of the reserved range that holds `offset`
    pub(crate) fn kind_at(&self, block: &Block, offset: u128) -> Reservation {
        match range_at(&self.reserved, offset) {
            Some(_) => kind_at(&self.reserved, &self.kinds, offset),
            None => block.space.kind_at(offset),
        }
    }

    /// The reserved range of the block that holds `offset`, unless it has ended
    fn kept_at(&self, block: &Block, offset: u128) -> Option<Span> {
        let range = block.space.reservation_at(offset)?;
        (!self.unreserved.contains(&range.first)).then_some(range)
    }

    pub(crate) fn next_free(&self, block: &Block, from: u128) -> Option<u128> {
        let mut at = from;
        loop {
            if let Some((run, ())) = self.barren.get(at).or_else(|| self.lost.get(at)) {
                at = run.last.checked_add(1)?;
                continue;
            }
            let opened = self.opened.next(at).map(|(run, ())| run.first.max(at));
            let next = match (block.space.next_free(at), opened) {
                (Some(kept), Some(opened)) => kept.min(opened),
                (kept, opened) => kept.or(opened)?,
            };
            if next == at {
                return Some(at);
            }
            at = next;
        }
    }

    /// The last offset of a free run that starts at the free offset `from`, or `last` if that is lower
    pub(crate) fn free_run_last(&self, block: &Block, from: u128, last: u128) -> u128 {
        if let Some((run, ())) = self.opened.get(from) {
            return run.last.min(last);
        }
        let last = block.space.free_run_last(from, last);
        self.lost.next(from).map_or(last, |(run, ())| run.first.saturating_sub(1).min(last))
    }

    /// Notes who or what has offsets from now on
    fn settle(&mut self, Unit { span, is_prefix }: Unit, occupant: Occupant) {
        self.occupants.insert(span, occupant);
        if is_prefix {
            self.prefixes.insert(span.first, span.last);
        }
        match occupant {
            Occupant::Assigned(_) => {}
            Occupant::Held(_) => self.held = self.held.wrapping_add(span.count_modulo()),
            Occupant::Resting(_) => self.resting = self.resting.wrapping_add(span.count_modulo()),
        }
        if let Some(owner) = occupant.interface() {
            let order = self.order.entry(owner).or_default();
            order.spans.push(span);
            if order.spans.len() > order.most.max(Order::SHORT) {
                let order = self.order_of(owner);
                let spans: Vec<Span> = order.iter().map(|(unit, _)| unit.span).collect();
                let most = spans.len().saturating_mul(2);
                self.order.insert(owner, Order { spans, most });
            }
        }
    }

    /// Notes that occupants of one kind have offsets no more
    fn vacate(&mut self, Unit { span, is_prefix }: Unit, kind: Kind) {
        if is_prefix {
            self.prefixes.remove(&span.first);
        }
        let since: Vec<Span> = self.occupants.within(span).map(|(run, _)| run).collect();
        for run in gaps(span, since) {
            self.left.insert(run, ());
        }
        self.occupants.remove(span);
        self.confirmed.remove(span);
        match kind {
            Kind::Assigned => {}
            Kind::Held => self.held = self.held.wrapping_sub(span.count_modulo()),
            Kind::Resting => self.resting = self.resting.wrapping_sub(span.count_modulo()),
        }
    }

    /// Makes offsets free that were not
    fn open(&mut self, block: &Block, span: Span) {
        if let Some(buddies) = &mut self.buddies {
            buddies.free(&block.space, span);
        }
        self.barren.remove(span);
        self.lost.remove(span);
        for run in gaps(span, block.space.free_runs(span)) {
            self.opened.insert(run, ());
        }
    }

    /// Makes offsets not free, whatever they were
    fn close(&mut self, block: &Block, span: Span) {
        if let Some(buddies) = &mut self.buddies {
            let opened = self.opened.within(span).map(|(run, ())| run);
            let kept = block.space.free_runs(span);
            let lost = |run| self.lost.within(run).map(|(run, ())| run);
            let kept = kept.flat_map(|run| gaps(run, lost(run)));
            opened.chain(kept).for_each(|run| buddies.take(&block.space, run));
        }
        self.opened.remove(span);
        for run in block.space.free_runs(span) {
            self.lost.insert(run, ());
        }
        // Over fragments, every search would walk what many commands have closed, run by run.
        let next = span.last.checked_add(1).and_then(|at| self.next_free(block, at));
        let last = next.map_or(block.space.whole().last, |next| next.saturating_sub(1));
        self.barren.insert(Span { first: span.first, last }, ());
    }
}
