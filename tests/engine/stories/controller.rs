//! A controller: an engine, the log that it is stored in, and a clock

use std::net::IpAddr;

use ipam_core::*;

/// One VPC, one subnet of 10.0.0.0/29 (six addresses under plain rules), and `eni-a` and `eni-b` in it
pub(crate) struct Controller {
    pub(crate) engine: Engine,
    /// Events as they would be stored
    pub(crate) log: Vec<String>,
    pub(crate) now: Timestamp,
}

impl Controller {
    /// Under plain rules, with this rest after a release
    pub(crate) fn new(quarantine: Quarantine) -> Self {
        let mut profile = Profile::PLAIN;
        profile.quarantine = quarantine;
        Self::with(profile)
    }

    pub(crate) fn with(profile: Profile) -> Self {
        let mut made = Self { engine: Engine::with_seed(1), log: Vec::new(), now: at(1_000) };
        let (vpc, cidrs) = (vpc(), Vec::new());
        made.run(CreateVpc::new(vpc).within(cidrs));
        made.run(CreateSubnet::new(subnet(), vpc, profile).v4("10.0.0.0/29".parse().unwrap()));
        for id in ["eni-a", "eni-b"] {
            made.run(CreateInterface::new(eni(id), subnet()));
        }
        made
    }

    /// It is so many milliseconds after the epoch, or so the system's clock says
    pub(crate) fn at(&mut self, millis: u64) -> &mut Self {
        self.now = at(millis);
        self
    }

    /// Decides, stores, applies
    pub(crate) fn run(&mut self, command: impl Into<Command>) -> Decision {
        let command = command.into();
        let decision = self.engine.decide(self.now, &command);
        let decision = decision.unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let mut executed = self.engine.clone();
        assert_eq!(executed.execute(self.now, &command).as_ref(), Ok(&decision));
        if let Some(event) = decision.event() {
            self.log.push(serde_json::to_string(event).unwrap());
            self.engine.apply(event).unwrap();
        }
        assert_eq!(executed, self.engine, "{command:?}");
        self.engine.check().unwrap();
        decision
    }

    /// Decides what must change nothing
    pub(crate) fn unchanged(&mut self, command: impl Into<Command>) -> Decision {
        let digest = self.engine.digest();
        let decision = self.run(command);
        assert!(decision.is_unchanged(), "{decision:?}");
        assert_eq!(self.engine.digest(), digest);
        decision
    }

    /// Decides what must be refused, in whichever way it is asked, and change nothing
    pub(crate) fn refused(&mut self, command: impl Into<Command>) -> Error {
        let command = command.into();
        let before = (self.engine.clone(), self.engine.digest());
        let error = self.engine.decide(self.now, &command).expect_err("must be refused");
        assert_eq!(self.engine.execute(self.now, &command).as_ref(), Err(&error));
        let batch = self.engine.decide_all(self.now, std::slice::from_ref(&command));
        assert_eq!(batch.unwrap_err().error, error);
        assert_eq!((self.engine.clone(), self.engine.digest()), before, "{command:?}");
        error
    }

    /// Why the one address that a command names cannot be had
    pub(crate) fn cause(&mut self, command: impl Into<Command>) -> Cause {
        match self.refused(command) {
            Error::Addresses(faults) => faults.lowest().cause,
            other => panic!("not for an address: {other}"),
        }
    }

    /// The process is gone; a new one reads the log
    pub(crate) fn restart(&mut self) {
        let mut engine = Engine::with_seed(2);
        for event in &self.log {
            engine.apply(&serde_json::from_str(event).unwrap()).unwrap();
        }
        assert_eq!(engine, self.engine);
        assert_eq!(engine.digest(), self.engine.digest());
        self.engine = engine;
    }

    /// Where a task stands
    pub(crate) fn state(&self, task: Task) -> Option<TaskState> {
        self.engine.at(self.now).task(task).map(|task| task.state)
    }

    /// What an interface has, in order of assignment
    pub(crate) fn addresses(&self, id: &str) -> String {
        let all = self.engine.addresses(eni(id)).unwrap();
        all.map(|of| of.address.to_string()).collect::<Vec<_>>().join(",")
    }

    pub(crate) fn usage(&self) -> FamilyUsage {
        let usage = self.engine.at(self.now).subnet_usage(subnet()).unwrap().v4.unwrap();
        let all = [usage.structural, usage.reserved, usage.assigned, usage.held, usage.quarantined];
        assert_eq!(all.iter().sum::<u128>() + usage.free, usage.total);
        usage
    }

    /// The end of a story
    pub(crate) fn end(mut self) {
        self.restart();
        self.engine.check().unwrap();
    }
}

pub(crate) const fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis)
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

/// The address of 10.0.0.0/29 so far above its first
pub(crate) fn ip(offset: u8) -> IpAddr {
    IpAddr::from([10, 0, 0, offset])
}

/// So many, any
pub(crate) fn any(id: &str, count: u32) -> Assign {
    Assign::new(eni(id), Pick::any(count))
}

/// This one
pub(crate) fn named(id: &str, offset: u8) -> Assign {
    Assign::new(eni(id), Pick::these([ip(offset)]))
}

pub(crate) fn release(id: &str, offset: u8) -> Unassign {
    Unassign::new(eni(id), [ip(offset)])
}

pub(crate) fn primary_of(engine: &Engine, id: &str) -> Option<IpAddr> {
    engine.interface(eni(id)).unwrap().primary_v4.map(IpAddr::V4)
}
