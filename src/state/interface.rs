//! One interface: its state, its quota, and where its addresses are

use core::net::IpAddr;

use smallvec::SmallVec;

use super::owners::List;
use super::subnet::Subnet;
use super::table::Ix;
use crate::rules::QuotaRule;
use crate::space::address::{Family, PerFamily};
use crate::space::range::AddrRange;
use crate::status::Status;

/// An interface
// INVARIANT: `held` is the sum of the holdings' counts, by family; a primary is among them.
#[derive(Clone, Debug)]
pub(crate) struct Interface {
    pub(crate) home: Ix<Subnet>,
    pub(crate) status: Status,
    pub(crate) quota: Option<u32>,
    pub(crate) primary: PerFamily<Option<IpAddr>>,
    /// Addresses of each family, the primary included
    pub(crate) held: PerFamily<u64>,
    /// Sorted by subnet index and family
    holdings: SmallVec<[Holding; 1]>,
}

/// What an interface has in one subnet family
#[derive(Clone, Copy, Debug)]
pub(crate) struct Holding {
    pub(crate) subnet: Ix<Subnet>,
    pub(crate) family: Family,
    pub(crate) list: List,
}

impl Interface {
    pub(crate) fn new(home: Ix<Subnet>, status: Status, quota: Option<u32>) -> Self {
        Self {
            home,
            status,
            quota,
            primary: PerFamily::default(),
            held: PerFamily::default(),
            holdings: SmallVec::new(),
        }
    }

    /// What it has, by subnet family, in no order that may be observed
    pub(crate) fn holdings(&self) -> &[Holding] {
        &self.holdings
    }

    /// Its list in a subnet family
    pub(crate) fn list(&self, subnet: Ix<Subnet>, family: Family) -> Option<List> {
        let at = self.place(subnet, family).ok()?;
        self.holdings.get(at).map(|held| held.list)
    }

    /// Its list in a subnet family, made if there is none
    pub(crate) fn list_mut(&mut self, subnet: Ix<Subnet>, family: Family) -> Option<&mut List> {
        let at = self.place(subnet, family).unwrap_or_else(|at| {
            self.holdings.insert(at, Holding { subnet, family, list: List::EMPTY });
            at
        });
        self.holdings.get_mut(at).map(|held| &mut held.list)
    }

    /// Forgets the list in a subnet family, if nothing is on it
    pub(crate) fn drop_list_if_empty(&mut self, subnet: Ix<Subnet>, family: Family) {
        if let Ok(at) = self.place(subnet, family) {
            if self.holdings.get(at).is_some_and(|held| held.list.count() == 0) {
                self.holdings.remove(at);
            }
        }
    }

    fn place(&self, subnet: Ix<Subnet>, family: Family) -> Result<usize, usize> {
        self.holdings.binary_search_by_key(&(subnet, family), |held| (held.subnet, held.family))
    }

    /// Counts addresses of one family as its own
    pub(crate) fn gain(&mut self, range: AddrRange) {
        let count = u64::try_from(range.count()).unwrap_or(u64::MAX);
        let held = self.held.get_mut(range.family());
        *held = held.saturating_add(count);
    }

    /// Counts addresses of one family as its own no more; a primary among them is none
    pub(crate) fn lose(&mut self, range: AddrRange) {
        let count = u64::try_from(range.count()).unwrap_or(u64::MAX);
        let held = self.held.get_mut(range.family());
        *held = held.saturating_sub(count);
        let primary = self.primary.get_mut(range.family());
        *primary = primary.filter(|&address| !range.contains(address));
    }

    /// Slots that it takes of the quota that an address of `family` would count against
    pub(crate) fn slots(&self, family: Family, rule: QuotaRule) -> u64 {
        let counted = |family| {
            let primary = self.primary.get(family).is_some() && !rule.counts_primary;
            self.held.get(family).saturating_sub(primary.into())
        };
        if rule.per_family {
            counted(family)
        } else {
            counted(Family::V4).saturating_add(counted(Family::V6))
        }
    }
}
