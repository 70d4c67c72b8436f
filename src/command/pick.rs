//! Which addresses and prefixes are asked for

use alloc::vec::Vec;
use core::fmt::{self, Display, Formatter};
use core::net::IpAddr;

use ipnet::IpNet;

use super::display::EVEN_AUTO_ONLY;
use crate::bytes::{encoded_choices, requests};
use crate::rules::Policy;
use crate::space::address::Family;
use crate::space::range::AddrRange;
use crate::text::{Few, Maybe, when};

/// Which addresses and prefixes to assign: by name, by count, or both
///
/// ```
/// use ipam_core::{Pick, Wanted};
/// use std::net::IpAddr;
///
/// let address: IpAddr = "10.0.0.9".parse()?;
/// let any = Pick::any(3);
/// let both = Pick::these([address]).and_any(2);
/// let primary = Pick::these([Wanted::primary(address)]);
/// # Ok::<(), std::net::AddrParseError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct Pick {
    /// Addresses asked for by name, in order; an empty list counts as absent
    pub list: Vec<Wanted>,
    /// How many more the engine chooses; at least 1 if given
    pub count: Option<u32>,
    /// The family of the chosen addresses; `None` is the family of `within`, else the subnet's only family, else IPv4
    pub family: Option<Family>,
    /// The range in which all of them must lie, both ends included; `None` is the whole subnet
    pub within: Option<AddrRange>,
    /// Whether named addresses and named prefixes may lie in auto-only ranges
    pub auto_only: bool,
    /// Prefixes to assign as well, in order
    pub prefixes: Vec<WantedPrefix>,
    /// The policy by which the engine chooses; `None` is the subnet's policy
    pub policy: Option<Policy>,
    /// Addresses that the engine chooses before any others, in order, if they may be chosen
    pub preferred: Vec<IpAddr>,
    /// Whether the chosen addresses must form one range without a gap
    pub contiguous: bool,
}

/// A request for prefixes: one by name, or a number that the engine chooses
///
/// They can be combined with a list and a count, whatever the profile says of those two. A prefix takes one slot of a
/// quota, whatever its length, and is released and moved as a whole. It may be as long as an address and as short as
/// its subnet, except that IPv6's /0 has too many addresses to count.
///
/// The engine chooses the best fit: the bottom of the smallest free block that has room, and the lowest of several
/// such blocks, so that larger blocks stay whole. Prefixes are chosen one after another.
///
/// Preferred addresses, a policy and [`contiguous`](Pick::contiguous) apply only to addresses. A request for prefixes
/// alone is refused if it says one of them ([`NoEffect`](crate::Error::NoEffect)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub enum WantedPrefix {
    /// This one, without host bits
    Named(IpNet),
    /// A number of prefixes of one length
    Any {
        /// Their length
        prefix_len: u8,
        /// How many, at least 1
        count: u32,
        /// Their family; `None` is the same as for chosen addresses
        #[cfg_attr(feature = "serde", serde(default))]
        family: Option<Family>,
    },
}

/// One address asked for by name
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Wanted {
    /// The address
    pub address: IpAddr,
    /// Whether it is to be the interface's primary of its family
    #[cfg_attr(feature = "serde", serde(default))]
    pub primary: bool,
}

impl Wanted {
    /// The address, as the interface's primary of its family
    pub fn primary(address: impl Into<IpAddr>) -> Self {
        Self { address: address.into(), primary: true }
    }
}

impl<A: Into<IpAddr>> From<A> for Wanted {
    fn from(address: A) -> Self {
        Self { address: address.into(), primary: false }
    }
}

impl Pick {
    /// Picks `count` addresses that the engine chooses; 0 is refused ([`ZeroCount`](crate::Error::ZeroCount))
    pub const fn any(count: u32) -> Self {
        Self {
            list: Vec::new(),
            count: Some(count),
            family: None,
            within: None,
            auto_only: false,
            prefixes: Vec::new(),
            policy: None,
            preferred: Vec::new(),
            contiguous: false,
        }
    }

    /// Picks `count` prefixes of this length that the engine chooses
    ///
    /// ```
    /// use ipam_core::Pick;
    ///
    /// let two = Pick::any_prefixes(28, 2);
    /// let more = Pick::any(1).and_prefixes(28, 2).and_prefix("10.0.0.64/26".parse()?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "Ipv4PrefixCount")]
    pub fn any_prefixes(prefix_len: u8, count: u32) -> Self {
        Self::default().and_prefixes(prefix_len, count)
    }

    /// Also picks `count` prefixes of this length that the engine chooses
    #[must_use]
    pub fn and_prefixes(mut self, prefix_len: u8, count: u32) -> Self {
        self.prefixes.push(WantedPrefix::Any { prefix_len, count, family: None });
        self
    }

