//! Judging the creation of interfaces

use alloc::vec::Vec;
use core::net::IpAddr;

use crate::command::{CreateInterface, Primary};
use crate::engine::choose::{Any, Chosen, choose_any};
use crate::engine::judge::availability::{AddressJudge, Availability, Requester};
use crate::engine::judge::draft::Draft;
use crate::engine::judge::{grant, lookup, target};
use crate::error::{AddressFault, AddressFaults, Error};
use crate::event::{Assigned, Change, InterfaceCreated, PrimarySet, RestEnded};
use crate::space::address::Family;
use crate::space::range::AddrRange;
use crate::state::interface::Interface;
use crate::state::view::View;

/// Judges the creation of an interface, with its primaries
pub(super) fn decide(
    view: &View<'_>,
    request: &CreateInterface,
    draft: &mut Draft<'_>,
) -> Result<(), Error> {
    let CreateInterface { interface, subnet: home, status, quota, auto_only, .. } = *request;
    let (ix, name, subnet) = lookup::named_subnet(view, &home)?;
    if view.find_interface(&interface).is_some() {
        return Err(Error::InterfaceExists(interface));
    }
    let wanted: Vec<(Family, Primary<IpAddr>)> = Family::ALL
        .into_iter()
        .map(|family| (family, request.primary(family)))
        .filter(|(_, primary)| *primary != Primary::Absent)
        .collect();
    for &(family, _) in &wanted {
        lookup::block(view, home, ix, family)?;
    }
    let availability = AddressJudge::new(view, ix, subnet, None);
    let requester = Requester { id: &interface, ix: None, own: false, reassign: false, auto_only };
    let mut faults = Vec::new();
    let mut resting = Vec::new();
    for &(family, primary) in &wanted {
        let Primary::Named(address) = primary else { continue };
        match availability.judge(address, &requester) {
            Ok(Availability::Resting) => resting.push(address),
            Ok(_) => {}
            Err(cause) => faults.push(AddressFault { index: family as usize, address, cause }),
        }
    }
    AddressFaults::collect(faults)?;

    let record = Interface::new(ix, status, quota);
    if subnet.profile.quota.counts_primary {
        let families: Vec<Family> = wanted.iter().map(|&(family, _)| family).collect();
        let slots = |family: Family| u64::from(families.contains(&family));
        target::quota(&record, &interface, subnet.profile.quota, slots)?;
    }

    draft.push(Change::InterfaceCreated(InterfaceCreated {
        interface,
        subnet: home,
        status,
        quota,
    }));
    for (family, primary) in wanted {
        let block = lookup::block(view, home, ix, family)?;
        let mut chosen = Chosen::default();
        match primary {
            Primary::Named(address) => {
                chosen.addresses.push(AddrRange::one(address));
                if resting.contains(&address) {
                    chosen.resting.push(AddrRange::one(address));
                }
            }
            _ => {
                let any = Any { count: 1, keep: true, pick: None };
                chosen = choose_any((name, subnet), &block, &any)?;
            }
        }
        let Chosen { addresses, resting, moved } = chosen;
        let Some(address) = addresses.iter().next() else { continue };
        draft.answer_mut().extend(addresses.ranges());
        if !resting.is_empty() {
            draft.push(Change::RestEnded(RestEnded { subnet: home, addresses: resting }));
        }
        draft.push(Change::Assigned(Assigned { interface, subnet: home, addresses }));
        grant::move_policy(name, family, draft, moved);
        draft.push(Change::PrimarySet(PrimarySet { interface, address }));
    }
    Ok(())
}
