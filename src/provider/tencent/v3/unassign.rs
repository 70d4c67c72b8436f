//! The call that releases addresses

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::specification::{PrivateIpAddressSpecification, wanted};
use super::{ENI, LIST, Refusal};
use crate::command::{Unassign, Wanted};
use crate::provider::given::object;
use crate::provider::{Given, read};

/// Request: release secondary private IPv4 addresses of an ENI
///
/// `InstanceId`, which is for unbinding the ENI from its instance too, is not read, and of an item neither is
/// anything but its address, and whether `Primary` is a Boolean.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "PascalCase"))]
pub struct UnassignPrivateIpAddresses {
    /// `NetworkInterfaceId`: the ENI
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Given::is_absent"))]
    pub network_interface_id: Given<String>,
    /// `PrivateIpAddresses`: these addresses, at most [`MOST_ADDRESSES`](super::MOST_ADDRESSES)
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Given::is_absent"))]
    pub private_ip_addresses: Given<Vec<Given<PrivateIpAddressSpecification>>>,
}

object!(UnassignPrivateIpAddresses {
    "NetworkInterfaceId" => network_interface_id,
    "PrivateIpAddresses" => private_ip_addresses,
});

impl UnassignPrivateIpAddresses {
    /// Asks to release these addresses
    pub fn these<A: ToString>(
        network_interface_id: &str,
        addresses: impl IntoIterator<Item = A>,
    ) -> Self {
        let item = |address: A| Given::Value(PrivateIpAddressSpecification::named(address));
        Self {
            network_interface_id: Given::Value(network_interface_id.to_string()),
            private_ip_addresses: Given::Value(addresses.into_iter().map(item).collect()),
        }
    }

    /// The command for this request
    ///
    /// # Errors
    ///
    /// [`Refusal`] if the request is invalid; of several flaws, that of the first field in documented order. A list
    /// that is too long is not read at all.
    pub fn command(&self) -> Result<Unassign, Refusal> {
        let eni = read::named(ENI, &self.network_interface_id)?;
        let list = wanted(LIST, &self.private_ip_addresses)?;
        Ok(Unassign::new(eni, list.into_iter().map(|Wanted { address, .. }| address)))
    }
}
