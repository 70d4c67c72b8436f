//! Judging prefixes: those named, and those that are to be chosen

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::net::IpAddr;

use ipnet::IpNet;

use super::target::Target;
use crate::command::{Pick, WantedPrefix};
use crate::engine::choose::Waiting;
use crate::error::{AddressFault, AddressFaults, Cause, Error, Fragmented, Shortfall};
use crate::id::SubnetId;
use crate::space::address::{Family, PerFamily, Span, address_of, bits_of, joined};
use crate::space::aligned::AlignedBlock;
use crate::space::free_runs::FreeRuns;
use crate::space::index::Indices;
use crate::space::list::AddrList;
use crate::space::range::AddrRange;
use crate::space::{Space, all_or_none};
use crate::state::index::Ix;
use crate::state::occupant::Occupant;
use crate::state::view::{BlockView, View};

/// Judges the prefixes of a request as far as that needs no look-up
pub(in crate::engine) fn shape(pick: &Pick) -> Result<(), Error> {
    let named = || {
        pick.prefixes.iter().enumerate().filter_map(|(index, wanted)| match *wanted {
            WantedPrefix::Named(prefix) => Some((index, prefix)),
            WantedPrefix::Any { .. } => None,
        })
    };
    judge_named(pick.list.iter().map(|wanted| wanted.address), named)?;
    let none = |wanted: &WantedPrefix| matches!(wanted, WantedPrefix::Any { count: 0, .. });
    if pick.prefixes.iter().any(none) { Err(Error::ZeroCount) } else { Ok(()) }
}

/// A family that prefixes to be chosen are said to be of, and that is another
pub(in crate::engine) fn other_family(pick: &Pick, than: Family) -> Option<Family> {
    pick.prefixes.iter().find_map(|wanted| match *wanted {
        WantedPrefix::Any { family, .. } => family.filter(|&family| family != than),
        WantedPrefix::Named(_) => None,
    })
}

/// The same of prefixes that are only named
pub(in crate::engine) fn list_shape(addresses: &[IpAddr], prefixes: &[IpNet]) -> Result<(), Error> {
    judge_named(addresses.iter().copied(), || prefixes.iter().copied().enumerate())
}

/// Refuses prefixes with host bits, and those that overlap listed addresses or each other
fn judge_named<I: Iterator<Item = (usize, IpNet)>>(
    addresses: impl ExactSizeIterator<Item = IpAddr>,
    named: impl Fn() -> I,
) -> Result<(), Error> {
    if let Some((index, cidr)) = named().find(|(_, prefix)| *prefix != prefix.trunc()) {
        return Err(Error::HostBits { index, cidr, network: cidr.trunc() });
    }
    let many = addresses.len();
    // Last bits and index by first bits, of what does not overlap.
    let mut met = PerFamily::<BTreeMap<u128, (u128, usize)>>::default();
    for (index, address) in addresses.enumerate() {
        let bits = bits_of(address);
        met.get_mut(Family::of(address)).insert(bits, (bits, index));
    }
    let faults = named().filter_map(|(index, prefix)| {
        let (family, span) = (Family::of(prefix.addr()), Span::of_net(prefix));
        let index = many.saturating_add(index);
        let met = met.get_mut(family);
        let below = met.range(..=span.first).next_back().filter(|(_, of)| of.0 >= span.first);
        match below.or_else(|| met.range(span.first..=span.last).next()) {
            Some((&other, &(_, first))) => {
                let address = address_of(family, other.max(span.first));
                Some(AddressFault { index, address, cause: Cause::Duplicate { first } })
            }
            None => {
                met.insert(span.first, (span.last, index));
                None
            }
        }
    });
    AddressFaults::collect(faults.collect::<Vec<_>>())
}

/// Who has a named prefix
pub(in crate::engine) enum PrefixUse {
    /// It does not lie wholly in one subnet
    Outside,
    /// It is assigned, held or in quarantine, exactly as named
    Exact(Ix<SubnetId>, Occupant),
    /// None of its addresses is in use
    Vacant,
    /// It overlaps addresses or prefixes in use
    Otherwise(Cause),
}

