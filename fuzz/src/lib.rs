//! What the fuzz targets do with bytes, as plain functions

#[path = "../../tests/model/mod.rs"]
mod model;

use ipam_core::provider::tencent::{v2, v3};
use ipam_core::provider::zenlayer;
use ipam_core::{
    Assign, Command, CreateInterface, CreateSubnet, Decision, Engine, Error, Event, Pick, Profile,
    RequestId, Timestamp,
};
use serde::{Serialize, de::DeserializeOwned};

/// Commands made of the bytes, beside the model
pub fn commands(bytes: &[u8]) {
    model::compare::run(bytes);
}

/// Requests as JSON or as a form, each answered by a small engine; and commands and events as JSON
pub fn providers(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let engine = small_engine();
    if let Ok(command) = serde_json::from_str::<Command>(text) {
        round_trip(&command);
        match decide(&engine, command) {
            Ok(decision) => round_trip(&decision),
            Err(error) => round_trip(&error),
        }
    }
    if let Ok(event) = serde_json::from_str::<Event>(text) {
        round_trip(&event);
        let before = engine.clone();
        let mut after = engine.clone();
        match after.apply(&event) {
            Ok(()) => after.check().unwrap(),
            Err(_) => assert_eq!(after, before),
        }
    }
    let id: RequestId = "request".parse().unwrap();

    let answered = serde_json::from_str::<zenlayer::BatchAssignNetworkInterfaceIpv4>(text)
        .map_err(zenlayer::Refusal::unreadable)
        .and_then(|request| request.command())
        .and_then(|assign| decide(&engine, assign).map_err(zenlayer::Refusal::from));
    proportionate(&zenlayer::Reply::new(id, answered.as_ref()), bytes);

    let answered = serde_json::from_str::<v3::AssignPrivateIpAddresses>(text)
        .map_err(v3::Refusal::unreadable)
        .and_then(|request| request.command())
        .and_then(|assign| decide(&engine, assign).map_err(v3::Refusal::from));
    proportionate(&v3::Reply::new(id, answered.as_ref()), bytes);

    let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    let answered = v2::AssignPrivateIpAddresses::from_pairs(pairs)
        .and_then(|request| request.command())
        .and_then(|assign| decide(&engine, assign).map_err(v2::Refusal::from));
    proportionate(&v2::Reply::new(answered.as_ref()), bytes);
}

fn decide(engine: &Engine, command: impl Into<Command>) -> Result<Decision, Error> {
    let decided = engine.decide(Timestamp::ZERO, &command.into());
    if let Err(error) = &decided {
        assert!((100..800).contains(&error.code()));
        assert!(!error.to_string().is_empty());
    }
    decided
}

/// A reply is as long as what was asked for, or as the 10 addresses that the quota allows
fn proportionate(reply: &impl Serialize, request: &[u8]) {
    let text = serde_json::to_string(reply).unwrap();
    assert!(text.len() <= 4_096 + 64 * request.len(), "{text}");
}

/// What is written can be read, and is the same
fn round_trip<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: &T) {
    let text = serde_json::to_string(value).unwrap();
    assert_eq!(serde_json::from_str::<T>(&text).unwrap(), *value);
}

/// The VPC, subnet and interface that the documented examples name
fn small_engine() -> Engine {
    let (vpc, subnet, interface) = ("vpc-1", "subnet-1", "eni-1");
    let subnet = subnet.parse().unwrap();
    let vpc = vpc.parse().unwrap();
    let interface = interface.parse().unwrap();
    let mut engine = Engine::new();
    let create = CreateSubnet::new(subnet, vpc, Profile::ZENLAYER)
        .v4("10.0.0.0/24".parse().unwrap())
        .v6("2001:db8::/120".parse().unwrap());
    let commands = [
        Command::CreateVpc { vpc, cidrs: vec![] },
        create.into(),
        CreateInterface::new(interface, subnet).quota(10).into(),
        Assign::new(interface, Pick::any(1)).into(),
    ];
    for command in &commands {
        engine.execute(Timestamp::ZERO, command).unwrap();
    }
    engine
}
