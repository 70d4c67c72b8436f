//! The engine beside a simple model of it: same verdicts, same answers, same state

use ipam_core::{
    AddrRange, ApplyError, Assign, Command, Confirm, CreateInterface, CreateSubnet, CreateVpc,
    DeleteInterface, Engine, EnsureCount, Event, Family, Hold, Indices, InterfaceId, Move, Once,
    Pick, Policy, Primary, Profile, Quarantine, ReleaseRange, ReplacePrimary, ReserveRange,
    Resolve, Rest, Revision, SetIndices, SetQuota, SetStatus, Status, SubnetId, Task, Timestamp,
    Unassign, Wanted,
};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::Value;

use super::model::choices::Choices;
use super::model::compare::{Session, run};
use super::{config, is_small};

proptest! {
    #![proptest_config(config(400))]

    #[test]
    fn the_engine_does_as_the_model_does(bytes in vec(any::<u8>(), 0..3000)) {
        run(&bytes);
    }

    #[test]
    fn an_event_in_the_wrong_place_is_refused(
        bytes in vec(any::<u8>(), 0..600),
        other in vec(any::<u8>(), 0..600),
        at in any::<prop::sample::Index>(),
    ) {
        let log = run(&bytes).log;
        prop_assume!(!log.is_empty());
        let at = at.index(log.len());
        let mut engine = replay(&log[..at]);
        if let Some(next) = log.get(at + 1) {
            refuse(&mut engine, next, 800, "one was dropped, or two are swapped");
        }
        let foreign = run(&other).log;
        if let Some(event) = foreign.get(at).filter(|event| event.parent() != engine.digest()) {
            refuse(&mut engine, event, 801, "it is of another history");
        }
        prop_assert_eq!(engine.apply(&log[at]), Ok(()));
        refuse(&mut engine, &log[at], 800, "it is repeated");
    }

    #[test]
    fn a_damaged_event_is_refused_or_leaves_a_sound_engine(
        bytes in vec(any::<u8>(), 100..1200),
        damage in vec(any::<u8>(), 8..40),
    ) {
        let mut choices = Choices::new(&damage);
        let log = run(&bytes).log;
        prop_assume!(!log.is_empty());
        let at = choices.below(log.len());
        let before = replay(&log[..at]);
        let mut event = serde_json::to_value(&log[at]).unwrap();
        while !choices.is_empty() {
            mutate(&mut choices, &mut event, &log);
            let Ok(read) = serde_json::from_value::<Event>(event.clone()) else { break };
            if !is_small(&read) {
                break;
            }
            let mut engine = before.clone();
            match engine.apply(&read) {
                Ok(()) => prop_assert_eq!(engine.check(), Ok(()), "after {:?}", read),
                Err(_) => prop_assert_eq!(&engine, &before, "refused, but changed"),
            }
        }
    }
}

fn replay(log: &[Event]) -> Engine {
    let mut engine = Engine::new();
    for event in log {
        assert_eq!(engine.apply(event), Ok(()));
    }
    engine
}

/// Refuses an event with this code, and without a trace
fn refuse(engine: &mut Engine, event: &Event, code: u16, why: &str) {
    let before = engine.clone();
    let refused = engine.apply(event).map_err(|error: ApplyError| error.code());
    assert_eq!(refused, Err(code), "{why}: {event:?}");
    assert_eq!(*engine, before, "refused, but changed: {why}");
}

