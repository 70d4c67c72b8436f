//! Where the engine and the network differ

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use core::fmt;
use core::net::IpAddr;

use super::{Observed, Scope};
use crate::engine::{Assignment, Engine, Explanation, Questions, Role, TaskInfo, TaskState};
use crate::error::Cause;
use crate::id::{InterfaceId, Revision, SubnetId, Task, Timestamp};
use crate::space::address::Family;
use crate::space::list::AddrList;
use crate::space::range::AddrRange;
use crate::text::{Few, Quoted};

/// A difference between the engine and the network
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Difference {
    /// The engine has assigned the address, but no interface was seen to have it
    Missing {
        /// The address
        address: IpAddr,
        /// The interface that has it in the engine
        interface: InterfaceId,
        /// The subnet that it lies in
        subnet: SubnetId,
        /// Its role on the interface
        role: Role,
        /// The revision that assigned it
        generation: Revision,
    },
    /// An interface was seen to have an address that is nobody's in the engine
    Foreign {
        /// The address
        address: IpAddr,
        /// The interface that was seen to have it
        interface: InterfaceId,
        /// The role in which it was seen
        role: Option<Role>,
        /// The state of the address in the engine
        standing: Standing,
    },
    /// An interface was seen to have an address that is another interface's in the engine; its owner was not seen to
    /// have it
    WrongOwner {
        /// The address
        address: IpAddr,
        /// The interface that has it in the engine
        owner: InterfaceId,
        /// The revision that assigned or held it
        generation: Revision,
        /// Whether it is held for the owner
        held: bool,
        /// The interface that was seen to have it
        seen: InterfaceId,
        /// The role in which it was seen there
        role: Option<Role>,
    },
    /// The address was seen on its owner, but in another role
    WrongRole {
        /// The address
        address: IpAddr,
        /// The interface that has it
        interface: InterfaceId,
        /// Its role on the interface in the engine
        role: Role,
        /// The role in which it was seen
        seen: Role,
    },
    /// Addresses that a task holds were seen on its interface: the cloud call has succeeded, at least in part
    HoldSeen {
        /// The task
        task: Task,
        /// Its interface
        interface: InterfaceId,
        /// The addresses of the task that were seen
        seen: AddrList,
        /// The addresses of the task that were not seen
        unseen: AddrList,
        /// Whether the task's deadline has passed
        overdue: bool,
    },
    /// An interface that does not exist in this VPC of the engine was seen to have the address
    Stranger {
        /// The address
        address: IpAddr,
        /// The interface
        interface: InterfaceId,
        /// The interface that has the address in the engine
        owner: Option<InterfaceId>,
    },
    /// Several interfaces were seen to have the address
    Doubled {
        /// The address
        address: IpAddr,
        /// The interfaces, by rising id
        interfaces: Vec<InterfaceId>,
        /// The interface that has it in the engine
        owner: Option<InterfaceId>,
    },
}

/// The state of an address that is nobody's in the engine
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Standing {
    /// It is free
    Free,
    /// It is withheld, by a rule or a reserved range
    Withheld {
        /// The first reason
        cause: Cause,
    },
    /// It is in quarantine
    Resting {
        /// When it is free
        until: Timestamp,
        /// The interface that had it last
        by: InterfaceId,
    },
    /// It lies in no subnet of the VPC
    Outside,
}

impl Difference {
    /// The address; for a hold, the first that was seen
    pub fn address(&self) -> Option<IpAddr> {
        match self {
            Self::Missing { address, .. }
            | Self::Foreign { address, .. }
            | Self::WrongOwner { address, .. }
            | Self::WrongRole { address, .. }
            | Self::Stranger { address, .. }
            | Self::Doubled { address, .. } => Some(*address),
            Self::HoldSeen { seen, .. } => seen.iter().next(),
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { address, interface, .. } => {
                write!(f, "`{address}` of interface `{interface}` was not seen")
            }
            Self::Foreign { address, interface, standing, .. } => {
                write!(f, "`{address}` was seen on interface `{interface}`, and {standing}")
            }
            Self::WrongOwner { address, owner, held, seen, .. } => {
                let verb = if *held { "held" } else { "assigned" };
                write!(f, "`{address}` was seen on interface `{seen}`, and is {verb} ")?;
                write!(f, "{} `{owner}`", if *held { "for" } else { "to" })
            }
            Self::WrongRole { address, interface, seen, .. } => {
                let (seen, to) = match seen {
                    Role::Primary => ("the primary", "a secondary"),
                    Role::Secondary => ("a secondary", "the primary"),
                };
                write!(f, "`{address}` was seen as {seen} address of interface `{interface}`, ")?;
                write!(f, "and is {to} one")
            }
            Self::HoldSeen { task, interface, seen, unseen, .. } => {
                let few = |list| Few(AddrList::parts(list).map(Quoted));
                write!(f, "{} of task `{task}` was seen on interface `{interface}`", few(seen))?;
                if unseen.is_empty() { Ok(()) } else { write!(f, ", and {} was not", few(unseen)) }
            }
            Self::Stranger { address, interface, owner } => {
                write!(f, "`{address}` was seen on interface `{interface}`, which is not known")?;
                owner.map_or(Ok(()), |owner| write!(f, ", and is assigned to `{owner}`"))
            }
            Self::Doubled { address, interfaces, .. } => {
                write!(f, "`{address}` was seen on {} interfaces", interfaces.len())
            }
        }
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Free => f.write_str("is free"),
            Self::Withheld { cause } => cause.fmt(f),
            Self::Resting { until, .. } => write!(f, "rests until {until}"),
            Self::Outside => f.write_str("lies in no subnet"),
        }
    }
}

