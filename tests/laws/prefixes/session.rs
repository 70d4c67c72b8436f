//! Engine and model side by side, step by step

use std::collections::BTreeMap;

use ipam_core::ipnet::IpNet;
use ipam_core::*;

use super::generate::{Choices, command, profile};
use super::world::{Refusal, World, blocks, part};

pub(crate) const INTERFACES: [&str; 3] = ["eni-a", "eni-b", "eni-c"];

fn vpc() -> VpcId {
    "vpc".parse().unwrap()
}

pub(crate) fn subnet() -> SubnetId {
    "sub".parse().unwrap()
}

impl From<&Error> for Refusal {
    fn from(error: &Error) -> Self {
        let largest = None;
        match error {
            Error::Addresses(faults) => Self::Addresses(
                faults.iter().map(|of| (of.index, of.address, of.cause.code())).collect(),
            ),
            Error::Exhausted { shortfall: of, .. } => Self::of(700, of, largest),
            Error::Fragmented(of) => Self::of(705, &of.shortfall, of.largest),
            other => Self::Other(other.code()),
        }
    }
}

impl Refusal {
    fn of(code: u16, of: &Shortfall, largest: Option<IpNet>) -> Self {
        let ends = [of.next, of.enough].map(|end| end.map(Timestamp::millis));
        Self::Capacity { code, wanted: of.wanted, free: of.free, most: of.most, ends, largest }
    }
}

/// The answer, each address of it by itself
fn answer(list: &AddrList) -> Vec<Part> {
    let each = |part: Part| match part {
        Part::Addresses(range) => {
            range.iter().map(|at| Part::Addresses(AddrRange::one(at))).collect()
        }
        Part::Prefix(_) => vec![part],
    };
    list.parts().flat_map(each).collect()
}

pub(crate) fn run(bytes: &[u8]) {
    let mut choices = Choices(bytes);
    let cidrs: [IpNet; 2] = [
        choices.of(&["10.0.0.64/26", "10.0.0.0/27", "10.0.0.128/25"]).parse().unwrap(),
        choices.of(&["2001:db8::40/122", "2001:db8::/123"]).parse().unwrap(),
    ];
    let profile = profile(&mut choices);
    let create = CreateSubnet::new(subnet(), vpc(), profile).cidr(cidrs[0]).cidr(cidrs[1]);
    let mut engine = Engine::new();
    for command in [CreateVpc::new(vpc()).into(), create.into()] {
        engine.execute(Timestamp::ZERO, &command).unwrap();
    }
    let indices = choices.of(&[Indices::BLOCKS, Indices::NONE, Indices::ALL]);
    engine.execute(Timestamp::ZERO, &SetIndices::new(subnet(), indices).into()).unwrap();
    let mut world = World {
        cidrs,
        profile,
        rules: BTreeMap::new(),
        reserved: Vec::new(),
        owned: Vec::new(),
        resting: Vec::new(),
        tasks: BTreeMap::new(),
        quotas: BTreeMap::new(),
        revision: engine.revision().get(),
        serial: 0,
        now: 0,
        index: 0,
    };
    for family in Family::ALL {
        for at in world.all(family) {
            let cause = engine
                .at(Timestamp::ZERO)
                .explain_address(vpc(), at)
                .causes
                .first()
                .map(Cause::code);
            world.rules.extend(cause.map(|cause| (at, cause)));
        }
    }
    for (name, quota) in INTERFACES.iter().zip([None, Some(5), Some(40)]) {
        let mut request = CreateInterface::new(name.parse().unwrap(), subnet());
        request.quota = quota;
        engine.execute(Timestamp::ZERO, &request.clone().into()).unwrap();
        world.execute(&request.into()).unwrap();
        world.revision += 1;
    }
    let mut twin = engine.clone();
    while !choices.0.is_empty() {
        let now = world.now + choices.of(&[0, 0, 0, 0, 0, 300, 700, 2500]);
        let mut after = world.clone();
        after.tick(now);
        let many = if choices.one_in(4) { 1 + choices.below(5) } else { 1 };
        let mut commands = Vec::new();
        let mut expected = Ok(Vec::new());
        for index in 0..many {
            after.index = u32::try_from(index).unwrap();
            let mut next = command(&mut choices, &after);
            for _ in 0..2 {
                if after.clone().execute(&next).is_ok() || choices.one_in(4) {
                    break;
                }
                next = command(&mut choices, &after);
            }
            let verdict = after.execute(&next);
            commands.push(next);
            match verdict {
                Ok(verdict) => expected.as_mut().unwrap().push(verdict),
                Err(refusal) => {
                    expected = Err((index, refusal));
                    break;
                }
            }
        }
        let at = Timestamp::from_millis(now);
        let before = engine.clone();
        let decided = match many {
            1 => engine.execute(at, &commands[0]).map_err(|error| BatchErrorOf(0, error)),
            _ => engine.decide_all(at, &commands).map_err(|of| BatchErrorOf(of.index, of.error)),
        };
        match (decided, expected) {
            (Ok(decision), Ok(expected)) => {
                for (index, expected) in expected.iter().enumerate() {
                    let found = answer(decision.answer_to(index).unwrap());
                    assert_eq!(&found, expected, "answer {index} to {commands:?}");
                }
                let all = answer(decision.answer());
                assert_eq!(all, expected.concat(), "the answer to {commands:?}");
                if let Some(event) = decision.event() {
                    if many > 1 {
                        engine.apply(event).unwrap();
                    }
                    let text = serde_json::to_string(event).unwrap();
                    let read: Event = serde_json::from_str(&text).unwrap();
                    assert_eq!((&read, read.digest()), (event, event.digest()));
                    assert_eq!(twin.apply(&read), Ok(()), "{commands:?} as {read:?}");
                    world = after;
                    world.revision += 1;
                } else {
                    assert_eq!(engine, before);
                }
            }
            (Err(BatchErrorOf(index, error)), Err((at, expected))) => {
                assert_eq!(engine, before, "refused, but changed");
                assert_eq!(
                    (index, Refusal::from(&error)),
                    (at, expected),
                    "{error} of {commands:?}"
                );
            }
            (found, expected) => panic!("{commands:?}\n  came to {found:?}\n  not {expected:?}"),
        }
        compare(&engine, &twin, &world);
    }
}

