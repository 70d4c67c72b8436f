//! Time at the edges: rests of all time, everything due at once, clocks that jump, huge lists

use std::net::{IpAddr, Ipv4Addr};

use ipam_core::event::Released;
use ipam_core::*;

use crate::common::*;

const END: Timestamp = Timestamp::from_millis(u64::MAX);

const fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn engine_with(cidr: &str, quarantine: Quarantine) -> Engine {
    let mut engine = Engine::new();
    let mut profile = Profile::PLAIN;
    profile.quarantine = quarantine;
    run(
        &mut engine,
        [
            create_vpc("vpc-1"),
            create_subnet("s", cidr, profile).into(),
            CreateInterface::new(eni("eni-1"), subnet("s")).into(),
            CreateInterface::new(eni("eni-2"), subnet("s")).into(),
        ],
    );
    engine
}

fn usage(engine: &Engine, now: Timestamp) -> FamilyUsage {
    let usage = engine.at(now).subnet_usage(subnet("s")).unwrap();
    usage.v4.or(usage.v6).unwrap()
}

fn execute(engine: &mut Engine, now: Timestamp, command: impl Into<Command>) -> Decision {
    let command = command.into();
    let decision = engine.execute(now, &command);
    decision.unwrap_or_else(|error| panic!("{command:?}: {error}"))
}

fn any(id: &str, count: u32) -> Assign {
    Assign::new(eni(id), Pick::any(count))
}

#[test]
fn a_rest_of_all_time_ends_with_it() {
    let mut engine = engine_with("10.0.0.0/30", Quarantine::for_millis(u64::MAX));
    execute(&mut engine, NOW, any("eni-1", 2));
    execute(&mut engine, at(5_000), Unassign::new(eni("eni-1"), ips(["10.0.0.1"])));
    assert_eq!(engine.next_deadline(), Some(END));
    let before = at(u64::MAX - 1);
    assert_eq!(usage(&engine, before).quarantined, 1);
    assert_eq!(usage(&engine, END).quarantined, 0);
    assert_eq!(engine.decide(before, &any("eni-2", 1).into()).unwrap_err().code(), 700);
    // At the end of time nothing rests, whatever it is told.
    let last = execute(&mut engine, END, Unassign::new(eni("eni-1"), ips(["10.0.0.2"])));
    assert!(matches!(last.event().unwrap().changes(), [Change::Released(Released { .. })]));
    assert_eq!(usage(&engine, Timestamp::ZERO).free, 2);
    engine.check().unwrap();
    let hold = any("eni-1", 1).hold(Hold::until(END));
    let error = engine.decide(NOW, &hold.into()).unwrap_err();
    assert_eq!(error, Error::DeadlinePassed { deadline: END, now: END });
}

#[test]
fn the_last_address_of_any_prefix_rests() {
    for family in Family::ALL {
        for length in 0..=family.bits() {
            let zero = if family == Family::V4 { ip("0.0.0.0") } else { ip("::") };
            let cidr = ipnet::IpNet::new(zero, length).unwrap();
            let mut engine = engine_with(&cidr.to_string(), Quarantine::for_millis(10));
            let highest = engine.free_ranges(subnet("s"), family).unwrap().last().unwrap().last();
            let free = usage(&engine, NOW).free;
            execute(&mut engine, at(2_000), Assign::new(eni("eni-1"), Pick::these([highest])));
            execute(&mut engine, at(2_000), Unassign::new(eni("eni-1"), [highest]));
            engine.check().unwrap();
            let resting = usage(&engine, at(2_009));
            // ::/0 has 2^128 addresses, one more than can be counted.
            let all = resting.structural + resting.quarantined;
            assert_eq!((resting.quarantined, resting.assigned), (1, 0), "{cidr}");
            assert_eq!(resting.free.saturating_add(all), resting.total, "{cidr}");
            let until = at(2_010);
            let explained = engine.at(at(2_009)).explain_address(vpc("vpc-1"), highest);
            assert_eq!(explained.causes, [Cause::Quarantined { until }], "{cidr}");
            assert!(engine.at(until).explain_address(vpc("vpc-1"), highest).is_free());
            let named = Assign::new(eni("eni-2"), Pick::these([highest])).into();
            assert_eq!(engine.decide(at(2_009), &named).unwrap_err().code(), 517);
            let within = Pick::any(1).within(AddrRange::one(highest));
            let within = Assign::new(eni("eni-2"), within).into();
            let error = engine.decide(at(2_009), &within).unwrap_err();
            let Error::Exhausted { shortfall, .. } = error else { panic!("{error}") };
            assert_eq!((shortfall.free, shortfall.next), (0, Some(until)), "{cidr}");
            assert_eq!(usage(&engine, until).free, free);
            execute(&mut engine, until, within);
            engine.check().unwrap();
            assert_eq!(usage(&engine, until).quarantined, 0);
        }
    }
}

