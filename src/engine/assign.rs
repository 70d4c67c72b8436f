//! Judging assignments, in the order of precedence that [`Error`] states

use alloc::vec::Vec;
use core::mem;
use core::net::IpAddr;

use super::choose::{self, choose, exhausted};
use super::decide;
use super::draft::Draft;
use crate::command::{Assign, Pick, Wanted};
use crate::error::{AddressFault, AddressFaults, Cause, Error};
use crate::event::Change;
use crate::id::{InterfaceId, SubnetId, VpcId};
use crate::rules::{ListAndCount, OwnAddress, Profile, QuotaRule};
use crate::space::address::{Family, PerFamily};
use crate::space::list::AddrList;
use crate::space::range::AddrRange;
use crate::state::Place;
use crate::state::interface::Interface;
use crate::state::subnet::Subnet;
use crate::state::table::Ix;
use crate::state::view::{BlockView, View};
use crate::state::vpc::Vpc;

/// What assigning `request` comes to
pub(super) fn assign(
    view: &View<'_>,
    request: &Assign,
    draft: &mut Draft<'_>,
) -> Result<(), Error> {
    let Assign { interface: id, vpc, subnet, pick, .. } = request;
    shape(pick)?;
    let target = Target::find(view, id, vpc.as_ref(), subnet.as_ref())?;
    let count = count(pick, target.profile)?;
    target.judge_state(pick)?;
    let (family, block) = target.judge_families(view, pick, count)?;
    if pick.list.is_empty() && pick.within.is_none() && count <= Assign::MAX_ADDRESSES {
        let usual = block.and_then(|block| target.assign_run(view, &block, count, draft));
        if let Some(done) = usual {
            return done;
        }
    }
    let mut named = Named::default();
    if !pick.list.is_empty() || pick.within.is_some() {
        target.judge_addresses(view, pick, &mut named)?;
    }
    let slots = named.slots.get_mut(family);
    *slots = slots.saturating_add(count.into());
    quota(target.interface, id, target.profile.quota, |family| *named.slots.get(family))?;

    let wanted = u128::from(named.count).saturating_add(count.into());
    let limit = Assign::MAX_ADDRESSES;
    // What will be refused is counted, never kept.
    let keep = wanted <= limit.into();
    // The answer is what the one change assigns, unless there are two, or something is not new.
    let of = |of| !named.new.get(of).is_empty() || (of == family && count > 0);
    let all_new = named.count == pick.list.len() as u64;
    if !all_new || (of(Family::V4) && of(Family::V6)) {
        draft.answer_mut().extend(pick.list.iter().map(|wanted| wanted.address));
    }
    for of in Family::ALL {
        let mut addresses = mem::take(named.new.get_mut(of));
        if let Some(block) = block.filter(|_| of == family) {
            let within = pick.within.and_then(|range| block.block.offsets(range));
            let chosen = choose(&block, within, &addresses, count, keep).or_else(|free| {
                Err(exhausted(target.subnet_id(view)?, &block, within, count, free))
            })?;
            if let Some(answer) = &mut draft.decision.answer {
                answer.append(&chosen);
            }
            if addresses.is_empty() {
                addresses = chosen;
            } else {
                addresses.append(&chosen);
            }
        }
        if !addresses.is_empty() {
            let (interface, subnet) = (*id, target.subnet_id(view)?);
            draft.push_at(target.place(), Change::Assigned { interface, subnet, addresses });
        }
    }
    if !keep {
        return Err(Error::TooMany { wanted, limit });
    }
    for &Wanted { address, primary } in &pick.list {
        if primary && target.interface.primary(Family::of(address)) != Some(address) {
            draft.push(Change::PrimarySet { interface: *id, address });
        }
    }
    Ok(())
}

/// An interface, and the subnet that a request is about
pub(super) struct Target<'v> {
    pub(super) ix: Ix<Interface>,
    id: &'v InterfaceId,
    pub(super) interface: &'v Interface,
    pub(super) vpc_ix: Ix<Vpc>,
    subnet_ix: Ix<Subnet>,
    subnet: &'v Subnet,
    /// That of the interface's home
    pub(super) profile: &'v Profile,
}

/// What a request names that the interface does not have yet, and the slots that takes
#[derive(Default)]
struct Named {
    new: PerFamily<AddrList>,
    count: u64,
    slots: PerFamily<u64>,
}

