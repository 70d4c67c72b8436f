//! The aggregates, the trees and the questions answered from them, against naive scans

#![expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::unwrap_used,
    reason = "tests"
)]

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec;
use alloc::vec::Vec;
use core::fmt::Debug;

use proptest::prelude::*;

use super::super::address::{Span, joined};
use super::super::aligned::AlignedBlock;
use super::super::bitmap::Bitmap;
use super::super::{Space, Usable, gaps};
use super::Indices;
use super::aggregate::{Aggregate, Blocks, Count, Longest};
use super::nodes::Nodes;
use super::tree::Tree;
use crate::space::Reservation;

const KINDS: [Reservation; 3] = [Reservation::Hard, Reservation::AutoOnly, Reservation::PrefixOnly];

const SETS: [Indices; 4] = [Indices::NONE, Indices::BLOCKS, Indices::RANKS, Indices::ALL];

/// Words of every density, whole and empty ones among them
fn word() -> impl Strategy<Value = u64> {
    let edge = (0u32..64, any::<bool>())
        .prop_map(|(at, low)| if low { u64::MAX >> at } else { u64::MAX << at });
    prop_oneof![
        2 => Just(u64::MAX),
        2 => Just(0),
        1 => any::<u64>(),
        1 => (any::<u64>(), any::<u64>()).prop_map(|(a, b)| a | b),
        1 => (any::<u64>(), any::<u64>(), any::<u64>()).prop_map(|(a, b, c)| a & b & c),
        1 => edge,
        1 => (0u32..64).prop_map(|at| 1 << at),
        1 => (0u32..64).prop_map(|at| !(1 << at)),
    ]
}

/// The words of a window, as many as a bitmap may have, and at most 2^`most`
fn words(most: u32) -> impl Strategy<Value = Vec<u64>> {
    (Bitmap::SMALLEST - 6..=most)
        .prop_flat_map(|order| prop::collection::vec(word(), 1usize << order))
}

/// The bitmap of such words
fn bitmap(words: &[u64]) -> Bitmap {
    let mut bitmap = Bitmap::default();
    bitmap.grow((words.len() * 64).ilog2());
    bitmap.insert_masks(0, words.iter().copied());
    bitmap
}

fn bits(words: &[u64]) -> Vec<bool> {
    words.iter().flat_map(|word| (0..64).map(move |at| word >> at & 1 == 1)).collect()
}

/// The orders of maximal free blocks among bits, by looking at every aligned block
fn naive_blocks(free: &[bool]) -> Blocks {
    let is_free = |order: u32, at: usize| free[at << order..(at + 1) << order].iter().all(|&of| of);
    let top = free.len().ilog2();
    let has = |order: u32| {
        (0..free.len() >> order)
            .any(|at| is_free(order, at) && (order == top || !is_free(order + 1, at >> 1)))
    };
    Blocks((0..=top).filter(|&order| has(order)).fold(0, |orders, order| orders | 1 << order))
}

fn naive_longest(free: &[bool]) -> Longest {
    let runs = free.split(|of| !of).map(<[bool]>::len);
    let length = |of: Option<usize>| of.unwrap_or(0) as u32;
    Longest {
        prefix: length(runs.clone().next()),
        suffix: length(runs.clone().next_back()),
        longest: length(runs.max()),
    }
}

fn naive_count(free: &[bool]) -> Count {
    Count(free.iter().filter(|of| **of).count() as u32)
}

/// Every node over busy words equals a naive look at its offsets, with a tree and without
fn check_nodes<A: Aggregate + Debug>(
    busy: &Bitmap,
    tree: &Tree<A>,
    free: &[bool],
    naive: impl Fn(&[bool]) -> A,
) {
    for tree in [Some(tree), None] {
        let window = Nodes::new(busy, tree);
        for order in 6..=window.order() {
            for index in 0..free.len() >> order {
                let expected = naive(&free[index << order..(index + 1) << order]);
                assert_eq!(window.node(order, index), expected, "order {order}, index {index}");
            }
        }
    }
}

/// The offsets of spans that may be given by the word and lie under a mask, by the word
fn words_of(spans: &[Span], mask: u64) -> Vec<(u32, u64)> {
    let mut words: BTreeMap<u32, u64> = BTreeMap::new();
    for at in spans.iter().flat_map(|span| span.first..=span.last) {
        if let Ok(word) = u32::try_from(at >> 6) {
            *words.entry(word).or_default() |= 1 << (at & 63) & mask;
        }
    }
    words.into_iter().filter(|(_, mask)| *mask != 0).collect()
}

