//! The contents of a block: who has which address, what is in quarantine, what is withheld, and the counts of each as
//! of a time

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::iter::once;
use core::net::IpAddr;

use ipnet::IpNet;

use super::index::{AnyRest, Ix};
use super::occupant::{Kind, Occupant};
use super::owners::{Owners, Unit};
use super::prefixes::Prefixes;
use super::quarantine::Rest;
use super::subnet::Block;
use super::view::BlockView;
use crate::id::Timestamp;
use crate::space::address::Span;
use crate::space::list::AddrList;
use crate::space::scattered::{Scattered, words_of};
use crate::space::{Reservation, Space, all_or_none, gaps};

impl Block {
    /// Who or what has `offset`
    #[inline]
    pub(crate) fn occupant(&self, offset: u128) -> Option<Occupant> {
        self.owners.get(offset).map(|(occupant, _)| occupant)
    }

    /// The prefix that has `offset`, if one has
    #[inline]
    pub(crate) fn prefix_at(&self, offset: u128) -> Option<Span> {
        self.owners.prefix_at(offset)
    }

    /// A rest of this block
    pub(crate) fn rest(&self, ix: Ix<AnyRest>) -> Option<&Rest> {
        self.rests.as_ref()?.get(ix)
    }

    /// What rests, with its rest: the one that ends first at first, then in the order of release
    pub(crate) fn resting_in_order(&self) -> impl Iterator<Item = (Unit, &Rest)> + '_ {
        let rests = self.rests.iter().flat_map(|rests| rests.iter());
        rests.flat_map(|(_, rest)| self.owners.iter(rest.list).map(move |(unit, _)| (unit, rest)))
    }

    /// What of a span somebody has by itself, or rests so, ascending: each address, and each prefix once
    pub(crate) fn units_within(&self, span: Span) -> impl Iterator<Item = (Unit, Occupant)> + '_ {
        let mut runs = self.space.taken_runs(span);
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

    /// The reserved ranges, in order, and what each is
    pub(crate) fn reservations(&self) -> impl Iterator<Item = (Span, Reservation)> + '_ {
        self.space.reservations().map(|range| (range, self.space.kind_at(range.first)))
    }

    /// The lowest reserved range that has offsets of `span`
    pub(crate) fn reservation_within(&self, span: Span) -> Option<Span> {
        self.space.reservation_at(self.space.reserved_within(span).next()?.first)
    }

    /// The first offset of `span` that the rules withhold
    pub(crate) fn first_barred(&self, span: Span) -> Option<u128> {
        gaps(span, self.space.usable().parts(span)).next().map(|part| part.first)
    }

    /// Whether addresses lie in the block and nobody has any, as far as one look at the bitmap or one at each of
    /// their words can tell
    pub(crate) fn are_vacant(&self, addresses: &AddrList) -> bool {
        if let Some(run) = addresses.as_run() {
            return self.offsets(run).is_some_and(|span| self.space.is_free_run(span));
        }
        self.by_words(addresses).is_some_and(|offsets| {
            offsets.iter().all(|(word, bits)| self.space.are_vacant(word, bits))
        })
    }

    /// A list of addresses that ascend, if they do and all of them lie in the block, near its bottom: one run, or by
    /// words
    pub(crate) fn ascending(&self, addresses: &[IpAddr]) -> Option<AddrList> {
        let mut near = addresses.iter().map(|&address| Owners::near(self.offset(address)?));
        let first = near.next()??;
        let mut last = first;
        let apart = loop {
            match near.next() {
                None => break None,
                Some(at) if at == last.checked_add(1) => last = at?,
                Some(at) => break Some(at?),
            }
        };
        let run = Span { first: first.into(), last: last.into() };
        let Some(apart) = apart else { return Some(self.range(run).into()) };
        let mut offsets = Scattered::default();
        words_of(once(run)).for_each(|(word, bits)| offsets.push(word, bits));
        for at in once(Some(apart)).chain(near) {
            if !offsets.push_one(at?) {
                return None;
            }
        }
        Some(AddrList::scattered(self.family, self.base(), offsets))
    }

    /// Whether one occupant has each address of a list by itself, as far as a look at nodes in ascending order can
    /// tell
    #[inline]
    pub(crate) fn are_of(&self, addresses: &AddrList, occupant: Occupant) -> bool {
        if let Some(run) = addresses.as_run() {
            let Some(span) = self.offsets(run) else { return false };
            if span.first == span.last {
                return self.occupant(span.first) == Some(occupant)
                    && self.prefix_at(span.first).is_none();
            }
            return Owners::near(span.last).is_some()
                && self.owners.are_of(words_of(once(span)), occupant);
        }
        let offsets = self.by_words(addresses);
        offsets.is_some_and(|offsets| self.owners.are_of(offsets.iter(), occupant))
    }

    /// What of the block would lie outside a new shape of it
    pub(crate) fn outside(&self, shape: Option<IpNet>) -> impl Iterator<Item = Span> {
        let whole = self.space.whole();
        let inside = shape.and_then(|cidr| self.within(Span::of_net(cidr)));
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

    /// Whether every rest ends at or before `at`, and so much rests that a look at all that is taken costs no more than
    /// following each rest's list
    pub(super) fn are_all_over(&self, at: Timestamp) -> bool {
        self.rests.as_ref().is_some_and(|rests| {
            rests.last_end() <= Some(at) && u128::from(rests.count()) >= self.space.taken() / 4
        })
    }

    /// Its space once the rests that end at or before `at` have ended
    pub(super) fn space_without_rests(&self, at: Timestamp) -> Space {
        let mut space = self.space.clone();
        if self.are_all_over(at) {
            let (near, far) = self.owners.resting();
            space.give_back_words(near);
            far.for_each(|unit| space.give_back(unit.span));
            return space;
        }
        let rests = self.rests.iter().flat_map(|rests| rests.iter());
        let over = rests.map(|(_, rest)| rest).take_while(|rest| rest.until <= at);
        for (unit, _) in over.flat_map(|rest| self.owners.iter(rest.list)) {
            space.give_back(unit.span);
        }
        space
    }

    /// Addresses and prefixes that rest
    pub(crate) fn slots_resting(&self) -> u32 {
        self.rests.as_ref().map_or(0, |rests| rests.count())
    }

    /// Offsets in prefixes of a kind beyond one each, and single ones, modulo 2^128
    fn modulo(&self, kind: Kind) -> u128 {
        let prefixes = |count: fn(&Prefixes) -> u128| self.owners.prefixes().map_or(0, count);
        match kind {
            Kind::Held => prefixes(Prefixes::held).wrapping_add(self.held.into()),
            Kind::Resting => prefixes(Prefixes::resting).wrapping_add(self.slots_resting().into()),
            Kind::Assigned => {
                let others = self.modulo(Kind::Held).wrapping_add(self.modulo(Kind::Resting));
                self.space.taken_modulo().wrapping_sub(others)
            }
        }
    }
}