/// Changes one place of an event, perhaps to something of another event of the log
fn mutate(choices: &mut Choices<'_>, value: &mut Value, log: &[Event]) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            let at = choices.below(fields.len());
            let key = if fields.contains_key("changes") && !choices.one_in(8) {
                "changes".to_owned()
            } else {
                fields.keys().nth(at).unwrap().clone()
            };
            mutate(choices, &mut fields[&key], log);
        }
        Value::Array(items) => {
            let at = choices.below(items.len().max(1));
            match choices.byte() % 8 {
                0 if !items.is_empty() => drop(items.remove(at)),
                1 if !items.is_empty() => items.push(items[at].clone()),
                2 if items.len() > 1 => items.swap(0, at),
                3 => {
                    let other = serde_json::to_value(&choices.of(&[log])[choices.below(log.len())]);
                    let changes = other.unwrap()["changes"].as_array().unwrap().clone();
                    items.extend(changes);
                }
                _ if items.is_empty() => {}
                _ => mutate(choices, &mut items[at], log),
            }
        }
        Value::String(text) => {
            let texts = [
                "vpc-a",
                "vpc-b",
                "sub-a",
                "sub-b",
                "sub-c",
                "eni-a",
                "eni-b",
                "eni-c",
                "10.0.0.0",
                "10.0.0.1",
                "10.0.0.2",
                "10.0.0.255",
                "10.0.16.9",
                "255.255.255.255",
                "0.0.0.0",
                "2001:db8::",
                "2001:db8::1",
                "2001:db8::ffff",
                "10.0.0.0/29",
                "2001:db8::/125",
                "Deleting",
            ];
            *text = choices.of(&texts).to_owned();
        }
        Value::Number(number) => {
            let by = choices.below(3) as u64;
            *value = (number.as_u64().unwrap_or(0).wrapping_add(by).wrapping_sub(1)).into();
        }
        Value::Bool(flag) => *flag = !*flag,
        other => *other = Value::from(choices.byte()),
    }
}

fn eni(name: &str) -> InterfaceId {
    name.parse().unwrap()
}

/// A session with 10.0.0.0/29 and two interfaces, and commands that meet each other there
fn small_world() -> (Session, Vec<Command>) {
    let (vpc, subnet): (_, SubnetId) = ("vpc".parse().unwrap(), "subnet".parse().unwrap());
    let (a, b) = (eni("eni-a"), eni("eni-b"));
    let ip = |last: u8| std::net::IpAddr::from([10, 0, 0, last]);
    let range = |first, last| AddrRange::new(ip(first), ip(last)).unwrap();
    let mut session = Session::new();
    let create = CreateSubnet::new(subnet, vpc, Profile::PLAIN).v4("10.0.0.0/29".parse().unwrap());
    for command in [
        CreateVpc::new(vpc).into(),
        create.into(),
        CreateInterface::new(a, subnet).quota(3).into(),
        CreateInterface::new(b, subnet).into(),
    ] {
        session.command(0, &command);
    }
    let primary = Wanted::primary(ip(3));
    let alphabet = vec![
        Assign::new(a, Pick::any(1)).into(),
        Assign::new(b, Pick::any(2)).into(),
        Assign::new(a, Pick::these([ip(2)]).and_any(1)).into(),
        Assign::new(b, Pick::these([primary, ip(1).into()])).into(),
        Assign::new(b, Pick::any(1).within(range(3, 5))).into(),
        Unassign::new(a, [ip(1), ip(2)]).into(),
        Unassign::new(b, [ip(3)]).into(),
        ReserveRange::new(subnet, range(2, 4)).into(),
        ReleaseRange::new(subnet, range(2, 4)).into(),
        ReserveRange::new(subnet, range(5, 7)).into(),
        DeleteInterface::new(a).into(),
        CreateInterface::new(a, subnet).quota(2).primary_v4(Primary::Chosen).into(),
        SetQuota::new(b, Some(1)).into(),
        SetStatus::new(b, Status::Deleting).into(),
        SetIndices::new(subnet, Indices::ALL).into(),
    ];
    (session, alphabet)
}

/// Gives every sequence of so many commands to a session of its own
fn every_sequence(session: &Session, alphabet: &[Command], length: usize) -> usize {
    let mut judged = 0;
    for command in alphabet.iter().filter(|_| length > 0) {
        let mut session = session.clone();
        session.command(0, command);
        judged += 1 + every_sequence(&session, alphabet, length - 1);
    }
    judged
}

#[test]
fn every_sequence_of_four_commands_in_a_small_subnet() {
    let (session, alphabet) = small_world();
    let judged = every_sequence(&session, &alphabet, 4);
    assert_eq!(judged, 15 + 15 * 15 + 15 * 15 * 15 + 15 * 15 * 15 * 15);
}