#[derive(Debug)]
struct BatchErrorOf(usize, Error);

fn compare(engine: &Engine, twin: &Engine, world: &World) {
    engine.check().unwrap();
    assert_eq!(engine, twin);
    assert_eq!(engine.revision().get(), world.revision);
    for family in Family::ALL {
        let usage =
            engine.at(engine.clock()).subnet_usage(subnet()).unwrap().family(family).unwrap();
        let all = world.all(family);
        let count = |test: &dyn Fn(std::net::IpAddr) -> bool| {
            all.iter().filter(|at| test(**at)).count() as u128
        };
        assert_eq!(usage.free, count(&|at| world.cause(at, false).is_none()));
        assert_eq!(usage.held, count(&|at| world.owner(at).is_some_and(|of| of.task.is_some())));
        assert_eq!(
            usage.assigned,
            count(&|at| world.owner(at).is_some_and(|of| of.task.is_none()))
        );
        assert_eq!(usage.quarantined, count(&|at| world.rest(at).is_some()));
        let parts = [
            usage.structural,
            usage.reserved,
            usage.assigned,
            usage.held,
            usage.quarantined,
            usage.free,
        ];
        let sum: u128 = parts.iter().sum();
        // What the rules withhold may be in a prefix only if it was had before: never here.
        assert_eq!(sum, usage.total);
        for &at in &all {
            let causes = engine.at(engine.clock()).explain_address(vpc(), at).causes;
            assert_eq!(causes.first().map(Cause::code), world.cause(at, false), "of {at}");
            let holder =
                engine.owner(vpc(), at).map(|of| (of.interface, of.prefix, of.generation.get()));
            let owner =
                world.owner(at).map(|of| (of.by, of.is_prefix.then_some(of.thing), of.generation));
            assert_eq!(holder, owner, "of {at}");
        }
        let rests: Vec<_> = engine
            .quarantine(subnet(), family)
            .unwrap()
            .map(|of| (of.address, of.prefix, of.by, of.until.millis()))
            .collect();
        let of_family = world.resting.iter().filter(|of| Family::of(of.thing.addr()) == family);
        let expected: Vec<_> = of_family
            .map(|of| (of.thing.addr(), of.is_prefix.then_some(of.thing), of.by, of.until))
            .collect();
        assert_eq!(rests, expected, "what rests");
        let free = world.free(family);
        let largest = blocks(&free, world.cidr(family))
            .into_iter()
            .min_by_key(|of| (of.prefix_len(), of.addr()));
        assert_eq!(engine.largest_free_block(subnet(), family), largest);
    }
    for (&id, &quota) in &world.quotas {
        let info = engine.interface(id).unwrap();
        assert_eq!(info.quota, quota);
        for family in Family::ALL {
            let of = |is_prefix: bool| {
                world.owned.iter().filter(move |of| {
                    of.by == id
                        && of.is_prefix == is_prefix
                        && Family::of(of.thing.addr()) == family
                })
            };
            let (count, prefixes) = match family {
                Family::V4 => (info.count_v4, info.prefixes_v4),
                Family::V6 => (info.count_v6, info.prefixes_v6),
            };
            assert_eq!((count, prefixes), (of(false).count() as u64, of(true).count() as u64));
            let found =
                engine.prefixes(id).unwrap().filter(|of| Family::of(of.prefix.addr()) == family);
            let found: Vec<_> = found.map(|of| (of.prefix, of.generation.get(), of.held)).collect();
            let expected: Vec<_> =
                of(true).map(|of| (of.thing, of.generation, of.task.is_some())).collect();
            assert_eq!(found, expected, "prefixes of {id}");
            let found = engine.addresses(id).unwrap().filter(|of| Family::of(of.address) == family);
            let found: Vec<_> = found.map(|of| part(of.address.into(), false)).collect();
            let expected: Vec<_> = of(false).map(|of| part(of.thing, false)).collect();
            assert_eq!(found, expected, "addresses of {id}");
        }
    }
}
