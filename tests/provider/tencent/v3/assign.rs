//! `AssignPrivateIpAddresses`

use super::*;
use ipam_core::provider::tencent::v3::{AssignPrivateIpAddresses, Response};

fn call(engine: &mut Engine, body: &str) -> Value {
    let outcome = serde_json::from_str::<AssignPrivateIpAddresses>(body)
        .map_err(Refusal::unreadable)
        .and_then(|request| request.command())
        .and_then(|assign| engine.execute(NOW, &assign.into()).map_err(Refusal::from));
    let reply = Reply::new("r-1".parse().unwrap(), outcome.as_ref());
    assert_eq!(reply.http_status(), 200);
    serde_json::to_value(&reply).unwrap()
}

fn body(list: &Value, count: &Value) -> String {
    json!({
        "NetworkInterfaceId": "eni-m6dyj72l",
        "PrivateIpAddresses": list,
        "SecondaryPrivateIpAddressCount": count,
    })
    .to_string()
}

/// The message of a refusal with this code, which changed nothing
fn refused(engine: &mut Engine, body: &str, code: Code) -> String {
    let before = engine.clone();
    let reply = call(engine, body);
    let error = &reply["Response"]["Error"];
    let message = error["Message"].as_str().unwrap_or_else(|| panic!("{reply}")).to_owned();
    let error = json!({"Code": code.as_str(), "Message": message});
    let whole = json!({"Response": {"Error": error, "RequestId": "r-1"}});
    assert_eq!(reply, whole, "{body:.300}");
    assert!(*engine == before, "a refusal changed the engine");
    message
}

#[test]
fn list_and_count_are_both_honoured() {
    let list = json!([
        {"PrivateIpAddress": "10.0.0.9", "Primary": true, "Description": "", "QosLevel": 7},
        {"PrivateIpAddress": "10.0.0.3"},
    ]);
    let expected = json!({"Response": {
        "PrivateIpAddressSet": [
            {"PrivateIpAddress": "10.0.0.9", "Primary": true},
            {"PrivateIpAddress": "10.0.0.3", "Primary": false},
            {"PrivateIpAddress": "10.0.0.2", "Primary": false},
            {"PrivateIpAddress": "10.0.0.4", "Primary": false},
        ],
        "RequestId": "r-1",
    }});
    assert_eq!(call(&mut engine(), &body(&list, &json!(2))), expected);
}

#[test]
fn requests_write_what_they_read() {
    let whole = body(&json!([{"PrivateIpAddress": "10.0.0.9", "Primary": false}]), &json!(2));
    let request: AssignPrivateIpAddresses = serde_json::from_str(&whole).unwrap();
    let read: Value = serde_json::from_str(&whole).unwrap();
    assert_eq!(serde_json::to_value(&request).unwrap(), read);
    let nine: std::net::IpAddr = "10.0.0.9".parse().unwrap();
    assert_eq!(request, AssignPrivateIpAddresses::these("eni-m6dyj72l", [nine]).and_any(2));
    let any = json!({"NetworkInterfaceId": "eni-2", "SecondaryPrivateIpAddressCount": 3});
    assert_eq!(serde_json::to_value(AssignPrivateIpAddresses::any("eni-2", 3)).unwrap(), any);
}

#[test]
fn a_reply_lists_what_it_writes() {
    let four: std::net::IpAddr = "10.0.0.4".parse().unwrap();
    let request = AssignPrivateIpAddresses::these("eni-2", [Wanted::primary(four)]).and_any(1);
    let decision = engine().decide(NOW, &request.command().unwrap().into()).unwrap();
    let reply = Reply::new("r-1".parse().unwrap(), Ok(&decision));
    let Response::Success { private_ip_address_set, .. } = &reply.response else {
        panic!("{reply:?}")
    };
    let set = private_ip_address_set.iter();
    let set: Vec<_> = set.map(|one| (one.private_ip_address.to_string(), one.primary)).collect();
    assert_eq!(set, [("10.0.0.4".to_owned(), true), ("10.0.0.2".to_owned(), false)]);
}

#[test]
fn unknown_fields_are_not_read() {
    let body = r#"{"NetworkInterfaceId": "eni-2", "SecondaryPrivateIpAddressCount": 1,
            "ClientToken": ["same"], "QosLevel": "AU", "Region": null}"#;
    let mut engine = engine();
    // A token is read by whoever asks for it: without that, the same twice is two requests.
    for address in ["10.0.0.2", "10.0.0.3"] {
        let reply = call(&mut engine, body);
        assert_eq!(reply["Response"]["PrivateIpAddressSet"][0]["PrivateIpAddress"], address);
    }
}

