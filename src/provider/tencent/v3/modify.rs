//! The call that changes attributes of addresses, one of which is whether it is the primary

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::specification::{PrivateIpAddressSpecification, wanted};
use super::{Code, ENI, LIST, Refusal};
use crate::command::{OldPrimary, ReplacePrimary, Wanted};
use crate::engine::Engine;
use crate::id::{InterfaceId, VpcId};
use crate::provider::given::object;
use crate::provider::read::Flaw;
use crate::provider::words::Faults;
use crate::provider::{Given, look, read};

/// Request: change attributes of private IPv4 addresses of an ENI
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "PascalCase"))]
pub struct ModifyPrivateIpAddressesAttribute {
    /// `NetworkInterfaceId`: the ENI
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Given::is_absent"))]
    pub network_interface_id: Given<String>,
    /// `PrivateIpAddresses`: which addresses, each with its attributes from now on, at most
    /// [`MOST_ADDRESSES`](super::MOST_ADDRESSES)
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Given::is_absent"))]
    pub private_ip_addresses: Given<Vec<Given<PrivateIpAddressSpecification>>>,
}

object!(ModifyPrivateIpAddressesAttribute {
    "NetworkInterfaceId" => network_interface_id,
    "PrivateIpAddresses" => private_ip_addresses,
});

impl ModifyPrivateIpAddressesAttribute {
    /// Asks for this address of the ENI as its primary
    pub fn primary(network_interface_id: &str, address: impl ToString) -> Self {
        let mut item = PrivateIpAddressSpecification::named(address);
        item.primary = Given::Value(true);
        Self {
            network_interface_id: Given::Value(network_interface_id.to_string()),
            private_ip_addresses: Given::Value(Vec::from([Given::Value(item)])),
        }
    }

    /// The command for this request, for this engine; none where no item is to be primary
    ///
    /// The old primary stays, as a secondary address. The other attributes do not concern the engine: they are the
    /// caller's to keep. Whether the ENI has the addresses is looked up, as of the engine's last event, since a free
    /// one would be assigned by the command.
    ///
    /// With a VPC, the ENI must be in it: another is refused as one that does not exist, and so is the
    /// command.
    ///
    /// # Errors
    ///
    /// [`Refusal`] if the request is invalid; of several flaws, that of the first field in documented order, then of
    /// every address that the ENI does not have.
    pub fn command(
        &self,
        engine: &Engine,
        vpc: Option<VpcId>,
    ) -> Result<Option<ReplacePrimary>, Refusal> {
        let eni: InterfaceId = read::named(ENI, &self.network_interface_id)?;
        let list = wanted(LIST, &self.private_ip_addresses)?;
        if list.is_empty() {
            return Err(Flaw::missing(LIST).into());
        }
        let mut primaries = list.iter().enumerate().filter(|(_, item)| item.primary);
        let primary = primaries.next();
        if let (Some((first, _)), Some((second, _))) = (primary, primaries.next()) {
            return Err(Flaw::two_primaries(first, second).into());
        }
        let within = look::interface(engine, eni, vpc)?.vpc;
        let mut strange = Faults::default();
        for (index, &Wanted { address, .. }) in list.iter().enumerate() {
            let has = engine.owner(within, address);
            if has.is_none_or(|holder| holder.interface != eni) {
                strange.add(format_args!(
                    "address {index} of the list, `{address}`, is not of interface `{eni}`"
                ));
            }
        }
        if let Some(message) = strange.finish() {
            return Err(Refusal::new(Code::ResourceNotFound, message));
        }
        Ok(primary.map(|(_, item)| {
            let replace = ReplacePrimary::with(eni, item.address).old(OldPrimary::Keep);
            ReplacePrimary { vpc, ..replace }
        }))
    }
}
