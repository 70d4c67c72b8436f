//! The two engines behind one face

use std::net::{IpAddr, Ipv4Addr};

use ipam_core::{
    Assign, Command, CreateInterface, CreateSubnet, CreateVpc, Engine, Pick, Profile, Status,
    Timestamp,
};

use super::world::World;
use crate::plain::Plain;

/// The time of every command
pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

/// An engine that can be raced
pub(crate) trait Contender: Clone {
    /// An engine with the world's subnet and interfaces, each with what it has at first
    fn set_up(world: &World) -> Self;

    /// Carries a command out by the short path, and reads its addresses: their sum, or the code of the
    /// refusal
    fn execute(&mut self, command: &Command) -> Result<u64, u16>;

    /// The same by decide, then apply
    fn decide_apply(&mut self, command: &Command) -> Result<u64, u16>;

    /// Revision and digest
    fn history(&self) -> (u64, u64);

    /// What an interface has, in order of assignment
    fn addresses(&self, world: &World, interface: usize) -> Vec<IpAddr>;
}

/// The assignments that make the world's start
fn start(world: &World) -> impl Iterator<Item = Command> + '_ {
    let taken = world.interfaces.iter().zip(&world.start).filter(|(_, list)| !list.is_empty());
    taken.map(|(&id, list)| Assign::new(id, Pick::these(list.iter().copied())).into())
}

impl Contender for Engine {
    fn set_up(world: &World) -> Self {
        let World { vpc, subnet, cidr, .. } = *world;
        let mut engine = Self::new();
        let subnet_command = CreateSubnet::new(subnet, vpc, Profile::PLAIN).v4(cidr);
        let interfaces = world.interfaces.iter().map(|&id| CreateInterface::new(id, subnet).into());
        let made = [CreateVpc::new(vpc).into(), subnet_command.into()];
        for command in made.into_iter().chain(interfaces).chain(start(world)) {
            Self::execute(&mut engine, NOW, &command).unwrap();
        }
        engine
    }

    fn execute(&mut self, command: &Command) -> Result<u64, u16> {
        // By reference: to move a decision on would be a cost of the benchmark's own.
        match &self.execute(NOW, command) {
            Ok(decision) => Ok(decision.answer().iter().map(bits).sum()),
            Err(refusal) => Err(refusal.code()),
        }
    }

    fn decide_apply(&mut self, command: &Command) -> Result<u64, u16> {
        match &self.decide(NOW, command) {
            Ok(decision) => {
                if let Some(event) = decision.event() {
                    self.apply(event).map_err(|refusal| refusal.code())?;
                }
                Ok(decision.answer().iter().map(bits).sum())
            }
            Err(refusal) => Err(refusal.code()),
        }
    }

    fn history(&self) -> (u64, u64) {
        (self.revision().get(), self.digest())
    }

    fn addresses(&self, world: &World, interface: usize) -> Vec<IpAddr> {
        let id = world.interfaces[interface];
        (**self).addresses(id).unwrap().map(|held| held.address).collect()
    }
}

impl Contender for Plain {
    fn set_up(world: &World) -> Self {
        let World { vpc, subnet, cidr, .. } = *world;
        let mut engine = Self::default();
        engine.create_vpc(vpc);
        let room = 1usize << (32 - cidr.prefix_len());
        engine.create_subnet(subnet, vpc, cidr, Profile::PLAIN, room);
        for &id in &world.interfaces {
            engine.create_interface(id, subnet, Status::Available, None);
        }
        // Ours has made an event of each of these.
        let bare = World { start: vec![], interfaces: world.interfaces.clone(), ..*world };
        engine.resume(Contender::history(&Engine::set_up(&bare)));
        for command in start(world) {
            assert!(Contender::execute(&mut engine, &command).is_ok());
        }
        engine
    }

    fn execute(&mut self, command: &Command) -> Result<u64, u16> {
        match &self.execute(NOW, command) {
            Ok(decision) => Ok(decision.answer().iter().copied().map(v4_bits).sum()),
            Err(refusal) => Err(refusal.code()),
        }
    }

    fn decide_apply(&mut self, command: &Command) -> Result<u64, u16> {
        match &self.decide(NOW, command) {
            Ok(decision) => {
                if let Some(event) = &decision.event {
                    self.apply(event)?;
                }
                Ok(decision.answer().iter().copied().map(v4_bits).sum())
            }
            Err(refusal) => Err(refusal.code()),
        }
    }

    fn history(&self) -> (u64, u64) {
        self.history()
    }

    fn addresses(&self, world: &World, interface: usize) -> Vec<IpAddr> {
        let addresses = self.addresses(world.interfaces[interface]).unwrap();
        addresses.iter().copied().map(IpAddr::V4).collect()
    }
}

fn v4_bits(address: Ipv4Addr) -> u64 {
    address.to_bits().into()
}

fn bits(address: IpAddr) -> u64 {
    match address {
        IpAddr::V4(address) => v4_bits(address),
        IpAddr::V6(address) => address.to_bits() as u64,
    }
}