#[test]
fn duplicate() {
    let list = json!([{"PrivateIpAddress": "10.0.0.3"}, {"PrivateIpAddress": "10.0.0.3"}]);
    let message = refused(&mut engine(), &body(&list, &json!(0)), Code::DuplicatePara);
    assert!(message.contains("address 1"), "{message}");
}

#[test]
fn more_than_ten() {
    let list = |most: u32| {
        let items = (0..most).map(|n| json!({"PrivateIpAddress": format!("10.0.0.{n}")}));
        Value::Array(items.collect())
    };
    let eleven = body(&list(11), &json!(1));
    let message = refused(&mut engine(), &eleven, Code::ValueLimitExceeded);
    assert!(message.contains("11"), "{message}");
    refused(&mut engine(), &body(&list(10), &json!(1)), Code::Reserved);
    // Before the items are read, whatever they hold.
    refused(&mut engine(), &body(&list(200_000), &json!(1)), Code::ValueLimitExceeded);
    let nulls = Value::Array(vec![Value::Null; 11]);
    refused(&mut engine(), &body(&nulls, &json!(1)), Code::ValueLimitExceeded);
    let mut engine = engine();
    wide(&mut engine);
    let most = r#"{"NetworkInterfaceId": "eni-w", "SecondaryPrivateIpAddressCount": 16777217}"#;
    refused(&mut engine, most, Code::ValueLimitExceeded);
}

#[test]
fn malformed() {
    let none = [json!("10.0.0.256"), json!("2001:db8::1"), json!(""), json!("absent")];
    for address in none {
        let list = json!([{"PrivateIpAddress": "10.0.0.3"}, {"PrivateIpAddress": address}]);
        let message = refused(&mut engine(), &body(&list, &json!(1)), Code::Malformed);
        assert!(message.starts_with("address 1 of the list, "), "{message}");
    }
    for id in ["e".repeat(65), "e".repeat(1_000_000), "eni 1".to_owned()] {
        let body = json!({"NetworkInterfaceId": id, "SecondaryPrivateIpAddressCount": 1});
        let message = refused(&mut engine(), &body.to_string(), Code::Malformed);
        assert!(message.len() < 200, "{message}");
    }
}

#[test]
fn an_item_without_an_address_is_named() {
    let first = json!({"PrivateIpAddress": "x"});
    for item in [json!({}), json!({"PrivateIpAddress": null}), json!({"Primary": true})] {
        let message =
            refused(&mut engine(), &body(&json!([first, item]), &json!(1)), Code::MissingParameter);
        assert_eq!(message, "`PrivateIpAddresses.1.PrivateIpAddress` is missing");
    }
    let item = json!({"PrivateIpAddress": 3});
    let message = refused(&mut engine(), &body(&json!([item]), &json!(1)), Code::InvalidParameter);
    assert_eq!(message, "`PrivateIpAddresses.0.PrivateIpAddress` is a number, not a string");
    // As `serde_json` passes numbers with its feature `arbitrary_precision`.
    let item = json!({"$serde_json::private::Number": "3"});
    let message = refused(&mut engine(), &body(&json!([item]), &json!(1)), Code::InvalidParameter);
    assert_eq!(message, "`PrivateIpAddresses.0` is a number, not an object");
}

#[test]
fn range_and_reserved() {
    for (address, code) in [
        ("10.0.0.16", Code::Range),
        ("10.0.0.0", Code::Reserved),
        ("10.0.0.1", Code::Reserved),
        ("10.0.0.15", Code::Reserved),
    ] {
        refused(&mut engine(), &body(&json!([{"PrivateIpAddress": address}]), &json!(1)), code);
    }
    let list = json!([{"PrivateIpAddress": "10.0.0.5"}]);
    for count in [json!(0), json!(-1), json!(i64::MIN)] {
        refused(&mut engine(), &body(&json!(null), &count), Code::Range);
        refused(&mut engine(), &body(&list, &count), Code::Range);
    }
    let mut engine = engine();
    let range = AddrRange::one("10.0.0.5".parse().unwrap());
    let reserve = Command::from(ReserveRange::new("subnet-1".parse().unwrap(), range));
    engine.execute(NOW, &reserve).unwrap();
    refused(&mut engine, &body(&list, &json!(null)), Code::Reserved);
}