#[test]
fn the_windows_of_a_space_rest_and_wake() {
    // Around the edges of words and windows, released in an order of its own, awake in two steps.
    for count in [63, 64, 65, 255, 256, 257, 4_095, 4_096, 4_097] {
        let mut engine = engine_with("10.0.0.0/16", Quarantine::NONE);
        execute(&mut engine, NOW, any("eni-1", count));
        let base = u32::from(Ipv4Addr::new(10, 0, 0, 1));
        let address = |offset: u32| IpAddr::from(Ipv4Addr::from(base + offset));
        for (step, rest) in [(0, 100), (1, 200)] {
            let list = (0..count).rev().filter(|offset| offset % 2 == step).map(address);
            let release = Unassign::new(eni("eni-1"), list).rest(Rest::for_millis(rest));
            execute(&mut engine, NOW, release);
        }
        engine.check().unwrap();
        let odd = u128::from(count / 2);
        assert_eq!(usage(&engine, at(1_099)).quarantined, count.into());
        assert_eq!(usage(&engine, at(1_100)).quarantined, odd);
        assert_eq!(engine.next_deadline(), Some(at(1_100)));
        // Judged before it is swept, and swept by the command that commits.
        let mut woken = engine.clone();
        let first = execute(&mut woken, at(1_150), any("eni-2", 2));
        assert_eq!(first.answer().to_string(), "10.0.0.1,10.0.0.3");
        woken.check().unwrap();
        assert_eq!(usage(&woken, NOW).quarantined, odd);
        assert_eq!(woken.next_deadline(), Some(at(1_200)));
        // Swept alone, it is the same.
        let swept = execute(&mut engine, at(1_150), Command::Sweep);
        assert_eq!(swept.event().unwrap().changes(), [Change::Swept]);
        assert!(execute(&mut engine, at(1_150), Command::Sweep).is_unchanged());
        assert_eq!(execute(&mut engine, at(1_150), any("eni-2", 2)).answer(), first.answer());
        assert_eq!(usage(&engine, NOW), usage(&woken, NOW));
        execute(&mut engine, at(1_200), Command::Sweep);
        let held = engine.addresses(eni("eni-2")).unwrap().count();
        assert_eq!((held, usage(&engine, NOW).quarantined), (2, 0));
        engine.check().unwrap();
    }
}

#[test]
fn a_million_fall_due_at_once() {
    let mut engine = engine_with("10.0.0.0/8", Quarantine::for_millis(1_000));
    const COUNT: u32 = 1 << 20;
    execute(&mut engine, NOW, any("eni-1", COUNT));
    execute(&mut engine, NOW, any("eni-2", 1));
    // Half as one run, half in no order.
    let half = COUNT / 2;
    let base = u32::from(Ipv4Addr::new(10, 0, 0, 1));
    let address = |offset: u32| Ipv4Addr::from(base + offset);
    let shuffled = (0..half).map(|at| address(half + at.wrapping_mul(0x9e37_79b1) % half));
    execute(&mut engine, NOW, Unassign::new(eni("eni-1"), shuffled));
    execute(&mut engine, NOW, DeleteInterface::new(eni("eni-1")));
    assert_eq!(usage(&engine, at(1_999)).quarantined, COUNT.into());
    let resting = engine.quarantine(subnet("s"), Family::V4).unwrap();
    assert_eq!(resting.count(), 1 << 20);
    engine.check().unwrap();

    let due = at(2_000);
    let twice = any("eni-2", 2).into();
    let decision = engine.decide(due, &twice).unwrap();
    assert_eq!(decision.answer().to_string(), "10.0.0.1-10.0.0.2");
    assert_eq!(usage(&engine, due).quarantined, 0);
    let all = any("eni-2", COUNT).into();
    let range = decision_range(&engine.decide(due, &all).unwrap());
    assert_eq!(range, "10.0.0.1-10.16.0.0");
    engine.apply(decision.event().unwrap()).unwrap();
    engine.check().unwrap();
    assert_eq!(engine.next_deadline(), None);
    assert_eq!(usage(&engine, NOW).assigned, 3);
}

