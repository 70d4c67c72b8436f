//! Which of the free addresses a policy chooses, and what a request may say about it

use ipam_core::*;

use crate::common::*;

/// 10.0.0.0/26, all of it usable but its ends, under a policy; `eni-1` and `eni-2` are at home in it
fn engine(policy: Policy) -> Engine {
    let mut engine = Engine::new();
    let mut profile = Profile::AWS;
    (profile.v4.first, profile.v4.last, profile.v4.gateway) = (1, 1, Gateway::None);
    profile.list_and_count = ListAndCount::Both;
    profile.replace_primary = true;
    let home = subnet("home");
    run(
        &mut engine,
        [
            create_vpc("vpc-1"),
            create_subnet("home", "10.0.0.0/26", profile).into(),
            CreateInterface::new(eni("eni-1"), home).into(),
            CreateInterface::new(eni("eni-2"), home).into(),
            SetPolicy::new(home, policy).into(),
        ],
    );
    assert_eq!(engine.subnet(home).unwrap().policy, policy);
    engine
}

/// What a command answers, whichever way it is carried out
fn answer(engine: &mut Engine, command: impl Into<Command>) -> String {
    let command = command.into();
    let decision = engine.decide(NOW, &command).unwrap();
    let batch = engine.decide_all(NOW, std::slice::from_ref(&command)).unwrap();
    assert_eq!(batch.event(), decision.event());
    let mut replica = engine.clone();
    assert_eq!(engine.execute(NOW, &command), Ok(decision.clone()));
    if let Some(event) = decision.event() {
        replica.apply(event).unwrap();
    }
    assert_eq!(replica, *engine);
    engine.check().unwrap();
    decision.answer().to_string()
}

fn any(count: u32) -> Assign {
    Assign::new(eni("eni-1"), Pick::any(count))
}

fn take(engine: &mut Engine, addresses: &[&str]) {
    let named = addresses.iter().map(|at| ip(at));
    answer(engine, Assign::new(eni("eni-1"), Pick::these(named)));
}

fn release(engine: &mut Engine, addresses: &[&str]) {
    let named = addresses.iter().map(|at| ip(at));
    answer(engine, Unassign::new(eni("eni-1"), named).rest(Rest::for_millis(0)));
}

fn cursor(engine: &Engine) -> String {
    engine.cursor(subnet("home"), Family::V4).unwrap().to_string()
}

#[test]
fn the_cursor_moves_behind_automatic_picks_and_wraps() {
    let mut engine = engine(Policy::Next);
    assert_eq!(cursor(&engine), "10.0.0.0");
    assert_eq!(answer(&mut engine, any(2)), "10.0.0.1-10.0.0.2");
    release(&mut engine, &["10.0.0.1", "10.0.0.2"]);
    assert_eq!(answer(&mut engine, any(1)), "10.0.0.3");
    // Neither what is named, nor what is preferred, nor a request's own policy moves it.
    take(&mut engine, &["10.0.0.40"]);
    let mut pick = Pick::any(1).preferring(ips(["10.0.0.50"]));
    assert_eq!(answer(&mut engine, Assign::new(eni("eni-1"), pick)), "10.0.0.50");
    pick = Pick::any(1).by(Policy::Lowest);
    assert_eq!(answer(&mut engine, Assign::new(eni("eni-1"), pick)), "10.0.0.1");
    pick = Pick::any(1).by(Policy::Next);
    assert_eq!(answer(&mut engine, Assign::new(eni("eni-1"), pick)), "10.0.0.4");
    assert_eq!(cursor(&engine), "10.0.0.4");
    assert_eq!(answer(&mut engine, any(1)), "10.0.0.5");

    let address = ip("10.0.0.61");
    let set = Command::from(SetCursor::new(subnet("home"), address));
    answer(&mut engine, set.clone());
    assert!(engine.decide(NOW, &set).unwrap().is_unchanged());
    assert_eq!(answer(&mut engine, any(3)), "10.0.0.61-10.0.0.62,10.0.0.2");
    assert_eq!(cursor(&engine), "10.0.0.3");
}

