//! The call that moves an address to another ENI

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::form::{self, Form};
use super::{ADDRESS, Refusal, VPC};
use crate::command::Move;
use crate::id::VpcId;
use crate::provider::read::{self, Flaw};

const OLD: &str = "oldNetworkInterfaceId";
const NEW: &str = "newNetworkInterfaceId";
const FORM: Form<4, 0> = Form { singles: [VPC, ADDRESS, OLD, NEW], set: "", fields: [] };

/// Request: move a secondary private IPv4 address to another ENI of the same subnet
///
/// Each of them is empty where it is absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct MigratePrivateIpAddress {
    /// `vpcId`: the VPC that both ENIs are in
    pub vpc_id: String,
    /// `privateIpAddress`: the address
    pub private_ip_address: String,
    /// `oldNetworkInterfaceId`: the ENI that has it
    pub old_network_interface_id: String,
    /// `newNetworkInterfaceId`: the ENI that is to have it
    pub new_network_interface_id: String,
}

impl MigratePrivateIpAddress {
    /// Asks to move this address from one ENI to the other
    pub fn this(vpc_id: &str, address: impl ToString, old: &str, new: &str) -> Self {
        Self {
            vpc_id: vpc_id.to_owned(),
            private_ip_address: address.to_string(),
            old_network_interface_id: old.to_owned(),
            new_network_interface_id: new.to_owned(),
        }
    }

    /// Reads a request from its parameters, in any order
    ///
    /// Names and values must be percent-decoded: the iterator of `form_urlencoded::parse` fits as it is.
    ///
    /// # Errors
    ///
    /// [`Refusal`] for a parameter given twice.
    pub fn from_pairs<N: AsRef<str>, V: AsRef<str>>(
        pairs: impl IntoIterator<Item = (N, V)>,
    ) -> Result<Self, Refusal> {
        let pairs: Vec<_> = pairs.into_iter().collect();
        let (singles, _) = FORM.read(&pairs)?;
        let [vpc, address, old, new] = singles.map(|text| text.unwrap_or_default().to_owned());
        Ok(Self {
            vpc_id: vpc,
            private_ip_address: address,
            old_network_interface_id: old,
            new_network_interface_id: new,
        })
    }

    /// The parameters of the request, as [`from_pairs`](Self::from_pairs) reads them
    pub fn to_pairs(&self) -> Vec<(String, String)> {
        form::write([
            (VPC, &self.vpc_id),
            (ADDRESS, &self.private_ip_address),
            (OLD, &self.old_network_interface_id),
            (NEW, &self.new_network_interface_id),
        ])
    }

    /// The command for this request
    ///
    /// # Errors
    ///
    /// [`Refusal`] if the request is invalid; of several flaws, that of the first field in documented order.
    pub fn command(&self) -> Result<Move, Refusal> {
        let vpc: VpcId = read::id(VPC, &self.vpc_id)?;
        if self.private_ip_address.is_empty() {
            return Err(Flaw::missing(ADDRESS).into());
        }
        let address = read::address(ADDRESS, &self.private_ip_address)?;
        let from = read::id(OLD, &self.old_network_interface_id)?;
        let to = read::id(NEW, &self.new_network_interface_id)?;
        Ok(Move::new(from, to, [address]).in_vpc(vpc))
    }
}