impl BlockView<'_> {
    /// The addresses by themselves that rest within a span, in the same order: costs a look at each of its
    /// offsets and, where several were released together, at what was
    pub(crate) fn resting_within(&self, span: Span) -> impl Iterator<Item = u128> {
        let mut rests = BTreeMap::<Ix<AnyRest>, Vec<u128>>::new();
        for offset in span.first..=span.last {
            let Some(Occupant::Resting(ix)) = self.occupant(offset) else { continue };
            if self.prefix_at(offset).is_none() {
                rests.entry(ix).or_default().push(offset);
            }
        }
        let mut ordered = BTreeMap::new();
        for (ix, mut offsets) in rests {
            let Some(rest) = self.rest(ix) else { continue };
            if offsets.len() > 1 {
                // They ascend, as they were met.
                let released = self.owners.iter(rest.list).map(|(unit, _)| unit.span.first);
                offsets = released.filter(|at| offsets.binary_search(at).is_ok()).collect();
            }
            ordered.insert((rest.until, rest.serial), offsets);
        }
        ordered.into_values().flatten()
    }

    /// Offsets that somebody has, or that rest; 2^128 saturates
    fn occupied(&self) -> u128 {
        // If all of ::/0 is, offset 0 is.
        all_or_none(self.space().taken_modulo(), || self.occupant(0).map(|_| 0))
    }

    /// Offsets assigned or held; 2^128 saturates
    pub(crate) fn owned(&self) -> u128 {
        let modulo = self.modulo(Kind::Assigned).wrapping_add(self.modulo(Kind::Held));
        all_or_none(modulo, || self.occupant(0)?.interface().map(|_| 0))
    }

    /// Offsets that occupants of a kind have; 2^128 saturates
    pub(crate) fn count(&self, kind: Kind) -> u128 {
        let modulo = match kind {
            // Of those that rest some may be over.
            Kind::Resting => {
                let owned = self.modulo(Kind::Assigned).wrapping_add(self.modulo(Kind::Held));
                self.space().taken_modulo().wrapping_sub(owned)
            }
            kind => self.modulo(kind),
        };
        let first = || self.occupant(0).filter(|occupant| occupant.kind() == kind).map(|_| 0);
        all_or_none(modulo, first)
    }

    /// Addresses that rest, if it is plain that each would be free if it did not
    pub(crate) fn resting_freely(&self) -> Option<u128> {
        let is_plain = self.space().is_plain() && self.owners.prefixes().is_none();
        is_plain.then(|| self.count(Kind::Resting))
    }

    /// Offsets withheld, by rule or in reserved ranges, that nobody has and that do not rest; 2^128 saturates
    pub(crate) fn withheld(&self) -> u128 {
        let (space, whole) = (self.space(), self.space().whole());
        let others = space.free_modulo().wrapping_add(space.taken_modulo());
        match whole.count_modulo().wrapping_sub(others) {
            0 if space.free() == 0 && self.occupied() == 0 => whole.count(),
            withheld => withheld,
        }
    }
}
