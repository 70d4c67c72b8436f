//! `BatchAssignNetworkInterfaceIpv4`

use std::fmt::Write as _;

use super::*;
use ipam_core::provider::Source;
use ipam_core::provider::zenlayer::BatchAssignNetworkInterfaceIpv4;

/// The message of a refusal with this code of a request that was narrowed, which changed nothing
fn narrowed(engine: &Engine, code: Code, narrow: impl FnOnce(Assign) -> Assign) -> String {
    let assign = BatchAssignNetworkInterfaceIpv4::any("nic-1", 1).command().unwrap();
    let refusal = Refusal::from(engine.decide(NOW, &narrow(assign).into()).unwrap_err());
    assert_eq!(refusal.code(), code);
    refusal.message().to_owned()
}

/// Bytes in, HTTP status and bytes out, as a controller would
fn call(engine: &mut Engine, body: &str) -> (u16, Value) {
    let outcome = serde_json::from_str::<BatchAssignNetworkInterfaceIpv4>(body)
        .map_err(Refusal::unreadable)
        .and_then(|request| request.command())
        .and_then(|assign| engine.execute(NOW, &assign.into()).map_err(Refusal::from));
    let reply = Reply::new("T1".parse().unwrap(), outcome.as_ref());
    (reply.http_status(), serde_json::to_value(&reply).unwrap())
}

/// The message of a refusal with this code, which changed nothing
fn refused(engine: &mut Engine, body: &str, code: Code) -> String {
    let before = engine.clone();
    let (status, reply) = call(engine, body);
    let message = reply["message"].as_str().unwrap_or_else(|| panic!("{reply}")).to_owned();
    assert_eq!(reply["code"], code.as_str(), "{message:.300}");
    assert_eq!(status, code.http_status());
    assert_eq!(reply["requestId"], "T1");
    assert_eq!(reply.as_object().unwrap().len(), 3, "{reply}");
    assert!(*engine == before, "a refusal changed the engine");
    message
}

fn assigned(engine: &mut Engine, body: &str) -> Vec<String> {
    let (status, reply) = call(engine, body);
    assert_eq!(status, 200, "{reply}");
    let list = reply["response"]["ipAddresses"].as_array().unwrap();
    list.iter().map(|address| address.as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_documented_example() {
    let mut engine = engine();
    let body = r#"{
  "nicId": "nic-1",
  "ipAddresses": ["10.0.0.3", "10.0.0.4"]
}"#;
    let request: BatchAssignNetworkInterfaceIpv4 = serde_json::from_str(body).unwrap();
    let decision = engine.execute(NOW, &request.command().unwrap().into()).unwrap();
    let id = RequestId::new("T05992D0C-7E8B-4047-B0C0-780F2CD549D3").unwrap();
    let reply = Reply::new(id, Ok(&decision));
    let documented = r#"{
  "requestId": "T05992D0C-7E8B-4047-B0C0-780F2CD549D3",
  "response": {
    "requestId": "T05992D0C-7E8B-4047-B0C0-780F2CD549D3",
    "ipAddresses": [
      "10.0.0.3",
      "10.0.0.4"
    ]
  }
}"#;
    assert_eq!(serde_json::to_string_pretty(&reply).unwrap(), documented);
    assert_eq!(reply.http_status(), 200);
}

#[test]
fn requests_write_what_they_read() {
    type Request = BatchAssignNetworkInterfaceIpv4;
    for (request, json) in [
        (
            Request::these("nic-1", ["10.0.0.3"]),
            json!({"nicId": "nic-1", "ipAddresses": ["10.0.0.3"]}),
        ),
        (Request::any("nic-1", 2), json!({"nicId": "nic-1", "ipAddressCount": 2})),
    ] {
        assert_eq!(serde_json::to_value(&request).unwrap(), json);
        assert_eq!(serde_json::from_value::<Request>(json).unwrap(), request);
    }
}

#[test]
fn requests_can_be_made_without_a_parser() {
    let mut request = BatchAssignNetworkInterfaceIpv4::default();
    request.nic_id = Given::Value("nic-1".into());
    request.ip_address_count = Given::Value(1);
    assert_eq!(request, BatchAssignNetworkInterfaceIpv4::any("nic-1", 1));
}

