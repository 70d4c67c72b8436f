//! Random commands for an engine, made from what it answers: they need no model that goes along

use ipam_core::event::OnExpiry;
use ipam_core::ipnet::IpNet;
use ipam_core::{
    Assign, Command, Confirm, Engine, Family, InterfaceId, Once, Pick, Revision, Role, SubnetId,
    Task, Timestamp, Unassign, VpcId,
};

use super::model::choices::Choices;
use super::model::generate::any_command;
use super::model::requests::Past;
use super::model::subnet::Subnet;
use super::model::world::{Hold, Interface, Owned, Resting, World};

/// Random numbers that are the same everywhere: `SplitMix64` (Steele, Lea and Flood 2014)
pub(crate) struct Random(pub(crate) u64);

impl Random {
    /// Numbers of the seed that the tests are run with, and of this one
    pub(crate) fn of(seed: u64) -> Self {
        let run = std::env::var("PROPTEST_RNG_SEED").ok().and_then(|seed| seed.parse().ok());
        Self(seed ^ run.unwrap_or(0u64).wrapping_mul(0xd134_2543_de82_ef95))
    }

    pub(crate) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, bound: u32) -> u32 {
        u32::try_from((u128::from(self.next()) * u128::from(bound)) >> 64).unwrap()
    }

    /// One of `options`, which must not be empty
    fn of_all<T: Copy>(&mut self, options: &[T]) -> T {
        options[usize::try_from(self.below(u32::try_from(options.len()).unwrap())).unwrap()]
    }

    pub(crate) fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count.div_ceil(8)).flat_map(|_| self.next().to_le_bytes()).collect()
    }
}

/// An engine, who asks it, and what callers remember
#[derive(Clone)]
pub(crate) struct Asked {
    pub(crate) engine: Engine,
    /// Tasks ever begun, in order
    pub(crate) tasks: Vec<Task>,
    pub(crate) past: Past,
}

impl Asked {
    pub(crate) fn new(seed: u64) -> Self {
        Self { engine: Engine::with_seed(seed), tasks: Vec::new(), past: Past::default() }
    }

    /// The caller's next time: mostly the clock; or one more; or when something is due next, or past that
    pub(crate) fn tick(&self, random: &mut Random) -> Timestamp {
        let clock = self.engine.clock();
        let next = self.engine.next_deadline().unwrap_or(clock);
        match random.below(12) {
            0 | 1 => clock.after(1),
            2 | 3 => next,
            4 => next.after(1),
            5 => next.after(random.below(4_000).into()),
            6 => clock.after(random.below(3_000).into()),
            _ => clock,
        }
    }

    /// A command that is mostly accepted at this time
    pub(crate) fn command(&self, random: &mut Random, now: Timestamp) -> Command {
        let world = self.world(now);
        let mut command = Command::Sweep;
        for _ in 0..6 {
            let bytes = random.bytes(512);
            let mut choices = Choices::new(&bytes);
            command = any_command(&mut choices, &world, &self.past);
            self.with_prefixes(random, &mut command);
            self.with_known_tasks(&mut command);
            if random.below(24) == 0 || self.engine.decide(now, &command).is_ok() {
                break;
            }
        }
        command
    }

    /// Takes note of what was asked, and begun
    pub(crate) fn remember(&mut self, command: &Command, begun: Option<Task>) {
        if let Command::Once(once) = command {
            self.past.onces.push(once.clone());
            if self.past.onces.len() > 16 {
                self.past.onces.remove(0);
            }
        }
        self.tasks.extend(begun);
        self.past.tasks.extend(begun);
    }

