//! Ids of every length that records keep in another way: by themselves up to 23 bytes, beside the record above

use ipam_core::*;

use crate::common::*;

const LENGTHS: [usize; 8] = [1, 2, 23, 24, 39, 40, 63, 64];

/// A name of so many bytes, the last of which is this
fn name(length: usize, last: char) -> String {
    let mut name = "abcdefghijklmnopqrstuvwxyz0123456789".repeat(2);
    name.truncate(length - 1);
    name.push(last);
    name
}

/// A VPC, a subnet whose rests are of a second, and an interface, all of this name
fn founded(name: &str) -> Engine {
    let mut engine = Engine::new();
    let profile = Profile::PLAIN.quarantine(Quarantine::for_millis(1_000));
    let cidr = "10.0.0.0/28".parse().unwrap();
    run(
        &mut engine,
        [
            create_vpc(name),
            CreateSubnet::new(subnet(name), vpc(name), profile).cidr(cidr).into(),
            CreateInterface::new(eni(name), subnet(name)).into(),
        ],
    );
    engine
}

/// The engine that was stored and read again; it must be the same
fn restored(engine: &Engine) -> Engine {
    let mut bytes = Vec::new();
    engine.encode(&mut bytes);
    let read = Engine::decode(&bytes, 99, &DecodeLimits::UNLIMITED).unwrap();
    read.check().unwrap();
    assert!(read == *engine);
    let mut again = Vec::new();
    read.encode(&mut again);
    assert_eq!(again, bytes);
    read
}

#[test]
fn ids_of_every_length_name_what_they_named() {
    for length in LENGTHS {
        let (own, other) = (name(length, '!'), name(length, '~'));
        let mut engine = founded(&own);
        assert!(engine.vpcs().eq([vpc(&own)]));
        assert!(engine.subnets(vpc(&own)).eq([subnet(&own)]));
        assert!(engine.interfaces(vpc(&own)).eq([eni(&own)]));
        let info = engine.interface(eni(&own)).unwrap();
        assert_eq!((info.vpc, info.subnet), (vpc(&own), subnet(&own)));
        assert_eq!(engine.subnet(subnet(&own)).unwrap().vpc, vpc(&own));
        // What differs in the last byte alone is something else.
        assert_eq!(engine.interface(eni(&other)), None);
        assert_eq!(engine.subnet(subnet(&other)), None);
        assert_eq!(engine.vpc_cidrs(vpc(&other)), None);
        let absent = refusal(&mut engine, Assign::new(eni(&other), Pick::any(1)));
        assert_eq!(absent, Error::InterfaceNotFound(eni(&other)));

        let hold = Hold::until(NOW.after(100));
        let two = Assign::new(eni(&own), Pick::any(2)).from_subnet(subnet(&own));
        let one = Assign::new(eni(&own), Pick::any(1)).hold(hold);
        run(&mut engine, [two.into(), one.into()]);
        run(&mut engine, [Unassign::new(eni(&own), ips(["10.0.0.1"])).into()]);
        let task = engine.at(NOW).tasks_of_interface(eni(&own)).next().unwrap();
        assert_eq!((task.interface, task.subnet), (eni(&own), subnet(&own)));
        let resting = engine.at(NOW).quarantine(subnet(&own), Family::V4).unwrap().next().unwrap();
        assert_eq!((resting.address, resting.by), (ip("10.0.0.1"), eni(&own)));
        let holder = engine.owner(vpc(&own), ip("10.0.0.2")).unwrap();
        assert_eq!((holder.interface, holder.subnet), (eni(&own), subnet(&own)));
        engine.check().unwrap();
        let read = restored(&engine);
        assert_eq!(read.at(NOW).tasks_of_interface(eni(&own)).next().as_ref(), Some(&task));

        // Who had it last is known for as long as it rests, whether the interface is there or not.
        run(
            &mut engine,
            [
                Cancel::new(task.task).into(),
                DeleteInterface::new(eni(&own)).into(),
                CreateInterface::new(eni(&other), subnet(&own)).into(),
            ],
        );
        let now = engine.at(NOW);
        let resting = now.quarantine(subnet(&own), Family::V4).unwrap();
        assert!(resting.map(|of| of.by).eq([eni(&own); 3]));
        assert!(engine.interfaces(vpc(&own)).eq([eni(&other)]));
        restored(&engine);
        run(
            &mut engine,
            [
                DeleteInterface::new(eni(&other)).into(),
                DeleteSubnet::new(subnet(&own)).into(),
                DeleteVpc::new(vpc(&own)).into(),
            ],
        );
        assert_eq!((engine.vpcs().len(), engine.check()), (0, Ok(())));
        restored(&engine);
    }
}

#[test]
fn every_byte_of_an_id_is_part_of_the_digests() {
    for length in LENGTHS {
        let (own, other) = (name(length, '!'), name(length, '~'));
        let digests = [&own, &other].map(|name| founded(name).digest());
        assert_ne!(digests[0], digests[1], "{length}");
        // Of the interface alone, which an assignment names beside the subnet; and of the request.
        let mut engine = founded(&own);
        run(&mut engine, [CreateInterface::new(eni(&other), subnet(&own)).into()]);
        let events = [&own, &other].map(|name| {
            let decision = engine.decide(NOW, &Assign::new(eni(name), Pick::any(1)).into());
            decision.unwrap().into_event().unwrap()
        });
        assert_ne!(events[0].digest(), events[1].digest(), "{length}");
        let token: Token = "token".parse().unwrap();
        let once = |name: &str| {
            Once::new(token, NOW.after(60_000), Assign::new(eni(name), Pick::any(1))).unwrap()
        };
        run(&mut engine, [once(&own).into()]);
        assert_eq!(refusal(&mut engine, once(&other)).code(), 119);
    }
}

#[test]
fn a_copy_and_its_original_never_see_each_others_names() {
    let mut engine = founded("home");
    let id = |number: usize| {
        let length = LENGTHS[4 + number % 4];
        eni(&format!("{number:0length$}"))
    };
    let create = |number| CreateInterface::new(id(number), subnet("home")).into();
    let delete = |number| DeleteInterface::new(id(number)).into();
    run(&mut engine, (0..300).map(create));
    let mut copy = engine.clone();
    run(&mut engine, (0..300).step_by(2).map(delete));
    run(&mut copy, (1..300).step_by(2).map(delete));
    run(&mut engine, (300..400).map(create));
    run(&mut copy, (400..500).map(create));
    let named = |engine: &Engine| -> Vec<InterfaceId> {
        engine.check().unwrap();
        restored(engine);
        engine.interfaces(vpc("home")).filter(|id| *id != eni("home")).collect()
    };
    let expected = |left: usize, more: std::ops::Range<usize>| {
        let mut all: Vec<_> = (left..300).step_by(2).chain(more).map(id).collect();
        all.sort();
        all
    };
    assert_eq!(named(&engine), expected(1, 300..400));
    assert_eq!(named(&copy), expected(0, 400..500));
    drop(engine);
    assert_eq!(named(&copy), expected(0, 400..500));
}
