//! Judging requests that ensure a number of secondary addresses

use alloc::vec::Vec;

use crate::command::{Assign, EnsureCount, Rest};
use crate::engine::choose::{Any, choose_any};
use crate::engine::judge::draft::{Draft, Loss};
use crate::engine::judge::grant;
use crate::engine::judge::target::{Target, free_at, judge_hold};
use crate::error::Error;
use crate::space::address::Span;
use crate::space::list::AddrList;
use crate::state::occupant::Occupant;
use crate::state::owners::Unit;
use crate::state::view::{BlockView, View};

/// Judges a request that ensures a count
pub(super) fn decide(
    view: &View<'_>,
    request: &EnsureCount,
    draft: &mut Draft<'_>,
) -> Result<(), Error> {
    let EnsureCount { interface: id, vpc, subnet, family, count, exact, hold } = request;
    judge_hold(view, hold.as_ref())?;
    let target = Target::find(view, id, vpc.as_ref(), subnet.as_ref())?;
    target.judge_status()?;
    target.judge_tasks(view)?;
    let family = family.unwrap_or_else(|| target.subnet.default_family());
    let block = target.block(view, family)?;

    let primary = target.interface.primary(family).and_then(|of| block.offset(of));
    let mut has: Vec<(Span, Occupant)> = Vec::new();
    let holding = view.holding(target.ix, target.subnet_ix, family).into_iter();
    for (Unit { span, .. }, occupant) in holding.filter(|(unit, _)| !unit.is_prefix) {
        match primary.filter(|&primary| span.contains(primary)) {
            None => has.push((span, occupant)),
            Some(primary) => {
                let parts = span.around(Span::one(primary)).into_iter().flatten();
                has.extend(parts.map(|part| (part, occupant)));
            }
        }
    }
    let held = has.iter().fold(0u128, |sum, (span, _)| sum.saturating_add(span.count()));
    let wanted = u128::from(*count);
    if held > wanted && *exact {
        let excess = held.saturating_sub(wanted);
        return release(view, &target, &block, has, excess, draft);
    }
    draft.answer_mut().extend(has.into_iter().map(|(span, _)| block.range(span)));
    if held >= wanted {
        return Ok(());
    }
    // What is wanted is a u32, and more than is held.
    let missing = u32::try_from(wanted.saturating_sub(held)).unwrap_or(*count);
    let slots = |of| if of == family { missing.into() } else { 0 };
    target.judge_quota(slots)?;
    let any = Any { count: missing, keep: Assign::may_assign(missing), pick: None };
    let chosen = choose_any(target.subnet(), &block, &any)?;
    Error::too_many(missing)?;
    draft.answer_mut().append(&chosen.addresses);
    grant::wake(&target, draft, chosen.resting);
    match hold {
        Some(hold) => grant::hold(view, &target, draft, hold, chosen.addresses)?,
        None => grant::assign(&target, draft, chosen.addresses),
    }
    grant::move_policy(target.subnet_name, family, draft, chosen.moved);
    Ok(())
}

/// Releases this many of the interface's addresses, the latest first, and answers with the others
fn release(
    view: &View<'_>,
    target: &Target<'_>,
    block: &BlockView<'_>,
    has: Vec<(Span, Occupant)>,
    excess: u128,
    draft: &mut Draft<'_>,
) -> Result<(), Error> {
    let range = |span: Span| block.range(span);
    let mut excess = excess;
    let (mut stay, mut go) = (Vec::new(), Vec::new());
    for (span, occupant) in has.into_iter().rev() {
        let many = if matches!(occupant, Occupant::Assigned(_)) { excess } else { 0 };
        let many = many.min(span.count());
        excess = excess.saturating_sub(many);
        let last = span.last.checked_sub(many).filter(|&last| last >= span.first);
        stay.extend(last.map(|last| Span { first: span.first, last }));
        let first = last.map_or(span.first, |last| last.saturating_add(1));
        go.extend((many > 0).then_some(Span { first, last: span.last }));
    }
    if excess > 0 {
        return Err(target.task_running(view));
    }
    let mut released = AddrList::new();
    released.extend(go.into_iter().rev().map(range));
    draft.answer_mut().extend(stay.into_iter().rev().map(range));
    let until = free_at(view, target.subnet_ix, &Rest::USUAL);
    let (interface, subnet) = (*target.id, target.subnet_id());
    let loss = Loss { interface, subnet, addresses: released, until, reason: None };
    draft.release(view, target.place(), loss);
    Ok(())
}