#[test]
fn a_cursor_after_the_last_address_is_at_the_first() {
    let mut engine = engine(Policy::Next);
    let mut profile = Profile::PLAIN;
    (profile.v4.first, profile.v4.last) = (0, 0);
    run(&mut engine, [create_subnet("all", "10.0.1.0/30", profile).into()]);
    run(&mut engine, [SetPolicy::new(subnet("all"), Policy::Next).into()]);
    assert_eq!(answer(&mut engine, any(4).from_subnet(subnet("all"))), "10.0.1.0-10.0.1.3");
    assert_eq!(engine.cursor(subnet("all"), Family::V4), Some(ip("10.0.1.0")));
}

#[test]
fn a_cursor_is_refused_where_there_is_none() {
    let mut next = engine(Policy::Next);
    let home = subnet("home");
    let set = |subnet, at| Command::from(SetCursor::new(subnet, ip(at)));
    assert_eq!(refusal(&mut next, set(subnet("none"), "10.0.0.1")).code(), 201);
    assert_eq!(refusal(&mut next, set(home, "2001:db8::1")).code(), 400);
    assert_eq!(refusal(&mut next, set(home, "10.0.0.64")).code(), 500);
    assert_eq!(refusal(&mut engine(Policy::Dense), set(home, "10.0.0.1")).code(), 320);
    let missing = Command::from(SetPolicy::new(subnet("none"), Policy::Next));
    assert_eq!(refusal(&mut next, missing).code(), 201);
    assert_eq!(engine(Policy::Lowest).cursor(home, Family::V4), None);
    assert_eq!(next.draws(home, Family::V4), None);
}

#[test]
fn the_second_command_of_a_batch_sees_the_cursor_and_the_draws_of_the_first() {
    for policy in [Policy::Next, Policy::Random { seed: 3 }] {
        let mut one_by_one = engine(policy);
        let mut together = one_by_one.clone();
        let batch = [any(1).into(), any(2).into(), any(1).into()];
        let singly = batch.clone().map(|command: Command| answer(&mut one_by_one, command));
        let decision = together.decide_all(NOW, &batch).unwrap();
        for (index, singly) in singly.iter().enumerate() {
            assert_eq!(decision.answer_to(index).unwrap().to_string(), *singly, "{policy:?}");
        }
        together.apply(decision.event().unwrap()).unwrap();
        let home = subnet("home");
        assert_eq!(together.cursor(home, Family::V4), one_by_one.cursor(home, Family::V4));
        assert_eq!(together.draws(home, Family::V4), one_by_one.draws(home, Family::V4));
        assert_eq!(together.check(), Ok(()));
    }
}

#[test]
fn a_policy_set_again_begins_again_and_the_same_changes_nothing() {
    let mut engine = engine(Policy::Next);
    answer(&mut engine, any(5));
    let set = |policy| Command::from(SetPolicy::new(subnet("home"), policy));
    assert!(engine.decide(NOW, &set(Policy::Next)).unwrap().is_unchanged());
    answer(&mut engine, set(Policy::Lowest));
    answer(&mut engine, set(Policy::Next));
    assert_eq!(cursor(&engine), "10.0.0.0");
}

#[test]
fn an_offset_beyond_the_end_is_the_bottom() {
    let mut engine = engine(Policy::From { offset: 60 });
    assert_eq!(answer(&mut engine, any(3)), "10.0.0.60-10.0.0.62");
    assert_eq!(answer(&mut engine, any(1)), "10.0.0.1");
    let policy = Policy::From { offset: u128::MAX };
    assert_eq!(answer(&mut engine, Assign::new(eni("eni-2"), Pick::any(1).by(policy))), "10.0.0.2");
}

#[test]
fn dense_fills_and_sparse_breaks_blocks_of_16() {
    // .0-.15 and .48-.63 are partly used: their ends are withheld.
    let mut dense = engine(Policy::Dense);
    take(&mut dense, &["10.0.0.20"]);
    let all = "10.0.0.1-10.0.0.19,10.0.0.21-10.0.0.31,10.0.0.48-10.0.0.49";
    assert_eq!(answer(&mut dense, any(32)), all);
    release(&mut dense, &["10.0.0.17"]);
    assert_eq!(answer(&mut dense, any(1)), "10.0.0.17");
    assert_eq!(answer(&mut dense, any(14)), "10.0.0.50-10.0.0.62,10.0.0.32");

    let mut sparse = engine(Policy::Sparse);
    assert_eq!(answer(&mut sparse, any(1)), "10.0.0.16");
    assert_eq!(answer(&mut sparse, any(3)), "10.0.0.32,10.0.0.1-10.0.0.2");
    // Within a range, what is whole is still what it is in the subnet.
    let mut sparse = engine(Policy::Sparse);
    let within = range("10.0.0.5", "10.0.0.40");
    let two = Assign::new(eni("eni-2"), Pick::any(3).within(within));
    assert_eq!(answer(&mut sparse, two), "10.0.0.16,10.0.0.32,10.0.0.5");
}

