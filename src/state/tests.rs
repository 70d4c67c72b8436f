//! Owners and profiles against naive maps

#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "tests"
)]

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use proptest::prelude::*;

use super::index::Ix;
use super::name::Name;
use super::nodes::Node;
use super::occupant::Occupant;
use super::owners::{Far, Gain, List, Owners, Unit};
use super::profiles::Profiles;
use super::seeded::Seeded;
use super::subnet::Subnet;
use super::table::Table;
use crate::id::{InterfaceId, Revision, SubnetId};
use crate::rules::Profile;
use crate::space::Space;
use crate::space::address::Span;

/// Numbers near each other, near where a window ends, or anywhere
fn offset() -> impl Strategy<Value = u128> {
    let edge = (6u32..14, 0u128..3).prop_map(|(bits, off)| (1u128 << bits) + 1 - off);
    let word = (30u32..128, 0u128..3).prop_map(|(bits, off)| (1u128 << bits).wrapping_sub(off));
    prop_oneof![
        6 => 0u128..700,
        2 => edge,
        1 => word,
        1 => any::<u128>(),
        1 => (0u128..300).prop_map(|below| u128::MAX - below),
    ]
}

#[derive(Clone, Debug)]
enum Step {
    /// Spans to give to an interface, as far as they are free
    Give(usize, Vec<(u128, u128)>),
    /// A prefix to give to an interface, if all of it is free: an offset of it, and its order
    GivePrefix(usize, u128, u32),
    /// So many to take from an interface: from where on its list, in which direction
    Take(usize, usize, usize, bool),
}

fn step() -> impl Strategy<Value = Step> {
    let spans = prop::collection::vec((offset(), prop_oneof![Just(0), 0u128..300]), 1..6);
    prop_oneof![
        (0usize..3, spans).prop_map(|(who, spans)| Step::Give(who, spans)),
        (0usize..3, offset(), 0u32..20)
            .prop_map(|(who, at, order)| Step::GivePrefix(who, at, order)),
        (0usize..3, 0usize..900, 0usize..900, any::<bool>())
            .prop_map(|(who, from, count, back)| Step::Take(who, from, count, back)),
    ]
}

/// What is had and the generations that assigned it, in order
type Held = Vec<(Unit, u64)>;

fn number(occupant: Occupant) -> usize {
    occupant.interface().unwrap().number() as usize
}

/// Owners, and what they should be
#[derive(Clone, Default)]
struct Model {
    owners: Owners,
    lists: Vec<(List, Held)>,
}

impl Model {
    fn taken(&self) -> usize {
        self.lists.iter().map(|(_, held)| held.len()).sum()
    }

    fn holder(&self, offset: u128) -> Option<(usize, u64)> {
        let of = |(who, (_, held)): (usize, &(List, Held))| {
            held.iter().find(|(unit, _)| unit.span.contains(offset)).map(|&(_, made)| (who, made))
        };
        self.lists.iter().enumerate().find_map(of)
    }

    fn give(&mut self, who: usize, spans: &[(u128, u128)], made: u64) {
        let mut free: Vec<Span> = Vec::new();
        for &(first, more) in spans {
            for at in first..=first.saturating_add(more) {
                let twice = free.iter().any(|span| span.contains(at));
                if twice || self.holder(at).is_some() {
                    continue;
                }
                match free.last_mut().filter(|span| span.last.checked_add(1) == Some(at)) {
                    Some(span) => span.last = at,
                    None => free.push(Span::one(at)),
                }
            }
        }
        let offsets = free.iter().flat_map(|span| span.first..=span.last);
        self.lists[who].1.extend(offsets.map(|at| (Unit::one(at), made)));
        let owner = Ix::from_number(u32::try_from(who).unwrap());
        let occupant = if who == 2 { Occupant::Held(owner) } else { Occupant::Assigned(owner) };
        let seeded = &Seeded::new(9);
        let gain = Gain { occupant, generation: Revision::new(made), seeded };
        self.owners.extend(&mut self.lists[who].0, free.into_iter(), gain);
    }

    fn give_prefix(&mut self, who: usize, at: u128, order: u32, made: u64) {
        let more = (1 << order) - 1;
        let span = Span { first: at & !more, last: at | more };
        let all = || self.lists.iter().flat_map(|(_, held)| held);
        if all().any(|(unit, _)| unit.span.overlap(span).is_some()) {
            return;
        }
        let owner = Ix::from_number(u32::try_from(who).unwrap());
        let occupant = if who == 2 { Occupant::Held(owner) } else { Occupant::Assigned(owner) };
        let seeded = &Seeded::new(9);
        let gain = Gain { occupant, generation: Revision::new(made), seeded };
        self.owners.extend_prefix(&mut self.lists[who].0, span, gain);
        self.lists[who].1.push((Unit::prefix(span), made));
    }

    fn take(&mut self, who: usize, from: usize, count: usize, back: bool) {
        let (list, held) = &mut self.lists[who];
        let from = from.min(held.len());
        let count = count.min(held.len() - from);
        let mut gone: Vec<Unit> = held.drain(from..from + count).map(|(unit, _)| unit).collect();
        if back {
            gone.reverse();
        }
        if gone.iter().any(|unit| unit.is_prefix) {
            gone.into_iter().for_each(|unit| self.owners.take_off(list, unit));
        } else {
            self.owners.remove(list, gone.into_iter().map(|unit| unit.span));
        }
    }