#[test]
fn quota_capacity_and_use() {
    let mut engine = engine();
    for count in [json!(14), json!(u64::MAX)] {
        refused(&mut engine, &body(&json!([]), &count), Code::ResourceInsufficient);
    }
    let list = json!([{"PrivateIpAddress": "10.0.0.3"}]);
    call(&mut engine, &body(&list, &json!(null)));
    refused(&mut engine, &body(&list, &json!(null)), Code::ResourceInUse);
    set_quota(&mut engine, 2);
    refused(&mut engine, &body(&json!([]), &json!(2)), Code::LimitExceeded);
}

#[test]
fn not_found_state_and_family() {
    let mut engine = engine();
    let unknown = r#"{"NetworkInterfaceId": "eni-9", "SecondaryPrivateIpAddressCount": 1}"#;
    refused(&mut engine, unknown, Code::ResourceNotFound);
    for body in [
        r#"{"NetworkInterfaceId": "eni-6", "SecondaryPrivateIpAddressCount": 1}"#,
        r#"{"NetworkInterfaceId": "eni-6",
                "PrivateIpAddresses": [{"PrivateIpAddress": "10.0.0.3"}]}"#,
    ] {
        refused(&mut engine, body, Code::UnsupportedOperation);
    }
    set_status(&mut engine, Status::Deleting);
    refused(&mut engine, &body(&json!([]), &json!(1)), Code::InvalidState);
}

#[test]
fn primaries() {
    let mut engine = engine();
    let item = |address| json!({"PrivateIpAddress": address, "Primary": true});
    let (one, another) = (item("10.0.0.3"), item("10.0.0.4"));
    let both = body(&json!([one, another]), &json!(null));
    refused(&mut engine, &both, Code::InvalidParameterValue);
    call(&mut engine, &body(&json!([one]), &json!(null)));
    let another = body(&json!([another]), &json!(null));
    refused(&mut engine, &another, Code::UnsupportedOperation);
}

#[test]
fn missing() {
    for body in [
        r"{}",
        r#"{"SecondaryPrivateIpAddressCount": 1}"#,
        r#"{"NetworkInterfaceId": "", "SecondaryPrivateIpAddressCount": 1}"#,
        r#"{"NetworkInterfaceId": "eni-2"}"#,
        r#"{"NetworkInterfaceId": "eni-2", "PrivateIpAddresses": []}"#,
        r#"{"NetworkInterfaceId": "eni-2", "PrivateIpAddresses": [null]}"#,
    ] {
        refused(&mut engine(), body, Code::MissingParameter);
    }
}

#[test]
fn fields_of_the_wrong_type_are_named() {
    let wrong = |body: &str, field: &str| {
        let message = refused(&mut engine(), body, Code::InvalidParameter);
        assert!(message.contains(&format!("`{field}`")), "{message}");
    };
    let one = json!({"PrivateIpAddress": "10.0.0.3"});
    for list in [json!("10.0.0.3"), json!(1), json!({"0": {}}), json!(true)] {
        wrong(&body(&list, &json!(1)), "PrivateIpAddresses");
    }
    for item in [json!("10.0.0.4"), json!(1), json!(["10.0.0.4", true])] {
        wrong(&body(&json!([one, item]), &json!(1)), "PrivateIpAddresses.1");
    }
    for primary in [json!("true"), json!(1), json!([]), json!({})] {
        let item = json!({"PrivateIpAddress": "10.0.0.4", "Primary": primary});
        wrong(&body(&json!([one, item]), &json!(1)), "PrivateIpAddresses.1.Primary");
    }
    for count in
        [json!("1"), json!(1.5), json!(2.0), json!(1e300), json!(true), json!([1]), json!({"a": 1})]
    {
        wrong(&body(&json!([one]), &count), "SecondaryPrivateIpAddressCount");
    }
    for id in [json!(1), json!([]), json!({}), json!(false)] {
        let body = json!({"NetworkInterfaceId": id, "SecondaryPrivateIpAddressCount": 1});
        wrong(&body.to_string(), "NetworkInterfaceId");
    }
    let deep = "[".repeat(100_000);
    let twice = r#"{"NetworkInterfaceId": "a", "NetworkInterfaceId": "b"}"#;
    for body in ["", "null", "7", "{", "[]", r#"["eni-2", null, 1]"#, twice, &deep] {
        refused(&mut engine(), body, Code::InvalidParameter);
    }
}