#[test]
fn what_was_released_longest_ago_comes_first_after_what_never_was() {
    let mut engine = engine(Policy::LongestReleased);
    answer(&mut engine, any(60));
    release(&mut engine, &["10.0.0.9"]);
    release(&mut engine, &["10.0.0.30", "10.0.0.7"]);
    release(&mut engine, &["10.0.0.20"]);
    assert_eq!(answer(&mut engine, any(3)), "10.0.0.61-10.0.0.62,10.0.0.9");
    // One that is assigned again is not where it was.
    take(&mut engine, &["10.0.0.30"]);
    release(&mut engine, &["10.0.0.30"]);
    assert_eq!(answer(&mut engine, any(3)), "10.0.0.7,10.0.0.20,10.0.0.30");
    // One that is reserved meanwhile keeps its place.
    release(&mut engine, &["10.0.0.11"]);
    release(&mut engine, &["10.0.0.12"]);
    let (home, kind) = (subnet("home"), Reservation::Hard);
    let one = range("10.0.0.11", "10.0.0.11");
    run(&mut engine, [ReserveRange::new(home, one).kind(kind).into()]);
    assert_eq!(answer(&mut engine, any(1)), "10.0.0.12");
    release(&mut engine, &["10.0.0.12"]);
    run(&mut engine, [ReleaseRange::new(home, one).into()]);
    assert_eq!(answer(&mut engine, any(1)), "10.0.0.11");
}

#[test]
fn an_address_is_released_when_its_rest_ends() {
    let mut engine = engine(Policy::LongestReleased);
    answer(&mut engine, any(62));
    let rest = |at: &str, millis| {
        Unassign::new(eni("eni-1"), [ip(at)]).rest(Rest::for_millis(millis)).into()
    };
    run(&mut engine, [rest("10.0.0.5", 300), rest("10.0.0.6", 100), rest("10.0.0.7", 200)]);
    let later = NOW.after(400);
    // Due and not yet swept, and in a batch that begins with them.
    let decision = engine.decide_all(later, &[any(1).into(), any(2).into()]).unwrap();
    assert_eq!(decision.answer().to_string(), "10.0.0.6-10.0.0.7,10.0.0.5");
    engine.execute(later, &Command::Sweep).unwrap();
    let swept = engine.decide(later, &any(3).into()).unwrap();
    assert_eq!(swept.answer().to_string(), "10.0.0.6-10.0.0.7,10.0.0.5");
}

#[test]
fn where_the_order_of_release_is_not_kept_none_was_ever_released() {
    let mut engine = engine(Policy::Lowest);
    answer(&mut engine, any(3));
    release(&mut engine, &["10.0.0.2"]);
    let pick = Pick::any(2).by(Policy::LongestReleased);
    assert_eq!(answer(&mut engine, Assign::new(eni("eni-1"), pick)), "10.0.0.2,10.0.0.4");
}

#[test]
fn preferred_addresses_come_first_as_far_as_they_can() {
    let mut engine = engine(Policy::Lowest);
    take(&mut engine, &["10.0.0.9"]);
    let preferred =
        ips(["10.0.0.9", "10.0.0.0", "10.0.0.30", "2001:db8::1", "10.0.0.30", "10.0.0.8"]);
    let pick = |count| Pick::any(count).preferring(preferred);
    let one = engine.decide(NOW, &Assign::new(eni("eni-2"), pick(1)).into()).unwrap();
    assert_eq!(one.answer().to_string(), "10.0.0.30");
    let within = pick(3).within(range("10.0.0.1", "10.0.0.20"));
    let three = engine.decide(NOW, &Assign::new(eni("eni-2"), within).into()).unwrap();
    assert_eq!(three.answer().to_string(), "10.0.0.8,10.0.0.1-10.0.0.2");
    // What is named beside the count is not chosen again.
    let mut both = pick(2);
    both.list = vec![ip("10.0.0.30").into()];
    let assign = Assign::new(eni("eni-2"), both);
    assert_eq!(answer(&mut engine, assign), "10.0.0.30,10.0.0.8,10.0.0.1");
}

