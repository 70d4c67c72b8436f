//! The result of deciding a command

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::net::IpAddr;

use super::{Change, Event};
use crate::error::Error;
use crate::id::{Revision, SubnetId, Task};
use crate::space::list::AddrList;

/// The result of deciding a command: one event or no change, and in either case the answer
#[derive(Clone, Debug)]
pub struct Decision {
    pub(crate) revision: Revision,
    /// One without changes is [`Event::nothing`]
    pub(crate) event: Event,
    /// None if it is what the event's first change assigns, holds or releases, or nothing
    pub(crate) answer: Option<AddrList>,
    /// What is known from a token, where the event does not say it
    pub(crate) recalled: Option<Box<Recalled>>,
    /// One a command, of a batch
    pub(crate) answers: Option<Vec<Answer>>,
    /// The rules that adopted addresses break; never empty
    pub(crate) violations: Option<Box<[Error]>>,
}

/// The answer to one command of a batch
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Answer {
    pub(crate) addresses: AddrList,
    pub(crate) recalled: Recalled,
}

/// What a command did besides its addresses
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Recalled {
    /// The task that it started
    pub(crate) task: Option<Task>,
    /// The address that it made primary; the first, if there are several
    pub(crate) primary: Option<IpAddr>,
}

impl Recalled {
    /// What these changes, of an event that makes `revision`, tell of it
    pub(crate) fn of(changes: &[Change], revision: Revision) -> Self {
        let task = changes.iter().find_map(|change| match change {
            Change::Held(held) => Some(Task::new(revision, held.index)),
            _ => None,
        });
        let primary = changes.iter().find_map(|change| match change {
            Change::PrimarySet(set) => Some(set.address),
            _ => None,
        });
        Self { task, primary }
    }
}

impl PartialEq for Decision {
    fn eq(&self, other: &Self) -> bool {
        (self.revision, self.event(), self.answer(), self.recalled(), &self.answers)
            == (other.revision, other.event(), other.answer(), other.recalled(), &other.answers)
            && self.violations == other.violations
    }
}

impl Eq for Decision {}

#[cfg(feature = "serde")]
mod decision_forms {
    use super::{AddrList, Answer, Box, Decision, Error, Event, Recalled, Revision, Vec};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize)]
    #[serde(rename = "Decision")]
    struct Shown<'a> {
        revision: Revision,
        event: Option<&'a Event>,
        answer: &'a AddrList,
        recalled: Option<&'a Recalled>,
        answers: Option<&'a [Answer]>,
        violations: &'a [Error],
    }

    #[derive(Deserialize)]
    #[serde(rename = "Decision")]
    struct Read {
        revision: Revision,
        event: Option<Event>,
        answer: AddrList,
        recalled: Option<Recalled>,
        answers: Option<Vec<Answer>>,
        violations: Box<[Error]>,
    }

    impl Serialize for Decision {
        fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
            let (revision, answers) = (self.revision, self.answers.as_deref());
            let (event, answer) = (self.event(), self.answer());
            let recalled = self.recalled.as_deref();
            let violations = self.violations();
            Shown { revision, event, answer, recalled, answers, violations }.serialize(to)
        }
    }

    impl<'de> Deserialize<'de> for Decision {
        fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
            let read = Read::deserialize(from)?;
            let Read { revision, event, answer, recalled, answers, violations } = read;
            let event = event.unwrap_or_else(Event::nothing);
            let recalled = recalled.map(Box::new);
            let violations = Some(violations).filter(|violations| !violations.is_empty());
            Ok(Self { revision, event, answer: Some(answer), recalled, answers, violations })
        }
    }
}

impl Decision {
    /// The event to store and apply; `None` when nothing changes
    pub fn event(&self) -> Option<&Event> {
        (!self.is_unchanged()).then_some(&self.event)
    }

    /// The event by value, without a copy; `None` when nothing changes
    pub fn into_event(self) -> Option<Event> {
        (!self.is_unchanged()).then_some(self.event)
    }

    /// Whether nothing changes, because what was asked for is the case already
    pub fn is_unchanged(&self) -> bool {
        self.event.changes.is_empty()
    }

    /// The addresses and prefixes assigned, held or released, in the order asked for, chosen addresses after
    /// named ones and prefixes after both
    ///
    /// - An assignment: also those that the interface had already.
    /// - A count to be ensured: all addresses that count.
    /// - A deleted interface: everything that it had, by subnet and ascending.
    /// - A task: everything that it held; if it failed or was resolved, the addresses that are assigned.
    /// - A move: the addresses that the other interface then has.
    /// - A replaced primary: the new one.
    /// - A repeated request: the answer of the first time.
    /// - Several commands: all of their answers, in order.
    ///
    /// [`AddrList::prefixes`] returns only the prefixes.
    pub fn answer(&self) -> &AddrList {
        match (&self.answer, self.event.changes.first()) {
            (Some(answer), _) => answer,
            (None, Some(first)) => first.addresses(),
            (None, None) => AddrList::none(),
        }
    }

