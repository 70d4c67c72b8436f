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
mod id;
pub mod provider;
mod rules;
mod space;
mod state;
mod status;

pub use ipnet;

pub use codec::{DecodeLimits, EventLog};
pub use command::{
    Assign, Cancel, Command, CreateInterface, CreateSubnet, EnsureCount, Expiry, Hold, Limits,
    Move, OldPrimary, Once, Pick, Primary, ReplacePrimary, Resolve, Rest, Stale, Unassign, Wanted,
};
pub use engine::{
    Assignment, Due, Engine, Explanation, FamilyUsage, FreeBlocks, Holder, InterfaceInfo, Resting,
    Role, SubnetInfo, TaskInfo, TaskState, Usage,
};
pub use error::{
    AddressFault, AddressFaults, ApplyError, BatchError, Cause, Contradiction, Corruption,
    DecodeError, DecodeLimit, Error, Flaw, Shortfall,
};
pub use event::{
    Change, Decision, End, Event, Failure, Held, OnExpiry, Quarantined, TaskFinished, TokenKept,
};
pub use id::{
    IdError, InterfaceId, Reason, RequestId, Revision, SubnetId, Task, TaskError, Timestamp, Token,
    VpcId,
};
pub use rules::{
    FamilyRules, FreeAddress, Gateway, ListAndCount, OwnAddress, Profile, Quarantine, QuotaRule,
    SmallSubnet,
};
pub use space::Reservation;
pub use space::address::Family;
pub use space::index::Indices;
pub use space::{
    list::AddrList,
    range::{AddrRange, RangeError},
};
pub use status::{Status, StatusSet};