/// Looks up a prefix that an interface should have
pub(in crate::engine) fn find(view: &View<'_>, target: &Target<'_>, prefix: IpNet) -> PrefixUse {
    let (range, family) = (AddrRange::from(prefix), Family::of(prefix.addr()));
    let Some(subnet) = view.subnet_at(target.vpc_ix, range.first()) else {
        return PrefixUse::Outside;
    };
    let Some(block) = view.block(subnet, family) else { return PrefixUse::Outside };
    let Some(span) = block.offsets(range) else { return PrefixUse::Outside };
    let Some(at) = block.first_occupied(span) else { return PrefixUse::Vacant };
    let has = block.prefix_at(at);
    let occupant = block.occupant(at);
    match (has, occupant) {
        (Some(has), Some(occupant)) if has == span => PrefixUse::Exact(subnet, occupant),
        (Some(has), Some(occupant)) => {
            let by = occupant.interface().and_then(|by| view.interface_id(by));
            let prefix = block.prefix(has);
            let cause = by.map_or(Cause::NotAssigned, |by| Cause::InPrefix { by, prefix });
            PrefixUse::Otherwise(cause)
        }
        _ => PrefixUse::Otherwise(Cause::NotAssigned),
    }
}

/// The family of prefixes that are to be chosen
pub(in crate::engine) fn family_of(wanted: &WantedPrefix, usual: Family) -> Family {
    match *wanted {
        WantedPrefix::Named(prefix) => Family::of(prefix.addr()),
        WantedPrefix::Any { family, .. } => family.unwrap_or(usual),
    }
}

/// Checks that the subnet has every family that prefixes are asked for, and that their lengths are possible
pub(in crate::engine) fn judge_families(
    view: &View<'_>,
    target: &Target<'_>,
    pick: &Pick,
    usual: Family,
) -> Result<(), Error> {
    let many = pick.list.len();
    let lacks = |family| target.subnet.block(family).is_none();
    let lacking = pick.prefixes.iter().enumerate().filter_map(|(index, wanted)| match *wanted {
        WantedPrefix::Named(prefix) if lacks(Family::of(prefix.addr())) => {
            let (index, address) = (many.saturating_add(index), prefix.addr());
            Some(AddressFault { index, address, cause: Cause::WrongFamily })
        }
        _ => None,
    });
    AddressFaults::collect(lacking)?;
    for wanted in &pick.prefixes {
        if let WantedPrefix::Any { .. } = wanted {
            target.block(view, family_of(wanted, usual))?;
        }
    }
    for (index, wanted) in pick.prefixes.iter().enumerate() {
        let family = family_of(wanted, usual);
        let block = target.block(view, family)?;
        let shortest = block.cidr().map_or(0, |cidr| cidr.prefix_len());
        let shortest = if family == Family::V6 { shortest.max(1) } else { shortest };
        let longest = family.bits();
        let (prefix_len, possible) = match *wanted {
            WantedPrefix::Any { prefix_len, .. } => (prefix_len, shortest..=longest),
            // That a named one is not in the subnet is said of its addresses.
            WantedPrefix::Named(prefix) => {
                (prefix.prefix_len(), u8::from(family == Family::V6)..=longest)
            }
        };
        if !possible.contains(&prefix_len) {
            return Err(Error::PrefixSize { index, prefix_len, shortest, longest });
        }
    }
    Ok(())
}

/// Free offsets that prefixes are chosen from, one after another: each is taken before the next is chosen
enum Free {
    /// Of a whole block: a copy of its space
    Space(Space),
    /// Of a range, or of what is left to prefixes only
    Runs(FreeRuns),
}

impl Free {
    /// The free offsets of a block, or of a range of it, for choosing prefixes
    fn new(space: &Space, within: Option<Span>, many: u64) -> Self {
        if let Some(within) = within {
            let runs: Vec<Span> = space.free_runs(within).collect();
            return Self::Runs(FreeRuns::of_sorted(joined(runs).into_iter()));
        }
        let mut space = space.clone();
        // Without the index each prefix costs a look at the whole bitmap, and so does the index once.
        if many > 2 && !space.indices().blocks {
            space.set_indices(Indices::BLOCKS);
        }
        Self::Space(space)
    }

    /// The free offsets of prefix-only ranges, within a range if one is given
    fn prefix_only(runs: &FreeRuns, within: Option<Span>) -> Self {
        let Some(within) = within else { return Self::Runs(runs.clone()) };
        let runs = runs.from(within.first).map_while(|run| run.overlap(within));
        Self::Runs(FreeRuns::of_sorted(runs))
    }

    /// Takes what is free of a span
    fn take(&mut self, span: Span) {
        match self {
            Self::Space(space) => {
                let free: Vec<Span> = space.free_runs(span).collect();
                free.into_iter().for_each(|run| space.take(run));
            }
            Self::Runs(runs) => runs.remove(span),
        }
    }

    /// How many offsets are left; 2^128 saturates
    fn left(&self) -> u128 {
        match self {
            Self::Space(space) => space.free(),
            Self::Runs(runs) => all_or_none(runs.count_modulo(), || runs.free_block(0)),
        }
    }

    /// Where 2^`order` offsets fit best
    fn best(&self, order: u32) -> Option<u128> {
        match self {
            Self::Space(space) => space.free_block(order),
            Self::Runs(runs) => runs.free_block(order),
        }
    }