    /// The answer to one of the commands given to [`decide_all`](crate::Engine::decide_all)
    ///
    /// `None` if there were fewer commands; a single command's answer has index 0.
    pub fn answer_to(&self, index: usize) -> Option<&AddrList> {
        match (&self.answers, index) {
            (Some(answers), _) => answers.get(index).map(|answer| &answer.addresses),
            (None, 0) => Some(self.answer()),
            (None, _) => None,
        }
    }

    /// What it newly assigns or holds, by subnet and in order
    ///
    /// For a request to several subnets, this says which subnet each address comes from.
    ///
    /// ```
    /// # use ipam_core::*;
    /// # let (mut engine, now) = (Engine::new(), Timestamp::ZERO);
    /// # let (vpc, eni) = ("vpc-1".parse()?, "eni-1".parse()?);
    /// let (a, b) = ("subnet-a".parse()?, "subnet-b".parse()?);
    /// # engine.execute(now, &CreateVpc::new(vpc).into())?;
    /// for (subnet, cidr) in [(a, "10.0.0.0/24"), (b, "2001:db8::/64")] {
    ///     let create = CreateSubnet::new(subnet, vpc, Profile::PLAIN).cidr(cidr.parse()?);
    ///     engine.execute(now, &create.into())?;
    /// }
    /// # engine.execute(now, &CreateInterface::new(eni, a).into())?;
    /// let decision = engine.execute(now, &Assign::new(eni, Pick::any(1)).from_each([a, b]).into())?;
    /// let given: Vec<_> = decision.given().map(|(subnet, of)| (subnet, of.to_string())).collect();
    /// assert_eq!(given, [(a, "10.0.0.1".into()), (b, "2001:db8::1".into())]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn given(&self) -> impl Iterator<Item = (SubnetId, &AddrList)> {
        self.event.changes.iter().filter_map(Change::given)
    }

    /// The rules that the adopted addresses break: what an assignment would have been refused for, in order of
    /// precedence
    ///
    /// Only [`Adopt`](crate::Adopt) has them: the interface's state or one of its tasks, a primary that the profile
    /// does not allow, every address that is withheld or in quarantine, the quota. Several commands have the
    /// violations of each, in order. There are none if nothing was new, or if the request is repeated. To ask later
    /// what still applies, use [`Engine::explain_address`](crate::Questions::explain_address): for an address in use it says what
    /// else would keep it from being assigned.
    ///
    /// ```
    #[doc = include_str!("../engine/example.txt")]
    /// let gateway: std::net::IpAddr = "10.0.0.1".parse().unwrap();
    /// let decision = engine.execute(Timestamp::ZERO, &Adopt::new(eni, [gateway]).into()).unwrap();
    /// let why = "address 0 of the list, `10.0.0.1`, is the gateway";
    /// assert_eq!(decision.violations()[0].to_string(), why);
    /// ```
    pub fn violations(&self) -> &[Error] {
        self.violations.as_deref().unwrap_or_default()
    }

    /// The task that the command started, if it holds addresses; the first, if there are several commands
    ///
    /// For a repeated request, the task of the first time.
    pub fn task(&self) -> Option<Task> {
        self.recalled().task
    }

    /// The task that one of the commands given to [`decide_all`](crate::Engine::decide_all) started
    pub fn task_of(&self, index: usize) -> Option<Task> {
        match (&self.answers, index) {
            (Some(answers), _) => answers.get(index)?.recalled.task,
            (None, 0) => self.task(),
            (None, _) => None,
        }
    }

    /// The address that the command made an interface's primary, if any; the first, if there are several
    ///
    /// For a repeated request, the address of the first time.
    pub fn primary(&self) -> Option<IpAddr> {
        self.recalled().primary
    }

    fn recalled(&self) -> Recalled {
        if let Some(answers) = &self.answers {
            let all = || answers.iter().map(|answer| answer.recalled);
            let (task, primary) = (all().find_map(|of| of.task), all().find_map(|of| of.primary));
            return Recalled { task, primary };
        }
        let of_event = || Recalled::of(&self.event.changes, self.revision);
        self.recalled.as_deref().copied().unwrap_or_else(of_event)
    }

    /// The revision that the event makes, or the engine's revision if nothing changes
    ///
    /// For a repeated request, the revision of the first time; for several commands, that of their event.
    pub const fn revision(&self) -> Revision {
        self.revision
    }
}
