//! Runs the operations of a case

use std::net::IpAddr;

use ipam_core::{
    AddrList, AddrRange, Assign, Assignment, Cause, Command, Error, Family, FamilyUsage,
    InterfaceId, Pick, Status, Unassign, Wanted,
};

use crate::answer::Answer;
use crate::case::{Case, Op};
use crate::space;
use crate::support::{self, Missing};
use crate::world::{NOW, Subnet, World};

/// How a case went
#[derive(Debug)]
pub(crate) enum Verdict {
    Passed,
    /// The operation at this index, or at none of them, and what is wrong
    Failed {
        at: Option<usize>,
        why: String,
    },
    Skipped(Vec<Missing>),
}

/// What an operation came to; an error is a defect of the case or of the engine, not a refusal
type Outcome = Result<Answer, String>;

const MALFORMED: Outcome = Ok(Answer::Refused("malformed"));

pub(crate) fn run(case: &Case) -> Verdict {
    let missing = support::missing(case);
    if !missing.is_empty() {
        return Verdict::Skipped(missing);
    }
    let mut world = match World::new(case) {
        Ok(world) => world,
        Err(why) => return Verdict::Failed { at: None, why },
    };
    for (at, op) in case.ops.iter().enumerate() {
        let why = match world.perform(op) {
            // Under `any`, which addresses are picked is a fact, and their order is not.
            Ok(answer) if answer.is(&op.expect, case.picks_any(op)) => continue,
            Ok(answer) => format!("expected {}, got {answer}", op.expect),
            Err(why) => format!("expected {}, but {why}", op.expect),
        };
        return Verdict::Failed { at: Some(at), why };
    }
    match world.audit() {
        Ok(()) => Verdict::Passed,
        Err(why) => Verdict::Failed { at: None, why },
    }
}

impl<'c> World<'c> {
    fn perform(&mut self, op: &'c Op) -> Outcome {
        match op.operation.name {
            "assign" => self.assign(op),
            "release" => self.release(op),
            "release_nth" => self.release_nth(op),
            "reserve" => self.reserve(op),
            "add_subnet" => self.create_subnet(op),
            "set_nic_state" => self.set_nic_state(op),
            "free" => Ok(Answer::Number(self.usage(op)?.free)),
            "used" => Ok(Answer::Number(self.usage(op)?.assigned)),
            "capacity" => self.capacity(op),
            "has" => self.has(op),
            "list" => self.list(op),
            "free_ranges" => Ok(Answer::Ranges(self.free_ranges(self.named_subnet(op)?))),
            "last_assigned" => Ok(Answer::Addresses(self.last_assigned.into_iter().collect())),
            "last_address" => {
                let last = self.named_subnet(op)?.net.broadcast();
                Ok(Answer::Addresses([last].into_iter().collect()))
            }
            "nth" => self.nth(op),
            name => Err(format!("`{name}` is not implemented")),
        }
    }

