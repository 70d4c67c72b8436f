//! Judging new reservations

use crate::command::ReserveRange;
use crate::engine::judge::draft::Draft;
use crate::engine::judge::lookup;
use crate::error::Error;
use crate::event::{Change, RangeReserved};
use crate::state::view::View;

/// Judges a new reservation
pub(super) fn decide(
    view: &View<'_>,
    request: &ReserveRange,
    draft: &mut Draft<'_>,
) -> Result<(), Error> {
    let ReserveRange { subnet, range, kind } = *request;
    let (ix, _) = lookup::subnet(view, &subnet)?;
    let block = lookup::block(view, subnet, ix, range.family())?;
    let span = block.offsets(range).ok_or(Error::RangeOutside { subnet, range })?;
    if let Some(other) = block.reservation_within(span) {
        return Err(Error::ReservationOverlap { range, other: block.range(other) });
    }
    draft.push(Change::RangeReserved(RangeReserved { subnet, range, kind }));
    Ok(())
}
