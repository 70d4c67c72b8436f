//! `MigratePrivateIpAddress`

use super::*;
use ipam_core::provider::tencent::v2::MigratePrivateIpAddress;

type Request = MigratePrivateIpAddress;

fn call(engine: &mut Engine, form: &str) -> Value {
    let request = Request::from_pairs(pairs(form));
    reply_to(engine, request.and_then(|request| Ok(request.command()?.into())))
}

fn form(vpc: &str, address: &str, old: &str, new: &str) -> String {
    format!(
        "Action=MigratePrivateIpAddress&vpcId={vpc}&privateIpAddress={address}\
         &oldNetworkInterfaceId={old}&newNetworkInterfaceId={new}"
    )
}

#[test]
fn what_the_request_comes_to() {
    let form = form("vpc-1", "10.0.0.3", "eni-1", "eni-2");
    let request = Request::from_pairs(pairs(&form)).unwrap();
    assert_eq!(request, Request::this("vpc-1", "10.0.0.3", "eni-1", "eni-2"));
    assert_eq!(Request::from_pairs(request.to_pairs()).unwrap(), request);
    let address: std::net::IpAddr = "10.0.0.3".parse().unwrap();
    let moved = Move::new(eni("eni-1"), eni("eni-2"), [address]).in_vpc("vpc-1".parse().unwrap());
    assert_eq!(request.command().unwrap(), moved);
}

#[test]
fn flaws() {
    let mut engine = engine();
    for (form, code) in [
        (form("", "10.0.0.3", "eni-1", "eni-2"), Code::MissingParameter),
        (form("vpc-1", "", "eni-1", "eni-2"), Code::MissingParameter),
        (form("vpc-1", "10.0.0.3", "", "eni-2"), Code::MissingParameter),
        (form("vpc-1", "10.0.0.3", "eni-1", ""), Code::MissingParameter),
        (form("vpc-1", "10.0.0", "eni-1", "eni-2"), Code::InvalidParameterValue),
        (form("vpc-1", "::1", "eni-1", "eni-2"), Code::InvalidParameterValue),
        (form("vpc-1", "10.0.0.3", "eni 1", "eni-2"), Code::InvalidParameterValue),
        (form("vpc-1", "10.0.0.3", "eni-1", "eni-2&vpcId=x"), Code::InvalidParameter),
    ] {
        message(&call(&mut engine, &form), code);
    }
}

#[test]
fn an_address_moves() {
    let mut engine = engine();
    assign(&mut engine, "eni-2", &["10.0.0.9", "10.0.0.3"], true);
    let (from, to) = ("eni-2", "eni-m6dyj72l");
    let vpc = "vpc-7t9nf3pu";
    let moved = call(&mut engine, &form(vpc, "10.0.0.3", from, to));
    assert_eq!(moved, of_last_event(&engine));
    assert_eq!(addresses(&engine, to), ["10.0.0.3"]);
    for (form, code) in [
        (form("vpc-9", "10.0.0.3", to, from), Code::VpcNotFound),
        (form("vpc-2", "10.0.0.3", to, from), Code::NetworkInterfaceNotFound),
        (form(vpc, "10.0.0.3", to, "eni-9"), Code::NetworkInterfaceNotFound),
        (form(vpc, "10.0.0.3", to, to), Code::InvalidParameterValue),
        (form(vpc, "10.0.0.3", to, "eni-6"), Code::UnsupportedOperation),
        (form(vpc, "10.0.0.9", from, to), Code::PrivateIpIsPrimary),
        (form(vpc, "10.0.0.4", from, to), Code::ResourceNotFound),
        (form(vpc, "10.9.0.4", from, to), Code::InvalidParameterValue),
    ] {
        let before = engine.clone();
        message(&call(&mut engine, &form), code);
        assert!(engine == before);
    }
}
