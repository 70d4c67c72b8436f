//! One address of a request, and a list of them

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::MOST_ADDRESSES;
use crate::command::Wanted;
use crate::provider::given::object;
use crate::provider::read::{self, Flaw};
use crate::provider::{Form, Given};

/// One address of a request
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "PascalCase"))]
pub struct PrivateIpAddressSpecification {
    /// `PrivateIpAddress`: the address
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Given::is_absent"))]
    pub private_ip_address: Given<String>,
    /// `Primary`: whether it is to be the ENI's primary
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Given::is_absent"))]
    pub primary: Given<bool>,
}

object!(PrivateIpAddressSpecification {
    "PrivateIpAddress" => private_ip_address,
    "Primary" => primary,
});

impl From<Wanted> for PrivateIpAddressSpecification {
    fn from(wanted: Wanted) -> Self {
        Self {
            private_ip_address: Given::Value(wanted.address.to_string()),
            primary: Given::Value(wanted.primary),
        }
    }
}

impl PrivateIpAddressSpecification {
    /// This address, with no attributes
    pub(super) fn named(address: impl ToString) -> Self {
        let private_ip_address = Given::Value(address.to_string());
        Self { private_ip_address, primary: Given::Absent }
    }
}

/// The addresses of a list, and whether each is to be primary; one that is too long is not read at all
pub(super) fn wanted(
    field: &str,
    given: &Given<Vec<Given<PrivateIpAddressSpecification>>>,
) -> Result<Vec<Wanted>, Flaw> {
    let items = read::list(field, given)?;
    if items.len() > MOST_ADDRESSES {
        return Err(Flaw::too_many(field, items.len(), MOST_ADDRESSES));
    }
    let mut texts = Vec::with_capacity(items.len());
    let mut primaries = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let (text, primary) = item.read(&format!("{field}.{index}"))?;
        texts.push(Ok(text));
        primaries.push(primary);
    }
    let list = read::addresses(texts.into_iter())?.into_iter().zip(primaries);
    Ok(list.map(|(address, primary)| Wanted { address: address.into(), primary }).collect())
}

impl Given<PrivateIpAddressSpecification> {
    /// The text of the item's address, and whether it is to be primary
    fn read(&self, field: &str) -> Result<(&str, bool), Flaw> {
        let item = match self {
            Self::Value(item) => item,
            Self::Absent => return Err(Flaw::missing(field)),
            Self::Other(found) => {
                return Err(Flaw::form(field, *found, Form::Object.as_str()));
            }
        };
        let text = read::text(format_args!("{field}.PrivateIpAddress"), &item.private_ip_address)?;
        let primary = read::boolean(format_args!("{field}.Primary"), &item.primary)?;
        Ok((text, primary.unwrap_or(false)))
    }
}