#[test]
fn a_contiguous_range_is_the_lowest_that_is_long_enough() {
    let mut engine = engine(Policy::Lowest);
    take(&mut engine, &["10.0.0.4", "10.0.0.9", "10.0.0.40"]);
    let run_of = |count| Assign::new(eni("eni-2"), Pick::any(count).contiguous());
    assert_eq!(answer(&mut engine, run_of(4)), "10.0.0.5-10.0.0.8");
    assert_eq!(answer(&mut engine, run_of(4)), "10.0.0.10-10.0.0.13");
    let error = refusal(&mut engine, run_of(27));
    let Error::NoRun { wanted, free, longest, within, .. } = error else { panic!("{error}") };
    assert_eq!((wanted, free, within), (27, 51, None));
    assert_eq!(longest, Some(range("10.0.0.14", "10.0.0.39")));
    assert_eq!(refusal(&mut engine, run_of(27)).code(), 707);
    assert!(refusal(&mut engine, run_of(27)).is_transient());
    assert_eq!(refusal(&mut engine, run_of(52)).code(), 700);
    // From where the policy looks first, then from the bottom; or where it is preferred.
    let from = |pick: Pick| Assign::new(eni("eni-2"), pick.contiguous());
    let policy = Policy::From { offset: 30 };
    assert_eq!(answer(&mut engine, from(Pick::any(12).by(policy))), "10.0.0.41-10.0.0.52");
    assert_eq!(answer(&mut engine, from(Pick::any(12).by(policy))), "10.0.0.14-10.0.0.25");
    let preferring = Pick::any(3).preferring(ips(["10.0.0.38", "10.0.0.33"]));
    assert_eq!(answer(&mut engine, from(preferring)), "10.0.0.33-10.0.0.35");
    let within = Pick::any(3).within(range("10.0.0.36", "10.0.0.60"));
    assert_eq!(answer(&mut engine, from(within)), "10.0.0.36-10.0.0.38");
}

#[test]
fn a_batch_sees_the_ranges_that_it_opens_and_closes() {
    let mut engine = engine(Policy::Lowest);
    answer(&mut engine, any(62));
    let home = subnet("home");
    for indices in [Indices::NONE, Indices::ALL] {
        run(&mut engine, [SetIndices::new(home, indices).into()]);
        let release = |first: u8, last: u8| {
            let all = (first..=last).map(|last| std::net::IpAddr::from([10, 0, 0, last]));
            Command::from(Unassign::new(eni("eni-1"), all).rest(Rest::for_millis(0)))
        };
        let run_of = |count| Assign::new(eni("eni-2"), Pick::any(count).contiguous()).into();
        let batch =
            [release(8, 9), release(20, 22), release(10, 11), run_of(2), run_of(3), run_of(2)];
        let decision = engine.decide_all(NOW, &batch).unwrap();
        let chosen = [3, 4, 5].map(|index| decision.answer_to(index).unwrap().to_string());
        assert_eq!(chosen, ["10.0.0.8-10.0.0.9", "10.0.0.20-10.0.0.22", "10.0.0.10-10.0.0.11"]);
        let refused =
            engine.decide_all(NOW, &[release(8, 9), release(11, 12), run_of(3)]).unwrap_err();
        let Error::NoRun { longest, free, .. } = refused.error else { panic!("{refused}") };
        assert_eq!((free, longest), (4, Some(range("10.0.0.8", "10.0.0.9"))));
    }
}

#[test]
fn primaries_and_counts_are_seen_to_by_the_subnets_policy() {
    let mut engine = engine(Policy::From { offset: 32 });
    let create = CreateInterface::new(eni("eni-3"), subnet("home")).primary_v4(Primary::Chosen);
    assert_eq!(answer(&mut engine, create), "10.0.0.32");
    let ensure = EnsureCount::at_least(eni("eni-3"), 2);
    assert_eq!(answer(&mut engine, ensure), "10.0.0.33-10.0.0.34");
    let replace = ReplacePrimary::with_any(eni("eni-3"), Family::V4);
    assert_eq!(answer(&mut engine, replace), "10.0.0.35");
}

