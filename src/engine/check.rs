//! Checking every invariant by recomputing it

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::ToString;
use alloc::vec::Vec;

use super::Engine;
use crate::error::Corruption;
use crate::id::{InterfaceId, SubnetId, Task, VpcId};
use crate::rules::Policy;
use crate::space::address::{Family, PerFamily, Span, joined};
use crate::state::State;
use crate::state::index::{BlockKey, Ix};
use crate::state::interface::{Count, Interface};
use crate::state::occupant::Occupant;
use crate::state::subnet::{Block, Subnet};
use crate::state::tasks::TaskRecord;
use crate::state::vpc::{Vpc, are_sound};

/// What interfaces have of each block, as their lists say
type Had = BTreeMap<(Ix<SubnetId>, Family), Lists>;

#[derive(Default)]
struct Lists {
    spans: Vec<Span>,
    /// How many slots of them are held
    held: u32,
}

impl Engine {
    /// Checks every invariant by recomputing it
    ///
    /// For tests and audits: it costs time and memory in proportion to everything that the engine holds.
    ///
    /// ```
    #[doc = include_str!("example.txt")]
    /// engine.check()?;
    /// # Ok::<(), ipam_core::Corruption>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Corruption`]: the first broken invariant, which is a bug in this crate or a fault of the machine.
    pub fn check(&self) -> Result<(), Corruption> {
        let state = &self.state;
        let profiles = state.subnets.iter().map(|(.., subnet)| &subnet.profile);
        let tables = [
            state.vpcs.corruption(),
            state.subnets.corruption(),
            state.interfaces.corruption(),
            state.profiles.corruption(profiles),
            state.tasks.corruption(|id| state.interfaces.find(id)),
            state.tokens.corruption(),
            check_deadlines(state),
        ];
        tables.into_iter().flatten().next().map_or(Ok(()), |what| Err(corruption(what, "")))?;

        let mut home_interfaces = BTreeMap::new();
        let mut had = Had::new();
        for (ix, id, interface) in state.interfaces.iter() {
            let home_interfaces: &mut u64 = home_interfaces.entry(interface.home).or_default();
            *home_interfaces = home_interfaces.saturating_add(1);
            check_interface(state, ix, interface, &mut had).map_err(|what| corruption(what, id))?;
        }
        let mut held = BTreeMap::new();
        for (task, record) in state.tasks.iter().filter(|(_, of)| !of.stage.is_finished()) {
            check_task(state, task, record, &mut held).map_err(|what| corruption(what, task))?;
        }
        for (ix, id, subnet) in state.subnets.iter() {
            let home_interfaces = home_interfaces.get(&ix).copied().unwrap_or_default();
            let held = |family| held.get(&(ix, family)).copied().unwrap_or_default();
            check_subnet(state, ix, subnet, home_interfaces, held, &mut had)
                .map_err(|what| corruption(what, id))?;
        }
        for (ix, id, vpc) in state.vpcs.iter() {
            check_vpc(state, ix, vpc).map_err(|what| corruption(what, id))?;
        }
        Ok(())
    }
}

fn corruption(what: &'static str, id: impl ToString) -> Corruption {
    Corruption { what, subject: Some(id.to_string()).filter(|id| !id.is_empty()) }
}