/// The offsets of words, one by one, ascending
fn runs_of(words: &[(u32, u64)]) -> impl Iterator<Item = Span> + '_ {
    let sorted: BTreeMap<u32, u64> = words.iter().copied().collect();
    sorted.into_iter().flat_map(|(word, mask)| {
        let bits = (0..64).filter(move |bit| mask >> bit & 1 == 1);
        bits.map(move |bit| Span::one(u128::from(word) << 6 | bit))
    })
}

/// Everything that may be asked of a space
#[derive(Debug, PartialEq)]
struct Answers {
    blocks: Vec<Option<u128>>,
    orders: Vec<bool>,
    next: Vec<Option<u128>>,
    counts: Vec<(u32, u128)>,
    largest: Option<AlignedBlock>,
    nth: Vec<Option<u128>>,
    within: Vec<u128>,
    longest: Option<Span>,
}

/// From where blocks of each order are looked for
fn starts<'a>(ranks: &'a [u128], spans: &'a [Span]) -> impl Iterator<Item = (u32, u128)> + 'a {
    let from = ranks.iter().copied().chain(spans.iter().map(|span| span.first));
    let orders = || (0..=12).chain([16, 24, 31, 32, 63, 64, 100, 127, 128]);
    from.flat_map(move |from| orders().map(move |order| (order, from)))
}

fn answers(space: &Space, ranks: &[u128], spans: &[Span]) -> Answers {
    Answers {
        blocks: (0..=128).map(|order| space.free_block(order)).collect(),
        orders: (0..=129).map(|order| space.block_orders().has(order)).collect(),
        next: starts(ranks, spans).map(|(order, from)| space.next_block(order, from)).collect(),
        counts: space.block_counts().iter().collect(),
        largest: space.largest_free_block(),
        nth: ranks.iter().map(|&n| space.nth_free(n)).collect(),
        within: spans.iter().map(|&span| space.free_within(span)).collect(),
        longest: space.longest_free_run(space.whole()),
    }
}

/// The same, from a list of the free runs, by looking at all of it
fn naive_answers(free: &[Span], ranks: &[u128], spans: &[Span]) -> Answers {
    let beyond = |run: &Span| run.last - run.first;
    let mut blocks: Vec<AlignedBlock> = Vec::new();
    for run in free {
        let mut at = Some(run.first);
        while let Some(first) = at.filter(|&first| first <= run.last) {
            let fits = |order: &u32| {
                let more = u128::MAX.checked_shl(*order).map_or(u128::MAX, |above| !above);
                first & more == 0 && run.last - first >= more
            };
            let order = (0..=128).rev().find(fits).unwrap();
            blocks.push(AlignedBlock { first, order });
            at = 1u128.checked_shl(order).and_then(|size| first.checked_add(size));
        }
    }
    let block = |order: u32| {
        let fit = blocks.iter().filter(|block| block.order >= order);
        fit.min_by_key(|block| (block.order, block.first)).map(|block| block.first)
    };
    let next = |(order, from): (u32, u128)| {
        let mut fit = blocks.iter().filter(|block| block.order == order && block.first >= from);
        fit.next().map(|block| block.first)
    };
    let count = |order: u32| {
        let count = blocks.iter().filter(|block| block.order == order).count();
        (order, count as u128)
    };
    let nth = |n: u128| {
        let mut rest = n;
        free.iter().find_map(|run| match rest.checked_sub(beyond(run)) {
            None | Some(0) => Some(run.first + rest),
            Some(more) => {
                rest = more - 1;
                None
            }
        })
    };
    let within = |span: Span| {
        let parts = free.iter().filter_map(|run| run.overlap(span));
        parts.fold(0u128, |sum, part| sum.saturating_add(part.count()))
    };
    let longest = |found: Option<Span>, run: &Span| match found {
        Some(found) if beyond(&found) >= beyond(run) => Some(found),
        _ => Some(*run),
    };
    Answers {
        blocks: (0..=128).map(block).collect(),
        orders: (0..=129).map(|order| blocks.iter().any(|block| block.order == order)).collect(),
        next: starts(ranks, spans).map(next).collect(),
        counts: (0..=128).rev().map(count).filter(|&(_, count)| count > 0).collect(),
        largest: blocks.iter().copied().rev().max_by_key(|block| block.order),
        nth: ranks.iter().map(|&n| nth(n)).collect(),
        within: spans.iter().map(|&span| within(span)).collect(),
        longest: free.iter().fold(None, longest),
    }
}