#[test]
fn every_policy_takes_all_that_is_free_and_then_what_rests() {
    let policies = [
        Policy::Lowest,
        Policy::Next,
        Policy::From { offset: 33 },
        Policy::Random { seed: 9 },
        Policy::LongestReleased,
        Policy::Dense,
        Policy::Sparse,
    ];
    for policy in policies {
        let mut engine = engine(Policy::Lowest);
        let mut profile = Profile::AWS;
        profile.quarantine = Quarantine { millis: 1000, take_back: false, when_exhausted: true };
        let other = subnet("other");
        run(
            &mut engine,
            [
                create_subnet("other", "10.0.1.0/28", profile).into(),
                CreateInterface::new(eni("eni-3"), other).into(),
                SetPolicy::new(other, policy).into(),
                Assign::new(eni("eni-3"), Pick::any(11)).into(),
                Unassign::new(eni("eni-3"), ips(["10.0.1.9", "10.0.1.5"])).into(),
                Unassign::new(eni("eni-3"), ips(["10.0.1.7"])).rest(Rest::for_millis(0)).into(),
            ],
        );
        let all = Assign::new(eni("eni-3"), Pick::any(3)).into();
        let decision = engine.execute(NOW, &all).unwrap();
        assert_eq!(decision.answer().to_string(), "10.0.1.7,10.0.1.9,10.0.1.5", "{policy:?}");
        let error = refusal(&mut engine, Assign::new(eni("eni-3"), Pick::any(1)));
        assert_eq!(error.code(), 700);
        engine.check().unwrap();
    }
}

#[test]
fn the_largest_and_the_smallest_subnets_have_policies_too() {
    let policies = [
        Policy::Next,
        Policy::From { offset: u128::MAX },
        Policy::Random { seed: u64::MAX },
        Policy::LongestReleased,
        Policy::Dense,
        Policy::Sparse,
    ];
    for cidr in
        ["::/0", "2001:db8::/127", "2001:db8::/128", "0.0.0.0/0", "10.0.0.0/31", "10.0.0.0/32"]
    {
        for policy in policies {
            let mut engine = Engine::new();
            run(
                &mut engine,
                [
                    create_vpc("vpc-1"),
                    create_subnet("home", cidr, Profile::PLAIN).into(),
                    SetPolicy::new(subnet("home"), policy).into(),
                    CreateInterface::new(eni("eni-1"), subnet("home")).into(),
                ],
            );
            let usage = engine.at(NOW).subnet_usage(subnet("home")).unwrap();
            let free = usage.v4.or(usage.v6).unwrap().free;
            let count = u32::try_from(free.min(5)).unwrap();
            if count > 0 {
                answer(&mut engine, any(count));
            }
            if u128::from(count) == free {
                assert_eq!(refusal(&mut engine, any(1)).code(), 700, "{policy:?} in {cidr}");
            } else {
                let run_of = Assign::new(eni("eni-1"), Pick::any(1000).contiguous());
                answer(&mut engine, run_of);
            }
        }
    }
}

/// An event that sets a policy many times costs one look at the subnet, and leaves what the last one says
#[test]
fn of_policies_set_in_one_event_the_last_stands() {
    let mut engine = engine(Policy::LongestReleased);
    answer(&mut engine, any(3));
    let home = subnet("home");
    let set = |policy| Command::from(SetPolicy::new(home, policy));
    let free = Unassign::new(eni("eni-1"), ips(["10.0.0.1"])).rest(Rest::for_millis(0));
    let batch = [
        set(Policy::Next),
        any(1).into(),
        set(Policy::LongestReleased),
        free.into(),
        any(1).into(),
    ];
    let decision = engine.decide_all(NOW, &batch).unwrap();
    assert_eq!(decision.answer_to(4).unwrap().to_string(), "10.0.0.5");
    let mut one_by_one = engine.clone();
    run(&mut one_by_one, batch);
    engine.apply(decision.event().unwrap()).unwrap();
    engine.check().unwrap();
    assert_eq!(answer(&mut engine, any(60 - 2)), answer(&mut one_by_one, any(60 - 2)));
}
