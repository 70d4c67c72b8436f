//! The questions, each asked of any allocator: first for the right answer, then on the clock

use std::hint::black_box;
use std::rc::Rc;

use super::trace::{Leg, Pattern, PlacedStep, Step};
use crate::peers::Allocator;
use crate::support::measure::{Work, timed};
use crate::support::random::Random;

/// Operations in a chunk: long enough for the clock, short against what else the machine does
const CHUNK: usize = 4096;

/// Addresses in a batch
pub(crate) const BATCH: usize = 256;

/// Takes the lowest until none is left; per address
pub(crate) fn fill<A: Allocator + 'static>(size: u32) -> Work {
    let whole = 0..size;
    let fresh = move || A::with_free(size, std::slice::from_ref(&whole));
    let copies = CHUNK.div_ceil(size as usize);
    let chunk = CHUNK.min(size as usize);
    let mut sets: Vec<A> = Vec::new();
    let mut next = size;
    Box::new(move || {
        if next == size {
            sets.clear();
            sets.extend((0..copies).map(|_| fresh()));
            next = 0;
        }
        let mut sum = 0u64;
        let sample = timed(copies * chunk, || {
            for set in &mut sets {
                for _ in 0..chunk {
                    sum += u64::from(set.take_lowest().unwrap_or(u32::MAX));
                }
            }
        });
        let expected: u64 = (next..).take(chunk).map(u64::from).sum();
        assert_eq!(sum, expected * copies as u64, "{} does not take the lowest", A::NAME);
        next += chunk as u32;
        sample
    })
}

/// Releases a random address and takes the lowest; per such pair
///
/// At the end of a leg the set is brought back to the pattern, off the clock. Where a leg is shorter than a
/// chunk, a chunk is as many legs, each in a set of its own.
pub(crate) fn churn<A: Allocator + 'static>(pattern: &Pattern, legs: &Rc<[Leg]>) -> Work {
    let legs = Rc::clone(legs);
    let length = legs[0].steps.len();
    let part = CHUNK.min(length);
    let runs = pattern.runs();
    let mut sets: Vec<A> = (0..CHUNK / part).map(|_| A::with_free(pattern.size, &runs)).collect();
    let (mut first, mut at) = (0, 0);
    Box::new(move || {
        if at == length {
            for (set, leg) in sets.iter_mut().zip(&legs[first..]) {
                leg.release_back.iter().for_each(|&at| set.release(at));
                leg.claim_back.iter().for_each(|&at| assert!(set.claim(at), "{}", A::NAME));
            }
            first = (first + sets.len()) % legs.len();
            at = 0;
        }
        let parts = || legs[first..].iter().map(|leg| &leg.steps[at..][..part]).take(sets.len());
        let expected: u64 = parts().flatten().map(|step| u64::from(step.lowest)).sum();
        let parts: Vec<&[Step]> = parts().collect();
        let mut sum = 0;
        let sample = timed(part * parts.len(), || {
            for (set, steps) in sets.iter_mut().zip(parts) {
                for step in steps {
                    set.release(step.release);
                    sum += u64::from(set.take_lowest().unwrap_or(u32::MAX));
                }
            }
        });
        at += part;
        assert_eq!(sum, expected, "{} does not take the lowest", A::NAME);
        sample
    })
}

/// The same, each time in a random one of many sets
pub(crate) fn churn_many<A: Allocator + 'static>(
    mut sets: Vec<A>,
    steps: Rc<[PlacedStep]>,
) -> Work {
    let mut at = 0;
    Box::new(move || {
        let chunk = CHUNK / 4;
        let steps = &steps[at..][..chunk];
        at += chunk;
        let expected: u64 = steps.iter().map(|of| u64::from(of.step.lowest)).sum();
        let mut sum = 0;
        let sample = timed(chunk, || {
            for &PlacedStep { set, step } in steps {
                let set = &mut sets[set as usize];
                set.release(step.release);
                sum += u64::from(set.take_lowest().unwrap_or(u32::MAX));
            }
        });
        assert_eq!(sum, expected, "{} does not take the lowest", A::NAME);
        sample
    })
}

/// Takes random free addresses by name and gives them back; per such pair
pub(crate) fn claim<A: Allocator + 'static>(pattern: &Pattern) -> Work {
    let mut set = A::with_free(pattern.size, &pattern.runs());
    let mut random = Random::new(5);
    let free = &pattern.free;
    let asked: Vec<u32> = (0..CHUNK).map(|_| free[random.below(free.len())]).collect();
    Box::new(move || {
        let mut claimed = 0;
        let sample = timed(CHUNK, || {
            for &at in &asked {
                claimed += usize::from(set.claim(at));
                set.release(at);
            }
        });
        assert_eq!(claimed, CHUNK, "{} refuses a free number", A::NAME);
        sample
    })
}

/// Takes 256 at a time; per address, the release not counted
pub(crate) fn batch<A: Allocator + 'static>(pattern: &Pattern) -> Work {
    let mut set = A::with_free(pattern.size, &pattern.runs());
    let batches = (pattern.free.len() / BATCH).min(16);
    let expected: Vec<u32> = pattern.free.iter().copied().take(batches * BATCH).collect();
    let mut taken = Vec::with_capacity(expected.len());
    Box::new(move || {
        taken.clear();
        let sample = timed(batches * BATCH, || {
            for _ in 0..batches {
                set.take_batch(BATCH, &mut taken);
            }
            black_box(&mut taken);
        });
        assert_eq!(taken, expected, "{} does not take the lowest", A::NAME);
        for &at in &taken {
            set.release(at);
        }
        sample
    })
}
