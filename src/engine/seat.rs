//! Judging addresses asked for by name

use core::net::IpAddr;

use crate::error::Cause;
use crate::id::InterfaceId;
use crate::space::Reservation;
use crate::space::address::{Family, PerFamily};
use crate::space::range::AddrRange;
use crate::state::interface::Interface;
use crate::state::occupant::Occupant;
use crate::state::subnet::Subnet;
use crate::state::table::Ix;
use crate::state::view::{BlockView, View};

/// A subnet, asked for addresses by name
pub(super) struct Seat<'v> {
    view: &'v View<'v>,
    blocks: PerFamily<Option<BlockView<'v>>>,
    within: Option<AddrRange>,
    take_back: bool,
}

/// Who asks, and what it may have
pub(super) struct Asker<'a> {
    pub(super) id: &'a InterfaceId,
    /// None if it is only being made
    pub(super) ix: Option<Ix<Interface>>,
    /// Whether it is given again what it has
    pub(super) own: bool,
    /// Whether it is given what others have
    pub(super) reassign: bool,
    /// Whether it may name what is reserved from being chosen only
    pub(super) auto_only: bool,
}

/// How an address is that can be had
pub(super) enum Standing {
    Free,
    /// It is nobody's, and reserved from being chosen
    AutoOnly,
    /// It is the asker's
    Own,
    /// It rests, and was the asker's
    Resting,
    /// It is another's
    Others(Ix<Interface>),
}

impl<'v> Seat<'v> {
    pub(super) fn new(
        view: &'v View<'v>,
        ix: Ix<Subnet>,
        subnet: &Subnet,
        within: Option<AddrRange>,
    ) -> Self {
        let [v4, v6] = Family::ALL.map(|family| view.block(ix, family));
        let take_back = subnet.profile.quarantine.take_back;
        Self { view, blocks: PerFamily { v4, v6 }, within, take_back }
    }

    /// How an address stands that can be had; or why it cannot
    pub(super) fn judge(&self, address: IpAddr, asker: &Asker<'_>) -> Result<Standing, Cause> {
        let inside = self.within.is_none_or(|range| range.contains(address));
        let block = self.blocks.get(Family::of(address)).as_ref().filter(|_| inside);
        let place = block.and_then(|block| Some((block, block.block.offset(address)?)));
        let (block, offset) = place.ok_or(Cause::OutOfRange)?;
        let occupant = block.occupant(offset);
        let holder = occupant.and_then(Occupant::interface);
        if let Some(Occupant::Assigned(_)) = occupant {
            if asker.own && holder == asker.ix {
                return Ok(Standing::Own);
            }
        }
        let mut standing = Standing::Free;
        for cause in withheld(block, offset) {
            if !asker.auto_only || cause != Cause::AutoOnly {
                return Err(cause);
            }
            standing = Standing::AutoOnly;
        }
        match occupant {
            None => Ok(standing),
            Some(Occupant::Resting(rest))
                if self.take_back && block.rest_by(rest).as_ref() == Some(asker.id) =>
            {
                Ok(Standing::Resting)
            }
            Some(Occupant::Assigned(holder)) if asker.reassign && asker.ix != Some(holder) => {
                let interface = self.view.interface(holder);
                let primary = interface.and_then(|of| of.primary(Family::of(address)));
                match primary == Some(address) {
                    true => Err(Cause::IsPrimary),
                    false => Ok(Standing::Others(holder)),
                }
            }
            Some(occupant) => match occupied(self.view, block, occupant) {
                Some(cause) => Err(cause),
                None => Ok(Standing::Free),
            },
        }
    }
}

/// Everything that keeps an offset of a block from being assigned, in order of precedence
pub(super) fn blocked(
    view: &View<'_>,
    block: &BlockView<'_>,
    offset: u128,
) -> impl Iterator<Item = Cause> {
    let occupant = block.occupant(offset);
    let occupied = occupant.and_then(|occupant| occupied(view, block, occupant));
    withheld(block, offset).chain(occupied)
}

/// The rules that withhold an offset, and the reserved ranges
fn withheld(block: &BlockView<'_>, offset: u128) -> impl Iterator<Item = Cause> {
    let by_rule = block.withheld_by_rule(offset);
    let reserved = block.reservation_at(offset).map(|range| match block.kind_at(range.first) {
        Reservation::Hard => Cause::Reserved,
        Reservation::AutoOnly => Cause::AutoOnly,
        Reservation::PrefixOnly => Cause::PrefixOnly,
    });
    let reserved = reserved.filter(|_| by_rule != Some(Cause::Reserved));
    [by_rule, reserved].into_iter().flatten()
}

/// Why an address cannot be had that somebody has, or that rests
fn occupied(view: &View<'_>, block: &BlockView<'_>, occupant: Occupant) -> Option<Cause> {
    match occupant {
        Occupant::Assigned(ix) => view.interface_id(ix).map(|by| Cause::InUse { by }),
        Occupant::Held(ix) => view.interface_id(ix).map(|by| Cause::Held { by }),
        Occupant::Resting(rest) => block.rest_end(rest).map(|until| Cause::Quarantined { until }),
    }
}
