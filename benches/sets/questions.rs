//! The questions by name, for any allocator

use std::rc::Rc;

use super::everyone::{Question, size};
use super::trace::{Leg, Occupancy, Pattern};
use super::work;
use crate::peers::Allocator;
use crate::support::measure::Work;
use crate::support::random::Random;

/// How fast is the next lowest address, from the first to the last?
pub(crate) struct Fill(pub(crate) u8);

/// How fast are a release and the next lowest address?
pub(crate) struct Churn {
    pattern: Pattern,
    legs: Rc<[Leg]>,
}

/// Most steps from a pattern before it is set up again
const LONGEST: usize = 1 << 19;

/// Fewest steps in all: too many to be known by heart
const SHORTEST: usize = 1 << 14;

/// How fast is a given address?
pub(crate) struct Claim(Pattern);

/// How fast are 256 addresses at once?
pub(crate) struct Batch(Pattern);

impl Churn {
    /// In a subnet of this length, so much of it taken
    pub(crate) fn new(prefix: u8, occupancy: Occupancy) -> Self {
        let mut random = Random::new(3);
        let pattern = Pattern::new(size(prefix), occupancy, &mut random);
        // Taking the lowest fills the pattern from below: a leg ends while much of it is still there.
        let steps = (size(prefix) as usize / 4).min(LONGEST);
        let legs = (SHORTEST / steps).max(1);
        let legs = (0..legs).map(|_| pattern.churn(steps, &mut random)).collect();
        Self { pattern, legs }
    }
}

impl Claim {
    pub(crate) fn new(prefix: u8) -> Self {
        Self(half(prefix))
    }
}

impl Batch {
    /// From an empty subnet
    pub(crate) fn contiguous(prefix: u8) -> Self {
        let all = Occupancy::PerTenThousand(0);
        Self(Pattern::new(size(prefix), all, &mut Random::new(3)))
    }

    /// From one that is half full, at random
    pub(crate) fn fragmented(prefix: u8) -> Self {
        Self(half(prefix))
    }
}

pub(crate) fn half(prefix: u8) -> Pattern {
    Pattern::new(size(prefix), Occupancy::PerTenThousand(5_000), &mut Random::new(3))
}

impl Question for Fill {
    fn ask<A: Allocator + 'static>(&self) -> Work {
        work::fill::<A>(size(self.0))
    }
}

impl Question for Churn {
    fn ask<A: Allocator + 'static>(&self) -> Work {
        work::churn::<A>(&self.pattern, &self.legs)
    }
}

impl Question for Claim {
    fn ask<A: Allocator + 'static>(&self) -> Work {
        work::claim::<A>(&self.0)
    }
}

impl Question for Batch {
    fn ask<A: Allocator + 'static>(&self) -> Work {
        work::batch::<A>(&self.0)
    }
}
