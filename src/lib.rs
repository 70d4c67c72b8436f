#![doc = include_str!("../README.md")]
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod codec;
mod command;
mod digest;
mod engine;
mod error;
mod event;
pub mod guide;
mod id;
mod pipeline;
pub mod provider;
pub mod reconcile;
mod rules;
mod space;
mod state;
mod status;
mod text;

pub use ipnet;

pub use codec::{DecodeLimits, EventLog};
pub use command::{
    Adopt, Assign, Cancel, Command, CreateInterface, CreateSubnet, EnsureCount, Expiry, Hold,
    Limits, Move, NewCidr, OldPrimary, Once, Pick, Primary, ReplacePrimary, Reshape, Resolve, Rest,
    Source, Stale, Unassign, Wanted, WantedPrefix,
};
pub use engine::{
    AssignedPrefix, Assignment, Due, Engine, Explanation, FamilyUsage, Finding, FreeBlocks, Holder,
    Impact, InterfaceInfo, Resting, Role, SubnetInfo, TaskInfo, TaskState, Usage,
};
pub use error::{
    AddressFault, AddressFaults, ApplyError, BatchError, Cause, Contradiction, Corruption,
    DecodeError, DecodeLimit, Error, Flaw, Fragmented, Shortfall, SubnetRefusal,
};
pub use event::{
    Change, Decision, End, Event, Failure, Held, HoldExtended, OnExpiry, Quarantined, TaskFinished,
    TokenKept,
};
pub use id::{
    IdError, InterfaceId, Reason, RequestId, Revision, SubnetId, Task, TaskError, Timestamp, Token,
    VpcId,
};
pub use pipeline::{ConfirmError, Decided, Pipeline, Ticket, Undecided};
pub use rules::{
    FamilyRules, FreeAddress, Gateway, ListAndCount, OwnAddress, Policy, Profile, Quarantine,
    QuotaRule, SmallSubnet,
};
pub use space::Reservation;
pub use space::address::Family;
pub use space::index::Indices;
pub use space::{
    list::AddrList,
    parts::Part,
    range::{AddrRange, RangeError},
};
pub use status::{Status, StatusSet};
