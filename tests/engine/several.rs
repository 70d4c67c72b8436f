//! Addresses of several subnets in one request

use ipam_core::*;

use crate::common::*;

/// `eni-1`, at home in `v4`, with `small` and `v6` beside it, and `other` in another VPC
fn world() -> Engine {
    let mut engine = Engine::new();
    let (one, two) = ("vpc-1".parse().unwrap(), "vpc-2".parse().unwrap());
    for vpc in [one, two] {
        run(&mut engine, CreateVpc::new(vpc));
    }
    for (id, vpc, cidr) in [
        ("v4", one, "10.0.0.0/29"),
        ("small", one, "10.0.0.8/30"),
        ("v6", one, "2001:db8::/126"),
        ("other", two, "10.0.0.0/29"),
    ] {
        let create = CreateSubnet::new(subnet(id), vpc, rules()).cidr(cidr.parse().unwrap());
        run(&mut engine, create);
    }
    run(&mut engine, CreateInterface::new(eni("eni-1"), subnet("v4")));
    engine
}

fn rules() -> Profile {
    let mut profile = Profile::PLAIN;
    profile.quarantine = Quarantine::for_millis(1_000);
    profile.quota.per_family = true;
    profile.assign_in = Statuses::of(&[Status::Available, Status::InUse]);
    profile
}

fn run(engine: &mut Engine, command: impl Into<Command>) -> Decision {
    let command = command.into();
    let decided = engine.decide(engine.clock(), &command).unwrap();
    assert_eq!(engine.execute(engine.clock(), &command), Ok(decided.clone()));
    engine.check().unwrap();
    decided
}

fn refused(engine: &Engine, command: impl Into<Command>) -> Error {
    engine.decide(engine.clock(), &command.into()).unwrap_err()
}

fn each(count: u32, subnets: &[&str]) -> Assign {
    Assign::new(eni("eni-1"), Pick::any(count)).from_each(subnets.iter().map(|id| subnet(id)))
}

fn first(count: u32, subnets: &[&str]) -> Assign {
    Assign::new(eni("eni-1"), Pick::any(count)).from_first(subnets.iter().map(|id| subnet(id)))
}

fn with(pick: &Pick, mut of: Assign) -> Assign {
    of.pick = pick.clone();
    of
}

fn given(decision: &Decision) -> Vec<(String, String)> {
    decision.given().map(|(subnet, of)| (subnet.to_string(), of.to_string())).collect()
}

fn pairs(all: &[(&str, &str)]) -> Vec<(String, String)> {
    all.iter().map(|&(subnet, of)| (subnet.to_owned(), of.to_owned())).collect()
}

#[test]
fn one_of_each_in_the_order_asked_each_by_its_own_family() {
    let mut engine = world();
    let decision = run(&mut engine, each(1, &["v6", "v4", "small"]));
    assert_eq!(decision.answer().to_string(), "2001:db8::1,10.0.0.1,10.0.0.9");
    let parts = [("v6", "2001:db8::1"), ("v4", "10.0.0.1"), ("small", "10.0.0.9")];
    assert_eq!(given(&decision), pairs(&parts));
    let changes = decision.event().unwrap().changes().len();
    assert_eq!(changes, 3, "one event, a change for each subnet");
}

#[test]
fn all_or_nothing_and_the_refusal_names_the_subnet() {
    let mut engine = world();
    run(&mut engine, each(2, &["small"]));
    match refused(&engine, each(1, &["v4", "small"])) {
        Error::Exhausted { subnet: of, shortfall, .. } => {
            assert_eq!((of, shortfall.wanted, shortfall.free), (subnet("small"), 1, 0));
        }
        other => panic!("{other}"),
    }
    assert_eq!(
        engine.at(engine.clock()).subnet_usage(subnet("v4")).unwrap().v4.unwrap().assigned,
        0
    );
}

