//! What was decided, as facts: the chosen addresses, never the wish for some

use core::net::IpAddr;

use alloc::boxed::Box;
use alloc::vec::Vec;
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use smallvec::SmallVec;

use crate::digest::Digest;
use crate::id::{InterfaceId, Revision, SubnetId, Timestamp, VpcId};
use crate::rules::Profile;
use crate::space::index::Indices;
use crate::space::{list::AddrList, range::AddrRange};
use crate::status::Status;

/// The one effect of a command, or of several decided together
///
/// Store it, then give it to [`Engine::apply`](crate::Engine::apply): on this engine, on a replica, or
/// on one that is being rebuilt. It states outcomes, so a later release that searches differently reads
/// it the same.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Event {
    pub(crate) revision: Revision,
    pub(crate) at: Timestamp,
    #[cfg_attr(feature = "serde", serde(with = "crate::digest::hex"))]
    pub(crate) parent: u64,
    #[cfg_attr(feature = "serde", serde(with = "change_list"))]
    pub(crate) changes: SmallVec<[Change; 1]>,
}

/// The changes as a plain list
#[cfg(feature = "serde")]
mod change_list {
    use super::{Change, SmallVec, Vec};
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(
        changes: &SmallVec<[Change; 1]>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.collect_seq(changes)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<SmallVec<[Change; 1]>, D::Error> {
        Vec::deserialize(from).map(SmallVec::from_vec)
    }
}

impl Event {
    /// An event that never was, where a decision has none
    pub(crate) fn nothing() -> Self {
        let changes = SmallVec::new();
        Self { revision: Revision::ZERO, at: Timestamp::ZERO, parent: 0, changes }
    }

    /// The revision that this event makes; also the generation of what it assigns
    pub const fn revision(&self) -> Revision {
        self.revision
    }

    /// When it was decided: the caller's time, clamped to that of the event before
    pub const fn at(&self) -> Timestamp {
        self.at
    }

    /// Digest of the history that it was decided on, the only one that it fits
    pub const fn parent(&self) -> u64 {
        self.parent
    }

    /// The changes, in the order in which they take effect; at least one
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// Digest of the history that ends with this event
    ///
    /// XXH64, seed 0, over the parent's digest and every field, in order, as little-endian words of 64
    /// bits; a count before whatever has no fixed number of them. The same on every platform.
    pub fn digest(&self) -> u64 {
        let mut digest = Digest::new();
        let changes = self.changes.len() as u64;
        digest.words(&[self.parent, self.revision.get(), self.at.millis(), changes]);
        for change in &self.changes {
            change.feed(&mut digest);
        }
        digest.finish()
    }
}

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
    fn feed(&self, digest: &mut Digest) {
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

/// What a command comes to: one event, or nothing to change; and the answer either way
#[derive(Clone, Debug)]
pub struct Decision {
    pub(crate) revision: Revision,
    /// One without changes is [`Event::nothing`]
    pub(crate) event: Event,
    /// None if it is what the event's first change assigns or releases, or nothing
    pub(crate) answer: Option<AddrList>,
    /// One a command, of a batch
    pub(crate) answers: Option<Vec<AddrList>>,
}

impl PartialEq for Decision {
    fn eq(&self, other: &Self) -> bool {
        (self.revision, self.event(), self.answer(), &self.answers)
            == (other.revision, other.event(), other.answer(), &other.answers)
    }
}

impl Eq for Decision {}

#[cfg(feature = "serde")]
mod decision_forms {
    use super::{AddrList, Decision, Event, Revision, Vec};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize)]
    #[serde(rename = "Decision")]
    struct Shown<'a> {
        revision: Revision,
        event: Option<&'a Event>,
        answer: &'a AddrList,
        answers: Option<&'a [AddrList]>,
    }

    #[derive(Deserialize)]
    #[serde(rename = "Decision")]
    struct Read {
        revision: Revision,
        event: Option<Event>,
        answer: AddrList,
        answers: Option<Vec<AddrList>>,
    }

    impl Serialize for Decision {
        fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
            let (revision, answers) = (self.revision, self.answers.as_deref());
            let (event, answer) = (self.event(), self.answer());
            Shown { revision, event, answer, answers }.serialize(to)
        }
    }

    impl<'de> Deserialize<'de> for Decision {
        fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
            let Read { revision, event, answer, answers } = Read::deserialize(from)?;
            let event = event.unwrap_or_else(Event::nothing);
            Ok(Self { revision, event, answer: Some(answer), answers })
        }
    }
}

impl Decision {
    /// The event to store and apply; `None` when nothing changes
    pub fn event(&self) -> Option<&Event> {
        (!self.is_unchanged()).then_some(&self.event)
    }

    /// The event to store and apply; `None` when nothing changes
    pub fn into_event(self) -> Option<Event> {
        (!self.is_unchanged()).then_some(self.event)
    }

    /// Whether what was asked for is so already
    pub fn is_unchanged(&self) -> bool {
        self.event.changes.is_empty()
    }

    /// The addresses assigned or released, in the order asked for, chosen ones after named ones
    ///
    /// Of an assignment, also those that the interface had already. Of a deleted interface, all that it
    /// had, by subnet and ascending. Of several commands, all of theirs, in order.
    pub fn answer(&self) -> &AddrList {
        match (&self.answer, self.event.changes.first()) {
            (Some(answer), _) => answer,
            (None, Some(first)) => first.addresses(),
            (None, None) => AddrList::none(),
        }
    }

    /// The answer to one of the commands given to [`decide_all`](crate::Engine::decide_all)
    ///
    /// `None` where there were not so many commands; a single command's answer has index 0.
    pub fn answer_to(&self, index: usize) -> Option<&AddrList> {
        match (&self.answers, index) {
            (Some(answers), _) => answers.get(index),
            (None, 0) => Some(self.answer()),
            (None, _) => None,
        }
    }

    /// The revision that the event makes, or that of the engine asked where nothing changes
    pub const fn revision(&self) -> Revision {
        self.revision
    }
}
