//! Every decision treats a passed deadline as handled: with every command, and with every two of them

use ipam_core::*;

use crate::common::*;

/// When everything is looked at; every deadline passes here or before
const DUE: Timestamp = Timestamp::from_millis(20_000);
const LATER: Timestamp = Timestamp::from_millis(90_000);

/// Of 10.0.0.0/28 and an IPv6 /64 under one profile: at `DUE`, .1 is `eni-1`'s, .2 and .3 were held by it
/// (.3 as its primary) and are free again, .4 was and still rests; .5 is `eni-2`'s, .6 is held by it and
/// unknown; .7 and .8 rest, and .9 no more; .10 is held by `eni-3`, whose task runs; .11 was held by it and is free.
/// Token `old` is forgotten, `new` is not; so is the task of .2, and that of .4 is not.
fn engine(take_back: bool, when_exhausted: bool, one_task: bool) -> Engine {
    let mut engine = Engine::new();
    let mut profile = Profile::PLAIN;
    profile.quarantine = Quarantine { take_back, when_exhausted, ..Quarantine::for_millis(10_000) };
    profile.one_task = one_task;
    let at = |millis| Timestamp::from_millis(millis);
    let hold = |until, keep| Hold::until(at(until)).kept_until(at(keep));
    let named = |id: &str, address: &str| Assign::new(eni(id), Pick::these(ips([address])));
    let primary = Pick::these([Wanted::primary(ip("10.0.0.3"))]);
    let home = create_subnet("s", "10.0.0.0/28", profile);
    let rest = |id: &str, address: &str, millis| {
        Unassign::new(eni(id), ips([address])).rest(Rest::for_millis(millis))
    };
    let once = |token: &str, until, command: Assign| {
        Once::new(token.parse().unwrap(), at(until), command).unwrap()
    };
    run(
        &mut engine,
        [
            create_vpc("vpc-1"),
            home.v6("2001:db8::/64".parse().unwrap()).into(),
            create_subnet("empty", "10.0.1.0/28", profile).into(),
            CreateInterface::new(eni("eni-1"), subnet("s")).quota(4).into(),
            CreateInterface::new(eni("eni-2"), subnet("s")).into(),
            CreateInterface::new(eni("eni-3"), subnet("s")).into(),
            CreateInterface::new(eni("eni-e"), subnet("s")).into(),
            named("eni-1", "10.0.0.1").into(),
            named("eni-2", "10.0.0.7").into(),
            named("eni-2", "10.0.0.8").into(),
            named("eni-2", "10.0.0.9").into(),
            rest("eni-2", "10.0.0.8", 79_000).into(),
            rest("eni-2", "10.0.0.7", 49_000).into(),
            rest("eni-2", "10.0.0.9", 19_000).into(),
            once("old", 20_000, named("eni-2", "10.0.0.5")).into(),
            named("eni-1", "10.0.0.2").hold(hold(9_999, 9_999)).into(),
        ],
    );
    // Past the first deadline, which is done with; .2 is free at once, as only rests by then count.
    let more: [Command; 6] = [
        Assign::new(eni("eni-1"), primary).hold(hold(10_000, 50_000)).into(),
        named("eni-1", "10.0.0.4").hold(hold(15_000, 60_000)).into(),
        named("eni-2", "10.0.0.6").hold(hold(18_000, 60_000).then_unknown()).into(),
        named("eni-3", "10.0.0.10").hold(hold(70_000, 70_000)).into(),
        named("eni-e", "10.0.1.3").from_subnet(subnet("empty")).hold(hold(5_000, 8_000)).into(),
        once("new", 60_000, named("eni-2", "10.0.0.5")).into(),
    ];
    if one_task {
        // Each begins when the one before of its interface has come to its end.
        for (command, now) in more.iter().zip([9_999, 10_000, 10_000, 10_000, 1_000, 10_000]) {
            let _ = engine.execute(at(now), command);
        }
    } else {
        run(&mut engine, more);
    }
    engine
}

