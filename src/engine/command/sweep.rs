//! Judging sweeps, which only process passed deadlines

use crate::engine::judge::draft::Draft;
use crate::error::Error;
use crate::event::Change;
use crate::state::view::View;

/// Judges a sweep: no change if no deadline has passed, or if the batch makes another change, which sweeps as well
pub(super) fn decide(view: &View<'_>, draft: &mut Draft<'_>) -> Result<(), Error> {
    if view.is_due() && draft.changes().is_empty() {
        draft.push(Change::Swept);
    }
    Ok(())
}
