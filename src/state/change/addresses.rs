//! Addresses that are assigned or released, or enter or leave quarantine

use alloc::vec::Vec;

use super::{Fact, Fit, interface, later, offsets, subnet};
use crate::error::Contradiction;
use crate::event::{Assigned, Quarantined, Released, RestEnded};
use crate::id::{InterfaceId, Revision, SubnetId};
use crate::space::address::Span;
use crate::space::list::AddrList;
use crate::state::commit::Making;
use crate::state::index::{BlockKey, Ix};
use crate::state::interface::{Count, Interface};
use crate::state::occupant::{Kind, Occupant};
use crate::state::owners::{Gain, List, Unit};
use crate::state::quarantine::Rest;
use crate::state::subnet::{Block, Subnet};
use crate::state::sweep::reorder;
use crate::state::view::{BlockView, View};
use crate::state::{Place, State};

impl Fact for Assigned {
    fn fits(&self, view: &View<'_>) -> Fit {
        let Self { interface, subnet, addresses } = self;
        let place = place(view, interface, subnet)?;
        same_vpc(view, place)?;
        let block = view.block_of(place.subnet, addresses);
        if !block.is_some_and(|block| block.are_vacant(addresses)) {
            each_unit(view, place.subnet, addresses, Contradiction::Taken, is_vacant)?;
        }
        Ok(Some(place))
    }

    fn make<'e>(&'e self, state: &mut State, making: &mut Making<'e>) {
        let Self { interface, subnet, addresses } = self;
        let Some(place) = making.place(state, interface, subnet) else { return };
        let occupant = Occupant::Assigned(place.interface);
        state.assign(occupant, place.subnet, addresses, making.revision);
    }
}

impl Fact for Released {
    fn fits(&self, view: &View<'_>) -> Fit {
        let Self { interface, subnet, addresses } = self;
        let place = place(view, interface, subnet)?;
        are_assigned(view, place, addresses)?;
        Ok(Some(place))
    }

    fn make<'e>(&'e self, state: &mut State, making: &mut Making<'e>) {
        let Self { interface, subnet, addresses } = self;
        let Some(place) = making.place(state, interface, subnet) else { return };
        state.release(place.interface, place.subnet, addresses, None);
    }
}

impl Fact for Quarantined {
    fn fits(&self, view: &View<'_>) -> Fit {
        let Self { interface, subnet, addresses, until, .. } = self;
        let place = place(view, interface, subnet)?;
        later(view, *until)?;
        are_assigned(view, place, addresses)?;
        Ok(Some(place))
    }

    fn make<'e>(&'e self, state: &mut State, making: &mut Making<'e>) {
        let Self { interface, subnet, addresses, until, reason } = self;
        let Some(place) = making.place(state, interface, subnet) else { return };
        let rest = state.new_rest(*until, place.interface, *reason);
        let Some(rest) = rest.map(|rest| (rest, making.revision)) else { return };
        state.release(place.interface, place.subnet, addresses, Some(rest));
        state.note_deadlines();
    }
}

impl Fact for RestEnded {
    fn fits(&self, view: &View<'_>) -> Fit {
        let rests = |block: &BlockView<'_>, unit| {
            is_of(block, unit, |occupant| occupant.kind() == Kind::Resting)
        };
        let subnet = subnet(view, &self.subnet)?;
        each_unit(view, subnet, &self.addresses, Contradiction::NotResting, rests)?;
        Ok(None)
    }

    fn make<'e>(&'e self, state: &mut State, making: &mut Making<'e>) {
        let Some(from) = making.subnet(state, &self.subnet) else { return };
        let Some(family) = self.addresses.family() else { return };
        state.with_block(BlockKey::new(from, family), |block| block.wake(&self.addresses));
        state.note_deadlines();
    }
}

/// Where a change of an interface's addresses lies
pub(super) fn place(
    view: &View<'_>,
    owner: &InterfaceId,
    from: &SubnetId,
) -> Result<Place, Contradiction> {
    let interface = interface(view, owner)?;
    // Mostly it is the interface's home, whose name tells faster than the index does.
    let home = view.interface(interface).map(|owner| owner.home);
    let at_home = home.filter(|&home| view.subnet_name(home).is_some_and(|name| name.is(from)));
    Ok(Place { interface, subnet: at_home.map_or_else(|| subnet(view, from), Ok)? })
}

/// Whether an interface may have addresses of a subnet
pub(super) fn same_vpc(view: &View<'_>, place: Place) -> Result<(), Contradiction> {
    let vpc = |ix: Ix<SubnetId>| view.subnet(ix).map(|subnet| subnet.vpc);
    let home = view.interface(place.interface).map(|owner| owner.home);
    let same = home == Some(place.subnet) || home.and_then(vpc) == vpc(place.subnet);
    if same { Ok(()) } else { Err(Contradiction::Outside) }
}

