//! Several commands as one: all or nothing, each judged on what its predecessors leave

use std::net::Ipv4Addr;

use ipam_core::*;

use crate::common::*;

fn engine() -> Engine {
    let mut engine = Engine::new();
    let dual = create_subnet("home", "10.0.0.0/28", Profile::PLAIN);
    run(
        &mut engine,
        [
            create_vpc("vpc-1"),
            dual.v6("2001:db8::/64".parse().unwrap()).into(),
            CreateInterface::new(eni("eni-1"), subnet("home")).into(),
            CreateInterface::new(eni("eni-2"), subnet("home")).quota(4).into(),
        ],
    );
    engine
}

/// Decides a batch, applies it, and compares with executing its commands one by one
fn together(engine: &mut Engine, commands: &[Command]) -> Decision {
    let mut apart = engine.clone();
    let decision = engine.decide_all(NOW, commands).unwrap();
    let answers: Vec<AddrList> = commands
        .iter()
        .map(|command| apart.execute(NOW, command).unwrap().answer().clone())
        .collect();
    for (index, answer) in answers.iter().enumerate() {
        assert_eq!(decision.answer_to(index), Some(answer), "command {index}");
    }
    assert_eq!(decision.answer_to(commands.len()), None);
    let before = engine.revision();
    engine.apply(decision.event().unwrap()).unwrap();
    engine.check().unwrap();
    assert_eq!(engine.revision(), before.next(), "one event, one revision");
    for interface in engine.interfaces(vpc("vpc-1")) {
        let all = |engine: &Engine| -> Vec<_> {
            engine.addresses(interface).unwrap().map(|of| (of.address, of.role)).collect()
        };
        assert_eq!(all(engine), all(&apart));
    }
    assert_eq!(
        engine.at(NOW).subnet_usage(subnet("home")),
        apart.at(NOW).subnet_usage(subnet("home"))
    );
    decision
}

#[test]
fn a_command_sees_what_its_predecessors_did() {
    let mut engine = engine();
    let assign = |id: &str, pick| Command::from(Assign::new(eni(id), pick));
    let decision = together(
        &mut engine,
        &[
            assign("eni-1", Pick::any(14)),
            Unassign::new(eni("eni-1"), ips(["10.0.0.3", "10.0.0.9", "10.0.0.4"])).into(),
            assign("eni-2", Pick::any(2)),
            ReserveRange::new(subnet("home"), range("10.0.0.9", "10.0.0.10")).into(),
            Unassign::new(eni("eni-1"), ips(["10.0.0.10"])).into(),
            assign("eni-2", Pick::any(1).family(Family::V6)),
            ReleaseRange::new(subnet("home"), range("10.0.0.9", "10.0.0.10")).into(),
            assign("eni-2", Pick::any(1)),
            assign("eni-1", Pick::any(1)),
        ],
    );
    assert_eq!(decision.answer_to(2).unwrap().to_string(), "10.0.0.3-10.0.0.4");
    assert_eq!(decision.answer_to(7).unwrap().to_string(), "10.0.0.9");
    assert_eq!(decision.answer_to(8).unwrap().to_string(), "10.0.0.10");
}

#[test]
fn what_a_batch_makes_it_may_use_and_unmake() {
    let mut engine = engine();
    let other = |id: &str| create_subnet(id, "10.0.1.0/24", Profile::PLAIN);
    let interface =
        |id: &str, of: &str| CreateInterface::new(eni(id), subnet(of)).primary_v4(Primary::Chosen);
    together(
        &mut engine,
        &[
            other("new").into(),
            interface("eni-3", "new").into(),
            Assign::new(eni("eni-3"), Pick::any(3)).from_subnet(subnet("home")).into(),
            Assign::new(eni("eni-1"), Pick::any(2)).from_subnet(subnet("new")).into(),
            DeleteInterface::new(eni("eni-3")).into(),
            DeleteInterface::new(eni("eni-1")).into(),
            DeleteSubnet::new(subnet("new")).into(),
            other("newer").into(),
            interface("eni-3", "newer").into(),
            interface("eni-1", "home").into(),
            create_vpc("vpc-2"),
            DeleteVpc::new(vpc("vpc-2")).into(),
        ],
    );
    assert_eq!(engine.interface(eni("eni-3")).unwrap().subnet, subnet("newer"));
    assert_eq!(engine.subnets(vpc("vpc-1")).len(), 2);
}

