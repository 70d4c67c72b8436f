//! Recomputing every invariant from scratch

use alloc::collections::BTreeMap;
use alloc::string::ToString;
use alloc::vec::Vec;

use super::Engine;
use crate::error::Corruption;
use crate::space::address::{Family, PerFamily, Span, joined};
use crate::state::State;
use crate::state::interface::Interface;
use crate::state::subnet::Subnet;
use crate::state::table::Ix;
use crate::state::vpc::{Vpc, are_sound};

/// What interfaces have of each block, as their lists say
type Held = BTreeMap<(Ix<Subnet>, Family), Vec<Span>>;

impl Engine {
    /// Whether every invariant holds, each recomputed from scratch
    ///
    /// For tests and audits: costs time and memory in proportion to all that is held.
    ///
    /// ```
    #[doc = include_str!("example.txt")]
    /// engine.check()?;
    /// # Ok::<(), ipam_core::Corruption>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Corruption`]: the first invariant found broken, which is a defect of this crate or of the machine.
    pub fn check(&self) -> Result<(), Corruption> {
        let state = &self.state;
        let profiles = state.subnets.iter().map(|(.., subnet)| &subnet.profile);
        let tables = [
            state.vpcs.corruption(),
            state.subnets.corruption(),
            state.interfaces.corruption(),
            state.profiles.corruption(profiles),
        ];
        tables.into_iter().flatten().next().map_or(Ok(()), |what| Err(corruption(what, "")))?;

        let mut homes = BTreeMap::new();
        let mut held = Held::new();
        for (ix, id, interface) in state.interfaces.iter() {
            let homes: &mut u64 = homes.entry(interface.home).or_default();
            *homes = homes.saturating_add(1);
            check_interface(state, ix, interface, &mut held)
                .map_err(|what| corruption(what, id))?;
        }
        for (ix, id, subnet) in state.subnets.iter() {
            let homes = homes.get(&ix).copied().unwrap_or_default();
            check_subnet(state, ix, subnet, homes, &mut held)
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
    ix: Ix<Interface>,
    interface: &Interface,
    held: &mut Held,
) -> Result<(), &'static str> {
    let mut counts = PerFamily::<u64>::default();
    let mut primaries = PerFamily::<bool>::default();
    let blocks = interface.holdings().iter().map(|held| (held.subnet(), held.family()));
    if !blocks.is_sorted_by(|a, b| a < b) {
        return Err("an interface's lists are out of order");
    }
    for holding in interface.holdings() {
        let subnet = state.subnets.get(holding.subnet());
        let block = subnet.and_then(|subnet| subnet.block(holding.family()));
        let block = block.ok_or("an interface has addresses of a subnet that is not there")?;
        let spans = held.entry((holding.subnet(), holding.family())).or_default();
        let mut previous = None;
        let mut listed = 0u32;
        for (offset, generation) in block.owners.iter(holding.list) {
            if block.owners.get(offset) != Some((ix, generation)) {
                return Err("an interface lists an address that is not its own");
            }
            if previous > Some(generation) || generation > state.revision {
                return Err("an interface's addresses are not in order of assignment");
            }
            previous = Some(generation);
            listed = listed.saturating_add(1);
            if listed > holding.list.count() {
                return Err("an interface's list of addresses does not end");
            }
            let primary = interface.primary(holding.family());
            *primaries.get_mut(holding.family()) |= primary == Some(block.address(offset));
            spans.push(Span::one(offset));
        }
        if listed != holding.list.count() || listed == 0 {
            return Err("an interface's list of addresses is not as long as it says");
        }
        if !block.owners.links_back(holding.list) {
            return Err("an interface's list of addresses does not lead back");
        }
        let count = counts.get_mut(holding.family());
        *count = count.saturating_add(listed.into());
    }
    if counts != interface.held {
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

fn check_vpc(state: &State, ix: Ix<Vpc>, vpc: &Vpc) -> Result<(), &'static str> {
    if !are_sound(&vpc.cidrs) {
        return Err("a VPC's CIDRs have host bits, or overlap");
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
    ix: Ix<Subnet>,
    subnet: &Subnet,
    homes: u64,
    held: &mut Held,
) -> Result<(), &'static str> {
    if u64::from(subnet.homes) != homes {
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
        let spans = held.remove(&(ix, block.family)).unwrap_or_default();
        if let Some(what) = block.owners.corruption(spans.len()) {
            return Err(what);
        }
        let listed = spans.len() as u128;
        let taken = joined(spans);
        if taken.iter().fold(0u128, |sum, run| sum.saturating_add(run.count())) != listed {
            return Err("an address is listed twice");
        }
        if block.space.usable() != subnet.profile.family(block.family).usable(block.span()) {
            return Err("a subnet's rules are not those of its profile");
        }
        if let Some(what) = block.space.corruption(&taken) {
            return Err(what);
        }
    }
    Ok(())
}
