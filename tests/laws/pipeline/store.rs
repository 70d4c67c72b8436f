//! A log whose every write may fail before it, after it, or halfway; and who was told what

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use ipam_core::event::{Assigned, Released};
use ipam_core::*;

pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_000);

/// Events as JSON, each revision once: the unique key of a table, or the index of a log
#[derive(Clone, Debug, Default)]
pub(crate) struct Store {
    pub(crate) lines: Vec<String>,
}

/// How a write ends
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is stored, and the writer learns of it
    Done,
    /// It is not stored, and the writer learns of that
    Failed,
    /// It is not stored, and the writer learns nothing
    Lost,
    /// It is stored, and the writer learns nothing
    ReplyLost,
}

impl Fate {
    pub(crate) const ALL: [Self; 4] = [Self::Done, Self::Failed, Self::Lost, Self::ReplyLost];
}

/// What a writer learns of its write
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Stored,
    /// Nothing is stored: the write failed, or the revision is another's
    NotStored,
    Unknown,
}

impl Store {
    /// Stores an event under its revision, if there is none yet
    pub(crate) fn write(&mut self, event: &Event, fate: Fate) -> Outcome {
        let is_next = event.revision().get() == self.lines.len() as u64 + 1;
        if is_next && matches!(fate, Fate::Done | Fate::ReplyLost) {
            self.lines.push(serde_json::to_string(event).unwrap());
        }
        match fate {
            Fate::Done if is_next => Outcome::Stored,
            Fate::Done | Fate::Failed => Outcome::NotStored,
            Fate::Lost | Fate::ReplyLost => Outcome::Unknown,
        }
    }

    /// The events after a revision
    pub(crate) fn after(&self, revision: Revision) -> Vec<Event> {
        let from = usize::try_from(revision.get()).unwrap();
        self.lines[from..].iter().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// An engine of its own, from all that is stored; every event fits, and the engine is sound
    pub(crate) fn replay(&self) -> Engine {
        let mut engine = Engine::with_seed(self.lines.len() as u64);
        for event in self.after(Revision::ZERO) {
            engine.apply(&event).unwrap_or_else(|error| panic!("{event}: {error}"));
        }
        assert_eq!(engine.check(), Ok(()));
        engine
    }

    /// Reads the log without an engine: never two owners, and each answer that was given is still so, or was
    /// until a release that came after it
    pub(crate) fn audit(&self, told: &[Told]) {
        let mut owners: BTreeMap<IpAddr, InterfaceId> = BTreeMap::new();
        let mut ever: BTreeSet<(u64, IpAddr, InterfaceId)> = BTreeSet::new();
        for event in self.after(Revision::ZERO) {
            for change in event.changes() {
                match change {
                    Change::Assigned(Assigned { interface, addresses, .. }) => {
                        for address in addresses.iter() {
                            let before = owners.insert(address, *interface);
                            assert_eq!(before, None, "two owners of {address}: {event}");
                            ever.insert((event.revision().get(), address, *interface));
                        }
                    }
                    Change::Released(Released { interface, addresses, .. }) => {
                        for address in addresses.iter() {
                            assert_eq!(owners.remove(&address), Some(*interface), "{event}");
                        }
                    }
                    _ => {}
                }
            }
        }
        for Told { interface, revision, addresses } in told {
            for &address in addresses {
                let kept = ever.contains(&(revision.get(), address, *interface));
                assert!(kept, "{interface} was told of {address} at {revision}, and it is lost");
            }
        }
    }
}

/// An answer that somebody was given
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) interface: InterfaceId,
    pub(crate) revision: Revision,
    pub(crate) addresses: Vec<IpAddr>,
}

pub(crate) fn vpc() -> VpcId {
    "vpc-1".parse().unwrap()
}

pub(crate) fn subnet() -> SubnetId {
    "subnet-1".parse().unwrap()
}

pub(crate) fn eni(id: &str) -> InterfaceId {
    id.parse().unwrap()
}

pub(crate) fn any(id: &str, count: u32) -> Command {
    Assign::new(eni(id), Pick::any(count)).into()
}

/// The same, once however often it is asked
pub(crate) fn once(token: &str, command: Command) -> Command {
    Once::new(token.parse().unwrap(), NOW.after(1_000_000), command).unwrap().into()
}

/// A VPC, 10.0.0.0/29 under plain rules, and two interfaces: 4 events
pub(crate) fn world() -> [Command; 4] {
    let cidr = "10.0.0.0/29".parse().unwrap();
    [
        CreateVpc::new(vpc()).into(),
        CreateSubnet::new(subnet(), vpc(), Profile::PLAIN).v4(cidr).into(),
        CreateInterface::new(eni("eni-a"), subnet()).into(),
        CreateInterface::new(eni("eni-b"), subnet()).into(),
    ]
}

/// A store with that world in it
pub(crate) fn small_store() -> Store {
    let (mut store, mut engine) = (Store::default(), Engine::new());
    for command in world() {
        let event = engine.execute(NOW, &command).unwrap().into_event().unwrap();
        assert_eq!(store.write(&event, Fate::Done), Outcome::Stored);
    }
    store
}
