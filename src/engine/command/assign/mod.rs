//! Judging assignments, in the order of precedence that [`Error`] states

mod allocation;
mod named;
mod several;

use crate::command::{Assign, Pick, Source, Wanted, WantedPrefix};
use crate::engine::choose::{self, How, Moved};
use crate::engine::judge::draft::Draft;
use crate::engine::judge::duplicates::{duplicates, one_primary};
use crate::engine::judge::target::{Target, judge_hold};
use crate::engine::judge::{grant, prefixes};
use crate::error::{AddressFault, AddressFaults, Cause, Error, Modifier};
use crate::rules::{ListAndCount, OwnAddress, Profile};
use crate::space::address::{Family, Span};
use crate::space::list::AddrList;
use crate::space::range::AddrRange;
use crate::state::view::{BlockView, View};
use allocation::{Allocation, Choice};
use named::NewlyNamed;

/// Assigns one run, if nothing prevents it: a named address, or the count from the first free run; returns whether it
/// has
///
/// It makes the checks of [`decide`] in an order of its own: if there is nothing to refuse, the order does not
/// matter.
#[inline]
pub(super) fn usual(view: &View<'_>, request: &Assign, draft: &mut Draft<'_>) -> bool {
    let mut moved = None;
    let Some((target, run)) = usual_run(view, request, &mut moved) else { return false };
    grant::assign(&target, draft, run.into());
    if moved.is_some() {
        grant::move_policy(target.subnet_name, run.family(), draft, moved);
    }
    true
}

#[inline(always)]
fn usual_run<'v>(
    view: &'v View<'_>,
    request: &'v Assign,
    moved: &mut Option<Moved>,
) -> Option<(Target<'v>, AddrRange)> {
    let Assign { interface: id, vpc, from, pick, reassign: false, hold: None } = request else {
        return None;
    };
    let subnet = match from {
        Source::Home => None,
        Source::Subnet(subnet) => Some(subnet),
        Source::Each(_) | Source::First(_) => return None,
    };
    if pick.auto_only || !pick.prefixes.is_empty() || pick.within.is_some() {
        return None;
    }
    let target = Target::known(view, id, vpc.as_ref(), subnet)?;
    if !target.may_gain() || target.is_busy(view) {
        return None;
    }
    let (block, run) = match (pick.list.as_slice(), pick.count) {
        ([], Some(count)) if count > 0 && Assign::may_assign(count) => {
            let family = pick.family.unwrap_or_else(|| target.subnet.default_family());
            let block = view.block(target.subnet_ix, family)?;
            (block, choose::one_run(target.subnet, &block, pick, count, moved)?)
        }
        (&[Wanted { address, primary: false }], None) => {
            let block = view.block(target.subnet_ix, Family::of(address))?;
            let offset = block.offset(address).filter(|&offset| block.space().is_free(offset))?;
            (block, Span::one(offset))
        }
        _ => return None,
    };
    let room = target.has_room(block.family, pick.count.unwrap_or(1).into());
    room.then(|| (target, block.range(run)))
}

/// Judges an assignment
pub(super) fn decide(
    view: &View<'_>,
    request: &Assign,
    draft: &mut Draft<'_>,
) -> Result<(), Error> {
    let Assign { interface: id, vpc, from, pick, reassign, hold } = request;
    shape(pick)?;
    no_effect(pick, *reassign)?;
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
    let how = How::of(target.subnet, family, Some(pick));
    let mut named = NewlyNamed::default();
    if !pick.list.is_empty() || pick.within.is_some() || prefixed {
        target.judge_addresses(view, pick, *reassign, &mut named)?;
    }
    let slots = named.slots.get_mut(family);
    *slots = slots.saturating_add(count.into());
    target.judge_quota(|family| *named.slots.get(family))?;

    let wanted = u128::from(named.count).saturating_add(count.into());
    let wanted = wanted.saturating_add(named.chosen);
    // What will be refused is counted, never kept.
    let keep = Assign::may_assign(wanted);
    // The answer is what the first change assigns, unless there are more, or something is not new.
    let of = |of| !named.new.get(of).is_empty() || (of == family && count > 0);
    let all_free = named.count == pick.list.len() as u64 && named.not_free.is_none();
    if prefixed || !all_free || (of(Family::V4) && of(Family::V6)) {
        draft.answer_mut().extend(pick.list.iter().map(|wanted| wanted.address));
    }
    named.release_others(&target, draft);
    let found = pick.prefixes.iter().map(|_| AddrList::new()).collect();
    let choice = Choice { family, block, count, keep, how };
    let named = &mut named;
    let mut allocation =
        Allocation { view, target: &target, pick, choice, named, found, moved: None };
    let mut held = AddrList::new();
    for of in Family::ALL {
        let addresses = allocation.of_family(of, draft)?;
        if hold.is_some() {
            held.append(&addresses);
        } else if !addresses.is_empty() {
            grant::assign(&target, draft, addresses);
        }
    }
    let Allocation { found, moved, .. } = allocation;
    for (wanted, found) in pick.prefixes.iter().zip(&found) {
        match wanted {
            WantedPrefix::Named(prefix) => draft.answer_mut().push_prefix(*prefix),
            WantedPrefix::Any { .. } => draft.answer_mut().append(found),
        }
    }
    Error::too_many(wanted)?;
    if let Some(hold) = hold {
        grant::hold(view, &target, draft, hold, held)?;
    }
    grant::move_policy(target.subnet_name, family, draft, moved);
    grant::primaries(&target, draft, &pick.list);
    Ok(())
}

impl Target<'_> {
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

/// Refuses what is said and has no effect on what is asked for
fn no_effect(pick: &Pick, reassign: bool) -> Result<(), Error> {
    if pick.list.is_empty() && pick.count.is_none() {
        // Only prefixes are asked for. They follow no policy.
        let said = [
            (!pick.preferred.is_empty(), Modifier::Preferred),
            (pick.contiguous, Modifier::Contiguous),
            (pick.policy.is_some(), Modifier::Policy),
        ];
        if let Some(&(_, modifier)) = said.iter().find(|(said, _)| *said) {
            return Err(Error::NoEffect(modifier));
        }
    }
    if (reassign || pick.auto_only) && pick.list.is_empty() && pick.within.is_none() {
        let named = |wanted: &WantedPrefix| matches!(wanted, WantedPrefix::Named(_));
        if !pick.prefixes.iter().any(named) {
            let modifier = if reassign { Modifier::Reassign } else { Modifier::AutoOnly };
            return Err(Error::NoEffect(modifier));
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
