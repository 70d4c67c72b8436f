//! The forms of the space against naive sets, and the transitions between forms

#![expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "tests")]

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use proptest::prelude::*;

use super::address::{Span, joined};
use super::bitmap::Bitmap;
use super::runs::Runs;
use super::{Space, Usable, gaps};
use crate::space::Reservation;

const KINDS: [Reservation; 3] = [Reservation::Hard, Reservation::AutoOnly, Reservation::PrefixOnly];

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

/// The numbers of some spans by word, if there are such words
fn words(spans: &[Span]) -> Option<Vec<(u32, u64)>> {
    let mut words: Vec<(u32, u64)> = Vec::new();
    for at in spans.iter().flat_map(|span| span.first..=span.last) {
        let (word, bit) = (u32::try_from(at / 64).ok()?, 1 << (at % 64));
        match words.last_mut().filter(|(last, _)| *last == word) {
            Some((_, mask)) => *mask |= bit,
            None => words.push((word, bit)),
        }
    }
    Some(words)
}

/// The numbers of one word
fn offsets((word, mask): (u32, u64)) -> impl Iterator<Item = u128> {
    (0..64).filter(move |bit| (mask >> bit) & 1 == 1).map(move |bit| u128::from(word) * 64 + bit)
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
        steps in prop::collection::vec(
            (0u8..6, 0u128..2_300, any::<prop::sample::Index>(), any::<bool>()),
            1..60,
        ),
        far in prop::collection::vec(any::<u128>(), 8),
    ) {
        let span = last.checked_sub(last_withheld).and_then(|last| Span::new(first_usable, last));
        let hole = hole.filter(|&at| span.is_some_and(|span| span.contains(at)));
        let usable = Usable { span, hole };
        let mut space = Space::new(last, usable);
        let mut taken: BTreeSet<u128> = BTreeSet::new();
        let mut reserved: Vec<Span> = Vec::new();
        let is_reserved = |reserved: &[Span], at| reserved.iter().any(|r| r.contains(at));
        for (kind, at, index, by_word) in steps {
            // Some steps reach far above what is in use; some run into the last offset.
            let at = if kind % 3 == 2 { far[index.index(8)] } else { at }.min(last);
            let until = at.saturating_add(u128::from(kind) * 30).min(last);
            let whole = Span { first: at, last: until };
            match kind {
                0..=2 => {
                    let held = joined(taken.iter().map(|&at| Span::one(at)).collect());
                    let free: Vec<Span> = gaps(whole, held).collect();
                    let free_words = words(&free).filter(|_| by_word);
                    for &(word, mask) in free_words.iter().flatten() {
                        prop_assert!(space.are_vacant(word, mask));
                    }
                    match free_words {
                        Some(words) => space.take_words(words.into_iter()),
                        None => free.iter().for_each(|&run| space.take(run)),
                    }
                    taken.extend(free.into_iter().flat_map(|run| run.first..=run.last));
                }
                3 => {
                    let held: Vec<u128> = taken.range(at..=until).copied().collect();
                    let runs = joined(held.iter().map(|&at| Span::one(at)).collect());
                    let held_words = words(&runs).filter(|_| by_word);
                    for &(word, mask) in held_words.iter().flatten() {
                        prop_assert!(!space.are_vacant(word, mask));
                    }
                    match held_words {
                        Some(words) => space.give_back_words(words.into_iter()),
                        None => runs.into_iter().for_each(|run| space.give_back(run)),
                    }
                    taken.retain(|at| !held.contains(at));
                }
                4 if !reserved.iter().any(|r| r.overlap(whole).is_some()) => {
                    let kind = KINDS[reserved.len() % 3];
                    space.reserve(whole, kind);
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
        // All above is free, or far.
        let end = space.near_end().min(3_000);
        let listed = space.free_words(0).flat_map(offsets).take_while(|&at| at < end);
        let listed: BTreeSet<u128> = listed.collect();
        let near: BTreeSet<u128> = (0..end).filter(|&at| free(at)).collect();
        prop_assert_eq!(listed, near, "free words are the free near offsets");
        for from in [1, 63, 64, 65, 300] {
            let first = space.free_words(from).next().and_then(|word| offsets(word).next());
            prop_assert_eq!(first, (from..space.near_end().max(from)).find(|&at| free(at)));
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
    space.extras.as_ref().map_or(0, |extras| extras.apart.iter().count())
}

#[test]
fn a_far_offset_needs_no_pages() {
    let whole = Usable { span: Span::new(0, u128::MAX), hole: None };
    let mut space = Space::new(u128::MAX, whole);
    assert_eq!(space.free(), u128::MAX, "2^128 saturate");
    space.take(Span::one(u128::MAX));
    space.take(Span::one(1 << 40));
    assert_eq!(space.near.order(), Bitmap::SMALLEST);
    assert_eq!(space.free(), u128::MAX - 1, "2^128 less two");
    let few = 1 << Bitmap::SMALLEST;
    space.take(Span { first: 0, last: few - 1 });
    assert_eq!(space.near.order(), Bitmap::SMALLEST);
    assert_eq!(space.next_free(0), Some(few));
    assert_eq!(space.next_free(u128::MAX), None);
}

#[test]
fn a_filling_space_gets_pages_once_and_gives_them_back() {
    let whole = Usable { span: Span::new(0, 1 << 20), hole: None };
    let mut space = Space::new(1 << 20, whole);
    space.take(Span::one(5_000));
    assert_eq!((apart(&space), space.near.room()), (0, 1 << 21), "all that it has");
    for at in 0..3_000 {
        space.take(Span::one(at));
    }
    space.take(Span { first: 3_000, last: 4_999 });
    assert_eq!(space.next_free(0), Some(5_001));
    space.take(Span::one(5_001));
    assert_eq!(space.corruption(&[Span { first: 0, last: 5_001 }]), None);
    space.give_back(Span { first: 0, last: 5_001 });
    let few = (Bitmap::SMALLEST, (1 << 20) + 1);
    assert_eq!((space.near.order(), space.free()), few, "memory is given back");
}

/// A space of 1000 offsets: four and one withheld by rule, offset 9 too, 100 to 199 reserved
fn plain() -> (Space, Vec<Span>) {
    let mut space = Space::new(999, Usable { span: Span::new(4, 998), hole: Some(9) });
    let taken = [Span { first: 0, last: 20 }, Span { first: 150, last: 160 }, Span::one(700)];
    space.reserve(Span { first: 100, last: 199 }, Reservation::Hard);
    taken.iter().for_each(|&run| space.take(run));
    assert_eq!(space.corruption(&taken), None);
    (space, taken.to_vec())
}

#[test]
fn a_space_notices_every_disorder() {
    type Break = fn(&mut Space);
    let breaks: [(&str, Break); 12] = [
        ("a hint", |space| space.near.force_hint(3)),
        ("a bit too many", |space| _ = space.near.insert_one(50)),
        ("a bit too few", |space| _ = space.near.remove_one(5)),
        ("a withheld bit", |space| _ = space.near.remove_one(3)),
        ("a reserved bit", |space| _ = space.near.remove_one(120)),
        ("taken", |space| space.taken += 1),
        ("taken, high", |space| space.extras_mut().taken_high = 1),
        ("taken though unusable", |space| space.extras_mut().taken_unusable += 1),
        ("withheld", |space| space.extras_mut().withheld += 1),
        ("withheld_if_free", |space| space.extras_mut().withheld_if_free.remove(Span::one(155))),
        ("near and apart", |space| space.extras_mut().apart.insert(Span::one(7))),
        ("rules twice", |space| space.extras_mut().usable = Some(space.usable())),
    ];
    for (what, damage) in breaks {
        let (mut space, taken) = plain();
        damage(&mut space);
        assert!(space.corruption(&taken).is_some(), "{what}");
    }
    let mut space = Space::new(999, Usable { span: Span::new(4, 998), hole: Some(9) });
    space.extras_mut();
    assert!(space.corruption(&[]).is_some(), "a box with nothing in it");
}

#[test]
fn what_is_rare_is_given_back() {
    let (mut space, taken) = plain();
    assert!(space.extras.is_some());
    taken.into_iter().for_each(|run| space.give_back(run));
    assert!(space.extras.is_some(), "a range is reserved");
    space.unreserve(Span { first: 100, last: 199 });
    assert!(space.extras.is_none());
    assert_eq!((space.free(), space.near.order()), (994, Bitmap::SMALLEST));
    space.take(Span::one(0));
    assert!(space.extras.is_some(), "taken though the rules withhold it");
    space.give_back(Span::one(0));
    space.take(Span::one(900));
    space.take(Span { first: 10, last: 800 });
    assert!(space.extras.is_none());
    assert_eq!(space.corruption(&[Span { first: 10, last: 800 }, Span::one(900)]), None);
}

#[test]
fn odd_rules_are_kept_as_they_are() {
    for (last, first, end, hole) in [
        (u128::MAX, 0, u128::MAX, Some(u128::MAX)),
        (u128::MAX, 0, u128::MAX, Some(0)),
        (u128::MAX, 70_000, u128::MAX - 70_000, None),
        (u128::MAX, 65_534, u128::MAX - 65_535, Some(u128::from(u32::MAX) - 1)),
        (u128::MAX, 65_535, u128::MAX, None),
        (100, 0, 100, Some(u128::from(u32::MAX))),
        (0, 0, 0, None),
        (0, 0, 0, Some(0)),
        (1, 1, 0, None),
    ] {
        let usable = Usable { span: Span::new(first, end), hole };
        let space = Space::new(last, usable);
        assert_eq!(space.usable(), usable);
        assert_eq!(space.corruption(&[]), None);
    }
}

#[test]
fn words_at_the_edges_of_the_window() {
    let mut space = Space::new(u128::MAX, Usable { span: Span::new(0, u128::MAX), hole: None });
    let few = 1 << (Bitmap::SMALLEST - 6);
    let all = (0..few - 1).map(|word| (word, !0));
    space.take_words(all.chain([(few - 1, !1)]));
    let end = space.near_end();
    assert_eq!(space.free_words(0).collect::<Vec<_>>(), [(few - 1, 1)]);
    assert_eq!(space.free_words(end - 63).next(), None, "all above is not near");
    assert_eq!(space.next_free(end - 63), Some(end));
    space.take_words([(few - 1, 1), (u32::MAX, 1 << 63)].into_iter());
    assert_eq!((space.near_end(), apart(&space)), (end, 1), "the last of them is far");
    space.take_words([(few, 1)].into_iter());
    assert_eq!((space.near_end(), apart(&space)), (1 << 31, 1), "all that may be near is");
    space.take(Span::one(end + 1));
    assert_eq!(space.free_words(0).next(), Some((few, !3)));
    assert!(!space.are_vacant(u32::MAX, !0) && space.are_vacant(u32::MAX, !0 >> 1));
    let last = (1 << 25) - 1;
    space.take_words([(last, !0), (last + 1, 1)].into_iter());
    assert_eq!((apart(&space), space.next_free((1 << 31) - 64)), (2, Some((1 << 31) + 1)));
    space.take_words(core::iter::empty());
    space.take_words([(9, 0)].into_iter());
    assert_eq!(space.taken(), end + 2 + 1 + 65);
    let all = (0..few).map(|word| (word, !0));
    let more = [(few, 3), (u32::MAX, 1 << 63), (last, !0), (last + 1, 1)];
    space.give_back_words(all.chain(more));
    assert_eq!((space.taken(), space.near_end(), space.extras.is_none()), (0, end, true));
    assert_eq!(space.corruption(&[]), None);
}

#[test]
fn reserving_half_of_a_large_space_costs_one_run() {
    let whole = Usable { span: Span::new(0, u128::MAX), hole: None };
    let mut space = Space::new(u128::MAX, whole);
    space.reserve(Span { first: 0, last: 1 << 127 }, Reservation::Hard);
    assert_eq!((space.near.room(), apart(&space)), (1 << 31, 1));
    assert_eq!(space.next_free(0), Some((1 << 127) + 1));
}

#[test]
fn all_of_ipv6_is_counted_exactly_as_far_as_numbers_go() {
    let all = Span { first: 0, last: u128::MAX };
    let mut space = Space::new(u128::MAX, Usable { span: Some(all), hole: None });
    let counts = |space: &Space| (space.free(), space.withheld(), space.structural());
    assert_eq!(counts(&space), (u128::MAX, 0, 0), "2^128 free");
    space.reserve(all, Reservation::Hard);
    assert_eq!(counts(&space), (0, u128::MAX, 0), "2^128 reserved");
    space.take(Span::one(7));
    assert_eq!(counts(&space), (0, u128::MAX, 0), "2^128 less one reserved");
    space.take(Span::one(8));
    assert_eq!(counts(&space), (0, u128::MAX - 1, 0));
    space.unreserve(all);
    assert_eq!(counts(&space), (u128::MAX - 1, 0, 0));
    space.reserve(Span { first: 0, last: u128::MAX >> 1 }, Reservation::Hard);
    space.reserve(Span { first: (u128::MAX >> 1) + 1, last: u128::MAX }, Reservation::Hard);
    space.give_back(Span { first: 7, last: 8 });
    assert_eq!(counts(&space), (0, u128::MAX, 0), "two halves reserved");
    space.unreserve(Span { first: 0, last: u128::MAX >> 1 });
    assert_eq!(counts(&space), (1 << 127, 1 << 127, 0));
    assert_eq!(space.corruption(&[]), None);
}
