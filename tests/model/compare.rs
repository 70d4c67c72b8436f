//! The engine beside the model, step by step

use std::net::IpAddr;

use ipam_core::ipnet::IpNet;
use ipam_core::{
    AddrRange, Cause, Command, Decision, Engine, Event, Family, Holder, Indices, Revision, Role,
    SubnetId, Timestamp, VpcId,
};

use super::choices::Choices;
use super::generate::{address_near, batch, command, subnet};
use super::judge::Refusal;
use super::world::{Held, Numbers, World, address, bits, ends, free_cidrs};

/// Worlds with more addresses assigned are compared in full only now and then
const LARGE: usize = 400;

/// Engine, model and a twin engine that applies what the first one decided
#[derive(Clone)]
pub(crate) struct Session {
    pub(crate) engine: Engine,
    pub(crate) twin: Engine,
    pub(crate) world: World,
    pub(crate) log: Vec<Event>,
    pub(crate) steps: usize,
}

/// What a session makes of bytes: every command compared; then the whole log replayed
pub(crate) fn run(bytes: &[u8]) -> Session {
    let mut choices = Choices::new(bytes);
    let mut session = Session::new();
    let mut now = 1000_u64;
    while !choices.is_empty() {
        match choices.byte() % 16 {
            0 => now = now.saturating_sub(500),
            1 => now += 1000,
            _ => {}
        }
        if choices.one_in(6) {
            let commands = batch(&mut choices, &session.world);
            session.batch(now, &commands);
        } else {
            let command = command(&mut choices, &session.world);
            session.command(now, &command);
        }
        let subnet = subnet(&mut choices, &session.world);
        let sample = address_near(&mut choices, &session.world, subnet);
        session.compare_address(now, sample);
    }
    session.compare_all();
    session.compare_replay();
    session
}

impl Session {
    pub(crate) fn new() -> Self {
        Self {
            engine: Engine::new(),
            twin: Engine::with_seed(0x7717),
            world: World::default(),
            log: Vec::new(),
            steps: 0,
        }
    }

    /// Gives one command to engine and model
    pub(crate) fn command(&mut self, now: u64, command: &Command) {
        let before = self.engine.clone();
        let at = Timestamp::from_millis(now);
        let decided = self.engine.decide(at, command);
        let executed = self.engine.execute(at, command);
        assert_eq!(decided, executed, "decide and execute differ on {command:?}");
        assert_eq!(decided, self.twin.decide(at, command), "the twin differs on {command:?}");

        let expected = self.world.execute(now, command);
        match (executed, expected) {
            (Ok(decision), Ok(expected)) => {
                let answer: Vec<IpAddr> = decision.answer().iter().collect();
                assert_eq!(answer, expected.answer, "the answer to {command:?}");
                assert_eq!(decision.is_unchanged(), !expected.changed, "changed by {command:?}");
                self.follow(&before, &decision);
            }
            (Err(error), Err(expected)) => {
                assert_eq!(Refusal::from(error), expected, "the refusal of {command:?}");
                assert_eq!(self.engine, before, "refused, but changed by {command:?}");
            }
            (found, expected) => panic!("{command:?}\n  came to {found:?}\n  not {expected:?}"),
        }
        self.compare();
    }

