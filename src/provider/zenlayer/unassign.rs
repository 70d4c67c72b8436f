//! The call that releases IPv4 addresses

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::Refusal;
use crate::command::Unassign;
use crate::provider::given::object;
use crate::provider::{Given, read};

/// Request: release private IPv4 addresses of a vNIC
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct UnassignNetworkInterfaceIpv4 {
    /// `nicId`: the vNIC
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Given::is_absent"))]
    pub nic_id: Given<String>,
    /// `ipAddress`: this address; documented as deprecated, and ignored beside a list
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Given::is_absent"))]
    pub ip_address: Given<String>,
    /// `ipAddresses`: these addresses; an empty list counts as absent
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Given::is_absent"))]
    pub ip_addresses: Given<Vec<Given<String>>>,
}

object!(UnassignNetworkInterfaceIpv4 {
    "nicId" => nic_id,
    "ipAddress" => ip_address,
    "ipAddresses" => ip_addresses,
});

impl UnassignNetworkInterfaceIpv4 {
    /// Asks to release these addresses
    pub fn these<A: ToString>(nic_id: &str, addresses: impl IntoIterator<Item = A>) -> Self {
        let addresses = addresses.into_iter().map(|address| Given::Value(address.to_string()));
        Self {
            nic_id: Given::Value(nic_id.to_string()),
            ip_address: Given::Absent,
            ip_addresses: Given::Value(addresses.collect()),
        }
    }

    /// The command for this request
    ///
    /// # Errors
    ///
    /// [`Refusal`] if the request is invalid; of several flaws, that of the vNIC, then that of the list or of the one
    /// address.
    pub fn command(&self) -> Result<Unassign, Refusal> {
        const ADDRESS: &str = "ipAddress";
        const LIST: &str = "ipAddresses";
        let nic = read::named("nicId", &self.nic_id)?;
        let items = read::list(LIST, &self.ip_addresses)?;
        let addresses = if !items.is_empty() {
            read::texts(LIST, items)?
        } else if self.ip_address.is_absent() {
            Vec::new()
        } else {
            let address = read::text(ADDRESS, &self.ip_address)?;
            Vec::from([read::address(ADDRESS, address)?])
        };
        Ok(Unassign::new(nic, addresses))
    }
}