    fn assign(&mut self, op: &'c Op) -> Outcome {
        let Some(list) = wanted(op)? else { return MALFORMED };
        let range = op.args.text("range")?.map(space::range);
        if range == Some(None) {
            return MALFORMED;
        }
        let range = range.flatten();
        let count = match op.args.value("count") {
            Some(count) if count.as_i64().is_some_and(|count| count < 0) => Some(0),
            _ => op.args.number("count")?,
        };
        let first = list.first().map(|wanted| wanted.address);
        let subnet = self.subnet_at(first.or(range.map(|range| range.first())))?;
        let interface = match op.args.text("owner")? {
            Some(owner) => self.owner(owner)?,
            None => self.new_interface()?,
        };

        let own = |wanted: &Wanted| self.holder(wanted.address) == Some(interface);
        let first_own = list.iter().position(own).filter(|_| op.args.flag("strict") == Ok(true));
        let mut pick = Pick::these(list);
        pick.count = count.map(|count| u32::try_from(count).unwrap_or(u32::MAX));
        pick.family = range.map(|range| range.family());
        let window = self.window(subnet.net);
        pick.within = range.or(window);
        let command = Assign::new(interface, pick).from_subnet(subnet.id).into();

        // A range may reach beyond the window but not beyond the subnet, which the engine cannot know;
        // and a command asks for no more than 2^32 - 1. Both would be refused later than the rest.
        let beyond = window.zip(range).is_some_and(|(window, range)| {
            AddrRange::from(subnet.net).contains(range.last())
                && space::common(window, range) != Some(range)
        });
        let too_many = count.is_some_and(|count| count > u32::MAX.into());
        if beyond || too_many {
            let late = if beyond { "out_of_range" } else { "exhausted" };
            return match self.engine.decide(NOW, &command) {
                Err(error) if !beyond || error.code() < 510 => Self::refusal(&error, subnet.net),
                Ok(_) if too_many && !self.has_fewer(subnet, count) => {
                    Err("the count is beyond one command".into())
                }
                _ => Ok(Answer::Refused(late)),
            };
        }

        // The profile gives an interface its own addresses again. A strict operation is refused at the
        // first of them, unless something that comes before that is at fault.
        if let Some(first_own) = first_own {
            return match self.engine.decide(NOW, &command) {
                Err(Error::Addresses(faults)) if faults.lowest().index < first_own => {
                    Self::refusal(&Error::Addresses(faults), subnet.net)
                }
                Err(error) if error.code() < 510 => Self::refusal(&error, subnet.net),
                _ => Ok(Answer::Refused("in_use")),
            };
        }

        let decision = match self.execute(command)? {
            Ok(decision) => decision,
            Err(error) => return Self::refusal(&error, subnet.net),
        };
        let answer = decision.answer().clone();
        self.check_given(&answer, interface, range.or(window).unwrap_or(subnet.net.into()))?;
        self.last_assigned = answer.iter().last().or(self.last_assigned);
        Ok(Answer::Addresses(answer))
    }

    /// What must hold of any addresses given, whatever is expected of them
    fn check_given(
        &self,
        given: &AddrList,
        interface: InterfaceId,
        within: AddrRange,
    ) -> Result<(), String> {
        let distinct: u128 = space::unite(given.ranges()).iter().map(AddrRange::count).sum();
        if distinct != given.count() {
            return Err(format!("{given} has an address twice"));
        }
        for run in given.ranges() {
            for address in [run.first(), run.last()] {
                if !within.contains(address) {
                    return Err(format!("{address} lies outside {within}"));
                }
                if self.holder(address) != Some(interface) {
                    return Err(format!("{address} was given, but to nobody"));
                }
            }
        }
        Ok(())
    }

    fn has_fewer(&self, subnet: Subnet, count: Option<u128>) -> bool {
        self.counts(subnet).is_ok_and(|usage| Some(usage.free) < count)
    }

    fn release(&mut self, op: &'c Op) -> Outcome {
        let Some(text) = op.args.text("addr")? else {
            return Ok(Answer::Refused("missing_parameter"));
        };
        let Ok(address) = text.parse::<IpAddr>() else { return MALFORMED };
        // Without an owner, or by force, a release acts for the holder; if there is none, for a stranger.
        let force = op.args.flag("force")?;
        let owner = op.args.text("owner")?.filter(|_| !force);
        let interface = match (owner, self.holder(address)) {
            (Some(owner), _) => self.owner(owner)?,
            (None, Some(holder)) => holder,
            (None, None) => self.new_interface()?,
        };
        let net = self.subnet_at(Some(address))?.net;
        match self.execute(Unassign::new(interface, [address]))? {
            Ok(decision) if decision.is_unchanged() => Ok(Answer::Noop),
            Ok(_) => Ok(Answer::Done),
            // To the format, an address that lies elsewhere is as free as any other.
            Err(Error::Addresses(faults)) if faults.lowest().cause == Cause::OutOfRange => {
                let noop = self.case.releasing_free_is_noop;
                Ok(if noop { Answer::Noop } else { Answer::Refused("not_allocated") })
            }
            Err(error) => Self::refusal(&error, net),
        }
    }