impl<'v> Target<'v> {
    #[inline(always)]
    pub(super) fn find(
        view: &'v View<'_>,
        id: &'v InterfaceId,
        vpc: Option<&VpcId>,
        subnet: Option<&SubnetId>,
    ) -> Result<Self, Error> {
        let vpc = vpc.map(|vpc| Ok((vpc, decide::vpc(view, vpc)?.0))).transpose()?;
        let named = subnet.map(|subnet| decide::subnet(view, subnet)).transpose()?;
        let (ix, interface) = decide::interface(view, id)?;
        let missing = || Error::InterfaceNotFound(*id);
        let home = view.subnet(interface.home).ok_or_else(missing)?;
        if let Some((vpc, _)) = vpc.filter(|&(_, vpc)| vpc != home.vpc) {
            return Err(Error::InterfaceNotInVpc { interface: *id, vpc: *vpc });
        }
        let (vpc_ix, profile) = (home.vpc, &home.profile);
        let (subnet_ix, subnet) = named.unwrap_or((interface.home, home));
        let target = Self { ix, id, interface, vpc_ix, subnet_ix, subnet, profile };
        if subnet.vpc != vpc_ix {
            let subnet = target.subnet_id(view)?;
            return Err(Error::SubnetNotInVpc { subnet, interface: *id });
        }
        Ok(target)
    }

    /// Assigns the first free run, where any addresses will do and those are enough: the usual case
    #[inline(always)]
    fn assign_run(
        &self,
        view: &View<'_>,
        block: &BlockView<'_>,
        count: u32,
        draft: &mut Draft<'_>,
    ) -> Option<Result<(), Error>> {
        let run = choose::first_run(block, block.block.space.whole(), count)?;
        let (family, span) = (block.block.family, block.block.bits(run));
        let slots = |of| if of == family { count.into() } else { 0 };
        if let Err(refused) = quota(self.interface, self.id, self.profile.quota, slots) {
            return Some(Err(refused));
        }
        let subnet = view.subnet_id(self.subnet_ix)?;
        draft.push_span(Change::ASSIGNED, self.id, subnet, self.place(), (family, span));
        Some(Ok(()))
    }

    fn place(&self) -> Place {
        Place { interface: self.ix, subnet: self.subnet_ix }
    }

    fn subnet_id(&self, view: &View<'_>) -> Result<SubnetId, Error> {
        view.subnet_id(self.subnet_ix).copied().ok_or(Error::InterfaceNotFound(*self.id))
    }

    #[inline(always)]
    fn block<'w>(&self, view: &'w View<'_>, family: Family) -> Result<BlockView<'w>, Error> {
        match view.block(self.subnet_ix, family) {
            Some(block) => Ok(block),
            None => Err(Error::FamilyUnsupported { subnet: self.subnet_id(view)?, family }),
        }
    }

