//! What a tree can know about free offsets: in a few words, and in two neighbours together

/// Something known of 2^order neighbouring offsets
pub(crate) trait Aggregate: Copy + Eq {
    /// Of no offset at all, or of those of which none is free
    const NOTHING: Self;

    /// Of 2^`order` offsets that are all free
    fn all_free(order: u32) -> Self;

    /// Of 1, 2, 4 or 8 words, a bit set for each offset that is free
    fn words<const N: usize>(free: [u64; N]) -> Self;

    /// Of two neighbours, each of 2^`order` offsets
    fn join(low: Self, high: Self, order: u32) -> Self;
}

/// The orders of which there is a *maximal* free aligned block: one that lies in no larger free one
///
/// A block of order k has 2^k offsets and starts at a multiple of that. Bit k stands for order k.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Blocks(pub(crate) u32);

impl Blocks {
    /// Whether all of 2^`order` offsets, of which this is known, are free
    pub(crate) const fn is_whole(self, order: u32) -> bool {
        self.has(order)
    }

    /// Whether there is a maximal block of `order`
    pub(crate) const fn has(self, order: u32) -> bool {
        self.0.wrapping_shr(order) & 1 == 1
    }
}

impl Aggregate for Blocks {
    const NOTHING: Self = Self(0);

    #[inline]
    fn all_free(order: u32) -> Self {
        Self(1u32.wrapping_shl(order))
    }

    #[inline]
    fn words<const N: usize>(free: [u64; N]) -> Self {
        let mut blocks = [0u64; 6];
        let mut whole = 0;
        for (word, at) in free.into_iter().zip(0u32..) {
            let [starts @ .., all] = maximal_blocks(word);
            blocks.iter_mut().zip(starts).for_each(|(of, starts)| *of |= starts);
            whole |= all.wrapping_shl(at);
        }
        // Wholly free words form blocks of words as free offsets form blocks of offsets.
        let blocks = blocks.into_iter().chain(maximal_blocks(whole)).zip(0u32..);
        Self(
            blocks.fold(0, |orders, (starts, order)| {
                orders | u32::from(starts != 0).wrapping_shl(order)
            }),
        )
    }

    #[inline]
    fn join(low: Self, high: Self, order: u32) -> Self {
        // The one block of a wholly free child is the child.
        let whole = 1u32.wrapping_shl(order);
        if low.0 & high.0 & whole != 0 { Self(whole.wrapping_shl(1)) } else { Self(low.0 | high.0) }
    }
}

/// For each order up to that of a word, the offsets at which a maximal block of it starts
#[inline]
pub(crate) const fn maximal_blocks(free: u64) -> [u64; 7] {
    let ones = free;
    let twos = ones & (ones >> 1) & 0x5555_5555_5555_5555;
    let fours = twos & (twos >> 2) & 0x1111_1111_1111_1111;
    let eights = fours & (fours >> 4) & 0x0101_0101_0101_0101;
    let blocks_of_16 = eights & (eights >> 8) & 0x0001_0001_0001_0001;
    let halves = blocks_of_16 & (blocks_of_16 >> 16) & 0x0000_0001_0000_0001;
    let whole = halves & (halves >> 32) & 1;
    [
        ones & !(twos | (twos << 1)),
        twos & !(fours | (fours << 2)),
        fours & !(eights | (eights << 4)),
        eights & !(blocks_of_16 | (blocks_of_16 << 8)),
        blocks_of_16 & !(halves | (halves << 16)),
        halves & !(whole | (whole << 32)),
        whole,
    ]
}

/// How many offsets are free
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Count(pub(crate) u32);

impl Aggregate for Count {
    const NOTHING: Self = Self(0);

    #[inline]
    fn all_free(order: u32) -> Self {
        Self(1u32.wrapping_shl(order))
    }

    #[inline]
    fn words<const N: usize>(free: [u64; N]) -> Self {
        Self(free.into_iter().fold(0, |sum, word| sum.saturating_add(word.count_ones())))
    }

    #[inline]
    fn join(low: Self, high: Self, _: u32) -> Self {
        Self(low.0.saturating_add(high.0))
    }
}

/// How many neighbouring offsets are free: at the low end, at the high end, and at most
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Longest {
    pub(crate) prefix: u32,
    pub(crate) suffix: u32,
    pub(crate) longest: u32,
}

impl Aggregate for Longest {
    const NOTHING: Self = Self { prefix: 0, suffix: 0, longest: 0 };

    #[inline]
    fn all_free(order: u32) -> Self {
        let all = 1u32.wrapping_shl(order);
        Self { prefix: all, suffix: all, longest: all }
    }

    #[inline]
    fn words<const N: usize>(free: [u64; N]) -> Self {
        let (mut longest, _) = longest_run(free);
        let (mut prefix, mut run, mut unbroken) = (0u32, 0u32, true);
        for word in free {
            let low = run.saturating_add(word.trailing_ones());
            longest = longest.max(low);
            prefix = if unbroken { low } else { prefix };
            let full = word == u64::MAX;
            unbroken &= full;
            run = if full { low } else { word.leading_ones() };
        }
        Self { prefix, suffix: run, longest: longest.max(run) }
    }

    #[inline]
    fn join(low: Self, high: Self, order: u32) -> Self {
        let all = 1u32.wrapping_shl(order);
        let across = low.suffix.saturating_add(high.prefix);
        Self {
            prefix: if low.prefix == all { all.saturating_add(high.prefix) } else { low.prefix },
            suffix: if high.suffix == all { all.saturating_add(low.suffix) } else { high.suffix },
            longest: low.longest.max(high.longest).max(across),
        }
    }
}

/// The length of the longest run of set bits within a word, at most 63, and where such runs start
#[inline]
pub(crate) fn longest_run<const N: usize>(words: [u64; N]) -> (u32, [u64; N]) {
    // Where runs of at least 2^k bits start. Those lengths add up to that of the longest run, the largest
    // that still fits first; all words take each step at once, and none depends on a guess.
    let twice = |runs: [u64; N], length: u32| runs.map(|from| from & from.wrapping_shr(length));
    let one = words;
    let two = twice(one, 1);
    let four = twice(two, 2);
    let eight = twice(four, 4);
    let sixteen = twice(eight, 8);
    let half = twice(sixteen, 16);
    let (mut length, mut starts) = (0u32, [u64::MAX; N]);
    let all = [(32, half), (16, sixteen), (8, eight), (4, four), (2, two), (1, one)];
    for (more, runs) in all {
        let mut longer = starts;
        longer.iter_mut().zip(runs).for_each(|(from, run)| *from &= run.wrapping_shr(length));
        let fits = longer.into_iter().fold(0, |any, from| any | from) != 0;
        starts = if fits { longer } else { starts };
        length = if fits { length.saturating_add(more) } else { length };
    }
    (length, starts)
}