    fn release_nth(&mut self, op: &'c Op) -> Outcome {
        let interface = self.owner(op.args.required_text("owner")?)?;
        let net = self.home()?.net;
        let indices = op.args.value("index").and_then(|value| value.as_array());
        let indices = indices.ok_or("`index` is not a list")?;
        // The order of assignment: the engine keeps it within a subnet, generations across several.
        let Some(held) = self.engine.addresses(interface) else {
            return Ok(Answer::Refused("no_such_interface"));
        };
        let mut held: Vec<Assignment> = held.collect();
        held.sort_by_key(|assignment| assignment.generation);
        let mut chosen = Vec::new();
        for index in indices {
            let index = index.as_u64().ok_or("an index that is not a number")?;
            match usize::try_from(index).ok().and_then(|index| held.get(index)) {
                Some(assignment) => chosen.push(assignment.address),
                None => return Ok(Answer::Refused("not_allocated")),
            }
        }
        match self.execute(Unassign::new(interface, chosen))? {
            Ok(_) => Ok(Answer::Done),
            Err(error) => Self::refusal(&error, net),
        }
    }

    fn reserve(&mut self, op: &'c Op) -> Outcome {
        let fields = ["addr", "cidr", "range"].map(|key| op.args.text(key));
        let mut given = Vec::new();
        for field in fields {
            given.extend(field?);
        }
        let [text] = given.as_slice() else {
            return Err("takes one of `addr`, `cidr` and `range`".into());
        };
        let Some(range) = space::range(text) else { return MALFORMED };
        let Subnet { net, id } = self.subnet_at(Some(range.first()))?;
        // What the record reserves is a set, so it may be reserved once more. Where it is a range to the
        // engine, only the gaps are news; a range wholly in it goes no further.
        let united =
            space::unite(self.hard.iter().copied().filter(|hard| hard.family() == range.family()));
        let gaps = space::without(range, &united).into_iter();
        let commands: Vec<Command> =
            gaps.map(|range| Command::ReserveRange { subnet: id, range }).collect();
        match self.execute_all(&commands)? {
            Ok(_) => Ok(Answer::Done),
            Err(error) => Self::refusal(&error, net),
        }
    }

    fn create_subnet(&mut self, op: &'c Op) -> Outcome {
        let Some(net) = space::net(op.args.required_text("cidr")?) else { return MALFORMED };
        match self.add_subnet(net)? {
            Ok(_) => Ok(Answer::Done),
            Err(error) => Self::refusal(&error, net),
        }
    }

    fn set_nic_state(&mut self, op: &'c Op) -> Outcome {
        let word = op.args.required_text("state")?;
        let status = status(word).ok_or_else(|| format!("no state is known as `{word}`"))?;
        let interface = self.owner(op.args.required_text("owner")?)?;
        let net = self.home()?.net;
        match self.execute(Command::SetStatus { interface, status })? {
            Ok(_) => Ok(Answer::Done),
            Err(error) => Self::refusal(&error, net),
        }
    }

    fn has(&self, op: &Op) -> Outcome {
        let address = op.args.required_text("addr")?.parse();
        address.map_or(MALFORMED, |address| Ok(Answer::Flag(self.holder(address).is_some())))
    }

    /// Every address assigned in the subnet, ascending
    fn list(&self, op: &Op) -> Outcome {
        let Subnet { id, .. } = self.named_subnet(op)?;
        let interfaces = self.engine.interfaces(self.vpc);
        let all = interfaces.filter_map(|interface| self.engine.addresses(interface)).flatten();
        let mut all: Vec<IpAddr> =
            all.filter(|of| of.subnet == id).map(|assignment| assignment.address).collect();
        all.sort_unstable();
        Ok(Answer::Addresses(all.into_iter().collect()))
    }

