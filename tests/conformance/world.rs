//! The engine as a case finds it: its subnets, interfaces and rules
//!
//! Every event is applied to a replica too, which must end up equal.

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipam_core::ipnet::IpNet;
use ipam_core::{
    AddrRange, Command, CreateInterface, CreateSubnet, CreateVpc, Decision, DecodeLimits, Engine,
    Error, FreeAddress, Gateway, InterfaceId, ListAndCount, Policy, Profile, Quarantine,
    Reservation, ReserveRange, SetPolicy, SmallSubnet, SubnetId, Timestamp, VpcId,
};

use crate::answer::{Answer, kind};
use crate::case::Case;
use crate::space;

/// When every case begins
const START: Timestamp = Timestamp::from_millis(1_700_000_000_000);

/// A subnet of a case
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subnet {
    pub(crate) net: IpNet,
    pub(crate) id: SubnetId,
}

#[derive(Debug)]
pub(crate) struct World<'c> {
    pub(crate) case: &'c Case,
    pub(crate) engine: Engine,
    /// The time of the next operation
    pub(crate) now: Timestamp,
    pub(crate) vpc: VpcId,
    /// The last address that an assignment gave
    pub(crate) last_assigned: Option<IpAddr>,
    /// What the record withholds by reserved ranges, of all subnets
    pub(crate) hard: Vec<AddrRange>,
    replica: Engine,
    /// Bytes of the engine by name, with the subnets and owners that it had then
    stored: BTreeMap<&'c str, Stored<'c>>,
    subnets: Vec<Subnet>,
    owners: BTreeMap<&'c str, InterfaceId>,
    ids: u32,
}

#[derive(Clone, Debug)]
struct Stored<'c> {
    bytes: Vec<u8>,
    home: IpNet,
    subnets: Vec<Subnet>,
    owners: BTreeMap<&'c str, InterfaceId>,
    hard: Vec<AddrRange>,
}

/// What the engine made of a command; the outer error is a defect, not a refusal
pub(crate) type Executed = Result<Result<Decision, Error>, String>;

impl<'c> World<'c> {
    pub(crate) fn new(case: &'c Case) -> Result<Self, String> {
        let mut world = Self {
            case,
            engine: Engine::with_seed(1),
            now: START,
            vpc: id("vpc")?,
            last_assigned: None,
            hard: Vec::new(),
            replica: Engine::with_seed(2),
            stored: BTreeMap::new(),
            subnets: Vec::new(),
            owners: BTreeMap::new(),
            ids: 0,
        };
        world.demand(CreateVpc::new(world.vpc))?;
        if !case.has_op("add_subnet") {
            world.add_subnet(case.subnet)?.map_err(|error| error.to_string())?;
        }
        Ok(world)
    }

    pub(crate) fn execute(&mut self, command: impl Into<Command>) -> Executed {
        let decided = self.engine.execute(self.now, &command.into());
        if let Ok(event) = decided.as_ref().map(Decision::event) {
            event.map_or(Ok(()), |event| self.replica.apply(event)).map_err(refused_by_replica)?;
        }
        Ok(decided)
    }

    /// Several commands as one
    pub(crate) fn execute_all(&mut self, commands: &[Command]) -> Executed {
        let decided = self.engine.decide_all(self.now, commands).map_err(|refused| refused.error);
        if let Ok(Some(event)) = decided.as_ref().map(Decision::event) {
            self.engine.apply(event).map_err(|error| format!("not applied: {error}"))?;
            self.replica.apply(event).map_err(refused_by_replica)?;
        }
        Ok(decided)
    }

    /// A command of the runner's own, which must succeed
    fn demand(&mut self, command: impl Into<Command>) -> Result<(), String> {
        self.execute(command)?.map(|_| ()).map_err(|error| error.to_string())
    }

    /// Makes a subnet under the case's rules
    pub(crate) fn add_subnet(&mut self, net: IpNet) -> Executed {
        let id = self.fresh("subnet")?;
        let (profile, hard) = rules(self.case, net);
        let created = self.execute(CreateSubnet::new(id, self.vpc, profile).cidr(net))?;
        if created.is_ok() {
            self.subnets.push(Subnet { net, id });
            if let Some(policy) = self.policy(net) {
                self.demand(SetPolicy::new(id, policy))?;
            }
            for &range in &hard {
                self.demand(ReserveRange::new(id, range))?;
            }
            let hard = space::unite(hard);
            let auto = self.case.auto_reserved.iter().copied();
            let auto = auto.filter_map(|range| space::common(range, net.into()));
            for range in
                space::unite(auto).into_iter().flat_map(|range| space::without(range, &hard))
            {
                let kind = Reservation::AutoOnly;
                self.demand(ReserveRange::new(id, range).kind(kind))?;
            }
            self.hard.extend(hard);
        }
        Ok(created)
    }

