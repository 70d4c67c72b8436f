//! In which order free addresses are chosen

use crate::bytes::choices;
use core::fmt;

/// The order in which a subnet's free addresses are chosen, if a request leaves the choice to the engine
///
/// A subnet's policy is [`Lowest`](Self::Lowest) until [`SetPolicy`](crate::SetPolicy) changes it; a request may
/// bring its own ([`Pick::policy`](crate::Pick::policy)). Every policy chooses as many addresses as are asked for, if
/// that many are free, and never an address that would be refused if it were named. Policies do not apply to
/// prefixes: each prefix takes the block that [fits best](crate::WantedPrefix).
///
/// An address counts as free if it is so when the command is judged. Choosing `n` at once and choosing one `n` times
/// gives the same addresses in the same order, except with [`Random`](Self::Random).
///
/// | policy | index that speeds it up | cost of each address, or run of addresses |
/// |---|---|---|
/// | `Lowest`, `Next`, `From` | none needed | a step to the next free address |
/// | `Random` | [`ranks`](crate::Indices::ranks) | a path through the index; without it, a look at each word, and for several addresses at once one walk over the free ranges |
/// | `LongestReleased` | none: the subnet keeps the order | a step; an address that was reserved meanwhile costs a look |
/// | `Dense`, `Sparse` | [`blocks`](crate::Indices::blocks) | a path through the index; without it, a look at each word up to the address |
///
/// Far above what is in use, where the bitmap ends, `Dense`, `Sparse` and contiguous ranges cost a look at
/// each free range up to what they choose. In a batch each command costs what it costs alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub enum Policy {
    /// The lowest
    #[default]
    Lowest,
    /// The lowest address after the one chosen last, and from the bottom again at the end
    ///
    /// A subnet has a *cursor* in each family, at which it looks for the next address. The cursor moves behind the
    /// last address that the subnet's own policy chooses. It does not move for named or preferred addresses, or for a
    /// request with a policy of its own. [`SetCursor`](crate::SetCursor) sets it.
    #[doc(alias = "round robin")]
    Next,
    /// The lowest address from an offset on, and from the bottom again at the end
    ///
    /// In a family with fewer addresses than that, the lowest.
    From {
        /// The distance above the first address of the subnet, the same in each family. In readable forms it is a
        /// decimal string, as most of them cannot hold such large numbers.
        #[cfg_attr(feature = "serde", serde(with = "decimal"))]
        offset: u128,
    },
    /// A random address, by a sequence that the seed determines
    ///
    /// Draws count from 0. Draw `k` takes `high` and `low`, the numbers `2k` and `2k + 1` of SplitMix64; of `n`
    /// remaining addresses it draws the one at index `((high · 2^64 + low) · n) >> 128`. At the start of the request,
    /// the remaining addresses are the free ones in ascending order; after each draw, the last of them takes the
    /// place of the drawn one. Number `i` of SplitMix64 is, modulo 2^64:
    ///
    /// ```
    /// fn number(seed: u64, i: u64) -> u64 {
    ///     let z = seed.wrapping_add((i.wrapping_add(1)).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    ///     let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    ///     let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ///     z ^ (z >> 31)
    /// }
    /// assert_eq!(number(1_234_567, 0), 6_457_827_717_110_365_317);
    /// assert_eq!(number(1_234_567, 1), 3_203_168_211_198_807_973);
    ///
    /// use ipam_core::*;
    /// let mut engine = Engine::new();
    /// let (vpc, subnet, eni) = ("vpc-1".parse()?, "subnet-1".parse()?, "eni-1".parse()?);
    /// let cidr = "10.0.0.0/24".parse()?;
    /// let setup = [
    ///     CreateVpc::new(vpc).into(),
    ///     CreateSubnet::new(subnet, vpc, Profile::AWS).v4(cidr).into(),
    ///     CreateInterface::new(eni, subnet).into(),
    ///     SetPolicy::new(subnet, Policy::Random { seed: 1_234_567 }).into(),
    /// ];
    /// for command in &setup {
    ///     engine.execute(Timestamp::ZERO, command)?;
    /// }
    /// // 10.0.0.4 to 10.0.0.254 are free: 251, of which those at indices 87, 133 and 221 of what is left.
    /// let three = engine.execute(Timestamp::ZERO, &Assign::new(eni, Pick::any(3)).into())?;
    /// assert_eq!(three.answer().to_string(), "10.0.0.91,10.0.0.137,10.0.0.225");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// If it is the subnet's policy, the subnet counts its draws in each family and continues the sequence. If a
    /// request brings it, the request starts at draw 0 and counts nothing. Of 2^128 free addresses, the last is never
    /// drawn.
    Random {
        /// The seed of the sequence, chosen by the caller
        seed: u64,
    },
    /// The lowest address that was never released; then the one that has been free longest
    ///
    /// An address is free from its release on, or from the end of its quarantine; addresses of a released prefix
    /// count as never released. The subnet keeps the order of release from the moment when this becomes its policy.
    /// The order takes 20 bytes for each address that was released and not assigned again, in a table at most 4 times
    /// as wide as their highest number, a bit for each address that was ever assigned near the bottom, and up to
    /// 40 bytes for each range of those far above it. If a
    /// request brings this policy to a subnet with another one, no address counts as released.
    #[doc(alias = "LRU")]
    LongestReleased,
    /// The lowest address in a partly used block first
    ///
    /// A *block* has 16 addresses: an IPv4 /28, an IPv6 /124. It is partly used if one of its addresses is not free,
    /// or is named in the same request; addresses outside a smaller subnet are not free. So whole blocks stay whole
    /// for as long as possible.
    Dense,
    /// The first address of each wholly free block first, the lowest block first; then the lowest address
    ///
    /// The opposite of [`Dense`](Self::Dense): addresses lie as far apart as possible.
    Sparse,
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lowest => f.write_str("the lowest"),
            Self::Next => f.write_str("the next"),
            Self::From { offset } => write!(f, "the lowest from offset {offset} on"),
            Self::Random { seed } => write!(f, "at random by seed {seed}"),
            Self::LongestReleased => f.write_str("the longest released"),
            Self::Dense => f.write_str("densely"),
            Self::Sparse => f.write_str("sparsely"),
        }
    }
}