#[test]
fn addresses_come_in_the_order_asked() {
    let body = r#"{"nicId": "nic-1", "ipAddresses": ["10.0.0.6", "10.0.0.2", "10.0.0.4"]}"#;
    assert_eq!(assigned(&mut engine(), body), ["10.0.0.6", "10.0.0.2", "10.0.0.4"]);
}

#[test]
fn a_count_is_chosen_lowest_first() {
    let body = r#"{"nicId": "nic-1", "ipAddressCount": 2}"#;
    assert_eq!(assigned(&mut engine(), body), ["10.0.0.2", "10.0.0.3"]);
}

#[test]
fn beside_a_list_a_count_is_not_read_whatever_it_holds() {
    for count in ["3", "0", "-1", "99999999999999999999", "1e30", "null", "\"3\"", "[true]", "{}"] {
        let body = format!(
            r#"{{"nicId": "nic-1", "ipAddresses": ["10.0.0.5"], "ipAddressCount": {count}}}"#
        );
        assert_eq!(assigned(&mut engine(), &body), ["10.0.0.5"], "{count}");
    }
}

#[test]
fn a_list_wins_over_a_count_whatever_the_profile() {
    for profile in [Profile::ZENLAYER, Profile::TENCENT, Profile::AWS] {
        let mut engine = engine();
        home(&mut engine, "10.0.1.0/24", profile);
        let body = r#"{"nicId": "nic-a", "ipAddresses": ["10.0.1.9"], "ipAddressCount": 2}"#;
        assert_eq!(assigned(&mut engine, body), ["10.0.1.9"]);
    }
}

#[test]
fn an_empty_or_null_list_counts_as_absent() {
    for list in ["[]", "null"] {
        let body = format!(r#"{{"nicId": "nic-1", "ipAddresses": {list}, "ipAddressCount": 1}}"#);
        assert_eq!(assigned(&mut engine(), &body), ["10.0.0.2"]);
        let body = format!(r#"{{"nicId": "nic-1", "ipAddresses": {list}}}"#);
        refused(&mut engine(), &body, Code::MissingParameter);
    }
}

#[test]
fn unknown_fields_are_ignored() {
    let body = r#"{"nicId": "nic-1", "ipAddressCount": 1, "dryRun": {"deep": [1, null]}}"#;
    assert_eq!(assigned(&mut engine(), body), ["10.0.0.2"]);
}

#[test]
fn the_ten_documented_codes() {
    let documented = [
        ("INVALID_NIC_STATUS", 400),
        ("OPERATION_DENIED_SUBNET_TYPE_NOT_SUPPORT_IPV4", 400),
        ("INVALID_SUBNET_PRIVATE_IPV4_IN_USED", 409),
        ("INVALID_IP_OUT_OF_RANGE", 400),
        ("INVALID_IP_NETWORK_ADDRESS", 400),
        ("INVALID_IP_BROADCAST_ADDRESS", 400),
        ("INVALID_IP_FIRST_ADDRESS", 400),
        ("OPERATION_DENIED_SUBNET_IP_INSUFFICIENT", 400),
        ("INVALID_PARAMETER_PRIVATE_IP_ILLEGAL", 400),
        ("OPERATION_DENIED_NIC_ATTACH_LAN_IP_EXCEED_LIMIT", 400),
    ];
    let ours: Vec<_> = Code::ALL
        .into_iter()
        .filter(|code| code.source() == Source::Call)
        .map(|code| (code.as_str(), code.http_status()))
        .collect();
    assert_eq!(ours[..10], documented);
    let mut names: Vec<_> = Code::ALL.iter().map(ToString::to_string).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), Code::ALL.len());
}

#[test]
fn nic_status() {
    let body = r#"{"nicId": "nic-1", "ipAddresses": ["10.0.0.3"]}"#;
    for status in Status::ALL {
        let mut engine = engine();
        let set = Command::from(SetStatus::new(nic("nic-1"), status));
        engine.execute(NOW, &set).unwrap();
        match zenlayer::status_word(status) {
            "AVAILABLE" | "USED" => assert_eq!(assigned(&mut engine, body), ["10.0.0.3"]),
            _ => drop(refused(&mut engine, body, Code::NicStatus)),
        }
    }
}

