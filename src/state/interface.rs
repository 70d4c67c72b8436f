//! One interface: its state, its quota, and where its addresses are

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::holdings::{Holding, Holdings};
use super::index::{BlockKey, Ix};
use super::owners::List;
use crate::id::SubnetId;
use crate::rules::QuotaRule;
use crate::space::address::{Family, PerFamily};
use crate::space::list::AddrList;
use crate::space::range::AddrRange;
use crate::status::Status;

/// An interface, in 72 bytes: there may be millions
// INVARIANT: `count` is the sum of the holdings' counts, by family; a primary is among them.
#[derive(Clone, Debug)]
pub(crate) struct Interface {
    pub(crate) home: Ix<SubnetId>,
    /// The quota, if it is `limited`
    limit: u32,
    limited: bool,
    pub(crate) status: Status,
    primary_v4: Option<Ipv4Addr>,
    primary_v6: Option<Ipv6Addr>,
    /// What it has of each family, the primary included
    pub(crate) count: PerFamily<Count>,
    holdings: Holdings,
}

/// How much an interface has of one family: each costs 20 bytes and more, so there are fewer than 2^32
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count {
    /// Addresses and prefixes
    pub(crate) slots: u32,
    /// The prefixes among them
    pub(crate) prefixes: u32,
}

impl Count {
    /// What a list has that is known to have so many slots
    #[inline]
    pub(crate) fn with_slots(slots: u32, of: &AddrList) -> Self {
        let prefixes = if of.has_prefixes() { of.prefixes().count() } else { 0 };
        Self { slots, prefixes: u32::try_from(prefixes).unwrap_or(u32::MAX) }
    }

    /// Addresses by themselves
    pub(crate) const fn addresses(self) -> u32 {
        self.slots.saturating_sub(self.prefixes)
    }
}

impl Interface {
    pub(crate) fn new(home: Ix<SubnetId>, status: Status, quota: Option<u32>) -> Self {
        Self {
            home,
            limit: quota.unwrap_or_default(),
            limited: quota.is_some(),
            status,
            primary_v4: None,
            primary_v6: None,
            count: PerFamily::default(),
            holdings: Holdings::default(),
        }
    }

    pub(crate) fn quota(&self) -> Option<u32> {
        self.limited.then_some(self.limit)
    }

    pub(crate) fn set_quota(&mut self, quota: Option<u32>) {
        (self.limit, self.limited) = (quota.unwrap_or_default(), quota.is_some());
    }

    /// Its primary address of a family
    pub(crate) fn primary(&self, family: Family) -> Option<IpAddr> {
        match family {
            Family::V4 => self.primary_v4.map(IpAddr::V4),
            Family::V6 => self.primary_v6.map(IpAddr::V6),
        }
    }

    pub(crate) const fn set_primary(&mut self, address: IpAddr) {
        match address {
            IpAddr::V4(address) => self.primary_v4 = Some(address),
            IpAddr::V6(address) => self.primary_v6 = Some(address),
        }
    }

    /// What it has, by subnet family, in no order that may be observed
    pub(crate) fn holdings(&self) -> impl Iterator<Item = Holding> + '_ {
        self.holdings.iter()
    }

    /// Its list in a subnet family
    #[inline]
    pub(crate) fn list(&self, subnet: Ix<SubnetId>, family: Family) -> Option<List> {
        self.holdings.get(BlockKey::new(subnet, family))
    }

    /// Its list in a subnet family, made if there is none
    #[inline]
    pub(crate) fn list_mut(&mut self, subnet: Ix<SubnetId>, family: Family) -> Option<&mut List> {
        self.holdings.made(BlockKey::new(subnet, family))
    }

    /// Forgets the list in a subnet family: nothing is on it any more
    pub(crate) fn drop_list(&mut self, subnet: Ix<SubnetId>, family: Family) {
        self.holdings.remove(BlockKey::new(subnet, family));
    }

    /// Counts so much more of a family as its own
    #[inline]
    pub(crate) const fn gain(&mut self, family: Family, more: Count) {
        let had = self.count.get_mut(family);
        had.slots = had.slots.saturating_add(more.slots);
        had.prefixes = had.prefixes.saturating_add(more.prefixes);
    }

    /// Counts so much of a family as its own no more; a primary among `these` is none
    #[inline]
    pub(crate) fn lose(
        &mut self,
        family: Family,
        less: Count,
        these: impl IntoIterator<Item = AddrRange>,
    ) {
        let had = self.count.get_mut(family);
        had.slots = had.slots.saturating_sub(less.slots);
        had.prefixes = had.prefixes.saturating_sub(less.prefixes);
        let Some(primary) = self.primary(family) else { return };
        if these.into_iter().any(|range| range.contains(primary)) {
            match family {
                Family::V4 => self.primary_v4 = None,
                Family::V6 => self.primary_v6 = None,
            }
        }
    }

    /// Slots that it takes of the quota that an address of `family` would count against
    pub(crate) fn slots(&self, family: Family, rule: QuotaRule) -> u64 {
        let counted = |family| {
            let primary = self.primary(family).is_some() && !rule.counts_primary;
            u64::from(self.count.get(family).slots).saturating_sub(primary.into())
        };
        if rule.per_family {
            counted(family)
        } else {
            counted(Family::V4).saturating_add(counted(Family::V6))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{BlockKey, Holding, Holdings, Interface, Ix};
    use crate::id::InterfaceId;
    use crate::space::address::Family;
    use crate::state::name::Name;
    use crate::state::owners::List;

    #[test]
    fn an_interface_is_small() {
        assert_eq!((size_of::<Holding>(), size_of::<Holdings>()), (16, 24));
        assert_eq!(size_of::<Interface>(), 72);
        assert_eq!(size_of::<Option<(Name<InterfaceId>, Interface)>>(), 96);
    }

    #[test]
    fn a_key_is_a_subnet_and_a_family() {
        for number in [0, 1, 77, (1 << 31) - 1] {
            for family in Family::ALL {
                let place = BlockKey::new(Ix::from_number(number), family);
                let holding = Holding { place, list: List::EMPTY };
                assert_eq!((holding.subnet().number(), holding.family()), (number, family));
            }
        }
    }
}