#[test]
fn one_refused_command_refuses_them_all() {
    let engine = engine();
    let before = engine.clone();
    let assign = |id: &str, count| Command::from(Assign::new(eni(id), Pick::any(count)));
    let batch = [assign("eni-1", 8), assign("eni-2", 3), assign("eni-1", 4), assign("eni-1", 1)];
    let error = engine.decide_all(NOW, &batch).unwrap_err();
    assert_eq!((error.index, error.error.code()), (2, 700));
    let Error::Exhausted { shortfall, .. } = error.error else { panic!("exhausted") };
    assert_eq!((shortfall.wanted, shortfall.free, shortfall.assigned), (4, 3, 11));
    let error = engine.decide_all(NOW, &[assign("eni-2", 4), assign("eni-2", 1)]).unwrap_err();
    assert_eq!((error.index, error.error.code()), (1, 600));
    assert_eq!(engine, before);
}

#[test]
fn a_batch_that_changes_nothing_is_unchanged() {
    let mut engine = engine();
    let assign = Command::from(Assign::new(eni("eni-1"), Pick::these(ips(["10.0.0.5"]))));
    run(&mut engine, [assign.clone()]);
    let before = engine.clone();
    let decision = engine.decide_all(Timestamp::from_millis(9_000), &[assign.clone(), assign]);
    let decision = decision.unwrap();
    assert!(decision.is_unchanged());
    assert_eq!(decision.revision(), engine.revision());
    assert_eq!(decision.answer().to_string(), "10.0.0.5,10.0.0.5");
    assert!(engine.decide_all(NOW, &[]).unwrap().is_unchanged());
    assert_eq!(engine, before);
}

/// A /14 with every other one of its first 200,000 addresses taken by `eni-1`
fn fragmented() -> Engine {
    let mut engine = Engine::new();
    run(
        &mut engine,
        [
            create_vpc("vpc-1"),
            create_subnet("big", "10.0.0.0/14", Profile::PLAIN).into(),
            CreateInterface::new(eni("eni-1"), subnet("big")).into(),
            Assign::new(eni("eni-1"), Pick::any(200_000)).into(),
            Unassign::new(eni("eni-1"), (1..=200_000).step_by(2).map(ten)).into(),
        ],
    );
    engine
}

/// The address so far above 10.0.0.0
fn ten(offset: u32) -> Ipv4Addr {
    Ipv4Addr::from(0x0a00_0000 | offset)
}

/// Decides and applies a batch, which must not take time in proportion to its length squared
fn quickly(engine: &mut Engine, batch: &[Command]) -> AddrList {
    quickly_at(engine, NOW, batch)
}

fn quickly_at(engine: &mut Engine, now: Timestamp, batch: &[Command]) -> AddrList {
    let decision = engine.decide_all(now, batch).unwrap();
    engine.apply(decision.event().unwrap()).unwrap();
    engine.check().unwrap();
    decision.answer().clone()
}

/// Once a batch of n assignments took time in proportion to n squared on a fragmented subnet
#[test]
fn many_single_picks_in_a_fragmented_subnet_are_one_quick_batch() {
    let mut engine = fragmented();
    let batch = vec![Command::from(Assign::new(eni("eni-1"), Pick::any(1))); 100_000];
    let answer = quickly(&mut engine, &batch);
    assert_eq!(answer.iter().last(), Some(ten(199_999).into()));
    assert_eq!(engine.at(NOW).subnet_usage(subnet("big")).unwrap().v4.unwrap().assigned, 200_000);
}

/// And so did one that reserves between its assignments
#[test]
fn many_reservations_and_picks_are_one_quick_batch() {
    let mut engine = fragmented();
    let batch: Vec<Command> = (0..20_000)
        .flat_map(|n| {
            let range = AddrRange::one(ten(4 * n + 1).into());
            let reserve = Command::from(ReserveRange::new(subnet("big"), range));
            [reserve, Assign::new(eni("eni-1"), Pick::any(1)).into()]
        })
        .collect();
    let answer = quickly(&mut engine, &batch);
    assert_eq!(answer.iter().last(), Some(ten(4 * 19_999 + 3).into()));
}