#[test]
fn the_quota_is_judged_over_all_of_them() {
    let mut engine = world();
    run(&mut engine, SetQuota::new(eni("eni-1"), Some(5)));
    let error = refused(&engine, each(3, &["v4", "small"]));
    assert_eq!(error.code(), 600, "six of one family: {error}");
    // Of another family, where each has a quota of its own, there is room; then too few are free.
    assert_eq!(refused(&engine, each(5, &["v4", "v6"])).code(), 700);
}

#[test]
fn the_first_that_can_gives_all() {
    let mut engine = world();
    assert_eq!(
        given(&run(&mut engine, first(3, &["small", "v4"]))),
        pairs(&[("v4", "10.0.0.1-10.0.0.3")])
    );
    assert_eq!(
        given(&run(&mut engine, first(2, &["small", "v4"]))),
        pairs(&[("small", "10.0.0.9-10.0.0.10")])
    );
    let error = refused(&engine, first(4, &["small", "v4"]));
    let Error::NoSubnetCan { refusals } = &error else { panic!("{error}") };
    let facts: Vec<_> = refusals.iter().map(|of| (of.subnet, of.error.code())).collect();
    assert_eq!(facts, [(subnet("small"), 700), (subnet("v4"), 700)]);
    assert_eq!((error.code(), error.is_transient()), (709, true));
    assert!(
        error
            .to_string()
            .starts_with("none of 2 subnets can satisfy the request: subnet `small` has too few")
    );
    let lacking = first(1, &["v6"]);
    let lacking = with(&Pick::any(1).family(Family::V4), lacking);
    let error = refused(&engine, lacking);
    assert_eq!((error.code(), error.is_transient()), (709, false), "{error}");
}

#[test]
fn faults_come_in_the_documented_order() {
    let mut engine = world();
    let now = engine.clock();
    let late = Hold::until(now);
    let listed = Pick::these(["10.0.0.1".parse::<std::net::IpAddr>().unwrap()]);
    let ranged = Pick::any(1).within("10.0.0.0/30".parse::<ipnet::IpNet>().unwrap().into());
    let nobody = |mut of: Assign| {
        of.interface = eni("none");
        of
    };
    let nowhere = "none".parse().unwrap();
    let bad = Status::Deleting;
    run(&mut engine, SetStatus::new(eni("eni-1"), bad));
    for make in [each, first] {
        for (code, request) in [
            (111, with(&Pick::default(), make(1, &[])).hold(late)),
            (112, make(0, &[]).hold(late)),
            (120, make(1, &[]).hold(late)),
            (133, with(&listed, make(1, &[]))),
            (134, with(&listed, make(1, &["none", "v4", "v4"]))),
            (135, with(&listed, nobody(make(1, &["none"])))),
            (135, with(&ranged, nobody(make(1, &["none"])))),
            (200, nobody(make(1, &["none"])).in_vpc(nowhere)),
            (201, nobody(make(1, &["v4", "none"]))),
            (202, nobody(make(1, &["other"]))),
            (203, make(1, &["other"]).in_vpc("vpc-2".parse().unwrap())),
            (204, make(9, &["v4", "other"])),
            (300, make(9, &["v4", "v6"])),
        ] {
            let refusal = engine.decide(now, &request.clone().into()).unwrap_err();
            assert_eq!(refusal.code(), code, "{request:?}: {refusal}");
        }
    }
    match refused(&engine, each(1, &["v6", "v4", "small", "v4", "v6"])) {
        Error::SubnetTwice { subnet: of, first, second } => {
            assert_eq!((of, first, second), (subnet("v4"), 1, 3), "the lowest that repeats");
        }
        other => panic!("{other}"),
    }
}

#[test]
fn more_than_one_command_may_assign_are_refused_whole() {
    let mut engine = world();
    for (id, cidr) in [("wide-a", "2001:db8:1::/64"), ("wide-b", "2001:db8:2::/64")] {
        let create = CreateSubnet::new(subnet(id), "vpc-1".parse().unwrap(), rules());
        run(&mut engine, create.cidr(cidr.parse().unwrap()));
    }
    let half = Assign::MAX_ADDRESSES / 2 + 1;
    assert_eq!(refused(&engine, each(half, &["wide-a", "wide-b"])).code(), 701);
    assert_eq!(refused(&engine, each(u32::MAX, &["wide-a", "wide-b"])).code(), 701);
    let error = refused(&engine, first(u32::MAX, &["v4", "wide-a"]));
    let Error::NoSubnetCan { refusals } = error else { panic!("{error}") };
    let codes: Vec<u16> = refusals.iter().map(|of| of.error.code()).collect();
    assert_eq!(codes, [700, 701]);
}

