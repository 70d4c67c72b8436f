//! What a decoder allocates: no more than it is allowed, and in proportion to what it makes
#![expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "tests")]

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipam_core::*;

use super::counted::counted;
use super::{body, restored, snapshot};
use crate::seal::{ENGINE, sealed};

/// An engine, and the time of its next command
struct World {
    engine: Engine,
    now: Timestamp,
}

impl World {
    fn new() -> Self {
        let mut world = Self { engine: Engine::new(), now: Timestamp::from_millis(1_000) };
        world.run(CreateVpc::new("vpc".parse().unwrap()));
        world
    }

    fn run(&mut self, command: impl Into<Command>) -> Decision {
        let command = command.into();
        self.engine.execute(self.now, &command).unwrap_or_else(|error| panic!("{error}"))
    }

    fn subnet(&mut self, name: &str, cidr: &str, profile: Profile) -> SubnetId {
        let subnet = name.parse().unwrap();
        let create = CreateSubnet::new(subnet, "vpc".parse().unwrap(), profile);
        self.run(create.cidr(cidr.parse().unwrap()));
        subnet
    }

    fn interfaces(&mut self, home: SubnetId, count: u32) -> Vec<InterfaceId> {
        let ids = (0..count).map(|number| format!("eni-{number:08x}").parse().unwrap());
        let ids: Vec<InterfaceId> = ids.collect();
        ids.iter().for_each(|&id| drop(self.run(CreateInterface::new(id, home))));
        ids
    }
}

fn scattered() -> Engine {
    let mut world = World::new();
    let subnet = world.subnet("subnet", "10.0.0.0/14", Profile::PLAIN);
    let ids = world.interfaces(subnet, 3_000);
    for (index, &id) in ids.iter().enumerate() {
        world.run(Assign::new(id, Pick::any(1 + index as u32 % 40)));
    }
    for &id in ids.iter().step_by(3) {
        let has = world.engine.addresses(id).unwrap().step_by(2).map(|of| of.address);
        let has: Vec<IpAddr> = has.collect();
        world.run(Unassign::new(id, has));
    }
    world.engine
}

