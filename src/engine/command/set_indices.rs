//! Judging the setting of a subnet's indices

use crate::command::SetIndices;
use crate::engine::judge::draft::Draft;
use crate::engine::judge::lookup;
use crate::error::Error;
use crate::event::{Change, IndicesSet};
use crate::state::view::View;

/// Judges the setting of a subnet's indices
pub(super) fn decide(
    view: &View<'_>,
    request: &SetIndices,
    draft: &mut Draft<'_>,
) -> Result<(), Error> {
    let SetIndices { subnet, indices } = *request;
    let (_, found) = lookup::subnet(view, &subnet)?;
    if found.indices() != indices {
        draft.push(Change::IndicesSet(IndicesSet { subnet, indices }));
    }
    Ok(())
}