fn check_interface(
    state: &State,
    ix: Ix<InterfaceId>,
    interface: &Interface,
    had: &mut Had,
) -> Result<(), &'static str> {
    let mut counts = PerFamily::<Count>::default();
    let mut primaries = PerFamily::<bool>::default();
    let blocks = interface.holdings().map(|held| (held.subnet(), held.family()));
    if !blocks.is_sorted_by(|a, b| a < b) {
        return Err("an interface's lists are out of order");
    }
    for holding in interface.holdings() {
        let subnet = state.subnets.get(holding.subnet());
        let block = subnet.and_then(|subnet| subnet.block(holding.family()));
        let block = block.ok_or("an interface has addresses of a subnet that is not there")?;
        let lists = had.entry((holding.subnet(), holding.family())).or_default();
        let mut previous = None;
        let mut listed = Count::default();
        for (unit, generation) in block.owners.iter(holding.list) {
            let offset = unit.span.first;
            match block.owners.get(offset) {
                Some((Occupant::Assigned(by), made)) if (by, made) == (ix, generation) => {}
                Some((Occupant::Held(by), made)) if (by, made) == (ix, generation) => {
                    lists.held = lists.held.saturating_add(1);
                }
                _ => return Err("an interface lists an address that is not its own"),
            }
            if previous > Some(generation) || generation > state.revision {
                return Err("an interface's addresses are not in order of assignment");
            }
            previous = Some(generation);
            listed.slots = listed.slots.saturating_add(1);
            listed.prefixes = listed.prefixes.saturating_add(unit.is_prefix.into());
            if listed.slots > holding.list.count() {
                return Err("an interface's list of addresses does not end");
            }
            let primary = interface.primary(holding.family());
            let is_primary = !unit.is_prefix && primary == Some(block.address(offset));
            *primaries.get_mut(holding.family()) |= is_primary;
            lists.spans.push(unit.span);
        }
        if listed.slots != holding.list.count() || listed.slots == 0 {
            return Err("an interface's list of addresses is not as long as it says");
        }
        if !block.owners.links_back(holding.list) {
            return Err("an interface's list of addresses does not lead back");
        }
        let count = counts.get_mut(holding.family());
        count.slots = count.slots.saturating_add(listed.slots);
        count.prefixes = count.prefixes.saturating_add(listed.prefixes);
    }
    if counts != interface.count {
        return Err("an interface counts its addresses wrongly");
    }
    let lost = |family| interface.primary(family).is_some() && !primaries.get(family);
    if Family::ALL.into_iter().any(lost) {
        return Err("an interface does not have its primary");
    }
    match state.subnets.get(interface.home) {
        Some(_) => Ok(()),
        None => Err("an interface's home is not there"),
    }
}

fn check_vpc(state: &State, ix: Ix<VpcId>, vpc: &Vpc) -> Result<(), &'static str> {
    if !are_sound(vpc.cidrs()) {
        return Err("a VPC's CIDRs have host bits, or overlap");
    }
    if let Some(what) = vpc.subnets.corruption() {
        return Err(what);
    }
    for family in Family::ALL {
        let mut below = None;
        for (first, subnet) in vpc.subnets.iter(family) {
            let subnet = state.subnets.get(subnet).filter(|subnet| subnet.vpc == ix);
            let span = subnet.and_then(|subnet| subnet.block(family)).map(|block| block.span());
            let Some(span) = span.filter(|span| span.first == first) else {
                return Err("a VPC lists a subnet that is not its own, or not where it is");
            };
            if below >= Some(first) {
                return Err("two subnets of a VPC overlap");
            }
            below = Some(span.last);
        }
    }
    Ok(())
}

fn check_subnet(
    state: &State,
    ix: Ix<SubnetId>,
    subnet: &Subnet,
    home_interfaces: u64,
    held: impl Fn(Family) -> u32,
    had: &mut Had,
) -> Result<(), &'static str> {
    if u64::from(subnet.home_interfaces) != home_interfaces {
        return Err("a subnet counts its interfaces wrongly");
    }
    let vpc = state.vpcs.get(subnet.vpc).ok_or("a subnet's VPC is not there")?;
    if !subnet.blocks().is_sorted_by(|a, b| a.family < b.family) {
        return Err("a subnet's blocks are out of order");
    }
    for block in subnet.blocks() {
        if block.space.indices() != subnet.indices() {
            return Err("a subnet's families keep different indices");
        }
        let first = block.span().first;
        if vpc.subnets.next(block.family, first) != Some((first, ix)) {
            return Err("a subnet is not in its VPC's map");
        }
        if !block.cidr().is_some_and(|cidr| vpc.allows(cidr)) {
            return Err("a subnet lies in no CIDR of its VPC");
        }
        let Lists { mut spans, held: listed } = had.remove(&(ix, block.family)).unwrap_or_default();
        if [block.held, held(block.family)] != [listed; 2] {
            return Err("a held address is not its task's");
        }
        check_rests(state, block, &mut spans)?;
        if let Some(what) = block.owners.corruption(spans.len()) {
            return Err(what);
        }
        let count =
            |spans: &[Span]| spans.iter().fold(0u128, |sum, span| sum.saturating_add(span.count()));
        let listed = count(&spans);
        let taken = joined(spans);
        if count(&taken) != listed {
            return Err("an address is listed twice");
        }
        if block.space.usable() != subnet.profile.family(block.family).usable(block.span()) {
            return Err("a subnet's rules are not those of its profile");
        }
        if let Some(what) = block.space.corruption(&taken) {
            return Err(what);
        }
        check_selection(subnet, block, &taken)?;
    }
    Ok(())
}

