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

    /// Its list in a subnet family, made if there is none
    pub(crate) fn list_mut(&mut self, subnet: Ix<Subnet>, family: Family) -> Option<&mut List> {
        let of_family = |held: &Holding| held.subnet == subnet && held.family == family;
        if !self.holdings.iter().any(of_family) {
            self.holdings.push(Holding { subnet, family, list: List::EMPTY });
        }
        self.holdings.iter_mut().find(|held| of_family(held)).map(|held| &mut held.list)
    }

    /// Forgets the holdings that are empty
    pub(crate) fn drop_empty_lists(&mut self) {
        self.holdings.retain(|held| held.list.count() != 0);
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
