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
}

/// A /16, every other address in use
pub const HALF_FULL: World =
    World { cidr: "10.0.0.0/16", interfaces: 1_024, lowest: 65_534, used: 32_767 };

/// A fresh /24
pub const SMALL: World = World { cidr: "10.0.0.0/24", interfaces: 16, lowest: 254, used: 0 };

/// A fresh /16
pub const WIDE: World = World { cidr: "10.0.0.0/16", interfaces: 16, lowest: 65_534, used: 0 };

/// A /64 with 10,000 addresses in use, far from each other
pub const FAR: World = World { cidr: "2001:db8::/64", interfaces: 1_024, lowest: 0, used: 10_000 };

/// An engine and what it is asked
pub struct Work {
    pub engine: Engine,
    pub commands: Vec<Command>,
}

impl World {
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
        run(CreateSubnet::new(subnet, vpc, Profile::PLAIN).cidr(cidr).into());
        for number in 0..self.interfaces {
            run(CreateInterface::new(self.interface(number), subnet).into());
        }
        let mut random = Random(1);
        let mut addresses: Vec<IpAddr> = match self.lowest {
            0 => (0..2 * self.used).map(|_| far(random.next())).collect(),
            lowest => (1..=lowest).map(|at| Ipv4Addr::from(0x0a00_0000 | at).into()).collect(),
        };
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

/// An address of the /64, anywhere
fn far(at: u64) -> IpAddr {
    Ipv6Addr::from((0x2001_0db8_u128 << 96) | u128::from(at)).into()
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
