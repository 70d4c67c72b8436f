//! Zenlayer's documented calls, through the public API: bytes in, bytes out, every code

mod batch;
mod codes;
mod ipv6;
mod primary;
mod single;

use ipam_core::provider::Given;
use ipam_core::provider::zenlayer::{self, Code, Refusal, Reply};
use ipam_core::*;
use serde_json::{Value, json};

const NOW: Timestamp = Timestamp::ZERO;

/// A /29 behind `nic-1` and `nic-2` (.0 network, .1 gateway, .7 broadcast: five to have)
fn engine() -> Engine {
    let mut engine = Engine::new();
    let (vpc, subnet) = (VpcId::new("vpc-1").unwrap(), SubnetId::new("subnet-1").unwrap());
    let setup = [
        CreateVpc::new(vpc).into(),
        CreateSubnet::new(subnet, vpc, Profile::ZENLAYER).v4("10.0.0.0/29".parse().unwrap()).into(),
        CreateInterface::new(nic("nic-1"), subnet).into(),
        CreateInterface::new(nic("nic-2"), subnet).into(),
    ];
    for command in &setup {
        engine.execute(NOW, command).unwrap();
    }
    engine
}

/// `nic-a` in a subnet of its own
fn home(engine: &mut Engine, cidr: &str, profile: Profile) {
    let subnet = SubnetId::new("subnet-a").unwrap();
    let setup = [
        CreateSubnet::new(subnet, "vpc-1".parse().unwrap(), profile)
            .v4(cidr.parse().unwrap())
            .into(),
        CreateInterface::new(nic("nic-a"), subnet).into(),
    ];
    for command in &setup {
        engine.execute(NOW, command).unwrap();
    }
}

fn nic(id: &str) -> InterfaceId {
    id.parse().unwrap()
}

/// The reply to a request about no more than that it was done, as a controller would answer it
fn done<R: serde::de::DeserializeOwned>(
    engine: &mut Engine,
    body: &str,
    command: impl FnOnce(&R, &Engine) -> Result<Command, Refusal>,
) -> (u16, Value) {
    let outcome = serde_json::from_str::<R>(body)
        .map_err(Refusal::unreadable)
        .and_then(|request| command(&request, engine))
        .and_then(|command| engine.execute(NOW, &command).map_err(Refusal::from));
    let reply = Reply::done("T1".parse().unwrap(), outcome.as_ref());
    (reply.http_status(), serde_json::to_value(&reply).unwrap())
}

/// What [`done`] answers of a request that was done
fn success() -> (u16, Value) {
    (200, json!({"requestId": "T1", "response": {"requestId": "T1"}}))
}

/// The message of a reply that is a refusal with this code
fn message((status, reply): (u16, Value), code: Code) -> String {
    let message = reply["message"].as_str().unwrap_or_else(|| panic!("{reply}")).to_owned();
    assert_eq!(reply, json!({"requestId": "T1", "code": code.as_str(), "message": message}));
    assert_eq!(status, code.http_status());
    message
}

fn addresses(engine: &Engine, id: &str) -> Vec<String> {
    engine.addresses(nic(id)).unwrap().map(|one| one.address.to_string()).collect()
}

#[test]
fn status_words_go_both_ways() {
    for status in Status::ALL {
        assert_eq!(zenlayer::status(zenlayer::status_word(status)), Some(status));
    }
    assert_eq!(zenlayer::status("USED"), Some(Status::InUse));
    assert_eq!(zenlayer::status("used"), None);
}
