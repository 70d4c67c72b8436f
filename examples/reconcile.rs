//! A reconcile loop, as a Kubernetes operator has one: what is wanted and what is granted are objects of an API
//! server; the events are objects too, one a revision, so that two replicas of the operator may run
//!
//! `cargo run --example reconcile`

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "an example")]

use std::collections::BTreeMap;
use std::error::Error;

use ipam_core::*;

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

/// A fake API server: objects by name, each made once, changed if nobody else has changed it meanwhile
#[derive(Default)]
struct ApiServer {
    /// What users want: so many addresses for each interface
    wanted: BTreeMap<InterfaceId, u32>,
    /// What was granted, for all to see: a report, never an input
    granted: BTreeMap<InterfaceId, String>,
    /// Events by revision; to create one that exists is a conflict
    events: BTreeMap<Revision, Event>,
    /// Requests that are answered with a timeout, though they are carried out
    timeouts: u32,
}

/// What creating an object comes to
enum Created {
    Done,
    Conflict,
    Timeout,
}

impl ApiServer {
    fn create(&mut self, event: &Event) -> Created {
        if self.events.contains_key(&event.revision()) {
            return Created::Conflict;
        }
        self.events.insert(event.revision(), event.clone());
        println!("  stored   {event}");
        match self.timeouts.checked_sub(1) {
            Some(left) => {
                self.timeouts = left;
                Created::Timeout
            }
            None => Created::Done,
        }
    }
}

/// One replica of the operator: an engine that follows the events, and nothing else to remember
struct Operator {
    name: &'static str,
    engine: Engine,
}

impl Operator {
    fn start(name: &'static str) -> Self {
        Self { name, engine: Engine::new() }
    }

    fn follow(&mut self, server: &ApiServer) -> Result {
        let missed = server.events.range(self.engine.revision().next()..);
        missed.map(|(_, event)| event).try_for_each(|event| self.engine.apply(event))?;
        Ok(())
    }

    /// Sees to one command, however often it takes: asking again changes nothing, so that a timeout is no
    /// different from a conflict
    fn ensure(
        &mut self,
        server: &mut ApiServer,
        now: Timestamp,
        command: &Command,
    ) -> Result<AddrList> {
        loop {
            self.follow(server)?;
            let decision = self.engine.decide(now, command)?;
            let Some(event) = decision.event() else { return Ok(decision.answer().clone()) };
            println!("  {} decides to {command}", self.name);
            match server.create(event) {
                Created::Done => {}
                Created::Conflict => println!("  {} was too late", self.name),
                Created::Timeout => println!("  {} has heard nothing", self.name),
            }
        }
    }

    /// One round: every interface has what its object asks for, or its report says why not
    fn reconcile(&mut self, server: &mut ApiServer, now: Timestamp) -> Result {
        println!("{} reconciles", self.name);
        for (interface, count) in server.wanted.clone() {
            let ensure = EnsureCount::exactly(interface, count).into();
            let report = match self.ensure(server, now, &ensure) {
                Ok(addresses) => addresses.to_string(),
                Err(refused) => format!("refused: {refused}"),
            };
            server.granted.insert(interface, report);
        }
        Ok(())
    }
}

fn main() -> Result {
    let mut now = Timestamp::from_millis(1_700_000_000_000);
    let (vpc, subnet): (VpcId, SubnetId) = ("cluster-1".parse()?, "node-1".parse()?);
    let [web, db]: [InterfaceId; 2] = ["pod-web".parse()?, "pod-db".parse()?];
    let mut server = ApiServer::default();
    let mut one = Operator::start("one");
    let rest = Profile::PLAIN.quarantine(Quarantine::for_millis(30_000));
    for command in [
        CreateVpc::new(vpc).into(),
        CreateSubnet::new(subnet, vpc, rest).v4("10.0.0.0/29".parse()?).into(),
        CreateInterface::new(web, subnet).into(),
        CreateInterface::new(db, subnet).into(),
    ] {
        one.follow(&server)?;
        let event = one.engine.decide(now, &command)?.into_event().expect("it is new");
        server.create(&event);
    }

    server.wanted = BTreeMap::from([(web, 3), (db, 2)]);
    one.reconcile(&mut server, now)?;
    let events = server.events.len();
    one.reconcile(&mut server, now)?;
    assert_eq!(server.events.len(), events, "nothing to do, nothing done");

    // The other replica takes over, knowing nothing; its first request times out, and is carried out.
    let mut other = Operator::start("other");
    server.wanted.insert(web, 1);
    server.timeouts = 1;
    other.reconcile(&mut server, now)?;
    assert_eq!(server.granted[&web], "10.0.0.3");

    // Two addresses rest. Three more are wanted than are free; half a minute later they are there.
    server.wanted.insert(db, 5);
    one.reconcile(&mut server, now)?;
    assert!(server.granted[&db].starts_with("refused"));
    now = now.after(30_000);
    one.reconcile(&mut server, now)?;
    other.follow(&server)?;
    assert_eq!(one.engine, other.engine);
    one.engine.check()?;
    for (interface, report) in &server.granted {
        println!("{interface}: {report}");
    }
    assert_eq!(server.granted[&db], "10.0.0.1-10.0.0.2,10.0.0.4-10.0.0.6");
    Ok(())
}
