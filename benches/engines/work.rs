//! The questions, each asked of either engine by either path

use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr};
use std::rc::Rc;

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use ipam_core::{Assign, Command, Engine, InterfaceId, Pick, Unassign};

use super::contender::{Contender, NOW};
use super::world::{Step, World};
use crate::support::measure::{Work, timed};

/// Steps in a chunk of single commands
const CHUNK: usize = 256;

/// How a command is carried out: `C::execute` or `C::decide_apply`
pub(crate) trait Path<C>: Fn(&mut C, &Command) -> Result<u64, u16> + 'static {}
impl<C, F: Fn(&mut C, &Command) -> Result<u64, u16> + 'static> Path<C> for F {}

/// How many addresses are asked for
#[derive(Clone, Copy)]
pub(crate) enum Asked {
    /// So many of the engine's choice
    Count(usize),
    /// So many by name, in no order
    List(usize),
}

/// Commands that are filled in anew for each step, as a server fills them in from requests
pub(crate) struct Requests {
    release: Command,
    assign: Command,
    assign_named: Command,
}

impl Requests {
    pub(crate) fn new() -> Self {
        let nobody: InterfaceId = "-".parse().unwrap();
        Self {
            release: Unassign::new(nobody, [Ipv4Addr::UNSPECIFIED]).into(),
            assign: Assign::new(nobody, Pick::any(1)).into(),
            assign_named: Assign::new(nobody, Pick::these([Ipv4Addr::UNSPECIFIED])).into(),
        }
    }

    pub(crate) fn release(&mut self, from: InterfaceId, address: IpAddr) -> &Command {
        if let Command::Unassign(request) = &mut self.release {
            request.interface = from;
            request.addresses[0] = address;
        }
        &self.release
    }

    pub(crate) fn assign(&mut self, to: InterfaceId) -> &Command {
        if let Command::Assign(request) = &mut self.assign {
            request.interface = to;
        }
        &self.assign
    }

    pub(crate) fn assign_named(&mut self, to: InterfaceId, address: IpAddr) -> &Command {
        if let Command::Assign(request) = &mut self.assign_named {
            request.interface = to;
            request.pick.list[0] = address.into();
        }
        &self.assign_named
    }
}

/// Releases a random address by its interface, assigns one to a random interface; per such step
pub(crate) fn single<C: Contender + 'static>(
    world: &Rc<World>,
    steps: &Rc<[(Step, Ipv4Addr)]>,
    path: impl Path<C>,
) -> Work {
    let (world, steps) = (Rc::clone(world), Rc::clone(steps));
    let start = C::set_up(&world);
    let mut engine = start.clone();
    let mut requests = Requests::new();
    let mut at = 0;
    Box::new(move || {
        if at + CHUNK > steps.len() {
            at = 0;
            engine = start.clone();
        }
        let steps = &steps[at..][..CHUNK];
        at += CHUNK;
        let mut sum = 0;
        let sample = timed(CHUNK, || {
            for (step, _) in steps {
                let release = requests.release(world.interfaces[step.from], step.address.into());
                sum += path(&mut engine, release).unwrap_or_default();
                let assign = requests.assign(world.interfaces[step.to]);
                sum += path(&mut engine, assign).unwrap_or_default();
            }
        });
        let bits = |at: Ipv4Addr| u64::from(at.to_bits());
        let expected: u64 = steps.iter().map(|(of, to)| bits(of.address) + bits(*to)).sum();
        assert_eq!(sum, expected, "an engine does not choose the lowest");
        sample
    })
}

/// No engine at all: the two ids of each such step are looked up in a hash map; per step
pub(crate) fn look_ups(world: &Rc<World>, steps: &Rc<[(Step, Ipv4Addr)]>) -> Work {
    let (world, steps) = (Rc::clone(world), Rc::clone(steps));
    let ids = world.interfaces.iter().copied().zip(0u32..);
    let map: HashMap<InterfaceId, u32, FixedState> = ids.collect();
    let mut at = 0;
    Box::new(move || {
        let steps = &steps[at..][..CHUNK];
        at = if at + 2 * CHUNK > steps.len() { 0 } else { at + CHUNK };
        let mut sum = 0;
        let sample = timed(CHUNK, || {
            for (step, _) in steps {
                sum += map.get(&world.interfaces[step.from]).copied().unwrap_or_default();
                sum += map.get(&world.interfaces[step.to]).copied().unwrap_or_default();
            }
        });
        black_box(sum);
        sample
    })
}

