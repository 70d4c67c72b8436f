//! Judging assignments and unassignments, in the order of precedence that [`Error`] states

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::net::IpAddr;

use smallvec::SmallVec;

use super::{Outcome, decide};
use crate::command::{Assign, Pick, Unassign, Wanted};
use crate::error::{AddressFault, AddressFaults, Cause, Error, Shortfall};
use crate::event::Change;
use crate::id::{InterfaceId, SubnetId, VpcId};
use crate::rules::{FreeAddress, ListAndCount, OwnAddress, Profile, QuotaRule};
use crate::space::address::{Family, PerFamily, Span};
use crate::space::range::{AddrList, AddrRange};
use crate::space::runs::Runs;
use crate::state::Found;
use crate::state::interface::Interface;
use crate::state::subnet::Subnet;
use crate::state::table::Ix;
use crate::state::view::{BlockView, View};
use crate::state::vpc::Vpc;

/// What assigning `request` comes to
pub(super) fn assign(view: &View<'_>, request: &Assign) -> Result<Outcome, Error> {
    let Assign { interface: id, vpc, subnet, ref pick } = *request;
    shape(pick)?;
    let target = Target::find(view, id, vpc, subnet)?;
    let count = count(pick, target.profile)?;
    target.judge_state(pick)?;
    let family = target.judge_families(view, pick, count)?;
    target.judge_addresses(view, pick)?;

    let (mut new, mut slots) = target.named(view, pick);
    let chosen = slots.get_mut(family);
    *chosen = chosen.saturating_add(count.into());
    quota(target.interface, id, target.profile.quota, |family| *slots.get(family))?;

    let wanted = new.v4.count().saturating_add(new.v6.count()).saturating_add(count.into());
    let limit = Assign::MAX_ADDRESSES;
    // What will be refused is counted, never kept.
    let keep = wanted <= limit.into();
    let mut answer: AddrList = pick.list.iter().map(|wanted| wanted.address).collect();
    if count > 0 {
        let block = decide::block(view, target.subnet_id, target.subnet_ix, family)?;
        let within = pick.within.and_then(|range| block.block.offsets(range));
        let of_family = new.get_mut(family);
        for run in choose(target.subnet_id, &block, within, of_family, count, keep)? {
            let range = block.block.range(run);
            answer.push(range);
            of_family.push(range);
        }
    }
    if !keep {
        return Err(Error::TooMany { wanted, limit });
    }

    let mut outcome = Outcome { answer, found: target.found(), ..Outcome::default() };
    for addresses in [new.v4, new.v6] {
        if !addresses.is_empty() {
            let subnet = target.subnet_id;
            outcome.changes.push(Change::Assigned { interface: id, subnet, addresses });
        }
    }
    for &Wanted { address, primary } in &pick.list {
        if primary && target.interface.primary(Family::of(address)) != Some(address) {
            outcome.changes.push(Change::PrimarySet { interface: id, address });
        }
    }
    Ok(outcome)
}

/// What unassigning `request` comes to
pub(super) fn unassign(view: &View<'_>, request: &Unassign) -> Result<Outcome, Error> {
    let Unassign { interface: id, vpc, ref addresses } = *request;
    duplicates(addresses.iter().copied())?;
    if addresses.is_empty() {
        return Err(Error::NothingAsked);
    }
    let target = Target::find(view, id, vpc, None)?;
    let found = target.found();
    let Target { ix, interface, subnet: home, vpc_ix, .. } = target;
    let judge = |address: IpAddr| -> Result<Option<SubnetId>, Cause> {
        let subnet = view.subnet_at(vpc_ix, address).ok_or(Cause::OutOfRange)?;
        match holder(view, subnet, address) {
            None if home.profile.free_address == FreeAddress::Ignore => Ok(None),
            None => Err(Cause::NotAssigned),
            Some(holder) if holder != ix => match view.interface_id(holder) {
                Some(by) => Err(Cause::WrongOwner { by }),
                None => Err(Cause::NotAssigned),
            },
            Some(_) => {
                let primary = interface.primary(Family::of(address)) == Some(address);
                if primary && !home.profile.unassign_primary {
                    Err(Cause::IsPrimary)
                } else {
                    Ok(view.subnet_id(subnet))
                }
            }
        }
    };
    let mut faults = Vec::new();
    let mut released: BTreeMap<(SubnetId, Family), AddrList> = BTreeMap::new();
    let mut answer = AddrList::new();
    for (index, &address) in addresses.iter().enumerate() {
        match judge(address) {
            Ok(None) => {}
            Ok(Some(subnet)) => {
                let run = AddrRange::one(address);
                released.entry((subnet, Family::of(address))).or_default().push(run);
                answer.push(run);
            }
            Err(cause) => faults.push(AddressFault { index, address, cause }),
        }
    }
    AddressFaults::collect(faults)?;
    let changes = released
        .into_iter()
        .map(|((subnet, _), addresses)| Change::Released { interface: id, subnet, addresses })
        .collect();
    Ok(Outcome { changes, answer, found })
}

