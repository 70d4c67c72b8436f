//! Judging adoptions: only where an address lies and who has it, and no other rule

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::net::IpAddr;

use crate::command::{Adopt, Wanted};
use crate::engine::judge::availability::{AddressJudge, Requester};
use crate::engine::judge::draft::Draft;
use crate::engine::judge::duplicates::{duplicates, one_primary};
use crate::engine::judge::grant;
use crate::engine::judge::target::{Target, find};
use crate::error::{AddressFault, AddressFaults, Cause, Error};
use crate::id::SubnetId;
use crate::space::address::{Family, PerFamily};
use crate::space::list::AddrList;
use crate::space::range::AddrRange;
use crate::state::index::Ix;
use crate::state::occupant::Occupant;
use crate::state::view::View;

/// Judges an adoption
pub(super) fn decide(view: &View<'_>, request: &Adopt, draft: &mut Draft<'_>) -> Result<(), Error> {
    let Adopt { interface: id, vpc, addresses } = request;
    duplicates(addresses.iter().map(|wanted| wanted.address))?;
    if addresses.is_empty() {
        return Err(Error::NothingAsked);
    }
    one_primary(addresses)?;
    let target = Target::find(view, id, vpc.as_ref(), None)?;

    let mut broken = Vec::new();
    broken.extend(target.judge_status().err());
    broken.extend(target.judge_tasks(view).err());
    broken.extend(
        addresses
            .iter()
            .enumerate()
            .filter_map(|(index, wanted)| primary_rule(&target, index, wanted)),
    );
    let news = news(view, &target, addresses, &mut broken)?;
    let slots = |family| *news.slots.get(family);
    broken.extend(target.judge_quota(slots).err());
    Error::too_many(news.count)?;

    draft.answer_mut().extend(addresses.iter().map(|wanted| wanted.address));
    let before = draft.changes().len();
    for ((subnet, _), Part { subnet_ix, addresses, resting }) in news.parts {
        let part = target.in_subnet(view, subnet, subnet_ix)?;
        grant::wake(&part, draft, resting);
        grant::assign(&part, draft, addresses);
    }
    grant::primaries(&target, draft, addresses);
    if draft.changes().len() > before {
        draft.violate(broken);
    }
    Ok(())
}

/// Why an address cannot be had that rests as part of a prefix
#[cold]
fn rest_of_prefix(
    view: &View<'_>,
    subnet: Ix<SubnetId>,
    address: IpAddr,
    occupant: Option<Occupant>,
) -> Option<Cause> {
    let Some(Occupant::Resting(rest)) = occupant else { return None };
    let until = view.block(subnet, Family::of(address))?.rest(rest)?.until;
    Some(Cause::Quarantined { until })
}

/// Why the profile would not let an address be made primary, if it is to be and is not
fn primary_rule(target: &Target<'_>, index: usize, wanted: &Wanted) -> Option<Error> {
    let address = wanted.address;
    let has = target.interface.primary(Family::of(address));
    match has {
        _ if !wanted.primary || has == Some(address) => None,
        None if !target.home_profile.assign_primary => {
            Some(Error::PrimaryForbidden { index, address })
        }
        Some(primary) if !target.home_profile.replace_primary => {
            Some(Error::PrimaryFixed { interface: *target.id, primary })
        }
        _ => None,
    }
}

/// What the interface does not have yet
#[derive(Default)]
struct News {
    parts: BTreeMap<(SubnetId, Family), Part>,
    count: u128,
    slots: PerFamily<u64>,
}

/// Those of one block
struct Part {
    subnet_ix: Ix<SubnetId>,
    addresses: AddrList,
    /// Those of them that rest
    resting: AddrList,
}

/// What of these the interface does not have yet, if all of it can be adopted; notes what stands against it
fn news(
    view: &View<'_>,
    target: &Target<'_>,
    addresses: &[Wanted],
    broken: &mut Vec<Error>,
) -> Result<News, Error> {
    let requester = Requester {
        id: target.id,
        ix: Some(target.ix),
        own: true,
        reassign: false,
        auto_only: false,
    };
    let (mut news, mut faults, mut withheld) = (News::default(), Vec::new(), Vec::new());
    let mut likely = target.subnet_ix;
    for (index, &Wanted { address, primary }) in addresses.iter().enumerate() {
        let fault = |cause| AddressFault { index, address, cause };
        let Some(found) = find(view, target, likely, address) else {
            faults.push(fault(Cause::OutOfRange));
            continue;
        };
        let (ix, occupant) = (found.subnet, found.occupant);
        likely = ix;
        if found.in_prefix {
            let whole = || rest_of_prefix(view, ix, address, occupant);
            faults.extend(found.prefix_cause(view, address).or_else(whole).map(fault));
            continue;
        }
        let rests = match occupant {
            None => false,
            Some(Occupant::Resting(_)) => true,
            Some(Occupant::Assigned(by)) if by == target.ix => continue,
            Some(Occupant::Assigned(by)) => {
                faults.extend(view.interface_id(by).map(|by| fault(Cause::InUse { by })));
                continue;
            }
            Some(Occupant::Held(by)) => {
                faults.extend(view.interface_id(by).map(|by| fault(Cause::Held { by })));
                continue;
            }
        };
        let Some((subnet, id)) = view.subnet(ix).zip(view.subnet_id(ix)) else { continue };
        withheld.extend(
            AddressJudge::new(view, ix, subnet, None).judge(address, &requester).err().map(fault),
        );
        let (family, one) = (Family::of(address), AddrRange::one(address));
        let part = news.parts.entry((id, family)).or_insert_with(|| Part {
            subnet_ix: ix,
            addresses: AddrList::new(),
            resting: AddrList::new(),
        });
        part.addresses.push(one);
        if rests {
            part.resting.push(one);
        }
        news.count = news.count.saturating_add(1);
        // A primary in the place of another takes a slot too: that one is secondary then.
        let has = target.interface.primary(family).is_some();
        let slot = !primary || has || target.home_profile.quota.counts_primary;
        let slots = news.slots.get_mut(family);
        *slots = slots.saturating_add(slot.into());
    }
    AddressFaults::collect(faults)?;
    broken.extend(AddressFaults::collect(withheld).err());
    Ok(news)
}
