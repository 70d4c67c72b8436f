//! Tests for planted faults that once survived: each fails if the rule that it names is left out

use ipam_core::*;

use crate::common::*;

/// 10.0.0.0/28 and the rules of a policy; `eni-1` and `eni-2` are at home in it
fn engine(policy: Policy) -> Engine {
    let mut engine = Engine::new();
    let home = subnet("home");
    run(
        &mut engine,
        [
            create_vpc("vpc-1"),
            create_subnet("home", "10.0.0.0/28", Profile::PLAIN).into(),
            CreateInterface::new(eni("eni-1"), home).into(),
            CreateInterface::new(eni("eni-2"), home).into(),
            SetPolicy::new(home, policy).into(),
        ],
    );
    engine
}

/// What a command answers, by both paths
fn answer(engine: &mut Engine, command: impl Into<Command>) -> String {
    let command = command.into();
    let decision = engine.decide(NOW, &command).unwrap();
    let mut replica = engine.clone();
    replica.apply(decision.event().unwrap()).unwrap();
    assert_eq!(engine.execute(NOW, &command), Ok(decision.clone()));
    assert_eq!(replica, *engine);
    engine.check().unwrap();
    decision.answer().to_string()
}

fn any(count: u32) -> Assign {
    Assign::new(eni("eni-2"), Pick::any(count))
}

/// Those of a prefix that was given back count as never released, and are chosen before what was
#[test]
fn a_prefix_given_back_counts_as_never_released() {
    let mut engine = engine(Policy::LongestReleased);
    let prefix = "10.0.0.4/30".parse().unwrap();
    let take = Pick::default().and_prefix(prefix);
    assert_eq!(answer(&mut engine, Assign::new(eni("eni-1"), take)), "10.0.0.4/30");
    assert_eq!(answer(&mut engine, any(3)), "10.0.0.1-10.0.0.3");
    answer(&mut engine, Unassign::new(eni("eni-2"), ips(["10.0.0.2", "10.0.0.1"])));
    answer(&mut engine, Unassign::only_prefixes(eni("eni-1"), [prefix]));
    assert_eq!(answer(&mut engine, any(1)), "10.0.0.4");
    assert_eq!(answer(&mut engine, any(3)), "10.0.0.5-10.0.0.7");
    // One of them that was assigned alone since is released like any other.
    answer(&mut engine, Unassign::new(eni("eni-2"), ips(["10.0.0.5"])));
    assert_eq!(answer(&mut engine, any(7)), "10.0.0.8-10.0.0.14");
    assert_eq!(answer(&mut engine, any(3)), "10.0.0.2,10.0.0.1,10.0.0.5");
}

/// The same within one batch, where the choice comes after the release: be the prefix assigned in it or
/// before it, or its addresses released one by one before
#[test]
fn a_prefix_given_back_in_a_batch_counts_as_never_released() {
    let prefix = "10.0.0.4/30".parse().unwrap();
    let take = Command::from(Assign::new(eni("eni-1"), Pick::default().and_prefix(prefix)));
    let give_back = Command::from(Unassign::only_prefixes(eni("eni-1"), [prefix]));
    let release = |last: u8| {
        let address = std::net::IpAddr::from([10, 0, 0, last]);
        Command::from(Unassign::new(eni("eni-2"), [address]))
    };
    let cases: [(u32, &[Command], Vec<Command>); 3] = [
        (3, &[], vec![take.clone(), release(1), give_back.clone()]),
        (3, std::slice::from_ref(&take), vec![release(1), give_back.clone()]),
        (5, &[], vec![release(5), release(1), release(4), take.clone(), give_back]),
    ];
    for (first, before, mut batch) in cases {
        let mut engine = engine(Policy::LongestReleased);
        answer(&mut engine, any(first));
        run(&mut engine, before.iter().cloned());
        batch.extend([any(1).into(), any(1).into()]);
        let decision = engine.decide_all(NOW, &batch).unwrap();
        let answers =
            [2, 1].map(|back| decision.answer_to(batch.len() - back).unwrap().to_string());
        assert_eq!(answers, ["10.0.0.4", "10.0.0.5"], "{batch:?}");
        engine.apply(decision.event().unwrap()).unwrap();
        engine.check().unwrap();
        assert_eq!(answer(&mut engine, any(9)), "10.0.0.6-10.0.0.14");
        assert_eq!(answer(&mut engine, any(1)), "10.0.0.1");
    }
}

