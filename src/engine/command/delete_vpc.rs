//! Judging the deletion of VPCs

use crate::command::DeleteVpc;
use crate::engine::judge::draft::Draft;
use crate::engine::judge::lookup;
use crate::error::Error;
use crate::event::{Change, VpcDeleted};
use crate::state::view::View;

/// Judges the deletion of a VPC
pub(super) fn decide(
    view: &View<'_>,
    request: &DeleteVpc,
    draft: &mut Draft<'_>,
) -> Result<(), Error> {
    let DeleteVpc { vpc } = *request;
    let (ix, _) = lookup::vpc(view, &vpc)?;
    if let Some(subnet) = view.any_subnet(ix).and_then(|subnet| view.subnet_id(subnet)) {
        return Err(Error::VpcInUse { vpc, subnet });
    }
    draft.push(Change::VpcDeleted(VpcDeleted { vpc }));
    Ok(())
}
