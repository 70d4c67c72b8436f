//! Judging addresses asked for by name

use core::net::IpAddr;

use ipnet::IpNet;

use crate::error::Cause;
use crate::id::{InterfaceId, SubnetId};
use crate::space::Reservation;
use crate::space::address::{Family, PerFamily, Span, address_of};
use crate::space::range::AddrRange;
use crate::state::index::{AnyRest, Ix};
use crate::state::occupant::Occupant;
use crate::state::subnet::Subnet;
use crate::state::view::{BlockView, View};

/// A subnet, asked for addresses by name
pub(in crate::engine) struct AddressJudge<'v> {
    view: &'v View<'v>,
    blocks: PerFamily<Option<BlockView<'v>>>,
    within: Option<AddrRange>,
    take_back: bool,
}

/// The requester, and what it may be assigned
pub(in crate::engine) struct Requester<'a> {
    pub(in crate::engine) id: &'a InterfaceId,
    /// `None` for an interface that the command creates
    pub(in crate::engine) ix: Option<Ix<InterfaceId>>,
    /// Whether it may be assigned again what it has
    pub(in crate::engine) own: bool,
    /// Whether it may be assigned what others have
    pub(in crate::engine) reassign: bool,
    /// Whether it may name addresses in auto-only ranges
    pub(in crate::engine) auto_only: bool,
}

/// Why an address may be assigned to this requester
pub(in crate::engine) enum Availability {
    Free,
    /// It is nobody's, and lies in an auto-only range
    AutoOnly,
    /// The requester has it
    Own,
    /// It is in quarantine, and the requester had it last
    Resting,
    /// Another interface has it
    Others(Ix<InterfaceId>),
}

impl<'v> AddressJudge<'v> {
    pub(in crate::engine) fn new(
        view: &'v View<'v>,
        ix: Ix<SubnetId>,
        subnet: &Subnet,
        within: Option<AddrRange>,
    ) -> Self {
        let [v4, v6] = Family::ALL.map(|family| view.block(ix, family));
        let take_back = subnet.profile.quarantine.take_back;
        Self { view, blocks: PerFamily { v4, v6 }, within, take_back }
    }

    /// Why an address may be assigned to this requester, or why not
    pub(in crate::engine) fn judge(
        &self,
        address: IpAddr,
        requester: &Requester<'_>,
    ) -> Result<Availability, Cause> {
        let inside = self.within.is_none_or(|range| range.contains(address));
        let block = self.blocks.get(Family::of(address)).as_ref().filter(|_| inside);
        let place = block.and_then(|block| Some((block, block.offset(address)?)));
        let (block, offset) = place.ok_or(Cause::OutOfRange)?;
        let occupant = block.occupant(offset);
        let holder = occupant.and_then(Occupant::interface);
        let alone = occupant.is_none() || block.prefix_at(offset).is_none();
        if let Some(Occupant::Assigned(_)) = occupant {
            if requester.own && holder == requester.ix && alone {
                return Ok(Availability::Own);
            }
        }
        let mut availability = Availability::Free;
        for cause in withheld(block, offset) {
            if !requester.auto_only || cause != Cause::AutoOnly {
                return Err(cause);
            }
            availability = Availability::AutoOnly;
        }
        match occupant {
            None => Ok(availability),
            Some(Occupant::Resting(rest))
                if alone && self.may_take_back(block, rest, requester) =>
            {
                Ok(Availability::Resting)
            }
            Some(Occupant::Assigned(holder))
                if alone && requester.reassign && requester.ix != Some(holder) =>
            {
                let interface = self.view.interface(holder);
                let primary = interface.and_then(|of| of.primary(Family::of(address)));
                match primary == Some(address) {
                    true => Err(Cause::IsPrimary),
                    false => Ok(Availability::Others(holder)),
                }
            }
            Some(occupant) => match occupied(self.view, block, offset, occupant) {
                Some(cause) => Err(cause),
                None => Ok(Availability::Free),
            },
        }
    }

    fn may_take_back(
        &self,
        block: &BlockView<'_>,
        rest: Ix<AnyRest>,
        requester: &Requester<'_>,
    ) -> bool {
        self.take_back && block.rest(rest).is_some_and(|rest| rest.by.is(requester.id))
    }

