//! `ModifyPrivateIpAddressesAttribute`

use super::*;
use ipam_core::provider::tencent::v3::ModifyPrivateIpAddressesAttribute;

type Request = ModifyPrivateIpAddressesAttribute;

/// `eni-2` has the primary .9, and .3 and .4
fn with_three() -> Engine {
    let mut engine = engine();
    assign(&mut engine, "eni-2", &["10.0.0.9", "10.0.0.3", "10.0.0.4"], true);
    assign(&mut engine, "eni-m6dyj72l", &["10.0.0.7"], false);
    engine
}

fn body(list: &Value) -> Value {
    json!({"NetworkInterfaceId": "eni-2", "PrivateIpAddresses": list})
}

fn call(engine: &mut Engine, body: &Value, vpc: Option<&str>) -> Value {
    let vpc = vpc.map(|vpc| vpc.parse().unwrap());
    done(engine, body, |request: &Request, engine| {
        Ok(request.command(engine, vpc)?.map(Command::from))
    })
}

fn primary(address: &str) -> Value {
    json!({"PrivateIpAddress": address, "Primary": true})
}

#[test]
fn an_item_may_be_made_the_primary() {
    let engine = with_three();
    let command = |list: &Value, vpc: Option<&str>| {
        let request: Request = serde_json::from_value(body(list)).unwrap();
        request.command(&engine, vpc.map(|vpc| vpc.parse().unwrap()))
    };
    let three: std::net::IpAddr = "10.0.0.3".parse().unwrap();
    let replace = ReplacePrimary::with(eni("eni-2"), three).old(OldPrimary::Keep);
    let list = json!([{"PrivateIpAddress": "10.0.0.4"}, primary("10.0.0.3")]);
    assert_eq!(command(&list, None), Ok(Some(replace.clone())));
    let vpc = "vpc-7t9nf3pu";
    let narrowed = replace.in_vpc(vpc.parse().unwrap());
    assert_eq!(command(&list, Some(vpc)), Ok(Some(narrowed)));
}

#[test]
fn other_attributes_are_nothing_of_the_engines() {
    let mut engine = with_three();
    let before = engine.clone();
    let list = json!([
        {"PrivateIpAddress": "10.0.0.3", "Description": "web", "QosLevel": "PT"},
        {"PrivateIpAddress": "10.0.0.9", "Primary": false},
    ]);
    assert_eq!(call(&mut engine, &body(&list), None), success());
    assert!(engine == before);
}

#[test]
fn refusals() {
    let mut engine = with_three();
    for (list, code) in [
        (json!([]), Code::MissingParameter),
        (json!(null), Code::MissingParameter),
        (json!([{}]), Code::MissingParameter),
        (items(&["x"; 11]), Code::ValueLimitExceeded),
        (items(&["x"]), Code::Malformed),
        (json!([primary("10.0.0.3"), primary("10.0.0.4")]), Code::InvalidParameterValue),
        // A free one, another's, one that lies nowhere: it is not assigned by the way.
        (json!([primary("10.0.0.5")]), Code::ResourceNotFound),
        (json!([primary("10.0.0.7")]), Code::ResourceNotFound),
        (items(&["10.0.0.3", "10.9.0.7"]), Code::ResourceNotFound),
        (json!([{"PrivateIpAddress": "10.0.0.3", "Primary": "yes"}]), Code::InvalidParameter),
    ] {
        let before = engine.clone();
        message(&call(&mut engine, &body(&list), None), code);
        assert!(engine == before);
    }
    let two = items(&["10.0.0.3", "10.0.0.5", "10.0.0.7"]);
    let strange = message(&call(&mut engine, &body(&two), None), Code::ResourceNotFound);
    let one = |index, address| {
        format!("address {index} of the list, `{address}`, is not of interface `eni-2`")
    };
    assert_eq!(strange, format!("{}; {}", one(1, "10.0.0.5"), one(2, "10.0.0.7")));
    let nobody = json!({"NetworkInterfaceId": "eni-9", "PrivateIpAddresses": two});
    message(&call(&mut engine, &nobody, None), Code::ResourceNotFound);
}

#[test]
fn another_tenants_eni_is_none_whatever_it_has() {
    let mut engine = with_three();
    for list in [items(&["10.0.0.3"]), items(&["10.0.0.5"]), json!([primary("10.0.0.3")])] {
        let reply = call(&mut engine, &body(&list), Some("vpc-2"));
        assert_eq!(message(&reply, Code::ResourceNotFound), "no interface `eni-2`");
    }
}

#[test]
fn requests_write_what_they_read() {
    let json = body(&json!([primary("10.0.0.3")]));
    let request = Request::primary("eni-2", "10.0.0.3");
    assert_eq!(serde_json::to_value(&request).unwrap(), json);
    assert_eq!(serde_json::from_value::<Request>(json).unwrap(), request);
}

#[test]
fn the_old_primary_stays() {
    let mut engine = with_three();
    let list = json!([primary("10.0.0.3")]);
    assert_eq!(call(&mut engine, &body(&list), None), success());
    let info = engine.interface(eni("eni-2")).unwrap();
    assert_eq!(info.primary_v4, Some("10.0.0.3".parse().unwrap()));
    assert_eq!(info.count_v4, 3);
    let before = engine.clone();
    assert_eq!(call(&mut engine, &body(&list), None), success());
    assert!(engine == before);
}
