//! Whether engine and model say the same of the state

use std::net::IpAddr;

use ipam_core::ipnet::IpNet;
use ipam_core::{
    Cause, Family, FamilyUsage, Holder, InterfaceId, Policy, Reason, RequestId, Reservation,
    Resting, Role, SubnetId, Task, TaskInfo, TaskState, Timestamp, VpcId,
};

use super::compare::Session;
use super::laws::law_of_counts;
use super::subnet::{Numbers, address, ends};
use super::world::{Hold, Owned, World};

impl Session {
    /// Compares everything that both know, and recomputes every invariant
    pub(crate) fn compare_all(&self, now: u64) {
        let Self { engine, twin, world, .. } = self;
        assert_eq!(engine.check(), Ok(()));
        assert_eq!(twin.check(), Ok(()));
        assert_eq!(engine, twin, "decide then apply differs from execute");
        assert!(engine.vpcs().eq(world.vpcs.keys().copied()));
        for (&vpc, cidrs) in &world.vpcs {
            assert_eq!(engine.vpc_cidrs(vpc), Some(cidrs.as_slice()));
            assert!(engine.subnets(vpc).eq(world.subnets_of(vpc).map(|(id, _)| id)));
            let in_vpc = world.interfaces.keys().copied().filter(|id| world.vpc_of(*id) == vpc);
            assert!(engine.interfaces(vpc).eq(in_vpc));
        }
        world.subnets.keys().for_each(|&subnet| self.compare_subnet(subnet));
        self.compare_interfaces();
        self.compare_time(now);
    }

    fn compare_subnet(&self, id: SubnetId) {
        let Self { engine, world, .. } = self;
        let subnet = &world.subnets[&id];
        let info = engine.subnet(id).unwrap();
        assert_eq!((info.vpc, info.profile), (subnet.vpc, subnet.profile));
        assert_eq!((info.indices, info.policy), (subnet.indices, subnet.policy));
        let cidrs = (info.v4.map(IpNet::V4), info.v6.map(IpNet::V6));
        assert_eq!(cidrs, (subnet.cidr(Family::V4), subnet.cidr(Family::V6)));
        let homes = world.interfaces.values().filter(|interface| interface.home == id).count();
        assert_eq!(info.interfaces, homes as u64);

        for family in Family::ALL {
            let Some(cidr) = subnet.cidr(family) else {
                assert!(engine.quarantine(id, family).is_none());
                assert!(engine.free_ranges(id, family).is_none());
                assert_eq!(engine.free_block(id, family, family.bits()), None);
                assert_eq!(engine.largest_free_block(id, family), None);
                assert_eq!(engine.nth_free(id, family, 0), None);
                assert_eq!(engine.longest_free_run(id, family), None);
                assert!(engine.reservations(id, family).is_none());
                continue;
            };
            let cursor = || address(family, ends(cidr).0 + subnet.position[family as usize]);
            let next = (subnet.policy == Policy::Next).then(cursor);
            assert_eq!(engine.cursor(id, family), next, "the cursor of {id}");
            let random = matches!(subnet.policy, Policy::Random { .. });
            let draws = random.then_some(subnet.position[family as usize]);
            assert_eq!(engine.draws(id, family).map(u128::from), draws, "the draws of {id}");
            let found: Vec<_> = engine.quarantine(id, family).unwrap().map(rest_facts).collect();
            let resting = subnet.resting(family).into_iter();
            let resting: Vec<_> =
                resting.map(|(at, rest)| (at, rest.until, rest.by, rest.reason)).collect();
            assert_eq!(found, resting, "what rests in {id}");

            let found: Vec<_> = engine.free_ranges(id, family).unwrap().collect();
            assert_eq!(found, subnet.free_ranges(family), "free ranges of {id}");
            self.compare_free(id, family, &found);
            let mut reserved = subnet.reserved.clone();
            reserved.retain(|range| range.family() == family);
            reserved.sort_unstable();
            let reserved = reserved.into_iter().map(|range| (range, subnet.kinds[&range]));
            assert!(engine.reservations(id, family).unwrap().eq(reserved));

            let (first, last) = ends(cidr);
            assert_eq!(engine.address_at(id, family, last - first), Some(address(family, last)));
            let beyond = (last - first).checked_add(1);
            assert_eq!(beyond.and_then(|beyond| engine.address_at(id, family, beyond)), None);
            for at in [first, last] {
                self.compare_address(0, address(family, at));
            }
        }
        let some = subnet.owned.keys().take(2).chain(subnet.owned.keys().next_back());
        for &address in some.chain(subnet.resting.keys().take(2)) {
            self.compare_address(0, address);
        }
        for range in &subnet.reserved {
            self.compare_address(0, range.last());
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
                .map(|(subnet, at, owned)| (subnet, at, holding(&owned)))
                .collect();
            let found: Vec<_> = engine
                .addresses(id)
                .unwrap()
                .map(|of| (of.subnet, of.address, (of.role, of.generation.get(), of.held)))
                .collect();
            assert_eq!(found, expected, "addresses of {id}");
        }
    }

