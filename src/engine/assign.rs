//! Judging assignments, in the order of precedence that [`Error`] states

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::mem;

use ipnet::IpNet;

use super::choose::{self, Asked, Chosen, How, Moved, choose};
use super::draft::Draft;
use super::duplicates::duplicates;
use super::grant;
use super::prefixes::{self, Beside};
use super::seat::{Asker, Seat, Standing};
use super::several;
use super::target::{Target, judge_hold};
use crate::command::{Assign, Pick, Source, Wanted, WantedPrefix};
use crate::error::{AddressFault, AddressFaults, Cause, Error};
use crate::event::{Assigned, Change, Released};
use crate::id::InterfaceId;
use crate::rules::{ListAndCount, OwnAddress, Profile};
use crate::space::address::{Family, PerFamily};
use crate::space::list::AddrList;
use crate::space::range::AddrRange;
use crate::state::view::{BlockView, View};

/// What assigning `request` comes to
pub(super) fn assign(
    view: &View<'_>,
    request: &Assign,
    draft: &mut Draft<'_>,
) -> Result<(), Error> {
    let Assign { interface: id, vpc, from, pick, reassign, hold } = request;
    shape(pick)?;
    let subnet = match from {
        Source::Home => None,
        Source::Subnet(subnet) => Some(subnet),
        Source::Each(subnets) => return several::assign_each(view, request, subnets, draft),
        Source::First(subnets) => return several::assign_first(view, request, subnets, draft),
    };
    judge_hold(view, hold.as_ref())?;
    let target = Target::find(view, id, vpc.as_ref(), subnet)?;
    let count = count(pick, target.home_profile)?;
    target.judge_status()?;
    target.judge_tasks(view)?;
    target.judge_primaries(pick)?;
    let (family, block) = target.judge_families(view, pick, count)?;
    let prefixed = !pick.prefixes.is_empty();
    if prefixed {
        prefixes::judge_families(view, &target, pick, family)?;
    }
    let few = !prefixed && count <= Assign::MAX_ADDRESSES && hold.is_none();
    let how = How::of(target.subnet, family, Some(pick));
    if pick.list.is_empty() && pick.within.is_none() && few && how.is_none() {
        let usual = block.and_then(|block| target.assign_run(&block, count, draft));
        if let Some(done) = usual {
            return done;
        }
    }
    let mut named = Named::default();
    if !pick.list.is_empty() || pick.within.is_some() || prefixed {
        target.judge_addresses(view, pick, *reassign, &mut named)?;
    }
    let slots = named.slots.get_mut(family);
    *slots = slots.saturating_add(count.into());
    target.judge_quota(|family| *named.slots.get(family))?;

    let wanted = u128::from(named.count).saturating_add(count.into());
    let wanted = wanted.saturating_add(named.chosen);
    let limit = Assign::MAX_ADDRESSES;
    // What will be refused is counted, never kept.
    let keep = wanted <= limit.into();
    // The answer is what the first change assigns, unless there are more, or something is not new.
    let of = |of| !named.new.get(of).is_empty() || (of == family && count > 0);
    let all_free = named.count == pick.list.len() as u64 && named.apart.is_none();
    if prefixed || !all_free || (of(Family::V4) && of(Family::V6)) {
        draft.answer_mut().extend(pick.list.iter().map(|wanted| wanted.address));
    }
    named.release_others(&target, draft);
    let found = pick.prefixes.iter().map(|_| AddrList::new()).collect();
    let choice = Choice { family, block, count, keep, how };
    let mut giving = Giving { view, target: &target, pick, choice, named, found, moved: None };
    let mut held = AddrList::new();
    for of in Family::ALL {
        let addresses = giving.of_family(of, draft)?;
        if hold.is_some() {
            held.append(&addresses);
        } else if !addresses.is_empty() {
            grant::assign(&target, draft, addresses);
        }
    }
    let Giving { found, moved, .. } = giving;
    for (wanted, found) in pick.prefixes.iter().zip(&found) {
        match wanted {
            WantedPrefix::Named(prefix) => draft.answer_mut().push_prefix(*prefix),
            WantedPrefix::Any { .. } => draft.answer_mut().append(found),
        }
    }
    if !keep {
        return Err(Error::TooMany { wanted, limit });
    }
    if let Some(hold) = hold {
        grant::hold(view, &target, draft, hold, held)?;
    }
    grant::move_policy(*target.subnet_id, family, draft, moved);
    grant::primaries(&target, draft, &pick.list);
    Ok(())
}

/// How many single addresses are to be chosen, of which block, and how
struct Choice<'a> {
    family: Family,
    /// `None` where none are
    block: Option<BlockView<'a>>,
    count: u32,
    /// Whether they are to be kept; else it is only seen whether there are so many
    keep: bool,
    how: Option<How<'a>>,
}

/// What a request comes to, family by family, once nothing stands against it but what is free
struct Giving<'a> {
    view: &'a View<'a>,
    target: &'a Target<'a>,
    pick: &'a Pick,
    choice: Choice<'a>,
    named: Named,
    /// The prefixes chosen for each that is asked for
    found: Vec<AddrList>,
    /// Where the subnet's policy stands then
    moved: Option<Moved>,
}

