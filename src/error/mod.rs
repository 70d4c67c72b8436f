//! Why the engine said no: one enum a phase, each variant with a stable code
//!
//! Codes are API: they are never reused and never change their meaning. Their hundreds are the stages of
//! judgement, in order of precedence but for the exceptions that [`Error`] names; within a list of
//! addresses the lowest index decides.
//!
//! | stage | codes |
//! |---|---|
//! | shape of the request | 100 – 199 |
//! | ids exist | 200 – 299 |
//! | state of what is named | 300 – 399 |
//! | address family | 400 – 499 |
//! | each address | 500 – 599 |
//! | quota | 600 – 699 |
//! | capacity | 700 – 799 |
//! | an event that does not belong here ([`ApplyError`]) | 800 – 899 |
//! | bytes that are not what they should be ([`DecodeError`]) | 900 – 949 |
//! | decisions in flight ([`Undecided`](crate::Undecided), [`ConfirmError`](crate::ConfirmError)) | 950 – 979 |

mod apply;
mod capacity;
mod faults;

pub use crate::bytes::{DecodeError, DecodeLimit, Flaw};
pub use apply::{ApplyError, Contradiction, Corruption};
pub use capacity::{Fragmented, Shortfall, SubnetRefusal};
pub use faults::{AddressFault, AddressFaults, Cause};

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::net::IpAddr;

use ipnet::IpNet;
use thiserror::Error;

use crate::command::{Assign, NestedOnce};
use crate::id::{InterfaceId, Revision, SubnetId, Task, Timestamp, Token, VpcId};
use crate::space::address::Family;
use crate::space::{list::AddrList, range::AddrRange};
use crate::status::Status;
use crate::text::FewPhrases;

