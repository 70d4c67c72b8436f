//! What the test files share: ids, addresses and a small engine to start from

use std::net::IpAddr;

use ipam_core::*;

pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_000);

pub(crate) fn vpc(id: &str) -> VpcId {
    id.parse().unwrap()
}

pub(crate) fn subnet(id: &str) -> SubnetId {
    id.parse().unwrap()
}

pub(crate) fn eni(id: &str) -> InterfaceId {
    id.parse().unwrap()
}

pub(crate) fn ip(address: &str) -> IpAddr {
    address.parse().unwrap()
}

pub(crate) fn ips<const N: usize>(addresses: [&str; N]) -> [IpAddr; N] {
    addresses.map(ip)
}

pub(crate) fn range(first: &str, last: &str) -> AddrRange {
    AddrRange::new(ip(first), ip(last)).unwrap()
}

pub(crate) fn create_vpc(id: &str) -> Command {
    CreateVpc::new(vpc(id)).into()
}

/// A subnet of `vpc-1`
pub(crate) fn create_subnet(id: &str, cidr: &str, profile: Profile) -> CreateSubnet {
    CreateSubnet::new(subnet(id), vpc("vpc-1"), profile).cidr(cidr.parse().unwrap())
}

/// Executes commands, none of which may be refused
pub(crate) fn run(engine: &mut Engine, commands: impl IntoIterator<Item = Command>) {
    for command in commands {
        engine.execute(NOW, &command).unwrap_or_else(|error| panic!("{command:?}: {error}"));
    }
}

/// The refusal of a command, which must leave the engine as it was, in whichever way it is asked
pub(crate) fn refusal(engine: &mut Engine, command: impl Into<Command>) -> Error {
    let command = command.into();
    let before = engine.clone();
    let later = Timestamp::from_millis(9_999);
    let error = engine.execute(later, &command).expect_err("must be refused");
    assert_eq!(*engine, before, "a refused command changed the engine");
    assert_eq!(engine.decide(later, &command).as_ref(), Err(&error));
    let batch = engine.decide_all(later, std::slice::from_ref(&command)).unwrap_err();
    assert_eq!((batch.index, &batch.error), (0, &error));
    assert!(!error.to_string().is_empty() && !error.to_string().contains('\n'));
    error
}