    /// Gives several commands to engine and model, to be judged together
    pub(crate) fn batch(&mut self, now: u64, commands: &[Command]) {
        let before = self.engine.clone();
        let at = Timestamp::from_millis(now);
        let decided = self.engine.decide_all(at, commands);
        let expected = self.world.execute_all(now, commands);
        match (decided, expected) {
            (Ok(decision), Ok(expected)) => {
                let answers: Vec<Vec<IpAddr>> = (0..commands.len())
                    .map(|index| decision.answer_to(index).unwrap().iter().collect())
                    .collect();
                let changed = expected.iter().any(|of| of.changed);
                let expected: Vec<Vec<IpAddr>> = expected.into_iter().map(|of| of.answer).collect();
                assert_eq!(answers, expected, "the answers to {commands:?}");
                assert_eq!(decision.is_unchanged(), !changed, "changed by {commands:?}");
                assert!(decision.answer().iter().eq(expected.into_iter().flatten()));
                if let Some(event) = decision.event() {
                    let applied = self.engine.apply(event);
                    assert_eq!(applied, Ok(()), "the event of {commands:?}");
                }
                self.follow(&before, &decision);
            }
            (Err(error), Err((index, expected))) => {
                let found = (error.index, Refusal::from(error.error));
                assert_eq!(found, (index, expected), "the refusal of {commands:?}");
            }
            (found, expected) => panic!("{commands:?}\n  came to {found:?}\n  not {expected:?}"),
        }
        self.compare();
    }

    /// Lets the twin follow what the engine decided, and keeps the log
    fn follow(&mut self, before: &Engine, decision: &Decision) {
        assert_eq!(decision.revision(), self.engine.revision());
        match decision.event() {
            Some(event) => {
                assert_eq!(event.revision(), before.revision().next());
                assert_eq!(event.parent(), before.digest());
                assert_eq!(event.digest(), self.engine.digest());
                assert_eq!(event.at(), self.engine.clock());
                assert_eq!(self.twin.apply(event), Ok(()), "the twin refuses {event:?}");
                self.log.push(event.clone());
            }
            None => assert_eq!(self.engine, *before, "unchanged, but changed"),
        }
    }

    fn compare(&mut self) {
        self.steps += 1;
        assert_eq!(self.engine.revision(), Revision::new(self.world.revision));
        assert_eq!(self.engine.clock(), Timestamp::from_millis(self.world.clock));
        if self.world.size() < LARGE || self.steps % 8 == 0 {
            self.compare_all();
        }
    }

    /// Compares everything that both know, and recomputes every invariant
    fn compare_all(&self) {
        let Self { engine, twin, world, .. } = self;
        assert_eq!(engine.check(), Ok(()));
        assert_eq!(twin.check(), Ok(()));
        assert_eq!(engine, twin, "decide then apply differs from execute");
        assert!(engine.vpcs().eq(world.vpcs.keys().copied()));
        for (&vpc, cidrs) in &world.vpcs {
            assert_eq!(engine.vpc_cidrs(vpc), Some(cidrs.as_slice()));
            assert!(engine.subnets(vpc).eq(world.subnets_of(vpc).map(|(id, _)| id)));
            let of_vpc = world.interfaces.keys().copied().filter(|id| world.vpc_of(*id) == vpc);
            assert!(engine.interfaces(vpc).eq(of_vpc));
        }
        world.subnets.keys().for_each(|&subnet| self.compare_subnet(subnet));
        self.compare_interfaces();
    }

