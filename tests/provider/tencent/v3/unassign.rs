//! `UnassignPrivateIpAddresses`

use super::*;
use ipam_core::provider::tencent::v3::UnassignPrivateIpAddresses;

type Request = UnassignPrivateIpAddresses;

fn call(engine: &mut Engine, eni: &str, list: &Value) -> Value {
    let body = json!({"NetworkInterfaceId": eni, "PrivateIpAddresses": list, "InstanceId": 7});
    done(engine, &body, |request: &Request, _| Ok(Some(request.command()?.into())))
}

#[test]
fn a_list_is_released_whole() {
    let mut engine = engine();
    assign(&mut engine, "eni-2", &["10.0.0.9", "10.0.0.3", "10.0.0.4", "10.0.0.5"], true);
    assign(&mut engine, "eni-m6dyj72l", &["10.0.0.7"], false);
    assert_eq!(call(&mut engine, "eni-2", &items(&["10.0.0.5", "10.0.0.3"])), success());
    assert_eq!(addresses(&engine, "eni-2"), ["10.0.0.9", "10.0.0.4"]);
    for (eni, list, code) in [
        ("eni-2", items(&["10.0.0.4", "10.0.0.9"]), Code::PrimaryIp),
        ("eni-2", items(&["10.0.0.4", "10.0.0.6"]), Code::AttachmentNotFound),
        ("eni-2", items(&["10.0.0.4", "10.0.0.7"]), Code::AttachmentNotFound),
        ("eni-2", items(&["10.0.0.4", "10.9.0.7"]), Code::Range),
        ("eni-2", items(&["10.0.0.4", "10.0.0.4"]), Code::DuplicatePara),
        ("eni-2", items(&["10.0.0.4", "x"]), Code::Malformed),
        ("eni-2", items(&["x"; 11]), Code::ValueLimitExceeded),
        ("eni-2", json!([{"PrivateIpAddress": "10.0.0.4", "Primary": 1}]), Code::InvalidParameter),
        ("eni-2", json!("10.0.0.4"), Code::InvalidParameter),
        ("eni-2", json!([]), Code::MissingParameter),
        ("eni-2", json!(null), Code::MissingParameter),
        ("eni-9", items(&["10.0.0.4"]), Code::ResourceNotFound),
        ("", items(&["10.0.0.4"]), Code::MissingParameter),
    ] {
        let before = engine.clone();
        message(&call(&mut engine, eni, &list), code);
        assert!(engine == before);
    }
}

#[test]
fn requests_write_what_they_read() {
    let json = json!({"NetworkInterfaceId": "eni-2", "PrivateIpAddresses": items(&["10.0.0.4"])});
    let request = Request::these("eni-2", ["10.0.0.4"]);
    assert_eq!(serde_json::to_value(&request).unwrap(), json);
    assert_eq!(serde_json::from_value::<Request>(json).unwrap(), request);
}
