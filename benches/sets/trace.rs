//! Traces: what is asked, and what the answer must be, by a reference that shares no code with anyone

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Range;

use crate::support::random::Random;

/// How much of a subnet is taken
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Occupancy {
    /// So many of ten thousand, at random
    PerTenThousand(u32),
    Full,
}

/// A random pattern: which numbers are free
pub(crate) struct Pattern {
    pub(crate) size: u32,
    pub(crate) free: Vec<u32>,
    pub(crate) taken: Vec<u32>,
}

/// Release this one, then take the lowest: which is that one?
#[derive(Clone, Copy)]
pub(crate) struct Step {
    pub(crate) release: u32,
    pub(crate) lowest: u32,
}

/// Steps from a pattern, and the way back to it
pub(crate) struct Leg {
    pub(crate) steps: Vec<Step>,
    /// Free at the pattern, taken at the end
    pub(crate) release_back: Vec<u32>,
    /// Taken at the pattern, free at the end
    pub(crate) claim_back: Vec<u32>,
}

/// The same in one of many sets
#[derive(Clone, Copy)]
pub(crate) struct PlacedStep {
    pub(crate) set: u32,
    pub(crate) step: Step,
}

impl Pattern {
    pub(crate) fn new(size: u32, occupancy: Occupancy, random: &mut Random) -> Self {
        let free = match occupancy {
            Occupancy::PerTenThousand(taken) => {
                u64::from(size) * u64::from(10_000 - taken) / 10_000
            }
            Occupancy::Full => 0,
        };
        let mut numbers: Vec<u32> = (0..size).collect();
        random.shuffle(&mut numbers);
        let taken = numbers.split_off(free as usize);
        numbers.sort_unstable();
        Self { size, free: numbers, taken }
    }

    /// The free numbers as runs
    pub(crate) fn runs(&self) -> Vec<Range<u32>> {
        let runs = self.free.chunk_by(|one, next| one + 1 == *next);
        runs.map(|run| run[0]..run[0] + run.len() as u32).collect()
    }

    /// Random releases of what is taken, each followed by taking the lowest
    pub(crate) fn churn(&self, count: usize, random: &mut Random) -> Leg {
        let mut taken = self.taken.clone();
        let mut free: BinaryHeap<Reverse<u32>> = self.free.iter().copied().map(Reverse).collect();
        let steps = (0..count).map(|_| step(&mut taken, &mut free, random)).collect();
        let is_taken = |taken: &[u32]| {
            let mut is_taken = vec![false; self.size as usize];
            taken.iter().for_each(|&at| is_taken[at as usize] = true);
            is_taken
        };
        let (before, after) = (is_taken(&self.taken), is_taken(&taken));
        let changed = |from: &[u32], now: &[bool], is: bool| {
            from.iter().copied().filter(|&at| now[at as usize] == is).collect()
        };
        Leg {
            steps,
            release_back: changed(&taken, &before, false),
            claim_back: changed(&self.taken, &after, false),
        }
    }
}

/// Patterns for many sets of one size, and steps that each go to a random one of them
pub(crate) fn many(
    sets: u32,
    size: u32,
    occupancy: Occupancy,
    count: usize,
) -> (Vec<Vec<Range<u32>>>, Vec<PlacedStep>) {
    let mut random = Random::new(4);
    let patterns: Vec<Pattern> =
        (0..sets).map(|_| Pattern::new(size, occupancy, &mut random)).collect();
    let runs = patterns.iter().map(Pattern::runs).collect();
    let heap = |free: Vec<u32>| free.into_iter().map(Reverse).collect::<BinaryHeap<_>>();
    let mut states: Vec<_> = patterns.into_iter().map(|of| (of.taken, heap(of.free))).collect();
    let steps = (0..count).map(|_| {
        let set = random.below(states.len());
        let (taken, free) = &mut states[set];
        PlacedStep { set: set as u32, step: step(taken, free, &mut random) }
    });
    (runs, steps.collect())
}

fn step(taken: &mut [u32], free: &mut BinaryHeap<Reverse<u32>>, random: &mut Random) -> Step {
    let place = random.below(taken.len());
    let release = taken[place];
    free.push(Reverse(release));
    let lowest = free.pop().map_or(release, |Reverse(lowest)| lowest);
    taken[place] = lowest;
    Step { release, lowest }
}
