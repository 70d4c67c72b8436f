//! What a batch has changed in one block so far

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use crate::id::{InterfaceId, Reason, Timestamp};
use crate::space::Reservation;
use crate::space::address::Span;
use crate::space::runs::Runs;
use crate::space::{gaps, kind_at, range_at, reserved_within};
use crate::state::interface::Interface;
use crate::state::occupant::{Kind, Occupant};
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
    /// What was assigned to an interface, or held for it, in order; some of it may have gone again
    order: BTreeMap<Ix<Interface>, Order>,
    /// What the block's occupants no longer have
    left: Runs<()>,
    /// What the block's occupants hold, and is assigned to them now
    confirmed: Runs<()>,
    /// Rests begun, in order
    rests: Vec<NewRest>,
    /// Those in which something may still rest, by their ends, and where: in which of their spans
    live: BTreeMap<(Timestamp, Ix<Rest>), Within>,
    /// Of what rests in the block, in the order of its ends, the last before which nothing does any more
    past: Option<(Ix<Rest>, u128)>,
    /// Addresses held and resting, less those of the block, modulo 2^128
    held: u128,
    resting: u128,
    /// Reserved ranges made: last by first
    reserved: BTreeMap<u128, u128>,
    /// The kinds of those that are not hard, by first
    kinds: BTreeMap<u128, Reservation>,
    /// Reserved ranges of the block that ended, by first
    unreserved: BTreeSet<u128>,
    lost: Runs<()>,
    opened: Runs<()>,
    /// Joins `lost` to what was not free around it, so that a search leaps over all of it at once
    barren: Runs<()>,
}

/// A rest that a batch begins, or something that was due
#[derive(Clone, Debug)]
pub(crate) struct NewRest {
    pub(crate) until: Timestamp,
    pub(crate) by: InterfaceId,
    pub(crate) reason: Option<Reason>,
    /// In the order of their release; some may rest no more
    pub(crate) spans: Vec<Span>,
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
) -> impl Iterator<Item = (u128, Ix<Rest>)> + '_ {
    let rest = past.into_iter().flat_map(move |(ix, offset)| {
        block.owners.iter_after(offset).map(move |(offset, _)| (offset, ix))
    });
    let rests = block.rests.iter();
    let all = rests.flat_map(move |rests| rests.after(past.map(|(ix, _)| ix)));
    rest.chain(
        all.flat_map(|(ix, rest)| {
            block.owners.iter(rest.list).map(move |(offset, _)| (offset, ix))
        }),
    )
}

/// Which of a rest's spans, and an offset of that
pub(crate) type Within = (usize, u128);

impl NewRest {
    /// The rest of its spans from somewhere in them on, with their indices
    pub(crate) fn parts(&self, (index, first): Within) -> impl Iterator<Item = (usize, Span)> + '_ {
        self.spans.iter().enumerate().skip(index).map(move |(at, &span)| {
            let first = if at == index { first } else { span.first };
            (at, Span { first, last: span.last })
        })
    }
}

impl BlockDelta {
    /// Gives free offsets to an occupant
    pub(crate) fn take(&mut self, block: &Block, span: Span, occupant: Occupant) {
        self.close(block, span);
        self.settle(span, occupant);
    }

    /// Frees offsets that occupants of one kind have
    pub(crate) fn leave(&mut self, block: &Block, span: Span, kind: Kind) {
        self.vacate(span, kind);
        for part in block.space.usable().parts(span) {
            let reserved = self.reserved_within(block, part);
            for free in gaps(part, reserved) {
                self.open(block, free);
            }
        }
    }

    /// Begins a rest of offsets that occupants of one kind have
    pub(crate) fn rest(&mut self, rest: NewRest, kind: Kind) {
        let ix = Ix::outside(self.rests.len());
        for &span in &rest.spans {
            self.vacate(span, kind);
            self.settle(span, Occupant::Resting(ix));
        }
        let first = rest.spans.first().map(|span| (0, span.first));
        self.live.extend(first.map(|first| ((rest.until, ix), first)));
        self.rests.push(rest);
    }