/// A command was refused, and nothing happened
///
/// The variants stand in order of precedence, as far as one command can meet several of them, with five
/// exceptions:
///
/// - What is said of a token comes before all that is said of the command done once under it.
/// - What both a list and a count mean is the profile's to say, so [`ListAndCount`], and a count of 0 beside a
///   list, are judged once the ids are found.
/// - [`Addresses`] carries faults of four stages: repeated addresses come first of all, after them those of a
///   family that the subnet lacks.
/// - [`HostBits`] of a prefix that is asked for, and then what overlaps it, comes after repeated addresses.
/// - [`NoSubnetCan`] stands for what is said of each subnet from the address family on.
///
/// [`ListAndCount`]: Self::ListAndCount
/// [`Addresses`]: Self::Addresses
/// [`HostBits`]: Self::HostBits
/// [`NoSubnetCan`]: Self::NoSubnetCan
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Error {
    /// A CIDR has bits set beyond its prefix
    #[error("`{cidr}` has host bits set: its network is `{network}`")]
    HostBits {
        /// Index in the list of CIDRs, or of prefixes; of a subnet's, the IPv4 one comes first
        index: usize,
        /// The CIDR given
        cidr: IpNet,
        /// The same without host bits
        network: IpNet,
    },
    /// Two CIDRs of one request overlap
    #[error("`{cidr}` overlaps `{other}` in the same request")]
    CidrsOverlap {
        /// Index of the later one in the list
        index: usize,
        /// The later one
        cidr: IpNet,
        /// Index of the earlier one in the list
        first: usize,
        /// The earlier one
        other: IpNet,
    },
    /// A subnet was asked for with no CIDR
    #[error("subnet `{0}` has neither an IPv4 nor an IPv6 CIDR")]
    NoCidr(SubnetId),
    /// Neither addresses nor a count were given
    #[error("nothing was asked for: no addresses, and no count")]
    NothingAsked,
    /// A count of 0 was given; beside a list, judged once the profile is known to read both
    #[error("a count of 0 was asked for")]
    ZeroCount,
    /// Two addresses of one family are both to be primary
    #[error("addresses {first} and {second} of the list are both to be the {family} primary")]
    TwoPrimaries {
        /// Their family
        family: Family,
        /// Index of the first in the list
        first: usize,
        /// Index of the second in the list
        second: usize,
    },
    /// The range to choose from is of another family than what is to be chosen
    #[error("range `{range}` has no {family} addresses to choose from")]
    RangeFamily {
        /// The range given
        range: AddrRange,
        /// The family asked for
        family: Family,
    },
    /// A list and a count were given, and the profile wants one of them
    #[error("both a list of addresses and a count were given")]
    ListAndCount,
    /// A move from an interface to itself
    #[error("interface `{0}` is both where the addresses are and where they are to go")]
    SameInterface(InterfaceId),
    /// A new primary was asked for that is absent, or of another family
    #[error("the new primary is not an {family} address")]
    NoPrimary {
        /// The family whose primary is to be replaced
        family: Family,
    },
    /// What is to be done once is itself to be done once: [`Once::new`](crate::Once::new) makes no such command
    #[error("{NestedOnce}")]
    OnceWithinOnce,
    /// The token is known, of another command
    #[error("token `{token}` is known from another command, at revision {revision}")]
    TokenMismatch {
        /// The token
        token: Token,
        /// The revision that keeps it
        revision: Revision,
    },
    /// A deadline does not lie after now: of a hold, or of a token that is not known
    #[error("the deadline {deadline} is not after {now}")]
    DeadlinePassed {
        /// The deadline given
        deadline: Timestamp,
        /// The time given, clamped to that of the last event
        now: Timestamp,
    },
    /// Several subnets were to be taken from, and none was named
    #[error("several subnets were to be taken from, and none was named")]
    NoSubnets,
    /// One of several subnets was named twice
    #[error("subnet `{subnet}` is named twice, at {first} and {second}")]
    SubnetTwice {
        /// The subnet
        subnet: SubnetId,
        /// Index of the first in the list
        first: usize,
        /// Index of the second in the list
        second: usize,
    },
    /// Addresses, prefixes or a range were asked for, to come from several subnets: each has its own
    #[error("addresses, prefixes or a range cannot be asked for of several subnets")]
    NamedFromSeveral,

    /// No VPC has this id
    #[error("no VPC `{0}`")]
    VpcNotFound(VpcId),
    /// No subnet has this id
    #[error("no subnet `{0}`")]
    SubnetNotFound(SubnetId),
    /// No interface has this id
    #[error("no interface `{0}`")]
    InterfaceNotFound(InterfaceId),
    /// The interface is in another VPC
    #[error("interface `{interface}` is not in VPC `{vpc}`")]
    InterfaceNotInVpc {
        /// The interface named
        interface: InterfaceId,
        /// The VPC named
        vpc: VpcId,
    },
    /// The subnet is in another VPC than the interface
    #[error("subnet `{subnet}` is not in the VPC of interface `{interface}`")]
    SubnetNotInVpc {
        /// The subnet named
        subnet: SubnetId,
        /// The interface named
        interface: InterfaceId,
    },
    /// A VPC has this id already
    #[error("VPC `{0}` exists already")]
    VpcExists(VpcId),
    /// A subnet has this id already
    #[error("subnet `{0}` exists already")]
    SubnetExists(SubnetId),
    /// An interface has this id already
    #[error("interface `{0}` exists already")]
    InterfaceExists(InterfaceId),
    /// No reservation was made with exactly this range
    #[error("no reservation of `{range}` in subnet `{subnet}`")]
    ReservationNotFound {
        /// The subnet named
        subnet: SubnetId,
        /// The range named
        range: AddrRange,
    },
    /// No task has this name, or it is forgotten
    #[error("no task `{0}`")]
    TaskNotFound(Task),
    /// Two interfaces do not have the same home
    #[error("interfaces `{from}` and `{to}` are not of the same subnet")]
    OtherSubnet {
        /// Where the addresses are
        from: InterfaceId,
        /// Where they are to go
        to: InterfaceId,
    },

    /// The interface's state does not allow it
    #[error("interface `{interface}` is {status}")]
    Status {
        /// The interface named
        interface: InterfaceId,
        /// The state it is in
        status: Status,
    },
    /// A task of the interface is not finished, and the profile allows no other change meanwhile
    ///
    /// Or what is to be released is held by it.
    #[error("task `{task}` of interface `{interface}` is not finished")]
    TaskRunning {
        /// The interface named
        interface: InterfaceId,
        /// The earliest of its tasks that are not finished
        task: Task,
    },
    /// The task has come to another end
    #[error("task `{task}` is finished: {}", if *succeeded { "it has succeeded" } else { "it has failed" })]
    TaskFinished {
        /// The task named
        task: Task,
        /// Whether it has succeeded
        succeeded: bool,
    },
    /// The profile does not let a primary be replaced
    #[error("interface `{interface}` keeps its primary `{primary}`")]
    PrimaryFixed {
        /// The interface named
        interface: InterfaceId,
        /// Its primary
        primary: IpAddr,
    },
    /// The profile does not let an assignment make a primary
    #[error("address {index} of the list, `{address}`, may not be made primary by an assignment")]
    PrimaryForbidden {
        /// Index in the list
        index: usize,
        /// The address that was to be primary
        address: IpAddr,
    },
    /// The interface has a primary of that family already
    #[error(
        "interface `{interface}` has the primary `{primary}` already, so address {index} of the list, `{address}`, cannot be"
    )]
    PrimaryExists {
        /// The interface named
        interface: InterfaceId,
        /// Its primary
        primary: IpAddr,
        /// Index in the list
        index: usize,
        /// The address that was to be primary
        address: IpAddr,
    },
    /// The VPC has subnets
    #[error("VPC `{vpc}` still has subnets, `{subnet}` among them")]
    VpcInUse {
        /// The VPC named
        vpc: VpcId,
        /// One of its subnets
        subnet: SubnetId,
    },
    /// The subnet has interfaces, or addresses assigned or held
    #[error(
        "subnet `{subnet}` is in use: home of {interfaces} interfaces, {addresses} addresses assigned"
    )]
    SubnetInUse {
        /// The subnet named
        subnet: SubnetId,
        /// Interfaces whose home it is
        interfaces: u64,
        /// Addresses assigned or held in it, of both families
        addresses: u128,
    },
    /// A change of shape would leave the subnet no family
    #[error("subnet `{0}` would be left with neither IPv4 nor IPv6 addresses")]
    NoFamilyLeft(SubnetId),
    /// The prefix is longer or shorter than the profile allows
    #[error("`{cidr}` is outside the prefix lengths allowed, /{shortest} to /{longest}")]
    PrefixLength {
        /// The CIDR given
        cidr: IpNet,
        /// Shortest allowed, inclusive
        shortest: u8,
        /// Longest allowed, inclusive
        longest: u8,
    },
    /// The subnet lies in none of the VPC's CIDRs
    #[error("`{cidr}` lies in no CIDR of VPC `{vpc}`")]
    OutsideVpc {
        /// The CIDR given
        cidr: IpNet,
        /// The VPC named
        vpc: VpcId,
    },
    /// The subnet overlaps another of its VPC
    #[error("`{cidr}` overlaps subnet `{other}`")]
    SubnetOverlap {
        /// The CIDR given
        cidr: IpNet,
        /// The subnet it overlaps, the lowest if several
        other: SubnetId,
    },
    /// The profile's gateway does not lie in the subnet
    #[error("the gateway `{gateway}` lies outside `{cidr}`")]
    GatewayOutside {
        /// The gateway given
        gateway: IpAddr,
        /// The CIDR given
        cidr: IpNet,
    },
    /// Addresses assigned or held would lie outside the subnet's new shape
    #[error("subnet `{subnet}` would lose {}", these(addresses))]
    AddressesLost {
        /// The subnet named
        subnet: SubnetId,
        /// The addresses, ascending, IPv4 first
        addresses: AddrList,
    },
    /// Reserved ranges would lie outside the subnet's new shape, be it in part
    #[error("subnet `{subnet}` would lose {} reserved ranges, `{}` among them", ranges.len(), first(ranges))]
    ReservationsLost {
        /// The subnet named
        subnet: SubnetId,
        /// The ranges, ascending, IPv4 first
        ranges: Vec<AddrRange>,
    },
    /// Addresses assigned or held would be withheld by the subnet's new rules, and the command is strict
    #[error("subnet `{subnet}` would withhold {}", these(addresses))]
    AddressesWithheld {
        /// The subnet named
        subnet: SubnetId,
        /// The addresses that its rules do not withhold yet, ascending, IPv4 first
        addresses: AddrList,
    },

    /// The subnet's policy has no cursor: it is not [`Policy::Next`](crate::Policy::Next)
    #[error("subnet `{0}` does not choose by a cursor")]
    NoCursor(SubnetId),

    /// The subnet has no addresses of this family
    #[error("subnet `{subnet}` has no {family} addresses")]
    FamilyUnsupported {
        /// The subnet
        subnet: SubnetId,
        /// The family that it lacks
        family: Family,
    },

    /// A range does not lie within the subnet
    #[error("range `{range}` does not lie within subnet `{subnet}`")]
    RangeOutside {
        /// The subnet
        subnet: SubnetId,
        /// The range given
        range: AddrRange,
    },
    /// A range overlaps one that is reserved already
    #[error("range `{range}` overlaps the reservation `{other}`")]
    ReservationOverlap {
        /// The range given
        range: AddrRange,
        /// The reservation that it overlaps, the lowest if several
        other: AddrRange,
    },
    /// Prefixes are longer or shorter than the subnet can have them
    #[error(
        "prefix {index}, a /{prefix_len}, is outside the lengths of the subnet, /{shortest} to /{longest}"
    )]
    PrefixSize {
        /// Index in the list of prefixes
        index: usize,
        /// The length given
        prefix_len: u8,
        /// Shortest possible, inclusive: that of the subnet, but for IPv6's /0, which has too many addresses
        shortest: u8,
        /// Longest possible, inclusive: the bits of an address
        longest: u8,
    },
    /// Addresses of the list cannot be had; [`code`](Self::code) is that of the lowest index
    #[error(transparent)]
    Addresses(AddressFaults),

    /// The interface would hold more than its quota
    #[error("interface `{interface}` holds {held} of {quota} slots and asks for {wanted} more")]
    Quota {
        /// The interface named
        interface: InterfaceId,
        /// Its quota in slots
        quota: u32,
        /// Slots taken, which a lowered quota may exceed
        held: u64,
        /// Slots asked for
        wanted: u64,
    },

    /// Too few addresses are free
    #[error("subnet `{subnet}` has too few free {family} addresses: {shortfall}")]
    Exhausted {
        /// The subnet asked
        subnet: SubnetId,
        /// The family asked for
        family: Family,
        /// The numbers behind the refusal
        shortfall: Shortfall,
    },
    /// So many addresses are free, but no aligned block of them
    #[error(transparent)]
    Fragmented(Box<Fragmented>),
    /// So many addresses are free, and no range of them without a gap is so long
    #[error(
        "subnet `{subnet}` has {free} free {family} addresses{}, of which no {wanted} are one range{}",
        within.map(|range| alloc::format!(" within {range}")).unwrap_or_default(),
        longest.map(|range| alloc::format!(": the longest is {range}")).unwrap_or_default()
    )]
    NoRun {
        /// The subnet asked
        subnet: SubnetId,
        /// The family asked for
        family: Family,
        /// Asked for in one range
        wanted: u32,
        /// Where they were to be chosen; `None` is the whole subnet
        within: Option<AddrRange>,
        /// Free there, beyond what the list names
        free: u128,
        /// The longest free range there without what the list names, the lowest of several: so many would
        /// have succeeded
        longest: Option<AddrRange>,
    },
    /// More addresses than one command may assign, though so many are free
    #[error("{wanted} addresses are more than the {limit} that one command may assign")]
    TooMany {
        /// Asked for and not the interface's yet, the list and the count together
        wanted: u128,
        /// [`Assign::MAX_ADDRESSES`](crate::Assign::MAX_ADDRESSES), inclusive
        limit: u32,
    },
    /// None of several subnets could give what was asked for
    #[error("none of {} subnets can: {}", refusals.len(), FewPhrases(refusals.iter()))]
    NoSubnetCan {
        /// Why not, each of them, in the order asked
        refusals: Box<[SubnetRefusal]>,
    },
    /// As many tasks are kept as may be
    #[error("{limit} tasks are kept already, as many as may be")]
    TooManyTasks {
        /// [`Limits::tasks`](crate::Limits::tasks), inclusive
        limit: u32,
    },
    /// As many runs of addresses are kept, of tasks and tokens together, as may be
    #[error("what is kept of tasks and tokens would be more than {limit} runs of addresses")]
    TooManyRuns {
        /// [`Limits::runs`](crate::Limits::runs), inclusive
        limit: u32,
    },
    /// As many tokens are kept as may be
    #[error("{limit} tokens are kept already, as many as may be")]
    TooManyTokens {
        /// [`Limits::tokens`](crate::Limits::tokens), inclusive
        limit: u32,
    },
}

