//! What the fuzz targets do with bytes, as plain functions

#[path = "../../tests/model/mod.rs"]
mod model;

use ipam_core::{
    Assign, Command, CreateInterface, CreateSubnet, Decision, Engine, Error, Event, Pick, Profile,
    Timestamp,
};
use serde::{Serialize, de::DeserializeOwned};

/// Commands made of the bytes, beside the model
pub fn commands(bytes: &[u8]) {
    model::compare::run(bytes);
}

/// Requests as JSON or as a form, each decided on a small engine
pub fn providers(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let engine = small_engine();
    if let Ok(command) = serde_json::from_str::<Command>(text) {
        round_trip(&command);
        let _ = reply(&engine, &command);
    }
    if let Ok(event) = serde_json::from_str::<Event>(text) {
        round_trip(&event);
    }
    // PROVIDERS: each request type goes here, as the command above does:
    // if let Ok(request) = serde_json::from_str::<zenlayer::BatchAssignNetworkInterfaceIpv4>(text) {
    //     if let Ok(command) = request.command() { reply(&engine, &command) }
    // }
    let pairs: Vec<(&str, &str)> =
        text.split('&').filter_map(|pair| pair.split_once('=')).collect();
    // PROVIDERS: and here the form: `tencent::AssignPrivateIpAddresses::from_pairs(pairs)`.
    drop(pairs);
}

/// Decides a command, and serialises what comes of it
fn reply(engine: &Engine, command: &Command) -> Result<Decision, Error> {
    let decided = engine.decide(Timestamp::ZERO, command);
    // PROVIDERS: make the documented reply here, and serialise it.
    match &decided {
        Ok(decision) => round_trip(decision),
        Err(error) => {
            assert!((100..800).contains(&error.code()));
            assert!(!error.to_string().is_empty());
            round_trip(error);
        }
    }
    decided
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
