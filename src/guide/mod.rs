//! How to embed the engine: four ways to run it, and a page for each thing that one looks up
//!
//! The engine does no I/O. The program around it decides where events are stored, and whether an answer or a write comes
//! first. Each way below is a whole, tested program, and each adds one more thing that may fail.
//!
//! | | survives the process | writers | an answer waits for |
//! |---|---|---|---|
//! | [a single process](#a-single-process) | no | one | nothing |
//! | [a write-ahead log](#a-write-ahead-log) | yes | one | one write, or one for many |
//! | [a compare-and-swap store](#a-compare-and-swap-store) | yes | any number | one conditional write |
//! | [a replicated log](#a-replicated-log) | and the machine | any number | a majority |
//!
//! | look up | page |
//! |---|---|
//! | why a command was refused, and every code | [`errors`] |
//! | what something costs, limits, speed | [`costs`] |
//! | what is promised, and the test that holds it | [`guarantees`] |
//! | how this compares with other systems | [`comparison`] |
//! | what a word means | [`words`] |
//! | quarantine, retries, late deletes, lost replies | [`time`] |
//! | reserved ranges, prefixes, policies, changing a subnet | [`reservations`] |
//! | two clouds or many tenants in one engine; where names, tags and zones are kept | [`tenants`] |
//! | what a later release does to your logs | [`upgrades`] |
//!
//! # Rules for every way
//!
//! - **Store the event, not the command.** An event states which addresses were chosen; a later release may choose others
//!   for the same command.
//! - **Answer when the event is stored.** A decision that is not stored has not happened, so tell nobody of it.
//! - **Give every command a token of its own** ([`Once`](crate::Once)). A caller who hears nothing can then ask again.
//! - **A timeout is not a failure.** Read the store before you decide what to do about it.
//! - **Pass your own time.** Clocks may differ between writers; the engine's clock never goes back.
//! - **Draw the seed at random** ([`Engine::with_seed`](crate::Engine::with_seed)) where strangers choose ids.
//!
//! The programs share these commands:
//!
//! ```
//! # mod start {
//! use ipam_core::*;
//!
//! /// A VPC, a /29 in it, and an interface
//! pub fn commands() -> Result<[Command; 3], Box<dyn std::error::Error>> {
//!     let (vpc, subnet) = ("vpc-1".parse()?, "subnet-1".parse()?);
//!     Ok([
//!         CreateVpc::new(vpc).into(),
//!         CreateSubnet::new(subnet, vpc, Profile::PLAIN).v4("10.0.0.0/29".parse()?).into(),
//!         CreateInterface::new("eni-1".parse()?, subnet).into(),
//!     ])
//! }
//! # }
//! # ipam_core::Engine::new().execute(ipam_core::Timestamp::ZERO, &start::commands()?[0])?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # A single process
//!
//! For tests, simulations, or a CNI daemon that reads the kernel's addresses when it starts and
//! [adopts](crate::Adopt) them. [`execute`](crate::Engine::execute) decides and applies in one step, for a single writer
//! that keeps no log. Its [`Decision`](crate::Decision) still has the event, to log or to publish it.
//!
//! ```
#![doc = include_str!("start.txt")]
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
//! # Readers, and snapshots
//!
//! A clone costs a few pointers, whatever the engine holds ([what a clone costs](costs#what-a-clone-costs)), and never
//! changes. So writers take turns behind your lock, and a thread that needs longer takes a clone under the lock and reads
//! it outside.
//!
//! **A snapshot is a clone, encoded**: clone the engine under the lock, release the lock, and
//! [encode](crate::Engine::encode) the clone. To take a snapshot of a [`Pipeline`](crate::Pipeline), clone
//! [`durable()`](crate::Pipeline::durable), which has only what is stored.
//!
//! An engine answers as of its last event; [`at`](crate::Engine::at) answers as of any later time.
//!
//! ```
#![doc = include_str!("start.txt")]
//! use ipam_core::*;
//! use std::sync::Mutex;
//!
//! # let mut engine = Engine::new();
//! # for command in start::commands()? {
//! #     engine.execute(Timestamp::ZERO, &command)?;
//! # }
//! let engine = Mutex::new(engine);
//! let copy = engine.lock().map_err(|_| "poisoned")?.clone();
//! let snapshot = std::thread::scope(|scope| {
//!     let encoding = scope.spawn(|| {
//!         let mut bytes = Vec::new();
//!         copy.encode(&mut bytes);
//!         bytes
//!     });
//!     let assign = Assign::new("eni-1".parse()?, Pick::any(1)).into();
//!     engine.lock().map_err(|_| "poisoned")?.execute(Timestamp::ZERO, &assign)?;
//!     encoding.join().map_err(|_| "panicked".into())
//! });
//! # let snapshot: Result<Vec<u8>, Box<dyn std::error::Error>> = snapshot;
//! let restored = Engine::decode(&snapshot?, 0, &DecodeLimits::with_memory(1 << 20))?;
//! assert_eq!(restored, copy);
//! assert_eq!(copy.revision(), Revision::new(3));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # A write-ahead log
//!
//! One process and a file. Decide, append and sync, apply, answer. The log is the bytes of events, one after
//! another ([`Event::encode`](crate::Event::encode)). From time to time the process writes a
//! [snapshot](#readers-and-snapshots) beside it, so that a restart need not read the log from its beginning.
//!
//! A restart decodes the last snapshot and applies the events after its revision. [`EventLog`](crate::EventLog)
//! stops at the first error:
//!
//! - If the error [is transient](crate::DecodeError::is_transient), the last write was torn. Its event was never answered
//!   for. Cut the log at [`offset`](crate::EventLog::offset), where the last whole event ends.
//! - Any other error is damage. Do not cut the log; restore a copy.
//!
//! This assumes that a torn write leaves a shorter file. Where a power cut may leave zeros or old blocks at the end of a
//! file, keep the synced length beside the log, and cut the log to that length before reading.
//!
//! Where a sync takes longer than a decision, a [`Pipeline`](crate::Pipeline) goes on deciding meanwhile and stores what
//! has gathered in one write. All its callers wait for one sync.
//!
//! ```
#![doc = include_str!("start.txt")]
//! use ipam_core::*;
//!
//! type Result<T = (), E = Box<dyn std::error::Error>> = std::result::Result<T, E>;
//!
//! /// Appends all that is in flight: one write, one sync
//! fn commit(pipeline: &mut Pipeline, log: &mut impl std::io::Write) -> Result {
//!     let (mut group, mut last) = (Vec::new(), None);
//!     for event in pipeline.next_group() {
//!         event.encode(&mut group);
//!         last = Some(Ticket::of(event));
//!     }
//!     let Some(last) = last else { return Ok(()) };
//!     // If this fails, nobody knows how much is in the file: end the process, and restart.
//!     log.write_all(&group)?;
//!     log.flush()?; // of a file: sync_data
//!     Ok(pipeline.confirm(last)?)
//! }
//!
//! /// The engine of a snapshot and the events after it, and how much of the log is whole
//! fn restart(snapshot: &[u8], log: &[u8]) -> Result<(Engine, usize)> {
//!     let limits = DecodeLimits::with_memory(1 << 30);
//!     let mut engine = match snapshot {
//!         [] => Engine::new(),
//!         bytes => Engine::decode(bytes, 0, &limits)?, // or a random seed, where strangers choose ids
//!     };
//!     let mut events = EventLog::new(log, &limits);
//!     for event in &mut events {
//!         match event {
//!             Ok(event) if event.revision() <= engine.revision() => {} // in the snapshot
//!             Ok(event) => engine.apply(&event)?,
//!             Err(torn) if torn.is_transient() => {}
//!             Err(damage) => return Err(damage.into()),
//!         }
//!     }
//!     Ok((engine, usize::try_from(events.offset())?))
//! }
//!
//! let (mut snapshot, mut file) = (Vec::new(), Vec::new()); // std::fs::File, opened to append
//! let mut pipeline = Pipeline::new(restart(&snapshot, &file)?.0);
//! let now = Timestamp::from_millis(1_700_000_000_000);
//! let one = Assign::new("eni-1".parse()?, Pick::any(1)).into();
//! for command in start::commands()? {
//!     pipeline.decide(now, &command)?;
//! }
//! let first = pipeline.decide(now, &one)?;
//! commit(&mut pipeline, &mut file)?; // four events, one sync
//! assert!(!pipeline.is_in_flight(first.ticket)); // now the answer
//! assert_eq!(first.decision.answer().to_string(), "10.0.0.1");
//!
//! // A snapshot of what is stored: clone, then encode. The log goes on.
//! let stored = pipeline.durable().clone();
//! stored.encode(&mut snapshot);
//! pipeline.decide(now, &one)?;
//! commit(&mut pipeline, &mut file)?;
//!
//! // The power fails in the middle of the next write.
//! let whole = file.len();
//! pipeline.decide(now, &one)?;
//! commit(&mut pipeline.clone(), &mut file)?;
//! file.truncate(file.len() - 20);
//! let (engine, offset) = restart(&snapshot, &file)?;
//! assert_eq!((&engine, offset), (pipeline.durable(), whole));
//! file.truncate(offset); // and write on from here
//! assert_eq!(restart(&[], &file)?.0, engine); // the same without the snapshot
//!
//! // A byte that has changed in the middle is no torn write: the log is refused.
//! file[40] ^= 1;
//! assert!(restart(&[], &file).is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # A compare-and-swap store
//!
//! Any number of processes, and any store with create-if-absent: a table, a bucket, etcd. The key is the event's
//! [`revision`](crate::Event::revision). Of two writers that decide on the same history, one creates the key. The
//! other reads what was stored, applies it, and decides again. The same rule makes a write that timed out harmless: read,
//! and see whose event it is.
//!
//! Give each command its own token, as the program does. Otherwise two writers that decide the same command on the same
//! history produce equal events, and after a timeout both take the stored one for their own.
//!
//! **To restart from a keyed store**, decode the latest snapshot, or begin with an empty engine, and apply every event
//! whose key is above the engine's revision, in order of their keys. A gap in the keys is a lost event:
//! [`apply`](crate::Engine::apply) refuses the next one (800). Keep a snapshot under a key of its own, and delete events
//! only up to the revision of a snapshot that is stored.
//!
//! Refusals and questions can be answered from the local engine, but they are only as fresh as the last event that it has
//! read.
//!
//! ```
#![doc = include_str!("start.txt")]
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
//!         // Another writer was quicker. A timeout ends here too: if the stored event is ours, deciding the
//!         // command again under its token gives the same answer.
//!         for (_, event) in table.0.range(engine.revision().next()..) {
//!             engine.apply(event)?;
//!         }
//!     }
//! }
//!
//! fn restart(snapshot: &[u8], table: &Table) -> Result<Engine, Box<dyn std::error::Error>> {
//!     let mut engine = Engine::decode(snapshot, 2, &DecodeLimits::with_memory(1 << 30))?;
//!     for (_, event) in table.0.range(engine.revision().next()..) {
//!         engine.apply(event)?;
//!     }
//!     Ok(engine)
//! }
//!
//! let mut table = Table::default();
//! let mut one = Engine::with_seed(1);
//! let now = Timestamp::from_millis(1_700_000_000_000);
//! for command in start::commands()? {
//!     serve(&mut one, &mut table, now, &command)?;
//! }
//! // The other process starts from a snapshot and the keys above its revision.
//! let mut snapshot = Vec::new();
//! one.clone().encode(&mut snapshot);
//! serve(&mut one, &mut table, now, &CreateVpc::new("vpc-2".parse()?).into())?;
//! let mut other = restart(&snapshot, &table)?;
//! assert_eq!(other, one);
//! let once = |token: &str| -> Result<Command, Box<dyn std::error::Error>> {
//!     let assign = Assign::new("eni-1".parse()?, Pick::any(1));
//!     Ok(Once::new(token.parse()?, now.after(600_000), assign)?.into())
//! };
//! assert_eq!(serve(&mut one, &mut table, now, &once("a")?)?.to_string(), "10.0.0.1");
//! assert_eq!(serve(&mut other, &mut table, now, &once("b")?)?.to_string(), "10.0.0.2");
//! // The caller of `a` heard nothing, and asks the other process.
//! assert_eq!(serve(&mut other, &mut table, now, &once("a")?)?.to_string(), "10.0.0.1");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # A replicated log
//!
//! Raft, Paxos, or a topic with one partition gives every replica the same entries in the same order. The leader
//! decides and proposes the event; every replica, the leader included, applies the entries that the log delivers. If a
//! deposed leader proposed an entry on a history that did not come about, [`apply`](crate::Engine::apply) refuses it on
//! every replica alike. All replicas skip the entry, and its command is decided again.
//!
//! A leader with decisions in flight has a [`Pipeline`](crate::Pipeline) and [follows](crate::Pipeline::follow)
//! every entry that the log delivers, its own and others' alike.
//!
//! A new replica starts from a [snapshot](#readers-and-snapshots) and the entries after its revision.
//! [`digest`](crate::Questions::digest) is equal on replicas that have applied the same events.
//!
//! ```
#![doc = include_str!("start.txt")]
//! use ipam_core::*;
//!
//! /// What comes out of the log, on every replica: all of them skip what does not fit
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
//! let once = |token: &str| -> Result<Command, Box<dyn std::error::Error>> {
//!     let assign = Assign::new("eni-1".parse()?, Pick::any(1));
//!     Ok(Once::new(token.parse()?, now.after(600_000), assign)?.into())
//! };
//!
//! // Both believe that they lead, and propose what they decide. The new leader's entry comes out first.
//! let ours = leader.decide(now, &once("a")?)?;
//! let lost = deposed.decide(now, &once("b")?)?;
//! assert_eq!(ours.decision.answer(), lost.decision.answer()); // one address twice, and nobody was told yet
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
//!
//! # Limits for bytes
//!
//! A decoder takes [`DecodeLimits`](crate::DecodeLimits), which bound what it may allocate.
//!
//! - **Your own bytes**, which nobody else can write: [`DecodeLimits::UNLIMITED`](crate::DecodeLimits::UNLIMITED). The
//!   decoded engine takes as much memory as the encoded one did, and checksums find damage.
//! - **Bytes that others can write**, or a machine that must not run out of memory:
//!   [`with_memory`](crate::DecodeLimits::with_memory). The decoder counts generously, so allow about three times the memory
//!   that the engine needs. If the limit is too low, error 905 says how much was wanted; nothing is lost.

macro_rules! pages {
    ($($name:ident $text:literal)*) => {$(
        #[doc = include_str!(concat!("../../docs/", $text))]
        pub mod $name {}
    )*};
}

pages! {
    errors "errors.md"
    costs "costs.md"
    guarantees "guarantees.md"
    comparison "comparison.md"
    words "words.md"
    time "time.md"
    reservations "reservations.md"
    tenants "tenants.md"
    upgrades "upgrades.md"
}