/// And one that deletes the interfaces it assigned to, each of which looked at what all others have
#[test]
fn many_interfaces_deleted_after_their_assignments_are_one_quick_batch() {
    let mut engine = fragmented();
    let ids: Vec<InterfaceId> = (0..20_000).map(|n| eni(&format!("eni-n{n}"))).collect();
    let create = |&id: &InterfaceId| CreateInterface::new(id, subnet("big")).into();
    run(&mut engine, ids.iter().map(create));
    let assign = ids.iter().map(|&id| Assign::new(id, Pick::any(1)).into());
    let delete = ids.iter().map(|&interface| Command::from(DeleteInterface::new(interface)));
    let batch: Vec<Command> = assign.chain(delete).collect();
    assert_eq!(quickly(&mut engine, &batch).count(), 40_000);
    assert_eq!(engine.at(NOW).subnet_usage(subnet("big")).unwrap().v4.unwrap().assigned, 100_000);
}

/// And one that assigns from many subnets, or makes room by deleting many
#[test]
fn many_subnets_are_one_quick_batch() {
    let mut engine = Engine::new();
    let ids: Vec<SubnetId> = (0..8_000).map(|n| subnet(&format!("s{n}"))).collect();
    let cidr = |n: u32| ipnet::Ipv4Net::new(ten(n * 512), 24).unwrap();
    let create = |(n, &id): (u32, &SubnetId)| {
        CreateSubnet::new(id, vpc("vpc-1"), Profile::PLAIN).v4(cidr(n)).into()
    };
    run(
        &mut engine,
        [create_vpc("vpc-1"), create_subnet("home", "11.0.0.0/8", Profile::PLAIN).into()],
    );
    run(&mut engine, (0..).zip(&ids).map(create));
    run(&mut engine, [CreateInterface::new(eni("eni-1"), subnet("home")).into()]);
    let assign = |&id: &SubnetId| Assign::new(eni("eni-1"), Pick::any(1)).from_subnet(id).into();
    let batch: Vec<Command> = ids.iter().map(assign).collect();
    assert_eq!(quickly(&mut engine, &batch).count(), 8_000);
    run(&mut engine, [DeleteInterface::new(eni("eni-1")).into()]);

    let delete = ids.iter().map(|&subnet| Command::from(DeleteSubnet::new(subnet)));
    let cover = (0..8_000).flat_map(|_| {
        let whole = create_subnet("whole", "10.0.0.0/8", Profile::PLAIN).into();
        [whole, DeleteSubnet::new(subnet("whole")).into()]
    });
    let batch: Vec<Command> = delete.chain(cover).collect();
    quickly(&mut engine, &batch);
    assert_eq!(engine.subnets(vpc("vpc-1")).len(), 1);
}

/// 10.0.0.0/14 under a profile, and two interfaces without addresses
fn wide(profile: Profile) -> Engine {
    let mut engine = Engine::new();
    run(
        &mut engine,
        [
            create_vpc("vpc-1"),
            create_subnet("big", "10.0.0.0/14", profile).into(),
            CreateInterface::new(eni("eni-1"), subnet("big")).into(),
            CreateInterface::new(eni("eni-2"), subnet("big")).into(),
        ],
    );
    engine
}

/// The same, all of it `eni-1`'s; what is released rests for 1,000 seconds, or until nothing else is left
fn worn() -> Engine {
    let quarantine = Quarantine { when_exhausted: true, ..Quarantine::for_millis(1_000_000) };
    let mut engine = wide(Profile::PLAIN.quarantine(quarantine));
    run(&mut engine, [Assign::new(eni("eni-1"), Pick::any(262_142)).into()]);
    engine
}

fn one_for(id: &str) -> Command {
    Assign::new(eni(id), Pick::any(1)).into()
}

/// And one that takes addresses one by one from those that rest, each of which looked at what its
/// predecessors had taken
#[test]
fn many_picks_from_what_rests_are_one_quick_batch() {
    let mut engine = worn();
    run(&mut engine, [Unassign::new(eni("eni-1"), (1..=262_142).map(ten)).into()]);
    let answer = quickly(&mut engine, &vec![one_for("eni-2"); 150_000]);
    assert_eq!(answer.iter().last(), Some(ten(150_000).into()));
}

/// And one that released them itself, by which they rest
#[test]
fn many_picks_from_what_began_to_rest_are_one_quick_batch() {
    let mut engine = worn();
    let release = |offset| Unassign::new(eni("eni-1"), [ten(offset)]).into();
    let batch: Vec<Command> =
        (1..=75_000).map(release).chain(vec![one_for("eni-2"); 75_000]).collect();
    let answer = quickly(&mut engine, &batch);
    assert_eq!(answer.iter().last(), Some(ten(75_000).into()));
}

