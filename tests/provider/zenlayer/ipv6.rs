//! `AssignNetworkInterfaceIpv6` and `UnassignNetworkInterfaceIpv6`

use super::*;
use ipam_core::provider::zenlayer::{AssignNetworkInterfaceIpv6, UnassignNetworkInterfaceIpv6};

type Give = AssignNetworkInterfaceIpv6;
type Take = UnassignNetworkInterfaceIpv6;

const BODY: &str = r#"{"nicId": "nic-6"}"#;

/// `nic-6` in a dual-stack subnet
fn dual() -> Engine {
    let mut engine = engine();
    let subnet = SubnetId::new("subnet-6").unwrap();
    for command in [
        CreateSubnet::new(subnet, "vpc-1".parse().unwrap(), Profile::ZENLAYER)
            .v4("10.0.6.0/24".parse().unwrap())
            .v6("2001:db8::/64".parse().unwrap())
            .into(),
        CreateInterface::new(nic("nic-6"), subnet).into(),
        Assign::new(nic("nic-6"), Pick::any(2).family(Family::V4)).into(),
    ] {
        engine.execute(NOW, &command).unwrap();
    }
    engine
}

fn give(engine: &mut Engine, body: &str, vpc: Option<&str>) -> (u16, Value) {
    let vpc = vpc.map(|vpc| vpc.parse().unwrap());
    done(engine, body, |request: &Give, engine| Ok(request.command(engine, vpc)?.into()))
}

fn take(engine: &mut Engine, body: &str, vpc: Option<&str>) -> (u16, Value) {
    let vpc = vpc.map(|vpc| vpc.parse().unwrap());
    done(engine, body, |request: &Take, engine| Ok(request.command(engine, vpc)?.into()))
}

#[test]
fn one_address_comes_and_goes() {
    let mut engine = dual();
    let before = addresses(&engine, "nic-6");
    for _ in 0..2 {
        let body = r#"{"nicId": "nic-6", "internetChargeType": "ByBandwidth", "bandwidth": 5}"#;
        assert_eq!(give(&mut engine, body, Some("vpc-1")), success());
        assert_eq!(addresses(&engine, "nic-6")[2..], ["2001:db8::"]);
        message(give(&mut engine, body, None), Code::NicIpv6Exists);
        assert_eq!(take(&mut engine, BODY, Some("vpc-1")), success());
        assert_eq!(addresses(&engine, "nic-6"), before);
        let none = message(take(&mut engine, BODY, None), Code::ResourceNotFound);
        assert_eq!(none, "interface `nic-6` has no IPv6 address");
    }
}

#[test]
fn all_the_ipv6_goes() {
    let mut engine = dual();
    let three = Assign::new(nic("nic-6"), Pick::any(3).family(Family::V6));
    engine.execute(NOW, &three.into()).unwrap();
    assert_eq!(take(&mut engine, BODY, None), success());
    assert_eq!(addresses(&engine, "nic-6").len(), 2);
}

#[test]
fn a_primary_is_one_too_and_stays() {
    let mut engine = dual();
    let create = CreateInterface::new(nic("nic-7"), "subnet-6".parse().unwrap());
    engine.execute(NOW, &create.primary_v6(Primary::Chosen).into()).unwrap();
    let body = r#"{"nicId": "nic-7"}"#;
    message(give(&mut engine, body, None), Code::NicIpv6Exists);
    message(take(&mut engine, body, None), Code::NicPrimaryIpCantDetach);
}

#[test]
fn refusals() {
    let mut engine = dual();
    for (body, code) in [
        ("{}", Code::MissingParameter),
        (r#"{"nicId": ""}"#, Code::MissingParameter),
        (r#"{"nicId": 6}"#, Code::ParameterType),
        (r#"{"nicId": "nic 6"}"#, Code::ParameterPatternError),
        (r#"{"nicId": "nic-9"}"#, Code::ResourceNotFound),
        ("7", Code::ParameterType),
    ] {
        message(give(&mut engine, body, None), code);
        message(take(&mut engine, body, None), code);
    }
    let message_of =
        message(give(&mut engine, r#"{"nicId": "nic-1"}"#, None), Code::SubnetIpstackNotSupport);
    assert_eq!(message_of, "subnet `subnet-1` has no IPv6 addresses");
    let set = Command::from(SetStatus::new(nic("nic-6"), Status::Creating));
    engine.execute(NOW, &set).unwrap();
    message(give(&mut engine, BODY, None), Code::NicStatus);
}

#[test]
fn another_tenants_vnic_is_none_whatever_it_has() {
    let mut engine = dual();
    let elsewhere = "no interface `nic-6`";
    for _ in 0..2 {
        assert_eq!(
            message(give(&mut engine, BODY, Some("vpc-9")), Code::ResourceNotFound),
            elsewhere
        );
        assert_eq!(
            message(take(&mut engine, BODY, Some("vpc-9")), Code::ResourceNotFound),
            elsewhere
        );
        let _ = give(&mut engine, BODY, None);
    }
}

#[test]
fn requests_write_what_they_read() {
    let body: Value = serde_json::from_str(BODY).unwrap();
    assert_eq!(serde_json::to_value(Give::of("nic-6")).unwrap(), body);
    assert_eq!(serde_json::to_value(Take::of("nic-6")).unwrap(), body);
    assert_eq!(serde_json::from_value::<Give>(body.clone()).unwrap(), Give::of("nic-6"));
    assert_eq!(serde_json::from_value::<Take>(body).unwrap(), Take::of("nic-6"));
}
