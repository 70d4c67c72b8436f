//! Input at the edges: huge subnets, huge counts, the last address, the clock going back

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipam_core::*;

use crate::common::*;

fn engine_with(cidr: &str, profile: Profile) -> Engine {
    let mut engine = Engine::new();
    run(
        &mut engine,
        [
            create_vpc("vpc-1"),
            create_subnet("s", cidr, profile).into(),
            CreateInterface::new(eni("eni-1"), subnet("s")).into(),
        ],
    );
    engine
}

fn usage(engine: &Engine, family: Family) -> FamilyUsage {
    engine.at(NOW).subnet_usage(subnet("s")).unwrap().family(family).unwrap()
}

fn pick(engine: &mut Engine, pick: Pick) -> String {
    let command = Assign::new(eni("eni-1"), pick).into();
    let answer = engine.execute(NOW, &command).unwrap().answer().to_string();
    engine.check().unwrap();
    answer
}

#[test]
fn every_prefix_length_of_either_family() {
    for length in 0..=128 {
        for family in Family::ALL {
            if length > family.bits() {
                continue;
            }
            let zero: IpAddr = match family {
                Family::V4 => Ipv4Addr::UNSPECIFIED.into(),
                Family::V6 => Ipv6Addr::UNSPECIFIED.into(),
            };
            let cidr = ipnet::IpNet::new(zero, length).unwrap();
            for profile in [Profile::PLAIN, Profile::KUBERNETES] {
                let mut profile = profile;
                (profile.v4.shortest_prefix, profile.v6.shortest_prefix) = (0, 0);
                let mut engine = engine_with(&cidr.to_string(), profile);
                let host_bits = u32::from(family.bits() - length);
                let total = 1u128.checked_shl(host_bits).unwrap_or(u128::MAX);
                let found = usage(&engine, family);
                assert_eq!(found.total, total, "{cidr}");
                let kept = profile == Profile::PLAIN && host_bits < 2;
                let withheld = match (kept, family) {
                    (true, _) => 0,
                    (_, Family::V4) => 2.min(total),
                    (_, Family::V6) => 1,
                };
                // ::/0 has 2^128 addresses, one more than can be counted.
                let free = if host_bits == 128 { u128::MAX } else { total - withheld };
                assert_eq!((found.free, found.structural), (free, withheld), "{cidr}");

                // The highest address, then the lowest that is left, then nothing if that is all.
                let last = cidr.broadcast();
                let highest = Assign::new(eni("eni-1"), Pick::these([last])).into();
                let took = engine.execute(NOW, &highest).is_ok();
                let withheld_last = free == 0 || (family == Family::V4 && !kept);
                assert_eq!(took, !withheld_last, "{cidr}");
                let left = free - u128::from(took);
                let any = engine.execute(NOW, &Assign::new(eni("eni-1"), Pick::any(1)).into());
                assert_eq!(any.is_ok(), left > 0, "{cidr}");
                engine.check().unwrap();
            }
        }
    }
}