    /// Compares what is said of an address, in every VPC
    pub(crate) fn compare_address(&self, now: u64, address: IpAddr) {
        let later = self.world.at(now);
        let vpcs = self.world.vpcs.keys().copied();
        for vpc in vpcs.chain(["vpc-none".parse::<VpcId>().unwrap()]) {
            let holder = |world: &World| {
                let (subnet, of) = world.subnet_at(vpc, address)?;
                let owned = of.owned.get(&address)?;
                Some((owned.by, subnet, holding(owned)))
            };
            let facts =
                |of: Holder| (of.interface, of.subnet, (of.role, of.generation.get(), of.held));
            let owner = self.engine.owner(vpc, address).map(facts);
            assert_eq!(owner, holder(&self.world), "owner of {address}");

            let explanation =
                self.engine.at(Timestamp::from_millis(now)).explain_address(vpc, address);
            let found = later.subnet_at(vpc, address);
            assert_eq!(explanation.subnet, found.map(|(subnet, _)| subnet));
            assert_eq!(explanation.holder.map(facts), holder(&later), "who has {address} at {now}");
            let rest = found.and_then(|(_, of)| of.resting.get(&address));
            let rest = rest.map(|rest| (address, rest.until, rest.by, rest.reason));
            assert_eq!(explanation.rest.map(rest_facts), rest, "how {address} rests at {now}");
            let causes = found.map_or(vec![Cause::OutOfRange], |(_, of)| of.causes(address));
            assert_eq!(explanation.causes, causes, "why {address} is not given");
        }
    }

    /// Compares what depends on the time asked about: now, when something is due next, and far later
    fn compare_time(&self, now: u64) {
        let Self { engine, world, .. } = self;
        assert_eq!(engine.limits(), world.limits);
        let next = world.next_deadline();
        assert_eq!(engine.next_deadline().map(Timestamp::millis), next);
        self.law_of_deadlines();
        let times = [Some(now), next, Some(now.saturating_add(1700))];
        for now in times.into_iter().flatten() {
            let (at, world) = (Timestamp::from_millis(now), world.at(now));
            for (&id, subnet) in &world.subnets {
                let usage = engine.at(at).subnet_usage(id).unwrap();
                for (family, usage) in Family::ALL.map(|family| (family, usage.family(family))) {
                    let found = usage.map_or([0, 0], |usage| [usage.auto_only, usage.prefix_only]);
                    let kinds = [Reservation::AutoOnly, Reservation::PrefixOnly];
                    for (found, kind) in found.into_iter().zip(kinds) {
                        let has = subnet.cidr(family).is_some();
                        let named = if has { subnet.reserved_as(kind, family) } else { 0 };
                        // All of ::/0 saturates.
                        let same = found == named || (found, named) == (u128::MAX, 0);
                        assert!(same, "{kind:?} of {id} at {now}: {found}, and not {named}");
                    }
                    let found = usage.map(numbers);
                    let numbers = subnet.cidr(family).map(|_| subnet.numbers(family));
                    assert_eq!(found, numbers, "usage of {id} at {now}");
                    law_of_counts(numbers);
                }
            }
            self.compare_tasks(at, &world);
        }
    }

