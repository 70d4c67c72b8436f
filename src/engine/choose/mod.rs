//! Choosing addresses: free ones by a policy, then those whose quarantine ends first
//!
//! This file chooses the lowest. `policies` chooses by any other policy, from what is `eligible`. `waiting` has the
//! addresses in quarantine.

mod eligible;
mod policies;
mod waiting;

use core::net::IpAddr;

use crate::command::{Assign, Pick};
use crate::error::{Error, Shortfall};
use crate::id::SubnetId;
use crate::rules::Policy;
use crate::space::address::{Family, Span};
use crate::space::list::AddrList;
use crate::space::runs::Runs;
use crate::space::scattered::{Scattered, lowest, up_to};
use crate::state::name::Name;
use crate::state::selection::Selection;
use crate::state::subnet::Subnet;
use crate::state::view::BlockView;
use eligible::Eligible;
pub(super) use waiting::Waiting;

/// What is to be chosen of a block
pub(super) struct Asked<'a> {
    pub(super) count: u32,
    /// Where; `None` is the whole block
    pub(super) within: Option<Span>,
    /// What is asked for by name beside it, and so cannot be chosen
    pub(super) named: &'a AddrList,
    /// How many of those are not free
    pub(super) occupied: u128,
    /// Whether what rests is chosen where too few are free
    pub(super) early: bool,
    /// Whether what is chosen is to be kept; else it is only seen whether there are so many
    pub(super) keep: bool,
    /// By which policy, unless it is simply the lowest
    pub(super) how: Option<How<'a>>,
}

/// Any so many of a whole block, and nothing by name
pub(super) struct Any<'a> {
    pub(super) count: u32,
    pub(super) keep: bool,
    /// The request, if it may say how
    pub(super) pick: Option<&'a Pick>,
}

/// By which policy to choose, and what goes before that
#[derive(Clone, Copy)]
pub(super) struct How<'a> {
    policy: Policy,
    /// Where it stands
    position: u128,
    /// Whether it is the subnet's own, and so moves on
    own: bool,
    preferred: &'a [IpAddr],
    contiguous: bool,
}

impl<'a> How<'a> {
    /// By the subnet's policy, or that of the request; `None` where that is simply the lowest
    #[inline]
    pub(super) fn of(subnet: &Subnet, family: Family, pick: Option<&'a Pick>) -> Option<Self> {
        let selection = subnet.selection();
        if selection.is_none() && pick.is_none_or(is_plain) {
            return None;
        }
        Some(Self::other(selection, family, pick))
    }

    #[inline]
    fn other(selection: Option<&Selection>, family: Family, pick: Option<&'a Pick>) -> Self {
        let asked = pick.and_then(|pick| pick.policy);
        let own = selection.map_or(Policy::Lowest, |of| of.policy);
        let policy = asked.unwrap_or(own);
        // A request's own sequence begins with it; where the next is looked for is the subnet's to say.
        let goes_on = asked.is_none() || (policy, own) == (Policy::Next, Policy::Next);
        let position = selection.filter(|_| goes_on).map_or(0, |of| of.at(family));
        Self {
            policy,
            position,
            own: asked.is_none(),
            preferred: pick.map_or(&[], |pick| &pick.preferred),
            contiguous: pick.is_some_and(|pick| pick.contiguous),
        }
    }
}

/// Whether a request leaves how to choose to the subnet's policy
#[inline]
fn is_plain(pick: &Pick) -> bool {
    pick.policy.is_none() && pick.preferred.is_empty() && !pick.contiguous
}

/// What was chosen
#[derive(Default)]
pub(super) struct Chosen {
    /// What is free, ascending, then what rests
    pub(super) addresses: AddrList,
    /// Those of them that rest
    pub(super) woken: AddrList,
    /// Where the subnet's policy stands then, if that is another place
    pub(super) moved: Option<Moved>,
}

/// Where a subnet's policy stands in a family
#[derive(Clone, Copy)]
pub(super) enum Moved {
    /// What is looked at first
    Cursor(IpAddr),
    /// Draws made
    Drawn(u64),
}

/// Why not so many can be chosen
enum Shortage {
    /// So few are free, and the request would have been given so many
    Few { free: u128, most: u128 },
    /// So many are free, but no range of them is long enough; the longest
    NoRun(u128, Option<Span>),
}

