//! A compact list of addresses in any order

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use core::slice;

use ipnet::IpNet;

use super::address::{Family, PerFamily, Span, address_of};
use super::parts::Part;
use super::range::{AddrRange, Ends, Wide};
use super::runs::Runs;
use super::scattered::{self, Scattered};

/// A compact list of addresses and prefixes, in any order
///
/// A thousand neighbours cost as much as one address; scattered ones that were chosen together 16 bytes
/// for every 64 neighbours that have any; others 8 bytes a run (IPv4) or 32 (IPv6). A list may have
/// prefixes among the addresses ([`Part`]), and then costs 48 bytes a part.
///
/// ```
/// use ipam_core::AddrList;
///
/// let list: AddrList = ["10.0.0.9".parse()?, "10.0.0.3".parse()?, "10.0.0.4".parse()?]
///     .into_iter()
///     .collect();
/// assert_eq!(list.to_string(), "10.0.0.9,10.0.0.3-10.0.0.4");
/// assert_eq!(list.count(), 3);
/// # Ok::<(), std::net::AddrParseError>(())
/// ```
#[derive(Clone, Default)]
pub struct AddrList {
    form: Form,
}

/// How a list is kept
// INVARIANT: no run starts at the address after the last one of the run before it; so equal orders of
// addresses have equal runs, whatever their form.
#[derive(Clone, Default)]
enum Form {
    #[default]
    Empty,
    Run(AddrRange),
    /// Ascending, scattered
    Scattered(Box<Offsets>),
    V4(Vec<[u32; 2]>),
    V6(Vec<[Wide; 2]>),
    /// Of both families
    Mixed(Vec<AddrRange>),
    /// With a prefix among them, or several
    Parts(Vec<Part>),
}

/// Ascending addresses of one family, as offsets from one of them
#[derive(Clone)]
pub(crate) struct Offsets {
    pub(crate) family: Family,
    /// Bits of the address with offset 0
    pub(crate) base: u128,
    pub(crate) offsets: Scattered,
}

impl Offsets {
    /// The offsets from another address, if both addresses begin a word, or it is the same
    pub(crate) fn offsets_from(&self, base: u128) -> Option<Cow<'_, Scattered>> {
        if self.base == base {
            return Some(Cow::Borrowed(&self.offsets));
        }
        let first = |base: u128| i128::try_from(base / 64).ok().filter(|_| base % 64 == 0);
        let by = first(self.base)?.checked_sub(first(base)?)?;
        let mut offsets = Scattered::with_room(self.offsets.words());
        for (word, bits) in self.offsets.iter() {
            offsets.push(u32::try_from(by.checked_add(word.into())?).ok()?, bits);
        }
        Some(Cow::Owned(offsets))
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "IPv4 bits are below 2^32 by construction")]
    fn range(&self, [first, last]: [u64; 2]) -> AddrRange {
        let base = self.base;
        AddrRange::of(match self.family {
            Family::V4 => {
                let bits = |offset: u64| (base as u32).wrapping_add(offset as u32);
                Ends::V4([bits(first), bits(last)])
            }
            Family::V6 => {
                let bits = |offset: u64| Wide::new(base.wrapping_add(offset.into()));
                Ends::V6([bits(first), bits(last)])
            }
        })
    }
}

impl AddrList {
    /// An empty list
    pub const fn new() -> Self {
        Self { form: Form::Empty }
    }

    /// An empty list with room for so many runs of a family, or of both
    pub(crate) fn with_room(family: Option<Family>, runs: usize) -> Self {
        Self {
            form: match family {
                Some(Family::V4) => Form::V4(Vec::with_capacity(runs)),
                Some(Family::V6) => Form::V6(Vec::with_capacity(runs)),
                None => Form::Mixed(Vec::with_capacity(runs)),
            },
        }
    }

    /// An empty list with room for so many parts, one of which is a prefix
    pub(super) fn with_parts(count: usize) -> Self {
        Self { form: Form::Parts(Vec::with_capacity(count)) }
    }

