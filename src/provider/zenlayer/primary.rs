//! The call that gives a vNIC another primary IPv4 address

use alloc::string::{String, ToString};

use super::Refusal;
use crate::command::ReplacePrimary;
use crate::provider::given::object;
use crate::provider::{Given, read};
use crate::space::address::Family;

/// Request: replace the primary IPv4 address of a vNIC
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct ReplaceNetworkInterfacePrimaryIpv4 {
    /// `nicId`: the vNIC
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Given::is_absent"))]
    pub nic_id: Given<String>,
    /// `primaryIpAddress`: its new primary; absent is the lowest free address of the subnet
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Given::is_absent"))]
    pub primary_ip_address: Given<String>,
    /// `rebootInstance`: whether the instance is restarted; absent is yes
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Given::is_absent"))]
    pub reboot_instance: Given<bool>,
}

object!(ReplaceNetworkInterfacePrimaryIpv4 {
    "nicId" => nic_id,
    "primaryIpAddress" => primary_ip_address,
    "rebootInstance" => reboot_instance,
});

impl ReplaceNetworkInterfacePrimaryIpv4 {
    /// Asks for this address as the primary
    pub fn with(nic_id: &str, address: impl ToString) -> Self {
        let primary_ip_address = Given::Value(address.to_string());
        Self { primary_ip_address, ..Self::with_any(nic_id) }
    }

    /// Asks for any other address as the primary
    pub fn with_any(nic_id: &str) -> Self {
        let nic_id = Given::Value(nic_id.to_string());
        Self { nic_id, primary_ip_address: Given::Absent, reboot_instance: Given::Absent }
    }

    /// Whether the instance is to be restarted, where the primary changes and the instance runs
    ///
    /// The caller's to do: an unchanged decision restarts nothing.
    ///
    /// # Errors
    ///
    /// [`Refusal`] when the field is no Boolean.
    pub fn reboots(&self) -> Result<bool, Refusal> {
        Ok(read::boolean("rebootInstance", &self.reboot_instance)?.unwrap_or(true))
    }

    /// The command for this request
    ///
    /// # Errors
    ///
    /// [`Refusal`] if the request is invalid; of several flaws, that of the first field in documented order.
    pub fn command(&self) -> Result<ReplacePrimary, Refusal> {
        const PRIMARY: &str = "primaryIpAddress";
        let nic = read::named("nicId", &self.nic_id)?;
        let replace = if self.primary_ip_address.is_absent() {
            ReplacePrimary::with_any(nic, Family::V4)
        } else {
            let text = read::text(PRIMARY, &self.primary_ip_address)?;
            ReplacePrimary::with(nic, read::address(PRIMARY, text)?)
        };
        self.reboots()?;
        Ok(replace)
    }
}