/// An interface, and the subnet that a request is about
struct Target<'v> {
    ix: Ix<Interface>,
    id: InterfaceId,
    interface: &'v Interface,
    vpc_ix: Ix<Vpc>,
    subnet_ix: Ix<Subnet>,
    subnet_id: SubnetId,
    subnet: &'v Subnet,
    /// That of the interface's home
    profile: &'v Profile,
}

impl<'v> Target<'v> {
    fn find(
        view: &'v View<'_>,
        id: InterfaceId,
        vpc: Option<VpcId>,
        subnet: Option<SubnetId>,
    ) -> Result<Self, Error> {
        let vpc = vpc.map(|vpc| Ok((vpc, decide::vpc(view, vpc)?.0))).transpose()?;
        let named = subnet.map(|subnet| decide::subnet(view, subnet)).transpose()?;
        let (ix, interface) = decide::interface(view, id)?;
        let missing = || Error::InterfaceNotFound(id);
        let home = view.subnet(interface.home).ok_or_else(missing)?;
        let elsewhere = vpc.filter(|&(_, vpc)| vpc != home.vpc);
        if let Some((vpc, _)) = elsewhere {
            return Err(Error::InterfaceNotInVpc { interface: id, vpc });
        }
        let (subnet_ix, found) = named.unwrap_or((interface.home, home));
        let subnet_id = view.subnet_id(subnet_ix).ok_or_else(missing)?;
        if found.vpc != home.vpc {
            return Err(Error::SubnetNotInVpc { subnet: subnet_id, interface: id });
        }
        Ok(Self {
            ix,
            id,
            interface,
            vpc_ix: home.vpc,
            subnet_ix,
            subnet_id,
            subnet: found,
            profile: &home.profile,
        })
    }

    fn found(&self) -> Found {
        Found {
            interface: Some((self.id, self.ix)),
            subnet: Some((self.subnet_id, self.subnet_ix)),
        }
    }

    /// Whether the interface's state lets it be assigned what `pick` asks for
    fn judge_state(&self, pick: &Pick) -> Result<(), Error> {
        let Self { id, interface, profile, .. } = *self;
        if !profile.assign_in.contains(interface.status) {
            return Err(Error::Status { interface: id, status: interface.status });
        }
        for (index, &Wanted { address, primary }) in pick.list.iter().enumerate() {
            if !primary {
                continue;
            }
            if !profile.assign_primary {
                return Err(Error::PrimaryForbidden { index, address });
            }
            let has = interface.primary(Family::of(address));
            let again = has == Some(address) && profile.own_address == OwnAddress::Accept;
            if let Some(primary) = has.filter(|_| !again) {
                return Err(Error::PrimaryExists { interface: id, primary, index, address });
            }
        }
        Ok(())
    }

    /// The family of what is to be chosen, if the subnet has every family that `pick` asks for
    fn judge_families(&self, view: &View<'_>, pick: &Pick, count: u32) -> Result<Family, Error> {
        let ranged = pick.within.map(|range| range.family());
        let family = pick.family.or(ranged).unwrap_or_else(|| self.subnet.default_family());
        for family in ranged.into_iter().chain((count > 0).then_some(family)) {
            decide::block(view, self.subnet_id, self.subnet_ix, family)?;
        }
        let lacking = pick.list.iter().enumerate().filter_map(|(index, wanted)| {
            let lacks = self.subnet.block(Family::of(wanted.address)).is_none();
            let cause = Cause::WrongFamily;
            lacks.then_some(AddressFault { index, address: wanted.address, cause })
        });
        AddressFaults::collect(lacking)?;
        Ok(family)
    }

