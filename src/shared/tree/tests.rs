//! Trees against naive maps

#![expect(clippy::arithmetic_side_effects, reason = "tests")]

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::ops::ControlFlow;

use proptest::prelude::*;

use super::summary::Part;
use super::{Summary, Tree};

/// Count, and sum of values
#[derive(Clone, Debug, PartialEq, Eq)]
struct Sum(usize, u64);

impl Summary<u32, u64> for Sum {
    const NONE: Self = Self(0, 0);

    fn of(_: &u32, value: &u64) -> Self {
        Self(1, *value)
    }

    fn and(self, after: &Self) -> Self {
        Self(self.0 + after.0, self.1 + after.1)
    }
}

type Summed = Tree<u32, u64, Sum>;
type Naive = BTreeMap<u32, u64>;

/// A step of a history, at a key
#[derive(Clone, Copy, Debug)]
enum Step {
    Insert(u64),
    Remove,
    PopFirst,
    /// Gives the entry a key that lies so far above, if none does
    Replace(u32, u64),
    /// So many keys
    RemoveRange(u32),
    /// A rising, or a falling, row of so many keys
    Row(u32, bool),
    /// Keeps a copy
    Clone,
    /// Goes on with the copy kept longest
    Back,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (0u64..9).prop_map(Step::Insert),
        8 => Just(Step::Remove),
        2 => Just(Step::PopFirst),
        3 => (0u32..9, 0u64..9).prop_map(|(by, value)| Step::Replace(by, value)),
        2 => (0u32..3_000).prop_map(Step::RemoveRange),
        2 => (1u32..300, any::<bool>()).prop_map(|(count, rising)| Step::Row(count, rising)),
        2 => Just(Step::Clone),
        1 => Just(Step::Back),
    ]
}

fn take(tree: &mut Summed, naive: &mut Naive, key: u32, step: Step) {
    match step {
        Step::Insert(value) => assert_eq!(tree.insert(key, value), naive.insert(key, value)),
        Step::Remove => {
            // What there is, more often than not.
            let at = naive.range(key..).next().map_or(key, |(&key, _)| key);
            assert_eq!(tree.remove(&at), naive.remove(&at));
        }
        Step::PopFirst => assert_eq!(tree.pop_first(), naive.pop_first()),
        Step::Replace(by, value) => {
            let Some((&old, _)) = naive.range(key..).next() else { return };
            let new = old + by;
            if naive.range(old + 1..new.max(old) + 1).next().is_some() {
                return;
            }
            naive.remove(&old);
            naive.insert(new, value);
            tree.replace(&old, new, value);
        }
        Step::RemoveRange(count) => {
            naive.retain(|&of, _| !(key..key + count).contains(&of));
            tree.remove_range(|&of| match of {
                of if of < key => Ordering::Less,
                of if of < key + count => Ordering::Equal,
                _ => Ordering::Greater,
            });
        }
        Step::Row(count, rising) => {
            for number in 0..count {
                let key = key + 3 * if rising { number } else { count - number };
                assert_eq!(tree.insert(key, 1), naive.insert(key, 1));
            }
        }
        Step::Clone | Step::Back => {}
    }
}

fn assert_same(tree: &Summed, naive: &Naive, probes: &[u32]) {
    assert_eq!(tree.corruption(), None);
    assert_eq!((tree.len(), tree.is_empty()), (naive.len(), naive.is_empty()));
    assert!(tree.iter().eq(naive.iter().map(|(&key, value)| (key, value))));
    let made = Tree::from_sorted(naive.iter().map(|(&key, &value)| (key, value)));
    assert_eq!(made.corruption(), None);
    assert!(*tree == made, "equal contents are equal");
    assert_eq!(tree.summary(), &Sum(naive.len(), naive.values().sum()));
    let pair = |(&key, value)| (key, value);
    assert_eq!(
        tree.first().map(|(key, value)| (key, *value)),
        naive.first_key_value().map(|(&key, &value)| (key, value))
    );
    for &at in probes {
        assert_eq!((tree.get(&at), tree.contains(&at)), (naive.get(&at), naive.contains_key(&at)));
        assert_eq!(tree.below_or_at(&at), naive.range(..=at).next_back().map(pair));
        assert_eq!(tree.at_or_above(&at), naive.range(at..).next().map(pair));
        assert!(tree.from(&at).eq(naive.range(at..).map(pair)));
        assert!(tree.after(&at).eq(naive.range(at + 1..).map(pair)));
        let sum = |all: Sum, part: Part<'_, _, _, Sum>| match part {
            Part::Many(more) => all.and(more),
            Part::One(key, value) => all.and(&Sum::of(key, value)),
        };
        let below = naive.range(..=at);
        let below = below.fold(Sum::NONE, |all, (key, value)| all.and(&Sum::of(key, value)));
        assert_eq!(tree.fold_to(&at, Sum::NONE, sum), below);
        // The entry that has so many of the sum below it, of those from a key on.
        let (mut rest, mut naively) = (u64::from(at % 500), u64::from(at % 500));
        let found = tree.search(Some(&at), |part| {
            let (Part::Many(Sum(_, here)) | Part::One(_, here)) = part;
            match (rest.checked_sub(*here), part) {
                (Some(beyond), _) => {
                    rest = beyond;
                    ControlFlow::Continue(())
                }
                (None, Part::Many(_)) => ControlFlow::Break(None),
                (None, Part::One(key, _)) => ControlFlow::Break(Some(*key)),
            }
        });
        let naively = naive.range(at..).find(|(_, here)| match naively.checked_sub(**here) {
            Some(beyond) => {
                naively = beyond;
                false
            }
            None => true,
        });
        assert_eq!(found, naively.map(|(&key, _)| key));
    }
}

