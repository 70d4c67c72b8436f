//! Looking up ids, or refusing those that name nothing

use ipnet::IpNet;

use crate::error::Error;
use crate::id::{InterfaceId, SubnetId, VpcId};
use crate::space::address::Family;
use crate::state::index::Ix;
use crate::state::interface::Interface;
use crate::state::name::Name;
use crate::state::subnet::Subnet;
use crate::state::view::{BlockView, View};
use crate::state::vpc::Vpc;

pub(in crate::engine) fn vpc<'v>(
    view: &'v View<'_>,
    id: &VpcId,
) -> Result<(Ix<VpcId>, &'v Vpc), Error> {
    let found = view.find_vpc(id).and_then(|ix| Some((ix, view.vpc(ix)?)));
    match found {
        Some(found) => Ok(found),
        None => Err(Error::VpcNotFound(*id)),
    }
}

/// The VPC that an interface must be in, if one is named
pub(in crate::engine) fn requested_vpc(
    view: &View<'_>,
    id: Option<&VpcId>,
) -> Result<Option<(VpcId, Ix<VpcId>)>, Error> {
    id.map(|id| Ok((*id, vpc(view, id)?.0))).transpose()
}

pub(in crate::engine) fn subnet<'v>(
    view: &'v View<'_>,
    id: &SubnetId,
) -> Result<(Ix<SubnetId>, &'v Subnet), Error> {
    let found = view.find_subnet(id).and_then(|ix| Some((ix, view.subnet(ix)?)));
    match found {
        Some(found) => Ok(found),
        None => Err(Error::SubnetNotFound(*id)),
    }
}

/// A subnet with its name
pub(in crate::engine) fn named_subnet<'v>(
    view: &'v View<'_>,
    id: &SubnetId,
) -> Result<(Ix<SubnetId>, &'v Name<SubnetId>, &'v Subnet), Error> {
    let found = view.find_subnet(id).and_then(|ix| Some((ix, view.named_subnet(ix)?)));
    match found {
        Some((ix, (name, subnet))) => Ok((ix, name, subnet)),
        None => Err(Error::SubnetNotFound(*id)),
    }
}

pub(in crate::engine) fn interface<'v>(
    view: &'v View<'_>,
    id: &InterfaceId,
) -> Result<(Ix<InterfaceId>, &'v Interface), Error> {
    let found = view.find_interface(id).and_then(|ix| Some((ix, view.interface(ix)?)));
    match found {
        Some(found) => Ok(found),
        None => Err(Error::InterfaceNotFound(*id)),
    }
}

/// The block of a subnet in `family`
pub(in crate::engine) fn block<'v>(
    view: &'v View<'_>,
    id: SubnetId,
    ix: Ix<SubnetId>,
    family: Family,
) -> Result<BlockView<'v>, Error> {
    view.block(ix, family).ok_or(Error::FamilyUnsupported { subnet: id, family })
}

/// Refuses a CIDR that has host bits
pub(in crate::engine) fn no_host_bits(cidrs: impl Iterator<Item = IpNet>) -> Result<(), Error> {
    let flawed = cidrs.enumerate().find(|(_, cidr)| *cidr != cidr.trunc());
    match flawed {
        Some((index, cidr)) => Err(Error::HostBits { index, cidr, network: cidr.trunc() }),
        None => Ok(()),
    }
}
