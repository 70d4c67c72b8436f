//! Looking up what the engine has, for calls that name no address

use crate::engine::{Engine, InterfaceInfo};
use crate::error::Error;
use crate::id::{InterfaceId, VpcId};

/// An interface, in the VPC that the caller narrowed the request to, if it did
pub(super) fn interface(
    engine: &Engine,
    id: InterfaceId,
    vpc: Option<VpcId>,
) -> Result<InterfaceInfo, Error> {
    let info = engine.interface(id).ok_or(Error::InterfaceNotFound(id))?;
    match vpc {
        Some(vpc) if vpc != info.vpc => Err(Error::InterfaceNotInVpc { interface: id, vpc }),
        _ => Ok(info),
    }
}