/// The same commands, by threes as a batch, after each command
#[test]
fn every_batch_of_three_commands_in_a_small_subnet() {
    let (session, alphabet) = small_world();
    for before in &alphabet {
        let mut session = session.clone();
        session.command(0, before);
        for index in 0..alphabet.len().pow(3) {
            let digit = |place: u32| index / alphabet.len().pow(place) % alphabet.len();
            let batch = [0, 1, 2].map(|place| alphabet[digit(place)].clone());
            session.clone().batch(0, &batch);
        }
    }
}

/// A command, so many milliseconds after the one before
type Later = (u64, Command);

/// The small subnet again, where everything takes its time, and commands about that
///
/// The clock stands at 0 and the revision at 4 when the first of them comes.
fn slow_world() -> (Session, Vec<Later>) {
    let (vpc, subnet): (_, SubnetId) = ("vpc".parse().unwrap(), "subnet".parse().unwrap());
    let (a, b) = (eni("eni-a"), eni("eni-b"));
    let ip = |last: u8| std::net::IpAddr::from([10, 0, 0, last]);
    let at = Timestamp::from_millis;
    let range = AddrRange::new(ip(2), ip(4)).unwrap();
    let mut profile = Profile::PLAIN;
    profile.quarantine = Quarantine { millis: 1000, take_back: true, when_exhausted: true };
    let mut session = Session::new();
    let create = CreateSubnet::new(subnet, vpc, profile).v4("10.0.0.0/29".parse().unwrap());
    for command in [
        CreateVpc::new(vpc).into(),
        create.into(),
        CreateInterface::new(a, subnet).quota(4).primary_v4(Primary::Chosen).into(),
        CreateInterface::new(b, subnet).into(),
    ] {
        session.command(0, &command);
    }
    let first = Task::new(Revision::new(5), 0);
    let hold = Hold::until(at(1000)).kept_until(at(2500));
    let unknown = Hold::until(at(1500)).then_unknown().kept_until(at(2000));
    let alphabet = vec![
        (0, Assign::new(a, Pick::any(2)).into()),
        (0, Assign::new(a, Pick::these([ip(2)])).hold(hold).into()),
        (0, Assign::new(b, Pick::any(3)).hold(unknown).into()),
        (500, Assign::new(b, Pick::these([ip(2), ip(3)])).reassign().into()),
        (0, Unassign::new(a, [ip(2), ip(3)]).if_of_generation(Revision::new(5)).into()),
        (0, Unassign::new(b, [ip(2)]).rest(Rest::for_millis(500)).into()),
        (0, Move::new(a, b, [ip(2)]).into()),
        (0, ReplacePrimary::with_any(a, Family::V4).into()),
        (0, EnsureCount::exactly(a, 1).into()),
        (0, Confirm::new(first).into()),
        (0, Resolve::new(first, [ip(2)]).into()),
        (
            0,
            Once::new("t".parse().unwrap(), at(1500), Assign::new(b, Pick::any(2))).unwrap().into(),
        ),
        (500, DeleteInterface::new(a).into()),
        (0, ReserveRange::new(subnet, range).into()),
        (1000, Command::Sweep),
    ];
    (session, alphabet)
}

/// Gives every sequence of so many commands, each at its time, to a session of its own
fn every_sequence_in_time(session: &Session, now: u64, alphabet: &[Later], length: usize) -> usize {
    let mut judged = 0;
    for (later, command) in alphabet.iter().filter(|_| length > 0) {
        let mut session = session.clone();
        session.command(now + later, command);
        judged += 1 + every_sequence_in_time(&session, now + later, alphabet, length - 1);
    }
    judged
}

#[test]
fn every_sequence_of_four_commands_where_everything_takes_its_time() {
    let (session, alphabet) = slow_world();
    let judged = every_sequence_in_time(&session, 0, &alphabet, 4);
    assert_eq!(judged, 15 + 15 * 15 + 15 * 15 * 15 + 15 * 15 * 15 * 15);
}

