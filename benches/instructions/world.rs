//! Engines with addresses in use, and commands to give them

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipam_core::*;

/// One subnet, and what is in use of it
pub struct World {
    cidr: &'static str,
    interfaces: usize,
    /// So many of the lowest addresses are dealt out at random; or far ones, where that is none
    lowest: u32,
    /// So many of those are in use
    used: usize,
    /// All of those were in use once, under the policy
    ever: bool,
    policy: Policy,
    indices: Indices,
    quota: Option<u32>,
    quarantine: Quarantine,
}

/// A /16, every other address in use
pub const HALF_FULL: World = World {
    cidr: "10.0.0.0/16",
    interfaces: 1_024,
    lowest: 65_534,
    used: 32_767,
    ever: false,
    policy: Policy::Lowest,
    indices: Indices::NONE,
    quota: None,
    quarantine: Quarantine::NONE,
};

/// A fresh /24
pub const SMALL: World =
    World { cidr: "10.0.0.0/24", interfaces: 16, lowest: 254, used: 0, ..HALF_FULL };

/// A fresh /16
pub const WIDE: World =
    World { cidr: "10.0.0.0/16", interfaces: 16, lowest: 65_534, used: 0, ..HALF_FULL };

/// A /64 with 10,000 addresses in use, far from each other
pub const FAR: World =
    World { cidr: "2001:db8::/64", interfaces: 1_024, lowest: 0, used: 10_000, ..HALF_FULL };

/// The same of IPv6
pub const HALF_FULL_V6: World = World { cidr: "2001:db8::/64", ..HALF_FULL };

/// The same for interfaces of which each has a quota
pub const WITH_QUOTA: World = World { quota: Some(100), ..HALF_FULL };

/// The same, and what is released rests
pub const WITH_QUARANTINE: World =
    World { quarantine: Quarantine::for_millis(30_000), ..HALF_FULL };

/// A /16 of which the lower half is half full: there are whole blocks of 16 above it
pub const LOWER_HALF: World = World { lowest: 32_767, used: 16_384, ..HALF_FULL };

/// An engine and what it is asked
pub struct Work {
    pub engine: Engine,
    pub commands: Vec<Command>,
}

impl World {
    /// The same under a policy, and with what it is sped up by
    pub const fn by(self, policy: Policy, indices: Indices) -> Self {
        Self { policy, indices, ..self }
    }

    /// The same where all that is free was released
    pub const fn all_released(self) -> Self {
        Self { ever: true, ..self }
    }

    /// Commands that assign `each` addresses of the engine's choice
    pub fn by_count(&self, commands: usize, each: u32) -> Work {
        let (engine, _) = self.build();
        let command = |number| Assign::new(self.interface(number), Pick::any(each)).into();
        Work { engine, commands: (0..commands).map(command).collect() }
    }

    /// Commands that assign one address by name
    pub fn by_name(&self, commands: usize) -> Work {
        let (engine, addresses) = self.build();
        let free = addresses.into_iter().skip(self.used).take(commands);
        let command = |(number, address): (usize, IpAddr)| {
            Assign::new(self.interface(number), Pick::these([address])).into()
        };
        Work { engine, commands: free.enumerate().map(command).collect() }
    }

    /// Commands that release one address, those of [`by_name`](Self::by_name) where none is in use
    pub fn release(&self, commands: usize) -> Work {
        if self.used == 0 {
            return self.by_name(commands).undone();
        }
        let (engine, addresses) = self.build();
        let used = addresses.into_iter().take(self.used).enumerate();
        let mut used: Vec<(usize, IpAddr)> = used.collect();
        Random(2).shuffle(&mut used);
        let command = |&(number, address): &(usize, IpAddr)| {
            Unassign::new(self.interface(number), [address]).into()
        };
        Work { engine, commands: used.iter().take(commands).map(command).collect() }
    }

    /// Commands that assign an address of the engine's choice, after so many releases
    pub fn rested(&self, commands: usize) -> Work {
        let Work { mut engine, commands: releases } = self.release(commands);
        for release in &releases {
            engine.execute(Timestamp::ZERO, release).unwrap();
        }
        Work { engine, ..self.by_count(commands, 1) }
    }