fn decision_range(decision: &Decision) -> String {
    decision.answer().to_string()
}

#[test]
fn the_longest_rested_of_many_are_taken_in_order() {
    let quarantine = Quarantine { when_exhausted: true, ..Quarantine::for_millis(1 << 20) };
    let mut engine = engine_with("10.0.0.0/20", quarantine);
    let all = 4_094u32;
    execute(&mut engine, NOW, any("eni-1", all));
    let base = u32::from(Ipv4Addr::new(10, 0, 0, 1));
    // Four of a millisecond, in an order that no table has.
    let order: Vec<IpAddr> =
        (0..all).map(|at| Ipv4Addr::from(base + at.wrapping_mul(1_021) % all).into()).collect();
    for (step, list) in order.chunks(4).enumerate() {
        let now = at(2_000 + step as u64);
        execute(&mut engine, now, Unassign::new(eni("eni-1"), list.iter().copied()));
    }
    let mut taken = Vec::new();
    for count in [1, 2, 3, 64, 1_000, 3_024] {
        let decision = execute(&mut engine, at(9_000), any("eni-2", count));
        taken.extend(decision.answer().iter());
        engine.check().unwrap();
    }
    assert_eq!(taken, order);
    assert_eq!(engine.decide(at(9_000), &any("eni-2", 1).into()).unwrap_err().code(), 700);
}

#[test]
fn a_hold_of_both_families_is_one_task() {
    let mut engine = Engine::new();
    let dual = create_subnet("s", "10.0.0.0/24", Profile::PLAIN);
    let hold = Hold::until(at(9_000)).kept_until(at(20_000)).then_unknown();
    run(
        &mut engine,
        [
            create_vpc("vpc-1"),
            dual.v6("2001:db8::/64".parse().unwrap()).into(),
            CreateInterface::new(eni("eni-1"), subnet("s")).into(),
            Assign::new(eni("eni-1"), Pick::these(ips(["10.0.0.9"]))).into(),
        ],
    );
    let list = ips(["2001:db8::7", "10.0.0.8", "10.0.0.9", "2001:db8::5", "10.0.0.3"]);
    let both = Assign::new(eni("eni-1"), Pick::these(list).and_any(1)).hold(hold);
    let decision = execute(&mut engine, NOW, both);
    // The answer is in the order asked for, what one has already among it; the hold is of the new ones.
    let answer = "2001:db8::7,10.0.0.8-10.0.0.9,2001:db8::5,10.0.0.3,10.0.0.1";
    assert_eq!(decision.answer().to_string(), answer);
    let task = decision.task().unwrap();
    let info = engine.at(NOW).task(task).unwrap();
    assert_eq!(info.addresses.to_string(), "10.0.0.8,10.0.0.3,10.0.0.1,2001:db8::7,2001:db8::5");
    let seen = Resolve::new(task, ips(["2001:db8::5", "10.0.0.9", "10.0.0.1"]));
    let seen = execute(&mut engine, at(9_500), seen);
    assert_eq!(seen.answer().to_string(), "10.0.0.1,2001:db8::5");
    engine.check().unwrap();
    let left: Vec<_> = engine.addresses(eni("eni-1")).unwrap().map(|of| of.address).collect();
    assert_eq!(left, ips(["10.0.0.9", "10.0.0.1", "2001:db8::5"]));
}

