//! Why something was refused: one enum for each phase, each variant with a stable code
//!
//! Codes are part of the API: they are never reused and never change their meaning. Their hundreds are the stages of
//! judgement, in order of precedence, with the exceptions that [`Error`] lists. Within a list of addresses, the
//! lowest index gives the code.
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
//! | an event that does not belong to this history ([`ApplyError`]) | 800 – 899 |
//! | bytes that cannot be read ([`DecodeError`]) | 900 – 949 |
//! | decisions in flight ([`Undecided`](crate::Undecided), [`ConfirmError`](crate::ConfirmError)) | 950 – 979 |

mod apply;
mod capacity;
mod faults;
mod modifier;

pub use crate::bytes::{DecodeError, DecodeLimit, Flaw};
pub use apply::{ApplyError, Contradiction, Corruption};
pub use capacity::{Fragmented, Shortfall, SubnetRefusal};
pub use faults::{AddressFault, AddressFaults, Cause};
pub use modifier::Modifier;

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

/// Why a command was refused; nothing has changed
///
/// The variants are listed in order of precedence, as far as one command can meet several of them, with five
/// exceptions:
///
/// - Refusals of a token come before all refusals of the command under it.
/// - The profile decides what a list and a count together mean. So [`ListAndCount`], and a count of 0 beside a list,
///   are judged after the ids.
/// - [`Addresses`] carries faults of four stages: repeated addresses come first, and addresses of a family that the
///   subnet lacks second.
/// - [`HostBits`] of a requested prefix, and then its overlaps, come after repeated addresses.
/// - [`NoSubnetCan`] replaces the refusals of the single subnets, from the address family on.
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
        /// Index in the list of CIDRs or prefixes; of a subnet's two CIDRs, IPv4 comes first
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
    /// A new subnet has no CIDR
    #[error("subnet `{0}` has neither an IPv4 nor an IPv6 CIDR")]
    NoCidr(SubnetId),
    /// The request names no addresses, no prefixes and no count
    #[error("the request names no addresses, no prefixes and no count")]
    NothingAsked,
    /// The count is 0; beside a list, this is judged only if the profile accepts both
    #[error("a count of 0 was asked for")]
    ZeroCount,
    /// Two addresses of one family are both marked as primary
    #[error("addresses {first} and {second} of the list are both marked as the {family} primary")]
    TwoPrimaries {
        /// Their family
        family: Family,
        /// Index of the first in the list
        first: usize,
        /// Index of the second in the list
        second: usize,
    },
    /// The range to choose from is not of the family asked for
    #[error("range `{range}` has no {family} addresses to choose from")]
    RangeFamily {
        /// The range given
        range: AddrRange,
        /// The family asked for
        family: Family,
    },
    /// The request says something that has no effect on what it asks for
    #[error(transparent)]
    NoEffect(Modifier),
    /// A list and a count were given, and the profile allows only one of them
    #[error("both a list of addresses and a count were given")]
    ListAndCount,
    /// A move from an interface to itself
    #[error("addresses cannot move from interface `{0}` to itself")]
    SameInterface(InterfaceId),
    /// The new primary is absent, or of another family
    #[error("the new primary is not an {family} address")]
    NoPrimary {
        /// The family whose primary is to be replaced
        family: Family,
    },
    /// A `Once` contains another `Once`, which [`Once::new`](crate::Once::new) refuses
    #[error("{NestedOnce}")]
    OnceWithinOnce,
    /// The token was used for another command
    #[error("token `{token}` was used for another command, at revision {revision}")]
    TokenMismatch {
        /// The token
        token: Token,
        /// The revision that keeps it
        revision: Revision,
    },
    /// The deadline of a hold, or of an unknown token, is not later than now
    #[error("the deadline {deadline} is not after {now}")]
    DeadlinePassed {
        /// The deadline given
        deadline: Timestamp,
        /// The time given, clamped to that of the last event
        now: Timestamp,
    },
    /// The list of subnets to choose from is empty
    #[error("the list of subnets is empty")]
    NoSubnets,
    /// The list of subnets names one twice
    #[error("subnet `{subnet}` is named twice, at {first} and {second}")]
    SubnetTwice {
        /// The subnet
        subnet: SubnetId,
        /// Index of the first in the list
        first: usize,
        /// Index of the second in the list
        second: usize,
    },
    /// A request to several subnets names addresses, prefixes or a range, which belong to one subnet
    #[error("a request to several subnets cannot name addresses, prefixes or a range")]
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
    /// A VPC with this id exists already
    #[error("VPC `{0}` exists already")]
    VpcExists(VpcId),
    /// A subnet with this id exists already
    #[error("subnet `{0}` exists already")]
    SubnetExists(SubnetId),
    /// An interface with this id exists already
    #[error("interface `{0}` exists already")]
    InterfaceExists(InterfaceId),
    /// No reservation has exactly this range
    #[error("no reservation of `{range}` in subnet `{subnet}`")]
    ReservationNotFound {
        /// The subnet named
        subnet: SubnetId,
        /// The range named
        range: AddrRange,
    },
    /// No task has this name, or its record has expired
    #[error("no task `{0}`")]
    TaskNotFound(Task),
    /// The two interfaces have different home subnets
    #[error("interfaces `{from}` and `{to}` have different home subnets")]
    OtherSubnet {
        /// Where the addresses are
        from: InterfaceId,
        /// Where they are to go
        to: InterfaceId,
    },

    /// The interface's state does not allow the command
    #[error("interface `{interface}` is {status}, which does not allow this")]
    Status {
        /// The interface named
        interface: InterfaceId,
        /// The state it is in
        status: Status,
    },
    /// A task of the interface is unfinished, and the profile allows no other change meanwhile
    ///
    /// Or the task holds what is to be released.
    #[error("task `{task}` of interface `{interface}` is not finished")]
    TaskRunning {
        /// The interface named
        interface: InterfaceId,
        /// The earliest of its unfinished tasks
        task: Task,
    },
    /// The task has already ended, with another outcome
    #[error("task `{task}` has already {}", if *succeeded { "succeeded" } else { "failed" })]
    TaskFinished {
        /// The task named
        task: Task,
        /// Whether it has succeeded
        succeeded: bool,
    },
    /// The profile does not let a primary be replaced
    #[error("the primary `{primary}` of interface `{interface}` cannot be replaced")]
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
        "interface `{interface}` has the primary `{primary}` already, so address {index} of the list, `{address}`, cannot become primary"
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
    /// The subnet is the home of interfaces, or has assigned or held addresses
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
    /// The new shape would leave the subnet without addresses of either family
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
        /// The subnet that it overlaps; the lowest, if there are several
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
    /// Assigned or held addresses would lie outside the subnet's new shape
    #[error("subnet `{subnet}` would lose {}", these(addresses))]
    AddressesLost {
        /// The subnet named
        subnet: SubnetId,
        /// The addresses, ascending, IPv4 first
        addresses: AddrList,
    },
    /// Reserved ranges would lie outside the subnet's new shape, at least in part
    #[error("subnet `{subnet}` would lose {} reserved ranges, `{}` among them", ranges.len(), first(ranges))]
    ReservationsLost {
        /// The subnet named
        subnet: SubnetId,
        /// The ranges, ascending, IPv4 first
        ranges: Vec<AddrRange>,
    },
    /// The subnet's new rules would withhold assigned or held addresses, and the command is strict
    #[error("subnet `{subnet}` would withhold {}", these(addresses))]
    AddressesWithheld {
        /// The subnet named
        subnet: SubnetId,
        /// The addresses that the present rules do not withhold, ascending, IPv4 first
        addresses: AddrList,
    },

    /// The subnet's policy has no cursor: it is not [`Policy::Next`](crate::Policy::Next)
    #[error("subnet `{0}` has no cursor, as its policy is not `Next`")]
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
        /// The reservation that it overlaps; the lowest, if there are several
        other: AddrRange,
    },
    /// A requested prefix is shorter than the subnet, or longer than an address
    #[error(
        "prefix {index}, a /{prefix_len}, is outside the lengths of the subnet, /{shortest} to /{longest}"
    )]
    PrefixSize {
        /// Index in the list of prefixes
        index: usize,
        /// The length given
        prefix_len: u8,
        /// Shortest possible, inclusive: the subnet's own length, except for IPv6's /0, which has too many addresses
        shortest: u8,
        /// Longest possible, inclusive: the bits of an address
        longest: u8,
    },
    /// Addresses of the list cannot be assigned or released; [`code`](Self::code) is that of the lowest index
    #[error(transparent)]
    Addresses(AddressFaults),

    /// The interface would hold more than its quota
    #[error("interface `{interface}` holds {held} of {quota} slots and asks for {wanted} more")]
    Quota {
        /// The interface named
        interface: InterfaceId,
        /// Its quota in slots
        quota: u32,
        /// Slots taken, which may exceed a quota that was lowered
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
    /// Enough addresses are free, but not as an aligned block
    #[error(transparent)]
    Fragmented(Box<Fragmented>),
    /// Enough addresses are free, but no range without a gap is long enough
    #[error(
        "subnet `{subnet}` has {free} free {family} addresses{}, but no {wanted} of them in one range{}",
        within.map(|range| alloc::format!(" within {range}")).unwrap_or_default(),
        longest.map(|range| alloc::format!(": the longest is {range}")).unwrap_or_default()
    )]
    NoRun {
        /// The subnet asked
        subnet: SubnetId,
        /// The family asked for
        family: Family,
        /// How many were asked for in one range
        wanted: u32,
        /// The range to choose from; `None` is the whole subnet
        within: Option<AddrRange>,
        /// Free addresses there, not counting those that the list names
        free: u128,
        /// The longest free range there, without the addresses that the list names, and the lowest of several: a
        /// count of its length would have succeeded
        longest: Option<AddrRange>,
    },
    /// More addresses than one command may assign, though enough are free
    #[error("{wanted} addresses are more than the {limit} that one command may assign")]
    TooMany {
        /// Addresses that would be newly assigned, from the list and the count together
        wanted: u128,
        /// [`Assign::MAX_ADDRESSES`](crate::Assign::MAX_ADDRESSES), inclusive
        limit: u32,
    },
    /// None of several subnets can satisfy the request
    #[error("none of {} subnets can satisfy the request: {}", refusals.len(), FewPhrases(refusals.iter()))]
    NoSubnetCan {
        /// The refusal of each subnet, in the order asked
        refusals: Box<[SubnetRefusal]>,
    },
    /// The limit of tasks is reached
    #[error("{limit} tasks are kept already, which is the limit")]
    TooManyTasks {
        /// [`Limits::tasks`](crate::Limits::tasks), inclusive
        limit: u32,
    },
    /// The limit of runs of addresses in tasks and tokens would be exceeded
    #[error("tasks and tokens would keep more than {limit} runs of addresses, which is the limit")]
    TooManyRuns {
        /// [`Limits::runs`](crate::Limits::runs), inclusive
        limit: u32,
    },
    /// The limit of tokens is reached
    #[error("{limit} tokens are kept already, which is the limit")]
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
    /// The stable code of the refusal; for addresses, that of the lowest index
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
            Self::NoEffect(_) => 136,
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

    /// The largest count that would have succeeded instead, if the refusal is about a count and the answer is known
    ///
    /// Its unit is that of what was refused:
    ///
    /// - A quota: the slots that are left, whether or not enough addresses are free.
    /// - Too few free addresses: those that could have been chosen beyond what the list names. For one range, the
    ///   length of the longest; otherwise all that are free and, if the profile lets them be chosen, those in
    ///   quarantine. At most what one command may assign.
    /// - Too few prefixes or blocks: how many of that length, after those before them in the list. It is not known
    ///   beyond what one command may assign.
    /// - Too many for one command: the limit.
    ///
    /// For [`EnsureCount`](crate::EnsureCount) it is a count beyond what the interface has.
    ///
    /// It ignores the parts of the request that would be judged later, and, for a request to several subnets, the
    /// other subnets.
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

    /// Whether the same command may succeed if it is sent again later
    ///
    /// True if the refusal is about a passing state: an interface that is being attached, a running task, a full
    /// subnet, a subnet or VPC that is still in use, at least in part. False if the request itself cannot be
    /// satisfied: a named address that is in use, more than the quota. For several subnets, true if any of them may
    /// have enough later.
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

/// Which of several commands was refused, and why; nothing has changed
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("command {index} of the batch: {error}")]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct BatchError {
    /// Index of the command
    pub index: usize,
    /// Why it was refused, judged on the state that its predecessors leave
    pub error: Error,
}
