//! A batch equals its commands one by one, and deadlines are processed in the order of their times

use ipam_core::*;

use crate::common::*;

const fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis)
}

/// `a` of both families, `x` at home in it
fn dual() -> Engine {
    let mut engine = Engine::new();
    let create = create_subnet("a", "10.0.0.0/29", Profile::PLAIN);
    let commands = [
        create_vpc("vpc-1"),
        create.cidr("2001:db8::/126".parse().unwrap()).into(),
        CreateInterface::new(eni("x"), subnet("a")).into(),
    ];
    for command in &commands {
        engine.execute(at(0), command).unwrap();
    }
    engine
}

/// Gives commands to an engine together, and to a copy of it one by one, which accepts them
fn both_ways(engine: &Engine, now: Timestamp, commands: &[Command]) {
    let mut apart = engine.clone();
    let answers = commands.iter().map(|command| apart.execute(now, command).unwrap());
    let answers: Vec<AddrList> = answers.map(|decision| decision.answer().clone()).collect();
    apart.check().unwrap();
    let mut together = engine.clone();
    let decision = together.decide_all(now, commands).unwrap();
    for (index, answer) in answers.iter().enumerate() {
        assert_eq!(decision.answer_to(index), Some(answer), "command {index}");
    }
    together.apply(decision.event().unwrap()).unwrap();
    together.check().unwrap();
}

/// Once the interface was still looked for among the addresses that are gone, and the batch refused
#[test]
fn an_interface_is_deleted_after_its_family_is_gone() {
    let mut engine = dual();
    let address = ips(["10.0.0.1"]);
    engine.execute(at(0), &Assign::new(eni("x"), Pick::these(address)).into()).unwrap();
    let commands = [
        Unassign::new(eni("x"), address).into(),
        Reshape::new(subnet("a")).without_v4().into(),
        DeleteInterface::new(eni("x")).into(),
    ];
    both_ways(&engine, at(0), &commands);
}

/// And so where a hold fell due rather than being released
#[test]
fn an_interface_is_deleted_after_its_family_is_gone_and_its_hold_fell_due() {
    let mut engine = dual();
    let hold = Assign::new(eni("x"), Pick::these(ips(["10.0.0.1"]))).hold(Hold::until(at(10)));
    engine.execute(at(0), &hold.into()).unwrap();
    let commands =
        [Reshape::new(subnet("a")).without_v4().into(), DeleteInterface::new(eni("x")).into()];
    both_ways(&engine, at(10), &commands);
}

/// A /29, all of it assigned, in which a hold will rest until 15 after its end at 10, and a rest ends at 12
fn longest_released() -> Engine {
    let mut engine = Engine::new();
    let profile = Profile::PLAIN.quarantine(Quarantine::for_millis(5));
    let (home, policy) = (subnet("home"), Policy::LongestReleased);
    let x = eni("x");
    let hold = Assign::new(x, Pick::these(ips(["10.0.0.1"]))).hold(Hold::until(at(10)));
    let commands: [Command; 8] = [
        create_vpc("vpc-1"),
        create_subnet("home", "10.0.0.0/29", profile).into(),
        CreateInterface::new(x, home).into(),
        SetPolicy::new(home, policy).into(),
        Assign::new(x, Pick::any(6)).into(),
        Unassign::new(x, ips(["10.0.0.1"])).rest(Rest::for_millis(0)).into(),
        hold.into(),
        Unassign::new(x, ips(["10.0.0.2"])).rest(Rest::for_millis(12)).into(),
    ];
    for command in &commands {
        engine.execute(at(0), command).unwrap();
    }
    engine
}