/// Any so many of a subnet's block
pub(super) fn choose_any(
    (name, subnet): (&Name<SubnetId>, &Subnet),
    block: &BlockView<'_>,
    any: &Any<'_>,
) -> Result<Chosen, Error> {
    let &Any { count, keep, pick } = any;
    let named = &AddrList::new();
    let how = How::of(subnet, block.family, pick);
    let early = subnet.profile.quarantine.when_exhausted;
    let asked = Asked { count, within: None, named, occupied: 0, early, keep, how };
    choose(name, block, &asked)
}

/// One run of a whole block, where the policy alone says which; and where that stands then, if it moves
///
/// `None` says nothing: there may be others.
#[inline(always)]
pub(super) fn one_run(
    subnet: &Subnet,
    block: &BlockView<'_>,
    pick: &Pick,
    count: u32,
    moved: &mut Option<Moved>,
) -> Option<Span> {
    match How::of(subnet, block.family, Some(pick)) {
        None => first_run(block, block.space.whole(), count),
        Some(how) => how.one(block, count, moved),
    }
}

/// What is asked for of a subnet's block, or why there is not so much
pub(super) fn choose(
    name: &Name<SubnetId>,
    block: &BlockView<'_>,
    asked: &Asked<'_>,
) -> Result<Chosen, Error> {
    search(block, asked).map_err(|shortage| refusal(name, block, asked, shortage))
}

/// Free addresses of a block and, if those are too few and it is asked for, those whose rest ends first
fn search(block: &BlockView<'_>, asked: &Asked<'_>) -> Result<Chosen, Shortage> {
    if let Some(how) = &asked.how {
        return by_policy(block, asked, how);
    }
    let found = match free(block, asked) {
        Ok(addresses) => return Ok(Chosen { addresses, ..Chosen::default() }),
        Err(found) => found,
    };
    let most = u32::try_from(found).unwrap_or(asked.count);
    with_resting(block, asked, found, || {
        let all = Asked { count: most, ..*asked };
        let addresses = if most == 0 { Ok(AddrList::new()) } else { free(block, &all) };
        Chosen { addresses: addresses.unwrap_or_default(), ..Chosen::default() }
    })
}

/// The same by another policy than the lowest, and where it is not the policy's alone to choose
#[cold]
fn by_policy(block: &BlockView<'_>, asked: &Asked<'_>, how: &How<'_>) -> Result<Chosen, Shortage> {
    let mut eligible = Eligible::new(block, asked.within, asked.named);
    let free = eligible.count();
    let too_few = u128::from(asked.count) > free;
    if how.contiguous {
        if too_few {
            let most = eligible.longest_run().map_or(0, Span::count);
            return Err(Shortage::Few { free, most });
        }
        let list = |run| AddrList::from(block.range(run));
        if let Some(run) = how.preferred_run(&eligible, asked.count) {
            let addresses = list(run);
            return Ok(Chosen { addresses, ..Chosen::default() });
        }
        let run = how.first_run(&eligible, asked.count);
        let run = run.ok_or_else(|| Shortage::NoRun(free, eligible.longest_run()))?;
        return Ok(how.chosen(block, AddrList::new(), (list(run), how.position)));
    }
    if too_few {
        let count = u32::try_from(free).unwrap_or(asked.count);
        return with_resting(block, asked, free, || how.pick(&mut eligible, count));
    }
    if !asked.keep {
        return Ok(Chosen::default());
    }
    Ok(how.pick(&mut eligible, asked.count))
}

