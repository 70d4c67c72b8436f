//! One fact of an event

use core::net::IpAddr;

use alloc::boxed::Box;
use alloc::vec::Vec;
use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use crate::command::Limits;
use crate::digest::Digest;
use crate::id::{InterfaceId, Reason, RequestId, SubnetId, Task, Timestamp, Token, VpcId};
use crate::rules::{Policy, Profile};
use crate::space::Reservation;
use crate::space::address::Family;
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
    /// A subnet's CIDRs and rules were set; what rested outside them rests no more
    SubnetReshaped {
        /// Its name
        subnet: SubnetId,
        /// Its IPv4 addresses from now on
        v4: Option<Ipv4Net>,
        /// Its IPv6 addresses from now on
        v6: Option<Ipv6Net>,
        /// Its rules from now on
        profile: Box<Profile>,
    },
    /// A subnet is gone, and with it its reservations, and the rest of what rested in it
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
        /// From whom
        kind: Reservation,
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
    /// A subnet's policy was set, and begins anew
    PolicySet {
        /// The subnet
        subnet: SubnetId,
        /// Its policy from now on
        policy: Box<Policy>,
    },
    /// The cursor of a subnet that follows [`Policy::Next`] has moved
    CursorMoved {
        /// The subnet
        subnet: SubnetId,
        /// What is looked at first from now on, in its family
        address: IpAddr,
    },
    /// A subnet that follows [`Policy::Random`] has drawn
    Drawn {
        /// The subnet
        subnet: SubnetId,
        /// The family of what was drawn
        family: Family,
        /// Draws made in it so far
        draws: u64,
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
    /// An address that the interface has became its primary; the one before, if any, is secondary
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
    /// The same, and they rest
    Quarantined(Box<Quarantined>),
    /// Addresses that rested are free before their time
    RestEnded {
        /// Where they lie
        subnet: SubnetId,
        /// The addresses, of one family
        addresses: AddrList,
    },
    /// Addresses of one subnet were assigned until further notice
    Held(Box<Held>),
    /// A hold took in addresses of another subnet
    HoldExtended(Box<HoldExtended>),
    /// A hold came to its end
    TaskFinished(Box<TaskFinished>),
    /// An answer is kept under a token
    TokenKept(Box<TokenKept>),
    /// The engine's limits were set
    LimitsSet {
        /// Its limits from now on
        limits: Limits,
    },
    /// What had fallen due was done; it is so with every event, and some have nothing else to say
    Swept,
}

/// Addresses of one subnet and family were released; a primary among them is no more; and they rest
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Quarantined {
    /// Who had them
    pub interface: InterfaceId,
    /// Where they lie
    pub subnet: SubnetId,
    /// The addresses
    pub addresses: AddrList,
    /// When they are free, after the event
    pub until: Timestamp,
    /// Why they rest, if the caller said so
    pub reason: Option<Reason>,
}

/// Addresses of one subnet were assigned until further notice
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Held {
    /// Index of the command that made it: with the event's revision, the task
    pub index: u32,
    /// Who has them
    pub interface: InterfaceId,
    /// Where they lie
    pub subnet: SubnetId,
    /// The addresses, IPv4 before IPv6, each in order of assignment
    pub addresses: AddrList,
    /// When its time is up, after the event
    pub until: Timestamp,
    /// What happens then
    pub expired: OnExpiry,
    /// Until when the task can be asked about once it is finished
    pub keep_until: Timestamp,
    /// The caller's request that it is for
    pub request: Option<RequestId>,
}

/// A hold took in addresses of another subnet: they are held for its interface until it ends
///
/// When they rest in the end, they rest as long as the others of the hold.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct HoldExtended {
    /// The hold
    pub task: Task,
    /// Where they lie; none of the hold's did before
    pub subnet: SubnetId,
    /// The addresses, IPv4 before IPv6, each in order of assignment
    pub addresses: AddrList,
}

/// What happens to a hold whose time is up
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum OnExpiry {
    /// Its addresses are released, and rest
    Release {
        /// For so many milliseconds from then on
        rest_millis: u64,
    },
    /// Its addresses stay held, and its outcome is unknown
    Unknown,
}

/// A hold came to its end
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct TaskFinished {
    /// The task
    pub task: Task,
    /// What came of it
    pub end: End,
    /// When those of its addresses that it lost are free; not after the event if they do not rest
    pub until: Timestamp,
    /// Why they rest, if the caller said so
    pub reason: Option<Reason>,
}

/// What came of a hold
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum End {
    /// All of its addresses were assigned
    Succeeded,
    /// Its addresses were released, but for some
    Failed {
        /// How
        failure: Failure,
        /// Why, if the caller said so
        reason: Option<Reason>,
        /// Those that were assigned all the same, as they were observed, in the order of the hold
        kept: AddrList,
    },
}

