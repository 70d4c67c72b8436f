//! A second world beside a full /8: many subnets, many interfaces with an address each, a token for each

use std::net::IpAddr;

use ipam_core::{
    Assign, Command, CreateInterface, CreateSubnet, DeleteInterface, DeleteSubnet, Engine,
    InterfaceId, Once, Pick, Profile, Timestamp,
};

use super::contender::NOW;
use super::large::{self, vpc_id};
use super::world::{BASE, interface_id, name, subnet_id};

/// So many subnets of a /24, and interfaces with an address and a token each
#[derive(Clone, Copy)]
pub(crate) struct Second {
    pub(crate) subnets: usize,
    pub(crate) interfaces: usize,
}

pub(crate) const SECOND: Second = Second { subnets: 100_000, interfaces: 1_000_000 };

impl Second {
    /// When an interface's token is forgotten, each at its own time
    fn until(self, interface: usize) -> Timestamp {
        NOW.after((self.interfaces + interface) as u64)
    }

    /// Makes it one by one, each command carried out by `carry`; tells who has which address
    pub(crate) fn make(
        self,
        mut carry: impl FnMut(&mut Engine, Timestamp, &Command) -> Option<IpAddr>,
    ) -> (Engine, Vec<(InterfaceId, IpAddr)>) {
        let mut engine = large::bare();
        for number in 0..self.subnets {
            let cidr = format!("{}/24", std::net::Ipv4Addr::from(BASE + number as u32 * 256));
            let create = CreateSubnet::new(subnet_id(number), vpc_id(), Profile::PLAIN);
            carry(&mut engine, NOW, &create.cidr(cidr.parse().unwrap()).into());
        }
        let mut held = Vec::with_capacity(self.interfaces);
        for number in 0..self.interfaces {
            let id = interface_id(number);
            let create = CreateInterface::new(id, subnet_id(number % self.subnets));
            carry(&mut engine, NOW, &create.into());
            let token = name("token-", number as u64).parse().unwrap();
            let assign = Assign::new(id, Pick::any(1));
            let once = Once::new(token, self.until(number), assign).unwrap().into();
            held.push((id, carry(&mut engine, NOW, &once).unwrap()));
        }
        (engine, held)
    }

    /// Deletes everything in it one by one, as the tokens are forgotten
    pub(crate) fn unmake(
        self,
        engine: &mut Engine,
        mut carry: impl FnMut(&mut Engine, Timestamp, &Command) -> Option<IpAddr>,
    ) {
        for number in 0..self.interfaces {
            let delete = Command::from(DeleteInterface::new(interface_id(number)));
            carry(engine, self.until(number), &delete);
        }
        let last = self.until(self.interfaces);
        for number in 0..self.subnets {
            carry(engine, last, &DeleteSubnet::new(subnet_id(number)).into());
        }
    }
}

/// A /8 of which the engine's choice filled so much, one by one: each address has a generation of its own
pub(crate) fn filled(
    count: usize,
    mut carry: impl FnMut(&mut Engine, Timestamp, &Command) -> Option<IpAddr>,
) -> (Engine, Vec<(InterfaceId, IpAddr)>) {
    let mut engine = large::bare();
    large::create_subnet(&mut engine, subnet_id(0), "10.0.0.0/8".parse().unwrap());
    large::create_interfaces(&mut engine, 1024, 1);
    let ids: Vec<InterfaceId> = (0..1024).map(interface_id).collect();
    let mut held = Vec::with_capacity(count);
    for &id in ids.iter().cycle().take(count) {
        let assign = Assign::new(id, Pick::any(1)).into();
        held.push((id, carry(&mut engine, NOW, &assign).unwrap()));
    }
    (engine, held)
}