impl How<'_> {
    /// One address, where the policy alone says which
    #[inline(never)]
    fn one(&self, block: &BlockView<'_>, count: u32, moved: &mut Option<Moved>) -> Option<Span> {
        if count != 1 || self.contiguous || !self.preferred.is_empty() {
            return None;
        }
        let eligible = Eligible::all(block);
        let (offset, drawn) = policies::first(&eligible, self.policy, self.position)?;
        *moved = self.moved(block, Some(offset), drawn);
        Some(Span::one(offset))
    }

    /// So many, of which there are as many
    fn pick(&self, eligible: &mut Eligible<'_>, count: u32) -> Chosen {
        let mut addresses = AddrList::new();
        let mut missing = count;
        for offset in self.preferred_of(eligible.block) {
            if missing > 0 && eligible.contains(offset) {
                addresses.push(eligible.block.range(Span::one(offset)));
                missing = missing.saturating_sub(1);
                if missing > 0 {
                    eligible.take_out(Span::one(offset));
                }
            }
        }
        let (chosen, drawn) = policies::pick(eligible, (self.policy, self.position), missing);
        self.chosen(eligible.block, addresses, (chosen, drawn))
    }

    /// Addresses that are not, and those that are the policy's choice, with the draws made then
    fn chosen(
        &self,
        block: &BlockView<'_>,
        mut before: AddrList,
        (chosen, drawn): (AddrList, u128),
    ) -> Chosen {
        let moved = self.moved(block, last_of(block, &chosen), drawn);
        if before.is_empty() {
            before = chosen;
        } else {
            before.append(&chosen);
        }
        Chosen { addresses: before, woken: AddrList::new(), moved }
    }

    /// Where the subnet's policy stands when this was chosen last and so many draws are made, if that is elsewhere
    fn moved(&self, block: &BlockView<'_>, last: Option<u128>, drawn: u128) -> Option<Moved> {
        if !self.own {
            return None;
        }
        match self.policy {
            Policy::Next => {
                let next = last?.checked_add(1).filter(|&next| block.space.whole().contains(next));
                let next = next.unwrap_or(0);
                (next != self.position).then(|| Moved::Cursor(block.address(next)))
            }
            Policy::Random { .. } if drawn != self.position => {
                u64::try_from(drawn).ok().map(Moved::Drawn)
            }
            _ => None,
        }
    }

    /// The offsets of those preferred that lie in the block, in order
    fn preferred_of<'b>(&'b self, block: &'b BlockView<'_>) -> impl Iterator<Item = u128> + 'b {
        self.preferred.iter().filter_map(|&address| block.offset(address))
    }

    /// The range that begins at the first preferred address that has room for it
    fn preferred_run(&self, eligible: &Eligible<'_>, count: u32) -> Option<Span> {
        let runs = self.preferred_of(eligible.block).filter_map(|first| run_of(first, count));
        { runs }.find(|run| {
            let ends_within = run.last <= eligible.within.last && eligible.contains(run.first);
            ends_within && eligible.space.free_run_last(run.first, run.last) == run.last
        })
    }

    /// The first range that is long enough, from where the policy looks first
    fn first_run(&self, eligible: &Eligible<'_>, count: u32) -> Option<Span> {
        let first = eligible.within.first;
        let from = match self.policy {
            Policy::Next => self.position,
            Policy::From { offset } => offset,
            _ => first,
        };
        let above = eligible.first_run(from.max(first), count.into());
        // From the bottom again, where something lies below.
        let all = || eligible.first_run(first, count.into());
        run_of(above.or_else(|| if from > first { all() } else { None })?, count)
    }
}

/// So many that begin at an offset
fn run_of(first: u128, count: u32) -> Option<Span> {
    let last = first.checked_add(u128::from(count).checked_sub(1)?)?;
    Some(Span { first, last })
}

/// All that is free, which is too little, and what rests
#[cold]
fn with_resting(
    block: &BlockView<'_>,
    asked: &Asked<'_>,
    left: u128,
    choose_all: impl FnOnce() -> Chosen,
) -> Result<Chosen, Shortage> {
    let few = |found| Shortage::Few { free: left, most: left.saturating_add(found) };
    if !asked.early {
        return Err(few(0));
    }
    let missing = u128::from(asked.count).saturating_sub(left);
    if missing > block.slots_resting().into() && asked.within.is_none() && asked.named.is_empty() {
        // Too little for sure, and mostly it is known how much without a look at all that rests.
        if let Some(found) = block.resting_freely() {
            return Err(few(found));
        }
    }
    let keep = asked.keep && missing <= block.slots_resting().into();
    let waiting = Waiting::of(block, asked);
    let mut resting = waiting.addresses();
    let mut woken = AddrList::new();
    let mut found = 0u128;
    while found < missing {
        let Some(offset) = resting.next() else { return Err(few(found)) };
        found = found.saturating_add(1);
        if keep {
            woken.push(block.range(Span::one(offset)));
        }
    }
    if !asked.keep {
        return Ok(Chosen::default());
    }
    let mut chosen = choose_all();
    // The cursor goes behind what was chosen last, and that may be where it stands.
    if let Some(how) = asked.how.as_ref().filter(|how| how.policy == Policy::Next) {
        chosen.moved = how.moved(block, last_of(block, &woken), how.position);
    }
    chosen.addresses.append(&woken);
    Ok(Chosen { woken, ..chosen })
}

