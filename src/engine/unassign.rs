//! Judging unassignments, in the order of precedence that [`Error`] states

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::mem;
use core::net::IpAddr;

use super::assign::{Target, duplicates};
use super::draft::Draft;
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
    let Unassign { interface: id, vpc, addresses, .. } = request;
    duplicates(addresses.iter().copied())?;
    if addresses.is_empty() {
        return Err(Error::NothingAsked);
    }
    let Target { ix, interface, profile, vpc_ix, .. } = Target::find(view, id, vpc.as_ref(), None)?;
    let mut faults = Vec::new();
    let mut released = Released::new(draft, id, ix);
    // Subnets of a VPC are disjoint, and neighbours in a list are mostly of the same one.
    let mut likely = interface.home;
    for (index, &address) in addresses.iter().enumerate() {
        let family = Family::of(address);
        let mut found = holder(view, likely, address).map(|holder| (likely, holder));
        if found.is_none() {
            let other = view.subnet_at(vpc_ix, address);
            found = other.and_then(|other| Some((other, holder(view, other, address)?)));
        }
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

/// Who has an address, if anybody, of a subnet that it lies in
#[inline(always)]
fn holder(view: &View<'_>, subnet: Ix<Subnet>, address: IpAddr) -> Option<Option<Ix<Interface>>> {
    let block = view.block(subnet, Family::of(address))?;
    Some(block.holder(block.block.offset(address)?))
}

type Key = (Ix<Subnet>, Family);

/// The changes of an unassignment, one a block
struct Released<'a, 'd> {
    draft: &'a mut Draft<'d>,
    interface: (&'a InterfaceId, Ix<Interface>),
    stage: Stage,
}

/// How many blocks there are: of one, as mostly, the change is written where it stays, and is the answer
enum Stage {
    Nothing,
    Block(Key),
    Blocks(BTreeMap<Key, AddrList>),
}

impl<'a, 'd> Released<'a, 'd> {
    fn new(draft: &'a mut Draft<'d>, id: &'a InterfaceId, ix: Ix<Interface>) -> Self {
        Self { draft, interface: (id, ix), stage: Stage::Nothing }
    }

    #[inline(always)]
    fn push(&mut self, view: &View<'_>, subnet: Ix<Subnet>, address: IpAddr) {
        let (family, span) = (Family::of(address), Span::one(bits_of(address)));
        let key = (subnet, family);
        match self.stage {
            Stage::Nothing => {
                let Some(id) = view.subnet_id(subnet) else { return };
                self.stage = Stage::Block(key);
                let (interface, place) = (self.interface.0, self.place(subnet));
                self.draft.push_span(Change::RELEASED, interface, id, place, (family, span));
            }
            Stage::Block(only) if only == key => {
                if let Some(addresses) = self.draft.last_mut() {
                    addresses.push_span(family, span);
                }
            }
            _ => self.push_apart(key, span),
        }
    }

    #[cold]
    fn push_apart(&mut self, key: Key, span: Span) {
        if let Stage::Block(first) = self.stage {
            let addresses = self.draft.last_mut().map(mem::take).unwrap_or_default();
            self.draft.pop();
            self.draft.answer_mut().append(&addresses);
            self.stage = Stage::Blocks(BTreeMap::from([(first, addresses)]));
        }
        if let Stage::Blocks(blocks) = &mut self.stage {
            blocks.entry(key).or_default().push_span(key.1, span);
            self.draft.answer_mut().push_span(key.1, span);
        }
    }

    /// Writes what is still to be written: changes by rising subnet id and family
    fn finish(mut self, view: &View<'_>) {
        let Stage::Blocks(blocks) = mem::replace(&mut self.stage, Stage::Nothing) else { return };
        let mut blocks: Vec<(Key, AddrList)> = blocks.into_iter().collect();
        blocks.sort_unstable_by_key(|&((ix, family), _)| (view.subnet_id(ix), family));
        for ((ix, _), addresses) in blocks {
            let Some(&subnet) = view.subnet_id(ix) else { continue };
            let (interface, place) = (*self.interface.0, self.place(ix));
            self.draft.push_at(place, Change::Released { interface, subnet, addresses });
        }
    }

    const fn place(&self, subnet: Ix<Subnet>) -> Place {
        Place { interface: self.interface.1, subnet }
    }
}
