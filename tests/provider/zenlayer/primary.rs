//! `ReplaceNetworkInterfacePrimaryIpv4`

use super::*;
use ipam_core::provider::zenlayer::ReplaceNetworkInterfacePrimaryIpv4;

type Request = ReplaceNetworkInterfacePrimaryIpv4;

/// `nic-3` with the primary .3
fn with_primary() -> Engine {
    let mut engine = engine();
    let create = CreateInterface::new(nic("nic-3"), "subnet-1".parse().unwrap());
    let create = create.primary_v4(Primary::Named("10.0.0.3".parse().unwrap()));
    engine.execute(NOW, &create.into()).unwrap();
    engine
}

fn call(engine: &mut Engine, body: &str) -> (u16, Value) {
    let outcome = serde_json::from_str::<Request>(body)
        .map_err(Refusal::unreadable)
        .and_then(|request| request.command())
        .and_then(|replace| {
            let decision = engine.execute(NOW, &replace.clone().into()).map_err(Refusal::from)?;
            Ok((replace.interface, decision))
        });
    let outcome = outcome.as_ref().map(|(nic, decision)| (*nic, decision));
    let reply = Reply::replaced("T1".parse().unwrap(), outcome);
    (reply.http_status(), serde_json::to_value(&reply).unwrap())
}

#[test]
fn what_the_request_comes_to() {
    let command = |body: &str| serde_json::from_str::<Request>(body).unwrap().command().unwrap();
    let nine: std::net::IpAddr = "10.0.0.9".parse().unwrap();
    let named = command(r#"{"nicId": "nic-3", "primaryIpAddress": "10.0.0.9"}"#);
    assert_eq!(named, ReplacePrimary::with(nic("nic-3"), nine));
    for body in [r#"{"nicId": "nic-3"}"#, r#"{"nicId": "nic-3", "primaryIpAddress": null}"#] {
        assert_eq!(command(body), ReplacePrimary::with_any(nic("nic-3"), Family::V4));
    }
    assert_eq!(named.old, OldPrimary::Release);
}

#[test]
fn flaws() {
    let mut engine = with_primary();
    for (body, code, words) in [
        ("{}", Code::MissingParameter, "`nicId` is missing"),
        (
            r#"{"nicId": "nic-3", "primaryIpAddress": "x", "rebootInstance": 1}"#,
            Code::PrivateIpIllegal,
            "`primaryIpAddress` is `x`, not an IPv4 address",
        ),
        (
            r#"{"nicId": "nic-3", "primaryIpAddress": 9}"#,
            Code::ParameterType,
            "`primaryIpAddress` is a number, not a string",
        ),
        (
            r#"{"nicId": "nic-3", "rebootInstance": "no"}"#,
            Code::ParameterType,
            "`rebootInstance` is a string, not a boolean",
        ),
    ] {
        assert_eq!(message(call(&mut engine, body), code), words);
    }
    message(call(&mut engine, "null"), Code::ParameterType);
}

#[test]
fn the_instance_is_restarted_unless_told_otherwise() {
    let reboots = |body: &str| serde_json::from_str::<Request>(body).unwrap().reboots();
    assert_eq!(reboots(r#"{"nicId": "nic-3"}"#), Ok(true));
    assert_eq!(reboots(r#"{"nicId": "nic-3", "rebootInstance": true}"#), Ok(true));
    assert_eq!(reboots(r#"{"nicId": "nic-3", "rebootInstance": false}"#), Ok(false));
    assert_eq!(reboots(r#"{"rebootInstance": 0}"#).unwrap_err().code(), Code::ParameterType);
}

#[test]
fn requests_write_what_they_read() {
    let json = json!({"nicId": "nic-3", "primaryIpAddress": "10.0.0.9", "rebootInstance": false});
    let mut request = Request::with("nic-3", "10.0.0.9");
    request.reboot_instance = Given::Value(false);
    assert_eq!(serde_json::to_value(&request).unwrap(), json);
    assert_eq!(serde_json::from_value::<Request>(json).unwrap(), request);
    let any = json!({"nicId": "nic-3"});
    assert_eq!(serde_json::to_value(Request::with_any("nic-3")).unwrap(), any);
}

#[test]
fn the_old_primary_is_released() {
    let mut engine = with_primary();
    let replaced = |address: &str| {
        let response = json!({"requestId": "T1", "nicId": "nic-3", "primaryIpAddress": address});
        (200, json!({"requestId": "T1", "response": response}))
    };
    let body = r#"{"nicId": "nic-3", "primaryIpAddress": "10.0.0.5"}"#;
    assert_eq!(call(&mut engine, body), replaced("10.0.0.5"));
    assert_eq!(addresses(&engine, "nic-3"), ["10.0.0.5"]);
    // The one that it has changes nothing.
    let before = engine.clone();
    assert_eq!(call(&mut engine, body), replaced("10.0.0.5"));
    assert!(engine == before);
    // The lowest that is free.
    assert_eq!(call(&mut engine, r#"{"nicId": "nic-3"}"#), replaced("10.0.0.2"));
    assert_eq!(addresses(&engine, "nic-3"), ["10.0.0.2"]);
}

#[test]
fn refusals_of_the_engine() {
    let mut engine = with_primary();
    let taken = Pick::these(["10.0.0.4".parse::<std::net::IpAddr>().unwrap()]);
    engine.execute(NOW, &Assign::new(nic("nic-1"), taken).into()).unwrap();
    let mut fixed = Profile::ZENLAYER;
    fixed.replace_primary = false;
    home(&mut engine, "10.0.1.0/29", fixed);
    let create = CreateInterface::new(nic("nic-f"), "subnet-a".parse().unwrap());
    engine.execute(NOW, &create.primary_v4(Primary::Chosen).into()).unwrap();
    for (body, code) in [
        (r#"{"nicId": "nic-3", "primaryIpAddress": "10.0.0.4"}"#, Code::PrivateIpv4InUsed),
        (r#"{"nicId": "nic-3", "primaryIpAddress": "10.0.0.1"}"#, Code::IpFirstAddress),
        (r#"{"nicId": "nic-3", "primaryIpAddress": "10.0.0.9"}"#, Code::IpOutOfRange),
        (r#"{"nicId": "nic-9"}"#, Code::ResourceNotFound),
        (r#"{"nicId": "nic-f"}"#, Code::NicPrimaryIpCantDetach),
    ] {
        let before = engine.clone();
        message(call(&mut engine, body), code);
        assert!(engine == before);
    }
}
