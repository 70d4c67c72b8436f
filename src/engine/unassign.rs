//! Judging unassignments, in the order of precedence that [`Error`] states

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::mem;
use core::net::IpAddr;

use super::assign::{Target, duplicates};
use super::draft::{self, Draft};
use crate::command::Unassign;
use crate::error::{AddressFault, AddressFaults, Cause, Error};
use crate::event::Change;
use crate::id::InterfaceId;
use crate::rules::FreeAddress;
use crate::space::address::{Family, Span, bits_of};
use crate::space::list::AddrList;
use crate::state::Place;
use crate::state::interface::Interface;
use crate::state::subnet::Subnet;
use crate::state::table::Ix;
use crate::state::view::View;

/// What unassigning `request` comes to
pub(super) fn unassign(
    view: &View<'_>,
    request: &Unassign,
    draft: &mut Draft<'_>,
) -> Result<(), Error> {
    let Unassign { interface: id, vpc, addresses } = request;
    duplicates(addresses.iter().copied())?;
    if addresses.is_empty() {
        return Err(Error::NothingAsked);
    }
    let Target { ix, interface, profile, vpc_ix, .. } = Target::find(view, id, vpc.as_ref(), None)?;
    let mut faults = Vec::new();
    let mut released = Released::new(draft, *id, ix);
    // Subnets of a VPC are disjoint, and neighbours in a list are mostly of the same one.
    let mut likely = interface.home;
    for (index, &address) in addresses.iter().enumerate() {
        let family = Family::of(address);
        let offset_in = |subnet| {
            let block = view.block(subnet, family)?;
            let offset = block.block.offset(address)?;
            Some((subnet, block, offset))
        };
        let found = offset_in(likely)
            .or_else(|| view.subnet_at(vpc_ix, address).and_then(offset_in))
            .map(|(subnet, block, offset)| (subnet, block.holder(offset)));
        let cause = match found {
            None => Cause::OutOfRange,
            Some((_, None)) if profile.free_address == FreeAddress::Ignore => continue,
            Some((_, None)) => Cause::NotAssigned,
            Some((_, Some(holder))) if holder != ix => match view.interface_id(holder) {
                Some(by) => Cause::WrongOwner { by },
                None => Cause::NotAssigned,
            },
            Some((subnet, _)) => {
                likely = subnet;
                let primary = interface.primary(family) == Some(address);
                if !primary || profile.unassign_primary {
                    released.push(view, subnet, address);
                    continue;
                }
                Cause::IsPrimary
            }
        };
        faults.push(AddressFault { index, address, cause });
    }
    AddressFaults::collect(faults)?;
    released.finish(view);
    Ok(())
}

type Key = (Ix<Subnet>, Family);

/// The changes of an unassignment, one a block: of one block, as mostly, written where it stays
struct Released<'a, 'd> {
    draft: &'a mut Draft<'d>,
    interface: (InterfaceId, Ix<Interface>),
    only: Option<Key>,
    /// Once there are several
    all: Option<BTreeMap<Key, AddrList>>,
}

impl<'a, 'd> Released<'a, 'd> {
    fn new(draft: &'a mut Draft<'d>, id: InterfaceId, ix: Ix<Interface>) -> Self {
        Self { draft, interface: (id, ix), only: None, all: None }
    }

    #[inline(always)]
    fn push(&mut self, view: &View<'_>, subnet: Ix<Subnet>, address: IpAddr) {
        let (family, span) = (Family::of(address), Span::one(bits_of(address)));
        let key = (subnet, family);
        if self.only == Some(key) {
            draft::fill(self.draft, |addresses, answer| {
                addresses.push_span(family, span);
                answer.push_span(family, span);
            });
            return;
        }
        if self.only.is_none() && self.all.is_none() {
            self.only = Some(key);
            self.change(view, key, AddrList::of_span(family, span));
            return self.draft.decision.answer.push_span(family, span);
        }
        self.push_apart(key, span);
    }

    #[cold]
    fn push_apart(&mut self, key: Key, span: Span) {
        let all = self.all.get_or_insert_default();
        if let Some(first) = self.only.take() {
            let addresses = draft::fill(self.draft, |addresses, _| mem::take(addresses));
            all.insert(first, addresses.unwrap_or_default());
            self.draft.pop();
        }
        all.entry(key).or_default().push_span(key.1, span);
        self.draft.decision.answer.push_span(key.1, span);
    }

    /// Writes the changes of several blocks, by rising subnet id and family
    fn finish(mut self, view: &View<'_>) {
        let Some(all) = self.all.take() else { return };
        let mut all: Vec<(Key, AddrList)> = all.into_iter().collect();
        all.sort_unstable_by_key(|&((subnet, family), _)| (view.subnet_id(subnet), family));
        for (key, addresses) in all {
            self.change(view, key, addresses);
        }
    }

    #[inline(always)]
    fn change(&mut self, view: &View<'_>, (ix, _): Key, addresses: AddrList) {
        let Some(subnet) = view.subnet_id(ix) else { return };
        let (interface, place) =
            (self.interface.0, Place { interface: self.interface.1, subnet: ix });
        self.draft.push_at(place, Change::Released { interface, subnet, addresses });
    }
}
