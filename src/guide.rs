//! How to embed the engine: four ways to run it, and what each survives
//!
//! The engine does no I/O. Where its events go, and in which order an answer and a write happen, is up to the
//! program around it. Each way below is a whole program; each is the one before with one more thing that may
//! fail. They share what an engine starts from:
//!
//! ```
//! # mod start {
//! use ipam_core::*;
//!
//! /// A VPC, a /29 in it, and an interface
//! pub fn commands() -> Result<[Command; 3], Box<dyn std::error::Error>> {
//!     let (vpc, subnet) = ("vpc-1".parse()?, "subnet-1".parse()?);
//!     Ok([
//!         Command::CreateVpc { vpc, cidrs: vec![] },
//!         CreateSubnet::new(subnet, vpc, Profile::PLAIN).v4("10.0.0.0/29".parse()?).into(),
//!         CreateInterface::new("eni-1".parse()?, subnet).into(),
//!     ])
//! }
//! # }
//! # ipam_core::Engine::new().execute(ipam_core::Timestamp::ZERO, &start::commands()?[0])?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | | survives the process | writers | an answer waits for |
//! |---|---|---|---|
//! | [a single process](#a-single-process) | no | one | nothing |
//! | [a write-ahead log](#a-write-ahead-log) | yes | one | one write, or one for many |
//! | [a compare-and-swap store](#a-compare-and-swap-store) | yes | any number | one conditional write |
//! | [a replicated log](#a-replicated-log) | and the machine | any number | a majority |
//!
//! Whichever it is:
//!
//! - **Store the event, not the command.** An event says which addresses; a later release may choose others
//!   for the same command.
//! - **Answer when the event is stored.** What is decided and not stored has not happened, and nobody has been
//!   told of it.
//! - **Let callers name what they want done once** ([`Once`](crate::Once)), so that one who hears nothing can
//!   ask again.
//! - **A timeout is not a failure.** Read the store before deciding what to do about it.
//! - **Give the engine your time.** Clocks may differ between writers: an engine's never goes back.
//!
//! # A single process
//!
//! Tests, simulations, a CNI daemon that lists what its kernel has when it starts.
//! [`execute`](crate::Engine::execute) decides and applies at once.
//!
//! ```
//! # mod start {
//! #     use ipam_core::*;
//! #     pub fn commands() -> Result<[Command; 3], Box<dyn std::error::Error>> {
//! #         let (vpc, subnet) = ("vpc-1".parse()?, "subnet-1".parse()?);
//! #         Ok([
//! #             Command::CreateVpc { vpc, cidrs: vec![] },
//! #             CreateSubnet::new(subnet, vpc, Profile::PLAIN).v4("10.0.0.0/29".parse()?).into(),
//! #             CreateInterface::new("eni-1".parse()?, subnet).into(),
//! #         ])
//! #     }
//! # }
//! use ipam_core::*;
//!
//! let mut engine = Engine::new();
//! let now = Timestamp::from_millis(1_700_000_000_000);
//! for command in start::commands()? {
//!     engine.execute(now, &command)?;
//! }
//! let two = engine.execute(now, &Assign::new("eni-1".parse()?, Pick::any(2)).into())?;
//! assert_eq!(two.answer().to_string(), "10.0.0.1-10.0.0.2");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # A write-ahead log
//!
//! One process, and a file. Decide, append and sync, apply, answer. After a crash, wherever it was, replay
//! gives the engine of the last event stored: an event that was torn was not answered for.
//!
//! Where a sync takes longer than deciding, a [`Pipeline`](crate::Pipeline) decides on while it lasts, and
//! stores what has gathered in one write: all its callers wait for one sync.
//!
//! ```
//! # mod start {
//! #     use ipam_core::*;
//! #     pub fn commands() -> Result<[Command; 3], Box<dyn std::error::Error>> {
//! #         let (vpc, subnet) = ("vpc-1".parse()?, "subnet-1".parse()?);
//! #         Ok([
//! #             Command::CreateVpc { vpc, cidrs: vec![] },
//! #             CreateSubnet::new(subnet, vpc, Profile::PLAIN).v4("10.0.0.0/29".parse()?).into(),
//! #             CreateInterface::new("eni-1".parse()?, subnet).into(),
//! #         ])
//! #     }
//! # }
//! use std::io::{self, Read, Write};
//!
//! use ipam_core::*;
//!
//! /// Appends all that is in flight: one line an event, one write, one sync
//! fn commit(pipeline: &mut Pipeline, log: &mut impl Write) -> Result<(), Box<dyn std::error::Error>> {
//!     let mut group = Vec::new();
//!     for event in pipeline.pending() {
//!         serde_json::to_writer(&mut group, event)?;
//!         group.push(b'\n');
//!     }
//!     let last = pipeline.pending().last().map(Ticket::of);
//!     // If this fails, nobody knows how much is in the file: end the process, and replay.
//!     log.write_all(&group)?;
//!     log.flush()?; // of a file: sync_data
//!     if let Some(ticket) = last {
//!         pipeline.confirm(ticket)?;
//!     }
//!     Ok(())
//! }
//!
//! /// The engine of a log; a last line that is torn was never answered for, and is to be cut off
//! fn replay(mut log: impl Read) -> Result<(Engine, usize), Box<dyn std::error::Error>> {
//!     let (mut engine, mut text, mut whole) = (Engine::new(), String::new(), 0);
//!     log.read_to_string(&mut text)?;
//!     for line in text.split_inclusive('\n').filter(|line| line.ends_with('\n')) {
//!         engine.apply(&serde_json::from_str(line)?)?;
//!         whole += line.len();
//!     }
//!     Ok((engine, whole))
//! }
//!
//! let mut file = Vec::new(); // std::fs::File, opened to append
//! let mut pipeline = Pipeline::new(replay(io::empty())?.0);
//! let now = Timestamp::from_millis(1_700_000_000_000);
//! for command in start::commands()? {
//!     pipeline.decide(now, &command)?;
//! }
//! let two = pipeline.decide(now, &Assign::new("eni-1".parse()?, Pick::any(2)).into())?;
//! commit(&mut pipeline, &mut file)?; // four events, one sync
//! assert!(!pipeline.is_in_flight(two.ticket)); // now the answer
//! assert_eq!(two.decision.answer().to_string(), "10.0.0.1-10.0.0.2");
//!
//! // The power goes in the middle of the next write.
//! pipeline.decide(now, &Assign::new("eni-1".parse()?, Pick::any(1)).into())?;
//! commit(&mut pipeline.clone(), &mut file)?;
//! file.truncate(file.len() - 20);
//! let (engine, whole) = replay(&file[..])?;
//! assert_eq!(engine, *pipeline.durable());
//! assert!(whole < file.len());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # A compare-and-swap store
//!
//! Any number of processes, and a table, a bucket or an etcd, where a key can be made if it is not there. The
//! key is the event's [`revision`](crate::Event::revision): of two writers that decide on the same history,
//! one makes it. The other one reads what was stored, applies it, and decides again, on what is true now.
//! The same rule makes a write that timed out harmless: read, and see whose event it is.
//!
//! Decide what is not worth a write on the local engine too, but know that it may be behind: a refusal or a
//! query is as old as the last event read.
//!
//! ```
//! # mod start {
//! #     use ipam_core::*;
//! #     pub fn commands() -> Result<[Command; 3], Box<dyn std::error::Error>> {
//! #         let (vpc, subnet) = ("vpc-1".parse()?, "subnet-1".parse()?);
//! #         Ok([
//! #             Command::CreateVpc { vpc, cidrs: vec![] },
//! #             CreateSubnet::new(subnet, vpc, Profile::PLAIN).v4("10.0.0.0/29".parse()?).into(),
//! #             CreateInterface::new("eni-1".parse()?, subnet).into(),
//! #         ])
//! #     }
//! # }
//! use std::collections::BTreeMap;
//!
//! use ipam_core::*;
//!
//! /// `INSERT INTO events (revision, event)`, the revision being the primary key
//! #[derive(Default)]
//! struct Table(BTreeMap<Revision, Event>);
//!
//! impl Table {
//!     fn insert(&mut self, event: &Event) -> bool {
//!         let is_new = !self.0.contains_key(&event.revision());
//!         if is_new {
//!             self.0.insert(event.revision(), event.clone());
//!         }
//!         is_new
//!     }
//! }
//!
//! fn serve(
//!     engine: &mut Engine,
//!     table: &mut Table,
//!     now: Timestamp,
//!     command: &Command,
//! ) -> Result<AddrList, Box<dyn std::error::Error>> {
//!     loop {
//!         let decision = engine.decide(now, command)?;
//!         let Some(event) = decision.event() else { return Ok(decision.answer().clone()) };
//!         if table.insert(event) {
//!             engine.apply(event)?;
//!             return Ok(decision.answer().clone());
//!         }
//!         // Another writer was quicker. A timeout ends here, too: if the event is ours, the command, done
//!         // once under its token, then comes to the same answer.
//!         for (_, event) in table.0.range(engine.revision().next()..) {
//!             engine.apply(event)?;
//!         }
//!     }
//! }
//!
//! let mut table = Table::default();
//! let (mut one, mut other) = (Engine::with_seed(1), Engine::with_seed(2));
//! let now = Timestamp::from_millis(1_700_000_000_000);
//! for command in start::commands()? {
//!     serve(&mut one, &mut table, now, &command)?;
//! }
//! // The other one has read nothing yet; to begin with, it does what its loop does when it has lost.
//! table.0.values().try_for_each(|event| other.apply(event))?;
//! let once = |token: &str| -> Result<Command, IdError> {
//!     let assign = Assign::new("eni-1".parse()?, Pick::any(1));
//!     Ok(Once::new(token.parse()?, now.after(600_000), assign).into())
//! };
//! assert_eq!(serve(&mut one, &mut table, now, &once("a")?)?.to_string(), "10.0.0.1");
//! assert_eq!(serve(&mut other, &mut table, now, &once("b")?)?.to_string(), "10.0.0.2");
//! // The caller of `a` heard nothing, and asks the other one.
//! assert_eq!(serve(&mut other, &mut table, now, &once("a")?)?.to_string(), "10.0.0.1");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # A replicated log
//!
//! Raft, Paxos, a topic with one partition: every replica is given the same entries in the same order. The
//! leader decides and proposes the event; every replica, the leader among them, applies what comes out. An
//! entry that a deposed leader proposed on a history that did not come to be is refused by
//! [`apply`](crate::Engine::apply), on every replica alike: it is skipped, and its command decided again.
//!
//! With decisions in flight the leader has a [`Pipeline`](crate::Pipeline), and what comes out of the log is
//! [followed](crate::Pipeline::follow), its own events and others' alike.
//!
//! ```
//! # mod start {
//! #     use ipam_core::*;
//! #     pub fn commands() -> Result<[Command; 3], Box<dyn std::error::Error>> {
//! #         let (vpc, subnet) = ("vpc-1".parse()?, "subnet-1".parse()?);
//! #         Ok([
//! #             Command::CreateVpc { vpc, cidrs: vec![] },
//! #             CreateSubnet::new(subnet, vpc, Profile::PLAIN).v4("10.0.0.0/29".parse()?).into(),
//! #             CreateInterface::new("eni-1".parse()?, subnet).into(),
//! #         ])
//! #     }
//! # }
//! use ipam_core::*;
//!
//! /// What comes out of the log, on every replica: whatever does not fit is skipped, by all of them
//! fn apply(replica: &mut Engine, entry: &Event) {
//!     if let Err(refused) = replica.apply(entry) {
//!         println!("skipped {entry}: {refused}");
//!     }
//! }
//!
//! let now = Timestamp::from_millis(1_700_000_000_000);
//! let mut start = Engine::new();
//! for command in start::commands()? {
//!     start.execute(now, &command)?;
//! }
//! let (mut leader, mut deposed) = (Pipeline::new(start.clone()), Pipeline::new(start.clone()));
//! let once = |token: &str| -> Result<Command, IdError> {
//!     let assign = Assign::new("eni-1".parse()?, Pick::any(1));
//!     Ok(Once::new(token.parse()?, now.after(600_000), assign).into())
//! };
//!
//! // Both believe that they lead, and propose what they decide. The new leader's entry comes out first.
//! let ours = leader.decide(now, &once("a")?)?;
//! let lost = deposed.decide(now, &once("b")?)?;
//! assert_eq!(ours.decision.answer(), lost.decision.answer()); // one address, and nobody knows of it yet
//! let proposed = [leader.pending().next(), deposed.pending().next()];
//! let log: Vec<Event> = proposed.into_iter().flatten().cloned().collect();
//!
//! let mut replica = start;
//! log.iter().for_each(|entry| apply(&mut replica, entry));
//! assert_eq!(leader.follow(&log[0])?, []);
//! assert!(!leader.is_in_flight(ours.ticket)); // now the answer
//! assert!(leader.follow(&log[1]).is_err());
//! assert_eq!(deposed.follow(&log[0])?, [lost.ticket]); // decided again, by whoever leads
//! let again = leader.decide(now, &once("b")?)?;
//! assert_eq!(again.decision.answer().to_string(), "10.0.0.2");
//! assert_eq!((&replica, &replica), (leader.durable(), deposed.head()));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
