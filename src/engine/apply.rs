//! Checking that an event belongs on this history and that its facts fit together

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use ipnet::IpNet;

use super::shape::used;
use crate::command::Assign;
use crate::error::{ApplyError, Contradiction};
use crate::event::{Change, End, Event, Held, HoldExtended, Quarantined};
use crate::id::{InterfaceId, SubnetId, Task, Timestamp};
use crate::rules::Policy;
use crate::space::address::{Family, Span};
use crate::space::list::AddrList;
use crate::space::range::AddrRange;
use crate::state::commit::Made;
use crate::state::interface::Interface;
use crate::state::occupant::{Kind, Occupant};
use crate::state::owners::Unit;
use crate::state::selection::Selection;
use crate::state::subnet::{Subnet, cidrs};
use crate::state::table::Ix;
use crate::state::tasks::TaskRecord;
use crate::state::view::{BlockView, View};
use crate::state::vpc::are_sound;
use crate::state::{Place, Places, State};

/// Makes an event so, if it belongs on this history and fits: else nothing has changed
///
/// Changes that do not depend on each other are checked where they are. Each of others is checked on what its
/// predecessors leave: all are made in a copy, which takes the place of the state once the last one fits.
pub(super) fn apply(state: &mut State, event: &Event) -> Result<(), ApplyError> {
    belongs(state, event)?;
    let (revision, at, changes) = (event.revision, event.at, event.changes.as_slice());
    let contradiction = |change, what| ApplyError::Contradiction { event: revision, change, what };
    let mut holds = Holds::default();
    if are_independent(changes) {
        let view = View::new(state, at);
        let mut places = Places::new();
        for (index, change) in changes.iter().enumerate() {
            let place = fits(&view, change, &mut holds);
            let place = place.map_err(|what| contradiction(index, what))?;
            places.extend(place.filter(|_| places.len() == index));
        }
        drop(view);
        state.commit(event, &places);
        return Ok(());
    }
    let mut copy = state.fork(at, revision);
    let standing = standing_settings(changes);
    for (index, change) in changes.iter().enumerate() {
        let view = View::new(&copy, at);
        fits(&view, change, &mut holds).map_err(|what| contradiction(index, what))?;
        drop(view);
        let superseded = setting(change).is_some() && !standing.contains(&index);
        copy.make(change, Made { revision, at, superseded });
    }
    copy.end(event);
    *state = copy;
    state.settle();
    Ok(())
}

/// Whether no change reads what another writes: one alone, or what an interface is given or loses, how far a policy
/// has come by that, and what is kept of it under a token
fn are_independent(changes: &[Change]) -> bool {
    use Change::{Assigned, CursorMoved, Drawn, Held, Quarantined, Released, TokenKept};
    match changes {
        [_] => true,
        [Assigned { .. } | Released { .. } | Quarantined(_) | Held(_), rest @ ..] => matches!(
            rest,
            [CursorMoved { .. } | Drawn { .. } | TokenKept(_)]
                | [CursorMoved { .. } | Drawn { .. }, TokenKept(_)]
        ),
        _ => false,
    }
}

/// Whether an event follows this very history, has a change, and assigns no more than one may
fn belongs(state: &State, event: &Event) -> Result<(), ApplyError> {
    let State { revision, clock, digest, .. } = *state;
    let found = event.revision;
    if found != revision.next() {
        return Err(ApplyError::OutOfOrder { revision, found });
    }
    if event.parent != digest {
        return Err(ApplyError::Foreign { event: found, digest, found: event.parent });
    }
    if event.at < clock {
        return Err(ApplyError::BackInTime { event: found, at: event.at, clock });
    }
    if event.changes.is_empty() {
        let what = Contradiction::Empty;
        return Err(ApplyError::Contradiction { event: found, change: 0, what });
    }
    let mut assigned = 0u128;
    for (change, made) in event.changes.iter().enumerate() {
        assigned = assigned.saturating_add(made.assigns());
        if assigned > Assign::MAX_ADDRESSES.into() {
            let what = Contradiction::TooMany;
            return Err(ApplyError::Contradiction { event: found, change, what });
        }
    }
    Ok(())
}

/// The holds that an event has begun so far, and the subnets of those that it has extended
#[derive(Default)]
struct Holds {
    begun: BTreeSet<u32>,
    subnets: BTreeMap<Task, BTreeSet<SubnetId>>,
}

