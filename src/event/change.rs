//! One fact of an event

use core::net::IpAddr;

use alloc::boxed::Box;
use alloc::vec::Vec;
use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use crate::digest::Digest;
use crate::id::{InterfaceId, SubnetId, VpcId};
use crate::rules::Profile;
use crate::space::index::Indices;
use crate::space::{list::AddrList, range::AddrRange};
use crate::status::Status;

/// One fact about the state
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Change {
    /// A VPC came into being
    VpcCreated {
        /// Its name
        vpc: VpcId,
        /// Where its subnets may lie; empty for anywhere
        cidrs: Vec<IpNet>,
    },
    /// A VPC is gone
    VpcDeleted {
        /// Its name
        vpc: VpcId,
    },
    /// A subnet came into being
    SubnetCreated {
        /// Its name
        subnet: SubnetId,
        /// Its VPC
        vpc: VpcId,
        /// Its IPv4 addresses
        v4: Option<Ipv4Net>,
        /// Its IPv6 addresses
        v6: Option<Ipv6Net>,
        /// Its rules
        profile: Box<Profile>,
    },
    /// A subnet is gone, and its reservations with it
    SubnetDeleted {
        /// Its name
        subnet: SubnetId,
    },
    /// An interface came into being
    InterfaceCreated {
        /// Its name
        interface: InterfaceId,
        /// Its home
        subnet: SubnetId,
        /// Its state
        status: Status,
        /// Its quota in slots
        quota: Option<u32>,
    },
    /// An interface, which had nothing left, is gone
    InterfaceDeleted {
        /// Its name
        interface: InterfaceId,
    },
    /// An interface's state was set
    StatusSet {
        /// The interface
        interface: InterfaceId,
        /// Its state from now on
        status: Status,
    },
    /// An interface's quota was set
    QuotaSet {
        /// The interface
        interface: InterfaceId,
        /// Its quota from now on
        quota: Option<u32>,
    },
    /// A range was withheld
    RangeReserved {
        /// The subnet
        subnet: SubnetId,
        /// The range
        range: AddrRange,
    },
    /// A range is no longer withheld
    RangeReleased {
        /// The subnet
        subnet: SubnetId,
        /// The range
        range: AddrRange,
    },
    /// A subnet's indices were set
    IndicesSet {
        /// The subnet
        subnet: SubnetId,
        /// Its indices from now on
        indices: Indices,
    },
    /// Addresses of one subnet and family were assigned
    Assigned {
        /// Who has them now
        interface: InterfaceId,
        /// Where they lie
        subnet: SubnetId,
        /// The addresses, in order of assignment
        addresses: AddrList,
    },
    /// An address that the interface has became its primary
    PrimarySet {
        /// The interface
        interface: InterfaceId,
        /// Its primary from now on
        address: IpAddr,
    },
    /// Addresses of one subnet and family were released; a primary among them is no more
    Released {
        /// Who had them
        interface: InterfaceId,
        /// Where they lie
        subnet: SubnetId,
        /// The addresses
        addresses: AddrList,
    },
}

impl Change {
    /// An assignment to be filled in where it stays
    pub(crate) const ASSIGNED: Self = Self::Assigned {
        interface: InterfaceId::BLANK,
        subnet: SubnetId::BLANK,
        addresses: AddrList::new(),
    };

    /// A release to be filled in where it stays
    pub(crate) const RELEASED: Self = Self::Released {
        interface: InterfaceId::BLANK,
        subnet: SubnetId::BLANK,
        addresses: AddrList::new(),
    };

    /// What it assigns or releases, if it does
    pub(crate) fn addresses(&self) -> &AddrList {
        match self {
            Self::Assigned { addresses, .. } | Self::Released { addresses, .. } => addresses,
            _ => AddrList::none(),
        }
    }

    /// Addresses that it newly assigns
    pub(crate) fn assigns(&self) -> u128 {
        match self {
            Self::Assigned { addresses, .. } => addresses.count(),
            _ => 0,
        }
    }

    /// Feeds a tag and every field to the history digest
    pub(super) fn feed(&self, digest: &mut Digest) {
        match self {
            Self::VpcCreated { vpc, cidrs } => {
                digest.word(0);
                digest.words(&vpc.words());
                digest.word(cidrs.len() as u64);
                cidrs.iter().for_each(|&cidr| digest.net(cidr));
            }
            Self::VpcDeleted { vpc } => {
                digest.word(1);
                digest.words(&vpc.words());
            }
            Self::SubnetCreated { subnet, vpc, v4, v6, profile } => {
                digest.word(2);
                digest.words(&subnet.words());
                digest.words(&vpc.words());
                digest.option(v4.map(IpNet::V4), Digest::net);
                digest.option(v6.map(IpNet::V6), Digest::net);
                digest.profile(profile);
            }
            Self::SubnetDeleted { subnet } => {
                digest.word(3);
                digest.words(&subnet.words());
            }
            Self::InterfaceCreated { interface, subnet, status, quota } => {
                digest.word(4);
                digest.words(&interface.words());
                digest.words(&subnet.words());
                digest.word(*status as u64);
                digest.option(*quota, |digest, quota| digest.word(quota.into()));
            }
            Self::InterfaceDeleted { interface } => {
                digest.word(5);
                digest.words(&interface.words());
            }
            Self::StatusSet { interface, status } => {
                digest.word(6);
                digest.words(&interface.words());
                digest.word(*status as u64);
            }
            Self::QuotaSet { interface, quota } => {
                digest.word(7);
                digest.words(&interface.words());
                digest.option(*quota, |digest, quota| digest.word(quota.into()));
            }
            Self::RangeReserved { subnet, range } => {
                digest.word(8);
                digest.words(&subnet.words());
                digest.range(*range);
            }
            Self::RangeReleased { subnet, range } => {
                digest.word(9);
                digest.words(&subnet.words());
                digest.range(*range);
            }
            Self::Assigned { interface, subnet, addresses } => {
                digest.word(10);
                digest.pair(interface.words(), subnet.words());
                digest.list(addresses);
            }
            Self::PrimarySet { interface, address } => {
                digest.word(11);
                digest.words(&interface.words());
                digest.address(*address);
            }
            Self::Released { interface, subnet, addresses } => {
                digest.word(12);
                digest.pair(interface.words(), subnet.words());
                digest.list(addresses);
            }
            Self::IndicesSet { subnet, indices } => {
                digest.word(13);
                digest.words(&subnet.words());
                digest.word(indices.bits().into());
            }
        }
    }
}