/// Whether a subnet's policy is where it may be, and the order of release is as it says
fn check_selection(subnet: &Subnet, block: &Block, taken: &[Span]) -> Result<(), &'static str> {
    let policy = subnet.selection().map(|selection| selection.policy);
    if policy == Some(Policy::Lowest) {
        return Err("a subnet that chooses the lowest says so");
    }
    let other = subnet.selection().filter(|of| {
        let position = of.at(block.family);
        !of.may_be_at(position, block.space.whole().last).unwrap_or(position == 0)
    });
    if other.is_some() {
        return Err("a subnet's policy is where it cannot be");
    }
    if block.released.is_some() != (policy == Some(Policy::LongestReleased)) {
        return Err("a subnet keeps the order of release, or should");
    }
    let wrong = block.released.as_ref().and_then(|released| released.corruption(taken));
    wrong.map_or(Ok(()), Err)
}

/// Whether deadlines lie after the clock, and the earliest of all is known
fn check_deadlines(state: &State) -> Option<&'static str> {
    let next = state.next_deadline();
    if next != state.earliest_deadline {
        return Some("the earliest deadline is not known");
    }
    if next.is_some_and(|next| next <= state.clock) {
        return Some("something is due that was not done");
    }
    let mut first_ends = BTreeSet::new();
    for (ix, _, subnet) in state.subnets.iter() {
        for block in subnet.blocks() {
            let key = BlockKey::new(ix, block.family);
            first_ends.extend(block.first_end().map(|end| (end, key)));
        }
    }
    if let Some(what) = state.resting.corruption() {
        return Some(what);
    }
    (!state.resting.keys().eq(first_ends)).then_some("a block is not where its first rest puts it")
}

/// Whether what rests in a block is as its lists say; adds it to what is had
fn check_rests(state: &State, block: &Block, had: &mut Vec<Span>) -> Result<(), &'static str> {
    let Some(rests) = &block.rests else { return Ok(()) };
    if rests.count() == 0 {
        return Err("a block has room for rests, and none");
    }
    if let Some(what) = rests.corruption() {
        return Err(what);
    }
    for (ix, rest) in rests.iter() {
        let mut listed = 0u32;
        let mut since = None;
        for (unit, generation) in block.owners.iter(rest.list) {
            if block.owners.get(unit.span.first) != Some((Occupant::Resting(ix), generation)) {
                return Err("a rest lists an address that does not rest with it");
            }
            if since.is_some_and(|since| since != generation) || generation > state.revision {
                return Err("addresses of one rest were not released together");
            }
            since = Some(generation);
            listed = listed.saturating_add(1);
            if listed > rest.list.count() {
                return Err("a rest's list does not end");
            }
            had.push(unit.span);
        }
        if listed != rest.list.count() || !block.owners.links_back(rest.list) {
            return Err("a rest's list is not as long as it says, or does not lead back");
        }
        if rest.serial >= state.rested {
            return Err("a rest has a number that was not given");
        }
    }
    Ok(())
}

/// Whether a task that is not finished holds what it says; counts it by block
fn check_task(
    state: &State,
    task: Task,
    record: &TaskRecord,
    held: &mut BTreeMap<(Ix<SubnetId>, Family), u32>,
) -> Result<(), &'static str> {
    let of = state.interfaces.find(&record.interface.id());
    let of = of.ok_or("a task's interface is not there")?;
    for (index, (subnet, addresses)) in record.parts().enumerate() {
        let from = state.subnets.find(&subnet.id());
        let from = from.ok_or("a task's subnet is not there")?;
        // What it was extended by is of that very revision, or a later one.
        let made = |since| if index == 0 { since == task.revision } else { since >= task.revision };
        for part in addresses.parts() {
            let range = part.range();
            let block = state.subnets.get(from).and_then(|subnet| subnet.block(range.family()));
            let place = block.and_then(|block| Some((block, block.offsets(range)?)));
            let (block, span) = place.ok_or("a task's addresses are not in its subnet")?;
            let last = if part.is_prefix() { span.first } else { span.last };
            for offset in span.first..=last {
                let prefix = block.owners.prefix_at(offset);
                let same = prefix == part.is_prefix().then_some(span);
                let found = block.owners.get(offset).filter(|_| same);
                if !found.is_some_and(|(by, since)| by == Occupant::Held(of) && made(since)) {
                    return Err("a task does not hold an address of its own");
                }
                let count = held.entry((from, range.family())).or_insert(0);
                *count = count.saturating_add(1);
            }
        }
    }
    Ok(())
}
