//! Bugs that the model, the fuzzer or a reader found, each reduced as far as possible

use std::net::{IpAddr, Ipv4Addr};

use ipam_core::event::{End, Held, OnExpiry, TaskFinished};
use ipam_core::ipnet::IpNet;
use ipam_core::{
    AddrRange, Adopt, ApplyError, Assign, Change, Command, Confirm, Contradiction, CreateInterface,
    CreateSubnet, CreateVpc, Decision, DeleteInterface, DeleteSubnet, Due, Engine, Error, Event,
    Family, Hold, InterfaceId, Limits, ListAndCount, Move, Once, Pick, Policy, Primary, Profile,
    Quarantine, ReleaseRange, Reservation, ReserveRange, Rest, SetCursor, SetLimits, SetPolicy,
    SetStatus, Status, SubnetId, Task, Timestamp, Unassign,
};

/// A VPC, a subnet of 10.0.0.0/28 and 2001:db8::/124 and two interfaces without addresses
fn engine() -> Engine {
    engine_of(Profile::PLAIN)
}

fn engine_of(profile: Profile) -> Engine {
    let (vpc, subnet) = ("vpc".parse().unwrap(), "subnet".parse().unwrap());
    let mut engine = Engine::new();
    let create = CreateSubnet::new(subnet, vpc, profile)
        .v4("10.0.0.0/28".parse().unwrap())
        .v6("2001:db8::/124".parse().unwrap());
    let commands = [
        CreateVpc::new(vpc).into(),
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

const fn ms(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn eni(id: &str) -> InterfaceId {
    id.parse().unwrap()
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
    run(&mut engine, ReserveRange::new(subnet, range("10.0.0.1", "10.0.0.14")));
    let commands = [
        ReleaseRange::new(subnet, range("10.0.0.1", "10.0.0.14")).into(),
        ReserveRange::new(subnet, range("10.0.0.1", "10.0.0.5")).into(),
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
    run(&mut engine, ReserveRange::new(subnet, lower));
    run(&mut engine, ReserveRange::new(subnet, upper));
    run(&mut engine, ReleaseRange::new(subnet, lower));
    engine.check().unwrap();
    assert!(engine.reservations(subnet, Family::V4).unwrap().eq([(upper, Reservation::Hard)]));
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
    let command = Command::from(CreateVpc::new("vpc".parse().unwrap()).within(cidrs.clone()));
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
    run(&mut engine, CreateVpc::new(vpc));
    run(&mut engine, CreateSubnet::new(subnet, vpc, Profile::PLAIN).v6("::/0".parse().unwrap()));
    let eni = CreateInterface::new("eni".parse().unwrap(), subnet);
    run(&mut engine, eni.primary_v6(Primary::Chosen));
    let usage = engine.at(Timestamp::ZERO).subnet_usage(subnet).unwrap().v6.unwrap();
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
    run(&mut engine, CreateVpc::new(vpc));
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

/// A move of more than that was decided and executed, but its event was not to be applied
#[test]
fn a_move_may_be_as_large_as_an_assignment() {
    let (vpc, subnet) = ("vpc".parse().unwrap(), "subnet".parse().unwrap());
    let mut engine = Engine::new();
    run(&mut engine, CreateVpc::new(vpc));
    let cidr = "10.0.0.0/7".parse().unwrap();
    run(&mut engine, CreateSubnet::new(subnet, vpc, Profile::PLAIN).v4(cidr));
    for id in ["eni-a", "eni-b"] {
        run(&mut engine, CreateInterface::new(eni(id), subnet));
    }
    let limit = Assign::MAX_ADDRESSES;
    for count in [limit, 1] {
        run(&mut engine, assign("eni-a", Pick::any(count)));
    }
    let move_of = |count: u32| -> Command {
        let all = (1..=count).map(|offset| Ipv4Addr::from(0x0a00_0000 | offset));
        Move::new(eni("eni-a"), eni("eni-b"), all).into()
    };
    let (revision, all) = (engine.revision(), move_of(limit + 1));
    let refused = Error::TooMany { wanted: u128::from(limit) + 1, limit };
    assert_eq!(engine.decide(Timestamp::ZERO, &all).as_ref(), Err(&refused));
    assert_eq!(engine.execute(Timestamp::ZERO, &all).as_ref(), Err(&refused));
    assert_eq!(engine.revision(), revision);
    let batch = engine.decide_all(Timestamp::ZERO, &[all]).unwrap_err();
    assert_eq!((batch.index, batch.error), (0, refused));
    assert!(engine.decide(Timestamp::ZERO, &move_of(limit)).is_ok());
}

/// Only a command alone did
#[test]
fn a_batch_tells_the_task_of_a_token_that_it_repeats() {
    let mut engine = engine();
    let hold = |id| Assign::new(eni(id), Pick::any(1)).hold(Hold::until(ms(100)));
    let again: Command =
        Once::new("token".parse().unwrap(), ms(1_000), hold("eni-a")).unwrap().into();
    let task = run(&mut engine, again.clone()).task();
    assert!(task.is_some());
    run(&mut engine, SetStatus::new(eni("eni-a"), Status::InUse));

    let decision = engine.decide_all(Timestamp::ZERO, std::slice::from_ref(&again)).unwrap();
    assert_eq!((decision.task(), decision.task_of(0)), (task, task));

    let more = [assign("eni-b", Pick::any(1)), again, hold("eni-b").into()];
    let decision = engine.decide_all(Timestamp::ZERO, &more).unwrap();
    let made = Task::new(engine.revision().next(), 2);
    let tasks = [0, 1, 2, 3].map(|index| decision.task_of(index));
    assert_eq!(tasks, [None, task, Some(made), None]);
    assert_eq!(decision.task(), task, "the first that a command has");
}

/// It came in the order of the tables, which nothing else shows
#[test]
fn what_is_due_comes_by_time_then_holds_then_rests_as_they_began() {
    let subnets = [
        ("a", "10.0.0.0/28", "2001:db8:a::/124"),
        ("b", "10.0.1.0/28", "2001:db8:b::/124"),
        ("c", "10.0.2.0/28", "2001:db8:c::/124"),
    ];
    let due = |order: [usize; 3]| -> Vec<Due> {
        let vpc = "vpc".parse().unwrap();
        let create = |of: usize| {
            let (id, v4, v6) = subnets[of];
            CreateSubnet::new(id.parse().unwrap(), vpc, Profile::PLAIN)
                .v4(v4.parse().unwrap())
                .v6(v6.parse().unwrap())
        };
        let mut engine = Engine::new();
        run(&mut engine, CreateVpc::new(vpc));
        for of in order {
            run(&mut engine, create(of));
        }
        let [first, _, last] = order;
        for of in [first, last] {
            run(&mut engine, DeleteSubnet::new(subnets[of].0.parse().unwrap()));
        }
        for of in [first, last] {
            run(&mut engine, create(of));
        }
        run(&mut engine, CreateInterface::new(eni("eni"), "b".parse().unwrap()));

        let assign = |subnet: SubnetId, family, count| {
            Assign::new(eni("eni"), Pick::any(count).family(family)).from_subnet(subnet)
        };
        for of in order {
            let subnet = subnets[of].0.parse().unwrap();
            run(&mut engine, assign(subnet, Family::V6, 1));
            run(&mut engine, assign(subnet, Family::V4, 2));
        }
        for (subnet, until) in [("b", 10), ("a", 5)] {
            let hold = Hold::until(ms(until));
            run(&mut engine, assign(subnet.parse().unwrap(), Family::V4, 1).hold(hold));
        }
        let first =
            [0, 1, 2].map(|of| [format!("10.0.{of}.1"), format!("2001:db8:{}::1", subnets[of].0)]);
        let all = first.into_iter().flatten().map(|first| (first, 10));
        for (address, millis) in all.chain([("10.0.0.2".into(), 20), ("10.0.2.2".into(), 5)]) {
            let release = Unassign::new(eni("eni"), [at(&address)]);
            run(&mut engine, release.rest(Rest::for_millis(millis)));
        }
        engine.at(ms(100)).due().collect()
    };
    let one = due([0, 1, 2]);
    let shown = |due: &Due| match due {
        Due::Rested { at, subnet, addresses } => format!("{} {subnet} {addresses}", at.millis()),
        Due::Expired { at, lost, .. } => format!("{} held {lost}", at.millis()),
        _ => String::new(),
    };
    assert_eq!(
        one.iter().map(shown).collect::<Vec<_>>(),
        [
            "5 held 10.0.0.3",
            "5 c 10.0.2.2",
            "10 held 10.0.1.3",
            "10 a 10.0.0.1",
            "10 a 2001:db8:a::1",
            "10 b 10.0.1.1",
            "10 b 2001:db8:b::1",
            "10 c 10.0.2.1",
            "10 c 2001:db8:c::1",
            "20 a 10.0.0.2",
        ]
    );
    for order in [[2, 1, 0], [1, 0, 2], [0, 2, 1], [2, 0, 1], [1, 2, 0]] {
        assert_eq!(due(order), one, "subnets created in the order {order:?}");
    }
}

/// That what a hold loses may rest was not to be seen
#[test]
fn an_expired_hold_tells_when_what_it_lost_is_free() {
    let free_at = |quarantine, hold: Hold| {
        let mut engine = engine_of(Profile::PLAIN.quarantine(Quarantine::for_millis(quarantine)));
        run(&mut engine, Assign::new(eni("eni-a"), Pick::any(2)).hold(hold));
        let due: Vec<Due> = engine.at(ms(100)).due().collect();
        let [Due::Expired { at, lost, free_at, .. }] = due.as_slice() else { return None };
        Some((at.millis(), lost.to_string(), free_at.millis()))
    };
    let (hold, both) = (Hold::until(ms(10)), "10.0.0.1-10.0.0.2".to_owned());
    assert_eq!(free_at(500, hold), Some((10, both.clone(), 510)));
    assert_eq!(free_at(5, hold), Some((10, both.clone(), 15)), "due as well");
    assert_eq!(free_at(0, hold), Some((10, both, 10)));
    assert_eq!(free_at(500, hold.then_unknown()), Some((10, String::new(), 10)));
}

/// The name was free again once the first task of that name was forgotten, in the event itself
#[test]
fn an_event_uses_the_name_of_a_task_once() {
    let mut engine = engine();
    let subnet = "subnet".parse().unwrap();
    let held = |id, address| {
        let (until, keep_until) = (ms(9), Timestamp::ZERO);
        let addresses = [at(address)].into_iter().collect();
        let (interface, expired) = (eni(id), OnExpiry::Unknown);
        let (index, request) = (0, None);
        Change::Held(
            Held { index, interface, subnet, addresses, until, expired, keep_until, request }
                .into(),
        )
    };
    let task = Task::new(engine.revision().next(), 0);
    let (end, until) = (End::Succeeded, Timestamp::ZERO);
    let finished = Change::TaskFinished(TaskFinished { task, end, until, reason: None }.into());
    let event: Event = serde_json::from_value(serde_json::json!({
        "revision": engine.revision().next(),
        "at": 1,
        "parent": format!("{:016x}", engine.digest()),
        "changes": [held("eni-a", "10.0.0.1"), finished, held("eni-b", "10.0.0.2")],
    }))
    .unwrap();
    let before = engine.clone();
    let (change, what) = (2, Contradiction::Exists);
    let refused = ApplyError::Contradiction { event: event.revision(), change, what };
    assert_eq!(engine.apply(&event), Err(refused));
    assert_eq!(engine, before);
}

/// Each said again that what was due is done
#[test]
fn a_sweep_adds_nothing_to_a_batch_that_changes_something() {
    let mut engine = engine();
    run(&mut engine, Assign::new(eni("eni-a"), Pick::any(1)).hold(Hold::until(ms(100))));
    let status = Command::from(SetStatus::new(eni("eni-a"), Status::InUse));
    let changes = |batch: &[Command]| {
        let event = engine.decide_all(ms(200), batch).unwrap().into_event().unwrap();
        event.changes().to_vec()
    };
    assert_eq!(changes(&[Command::Sweep, Command::Sweep]), [Change::Swept]);
    let alone = changes(std::slice::from_ref(&status));
    assert_eq!(changes(&[status, Command::Sweep, Command::Sweep]), alone);
}

/// Nothing is free: of 10.0.0.1 to .14 what is lowest rests longest, .14 until 10 ms, .13 until 20 ms; so
/// do 2001:db8::1 to ::f
fn weary() -> Engine {
    let early = Quarantine { when_exhausted: true, take_back: true, ..Quarantine::for_millis(1) };
    let mut engine = engine_of(Profile::PLAIN.quarantine(early));
    for (family, count) in [(Family::V4, 14), (Family::V6, 15)] {
        run(&mut engine, assign("eni-a", Pick::any(count).family(family)));
    }
    let all: Vec<IpAddr> = engine.addresses(eni("eni-a")).unwrap().map(|of| of.address).collect();
    for (from, family) in [(14, &all[..14]), (15, &all[14..])] {
        for (millis, &address) in (1..=from).rev().zip(family) {
            let rest = Rest::for_millis(10 * millis);
            run(&mut engine, Unassign::new(eni("eni-a"), [address]).rest(rest));
        }
    }
    engine
}

/// Decides alone, and in a batch after what gives none of it away
fn chosen(engine: &Engine, now: Timestamp, command: impl Into<Command>) -> Result<String, u16> {
    let command = command.into();
    let alone = engine.decide(now, &command).map(|of| of.answer().to_string());
    let alone = alone.map_err(|error| error.code());
    let limits = Command::from(SetLimits::new(Limits { tokens: 1, ..Limits::DEFAULT }));
    let batch = engine.decide_all(now, &[limits, command]);
    let batch = batch.map(|of| of.answer_to(1).unwrap().to_string());
    assert_eq!(batch.map_err(|error| error.error.code()), alone);
    alone
}

#[test]
fn of_what_rests_in_a_range_the_first_to_end_is_chosen() {
    let engine = weary();
    let of = |count| Pick::any(count).within(range("10.0.0.3", "10.0.0.6"));
    let any = |now, count| chosen(&engine, ms(now), assign("eni-b", of(count)));
    assert_eq!(any(0, 1).as_deref(), Ok("10.0.0.6"));
    assert_eq!(any(0, 3).as_deref(), Ok("10.0.0.6,10.0.0.5,10.0.0.4"));
    assert_eq!(any(0, 5), Err(700));
    // .5 and .6 are free by then, and come first.
    assert_eq!(any(100, 4).as_deref(), Ok("10.0.0.5-10.0.0.6,10.0.0.4,10.0.0.3"));
    assert_eq!(any(100, 5), Err(700));
}

#[test]
fn what_rests_is_not_chosen_where_it_is_reserved() {
    let mut engine = weary();
    let subnet = "subnet".parse().unwrap();
    run(&mut engine, ReserveRange::new(subnet, range("10.0.0.12", "10.0.0.14")));
    run(&mut engine, ReserveRange::new(subnet, range("10.0.0.10", "10.0.0.10")));
    let any = |engine: &Engine, count| chosen(engine, ms(0), assign("eni-b", Pick::any(count)));
    assert_eq!(any(&engine, 3).as_deref(), Ok("10.0.0.11,10.0.0.9,10.0.0.8"));
    assert_eq!(any(&engine, 11), Err(700));
    // Their rest ends within the reservation, and nothing becomes free.
    let late = chosen(&engine, ms(30), assign("eni-b", Pick::any(1)));
    assert_eq!(late.as_deref(), Ok("10.0.0.11"));

    let batch = [
        ReserveRange::new(subnet, range("10.0.0.1", "10.0.0.9")).into(),
        assign("eni-b", Pick::any(1)),
        ReleaseRange::new(subnet, range("10.0.0.10", "10.0.0.10")).into(),
        assign("eni-b", Pick::any(1)),
    ];
    let (together, alone) = both_ways(&engine, &batch);
    assert_eq!(alone.as_deref(), Some("10.0.0.10"));
    assert_eq!(together, alone);
    run(&mut engine, ReserveRange::new(subnet, range("10.0.0.1", "10.0.0.9")));
    run(&mut engine, ReserveRange::new(subnet, range("10.0.0.11", "10.0.0.11")));
    assert_eq!(any(&engine, 1), Err(700));
}

#[test]
fn what_rests_is_chosen_in_the_family_that_is_asked_for() {
    let engine = weary();
    let now = Timestamp::ZERO;
    let any = |family, count| Pick::any(count).family(family);
    let v6 = chosen(&engine, now, assign("eni-b", any(Family::V6, 2)));
    assert_eq!(v6.as_deref(), Ok("2001:db8::f,2001:db8::e"));
    assert_eq!(chosen(&engine, now, assign("eni-b", any(Family::V4, 15))), Err(700));

    let create = CreateInterface::new(eni("eni-c"), "subnet".parse().unwrap());
    let both = create.primary_v4(Primary::Chosen).primary_v6(Primary::Chosen);
    assert_eq!(chosen(&engine, now, both).as_deref(), Ok("10.0.0.14,2001:db8::f"));

    // Those that are named, of either family, are not chosen as well.
    let named = Pick::these([at("2001:db8::f"), at("10.0.0.14"), at("10.0.0.2")]);
    let more = chosen(&engine, now, assign("eni-a", named.and_any(2).family(Family::V4)));
    assert_eq!(more.as_deref(), Ok("2001:db8::f,10.0.0.14,10.0.0.2,10.0.0.13,10.0.0.12"));
}

/// A range began below where it was asked for, where a batch or the clock had opened what lies across
#[test]
fn a_range_begins_where_it_may_though_what_a_batch_opened_begins_below() {
    let mut engine = engine();
    let both = [at("10.0.0.1"), at("10.0.0.2")];
    run(&mut engine, assign("eni-a", Pick::these(both)));
    let within = range("10.0.0.2", "10.0.0.5");
    for count in [1, 2] {
        let release = Unassign::new(eni("eni-a"), both).into();
        let pick = Pick::any(count).within(within).contiguous();
        let (together, alone) = both_ways(&engine, &[release, assign("eni-b", pick)]);
        let expected = if count == 1 { "10.0.0.2" } else { "10.0.0.2-10.0.0.3" };
        assert_eq!((together.as_deref(), alone.as_deref()), (Some(expected), Some(expected)));
    }
}

/// The cursor went behind the free address, as where it ought to stand was where it stood
#[test]
fn a_cursor_stays_where_what_was_woken_last_leads_it() {
    let mut engine = weary();
    let subnet = "subnet".parse().unwrap();
    run(&mut engine, SetPolicy::new(subnet, Policy::Next));
    run(&mut engine, SetCursor::new(subnet, at("10.0.0.14")));
    // .14 is free at 10 ms, and then the next to end its rest is .13.
    let chosen = engine.execute(ms(10), &assign("eni-b", Pick::any(2))).unwrap();
    assert_eq!(chosen.answer().to_string(), "10.0.0.14,10.0.0.13");
    assert_eq!(engine.cursor(subnet, Family::V4), Some(at("10.0.0.14")));
}

/// A subnet of all of ::/0 whose rules withhold nothing, and an interface
fn all_of_ipv6() -> Engine {
    let mut profile = Profile::PLAIN;
    (profile.v6.first, profile.v6.last) = (0, 0);
    all_of_ipv6_with(profile)
}

fn all_of_ipv6_with(profile: Profile) -> Engine {
    let (vpc, subnet) = ("vpc".parse().unwrap(), "subnet".parse().unwrap());
    let mut engine = Engine::new();
    run(&mut engine, CreateVpc::new(vpc));
    run(&mut engine, CreateSubnet::new(subnet, vpc, profile).v6("::/0".parse().unwrap()));
    run(&mut engine, CreateInterface::new(eni("eni-a"), subnet));
    engine
}

/// What is reserved to be chosen by name only, assigned, held, at rest and free
fn parts(engine: &Engine, now: Timestamp) -> [u128; 5] {
    let of = engine.at(now).subnet_usage("subnet".parse().unwrap()).unwrap().v6.unwrap();
    [of.auto_only, of.assigned, of.held, of.quarantined, of.free]
}

/// All of ::/0 at rest was counted as assigned, and kept its subnet from being deleted
#[test]
fn all_of_ipv6_at_rest_is_counted_and_keeps_no_subnet() {
    let mut engine = all_of_ipv6();
    run(&mut engine, assign("eni-a", Pick::any_prefixes(1, 2)));
    assert_eq!(parts(&engine, ms(0)), [0, u128::MAX, 0, 0, 0]);
    let halves = ["::/1", "8000::/1"].map(|half| half.parse::<IpNet>().unwrap());
    let release = Unassign::only_prefixes(eni("eni-a"), halves).rest(Rest::for_millis(1000));
    let delete = [
        Command::from(release),
        DeleteInterface::new(eni("eni-a")).into(),
        DeleteSubnet::new("subnet".parse().unwrap()).into(),
    ];
    let mut together = engine.clone();
    let decision = together.decide_all(ms(0), &delete).unwrap();
    together.apply(decision.event().unwrap()).unwrap();
    for (step, command) in delete.into_iter().enumerate() {
        run(&mut engine, command);
        if step == 0 {
            assert_eq!(parts(&engine, ms(0)), [0, 0, 0, u128::MAX, 0]);
        }
    }
    let subnets = |engine: &Engine| engine.subnets("vpc".parse().unwrap()).len();
    assert_eq!([subnets(&engine), subnets(&together)], [0, 0]);
}

/// And all of it held was counted as assigned
#[test]
fn all_of_ipv6_held_is_counted() {
    let mut engine = all_of_ipv6();
    let hold = Hold::until(ms(50));
    let request = Assign::new(eni("eni-a"), Pick::any_prefixes(1, 2)).hold(hold);
    let task = run(&mut engine, request).task().unwrap();
    assert_eq!(parts(&engine, ms(0)), [0, 0, u128::MAX, 0, 0]);
    assert_eq!(parts(&engine, ms(50)), [0, 0, 0, 0, u128::MAX], "the hold has expired");
    run(&mut engine, Confirm::new(task));
    assert_eq!(parts(&engine, ms(0)), [0, u128::MAX, 0, 0, 0]);
}

/// One address assigned beside 2^128 less one at rest was not seen, and its subnet could be deleted
#[test]
fn one_address_beside_all_others_at_rest_keeps_its_subnet() {
    let mut engine = all_of_ipv6();
    let prefixes = (1..=128).map(|len| if len == 128 { "::1/128".into() } else { upper_half(len) });
    let prefixes: Vec<IpNet> = prefixes.map(|of: String| of.parse().unwrap()).collect();
    let all = prefixes.iter().fold(Pick::these([at("::")]), |pick, of| pick.and_prefix(*of));
    run(&mut engine, assign("eni-a", all));
    let release = Unassign::only_prefixes(eni("eni-a"), prefixes).rest(Rest::for_millis(1000));
    run(&mut engine, release);
    assert_eq!(parts(&engine, ms(0)), [0, 1, 0, u128::MAX, 0]);
    let subnet = "subnet".parse().unwrap();
    let refused = engine.decide(ms(0), &DeleteSubnet::new(subnet).into()).unwrap_err();
    assert_eq!(refused, Error::SubnetInUse { subnet, interfaces: 1, addresses: 1 });
}

/// The upper half of the /`len - 1` that begins at ::
fn upper_half(len: u8) -> String {
    format!("{}/{len}", std::net::Ipv6Addr::from(1u128 << (128 - len)))
}

/// All of ::/0 in auto-only ranges was counted as none of it while a rest was due; and none of it as all
#[test]
fn all_of_ipv6_reserved_is_counted_whatever_is_due() {
    let mut engine = all_of_ipv6();
    let subnet: SubnetId = "subnet".parse().unwrap();
    let ends = ["::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"];
    let (whole, kind) = (range(ends[0], ends[1]), Reservation::AutoOnly);
    run(&mut engine, ReserveRange::new(subnet, whole).kind(kind));
    run(&mut engine, Adopt::new(eni("eni-a"), [at("::9")]));
    assert_eq!(parts(&engine, ms(0)), [u128::MAX, 1, 0, 0, 0], "2^128 less one");
    run(&mut engine, Unassign::new(eni("eni-a"), [at("::9")]).rest(Rest::for_millis(10)));
    assert_eq!(parts(&engine, ms(10)), [u128::MAX, 0, 0, 0, 0], "before the rest is swept");
    engine.execute(ms(10), &Command::Sweep).unwrap();
    assert_eq!(parts(&engine, ms(10)), [u128::MAX, 0, 0, 0, 0], "and after");

    run(&mut engine, ReleaseRange::new(subnet, whole));
    let (first, others) = (range("::", "::"), range("::1", ends[1]));
    run(&mut engine, ReserveRange::new(subnet, first).kind(kind));
    let hard = Reservation::Hard;
    run(&mut engine, ReserveRange::new(subnet, others).kind(hard));
    run(&mut engine, Adopt::new(eni("eni-a"), [at("::")]));
    assert_eq!(parts(&engine, ms(10)), [0, 1, 0, 0, 0]);
}

/// Of a rest that ends where nothing may be chosen, a refusal said that its end would be enough
#[test]
fn a_refusal_counts_no_rest_that_ends_where_nothing_may_be_chosen() {
    let mut engine = engine();
    let all: Vec<IpAddr> = (1..=14).map(|last| IpAddr::from([10, 0, 0, last])).collect();
    run(&mut engine, assign("eni-a", Pick::these(all)));
    for (address, millis) in [("10.0.0.1", 10), ("10.0.0.2", 50), ("10.0.0.3", 90)] {
        let rest = Rest::for_millis(millis);
        run(&mut engine, Unassign::new(eni("eni-a"), [at(address)]).rest(rest));
    }
    let (one, kind) = (AddrRange::one(at("10.0.0.1")), Reservation::Hard);
    run(&mut engine, ReserveRange::new("subnet".parse().unwrap(), one).kind(kind));
    let ends = |pick: Pick| match engine.decide(ms(0), &assign("eni-b", pick)).unwrap_err() {
        Error::Exhausted { shortfall: of, .. } => {
            [of.next.map(Timestamp::millis), of.enough.map(Timestamp::millis)]
        }
        other => panic!("{other}"),
    };
    assert_eq!(ends(Pick::any(1)), [Some(50), Some(50)]);
    assert_eq!(ends(Pick::any(2)), [Some(50), Some(90)]);
    assert_eq!(ends(Pick::any(3)), [Some(50), None]);
    let within = |first, last| Pick::any(1).within(range(first, last));
    assert_eq!(ends(within("10.0.0.3", "10.0.0.9")), [Some(90), Some(90)]);
    assert_eq!(ends(within("10.0.0.4", "10.0.0.9")), [None, None]);
    assert_eq!(ends(within("10.0.0.0", "10.0.0.1")), [None, None]);
    assert!(engine.decide(ms(49), &assign("eni-b", Pick::any(1))).is_err());
    assert!(engine.decide(ms(50), &assign("eni-b", Pick::any(1))).is_ok());

    // What is to be taken back by its name is not there to be chosen.
    let mut profile = Profile::PLAIN;
    profile.quarantine = Quarantine { take_back: true, ..Quarantine::for_millis(70) };
    profile.list_and_count = ListAndCount::Both;
    let mut engine = engine_of(profile);
    run(&mut engine, assign("eni-a", Pick::any(14)));
    run(&mut engine, Unassign::new(eni("eni-a"), [at("10.0.0.1")]));
    let again = assign("eni-a", Pick::these([at("10.0.0.1")]).and_any(1));
    match engine.decide(ms(0), &again).unwrap_err() {
        Error::Exhausted { shortfall, .. } => {
            assert_eq!((shortfall.next, shortfall.enough), (None, None));
        }
        other => panic!("{other}"),
    }
}

/// All of ::/0 taken by the request itself counted as nothing taken
#[test]
fn two_halves_of_all_of_ipv6_leave_nothing_for_a_third() {
    let engine = all_of_ipv6();
    let refused = engine.decide(ms(0), &assign("eni-a", Pick::any_prefixes(1, 3))).unwrap_err();
    let Error::Exhausted { shortfall, .. } = &refused else { panic!("{refused}") };
    assert_eq!((shortfall.free, shortfall.most), (0, Some(2)));
}

/// All of ::/0 in use was counted as reserved until what was due was swept
#[test]
fn what_is_in_use_of_all_of_ipv6_is_not_reserved() {
    let mut profile = Profile::PLAIN.quarantine(Quarantine::for_millis(60_000));
    (profile.v6.first, profile.v6.last) = (0, 0);
    let mut engine = all_of_ipv6_with(profile);
    let half = |half: &str| Pick::default().and_prefix(half.parse().unwrap());
    run(&mut engine, assign("eni-a", half("::/1")));
    let hold = Hold::until(ms(10));
    let rests = Assign::new(eni("eni-a"), half("8000::/1")).hold(hold);
    run(&mut engine, rests);
    let subnet = "subnet".parse().unwrap();
    let reserved =
        |engine: &Engine| engine.at(ms(20)).subnet_usage(subnet).unwrap().v6.unwrap().reserved;
    let before = reserved(&engine);
    engine.execute(ms(20), &Command::Sweep).unwrap();
    assert_eq!([before, reserved(&engine)], [0, 0]);
}

/// The clock was that of the last event, unless something was due: then it was the time asked for
#[test]
fn the_clock_is_of_the_last_event_whatever_is_due() {
    let mut engine = engine();
    assert_eq!(engine.at(ms(500)).clock(), engine.clock());
    run(&mut engine, Assign::new(eni("eni-a"), Pick::any(1)).hold(Hold::until(ms(10))));
    let later = engine.at(ms(500));
    assert_eq!((later.clock(), later.time()), (engine.clock(), ms(500)));
    assert_eq!(later.interface(eni("eni-a")).unwrap().count_v4, 0);
}
