//! The call that releases addresses

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::form::{self, Form};
use super::{ADDRESS, ENI, Refusal, VPC};
use crate::command::Unassign;
use crate::id::VpcId;
use crate::provider::read::{self, Flaw};

const FORM: Form<2, 1> = Form { singles: [VPC, ENI], set: ADDRESS, fields: [""] };

/// Request: release secondary private IPv4 addresses of an ENI
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnassignPrivateIpAddresses {
    /// `vpcId`: the VPC that the ENI is in; empty counts as absent
    pub vpc_id: String,
    /// `networkInterfaceId`: the ENI; empty counts as absent
    pub network_interface_id: String,
    /// `privateIpAddress.n`: these addresses, in the order of `n`
    pub private_ip_address: Vec<String>,
}

impl UnassignPrivateIpAddresses {
    /// Asks to release these addresses
    pub fn these<A: ToString>(
        vpc_id: &str,
        network_interface_id: &str,
        addresses: impl IntoIterator<Item = A>,
    ) -> Self {
        Self {
            vpc_id: vpc_id.to_owned(),
            network_interface_id: network_interface_id.to_owned(),
            private_ip_address: addresses.into_iter().map(|one| one.to_string()).collect(),
        }
    }

    /// Reads a request from its parameters, in any order
    ///
    /// Names and values must be percent-decoded: the iterator of `form_urlencoded::parse` fits as it is.
    ///
    /// # Errors
    ///
    /// [`Refusal`] for a parameter given twice, an `n` that is not a decimal number, or an item that is no
    /// address but has fields.
    pub fn from_pairs<N: AsRef<str>, V: AsRef<str>>(
        pairs: impl IntoIterator<Item = (N, V)>,
    ) -> Result<Self, Refusal> {
        let pairs: Vec<_> = pairs.into_iter().collect();
        let ([vpc, eni], items) = FORM.read(&pairs)?;
        let addresses = items.iter().map(|item| match item.fields {
            [Some(address)] => Ok(address.to_owned()),
            [None] => Err(Flaw::missing(FORM.name(item, ""))),
        });
        Ok(Self {
            vpc_id: vpc.unwrap_or_default().to_owned(),
            network_interface_id: eni.unwrap_or_default().to_owned(),
            private_ip_address: addresses.collect::<Result<_, _>>()?,
        })
    }

    /// The parameters of the request, as [`from_pairs`](Self::from_pairs) reads them
    pub fn to_pairs(&self) -> Vec<(String, String)> {
        let mut pairs = form::write([(VPC, &self.vpc_id), (ENI, &self.network_interface_id)]);
        for (n, address) in self.private_ip_address.iter().enumerate() {
            pairs.push((format!("{ADDRESS}.{n}"), address.clone()));
        }
        pairs
    }

    /// The command for this request
    ///
    /// # Errors
    ///
    /// [`Refusal`] if the request is invalid; of several flaws, that of the first field in documented order.
    pub fn command(&self) -> Result<Unassign, Refusal> {
        let vpc: VpcId = read::id(VPC, &self.vpc_id)?;
        let eni = read::id(ENI, &self.network_interface_id)?;
        let texts = self.private_ip_address.iter().map(|text| Ok(text.as_str()));
        Ok(Unassign::new(eni, read::addresses(texts)?).in_vpc(vpc))
    }
}
