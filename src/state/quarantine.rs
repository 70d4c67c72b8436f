//! The addresses of one block in quarantine, in the order in which they become free

use triomphe::Arc;

use super::index::{AnyRest, Ix};
use super::name::Name;
use super::owners::List;
use super::pages::Pages;
use crate::id::{InterfaceId, Reason, Timestamp};
use crate::shared::tree::Tree;

/// Addresses released together, of one block: their nodes are on one list, as an interface's are
#[derive(Clone, Debug)]
pub(crate) struct Rest {
    /// When they are free
    pub(crate) until: Timestamp,
    /// How many rests the engine had made before: orders those that end together
    pub(crate) serial: u64,
    /// Who had them last; by name, which outlives the interface
    pub(crate) by: Name<InterfaceId>,
    pub(crate) reason: Option<Arc<Reason>>,
    /// In the order of their release
    pub(crate) list: List,
}

/// Every rest of a block
// INVARIANT: `order` has the number of every record, by its end and serial; no record's list is empty;
// `count` is the sum of their lengths.
#[derive(Clone, Debug)]
pub(crate) struct Rests {
    records: Pages<Rest>,
    order: Tree<(Timestamp, u64), u32>,
    count: u32,
}

impl Rests {
    pub(super) const fn new() -> Self {
        Self { records: Pages::new(), order: Tree::new(), count: 0 }
    }

    /// Addresses that rest
    pub(crate) const fn count(&self) -> u32 {
        self.count
    }

    /// When the first of them are free
    pub(crate) fn first_end(&self) -> Option<Timestamp> {
        self.order.first().map(|((until, _), _)| until)
    }

    /// When the last of them are free
    pub(crate) fn last_end(&self) -> Option<Timestamp> {
        let last = (Timestamp::from_millis(u64::MAX), u64::MAX);
        self.order.below_or_at(&last).map(|((until, _), _)| until)
    }

    pub(crate) fn get(&self, ix: Ix<AnyRest>) -> Option<&Rest> {
        self.records.get(ix.number())
    }

    /// Every rest, the one that ends first at first
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Ix<AnyRest>, &Rest)> {
        self.after(None)
    }

    /// Every rest after one of them, or every rest
    pub(crate) fn after(
        &self,
        ix: Option<Ix<AnyRest>>,
    ) -> impl Iterator<Item = (Ix<AnyRest>, &Rest)> {
        let past = ix.and_then(|ix| self.get(ix)).map(|rest| (rest.until, rest.serial));
        let rests = past.map_or_else(|| self.order.iter(), |past| self.order.after(&past));
        rests.filter_map(|(_, &number)| Some((Ix::from_number(number), self.records.get(number)?)))
    }

    /// Begins a rest, of nothing yet; it must be given something
    pub(super) fn begin(&mut self, rest: Rest) -> Ix<AnyRest> {
        let key = (rest.until, rest.serial);
        let number = self.records.insert(rest);
        self.order.insert(key, number);
        Ix::from_number(number)
    }

    /// Changes what is on a rest's list; the rest is over when there is nothing on it
    pub(super) fn with_list(&mut self, ix: Ix<AnyRest>, change: impl FnOnce(&mut List)) {
        let Some(rest) = self.records.get_mut(ix.number()) else { return };
        let before = rest.list.count();
        change(&mut rest.list);
        let (key, after) = ((rest.until, rest.serial), rest.list.count());
        self.count = self.count.saturating_sub(before).saturating_add(after);
        if after == 0 {
            self.order.remove(&key);
            self.records.remove(ix.number());
        }
    }

    /// Takes out the first rest that ends at or before `at`
    pub(super) fn pop(&mut self, at: Timestamp) -> Option<Rest> {
        self.first_end().filter(|&end| end <= at)?;
        let (_, number) = self.order.pop_first()?;
        let rest = self.records.remove(number)?;
        self.count = self.count.saturating_sub(rest.list.count());
        Some(rest)
    }

    /// What is wrong with the rests, but for their lists, if anything
    pub(crate) fn corruption(&self) -> Option<&'static str> {
        if let Some(what) = self.records.corruption().or_else(|| self.order.corruption()) {
            return Some(what);
        }
        let ordered = |(key, &number): ((Timestamp, u64), &u32)| {
            self.records.get(number).is_some_and(|rest| (rest.until, rest.serial) == key)
        };
        if self.order.len() != self.records.len() || !self.order.iter().all(ordered) {
            return Some("a rest is not where its end puts it");
        }
        let counts = || self.records.iter().map(|(_, rest)| rest.list.count());
        let counted = counts().fold(0u32, u32::saturating_add);
        if counts().any(|count| count == 0) || counted != self.count {
            return Some("a block counts what rests wrongly");
        }
        None
    }
}
