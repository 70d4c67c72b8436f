//! `AssignPrivateIpAddresses`

use super::*;
use ipam_core::provider::tencent::v2::AssignPrivateIpAddresses;

const IDS: &str = "vpcId=vpc-7t9nf3pu&networkInterfaceId=eni-m6dyj72l";

fn call(engine: &mut Engine, form: &str) -> Value {
    let outcome = AssignPrivateIpAddresses::from_pairs(pairs(form))
        .and_then(|request| request.command())
        .and_then(|assign| engine.execute(NOW, &assign.into()).map_err(Refusal::from));
    serde_json::to_value(Reply::new(outcome.as_ref())).unwrap()
}

/// The message of a refusal with this code, which changed nothing
fn refused(engine: &mut Engine, ids: &str, rest: &str, code: Code) -> String {
    let before = engine.clone();
    let reply = call(engine, &format!("{ids}&{rest}"));
    let message = reply["message"].as_str().unwrap_or_else(|| panic!("{reply}")).to_owned();
    assert_eq!(reply["codeDesc"], code.as_str(), "{rest:.300}: {message:.300}");
    assert_eq!(reply["code"], code.number());
    assert_eq!(reply.as_object().unwrap().len(), 3, "{reply}");
    assert!(*engine == before, "a refusal changed the engine");
    message
}

fn assigned(engine: &mut Engine, rest: &str) {
    let reply = call(engine, &format!("{IDS}&{rest}"));
    assert_eq!(reply["codeDesc"], "Success", "{reply}");
    assert_eq!(reply["data"]["taskId"], engine.revision().get());
}

#[test]
fn the_documented_example() {
    let mut engine = engine();
    let form = "Action=AssignPrivateIpAddresses&Region=gz&Timestamp=1&Nonce=2&SecretId=x\
        &Signature=y&vpcId=vpc-7t9nf3pu&networkInterfaceId=eni-m6dyj72l\
        &secondaryPrivateIpAddressCount=1";
    let request = AssignPrivateIpAddresses::from_pairs(pairs(form)).unwrap();
    // The page's task is the 16284th thing to happen there.
    while engine.revision() < Revision::new(16283) {
        let quota = engine.revision().get().try_into().ok();
        engine.execute(NOW, &SetQuota::new(eni("eni-2"), quota).into()).unwrap();
    }
    let decision = engine.execute(NOW, &request.command().unwrap().into()).unwrap();
    let documented = r#"{
  "code": 0,
  "message": "",
  "codeDesc": "Success",
  "data": {
    "taskId": 16284
  }
}"#;
    let reply = Reply::new(Ok(&decision));
    assert_eq!(serde_json::to_string_pretty(&reply).unwrap(), documented);
    assert_eq!(addresses(&engine, "eni-m6dyj72l"), ["10.0.0.2"]);
}

#[test]
fn items_come_in_the_order_of_n() {
    let mut engine = engine();
    let rest = "privateIpAddressSet.10.privateIpAddress=10.0.0.3\
        &privateIpAddressSet.9.primary=false&privateIpAddressSet.9.privateIpAddress=10.0.0.9\
        &privateIpAddressSet.0.privateIpAddress=10.0.0.14&privateIpAddressSet.0.primary=TRUE\
        &privateIpAddressSet.340282366920938463463374607431768211456.privateIpAddress=10.0.0.4\
        &secondaryPrivateIpAddressCount=2";
    assigned(&mut engine, rest);
    let order = ["10.0.0.14", "10.0.0.9", "10.0.0.3", "10.0.0.4", "10.0.0.2", "10.0.0.5"];
    assert_eq!(addresses(&engine, "eni-m6dyj72l"), order);
    let info = engine.interface(eni("eni-m6dyj72l")).unwrap();
    assert_eq!(info.primary_v4, Some("10.0.0.14".parse().unwrap()));
}

#[test]
fn requests_write_what_they_read() {
    let item = |n| {
        let address = std::net::Ipv4Addr::new(10, 0, 0, n);
        if n == 3 { Wanted::primary(address) } else { address.into() }
    };
    type Request = AssignPrivateIpAddresses;
    let whole = Request::these("vpc-1", "eni-1", (0..12).map(item)).and_any(7);
    let mut negative = whole.clone();
    negative.secondary_private_ip_address_count = Some(-7);
    for request in [Request::default(), whole, negative, Request::any("vpc-1", "eni-1", 2)] {
        let pairs = request.to_pairs();
        assert_eq!(AssignPrivateIpAddresses::from_pairs(pairs).unwrap(), request);
    }
}

#[test]
fn vpc_not_found() {
    let ids = "vpcId=vpc-9&networkInterfaceId=eni-m6dyj72l";
    let rest = "secondaryPrivateIpAddressCount=1";
    let message = refused(&mut engine(), ids, rest, Code::VpcNotFound);
    assert!(message.contains("`vpc-9`"), "{message}");
}

