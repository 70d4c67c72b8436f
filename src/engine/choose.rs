//! Choosing addresses: the lowest that are free, then those whose rest ends first

use crate::error::{Error, Shortfall};
use crate::id::SubnetId;
use crate::space::address::Span;
use crate::space::list::AddrList;
use crate::space::runs::Runs;
use crate::space::scattered::{Scattered, lowest, up_to};
use crate::state::view::BlockView;

/// What is to be chosen of a block
pub(super) struct Asked<'a> {
    pub(super) count: u32,
    /// Where; `None` is the whole block
    pub(super) within: Option<Span>,
    /// What is asked for by name beside it, and so cannot be chosen
    pub(super) named: &'a AddrList,
    /// How many of those are not free
    pub(super) occupied: u64,
    /// Whether what rests is chosen where too few are free
    pub(super) early: bool,
    /// Whether what is chosen is to be kept; else it is only seen whether there are so many
    pub(super) keep: bool,
}

impl<'a> Asked<'a> {
    /// Any so many of the whole block
    pub(super) fn any(count: u32, early: bool, named: &'a AddrList) -> Self {
        Self { count, within: None, named, occupied: 0, early, keep: true }
    }
}

/// What was chosen
#[derive(Default)]
pub(super) struct Chosen {
    /// What is free, ascending, then what rests
    pub(super) addresses: AddrList,
    /// Those of them that rest
    pub(super) woken: AddrList,
}

/// The lowest free addresses of a block and, if those are too few and it is asked for, those whose rest
/// ends first
///
/// Refused with how many are free.
pub(super) fn choose(block: &BlockView<'_>, asked: &Asked<'_>) -> Result<Chosen, u128> {
    match free(block, asked) {
        Ok(addresses) => Ok(Chosen { addresses, woken: AddrList::new() }),
        Err(free) if asked.early => with_resting(block, asked, free),
        Err(free) => Err(free),
    }
}

/// All that is free, which is too little, and what rests
#[cold]
fn with_resting(block: &BlockView<'_>, asked: &Asked<'_>, left: u128) -> Result<Chosen, u128> {
    let missing = u128::from(asked.count).saturating_sub(left);
    if missing > block.resting() {
        return Err(left);
    }
    let all = Asked { count: u32::try_from(left).map_err(|_| left)?, ..*asked };
    let mut addresses = if all.count == 0 { AddrList::new() } else { free(block, &all)? };
    let mut named = Runs::default();
    for span in asked.named.ranges().filter_map(|range| block.block.offsets(range)) {
        named.insert(span, ());
    }
    let eligible = |&at: &u128| {
        let withheld = block.withheld_by_rule(at).is_some() || block.reservation_at(at).is_some();
        !named.contains(at) && !withheld
    };
    let within = asked.within.unwrap_or(block.block.space.whole());
    // Of a range with fewer addresses than rest in all of the block, those are looked at, and not these.
    let few = within.count() < block.resting();
    let few = few.then(|| block.resting_within(within));
    let all = few.is_none().then(|| block.resting_in_order().map(|(offset, _)| offset));
    let all = all.into_iter().flatten().filter(|&at| within.contains(at));
    let mut resting = few.into_iter().flatten().chain(all).filter(eligible);
    let mut woken = AddrList::new();
    let mut found = 0u128;
    while found < missing {
        let Some(offset) = resting.next() else { return Err(left) };
        found = found.saturating_add(1);
        if asked.keep {
            woken.push(block.block.range(Span::one(offset)));
        }
    }
    addresses.append(&woken);
    Ok(Chosen { addresses, woken })
}

/// The lowest free addresses; refused with how many there are
fn free(block: &BlockView<'_>, asked: &Asked<'_>) -> Result<AddrList, u128> {
    let &Asked { count, named, keep, .. } = asked;
    let within = asked.within.unwrap_or(block.block.space.whole());
    let any = keep && named.is_empty();
    if let Some(run) = if any { first_run(block, within, count) } else { None } {
        return Ok(AddrList::from(block.block.range(run)));
    }
    if asked.within.is_none() {
        let named = named.count().saturating_sub(asked.occupied.into());
        let free = block.free().saturating_sub(named);
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

/// The refusal of what was asked for where `free` are to be had
pub(super) fn exhausted(
    subnet: SubnetId,
    block: &BlockView<'_>,
    asked: &Asked<'_>,
    free: u128,
) -> Error {
    let next = block.resting_in_order().next();
    let missing = u128::from(asked.count).saturating_sub(free);
    let enough = missing.checked_sub(1).filter(|_| asked.within.is_none());
    let enough = enough.filter(|&more| more < block.resting());
    let enough = enough.and_then(|more| block.resting_in_order().nth(usize::try_from(more).ok()?));
    let shortfall = Shortfall {
        wanted: asked.count.into(),
        within: asked.within.map(|span| block.block.range(span)),
        free,
        assigned: block.assigned(),
        held: block.held(),
        quarantined: block.resting(),
        next: next.and_then(|(_, rest)| block.rest_end(rest)),
        enough: enough.and_then(|(_, rest)| block.rest_end(rest)),
        reserved: block.withheld(),
        total: block.block.space.whole().count(),
    };
    Error::Exhausted { subnet, family: block.block.family, shortfall }
}
