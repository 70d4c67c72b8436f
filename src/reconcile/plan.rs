//! Commands that end differences

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::difference::{assigned, differences_at};
use super::{Debounce, Difference, Observed, Sightings, Standing};
use crate::command::{Adopt, Command, Confirm, Resolve, Rest, Unassign, Wanted};
use crate::engine::{Engine, Questions, Role};
use crate::id::{InterfaceId, Timestamp};
use crate::space::address::Family;
use crate::space::list::AddrList;
use crate::space::parts::Part;

/// Who is right if the engine and the network differ
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Trust {
    /// The engine: the caller corrects the network
    #[default]
    Engine,
    /// The network: the plan corrects the engine
    Network,
}

/// Whom to trust in which differences, how soon, and how far
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct Terms {
    /// Whom to trust about missing addresses: the network's answer releases them
    pub missing: Trust,
    /// Whom to trust about addresses that the engine does not know: the network's answer adopts them
    pub foreign: Trust,
    /// Whom to trust about addresses seen on another interface: the network's answer moves them there
    pub wrong_owner: Trust,
    /// Whom to trust about primaries: the network's answer makes an address primary
    pub wrong_role: Trust,
    /// Whom to trust about holds: the network's answer confirms a hold that was seen, and resolves one that was seen
    /// in part once its deadline has passed
    pub holds: Trust,
    /// When a difference counts; a hold that was seen completely counts at once
    pub debounce: Debounce,
    /// How many addresses one round may take from interfaces
    pub cap: Cap,
}

/// The most addresses that one round may take from interfaces, whether released, moved or lost with a hold; if both
/// limits are given, the smaller one applies
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct Cap {
    /// This many; `None` is unlimited
    pub count: Option<u32>,
    /// This many of every thousand that the engine has assigned or held in the observed part, rounded up; `None` is
    /// unlimited
    pub per_mille: Option<u32>,
}

impl Terms {
    /// Trusts the engine in everything: the plan does nothing, and lists all differences
    pub const fn engine() -> Self {
        Self::of(Trust::Engine)
    }

    /// Trusts the network in everything, at once and without a cap
    pub const fn network() -> Self {
        Self::of(Trust::Network)
    }

    const fn of(trust: Trust) -> Self {
        Self {
            missing: trust,
            foreign: trust,
            wrong_owner: trust,
            wrong_role: trust,
            holds: trust,
            debounce: Debounce::NONE,
            cap: Cap { count: None, per_mille: None },
        }
    }

    /// Sets when a difference counts
    #[must_use]
    pub const fn debounce(mut self, debounce: Debounce) -> Self {
        self.debounce = debounce;
        self
    }

    /// Takes at most this many addresses from interfaces in a round
    #[must_use]
    pub const fn removals(mut self, count: u32) -> Self {
        self.cap.count = Some(count);
        self
    }

    /// Takes at most this many of every thousand addresses from interfaces in a round, rounded up
    #[must_use]
    pub const fn removals_per_mille(mut self, per_mille: u32) -> Self {
        self.cap.per_mille = Some(per_mille);
        self
    }

    /// Whom to trust in a difference; `None` if it cannot be decided
    const fn trust(&self, difference: &Difference) -> Option<Trust> {
        Some(match difference {
            Difference::Missing { .. } => self.missing,
            Difference::Foreign { .. } => self.foreign,
            Difference::WrongOwner { .. } => self.wrong_owner,
            Difference::WrongRole { .. } => self.wrong_role,
            Difference::HoldSeen { .. } => self.holds,
            Difference::Stranger { .. } | Difference::Doubled { .. } => return None,
        })
    }
}

impl Cap {
    /// The most addresses, if this many are assigned
    fn limit(self, assigned: impl FnOnce() -> u64) -> u64 {
        let share = self.per_mille.map(|of| assigned().saturating_mul(of.into()).div_ceil(1000));
        let count = self.count.map(u64::from);
        [count, share].into_iter().flatten().min().unwrap_or(u64::MAX)
    }
}