#[test]
fn interface_not_found_nor_in_another_vpc() {
    for ids in [
        "vpcId=vpc-7t9nf3pu&networkInterfaceId=eni-9",
        "vpcId=vpc-2&networkInterfaceId=eni-m6dyj72l",
    ] {
        let rest = "secondaryPrivateIpAddressCount=1";
        refused(&mut engine(), ids, rest, Code::NetworkInterfaceNotFound);
    }
}

#[test]
fn address_in_use() {
    let mut engine = engine();
    let one = "privateIpAddressSet.1.primary=0&privateIpAddressSet.1.privateIpAddress=10.0.0.5";
    assigned(&mut engine, one);
    let two = "privateIpAddressSet.1.privateIpAddress=10.0.0.4\
        &privateIpAddressSet.2.privateIpAddress=10.0.0.5";
    // By another, and by itself.
    for ids in ["vpcId=vpc-7t9nf3pu&networkInterfaceId=eni-2", IDS] {
        let message = refused(&mut engine, ids, two, Code::PrivateIpAddressInUse);
        assert!(message.contains("address 1 of the list, `10.0.0.5`"), "{message}");
    }
}

#[test]
fn an_index_counts_items_in_the_order_of_n() {
    let rest = "privateIpAddressSet.20.privateIpAddress=10.0.0.5\
        &privateIpAddressSet.7.privateIpAddress=10.0.0.999";
    let message = refused(&mut engine(), IDS, rest, Code::InvalidParameterValue);
    assert_eq!(message, "address 0 of the list, `10.0.0.999`, is not an IPv4 address");
}

#[test]
fn a_task_that_changes_nothing_is_the_state_that_holds_it() {
    let mut engine = engine();
    let subnet = SubnetId::new("subnet-s").unwrap();
    let mut profile = Profile::TENCENT;
    profile.own_address = OwnAddress::Accept;
    for command in [
        CreateSubnet::new(subnet, "vpc-7t9nf3pu".parse().unwrap(), profile)
            .v4("10.0.3.0/24".parse().unwrap())
            .into(),
        CreateInterface::new(eni("eni-s"), subnet).into(),
    ] {
        engine.execute(NOW, &command).unwrap();
    }
    let form = "vpcId=vpc-7t9nf3pu&networkInterfaceId=eni-s\
        &privateIpAddressSet.1.privateIpAddress=10.0.3.9";
    let first = call(&mut engine, form);
    assert_eq!(first["data"]["taskId"], engine.revision().get());
    assert_eq!(call(&mut engine, form), first);
}

#[test]
fn a_narrowed_request_is_answered_in_the_providers_codes() {
    let request = AssignPrivateIpAddresses::any("vpc-7t9nf3pu", "eni-m6dyj72l", 1);
    let refused = |narrow: fn(Assign) -> Assign| {
        let assign = narrow(request.command().unwrap());
        Refusal::from(engine().decide(NOW, &assign.into()).unwrap_err()).code()
    };
    let elsewhere = refused(|assign| assign.in_vpc("vpc-2".parse().unwrap()));
    assert_eq!(elsewhere, Code::NetworkInterfaceNotFound);
    let nowhere = refused(|assign| assign.in_vpc("vpc-9".parse().unwrap()));
    assert_eq!(nowhere, Code::VpcNotFound);
    let nowhere = refused(|assign| assign.from_subnet("subnet-9".parse().unwrap()));
    assert_eq!(nowhere, Code::ResourceNotFound);
    let mismatch = refused(|assign| assign.from_subnet("subnet-2".parse().unwrap()));
    assert_eq!(mismatch, Code::ResourceNotFound);
    for outside in [OUTSIDE, OTHER_FAMILY] {
        assert_eq!(refused(outside), Code::InvalidParameterValue);
    }
}

#[test]
fn codes_that_only_the_caller_raises() {
    let refusal = Refusal::new(Code::ServiceUnavailable, "the disk is full");
    assert_eq!(
        serde_json::to_string(&Reply::new(Err(&refusal))).unwrap(),
        r#"{"code":6200,"message":"the disk is full","codeDesc":"ServiceUnavailable"}"#
    );
}

#[test]
fn more_than_one_command_may_assign() {
    let mut engine = engine();
    wide(&mut engine);
    let ids = "vpcId=vpc-7t9nf3pu&networkInterfaceId=eni-w";
    let rest = "secondaryPrivateIpAddressCount=16777217";
    refused(&mut engine, ids, rest, Code::LimitExceeded);
}

