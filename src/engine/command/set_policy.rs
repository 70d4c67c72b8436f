//! Judging the setting of a subnet's policy

use alloc::boxed::Box;

use crate::command::SetPolicy;
use crate::engine::judge::draft::Draft;
use crate::engine::judge::lookup;
use crate::error::Error;
use crate::event::{Change, PolicySet};
use crate::rules::Policy;
use crate::state::view::View;

/// Judges the setting of a subnet's policy
pub(super) fn decide(
    view: &View<'_>,
    request: &SetPolicy,
    draft: &mut Draft<'_>,
) -> Result<(), Error> {
    let SetPolicy { subnet, policy } = *request;
    let (_, found) = lookup::subnet(view, &subnet)?;
    if found.selection().map_or(Policy::Lowest, |of| of.policy) != policy {
        draft.push(Change::PolicySet(PolicySet { subnet, policy: Box::new(policy) }));
    }
    Ok(())
}