    fn compare_subnet(&self, id: SubnetId) {
        let Self { engine, world, .. } = self;
        let subnet = &world.subnets[&id];
        let info = engine.subnet(id).unwrap();
        assert_eq!((info.vpc, info.profile), (subnet.vpc, subnet.profile));
        assert_eq!(info.indices, subnet.indices);
        let cidrs = (info.v4.map(IpNet::V4), info.v6.map(IpNet::V6));
        assert_eq!(cidrs, (subnet.cidr(Family::V4), subnet.cidr(Family::V6)));
        let homes = world.interfaces.values().filter(|interface| interface.home == id).count();
        assert_eq!(info.interfaces, homes as u64);

        let usage = engine.usage(Timestamp::ZERO, id).unwrap();
        assert_eq!(usage.at, engine.clock());
        for (family, usage) in [(Family::V4, usage.v4), (Family::V6, usage.v6)] {
            let Some(cidr) = subnet.cidr(family) else {
                assert_eq!(usage, None);
                assert!(engine.free_ranges(id, family).is_none());
                assert_eq!(engine.free_block(id, family, family.bits()), None);
                assert_eq!(engine.largest_free_block(id, family), None);
                assert_eq!(engine.nth_free(id, family, 0), None);
                assert_eq!(engine.longest_free_run(id, family), None);
                assert!(engine.reservations(id, family).is_none());
                continue;
            };
            let (usage, numbers) = (usage.unwrap(), subnet.numbers(family));
            let found = Numbers {
                total: usage.total,
                structural: usage.structural,
                reserved: usage.reserved,
                assigned: usage.assigned,
                free: usage.free,
            };
            assert_eq!(found, numbers, "usage of {id}");

            let found: Vec<_> = engine.free_ranges(id, family).unwrap().collect();
            assert_eq!(found, subnet.free_ranges(family), "free ranges of {id}");
            self.compare_free(id, family, &found);
            let mut reserved = subnet.reserved.clone();
            reserved.retain(|range| range.family() == family);
            reserved.sort_unstable();
            assert!(engine.reservations(id, family).unwrap().eq(reserved));

            let (first, last) = ends(cidr);
            assert_eq!(engine.nth(id, family, last - first), Some(address(family, last)));
            let beyond = (last - first).checked_add(1);
            assert_eq!(beyond.and_then(|beyond| engine.nth(id, family, beyond)), None);
            for at in [first, last] {
                self.compare_address(0, address(family, at));
            }
        }
        for &address in subnet.held.keys().take(2).chain(subnet.held.keys().next_back()) {
            self.compare_address(0, address);
        }
        for range in &subnet.reserved {
            self.compare_address(0, range.last());
        }
    }

    /// Compares what is said of the free ranges of a subnet: with the indices it keeps, and with others
    fn compare_free(&self, id: SubnetId, family: Family, free: &[AddrRange]) {
        let cidr = self.world.subnets[&id].cidr(family).unwrap();
        let cidrs = free_cidrs(free);
        let (first, last) = ends(cidr);
        let middle = first + (last - first) / 2;
        let total = free.iter().fold(0u128, |sum, range| sum.saturating_add(range.count()));
        let beyond = |range: &AddrRange| bits(range.last()) - bits(range.first());

        let mut other = self.engine.clone();
        let indices = match self.steps % 4 {
            0 => Indices::ALL,
            1 => Indices::NONE,
            2 => Indices::BLOCKS,
            _ => Indices::RANKS,
        };
        other.execute(Timestamp::ZERO, &Command::SetIndices { subnet: id, indices }).unwrap();
        let mut best = vec![None; usize::from(family.bits()) + 1];
        for free in cidrs.iter().rev() {
            best[usize::from(free.prefix_len())] = Some(free.addr());
        }
        for len in 1..best.len() {
            best[len] = best[len].or(best[len - 1]);
        }
        for engine in [&self.engine, &other] {
            for (len, best) in (0u8..).zip(&best) {
                let best = best.map(|first| IpNet::new(first, len).unwrap());
                assert_eq!(engine.free_block(id, family, len), best, "a free /{len} of {id}");
            }
            assert_eq!(engine.free_block(id, family, family.bits() + 1), None);
            let largest = cidrs.iter().copied().min_by_key(|free| (free.prefix_len(), free.addr()));
            assert_eq!(engine.largest_free_block(id, family), largest, "the largest of {id}");

            for n in [0, 1, 2, 7, 62, 63, 64, 255, total / 2, total.saturating_sub(1), total] {
                let mut rest = n;
                let nth = free.iter().find_map(|range| match rest.checked_sub(range.count()) {
                    None => Some(address(family, bits(range.first()) + rest)),
                    Some(beyond) => {
                        rest = beyond;
                        None
                    }
                });
                // All of ::/0 is one range, of one address more than can be counted.
                let all = n == u128::MAX && free.len() == 1 && beyond(&free[0]) == n;
                let nth = if all { Some(address(family, n)) } else { nth };
                assert_eq!(engine.nth_free(id, family, n), nth, "the {n}th free of {id}");
            }
            for (low, high) in [(first, last), (first, middle), (middle, last), (middle, middle)] {
                let counts = free.iter().filter_map(|range| {
                    let (first, last) =
                        (bits(range.first()).max(low), bits(range.last()).min(high));
                    Some(last.checked_sub(first)?.saturating_add(1))
                });
                let count = counts.fold(0u128, u128::saturating_add);
                let range = AddrRange::new(address(family, low), address(family, high)).unwrap();
                assert_eq!(engine.free_within(id, range), Some(count), "free of {range}");
            }
            if let Some(above) = first.checked_sub(1) {
                let range = AddrRange::new(address(family, above), address(family, last)).unwrap();
                assert_eq!(engine.free_within(id, range), None, "{range} is not all of {id}");
            }
            let longest = free.iter().copied().reduce(|longest, range| {
                if beyond(&range) > beyond(&longest) { range } else { longest }
            });
            assert_eq!(engine.longest_free_run(id, family), longest, "the longest of {id}");
        }
    }

