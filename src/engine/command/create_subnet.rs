//! Judging the creation of subnets

use alloc::boxed::Box;

use crate::command::CreateSubnet;
use crate::engine::judge::draft::Draft;
use crate::engine::judge::lookup;
use crate::engine::judge::shape::Shape;
use crate::error::Error;
use crate::event::{Change, SubnetCreated};
use crate::state::subnet::cidrs;
use crate::state::view::View;

/// Judges the creation of a subnet
pub(super) fn decide(
    view: &View<'_>,
    request: &CreateSubnet,
    draft: &mut Draft<'_>,
) -> Result<(), Error> {
    let CreateSubnet { subnet, vpc: id, v4, v6, profile } = *request;
    lookup::no_host_bits(cidrs(v4, v6))?;
    if cidrs(v4, v6).next().is_none() {
        return Err(Error::NoCidr(subnet));
    }
    let (ix, vpc) = lookup::vpc(view, &id)?;
    if view.find_subnet(&subnet).is_some() {
        return Err(Error::SubnetExists(subnet));
    }
    let shape = Shape { id, ix, vpc, own: None, v4, v6, profile };
    if let Some(fault) = shape.faults(view).next() {
        return Err(fault);
    }
    let profile = Box::new(profile);
    draft.push(Change::SubnetCreated(SubnetCreated { subnet, vpc: id, v4, v6, profile }));
    Ok(())
}
