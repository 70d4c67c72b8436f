//! The call that assigns addresses

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::specification::{PrivateIpAddressSpecification, wanted};
use super::{ENI, LIST, Refusal};
use crate::command::{Assign, Command, Once, Pick, Wanted};
use crate::error::Error;
use crate::id::{Timestamp, Token};
use crate::provider::given::object;
use crate::provider::{Given, read};
use crate::space::address::Family;

/// Request: assign private IPv4 addresses to an ENI
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "PascalCase"))]
pub struct AssignPrivateIpAddresses {
    /// `NetworkInterfaceId`: the ENI
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Given::is_absent"))]
    pub network_interface_id: Given<String>,
    /// `PrivateIpAddresses`: these addresses, at most [`MOST_ADDRESSES`](super::MOST_ADDRESSES)
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Given::is_absent"))]
    pub private_ip_addresses: Given<Vec<Given<PrivateIpAddressSpecification>>>,
    /// `SecondaryPrivateIpAddressCount`: how many more are chosen, at least 1
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Given::is_absent"))]
    pub secondary_private_ip_address_count: Given<i128>,
    /// `ClientToken`: a name of the request, so that it is done once; empty counts as absent
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Given::is_absent"))]
    pub client_token: Given<String>,
}

object!(AssignPrivateIpAddresses {
    "NetworkInterfaceId" => network_interface_id,
    "PrivateIpAddresses" => private_ip_addresses,
    "SecondaryPrivateIpAddressCount" => secondary_private_ip_address_count,
    "ClientToken" => client_token,
});

impl AssignPrivateIpAddresses {
    /// Asks for these addresses; one of them may be [`Wanted::primary`]
    pub fn these<W: Into<Wanted>>(
        network_interface_id: &str,
        addresses: impl IntoIterator<Item = W>,
    ) -> Self {
        let items = addresses.into_iter().map(|address| Given::Value(address.into().into()));
        Self {
            network_interface_id: Given::Value(network_interface_id.to_string()),
            private_ip_addresses: Given::Value(items.collect()),
            ..Self::default()
        }
    }

    /// Asks for this many addresses
    pub fn any(network_interface_id: &str, count: u32) -> Self {
        Self {
            network_interface_id: Given::Value(network_interface_id.to_string()),
            secondary_private_ip_address_count: Given::Value(count.into()),
            ..Self::default()
        }
    }

    /// Also asks for this many more
    #[must_use]
    pub fn and_any(mut self, count: u32) -> Self {
        self.secondary_private_ip_address_count = Given::Value(count.into());
        self
    }

    /// Adds a token
    #[must_use]
    pub fn with_token(mut self, token: &str) -> Self {
        self.client_token = Given::Value(token.to_string());
        self
    }

    /// The command for this request, without its token
    ///
    /// # Errors
    ///
    /// [`Refusal`] if the request is invalid; of several flaws, that of the first field in documented order. A list
    /// that is too long is not read at all.
    pub fn command(&self) -> Result<Assign, Refusal> {
        let eni = read::named(ENI, &self.network_interface_id)?;
        let list = wanted(LIST, &self.private_ip_addresses)?;
        let mut pick = Pick::these(list).family(Family::V4);
        let count = &self.secondary_private_ip_address_count;
        pick.count = read::count("SecondaryPrivateIpAddressCount", count)?;
        Ok(Assign::new(eni, pick))
    }

    /// The token of the request, if it has one
    ///
    /// # Errors
    ///
    /// [`Refusal`] when it has one that cannot be: no text, or not 1 to 64 visible ASCII characters.
    pub fn token(&self) -> Result<Option<Token>, Refusal> {
        const TOKEN: &str = "ClientToken";
        if self.client_token.is_absent() {
            return Ok(None);
        }
        let text = read::text(TOKEN, &self.client_token)?;
        Ok(if text.is_empty() { None } else { Some(read::id(TOKEN, text)?) })
    }

    /// A command that the request came to, to be done once if the request has a token
    ///
    /// The answer is kept until then: the page does not say how long that should be. A retry that comes later,
    /// and whose `until` is later too, is done again ([`Once`]). Tokens are the
    /// clients' choice and an engine has one set of them, so a controller of several tenants makes a
    /// [`Once`] of its own from the [`token`](Self::token).
    ///
    /// # Errors
    ///
    /// [`Refusal`] when the request has a token that cannot be, or has one and the command is a [`Once`] itself.
    pub fn once(&self, until: Timestamp, command: impl Into<Command>) -> Result<Command, Refusal> {
        Ok(match self.token()? {
            Some(token) => {
                let once = Once::new(token, until, command);
                once.map_err(|nested| Refusal::from(Error::from(nested)))?.into()
            }
            None => command.into(),
        })
    }
}