    /// The empty list
    pub(crate) fn none() -> &'static Self {
        static NONE: AddrList = AddrList::new();
        &NONE
    }

    /// The addresses at `offsets` from the one whose bits are `base`
    pub(crate) fn scattered(family: Family, base: u128, offsets: Scattered) -> Self {
        let offsets = Offsets { family, base, offsets };
        Self { form: Form::Scattered(Box::new(offsets)) }
    }

    /// The run, if the list is just one
    #[inline]
    pub(crate) const fn as_run(&self) -> Option<AddrRange> {
        match self.form {
            Form::Run(run) => Some(run),
            _ => None,
        }
    }

    /// What was chosen together and is scattered, if the list is just that
    pub(crate) fn as_scattered(&self) -> Option<&Offsets> {
        match &self.form {
            Form::Scattered(scattered) => Some(scattered),
            _ => None,
        }
    }

    /// Appends the addresses of `range`, ascending
    pub fn push(&mut self, range: AddrRange) {
        match (&mut self.form, range.ends()) {
            (Form::Empty, _) => self.form = Form::Run(range),
            (Form::V4(runs), Ends::V4([first, last])) => match runs.last_mut() {
                Some([_, end]) if end.checked_add(1) == Some(first) => *end = last,
                _ => runs.push([first, last]),
            },
            (Form::V6(runs), Ends::V6([first, last])) => match runs.last_mut() {
                Some([_, end]) if end.bits().checked_add(1) == Some(first.bits()) => *end = last,
                _ => runs.push([first, last]),
            },
            (Form::Mixed(runs), _) => match runs.last_mut() {
                Some(run) if touch(*run, range) => *run = joined(*run, range),
                _ => runs.push(range),
            },
            (Form::Parts(parts), _) => match parts.last_mut() {
                Some(Part::Addresses(run)) if touch(*run, range) => *run = joined(*run, range),
                _ => parts.push(Part::Addresses(range)),
            },
            (Form::Run(run), _) if touch(*run, range) => *run = joined(*run, range),
            (Form::Run(_) | Form::Scattered(_) | Form::V4(_) | Form::V6(_), _) => {
                self.push_apart(range)
            }
        }
    }

    /// Appends a prefix, ignoring its host bits
    pub fn push_prefix(&mut self, prefix: IpNet) {
        let prefix = Part::Prefix(prefix.trunc());
        match &mut self.form {
            Form::Parts(parts) => parts.push(prefix),
            // Most have but one: room for more is made once they do.
            Form::Empty => self.form = Form::Parts(vec![prefix]),
            _ => self.form = Form::Parts(self.parts().chain([prefix]).collect()),
        }
    }

    /// A list of these parts, in order
    pub fn from_parts(parts: impl IntoIterator<Item = Part>) -> Self {
        let mut list = Self::new();
        list.extend(parts);
        list
    }

    /// Appends a part
    pub fn push_part(&mut self, part: Part) {
        match part {
            Part::Addresses(range) => self.push(range),
            Part::Prefix(prefix) => self.push_prefix(prefix),
        }
    }

    /// Adds what the form at hand has no place for
    #[cold]
    fn push_apart(&mut self, range: AddrRange) {
        let alike = self.ranges().all(|run| run.family() == range.family());
        let mut form = match range.family() {
            _ if !alike => Form::Mixed(Vec::new()),
            Family::V4 => Form::V4(Vec::new()),
            Family::V6 => Form::V6(Vec::new()),
        };
        core::mem::swap(&mut self.form, &mut form);
        let before = Self { form };
        self.extend(before.ranges().chain([range]));
    }

    /// Appends the addresses of `other`
    pub(crate) fn append(&mut self, other: &Self) {
        if self.is_empty() {
            self.clone_from(other);
        } else if other.has_prefixes() {
            self.extend(other.parts());
        } else {
            self.extend(other.ranges());
        }
    }

    /// Its parts, in order: runs of single addresses, and prefixes
    pub fn parts(&self) -> impl Iterator<Item = Part> + Clone + '_ {
        let (parts, runs) = match &self.form {
            Form::Parts(parts) => (parts.as_slice(), Ranges::Run(None)),
            _ => (&[][..], self.runs()),
        };
        runs.map(Part::Addresses).chain(parts.iter().copied())
    }

    /// The prefixes, in order
    pub fn prefixes(&self) -> impl Iterator<Item = IpNet> + Clone + '_ {
        let parts = if let Form::Parts(parts) = &self.form { parts.as_slice() } else { &[] };
        parts.iter().filter_map(|part| match part {
            Part::Prefix(prefix) => Some(*prefix),
            Part::Addresses(_) => None,
        })
    }

    /// The runs of single addresses, in order
    pub fn singles(&self) -> impl Iterator<Item = AddrRange> + Clone + '_ {
        self.parts().filter_map(|part| match part {
            Part::Addresses(range) => Some(range),
            Part::Prefix(_) => None,
        })
    }

    /// Whether the list has a prefix
    #[inline]
    pub(crate) const fn has_prefixes(&self) -> bool {
        matches!(self.form, Form::Parts(_))
    }

    /// How many single addresses and prefixes it has, counting a prefix as one; 2^128 saturates
    pub fn slots(&self) -> u128 {
        match &self.form {
            Form::Parts(parts) => {
                parts.iter().fold(0, |sum: u128, part| sum.saturating_add(part.slots()))
            }
            _ => self.count(),
        }
    }

    /// The ranges, in order: runs of single addresses, and those of prefixes
    #[inline]
    pub fn ranges(&self) -> impl Iterator<Item = AddrRange> + Clone + '_ {
        self.runs()
    }

    #[inline]
    fn runs(&self) -> Ranges<'_> {
        match &self.form {
            Form::Empty => Ranges::Run(None),
            Form::Run(run) => Ranges::Run(Some(*run)),
            Form::Scattered(scattered) => Ranges::Scattered(scattered, scattered.offsets.runs()),
            Form::V4(runs) => Ranges::V4(runs.iter()),
            Form::V6(runs) => Ranges::V6(runs.iter()),
            Form::Mixed(runs) => Ranges::Mixed(runs.iter()),
            Form::Parts(parts) => Ranges::Parts(parts.iter()),
        }
    }

    /// The addresses, in order, including those of prefixes; [`parts`](Self::parts) tells them apart
    #[inline]
    pub fn iter(&self) -> impl Iterator<Item = IpAddr> + '_ {
        Addresses { runs: self.runs(), family: Family::V4, rest: None }
    }

    /// How many addresses it has, including those of prefixes; 2^128 saturates
    pub fn count(&self) -> u128 {
        match &self.form {
            Form::Run(run) => run.count(),
            Form::Scattered(scattered) => scattered.offsets.count(),
            _ => self.ranges().fold(0, |sum, run| sum.saturating_add(run.count())),
        }
    }

    /// How many runs it has, counting a prefix as one
    pub(crate) fn run_count(&self) -> usize {
        match &self.form {
            Form::Empty => 0,
            Form::Run(_) => 1,
            Form::Scattered(scattered) => scattered.offsets.run_count(),
            Form::V4(runs) => runs.len(),
            Form::V6(runs) => runs.len(),
            Form::Mixed(runs) => runs.len(),
            Form::Parts(parts) => parts.len(),
        }
    }

    /// The family of all addresses, if there are any and they have the same
    pub(crate) fn family(&self) -> Option<Family> {
        match &self.form {
            Form::Empty => None,
            Form::Run(run) => Some(run.family()),
            Form::Scattered(scattered) => Some(scattered.family),
            Form::V4(_) => Some(Family::V4),
            Form::V6(_) => Some(Family::V6),
            Form::Mixed(runs) => {
                let family = runs.first()?.family();
                runs.iter().all(|run| run.family() == family).then_some(family)
            }
            Form::Parts(parts) => {
                let family = parts.first()?.range().family();
                parts.iter().all(|part| part.range().family() == family).then_some(family)
            }
        }
    }

    /// The addresses and prefixes of one family, in this list's order
    pub(crate) fn of_family(&self, family: Family) -> Self {
        if self.family() == Some(family) {
            return self.clone();
        }
        let mut part = Self::new();
        part.extend(self.parts().filter(|part| part.range().family() == family));
        part
    }

    /// Those that `other` has too, and those that it has not, each in this list's order; of prefixes, those
    /// that it has as they are
    pub(crate) fn split_by(&self, other: &Self) -> [Self; 2] {
        Members::of(other).split(self)
    }

    /// Whether the list is empty
    pub const fn is_empty(&self) -> bool {
        matches!(self.form, Form::Empty)
    }
}

