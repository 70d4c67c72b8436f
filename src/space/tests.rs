//! The forms of the space against naive sets, and the transitions between forms

#![expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "tests")]

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use proptest::prelude::*;

use super::address::{Span, joined};
use super::runs::Runs;
use super::{Space, Usable, gaps};

/// Numbers near each other, near a power of two, or anywhere up to `last`
fn offset(last: u128) -> impl Strategy<Value = u128> {
    let edge = (0u32..128, 0u128..3).prop_map(|(bits, off)| (1u128 << bits).wrapping_sub(1 + off));
    prop_oneof![
        6 => 0u128..400,
        2 => edge,
        1 => any::<u128>(),
        1 => (0u128..400).prop_map(move |below| last.saturating_sub(below)),
    ]
    .prop_map(move |at| at.min(last))
}

fn span(last: u128) -> impl Strategy<Value = Span> {
    (offset(last), 0u128..200)
        .prop_map(move |(first, more)| Span { first, last: first.saturating_add(more).min(last) })
}

proptest! {
    #[test]
    fn runs_are_a_map(steps in prop::collection::vec((0u8..4, span(3_000)), 1..60)) {
        let mut runs = Runs::default();
        let mut naive: BTreeMap<u128, u8> = BTreeMap::new();
        for (value, span) in steps {
            let numbers = span.first..=span.last;
            if value == 0 {
                naive.retain(|at, _| !numbers.contains(at));
                runs.remove(span);
            } else {
                runs.insert(span, value);
                naive.extend(numbers.map(|at| (at, value)));
            }
            let listed: BTreeMap<u128, u8> =
                runs.iter().flat_map(|(run, v)| (run.first..=run.last).map(move |at| (at, v))).collect();
            prop_assert_eq!(&listed, &naive);
            prop_assert_eq!(runs.count_modulo(), naive.len() as u128);
            let all: Vec<(Span, u8)> = runs.iter().collect();
            let apart = all.is_sorted_by(|(a, x), (b, y)| a.last + 1 < b.first || x != y);
            prop_assert!(apart, "neighbours of equal value are one run");
        }
    }

    #[test]
    fn gaps_and_what_covers_make_the_whole(
        whole in span(500),
        covers in prop::collection::vec(span(500), 0..12),
    ) {
        let covers = joined(covers);
        let left: BTreeSet<u128> =
            gaps(whole, covers.iter().copied()).flat_map(|gap| gap.first..=gap.last).collect();
        let naive: BTreeSet<u128> =
            (whole.first..=whole.last).filter(|&at| !covers.iter().any(|c| c.contains(at))).collect();
        prop_assert_eq!(left, naive);
    }

    #[test]
    fn a_space_is_two_sets(
        last in prop_oneof![Just(0u128), Just(1), Just(15), Just(255), 256u128..2_000, Just(u128::MAX)],
        first_usable in 0u128..5,
        last_withheld in 0u128..3,
        hole in prop::option::of(0u128..80),
        steps in prop::collection::vec((0u8..6, 0u128..2_300, any::<prop::sample::Index>()), 1..60),
        far in prop::collection::vec(any::<u128>(), 8),
    ) {
        let span = last.checked_sub(last_withheld).and_then(|last| Span::new(first_usable, last));
        let hole = hole.filter(|&at| span.is_some_and(|span| span.contains(at)));
        let usable = Usable { span, hole };
        let mut space = Space::new(last, usable);
        let mut taken: BTreeSet<u128> = BTreeSet::new();
        let mut reserved: Vec<Span> = Vec::new();
        let is_reserved = |reserved: &[Span], at| reserved.iter().any(|r| r.contains(at));
        for (kind, at, index) in steps {
            // Some steps reach far above what is in use; some run into the last offset.
            let at = if kind % 3 == 2 { far[index.index(8)] } else { at }.min(last);
            let until = at.saturating_add(u128::from(kind) * 30).min(last);
            let whole = Span { first: at, last: until };
            match kind {
                0..=2 => {
                    for run in gaps(whole, joined(taken.iter().map(|&at| Span::one(at)).collect())) {
                        space.take(run);
                        taken.extend(run.first..=run.last);
                    }
                }
                3 => {
                    let held: Vec<u128> = taken.range(at..=until).copied().collect();
                    for run in joined(held.iter().map(|&at| Span::one(at)).collect()) {
                        space.give_back(run);
                    }
                    taken.retain(|at| !held.contains(at));
                }
                4 if !reserved.iter().any(|r| r.overlap(whole).is_some()) => {
                    space.reserve(whole);
                    reserved.push(whole);
                }
                _ if !reserved.is_empty() => {
                    space.unreserve(reserved.swap_remove(index.index(reserved.len())));
                }
                _ => {}
            }
            let runs = joined(taken.iter().map(|&at| Span::one(at)).collect());
            prop_assert_eq!(space.corruption(&runs), None);
            let listed = joined(space.taken_runs(space.whole()).collect());
            prop_assert_eq!(&listed, &runs);
        }
        // What is free, by a second path: every offset near the bottom, and around what is used.
        let usable = |at| usable.parts(Span::one(at)).next().is_some();
        let free = |at: u128| usable(at) && !taken.contains(&at) && !is_reserved(&reserved, at);
        let around = taken.iter().flat_map(|&at| [at.saturating_sub(1), at, at.saturating_add(1).min(last)]);
        for at in (0..=last.min(2_100)).chain(around) {
            prop_assert_eq!(space.next_free(at) == Some(at), free(at), "offset {}", at);
            if free(at) {
                let until = space.free_run_last(at, at.saturating_add(40).min(last));
                prop_assert!((at..=until).all(free));
                let bound = at.saturating_add(40).min(last);
                prop_assert!(until == bound || !free(until + 1));
            }
        }
        if last < 2_100 {
            let count = (0..=last).filter(|&at| free(at)).count() as u128;
            prop_assert_eq!(space.free(), count);
            for at in 0..=last {
                prop_assert_eq!(space.next_free(at), (at..=last).find(|&at| free(at)));
            }
        }
    }
}

