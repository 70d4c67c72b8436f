//! The calls that assign IPv4 addresses: several, and one

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::Refusal;
use crate::command::{Assign, Pick};
use crate::provider::given::object;
use crate::provider::{Given, read};
use crate::space::address::Family;

/// Request: assign private IPv4 addresses to a vNIC
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct BatchAssignNetworkInterfaceIpv4 {
    /// `nicId`: the vNIC
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Given::is_absent"))]
    pub nic_id: Given<String>,
    /// `ipAddresses`: these addresses; an empty list counts as absent
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Given::is_absent"))]
    pub ip_addresses: Given<Vec<Given<String>>>,
    /// `ipAddressCount`: how many are chosen, at least 1; ignored beside a list
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Given::is_absent"))]
    pub ip_address_count: Given<i128>,
}

object!(BatchAssignNetworkInterfaceIpv4 {
    "nicId" => nic_id,
    "ipAddresses" => ip_addresses,
    "ipAddressCount" => ip_address_count,
});

impl BatchAssignNetworkInterfaceIpv4 {
    /// Asks for these addresses
    pub fn these<A: ToString>(nic_id: &str, addresses: impl IntoIterator<Item = A>) -> Self {
        let addresses = addresses.into_iter().map(|address| Given::Value(address.to_string()));
        Self {
            nic_id: Given::Value(nic_id.to_string()),
            ip_addresses: Given::Value(addresses.collect()),
            ip_address_count: Given::Absent,
        }
    }

    /// Asks for this many addresses
    pub fn any(nic_id: &str, count: u32) -> Self {
        Self {
            nic_id: Given::Value(nic_id.to_string()),
            ip_addresses: Given::Absent,
            ip_address_count: Given::Value(count.into()),
        }
    }

    /// The command for this request
    ///
    /// # Errors
    ///
    /// [`Refusal`] if the request is invalid; of several flaws, that of the first field in documented order.
    pub fn command(&self) -> Result<Assign, Refusal> {
        const LIST: &str = "ipAddresses";
        let nic = read::named("nicId", &self.nic_id)?;
        let items = read::list(LIST, &self.ip_addresses)?;
        let pick = if items.is_empty() {
            match read::count("ipAddressCount", &self.ip_address_count)? {
                Some(count) => Pick::any(count),
                None => Pick::default(),
            }
        } else {
            Pick::these(read::texts(LIST, items)?)
        };
        Ok(Assign::new(nic, pick.family(Family::V4)))
    }
}

/// Request: assign one private IPv4 address to a vNIC
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct AssignNetworkInterfaceIpv4 {
    /// `nicId`: the vNIC
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Given::is_absent"))]
    pub nic_id: Given<String>,
    /// `ipAddress`: the address
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Given::is_absent"))]
    pub ip_address: Given<String>,
}

object!(AssignNetworkInterfaceIpv4 {
    "nicId" => nic_id,
    "ipAddress" => ip_address,
});

impl AssignNetworkInterfaceIpv4 {
    /// Asks for this address
    pub fn this(nic_id: &str, address: impl ToString) -> Self {
        Self {
            nic_id: Given::Value(nic_id.to_string()),
            ip_address: Given::Value(address.to_string()),
        }
    }

    /// The command for this request
    ///
    /// # Errors
    ///
    /// [`Refusal`] if the request is invalid; of several flaws, that of the first field in documented order.
    pub fn command(&self) -> Result<Assign, Refusal> {
        const ADDRESS: &str = "ipAddress";
        let nic = read::named("nicId", &self.nic_id)?;
        let address = read::address(ADDRESS, read::text(ADDRESS, &self.ip_address)?)?;
        Ok(Assign::new(nic, Pick::these([address]).family(Family::V4)))
    }
}