/// How a hold failed
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Failure {
    // The numbers are part of the digests of histories.
    /// It was cancelled
    Cancelled = 0,
    /// Its interface was deleted
    InterfaceDeleted = 1,
    /// Some of its addresses were not observed, or none
    NotObserved = 2,
}

/// An answer is kept under a token
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct TokenKept {
    /// The token
    pub token: Token,
    /// Until when, after the event
    pub until: Timestamp,
    /// Digest of the command, by which it is known again
    #[cfg_attr(feature = "serde", serde(with = "crate::digest::hex"))]
    pub request: u64,
    /// The answer to it
    pub answer: AddrList,
    /// The task that it began
    pub task: Option<Task>,
    /// The address that it made primary
    pub primary: Option<IpAddr>,
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

    /// What it assigns, holds or releases, if it does
    pub(crate) fn addresses(&self) -> &AddrList {
        match self {
            Self::Assigned { addresses, .. } | Self::Released { addresses, .. } => addresses,
            Self::Quarantined(of) => &of.addresses,
            Self::Held(of) => &of.addresses,
            Self::HoldExtended(of) => &of.addresses,
            _ => AddrList::none(),
        }
    }

    /// Addresses and prefixes that it newly assigns or holds
    pub(crate) fn assigns(&self) -> u128 {
        match self {
            Self::Assigned { addresses, .. } => addresses.slots(),
            Self::Held(of) => of.addresses.slots(),
            Self::HoldExtended(of) => of.addresses.slots(),
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
            Self::RangeReserved { subnet, range, kind } => {
                digest.word(8);
                digest.words(&subnet.words());
                digest.range(*range);
                digest.word(*kind as u64);
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
            Self::Quarantined(of) => {
                digest.word(14);
                digest.pair(of.interface.words(), of.subnet.words());
                digest.list(&of.addresses);
                digest.word(of.until.millis());
                digest.option(of.reason, |digest, reason| digest.words(&reason.words()));
            }
            Self::RestEnded { subnet, addresses } => {
                digest.word(15);
                digest.words(&subnet.words());
                digest.list(addresses);
            }
            Self::Held(of) => {
                digest.words(&[16, of.index.into()]);
                digest.pair(of.interface.words(), of.subnet.words());
                digest.list(&of.addresses);
                let (releases, rest_millis) = match of.expired {
                    OnExpiry::Release { rest_millis } => (1, rest_millis),
                    OnExpiry::Unknown => (0, 0),
                };
                let (until, keep_until) = (of.until.millis(), of.keep_until.millis());
                digest.words(&[until, releases, rest_millis, keep_until]);
                digest.option(of.request, |digest, request| digest.words(&request.words()));
            }
            Self::TaskFinished(of) => {
                digest.words(&[17, of.task.revision.get(), of.task.index.into()]);
                match &of.end {
                    End::Succeeded => digest.word(0),
                    End::Failed { failure, reason, kept } => {
                        digest.words(&[1, *failure as u64]);
                        digest.option(*reason, |digest, reason| digest.words(&reason.words()));
                        digest.list(kept);
                    }
                }
                digest.word(of.until.millis());
                digest.option(of.reason, |digest, reason| digest.words(&reason.words()));
            }
            Self::TokenKept(of) => {
                digest.word(18);
                digest.words(&of.token.words());
                digest.words(&[of.until.millis(), of.request]);
                digest.list(&of.answer);
                digest.option(of.task, |digest, Task { revision, index }| {
                    digest.words(&[revision.get(), index.into()]);
                });
                digest.option(of.primary, Digest::address);
            }
            Self::LimitsSet { limits } => {
                let Limits { tokens, tasks, runs } = *limits;
                digest.words(&[19, tokens.into(), tasks.into(), runs.into()]);
            }
            Self::Swept => digest.word(20),
            Self::SubnetReshaped { subnet, v4, v6, profile } => {
                digest.word(29);
                digest.words(&subnet.words());
                digest.option(v4.map(IpNet::V4), Digest::net);
                digest.option(v6.map(IpNet::V6), Digest::net);
                digest.profile(profile);
            }
            Self::PolicySet { subnet, policy } => {
                digest.word(25);
                digest.words(&subnet.words());
                digest.policy(**policy);
            }
            Self::CursorMoved { subnet, address } => {
                digest.word(26);
                digest.words(&subnet.words());
                digest.address(*address);
            }
            Self::Drawn { subnet, family, draws } => {
                digest.word(27);
                digest.words(&subnet.words());
                digest.words(&[family.bits().into(), *draws]);
            }
            Self::HoldExtended(of) => {
                digest.words(&[34, of.task.revision.get(), of.task.index.into()]);
                digest.words(&of.subnet.words());
                digest.list(&of.addresses);
            }
        }
    }
}
