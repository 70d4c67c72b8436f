//! Which of the free addresses are chosen first

use crate::bytes::choices;
use core::fmt;

/// Which of a subnet's free addresses are chosen first, where a request leaves that to the engine
///
/// A subnet follows one, [`Lowest`](Self::Lowest) until [`SetPolicy`](crate::SetPolicy)
/// says otherwise; a request may have its own ([`Pick::policy`](crate::Pick::policy)). Whatever the policy,
/// as many are chosen as are asked for, if so many are free, and none that naming it would be refused.
/// Prefixes are not chosen by it: whatever the policy, each takes the block that
/// [fits best](crate::WantedPrefix).
///
/// What is *free* is judged when the command is. To choose `n` at once and to choose one `n` times comes
/// to the same addresses in the same order, but for [`Random`](Self::Random).
///
/// | policy | sped up by | each address, or run of them, costs |
/// |---|---|---|
/// | `Lowest`, `Next`, `From` | nothing: needs none | a step to the next free one |
/// | `Random` | [`ranks`](crate::Indices::ranks) | a path through the index; without, a look at each word, and for several at once one walk over the free ranges |
/// | `LongestReleased` | nothing: the subnet keeps the order | a step; one that is reserved meanwhile costs a look |
/// | `Dense`, `Sparse` | [`blocks`](crate::Indices::blocks) | a path through the index; without, a look at each word up to it |
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
    /// The lowest after the one chosen last, and from the bottom again at the end
    ///
    /// Where the next is looked for is the subnet's *cursor*, one in each family. It moves behind the last
    /// address that is chosen by the subnet's own policy, never by one named or preferred, nor by the
    /// policy of a request. [`SetCursor`](crate::SetCursor) sets it.
    #[doc(alias = "round robin")]
    Next,
    /// The lowest from an offset on, and from the bottom again at the end
    ///
    /// Of a family with fewer addresses than that, the lowest.
    From {
        /// How far above the first address of the subnet; the same in each family. In readable forms a
        /// decimal text, as few of them have room for the number.
        #[cfg_attr(feature = "serde", serde(with = "decimal"))]
        offset: u128,
    },
    /// Any, by a sequence that the seed determines
    ///
    /// Draw `k`, the first of which is 0, takes numbers `2k` and `2k + 1` of SplitMix64, `high` and `low`;
    /// of `n` addresses left it is the one at index `((high · 2^64 + low) · n) >> 128`. Those left are the
    /// free ones in ascending order as the request begins; the last of them then takes the place of the one
    /// drawn. Number `i` of SplitMix64 is, modulo 2^64:
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
    /// A subnet whose policy it is counts its draws, in each family, and goes on in the sequence; a request
    /// whose own it is begins at draw 0, and counts nothing. Of 2^128 free addresses, the last is never
    /// drawn.
    Random {
        /// Where the sequence begins: 64 bits of the caller's
        seed: u64,
    },
    /// Those never released first, the lowest of them; then the one that has been free longest
    ///
    /// An address is free from its release on, or from the end of its rest; those of a prefix that was given
    /// back count as never released. The subnet keeps that order from
    /// when this became its policy: for each address released and not assigned again 20 bytes of a table
    /// that is at most 4 times as wide as the most of them, and a bit for each address that was ever assigned,
    /// or far above those up to 40 bytes for each range of them. To a request whose own policy this is, in a subnet whose it is not, no
    /// address was ever released.
    #[doc(alias = "LRU")]
    LongestReleased,
    /// Those of partly used blocks first, the lowest of them
    ///
    /// A *block* has 16 addresses: an IPv4 /28, an IPv6 /124. It is partly used if one of them is not free,
    /// or named beside a count; what lies outside of a smaller subnet is not free. So whole blocks stay
    /// whole for as long as can be.
    Dense,
    /// The first of each whole block first, lowest block first; then the lowest
    ///
    /// The opposite of [`Dense`](Self::Dense): addresses lie as far apart as can be.
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
