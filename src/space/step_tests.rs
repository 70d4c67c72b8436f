//! Runs that are long enough, and blocks of 16, against a look at each offset; on every form of the space

#![expect(clippy::arithmetic_side_effects, reason = "tests")]

extern crate std;

use proptest::prelude::*;
use std::vec::Vec;

use super::address::Span;
use super::index::Indices;
use super::sixteens::Fill;
use super::{Reservation, Space, Usable};

/// Offsets that are looked at one by one: those of a small space, or around what is far apart
fn is_free(space: &Space, offset: u128) -> bool {
    space.next_free(offset) == Some(offset)
}

fn naive_run(space: &Space, from: u128, length: u128) -> Option<u128> {
    let runs = space.free_runs(Span { first: from, last: space.whole().last });
    runs.filter(|run| run.last - run.first >= length - 1).map(|run| run.first).next()
}

fn naive_longest(space: &Space, span: Span) -> Option<Span> {
    let runs: Vec<Span> = space.free_runs(span).collect();
    let most = runs.iter().map(|run| run.count()).max()?;
    runs.into_iter().find(|run| run.count() == most)
}

fn naive_sixteen(space: &Space, from: u128, end: u128, fill: Fill) -> Option<u128> {
    let last = space.whole().last;
    let so = |block: u128| {
        let free = (block * 16..=block * 16 + 15).filter(|&at| at <= last && is_free(space, at));
        match fill {
            Fill::Partly => (1..16).contains(&free.count()),
            Fill::Whole => free.count() == 16,
        }
    };
    (from..=end.min(last / 16)).find(|&block| so(block))
}

/// No end to a search
const ALL: u128 = u128::MAX;

#[derive(Clone, Debug)]
struct Plan {
    last: u128,
    hole: Option<u128>,
    taken: Vec<(u128, u128)>,
    given_back: Vec<(u128, u128)>,
    reserved: Vec<(u128, u128)>,
    far: bool,
}

fn plans() -> impl Strategy<Value = Plan> {
    let last = prop_oneof![0u128..300, 300u128..5000, Just(255), Just(1023)];
    let spans =
        |count| prop::collection::vec((0u128..5000, prop_oneof![1u128..4, 1u128..90]), count);
    let hole = prop::option::of(1u128..200);
    (last, hole, spans(0..60), spans(0..40), spans(0..4), any::<bool>()).prop_map(
        |(last, hole, taken, given_back, reserved, far)| Plan {
            last,
            hole,
            taken,
            given_back,
            reserved,
            far,
        },
    )
}

fn space(plan: &Plan) -> Space {
    // Far: what is taken lies above a window that does not reach it.
    let by = if plan.far { 1u128 << 40 } else { 0 };
    let last = plan.last + by;
    let (first, end) = (1u128.min(last), last.saturating_sub(1).max(1u128.min(last)));
    let hole = plan.hole.map(|hole| hole + by).filter(|&at| first < at && at < end);
    let mut space = Space::new(last, Usable { span: Span::new(first, end), hole });
    let clip =
        |(first, length): (u128, u128)| Span::new(first + by, (first + by + length - 1).min(last));
    for span in plan.taken.iter().filter_map(|&span| clip(span)) {
        if space.is_vacant(span) {
            space.take(span);
        }
    }
    for span in plan.given_back.iter().filter_map(|&span| clip(span)) {
        let runs: Vec<Span> = space.taken_runs(span).collect();
        runs.into_iter().for_each(|run| space.give_back(run));
    }
    for span in plan.reserved.iter().filter_map(|&span| clip(span)) {
        if space.reserved_within(span).next().is_none() {
            space.reserve(span, Reservation::Hard);
        }
    }
    space
}

proptest! {
    #[test]
    fn steps_are_those_of_a_look_at_each_offset(
        plan in plans(),
        from in prop::collection::vec(0u128..5200, 1..6),
        lengths in prop::collection::vec(prop_oneof![1u128..9, 1u128..70, 60u128..600], 1..6),
    ) {
        let mut space = space(&plan);
        let by = if plan.far { 1u128 << 40 } else { 0 };
        for indices in [Indices::NONE, Indices::ALL] {
            space.set_indices(indices);
            for &from in from.iter().chain([&0]) {
                for &length in &lengths {
                    for from in [from, from + by] {
                        let (run, naive) = (space.first_free_run(from, length), naive_run(&space, from, length));
                        prop_assert_eq!(run, naive, "{} from {}", length, from);
                    }
                }
                for &length in &lengths {
                    let last = (from + by).saturating_add(length * 9).min(space.whole().last);
                    for first in [from, from + by] {
                        let Some(span) = Span::new(first, last) else { continue };
                        let longest = space.longest_free_run(span);
                        prop_assert_eq!(longest, naive_longest(&space, span), "of {:?}", span);
                    }
                }
                let fills = [Fill::Partly, Fill::Whole].into_iter();
                for (fill, beyond) in fills.flat_map(|fill| [0, 9, ALL].map(|beyond| (fill, beyond))) {
                    let block = (from + by) / 16;
                    let last = block.saturating_add(beyond);
                    let found = space.next_sixteen(block, last, fill);
                    let naive = naive_sixteen(&space, block, last, fill);
                    prop_assert_eq!(found, naive, "{:?} from block {} to {}", fill, block, last);
                }
            }
        }
    }
}

#[test]
fn the_largest_space_has_its_ends() {
    let whole = Span { first: 0, last: u128::MAX };
    let mut space = Space::new(u128::MAX, Usable { span: Some(whole), hole: None });
    assert_eq!(space.first_free_run(0, u128::MAX), Some(0));
    assert_eq!(space.first_free_run(1, u128::MAX), Some(1));
    assert_eq!(space.first_free_run(2, u128::MAX), None);
    assert_eq!(space.next_sixteen(0, ALL, Fill::Partly), None);
    let top = u128::MAX / 16;
    assert_eq!(space.next_sixteen(top, ALL, Fill::Whole), Some(top));
    assert_eq!(space.next_sixteen(top + 1, ALL, Fill::Whole), None);
    space.take(Span::one(u128::MAX));
    assert_eq!(space.next_sixteen(0, ALL, Fill::Partly), Some(top));
    assert_eq!(space.next_sixteen(top, ALL, Fill::Whole), None);
    assert_eq!(space.first_free_run(u128::MAX - 3, 3), Some(u128::MAX - 3));
    assert_eq!(space.first_free_run(u128::MAX - 3, 4), None);
}

/// A policy that asks for blocks of 16 within a range looked at all that follows it, and then found the range left
#[test]
fn a_search_for_blocks_of_16_ends_where_it_is_told() {
    let whole = Span { first: 0, last: u64::MAX.into() };
    let mut space = Space::new(whole.last, Usable { span: Some(whole), hole: None });
    let (near, far) = (1u128 << 20, 1u128 << 40);
    space.take(Span::one(near * 16));
    space.take(Span::one(far * 16));
    space.take(Span { first: 256, last: 511 });
    for indices in [Indices::NONE, Indices::BLOCKS] {
        space.set_indices(indices);
        for (at, before) in [(near, 0), (far, near + 1)] {
            assert_eq!(space.next_sixteen(before, at, Fill::Partly), Some(at));
            assert_eq!(space.next_sixteen(before, at - 1, Fill::Partly), None);
        }
        assert_eq!(space.next_sixteen(16, 31, Fill::Whole), None);
        assert_eq!(space.next_sixteen(16, 32, Fill::Whole), Some(32));
        assert_eq!(space.next_sixteen(far, far, Fill::Whole), None);
    }
}
