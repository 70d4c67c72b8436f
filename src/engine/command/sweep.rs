//! Judging sweeps, which only process passed deadlines

use crate::engine::judge::draft::Draft;
use crate::error::Error;
use crate::event::Change;
use crate::state::view::View;

/// What sweeping comes to: nothing where nothing is due, or where another change is made, which does it too
pub(super) fn decide(view: &View<'_>, draft: &mut Draft<'_>) -> Result<(), Error> {
    if view.is_due() && draft.changes().is_empty() {
        draft.push(Change::Swept);
    }
    Ok(())
}