/// Runs kept apart
fn apart(space: &Space) -> usize {
    space.rare.as_ref().map_or(0, |rare| rare.apart.iter().count())
}

#[test]
fn a_far_offset_does_not_widen_the_bitmap() {
    let whole = Usable { span: Span::new(0, u128::MAX), hole: None };
    let mut space = Space::new(u128::MAX, whole);
    assert_eq!(space.free(), u128::MAX, "2^128 saturate");
    space.take(Span::one(u128::MAX));
    space.take(Span::one(1 << 40));
    assert_eq!(space.near.room(), 256);
    assert_eq!(space.free(), u128::MAX - 1, "2^128 less two");
    space.take(Span { first: 0, last: 255 });
    assert_eq!(space.near.room(), 256);
    assert_eq!(space.next_free(0), Some(256));
    assert_eq!(space.next_free(u128::MAX), None);
}

#[test]
fn a_filling_space_widens_and_takes_in_what_was_apart() {
    let whole = Usable { span: Span::new(0, 1 << 20), hole: None };
    let mut space = Space::new(1 << 20, whole);
    space.take(Span::one(5_000));
    assert_eq!(apart(&space), 1);
    for at in 0..3_000 {
        space.take(Span::one(at));
    }
    space.take(Span { first: 3_000, last: 4_999 });
    assert_eq!(space.next_free(0), Some(5_001));
    space.take(Span::one(5_001));
    assert_eq!(apart(&space), 0, "the window has reached it");
    assert_eq!(space.corruption(&[Span { first: 0, last: 5_001 }]), None);
    space.give_back(Span { first: 0, last: 5_001 });
    assert_eq!((space.near.room(), space.free()), (256, (1 << 20) + 1), "memory is given back");
}

#[test]
fn reserving_half_of_a_large_space_costs_one_run() {
    let whole = Usable { span: Span::new(0, u128::MAX), hole: None };
    let mut space = Space::new(u128::MAX, whole);
    space.reserve(Span { first: 0, last: 1 << 127 });
    assert_eq!((space.near.room(), apart(&space)), (256, 1));
    assert_eq!(space.next_free(0), Some((1 << 127) + 1));
}

#[test]
fn all_of_ipv6_is_counted_exactly_as_far_as_numbers_go() {
    let all = Span { first: 0, last: u128::MAX };
    let mut space = Space::new(u128::MAX, Usable { span: Some(all), hole: None });
    let counts = |space: &Space| (space.free(), space.withheld(), space.structural());
    assert_eq!(counts(&space), (u128::MAX, 0, 0), "2^128 free");
    space.reserve(all);
    assert_eq!(counts(&space), (0, u128::MAX, 0), "2^128 reserved");
    space.take(Span::one(7));
    assert_eq!(counts(&space), (0, u128::MAX, 0), "2^128 less one reserved");
    space.take(Span::one(8));
    assert_eq!(counts(&space), (0, u128::MAX - 1, 0));
    space.unreserve(all);
    assert_eq!(counts(&space), (u128::MAX - 1, 0, 0));
    space.reserve(Span { first: 0, last: u128::MAX >> 1 });
    space.reserve(Span { first: (u128::MAX >> 1) + 1, last: u128::MAX });
    space.give_back(Span { first: 7, last: 8 });
    assert_eq!(counts(&space), (0, u128::MAX, 0), "two halves reserved");
    space.unreserve(Span { first: 0, last: u128::MAX >> 1 });
    assert_eq!(counts(&space), (1 << 127, 1 << 127, 0));
    assert_eq!(space.corruption(&[]), None);
}