/// What to do about the differences of one round; each difference is in one of these lists, by rising address
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Plan {
    /// The steps that end differences; they are independent, so a refused one does not affect the others
    pub steps: Vec<Step>,
    /// Differences that the steps end as well: primaries that are replaced by another
    pub implied: Vec<Difference>,
    /// Differences that were not seen often or long enough yet, and holds that were seen in part and may still
    /// succeed
    pub waiting: Vec<Difference>,
    /// Differences that would take more from interfaces than a round may
    pub postponed: Vec<Difference>,
    /// Differences in which the engine is right: the caller corrects the network
    pub network: Vec<Difference>,
    /// Differences that no command of this plan can end: addresses outside every subnet; unknown interfaces;
    /// addresses that were seen twice, are held for another interface, or whose owner was not observed; primaries
    /// that the profile does not let be replaced; and primaries that were seen as secondary while no primary was seen
    pub unresolved: Vec<Difference>,
}

/// How to end one difference
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Step {
    /// The difference
    pub difference: Difference,
    /// The commands, which must be decided together ([`Engine::decide_all`]): a move is a release and an adoption,
    /// and one without the other would be wrong
    pub commands: Vec<Command>,
}

impl Plan {
    /// The differences that this plan does not end
    pub fn left(&self) -> impl Iterator<Item = &Difference> {
        let Self { waiting, postponed, network, unresolved, .. } = self;
        [waiting, postponed, network, unresolved].into_iter().flatten()
    }
}

/// Plans what to do, at a time and on these terms, about what was seen, and records it in `sightings`
///
/// It costs what [`differences`](super::differences) costs. Without differences, the plan has no steps.
///
/// ```
/// use ipam_core::reconcile::{Observed, Seen, Sightings, Terms, plan};
#[doc = include_str!("../engine/example.txt")]
/// let seen = Seen::primary(eni, "10.0.0.4".parse().unwrap());
/// let observed = Observed::in_vpc(vpc, [seen]);
/// let plan = plan(&engine, Timestamp::ZERO, &observed, &Terms::network(), &mut Sightings::new());
/// let [step] = plan.steps.as_slice() else { panic!() };
/// assert_eq!(step.difference.to_string(), "`10.0.0.5` of interface `eni-1` was not seen");
/// assert!(matches!(step.commands.as_slice(), [Command::Unassign(_)]));
/// ```
pub fn plan(
    engine: &Engine,
    now: Timestamp,
    observed: &Observed,
    terms: &Terms,
    sightings: &mut Sightings,
) -> Plan {
    let at = engine.at(now);
    let engine = &*at;
    let all = differences_at(engine, observed);
    sightings.note(now, &all);
    let limit = terms.cap.limit(|| assigned(engine, observed).count() as u64);
    let (mut plan, mut removed) = (Plan::default(), 0u64);
    let mut demoted = Vec::new();
    for difference in all {
        if let Difference::WrongRole { seen: Role::Secondary, .. } = difference {
            demoted.push(difference);
            continue;
        }
        match terms.trust(&difference) {
            None => {
                plan.unresolved.push(difference);
                continue;
            }
            Some(Trust::Engine) => {
                plan.network.push(difference);
                continue;
            }
            Some(Trust::Network) => {}
        }
        let Some(commands) = commands(engine, observed, &difference) else {
            plan.unresolved.push(difference);
            continue;
        };
        let removals = removals(&difference);
        let complete = matches!(&difference, Difference::HoldSeen { .. }) && removals == 0;
        let counts = complete || sightings.counts(now, &difference, terms.debounce);
        if commands.is_empty() || !counts {
            plan.waiting.push(difference);
        } else if removed.saturating_add(removals) > limit {
            plan.postponed.push(difference);
        } else {
            removed = removed.saturating_add(removals);
            plan.steps.push(Step { difference, commands });
        }
    }
    plan.file(demoted);
    plan
}

impl Plan {
    /// Files primaries that were seen as secondary: each with that which was seen as primary in its place
    fn file(&mut self, demoted: Vec<Difference>) {
        let lists: [(Follows, Vec<&Difference>); 4] = [
            (Follows::Implied, self.steps.iter().map(|step| &step.difference).collect()),
            (Follows::Waiting, self.waiting.iter().collect()),
            (Follows::Postponed, self.postponed.iter().collect()),
            (Follows::Network, self.network.iter().collect()),
        ];
        let mut promoted = BTreeMap::new();
        for (follows, differences) in lists {
            for place in differences.into_iter().filter_map(promotion) {
                promoted.entry(place).or_insert(follows);
            }
        }
        for difference in demoted {
            let place = owner(&difference).zip(difference.address().map(Family::of));
            let list = match place.and_then(|place| promoted.get(&place)) {
                Some(Follows::Implied) => &mut self.implied,
                Some(Follows::Waiting) => &mut self.waiting,
                Some(Follows::Postponed) => &mut self.postponed,
                Some(Follows::Network) => &mut self.network,
                None => &mut self.unresolved,
            };
            list.push(difference);
        }
        let Self { implied, waiting, postponed, network, unresolved, .. } = self;
        for list in [implied, waiting, postponed, network, unresolved] {
            list.sort_by_key(Difference::address);
        }
    }
}