#[test]
fn one_task_holds_the_parts_and_ends_them_together() {
    let at = Timestamp::from_millis;
    let hold = Hold::until(at(10)).kept_until(at(100_000));
    // Neighbours: the list of all runs over the border between two subnets.
    let request = each(2, &["small", "v4", "v6"]).hold(hold);
    let ends: [(Command, &str); 4] = [
        (Confirm::new(Task::new(Revision::new(9), 0)).into(), "6"),
        (Cancel::new(Task::new(Revision::new(9), 0)).into(), "0"),
        (
            Resolve::new(
                Task::new(Revision::new(9), 0),
                ["10.0.0.2", "10.0.0.9", "2001:db8::2"]
                    .map(|of| of.parse::<std::net::IpAddr>().unwrap()),
            )
            .into(),
            "3",
        ),
        (DeleteInterface::new(eni("eni-1")).into(), "0"),
    ];
    for (end, left) in ends {
        let mut engine = world();
        run(&mut engine, SetQuota::new(eni("eni-1"), Some(9)));
        let decision = run(&mut engine, request.clone());
        let task = decision.task().unwrap();
        assert_eq!(task, Task::new(Revision::new(9), 0));
        let parts = [
            ("small", "10.0.0.9-10.0.0.10"),
            ("v4", "10.0.0.1-10.0.0.2"),
            ("v6", "2001:db8::1-2001:db8::2"),
        ];
        assert_eq!(given(&decision), pairs(&parts));
        let info = engine.at(at(0)).task(task).unwrap();
        assert_eq!((info.subnet, &info.addresses), (subnet("small"), decision.answer()));
        let beside: Vec<_> =
            info.beside.iter().map(|(of, all)| (of.to_string(), all.to_string())).collect();
        assert_eq!(beside, pairs(&parts[1..]));

        let ended = run(&mut engine, end.clone());
        let has: Vec<_> = engine.addresses(eni("eni-1")).into_iter().flatten().collect();
        assert_eq!(has.len().to_string(), left, "{end:?}: {ended:?}");
        assert!(has.iter().all(|of| !of.held));
        assert!(engine.at(at(0)).task(task).unwrap().state.is_finished());
    }
}

#[test]
fn parts_that_expire_rest_as_long_as_the_longest_says() {
    let at = Timestamp::from_millis;
    let mut engine = world();
    let mut profile = rules();
    profile.quarantine = Quarantine::for_millis(5_000);
    let create = CreateSubnet::new(subnet("slow"), "vpc-1".parse().unwrap(), profile);
    run(&mut engine, create.cidr("10.0.1.0/29".parse().unwrap()));
    let decision = run(&mut engine, each(1, &["v4", "slow"]).hold(Hold::until(at(10))));
    let due: Vec<Due> = engine.at(at(10)).due().collect();
    let [Due::Expired { lost, free_at, .. }] = due.as_slice() else { panic!("{due:?}") };
    assert_eq!((lost, *free_at), (decision.answer(), at(5_010)));
    // Judged before it is swept, and after.
    for sweep in [false, true] {
        if sweep {
            engine.execute(at(10), &Command::Sweep).unwrap();
            engine.check().unwrap();
        }
        for id in ["v4", "slow"] {
            let usage = engine.at(at(10)).subnet_usage(subnet(id)).unwrap().v4.unwrap();
            assert_eq!((usage.held, usage.quarantined), (0, 1), "{id}");
            let rest = engine.at(at(5_009)).subnet_usage(subnet(id)).unwrap().v4.unwrap();
            let free = engine.at(at(5_010)).subnet_usage(subnet(id)).unwrap().v4.unwrap();
            assert_eq!((rest.quarantined, free.quarantined), (1, 0), "{id}");
        }
    }
}

