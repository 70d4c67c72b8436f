//! What an assignment names, and whether it may be assigned

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::mem;

use ipnet::IpNet;

use crate::command::{Pick, Wanted, WantedPrefix};
use crate::engine::judge::availability::{AddressJudge, Availability, Requester};
use crate::engine::judge::draft::Draft;
use crate::engine::judge::prefixes;
use crate::engine::judge::target::Target;
use crate::error::{AddressFault, AddressFaults, Error};
use crate::event::{Change, Released};
use crate::id::InterfaceId;
use crate::rules::OwnAddress;
use crate::space::address::{Family, PerFamily};
use crate::space::list::AddrList;
use crate::space::range::AddrRange;
use crate::state::view::View;

/// What a request names that the interface does not have yet, and the slots that takes
#[derive(Default)]
pub(super) struct NewlyNamed {
    pub(super) new: PerFamily<AddrList>,
    /// The prefixes among it
    pub(super) prefixes: PerFamily<AddrList>,
    /// Prefixes that are to be chosen
    pub(super) chosen: u128,
    pub(super) count: u64,
    pub(super) slots: PerFamily<u64>,
    /// Those of them that are not free, if there are any
    pub(super) not_free: Option<Box<NotFree>>,
}

/// Addresses that may be assigned though they are not free
#[derive(Default)]
pub(super) struct NotFree {
    /// Those that rest
    pub(super) resting: PerFamily<AddrList>,
    /// Those that others have, by whom
    pub(super) others: BTreeMap<(InterfaceId, Family), AddrList>,
    pub(super) count: PerFamily<u128>,
}

impl Target<'_> {
    /// Notes what `pick` names, if every address of it may be assigned
    pub(super) fn judge_addresses(
        &self,
        view: &View<'_>,
        pick: &Pick,
        reassign: bool,
        named: &mut NewlyNamed,
    ) -> Result<(), Error> {
        if let Some(range) = pick.within {
            let block = self.subnet.block(range.family());
            if block.and_then(|block| block.offsets(range)).is_none() {
                return Err(Error::RangeOutside { subnet: self.subnet_id(), range });
            }
        }
        let own = self.home_profile.own_address == OwnAddress::Accept;
        let auto_only = pick.auto_only;
        let requester = Requester { id: self.id, ix: Some(self.ix), own, reassign, auto_only };
        let availability = AddressJudge::new(view, self.subnet_ix, self.subnet, pick.within);
        let mut faults = Vec::new();
        for (index, &Wanted { address, primary }) in pick.list.iter().enumerate() {
            match availability.judge(address, &requester) {
                Ok(Availability::Own) => {}
                Ok(availability) => {
                    let (family, one) = (Family::of(address), AddrRange::one(address));
                    if !matches!(availability, Availability::Free) {
                        named.note_apart(view, availability, one);
                    }
                    named.new.get_mut(family).push(one);
                    named.count = named.count.saturating_add(1);
                    let slot = !primary || self.home_profile.quota.counts_primary;
                    let slots = named.slots.get_mut(family);
                    *slots = slots.saturating_add(slot.into());
                }
                Err(cause) => faults.push(AddressFault { index, address, cause }),
            }
        }
        if !pick.prefixes.is_empty() {
            let usual = pick.family.or(pick.within.map(|range| range.family()));
            let usual = usual.unwrap_or_else(|| self.subnet.default_family());
            for (index, wanted) in pick.prefixes.iter().enumerate() {
                let slots = named.slots.get_mut(prefixes::family_of(wanted, usual));
                let prefix = match *wanted {
                    WantedPrefix::Any { count, .. } => {
                        *slots = slots.saturating_add(count.into());
                        named.chosen = named.chosen.saturating_add(count.into());
                        continue;
                    }
                    WantedPrefix::Named(prefix) => prefix,
                };
                match availability.judge_prefix(prefix, &requester) {
                    Ok((Availability::Own, _)) => {}
                    Ok((availability, occupied)) => {
                        *slots = slots.saturating_add(1);
                        named.note_prefix(view, availability, occupied, prefix);
                    }
                    Err((address, cause)) => {
                        let index = pick.list.len().saturating_add(index);
                        faults.push(AddressFault { index, address, cause });
                    }
                }
            }
        }
        AddressFaults::collect(faults)
    }
}

impl NewlyNamed {
    /// Takes what others have from them
    pub(super) fn release_others(&mut self, target: &Target<'_>, draft: &mut Draft<'_>) {
        let Some(not_free) = &mut self.not_free else { return };
        for ((interface, _), addresses) in mem::take(&mut not_free.others) {
            draft.push(Change::Released(Released {
                interface,
                subnet: target.subnet_id(),
                addresses,
            }));
        }
    }

    /// Notes a prefix, which may not be free
    #[cold]
    fn note_prefix(
        &mut self,
        view: &View<'_>,
        availability: Availability,
        occupied: u128,
        prefix: IpNet,
    ) {
        let family = Family::of(prefix.addr());
        self.prefixes.get_mut(family).push_prefix(prefix);
        self.count = self.count.saturating_add(1);
        if let Availability::Free = availability {
            return;
        }
        let not_free = self.not_free.get_or_insert_default();
        let count = not_free.count.get_mut(family);
        *count = count.saturating_add(occupied);
        match availability {
            Availability::Resting => not_free.resting.get_mut(family).push_prefix(prefix),
            Availability::Others(ix) => {
                let Some(by) = view.interface_id(ix) else { return };
                not_free.others.entry((by, family)).or_default().push_prefix(prefix);
            }
            Availability::Free | Availability::AutoOnly | Availability::Own => {}
        }
    }

    /// Adds the prefixes of a family, new and in the order asked for
    #[cold]
    pub(super) fn append_prefixes(
        &self,
        pick: &Pick,
        family: Family,
        usual: Family,
        found: &[AddrList],
        to: &mut AddrList,
    ) {
        let mut new = self.prefixes.get(family).prefixes().peekable();
        for (wanted, found) in pick.prefixes.iter().zip(found) {
            match wanted {
                _ if prefixes::family_of(wanted, usual) != family => {}
                WantedPrefix::Named(prefix) => {
                    if new.next_if_eq(prefix).is_some() {
                        to.push_prefix(*prefix);
                    }
                }
                WantedPrefix::Any { .. } => to.append(found),
            }
        }
    }

    /// Notes an address that is not free
    #[cold]
    fn note_apart(&mut self, view: &View<'_>, availability: Availability, one: AddrRange) {
        let (not_free, family) = (self.not_free.get_or_insert_default(), one.family());
        match availability {
            Availability::Resting => not_free.resting.get_mut(family).push(one),
            Availability::Others(ix) => {
                let Some(by) = view.interface_id(ix) else { return };
                not_free.others.entry((by, family)).or_default().push(one);
            }
            Availability::Free | Availability::AutoOnly | Availability::Own => {}
        }
        let count = not_free.count.get_mut(family);
        *count = count.saturating_add(1);
    }
}