impl Error {
    /// Refuses to newly assign more than one command, or batch, may
    pub(crate) fn too_many(wanted: impl Into<u128>) -> Result<(), Self> {
        let (wanted, limit) = (wanted.into(), Assign::MAX_ADDRESSES);
        if Assign::may_assign(wanted) { Ok(()) } else { Err(Self::TooMany { wanted, limit }) }
    }
}

/// A list that may be long, by its first run and its length
fn these(addresses: &AddrList) -> String {
    match (addresses.count(), addresses.ranges().next()) {
        (1, Some(one)) => alloc::format!("`{one}`, which is in use"),
        (count, Some(run)) => alloc::format!("{count} addresses in use, `{run}` among them"),
        (count, None) => alloc::format!("{count} addresses in use"),
    }
}

fn first(ranges: &[AddrRange]) -> String {
    ranges.first().map(|range| alloc::format!("{range}")).unwrap_or_default()
}

impl Error {
    /// Stable number of the refusal; for addresses, that of the lowest index
    pub const fn code(&self) -> u16 {
        match self {
            Self::HostBits { .. } => 100,
            Self::CidrsOverlap { .. } => 101,
            Self::NoCidr(_) => 102,
            Self::NothingAsked => 111,
            Self::ZeroCount => 112,
            Self::TwoPrimaries { .. } => 113,
            Self::RangeFamily { .. } => 114,
            Self::ListAndCount => 115,
            Self::SameInterface(_) => 116,
            Self::NoPrimary { .. } => 117,
            Self::OnceWithinOnce => 118,
            Self::TokenMismatch { .. } => 119,
            Self::DeadlinePassed { .. } => 120,
            Self::NoSubnets => 133,
            Self::SubnetTwice { .. } => 134,
            Self::NamedFromSeveral => 135,
            Self::VpcNotFound(_) => 200,
            Self::SubnetNotFound(_) => 201,
            Self::InterfaceNotFound(_) => 202,
            Self::InterfaceNotInVpc { .. } => 203,
            Self::SubnetNotInVpc { .. } => 204,
            Self::VpcExists(_) => 205,
            Self::SubnetExists(_) => 206,
            Self::InterfaceExists(_) => 207,
            Self::ReservationNotFound { .. } => 208,
            Self::TaskNotFound(_) => 209,
            Self::OtherSubnet { .. } => 210,
            Self::Status { .. } => 300,
            Self::PrimaryForbidden { .. } => 301,
            Self::PrimaryExists { .. } => 302,
            Self::VpcInUse { .. } => 303,
            Self::SubnetInUse { .. } => 304,
            Self::PrefixLength { .. } => 305,
            Self::OutsideVpc { .. } => 306,
            Self::SubnetOverlap { .. } => 307,
            Self::GatewayOutside { .. } => 308,
            Self::TaskRunning { .. } => 309,
            Self::TaskFinished { .. } => 310,
            Self::PrimaryFixed { .. } => 311,
            Self::NoFamilyLeft(_) => 314,
            Self::AddressesLost { .. } => 315,
            Self::ReservationsLost { .. } => 316,
            Self::AddressesWithheld { .. } => 317,
            Self::NoCursor(_) => 320,
            Self::FamilyUnsupported { .. } => 400,
            Self::RangeOutside { .. } => 500,
            Self::ReservationOverlap { .. } => 501,
            Self::PrefixSize { .. } => 524,
            Self::Addresses(faults) => faults.lowest().cause.code(),
            Self::Quota { .. } => 600,
            Self::Exhausted { .. } => 700,
            Self::Fragmented(_) => 705,
            Self::TooMany { .. } => 701,
            Self::TooManyTasks { .. } => 702,
            Self::TooManyTokens { .. } => 703,
            Self::TooManyRuns { .. } => 704,
            Self::NoRun { .. } => 707,
            Self::NoSubnetCan { .. } => 709,
        }
    }