/// The differences between an engine, as of a time, and what was seen, by rising address
///
/// If several primaries were seen for one interface and family, their roles are ignored. The cost is a look at
/// everything that was seen; at deadlines that have passed and are not swept; at what is assigned within the scope;
/// and at all holds of an interface on which one of their addresses was seen. Unless the scope lists interfaces, it
/// also looks at every interface of the engine once ([`Questions::interfaces`]).
///
/// ```
/// use ipam_core::reconcile::{Observed, Seen, differences};
#[doc = include_str!("../engine/example.txt")]
/// let seen = ["10.0.0.4", "10.0.0.9"].map(|of| Seen::new(eni, of.parse().unwrap()));
/// let all = differences(&engine, Timestamp::ZERO, &Observed::in_vpc(vpc, seen));
/// let all: Vec<String> = all.iter().map(ToString::to_string).collect();
/// assert_eq!(all, [
///     "`10.0.0.5` of interface `eni-1` was not seen",
///     "`10.0.0.9` was seen on interface `eni-1`, and is free",
/// ]);
/// ```
pub fn differences(engine: &Engine, now: Timestamp, observed: &Observed) -> Vec<Difference> {
    differences_at(&engine.at(now), observed)
}

/// The same as of the time that an engine is asked about
pub(super) fn differences_at(engine: &Questions, observed: &Observed) -> Vec<Difference> {
    let look = Look::new(observed);
    let mut found = Vec::new();
    let mut with_holds = BTreeSet::new();
    for (&address, holders) in &look.seen {
        let stand = engine.explain_address(observed.vpc, address);
        found.extend(look.compare(engine, observed, address, &stand, holders, &mut with_holds));
    }
    // By interface, and not as their addresses come, so that each hold is looked at once.
    for interface in with_holds {
        let tasks = engine.tasks_of_interface(interface);
        found.extend(tasks.filter_map(|task| look.hold(&task)));
    }
    for (interface, of) in assigned(engine, observed) {
        let recent = observed.is_recent(of.generation);
        if !of.held && !recent && !look.seen.contains_key(&of.address) {
            let Assignment { address, subnet, role, generation, .. } = of;
            found.push(Difference::Missing { address, interface, subnet, role, generation });
        }
    }
    found.sort_by_key(Difference::address);
    found
}

/// What the engine has assigned or held where it was looked, by interface
pub(super) fn assigned<'a>(
    engine: &'a Questions,
    observed: &'a Observed,
) -> impl Iterator<Item = (InterfaceId, Assignment)> + 'a {
    let interfaces: BTreeSet<InterfaceId> = match &observed.scope {
        Scope::Interfaces(interfaces) => {
            let here =
                |id: &InterfaceId| engine.interface(*id).is_some_and(|of| of.vpc == observed.vpc);
            interfaces.iter().copied().filter(here).collect()
        }
        Scope::Vpc | Scope::Subnets(_) => engine.interfaces(observed.vpc).collect(),
    };
    let subnets: Option<BTreeSet<SubnetId>> = match &observed.scope {
        Scope::Subnets(subnets) => Some(subnets.iter().copied().collect()),
        Scope::Vpc | Scope::Interfaces(_) => None,
    };
    let all = interfaces
        .into_iter()
        .flat_map(|id| engine.addresses(id).into_iter().flatten().map(move |of| (id, of)));
    all.filter(move |(_, of)| subnets.as_ref().is_none_or(|all| all.contains(&of.subnet)))
}