fn assert_answers(space: &Space, free: &[Span], ranks: &[u128], spans: &[Span]) {
    let expected = naive_answers(free, ranks, spans);
    for indices in SETS {
        let mut space = space.clone();
        space.set_indices(indices);
        assert_eq!(answers(&space, ranks, spans), expected, "with {indices:?}");
    }
}

proptest! {
    #[test]
    fn every_node_is_what_a_scan_finds(
        mut busy in words(8),
        steps in prop::collection::vec((any::<bool>(), any::<prop::sample::Index>(), 0usize..3_000), 0..8),
    ) {
        let room = busy.len() * 64;
        let mut bitmap = bitmap(&busy);
        let mut trees = (Tree::new(&bitmap), Tree::new(&bitmap), Tree::new(&bitmap));
        for (set, first, more) in steps {
            let first = first.index(room);
            let last = (first + more).min(room - 1);
            for at in first..=last {
                busy[at / 64] = busy[at / 64] & !(1 << (at % 64)) | u64::from(set) << (at % 64);
            }
            if set {
                bitmap.insert(first, last);
            } else {
                bitmap.remove(first, last);
            }
            trees.0.update(&bitmap, first, last);
            trees.1.update(&bitmap, first, last);
            trees.2.update(&bitmap, first, last);
        }
        let free: Vec<bool> = bits(&busy).into_iter().map(|busy| !busy).collect();
        check_nodes(&bitmap, &trees.0, &free, naive_blocks);
        check_nodes(&bitmap, &trees.1, &free, naive_count);
        check_nodes(&bitmap, &trees.2, &free, naive_longest);
        prop_assert!(trees.0.is_over(&bitmap) && trees.1.is_over(&bitmap) && trees.2.is_over(&bitmap));
    }

    #[test]
    fn every_question_is_answered_as_a_scan_would(
        last in prop_oneof![
            Just(0u128), Just(1), Just(15), Just(63), Just(64), Just(255), Just(511), Just(4_095),
            256u128..2_000, Just((1 << 24) - 1), Just(u128::from(u32::MAX)), Just(u128::MAX >> 64),
            Just(u128::MAX),
        ],
        first_usable in 0u128..5,
        last_withheld in 0u128..3,
        hole in prop::option::of(0u128..80),
        declared in 0usize..4,
        steps in prop::collection::vec((0u8..9, 0u128..4_500, any::<prop::sample::Index>(), 0u32..12), 1..50),
        far in prop::collection::vec(any::<u128>(), 8),
        ranks in prop::collection::vec(prop_oneof![0u128..5_000, any::<u128>()], 12),
        spans in prop::collection::vec((0u128..5_000, 0u128..5_000), 8),
    ) {
        let span = last.checked_sub(last_withheld).and_then(|last| Span::new(first_usable, last));
        let hole = hole.filter(|&at| span.is_some_and(|span| span.contains(at)));
        let usable = Usable { span, hole };
        let mut space = Space::new(last, usable);
        space.set_indices(SETS[declared]);
        let mut taken: Vec<Span> = Vec::new();
        let mut reserved: Vec<Span> = Vec::new();
        let mut prefix_only: Vec<Span> = Vec::new();
        for (kind, at, index, length) in steps {
            // Some steps lie far above what is in use; some run into the last offset.
            let at = if kind % 3 == 2 { far[index.index(8)] } else { at }.min(last);
            let until = at.saturating_add((1 << length) - 1).min(last);
            let whole = Span { first: at, last: until };
            match kind {
                0..=2 => {
                    for run in gaps(whole, taken.clone()) {
                        space.take(run);
                    }
                    taken.push(whole);
                    taken = joined(taken);
                }
                3 | 6 => {
                    for run in taken.iter().filter_map(|run| run.overlap(whole)) {
                        space.give_back(run);
                    }
                    taken = taken.iter().flat_map(|&run| gaps(run, run.overlap(whole))).collect();
                }
                4 if !reserved.iter().any(|r| r.overlap(whole).is_some()) => {
                    let kind = KINDS[index.index(3)];
                    space.reserve(whole, kind);
                    reserved.push(whole);
                    prefix_only.extend((kind == Reservation::PrefixOnly).then_some(whole));
                }
                5 if !reserved.is_empty() => {
                    let range = reserved.swap_remove(index.index(reserved.len()));
                    prefix_only.retain(|of| *of != range);
                    space.unreserve(range);
                }
                7 => {
                    // Every other offset, and whole words, in an order of their own.
                    let mask = if length % 2 == 0 { u64::MAX } else { 0x5555_5555_5555_5555 };
                    let mut words = words_of(&gaps(whole, taken.clone()).collect::<Vec<_>>(), mask);
                    let middle = index.index(words.len() + 1).min(words.len());
                    words.rotate_left(middle);
                    space.take_words(words.iter().copied());
                    taken = joined(taken.into_iter().chain(runs_of(&words)).collect());
                }
                8 => {
                    let held: Vec<Span> = taken.iter().filter_map(|run| run.overlap(whole)).collect();
                    let words = words_of(&held, 0x7777_7777_7777_7777);
                    space.give_back_words(words.iter().copied());
                    let given: Vec<Span> = runs_of(&words).collect();
                    taken = taken.iter().flat_map(|&run| gaps(run, given.clone())).collect();
                }
                _ => space.set_indices(SETS[index.index(4)]),
            }
            prop_assert_eq!(space.corruption(&taken), None);
        }
        let blocked = joined(taken.iter().chain(&reserved).copied().collect());
        let free: Vec<Span> =
            usable.parts(space.whole()).flat_map(|part| gaps(part, blocked.clone()).collect::<Vec<_>>()).collect();
        let mut spans: Vec<Span> = spans
            .into_iter()
            .map(|(first, more)| first.min(last)..=first.saturating_add(more).min(last))
            .map(|span| Span { first: *span.start(), last: *span.end() })
            .collect();
        spans.push(space.whole());
        spans.extend(Span::new(0, far[0].min(last)));
        spans.extend(Span::new(far[1].min(last), last));
        assert_answers(&space, &free, &ranks, &spans);
        // In prefix-only ranges the same is asked of what is left there, joined where they touch.
        let left = joined(prefix_only.clone()).into_iter().flat_map(|range| usable.parts(range).collect::<Vec<_>>());
        let left: Vec<Span> = left.flat_map(|part| gaps(part, taken.clone()).collect::<Vec<_>>()).collect();
        let expected = naive_answers(&left, &[], &spans);
        prop_assert_eq!(space.prefix_only().is_some(), !prefix_only.is_empty());
        if let Some(runs) = space.prefix_only() {
            prop_assert!(runs.iter().eq(left.iter().copied()));
            let blocks: Vec<_> = (0..=128).map(|order| runs.free_block(order)).collect();
            prop_assert_eq!(&blocks, &expected.blocks);
            let next: Vec<_> =
                starts(&[], &spans).map(|(order, from)| runs.next_block(order, from)).collect();
            prop_assert_eq!(&next, &expected.next);
            prop_assert_eq!(runs.largest_block(), expected.largest);
        }
        let count = left.iter().fold(0u128, |sum, run| sum.wrapping_add(run.count_modulo()));
        let counted = space.withheld_as(Reservation::PrefixOnly);
        prop_assert!(counted == count || (counted, count) == (u128::MAX, 0));
    }
}