    /// Whether the interface's state lets it be assigned what `pick` asks for
    fn judge_state(&self, pick: &Pick) -> Result<(), Error> {
        let Self { interface, profile, .. } = *self;
        if !profile.assign_in.contains(interface.status) {
            return Err(Error::Status { interface: *self.id, status: interface.status });
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
                let interface = *self.id;
                return Err(Error::PrimaryExists { interface, primary, index, address });
            }
        }
        Ok(())
    }

    /// The family of what is to be chosen, if the subnet has every family that `pick` asks for
    ///
    /// And the block to choose from, if there is anything to be chosen.
    #[inline(always)]
    fn judge_families<'w>(
        &self,
        view: &'w View<'_>,
        pick: &Pick,
        count: u32,
    ) -> Result<(Family, Option<BlockView<'w>>), Error> {
        let ranged = pick.within.map(|range| range.family());
        let family = pick.family.or(ranged).unwrap_or_else(|| self.subnet.default_family());
        if let Some(ranged) = ranged {
            self.block(view, ranged)?;
        }
        let block = if count > 0 { Some(self.block(view, family)?) } else { None };
        if pick.list.is_empty() {
            return Ok((family, block));
        }
        let lacking = pick.list.iter().enumerate().filter_map(|(index, wanted)| {
            let lacks = self.subnet.block(Family::of(wanted.address)).is_none();
            let cause = Cause::WrongFamily;
            lacks.then_some(AddressFault { index, address: wanted.address, cause })
        });
        AddressFaults::collect(lacking)?;
        Ok((family, block))
    }

    /// Notes what `pick` names, if every address of it can be had
    fn judge_addresses(
        &self,
        view: &View<'_>,
        pick: &Pick,
        named: &mut Named,
    ) -> Result<(), Error> {
        if let Some(range) = pick.within {
            let block = self.subnet.block(range.family());
            if block.and_then(|block| block.offsets(range)).is_none() {
                return Err(Error::RangeOutside { subnet: self.subnet_id(view)?, range });
            }
        }
        let own = self.profile.own_address == OwnAddress::Accept;
        let seat = Seat::new(view, self.subnet_ix, pick.within);
        let mut faults = Vec::new();
        for (index, &Wanted { address, primary }) in pick.list.iter().enumerate() {
            match seat.judge(address, |holder| own && holder == self.ix) {
                Ok(true) => {}
                Ok(false) => {
                    let family = Family::of(address);
                    named.new.get_mut(family).push(AddrRange::one(address));
                    named.count = named.count.saturating_add(1);
                    let slot = !primary || self.profile.quota.counts_primary;
                    let slots = named.slots.get_mut(family);
                    *slots = slots.saturating_add(slot.into());
                }
                Err(cause) => faults.push(AddressFault { index, address, cause }),
            }
        }
        AddressFaults::collect(faults)
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
#[inline]
pub(super) fn duplicates(
    addresses: impl ExactSizeIterator<Item = IpAddr> + Clone,
) -> Result<(), Error> {
    if addresses.len() < 2 { Ok(()) } else { any_duplicates(addresses) }
}

fn any_duplicates(addresses: impl Iterator<Item = IpAddr> + Clone) -> Result<(), Error> {
    if addresses.clone().is_sorted_by(|a, b| a < b) {
        return Ok(());
    }
    // Sorted by number, as most lists are of one family, several times as fast as by address and index.
    let v4 = |address| match address {
        IpAddr::V4(address) => Some(address.to_bits()),
        IpAddr::V6(_) => None,
    };
    let numbers: Option<Vec<u32>> = addresses.clone().map(v4).collect();
    if let Some(mut numbers) = numbers {
        numbers.sort_unstable();
        if numbers.is_sorted_by(|a, b| a < b) {
            return Ok(());
        }
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

/// A subnet, asked for addresses by name
pub(super) struct Seat<'v> {
    view: &'v View<'v>,
    blocks: PerFamily<Option<BlockView<'v>>>,
    within: Option<AddrRange>,
}

impl<'v> Seat<'v> {
    pub(super) fn new(view: &'v View<'v>, subnet: Ix<Subnet>, within: Option<AddrRange>) -> Self {
        let [v4, v6] = Family::ALL.map(|family| view.block(subnet, family));
        Self { view, blocks: PerFamily { v4, v6 }, within }
    }

    /// Whether `address` is held already by one who is `allowed` to ask for it; or why it cannot be had
    pub(super) fn judge(
        &self,
        address: IpAddr,
        allowed: impl Fn(Ix<Interface>) -> bool,
    ) -> Result<bool, Cause> {
        let inside = self.within.is_none_or(|range| range.contains(address));
        let block = self.blocks.get(Family::of(address)).as_ref().filter(|_| inside);
        let place = block.and_then(|block| Some((block, block.block.offset(address)?)));
        let (block, offset) = place.ok_or(Cause::OutOfRange)?;
        match block.holder(offset) {
            Some(holder) if allowed(holder) => Ok(true),
            holder => match blocked(self.view, block, offset, holder).next() {
                Some(cause) => Err(cause),
                None => Ok(false),
            },
        }
    }
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

/// Whether an interface has room for so many more slots of each family
pub(super) fn quota(
    interface: &Interface,
    id: &InterfaceId,
    rule: QuotaRule,
    more: impl Fn(Family) -> u64,
) -> Result<(), Error> {
    let Some(quota) = interface.quota() else { return Ok(()) };
    let judge = |held: u64, wanted: u64| {
        if wanted == 0 || held.saturating_add(wanted) <= quota.into() {
            Ok(())
        } else {
            Err(Error::Quota { interface: *id, quota, held, wanted })
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