#[test]
fn subnet_without_ipv4() {
    let mut engine = engine();
    let subnet = SubnetId::new("subnet-6").unwrap();
    let setup = [
        CreateSubnet::new(subnet, "vpc-1".parse().unwrap(), Profile::ZENLAYER)
            .v6("2001:db8::/64".parse().unwrap())
            .into(),
        CreateInterface::new(nic("nic-6"), subnet).into(),
    ];
    for command in &setup {
        engine.execute(NOW, command).unwrap();
    }
    for what in [r#""ipAddressCount": 1"#, r#""ipAddresses": ["10.0.0.3"]"#] {
        let body = format!(r#"{{"nicId": "nic-6", {what}}}"#);
        refused(&mut engine, &body, Code::SubnetTypeNotSupportIpv4);
    }
}

#[test]
fn each_address_has_its_code() {
    for (address, code) in [
        ("10.0.0.0", Code::IpNetworkAddress),
        ("10.0.0.1", Code::IpFirstAddress),
        ("10.0.0.7", Code::IpBroadcastAddress),
        ("10.0.0.8", Code::IpOutOfRange),
        ("255.255.255.255", Code::IpOutOfRange),
    ] {
        let body = format!(r#"{{"nicId": "nic-1", "ipAddresses": ["10.0.0.3", "{address}"]}}"#);
        let message = refused(&mut engine(), &body, code);
        assert!(message.contains(&format!("address 1 of the list, `{address}`")), "{message}");
    }
}

#[test]
fn in_use_is_a_conflict_and_names_the_holder() {
    let mut engine = engine();
    assigned(&mut engine, r#"{"nicId": "nic-2", "ipAddresses": ["10.0.0.3"]}"#);
    // By another, and by itself.
    for id in ["nic-1", "nic-2"] {
        let body = format!(r#"{{"nicId": "{id}", "ipAddresses": ["10.0.0.3"]}}"#);
        let message = refused(&mut engine, &body, Code::PrivateIpv4InUsed);
        assert!(message.contains("`nic-2`"), "{message}");
    }
    assert_eq!(Code::PrivateIpv4InUsed.http_status(), 409);
}

#[test]
fn every_address_at_fault_is_named_and_the_lowest_index_gives_the_code() {
    let body = r#"{"nicId": "nic-1", "ipAddresses": ["10.0.0.3", "10.0.0.7", "10.0.0.0"]}"#;
    let message = refused(&mut engine(), body, Code::IpBroadcastAddress);
    assert!(message.contains("address 1 of the list, `10.0.0.7`"), "{message}");
    assert!(message.contains("address 2 of the list, `10.0.0.0`"), "{message}");
    assert!(!message.contains("10.0.0.3"), "{message}");
}

#[test]
fn too_few_free() {
    for (count, wanted) in [
        ("6", "6 wanted"),
        ("4294967294", "4294967294 wanted"),
        ("4294967295", "4294967295 or more wanted"),
        ("4294967296", "4294967295 or more wanted"),
        ("18446744073709551615", "4294967295 or more wanted"),
    ] {
        let body = format!(r#"{{"nicId": "nic-1", "ipAddressCount": {count}}}"#);
        let message = refused(&mut engine(), &body, Code::SubnetIpInsufficient);
        assert!(message.contains(&format!(": {wanted}, 5 free")), "{message}");
    }
    assert_eq!(assigned(&mut engine(), r#"{"nicId": "nic-1", "ipAddressCount": 5}"#).len(), 5);
}

#[test]
fn over_the_limit() {
    let mut engine = engine();
    let set = Command::from(SetQuota::new(nic("nic-1"), Some(2)));
    engine.execute(NOW, &set).unwrap();
    let body = r#"{"nicId": "nic-1", "ipAddressCount": 3}"#;
    let message = refused(&mut engine, body, Code::NicLanIpExceedLimit);
    assert!(message.contains("asks for 3 more"), "{message}");
    let body = r#"{"nicId": "nic-1", "ipAddressCount": 5000000000}"#;
    let message = refused(&mut engine, body, Code::NicLanIpExceedLimit);
    assert!(message.contains("asks for 4294967295 or more"), "{message}");
}

#[test]
fn more_than_one_command_may_assign() {
    let mut engine = engine();
    home(&mut engine, "16.0.0.0/4", Profile::ZENLAYER);
    let most = Assign::MAX_ADDRESSES;
    let body = format!(r#"{{"nicId": "nic-a", "ipAddressCount": {}}}"#, most + 1);
    let message = refused(&mut engine, &body, Code::ParameterExceedMaximum);
    assert!(message.contains("16777217") && message.contains("16777216"), "{message}");
}

#[test]
fn illegal_addresses() {
    let longest = format!("10.0.0.3{}", "0".repeat(100_000));
    let illegal = [
        "",
        "10.0.0",
        "10.0.0.256",
        "10.0.0.03",
        " 10.0.0.3",
        "10.0.0.3/29",
        "::1",
        "2001:db8::3",
        "::ffff:10.0.0.3",
        "0x0a000003",
        "１０.0.0.3",
        &longest,
    ];
    for address in illegal {
        let body = json!({"nicId": "nic-1", "ipAddresses": ["10.0.0.3", address]}).to_string();
        let message = refused(&mut engine(), &body, Code::PrivateIpIllegal);
        assert!(message.starts_with("address 1 of the list, `"), "{message}");
    }
}

#[test]
fn an_item_that_is_no_text_is_named_and_is_no_address() {
    for (item, code, words) in [
        ("5", Code::ParameterType, "`ipAddresses.1` is a number, not a string"),
        ("[[\"10.0.0.3\"]]", Code::ParameterType, "`ipAddresses.1` is a list, not a string"),
        ("{\"a\": {}}", Code::ParameterType, "`ipAddresses.1` is an object, not a string"),
        ("true", Code::ParameterType, "`ipAddresses.1` is a boolean, not a string"),
        ("null", Code::MissingParameter, "`ipAddresses.1` is missing"),
    ] {
        let body = format!(r#"{{"nicId": "nic-1", "ipAddresses": ["x", {item}]}}"#);
        assert_eq!(refused(&mut engine(), &body, code), words);
    }
}

#[test]
fn repeated_and_reserved_addresses_are_illegal() {
    let mut engine = engine();
    let body = r#"{"nicId": "nic-1", "ipAddresses": ["10.0.0.3", "10.0.0.4", "10.0.0.3"]}"#;
    let message = refused(&mut engine, body, Code::PrivateIpIllegal);
    assert!(message.contains("address 2") && message.contains("repeats address 0"), "{message}");

    let range = AddrRange::one("10.0.0.5".parse().unwrap());
    let reserve = Command::from(ReserveRange::new("subnet-1".parse().unwrap(), range));
    engine.execute(NOW, &reserve).unwrap();
    let body = r#"{"nicId": "nic-1", "ipAddresses": ["10.0.0.5"]}"#;
    refused(&mut engine, body, Code::PrivateIpIllegal);
}

#[test]
fn malformed_comes_before_repeated_before_unknown_nic() {
    let body = r#"{"nicId": "nic-9", "ipAddresses": ["10.0.0.3", "10.0.0.3", "x"]}"#;
    let message = refused(&mut engine(), body, Code::PrivateIpIllegal);
    assert!(message.contains("`x`") && !message.contains("repeats"), "{message}");
    let body = r#"{"nicId": "nic-9", "ipAddresses": ["10.0.0.3", "10.0.0.3"]}"#;
    refused(&mut engine(), body, Code::PrivateIpIllegal);
    refused(&mut engine(), r#"{"nicId": "nic-9"}"#, Code::MissingParameter);
    refused(&mut engine(), r#"{"nicId": "nic-9", "ipAddressCount": 1}"#, Code::ResourceNotFound);
}

#[test]
fn the_common_codes() {
    let mut engine = engine();
    let unknown = r#"{"nicId": "nic-9", "ipAddresses": ["10.0.0.3"]}"#;
    let message = refused(&mut engine, unknown, Code::ResourceNotFound);
    assert!(message.contains("`nic-9`"), "{message}");
    for body in [
        r"{}",
        r#"{"nicId": null, "ipAddressCount": 1}"#,
        r#"{"nicId": "", "ipAddressCount": 1}"#,
        r#"{"ipAddresses": ["10.0.0.3"]}"#,
        r#"{"nicId": "nic-1"}"#,
        r#"{"nicId": "nic-1", "ipAddresses": [], "ipAddressCount": null}"#,
    ] {
        refused(&mut engine, body, Code::MissingParameter);
    }
    for count in ["0", "-1", "-9223372036854775808"] {
        let body = format!(r#"{{"nicId": "nic-1", "ipAddressCount": {count}}}"#);
        let message = refused(&mut engine, &body, Code::ParameterLessMinimum);
        assert!(count == "0" || message == "`ipAddressCount` is less than 1", "{message}");
    }
    let (long, endless) = ("n".repeat(65), "n".repeat(1_000_000));
    for id in [&long, &endless, "nic 1", "nic-\u{0}", "網卡"] {
        let body = json!({"nicId": id, "ipAddressCount": 1}).to_string();
        let message = refused(&mut engine, &body, Code::ParameterPatternError);
        assert!(message.len() < 200 && message.contains("`nicId`"), "{message}");
    }
    let longest = json!({"nicId": "n".repeat(64), "ipAddressCount": 1}).to_string();
    refused(&mut engine, &longest, Code::ResourceNotFound);
}

#[test]
fn fields_of_the_wrong_type_are_named() {
    for (field, values) in [
        ("nicId", &["1", "1.5", "true", "[]", "{}", "[\"nic-1\"]"][..]),
        ("ipAddresses", &["1", "\"10.0.0.3\"", "false", "{\"0\": \"10.0.0.3\"}"]),
        (
            "ipAddressCount",
            &["\"2\"", "1.5", "2.0", "1e2", "1e30", "-1e30", "true", "[1]", "{\"n\": [2]}"],
        ),
    ] {
        for value in values {
            let mut fields = String::new();
            for (name, right) in [("nicId", "\"nic-1\""), ("ipAddressCount", "1")] {
                if name != field {
                    write!(fields, r#""{name}": {right}, "#).unwrap();
                }
            }
            let body = format!(r#"{{{fields}"{field}": {value}}}"#);
            let message = refused(&mut engine(), &body, Code::ParameterType);
            assert!(message.contains(&format!("`{field}`")), "{body}: {message}");
            // Never a number that nobody asked for.
            assert!(!message.contains("0000"), "{body}: {message}");
        }
    }
}

#[test]
fn a_number_of_arbitrary_precision_is_a_number() {
    // As `serde_json` passes numbers with that feature.
    let number = |text: &str| format!(r#"{{"$serde_json::private::Number": "{text}"}}"#);
    let count = |text: &str| format!(r#"{{"nicId": "nic-1", "ipAddressCount": {}}}"#, number(text));
    assert_eq!(assigned(&mut engine(), &count("2")), ["10.0.0.2", "10.0.0.3"]);
    for text in ["100000000000000000000", &"9".repeat(1000)] {
        refused(&mut engine(), &count(text), Code::SubnetIpInsufficient);
        refused(&mut engine(), &count(&format!("-{text}")), Code::ParameterLessMinimum);
    }
    for text in ["2.0", "1e2", ""] {
        let message = refused(&mut engine(), &count(text), Code::ParameterType);
        assert!(message.starts_with("`ipAddressCount` is a number, "), "{message}");
    }
    for (field, rest) in [("nicId", r#", "ipAddressCount": 1"#), ("ipAddresses", "")] {
        let id = if field == "nicId" { "" } else { r#""nicId": "nic-1", "# };
        let body = format!(r#"{{{id}"{field}": {}{rest}}}"#, number("7"));
        let message = refused(&mut engine(), &body, Code::ParameterType);
        assert!(message.starts_with(&format!("`{field}` is a number, ")), "{message}");
    }
    refused(&mut engine(), &number("7"), Code::ParameterType);
}

#[test]
fn bodies_that_are_no_request() {
    let deep = "[".repeat(100_000);
    for body in [
        "",
        "{",
        "null",
        "7",
        "\"nic-1\"",
        "[]",
        r#"["nic-1", ["10.0.0.3"]]"#,
        r#"{"nicId": "a", "nicId": "b"}"#,
        &deep,
    ] {
        refused(&mut engine(), body, Code::ParameterType);
    }
}

#[test]
fn a_long_list_costs_what_it_is() {
    let list: Vec<_> = (0..200_000_u32).map(std::net::Ipv4Addr::from).collect();
    let request = BatchAssignNetworkInterfaceIpv4::these("nic-1", &list);
    let body = serde_json::to_string(&request).unwrap();
    refused(&mut engine(), &body, Code::IpOutOfRange);
}

#[test]
fn a_message_names_eight_addresses_and_counts_the_rest() {
    let whole = |count: u32, name: fn(u32) -> String| {
        json!({"nicId": "nic-1", "ipAddresses": (0..count).map(name).collect::<Vec<_>>()})
            .to_string()
    };
    let outside = |n| std::net::Ipv4Addr::from(0x0b00_0000 + n).to_string();
    let none = |n| format!("10.0.0.999{n}");
    for (name, code, cause) in [
        (outside as fn(u32) -> String, Code::IpOutOfRange, "is out of range"),
        (none, Code::PrivateIpIllegal, "is not an IPv4 address"),
    ] {
        for (count, more) in [(1, None), (8, None), (9, Some(1)), (200_000, Some(199_992))] {
            let message = refused(&mut engine(), &whole(count, name), code);
            let parts: Vec<_> = message.split("; ").collect();
            for (index, part) in (0..count.min(8)).zip(&parts) {
                let named = format!("address {index} of the list, `{}`, {cause}", name(index));
                assert_eq!(*part, named);
            }
            let tail = more.map(|more| format!("and {more} more"));
            assert_eq!(parts.get(8).map(ToString::to_string), tail);
            assert!(message.len() < 1000);
        }
    }
    // The engine's own error holds them all.
    let request: BatchAssignNetworkInterfaceIpv4 =
        serde_json::from_str(&whole(1000, outside)).unwrap();
    let error = engine().decide(NOW, &request.command().unwrap().into()).unwrap_err();
    let Error::Addresses(faults) = error else { panic!("{error}") };
    assert_eq!(faults.iter().count(), 1000);
}

#[test]
fn a_message_repeats_no_more_than_64_characters_of_a_text() {
    for (text, said) in [("n".repeat(64), 64), ("n".repeat(65), 64), ("n".repeat(1_000_000), 64)] {
        let cut = if text.len() > 64 { "…" } else { "" };
        let quoted = format!("`{}{cut}`", "n".repeat(said));
        // A name of 64 bytes may be one.
        if text.len() > 64 {
            let id = json!({"nicId": text, "ipAddressCount": 1}).to_string();
            let message = refused(&mut engine(), &id, Code::ParameterPatternError);
            assert!(message.contains(&quoted), "{message:.300}");
        }
        let address = json!({"nicId": "nic-1", "ipAddresses": [text]}).to_string();
        let message = refused(&mut engine(), &address, Code::PrivateIpIllegal);
        assert!(message.contains(&quoted), "{message:.300}");
    }
    // Cut between characters, and escaped.
    let body = json!({"nicId": "nic-1", "ipAddresses": ["網\n".repeat(100)]}).to_string();
    let message = refused(&mut engine(), &body, Code::PrivateIpIllegal);
    assert!(message.contains(&format!("`{}…`", "網\\n".repeat(32))), "{message}");
    // A parser may quote the caller.
    let refusal = Refusal::unreadable("網".repeat(1_000_000));
    assert_eq!(refusal.message().chars().filter(|&character| character == '網').count(), 256);
    assert!(refusal.message().ends_with('…'));
}

#[test]
fn a_narrowed_request_is_answered_in_the_providers_codes() {
    let mut engine = engine();
    home(&mut engine, "10.0.1.0/24", Profile::ZENLAYER);
    let (other, subnet) = (VpcId::new("vpc-2").unwrap(), SubnetId::new("subnet-2").unwrap());
    for command in [
        CreateVpc::new(other).into(),
        CreateSubnet::new(subnet, other, Profile::ZENLAYER)
            .v4("10.0.2.0/24".parse().unwrap())
            .into(),
    ] {
        engine.execute(NOW, &command).unwrap();
    }
    // A vNIC of another tenant answers as one that does not exist.
    let message = narrowed(&engine, Code::ResourceNotFound, |assign| assign.in_vpc(other));
    assert_eq!(message, "no interface `nic-1`");
    let nowhere = VpcId::new("vpc-9").unwrap();
    narrowed(&engine, Code::ResourceNotFound, |assign| assign.in_vpc(nowhere));
    narrowed(&engine, Code::ResourceNotFound, |assign| assign.from_subnet(subnet));
    let nowhere = SubnetId::new("subnet-9").unwrap();
    narrowed(&engine, Code::ResourceNotFound, |assign| assign.from_subnet(nowhere));
    for outside in ["10.0.0.6-10.0.0.9", "2001:db8::1-2001:db8::2"] {
        let (first, last) = outside.split_once('-').unwrap();
        let range = AddrRange::new(first.parse().unwrap(), last.parse().unwrap()).unwrap();
        narrowed(&engine, Code::IpOutOfRange, |mut assign| {
            assign.pick = assign.pick.within(range);
            assign
        });
    }
    // Four addresses are free, two on either side of one that is not.
    let split = r#"{"nicId": "nic-2", "ipAddresses": ["10.0.0.4"]}"#;
    assert_eq!(assigned(&mut engine, split), ["10.0.0.4"]);
    let message = narrowed(&engine, Code::SubnetIpInsufficient, |mut assign| {
        assign.pick = assign.pick.and_any(3).contiguous();
        assign
    });
    assert!(message.contains("but no 3 of them in one range"), "{message}");
    let assign = BatchAssignNetworkInterfaceIpv4::any("nic-1", 1).command().unwrap();
    let within = assign.in_vpc("vpc-1".parse().unwrap()).from_subnet("subnet-a".parse().unwrap());
    let decision = engine.decide(NOW, &within.into()).unwrap();
    assert_eq!(decision.answer().to_string(), "10.0.1.2");
}

#[test]
fn a_reply_holds_ranges_and_writes_addresses() {
    let mut engine = engine();
    home(&mut engine, "10.64.0.0/16", Profile::ZENLAYER);
    let assign = BatchAssignNetworkInterfaceIpv4::any("nic-a", 1000).command().unwrap();
    let decision = engine.execute(NOW, &assign.into()).unwrap();
    let reply = Reply::new("T1".parse().unwrap(), Ok(&decision));
    let Reply::Success { response, .. } = &reply else { panic!("{reply:?}") };
    assert_eq!(response.ip_addresses.ranges().count(), 1);
    let written = serde_json::to_value(&reply).unwrap();
    let list = written["response"]["ipAddresses"].as_array().unwrap();
    assert_eq!((list.len(), &list[999]), (1000, &json!("10.64.3.233")));
}

#[test]
fn the_error_of_another_command_is_internal() {
    let delete = Command::from(DeleteVpc::new("vpc-1".parse().unwrap()));
    let refusal = Refusal::from(engine().decide(NOW, &delete).unwrap_err());
    assert_eq!((refusal.code(), refusal.code().http_status()), (Code::InternalServerError, 500));
    assert!(refusal.to_string().starts_with("INTERNAL_SERVER_ERROR: VPC `vpc-1`"));
}

#[test]
fn a_refusal_of_the_callers_own_has_the_same_shape() {
    let refusal = Refusal::new(Code::ServiceTemporaryUnavailable, "the disk is full");
    let reply = Reply::new("T1".parse().unwrap(), Err(&refusal));
    assert_eq!(reply.http_status(), 503);
    assert_eq!(
        serde_json::to_string(&reply).unwrap(),
        r#"{"requestId":"T1","code":"SERVICE_TEMPORARY_UNAVAILABLE","message":"the disk is full"}"#
    );
}