fn far() -> Engine {
    let mut world = World::new();
    let subnet = world.subnet("subnet", "2001:db8::/64", Profile::PLAIN);
    let ids = world.interfaces(subnet, 50);
    for number in 0..20_000u64 {
        let bits =
            (0x2001_0db8u128 << 96) | u128::from(number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let address = Ipv6Addr::from_bits(bits);
        world.run(Assign::new(ids[number as usize % 50], Pick::these([address])));
    }
    world.engine
}

/// Addresses so far apart that each has pages and branches of its own; all but one in ten are released again
fn thin(step: u32, released: bool) -> Engine {
    let mut world = World::new();
    let subnet = world.subnet("subnet", "0.0.0.0/1", Profile::PLAIN);
    if released {
        world.run(SetPolicy::new(subnet, Policy::LongestReleased));
    }
    let ids = world.interfaces(subnet, 10);
    for number in 1..500u32 {
        let address = IpAddr::from(Ipv4Addr::from_bits(number * step));
        let id = ids[number as usize % 10];
        world.run(Assign::new(id, Pick::these([address])));
        if released && number % 10 != 0 {
            world.run(Unassign::new(id, [address]));
        }
    }
    world.engine
}

fn resting() -> Engine {
    let mut world = World::new();
    let rest = Profile::PLAIN.quarantine(Quarantine::for_millis(60_000));
    let subnet = world.subnet("subnet", "10.0.0.0/16", rest);
    let ids = world.interfaces(subnet, 100);
    for number in 0..8_000usize {
        let id = ids[number % 100];
        let address = world.run(Assign::new(id, Pick::any(1))).answer().iter().next().unwrap();
        let rest = Rest::for_millis(30_000 + number as u64 * 7).because("because".parse().unwrap());
        world.run(Unassign::new(id, [address]).rest(rest));
    }
    world.engine
}

fn held_and_kept() -> Engine {
    let mut world = World::new();
    let subnet = world.subnet("subnet", "10.0.0.0/16", Profile::PLAIN);
    let ids = world.interfaces(subnet, 100);
    // Every second address is free, so that lists have many runs.
    for number in 0..100u8 {
        let even = (0..=127).map(|last| IpAddr::from(Ipv4Addr::new(10, 0, number, last * 2 + 1)));
        world.run(Assign::new(ids[0], Pick::these(even.collect::<Vec<_>>())));
    }
    let hold =
        Hold::until(Timestamp::from_millis(9_000)).kept_until(Timestamp::from_millis(90_000));
    for number in 0..400usize {
        let (id, hold) = (ids[number % 100], hold.request("request".parse().unwrap()));
        let token = format!("token-{number}").parse().unwrap();
        let assign = Assign::new(id, Pick::any(25)).hold(hold);
        let decision = world.run(Once::new(token, Timestamp::from_millis(80_000), assign).unwrap());
        let task = decision.task().unwrap();
        match number % 4 {
            0 => drop(world.run(Confirm::new(task))),
            1 => drop(world.run(Cancel::new(task).because("because".parse().unwrap()))),
            2 => {
                let some: Vec<IpAddr> = decision.answer().iter().step_by(2).collect();
                world.run(Resolve::new(task, some));
            }
            _ => {}
        }
    }
    world.engine
}

fn tokens_of_prefixes() -> Engine {
    let mut world = World::new();
    let subnet = world.subnet("subnet", "10.0.0.0/16", Profile::PLAIN);
    let id = world.interfaces(subnet, 1)[0];
    for number in 0..2_000 {
        let token = format!("token-{number:05}").parse().unwrap();
        let until = world.now.after(60_000);
        let assign = Assign::new(id, Pick::any_prefixes(30, 1));
        world.run(Once::new(token, until, assign).unwrap());
    }
    world.engine
}

fn many_subnets() -> Engine {
    let mut world = World::new();
    let cidrs = (0..=255u8).map(|second| format!("11.{second}.0.0/16").parse().unwrap());
    world.run(CreateVpc::new("other".parse().unwrap()).within(cidrs));
    for number in 0..2_000u32 {
        let cidr = format!("10.{}.{}.0/24", number / 256, number % 256);
        let name = format!("subnet-{number}");
        let mut profile = Profile::PLAIN;
        profile.v4.first = number % 3;
        let subnet = world.subnet(&name, &cidr, profile);
        let at =
            |last: u8| IpAddr::from(Ipv4Addr::new(10, (number / 256) as u8, number as u8, last));
        let range = AddrRange::new(at(200), at(210)).unwrap();
        world.run(ReserveRange::new(subnet, range).kind(Reservation::AutoOnly));
        let id = format!("eni-{number}").parse().unwrap();
        world.run(CreateInterface::new(id, subnet).primary_v4(Primary::Chosen));
        if number % 50 == 0 {
            world.run(SetIndices::new(subnet, Indices::ALL));
        }
    }
    world.engine
}

/// Interfaces and subnets whose names lie beside their records; who had what rests, and is gone or not; and tasks
fn long_names() -> Engine {
    let mut world = World::new();
    let rest = Profile::PLAIN.quarantine(Quarantine::for_millis(60_000));
    for number in 0..100u8 {
        world.subnet(&format!("{number:064}"), &format!("10.1.{number}.0/24"), rest);
    }
    let home = world.subnet(&"home".repeat(16), "10.0.0.0/16", rest);
    let ids = (0..2_000).map(|number| format!("{number:064}").parse().unwrap());
    let ids: Vec<InterfaceId> = ids.collect();
    let hold = Hold::until(Timestamp::from_millis(9_000));
    for (index, &id) in ids.iter().enumerate() {
        world.run(CreateInterface::new(id, home));
        let one = Assign::new(id, Pick::any(1));
        let address = world.run(one.clone()).answer().iter().next().unwrap();
        match index % 4 {
            0 => drop(world.run(one.hold(hold))),
            1 => drop(world.run(Unassign::new(id, [address]))),
            2 => drop(world.run(DeleteInterface::new(id))),
            _ => {}
        }
    }
    world.engine
}

#[test]
fn memory_is_bounded_and_counted_before_it_is_used() {
    let engines: [(&str, Engine); 11] = [
        ("nothing", Engine::new()),
        ("scattered", scattered()),
        ("far apart", far()),
        ("thin", thin(1 << 22, false)),
        ("thin, released", thin(1 << 22, true)),
        ("thin, released, nearer", thin(1 << 12, true)),
        ("resting", resting()),
        ("held and kept", held_and_kept()),
        ("many subnets", many_subnets()),
        ("tokens of prefixes", tokens_of_prefixes()),
        ("long names", long_names()),
    ];
    for (name, engine) in engines {
        let bytes = snapshot(&engine);
        assert_eq!(restored(&bytes, 3), engine, "{name}");
        let decode =
            |memory| counted(|| Engine::decode(&bytes, 5, &DecodeLimits::with_memory(memory)));
        let (read, heap) = decode(u64::MAX);
        let (most, held) = (heap.bytes_max, heap.bytes_current as u64);
        assert_eq!(read.unwrap().check(), Ok(()), "{name}");
        let bound = 2 * held + 2 * bytes.len() as u64 + (1 << 20);
        assert!(most <= bound, "{name}: {most} bytes at once, which is more than {bound}");
        let enough = least(name, bound * 32, |memory| {
            let (read, heap) = decode(memory);
            (read.map(drop), heap.bytes_max)
        });
        println!("{name}: {} bytes, {held} held, {most} at once, {enough} asked for", bytes.len());
    }
}

/// The least memory that is enough to read something, which never takes more than it may; not more than `enough`
fn least(name: &str, mut enough: u64, read: impl Fn(u64) -> (Result<(), DecodeError>, u64)) -> u64 {
    let mut less = 0;
    while enough - less > 1 {
        let middle = less + (enough - less) / 2;
        let (read, most) = read(middle);
        assert!(most <= middle, "{name}: {most} of {middle}");
        match read {
            Ok(()) => enough = middle,
            Err(DecodeError::Limit { limit: DecodeLimit::Memory, max, wanted, .. }) => {
                assert!(max == middle && wanted > middle);
                less = middle;
            }
            Err(other) => panic!("{name}: {other}"),
        }
    }
    enough
}

/// Lists with prefixes took up to a third more than was allowed
#[test]
fn memory_of_events_of_prefixes_is_counted_before_it_is_used() {
    let mut world = World::new();
    let subnet = world.subnet("subnet", "10.0.0.0/16", Profile::PLAIN);
    let id = world.interfaces(subnet, 1)[0];
    let one = Command::from(Assign::new(id, Pick::any_prefixes(28, 1)));
    let mixed = Command::from(Assign::new(id, Pick::any_prefixes(28, 3).and_any(5)));
    let cases = [("one", vec![one.clone()]), ("many", vec![one; 300]), ("mixed", vec![mixed; 7])];
    for (name, commands) in cases {
        let decision = world.engine.decide_all(world.now, &commands).unwrap();
        let mut bytes = Vec::new();
        decision.event().unwrap().encode(&mut bytes);
        let enough = least(name, 1 << 24, |memory| {
            let limits = DecodeLimits::with_memory(memory);
            let (read, heap) = counted(|| Event::decode(&bytes, &limits));
            (read.map(drop), heap.bytes_max)
        });
        let (_, heap) = counted(|| Event::decode(&bytes, &DecodeLimits::UNLIMITED).map(drop));
        println!("{name}: {} bytes, {} at once, {enough} asked for", bytes.len(), heap.bytes_max);
        assert!(enough <= 2 * heap.bytes_max + 64, "{name}: {enough} for {}", heap.bytes_max);
    }
}

#[test]
fn as_many_are_allowed_as_are_there_and_no_fewer() {
    let engine = scattered();
    let bytes = snapshot(&engine);
    let addresses =
        engine.at(Timestamp::ZERO).subnet_usage("subnet".parse().unwrap()).unwrap().v4.unwrap();
    let addresses = addresses.assigned as u64;
    let exact = DecodeLimits::UNLIMITED.addresses(addresses).interfaces(3_000);
    assert!(Engine::decode(&bytes, 0, &exact) == Ok(engine));
    let refused = |limits| match Engine::decode(&bytes, 0, &limits) {
        Err(DecodeError::Limit { limit, max, wanted, .. }) => (limit, max, wanted),
        other => panic!("{:?}", other.map(|_| ())),
    };
    let few = exact.addresses(addresses - 1);
    assert_eq!(refused(few), (DecodeLimit::Addresses, addresses - 1, addresses));
    assert_eq!(refused(exact.interfaces(2_999)), (DecodeLimit::Interfaces, 2_999, 3_000));
}

/// A number as the format has it
fn number(mut value: u128) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

/// A snapshot of a subnet and an interface, in which this is said to be taken
fn claiming(cidr: &str, chunks: &[u8]) -> Vec<u8> {
    let mut world = World::new();
    let subnet = world.subnet("subnet", cidr, Profile::PLAIN);
    world.interfaces(subnet, 1);
    let bytes = snapshot(&world.engine);
    let (mut rest, mut forged) = (body(&bytes), Vec::new());
    while let [tag, after @ ..] = rest {
        let length = u64::from_le_bytes(after[..8].try_into().unwrap()) as usize;
        let mut section = after[8..8 + length].to_vec();
        if *tag == 3 {
            assert_eq!(section.pop(), Some(3), "the end of no chunks");
            section.extend(chunks);
            section.push(3);
        }
        forged.push(*tag);
        forged.extend((section.len() as u64).to_le_bytes());
        forged.extend(section);
        rest = &after[8 + length..];
    }
    sealed(ENGINE, &forged)
}

#[test]
fn a_few_bytes_that_claim_all_addresses_are_refused_at_no_cost() {
    let full = |words: u128| [number(((words - 1) << 2) | 1), vec![0]].concat();
    for (cidr, words) in [("::/0", 1u128 << 122), ("::/0", 1 << 40), ("0.0.0.0/0", 1 << 26)] {
        let bytes = claiming(cidr, &full(words));
        let limits = DecodeLimits::with_memory(1 << 20);
        let (read, heap) = counted(|| Engine::decode(&bytes, 0, &limits));
        assert!(matches!(read, Err(DecodeError::Limit { .. })), "{cidr}: {read:?}");
        assert!(heap.bytes_max < 100_000, "{cidr}: {} bytes", heap.bytes_max);
    }
    // One word more than there is, and one that begins there.
    for chunks in [full((1 << 26) + 1), [number(2), number(1 << 26)].concat()] {
        let refused = Engine::decode(&claiming("0.0.0.0/0", &chunks), 0, &DecodeLimits::UNLIMITED);
        assert!(matches!(refused, Err(DecodeError::Malformed { flaw: Flaw::Outside, .. })));
    }
    // What nobody has.
    let refused =
        Engine::decode(&claiming("10.0.0.0/24", &[2 + 4 * 7, 0]), 0, &DecodeLimits::UNLIMITED);
    assert!(matches!(refused, Err(DecodeError::Malformed { flaw: Flaw::Unowned, .. })));
}

/// A dense table is never wider than four times what is in use, whatever a file says
#[test]
fn one_address_far_up_makes_no_wide_table() {
    let mut world = World::new();
    let subnet = world.subnet("subnet", "10.0.0.0/8", Profile::PLAIN);
    let id = world.interfaces(subnet, 1)[0];
    world.run(Assign::new(id, Pick::these([IpAddr::from([10, 200, 0, 1])])));
    let bytes = snapshot(&world.engine);
    let (read, heap) = counted(|| Engine::decode(&bytes, 0, &DecodeLimits::UNLIMITED));
    assert!(read == Ok(world.engine) && heap.bytes_max < 10_000, "{} bytes", heap.bytes_max);
}