#[test]
fn holds_of_a_batch_are_told_apart_and_may_end_in_it() {
    let mut engine = engine_with("10.0.0.0/24", Quarantine::for_millis(60_000));
    let next = engine.revision().next();
    let hold = |id: &str| any(id, 1).hold(Hold::until(at(9_000)).kept_until(at(20_000)));
    let batch = [
        hold("eni-1").into(),
        any("eni-1", 1).into(),
        hold("eni-2").into(),
        Confirm::new(Task::new(next, 0)).into(),
        Cancel::new(Task::new(next, 2)).into(),
        hold("eni-2").into(),
    ];
    let decision = engine.decide_all(NOW, &batch).unwrap();
    let tasks = [Some(Task::new(next, 0)), None, Some(Task::new(next, 2))];
    assert_eq!([0, 1, 2].map(|index| decision.task_of(index)), tasks);
    assert_eq!(decision.task_of(5), Some(Task::new(next, 5)));
    // What the second held rests now.
    assert_eq!(decision.answer_to(5).unwrap().to_string(), "10.0.0.4");
    engine.apply(decision.event().unwrap()).unwrap();
    engine.check().unwrap();
    let states: Vec<_> = engine.at(NOW).tasks_of_revision(next).map(|of| of.state).collect();
    assert!(matches!(
        states.as_slice(),
        [TaskState::Succeeded, TaskState::Failed { .. }, TaskState::Running { .. }]
    ));
}

#[test]
fn a_token_of_a_batch_is_known_in_it() {
    let engine = engine_with("10.0.0.0/24", Quarantine::NONE);
    let once =
        |count| Once::new("t".parse().unwrap(), at(9_000), any("eni-1", count)).unwrap().into();
    let decision = engine.decide_all(NOW, &[once(2), any("eni-2", 1).into(), once(2)]).unwrap();
    assert_eq!(decision.answer_to(2), decision.answer_to(0));
    assert_eq!(decision.answer_to(1).unwrap().to_string(), "10.0.0.3");
    let refused = engine.decide_all(NOW, &[once(2), once(1)]).unwrap_err();
    assert_eq!((refused.index, refused.error.code()), (1, 119));
}

#[test]
fn a_million_observed_are_no_more_than_what_is_held() {
    let mut engine = engine_with("10.0.0.0/8", Quarantine::NONE);
    let hold = Hold::until(at(9_000)).kept_until(END);
    let task = execute(&mut engine, NOW, any("eni-1", 1 << 16).hold(hold)).task().unwrap();
    let base = u32::from(Ipv4Addr::new(10, 0, 0, 0));
    // Everything twice, and much that it never held, in no order.
    let observed = (0..1u32 << 20).map(|at| at.wrapping_mul(0x9e37_79b1) % (1 << 19));
    let observed = observed.map(|offset| Ipv4Addr::from(base + offset));
    let resolve = Resolve::new(task, observed);
    let decision = execute(&mut engine, NOW, resolve.clone());
    assert_eq!(decision.answer().to_string(), "10.0.0.1-10.1.0.0");
    assert_eq!(engine.at(NOW).task(task).unwrap().state, TaskState::Succeeded);
    assert!(execute(&mut engine, NOW, resolve).is_unchanged());
    engine.check().unwrap();
}

#[test]
fn a_jump_over_every_deadline_is_the_same_as_steps() {
    let start = || {
        let mut engine = engine_with("10.0.0.0/28", Quarantine::for_millis(100));
        execute(&mut engine, NOW, any("eni-1", 3));
        let hold = |until| Hold::until(at(until)).kept_until(at(1_900));
        execute(&mut engine, NOW, any("eni-1", 2).hold(hold(1_200)));
        execute(&mut engine, NOW, any("eni-2", 2).hold(hold(1_300).then_unknown()));
        execute(&mut engine, NOW, any("eni-2", 1).hold(hold(1_300)));
        execute(&mut engine, at(1_150), Unassign::new(eni("eni-1"), ips(["10.0.0.2"])));
        let once = Once::new("t".parse().unwrap(), at(1_300), any("eni-2", 1)).unwrap();
        execute(&mut engine, at(1_150), once);
        engine
    };
    // 1200 hold over, 1250 rest over, 1300 hold over, token gone and rest over, 1400 rest over.
    let mut deadlines = Vec::new();
    let mut stepping = start();
    while let Some(next) = stepping.next_deadline() {
        deadlines.push(next.millis());
        assert!(!execute(&mut stepping, next, Command::Sweep).is_unchanged());
        stepping.check().unwrap();
        assert!(stepping.next_deadline().is_none_or(|then| then > next));
    }
    assert_eq!(deadlines, [1_200, 1_250, 1_300, 1_400, 1_900]);
    let mut jumping = start();
    let end = at(5_000);
    let seen = |engine: &Engine| {
        let addresses = |id: &str| -> Vec<_> { engine.addresses(eni(id)).unwrap().collect() };
        let unknown: Vec<_> = engine.at(end).tasks_of_interface(eni("eni-2")).collect();
        (usage(engine, end), addresses("eni-1"), addresses("eni-2"), unknown)
    };
    assert_eq!(usage(&jumping, end), usage(&stepping, end));
    execute(&mut jumping, end, Command::Sweep);
    assert_eq!(seen(&jumping), seen(&stepping));
    assert_eq!(usage(&jumping, end).held, 2, "unknown ones stay");
    jumping.check().unwrap();
    // And each is judged on the way as if it had been swept.
    let engine = start();
    for now in [1_199, 1_200, 1_249, 1_250, 1_299, 1_300, 1_399, 1_400, 1_899, 1_900] {
        let mut swept = engine.clone();
        execute(&mut swept, at(now), Command::Sweep);
        assert_eq!(usage(&swept, at(now)), usage(&engine, at(now)), "{now}");
        for offset in 1..15 {
            let address = IpAddr::from([10, 0, 0, offset]);
            let [swept, engine] =
                [&swept, &engine].map(|of| of.at(at(now)).explain_address(vpc("vpc-1"), address));
            assert_eq!((swept.causes, swept.holder), (engine.causes, engine.holder), "{now}");
        }
        let any = any("eni-1", 3).into();
        let [swept, engine] = [&swept, &engine].map(|of| of.decide(at(now), &any).unwrap());
        assert_eq!(swept.answer(), engine.answer(), "{now}");
    }
}