/// An IPv6 subnet without an end, two of IPv4 with few and with 2^25 addresses, of which no range is longer
/// than half of them; and who asks, with a quota and without
fn large_world() -> Session {
    let (vpc, large): (_, SubnetId) = ("vpc".parse().unwrap(), "large".parse().unwrap());
    let halves = "halves".parse().unwrap();
    let create = |id, cidr: &str| {
        CreateSubnet::new(id, vpc, Profile::PLAIN).cidr(cidr.parse().unwrap()).into()
    };
    let middle = AddrRange::one("10.255.255.255".parse().unwrap());
    let mut session = Session::new();
    for command in [
        CreateVpc::new(vpc).into(),
        create(large, "::/0"),
        create("small".parse().unwrap(), "192.168.0.0/29"),
        create(halves, "10.0.0.0/7"),
        ReserveRange::new(halves, middle).into(),
        CreateInterface::new(eni("eni-a"), large).into(),
        CreateInterface::new(eni("eni-b"), large).quota(3).into(),
    ] {
        session.command(0, &command);
    }
    session
}

/// The model says so before it makes a list of them: of 2^32 it would be 64 GiB long
#[test]
fn more_than_one_command_may_assign_is_refused_where_so_many_are_free() {
    let (large, small, halves): (SubnetId, SubnetId, SubnetId) =
        ("large".parse().unwrap(), "small".parse().unwrap(), "halves".parse().unwrap());
    let (a, b) = (eni("eni-a"), eni("eni-b"));
    let (most, all) = (Assign::MAX_ADDRESSES, u32::MAX);
    let of = |pick| Assign::new(a, pick);
    let named: std::net::IpAddr = "::7".parse().unwrap();
    let one_less = AddrRange::new("::1".parse().unwrap(), "::100:0".parse().unwrap()).unwrap();
    let hold = Hold::until(Timestamp::from_millis(1000));
    let mut refused: Vec<(u16, Command)> = vec![
        (701, of(Pick::any(most + 1)).into()),
        (701, of(Pick::any(all)).into()),
        (701, of(Pick::these([named]).and_any(most)).into()),
        (701, of(Pick::these([named]).and_any(all)).into()),
        (701, of(Pick::any(all).preferring([named])).into()),
        (701, of(Pick::any(all).contiguous()).into()),
        (701, of(Pick::any(all).contiguous().preferring([named])).into()),
        (701, of(Pick::any(all)).hold(hold).into()),
        (701, of(Pick::any(most / 2 + 1)).from_each([large, halves]).into()),
        (701, of(Pick::any(most + 1)).from_each([large, halves]).into()),
        (701, EnsureCount::at_least(a, all).into()),
        (701, EnsureCount::exactly(a, most + 1).into()),
        // More is wanted than is free, or than there is in one range.
        (700, of(Pick::any(most + 1).within(one_less)).into()),
        (700, of(Pick::any(all)).from_subnet(small).into()),
        (700, of(Pick::any(all)).from_each([large, small]).into()),
        (700, of(Pick::any(all)).from_each([small, large]).into()),
        (707, of(Pick::any(most + 1).contiguous()).from_subnet(halves).into()),
        (701, of(Pick::any(most + 1)).from_subnet(halves).into()),
        // And the quota is judged before all that.
        (600, Assign::new(b, Pick::any(all)).into()),
        (600, EnsureCount::at_least(b, all).into()),
        (709, of(Pick::any(all)).from_first([small, large, halves]).into()),
    ];
    let policies = [
        Policy::Lowest,
        Policy::Next,
        Policy::From { offset: 1 << 40 },
        Policy::Random { seed: 7 },
        Policy::LongestReleased,
        Policy::Dense,
        Policy::Sparse,
    ];
    refused.extend(policies.map(|policy| (701, of(Pick::any(all).by(policy)).into())));
    let mut session = large_world();
    for (code, command) in refused {
        let error = session.engine.decide(Timestamp::ZERO, &command).unwrap_err();
        assert_eq!(error.code(), code, "{command:?}: {error}");
        session.command(0, &command);
    }
}
