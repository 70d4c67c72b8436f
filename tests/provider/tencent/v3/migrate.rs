//! `MigratePrivateIpAddress`

use super::*;
use ipam_core::provider::tencent::v3::MigratePrivateIpAddress;

type Request = MigratePrivateIpAddress;

fn body(from: &str, to: &str, address: &str) -> Value {
    json!({
        "SourceNetworkInterfaceId": from,
        "DestinationNetworkInterfaceId": to,
        "PrivateIpAddress": address,
    })
}

fn call(engine: &mut Engine, body: &Value) -> Value {
    done(engine, body, |request: &Request, _| Ok(Some(request.command()?.into())))
}

#[test]
fn what_the_request_comes_to() {
    let json = body("eni-1", "eni-2", "10.0.0.3");
    let request = Request::this("eni-1", "eni-2", "10.0.0.3");
    assert_eq!(serde_json::to_value(&request).unwrap(), json);
    assert_eq!(serde_json::from_value::<Request>(json).unwrap(), request);
    let address: std::net::IpAddr = "10.0.0.3".parse().unwrap();
    let moved = Move::new(eni("eni-1"), eni("eni-2"), [address]);
    assert_eq!(request.command().unwrap(), moved);
}

#[test]
fn flaws() {
    let mut engine = engine();
    for (body, code) in [
        (json!({}), Code::MissingParameter),
        (body("", "eni-2", "10.0.0.3"), Code::MissingParameter),
        (body("eni-1", "", "10.0.0.3"), Code::MissingParameter),
        (body("eni-1", "eni-2", ""), Code::Malformed),
        (body("eni-1", "eni-2", "::1"), Code::Malformed),
        (body("eni 1", "eni-2", "10.0.0.3"), Code::Malformed),
        (json!({"SourceNetworkInterfaceId": 1}), Code::InvalidParameter),
        (json!([]), Code::InvalidParameter),
    ] {
        message(&call(&mut engine, &body), code);
    }
}

#[test]
fn an_address_moves() {
    let mut engine = engine();
    assign(&mut engine, "eni-2", &["10.0.0.9", "10.0.0.3"], true);
    let (from, to) = ("eni-2", "eni-m6dyj72l");
    assert_eq!(call(&mut engine, &body(from, to, "10.0.0.3")), success());
    assert_eq!(addresses(&engine, to), ["10.0.0.3"]);
    set_quota(&mut engine, 1);
    assign(&mut engine, from, &["10.0.0.4"], false);
    for (body, code) in [
        (body(to, "eni-9", "10.0.0.3"), Code::ResourceNotFound),
        (body(to, to, "10.0.0.3"), Code::InvalidParameterValue),
        (body(to, "eni-6", "10.0.0.3"), Code::UnsupportedOperation),
        (body(from, to, "10.0.0.9"), Code::PrimaryIp),
        (body(from, to, "10.0.0.3"), Code::AttachmentNotFound),
        (body(from, to, "10.0.0.4"), Code::LimitExceeded),
        (body(from, to, "10.9.0.4"), Code::Range),
    ] {
        let before = engine.clone();
        message(&call(&mut engine, &body), code);
        assert!(engine == before);
    }
    set_status(&mut engine, Status::Detaching);
    message(&call(&mut engine, &body(from, to, "10.0.0.4")), Code::InvalidState);
}
