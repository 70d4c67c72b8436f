//! Decides which IP addresses a network interface gets, and does nothing else. A cloud control plane, a Kubernetes
//! operator or a CNI daemon embeds it. It does no I/O, reads no clock, draws no random number, takes no lock and writes
//! no log.
//!
//! # The idea
//!
//! Deciding and applying are separate steps:
//!
//! ```text
//! command + now ──decide(&self)──▶ Decision ──(you store its event)──▶ apply(&mut self) ──▶ next state
//!                      └──▶ Error: nothing has changed; it says why
//! ```
//!
//! - An [`Engine`] is the state: VPCs, their subnets, the interfaces in them, and who has which address.
//! - [`Engine::decide`] judges a [`Command`] at a [`Timestamp`] and changes nothing. It returns a [`Decision`] or an
//!   [`Error`].
//! - A decision has an [answer](Decision::answer) and, if the command changes anything, one [`Event`], which states the
//!   facts, such as the chosen addresses. You store the event.
//! - [`Engine::apply`] carries the event out: here, on a replica, or in a replay after a restart. It accepts an event
//!   only on the history that the event was decided on.
//! - [`Engine::decide_all`] makes one event of several commands, across interfaces, subnets and address families, all or
//!   none of them.
//! - What differs between clouds is data, the [`Profile`] of a subnet: [`Profile::AWS`], [`Profile::TENCENT`] and
//!   others, or your own.
//!
//! # A first program
//!
//! ```
//! use ipam_core::*;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let (mut engine, mut log) = (Engine::new(), Vec::new());
//! let now = Timestamp::from_millis(1_700_000_000_000); // your clock
//! let (vpc, subnet, eni) = ("vpc-1".parse()?, "subnet-1".parse()?, "eni-1".parse()?);
//! for command in [
//!     CreateVpc::new(vpc).into(),
//!     CreateSubnet::new(subnet, vpc, Profile::AWS).v4("10.0.0.0/24".parse()?).into(),
//!     CreateInterface::new(eni, subnet).quota(10).into(),
//!     Assign::new(eni, Pick::any(2)).into(),
//! ] {
//!     let decision = engine.decide(now, &command)?;
//!     if let Some(event) = decision.event() {
//!         log.push(event.clone()); // your store; if it fails, nothing has happened
//!         engine.apply(event)?;
//!     }
//! }
//! let has: Vec<_> = engine.addresses(eni).ok_or("no interface")?.map(|of| of.address).collect();
//! assert_eq!(has, ["10.0.0.4".parse::<std::net::IpAddr>()?, "10.0.0.5".parse()?]);
//!
//! // A refusal names every address at fault.
//! let list = ["10.0.0.9", "10.0.0.1", "10.0.0.255"].map(|of| of.parse::<std::net::IpAddr>().unwrap());
//! let refused = engine.decide(now, &Assign::new(eni, Pick::these(list)).into()).unwrap_err();
//! let Error::Addresses(faults) = &refused else { return Err(refused.into()) };
//! assert_eq!(faults.iter().map(|of| of.index).collect::<Vec<_>>(), [1, 2]);
//! assert_eq!(refused.code(), 513); // that of the lowest index: it is the gateway
//!
//! // A restart: the same events, the same engine.
//! let mut again = Engine::new();
//! log.iter().try_for_each(|event| again.apply(event))?;
//! assert_eq!(again, engine);
//! # Ok(())
//! # }
//! ```
//!
//! # Where to go from here
//!
//! | you want to | see |
//! |---|---|
//! | run it: in one process, on a write-ahead log, a compare-and-swap store or a replicated log | [`guide`] |
//! | know what can be asked of it | [`Command`], [`Pick`] |
//! | survive retries, late deletes and lost replies | [`guide::time`], [`Once`], [`Unassign::of_generation`], [`Hold`], [`Quarantine`] |
//! | keep an interface at n addresses, or move some | [`EnsureCount`], [`Move`], [`ReplacePrimary`] |
//! | withhold ranges, or change a subnet's shape | [`guide::reservations`], [`Reservation`], [`Reshape`], [`At::impact`] |
//! | give prefixes, or choose addresses another way | [`Pick::any_prefixes`], [`Policy`], [`Indices`] |
//! | take addresses from several subnets | [`Assign::from_each`], [`Assign::from_first`] |
//! | compare it with the real network | [`reconcile`] |
//! | decide faster than your store writes | [`Pipeline`] |
//! | store events and snapshots, or read them elsewhere | [`Event::encode`], [`EventLog`], [`Engine::encode`], [`codec`] |
//! | answer a documented cloud call | [`provider`] |
//! | upgrade later, or know what stays stable | [`guide::upgrades`] |
//!
//! # The engine's methods
//!
//! | | methods of [`Engine`] |
//! |---|---|
//! | begin | [`new`](Engine::new), [`with_seed`](Engine::with_seed) |
//! | decide and apply | [`decide`](Engine::decide), [`decide_all`](Engine::decide_all), [`apply`](Engine::apply), [`execute`](Engine::execute) |
//! | bytes, audit | [`encode`](Engine::encode), [`decode`](Engine::decode), [`check`](Engine::check) |
//! | ask as of a time | [`at`](Engine::at); there also [`impact`](At::impact), [`due`](At::due) |
//!
//! An engine, and what [`at`](Engine::at) returns, answer the same [`Questions`]:
//!
//! | | questions |
//! |---|---|
//! | who has what | [`interface`](Questions::interface), [`owner`](Questions::owner), [`addresses`](Questions::addresses), [`prefixes`](Questions::prefixes), [`vpcs`](Questions::vpcs), [`subnets`](Questions::subnets), [`interfaces`](Questions::interfaces) |
//! | why, and how much | [`explain_address`](Questions::explain_address), [`subnet_usage`](Questions::subnet_usage), [`subnet`](Questions::subnet), [`reservations`](Questions::reservations), [`quarantine`](Questions::quarantine) |
//! | what is free | [`free_ranges`](Questions::free_ranges), [`free_prefixes`](Questions::free_prefixes), [`free_blocks`](Questions::free_blocks), [`free_block`](Questions::free_block), [`largest_free_block`](Questions::largest_free_block), [`nth_free`](Questions::nth_free), [`free_within`](Questions::free_within), [`longest_free_run`](Questions::longest_free_run) |
//! | tasks and deadlines | [`task`](Questions::task), [`tasks_of_interface`](Questions::tasks_of_interface), [`tasks_of_request`](Questions::tasks_of_request), [`tasks_of_revision`](Questions::tasks_of_revision), [`next_deadline`](Questions::next_deadline) |
//! | limits and policies | [`limits`](Questions::limits), [`vpc_cidrs`](Questions::vpc_cidrs), [`cursor`](Questions::cursor), [`draws`](Questions::draws) |
//! | history | [`revision`](Questions::revision), [`clock`](Questions::clock), [`digest`](Questions::digest) |
//!
//! # Guarantees
//!
//! - A refused command changes nothing: [`decide`](Engine::decide) takes `&self`, and
//!   [`apply`](Engine::apply) checks the whole event before it writes.
//! - Replaying the events gives an equal engine. Equal engines have equal [bytes](Engine::encode).
//! - An address has at most one holder. [`Engine::check`] recounts everything.
//! - The engine chooses only addresses that would not be refused if they were named. The one exception are quarantined
//!   addresses where the profile lets them be chosen ([`Quarantine::when_exhausted`]).
//! - Whatever bytes, commands and events it is given, the crate does not panic. It has no `unsafe` code.
//! - [`Engine`] is `Clone`, `Send` and `Sync`.
//!
//! [`guide::guarantees`] names the test that holds each promise. [`guide::costs`] has the limits, the costs and the speed
//! beside other crates.
//!
//! # Errors
//!
//! Every refusal has a stable code that is never reused. The hundreds are the stages of judgement, in order of
//! precedence, with the exceptions that [`Error`] lists. [`guide::errors`] lists every code and says what to do about it.
//!
//! | stage | codes | type |
//! |---|---|---|
//! | shape of the request | 100 – 199 | [`Error`] |
//! | ids exist | 200 – 299 | [`Error`] |
//! | state of what is named | 300 – 399 | [`Error`] |
//! | address family | 400 – 499 | [`Error`] |
//! | each address, by [`Cause`] | 500 – 599 | [`Error`] |
//! | quota | 600 – 699 | [`Error`] |
//! | capacity | 700 – 799 | [`Error`] |
//! | an event that does not belong to this history | 800 – 899 | [`ApplyError`] |
//! | bytes that cannot be read | 900 – 949 | [`DecodeError`] |
//! | decisions in flight | 950 – 979 | [`Undecided`], [`ConfirmError`] |
//!
//! # Lines for logs
//!
//! Commands, events and errors each have a one-line `Display`:
//! `#7 at 1700000000000 ms: eni-1 +10.0.0.3-10.0.0.4 (subnet-a)`. It is for people; do not parse it.
//!
//! # Your own profile
//!
//! Copy a preset and change its fields:
//!
//! ```
//! use ipam_core::{Gateway, Profile, Quarantine};
//!
//! let mut profile = Profile::PLAIN;
//! profile.v4.first = 2; // the network address, and the gateway after it
//! profile.v4.gateway = Gateway::Offset(1);
//! profile.quarantine = Quarantine::for_millis(30_000);
//! ```
//!
//! # Features
//!
//! - `serde`, off by default: `Serialize` and `Deserialize` for commands, events, decisions, errors, reports,
//!   profiles, and the requests and replies of [`provider`], the last with the documented names. An [`Engine`] is not
//!   serialised by it: [`Engine::encode`] writes its bytes.
//!
//! The crate is `no_std`, and needs `alloc`.
#![cfg_attr(docsrs, feature(doc_cfg))]
#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod bytes;
pub mod codec;
mod command;
mod engine;
mod error;
pub mod event;
pub mod guide;
mod id;
mod pipeline;
pub mod provider;
pub mod reconcile;
mod rules;
mod shared;
mod space;
mod state;
mod status;
mod text;