impl Holds {
    /// Whether a change begins a hold again, which may be forgotten by now, or extends one to a subnet again; notes
    /// it
    fn has(&mut self, view: &View<'_>, change: &Change) -> bool {
        match change {
            Change::Held(held) => !self.begun.insert(held.index),
            Change::HoldExtended(extended) => {
                let task = extended.task;
                let subnets = self.subnets.entry(task).or_insert_with(|| {
                    let record = view.task(task).map(|(record, _)| record);
                    record.into_iter().flat_map(TaskRecord::parts).map(|(id, _)| id).collect()
                });
                !subnets.insert(extended.subnet)
            }
            _ => false,
        }
    }
}

/// What a change sets that costs a look at all of the subnet that is in use: its indices, or its policy
fn setting(change: &Change) -> Option<(SubnetId, bool)> {
    match change {
        Change::IndicesSet { subnet, .. } => Some((*subnet, false)),
        Change::PolicySet { subnet, .. } => Some((*subnet, true)),
        _ => None,
    }
}

/// Those changes that set a subnet's indices or policy last: each begins anew, so of those before it nothing is
/// left
fn standing_settings(changes: &[Change]) -> BTreeSet<usize> {
    let set = changes.iter().enumerate();
    let set = set.filter_map(|(index, change)| Some((setting(change)?, index)));
    set.collect::<BTreeMap<_, _>>().into_values().collect()
}

