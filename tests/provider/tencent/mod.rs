//! Tencent's documented calls in both forms, through the public API: every code, hostile input

mod task;
mod v2;
mod v3;

use ipam_core::provider::{Source, tencent};
use ipam_core::*;
use serde_json::{Value, json};

const NOW: Timestamp = Timestamp::ZERO;

/// A /28 behind `eni-m6dyj72l` and `eni-2` (.0 network, .1 gateway, .15 broadcast: thirteen to
/// have), and `eni-6` in a subnet without IPv4
fn engine() -> Engine {
    let mut engine = Engine::new();
    let (vpc, other) = (VpcId::new("vpc-7t9nf3pu").unwrap(), VpcId::new("vpc-2").unwrap());
    let (subnet, v6) = (SubnetId::new("subnet-1").unwrap(), SubnetId::new("subnet-6").unwrap());
    let setup = [
        CreateVpc::new(vpc).into(),
        CreateVpc::new(other).into(),
        CreateSubnet::new(subnet, vpc, Profile::TENCENT).v4("10.0.0.0/28".parse().unwrap()).into(),
        CreateSubnet::new(v6, vpc, Profile::TENCENT).v6("2001:db8::/64".parse().unwrap()).into(),
        CreateInterface::new(eni("eni-m6dyj72l"), subnet).into(),
        CreateInterface::new(eni("eni-2"), subnet).into(),
        CreateInterface::new(eni("eni-6"), v6).into(),
        CreateSubnet::new("subnet-2".parse().unwrap(), other, Profile::TENCENT)
            .v4("10.0.2.0/24".parse().unwrap())
            .into(),
    ];
    for command in &setup {
        engine.execute(NOW, command).unwrap();
    }
    engine
}

fn eni(id: &str) -> InterfaceId {
    id.parse().unwrap()
}

/// Assigns these to an ENI; the first is its primary, if that is said
fn assign(engine: &mut Engine, id: &str, list: &[&str], primary: bool) {
    let list = list.iter().enumerate().map(|(index, address)| {
        let address: std::net::IpAddr = address.parse().unwrap();
        if primary && index == 0 { Wanted::primary(address) } else { address.into() }
    });
    engine.execute(NOW, &Assign::new(eni(id), Pick::these(list)).into()).unwrap();
}

fn addresses(engine: &Engine, id: &str) -> Vec<String> {
    engine.addresses(eni(id)).unwrap().map(|one| one.address.to_string()).collect()
}

fn set_quota(engine: &mut Engine, quota: u32) {
    let set = Command::from(SetQuota::new(eni("eni-m6dyj72l"), Some(quota)));
    engine.execute(NOW, &set).unwrap();
}

fn set_status(engine: &mut Engine, status: Status) {
    let set = Command::from(SetStatus::new(eni("eni-m6dyj72l"), status));
    engine.execute(NOW, &set).unwrap();
}

/// `eni-w` in a subnet with room for more than one command may assign
fn wide(engine: &mut Engine) {
    let subnet = SubnetId::new("subnet-w").unwrap();
    for command in [
        CreateSubnet::new(subnet, "vpc-7t9nf3pu".parse().unwrap(), Profile::PLAIN)
            .v4("16.0.0.0/4".parse().unwrap())
            .into(),
        CreateInterface::new(eni("eni-w"), subnet).into(),
    ] {
        engine.execute(NOW, &command).unwrap();
    }
}

fn within(mut assign: Assign, first: &str, last: &str) -> Assign {
    let range = AddrRange::new(first.parse().unwrap(), last.parse().unwrap()).unwrap();
    assign.pick = assign.pick.within(range);
    assign
}

/// Narrows a request to a range that ends beyond the subnet
const OUTSIDE: fn(Assign) -> Assign = |assign| within(assign, "10.0.0.9", "10.0.0.16");

/// Narrows a request to a range of the other family
const OTHER_FAMILY: fn(Assign) -> Assign = |assign| within(assign, "2001:db8::1", "2001:db8::2");

/// An error that no assignment earns
fn foreign() -> Error {
    let delete = Command::from(DeleteVpc::new("vpc-7t9nf3pu".parse().unwrap()));
    engine().decide(NOW, &delete).unwrap_err()
}

#[test]
fn status_words_go_both_ways() {
    for status in Status::ALL {
        assert_eq!(tencent::status(tencent::status_word(status)), Some(status));
    }
    assert_eq!(tencent::status("INUSE"), Some(Status::InUse));
    assert_eq!(tencent::status("FAILED"), None);
}