    /// The policy that the case's is in a subnet, if that is not the lowest first
    fn policy(&self, net: IpNet) -> Option<Policy> {
        let from = |at: Option<IpAddr>| {
            let whole = AddrRange::from(net);
            let below = at.and_then(|at| AddrRange::new(whole.first(), at).ok());
            below.map_or(0, |below| below.count() - 1)
        };
        match self.case.policy.as_str() {
            "next" => Some(Policy::Next),
            "next_from" => {
                let first = self.usable(net).first().map(AddrRange::first);
                Some(Policy::From { offset: from(first).saturating_add(self.case.start_offset) })
            }
            // Without a band that is named: the upper one, then the lower.
            "band" => Some(Policy::From { offset: from(self.bands(net)[1].map(|of| of.first())) }),
            _ => None,
        }
    }

    /// What the record leaves to be assigned, in order
    fn usable(&self, net: IpNet) -> Vec<AddrRange> {
        let (profile, mut withheld) = rules(self.case, net);
        let rules = if net.addr().is_ipv4() { profile.v4 } else { profile.v6 };
        withheld.extend(space::lowest(net.into(), rules.first.into()));
        withheld.extend(space::highest(net.into(), rules.last.into()));
        withheld.extend(self.case.gateway.filter(|at| net.contains(at)).map(AddrRange::one));
        space::without(net.into(), &space::unite(withheld))
    }

    /// The lower and the upper band of a subnet, if they have addresses
    pub(crate) fn bands(&self, net: IpNet) -> [Option<AddrRange>; 2] {
        let (mut lower, mut upper) = (Vec::new(), Vec::new());
        let mut left = self.case.static_band_size;
        for range in self.usable(net) {
            let part = space::lowest(range, left);
            left -= part.map_or(0, |part| part.count());
            lower.extend(part);
            upper.extend(space::without(range, &space::unite(part)));
        }
        let around = |parts: &[AddrRange]| {
            let (first, last) = (parts.first()?.first(), parts.last()?.last());
            AddrRange::new(first, last).ok()
        };
        [around(&lower), around(&upper)]
    }

    /// The subnet that was made with this CIDR
    pub(crate) fn subnet(&self, net: IpNet) -> Result<Subnet, String> {
        let found = self.subnets.iter().find(|subnet| subnet.net == net);
        found.copied().ok_or_else(|| format!("the case has made no subnet {net}"))
    }

    /// The case's subnet, or the first made where its operations made others
    pub(crate) fn home(&self) -> Result<Subnet, String> {
        let first = self.subnets.first().copied().ok_or("the case has made no subnet yet")?;
        Ok(self.subnet(self.case.subnet).unwrap_or(first))
    }

    /// The subnet that an operation on `address` is about: the one it lies in, else the case's
    pub(crate) fn subnet_at(&self, address: Option<IpAddr>) -> Result<Subnet, String> {
        let inside = |subnet: &&Subnet| address.is_some_and(|at| subnet.net.contains(&at));
        self.subnets.iter().find(inside).map_or_else(|| self.home(), |&subnet| Ok(subnet))
    }

    /// The part of a subnet that the case uses
    pub(crate) fn window(&self, net: IpNet) -> Option<AddrRange> {
        self.case.window_bits.map(|bits| space::window(net, bits))
    }

    /// The interface of an owner, made when first named unless the case lists those that exist
    pub(crate) fn owner(&mut self, name: &'c str) -> Result<InterfaceId, String> {
        if let Some(&interface) = self.owners.get(name) {
            return Ok(interface);
        }
        let listed = |all: &Vec<String>| all.iter().any(|listed| listed == name);
        let interface = if self.case.interfaces.as_ref().is_none_or(listed) {
            self.new_interface()?
        } else {
            self.fresh("missing")?
        };
        self.owners.insert(name, interface);
        Ok(interface)
    }

    pub(crate) fn new_interface(&mut self) -> Result<InterfaceId, String> {
        let interface = self.fresh("interface")?;
        let mut command = CreateInterface::new(interface, self.home()?.id);
        command.quota = self.case.quota.and_then(|quota| u32::try_from(quota).ok());
        self.demand(command)?;
        Ok(interface)
    }

    pub(crate) fn holder(&self, address: IpAddr) -> Option<InterfaceId> {
        self.engine.owner(self.vpc, address).map(|holder| holder.interface)
    }

    /// Time passes
    pub(crate) fn tick(&mut self, millis: u64) {
        self.now = self.now.after(millis);
    }

    /// The answer that a refusal is, in a subnet
    pub(crate) fn refusal(&self, error: &Error, net: IpNet) -> Result<Answer, String> {
        let kind = if only_rests(error) { Some("cooling") } else { kind(error, net) };
        Ok(Answer::Refused(kind.ok_or_else(|| format!("refused without a kind: {error}"))?))
    }