/// A cursor that lies outside of a smaller subnet begins again
#[test]
fn a_subnet_that_shrinks_below_its_cursor_begins_again() {
    for batched in [false, true] {
        let mut engine = engine(Policy::Next);
        assert_eq!(answer(&mut engine, any(12)), "10.0.0.1-10.0.0.12");
        let away = (2..=12).map(|last| std::net::IpAddr::from([10, 0, 0, last]));
        answer(&mut engine, Unassign::new(eni("eni-2"), away));
        assert_eq!(engine.cursor(subnet("home"), Family::V4), Some(ip("10.0.0.13")));
        let shrink = Reshape::new(subnet("home")).v4("10.0.0.0/29".parse().unwrap());
        if batched {
            let batch = [shrink.into(), any(1).into()];
            let decision = engine.decide_all(NOW, &batch).unwrap();
            assert_eq!(decision.answer().to_string(), "10.0.0.2");
            engine.apply(decision.event().unwrap()).unwrap();
            engine.check().unwrap();
        } else {
            answer(&mut engine, shrink);
            assert_eq!(engine.cursor(subnet("home"), Family::V4), Some(ip("10.0.0.0")));
            assert_eq!(answer(&mut engine, any(1)), "10.0.0.2");
        }
        assert_eq!(engine.cursor(subnet("home"), Family::V4), Some(ip("10.0.0.3")));
    }
}

/// A range is of the kind that it was reserved as last
#[test]
fn a_range_reserved_anew_in_a_batch_is_of_its_new_kind() {
    let mut engine = engine(Policy::Lowest);
    let (subnet, range) = (subnet("home"), range("10.0.0.4", "10.0.0.7"));
    let reserve = |kind| Command::from(ReserveRange::new(subnet, range).kind(kind));
    let release = Command::from(ReleaseRange::new(subnet, range));
    let named = Pick::these(ips(["10.0.0.5"])).even_auto_only();
    let named = Command::from(Assign::new(eni("eni-1"), named));
    let hard = reserve(Reservation::Hard);
    let auto_only = reserve(Reservation::AutoOnly);

    let batch = [auto_only.clone(), release.clone(), hard.clone(), named.clone()];
    let refused = engine.decide_all(NOW, &batch).unwrap_err();
    assert_eq!((refused.index, refused.error.code()), (3, 514));
    let decision = engine.decide_all(NOW, &batch[..3]).unwrap();
    engine.apply(decision.event().unwrap()).unwrap();
    engine.check().unwrap();
    let all =
        |engine: &Engine| -> Vec<_> { engine.reservations(subnet, Family::V4).unwrap().collect() };
    assert_eq!(all(&engine), [(range, Reservation::Hard)]);
    assert_eq!(engine.decide(NOW, &named).unwrap_err().code(), 514);

    // And the other way round.
    let batch = [release.clone(), hard, release, auto_only, named];
    let decision = engine.decide_all(NOW, &batch).unwrap();
    engine.apply(decision.event().unwrap()).unwrap();
    engine.check().unwrap();
    assert_eq!(all(&engine), [(range, Reservation::AutoOnly)]);
}

/// What a hold is extended by counts among the runs that are kept
#[test]
fn the_runs_of_an_extended_hold_count_within_a_batch() {
    let mut engine = engine(Policy::Lowest);
    let limits = Limits { runs: 3, ..Limits::DEFAULT };
    run(
        &mut engine,
        [
            create_subnet("other", "10.0.0.16/28", Profile::PLAIN).into(),
            create_subnet("third", "10.0.0.32/28", Profile::PLAIN).into(),
            SetLimits::new(limits).into(),
        ],
    );
    let hold = |subnets: &[&str]| -> Command {
        let each = any(1).from_each(subnets.iter().map(|id| subnet(id)));
        each.hold(Hold::until(NOW.after(50))).into()
    };
    let all = hold(&["home", "other", "third"]);
    let refused = engine.decide_all(NOW, &[all.clone(), hold(&["home"])]).unwrap_err();
    assert_eq!((refused.index, refused.error.code()), (1, 704));
    let pairs = [hold(&["home", "other"]), hold(&["home", "other"])];
    let refused = engine.decide_all(NOW, &pairs).unwrap_err();
    assert_eq!((refused.index, refused.error.code()), (1, 704));
    engine.execute(NOW, &all).unwrap();
    assert_eq!(engine.decide(NOW, &hold(&["home"])).unwrap_err().code(), 704);
    engine.check().unwrap();
}