/// What a list has, to be looked for often
pub(crate) struct Members {
    singles: PerFamily<Runs<()>>,
    prefixes: BTreeSet<IpNet>,
}

impl Members {
    pub(crate) fn of(list: &AddrList) -> Self {
        let mut singles = PerFamily::<Runs<()>>::default();
        for range in list.singles() {
            singles.get_mut(range.family()).insert(range.span(), ());
        }
        Self { singles, prefixes: list.prefixes().collect() }
    }

    /// What of a list is among these, and what is not, each in the list's order; of prefixes, those that are here as
    /// they are
    pub(crate) fn split(&self, list: &AddrList) -> [AddrList; 2] {
        let mut parts = [AddrList::new(), AddrList::new()];
        let [shared, alone] = &mut parts;
        for part in list.parts() {
            let range = match part {
                Part::Addresses(range) => range,
                Part::Prefix(prefix) if self.prefixes.contains(&prefix) => {
                    shared.push_prefix(prefix);
                    continue;
                }
                Part::Prefix(prefix) => {
                    alone.push_prefix(prefix);
                    continue;
                }
            };
            let (family, span) = (range.family(), range.span());
            let mut first = Some(span.first);
            for (run, ()) in self.singles.get(family).within(span) {
                let below = run.first.checked_sub(1).and_then(|last| Span::new(first?, last));
                alone.extend(below.map(|below| AddrRange::of_span(family, below)));
                shared.push(AddrRange::of_span(family, run));
                first = run.last.checked_add(1);
            }
            let rest = first.and_then(|first| Span::new(first, span.last));
            alone.extend(rest.map(|rest| AddrRange::of_span(family, rest)));
        }
        parts
    }
}