#[test]
fn a_reservation_over_what_rests_takes_it_when_it_wakes() {
    let mut engine = engine_with("10.0.0.0/28", Quarantine::for_millis(1_000));
    execute(&mut engine, NOW, any("eni-1", 4));
    execute(&mut engine, NOW, Unassign::new(eni("eni-1"), ips(["10.0.0.2", "10.0.0.3"])));
    let range = range("10.0.0.3", "10.0.0.6");
    execute(&mut engine, NOW, ReserveRange::new(subnet("s"), range));
    let counted = |now| {
        let usage = usage(&engine, at(now));
        (usage.assigned, usage.quarantined, usage.reserved, usage.free)
    };
    assert_eq!(counted(1_999), (2, 2, 2, 8));
    assert_eq!(counted(2_000), (2, 0, 3, 9));
    let any = any("eni-2", 9).into();
    let answer = engine.decide(at(2_000), &any).unwrap().answer().to_string();
    assert_eq!(answer, "10.0.0.2,10.0.0.7-10.0.0.14");
    engine.check().unwrap();
    execute(&mut engine, NOW, ReleaseRange::new(subnet("s"), range));
    assert_eq!(usage(&engine, at(1_999)).quarantined, 2);
    assert_eq!(usage(&engine, at(2_000)).free, 12);
}

#[test]
fn commands_of_time_are_read_as_they_are_written() {
    let task = Task::new(Revision::new(7), 2);
    let hold = Hold::until(END).then_unknown().request("r".parse().unwrap());
    let rest = Rest::for_millis(u64::MAX).because("x".repeat(64).parse().unwrap());
    let commands: [Command; 12] = [
        any("eni-1", 1).reassign().hold(hold).into(),
        EnsureCount::exactly(eni("eni-1"), 3).family(Family::V6).hold(hold).into(),
        Unassign::new(eni("eni-1"), ips(["::1"])).if_of_generation(task.revision).rest(rest).into(),
        Move::new(eni("eni-1"), eni("eni-2"), ips(["::1"])).in_vpc(vpc("v")).into(),
        ReplacePrimary::with(eni("eni-1"), ip("::1")).old(OldPrimary::Keep).into(),
        ReplacePrimary::with_any(eni("eni-1"), Family::V4).into(),
        Confirm::new(task).into(),
        Cancel::new(task).because("why".parse().unwrap()).rest(rest).into(),
        Resolve::new(task, ips(["::1", "10.0.0.1"])).rest(rest).into(),
        Once::new("t".repeat(64).parse().unwrap(), END, Command::Sweep).unwrap().into(),
        SetLimits::new(Limits::DEFAULT).into(),
        Command::Sweep,
    ];
    for command in commands {
        let text = serde_json::to_string(&command).unwrap();
        assert_eq!(serde_json::from_str::<Command>(&text).unwrap(), command, "{text}");
    }
}
