//! Judging the setting of an interface's quota

use crate::command::SetQuota;
use crate::engine::judge::draft::Draft;
use crate::engine::judge::lookup;
use crate::error::Error;
use crate::event::{Change, QuotaSet};
use crate::state::view::View;

/// Judges the setting of a quota
pub(super) fn decide(
    view: &View<'_>,
    request: &SetQuota,
    draft: &mut Draft<'_>,
) -> Result<(), Error> {
    let SetQuota { interface, quota } = *request;
    let (_, found) = lookup::interface(view, &interface)?;
    if found.quota() != quota {
        draft.push(Change::QuotaSet(QuotaSet { interface, quota }));
    }
    Ok(())
}