    fn compare_tasks(&self, at: Timestamp, world: &World) {
        let engine = &self.engine;
        for &task in &self.past.tasks {
            let hold = world.tasks.get(&task).map(|hold| hold_facts(task, hold));
            assert_eq!(engine.at(at).task(task).map(task_facts), hold, "task {task} at {at}");
        }
        assert_eq!(engine.at(at).task(Task::new(engine.revision().next(), 0)), None);
        let all = |test: &dyn Fn(&Task, &Hold) -> bool| {
            let some = world.tasks.iter().filter(|(task, hold)| test(task, hold));
            some.map(|(&task, hold)| hold_facts(task, hold)).collect::<Vec<_>>()
        };
        let first = self.past.tasks.len().saturating_sub(6);
        for &Task { revision, .. } in &self.past.tasks[first..] {
            let found: Vec<_> = engine.at(at).tasks_of_revision(revision).map(task_facts).collect();
            assert_eq!(found, all(&|task, _| task.revision == revision), "tasks of {revision}");
        }
        for request in ["request-a", "request-b", "request-c"].map(|id| id.parse().unwrap()) {
            let found: Vec<_> = engine.at(at).tasks_of_request(request).map(task_facts).collect();
            assert_eq!(found, all(&|_, hold| hold.request == Some(request)), "of {request}");
        }
        for &interface in world.interfaces.keys() {
            let found: Vec<_> =
                engine.at(at).tasks_of_interface(interface).map(task_facts).collect();
            let open =
                |_: &Task, hold: &Hold| hold.interface == interface && !hold.state.is_finished();
            assert_eq!(found, all(&open), "tasks of {interface}");
        }
    }
}

fn holding(owned: &Owned) -> (Role, u64, bool) {
    let role = if owned.primary { Role::Primary } else { Role::Secondary };
    (role, owned.generation, owned.task.is_some())
}

fn rest_facts(rest: Resting) -> (IpAddr, u64, InterfaceId, Option<Reason>) {
    (rest.address, rest.until.millis(), rest.by, rest.reason)
}

type Parts = Vec<(SubnetId, Vec<IpAddr>)>;
type TaskFacts = (Task, InterfaceId, Parts, Vec<IpAddr>, TaskState, u64, Option<RequestId>);

fn hold_facts(task: Task, hold: &Hold) -> TaskFacts {
    let addresses = hold.addresses();
    let Hold { interface, parts, state, keep_until, request, .. } = hold.clone();
    (task, interface, parts, addresses, state, keep_until, request)
}

fn task_facts(info: TaskInfo) -> TaskFacts {
    let TaskInfo { task, interface, subnet, addresses, beside, state, .. } = info;
    let all: Vec<IpAddr> = addresses.iter().collect();
    let others = beside.iter().fold(0, |sum, (_, of)| sum + of.count());
    let first = all[..all.len() - usize::try_from(others).unwrap()].to_vec();
    let others = beside.into_iter().map(|(subnet, of)| (subnet, of.iter().collect()));
    let parts = [(subnet, first)].into_iter().chain(others).collect();
    (task, interface, parts, all, state, info.keep_until.millis(), info.request)
}

fn numbers(usage: FamilyUsage) -> Numbers {
    Numbers {
        total: usage.total,
        structural: usage.structural,
        reserved: usage.reserved,
        assigned: usage.assigned,
        held: usage.held,
        quarantined: usage.quarantined,
        free: usage.free,
    }
}