    /// The generator knows no prefixes: now and then some are assigned, or given back
    fn with_prefixes(&self, random: &mut Random, command: &mut Command) {
        match command {
            Command::Once(once) => {
                let mut inner = once.command().clone();
                self.with_prefixes(random, &mut inner);
                *once = Once::new(once.token, once.until, inner).unwrap();
            }
            Command::Assign(Assign { pick, .. }) if random.below(5) == 0 => {
                let length = random.of_all(&[28, 29, 30, 31, 32, 124, 126, 127, 128]);
                let count = random.of_all(&[1, 2, 3]);
                let own = Pick::default();
                *pick = if length > 32 {
                    own.and_prefixes_of(Family::V6, length, count)
                } else {
                    own.and_prefixes(length, count)
                };
            }
            Command::Unassign(Unassign { interface, addresses, prefixes, .. })
                if random.below(3) == 0 =>
            {
                let has = self.engine.prefixes(*interface).into_iter().flatten();
                let all: Vec<IpNet> = has.map(|of| of.prefix).collect();
                if !all.is_empty() {
                    addresses.clear();
                    prefixes.extend(all.into_iter().step_by(random.of_all(&[1, 2, 3])));
                }
            }
            _ => {}
        }
    }

    /// A task that may come to be begun by another name is one that never was
    fn with_known_tasks(&self, command: &mut Command) {
        let known = |task: Task| {
            if self.tasks.contains(&task) { task } else { Task::new(Revision::new(0), 9) }
        };
        rename(command, &known, &|revision| revision);
    }

    /// What the generator wants to know, as of a time
    fn world(&self, now: Timestamp) -> World {
        let mut engine = self.engine.clone();
        if engine.next_deadline().is_some_and(|next| next <= now) {
            engine.execute(now, &Command::Sweep).unwrap();
        }
        let mut world = World {
            limits: engine.limits(),
            revision: engine.revision().get(),
            clock: engine.clock().max(now).millis(),
            ..World::default()
        };
        for vpc in engine.vpcs() {
            world.vpcs.insert(vpc, engine.vpc_cidrs(vpc).unwrap().to_vec());
            for id in engine.subnets(vpc) {
                world.subnets.insert(id, subnet(&engine, vpc, id));
            }
        }
        for &task in self.tasks.iter().rev().take(32) {
            // Of a prefix of IPv6 nobody can list the addresses.
            let info = engine.at(now).task(task).filter(|of| of.addresses.count() < 4_096);
            let Some(info) = info else { continue };
            let first = (info.subnet, info.addresses.iter().collect());
            let hold = Hold {
                interface: info.interface,
                parts: vec![first],
                state: info.state,
                expired: OnExpiry::Unknown,
                keep_until: info.keep_until.millis(),
                request: info.request,
            };
            world.tasks.insert(task, hold);
        }
        let mut number = 0;
        for id in engine.vpcs().flat_map(|vpc| engine.interfaces(vpc)) {
            let info = engine.interface(id).unwrap();
            let record = Interface { home: info.subnet, status: info.status, quota: info.quota };
            world.interfaces.insert(id, record);
            for held in engine.addresses(id).unwrap() {
                number += 1;
                let owned = Owned {
                    by: id,
                    primary: held.role == Role::Primary,
                    generation: held.generation.get(),
                    number,
                    task: None,
                };
                let subnet = world.subnets.get_mut(&held.subnet).unwrap();
                subnet.owned.insert(held.address, owned);
            }
        }
        world
    }
}

fn subnet(engine: &Engine, vpc: VpcId, id: SubnetId) -> Subnet {
    let info = engine.subnet(id).unwrap();
    let v4 = info.v4.map(IpNet::V4).into_iter();
    let mut subnet = Subnet {
        vpc,
        cidrs: v4.chain(info.v6.map(IpNet::V6)).collect(),
        profile: info.profile,
        indices: info.indices,
        reserved: Vec::new(),
        kinds: Default::default(),
        owned: Default::default(),
        resting: Default::default(),
        policy: info.policy,
        position: [0; 2],
        released: Vec::new(),
    };
    for family in Family::ALL {
        for (range, kind) in engine.reservations(id, family).into_iter().flatten() {
            subnet.reserved.push(range);
            subnet.kinds.insert(range, kind);
        }
        for rest in engine.quarantine(id, family).into_iter().flatten() {
            let until = rest.until.millis();
            let resting = Resting { until, by: rest.by, reason: rest.reason, number: 0 };
            subnet.resting.insert(rest.address, resting);
        }
    }
    subnet
}

