//! `UnassignPrivateIpAddresses`

use super::*;
use ipam_core::provider::tencent::v2::UnassignPrivateIpAddresses;

type Request = UnassignPrivateIpAddresses;

const IDS: &str = "vpcId=vpc-7t9nf3pu&networkInterfaceId=eni-2";

fn call(engine: &mut Engine, form: &str) -> Value {
    let request = Request::from_pairs(pairs(form));
    reply_to(engine, request.and_then(|request| Ok(request.command()?.into())))
}

/// `eni-2` has the primary .9, and .3, .4 and .5
fn with_four() -> Engine {
    let mut engine = engine();
    assign(&mut engine, "eni-2", &["10.0.0.9", "10.0.0.3", "10.0.0.4", "10.0.0.5"], true);
    engine
}

#[test]
fn items_are_flat_and_counted_from_zero() {
    let mut engine = with_four();
    let form = format!(
        "Action=UnassignPrivateIpAddresses&{IDS}&privateIpAddress.0=10.0.0.5\
         &privateIpAddress.1=10.0.0.3&privateIpAddress=x"
    );
    assert_eq!(call(&mut engine, &form), of_last_event(&engine));
    assert_eq!(addresses(&engine, "eni-2"), ["10.0.0.9", "10.0.0.4"]);
}

#[test]
fn requests_write_what_they_read() {
    let all = Request::these("vpc-1", "eni-1", (0..12).map(|n| format!("10.0.0.{n}")));
    for request in [Request::default(), all] {
        assert_eq!(Request::from_pairs(request.to_pairs()), Ok(request));
    }
    let order = "privateIpAddress.10=c&privateIpAddress.9=b&privateIpAddress.00=a";
    let request = Request::from_pairs(pairs(order)).unwrap();
    assert_eq!(request.private_ip_address, ["a", "b", "c"]);
}

#[test]
fn refusals() {
    let mut engine = with_four();
    assign(&mut engine, "eni-m6dyj72l", &["10.0.0.7"], false);
    for (ids, rest, code) in [
        ("vpcId=vpc-9&networkInterfaceId=eni-2", "10.0.0.3", Code::VpcNotFound),
        ("vpcId=vpc-2&networkInterfaceId=eni-2", "10.0.0.3", Code::NetworkInterfaceNotFound),
        ("vpcId=vpc-2&networkInterfaceId=eni-9", "10.0.0.3", Code::NetworkInterfaceNotFound),
        ("networkInterfaceId=eni-2", "10.0.0.3", Code::MissingParameter),
        (IDS, "10.0.0.9", Code::PrivateIpIsPrimary),
        (IDS, "10.0.0.6", Code::ResourceNotFound),
        (IDS, "10.0.0.7", Code::ResourceNotFound),
        (IDS, "10.9.0.7", Code::InvalidParameterValue),
        (IDS, "::1", Code::InvalidParameterValue),
        (IDS, "", Code::InvalidParameterValue),
        (IDS, "10.0.0.3&privateIpAddress.2=10.0.0.3", Code::InvalidParameterValue),
        (IDS, "10.0.0.3&privateIpAddress.1=10.0.0.3", Code::InvalidParameter),
        (IDS, "10.0.0.3&privateIpAddress.x=10.0.0.4", Code::InvalidParameter),
        (IDS, "10.0.0.3&privateIpAddress.2.privateIpAddress=10.0.0.4", Code::MissingParameter),
    ] {
        let before = engine.clone();
        message(&call(&mut engine, &format!("{ids}&privateIpAddress.1={rest}")), code);
        assert!(engine == before);
    }
    message(&call(&mut engine, IDS), Code::MissingParameter);
    let form = format!("{IDS}&privateIpAddress.3.x=1");
    let missing = message(&call(&mut engine, &form), Code::MissingParameter);
    assert_eq!(missing, "`privateIpAddress.3` is missing");
}
