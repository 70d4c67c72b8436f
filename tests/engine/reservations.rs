//! Reserved ranges in layers: hard ones, and those that are only never chosen

use ipam_core::*;

use crate::common::*;

/// A /28 of 11 addresses, three of which are auto-only: .8 to .10
fn engine() -> Engine {
    let mut engine = Engine::new();
    let kind = Reservation::AutoOnly;
    let mut profile = Profile::AWS;
    profile.list_and_count = ListAndCount::Both;
    run(
        &mut engine,
        [
            create_vpc("vpc-1"),
            create_subnet("home", "10.0.0.0/28", profile).into(),
            CreateInterface::new(eni("eni-1"), subnet("home")).into(),
            CreateInterface::new(eni("eni-2"), subnet("home")).into(),
            ReserveRange::new(subnet("home"), range("10.0.0.8", "10.0.0.10")).kind(kind).into(),
        ],
    );
    engine
}

fn usage(engine: &Engine) -> FamilyUsage {
    engine.at(NOW).subnet_usage(subnet("home")).unwrap().v4.unwrap()
}

#[test]
fn an_auto_only_address_is_named_by_a_request_that_says_so_and_never_chosen() {
    let mut engine = engine();
    assert_eq!((usage(&engine).free, usage(&engine).auto_only), (8, 3));
    assert_eq!(usage(&engine).free_explicit(), 11);
    let named = Pick::these(ips(["10.0.0.8"]));
    let plain = Assign::new(eni("eni-1"), named.clone());
    assert_eq!(refusal(&mut engine, plain).code(), 518);
    let says_so = Assign::new(eni("eni-1"), named.and_any(8).even_auto_only());
    let decision = engine.execute(NOW, &says_so.into()).unwrap();
    let all = "10.0.0.8,10.0.0.4-10.0.0.7,10.0.0.11-10.0.0.14";
    assert_eq!(decision.answer().to_string(), all);
    assert_eq!((usage(&engine).free, usage(&engine).auto_only), (0, 2));

    // Automatic picks do without them, whoever asks.
    let one_more = Assign::new(eni("eni-2"), Pick::any(1));
    let Error::Exhausted { shortfall, .. } = refusal(&mut engine, one_more) else { panic!() };
    assert_eq!((shortfall.free, shortfall.reserved), (0, 7));
    engine.check().unwrap();
}

#[test]
fn an_auto_only_address_is_withheld_again_once_it_is_released() {
    let mut engine = engine();
    let pick = Pick::these(ips(["10.0.0.9"])).even_auto_only();
    run(&mut engine, [Assign::new(eni("eni-1"), pick).into()]);
    run(&mut engine, [Unassign::new(eni("eni-1"), ips(["10.0.0.9"])).into()]);
    assert_eq!(usage(&engine).auto_only, 3);
    let why = engine.at(NOW).explain_address(vpc("vpc-1"), ip("10.0.0.9")).causes;
    assert_eq!(why, [Cause::AutoOnly]);
    // The rules come before the range, whatever the request says.
    let gateway = Pick::these(ips(["10.0.0.1"])).even_auto_only();
    assert_eq!(refusal(&mut engine, Assign::new(eni("eni-1"), gateway)).code(), 513);
}

#[test]
fn a_primary_may_be_auto_only_where_its_request_says_so() {
    let mut engine = engine();
    let named = Primary::Named("10.0.0.10".parse().unwrap());
    let create = CreateInterface::new(eni("eni-3"), subnet("home")).primary_v4(named);
    assert_eq!(refusal(&mut engine, create.clone()).code(), 518);
    run(&mut engine, [create.even_auto_only().into()]);
    let info = engine.interface(eni("eni-3")).unwrap();
    assert_eq!(info.primary_v4, Some("10.0.0.10".parse().unwrap()));
}

/// The same /28, in which .8 to .11 are left to prefixes
fn prefix_only() -> Engine {
    let mut engine = engine();
    let range = |last| range("10.0.0.8", last);
    let (before, after) = (range("10.0.0.10"), range("10.0.0.11"));
    let kind = Reservation::PrefixOnly;
    run(
        &mut engine,
        [
            ReleaseRange::new(subnet("home"), before).into(),
            ReserveRange::new(subnet("home"), after).kind(kind).into(),
        ],
    );
    engine
}