    /// The largest count that would have succeeded instead, as far as this refusal is about a count and it is
    /// known
    ///
    /// It is of what was refused, and in that unit. Of a quota those are the slots left, and whether so many
    /// addresses are free is not looked at. Of too few free addresses those that could have been chosen beyond
    /// what the list names: of one range the longest, and else all that are free and, where the profile lets
    /// them be taken, those that rest; no more than one command may assign. Of prefixes that are too
    /// many or have no block, how many of that length, those before them in the list being given; that is not
    /// known of more than one command may assign. Of too many for one command its limit.
    ///
    /// Of [`EnsureCount`](crate::EnsureCount) it is a count beyond what the interface has.
    ///
    /// What the same request asks for beside it, and would be judged later, is not looked at; nor, of several
    /// subnets, the others.
    ///
    /// ```
    /// use ipam_core::Error;
    ///
    /// let interface = "eni-1".parse()?;
    /// let refused = Error::Quota { interface, quota: 10, held: 7, wanted: 4 };
    /// assert_eq!(refused.would_succeed(), Some(3));
    /// # Ok::<(), ipam_core::IdError>(())
    /// ```
    pub fn would_succeed(&self) -> Option<u128> {
        match self {
            Self::Quota { quota, held, .. } => {
                Some(u128::from(u64::from(*quota).saturating_sub(*held)))
            }
            Self::Exhausted { shortfall, .. } => shortfall.most.map(u128::from),
            Self::Fragmented(of) => of.shortfall.most.map(u128::from),
            Self::NoRun { longest, .. } => Some(longest.map_or(0, |run| run.count())),
            Self::TooMany { limit, .. } => Some(u128::from(*limit)),
            _ => None,
        }
    }

