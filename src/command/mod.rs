//! What a caller may ask of an engine

mod adopt;
mod assign;
mod create;
mod digest;
mod display;
mod once;
mod release;
mod shape;
mod source;
mod task;

pub use adopt::Adopt;
pub use assign::{Assign, EnsureCount, Pick, Wanted, WantedPrefix};
pub use create::{CreateInterface, CreateSubnet, Primary};
pub(crate) use display::of_kind;
pub use once::{Limits, Once};
pub use release::{Move, OldPrimary, ReplacePrimary, Rest, Stale, Unassign};
pub use shape::{NewCidr, Reshape};
pub use source::Source;
pub use task::{Cancel, Expiry, Hold, Resolve};

use alloc::vec::Vec;
use core::net::IpAddr;

use ipnet::IpNet;

use crate::id::{InterfaceId, SubnetId, Task, VpcId};
use crate::rules::Policy;
use crate::space::Reservation;
use crate::space::index::Indices;
use crate::space::range::AddrRange;
use crate::status::Status;

/// One request, judged and carried out whole or not at all
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub enum Command {
    /// Make a VPC; its subnets must lie in one of `cidrs`, unless there are none
    CreateVpc {
        /// Name of the new VPC
        vpc: VpcId,
        /// Where its subnets may lie; disjoint, without host bits; empty for anywhere
        cidrs: Vec<IpNet>,
    },
    /// Delete a VPC that has no subnets
    DeleteVpc {
        /// The VPC to delete
        vpc: VpcId,
    },
    /// Make a subnet
    CreateSubnet(CreateSubnet),
    /// Delete a subnet that is no interface's home and has no address assigned or held
    ///
    /// What rests in it does not keep it: the rest ends with the subnet.
    DeleteSubnet {
        /// The subnet to delete
        subnet: SubnetId,
    },
    /// Change a subnet's CIDRs, its families or its profile
    Reshape(Reshape),
    /// Make an interface
    CreateInterface(CreateInterface),
    /// Delete an interface and release everything it has
    ///
    /// What it had rests as its subnet's profile says. Its tasks that are not finished fail.
    DeleteInterface {
        /// The interface to delete
        interface: InterfaceId,
    },
    /// Set an interface's state
    SetStatus {
        /// The interface
        interface: InterfaceId,
        /// Its new state
        status: Status,
    },
    /// Set an interface's quota; what it has already, it keeps
    SetQuota {
        /// The interface
        interface: InterfaceId,
        /// Its new quota in slots; `None` is without limit
        quota: Option<u32>,
    },
    /// Withhold a range of a subnet, from everyone or only from being chosen
    ///
    /// Addresses of the range that are assigned stay so, and are withheld once released. A range may
    /// not overlap another reserved one.
    ReserveRange {
        /// The subnet
        subnet: SubnetId,
        /// What to withhold, both ends included
        range: AddrRange,
        /// From whom; in readable forms [`Hard`](Reservation::Hard) may be left out
        #[cfg_attr(feature = "serde", serde(default))]
        kind: Reservation,
    },
    /// End a reservation that was made with exactly this range
    ReleaseRange {
        /// The subnet
        subnet: SubnetId,
        /// The range as it was reserved
        range: AddrRange,
    },
    /// Keep these indices of what is free in a subnet, and no others; it has none until told to
    ///
    /// They change what some questions cost, and never an answer or a decision.
    SetIndices {
        /// The subnet
        subnet: SubnetId,
        /// Its indices from now on, in each family that it has
        indices: Indices,
    },
    /// Choose a subnet's addresses by this policy from now on, until it is set again
    ///
    /// It begins at its beginning: at the bottom, at draw 0, with nothing released yet. To set the policy that
    /// a subnet has changes nothing.
    SetPolicy {
        /// The subnet
        subnet: SubnetId,
        /// Its policy, in each family that it has
        policy: Policy,
    },
    /// Set where a subnet that follows [`Policy::Next`] looks for the next address
    SetCursor {
        /// The subnet
        subnet: SubnetId,
        /// What it looks at first
        address: IpAddr,
    },
    /// Assign addresses to an interface
    Assign(Assign),
    /// See to it that an interface has so many secondary addresses
    EnsureCount(EnsureCount),
    /// Take over addresses that an interface has in the real network
    Adopt(Adopt),
    /// Release addresses of an interface
    Unassign(Unassign),
    /// Move addresses from one interface to another of the same subnet
    Move(Move),
    /// Give an interface another primary address
    ReplacePrimary(ReplacePrimary),
    /// Make a hold an assignment: what was asked of the cloud has happened
    ///
    /// Its task may be running, or unknown. Confirming it again changes nothing, for as long as the task is
    /// kept ([`Hold::kept_until`]).
    Confirm {
        /// The task
        task: Task,
    },
    /// End a hold: what was asked of the cloud has not happened
    Cancel(Cancel),
    /// End a hold by what was observed
    Resolve(Resolve),
    /// Do a command once, however often it is asked for
    Once(Once),
    /// Set how much the engine keeps for callers that come back
    SetLimits {
        /// The limits from now on; what is kept beyond them stays until its time
        limits: Limits,
    },
    /// Do what has fallen due, and nothing else
    ///
    /// Every command that changes something does so too. Nothing changes where nothing is due.
    Sweep,
}

macro_rules! into_command {
    ($($request:ident)*) => {$(
        impl From<$request> for Command {
            fn from(request: $request) -> Self {
                Self::$request(request)
            }
        }
    )*};
}

into_command!(
    CreateSubnet Reshape CreateInterface Assign Adopt EnsureCount Unassign Move ReplacePrimary Cancel
    Resolve Once
);
