//! Judging the replacement of a primary address

use core::net::IpAddr;

use crate::command::{OldPrimary, Primary, ReplacePrimary, Rest};
use crate::engine::choose::{Any, Chosen, choose_any};
use crate::engine::judge::availability::{AddressJudge, Availability, Requester};
use crate::engine::judge::draft::{Draft, Loss};
use crate::engine::judge::grant;
use crate::engine::judge::target::{Target, find, free_at};
use crate::error::{AddressFault, AddressFaults, Error};
use crate::event::{Change, PrimarySet};
use crate::rules::QuotaRule;
use crate::space::address::Family;
use crate::space::range::AddrRange;
use crate::state::Place;
use crate::state::interface::Count;
use crate::state::occupant::Occupant;
use crate::state::view::View;

/// Judges the replacement of a primary
pub(super) fn decide(
    view: &View<'_>,
    request: &ReplacePrimary,
    draft: &mut Draft<'_>,
) -> Result<(), Error> {
    let ReplacePrimary { interface: id, vpc, family, primary, old, auto_only } = request;
    let family = *family;
    let named = match *primary {
        Primary::Absent => return Err(Error::NoPrimary { family }),
        Primary::Chosen => None,
        Primary::Named(address) if Family::of(address) != family => {
            return Err(Error::NoPrimary { family });
        }
        Primary::Named(address) => Some(address),
    };
    let target = Target::find(view, id, vpc.as_ref(), None)?;
    target.judge_status()?;
    target.judge_tasks(view)?;
    let has = target.interface.primary(family);
    if let Some(primary) = has.filter(|&has| named != Some(has)) {
        let found = find(view, &target, target.subnet_ix, primary);
        let held = matches!(found.and_then(|of| of.occupant), Some(Occupant::Held(_)));
        if held && *old == OldPrimary::Release {
            return Err(target.task_running(view));
        }
        if !target.home_profile.replace_primary {
            return Err(Error::PrimaryFixed { interface: *id, primary });
        }
    }
    let block = target.block(view, family)?;
    if let Some(same) = named.filter(|&named| has == Some(named)) {
        draft.answer_mut().push(AddrRange::one(same));
        return Ok(());
    }

    let mut new = Chosen::default();
    let is_own = match named {
        Some(address) => judge(view, &target, address, *auto_only, &mut new)?,
        None => false,
    };
    let released = has.filter(|_| *old == OldPrimary::Release);
    judge_quota(&target, family, released, is_own)?;
    if named.is_none() {
        let any = Any { count: 1, keep: true, pick: None };
        new = choose_any(target.subnet(), &block, &any)?;
    }
    let Some(address) = named.or_else(|| new.addresses.iter().next()) else { return Ok(()) };
    draft.answer_mut().push(AddrRange::one(address));
    if let Some(address) = released {
        let found = find(view, &target, target.subnet_ix, address);
        let subnet = found.ok_or(Error::InterfaceNotFound(*id))?.subnet;
        let until = free_at(view, subnet, &Rest::USUAL);
        let place = Place { interface: target.ix, subnet };
        let subnet = view.subnet_id(subnet).ok_or(Error::InterfaceNotFound(*id))?;
        let addresses = AddrRange::one(address).into();
        let loss = Loss { interface: *id, subnet, addresses, until, reason: None };
        draft.release(view, place, loss);
    }
    grant::wake(&target, draft, new.resting);
    if !is_own {
        grant::assign(&target, draft, new.addresses);
        grant::move_policy(target.subnet_name, family, draft, new.moved);
    }
    draft.push(Change::PrimarySet(PrimarySet { interface: *id, address }));
    Ok(())
}

/// Whether the interface has the address already; else it is to be given
fn judge(
    view: &View<'_>,
    target: &Target<'_>,
    address: IpAddr,
    auto_only: bool,
    new: &mut Chosen,
) -> Result<bool, Error> {
    let found = find(view, target, target.subnet_ix, address);
    let own = found.and_then(|found| found.occupant) == Some(Occupant::Assigned(target.ix));
    let within = found.and_then(|found| found.prefix_cause(view, address));
    if own {
        let faults = within.map(|cause| AddressFault { index: 0, address, cause });
        return AddressFaults::collect(faults).map(|()| true);
    }
    let requester =
        Requester { id: target.id, ix: Some(target.ix), own: false, reassign: false, auto_only };
    let one = AddrRange::one(address);
    match AddressJudge::new(view, target.subnet_ix, target.subnet, None).judge(address, &requester)
    {
        Ok(availability) => {
            new.addresses.push(one);
            if let Availability::Resting = availability {
                new.resting.push(one);
            }
            Ok(false)
        }
        Err(cause) => {
            AddressFaults::collect([AddressFault { index: 0, address, cause }])?;
            Ok(false)
        }
    }
}

/// Whether the quota has room for what the interface then has, or for no more than it has now
fn judge_quota(
    target: &Target<'_>,
    family: Family,
    released: Option<IpAddr>,
    is_own: bool,
) -> Result<(), Error> {
    let Some(quota) = target.interface.quota() else { return Ok(()) };
    let rule: QuotaRule = target.home_profile.quota;
    let mut after = target.interface.clone();
    let one = Count { slots: 1, prefixes: 0 };
    if let Some(old) = released {
        after.lose(family, one, [AddrRange::one(old)]);
    }
    if !is_own {
        after.gain(family, one);
    }
    // Which one it is makes no difference to how many slots are taken.
    let has_primary = IpAddr::from(core::net::Ipv4Addr::UNSPECIFIED);
    let v6 = IpAddr::from(core::net::Ipv6Addr::UNSPECIFIED);
    after.set_primary(if family == Family::V4 { has_primary } else { v6 });
    let (before, slots) = (target.interface.slots(family, rule), after.slots(family, rule));
    if slots > quota.into() && slots > before {
        let wanted = slots.saturating_sub(before);
        return Err(Error::Quota { interface: *target.id, quota, held: before, wanted });
    }
    Ok(())
}
