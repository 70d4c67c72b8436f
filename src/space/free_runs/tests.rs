//! Trees of free runs against naive lists of them

#![expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "tests")]

use alloc::vec::Vec;

use proptest::prelude::*;

use super::FreeRuns;
use crate::space::address::{Span, joined};
use crate::space::aligned::{Orders, aligned_blocks};
use crate::space::gaps;

/// Everything that may be asked, of a tree and of a list
fn assert_same(tree: &FreeRuns, runs: &[Span], probes: &[u128]) {
    assert!(tree.is_of(runs.iter().copied()), "the runs are not {runs:?}");
    assert_eq!(tree.iter().collect::<Vec<_>>(), runs);
    let count = |run: Span| run.count_modulo();
    assert_eq!(
        tree.count_modulo(),
        runs.iter().fold(0u128, |sum, &run| sum.wrapping_add(count(run)))
    );
    let beyond = |run: &Span| run.last - run.first;
    let longest = runs.iter().map(beyond).max();
    let longest = runs.iter().find(|run| Some(beyond(run)) == longest);
    assert_eq!(tree.longest().as_ref(), longest);
    let blocks: Vec<_> = runs.iter().flat_map(|&run| aligned_blocks(run)).collect();
    let largest = blocks.iter().rev().max_by_key(|block| block.order);
    assert_eq!(tree.largest_block().as_ref(), largest);
    for order in 0..=129 {
        assert_eq!(tree.orders().has(order), blocks.iter().any(|block| block.order == order));
        let fits = blocks.iter().filter(|block| block.order >= order);
        let best = fits.min_by_key(|block| (block.order, block.first)).map(|block| block.first);
        assert_eq!(tree.free_block(order), best, "order {order}");
    }
    for &at in probes {
        assert_eq!(tree.next(at), runs.iter().copied().find(|run| run.last >= at));
        let above = blocks.iter().filter(|block| block.first >= at);
        for order in (0..=16).chain([32, 64, 100, 127, 128]) {
            let next = above.clone().find(|block| block.order == order).map(|block| block.first);
            assert_eq!(tree.next_block(order, at), next, "order {order} from {at}");
        }
        let later = runs.iter().filter(|run| run.first >= at);
        let orders = later.map(|&run| Orders::of_run(run)).fold(Orders::default(), Orders::and);
        assert_eq!(tree.orders_from(at), orders);
        for span in [Span { first: 0, last: at }, Span { first: at, last: u128::MAX }] {
            let parts = runs.iter().filter_map(|run| run.overlap(span));
            assert_eq!(
                tree.count_within(span),
                parts.fold(0u128, |sum, run| sum.wrapping_add(count(run)))
            );
        }
        let mut rest = at % 10_000;
        let nth = runs.iter().find_map(|run| {
            let here = run.first.checked_add(rest).filter(|&at| at <= run.last);
            rest = rest.saturating_sub(run.count());
            here
        });
        if tree.count_modulo() != 0 {
            assert_eq!(tree.nth(at % 10_000), nth);
        }
    }
}

fn place() -> impl Strategy<Value = u128> {
    let edge = (0u32..128, 0u128..3).prop_map(|(bits, off)| (1u128 << bits).wrapping_sub(1 + off));
    prop_oneof![8 => 0u128..5_000, 2 => edge, 1 => any::<u128>(), 1 => (0u128..40).prop_map(|at| !at)]
}

proptest! {
    #[test]
    fn the_blocks_of_a_run_are_those_of_a_walk(ends in (place(), place()), from in place()) {
        let run = Span { first: ends.0.min(ends.1), last: ends.0.max(ends.1) };
        assert_same(&FreeRuns::of_sorted([run].into_iter()), &[run], &[0, from, run.first, run.last]);
    }

    #[test]
    fn free_runs_are_a_sorted_list(
        start in 0u128..3_000,
        steps in prop::collection::vec((0u8..8, place(), 0u32..14), 1..40),
        probes in prop::collection::vec(place(), 6),
    ) {
        // Begun with many runs of one and two, of which some trees have three levels.
        let mut runs: Vec<Span> =
            (0..start).map(|at| Span { first: at * 4, last: at * 4 + at % 2 }).collect();
        let mut tree = FreeRuns::of_sorted(runs.iter().copied());
        for (kind, first, length) in steps {
            let span = Span { first, last: first.saturating_add((1 << length) - 1) };
            match kind {
                0..=3 => {
                    tree.insert(span);
                    runs.push(span);
                    runs = joined(runs);
                }
                4..=6 => {
                    tree.remove(span);
                    let left = |&run: &Span| gaps(run, run.overlap(span)).collect::<Vec<_>>();
                    runs = runs.iter().flat_map(left).collect();
                }
                // Every other offset, one at a time.
                _ => for at in (span.first..=span.last.min(span.first.saturating_add(400))).step_by(2) {
                    tree.remove(Span::one(at));
                    let left = |&run: &Span| gaps(run, run.overlap(Span::one(at))).collect::<Vec<_>>();
                    let low = runs.partition_point(|run| run.last < at);
                    if low < runs.len() {
                        let parts = left(&runs[low]);
                        runs.splice(low..=low, parts);
                    }
                },
            }
            prop_assert!(tree.is_of(runs.iter().copied()), "after {} {:?}", kind, span);
        }
        assert_same(&tree, &runs, &probes);
    }
}

#[test]
fn a_tree_of_other_runs_is_found() {
    let runs = || (0..5_000u128).map(|at| Span::one(at * 3));
    let sound = FreeRuns::of_sorted(runs());
    assert!(sound.is_of(runs()));
    assert!(!sound.is_of(runs().skip(1)));
}