    /// Leaps over what rests no more, so that a search for what rests longest does not
    pub(crate) fn pass(&mut self, block: &Block) {
        while let Some((offset, ix)) = resting_after(block, self.past).next() {
            if self.occupant(offset).is_none() {
                break;
            }
            self.past = Some((ix, offset));
        }
        while let Some(mut first) = self.live.first_entry() {
            let (_, ix) = *first.key();
            let rest = ix.position_outside().and_then(|at| self.rests.get(at));
            let parts = rest.into_iter().flat_map(|rest| rest.parts(*first.get()));
            let found = parts.filter_map(|(index, part)| {
                let mut runs = self.occupants.within(part);
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
            spans.into_iter().for_each(|span| self.leave(block, span, Kind::Resting));
            return;
        }
        self.left = Runs::of_sorted(&spans);
        self.resting = self.resting.wrapping_sub(self.left.count_modulo());
        self.opened = Runs::of_sorted(&spans);
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

    /// Who or what has `offset`, if that changed: `Some(None)` when nobody has it any more
    pub(crate) fn occupant(&self, offset: u128) -> Option<Option<Occupant>> {
        match self.occupants.get(offset) {
            Some((_, occupant)) => Some(Some(occupant)),
            None if self.left.contains(offset) => Some(None),
            None => None,
        }
    }

    /// Whether an offset of the block, held there, is assigned now
    pub(crate) fn is_confirmed(&self, offset: u128) -> bool {
        self.confirmed.contains(offset)
    }

    /// What was assigned to `owner` or held for it, and still is, in order
    pub(crate) fn order_of(&self, owner: Ix<Interface>) -> Vec<(Span, Occupant)> {
        let mut seen = Runs::default();
        let mut order = Vec::new();
        // What went and came again counts where it came last.
        let spans = self.order.get(&owner).map_or(&[][..], |order| &order.spans);
        for &span in spans.iter().rev() {
            let known: Vec<Span> = seen.within(span).map(|(run, ())| run).collect();
            let mut parts = Vec::new();
            for news in gaps(span, known) {
                let own = |(_, occupant): &(Span, Occupant)| occupant.interface() == Some(owner);
                parts.extend(self.occupants.within(news).filter(own));
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

    pub(crate) fn new_rest(&self, ix: Ix<Rest>) -> Option<&NewRest> {
        self.rests.get(ix.position_outside()?)
    }

    /// Offsets that somebody has, or that rest
    pub(crate) fn occupied(&self, block: &Block) -> u128 {
        let kept = block.space.taken().wrapping_sub(self.left.count_modulo());
        kept.wrapping_add(self.occupants.count_modulo())
    }

    pub(crate) fn held(&self, block: &Block) -> u128 {
        self.held.wrapping_add(block.held.into())
    }

    pub(crate) fn resting(&self, block: &Block) -> u128 {
        self.resting.wrapping_add(block.resting().into())
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

    /// The parts of `span` in reserved ranges, by rising first offset
    pub(crate) fn reserved_within(&self, block: &Block, span: Span) -> Vec<Span> {
        let kept = block.space.reserved_within(span);
        let mut parts: Vec<Span> = kept
            .filter(|part| self.kept_at(block, part.first).is_some())
            .chain(reserved_within(&self.reserved, span))
            .collect();
        parts.sort_unstable_by_key(|part| part.first);
        parts
    }

    pub(crate) fn reservation_at(&self, block: &Block, offset: u128) -> Option<Span> {
        range_at(&self.reserved, offset).or_else(|| self.kept_at(block, offset))
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
    fn settle(&mut self, span: Span, occupant: Occupant) {
        self.occupants.insert(span, occupant);
        match occupant {
            Occupant::Assigned(_) => {}
            Occupant::Held(_) => self.held = self.held.wrapping_add(span.count_modulo()),
            Occupant::Resting(_) => self.resting = self.resting.wrapping_add(span.count_modulo()),
        }
        if let Some(owner) = occupant.interface() {
            let order = self.order.entry(owner).or_default();
            order.spans.push(span);
            if order.spans.len() > order.most.max(Order::SHORT) {
                let spans: Vec<Span> = self.order_of(owner).iter().map(|&(span, _)| span).collect();
                let most = spans.len().saturating_mul(2);
                self.order.insert(owner, Order { spans, most });
            }
        }
    }

    /// Notes that occupants of one kind have offsets no more
    fn vacate(&mut self, span: Span, kind: Kind) {
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
        self.barren.remove(span);
        self.lost.remove(span);
        for run in gaps(span, block.space.free_runs(span)) {
            self.opened.insert(run, ());
        }
    }

    /// Makes offsets not free, whatever they were
    fn close(&mut self, block: &Block, span: Span) {
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