/// A number as a decimal text in readable formats: many tools round numbers above 2^53
#[cfg(feature = "serde")]
mod decimal {
    use alloc::borrow::Cow;

    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(number: &u128, to: S) -> Result<S::Ok, S::Error> {
        if to.is_human_readable() { to.collect_str(number) } else { number.serialize(to) }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<u128, D::Error> {
        if from.is_human_readable() {
            Cow::<str>::deserialize(from)?.parse().map_err(Error::custom)
        } else {
            u128::deserialize(from)
        }
    }
}

/// Draw `k` of a sequence: one of `0..left`, which is not empty
pub(crate) const fn draw(seed: u64, k: u64, left: u128) -> u128 {
    let at = k.wrapping_mul(2);
    product_high(number(seed, at), number(seed, at.wrapping_add(1)), left)
}

/// Number `i` of SplitMix64
const fn number(seed: u64, i: u64) -> u64 {
    let z = seed.wrapping_add(i.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The upper 128 bits of the product of `high` · 2^64 + `low` and `by`
const fn product_high(high: u64, low: u64, by: u128) -> u128 {
    let (high, low) = (high as u128, low as u128);
    let (by_high, by_low) = (by >> 64, by & u64::MAX as u128);
    // Each is a product of two numbers below 2^64.
    let ends = [low.wrapping_mul(by_low), high.wrapping_mul(by_high)];
    let [a, b] = [high.wrapping_mul(by_low), low.wrapping_mul(by_high)];
    let mask = u64::MAX as u128;
    let carry = (ends[0] >> 64).wrapping_add(a & mask).wrapping_add(b & mask) >> 64;
    ends[1].wrapping_add(a >> 64).wrapping_add(b >> 64).wrapping_add(carry)
}

choices! {
    Policy {
        0 Lowest
        1 Next
        2 From { offset }
        3 Random { seed }
        4 LongestReleased
        5 Dense
        6 Sparse
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vector that the generator's author published
    #[test]
    fn numbers_are_those_of_splitmix64() {
        let numbers = [0, 1, 2, 3, 4].map(|i| number(1_234_567, i));
        let published: [u64; 5] = [
            6_457_827_717_110_365_317,
            3_203_168_211_198_807_973,
            9_817_491_932_198_370_423,
            4_593_380_528_125_082_431,
            16_408_922_859_458_223_821,
        ];
        assert_eq!(numbers, published);
    }

    #[test]
    fn a_draw_is_below_what_is_left() {
        assert_eq!(product_high(u64::MAX, u64::MAX, u128::MAX), u128::MAX - 1);
        assert_eq!(product_high(u64::MAX, u64::MAX, 1), 0);
        assert_eq!(product_high(1 << 63, 0, 7), 3);
        assert_eq!(product_high(1 << 63, 0, u128::MAX), u128::MAX >> 1);
        assert_eq!(product_high(0, u64::MAX, 1 << 65), 1);
        for k in 0..1000 {
            assert!(draw(9, k, 3) < 3);
        }
    }
}
