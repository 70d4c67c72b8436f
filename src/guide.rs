//! How to embed the engine: four ways to run it, and what each survives
//!
//! The engine does no I/O. The program around it decides where events go, and whether an answer or a write comes
//! first. Each way below is a whole program, and each adds one more thing that may fail. They share what an
//! engine starts from:
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
//! - **Answer when the event is stored.** A decision that is not stored has not happened; tell nobody of it.
//! - **Let callers name what they want done once** ([`Once`](crate::Once)), so that a caller who hears nothing
//!   can ask again.
//! - **A timeout is not a failure.** Read the store before deciding what to do about it.
//! - **Give the engine your time.** Clocks may differ between writers; the engine's own never goes back.
//!
//! # A single process
//!
//! For tests, simulations, or a CNI daemon that reads what its kernel has when it starts.
//! [`execute`](crate::Engine::execute) decides and applies in one step. The event can still be taken from the
//! [`Decision`](crate::Decision), to log or to publish it.
//!
//! ```
//! # mod start {
//! #     use ipam_core::*;
//! #     pub fn commands() -> Result<[Command; 3], Box<dyn std::error::Error>> {
//! #         let (vpc, subnet) = ("vpc-1".parse()?, "subnet-1".parse()?);
//! #         Ok([
//! #             CreateVpc::new(vpc).into(),
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
//! # Readers beside a writer
//!
//! A clone costs a few pointers, whatever the engine holds, and it never changes. So a thread that looks at an engine
//! for long, to list it or to [encode](crate::Engine::encode) it, takes a clone under the lock and looks at it
//! outside. The writer goes on meanwhile; it copies each page of memory that it writes to while a clone shares it,
//! once.
//!
//! ```
//! # mod start {
//! #     use ipam_core::*;
//! #     pub fn commands() -> Result<[Command; 3], Box<dyn std::error::Error>> {
//! #         let (vpc, subnet) = ("vpc-1".parse()?, "subnet-1".parse()?);
//! #         Ok([
//! #             CreateVpc::new(vpc).into(),
//! #             CreateSubnet::new(subnet, vpc, Profile::PLAIN).v4("10.0.0.0/29".parse()?).into(),
//! #             CreateInterface::new("eni-1".parse()?, subnet).into(),
//! #         ])
//! #     }
//! # }
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
//! let restored = Engine::decode(&snapshot?, 0, &DecodeLimits::of_memory(1 << 20))?;
//! assert_eq!(restored, copy);
//! assert_eq!(copy.revision(), Revision::new(3));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # A write-ahead log
//!
//! One process and a file. Decide, append and sync, apply, answer. The log is the bytes of events, one after
//! another ([`Event::encode`](crate::Event::encode)). From time to time the engine itself is written beside it
//! ([`Engine::encode`](crate::Engine::encode)), so that a restart need not read the log from its beginning.
//!
//! A restart decodes the last snapshot and applies the events after its revision. [`EventLog`](crate::EventLog)
//! stops at the first error. If that [is transient](crate::DecodeError::is_transient), the last write was torn:
//! its event was never answered for, and the log is cut at [`offset`](crate::EventLog::offset), where the last
//! whole event ends. Any other error is damage. Do not cut the log then; restore a copy. This takes it that a torn
//! write leaves a shorter file. Where a power cut may leave zeros or old blocks at the end of one, keep the length
//! that was synced beside the log, and cut what lies behind it before reading.
//!
//! Where a sync takes longer than deciding, a [`Pipeline`](crate::Pipeline) decides on meanwhile and stores what
//! has gathered in one write: all its callers wait for one sync.
//!
//! ```
//! # mod start {
//! #     use ipam_core::*;
//! #     pub fn commands() -> Result<[Command; 3], Box<dyn std::error::Error>> {
//! #         let (vpc, subnet) = ("vpc-1".parse()?, "subnet-1".parse()?);
//! #         Ok([
//! #             CreateVpc::new(vpc).into(),
//! #             CreateSubnet::new(subnet, vpc, Profile::PLAIN).v4("10.0.0.0/29".parse()?).into(),
//! #             CreateInterface::new("eni-1".parse()?, subnet).into(),
//! #         ])
//! #     }
//! # }
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
//!     let limits = DecodeLimits::of_memory(1 << 30);
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
//! // A snapshot, of what is stored; then the log goes on.
//! pipeline.durable().encode(&mut snapshot);
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
//! Any number of processes and any store with create-if-absent: a table, a bucket, etcd. The key is the event's
//! [`revision`](crate::Event::revision). Of two writers that decide on the same history, one creates it. The
//! other reads what was stored, applies it, and decides again on what is true now. The same rule makes a write
//! that timed out harmless: read, and see whose event it is.
//!
//! Each command is done under a token of its own, as here. Otherwise two writers that decide the same command on
//! the same history produce equal events, and after a timeout both take the one stored for their own.
//!
//! Refusals and queries can be answered from the local engine, but they are only as fresh as the last event
//! read.
//!
//! ```
//! # mod start {
//! #     use ipam_core::*;
//! #     pub fn commands() -> Result<[Command; 3], Box<dyn std::error::Error>> {
//! #         let (vpc, subnet) = ("vpc-1".parse()?, "subnet-1".parse()?);
//! #         Ok([
//! #             CreateVpc::new(vpc).into(),
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
//!         // Another writer was quicker. A timeout ends here too: if the stored event is ours, deciding the
//!         // command again under its token gives the same answer.
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
//! // The other engine starts: it reads what is stored.
//! table.0.values().try_for_each(|event| other.apply(event))?;
//! let once = |token: &str| -> Result<Command, Box<dyn std::error::Error>> {
//!     let assign = Assign::new("eni-1".parse()?, Pick::any(1));
//!     Ok(Once::new(token.parse()?, now.after(600_000), assign)?.into())
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
//! Raft, Paxos, or a topic with one partition gives every replica the same entries in the same order. The leader
//! decides and proposes the event; every replica, the leader included, applies what comes out. If a deposed
//! leader proposed an entry on a history that did not happen, [`apply`](crate::Engine::apply) refuses it on every
//! replica alike: the entry is skipped, and its command decided again.
//!
//! A leader with decisions in flight has a [`Pipeline`](crate::Pipeline) and [follows](crate::Pipeline::follow)
//! whatever comes out of the log, its own events and others' alike.
//!
//! A new replica starts from a snapshot ([`Engine::encode`](crate::Engine::encode)) and the entries after its
//! revision. [`Engine::digest`](crate::Questions::digest) is equal on replicas that have applied the same events.
//!
//! ```
//! # mod start {
//! #     use ipam_core::*;
//! #     pub fn commands() -> Result<[Command; 3], Box<dyn std::error::Error>> {
//! #         let (vpc, subnet) = ("vpc-1".parse()?, "subnet-1".parse()?);
//! #         Ok([
//! #             CreateVpc::new(vpc).into(),
//! #             CreateSubnet::new(subnet, vpc, Profile::PLAIN).v4("10.0.0.0/29".parse()?).into(),
//! #             CreateInterface::new("eni-1".parse()?, subnet).into(),
//! #         ])
//! #     }
//! # }
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