    /// Commands that ask for an address of a narrow range by [`Dense`](Policy::Dense), where one far above it is in use
    pub fn dense_within(&self, commands: usize) -> Work {
        let (mut engine, addresses) = self.build();
        let (id, last) = (self.interface(0), addresses.into_iter().max().unwrap());
        engine.execute(Timestamp::ZERO, &Assign::new(id, Pick::these([last])).into()).unwrap();
        let [first, last] = [256, 511].map(|at| near(self.cidr.parse().unwrap(), at));
        let pick = Pick::any(1).by(Policy::Dense).within(AddrRange::new(first, last).unwrap());
        Work { engine, commands: vec![Assign::new(id, pick).into(); commands] }
    }

    /// Pairs of commands that release one address and assign another
    pub fn pairs(&self, pairs: usize) -> Work {
        let Work { engine, commands } = self.release(pairs);
        let assigns = (0..pairs)
            .map(|number| Command::from(Assign::new(self.interface(number), Pick::any(1))));
        let commands = commands.into_iter().zip(assigns).flat_map(|(one, other)| [one, other]);
        Work { engine, commands: commands.collect() }
    }

    /// The engine, and the addresses dealt out: those in use first, each to the next interface
    fn build(&self) -> (Engine, Vec<IpAddr>) {
        let mut engine = Engine::with_seed(7);
        let mut run = |command: Command| engine.execute(Timestamp::ZERO, &command).unwrap();
        let (vpc, subnet) = ("vpc-7t9nf3pu".parse().unwrap(), "subnet-0v1k9q2m".parse().unwrap());
        run(CreateVpc::new(vpc).into());
        let cidr = self.cidr.parse().unwrap();
        let mut profile = Profile::PLAIN;
        profile.quarantine = self.quarantine;
        run(CreateSubnet::new(subnet, vpc, profile).cidr(cidr).into());
        run(SetPolicy::new(subnet, self.policy).into());
        run(SetIndices::new(subnet, self.indices).into());
        for number in 0..self.interfaces {
            let create = CreateInterface::new(self.interface(number), subnet);
            run(match self.quota {
                Some(quota) => create.quota(quota).into(),
                None => create.into(),
            });
        }
        let mut random = Random(1);
        let mut addresses: Vec<IpAddr> = match self.lowest {
            0 => (0..2 * self.used).map(|_| far(random.next())).collect(),
            lowest => (1..=lowest).map(|at| near(cidr, at)).collect(),
        };
        if self.ever {
            let id = self.interface(0);
            run(Assign::new(id, Pick::these(addresses.iter().copied())).into());
            run(Unassign::new(id, addresses.iter().copied()).into());
        }
        random.shuffle(&mut addresses);
        for (number, &address) in addresses.iter().take(self.used).enumerate() {
            run(Assign::new(self.interface(number), Pick::these([address])).into());
        }
        (engine, addresses)
    }

    /// Names as clouds give them, in no order
    fn interface(&self, number: usize) -> InterfaceId {
        let name = (number % self.interfaces) as u64 * 1_000_000_007 % 0x1_0000_0000;
        format!("eni-{name:08x}").parse().unwrap()
    }
}

impl Work {
    /// The engine after the commands, and commands that release what they gave
    pub fn undone(mut self) -> Self {
        let undo = |command: &Command| {
            let decision = self.engine.execute(Timestamp::ZERO, command).unwrap();
            let Command::Assign(Assign { interface, .. }) = *command else { panic!("{command:?}") };
            Unassign::new(interface, decision.answer().iter()).into()
        };
        self.commands = self.commands.iter().map(undo).collect();
        self
    }

    /// The engine as it is, and the events that the commands come to, so many decided together
    pub fn decided_by(self, each: usize) -> (Engine, Vec<Event>) {
        let mut after = self.engine.clone();
        let event = |commands| {
            let decision = after.decide_all(Timestamp::ZERO, commands).unwrap();
            after.apply(decision.event().unwrap()).unwrap();
            decision.into_event().unwrap()
        };
        let events = self.commands.chunks(each).map(event).collect();
        (self.engine, events)
    }

