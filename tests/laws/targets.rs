//! What the fuzz targets do with bytes, as plain functions

use ipam_core::provider::tencent::{v2, v3};
use ipam_core::provider::zenlayer;
use ipam_core::{
    Assign, Command, CreateInterface, CreateSubnet, CreateVpc, Decision, DecodeLimits, Engine,
    Error, Event, EventLog, Pick, Profile, RequestId, Timestamp,
};
use serde::{Serialize, de::DeserializeOwned};

use super::{model, seal};

/// Commands made of the bytes, beside the model
pub fn commands(bytes: &[u8]) {
    model::compare::run(bytes);
}

/// A log, and the body of an event under checksums that fit: what is read writes the same bytes
pub fn event_log(bytes: &[u8]) {
    let limits = DecodeLimits::with_memory(MEMORY);
    let one = seal::sealed(seal::EVENT, bytes);
    for log in [bytes, &one] {
        let (mut engine, mut events) = (small_engine(), EventLog::new(log, &limits));
        let mut again = Vec::new();
        for event in events.by_ref().map_while(Result::ok) {
            event.encode(&mut again);
            if engine.apply(&event).is_ok() {
                engine.check().unwrap();
            }
        }
        assert_eq!(again.len() as u64, events.offset());
        assert!(log.starts_with(&again));
    }
}

/// An engine, and the body of one under checksums that fit: what is read is sound and writes the same bytes
pub fn snapshot(bytes: &[u8]) {
    for bytes in [bytes, &seal::sealed(seal::ENGINE, bytes)] {
        if let Ok(engine) = Engine::decode(bytes, 7, &DecodeLimits::with_memory(MEMORY)) {
            engine.check().unwrap();
            let mut again = Vec::new();
            engine.encode(&mut again);
            assert_eq!(again, bytes);
        }
    }
}

/// What may be made of a fuzzer's bytes
const MEMORY: u64 = 1 << 20;

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
    zenlayer_calls(&engine, text);
    v3_calls(&engine, text);
    v2_calls(&engine, text);
}

fn zenlayer_calls(engine: &Engine, text: &str) {
    type Outcome = Result<Decision, zenlayer::Refusal>;
    fn answer<R: DeserializeOwned, C: Into<Command>>(
        engine: &Engine,
        text: &str,
        command: impl FnOnce(R) -> Result<C, zenlayer::Refusal>,
    ) -> Outcome {
        serde_json::from_str(text)
            .map_err(zenlayer::Refusal::unreadable)
            .and_then(command)
            .and_then(|command| decide(engine, command).map_err(zenlayer::Refusal::from))
    }
    let id: RequestId = "request".parse().unwrap();
    let done = |outcome: Outcome| {
        proportionate(&zenlayer::Reply::done(id, outcome.as_ref()), text);
    };
    let answered = answer(engine, text, |request: zenlayer::BatchAssignNetworkInterfaceIpv4| {
        request.command()
    });
    proportionate(&zenlayer::Reply::new(id, answered.as_ref()), text);
    done(answer(engine, text, |request: zenlayer::AssignNetworkInterfaceIpv4| request.command()));
    done(answer(engine, text, |request: zenlayer::UnassignNetworkInterfaceIpv4| request.command()));
    done(answer(engine, text, |request: zenlayer::AssignNetworkInterfaceIpv6| {
        request.command(engine, None)
    }));
    done(answer(engine, text, |request: zenlayer::UnassignNetworkInterfaceIpv6| {
        request.command(engine, None)
    }));
    let answered = answer(engine, text, |request: zenlayer::ReplaceNetworkInterfacePrimaryIpv4| {
        request.command()
    });
    let answered = answered.as_ref().map(|decision| ("eni-1".parse().unwrap(), decision));
    proportionate(&zenlayer::Reply::replaced(id, answered), text);
}

fn v3_calls(engine: &Engine, text: &str) {
    fn answer<R: DeserializeOwned>(
        engine: &Engine,
        text: &str,
        command: impl FnOnce(R) -> Result<Option<Command>, v3::Refusal>,
    ) -> Result<Option<Decision>, v3::Refusal> {
        let command = serde_json::from_str(text).map_err(v3::Refusal::unreadable).and_then(command);
        let decide = |command: Command| decide(engine, command).map_err(v3::Refusal::from);
        command.and_then(|command| command.map(decide).transpose())
    }
    let id: RequestId = "request".parse().unwrap();
    let done = |outcome: Result<Option<Decision>, v3::Refusal>| {
        proportionate(&v3::Reply::done(id, outcome.as_ref()), text);
    };
    let answered = answer(engine, text, |request: v3::AssignPrivateIpAddresses| {
        request.once(Timestamp::from_millis(1), request.command()?).map(Some)
    });
    let answered = answered.map(Option::unwrap);
    proportionate(&v3::Reply::new(id, answered.as_ref()), text);
    done(answer(engine, text, |request: v3::UnassignPrivateIpAddresses| {
        Ok(Some(request.command()?.into()))
    }));
    done(answer(engine, text, |request: v3::MigratePrivateIpAddress| {
        Ok(Some(request.command()?.into()))
    }));
    done(answer(engine, text, |request: v3::ModifyPrivateIpAddressesAttribute| {
        Ok(request.command(engine, None)?.map(Command::from))
    }));
    let known = serde_json::from_str::<v3::DescribeVpcTaskResult>(text)
        .map_err(v3::Refusal::unreadable)
        .and_then(|request| request.result(engine, Timestamp::ZERO));
    proportionate(&v3::Reply::task(id, known.as_ref()), text);
}

fn v2_calls(engine: &Engine, text: &str) {
    let answer = |command: Result<Command, v2::Refusal>| {
        let outcome =
            command.and_then(|command| decide(engine, command).map_err(v2::Refusal::from));
        proportionate(&v2::Reply::new(outcome.as_ref()), text);
    };
    let pairs = || text.split('&').filter_map(|pair| pair.split_once('='));
    let request = v2::AssignPrivateIpAddresses::from_pairs(pairs());
    answer(request.and_then(|request| Ok(request.command()?.into())));
    let request = v2::UnassignPrivateIpAddresses::from_pairs(pairs());
    answer(request.and_then(|request| Ok(request.command()?.into())));
    let request = v2::MigratePrivateIpAddress::from_pairs(pairs());
    answer(request.and_then(|request| Ok(request.command()?.into())));
    let known = v2::DescribeVpcTaskResult::from_pairs(pairs())
        .and_then(|request| request.result(engine, Timestamp::ZERO));
    proportionate(&v2::Reply::task(known.as_ref()), text);
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
fn proportionate(reply: &impl Serialize, request: &str) {
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
        CreateVpc::new(vpc).into(),
        create.into(),
        CreateInterface::new(interface, subnet).quota(10).into(),
        Assign::new(interface, Pick::any(1)).into(),
    ];
    for command in &commands {
        engine.execute(Timestamp::ZERO, command).unwrap();
    }
    engine
}
