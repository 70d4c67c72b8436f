//! Defects that the model, the fuzzer or a reader found, each as small as it could be made
#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "tests"
)]

use std::net::IpAddr;

use ipam_core::ipnet::IpNet;
use ipam_core::{
    AddrRange, Assign, Command, CreateInterface, CreateSubnet, Decision, Engine, Error, Family,
    Pick, Primary, Profile, Timestamp, Unassign,
};

/// A VPC, a subnet of 10.0.0.0/28 and 2001:db8::/124 and two interfaces without addresses
fn engine() -> Engine {
    let (vpc, subnet) = ("vpc".parse().unwrap(), "subnet".parse().unwrap());
    let mut engine = Engine::new();
    let create = CreateSubnet::new(subnet, vpc, Profile::PLAIN)
        .v4("10.0.0.0/28".parse().unwrap())
        .v6("2001:db8::/124".parse().unwrap());
    let commands = [
        Command::CreateVpc { vpc, cidrs: vec![] },
        create.into(),
        CreateInterface::new("eni-a".parse().unwrap(), subnet).into(),
        CreateInterface::new("eni-b".parse().unwrap(), subnet).into(),
    ];
    for command in &commands {
        engine.execute(Timestamp::ZERO, command).unwrap();
    }
    engine
}

fn at(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn range(first: &str, last: &str) -> AddrRange {
    AddrRange::new(at(first), at(last)).unwrap()
}

fn assign(interface: &str, pick: Pick) -> Command {
    Assign::new(interface.parse().unwrap(), pick).into()
}

fn run(engine: &mut Engine, command: impl Into<Command>) -> Decision {
    engine.execute(Timestamp::ZERO, &command.into()).unwrap()
}

/// Gives commands to one engine together, and to another one by one; the last answer of each
fn both_ways(engine: &Engine, commands: &[Command]) -> (Option<String>, Option<String>) {
    let together = engine.decide_all(Timestamp::ZERO, commands).ok();
    let together = together.and_then(|of| Some(of.answer_to(commands.len() - 1)?.to_string()));
    let mut engine = engine.clone();
    let alone: Result<Vec<Decision>, Error> =
        commands.iter().map(|command| engine.execute(Timestamp::ZERO, command)).collect();
    (together, alone.ok().and_then(|all| Some(all.last()?.answer().to_string())))
}

/// Releasing an address in a batch took the reservation that had ended there for one that holds
#[test]
fn a_batch_forgets_a_reservation_whose_first_address_is_reserved_anew() {
    let mut engine = engine();
    let subnet = "subnet".parse().unwrap();
    run(&mut engine, assign("eni-a", Pick::these([at("10.0.0.5"), at("10.0.0.6")])));
    run(&mut engine, Command::ReserveRange { subnet, range: range("10.0.0.1", "10.0.0.14") });
    let commands = [
        Command::ReleaseRange { subnet, range: range("10.0.0.1", "10.0.0.14") },
        Command::ReserveRange { subnet, range: range("10.0.0.1", "10.0.0.5") },
        Unassign::new("eni-a".parse().unwrap(), [at("10.0.0.5"), at("10.0.0.6")]).into(),
        assign("eni-b", Pick::any(1)),
    ];
    let (together, alone) = both_ways(&engine, &commands);
    assert_eq!(alone.as_deref(), Some("10.0.0.6"));
    assert_eq!(together, alone);
}

/// Two reserved ranges that touch, over a run that is assigned: releasing the lower did not return
#[test]
fn a_reservation_ends_inside_a_run_that_is_assigned() {
    let mut engine = engine();
    let subnet = "subnet".parse().unwrap();
    let (lower, upper) = (AddrRange::one(at("10.0.0.4")), AddrRange::one(at("10.0.0.5")));
    run(&mut engine, assign("eni-a", Pick::these([at("10.0.0.4"), at("10.0.0.5")])));
    run(&mut engine, Command::ReserveRange { subnet, range: lower });
    run(&mut engine, Command::ReserveRange { subnet, range: upper });
    run(&mut engine, Command::ReleaseRange { subnet, range: lower });
    engine.check().unwrap();
    assert!(engine.reservations(subnet, Family::V4).unwrap().eq([upper]));
}

/// Addresses were chosen anywhere when the range to choose from was of the other family
#[test]
fn nothing_is_chosen_outside_a_range_of_the_other_family() {
    let engine = engine();
    let within = range("2001:db8::4", "2001:db8::7");
    let any = assign("eni-a", Pick::any(1).within(within));
    if let Ok(decision) = engine.decide(Timestamp::ZERO, &any) {
        assert!(decision.answer().iter().all(|address| within.contains(address)), "{decision:?}");
    }
    let v4 = assign("eni-a", Pick::any(1).family(Family::V4).within(within));
    assert!(engine.decide(Timestamp::ZERO, &v4).is_err());
}

/// Of three CIDRs that overlap, a pair was named that is not the first by index
#[test]
fn the_first_overlap_of_a_vpc_is_named() {
    let cidrs: Vec<IpNet> =
        ["10.0.0.0/16", "10.0.0.0/24", "10.0.0.0/8"].map(|cidr| cidr.parse().unwrap()).into();
    let command = Command::CreateVpc { vpc: "vpc".parse().unwrap(), cidrs: cidrs.clone() };
    let refused = Engine::new().decide(Timestamp::ZERO, &command).unwrap_err();
    let (cidr, other) = (cidrs[1], cidrs[0]);
    assert_eq!(refused, Error::CidrsOverlap { index: 1, cidr, first: 0, other });
}

/// A batch of no commands gave an answer to its first command
#[test]
fn a_batch_of_none_answers_none() {
    let decision = engine().decide_all(Timestamp::ZERO, &[]).unwrap();
    assert_eq!(decision.answer_to(0), None);
}

/// The only number of ::/0 that should saturate is the total, of which rules withhold one
#[test]
fn what_rules_withhold_of_all_addresses_is_counted() {
    let (vpc, subnet) = ("vpc".parse().unwrap(), "subnet".parse().unwrap());
    let mut engine = Engine::new();
    run(&mut engine, Command::CreateVpc { vpc, cidrs: vec![] });
    run(&mut engine, CreateSubnet::new(subnet, vpc, Profile::PLAIN).v6("::/0".parse().unwrap()));
    let eni = CreateInterface::new("eni".parse().unwrap(), subnet);
    run(&mut engine, eni.primary_v6(Primary::Chosen));
    let usage = engine.usage(Timestamp::ZERO, subnet).unwrap().v6.unwrap();
    assert_eq!((usage.structural, usage.assigned), (1, 1));
    assert_eq!(usage.free, u128::MAX - 1);
}

/// Each repetition of a run was looked at, address by address, before it was seen to be one: with these
/// 20,000 of 65,534 addresses the test would not end
#[test]
fn a_release_that_repeats_itself_is_refused_at_once() {
    let (vpc, subnet) = ("vpc".parse().unwrap(), "subnet".parse().unwrap());
    let eni = "eni".parse().unwrap();
    let mut engine = Engine::new();
    run(&mut engine, Command::CreateVpc { vpc, cidrs: vec![] });
    let cidr = "10.0.0.0/16".parse().unwrap();
    run(&mut engine, CreateSubnet::new(subnet, vpc, Profile::PLAIN).v4(cidr));
    run(&mut engine, CreateInterface::new(eni, subnet));
    run(&mut engine, Assign::new(eni, Pick::any(65_534)));
    let release = Unassign::new(eni, [at("10.0.0.1")]).into();
    let event = engine.decide(Timestamp::ZERO, &release).unwrap().into_event().unwrap();
    let mut forged = serde_json::to_value(&event).unwrap();
    let all = serde_json::json!({"first": "10.0.0.1", "last": "10.0.255.254"});
    forged["changes"][0]["Released"]["addresses"] = vec![all; 20_000].into();
    let refused = engine.apply(&serde_json::from_value(forged).unwrap()).unwrap_err();
    assert_eq!(refused.code(), 803);
    engine.apply(&event).unwrap();
}
