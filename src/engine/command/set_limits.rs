//! Judging the setting of the engine's limits

use crate::command::SetLimits;
use crate::engine::judge::draft::Draft;
use crate::error::Error;
use crate::event::{Change, LimitsSet};
use crate::state::view::View;

/// Judges the setting of limits
pub(super) fn decide(
    view: &View<'_>,
    request: &SetLimits,
    draft: &mut Draft<'_>,
) -> Result<(), Error> {
    let SetLimits { limits } = *request;
    if view.limits() != limits {
        draft.push(Change::LimitsSet(LimitsSet { limits }));
    }
    Ok(())
}
