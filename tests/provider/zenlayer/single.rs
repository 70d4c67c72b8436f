//! `AssignNetworkInterfaceIpv4` and `UnassignNetworkInterfaceIpv4`

use super::*;
use ipam_core::provider::zenlayer::{AssignNetworkInterfaceIpv4, UnassignNetworkInterfaceIpv4};

type One = AssignNetworkInterfaceIpv4;
type Release = UnassignNetworkInterfaceIpv4;

fn assign(engine: &mut Engine, body: &str) -> (u16, Value) {
    done(engine, body, |request: &One, _| Ok(request.command()?.into()))
}

fn release(engine: &mut Engine, body: &str) -> (u16, Value) {
    done(engine, body, |request: &Release, _| Ok(request.command()?.into()))
}

/// `nic-1` has .3, .4 and .5
fn with_three() -> Engine {
    let mut engine = engine();
    let three = ["10.0.0.3", "10.0.0.4", "10.0.0.5"].map(|text| text.parse::<std::net::IpAddr>());
    let three = Pick::these(three.map(Result::unwrap));
    engine.execute(NOW, &Assign::new(nic("nic-1"), three).into()).unwrap();
    engine
}

#[test]
fn one_address_is_assigned() {
    let mut engine = engine();
    let body = r#"{"nicId": "nic-1", "ipAddress": "10.0.0.4"}"#;
    assert_eq!(assign(&mut engine, body), success());
    assert_eq!(addresses(&engine, "nic-1"), ["10.0.0.4"]);
    for (body, code) in [
        (body, Code::PrivateIpv4InUsed),
        (r#"{"nicId": "nic-1", "ipAddress": "10.0.0.0"}"#, Code::IpNetworkAddress),
        (r#"{"nicId": "nic-1", "ipAddress": "10.0.0.1"}"#, Code::IpFirstAddress),
        (r#"{"nicId": "nic-1", "ipAddress": "10.0.0.7"}"#, Code::IpBroadcastAddress),
        (r#"{"nicId": "nic-1", "ipAddress": "10.0.0.8"}"#, Code::IpOutOfRange),
        (r#"{"nicId": "nic-9", "ipAddress": "10.0.0.5"}"#, Code::ResourceNotFound),
        (r#"{"nicId": "nic-1", "ipAddress": "::1"}"#, Code::PrivateIpIllegal),
        (r#"{"nicId": "nic-1", "ipAddress": ""}"#, Code::PrivateIpIllegal),
        (r#"{"nicId": "nic-1"}"#, Code::MissingParameter),
        (r#"{"nicId": "nic-1", "ipAddress": null}"#, Code::MissingParameter),
        (r#"{"nicId": "", "ipAddress": "10.0.0.5"}"#, Code::MissingParameter),
        (r#"{"nicId": "nic-1", "ipAddress": ["10.0.0.5"]}"#, Code::ParameterType),
        (r#"{"nicId": "nic 1", "ipAddress": "10.0.0.5"}"#, Code::ParameterPatternError),
        ("[]", Code::ParameterType),
    ] {
        let before = engine.clone();
        message(assign(&mut engine, body), code);
        assert!(engine == before);
    }
    let long = json!({"nicId": "nic-1", "ipAddress": "9".repeat(1_000_000)}).to_string();
    let message = message(assign(&mut engine, &long), Code::PrivateIpIllegal);
    assert_eq!(message, format!("`ipAddress` is `{}…`, not an IPv4 address", "9".repeat(64)));
}

#[test]
fn a_list_is_released() {
    let mut engine = with_three();
    let body = r#"{"nicId": "nic-1", "ipAddresses": ["10.0.0.5", "10.0.0.3"]}"#;
    assert_eq!(release(&mut engine, body), success());
    assert_eq!(addresses(&engine, "nic-1"), ["10.0.0.4"]);
}

#[test]
fn a_list_wins_over_the_deprecated_address() {
    for one in ["\"10.0.0.4\"", "\"x\"", "7", "{}", "null"] {
        let mut engine = with_three();
        let body =
            format!(r#"{{"nicId": "nic-1", "ipAddress": {one}, "ipAddresses": ["10.0.0.3"]}}"#);
        assert_eq!(release(&mut engine, &body), success());
        assert_eq!(addresses(&engine, "nic-1"), ["10.0.0.4", "10.0.0.5"]);
    }
    for list in ["", r#", "ipAddresses": []"#, r#", "ipAddresses": null"#] {
        let mut engine = with_three();
        let body = format!(r#"{{"nicId": "nic-1", "ipAddress": "10.0.0.4"{list}}}"#);
        assert_eq!(release(&mut engine, &body), success());
        assert_eq!(addresses(&engine, "nic-1"), ["10.0.0.3", "10.0.0.5"]);
        let neither = format!(r#"{{"nicId": "nic-1"{list}}}"#);
        message(release(&mut engine, &neither), Code::MissingParameter);
    }
}

#[test]
fn a_release_is_all_or_none() {
    let mut engine = with_three();
    let create = CreateInterface::new(nic("nic-3"), "subnet-1".parse().unwrap());
    let create = create.primary_v4(Primary::Named("10.0.0.6".parse().unwrap()));
    engine.execute(NOW, &create.into()).unwrap();
    for (id, list, code) in [
        ("nic-1", r#"["10.0.0.3", "10.0.0.2"]"#, Code::ResourceNotFound),
        ("nic-1", r#"["10.0.0.3", "10.0.0.6"]"#, Code::ResourceNotFound),
        ("nic-1", r#"["10.0.0.3", "10.9.0.6"]"#, Code::IpOutOfRange),
        ("nic-1", r#"["10.0.0.3", "10.0.0.3"]"#, Code::PrivateIpIllegal),
        ("nic-1", r#"["10.0.0.3", "x"]"#, Code::PrivateIpIllegal),
        ("nic-1", r#"["10.0.0.3", 7]"#, Code::ParameterType),
        ("nic-1", r#""10.0.0.3""#, Code::ParameterType),
        ("nic-3", r#"["10.0.0.6"]"#, Code::NicPrimaryIpCantDetach),
        ("nic-9", r#"["10.0.0.3"]"#, Code::ResourceNotFound),
    ] {
        let before = engine.clone();
        let body = format!(r#"{{"nicId": "{id}", "ipAddresses": {list}}}"#);
        message(release(&mut engine, &body), code);
        assert!(engine == before, "{body}");
    }
}

#[test]
fn requests_write_what_they_read() {
    let one = json!({"nicId": "nic-1", "ipAddress": "10.0.0.3"});
    assert_eq!(serde_json::to_value(One::this("nic-1", "10.0.0.3")).unwrap(), one);
    assert_eq!(serde_json::from_value::<One>(one).unwrap(), One::this("nic-1", "10.0.0.3"));
    let list = json!({"nicId": "nic-1", "ipAddresses": ["10.0.0.3"]});
    let these = Release::these("nic-1", ["10.0.0.3"]);
    assert_eq!(serde_json::to_value(&these).unwrap(), list);
    assert_eq!(serde_json::from_value::<Release>(list).unwrap(), these);
}

#[test]
fn a_release_is_narrowed_to_a_vpc() {
    let engine = with_three();
    let request = Release::these("nic-1", ["10.0.0.3"]).command().unwrap();
    let vpc = "vpc-9".parse().unwrap();
    let refusal =
        Refusal::from(engine.decide(NOW, &request.clone().in_vpc(vpc).into()).unwrap_err());
    assert_eq!(refusal.code(), Code::ResourceNotFound);
    let request = request.in_vpc("vpc-1".parse().unwrap());
    assert!(engine.decide(NOW, &request.into()).is_ok());
}

#[test]
fn what_rests_is_in_use() {
    let mut engine = engine();
    let mut profile = Profile::ZENLAYER;
    profile.quarantine = Quarantine::for_millis(1000);
    home(&mut engine, "10.0.1.0/29", profile);
    let body = r#"{"nicId": "nic-a", "ipAddress": "10.0.1.4"}"#;
    assert_eq!(assign(&mut engine, body), success());
    assert_eq!(release(&mut engine, body), success());
    let message = message(assign(&mut engine, body), Code::PrivateIpv4InUsed);
    assert!(message.contains("rests until 1000 ms"), "{message}");
}