    /// Keeps the engine as it is now, as bytes
    pub(crate) fn store(&mut self, name: &'c str) -> Result<(), String> {
        let mut bytes = Vec::new();
        self.engine.encode(&mut bytes);
        let (home, subnets) = (self.home()?.net, self.subnets.clone());
        let (owners, hard) = (self.owners.clone(), self.hard.clone());
        self.stored.insert(name, Stored { bytes, home, subnets, owners, hard });
        Ok(())
    }

    /// The subnet of what was kept
    pub(crate) fn stored_home(&self, name: &str) -> Result<IpNet, String> {
        let stored = self.stored.get(name);
        stored.map(|stored| stored.home).ok_or_else(|| format!("nothing was stored as `{name}`"))
    }

    /// Goes on from what was kept
    pub(crate) fn load(&mut self, name: &str) -> Result<(), String> {
        let stored = self.stored.get(name).cloned();
        let Stored { bytes, subnets, owners, hard, .. } = stored.ok_or("nothing was stored")?;
        let engine = |seed| {
            Engine::decode(&bytes, seed, &DecodeLimits::UNLIMITED)
                .map_err(|error| error.to_string())
        };
        (self.engine, self.replica) = (engine(3)?, engine(4)?);
        (self.subnets, self.owners, self.hard) = (subnets, owners, hard);
        Ok(())
    }

    /// What must hold when a case is over
    pub(crate) fn audit(&self) -> Result<(), String> {
        if self.engine != self.replica {
            return Err("the replica differs from the engine".into());
        }
        let checked = self.engine.check().and_then(|()| self.replica.check());
        checked.map_err(|corruption| format!("corrupt: {corruption}"))
    }

    fn fresh<T: std::str::FromStr<Err: ToString>>(&mut self, what: &str) -> Result<T, String> {
        self.ids += 1;
        id(&format!("{what}-{}", self.ids))
    }
}

/// Whether what is wanted will be there, once that which rests where it is wanted has rested enough
fn only_rests(error: &Error) -> bool {
    matches!(error, Error::Exhausted { shortfall, .. } if shortfall.enough.is_some())
}

fn id<T: std::str::FromStr<Err: ToString>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|error: T::Err| error.to_string())
}

fn refused_by_replica(error: ipam_core::ApplyError) -> String {
    format!("the replica refused: {error}")
}

/// A case's rules for a subnet: a profile, and what it cannot express as reserved ranges
///
/// What is withheld at the two ends is the profile's `first` and `last`, so that the engine itself says
/// "network", "broadcast" and "reserved".
fn rules(case: &Case, net: IpNet) -> (Profile, Vec<AddrRange>) {
    let whole = AddrRange::from(net);
    let (first, last) = case.reserve_rule.unwrap_or((0, 0));
    let by_rule = [space::lowest(whole, first), space::highest(whole, last)];
    let clipped = case.reserved.iter().filter_map(|&range| space::common(range, whole));
    let withheld = space::unite(clipped.chain(by_rule.into_iter().flatten()));

    let run = |range: Option<&AddrRange>| {
        range.map_or(0, |range| u32::try_from(range.count()).unwrap_or(u32::MAX))
    };
    let first = run(withheld.first().filter(|range| range.first() == whole.first()));
    let last = run(withheld.last().filter(|range| range.last() == whole.last()));
    let ends = [space::lowest(whole, first.into()), space::highest(whole, last.into())];
    let ends = space::unite(ends.into_iter().flatten());
    let hard = withheld.into_iter().flat_map(|range| space::without(range, &ends)).collect();

    let mut profile = Profile::PLAIN;
    profile.quarantine = Quarantine::for_millis(case.cooldown_millis);
    let rules = match net {
        IpNet::V4(_) => &mut profile.v4,
        IpNet::V6(_) => &mut profile.v6,
    };
    (rules.first, rules.last, rules.small) = (first, last, SmallSubnet::Withhold);
    // "The gateway is `gateway`, anything else reserved is `reserved`": a gateway is withheld, whether
    // or not `reserved` lists it too. Like `reserved`, one outside the subnet says nothing.
    rules.gateway = case.gateway.filter(|at| net.contains(at)).map_or(Gateway::None, Gateway::At);

    // "list and/or count" is both, but for the one provider that documents otherwise. (EC2 refuses
    // both at once, but the format has no kind for that.)
    if case.provider == "zenlayer" {
        profile.list_and_count = ListAndCount::ListWins;
    }
    // The states in which an interface may be assigned addresses are the format's least defined point:
    // available and in use, which Zenlayer documents, but for EC2.
    profile.assign_in = match case.provider.as_str() {
        "aws" => Profile::AWS.assign_in,
        _ => Profile::ZENLAYER.assign_in,
    };
    if case.releasing_free_is_noop {
        profile.free_address = FreeAddress::Ignore;
    }
    (profile, hard)
}