/// Who was seen to have each address, and as what
struct Look {
    seen: BTreeMap<IpAddr, BTreeMap<InterfaceId, Option<Role>>>,
    /// Primaries seen, of each interface and family
    primaries: BTreeMap<(InterfaceId, Family), u32>,
}

impl Look {
    fn new(observed: &Observed) -> Self {
        let mut seen = BTreeMap::<IpAddr, BTreeMap<InterfaceId, Option<Role>>>::new();
        for of in &observed.seen {
            let role = seen.entry(of.address).or_default().entry(of.interface).or_default();
            // Of what was said twice, the most that was said.
            *role = match (*role, of.role) {
                (Some(Role::Primary), _) | (_, Some(Role::Primary)) => Some(Role::Primary),
                (role, other) => role.or(other),
            };
        }
        let mut primaries = BTreeMap::<(InterfaceId, Family), u32>::new();
        for (&address, holders) in &seen {
            for (&interface, _) in holders.iter().filter(|of| *of.1 == Some(Role::Primary)) {
                let count = primaries.entry((interface, Family::of(address))).or_default();
                *count = count.saturating_add(1);
            }
        }
        Self { seen, primaries }
    }

    /// In what an address that was seen differs; notes the interface that it is held for
    fn compare(
        &self,
        engine: &Questions,
        observed: &Observed,
        address: IpAddr,
        stand: &Explanation,
        holders: &BTreeMap<InterfaceId, Option<Role>>,
        holds: &mut BTreeSet<InterfaceId>,
    ) -> Option<Difference> {
        let owner = stand.holder.map(|of| of.interface);
        let mut all = holders.iter();
        let (&interface, &role) = all.next()?;
        if all.next().is_some() {
            let interfaces = holders.keys().copied().collect();
            return Some(Difference::Doubled { address, interfaces, owner });
        }
        if engine.interface(interface).is_none_or(|of| of.vpc != observed.vpc) {
            return Some(Difference::Stranger { address, interface, owner });
        }
        let several = self.primaries.get(&(interface, Family::of(address))) > Some(&1);
        let role = role.filter(|_| !several);
        let rested = stand.rest.map(|rest| rest.since);
        let made = stand.holder.map(|holder| holder.generation).or(rested);
        if made.is_some_and(|made| observed.is_recent(made)) && owner != Some(interface) {
            return None;
        }
        let Some(holder) = stand.holder else {
            let standing = Standing::of(stand);
            return Some(Difference::Foreign { address, interface, role, standing });
        };
        if holder.interface != interface {
            let (generation, held) = (holder.generation, holder.held);
            let (owner, seen) = (holder.interface, interface);
            return Some(Difference::WrongOwner { address, owner, generation, held, seen, role });
        }
        if holder.held {
            holds.insert(interface);
            return None;
        }
        // Its prefix may be used address by address, and has no role.
        let seen = role.filter(|&role| role != holder.role && holder.prefix.is_none())?;
        Some(Difference::WrongRole { address, interface, role: holder.role, seen })
    }

    /// A hold, if something of it was seen on its interface alone
    fn hold(&self, task: &TaskInfo) -> Option<Difference> {
        let alone = |(_, holders): (&IpAddr, &BTreeMap<InterfaceId, Option<Role>>)| {
            holders.len() == 1 && holders.contains_key(&task.interface)
        };
        // Of a prefix, one address is enough: it is used or not as a whole.
        let was_seen = |of: AddrRange| self.seen.range(of.first()..=of.last()).any(alone);
        let (mut seen, mut unseen) = (AddrList::new(), AddrList::new());
        for part in task.addresses.parts() {
            if part.is_prefix() {
                let list = if was_seen(part.range()) { &mut seen } else { &mut unseen };
                list.push_part(part);
                continue;
            }
            for one in AddrList::from(part.range()).iter().map(AddrRange::one) {
                if was_seen(one) { &mut seen } else { &mut unseen }.push(one);
            }
        }
        if seen.is_empty() {
            return None;
        }
        Some(Difference::HoldSeen {
            task: task.task,
            interface: task.interface,
            seen,
            unseen,
            overdue: matches!(task.state, TaskState::Unknown { .. }),
        })
    }
}

impl Standing {
    fn of(explanation: &Explanation) -> Self {
        let withheld = |cause: &&Cause| !matches!(cause, Cause::Quarantined { .. });
        match (explanation.subnet, explanation.rest) {
            (None, _) => Self::Outside,
            (_, Some(rest)) => Self::Resting { until: rest.until, by: rest.by },
            _ => match explanation.causes.iter().find(withheld) {
                Some(&cause) => Self::Withheld { cause },
                None => Self::Free,
            },
        }
    }
}