/// A space all of whose offsets are usable
fn plain(last: u128) -> Space {
    Space::new(last, Usable { span: Span::new(0, last), hole: None })
}

#[test]
fn full_empty_and_one_free_at_every_size() {
    for order in 0..=12u32 {
        let last = (1u128 << order) - 1;
        let whole = Span { first: 0, last };
        let ranks = [0, 1, last, last + 1, u128::MAX];
        let spans = [whole, Span::one(0), Span::one(last), Span { first: last / 2, last }];
        let mut space = plain(last);
        assert_answers(&space, &[whole], &ranks, &spans);
        assert_eq!(space.free_block(order), Some(0));
        space.set_indices(Indices::ALL);
        space.take(whole);
        assert_answers(&space, &[], &ranks, &spans);
        for at in [0, 1, 62, 63, 64, 65, 255, 256, 257, 511, 512, 513, last / 2, last - last / 3] {
            let at = at.min(last);
            space.give_back(Span::one(at));
            assert_answers(&space, &[Span::one(at)], &ranks, &spans);
            space.take(Span::one(at));
        }
        space.give_back(whole);
        assert_answers(&space, &[whole], &ranks, &spans);
    }
}

#[test]
fn all_of_ipv6_is_one_block() {
    let mut space = plain(u128::MAX);
    for indices in SETS {
        space.set_indices(indices);
        assert_eq!(space.free_block(128), Some(0));
        assert_eq!(space.largest_free_block(), Some(AlignedBlock { first: 0, order: 128 }));
        assert_eq!(space.nth_free(u128::MAX), Some(u128::MAX));
        assert_eq!(space.free_within(space.whole()), u128::MAX, "2^128 saturate");
        assert_eq!(space.longest_free_run(space.whole()), Some(space.whole()));
    }
    space.take(Span::one(5));
    for indices in SETS {
        space.set_indices(indices);
        assert_eq!(space.free_block(128), None);
        assert_eq!(space.free_block(127), Some(1 << 127));
        assert_eq!(space.free_block(0), Some(4), "beside the one taken");
        assert_eq!(space.free_block(2), Some(0));
        assert_eq!(space.free_block(8), Some(256), "the window, of 256, is no block any more");
        assert_eq!(space.nth_free(u128::MAX), None);
        assert_eq!(space.nth_free(u128::MAX - 1), Some(u128::MAX));
        assert_eq!(space.free_within(space.whole()), u128::MAX);
        assert_eq!(space.longest_free_run(space.whole()), Span::new(6, u128::MAX));
    }
}