#[test]
fn a_message_repeats_no_more_than_64_characters_of_a_text() {
    let long = "9".repeat(100_000);
    let cut = format!("{}…", "9".repeat(64));
    let one = "privateIpAddressSet.1.privateIpAddress=10.0.0.3";
    for rest in [
        format!("privateIpAddressSet.{long}.primary=1"),
        format!(
            "privateIpAddressSet.{long}.primary=x&privateIpAddressSet.{long}.privateIpAddress=1"
        ),
        format!("{one}&privateIpAddressSet.1.primary={long}"),
        format!("secondaryPrivateIpAddressCount={long}x"),
    ] {
        let reply = call(&mut engine(), &format!("{IDS}&{rest}"));
        let message = reply["message"].as_str().unwrap();
        assert!(message.contains(&cut), "{message:.300}");
        assert!(message.len() < 300, "{message:.300}");
    }
    // Names are cut where they are: at their 64th character.
    for rest in [
        format!("privateIpAddressSet.{long}x.primary=1"),
        format!("privateIpAddressSet.{long}.primary=1&privateIpAddressSet.{long}.primary=1"),
    ] {
        let message = refused(&mut engine(), IDS, &rest, Code::InvalidParameter);
        assert!(message.contains("9…`"), "{message:.300}");
        assert!(message.len() < 300, "{message:.300}");
    }
}

#[test]
fn missing_parameters() {
    for (ids, rest) in [
        ("", ""),
        ("networkInterfaceId=eni-2", "secondaryPrivateIpAddressCount=1"),
        ("vpcId=&networkInterfaceId=eni-2", "secondaryPrivateIpAddressCount=1"),
        ("vpcId=vpc-7t9nf3pu", "secondaryPrivateIpAddressCount=1"),
        (IDS, ""),
        (IDS, "secondaryprivateipaddresscount=1"),
    ] {
        refused(&mut engine(), ids, rest, Code::MissingParameter);
    }
    let rest = "privateIpAddressSet.7.primary=true";
    let message = refused(&mut engine(), IDS, rest, Code::MissingParameter);
    assert!(message.contains("`privateIpAddressSet.7.privateIpAddress`"), "{message}");
}

#[test]
fn parameters_that_do_not_spell_their_type() {
    let count = "secondaryPrivateIpAddressCount";
    let counts = ["", "one", "1.0", "+1", "-", " 1", "0x10", "１"].map(|text| (count, text));
    let primary = "privateIpAddressSet.1.primary";
    let primaries = ["", "yes", "2", "-1", "true "].map(|text| (primary, text));
    for (name, value) in counts.into_iter().chain(primaries) {
        let rest = format!("privateIpAddressSet.1.privateIpAddress=10.0.0.3&{name}={value}");
        let message = refused(&mut engine(), IDS, &rest, Code::InvalidParameter);
        assert!(message.contains(&format!("`{name}`")), "{message}");
    }
    for n in ["", ".", "x", "-1", "+1", "1 ", "١"] {
        let rest = format!("privateIpAddressSet.{n}.privateIpAddress=10.0.0.3");
        refused(&mut engine(), IDS, &rest, Code::InvalidParameter);
    }
}

#[test]
fn parameters_given_twice() {
    let set = "privateIpAddressSet.1.privateIpAddress=10.0.0.3&privateIpAddressSet.1.primary=0";
    for again in [
        "vpcId=vpc-7t9nf3pu",
        "networkInterfaceId=eni-2",
        "privateIpAddressSet.1.privateIpAddress=10.0.0.3",
        "privateIpAddressSet.01.privateIpAddress=10.0.0.4",
        "privateIpAddressSet.1.primary=1",
    ] {
        let rest = format!("{set}&{again}");
        let message = refused(&mut engine(), IDS, &rest, Code::InvalidParameter);
        assert!(message.contains("twice"), "{message}");
    }
    let rest = "secondaryPrivateIpAddressCount=1&secondaryPrivateIpAddressCount=1";
    refused(&mut engine(), IDS, rest, Code::InvalidParameter);
    // Names that the call does not have may come twice.
    let rest = "secondaryPrivateIpAddressCount=1&Tag=1&Tag=2&privateIpAddressSet=x";
    assigned(&mut engine(), rest);
}

