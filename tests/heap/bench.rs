//! An engine whose bytes are counted

use ipam_core::*;

use super::counted::counted;

/// An engine with one VPC and `subnet-0` in it, where nothing is withheld that need not be
pub(crate) struct Bench {
    pub(crate) engine: Engine,
    /// Bytes that the engine holds, for all that was run
    pub(crate) held: i64,
}

impl Bench {
    pub(crate) fn new(cidr: &str) -> Self {
        let mut bench = Self { engine: Engine::with_seed(7), held: 0 };
        let vpc = "vpc-1".parse().unwrap();
        bench.run(&CreateVpc::new(vpc).into());
        bench.subnet("subnet-0", cidr);
        bench
    }

    pub(crate) fn run(&mut self, command: &Command) {
        self.run_at(Timestamp::ZERO, command);
    }

    pub(crate) fn run_at(&mut self, now: Timestamp, command: &Command) {
        let execute = || drop(self.engine.execute(now, command).unwrap());
        self.held += counted(execute).1.bytes_current;
    }

    pub(crate) fn subnet(&mut self, id: &str, cidr: &str) {
        let vpc = "vpc-1".parse().unwrap();
        let request = CreateSubnet::new(id.parse().unwrap(), vpc, Profile::PLAIN);
        self.run(&request.cidr(cidr.parse().unwrap()).into());
    }

    pub(crate) fn interface(&mut self, id: &str) -> InterfaceId {
        let id = id.parse().unwrap();
        self.run(&CreateInterface::new(id, subnet()).into());
        id
    }

    /// Fails unless everything goes back with the engine
    pub(crate) fn end(self) {
        let ((), heap) = counted(|| drop(self.engine));
        assert_eq!(self.held + heap.bytes_current, 0, "bytes left when the engine is gone");
    }
}

pub(crate) fn subnet() -> SubnetId {
    "subnet-0".parse().unwrap()
}

/// Not a good random number: one that scatters
pub(crate) fn scatter(number: u64) -> u64 {
    let mixed = (number ^ (number >> 31)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9)
}
