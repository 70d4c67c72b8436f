//! How often and since when differences were seen

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::mem;
use core::net::IpAddr;

use super::Difference;
use crate::id::{InterfaceId, Revision, Timestamp};
use crate::space::list::AddrList;

/// When a difference counts: once it was seen often enough or long enough; with neither limit, at once
///
/// A hold counts once each of its unseen addresses has been missing often enough or long enough.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct Debounce {
    /// Seen in this many consecutive rounds, including this one
    pub times: Option<u32>,
    /// Or first seen this many milliseconds ago, and in every round since
    pub millis: Option<u64>,
}

impl Debounce {
    /// At once
    pub const NONE: Self = Self { times: None, millis: None };

    /// Once it was seen in this many consecutive rounds
    pub const fn times(times: u32) -> Self {
        Self { times: Some(times), millis: None }
    }

    /// Once it was first seen this many milliseconds ago
    pub const fn millis(millis: u64) -> Self {
        Self { times: None, millis: Some(millis) }
    }

    /// Or once it was first seen this many milliseconds ago
    #[must_use]
    pub const fn or_millis(mut self, millis: u64) -> Self {
        self.millis = Some(millis);
        self
    }
}

/// The differences seen so far, each with since when and how often; the caller keeps them from round to round
///
/// Keep one for each scope, as a round forgets what it does not find. To lose it costs no more than time, as
/// everything is seen for the first time again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Sightings {
    /// By rising key
    entries: Vec<(Key, Sighting)>,
}

/// What identifies a difference from round to round; neither the quarantine of its address nor the role in which it
/// is seen
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct Key {
    kind: Kind,
    address: Option<IpAddr>,
    interface: Option<InterfaceId>,
    /// Of an assignment or hold, which one it is
    generation: Option<Revision>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
enum Kind {
    Missing,
    Foreign,
    WrongOwner,
    WrongRole,
    HoldSeen,
    Stranger,
    Doubled,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct Sighting {
    since: Timestamp,
    times: u32,
}

impl Sightings {
    /// Nothing was seen yet
    pub const fn new() -> Self {
        Self { entries: Vec::new() }
    }

    /// How many differences are seen at present; each unseen address or prefix of a hold counts as one
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether no difference is seen at present
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Takes note of the differences of a round; those that are no more are forgotten
    pub(super) fn note(&mut self, now: Timestamp, differences: &[Difference]) {
        let before: BTreeMap<Key, Sighting> = mem::take(&mut self.entries).into_iter().collect();
        let after: BTreeMap<Key, Sighting> = differences
            .iter()
            .flat_map(Key::all_of)
            .map(|key| {
                let first = Sighting { since: now, times: 0 };
                let Sighting { since, times } = before.get(&key).copied().unwrap_or(first);
                (key, Sighting { since, times: times.saturating_add(1) })
            })
            .collect();
        self.entries = after.into_iter().collect();
    }

    /// Whether a difference of this round counts
    pub(super) fn counts(&self, now: Timestamp, of: &Difference, debounce: Debounce) -> bool {
        let Debounce { times, millis } = debounce;
        Key::all_of(of).all(|key| {
            let found = self.entries.binary_search_by_key(&key, |&(key, _)| key).ok();
            let Some((_, seen)) = found.and_then(|at| self.entries.get(at)) else { return false };
            (times.is_none() && millis.is_none())
                || times.is_some_and(|times| seen.times >= times)
                || millis.is_some_and(|millis| seen.since.after(millis) <= now)
        })
    }
}

impl Key {
    /// That of a difference; of a hold, one of each address or prefix that was not seen
    ///
    /// They are what the hold loses, whichever of the others were seen. So each of them is debounced by itself,
    /// like an address that is missing.
    fn all_of(difference: &Difference) -> impl Iterator<Item = Self> + '_ {
        let unseen = match difference {
            Difference::HoldSeen { unseen, .. } => unseen,
            _ => AddrList::none(),
        };
        let singles = unseen.singles().flat_map(|run| run.iter());
        let prefixes = unseen.prefixes().map(|prefix| prefix.network());
        let key = Self::of(difference);
        let own = unseen.is_empty().then_some(key.address);
        let addresses = singles.chain(prefixes).map(Some).chain(own);
        addresses.map(move |address| Self { address, ..key })
    }

    fn of(difference: &Difference) -> Self {
        let address = difference.address();
        let (kind, interface, generation) = match *difference {
            Difference::Missing { interface, generation, .. } => {
                (Kind::Missing, Some(interface), Some(generation))
            }
            Difference::Foreign { interface, .. } => (Kind::Foreign, Some(interface), None),
            Difference::WrongOwner { seen, generation, .. } => {
                (Kind::WrongOwner, Some(seen), Some(generation))
            }
            Difference::WrongRole { interface, .. } => (Kind::WrongRole, Some(interface), None),
            Difference::HoldSeen { interface, task, .. } => {
                (Kind::HoldSeen, Some(interface), Some(task.revision))
            }
            Difference::Stranger { interface, .. } => (Kind::Stranger, Some(interface), None),
            Difference::Doubled { .. } => (Kind::Doubled, None, None),
        };
        Self { kind, address, interface, generation }
    }
}
