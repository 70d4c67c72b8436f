//! Judging the setting of an interface's state

use crate::command::SetStatus;
use crate::engine::judge::draft::Draft;
use crate::engine::judge::lookup;
use crate::error::Error;
use crate::event::{Change, StatusSet};
use crate::state::view::View;

/// Judges the setting of a state
pub(super) fn decide(
    view: &View<'_>,
    request: &SetStatus,
    draft: &mut Draft<'_>,
) -> Result<(), Error> {
    let SetStatus { interface, status } = *request;
    let (_, found) = lookup::interface(view, &interface)?;
    if found.status != status {
        draft.push(Change::StatusSet(StatusSet { interface, status }));
    }
    Ok(())
}