#[test]
fn resting_ones_are_woken_in_each_subnet_that_says_so() {
    let mut engine = world();
    let mut profile = rules();
    profile.quarantine = Quarantine { when_exhausted: true, ..Quarantine::for_millis(1_000) };
    for (id, cidr) in [("few-a", "10.0.2.0/31"), ("few-b", "10.0.3.0/31")] {
        let create = CreateSubnet::new(subnet(id), "vpc-1".parse().unwrap(), profile);
        run(&mut engine, create.cidr(cidr.parse().unwrap()));
    }
    let decision = run(&mut engine, each(1, &["few-a", "few-b"]));
    run(&mut engine, Unassign::new(eni("eni-1"), decision.answer().iter()));
    let decision = run(&mut engine, each(2, &["few-a", "few-b"]));
    assert_eq!(decision.answer().to_string(), "10.0.2.1,10.0.2.0,10.0.3.1,10.0.3.0");
}

#[test]
fn in_a_batch_and_under_a_token_as_any_other() {
    let at = Timestamp::from_millis;
    let mut engine = world();
    let request = each(1, &["v4", "small"]).hold(Hold::until(at(50)));
    let once = Once::new("t".parse().unwrap(), at(100), request).unwrap();
    let batch =
        [each(1, &["small", "v4"]).into(), Command::from(once.clone()), each(1, &["v4"]).into()];
    let decision = engine.decide_all(at(0), &batch).unwrap();
    let answers = [0, 1, 2].map(|index| decision.answer_to(index).unwrap().to_string());
    assert_eq!(answers, ["10.0.0.9,10.0.0.1", "10.0.0.2,10.0.0.10", "10.0.0.3"]);
    let task = decision.task_of(1).unwrap();
    let mut replica = engine.clone();
    engine.apply(decision.event().unwrap()).unwrap();
    let json = serde_json::to_string(decision.event().unwrap()).unwrap();
    replica.apply(&serde_json::from_str(&json).unwrap()).unwrap();
    assert_eq!(engine, replica);
    let again = engine.decide(at(1), &once.into()).unwrap();
    assert!(again.is_unchanged());
    assert_eq!((again.task(), again.answer().to_string()), (Some(task), answers[1].clone()));
    engine.execute(at(1), &Confirm::new(task).into()).unwrap();
    engine.check().unwrap();
}

#[test]
fn tasks_and_their_runs_are_limited_over_all_parts() {
    let at = Timestamp::from_millis;
    let mut engine = world();
    let limits = Limits { runs: 2, ..Limits::DEFAULT };
    run(&mut engine, SetLimits::new(limits));
    let hold = |subnets: &[&str]| each(1, subnets).hold(Hold::until(at(50)));
    assert_eq!(refused(&engine, hold(&["v4", "small", "v6"])).code(), 704);
    run(&mut engine, hold(&["v4", "small"]));
    assert_eq!(refused(&engine, hold(&["v4"])).code(), 704);
    let task = engine.at(at(0)).tasks_of_interface(eni("eni-1")).next().unwrap().task;
    run(&mut engine, Cancel::new(task));
    let later = each(1, &["v4", "small"]).hold(Hold::until(at(90)));
    assert_eq!(engine.decide(at(49), &later.clone().into()).unwrap_err().code(), 704);
    engine.execute(at(50), &later.into()).unwrap();
    engine.check().unwrap();
}

#[test]
fn readable_forms_say_home_by_silence() {
    let home: Assign = serde_json::from_str(
        r#"{"interface":"eni-1","vpc":null,"pick":{"count":1},"reassign":false,"hold":null}"#,
    )
    .unwrap();
    assert_eq!(home, Assign::new(eni("eni-1"), Pick::any(1)));
    let both = serde_json::to_value(each(1, &["v4", "v6"])).unwrap();
    assert_eq!(both["from"], serde_json::json!({ "Each": ["v4", "v6"] }));
    assert_eq!(serde_json::from_value::<Assign>(both).unwrap(), each(1, &["v4", "v6"]));
}
