//! Judging the end of reservations

use crate::command::ReleaseRange;
use crate::engine::judge::draft::Draft;
use crate::engine::judge::lookup;
use crate::error::Error;
use crate::event::{Change, RangeReleased};
use crate::state::view::View;

/// Judges the end of a reservation
pub(super) fn decide(
    view: &View<'_>,
    request: &ReleaseRange,
    draft: &mut Draft<'_>,
) -> Result<(), Error> {
    let ReleaseRange { subnet, range } = *request;
    let (ix, _) = lookup::subnet(view, &subnet)?;
    let found = view.block(ix, range.family()).and_then(|block| {
        let span = block.offsets(range)?;
        block.space.reservation_at(span.first).filter(|&reserved| reserved == span)
    });
    if found.is_none() {
        return Err(Error::ReservationNotFound { subnet, range });
    }
    draft.push(Change::RangeReleased(RangeReleased { subnet, range }));
    Ok(())
}