    fn nth(&self, op: &Op) -> Outcome {
        let offset = op.args.number("offset")?.ok_or("no `offset`")?;
        let subnet = self.named_subnet(op)?;
        let address = self.engine.nth(subnet.id, family(subnet), offset);
        Ok(address.map_or(Answer::Refused("out_of_range"), |address| {
            Answer::Addresses([address].into_iter().collect())
        }))
    }

    fn capacity(&self, op: &Op) -> Outcome {
        let capacity = self.usage(op)?.capacity();
        // Only the clause on `reserve_rule` speaks of saturating.
        let most = if self.case.reserve_rule.is_some() { u64::MAX.into() } else { u128::MAX };
        Ok(Answer::Number(capacity.min(most)))
    }

    fn usage(&self, op: &Op) -> Result<FamilyUsage, String> {
        self.counts(self.named_subnet(op)?)
    }

    /// The engine's counts; in a window, what is free is that part of the free ranges
    fn counts(&self, subnet: Subnet) -> Result<FamilyUsage, String> {
        let usage = self.engine.usage(NOW, subnet.id);
        let usage = usage.and_then(|usage| match family(subnet) {
            Family::V4 => usage.v4,
            Family::V6 => usage.v6,
        });
        let mut usage = usage.ok_or("the engine has no usage of the subnet")?;
        if self.window(subnet.net).is_some() {
            usage.free = self.free_ranges(subnet).iter().map(AddrRange::count).sum();
        }
        Ok(usage)
    }

    fn free_ranges(&self, subnet: Subnet) -> Vec<AddrRange> {
        let all = self.engine.free_ranges(subnet.id, family(subnet)).into_iter().flatten();
        match self.window(subnet.net) {
            Some(window) => all.filter_map(|range| space::common(range, window)).collect(),
            None => all.collect(),
        }
    }

    fn named_subnet(&self, op: &Op) -> Result<Subnet, String> {
        match op.args.text("subnet")? {
            None => self.home(),
            Some(text) => self.subnet(space::net(text).ok_or("`subnet` is no CIDR")?),
        }
    }
}

impl Case {
    fn picks_any(&self, op: &Op) -> bool {
        self.policy == "any" && op.args.value("count").is_some()
    }
}

/// The addresses that an `assign` names, in order; `None` if one is malformed
fn wanted(op: &Op) -> Result<Option<Vec<Wanted>>, String> {
    let read = |texts: Vec<&str>| texts.iter().map(|text| text.parse().ok()).collect();
    let mut named: Vec<&str> = op.args.text("addr")?.into_iter().collect();
    named.extend(op.args.texts("addrs")?.unwrap_or_default());
    let named: Option<Vec<IpAddr>> = read(named);
    let primary: Option<Vec<IpAddr>> = read(op.args.texts("primary")?.unwrap_or_default());
    let (Some(mut named), Some(primary)) = (named, primary) else { return Ok(None) };
    // To flag an address is to ask for it.
    let unnamed: Vec<IpAddr> =
        primary.iter().filter(|address| !named.contains(address)).copied().collect();
    named.extend(unnamed);
    let wanted =
        named.into_iter().map(|address| Wanted { address, primary: primary.contains(&address) });
    Ok(Some(wanted.collect()))
}

fn family(subnet: Subnet) -> Family {
    Family::of(subnet.net.addr())
}

/// The state that providers call by a word
fn status(word: &str) -> Option<Status> {
    let word: String = word.chars().filter(|char| char.is_ascii_alphanumeric()).collect();
    Some(match word.to_ascii_uppercase().as_str() {
        "CREATING" | "PENDING" => Status::Creating,
        "AVAILABLE" | "DETACHED" | "UNBOUND" | "UNUSED" | "FREE" => Status::Available,
        "ATTACHING" | "BINDING" => Status::Attaching,
        "USED" | "INUSE" | "ATTACHED" | "BOUND" | "ACTIVE" | "ASSOCIATED" => Status::InUse,
        "DETACHING" | "UNBINDING" => Status::Detaching,
        "DELETING" | "DELETED" | "RECYCLING" => Status::Deleting,
        _ => return None,
    })
}
