//! Judging the setting of a subnet's cursor

use crate::command::SetCursor;
use crate::engine::judge::draft::Draft;
use crate::engine::judge::lookup;
use crate::error::Error;
use crate::event::{Change, CursorMoved};
use crate::rules::Policy;
use crate::space::address::Family;
use crate::space::range::AddrRange;
use crate::state::view::View;

/// Judges the setting of a cursor; there is no change if it is there already
pub(super) fn decide(
    view: &View<'_>,
    request: &SetCursor,
    draft: &mut Draft<'_>,
) -> Result<(), Error> {
    let SetCursor { subnet: id, address } = *request;
    let (ix, subnet) = lookup::subnet(view, &id)?;
    let selection = subnet.selection().filter(|of| of.policy == Policy::Next);
    let selection = selection.ok_or(Error::NoCursor(id))?;
    let (family, range) = (Family::of(address), AddrRange::one(address));
    let block = lookup::block(view, id, ix, family)?;
    let outside = Error::RangeOutside { subnet: id, range };
    let position = block.offset(address).ok_or(outside)?;
    if selection.at(family) != position {
        draft.push(Change::CursorMoved(CursorMoved { subnet: id, address }));
    }
    Ok(())
}