    fn largest(&self) -> Option<AlignedBlock> {
        match self {
            Self::Space(space) => space.largest_free_block(),
            Self::Runs(runs) => runs.largest_block(),
        }
    }
}

/// What prefixes are asked of one block beside
pub(in crate::engine) struct PrefixChoice<'a> {
    /// What is named and chosen
    pub(in crate::engine) given: &'a AddrList,
    /// Where; `None` is the whole block
    pub(in crate::engine) within: Option<Span>,
    /// Whether the chosen addresses are kept; otherwise it only checks whether there are enough
    pub(in crate::engine) keep: bool,
}

/// Prefixes that are asked for: which of the list, of what length, and how many
pub(in crate::engine) type Wanted = (usize, u8, u32);

/// Chooses the requested prefixes of one block, one after another
///
/// Prefix-only ranges come first.
pub(in crate::engine) fn choose<'f>(
    target: &Target<'_>,
    block: &BlockView<'_>,
    beside: &PrefixChoice<'_>,
    wanted: impl Iterator<Item = (Wanted, &'f mut AddrList)>,
) -> Result<(), Error> {
    let PrefixChoice { given, within, keep } = *beside;
    let wanted: Vec<(Wanted, &mut AddrList)> = wanted.collect();
    let many =
        wanted.iter().fold(0u64, |sum, ((_, _, count), _)| sum.saturating_add((*count).into()));
    let free = Free::new(block.space(), within, many);
    let only = block.space().prefix_only().map(|only| Free::prefix_only(only, within));
    let mut picker = Picker { block, within, given, free, only, last: None };
    for span in given.ranges().filter_map(|range| block.offsets(range)) {
        picker.take(span);
    }
    for (wanted, found) in wanted {
        *found = picker.choose(target, wanted, keep)?;
    }
    Ok(())
}

struct Picker<'a> {
    block: &'a BlockView<'a>,
    within: Option<Span>,
    /// What is named and chosen beside
    given: &'a AddrList,
    free: Free,
    /// What is left to prefixes only
    only: Option<Free>,
    /// What was chosen last, and is still to be taken
    last: Option<Span>,
}

impl Picker<'_> {
    fn take(&mut self, span: Span) {
        self.free.take(span);
        if let Some(only) = &mut self.only {
            only.take(span);
        }
    }

    fn take_last(&mut self) {
        if let Some(last) = self.last.take() {
            self.take(last);
        }
    }

    /// Offsets that are left
    fn left(&self) -> u128 {
        self.free.left().saturating_add(self.only.as_ref().map_or(0, Free::left))
    }

    /// Where one more of 2^`order` offsets fits best; it is taken from here on
    fn pick(&mut self, order: u32) -> Option<Span> {
        self.take_last();
        let only = self.only.as_ref().and_then(|only| only.best(order));
        let first = only.or_else(|| self.free.best(order))?;
        self.last = Some(AlignedBlock { first, order }.span());
        self.last
    }

    fn largest(&self) -> Option<IpNet> {
        let only = self.only.as_ref().and_then(Free::largest);
        let rank = |of: &AlignedBlock| (of.order, core::cmp::Reverse(of.first));
        let largest = only.into_iter().chain(self.free.largest()).max_by_key(rank)?;
        Some(self.block.prefix(largest.span()))
    }

    fn choose(
        &mut self,
        target: &Target<'_>,
        (index, prefix_len, count): Wanted,
        keep: bool,
    ) -> Result<AddrList, Error> {
        let mut chosen = AddrList::new();
        let family = self.block.family;
        let order = u32::from(family.bits().saturating_sub(prefix_len));
        let size = 1u128.checked_shl(order).unwrap_or(u128::MAX);
        let mut missing = count;
        while missing > 0 {
            if let Some(span) = if keep { self.pick(order) } else { None } {
                chosen.push_prefix(self.block.prefix(span));
                missing = missing.saturating_sub(1);
                continue;
            }
            self.take_last();
            let (free, wanted) = (self.left(), size.saturating_mul(missing.into()));
            if !keep && wanted <= free {
                break;
            }
            let subnet = target.subnet_id();
            let waiting = Waiting::for_prefixes(self.block, self.within, self.given);
            let most = keep.then(|| count.saturating_sub(missing));
            let shortfall = Shortfall { most, ..waiting.shortfall(wanted, free, free) };
            if wanted > free {
                return Err(Error::Exhausted { subnet, family, shortfall });
            }
            let largest = self.largest();
            return Err(Error::Fragmented(Box::new(Fragmented {
                subnet,
                family,
                index,
                prefix_len,
                missing,
                largest,
                shortfall,
            })));
        }
        Ok(chosen)
    }
}