    /// Whether every address that `pick` names can be had
    fn judge_addresses(&self, view: &View<'_>, pick: &Pick) -> Result<(), Error> {
        if let Some(range) = pick.within {
            let block = self.subnet.block(range.family());
            if block.and_then(|block| block.offsets(range)).is_none() {
                return Err(Error::RangeOutside { subnet: self.subnet_id, range });
            }
        }
        let own = self.profile.own_address == OwnAddress::Accept;
        let allowed = |holder| own && holder == self.ix;
        let list = pick.list.iter().map(|wanted| wanted.address).enumerate();
        AddressFaults::collect(faults(view, self.subnet_ix, list, pick.within, allowed))
    }

    /// What `pick` names that the interface does not have yet, and the slots that takes
    fn named(&self, view: &View<'_>, pick: &Pick) -> (PerFamily<AddrList>, PerFamily<u64>) {
        let mut new = PerFamily::<AddrList>::default();
        let mut slots = PerFamily::<u64>::default();
        for &Wanted { address, primary } in &pick.list {
            if holder(view, self.subnet_ix, address) == Some(self.ix) {
                continue;
            }
            let family = Family::of(address);
            new.get_mut(family).push(AddrRange::one(address));
            let slot = !primary || self.profile.quota.counts_primary;
            let slots = slots.get_mut(family);
            *slots = slots.saturating_add(slot.into());
        }
        (new, slots)
    }
}

/// What can be said of a request without looking anything up
fn shape(pick: &Pick) -> Result<(), Error> {
    duplicates(pick.list.iter().map(|wanted| wanted.address))?;
    if pick.list.is_empty() {
        match pick.count {
            None => return Err(Error::NothingAsked),
            Some(0) => return Err(Error::ZeroCount),
            Some(_) => {}
        }
    }
    let mut primaries = PerFamily::<Option<usize>>::default();
    for (second, wanted) in pick.list.iter().enumerate().filter(|(_, wanted)| wanted.primary) {
        let family = Family::of(wanted.address);
        if let Some(first) = primaries.get_mut(family).replace(second) {
            return Err(Error::TwoPrimaries { family, first, second });
        }
    }
    match (pick.within, pick.family) {
        (Some(range), Some(family)) if range.family() != family => {
            Err(Error::RangeFamily { range, family })
        }
        _ => Ok(()),
    }
}

/// How many to choose beside the list, as the profile reads a request with both
fn count(pick: &Pick, profile: &Profile) -> Result<u32, Error> {
    match (pick.count, profile.list_and_count) {
        (None, _) => Ok(0),
        (Some(count), _) if pick.list.is_empty() => Ok(count),
        (Some(_), ListAndCount::Refuse) => Err(Error::ListAndCount),
        (Some(_), ListAndCount::ListWins) => Ok(0),
        (Some(0), ListAndCount::Both) => Err(Error::ZeroCount),
        (Some(count), ListAndCount::Both) => Ok(count),
    }
}

/// Refuses a list that has an address twice, naming every repetition
fn duplicates(addresses: impl Iterator<Item = IpAddr> + Clone) -> Result<(), Error> {
    if addresses.clone().is_sorted_by(|a, b| a < b) {
        return Ok(());
    }
    let mut sorted: Vec<(IpAddr, usize)> = addresses.zip(0..).collect();
    sorted.sort_unstable();
    let mut faults = Vec::new();
    let mut first: Option<(IpAddr, usize)> = None;
    for (address, index) in sorted {
        match first {
            Some((same, first)) if same == address => {
                let cause = Cause::Duplicate { first };
                faults.push(AddressFault { index, address, cause });
            }
            _ => first = Some((address, index)),
        }
    }
    faults.sort_unstable_by_key(|fault| fault.index);
    AddressFaults::collect(faults)
}

/// Why addresses, each with its index in a list, cannot be had of a subnet
///
/// `allowed` says of a holder whether it may ask for what it has.
pub(super) fn faults(
    view: &View<'_>,
    subnet: Ix<Subnet>,
    addresses: impl IntoIterator<Item = (usize, IpAddr)>,
    within: Option<AddrRange>,
    allowed: impl Fn(Ix<Interface>) -> bool,
) -> impl Iterator<Item = AddressFault> {
    let blocks = Family::ALL.map(|family| view.block(subnet, family));
    addresses.into_iter().filter_map(move |(index, address)| {
        let [v4, v6] = &blocks;
        let block = if address.is_ipv4() { v4 } else { v6 };
        let inside = within.is_none_or(|range| range.contains(address));
        let offset = block.as_ref().and_then(|block| Some((block, block.block.offset(address)?)));
        let cause = match offset.filter(|_| inside) {
            None => Some(Cause::OutOfRange),
            Some((block, offset)) => match block.holder(offset) {
                Some(holder) if allowed(holder) => None,
                holder => blocked(view, block, offset, holder).next(),
            },
        };
        cause.map(|cause| AddressFault { index, address, cause })
    })
}

