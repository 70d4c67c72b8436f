//! Judging the creation of VPCs

use crate::command::CreateVpc;
use crate::engine::judge::draft::Draft;
use crate::engine::judge::lookup;
use crate::error::Error;
use crate::event::{Change, VpcCreated};
use crate::state::view::View;
use crate::state::vpc::first_overlap;

/// Judges the creation of a VPC
pub(super) fn decide(
    view: &View<'_>,
    request: &CreateVpc,
    draft: &mut Draft<'_>,
) -> Result<(), Error> {
    let CreateVpc { vpc, cidrs } = request;
    lookup::no_host_bits(cidrs.iter().copied())?;
    if let Some([(first, other), (index, cidr)]) = first_overlap(cidrs) {
        return Err(Error::CidrsOverlap { index, cidr, first, other });
    }
    if view.find_vpc(vpc).is_some() {
        return Err(Error::VpcExists(*vpc));
    }
    draft.push(Change::VpcCreated(VpcCreated { vpc: *vpc, cidrs: cidrs.clone() }));
    Ok(())
}