fn are_assigned(view: &View<'_>, place: Place, addresses: &AddrList) -> Result<(), Contradiction> {
    let assigned = Occupant::Assigned(place.interface);
    let block = view.block_of(place.subnet, addresses);
    if block.is_some_and(|block| block.are_of(addresses, assigned)) {
        return Ok(());
    }
    let passes = |block: &BlockView<'_>, unit| is_of(block, unit, |occupant| occupant == assigned);
    each_unit(view, place.subnet, addresses, Contradiction::NotHeld, passes)
}

/// Whether a list has addresses, all of one block, none twice, and each run and prefix passes a test
pub(super) fn each_unit(
    view: &View<'_>,
    subnet: Ix<SubnetId>,
    addresses: &AddrList,
    otherwise: Contradiction,
    passes: impl Fn(&BlockView<'_>, Unit) -> bool,
) -> Result<(), Contradiction> {
    let first = addresses.ranges().next().ok_or(Contradiction::Empty)?;
    // Before any run is looked at: one that is repeated would be looked at as often.
    let apart = |below: &Span, above: &Span| below.last < above.first;
    let spans = || addresses.ranges().map(|run| run.span());
    if !spans().is_sorted_by(apart) {
        let mut spans: Vec<Span> = spans().collect();
        spans.sort_unstable_by_key(|span| span.first);
        if !spans.is_sorted_by(apart) {
            return Err(otherwise);
        }
    }
    for part in addresses.parts() {
        let (block, span) = offsets(view, subnet, part.range())?;
        // No prefix is of 2^128 addresses, which are one more than can be counted.
        let countless = part.is_prefix() && span.count_modulo() == 0;
        if block.family != first.family() || countless {
            return Err(Contradiction::Outside);
        }
        if !passes(&block, Unit { span, is_prefix: part.is_prefix() }) {
            return Err(otherwise);
        }
    }
    Ok(())
}

/// Whether nobody has anything of it, and nothing of it rests
pub(super) fn is_vacant(block: &BlockView<'_>, unit: Unit) -> bool {
    block.first_occupied(unit.span).is_none()
}

/// Whether such an occupant has it as it is: each address of a run by itself, which stops at the first that
/// it has not so, and a prefix as one
fn is_of(block: &BlockView<'_>, unit: Unit, is: impl Fn(Occupant) -> bool) -> bool {
    let Unit { span, is_prefix } = unit;
    let is = |offset| block.occupant(offset).is_some_and(&is);
    if is_prefix {
        return block.prefix_at(span.first) == Some(span) && is(span.first);
    }
    !block.has_prefix_within(span) && (span.first..=span.last).all(is)
}

impl State {
    pub(super) fn assign(
        &mut self,
        occupant: Occupant,
        from: Ix<SubnetId>,
        addresses: &AddrList,
        generation: Revision,
    ) {
        let Some(owner) = occupant.interface() else { return };
        let Self { interfaces, subnets, seeded, .. } = self;
        let Some(interface) = interfaces.get_mut(owner) else { return };
        let Some(subnet) = subnets.get_mut(from) else { return };
        let Some((block, list)) = block_and_list(interface, subnet, from, addresses) else {
            return;
        };
        let (family, before) = (block.family, list.count());
        block.assign(list, addresses, Gain { occupant, generation, seeded });
        let slots = list.count().saturating_sub(before);
        interface.gain(family, Count::with_slots(slots, addresses));
    }

    /// Takes addresses from the interface that has them; they rest, from that revision on, or are free
    pub(in crate::state) fn release(
        &mut self,
        owner: Ix<InterfaceId>,
        from: Ix<SubnetId>,
        addresses: &AddrList,
        rest: Option<(Rest, Revision)>,
    ) {
        let Self { interfaces, subnets, seeded, resting, .. } = self;
        let Some(interface) = interfaces.get_mut(owner) else { return };
        let Some(subnet) = subnets.get_mut(from) else { return };
        let Some((block, list)) = block_and_list(interface, subnet, from, addresses) else {
            return;
        };
        let (family, before) = (block.family, list.count());
        match rest {
            None => block.release(list, addresses),
            Some((rest, since)) => {
                let first = block.first_end();
                block.quarantine(list, addresses, rest, since, seeded);
                reorder(resting, BlockKey::new(from, family), first, block.first_end());
            }
        }
        let count = before.saturating_sub(list.count());
        if count == before {
            interface.drop_list(from, family);
        }
        let less = Count::with_slots(count, addresses);
        interface.lose(family, less, addresses.ranges());
    }
}

/// The block that addresses lie in, all of one family, and the list of it that they are on, or will be
fn block_and_list<'a>(
    interface: &'a mut Interface,
    subnet: &'a mut Subnet,
    from: Ix<SubnetId>,
    addresses: &AddrList,
) -> Option<(&'a mut Block, &'a mut List)> {
    let family = addresses.family()?;
    Some((subnet.block_mut(family)?, interface.list_mut(from, family)?))
}
