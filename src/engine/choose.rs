//! Choosing addresses: the lowest that are free

use crate::error::{Error, Shortfall};
use crate::id::SubnetId;
use crate::space::address::Span;
use crate::space::list::AddrList;
use crate::space::runs::Runs;
use crate::space::scattered::{Scattered, lowest, up_to};
use crate::state::view::BlockView;

/// The lowest `count` free addresses, but for those of `named`; within a span if one is given
///
/// Unless they are to be kept, it is only seen whether there are so many. Refused with how many there
/// are.
pub(super) fn choose(
    block: &BlockView<'_>,
    asked: Option<Span>,
    named: &AddrList,
    count: u32,
    keep: bool,
) -> Result<AddrList, u128> {
    let within = asked.unwrap_or(block.block.space.whole());
    let any = keep && named.is_empty();
    if let Some(run) = if any { first_run(block, within, count) } else { None } {
        return Ok(AddrList::from(block.block.range(run)));
    }
    if asked.is_none() {
        let free = block.free().saturating_sub(named.count());
        if u128::from(count) > free {
            return Err(free);
        }
        if !keep {
            return Ok(AddrList::new());
        }
    }
    match if any { scattered(block, within, count) } else { None } {
        Some(chosen) => Ok(chosen),
        None => run_by_run(block, within, named, count, keep),
    }
}

/// The first free run, as far as it is wanted, if it alone is enough
#[inline]
pub(super) fn first_run(block: &BlockView<'_>, within: Span, count: u32) -> Option<Span> {
    let first = block.next_free(within.first)?;
    let last = first.checked_add(u128::from(count).checked_sub(1)?)?;
    let enough = last <= within.last && (last == first || block.free_run_last(first, last) == last);
    enough.then_some(Span { first, last })
}

/// The lowest `count` free addresses by whole words, if they are near the bottom
fn scattered(block: &BlockView<'_>, within: Span, count: u32) -> Option<AddrList> {
    let mut offsets = Scattered::default();
    let mut missing = count;
    for (word, free) in block.free_words(within.first)? {
        let bits = lowest(free & up_to(word, within.last)?, missing);
        offsets.push(word, bits);
        missing = missing.saturating_sub(bits.count_ones());
        if missing == 0 {
            return Some(AddrList::scattered(block.block.family, block.block.base(), offsets));
        }
    }
    None
}

/// The lowest `count` free addresses; if there are not so many, how many were found
fn run_by_run(
    block: &BlockView<'_>,
    within: Span,
    named: &AddrList,
    count: u32,
    keep: bool,
) -> Result<AddrList, u128> {
    let mut taken = Runs::default();
    for span in named.ranges().filter_map(|range| block.block.offsets(range)) {
        taken.insert(span, ());
    }
    let mut chosen = AddrList::new();
    let mut missing = count;
    let mut from = Some(within.first);
    while missing > 0 {
        let next = from.and_then(|from| block.next_free(from));
        let Some(first) = next.filter(|&first| first <= within.last) else {
            return Err(count.saturating_sub(missing).into());
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
            chosen.push(block.block.range(run));
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
    let shortfall = Shortfall {
        wanted: count.into(),
        within,
        free,
        assigned,
        reserved,
        held: 0,
        quarantined: 0,
        next: None,
        total,
    };
    Error::Exhausted { subnet, family: block.block.family, shortfall }
}