/// The lowest free addresses; refused with how many there are
fn free(block: &BlockView<'_>, asked: &Asked<'_>) -> Result<AddrList, u128> {
    let &Asked { count, named, keep, .. } = asked;
    let within = asked.within.unwrap_or(block.space.whole());
    let any = keep && named.is_empty();
    if let Some(run) = if any { first_run(block, within, count) } else { None } {
        return Ok(AddrList::from(block.range(run)));
    }
    if asked.within.is_none() {
        let named = named.count().saturating_sub(asked.occupied);
        let free = block.space().free().saturating_sub(named);
        if u128::from(count) > free {
            return Err(free);
        }
        if !keep {
            return Ok(AddrList::new());
        }
    }
    if let Some(chosen) = if any { scattered(block, within, count) } else { None } {
        return Ok(chosen);
    }
    let eligible = Eligible::new(block, asked.within, named);
    if !keep {
        let free = eligible.count();
        return if u128::from(count) > free { Err(free) } else { Ok(AddrList::new()) };
    }
    policies::lowest(&eligible, count)
}

/// The first free run, as far as it is wanted, if it alone is enough
#[inline]
pub(super) fn first_run(block: &BlockView<'_>, within: Span, count: u32) -> Option<Span> {
    let first = block.space().next_free(within.first)?;
    let last = first.checked_add(u128::from(count).checked_sub(1)?)?;
    let enough =
        last <= within.last && (last == first || block.space().free_run_last(first, last) == last);
    enough.then_some(Span { first, last })
}

/// The lowest `count` free addresses by whole words, if they are near the bottom
fn scattered(block: &BlockView<'_>, within: Span, count: u32) -> Option<AddrList> {
    let mut offsets = Scattered::default();
    let mut missing = count;
    for (word, free) in block.space().free_words(within.first) {
        let bits = lowest(free & up_to(word, within.last)?, missing);
        offsets.push(word, bits);
        missing = missing.saturating_sub(bits.count_ones());
        if missing == 0 {
            return Some(AddrList::scattered(block.family, block.base(), offsets));
        }
    }
    None
}

/// The refusal of what was asked for
#[cold]
fn refusal(
    name: &Name<SubnetId>,
    block: &BlockView<'_>,
    asked: &Asked<'_>,
    shortage: Shortage,
) -> Error {
    let subnet = name.id();
    let (free, most) = match shortage {
        Shortage::Few { free, most } => (free, most),
        Shortage::NoRun(free, longest) => {
            let range = |span: Span| block.range(span);
            let (within, longest) = (asked.within.map(range), longest.map(range));
            let (family, wanted) = (block.family, asked.count);
            return Error::NoRun { subnet, family, wanted, within, free, longest };
        }
    };
    let waiting = Waiting::of(block, asked);
    let had = if waiting.early { most } else { free };
    // More than one command may assign would be refused for that.
    let room = u128::from(Assign::MAX_ADDRESSES).saturating_sub(asked.named.slots());
    let most = u32::try_from(most.min(room)).ok();
    let shortfall = Shortfall { most, ..waiting.shortfall(asked.count.into(), free, had) };
    Error::Exhausted { subnet, family: block.family, shortfall }
}

/// The offset of the last of a list, which lies in the block
fn last_of(block: &BlockView<'_>, list: &AddrList) -> Option<u128> {
    Some(block.offsets(list.ranges().last()?)?.last)
}

/// The offsets of those of a list that lie in the block
fn offsets(block: &BlockView<'_>, list: &AddrList) -> Runs<()> {
    let mut offsets = Runs::default();
    for span in list.ranges().filter_map(|range| block.offsets(range)) {
        offsets.insert(span, ());
    }
    offsets
}
