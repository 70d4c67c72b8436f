//! Judging requests to several subnets: each subnet is judged as it would be alone

use alloc::vec::Vec;

use crate::command::{Assign, Pick};
use crate::engine::choose::{Any, Chosen, choose_any};
use crate::engine::judge::draft::Draft;
use crate::engine::judge::grant;
use crate::engine::judge::target::{Target, judge_hold};
use crate::error::{Error, SubnetRefusal};
use crate::id::SubnetId;
use crate::space::address::{Family, PerFamily};
use crate::state::view::{BlockView, View};

/// Judges an assignment of the same count from each of several subnets
#[cold]
pub(super) fn assign_each(
    view: &View<'_>,
    request: &Assign,
    subnets: &[SubnetId],
    draft: &mut Draft<'_>,
) -> Result<(), Error> {
    let parts = judge(view, request, subnets)?;
    let count = request.pick.count.unwrap_or(0);
    let mut slots = PerFamily::<u64>::default();
    let mut blocks = Vec::with_capacity(parts.len());
    for part in &parts {
        let block = block(view, part, &request.pick)?;
        let slots = slots.get_mut(block.family);
        *slots = slots.saturating_add(count.into());
        blocks.push((part, block));
    }
    if let Some(any) = parts.first() {
        any.judge_quota(|family| *slots.get(family))?;
    }
    let wanted = u128::from(count).saturating_mul(parts.len() as u128);
    let keep = Assign::may_assign(wanted);
    let mut chosen = Vec::with_capacity(if keep { blocks.len() } else { 0 });
    for (part, block) in blocks {
        let some = choose(part, &block, &request.pick, keep)?;
        if keep {
            chosen.push((part, some));
        }
    }
    Error::too_many(wanted)?;
    give(view, request, chosen, draft)
}

/// Judges an assignment from the first of several subnets that has enough
#[cold]
pub(super) fn assign_first(
    view: &View<'_>,
    request: &Assign,
    subnets: &[SubnetId],
    draft: &mut Draft<'_>,
) -> Result<(), Error> {
    let mut refusals = Vec::new();
    for (part, &subnet) in judge(view, request, subnets)?.iter().zip(subnets) {
        match choose_alone(view, part, &request.pick) {
            Ok(chosen) => return give(view, request, alloc::vec![(part, chosen)], draft),
            Err(error) => refusals.push(SubnetRefusal { subnet, error }),
        }
    }
    Err(Error::NoSubnetCan { refusals: refusals.into_boxed_slice() })
}

/// The parts of a request, if nothing is wrong that is the same for all
fn judge<'v>(
    view: &'v View<'_>,
    request: &'v Assign,
    subnets: &'v [SubnetId],
) -> Result<Vec<Target<'v>>, Error> {
    let Assign { interface: id, vpc, pick, hold, .. } = request;
    judge_hold(view, hold.as_ref())?;
    if subnets.is_empty() {
        return Err(Error::NoSubnets);
    }
    distinct(subnets)?;
    if !pick.list.is_empty() || !pick.prefixes.is_empty() || pick.within.is_some() {
        return Err(Error::NamedFromSeveral);
    }
    let parts = Target::find_each(view, id, vpc.as_ref(), subnets)?;
    if let Some(any) = parts.first() {
        any.judge_status()?;
        any.judge_tasks(view)?;
    }
    Ok(parts)
}

/// Refuses a list that has a subnet twice
fn distinct(subnets: &[SubnetId]) -> Result<(), Error> {
    let mut sorted: Vec<(SubnetId, usize)> = subnets.iter().copied().zip(0..).collect();
    sorted.sort_unstable();
    let twice = sorted.iter().zip(sorted.iter().skip(1)).filter(|(a, b)| a.0 == b.0);
    match twice.min_by_key(|(_, second)| second.1) {
        Some((&(subnet, first), &(_, second))) => Err(Error::SubnetTwice { subnet, first, second }),
        None => Ok(()),
    }
}

/// The block of a subnet that a pick is to be chosen from
fn block<'v>(view: &'v View<'_>, part: &Target<'_>, pick: &Pick) -> Result<BlockView<'v>, Error> {
    let family: Family = pick.family.unwrap_or_else(|| part.subnet.default_family());
    part.block(view, family)
}

/// Chooses the addresses of a pick in one subnet
fn choose_alone(view: &View<'_>, part: &Target<'_>, pick: &Pick) -> Result<Chosen, Error> {
    let block = block(view, part, pick)?;
    let count = pick.count.unwrap_or(0);
    let slots = |of| if of == block.family { count.into() } else { 0 };
    part.judge_quota(slots)?;
    let chosen = choose(part, &block, pick, Assign::may_assign(count))?;
    Error::too_many(count)?;
    Ok(chosen)
}

/// So many of a block, or only whether there are as many
fn choose(
    part: &Target<'_>,
    block: &BlockView<'_>,
    pick: &Pick,
    keep: bool,
) -> Result<Chosen, Error> {
    let any = Any { count: pick.count.unwrap_or(0), keep, pick: Some(pick) };
    choose_any(part.subnet(), block, &any)
}

/// Assigns or holds what was chosen of each subnet
fn give(
    view: &View<'_>,
    request: &Assign,
    chosen: Vec<(&Target<'_>, Chosen)>,
    draft: &mut Draft<'_>,
) -> Result<(), Error> {
    let (mut held, mut positions) = (Vec::new(), Vec::new());
    for (part, Chosen { addresses, resting, moved }) in chosen {
        let family = addresses.family().unwrap_or_else(|| part.subnet.default_family());
        positions.push((part.subnet_name, family, moved));
        draft.answer_mut().append(&addresses);
        grant::wake(part, draft, resting);
        match request.hold {
            Some(_) => held.push((part, addresses)),
            None => grant::assign(part, draft, addresses),
        }
    }
    if let Some(hold) = &request.hold {
        grant::hold_each(view, draft, hold, held)?;
    }
    for (subnet, family, moved) in positions {
        grant::move_policy(subnet, family, draft, moved);
    }
    Ok(())
}