/// Assigns 256 at a time by count, and reads the addresses out; per address, the release not counted
pub(crate) fn batch<C: Contender + 'static>(world: &World, path: impl Path<C>) -> Work {
    const BATCH: usize = 256;
    const BATCHES: usize = 16;
    let mut engine = C::set_up(world);
    let free = free(world);
    let batches: Vec<(Command, Command)> = world
        .interfaces
        .iter()
        .zip(free.chunks_exact(BATCH))
        .map(|(&id, chosen)| {
            let assign = Assign::new(id, Pick::any(BATCH as u32));
            (assign.into(), Unassign::new(id, chosen.iter().copied()).into())
        })
        .take(BATCHES)
        .collect();
    let expected: u64 = sum(&free[..BATCH * BATCHES]);
    Box::new(move || {
        let mut sum = 0;
        let sample = timed(BATCH * BATCHES, || {
            for (assign, _) in &batches {
                sum += path(&mut engine, assign).unwrap_or_default();
            }
        });
        assert_eq!(sum, expected, "an engine does not choose the lowest");
        for (_, release) in &batches {
            assert!(engine.execute(release).is_ok());
        }
        sample
    })
}

/// Assigns so many at once to one interface and releases them; per address, both counted
pub(crate) fn there_and_back<C: Contender + 'static>(
    world: &World,
    asked: Asked,
    path: impl Path<C>,
) -> Work {
    let mut engine = C::set_up(world);
    let mut free = free(world);
    let id = world.interfaces[0];
    let (count, pick) = match asked {
        Asked::Count(count) => (count, Pick::any(count as u32)),
        Asked::List(count) => {
            crate::support::random::Random::new(6).shuffle(&mut free);
            (count, Pick::these(free.iter().copied().take(count)))
        }
    };
    free.truncate(count);
    let release = Unassign::new(id, free.iter().copied()).into();
    let assign = Assign::new(id, pick).into();
    let expected = 2 * sum(&free);
    let times = CHUNK.div_ceil(count);
    Box::new(move || {
        let mut sum = 0;
        let sample = timed(times * count, || {
            for _ in 0..times {
                sum += path(&mut engine, &assign).unwrap_or_default();
                sum += path(&mut engine, &release).unwrap_or_default();
            }
        });
        assert_eq!(sum, expected * times as u64, "an engine gives other addresses");
        sample
    })
}

/// Assigns a list of addresses in one command; per address
pub(crate) fn list(world: &World, list: &[Ipv4Addr]) -> Work {
    let start = Engine::set_up(world);
    let command = Assign::new(world.interfaces[0], Pick::these(list.iter().copied())).into();
    let count = list.len();
    Box::new(move || {
        let mut engine = start.clone();
        let mut decision = None;
        let sample = timed(count, || decision = Some(engine.execute(NOW, &command)));
        let given = decision.and_then(Result::ok).map(|decision| decision.answer().count());
        assert_eq!(given, Some(count as u128), "the list is refused");
        sample
    })
}

/// Sorts the same list; per address
pub(crate) fn sort(list: &[Ipv4Addr]) -> Work {
    let list: Vec<IpAddr> = list.iter().copied().map(IpAddr::V4).collect();
    Box::new(move || {
        let mut list = list.clone();
        let sample = timed(list.len(), || list.sort_unstable());
        black_box(list);
        sample
    })
}

/// What nobody has at first, ascending
fn free(world: &World) -> Vec<Ipv4Addr> {
    let mut taken: Vec<Ipv4Addr> = world.start.iter().flatten().copied().collect();
    taken.sort_unstable();
    world.cidr.hosts().filter(|at| taken.binary_search(at).is_err()).collect()
}

fn sum(addresses: &[Ipv4Addr]) -> u64 {
    addresses.iter().map(|at| u64::from(at.to_bits())).sum()
}
