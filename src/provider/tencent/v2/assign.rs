//! The call that assigns addresses

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::form::{self, Form};
use super::{ADDRESS, ENI, Refusal, VPC};
use crate::command::{Assign, Pick, Wanted};
use crate::id::VpcId;
use crate::provider::Given;
use crate::provider::given::integer;
use crate::provider::read::{self, Flaw};
use crate::space::address::Family;

const SET: &str = "privateIpAddressSet";
const PRIMARY: &str = "primary";
const COUNT: &str = "secondaryPrivateIpAddressCount";
const FORM: Form<3, 2> = Form { singles: [VPC, ENI, COUNT], set: SET, fields: [PRIMARY, ADDRESS] };

/// Request: assign private IPv4 addresses to an ENI
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AssignPrivateIpAddresses {
    /// `vpcId`: the VPC that the ENI is in; empty counts as absent
    pub vpc_id: String,
    /// `networkInterfaceId`: the ENI; empty counts as absent
    pub network_interface_id: String,
    /// `privateIpAddressSet.n`: these addresses, in the order of `n`
    pub private_ip_address_set: Vec<PrivateIpAddress>,
    /// `secondaryPrivateIpAddressCount`: how many more are chosen, at least 1
    ///
    /// Beyond an `i128` it saturates when read, and beyond a `u32` on its way into the command.
    pub secondary_private_ip_address_count: Option<i128>,
}

/// One address of a request
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PrivateIpAddress {
    /// `privateIpAddressSet.n.primary`: whether it is to be the ENI's primary
    pub primary: bool,
    /// `privateIpAddressSet.n.privateIpAddress`: the address
    pub private_ip_address: String,
}

impl From<Wanted> for PrivateIpAddress {
    fn from(wanted: Wanted) -> Self {
        Self { primary: wanted.primary, private_ip_address: wanted.address.to_string() }
    }
}

impl AssignPrivateIpAddresses {
    /// Asks for these addresses; one of them may be [`Wanted::primary`]
    pub fn these<W: Into<Wanted>>(
        vpc_id: &str,
        network_interface_id: &str,
        addresses: impl IntoIterator<Item = W>,
    ) -> Self {
        let addresses = addresses.into_iter().map(|address| address.into().into());
        Self {
            vpc_id: vpc_id.to_owned(),
            network_interface_id: network_interface_id.to_owned(),
            private_ip_address_set: addresses.collect(),
            secondary_private_ip_address_count: None,
        }
    }

    /// Asks for this many addresses
    pub fn any(vpc_id: &str, network_interface_id: &str, count: u32) -> Self {
        Self::these::<Wanted>(vpc_id, network_interface_id, []).and_any(count)
    }

    /// Also asks for this many more
    #[must_use]
    pub fn and_any(mut self, count: u32) -> Self {
        self.secondary_private_ip_address_count = Some(count.into());
        self
    }

    /// Reads a request from its parameters, in any order
    ///
    /// Names and values must be percent-decoded: the iterator of `form_urlencoded::parse` fits as it is.
    ///
    /// # Errors
    ///
    /// [`Refusal`] for a parameter given twice, one that does not spell its type, an `n` that is not a
    /// decimal number, or an item without an address.
    pub fn from_pairs<N: AsRef<str>, V: AsRef<str>>(
        pairs: impl IntoIterator<Item = (N, V)>,
    ) -> Result<Self, Refusal> {
        let pairs: Vec<_> = pairs.into_iter().collect();
        let ([vpc, eni, count], items) = FORM.read(&pairs)?;
        let mut set = Vec::with_capacity(items.len());
        for item in items {
            let [primary, address] = item.fields;
            let Some(address) = address else {
                return Err(Flaw::missing(FORM.name(&item, ADDRESS)).into());
            };
            let primary = match primary {
                None => false,
                Some(text) => boolean(text)
                    .ok_or_else(|| Flaw::spelling(FORM.name(&item, PRIMARY), text, "a boolean"))?,
            };
            set.push(PrivateIpAddress { primary, private_ip_address: address.to_owned() });
        }
        let count = count
            .map(|text| integer(text).ok_or_else(|| Flaw::spelling(COUNT, text, "an integer")))
            .transpose()?;
        Ok(Self {
            vpc_id: vpc.unwrap_or_default().to_owned(),
            network_interface_id: eni.unwrap_or_default().to_owned(),
            private_ip_address_set: set,
            secondary_private_ip_address_count: count,
        })
    }

    /// The parameters of the request, as [`from_pairs`](Self::from_pairs) reads them
    pub fn to_pairs(&self) -> Vec<(String, String)> {
        let mut pairs = form::write([(VPC, &self.vpc_id), (ENI, &self.network_interface_id)]);
        for (n, item) in self.private_ip_address_set.iter().enumerate() {
            pairs.push((format!("{SET}.{n}.{PRIMARY}"), item.primary.to_string()));
            pairs.push((format!("{SET}.{n}.{ADDRESS}"), item.private_ip_address.clone()));
        }
        if let Some(count) = self.secondary_private_ip_address_count {
            pairs.push((COUNT.to_owned(), count.to_string()));
        }
        pairs
    }

    /// The command for this request
    ///
    /// # Errors
    ///
    /// [`Refusal`] if the request is invalid; of several flaws, that of the first field in documented order.
    pub fn command(&self) -> Result<Assign, Refusal> {
        let vpc: VpcId = read::id(VPC, &self.vpc_id)?;
        let eni = read::id(ENI, &self.network_interface_id)?;
        let items = &self.private_ip_address_set;
        let texts = items.iter().map(|item| Ok(item.private_ip_address.as_str()));
        let list = read::addresses(texts)?.into_iter().zip(items);
        let list =
            list.map(|(address, item)| Wanted { address: address.into(), primary: item.primary });
        let mut pick = Pick::these(list).family(Family::V4);
        let count = self.secondary_private_ip_address_count.map_or(Given::Absent, Given::Value);
        pick.count = read::count(COUNT, &count)?;
        Ok(Assign::new(eni, pick).in_vpc(vpc))
    }
}

/// The Bool that a text spells
fn boolean(text: &str) -> Option<bool> {
    if text == "1" || text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text == "0" || text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}