    fn compare_interfaces(&self) {
        let Self { engine, world, .. } = self;
        for (&id, interface) in &world.interfaces {
            let info = engine.interface(id).unwrap();
            assert_eq!((info.vpc, info.subnet), (world.vpc_of(id), interface.home));
            assert_eq!((info.status, info.quota), (interface.status, interface.quota));
            let primary = |family| world.primary(id, family);
            let primaries = (primary(Family::V4), primary(Family::V6));
            let found = (info.primary_v4.map(IpAddr::V4), info.primary_v6.map(IpAddr::V6));
            assert_eq!(found, primaries, "primaries of {id}");

            let expected = world.addresses(id);
            let count = |family| {
                expected.iter().filter(|(_, at, _)| Family::of(*at) == family).count() as u64
            };
            assert_eq!((info.count_v4, info.count_v6), (count(Family::V4), count(Family::V6)));
            let expected: Vec<_> = expected
                .into_iter()
                .map(|(subnet, at, held)| (subnet, at, role(&held), held.generation))
                .collect();
            let found: Vec<_> = engine
                .addresses(id)
                .unwrap()
                .map(|of| (of.subnet, of.address, of.role, of.generation.get()))
                .collect();
            assert_eq!(found, expected, "addresses of {id}");
        }
    }

    /// Compares what is said of an address, in every VPC
    fn compare_address(&self, now: u64, address: IpAddr) {
        let vpcs = self.world.vpcs.keys().copied();
        for vpc in vpcs.chain(["vpc-none".parse::<VpcId>().unwrap()]) {
            let found = self.world.subnet_at(vpc, address);
            let holder = found.and_then(|(subnet, of)| {
                let held = of.held.get(&address)?;
                Some((held.by, subnet, role(held), held.generation))
            });
            let facts = |of: Holder| (of.interface, of.subnet, of.role, of.generation.get());
            assert_eq!(self.engine.owner(vpc, address).map(facts), holder, "owner of {address}");

            let explanation = self.engine.explain(Timestamp::from_millis(now), vpc, address);
            assert_eq!(explanation.at.millis(), now.max(self.world.clock));
            assert_eq!(explanation.subnet, found.map(|(subnet, _)| subnet));
            assert_eq!(explanation.holder.map(facts), holder);
            let causes = found.map_or(vec![Cause::OutOfRange], |(_, of)| of.causes(address));
            assert_eq!(explanation.causes, causes, "why {address} is not given");
        }
    }

    /// Replays the log, as JSON, into engines that know nothing
    fn compare_replay(&self) {
        let mut replica = Engine::with_seed(0x5eed);
        for event in &self.log {
            let text = serde_json::to_string(event).unwrap();
            let read: Event = serde_json::from_str(&text).unwrap();
            assert_eq!(read, *event);
            assert_eq!(replica.apply(&read), Ok(()));
        }
        assert_eq!(replica, self.engine, "the replay of the log differs");
        assert_eq!(replica.check(), Ok(()));
    }
}

fn role(held: &Held) -> Role {
    if held.primary { Role::Primary } else { Role::Secondary }
}