/// Whether `next` starts at the address after the last one of `run`
pub(crate) fn touch(run: AddrRange, next: AddrRange) -> bool {
    run.family() == next.family() && run.span().last.checked_add(1) == Some(next.span().first)
}

/// Two ranges that touch as one
fn joined(run: AddrRange, next: AddrRange) -> AddrRange {
    AddrRange::of_span(run.family(), Span { first: run.span().first, last: next.span().last })
}

/// The runs of a list
#[derive(Clone)]
enum Ranges<'a> {
    Run(Option<AddrRange>),
    Scattered(&'a Offsets, scattered::Runs<'a>),
    V4(slice::Iter<'a, [u32; 2]>),
    V6(slice::Iter<'a, [Wide; 2]>),
    Mixed(slice::Iter<'a, AddrRange>),
    Parts(slice::Iter<'a, Part>),
}

impl Iterator for Ranges<'_> {
    type Item = AddrRange;

    #[inline]
    fn next(&mut self) -> Option<AddrRange> {
        match self {
            Self::Run(run) => run.take(),
            Self::Scattered(scattered, runs) => runs.next_ends().map(|run| scattered.range(run)),
            Self::V4(runs) => runs.next().map(|&ends| AddrRange::of(Ends::V4(ends))),
            Self::V6(runs) => runs.next().map(|&ends| AddrRange::of(Ends::V6(ends))),
            Self::Mixed(runs) => runs.next().copied(),
            Self::Parts(parts) => parts.next().map(Part::range),
        }
    }

    /// One loop a form
    #[inline]
    fn fold<B, F: FnMut(B, AddrRange) -> B>(self, init: B, mut f: F) -> B {
        match self {
            Self::Run(run) => run.into_iter().fold(init, f),
            Self::Scattered(scattered, mut runs) => {
                let mut sum = init;
                while let Some(run) = runs.next_ends() {
                    sum = f(sum, scattered.range(run));
                }
                sum
            }
            Self::V4(runs) => runs.fold(init, |sum, &ends| f(sum, AddrRange::of(Ends::V4(ends)))),
            Self::V6(runs) => runs.fold(init, |sum, &ends| f(sum, AddrRange::of(Ends::V6(ends)))),
            Self::Mixed(runs) => runs.copied().fold(init, f),
            Self::Parts(parts) => parts.map(Part::range).fold(init, f),
        }
    }
}

/// The addresses of a list
struct Addresses<'a> {
    runs: Ranges<'a>,
    family: Family,
    /// Of the run at hand: how many to come, less 1, and the first of them
    rest: Option<(u128, u128)>,
}

impl Iterator for Addresses<'_> {
    type Item = IpAddr;

    #[inline]
    fn next(&mut self) -> Option<IpAddr> {
        let (more, at) = match self.rest {
            Some(rest) => rest,
            None => {
                let run = self.runs.next()?;
                let Span { first, last } = run.span();
                self.family = run.family();
                (last.saturating_sub(first), first)
            }
        };
        // Of the last one of all addresses, the next is never asked for.
        self.rest = more.checked_sub(1).map(|more| (more, at.wrapping_add(1)));
        Some(address_of(self.family, at))
    }

    /// Whole runs at a time
    #[inline]
    fn fold<B, F: FnMut(B, IpAddr) -> B>(self, init: B, mut f: F) -> B {
        let rest = self.rest.map(|(more, at)| Span { first: at, last: at.saturating_add(more) });
        let rest = rest.map(|span| AddrRange::of_span(self.family, span));
        rest.into_iter().chain(self.runs).fold(init, |sum, run| match run.ends() {
            Ends::V4([first, last]) => {
                (first..=last).fold(sum, |sum, at| f(sum, Ipv4Addr::from_bits(at).into()))
            }
            Ends::V6([first, last]) => (first.bits()..=last.bits())
                .fold(sum, |sum, at| f(sum, Ipv6Addr::from_bits(at).into())),
        })
    }
}