    /// Whether backing off and sending the same command again makes sense
    ///
    /// True where the refusal is about a passing state of what is named: an interface being attached, a
    /// task that runs, a subnet that is full, a subnet or VPC still in use, or a part of it. False where the
    /// request itself asks for what it cannot have: a certain address that somebody has, more than its quota.
    /// Of several subnets, one that may have enough later is enough.
    pub const fn is_transient(&self) -> bool {
        if let Self::NoSubnetCan { refusals } = self {
            let mut left: &[SubnetRefusal] = refusals;
            while let [first, rest @ ..] = left {
                if first.error.is_transient() {
                    return true;
                }
                left = rest;
            }
        }
        matches!(
            self,
            Self::Status { .. }
                | Self::VpcInUse { .. }
                | Self::SubnetInUse { .. }
                | Self::AddressesLost { .. }
                | Self::AddressesWithheld { .. }
                | Self::TaskRunning { .. }
                | Self::Exhausted { .. }
                | Self::Fragmented(_)
                | Self::NoRun { .. }
                | Self::TooManyTasks { .. }
                | Self::TooManyTokens { .. }
                | Self::TooManyRuns { .. }
        )
    }
}

impl From<NestedOnce> for Error {
    fn from(NestedOnce: NestedOnce) -> Self {
        Self::OnceWithinOnce
    }
}

/// One command of several was refused, and nothing happened
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("command {index} of the batch: {error}")]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct BatchError {
    /// Index of the command
    pub index: usize,
    /// Why it was refused, on the state that its predecessors leave
    pub error: Error,
}