impl Giving<'_> {
    /// What of a family the interface is given: what is named, then what is chosen, then prefixes
    fn of_family(&mut self, of: Family, draft: &mut Draft<'_>) -> Result<AddrList, Error> {
        let (pick, family) = (self.pick, self.choice.family);
        let prefixed = !pick.prefixes.is_empty();
        let mut addresses = mem::take(self.named.new.get_mut(of));
        // What prefixes are chosen beside.
        let mut given = AddrList::new();
        if prefixed {
            given = addresses.clone();
            given.append(self.named.prefixes.get(of));
        }
        if let Some(block) = self.choice.block.filter(|_| of == family) {
            let named = if prefixed { &given } else { &addresses };
            let chosen = self.choose(&block, named)?;
            self.answer(&chosen, draft);
            self.moved = chosen.moved;
            if prefixed {
                given.append(&chosen.addresses);
            }
            if addresses.is_empty() {
                addresses = chosen.addresses;
            } else {
                addresses.append(&chosen.addresses);
            }
        }
        if prefixed {
            let (given, found) = ((&given, self.choice.keep), &mut self.found);
            self.target.choose_prefixes(self.view, pick, (of, family), given, found)?;
            self.named.append_prefixes(pick, (of, family), found, &mut addresses);
        }
        if let Some(apart) = &mut self.named.apart {
            grant::wake(self.target, draft, mem::take(apart.woken.get_mut(of)));
        }
        Ok(addresses)
    }

    /// Chooses single addresses beside those that are named
    fn choose(&self, block: &BlockView<'_>, named: &AddrList) -> Result<Chosen, Error> {
        let Choice { family, count, keep, how, .. } = self.choice;
        let asked = Asked {
            count,
            within: self.pick.within.and_then(|range| block.offsets(range)),
            named,
            occupied: self.named.apart.as_ref().map_or(0, |apart| *apart.count.get(family)),
            early: self.target.subnet.profile.quarantine.when_exhausted,
            keep,
            how,
        };
        choose(*self.target.subnet_id, block, &asked)
    }

    /// Answers with what was chosen, where the answer is more than the first change
    fn answer(&mut self, chosen: &Chosen, draft: &mut Draft<'_>) {
        if !chosen.woken.is_empty() {
            if draft.decision.answer.is_none() {
                draft.answer_mut().extend(self.pick.list.iter().map(|wanted| wanted.address));
            }
            let apart = self.named.apart.get_or_insert_default();
            apart.woken.get_mut(self.choice.family).append(&chosen.woken);
        }
        if let Some(answer) = &mut draft.decision.answer {
            answer.append(&chosen.addresses);
        }
    }
}

/// What a request names that the interface does not have yet, and the slots that takes
#[derive(Default)]
struct Named {
    new: PerFamily<AddrList>,
    /// The prefixes among it
    prefixes: PerFamily<AddrList>,
    /// Prefixes that are to be chosen
    chosen: u128,
    count: u64,
    slots: PerFamily<u64>,
    /// Those of them that are not free, if there are any
    apart: Option<Box<Apart>>,
}

/// Addresses that are to be had though they are not free
#[derive(Default)]
struct Apart {
    /// Those that rest
    woken: PerFamily<AddrList>,
    /// Those that others have, by whom
    others: BTreeMap<(InterfaceId, Family), AddrList>,
    count: PerFamily<u128>,
}