/// What becomes of a primary that was seen as secondary: the same as of that which takes its place
#[derive(Clone, Copy)]
enum Follows {
    Implied,
    Waiting,
    Postponed,
    Network,
}

/// Of which interface and family a difference makes an address primary, if it does
fn promotion(difference: &Difference) -> Option<(InterfaceId, Family)> {
    match *difference {
        Difference::Foreign { interface, address, role: Some(Role::Primary), .. }
        | Difference::WrongOwner { seen: interface, address, role: Some(Role::Primary), .. }
        | Difference::WrongRole { interface, address, seen: Role::Primary, .. } => {
            Some((interface, Family::of(address)))
        }
        _ => None,
    }
}

/// Whose role is wrong
const fn owner(difference: &Difference) -> Option<InterfaceId> {
    match difference {
        Difference::WrongRole { interface, .. } => Some(*interface),
        _ => None,
    }
}

/// Addresses that ending a difference by the network's word takes from an interface
fn removals(difference: &Difference) -> u64 {
    match difference {
        Difference::Missing { .. } | Difference::WrongOwner { .. } => 1,
        Difference::HoldSeen { unseen, .. } => u64::try_from(unseen.slots()).unwrap_or(u64::MAX),
        _ => 0,
    }
}

/// What ends a difference by the network's word: nothing where it may end by itself, `None` where nothing can
fn commands(
    engine: &Questions,
    observed: &Observed,
    difference: &Difference,
) -> Option<Vec<Command>> {
    let vpc = observed.vpc;
    let adopt = |interface, address, role: Option<Role>| {
        let wanted = Wanted { address, primary: role == Some(Role::Primary) };
        Command::from(Adopt::new(interface, [wanted]).in_vpc(vpc))
    };
    Some(match *difference {
        Difference::Missing { address, interface, role, generation, .. } => {
            may_lose(engine, interface, role)?;
            let release = Unassign::new(interface, [address]).in_vpc(vpc);
            alloc::vec![release.if_of_generation(generation).into()]
        }
        Difference::Foreign { standing: Standing::Outside, .. } => return None,
        Difference::Foreign { address, interface, role, .. } => {
            alloc::vec![adopt(interface, address, role)]
        }
        Difference::WrongOwner { held: true, .. } => return None,
        Difference::WrongOwner { address, owner, generation, seen, role, .. } => {
            let holder = engine.owner(vpc, address)?;
            // Of a prefix, no address is given away alone.
            if !observed.covers(owner, holder.subnet) || holder.prefix.is_some() {
                return None;
            }
            may_lose(engine, owner, holder.role)?;
            let release = Unassign::new(owner, [address]).in_vpc(vpc).of_generation(generation);
            alloc::vec![release.rest(Rest::for_millis(0)).into(), adopt(seen, address, role)]
        }
        Difference::WrongRole { address, interface, seen: Role::Primary, .. } => {
            alloc::vec![adopt(interface, address, Some(Role::Primary))]
        }
        Difference::HoldSeen { task, ref unseen, .. } if unseen.is_empty() => {
            alloc::vec![Confirm::new(task).into()]
        }
        Difference::HoldSeen { task, ref seen, overdue: true, .. } => {
            let alone = AddrList::from_parts(seen.singles().map(Part::Addresses));
            let resolve = Resolve::new(task, alone.iter()).and_prefixes(seen.prefixes());
            alloc::vec![resolve.into()]
        }
        Difference::HoldSeen { .. } => Vec::new(),
        _ => return None,
    })
}

/// `None` where the profile keeps an interface's primary
fn may_lose(engine: &Questions, interface: InterfaceId, role: Role) -> Option<()> {
    let home = engine.interface(interface)?.subnet;
    let profile = engine.subnet(home)?.profile;
    (role == Role::Secondary || profile.unassign_primary).then_some(())
}