    /// Why a prefix may be assigned to this requester, and how many of its addresses are not free; or its lowest
    /// address that may not be assigned, and why
    pub(in crate::engine) fn judge_prefix(
        &self,
        prefix: IpNet,
        requester: &Requester<'_>,
    ) -> Result<(Availability, u128), (IpAddr, Cause)> {
        let range = AddrRange::from(prefix);
        let family = range.family();
        let outside = |address| (address, Cause::OutOfRange);
        let Some(block) = self.blocks.get(family) else { return Err(outside(range.first())) };
        let whole = block.range(block.space.whole());
        for bounds in [Some(whole), self.within].into_iter().flatten() {
            if !bounds.contains(range.first()) {
                return Err(outside(range.first()));
            }
            if !bounds.contains(range.last()) {
                let above = bounds.span().last.saturating_add(1);
                return Err(outside(address_of(family, above)));
            }
        }
        let Some(span) = block.offsets(range) else { return Err(outside(range.first())) };
        let exact = block.prefix_at(span.first) == Some(span);
        let occupant = block.occupant(span.first).filter(|_| exact);
        let mine = |ix| requester.ix == Some(ix);
        let availability = match occupant {
            Some(Occupant::Assigned(ix)) if requester.own && mine(ix) => {
                return Ok((Availability::Own, span.count()));
            }
            Some(Occupant::Assigned(ix)) if requester.reassign && !mine(ix) => {
                Some(Availability::Others(ix))
            }
            Some(Occupant::Resting(rest)) if self.may_take_back(block, rest, requester) => {
                Some(Availability::Resting)
            }
            _ => None,
        };
        let held = block.first_occupied(span).filter(|_| availability.is_none());
        let (withheld, lent) = lowest_withheld(block, span, requester);
        let at = |offset| block.address(offset);
        match (withheld, held) {
            (Some((offset, cause)), held) if held.is_none_or(|held| offset <= held) => {
                Err((at(offset), cause))
            }
            (_, Some(offset)) => {
                let occupant = block.occupant(offset);
                let cause = occupant.and_then(|of| occupied(self.view, block, offset, of));
                Err((at(offset), cause.unwrap_or(Cause::Reserved)))
            }
            _ => Ok(match availability {
                Some(availability) => (availability, span.count()),
                None if lent > 0 => (Availability::AutoOnly, lent),
                None => (Availability::Free, 0),
            }),
        }
    }
}

/// The lowest offset of a span that is withheld from the requester, and why; and how many offsets below it, or in
/// all, are withheld from others
fn lowest_withheld(
    block: &BlockView<'_>,
    span: Span,
    requester: &Requester<'_>,
) -> (Option<(u128, Cause)>, u128) {
    let by_rule = block.first_barred(span);
    let mut lent = 0u128;
    let mut reserved = None;
    for part in block.space.reserved_within(span) {
        let range = block.space.reservation_at(part.first);
        let allowed = match range.map(|range| block.space.kind_at(range.first)) {
            Some(Reservation::PrefixOnly) => true,
            Some(Reservation::AutoOnly) => requester.auto_only,
            _ => false,
        };
        if !allowed {
            reserved = Some(part.first);
            break;
        }
        lent = lent.saturating_add(part.count());
    }
    let lowest = by_rule.into_iter().chain(reserved).min();
    let denied = |cause: &Cause| match cause {
        Cause::PrefixOnly => false,
        Cause::AutoOnly => !requester.auto_only,
        _ => true,
    };
    let fault = lowest.and_then(|at| Some((at, withheld(block, at).find(denied)?)));
    (fault, lent)
}

/// Everything that keeps an offset of a block from being assigned, in order of precedence
pub(in crate::engine) fn blocked(
    view: &View<'_>,
    block: &BlockView<'_>,
    offset: u128,
) -> impl Iterator<Item = Cause> {
    let occupant = block.occupant(offset);
    let occupied = occupant.and_then(|occupant| occupied(view, block, offset, occupant));
    withheld(block, offset).chain(occupied)
}

/// The rules that withhold an offset, and the reserved ranges
fn withheld(block: &BlockView<'_>, offset: u128) -> impl Iterator<Item = Cause> {
    let by_rule = block.withheld_by_rule(offset);
    let range = block.space.reservation_at(offset);
    let reserved = range.map(|range| reserved(block.space.kind_at(range.first)));
    let reserved = reserved.filter(|_| by_rule != Some(Cause::Reserved));
    [by_rule, reserved].into_iter().flatten()
}

/// Why a reserved range withholds an address
pub(in crate::engine) const fn reserved(kind: Reservation) -> Cause {
    match kind {
        Reservation::Hard => Cause::Reserved,
        Reservation::AutoOnly => Cause::AutoOnly,
        Reservation::PrefixOnly => Cause::PrefixOnly,
    }
}

/// Why an address in use, or in quarantine, may not be assigned
fn occupied(
    view: &View<'_>,
    block: &BlockView<'_>,
    offset: u128,
    occupant: Occupant,
) -> Option<Cause> {
    let prefix = occupant.interface().zip(block.prefix_at(offset));
    if let Some((ix, prefix)) = prefix {
        let prefix = block.prefix(prefix);
        return view.interface_id(ix).map(|by| Cause::InPrefix { by, prefix });
    }
    match occupant {
        Occupant::Assigned(ix) => view.interface_id(ix).map(|by| Cause::InUse { by }),
        Occupant::Held(ix) => view.interface_id(ix).map(|by| Cause::Held { by }),
        Occupant::Resting(rest) => {
            block.rest(rest).map(|rest| Cause::Quarantined { until: rest.until })
        }
    }
}