#[test]
fn a_narrowed_request_is_answered_in_the_providers_codes() {
    let request = AssignPrivateIpAddresses::any("eni-m6dyj72l", 1);
    let refused = |narrow: fn(Assign) -> Assign| {
        let assign = narrow(request.command().unwrap());
        Refusal::from(engine().decide(NOW, &assign.into()).unwrap_err()).code()
    };
    let elsewhere: [fn(Assign) -> Assign; 4] = [
        |assign| assign.in_vpc("vpc-2".parse().unwrap()),
        |assign| assign.in_vpc("vpc-9".parse().unwrap()),
        |assign| assign.from_subnet("subnet-2".parse().unwrap()),
        |assign| assign.from_subnet("subnet-9".parse().unwrap()),
    ];
    for narrow in elsewhere {
        assert_eq!(refused(narrow), Code::ResourceNotFound);
    }
    for outside in [OUTSIDE, OTHER_FAMILY] {
        assert_eq!(refused(outside), Code::Range);
    }
}

#[test]
fn codes_that_only_the_caller_raises_and_other_commands() {
    let of_calls = Code::ALL.into_iter().filter(|code| code.source() == Source::Call);
    assert_eq!(of_calls.count(), 16);
    let refusal = Refusal::new(Code::ServiceUnavailable, "the disk is full");
    let reply = Reply::new("r-1".parse().unwrap(), Err(&refusal));
    let error = json!({"Code": "ServiceUnavailable", "Message": "the disk is full"});
    let whole = json!({"Response": {"Error": error, "RequestId": "r-1"}});
    assert_eq!(serde_json::to_value(&reply).unwrap(), whole);
    assert_eq!(Refusal::from(foreign()).code(), Code::InternalError);
}

#[test]
fn a_token_makes_a_command_once() {
    type Request = AssignPrivateIpAddresses;
    let until = Timestamp::from_millis(100);
    let plain = Request::any("eni-2", 1);
    let assign = plain.command().unwrap();
    let bare: Command = assign.clone().into();
    assert_eq!(plain.once(until, assign.clone()), Ok(bare.clone()));
    assert_eq!(plain.clone().with_token("").once(until, assign.clone()), Ok(bare));
    let request = plain.clone().with_token("c-1");
    assert_eq!(request.command(), plain.command());
    assert_eq!(request.token(), Ok(Some("c-1".parse().unwrap())));
    let once = Once::new("c-1".parse().unwrap(), until, assign.clone()).unwrap();
    assert_eq!(request.once(until, assign), Ok(once.into()));
    let json = json!({
        "NetworkInterfaceId": "eni-2", "SecondaryPrivateIpAddressCount": 1, "ClientToken": "c-1"
    });
    assert_eq!(serde_json::to_value(&request).unwrap(), json);
    assert_eq!(serde_json::from_value::<Request>(json).unwrap(), request);
    let longest = plain.clone().with_token(&"c".repeat(64));
    assert_eq!(longest.token().unwrap().unwrap().as_str().len(), 64);
    for token in [&"c".repeat(65), "a b", "標"] {
        let request = plain.clone().with_token(token);
        let refusal = request.token().unwrap_err();
        assert_eq!(refusal.code(), Code::Malformed);
        assert!(refusal.message().starts_with("`ClientToken` is "), "{refusal}");
        assert_eq!(request.once(until, plain.command().unwrap()), Err(refusal));
    }
    let other: Request = serde_json::from_str(r#"{"ClientToken": 7}"#).unwrap();
    assert_eq!(other.token().unwrap_err().code(), Code::InvalidParameter);
}

#[test]
fn a_repeated_request_has_the_first_reply() {
    let mut engine = engine();
    let (now, until) = (NOW, Timestamp::from_millis(100));
    let mut call = |request: &AssignPrivateIpAddresses| {
        let command = request.once(until, request.command().unwrap()).unwrap();
        let outcome = engine.execute(now, &command).map_err(Refusal::from);
        let reply = Reply::new("r-1".parse().unwrap(), outcome.as_ref());
        (serde_json::to_value(&reply).unwrap(), engine.revision())
    };
    let five: std::net::IpAddr = "10.0.0.5".parse().unwrap();
    let request = AssignPrivateIpAddresses::these("eni-2", [Wanted::primary(five)]).and_any(1);
    let request = request.with_token("c-1");
    let first = call(&request);
    assert_eq!(first.0["Response"]["PrivateIpAddressSet"][0]["Primary"], true);
    assert_eq!(call(&request), first);
    let other = call(&AssignPrivateIpAddresses::any("eni-2", 3).with_token("c-1"));
    let code = "UnsupportedOperation.IdempotentParameterMismatch";
    assert_eq!(other.0["Response"]["Error"]["Code"], code);
    assert_eq!(other.1, first.1);
}
