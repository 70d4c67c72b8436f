//! The calls that give a vNIC its IPv6 address, and take it away
//!
//! Neither names an address, so what the vNIC has is looked up, as of the engine's last event. Where holds
//! are used, a [`Command::Sweep`](crate::Command::Sweep) before makes that now.
//!
//! The address is a secondary one to the engine: a profile that never unassigns a primary, as
//! [`Profile::ZENLAYER`](crate::Profile::ZENLAYER), would keep it for good. A vNIC that was made with an IPv6
//! primary has IPv6 already, and keeps it under such a profile.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::{Code, Refusal};
use crate::command::{Assign, Pick, Unassign};
use crate::engine::Engine;
use crate::id::VpcId;
use crate::provider::given::object;
use crate::provider::{Given, look, read};
use crate::space::address::Family;

/// Request: give a vNIC an IPv6 address
///
/// The fields about billing (`internetChargeType`, `bandwidth`, `packageSize`, `clusterId`, `rateLimitMode`) do not
/// concern addresses, and are not read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct AssignNetworkInterfaceIpv6 {
    /// `nicId`: the vNIC
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Given::is_absent"))]
    pub nic_id: Given<String>,
}

/// Request: take the IPv6 address of a vNIC away
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct UnassignNetworkInterfaceIpv6 {
    /// `nicId`: the vNIC
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Given::is_absent"))]
    pub nic_id: Given<String>,
}

object!(AssignNetworkInterfaceIpv6 {
    "nicId" => nic_id,
});

object!(UnassignNetworkInterfaceIpv6 {
    "nicId" => nic_id,
});

impl AssignNetworkInterfaceIpv6 {
    /// Asks for an IPv6 address of this vNIC
    pub fn of(nic_id: &str) -> Self {
        Self { nic_id: Given::Value(nic_id.to_string()) }
    }

    /// The command for this request, for this engine
    ///
    /// If a VPC is given, the vNIC must be in it; another vNIC is refused as one that does not exist, and the command
    /// refuses it as well.
    ///
    /// # Errors
    ///
    /// [`Refusal`] if the request is invalid, or if the vNIC has an IPv6 address already.
    pub fn command(&self, engine: &Engine, vpc: Option<VpcId>) -> Result<Assign, Refusal> {
        let nic = read::named("nicId", &self.nic_id)?;
        if look::interface(engine, nic, vpc)?.count_v6 > 0 {
            let message = format!("interface `{nic}` has an IPv6 address already");
            return Err(Refusal::new(Code::NicIpv6Exists, message));
        }
        let assign = Assign::new(nic, Pick::any(1).family(Family::V6));
        Ok(Assign { vpc, ..assign })
    }
}

impl UnassignNetworkInterfaceIpv6 {
    /// Asks to take this vNIC's IPv6 address away
    pub fn of(nic_id: &str) -> Self {
        Self { nic_id: Given::Value(nic_id.to_string()) }
    }

    /// The command for this request, for this engine; it releases all IPv6 addresses of the vNIC
    ///
    /// If a VPC is given, the vNIC must be in it; another vNIC is refused as one that does not exist, and the command
    /// refuses it as well.
    ///
    /// # Errors
    ///
    /// [`Refusal`] if the request is invalid, or if the vNIC has no IPv6 address.
    pub fn command(&self, engine: &Engine, vpc: Option<VpcId>) -> Result<Unassign, Refusal> {
        let nic = read::named("nicId", &self.nic_id)?;
        look::interface(engine, nic, vpc)?;
        let has = engine.addresses(nic).into_iter().flatten().map(|one| one.address);
        let addresses: Vec<_> = has.filter(|&address| Family::of(address) == Family::V6).collect();
        if addresses.is_empty() {
            let message = format!("interface `{nic}` has no IPv6 address");
            return Err(Refusal::new(Code::ResourceNotFound, message));
        }
        let unassign = Unassign::new(nic, addresses);
        Ok(Unassign { vpc, ..unassign })
    }
}
