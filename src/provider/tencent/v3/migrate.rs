//! The call that moves an address to another ENI

use alloc::string::{String, ToString};

use super::Refusal;
use crate::command::Move;
use crate::provider::given::object;
use crate::provider::{Given, read};

/// Request: move a secondary private IPv4 address to another ENI of the same subnet
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "PascalCase"))]
pub struct MigratePrivateIpAddress {
    /// `SourceNetworkInterfaceId`: the ENI that has it
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Given::is_absent"))]
    pub source_network_interface_id: Given<String>,
    /// `DestinationNetworkInterfaceId`: the ENI that is to have it
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Given::is_absent"))]
    pub destination_network_interface_id: Given<String>,
    /// `PrivateIpAddress`: the address
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Given::is_absent"))]
    pub private_ip_address: Given<String>,
}

object!(MigratePrivateIpAddress {
    "SourceNetworkInterfaceId" => source_network_interface_id,
    "DestinationNetworkInterfaceId" => destination_network_interface_id,
    "PrivateIpAddress" => private_ip_address,
});

impl MigratePrivateIpAddress {
    /// Asks to move this address from one ENI to the other
    pub fn this(source: &str, destination: &str, address: impl ToString) -> Self {
        Self {
            source_network_interface_id: Given::Value(source.to_string()),
            destination_network_interface_id: Given::Value(destination.to_string()),
            private_ip_address: Given::Value(address.to_string()),
        }
    }

    /// The command for this request
    ///
    /// # Errors
    ///
    /// [`Refusal`] if the request is invalid; of several flaws, that of the first field in documented order.
    pub fn command(&self) -> Result<Move, Refusal> {
        const ADDRESS: &str = "PrivateIpAddress";
        let from = read::named("SourceNetworkInterfaceId", &self.source_network_interface_id)?;
        let to =
            read::named("DestinationNetworkInterfaceId", &self.destination_network_interface_id)?;
        let address = read::address(ADDRESS, read::text(ADDRESS, &self.private_ip_address)?)?;
        Ok(Move::new(from, to, [address]))
    }
}