/// Gives the tasks and generations that a command names other names
pub(crate) fn rename(
    command: &mut Command,
    task: &dyn Fn(Task) -> Task,
    generation: &dyn Fn(Revision) -> Revision,
) {
    match command {
        Command::Once(once) => {
            let mut inner = once.command().clone();
            rename(&mut inner, task, generation);
            *once = Once::new(once.token, once.until, inner).unwrap();
        }
        Command::Confirm(Confirm { task: of, .. }) => *of = task(*of),
        Command::Cancel(request) => request.task = task(request.task),
        Command::Resolve(request) => request.task = task(request.task),
        Command::Unassign(request) => request.generation = request.generation.map(generation),
        _ => {}
    }
}

/// Fails at the first thing that two engines say differently
#[track_caller]
pub(crate) fn say_the_same(one: &Asked, other: &Asked, now: Timestamp, told: &str) {
    let (one, other) = (facts(one, now), facts(other, now));
    for (one, other) in one.iter().zip(&other) {
        assert_eq!(one, other, "{told}");
    }
    assert_eq!(one.len(), other.len(), "{told}");
}

/// What an engine answers, a line for each thing, with passed deadlines processed; except revisions, and what is
/// named by them
fn facts(asked: &Asked, now: Timestamp) -> Vec<String> {
    let mut engine = asked.engine.clone();
    engine.execute(now, &Command::Sweep).unwrap();
    let mut lines = vec![format!("{:?} {:?}", engine.limits(), engine.next_deadline())];
    for vpc in engine.vpcs() {
        lines.push(format!("{vpc} {:?}", engine.vpc_cidrs(vpc)));
        let interfaces: Vec<InterfaceId> = engine.interfaces(vpc).collect();
        for id in engine.subnets(vpc) {
            subnet_facts(&mut lines, &engine, id, now);
            next_choices(&mut lines, &engine, (id, interfaces.first()), now);
        }
        for id in interfaces {
            let has = engine.addresses(id).unwrap();
            let has: Vec<_> = has.map(|of| (of.address, of.subnet, of.role, of.held)).collect();
            let prefixes = engine.prefixes(id).unwrap().map(|of| (of.prefix, of.subnet, of.held));
            let prefixes: Vec<_> = prefixes.collect();
            lines.push(format!("{id} {:?} {has:?} {prefixes:?}", engine.interface(id)));
        }
    }
    for (index, &task) in asked.tasks.iter().enumerate() {
        if let Some(of) = engine.at(now).task(task) {
            let what = (of.interface, of.subnet, of.addresses, of.beside);
            let when = (of.state, of.keep_until, of.request);
            lines.push(format!("task {index} {what:?} {when:?}"));
        }
    }
    lines
}

fn subnet_facts(lines: &mut Vec<String>, engine: &Engine, id: SubnetId, now: Timestamp) {
    lines.push(format!("{id} {:?} {:?}", engine.subnet(id), engine.at(now).subnet_usage(id)));
    for family in Family::ALL {
        let reserved: Vec<_> = engine.reservations(id, family).into_iter().flatten().collect();
        let free: Vec<_> = engine.free_ranges(id, family).into_iter().flatten().collect();
        let rests = engine.quarantine(id, family).into_iter().flatten();
        let rests: Vec<_> =
            rests.map(|of| (of.address, of.prefix, of.until, of.by, of.reason)).collect();
        let stands = (engine.cursor(id, family), engine.draws(id, family));
        lines.push(format!("{id} {family} {reserved:?} {free:?} {rests:?} {stands:?}"));
    }
}

/// What would be chosen next, by the subnet's own policy
fn next_choices(
    lines: &mut Vec<String>,
    engine: &Engine,
    (id, interface): (SubnetId, Option<&InterfaceId>),
    now: Timestamp,
) {
    let Some(&interface) = interface else { return };
    for family in Family::ALL {
        for pick in [Pick::any(1).family(family), Pick::any(9).family(family)] {
            let chosen = engine.decide(now, &Assign::new(interface, pick).from_subnet(id).into());
            let chosen = chosen.map(|of| of.answer().to_string()).map_err(|error| error.code());
            lines.push(format!("{id} {family} next {chosen:?}"));
        }
    }
}
