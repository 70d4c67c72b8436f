//! Judging moves from one interface to another

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::decide;
use super::draft::Draft;
use super::duplicates::duplicates;
use super::target::{Target, quota};
use super::unassign::find;
use crate::command::Move;
use crate::error::{AddressFault, AddressFaults, Cause, Error};
use crate::event::Change;
use crate::id::SubnetId;
use crate::rules::OwnAddress;
use crate::space::address::{Family, PerFamily};
use crate::space::list::AddrList;
use crate::space::range::AddrRange;
use crate::state::occupant::Occupant;
use crate::state::view::View;

/// What moving `request` comes to
pub(super) fn move_addresses(
    view: &View<'_>,
    request: &Move,
    draft: &mut Draft<'_>,
) -> Result<(), Error> {
    let Move { from, to, vpc, addresses } = request;
    duplicates(addresses.iter().copied())?;
    if addresses.is_empty() {
        return Err(Error::NothingAsked);
    }
    if from == to {
        return Err(Error::SameInterface(*from));
    }
    if let Some(vpc) = vpc {
        decide::vpc(view, vpc)?;
    }
    // Both are there before either is in the VPC.
    decide::interface(view, from)?;
    decide::interface(view, to)?;
    let source = Target::find(view, from, vpc.as_ref(), None)?;
    let target = Target::find(view, to, vpc.as_ref(), None)?;
    if source.interface.home != target.interface.home {
        return Err(Error::OtherSubnet { from: *from, to: *to });
    }
    target.judge_status()?;
    source.judge_tasks(view)?;
    target.judge_tasks(view)?;

    let again = target.profile.own_address == OwnAddress::Accept;
    let mut faults = Vec::new();
    let mut moved = BTreeMap::<(SubnetId, Family), AddrList>::new();
    let mut slots = PerFamily::<u64>::default();
    for (index, &address) in addresses.iter().enumerate() {
        let family = Family::of(address);
        let found = find(view, &source, source.subnet_ix, address);
        let by = |ix| view.interface_id(ix);
        let cause = match found {
            None => Some(Cause::OutOfRange),
            Some((_, None | Some(Occupant::Resting(_)))) => Some(Cause::NotAssigned),
            Some((_, Some(Occupant::Held(ix)))) => by(ix).map(|by| Cause::Held { by }),
            Some((_, Some(Occupant::Assigned(ix)))) if ix == target.ix && again => None,
            Some((_, Some(Occupant::Assigned(ix)))) if ix != source.ix => {
                by(ix).map(|by| Cause::WrongOwner { by })
            }
            Some(_) if source.interface.primary(family) == Some(address) => Some(Cause::IsPrimary),
            Some((subnet, _)) => {
                if let Some(&subnet) = view.subnet_id(subnet) {
                    moved.entry((subnet, family)).or_default().push(AddrRange::one(address));
                }
                let slots = slots.get_mut(family);
                *slots = slots.saturating_add(1);
                None
            }
        };
        faults.extend(cause.map(|cause| AddressFault { index, address, cause }));
    }
    AddressFaults::collect(faults)?;
    quota(target.interface, to, target.profile.quota, |family| *slots.get(family))?;
    draft.answer_mut().extend(addresses.iter().copied());
    for (&(subnet, _), addresses) in &moved {
        let addresses = addresses.clone();
        draft.push(Change::Released { interface: *from, subnet, addresses });
    }
    for ((subnet, _), addresses) in moved {
        draft.push(Change::Assigned { interface: *to, subnet, addresses });
    }
    Ok(())
}