impl Target<'_> {
    /// Assigns the first free run, where any addresses will do and those are enough: the usual case
    #[inline(always)]
    fn assign_run(
        &self,
        block: &BlockView<'_>,
        count: u32,
        draft: &mut Draft<'_>,
    ) -> Option<Result<(), Error>> {
        let run = choose::first_run(block, block.space.whole(), count)?;
        let (family, span) = (block.family, block.bits(run));
        let slots = |of| if of == family { count.into() } else { 0 };
        if let Err(refused) = self.judge_quota(slots) {
            return Some(Err(refused));
        }
        draft.push_span(
            Change::Assigned(Assigned::BLANK),
            self.id,
            self.subnet_id,
            self.place(),
            (family, span),
        );
        Some(Ok(()))
    }

    /// Whether the interface may be given the primaries that `pick` asks for
    fn judge_primaries(&self, pick: &Pick) -> Result<(), Error> {
        let Self { interface, home_profile: profile, .. } = *self;
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
        reassign: bool,
        named: &mut Named,
    ) -> Result<(), Error> {
        if let Some(range) = pick.within {
            let block = self.subnet.block(range.family());
            if block.and_then(|block| block.offsets(range)).is_none() {
                return Err(Error::RangeOutside { subnet: *self.subnet_id, range });
            }
        }
        let own = self.home_profile.own_address == OwnAddress::Accept;
        let auto_only = pick.auto_only;
        let asker = Asker { id: self.id, ix: Some(self.ix), own, reassign, auto_only };
        let seat = Seat::new(view, self.subnet_ix, self.subnet, pick.within);
        let mut faults = Vec::new();
        for (index, &Wanted { address, primary }) in pick.list.iter().enumerate() {
            match seat.judge(address, &asker) {
                Ok(Standing::Own) => {}
                Ok(standing) => {
                    let (family, one) = (Family::of(address), AddrRange::one(address));
                    if !matches!(standing, Standing::Free) {
                        named.note_apart(view, standing, one);
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
                match seat.judge_prefix(prefix, &asker) {
                    Ok((Standing::Own, _)) => {}
                    Ok((standing, occupied)) => {
                        *slots = slots.saturating_add(1);
                        named.note_prefix(view, (standing, occupied), prefix);
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

    /// Chooses the prefixes of a family that are to be chosen, beside what is given of it
    #[cold]
    fn choose_prefixes(
        &self,
        view: &View<'_>,
        pick: &Pick,
        (family, usual): (Family, Family),
        (given, keep): (&AddrList, bool),
        found: &mut [AddrList],
    ) -> Result<(), Error> {
        let wanted = pick.prefixes.iter().enumerate().zip(found);
        let mut wanted = wanted
            .filter_map(|((index, wanted), found)| match *wanted {
                WantedPrefix::Any { prefix_len, count, .. }
                    if prefixes::family_of(wanted, usual) == family =>
                {
                    Some(((index, prefix_len, count), found))
                }
                _ => None,
            })
            .peekable();
        if wanted.peek().is_none() {
            return Ok(());
        }
        let block = self.block(view, family)?;
        let within = pick.within.and_then(|range| block.offsets(range));
        prefixes::choose(self, &block, &Beside { given, within, keep }, wanted)
    }
}

impl Named {
    /// Takes what others have from them
    fn release_others(&mut self, target: &Target<'_>, draft: &mut Draft<'_>) {
        let Some(apart) = &mut self.apart else { return };
        for ((interface, _), addresses) in mem::take(&mut apart.others) {
            draft.push(Change::Released(Released {
                interface,
                subnet: *target.subnet_id,
                addresses,
            }));
        }
    }

    /// Notes a prefix, which may not be free
    #[cold]
    fn note_prefix(
        &mut self,
        view: &View<'_>,
        (standing, occupied): (Standing, u128),
        prefix: IpNet,
    ) {
        let family = Family::of(prefix.addr());
        self.prefixes.get_mut(family).push_prefix(prefix);
        self.count = self.count.saturating_add(1);
        if let Standing::Free = standing {
            return;
        }
        let apart = self.apart.get_or_insert_default();
        let count = apart.count.get_mut(family);
        *count = count.saturating_add(occupied);
        match standing {
            Standing::Resting => apart.woken.get_mut(family).push_prefix(prefix),
            Standing::Others(ix) => {
                let Some(by) = view.interface_id(ix) else { return };
                apart.others.entry((by, family)).or_default().push_prefix(prefix);
            }
            Standing::Free | Standing::AutoOnly | Standing::Own => {}
        }
    }

    /// Adds the prefixes of a family, new and in the order asked for
    #[cold]
    fn append_prefixes(
        &self,
        pick: &Pick,
        (family, usual): (Family, Family),
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
    fn note_apart(&mut self, view: &View<'_>, standing: Standing, one: AddrRange) {
        let (apart, family) = (self.apart.get_or_insert_default(), one.family());
        match standing {
            Standing::Resting => apart.woken.get_mut(family).push(one),
            Standing::Others(ix) => {
                let Some(by) = view.interface_id(ix) else { return };
                apart.others.entry((by, family)).or_default().push(one);
            }
            Standing::Free | Standing::AutoOnly | Standing::Own => {}
        }
        let count = apart.count.get_mut(family);
        *count = count.saturating_add(1);
    }
}

/// What can be said of a request without looking anything up
fn shape(pick: &Pick) -> Result<(), Error> {
    duplicates(pick.list.iter().map(|wanted| wanted.address))?;
    if !pick.prefixes.is_empty() {
        prefixes::shape(pick)?;
    }
    if pick.list.is_empty() {
        match pick.count {
            None if !pick.prefixes.is_empty() => {}
            None => return Err(Error::NothingAsked),
            Some(0) => return Err(Error::ZeroCount),
            Some(_) => {}
        }
    }
    one_primary(&pick.list)?;
    let Some(range) = pick.within else { return Ok(()) };
    let other = pick.family.filter(|&family| family != range.family());
    match other.or_else(|| prefixes::other_family(pick, range.family())) {
        Some(family) => Err(Error::RangeFamily { range, family }),
        None => Ok(()),
    }
}

/// Refuses a list with two primaries of one family
#[inline]
pub(super) fn one_primary(list: &[Wanted]) -> Result<(), Error> {
    let mut primaries = PerFamily::<Option<usize>>::default();
    for (second, wanted) in list.iter().enumerate().filter(|(_, wanted)| wanted.primary) {
        let family = Family::of(wanted.address);
        if let Some(first) = primaries.get_mut(family).replace(second) {
            return Err(Error::TwoPrimaries { family, first, second });
        }
    }
    Ok(())
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