/// What is due happens in the order of its time, however often it was swept: once holds came before rests
#[test]
fn who_was_released_first_does_not_depend_on_how_often_deadlines_were_swept() {
    let any = Assign::new(eni("x"), Pick::any(1)).into();
    let chosen = |times: &[u64]| {
        let mut engine = longest_released();
        for &time in times {
            engine.execute(at(time), &Command::Sweep).unwrap();
        }
        let decided = engine.decide(at(20), &any).unwrap();
        assert_eq!(engine.execute(at(20), &any).unwrap(), decided, "swept at {times:?}");
        engine.check().unwrap();
        decided.answer().to_string()
    };
    let swept: [&[u64]; 7] = [&[], &[10], &[12], &[15], &[10, 12], &[12, 15], &[10, 12, 15]];
    let all = swept.map(chosen);
    assert_eq!(all, ["10.0.0.2"; 7], "swept at {swept:?}");
}

/// Of equal times, holds end before rests, each by its number; and what rests no time at all is free at once
#[test]
fn what_is_due_at_one_time_happens_in_the_order_of_tasks_and_then_of_rests() {
    let mut engine = Engine::new();
    let (home, x) = (subnet("home"), eni("x"));
    let hold = |address: &str| -> Command {
        Assign::new(x, Pick::these(ips([address]))).hold(Hold::until(at(10))).into()
    };
    let rest = |address: &str, millis| -> Command {
        Unassign::new(x, ips([address])).rest(Rest::for_millis(millis)).into()
    };
    let commands: [Command; 11] = [
        create_vpc("vpc-1"),
        create_subnet("home", "10.0.0.0/29", Profile::PLAIN).into(),
        CreateInterface::new(x, home).into(),
        SetPolicy::new(home, Policy::LongestReleased).into(),
        Assign::new(x, Pick::these(ips(["10.0.0.1", "10.0.0.2", "10.0.0.3"]))).into(),
        rest("10.0.0.1", 10),
        hold("10.0.0.6"),
        rest("10.0.0.2", 9),
        hold("10.0.0.5"),
        rest("10.0.0.3", 10),
        hold("10.0.0.4"),
    ];
    for command in &commands {
        engine.execute(at(0), command).unwrap();
    }
    let six = Assign::new(x, Pick::any(6)).into();
    let due = "10.0.0.2,10.0.0.6,10.0.0.5,10.0.0.4,10.0.0.1,10.0.0.3";
    for times in [&[][..], &[9], &[10], &[9, 10]] {
        let mut engine = engine.clone();
        for &time in times {
            engine.execute(at(time), &Command::Sweep).unwrap();
        }
        let decision = engine.execute(at(30), &six).unwrap();
        assert_eq!(decision.answer().to_string(), due, "swept at {times:?}");
    }
}

/// Quarantines that begin at passed deadlines are numbered in the order of those deadlines, too
#[test]
fn rests_that_begin_with_what_is_due_end_in_the_order_of_their_beginning() {
    let mut engine = Engine::new();
    let (home, x) = (subnet("home"), eni("x"));
    let rules = |millis| Profile::PLAIN.quarantine(Quarantine::for_millis(millis));
    let hold = |address: &str, until| -> Command {
        Assign::new(x, Pick::these(ips([address]))).hold(Hold::until(at(until))).into()
    };
    let commands: [Command; 7] = [
        create_vpc("vpc-1"),
        create_subnet("home", "10.0.0.0/30", rules(3)).into(),
        CreateInterface::new(x, home).into(),
        SetPolicy::new(home, Policy::LongestReleased).into(),
        hold("10.0.0.1", 12),
        Reshape::new(home).profile(rules(5)).into(),
        hold("10.0.0.2", 10),
    ];
    for command in &commands {
        engine.execute(at(0), command).unwrap();
    }
    let two = Assign::new(x, Pick::any(2)).into();
    for times in [&[][..], &[10], &[12], &[10, 12], &[15]] {
        let mut engine = engine.clone();
        for &time in times {
            engine.execute(at(time), &Command::Sweep).unwrap();
        }
        let decision = engine.execute(at(20), &two).unwrap();
        assert_eq!(decision.answer().to_string(), "10.0.0.2,10.0.0.1", "swept at {times:?}");
    }
}
