//! What a request says in vain is refused

use ipam_core::*;

use crate::common::*;

/// `home` (10.0.0.0/24), with 10.0.0.64/26 auto-only; `eni-1`, and `eni-2` with 10.0.0.9
fn engine() -> Engine {
    let mut engine = Engine::new();
    let home = subnet("home");
    let reserved = range("10.0.0.64", "10.0.0.127");
    run(
        &mut engine,
        [
            create_vpc("vpc-1"),
            create_subnet("home", "10.0.0.0/24", Profile::PLAIN).into(),
            CreateInterface::new(eni("eni-1"), home).into(),
            CreateInterface::new(eni("eni-2"), home).into(),
            Assign::new(eni("eni-2"), Pick::these(ips(["10.0.0.9"]))).into(),
            ReserveRange::new(home, reserved).kind(Reservation::AutoOnly).into(),
        ],
    );
    engine
}

fn assign(pick: Pick) -> Assign {
    Assign::new(eni("eni-1"), pick)
}

fn accepted(engine: &Engine, assign: Assign) -> Decision {
    engine.decide(NOW, &assign.into()).unwrap()
}

fn refused(engine: &mut Engine, assign: Assign) -> Modifier {
    match refusal(engine, assign) {
        Error::NoEffect(modifier) => modifier,
        other => panic!("{other}"),
    }
}

/// Says something more
type Say<T> = fn(Pick) -> T;

/// What is said of addresses, in order of precedence
fn said_of_addresses() -> [(Modifier, Say<Pick>); 4] {
    [
        (Modifier::Preferred, |pick| pick.preferring(ips(["10.0.0.20"]))),
        (Modifier::Contiguous, Pick::contiguous),
        (Modifier::Policy, |pick| pick.by(Policy::Lowest)),
        (Modifier::Policy, |pick| pick.by(Policy::Sparse)),
    ]
}

#[test]
fn what_is_said_of_addresses_is_refused_on_prefixes_alone() {
    let mut engine = engine();
    let prefix = "10.0.0.32/28".parse().unwrap();
    let ten = || Pick::these(ips(["10.0.0.10"]));
    for (modifier, say) in said_of_addresses() {
        for alone in [
            Pick::any_prefixes(28, 2),
            Pick::default().and_prefix(prefix),
            Pick::any_prefixes(28, 1).within(range("10.0.0.0", "10.0.0.63")),
        ] {
            assert_eq!(refused(&mut engine, assign(say(alone))), modifier);
        }
        for beside in [Pick::any(1).and_prefixes(28, 2), ten().and_prefix(prefix)] {
            accepted(&engine, assign(say(beside)));
        }
    }
}

/// It says how more would be chosen, and a caller's list may be all that it needs
#[test]
fn what_is_said_of_addresses_is_accepted_beside_a_list() {
    let engine = engine();
    let plain = accepted(&engine, assign(Pick::these(ips(["10.0.0.10"]))));
    for (_, say) in said_of_addresses() {
        let decision = accepted(&engine, assign(say(Pick::these(ips(["10.0.0.10"])))));
        assert_eq!(decision, plain);
    }
}

#[test]
fn what_is_said_of_named_things_is_refused_where_nothing_is_named() {
    let mut engine = engine();
    let says: [(Modifier, Say<Assign>); 2] = [
        (Modifier::Reassign, |pick| assign(pick).reassign()),
        (Modifier::AutoOnly, |pick| assign(pick.even_auto_only())),
    ];
    for (modifier, say) in says {
        let counts = || [Pick::any(1), Pick::any_prefixes(28, 1), Pick::any(1).and_prefixes(28, 1)];
        for pick in counts() {
            assert_eq!(refused(&mut engine, say(pick)), modifier);
        }
        let [pick, ..] = counts();
        assert_eq!(refused(&mut engine, say(pick).from_each([subnet("home")])), modifier);
        let [pick, ..] = counts();
        assert_eq!(refused(&mut engine, say(pick).from_first([subnet("home")])), modifier);
        for pick in counts() {
            let ranged = pick.clone().within(range("10.0.0.16", "10.0.0.63"));
            let prefixed = pick.clone().and_prefix("10.0.0.128/28".parse().unwrap());
            for accepted_one in [ranged, prefixed] {
                accepted(&engine, say(accepted_one));
            }
        }
        accepted(&engine, say(Pick::these(ips(["10.0.0.10"])).and_any(2)));
    }
    let taken = accepted(&engine, assign(Pick::these(ips(["10.0.0.9"]))).reassign());
    assert_eq!(taken.answer().to_string(), "10.0.0.9");
    let auto_only = accepted(&engine, assign(Pick::these(ips(["10.0.0.70"])).even_auto_only()));
    assert_eq!(auto_only.answer().to_string(), "10.0.0.70");
}

/// It is a refusal of shape: it comes before ids, and after the other refusals of what the request is
#[test]
fn the_first_of_several_is_named_before_anything_is_looked_up() {
    let mut engine = engine();
    let unknown = |pick| Assign::new(eni("none"), pick).reassign();
    let mut pick = Pick::any_prefixes(28, 1).even_auto_only();
    for (_, say) in said_of_addresses() {
        pick = say(pick);
    }
    assert_eq!(refused(&mut engine, unknown(pick.clone())), Modifier::Preferred);
    pick.preferred.clear();
    assert_eq!(refused(&mut engine, unknown(pick.clone())), Modifier::Contiguous);
    pick.contiguous = false;
    assert_eq!(refused(&mut engine, unknown(pick.clone())), Modifier::Policy);
    pick.policy = None;
    assert_eq!(refused(&mut engine, unknown(pick.clone())), Modifier::Reassign);
    assert_eq!(refused(&mut engine, Assign::new(eni("none"), pick.clone())), Modifier::AutoOnly);
    pick.auto_only = false;
    assert_eq!(refusal(&mut engine, Assign::new(eni("none"), pick)).code(), 202);
    let nothing = Pick::default().contiguous();
    assert_eq!(refusal(&mut engine, unknown(nothing)), Error::NothingAsked);
    assert_eq!(refusal(&mut engine, unknown(Pick::any(0))), Error::ZeroCount);
}