/// The programs of the README, tested
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

pub use ipnet;

pub use bytes::DecodeLimits;
pub use codec::EventLog;
pub use command::{
    Adopt, Assign, Cancel, Command, Confirm, CreateInterface, CreateSubnet, CreateVpc,
    DeleteInterface, DeleteSubnet, DeleteVpc, EnsureCount, Expiry, Hold, Limits, Move, NestedOnce,
    NewCidr, OldPrimary, Once, Pick, Primary, ReleaseRange, ReplacePrimary, ReserveRange, Reshape,
    Resolve, Rest, SetCursor, SetIndices, SetLimits, SetPolicy, SetQuota, SetStatus, Source, Stale,
    Unassign, Wanted, WantedPrefix,
};
pub use engine::{
    AssignedPrefix, Assignment, At, Due, Engine, Explanation, FamilyUsage, Finding, FreeBlocks,
    Holder, Impact, InterfaceInfo, Questions, Resting, Role, SubnetInfo, TaskInfo, TaskState,
    Usage,
};
pub use error::{
    AddressFault, AddressFaults, ApplyError, BatchError, Cause, Contradiction, Corruption,
    DecodeError, DecodeLimit, Error, Flaw, Fragmented, Modifier, Shortfall, SubnetRefusal,
};
pub use event::{Change, Decision, Event};
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
pub use status::{Status, Statuses};
