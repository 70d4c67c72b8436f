//! Judging the deletion of subnets

use crate::command::DeleteSubnet;
use crate::engine::judge::draft::Draft;
use crate::engine::judge::lookup;
use crate::error::Error;
use crate::event::{Change, SubnetDeleted};
use crate::state::view::View;

/// Judges the deletion of a subnet
pub(super) fn decide(
    view: &View<'_>,
    request: &DeleteSubnet,
    draft: &mut Draft<'_>,
) -> Result<(), Error> {
    let DeleteSubnet { subnet } = *request;
    let (ix, _) = lookup::subnet(view, &subnet)?;
    let (interfaces, addresses) = view.users_of(ix);
    if (interfaces, addresses) != (0, 0) {
        return Err(Error::SubnetInUse { subnet, interfaces: interfaces.into(), addresses });
    }
    draft.push(Change::SubnetDeleted(SubnetDeleted { subnet }));
    Ok(())
}