/// Everything that keeps an offset of a block from being assigned, in order of precedence
pub(super) fn blocked(
    view: &View<'_>,
    block: &BlockView<'_>,
    offset: u128,
    holder: Option<Ix<Interface>>,
) -> impl Iterator<Item = Cause> {
    let by_rule = block.withheld_by_rule(offset);
    let reserved = block.reservation_at(offset).map(|_| Cause::Reserved);
    let held = holder.and_then(|holder| view.interface_id(holder));
    let reserved = reserved.filter(|_| by_rule != Some(Cause::Reserved));
    let in_use = held.map(|by| Cause::InUse { by });
    [by_rule, reserved, in_use].into_iter().flatten()
}

/// Who has an address of a subnet
fn holder(view: &View<'_>, subnet: Ix<Subnet>, address: IpAddr) -> Option<Ix<Interface>> {
    let block = view.block(subnet, Family::of(address))?;
    block.holder(block.block.offset(address)?)
}

/// Whether an interface has room for so many more slots of each family
pub(super) fn quota(
    interface: &Interface,
    id: InterfaceId,
    rule: QuotaRule,
    more: impl Fn(Family) -> u64,
) -> Result<(), Error> {
    let Some(quota) = interface.quota() else { return Ok(()) };
    let judge = |held: u64, wanted: u64| {
        if wanted == 0 || held.saturating_add(wanted) <= quota.into() {
            Ok(())
        } else {
            Err(Error::Quota { interface: id, quota, held, wanted })
        }
    };
    if rule.per_family {
        let each = |family| judge(interface.slots(family, rule), more(family));
        Family::ALL.into_iter().try_for_each(each)
    } else {
        let wanted = more(Family::V4).saturating_add(more(Family::V6));
        judge(interface.slots(Family::V4, rule), wanted)
    }
}

/// The lowest `count` free offsets, as runs, but for those of `named`; within a span if one is given
///
/// Unless they are to be kept, it is only seen whether there are so many.
fn choose(
    subnet: SubnetId,
    block: &BlockView<'_>,
    asked: Option<Span>,
    named: &AddrList,
    count: u32,
    keep: bool,
) -> Result<SmallVec<[Span; 1]>, Error> {
    let free = block.free().saturating_sub(named.count());
    if u128::from(count) > free && asked.is_none() {
        return Err(exhausted(subnet, block, None, count, free));
    }
    if asked.is_none() && !keep {
        return Ok(SmallVec::new());
    }
    let within = asked.unwrap_or(block.block.space.whole());
    let mut taken = Runs::default();
    for span in named.ranges().filter_map(|range| block.block.offsets(range)) {
        taken.insert(span, ());
    }
    let mut chosen = SmallVec::new();
    let mut missing = count;
    let mut from = Some(within.first);
    while missing > 0 {
        let next = from.and_then(|from| block.next_free(from));
        let Some(first) = next.filter(|&first| first <= within.last) else {
            let found = count.saturating_sub(missing).into();
            return Err(exhausted(subnet, block, asked, count, found));
        };
        let above = match taken.next(first) {
            Some((run, ())) if run.contains(first) => {
                from = run.last.checked_add(1);
                continue;
            }
            above => above.map_or(within.last, |(run, ())| run.first.saturating_sub(1)),
        };
        let most = first.saturating_add(u128::from(missing).saturating_sub(1));
        let last = block.free_run_last(first, most.min(above).min(within.last));
        let run = Span { first, last };
        missing = missing.saturating_sub(u32::try_from(run.count()).unwrap_or(missing));
        from = last.checked_add(1);
        if keep {
            chosen.push(run);
        }
    }
    Ok(chosen)
}

/// The refusal of `count` addresses where `free` are to be had
pub(super) fn exhausted(
    subnet: SubnetId,
    block: &BlockView<'_>,
    within: Option<Span>,
    count: u32,
    free: u128,
) -> Error {
    let within = within.map(|span| block.block.range(span));
    let total = block.block.space.whole().count();
    let (assigned, reserved) = (block.taken(), block.withheld());
    let shortfall = Shortfall { wanted: count.into(), within, free, assigned, reserved, total };
    Error::Exhausted { subnet, family: block.block.family, shortfall }
}