proptest! {
    #[test]
    fn a_tree_is_a_sorted_map_and_so_is_each_copy(
        start in prop_oneof![Just(0u32), 0u32..4_000],
        steps in prop::collection::vec((0u32..12_000, step()), 1..120),
        probes in prop::collection::vec(0u32..12_000, 6),
    ) {
        let first = (0..start).map(|at| (at * 3, u64::from(at % 5)));
        let (mut tree, mut naive) = (Summed::from_sorted(first.clone()), first.collect::<Naive>());
        let mut kept = Vec::new();
        for (key, step) in steps {
            take(&mut tree, &mut naive, key, step);
            prop_assert_eq!(tree.corruption(), None, "after {:?}", step);
            match step {
                Step::Clone => kept.push((tree.clone(), naive.clone())),
                Step::Back if !kept.is_empty() => {
                    kept.push((tree, naive));
                    (tree, naive) = kept.remove(0);
                }
                _ => {}
            }
        }
        kept.push((tree, naive));
        for (tree, naive) in &kept {
            assert_same(tree, naive, &probes);
        }
    }
}

#[test]
fn keys_that_come_in_order_or_not_fill_their_leaves_and_go_again() {
    let all = 20_000u32;
    // 7,919 has no divisor in common with the number of keys.
    for factor in [1, 7_919, all - 1] {
        let mut tree = Summed::new();
        let key = |at: u32| {
            u32::try_from(u64::from(at) * u64::from(factor) % u64::from(all)).unwrap_or(0)
        };
        for at in 0..all {
            tree.insert(key(at), 1);
        }
        assert_eq!(tree.corruption(), None);
        let room = |tree: &Summed| tree.root.as_ref().map_or(0, super::Node::room);
        assert!(cfg!(ipam_tiny) || room(&tree) < 20_000 * 100 / 60, "60 % are used by {factor}");
        for at in 0..all {
            assert_eq!(tree.remove(&key(at)), Some(1));
        }
        assert_eq!(tree.corruption(), None);
        assert_eq!(room(&tree), 0);
    }
}

#[test]
fn values_change_in_place_and_not_in_a_copy() {
    let mut tree: Tree<u32, u64> = Tree::from_sorted((0..5_000).map(|at| (at, 0)));
    let copy = tree.clone();
    for at in 0..5_000 {
        let held = tree.get_mut(&at);
        assert!(held.is_some(), "{at} is held");
        held.into_iter().for_each(|value| *value += 1);
    }
    assert_eq!(tree.get_mut(&5_000), None);
    assert!(tree.values().all(|&value| value == 1) && copy.values().all(|&value| value == 0));
}

#[test]
fn a_tree_that_is_wrong_is_found() {
    let sound = Summed::from_sorted((0..5_000).map(|at| (at * 3, 1)));
    assert_eq!(sound.corruption(), None);
    let wrong: [fn(&mut Summed); 5] = [
        |tree| tree.summary.1 += 1,
        |tree| tree.len += 1,
        |tree| tree.root = None,
        |tree| tree.replace(&300, 900, 1),
        // A leaf that its parent knows nothing of.
        |tree| {
            if let Some(root) = &mut tree.root {
                root.insert(1, 1, true);
            }
        },
    ];
    for (number, change) in wrong.into_iter().enumerate() {
        let mut tree = sound.clone();
        change(&mut tree);
        assert!(tree.corruption().is_some(), "fault {number}");
    }
    assert_eq!(sound.corruption(), None);
}
