//! Runs the operations of a case

use std::net::IpAddr;

use ipam_core::{
    AddrRange, Assignment, Cause, Command, Error, Family, FamilyUsage, Move, ReserveRange,
    SetCursor, SetStatus, Status, Unassign,
};

use crate::answer::Answer;
use crate::case::{Case, Op};
use crate::space;
use crate::world::{Subnet, World};

/// How a case went
#[derive(Debug)]
pub(crate) enum Verdict {
    Passed,
    /// The operation at this index, or at none of them, and what is wrong
    Failed {
        at: Option<usize>,
        why: String,
    },
}

/// What an operation came to; an error is a defect of the case or of the engine, not a refusal
pub(crate) type Outcome = Result<Answer, String>;

pub(crate) const MALFORMED: Outcome = Ok(Answer::Refused("malformed"));

pub(crate) fn run(case: &Case) -> Verdict {
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
            "assign_range" => self.assign_range(op),
            "set_cursor" => self.set_cursor(op),
            "assign_each" => self.assign_each(op),
            "release" => self.release(op),
            "release_nth" => self.release_nth(op),
            "reserve" => self.reserve(op),
            "assign_prefix" => self.assign_prefix(op),
            "free_prefixes" => self.free_prefixes(),
            "release_prefix" => self.release_prefix(op),
            "add_subnet" => self.create_subnet(op),
            "set_nic_state" => self.set_nic_state(op),
            "migrate" => self.migrate(op),
            "tick" => {
                self.tick(op.args.millis("secs")?.ok_or("no `secs`")?);
                Ok(Answer::Done)
            }
            "free" => Ok(Answer::Number(self.usage(op)?.free)),
            "used" => Ok(Answer::Number(self.usage(op)?.assigned)),
            "cooling" => Ok(Answer::Number(self.usage(op)?.quarantined)),
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
            "snapshot" => self.snapshot(op),
            "restore" => self.restore(op),
            name => Err(format!("`{name}` is not implemented")),
        }
    }

    /// The format's cursor is the last automatic pick, the engine's what is looked at next
    fn set_cursor(&mut self, op: &Op) -> Outcome {
        let Ok(address) = op.args.required_text("addr")?.parse::<IpAddr>() else {
            return MALFORMED;
        };
        let Subnet { net, id } = self.subnet_at(Some(address))?;
        let whole = AddrRange::from(net);
        // Of one that is out of range, or the last: the first.
        let above = AddrRange::new(address, whole.last()).ok();
        let above = above.filter(|_| whole.contains(address));
        let next = above.and_then(|above| above.iter().nth(1)).unwrap_or(whole.first());
        match self.execute(SetCursor::new(id, next))? {
            Ok(_) => Ok(Answer::Done),
            Err(error) => self.refusal(&error, net),
        }
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
            Err(error) => self.refusal(&error, net),
        }
    }

    fn migrate(&mut self, op: &'c Op) -> Outcome {
        let Some(text) = op.args.text("addr")? else {
            return Ok(Answer::Refused("missing_parameter"));
        };
        let Ok(address) = text.parse::<IpAddr>() else { return MALFORMED };
        let from = self.owner(op.args.required_text("from")?)?;
        let to = self.owner(op.args.required_text("to")?)?;
        let holder = self.holder(address);
        let net = self.subnet_at(Some(address))?.net;
        match self.execute(Move::new(from, to, [address]))? {
            // What the other interface has already, the engine leaves with it. To the format, it is not
            // there to be taken from where it is said to be.
            Ok(_) if holder != Some(from) => Ok(Answer::Refused("wrong_owner")),
            Ok(_) if self.holder(address) != Some(to) => Err("the address was not moved".into()),
            Ok(_) => Ok(Answer::Done),
            // The format does not say what this is: nothing to do, for whoever has the address.
            Err(Error::SameInterface(_)) => Ok(match holder {
                _ if self.engine.interface(from).is_none() => Answer::Refused("no_such_interface"),
                None => Answer::Refused("not_allocated"),
                Some(holder) if holder != from => Answer::Refused("wrong_owner"),
                Some(_) => Answer::Done,
            }),
            Err(Error::Addresses(faults)) => Ok(Answer::Refused(match faults.lowest().cause {
                Cause::OutOfRange | Cause::NotAssigned => "not_allocated",
                Cause::WrongOwner { .. } => "wrong_owner",
                // It would leave one interface without a primary, and could not be the other's.
                Cause::IsPrimary => "primary_conflict",
                cause => return Err(format!("refused without a kind: {cause}")),
            })),
            Err(error) => self.refusal(&error, net),
        }
    }

    fn snapshot(&mut self, op: &'c Op) -> Outcome {
        let name = op.args.required_text("as")?;
        self.store(name)?;
        Ok(Answer::Done)
    }

    fn restore(&mut self, op: &'c Op) -> Outcome {
        let name = op.args.required_text("from")?;
        let Some(net) = space::net(op.args.required_text("cidr")?) else { return MALFORMED };
        // The engine restores whatever it was; that it is to be of one subnet is the format's to say.
        if self.stored_home(name)? != net {
            return Ok(Answer::Refused("mismatched_network"));
        }
        self.load(name)?;
        Ok(Answer::Done)
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
            Err(error) => self.refusal(&error, net),
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
            gaps.map(|range| Command::from(ReserveRange::new(id, range))).collect();
        match self.execute_all(&commands)? {
            Ok(_) => Ok(Answer::Done),
            Err(error) => self.refusal(&error, net),
        }
    }

    fn create_subnet(&mut self, op: &'c Op) -> Outcome {
        let Some(net) = space::net(op.args.required_text("cidr")?) else { return MALFORMED };
        match self.add_subnet(net)? {
            Ok(_) => Ok(Answer::Done),
            Err(error) => self.refusal(&error, net),
        }
    }

    fn set_nic_state(&mut self, op: &'c Op) -> Outcome {
        let word = op.args.required_text("state")?;
        let status = status(word).ok_or_else(|| format!("no state is known as `{word}`"))?;
        let interface = self.owner(op.args.required_text("owner")?)?;
        let net = self.home()?.net;
        match self.execute(SetStatus::new(interface, status))? {
            Ok(_) => Ok(Answer::Done),
            Err(error) => self.refusal(&error, net),
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
        let address = self.engine.address_at(subnet.id, family(subnet), offset);
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
    pub(crate) fn counts(&self, subnet: Subnet) -> Result<FamilyUsage, String> {
        let usage = self.engine.at(self.now).subnet_usage(subnet.id);
        let usage = usage.and_then(|usage| usage.family(family(subnet)));
        let mut usage = usage.ok_or("the engine has no usage of the subnet")?;
        if self.window(subnet.net).is_some() {
            usage.free = self.free_ranges(subnet).iter().map(AddrRange::count).sum();
        }
        Ok(usage)
    }

    /// The engine lists what is free as of its last event; here, as of now
    fn free_ranges(&self, subnet: Subnet) -> Vec<AddrRange> {
        let mut engine = self.engine.clone();
        // What is due is a matter of time alone, so it is never refused.
        let _ = engine.execute(self.now, &Command::Sweep);
        let all = engine.free_ranges(subnet.id, family(subnet)).into_iter().flatten();
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
        let picks = op.operation.name == "assign_each" || op.args.value("count").is_some();
        self.policy == "any" && picks
    }
}

pub(crate) fn family(subnet: Subnet) -> Family {
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