#[test]
fn a_prefix_only_address_is_neither_chosen_nor_named() {
    let mut engine = prefix_only();
    let counts = |engine: &Engine| {
        let of = usage(engine);
        (of.free, of.reserved, of.auto_only, of.prefix_only, of.free_explicit())
    };
    assert_eq!(counts(&engine), (7, 4, 0, 4, 7));
    for pick in [Pick::these(ips(["10.0.0.8"])), Pick::these(ips(["10.0.0.11"])).even_auto_only()] {
        assert_eq!(refusal(&mut engine, Assign::new(eni("eni-1"), pick)).code(), 529);
    }
    let why = engine.at(NOW).explain_address(vpc("vpc-1"), ip("10.0.0.9")).causes;
    assert_eq!(why, [Cause::PrefixOnly]);
    let all = Assign::new(eni("eni-1"), Pick::any(7));
    let decision = engine.execute(NOW, &all.into()).unwrap();
    assert_eq!(decision.answer().to_string(), "10.0.0.4-10.0.0.7,10.0.0.12-10.0.0.14");
    let one_more = Assign::new(eni("eni-2"), Pick::any(1));
    assert_eq!(refusal(&mut engine, one_more).code(), 700);
    assert_eq!(counts(&engine), (0, 4, 0, 4, 0));
    engine.check().unwrap();
}

#[test]
fn what_was_in_use_before_its_range_became_prefix_only_stays_until_it_is_released() {
    let mut engine = engine();
    let says_so = Pick::these(ips(["10.0.0.8", "10.0.0.9"])).even_auto_only();
    run(&mut engine, [Assign::new(eni("eni-1"), says_so).into()]);
    let range = range("10.0.0.8", "10.0.0.10");
    let home = subnet("home");
    let kind = Reservation::PrefixOnly;
    let again =
        [ReleaseRange::new(home, range).into(), ReserveRange::new(home, range).kind(kind).into()];
    let decision = engine.decide_all(NOW, &again).unwrap();
    engine.apply(decision.event().unwrap()).unwrap();
    let kinds: Vec<_> = engine.reservations(home, Family::V4).unwrap().collect();
    assert_eq!((kinds, usage(&engine).prefix_only), (vec![(range, kind)], 1));
    run(&mut engine, [Unassign::new(eni("eni-1"), ips(["10.0.0.8"])).into()]);
    assert_eq!(usage(&engine).prefix_only, 2);
    let free = engine.free_blocks(home, Family::V4).unwrap();
    assert_eq!(free.prefix_only, [(32, 2)], ".8 and .10");
    engine.check().unwrap();
    run(&mut engine, [ReleaseRange::new(home, range).into()]);
    assert_eq!((usage(&engine).prefix_only, usage(&engine).free), (0, 10));
    engine.check().unwrap();
}

#[test]
fn a_batch_sees_the_kind_of_a_range_that_it_made_itself() {
    let engine = engine();
    let (home, kind) = (subnet("home"), Reservation::PrefixOnly);
    let made = Command::from(ReserveRange::new(home, range("10.0.0.12", "10.0.0.13")).kind(kind));
    let named = |last: &str| Assign::new(eni("eni-1"), Pick::these(ips([last])).even_auto_only());
    let refused = engine.decide_all(NOW, &[made.clone(), named("10.0.0.12").into()]).unwrap_err();
    assert_eq!((refused.index, refused.error.code()), (1, 529));
    assert!(engine.decide_all(NOW, &[made, named("10.0.0.8").into()]).is_ok());
}

#[test]
fn reserving_half_of_a_64_costs_nothing() {
    let mut engine = Engine::new();
    let home = create_subnet("home", "10.0.0.0/28", Profile::PLAIN);
    let half = AddrRange::new(ip("2001:db8::8000:0:0:0"), ip("2001:db8::ffff:ffff:ffff:ffff"));
    let kind = Reservation::AutoOnly;
    run(
        &mut engine,
        [
            create_vpc("vpc-1"),
            home.v6("2001:db8::/64".parse().unwrap()).into(),
            ReserveRange::new(subnet("home"), half.unwrap()).kind(kind).into(),
        ],
    );
    let usage = engine.at(NOW).subnet_usage(subnet("home")).unwrap().v6.unwrap();
    assert_eq!((usage.auto_only, usage.free), (1 << 63, (1 << 63) - 1));
    let ranges: Vec<_> = engine.reservations(subnet("home"), Family::V6).unwrap().collect();
    assert_eq!(ranges, [(half.unwrap(), kind)]);
    engine.check().unwrap();
}