    /// Also picks `count` prefixes of this length and family that the engine chooses
    #[must_use]
    pub fn and_prefixes_of(mut self, family: Family, prefix_len: u8, count: u32) -> Self {
        self.prefixes.push(WantedPrefix::Any { prefix_len, count, family: Some(family) });
        self
    }

    /// Also picks this prefix, by name
    #[must_use]
    pub fn and_prefix(mut self, prefix: IpNet) -> Self {
        self.prefixes.push(WantedPrefix::Named(prefix));
        self
    }

    /// Picks these addresses, by name
    pub fn these<W: Into<Wanted>>(list: impl IntoIterator<Item = W>) -> Self {
        Self { list: list.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    /// Also picks `count` more that the engine chooses
    #[must_use]
    pub const fn and_any(mut self, count: u32) -> Self {
        self.count = Some(count);
        self
    }

    /// Chooses addresses of this family
    #[must_use]
    pub const fn family(mut self, family: Family) -> Self {
        self.family = Some(family);
        self
    }

    /// Lets named addresses and prefixes lie in auto-only ranges
    /// ([`Reservation::AutoOnly`](crate::Reservation::AutoOnly))
    ///
    /// Without a list, a named prefix or a range it is refused ([`NoEffect`](crate::Error::NoEffect)).
    #[must_use]
    pub const fn even_auto_only(mut self) -> Self {
        self.auto_only = true;
        self
    }

    /// Chooses by this policy, instead of the subnet's
    ///
    /// The subnet's own policy is not affected: neither its cursor nor its count of draws moves.
    #[must_use]
    pub const fn by(mut self, policy: Policy) -> Self {
        self.policy = Some(policy);
        self
    }

    /// Chooses these addresses before any others, in order, up to the count
    ///
    /// An address that may not be chosen is skipped, and another takes its place. For a
    /// [contiguous](Self::contiguous) range, these are the addresses at which it may begin.
    #[must_use]
    pub fn preferring<A: Into<IpAddr>>(mut self, addresses: impl IntoIterator<Item = A>) -> Self {
        self.preferred.extend(addresses.into_iter().map(Into::into));
        self
    }

    /// Chooses one range without a gap, of any alignment
    ///
    /// The engine chooses the lowest range that is long enough, searching from where the policy starts and then again
    /// from the bottom; policies other than `Next` and `From` start at the bottom. Each address of the range is
    /// assigned by itself, counts against the quota, and may be released alone.
    #[must_use]
    pub const fn contiguous(mut self) -> Self {
        self.contiguous = true;
        self
    }

    /// Restricts everything that is picked to this range, both ends included
    #[must_use]
    pub const fn within(mut self, range: AddrRange) -> Self {
        self.within = Some(range);
        self
    }
}

impl Display for Pick {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", Which(self), Where(self))
    }
}

/// Where a pick chooses, and how
pub(super) struct Where<'p>(pub(super) &'p Pick);

impl Display for Where<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Pick { list: _, count: _, family: _, prefixes: _, within, auto_only, .. } = self.0;
        let Pick { policy, preferred, contiguous, .. } = self.0;
        write!(f, "{}", Maybe(" within ", *within))?;
        f.write_str(when(*auto_only, EVEN_AUTO_ONLY))?;
        write!(f, "{}", Maybe(", ", *policy))?;
        if !preferred.is_empty() {
            write!(f, ", preferring {}", Few(preferred.iter()))?;
        }
        f.write_str(when(*contiguous, ", without a gap"))
    }
}

/// The list, the count and the prefixes of a pick
pub(super) struct Which<'p>(pub(super) &'p Pick);

impl Display for Which<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Pick { list, count, family, prefixes, .. } = self.0;
        if !list.is_empty() || (count.is_none() && prefixes.is_empty()) {
            write!(f, "{}", Few(list.iter()))?;
        }
        if let Some(count) = count {
            let and = when(!list.is_empty(), " and ");
            write!(f, "{and}any {count}{}", Maybe(" ", *family))?;
        }
        if !prefixes.is_empty() {
            let and = when(!list.is_empty() || count.is_some(), " and ");
            write!(f, "{and}{}", Few(prefixes.iter()))?;
        }
        Ok(())
    }
}

impl Display for Wanted {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { address, primary } = self;
        write!(f, "{address}{}", when(*primary, " as primary"))
    }
}

impl Display for WantedPrefix {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(prefix) => prefix.fmt(f),
            Self::Any { prefix_len, count, family } => {
                write!(f, "any {count}{} /{prefix_len}", Maybe(" ", *family))
            }
        }
    }
}

requests! {
    Pick {
        1 list: maybe 2 count: maybe 3 family: maybe 4 within: maybe 5 auto_only: maybe 6 prefixes: maybe 7 policy: maybe 8 preferred: maybe
        9 contiguous: maybe
    }
    Wanted { 1 address 2 primary: maybe }
}

encoded_choices! {
    WantedPrefix {
        0 Named(prefix)
        1 Any { prefix_len count family }
    }
}