/// And one whose holds are each confirmed before the next, as each looked at those that came to their end
#[test]
fn many_holds_confirmed_at_once_are_one_quick_batch() {
    let mut profile = Profile::PLAIN;
    profile.one_task = true;
    let mut engine = wide(profile);
    let next = engine.revision().next();
    let until = NOW.after(100);
    let batch: Vec<Command> = (0..64_000)
        .flat_map(|pair| {
            let hold = Assign::new(eni("eni-2"), Pick::any(1)).hold(Hold::until(until));
            [hold.into(), Confirm::new(Task::new(next, 2 * pair)).into()]
        })
        .collect();
    assert_eq!(quickly(&mut engine, &batch).count(), 128_000);
    assert_eq!(engine.at(NOW).tasks_of_interface(eni("eni-2")).count(), 0);
}

/// And one that begins as many tasks as may be, when as many are due and count no more
#[test]
fn many_holds_over_many_that_are_due_are_one_quick_batch() {
    let mut engine = wide(Profile::PLAIN);
    let limits = Limits { tasks: 32_000, ..Limits::DEFAULT };
    run(&mut engine, [SetLimits::new(limits).into()]);
    for now in [NOW, NOW.after(100)] {
        let hold = Assign::new(eni("eni-2"), Pick::any(1)).hold(Hold::until(now.after(100)));
        let batch = vec![hold.into(); 32_000];
        assert_eq!(quickly_at(&mut engine, now, &batch).count(), 32_000);
    }
    let one_more = Assign::new(eni("eni-2"), Pick::any(1)).hold(Hold::until(NOW.after(300)));
    assert_eq!(engine.decide(NOW.after(100), &one_more.into()).unwrap_err().code(), 702);
}

/// And one under as many tokens as may be, when as many are due and count no more
#[test]
fn many_tokens_over_many_that_are_due_are_one_quick_batch() {
    let mut engine = wide(Profile::PLAIN);
    let limits = Limits { tokens: 150_000, ..Limits::DEFAULT };
    run(&mut engine, [SetLimits::new(limits).into()]);
    let once =
        |token: String, until| Once::new(token.parse().unwrap(), until, Command::Sweep).unwrap();
    for (name, now) in [("early", NOW), ("late", NOW.after(100))] {
        let token = |n| once(format!("{name}-{n}"), now.after(100)).into();
        let batch: Vec<Command> = (0..150_000).map(token).collect();
        quickly_at(&mut engine, now, &batch);
    }
    let one_more = once("more".to_owned(), NOW.after(300)).into();
    assert_eq!(engine.decide(NOW.after(100), &one_more).unwrap_err().code(), 703);
}

/// And one that asks for counts over what it assigned and released before
#[test]
fn many_counts_after_what_came_and_went_are_one_quick_batch() {
    let mut engine = wide(Profile::PLAIN);
    let come_and_go = [one_for("eni-1"), Unassign::new(eni("eni-1"), [ten(1)]).into()];
    let count = Command::from(EnsureCount::at_least(eni("eni-1"), 0));
    let batch: Vec<Command> =
        vec![come_and_go; 32_000].into_iter().flatten().chain(vec![count; 32_000]).collect();
    quickly(&mut engine, &batch);
    assert_eq!(engine.interface(eni("eni-1")).unwrap().count_v4, 0);
}

/// Once each change of an event, and each command of a batch, had the limit to itself
#[test]
fn all_commands_together_may_assign_as_much_as_one() {
    let mut engine = Engine::new();
    run(
        &mut engine,
        [
            create_vpc("vpc-1"),
            create_subnet("home", "::/0", Profile::PLAIN).into(),
            CreateInterface::new(eni("eni-1"), subnet("home")).into(),
        ],
    );
    let most = Assign::new(eni("eni-1"), Pick::any(Assign::MAX_ADDRESSES));
    let error = engine.decide_all(NOW, &[most.clone().into(), most.clone().into()]).unwrap_err();
    assert_eq!((error.index, error.error.code()), (1, 701));

    let decision = engine.decide(NOW, &most.into()).unwrap();
    let mut event = serde_json::to_value(decision.event().unwrap()).unwrap();
    let mut second = event["changes"][0].clone();
    second["Assigned"]["addresses"] = serde_json::json!([{"first": "7::", "last": "7::"}]);
    event["changes"].as_array_mut().unwrap().push(second);
    let error = engine.apply(&serde_json::from_value(event).unwrap()).unwrap_err();
    let what = Contradiction::TooMany;
    assert_eq!(error, ApplyError::Contradiction { event: Revision::new(4), change: 1, what });
}