/// Whether `change` can be made to what `view` shows: structure, never policy
///
/// If so, where it lies in the tables, as far as that was looked up. `holds` are those of the same event so far.
fn fits(
    view: &View<'_>,
    change: &Change,
    holds: &mut Holds,
) -> Result<Option<Place>, Contradiction> {
    match change {
        Change::Assigned { interface, subnet, addresses } => {
            let (owner, subnet) = place(view, interface, subnet)?;
            same_vpc(view, owner, subnet)?;
            if view.block_of(subnet, addresses).is_some_and(|block| block.are_vacant(addresses)) {
                return Ok(Some(Place { interface: owner, subnet }));
            }
            each_unit(view, subnet, addresses, Contradiction::Taken, is_vacant)?;
            return Ok(Some(Place { interface: owner, subnet }));
        }
        Change::Released { interface, subnet, addresses } => {
            let (owner, subnet) = place(view, interface, subnet)?;
            let assigned = |block: &BlockView<'_>, unit| {
                is_of(block, unit, |occupant| occupant == Occupant::Assigned(owner))
            };
            each_unit(view, subnet, addresses, Contradiction::NotHeld, assigned)?;
            return Ok(Some(Place { interface: owner, subnet }));
        }
        Change::Quarantined(of) => {
            let Quarantined { interface, subnet, addresses, until, .. } = &**of;
            let (owner, subnet) = place(view, interface, subnet)?;
            later(view, *until)?;
            let assigned = |block: &BlockView<'_>, unit| {
                is_of(block, unit, |occupant| occupant == Occupant::Assigned(owner))
            };
            each_unit(view, subnet, addresses, Contradiction::NotHeld, assigned)?;
            return Ok(Some(Place { interface: owner, subnet }));
        }
        Change::RestEnded { subnet, addresses } => {
            let subnet = view.find_subnet(subnet).ok_or(Contradiction::Missing)?;
            let rest = |block: &BlockView<'_>, unit| {
                is_of(block, unit, |occupant| occupant.kind() == Kind::Resting)
            };
            each_unit(view, subnet, addresses, Contradiction::NotResting, rest)
        }
        Change::Held(held) => {
            let Held { interface, subnet, addresses, until, .. } = &**held;
            let (owner, subnet) = place(view, interface, subnet)?;
            same_vpc(view, owner, subnet)?;
            later(view, *until)?;
            if holds.has(view, change) {
                return Err(Contradiction::Exists);
            }
            may_be_held(view, subnet, addresses)?;
            return Ok(Some(Place { interface: owner, subnet }));
        }
        Change::HoldExtended(of) => {
            let HoldExtended { task, subnet: id, addresses } = &**of;
            let (record, stage) = view.task(*task).ok_or(Contradiction::Missing)?;
            if stage.is_finished() {
                return Err(Contradiction::Finished);
            }
            if holds.has(view, change) {
                return Err(Contradiction::Exists);
            }
            let (owner, subnet) = place(view, &record.interface, id)?;
            same_vpc(view, owner, subnet)?;
            may_be_held(view, subnet, addresses)
        }
        Change::TaskFinished(of) => {
            let (record, stage) = view.task(of.task).ok_or(Contradiction::Missing)?;
            let End::Failed { kept, .. } = &of.end else {
                return if stage.is_finished() { Err(Contradiction::Finished) } else { Ok(None) };
            };
            // Those of the hold, in its order, none twice.
            let [same, _] = record.all().split_by(kept);
            let fits = !stage.is_finished() && same == *kept;
            if fits { Ok(()) } else { Err(Contradiction::Finished) }
        }
        Change::TokenKept(kept) => {
            later(view, kept.until)?;
            absent(view.token(&kept.token))
        }
        Change::LimitsSet { .. } | Change::Swept => Ok(()),
        Change::VpcCreated { vpc, cidrs } => {
            absent(view.find_vpc(vpc))?;
            if are_sound(cidrs) { Ok(()) } else { Err(Contradiction::Cidr) }
        }
        Change::VpcDeleted { vpc } => {
            let ix = view.find_vpc(vpc).ok_or(Contradiction::Missing)?;
            unused(view.any_subnet(ix).is_none())
        }
        Change::SubnetCreated { subnet, vpc, v4, v6, .. } => {
            absent(view.find_subnet(subnet))?;
            let vpc = view.find_vpc(vpc).ok_or(Contradiction::Missing)?;
            let record = view.vpc(vpc).ok_or(Contradiction::Missing)?;
            let fits = |cidr: IpNet| {
                cidr == cidr.trunc() && record.allows(cidr) && view.overlapping(vpc, cidr).is_none()
            };
            let placed = cidrs(*v4, *v6).all(fits);
            (placed && cidrs(*v4, *v6).next().is_some()).then_some(()).ok_or(Contradiction::Cidr)
        }
        Change::SubnetReshaped { subnet, v4, v6, .. } => {
            let ix = view.find_subnet(subnet).ok_or(Contradiction::Missing)?;
            shape(view, ix, [v4.map(IpNet::V4), v6.map(IpNet::V6)])
        }
        Change::SubnetDeleted { subnet } => {
            let ix = view.find_subnet(subnet).ok_or(Contradiction::Missing)?;
            let mut blocks = Family::ALL.into_iter().filter_map(|family| view.block(ix, family));
            let empty = blocks.all(|block| block.owned() == 0);
            unused(empty && view.subnet(ix).is_some_and(|subnet| subnet.homes == 0))
        }
        Change::InterfaceCreated { interface, subnet, .. } => {
            absent(view.find_interface(interface))?;
            view.find_subnet(subnet).map(|_| ()).ok_or(Contradiction::Missing)
        }
        Change::InterfaceDeleted { interface } => {
            let ix = view.find_interface(interface).ok_or(Contradiction::Missing)?;
            let found = view.interface(ix).ok_or(Contradiction::Missing)?;
            unused(
                (found.count.v4.slots, found.count.v6.slots) == (0, 0)
                    && view.unfinished(ix).next().is_none(),
            )
        }
        Change::StatusSet { interface, .. } | Change::QuotaSet { interface, .. } => {
            view.find_interface(interface).map(|_| ()).ok_or(Contradiction::Missing)
        }
        Change::RangeReserved { subnet, range, .. } => {
            let ix = view.find_subnet(subnet).ok_or(Contradiction::Missing)?;
            let (block, span) = offsets(view, ix, *range)?;
            let overlap = block.reservation_within(span).is_some();
            if overlap { Err(Contradiction::Overlap) } else { Ok(()) }
        }
        Change::RangeReleased { subnet, range } => {
            let ix = view.find_subnet(subnet).ok_or(Contradiction::Missing)?;
            let (block, span) = offsets(view, ix, *range)?;
            let exact = block.space.reservation_at(span.first) == Some(span);
            exact.then_some(()).ok_or(Contradiction::Missing)
        }
        Change::IndicesSet { subnet, .. } => {
            view.find_subnet(subnet).map(|_| ()).ok_or(Contradiction::Missing)
        }
        Change::PolicySet { subnet, .. } => {
            view.find_subnet(subnet).map(|_| ()).ok_or(Contradiction::Missing)
        }
        Change::CursorMoved { subnet, address } => {
            let ix = view.find_subnet(subnet).ok_or(Contradiction::Missing)?;
            let selection =
                view.subnet(ix).and_then(Subnet::selection).filter(|of| of.policy == Policy::Next);
            selection.ok_or(Contradiction::Missing)?;
            offsets(view, ix, AddrRange::one(*address)).map(|_| ())
        }
        Change::Drawn { subnet, family, .. } => {
            let ix = view.find_subnet(subnet).ok_or(Contradiction::Missing)?;
            let random = |of: &&Selection| matches!(of.policy, Policy::Random { .. });
            view.subnet(ix)
                .and_then(Subnet::selection)
                .filter(random)
                .ok_or(Contradiction::Missing)?;
            view.block(ix, *family).map(|_| ()).ok_or(Contradiction::Outside)
        }
        Change::PrimarySet { interface, address } => {
            let ix = view.find_interface(interface).ok_or(Contradiction::Missing)?;
            let found = view.interface(ix).ok_or(Contradiction::Missing)?;
            let home = view.subnet(found.home).ok_or(Contradiction::Missing)?;
            let subnet = view.subnet_at(home.vpc, *address).ok_or(Contradiction::NotHeld)?;
            let (block, span) = offsets(view, subnet, AddrRange::one(*address))?;
            let one = Unit { span, is_prefix: false };
            if !is_of(&block, one, |occupant| occupant.interface() == Some(ix)) {
                Err(Contradiction::NotHeld)
            } else if found.primary(Family::of(*address)) == Some(*address) {
                Err(Contradiction::Primary)
            } else {
                Ok(())
            }
        }
    }?;
    Ok(None)
}