#[test]
fn the_whole_of_ipv6_is_one_subnet() {
    let mut engine = engine_with("::/0", Profile::PLAIN);
    let last = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";
    assert_eq!(pick(&mut engine, Pick::these(ips([last]))), last);
    assert_eq!(pick(&mut engine, Pick::any(2)), "::1-::2");
    let top = range("ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe", last);
    assert_eq!(
        pick(&mut engine, Pick::any(1).within(top)),
        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe"
    );
    let none = refusal(&mut engine, Assign::new(eni("eni-1"), Pick::any(1).within(top)));
    let Error::Exhausted { shortfall, .. } = none else { panic!("exhausted") };
    assert_eq!((shortfall.wanted, shortfall.within, shortfall.free), (1, Some(top), 0));
    let half = range("::", "7fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
    run(&mut engine, [ReserveRange::new(subnet("s"), half).into()]);
    assert_eq!(pick(&mut engine, Pick::any(1)), "8000::");
    assert_eq!(engine.address_at(subnet("s"), Family::V6, u128::MAX), Some(ip(last)));
    let free: Vec<_> = engine.free_ranges(subnet("s"), Family::V6).unwrap().collect();
    assert_eq!(free, [range("8000::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffd")]);
}

#[test]
fn a_count_beyond_any_subnet_is_a_capacity_refusal_with_its_numbers() {
    let mut profile = Profile::AWS;
    profile.v4.longest_prefix = 29;
    let mut engine = engine_with("10.0.0.0/29", profile);
    let error = refusal(&mut engine, Assign::new(eni("eni-1"), Pick::any(u32::MAX)));
    let Error::Exhausted { shortfall, .. } = &error else { panic!("exhausted") };
    assert_eq!(
        (shortfall.wanted, shortfall.free, shortfall.reserved, shortfall.total),
        (u128::from(u32::MAX), 3, 5, 8)
    );
    assert_eq!(
        error.to_string(),
        "subnet `s` has too few free IPv4 addresses: 4294967295 wanted, 3 free, 0 assigned, 5 \
         reserved of 8"
    );
    // The number of free ones is the number that succeeds.
    assert_eq!(pick(&mut engine, Pick::any(3)), "10.0.0.4-10.0.0.6");
}

/// Each would have cost 80 GB: a count, and a damaged event
#[test]
fn more_than_one_command_may_assign_is_refused_before_it_costs_anything() {
    let mut engine = engine_with("::/0", Profile::PLAIN);
    let limit = Assign::MAX_ADDRESSES;
    let error = refusal(&mut engine, Assign::new(eni("eni-1"), Pick::any(u32::MAX)));
    assert_eq!(error, Error::TooMany { wanted: u32::MAX.into(), limit });
    assert_eq!(error.code(), 701);
    let list = Pick::these(ips(["::7"])).and_any(limit);
    assert_eq!(refusal(&mut engine, Assign::new(eni("eni-1"), list)).code(), 701);
    let fits = engine.decide(NOW, &Assign::new(eni("eni-1"), Pick::any(limit)).into()).unwrap();
    let event = serde_json::to_string(fits.event().unwrap()).unwrap();
    let damaged = event.replace("::100:0\"", "::1:0:0:0\"");
    assert_ne!(damaged, event);
    let error = engine.apply(&serde_json::from_str(&damaged).unwrap()).unwrap_err();
    let what = Contradiction::TooMany;
    assert_eq!(error, ApplyError::Contradiction { event: Revision::new(4), change: 0, what });
}

#[test]
fn a_list_and_a_count_where_the_list_takes_the_last() {
    let mut engine = engine_with("10.0.0.0/29", Profile::PLAIN);
    let error =
        refusal(&mut engine, Assign::new(eni("eni-1"), Pick::these(ips(["10.0.0.3"])).and_any(6)));
    let Error::Exhausted { shortfall, .. } = error else { panic!("exhausted") };
    assert_eq!((shortfall.wanted, shortfall.free), (6, 5));
    let answer = pick(&mut engine, Pick::these(ips(["10.0.0.3", "10.0.0.1"])).and_any(4));
    assert_eq!(answer, "10.0.0.3,10.0.0.1-10.0.0.2,10.0.0.4-10.0.0.6");
    let listed: Vec<_> =
        engine.addresses(eni("eni-1")).unwrap().map(|of| of.address.to_string()).collect();
    assert_eq!(listed.join(","), "10.0.0.3,10.0.0.1,10.0.0.2,10.0.0.4,10.0.0.5,10.0.0.6");
}

#[test]
fn a_million_named_addresses() {
    let mut engine = engine_with("10.0.0.0/8", Profile::PLAIN);
    // A shuffle that needs no generator: multiplying by an odd number permutes the offsets.
    let shuffled = (0..1u32 << 20).map(|at| at.wrapping_mul(0x9e37_79b1) % (1 << 20) + 256);
    let list: Vec<Ipv4Addr> = shuffled.map(|at| Ipv4Addr::from(0x0a00_0000 + at)).collect();
    run(&mut engine, [SetQuota::new(eni("eni-1"), Some(1_000_000)).into()]);
    let assign = Assign::new(eni("eni-1"), Pick::these(list.iter().copied()));
    let over = refusal(&mut engine, assign.clone());
    let wanted = 1 << 20;
    assert_eq!(over, Error::Quota { interface: eni("eni-1"), quota: 1_000_000, held: 0, wanted });

    let mut twice = list.clone();
    twice.push(list[12_345]);
    let error = refusal(&mut engine, Assign::new(eni("eni-1"), Pick::these(twice)));
    let Error::Addresses(faults) = error else { panic!("addresses") };
    assert_eq!((faults.lowest().index, faults.iter().count()), (1 << 20, 1));
    assert_eq!(faults.lowest().cause, Cause::Duplicate { first: 12_345 });

    run(&mut engine, [SetQuota::new(eni("eni-1"), None).into(), assign.into()]);
    let held: Vec<IpAddr> = engine.addresses(eni("eni-1")).unwrap().map(|of| of.address).collect();
    assert!(held.iter().copied().eq(list.iter().copied().map(IpAddr::from)), "in the order asked");
    run(&mut engine, [DeleteInterface::new(eni("eni-1")).into()]);
    engine.check().unwrap();
    assert_eq!(usage(&engine, Family::V4).assigned, 0);
}

#[test]
fn a_generation_is_the_revision_that_assigned() {
    let mut engine = engine_with("10.0.0.0/24", Profile::PLAIN);
    for _ in 0..2 {
        let assign = Assign::new(eni("eni-1"), Pick::any(2)).into();
        let decision = engine.execute(NOW, &assign).unwrap();
        for address in decision.answer().iter() {
            let holder = engine.owner(vpc("vpc-1"), address).unwrap();
            assert_eq!(holder.generation, decision.revision());
            assert_eq!(holder.generation, engine.revision());
        }
        let address = decision.answer().iter().next().unwrap();
        run(&mut engine, [Unassign::new(eni("eni-1"), [address]).into()]);
    }
    let listed: Vec<u64> =
        engine.addresses(eni("eni-1")).unwrap().map(|of| of.generation.get()).collect();
    assert_eq!(listed, [4, 6]);
}

#[test]
fn time_never_goes_back() {
    let mut engine = engine_with("10.0.0.0/24", Profile::PLAIN);
    let at = |millis| Timestamp::from_millis(millis);
    let assign = Assign::new(eni("eni-1"), Pick::any(1)).into();
    let decided = engine.execute(at(5_000), &assign).unwrap();
    assert_eq!(decided.event().unwrap().at(), at(5_000));
    let decided = engine.execute(at(10), &assign).unwrap();
    assert_eq!(decided.event().unwrap().at(), at(5_000));
    assert_eq!(engine.clock(), at(5_000));
    assert_eq!(engine.at(at(10)).time(), at(5_000));
    engine.execute(at(u64::MAX), &assign).unwrap();
    engine.execute(at(0), &assign).unwrap();
    assert_eq!(engine.clock(), at(u64::MAX));
}

#[test]
fn a_quota_lowered_below_use_keeps_what_is_held_and_gives_no_more() {
    let mut engine = engine_with("10.0.0.0/24", Profile::PLAIN);
    pick(&mut engine, Pick::any(5));
    run(&mut engine, [SetQuota::new(eni("eni-1"), Some(2)).into()]);
    let error = refusal(&mut engine, Assign::new(eni("eni-1"), Pick::any(1)));
    assert_eq!(error, Error::Quota { interface: eni("eni-1"), quota: 2, held: 5, wanted: 1 });
    // Asking for what one has takes no slot.
    assert_eq!(pick(&mut engine, Pick::these(ips(["10.0.0.2"]))), "10.0.0.2");
    run(&mut engine, [Unassign::new(eni("eni-1"), ips(["10.0.0.1", "10.0.0.3"])).into()]);
    assert_eq!(engine.interface(eni("eni-1")).unwrap().count_v4, 3);
}

#[test]
fn ids_are_1_to_64_visible_ascii_bytes() {
    let long = "x".repeat(64);
    assert_eq!(long.parse::<InterfaceId>().unwrap().as_str(), long);
    let too_long = Err(IdError::TooLong { len: 65, max: 64 });
    assert_eq!("x".repeat(65).parse::<VpcId>(), too_long);
    assert_eq!("".parse::<SubnetId>(), Err(IdError::Empty));
    for bad in ["a b", "a\n", "a\0", "\u{7f}", "é"] {
        assert!(matches!(bad.parse::<VpcId>(), Err(IdError::NotVisibleAscii { .. })), "{bad:?}");
    }
    assert!("x".repeat(64).parse::<RequestId>().is_ok());
    assert!("x".repeat(65).parse::<RequestId>().is_err());
    let mut ids = ["b", "ab", "a", "B", "aa"].map(eni);
    ids.sort();
    assert_eq!(ids.map(|id| id.to_string()), ["B", "a", "aa", "ab", "b"]);
}

#[test]
fn a_reservation_over_addresses_in_use_waits_until_they_are_released() {
    let mut engine = engine_with("10.0.0.0/24", Profile::PLAIN);
    pick(&mut engine, Pick::any(10));
    let range = range("10.0.0.0", "10.0.0.127");
    run(&mut engine, [ReserveRange::new(subnet("s"), range).into()]);
    let counted = usage(&engine, Family::V4);
    // .0 is structural, .1 to .10 are assigned, .255 is structural.
    assert_eq!((counted.assigned, counted.reserved, counted.structural), (10, 117, 2));
    assert_eq!(pick(&mut engine, Pick::any(1)), "10.0.0.128");
    run(&mut engine, [Unassign::new(eni("eni-1"), ips(["10.0.0.3"])).into()]);
    assert_eq!(pick(&mut engine, Pick::any(1)), "10.0.0.129");
    assert_eq!(usage(&engine, Family::V4).reserved, 118);
    run(&mut engine, [ReleaseRange::new(subnet("s"), range).into()]);
    assert_eq!(pick(&mut engine, Pick::any(2)), "10.0.0.3,10.0.0.11");
}

#[test]
fn an_unassignment_may_span_subnets_and_families() {
    let mut engine = Engine::new();
    let dual = create_subnet("s", "10.0.0.0/24", Profile::KUBERNETES);
    run(
        &mut engine,
        [
            create_vpc("vpc-1"),
            dual.v6("2001:db8::/64".parse().unwrap()).into(),
            create_subnet("t", "10.0.1.0/24", Profile::PLAIN).into(),
            CreateInterface::new(eni("eni-1"), subnet("s")).into(),
            Assign::new(eni("eni-1"), Pick::any(2)).into(),
            Assign::new(eni("eni-1"), Pick::any(2).family(Family::V6)).into(),
            Assign::new(eni("eni-1"), Pick::any(2)).from_subnet(subnet("t")).into(),
        ],
    );
    // Kubernetes rules at home: releasing what nobody has does nothing.
    let list = ["10.0.1.2", "2001:db8::1", "10.0.0.77", "10.0.0.2"];
    let command = Unassign::new(eni("eni-1"), ips(list)).into();
    let decision = engine.execute(NOW, &command).unwrap();
    assert_eq!(decision.answer().to_string(), "10.0.1.2,2001:db8::1,10.0.0.2");
    assert_eq!(decision.event().unwrap().changes().len(), 3);
    engine.check().unwrap();
    assert!(
        engine
            .execute(NOW, &Unassign::new(eni("eni-1"), ips(["10.0.0.2"])).into())
            .unwrap()
            .is_unchanged()
    );
    let left: Vec<_> =
        engine.addresses(eni("eni-1")).unwrap().map(|of| of.address.to_string()).collect();
    assert_eq!(left, ["10.0.0.1", "2001:db8::2", "10.0.1.1"]);
}