    fn check(&self) {
        assert_eq!(self.owners.corruption(self.taken()), None);
        assert!(self.lists.iter().all(|&(list, _)| self.owners.links_back(list)));
        for (who, (list, held)) in self.lists.iter().enumerate() {
            assert_eq!(list.count() as usize, held.len());
            let listed: Vec<_> =
                self.owners.iter(*list).map(|(at, made)| (at, made.get())).collect();
            assert_eq!(&listed, held);
            for &(Unit { span, is_prefix }, made) in held {
                for at in [span.first, span.last] {
                    let (owner, of) = self.owners.get(at).unwrap();
                    assert_eq!((number(owner), of.get()), (who, made));
                    assert_eq!(self.owners.prefix_at(at), is_prefix.then_some(span));
                }
                for near in [span.first.wrapping_sub(1), span.last.wrapping_add(1)] {
                    let holder = self.owners.get(near);
                    let holder = holder.map(|(owner, of)| (number(owner), of.get()));
                    assert_eq!(holder, self.holder(near));
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn owners_are_lists_of_offsets(steps in prop::collection::vec(step(), 1..12)) {
        let mut model = Model::default();
        let mut clones = Vec::new();
        model.lists.resize_with(3, || (List::EMPTY, Vec::new()));
        for (step, made) in steps.into_iter().zip(u64::from(u32::MAX)..) {
            match step {
                Step::Give(who, spans) => model.give(who, &spans, made),
                Step::GivePrefix(who, at, order) => model.give_prefix(who, at, order, made),
                Step::Take(who, from, count, back) => model.take(who, from, count, back),
            }
            model.check();
            clones.push(model.clone());
        }
        clones.push(model);
        for mut model in clones {
            for who in 0..3 {
                model.take(who, 0, usize::MAX, who == 1);
                model.check();
            }
        }
    }

    #[test]
    fn a_table_is_a_map_by_id(
        steps in prop::collection::vec((0u32..3000, any::<bool>(), 1u32..700), 1..12),
    ) {
        // One in three lies beside its record.
        let id = |number: u32| {
            let width = if number % 3 == 0 { 50 } else { 1 };
            InterfaceId::new(&alloc::format!("eni-{number:0width$}")).unwrap()
        };
        let mut table: Table<InterfaceId, u64> = Table::new(Seeded::new(1));
        let mut naive = BTreeMap::new();
        let mut serial = 0;
        for (first, make, count) in steps {
            for number in first..first + count {
                serial += 1;
                match (table.find(&id(number)), make) {
                    (None, true) => {
                        let ix = table.insert(id(number), serial);
                        prop_assert_eq!(table.get(ix), Some(&serial));
                        naive.insert(id(number), serial);
                    }
                    (Some(ix), false) => {
                        let gone = table.remove(ix);
                        prop_assert!(gone.is_some());
                        prop_assert_eq!(gone, naive.remove(&id(number)));
                    }
                    _ => {}
                }
            }
            prop_assert_eq!(table.corruption(), None);
            let sorted = table.sorted();
            let all = sorted.iter().map(|(_, name, record)| (name.id(), **record));
            prop_assert!(all.eq(naive.iter().map(|(&id, &record)| (id, record))));
        }
    }
}

#[test]
fn records_are_small() {
    assert_eq!(size_of::<Owners>(), 24);
    assert_eq!(size_of::<Option<Node>>(), 20);
    assert_eq!(size_of::<Option<(Far, Node)>>(), 36);
    // Beside its space, which knows best what it needs.
    assert!(size_of::<Option<(Name<SubnetId>, Subnet)>>() <= size_of::<Space>() + 128);
}

#[test]
fn a_span_may_begin_near_and_end_far() {
    let mut model = Model::default();
    model.lists.resize_with(1, || (List::EMPTY, Vec::new()));
    model.give(0, &[(0, 255)], 1);
    // One more would be too many for the window that 256 have; then the window passes it by.
    model.give(0, &[(2000, 40)], 2);
    model.give(0, &[(256, 800)], 3);
    model.give(0, &[(1020, 8), (2036, 20), (u128::MAX - 1, 1)], 4);
    model.check();
    model.take(0, 1000, 60, true);
    model.check();
    model.take(0, 0, usize::MAX, false);
    model.check();
}

#[test]
fn a_profile_is_kept_once_and_as_long_as_a_subnet_has_it() {
    let mut profiles = Profiles::new(Seeded::new(2));
    let mut subnets = Vec::new();
    for profile in [Profile::AWS, Profile::PLAIN, Profile::AWS, Profile::ZENLAYER] {
        subnets.push(profiles.share(&profile));
    }
    assert!(triomphe::Arc::ptr_eq(&subnets[0], &subnets[2]));
    assert_eq!(profiles.corruption(subnets.iter()), None);
    let clone = profiles.clone();
    while let Some(profile) = subnets.pop() {
        profiles.release(&profile);
        assert_eq!(profiles.corruption(subnets.iter()), None);
        assert!(subnets.is_empty() || clone.corruption(subnets.iter()).is_some());
    }
}