/// Whether addresses of one subnet can be held: vacant, and IPv4 before IPv6
fn may_be_held(
    view: &View<'_>,
    subnet: Ix<Subnet>,
    addresses: &AddrList,
) -> Result<(), Contradiction> {
    if addresses.is_empty() {
        return Err(Contradiction::Empty);
    }
    let v6 = addresses.ranges().skip_while(|range| range.family() == Family::V4);
    if v6.clone().any(|range| range.family() == Family::V4) {
        return Err(Contradiction::Outside);
    }
    for part in Family::ALL.map(|family| addresses.of_family(family)) {
        if !part.is_empty() {
            each_unit(view, subnet, &part, Contradiction::Taken, is_vacant)?;
        }
    }
    Ok(())
}

/// Whether a subnet may have these CIDRs, IPv4's first, and loses nothing by it
fn shape(view: &View<'_>, ix: Ix<Subnet>, after: [Option<IpNet>; 2]) -> Result<(), Contradiction> {
    let subnet = view.subnet(ix).ok_or(Contradiction::Missing)?;
    let vpc = view.vpc(subnet.vpc).ok_or(Contradiction::Missing)?;
    let fits = |cidr: IpNet| {
        let others = || view.others_overlapping(subnet.vpc, Some(ix), cidr);
        cidr == cidr.trunc() && vpc.allows(cidr) && others().next().is_none()
    };
    if after == [None; 2] || !after.into_iter().flatten().all(fits) {
        return Err(Contradiction::Cidr);
    }
    for (family, cidr) in Family::ALL.into_iter().zip(after) {
        let Some(block) = view.block(ix, family) else { continue };
        let mut lost = block.outside(cidr).flat_map(|part| used(&block, part));
        if lost.any(|of| of.is_had()) {
            return Err(Contradiction::InUse);
        }
        if block.reserved_outside(cidr).next().is_some() {
            return Err(Contradiction::Outside);
        }
    }
    Ok(())
}

/// Where a change of an interface's addresses lies
fn place(
    view: &View<'_>,
    interface: &InterfaceId,
    subnet: &SubnetId,
) -> Result<(Ix<Interface>, Ix<Subnet>), Contradiction> {
    let interface = view.find_interface(interface).ok_or(Contradiction::Missing)?;
    Ok((interface, view.find_subnet(subnet).ok_or(Contradiction::Missing)?))
}

fn absent<T>(found: Option<T>) -> Result<(), Contradiction> {
    if found.is_some() { Err(Contradiction::Exists) } else { Ok(()) }
}

fn unused(unused: bool) -> Result<(), Contradiction> {
    if unused { Ok(()) } else { Err(Contradiction::InUse) }
}

/// Whether a list has addresses, all of one block, none twice, and each run and prefix passes a test
fn each_unit(
    view: &View<'_>,
    subnet: Ix<Subnet>,
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

/// The block of a subnet that a range lies in, and the offsets there
fn offsets<'v>(
    view: &'v View<'_>,
    subnet: Ix<Subnet>,
    range: AddrRange,
) -> Result<(BlockView<'v>, Span), Contradiction> {
    let block = view.block(subnet, range.family());
    let found = block.and_then(|block| Some((block, block.offsets(range)?)));
    found.ok_or(Contradiction::Outside)
}

/// Whether nobody has anything of it, and nothing of it rests
fn is_vacant(block: &BlockView<'_>, unit: Unit) -> bool {
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

/// Whether an interface may have addresses of a subnet
fn same_vpc(
    view: &View<'_>,
    owner: Ix<Interface>,
    subnet: Ix<Subnet>,
) -> Result<(), Contradiction> {
    let vpc = |ix: Ix<Subnet>| view.subnet(ix).map(|subnet| subnet.vpc);
    let home = view.interface(owner).and_then(|owner| vpc(owner.home));
    if home == vpc(subnet) { Ok(()) } else { Err(Contradiction::Outside) }
}

fn later(view: &View<'_>, deadline: Timestamp) -> Result<(), Contradiction> {
    if deadline > view.at() { Ok(()) } else { Err(Contradiction::Deadline) }
}