    /// The engine as it is, and the events that the commands come to
    pub fn decided(self) -> (Engine, Vec<Event>) {
        let mut after = self.engine.clone();
        let event = |command| {
            let decision = after.execute(Timestamp::ZERO, command).unwrap();
            decision.into_event().unwrap()
        };
        let events = self.commands.iter().map(event).collect();
        (self.engine, events)
    }
}

/// So many addresses above the first of a subnet
fn near(cidr: ipnet::IpNet, at: u32) -> IpAddr {
    match cidr.network() {
        IpAddr::V4(first) => Ipv4Addr::from(u32::from(first) | at).into(),
        IpAddr::V6(first) => Ipv6Addr::from(u128::from(first) | u128::from(at)).into(),
    }
}

/// An address of the /64, anywhere
fn far(at: u64) -> IpAddr {
    Ipv6Addr::from((0x2001_0db8_u128 << 96) | u128::from(at)).into()
}

/// What cannot be had, and what can be of the same kind
pub mod refusals {
    use super::*;

    /// So many times the same of a /15 whose every other address is in use, but for the last 16
    pub fn contiguous(count: u32, indices: Indices) -> Work {
        let world = World {
            cidr: "10.0.0.0/15",
            interfaces: 1,
            used: 0,
            lowest: 131_072 - 17,
            indices,
            ..HALF_FULL
        };
        let (mut engine, addresses) = world.build();
        let mut odd: Vec<IpAddr> = addresses.into_iter().filter(|at| is_odd(*at)).collect();
        odd.sort_unstable();
        let id = world.interface(0);
        run(&mut engine, Assign::new(id, Pick::these(odd)));
        let pick = Pick::any(count).contiguous();
        Work { engine, commands: vec![Assign::new(id, pick).into(); 4] }
    }

    /// So many times the same of a /16 in which nothing is free and 10,000 addresses rest
    pub fn resting(count: u32, early: bool) -> Work {
        let mut quarantine = Quarantine::for_millis(30_000);
        quarantine.when_exhausted = early;
        let world = World { interfaces: 1, used: 0, quarantine, ..HALF_FULL };
        let (mut engine, mut addresses) = world.build();
        let id = world.interface(0);
        run(&mut engine, Assign::new(id, Pick::any(65_534)));
        addresses.truncate(10_000);
        for address in addresses {
            run(&mut engine, Unassign::new(id, [address]));
        }
        Work { engine, commands: vec![Assign::new(id, Pick::any(count)).into(); 16] }
    }

    /// So many times the same of eight subnets: a /28 each, of which the last has so many free addresses
    pub fn several(free: u32, each: bool) -> Work {
        let mut engine = Engine::with_seed(7);
        let (vpc, id) = ("vpc-7t9nf3pu".parse().unwrap(), "eni-0000000f".parse().unwrap());
        let subnets: Vec<SubnetId> =
            (0..8).map(|number| format!("subnet-0v1k9q2{number}").parse().unwrap()).collect();
        run(&mut engine, CreateVpc::new(vpc));
        for (number, &subnet) in subnets.iter().enumerate() {
            let cidr = format!("10.0.{number}.0/28").parse().unwrap();
            run(&mut engine, CreateSubnet::new(subnet, vpc, Profile::PLAIN).v4(cidr));
            if number == 0 {
                run(&mut engine, CreateInterface::new(id, subnet));
            }
            let left = if each || number == 7 { free } else { 0 };
            run(&mut engine, Assign::new(id, Pick::any(14 - left)).from_subnet(subnet));
        }
        let assign = Assign::new(id, Pick::any(2));
        let assign = if each { assign.from_each(subnets) } else { assign.from_first(subnets) };
        Work { engine, commands: vec![assign.into(); 64] }
    }

    fn is_odd(address: IpAddr) -> bool {
        matches!(address, IpAddr::V4(address) if u32::from(address) & 1 == 1)
    }

    fn run(engine: &mut Engine, command: impl Into<Command>) {
        engine.execute(Timestamp::ZERO, &command.into()).unwrap();
    }
}

/// `SplitMix64` (Steele, Lea and Flood 2014)
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            let below = (u128::from(self.next()) * (at as u128 + 1)) >> 64;
            items.swap(at, below as usize);
        }
    }
}