#[test]
fn values_that_cannot_be() {
    for address in
        ["", "10.0.0.256", "2001:db8::1", "10.0.0.0", "10.0.0.1", "10.0.0.15", "10.0.0.16"]
    {
        let rest = format!("privateIpAddressSet.1.privateIpAddress={address}");
        let message = refused(&mut engine(), IDS, &rest, Code::InvalidParameterValue);
        assert!(message.starts_with("address 0 of the list, "), "{message}");
    }
    let one = "privateIpAddressSet.1.privateIpAddress=10.0.0.3";
    for rest in [
        &format!("{one}&privateIpAddressSet.2.privateIpAddress=10.0.0.3"),
        &format!("{one}&secondaryPrivateIpAddressCount=0"),
        "secondaryPrivateIpAddressCount=0",
        "secondaryPrivateIpAddressCount=-1",
        "secondaryPrivateIpAddressCount=-9999999999999999999999999999999999999999999999",
    ] {
        let message = refused(&mut engine(), IDS, rest, Code::InvalidParameterValue);
        let negative = rest.contains("Count=-");
        let words = "`secondaryPrivateIpAddressCount` is less than 1";
        assert!(!negative || message == words, "{message}");
    }
    let (long, endless) = ("v".repeat(65), "v".repeat(1_000_000));
    for ids in [
        format!("vpcId={long}&networkInterfaceId=eni-m6dyj72l"),
        format!("vpcId=vpc-7t9nf3pu&networkInterfaceId={endless}"),
        "vpcId=vpc 7&networkInterfaceId=eni-m6dyj72l".to_owned(),
    ] {
        let rest = "secondaryPrivateIpAddressCount=1";
        let message = refused(&mut engine(), &ids, rest, Code::InvalidParameterValue);
        assert!(message.len() < 200, "{message}");
    }
}

#[test]
fn at_most_one_primary() {
    let one = "privateIpAddressSet.1.privateIpAddress=10.0.0.3&privateIpAddressSet.1.primary=1";
    let two = "privateIpAddressSet.2.privateIpAddress=10.0.0.4&privateIpAddressSet.2.primary=tRUE";
    let mut engine = engine();
    refused(&mut engine, IDS, &format!("{one}&{two}"), Code::InvalidParameterValue);
    assigned(&mut engine, one);
    refused(&mut engine, IDS, two, Code::UnsupportedOperation);
}

#[test]
fn state_and_family() {
    let mut engine = engine();
    set_status(&mut engine, Status::Detaching);
    let (count, list) =
        ("secondaryPrivateIpAddressCount=1", "privateIpAddressSet.0.privateIpAddress=10.0.0.3");
    refused(&mut engine, IDS, count, Code::UnsupportedOperation);
    for rest in [count, list] {
        let ids = "vpcId=vpc-7t9nf3pu&networkInterfaceId=eni-6";
        refused(&mut engine, ids, rest, Code::UnsupportedOperation);
    }
}

#[test]
fn quota_and_capacity() {
    let mut engine = engine();
    for count in ["14", "4294967296", "9999999999999999999999999999999999999999999999"] {
        let rest = format!("secondaryPrivateIpAddressCount={count}");
        refused(&mut engine, IDS, &rest, Code::ResourceInsufficient);
    }
    set_quota(&mut engine, 2);
    let three = "secondaryPrivateIpAddressCount=3";
    refused(&mut engine, IDS, three, Code::LimitExceeded);
    assigned(&mut engine, "secondaryPrivateIpAddressCount=2");
}

#[test]
fn other_profiles_and_other_commands() {
    let mut engine = engine();
    let subnet = SubnetId::new("subnet-a").unwrap();
    let setup = [
        CreateSubnet::new(subnet, "vpc-7t9nf3pu".parse().unwrap(), Profile::AWS)
            .v4("10.0.1.0/24".parse().unwrap())
            .into(),
        CreateInterface::new(eni("eni-a"), subnet).into(),
    ];
    for command in &setup {
        engine.execute(NOW, command).unwrap();
    }
    let ids = "vpcId=vpc-7t9nf3pu&networkInterfaceId=eni-a";
    let rest = "secondaryPrivateIpAddressCount=1\
        &privateIpAddressSet.1.privateIpAddress=10.0.1.9";
    refused(&mut engine, ids, rest, Code::InvalidParameter);
    let refusal = Refusal::from(foreign());
    assert_eq!((refusal.code(), refusal.code().number()), (Code::InternalError, 6000));
    assert_eq!(Refusal::unreadable("no form").code(), Code::InvalidParameter);
}

#[test]
fn a_long_form_costs_what_it_is() {
    let name = |n| format!("privateIpAddressSet.{n}.privateIpAddress");
    let names: Vec<_> = (0..100_000).map(name).collect();
    let ids = [("vpcId", "vpc-7t9nf3pu"), ("networkInterfaceId", "eni-m6dyj72l")];
    let pairs = names.iter().map(|name| (name.as_str(), "10.0.0.999")).chain(ids);
    let request = AssignPrivateIpAddresses::from_pairs(pairs).unwrap();
    let refusal = request.command().unwrap_err();
    assert_eq!(refusal.code(), Code::InvalidParameterValue);
    assert!(refusal.message().contains("address 7 of the list, `10.0.0.999`"));
    assert!(refusal.message().ends_with("; and 99992 more"));
    let name = "privateIpAddressSet.".repeat(100_000);
    refused(&mut engine(), IDS, &format!("{name}=1"), Code::InvalidParameter);
}
