//! Deadlines, what happens at them, and what is in quarantine

use alloc::vec::Vec;
use core::net::IpAddr;

use ipnet::IpNet;

use crate::command::Limits;
use crate::engine::{At, Questions};
use crate::event::OnExpiry;
use crate::id::{InterfaceId, Reason, Revision, SubnetId, Task, Timestamp};
use crate::space::address::Family;
use crate::space::list::AddrList;
use crate::state::tasks::Stage;

/// An address or a prefix in quarantine after its release
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Resting {
    /// The address; for a prefix, its first address or the one that was asked about
    pub address: IpAddr,
    /// The prefix, if a prefix is in quarantine
    pub prefix: Option<IpNet>,
    /// When it is free
    pub until: Timestamp,
    /// The interface that had it last, which may be deleted by now
    pub by: InterfaceId,
    /// The revision that released it
    pub since: Revision,
    /// The reason that the caller gave, if any
    pub reason: Option<Reason>,
}

/// A deadline that has passed and frees addresses
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Due {
    /// The quarantine of addresses ended; they are free
    Rested {
        /// When
        at: Timestamp,
        /// The subnet that they lie in
        subnet: SubnetId,
        /// The addresses
        addresses: AddrList,
    },
    /// The deadline of a hold passed
    Expired {
        /// When
        at: Timestamp,
        /// The hold
        task: Task,
        /// The interface that its addresses are held for
        interface: InterfaceId,
        /// The addresses that the interface loses; none if the outcome of the hold is unknown
        lost: AddrList,
        /// When those are free, which may have passed as well; for an unknown hold the same as `at`
        free_at: Timestamp,
    },
}

impl Due {
    /// When it falls due
    pub const fn at(&self) -> Timestamp {
        match self {
            Self::Rested { at, .. } | Self::Expired { at, .. } => *at,
        }
    }
}

impl At<'_> {
    /// The deadlines that have passed by then and that no event records yet, in the order in which they happen
    ///
    /// For callers that act on them. Ask before you apply an event of that time, as the event itself does not list
    /// them. Costs a sort of what is returned.
    ///
    /// ```
    #[doc = include_str!("../example.txt")]
    /// let rest = Rest::for_millis(1_000);
    /// let address: std::net::IpAddr = "10.0.0.5".parse().unwrap();
    /// let release = Unassign::new(eni, [address]).rest(rest);
    /// engine.execute(Timestamp::ZERO, &release.into()).unwrap();
    /// let at = Timestamp::from_millis(1_000);
    /// let due: Vec<_> = engine.at(at).due().collect();
    /// assert_eq!(due, [Due::Rested { at, subnet, addresses: [address].into_iter().collect() }]);
    /// ```
    pub fn due(&self) -> impl ExactSizeIterator<Item = Due> + use<> {
        let (at, state) = (self.time, &self.engine.state);
        let mut due = Vec::new();
        for (key, block, rest) in state.due_rests(at) {
            let Some(subnet) = state.subnets.id(key.subnet()) else { continue };
            let units = block.owners.iter(rest.list);
            let addresses = AddrList::from_parts(units.map(|(unit, _)| block.part(unit)));
            let what = Due::Rested { at: rest.until, subnet, addresses };
            due.push(((rest.until, None, rest.serial), what));
        }
        for (task, record) in state.tasks.due(at) {
            let Stage::Running(at) = record.stage else { continue };
            let (lost, free_at) = match record.expired {
                OnExpiry::Release { rest_millis } => {
                    (record.all().into_owned(), at.after(rest_millis))
                }
                OnExpiry::Unknown => (AddrList::new(), at),
            };
            let what = Due::Expired { at, task, interface: record.interface.id(), lost, free_at };
            due.push(((at, Some(task), 0), what));
        }
        // Of one time holds come first.
        due.sort_by_key(|&((at, task, serial), _)| (at, task.is_none(), task, serial));
        due.into_iter().map(|(_, what)| what)
    }
}

impl Questions {
    /// The earliest deadline of all: of a quarantine, a hold, a finished task or a token
    ///
    /// This is when a [`Command::Sweep`](crate::Command::Sweep) will next have something to do. Every decision treats
    /// a passed deadline as handled, whether or not it was swept.
    ///
    /// ```
    #[doc = include_str!("../example.txt")]
    /// assert_eq!(engine.next_deadline(), None);
    /// let until = Timestamp::from_millis(30_000);
    /// let held = Assign::new(eni, Pick::any(1)).hold(Hold::until(until));
    /// engine.execute(Timestamp::ZERO, &held.into()).unwrap();
    /// assert_eq!(engine.next_deadline(), Some(until));
    /// ```
    pub fn next_deadline(&self) -> Option<Timestamp> {
        self.state.next_deadline()
    }

    /// The addresses and prefixes of a subnet in quarantine, in the order in which they become free
    ///
    /// `None` if there is no such subnet, or it has no addresses of `family`.
    ///
    /// ```
    #[doc = include_str!("../example.txt")]
    /// let address: std::net::IpAddr = "10.0.0.5".parse().unwrap();
    /// let rest = Rest::for_millis(1_000).because("conntrack".parse().unwrap());
    /// let release = Unassign::new(eni, [address]).rest(rest);
    /// engine.execute(Timestamp::ZERO, &release.into()).unwrap();
    /// let resting: Vec<_> = engine.quarantine(subnet, Family::V4).unwrap().collect();
    /// assert_eq!((resting[0].address, resting[0].by), (address, eni));
    /// assert_eq!(resting[0].until, Timestamp::from_millis(1_000));
    /// ```
    pub fn quarantine(
        &self,
        subnet: SubnetId,
        family: Family,
    ) -> Option<impl Iterator<Item = Resting> + '_> {
        let block = self.block(subnet, family)?;
        let rests = block.rests.iter().flat_map(|rests| rests.iter());
        Some(rests.flat_map(move |(_, rest)| {
            block.owners.iter(rest.list).map(move |(unit, since)| Resting {
                address: block.address(unit.span.first),
                prefix: unit.is_prefix.then(|| block.prefix(unit.span)),
                until: rest.until,
                by: rest.by.id(),
                since,
                reason: rest.reason.as_deref().copied(),
            })
        }))
    }

    /// How much is kept for callers that come back
    ///
    /// ```
    /// use ipam_core::{Engine, Limits};
    ///
    /// assert_eq!(Engine::new().limits(), Limits::DEFAULT);
    /// ```
    pub const fn limits(&self) -> Limits {
        self.state.limits
    }
}