impl PartialEq for AddrList {
    fn eq(&self, other: &Self) -> bool {
        match (&self.form, &other.form) {
            (Form::Parts(ours), Form::Parts(theirs)) => ours == theirs,
            (Form::Parts(_), _) | (_, Form::Parts(_)) => false,
            _ => self.ranges().eq(other.ranges()),
        }
    }
}

impl Eq for AddrList {}

impl Hash for AddrList {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match &self.form {
            Form::Parts(parts) => parts.hash(state),
            _ => self.ranges().for_each(|run| run.hash(state)),
        }
    }
}

impl From<AddrRange> for AddrList {
    fn from(range: AddrRange) -> Self {
        Self { form: Form::Run(range) }
    }
}

impl FromIterator<IpAddr> for AddrList {
    fn from_iter<T: IntoIterator<Item = IpAddr>>(addresses: T) -> Self {
        let mut list = Self::new();
        list.extend(addresses);
        list
    }
}

impl Extend<IpAddr> for AddrList {
    fn extend<T: IntoIterator<Item = IpAddr>>(&mut self, addresses: T) {
        self.extend(addresses.into_iter().map(AddrRange::one));
    }
}

impl Extend<AddrRange> for AddrList {
    fn extend<T: IntoIterator<Item = AddrRange>>(&mut self, ranges: T) {
        for range in ranges {
            self.push(range);
        }
    }
}

impl Extend<Part> for AddrList {
    fn extend<T: IntoIterator<Item = Part>>(&mut self, parts: T) {
        for part in parts {
            self.push_part(part);
        }
    }
}

impl fmt::Display for AddrList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, part) in self.parts().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(f, "{comma}{part}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for AddrList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{self}]")
    }
}

/// In readable formats a run is `{"first": .., "last": ..}` and a prefix `"10.0.0.16/28"`; in others each is
/// a [`Part`]
#[cfg(feature = "serde")]
mod serde_forms {
    use super::{AddrList, AddrRange, IpNet, Part};
    use alloc::vec::Vec;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    #[serde(untagged, expecting = "a range of addresses, or a prefix")]
    enum Readable {
        Addresses(AddrRange),
        Prefix(IpNet),
    }

    impl Serialize for AddrList {
        fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
            if !to.is_human_readable() {
                return to.collect_seq(self.parts());
            }
            to.collect_seq(self.parts().map(|part| match part {
                Part::Addresses(range) => Readable::Addresses(range),
                Part::Prefix(prefix) => Readable::Prefix(prefix),
            }))
        }
    }

    impl<'de> Deserialize<'de> for AddrList {
        fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
            if !from.is_human_readable() {
                return Ok(Self::from_parts(Vec::<Part>::deserialize(from)?));
            }
            let parts = Vec::<Readable>::deserialize(from)?.into_iter();
            Ok(Self::from_parts(parts.map(|part| match part {
                Readable::Addresses(range) => Part::Addresses(range),
                Readable::Prefix(prefix) => Part::Prefix(prefix),
            })))
        }
    }
}
