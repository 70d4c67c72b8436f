//! How subnets choose: their policies, the policies' progress, and the indices that they use

use alloc::boxed::Box;
use core::fmt::{self, Display, Formatter};
use core::net::IpAddr;

use crate::bytes::structs;
use crate::id::SubnetId;
use crate::rules::Policy;
use crate::space::address::Family;
use crate::space::index::Indices;

/// A subnet's indices were set
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct IndicesSet {
    /// The subnet
    pub subnet: SubnetId,
    /// Its indices from now on
    pub indices: Indices,
}

impl Display for IndicesSet {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { subnet, indices } = self;
        write!(f, "{subnet} has the indices {indices}")
    }
}

/// A subnet's policy was set, and starts afresh
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PolicySet {
    /// The subnet
    pub subnet: SubnetId,
    /// Its policy from now on
    pub policy: Box<Policy>,
}

impl Display for PolicySet {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { subnet, policy } = self;
        write!(f, "{subnet} chooses {policy}")
    }
}

/// The cursor of a subnet that follows [`Policy::Next`] has moved
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct CursorMoved {
    /// The subnet
    pub subnet: SubnetId,
    /// The address that is looked at first from now on, in its family
    pub address: IpAddr,
}

impl Display for CursorMoved {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { subnet, address } = self;
        write!(f, "{subnet} looks at {address} first")
    }
}

/// A subnet that follows [`Policy::Random`] has drawn
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Drawn {
    /// The subnet
    pub subnet: SubnetId,
    /// The family of what was drawn
    pub family: Family,
    /// Draws made in it so far
    pub draws: u64,
}

impl Display for Drawn {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { subnet, family, draws } = self;
        write!(f, "{subnet} goes on at draw {draws} of {family}")
    }
}

structs! {
    IndicesSet { subnet indices }
    PolicySet { subnet policy }
    CursorMoved { subnet address }
    Drawn { subnet family draws: number }
}