#[test]
fn a_block_and_a_run_may_have_all_of_the_window_and_more() {
    let mut space = plain((1 << 20) - 1);
    space.set_indices(Indices::ALL);
    space.take(Span { first: 0, last: 1_023 });
    space.take(Span::one(900_000));
    space.give_back(Span { first: 0, last: 1_023 });
    let free = [Span { first: 0, last: 899_999 }, Span { first: 900_001, last: (1 << 20) - 1 }];
    let ranks = [0, 1_023, 1_024, 899_999, 900_000, (1 << 20) - 2, (1 << 20) - 1];
    assert_answers(&space, &free, &ranks, &free);
    assert_eq!(space.free_block(10), Some(900_096), "no block of the window's size is left in it");
    assert_eq!(space.free_block(19), Some(0));
    space.take(Span::one(1_024));
    assert_eq!(space.free_block(10), Some(0), "now it is one");
}

#[test]
fn an_index_that_is_wrong_is_found() {
    for indices in [Indices::BLOCKS, Indices::RANKS] {
        let mut space = plain(4_095);
        space.set_indices(indices);
        let taken = [Span { first: 0, last: 699 }];
        space.take(taken[0]);
        assert_eq!(space.corruption(&taken), None);
        let index = space.rare_mut().index.take();
        space.tidy();
        space.take(Span::one(1_000));
        let taken = [taken[0], Span::one(1_000)];
        assert_eq!(space.corruption(&taken), None, "without an index");
        space.rare_mut().index = index;
        assert_eq!(space.corruption(&taken), Some("an index does not say what is free"));
    }
}

#[test]
fn indices_go_with_the_memory_that_they_describe() {
    let mut space = plain(u128::MAX);
    space.set_indices(Indices::ALL);
    space.take(Span { first: 0, last: 9_999 });
    space.give_back(Span { first: 0, last: 9_999 });
    assert_eq!(
        (space.near.room(), space.indices()),
        (1 << Bitmap::SMALLEST, Indices::ALL),
        "declared all the same"
    );
    assert_eq!(space.corruption(&[]), None);
    space.set_indices(Indices::NONE);
    assert!(space.rare.is_none(), "nothing is left of them");
}

#[test]
fn naive_scans_agree_with_what_is_plain_to_see() {
    let free = bits(&[0b1111_0110, 0]);
    assert_eq!(naive_blocks(&free), Blocks(0b101));
    assert_eq!(naive_longest(&free), Longest { prefix: 0, suffix: 0, longest: 4 });
    assert_eq!(naive_longest(&bits(&[u64::MAX])).longest, 64);
    assert_eq!(naive_count(&free), Count(6));
    let seen: BTreeSet<usize> = vec![1, 2, 4, 5, 6, 7].into_iter().collect();
    assert!(free.iter().enumerate().all(|(at, &of)| of == seen.contains(&at)));
}