fn commands(known: Revision) -> Vec<Command> {
    let named = |id: &str, address: &str| Assign::new(eni(id), Pick::these(ips([address])));
    let any = |id: &str, count| Assign::new(eni(id), Pick::any(count));
    let hold = Hold::until(LATER).kept_until(LATER);
    let release = |id: &str, address: &str| Unassign::new(eni(id), ips([address]));
    let mut all: Vec<Command> = Vec::new();
    for offset in 1..=11 {
        let address = format!("10.0.0.{offset}");
        for id in ["eni-1", "eni-2"] {
            all.push(named(id, &address).into());
            all.push(release(id, &address).into());
        }
        all.push(named("eni-3", &address).reassign().into());
        all.push(Move::new(eni("eni-1"), eni("eni-2"), ips([&*address])).into());
        all.push(ReplacePrimary::with(eni("eni-2"), ip(&address)).into());
    }
    for count in [1, 3, 6, 8, 9] {
        all.push(any("eni-2", count).into());
        all.push(any("eni-1", count).hold(hold).into());
        all.push(EnsureCount::exactly(eni("eni-1"), count).into());
        all.push(EnsureCount::at_least(eni("eni-2"), count).hold(hold).into());
        let within = Pick::any(count).within(range("10.0.0.2", "10.0.0.9"));
        all.push(Assign::new(eni("eni-3"), within).into());
    }
    for revision in 10..=known.get() {
        let task = Task::new(Revision::new(revision), 0);
        all.push(Confirm::new(task).into());
        all.push(Cancel::new(task).into());
        all.push(Resolve::new(task, ips(["10.0.0.3", "10.0.0.6"])).into());
    }
    for id in ["eni-1", "eni-2", "eni-3", "eni-e"] {
        all.push(DeleteInterface::new(eni(id)).into());
        all.push(SetQuota::new(eni(id), Some(2)).into());
        all.push(ReplacePrimary::with_any(eni(id), Family::V4).old(OldPrimary::Keep).into());
    }
    for token in ["old", "new", "other"] {
        for id in ["eni-2", "eni-1"] {
            all.push(
                Once::new(token.parse().unwrap(), LATER, named(id, "10.0.0.5")).unwrap().into(),
            );
        }
    }
    for id in ["s", "empty"] {
        all.push(DeleteSubnet::new(subnet(id)).into());
    }
    let create = CreateInterface::new(eni("new"), subnet("s"));
    all.push(create.clone().primary_v4(Primary::Chosen).into());
    all.push(create.primary_v4(Primary::Named("10.0.0.3".parse().unwrap())).into());
    let primary = Pick::these([Wanted::primary(ip("10.0.0.1"))]);
    all.push(Assign::new(eni("eni-1"), primary).into());
    all.push(SetLimits::new(Limits { tokens: 2, tasks: 4, ..Limits::DEFAULT }).into());
    all.push(ReserveRange::new(subnet("s"), range("10.0.0.2", "10.0.0.4")).into());
    all
}

/// What a decision says, but for the history that it was decided on
fn told<E>(decided: Result<Decision, E>) -> Result<(Vec<Change>, AddrList), E> {
    let decision = decided?;
    let answer = decision.answer().clone();
    let changes = decision.event().map(|event| event.changes().to_vec()).unwrap_or_default();
    Ok((changes, answer))
}

#[test]
fn what_is_due_is_judged_as_done() {
    for (take_back, when_exhausted, one_task) in
        [(false, false, false), (true, true, false), (true, true, true)]
    {
        let before = engine(take_back, when_exhausted, one_task);
        // The same change, before anything is due and when it is: only one of them sweeps.
        let status = Command::from(SetStatus::new(eni("eni-e"), Status::InUse));
        let [waiting, swept] = [before.clock(), DUE].map(|now| {
            let mut engine = before.clone();
            engine.execute(now, &status).unwrap();
            engine
        });
        assert!(waiting.next_deadline() < swept.next_deadline());
        assert!(swept.decide(DUE, &Command::Sweep).unwrap().is_unchanged());
        let commands = commands(waiting.revision());
        swept.check().unwrap();
        let mut fine = Vec::new();
        for command in &commands {
            let decided = waiting.decide(DUE, command);
            let (is_fine, expected) = (decided.is_ok(), told(swept.decide(DUE, command)));
            if is_fine {
                fine.push(command);
            }
            assert_eq!(told(decided), expected, "{command:?}");
            // Executed, they come to the same state, but for revisions.
            let (mut one, mut other) = (waiting.clone(), swept.clone());
            let [changed, _] =
                [&mut one, &mut other].map(|engine| engine.execute(DUE, command).is_ok());
            one.check().unwrap();
            assert_eq!(changed, is_fine);
            for id in [subnet("s"), subnet("empty")] {
                assert_eq!(
                    one.at(DUE).subnet_usage(id),
                    other.at(DUE).subnet_usage(id),
                    "{command:?}"
                );
            }
            for id in ["eni-1", "eni-2", "eni-3", "eni-e"].map(eni) {
                let of = |engine: &Engine| -> Option<Vec<_>> {
                    let mut swept = engine.clone();
                    swept.execute(DUE, &Command::Sweep).unwrap();
                    let all = swept.addresses(id)?;
                    Some(all.map(|of| (of.address, of.role, of.held)).collect())
                };
                assert_eq!(of(&one), of(&other), "{command:?}");
            }
            if let Ok(Some(event)) = waiting.decide(DUE, command).map(Decision::into_event) {
                let mut applied = waiting.clone();
                applied.apply(&event).unwrap();
                assert_eq!(applied, one, "{command:?}");
            }
        }
        assert!(fine.len() > commands.len() / 5, "{} of {}", fine.len(), commands.len());

        // Two at once: the second sees what is due, and what the first did.
        for first in fine {
            for second in &commands {
                let pair = [first.clone(), second.clone()];
                let decided = waiting.decide_all(DUE, &pair);
                let event = decided.as_ref().ok().and_then(Decision::event).cloned();
                assert_eq!(told(decided), told(swept.decide_all(DUE, &pair)), "{pair:?}");
                if let Some(event) = event {
                    let mut applied = waiting.clone();
                    applied.apply(&event).unwrap_or_else(|error| panic!("{pair:?}: {error}"));
                    let mut apart = waiting.clone();
                    for command in &pair {
                        apart.execute(DUE, command).unwrap();
                    }
                    for id in [subnet("s"), subnet("empty")] {
                        let [all, each] = [&applied, &apart].map(|of| of.at(DUE).subnet_usage(id));
                        assert_eq!(all, each, "{pair:?}");
                    }
                    applied.check().unwrap_or_else(|corrupt| panic!("{pair:?}: {corrupt}"));
                }
            }
        }
    }
}
