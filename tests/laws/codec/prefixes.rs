//! Prefixes and orders of release as bytes

use ipam_core::*;

use super::{body, header, snapshot};
use crate::seal::{ENGINE, sealed};

/// An engine reads as it was written, and writes the same bytes
fn round_trip(engine: &Engine) {
    let mut bytes = Vec::new();
    engine.encode(&mut bytes);
    let read = Engine::decode(&bytes, 3, &DecodeLimits::UNLIMITED).unwrap();
    assert_eq!(read.check(), Ok(()));
    assert!(read == *engine);
    let mut again = Vec::new();
    read.encode(&mut again);
    assert_eq!(again, bytes);
}

#[test]
fn prefixes_and_orders_of_release_are_read_as_they_were() {
    let (mut engine, now) = (Engine::new(), Timestamp::from_millis(5));
    let (vpc, subnet): (VpcId, SubnetId) = ("v".parse().unwrap(), "s".parse().unwrap());
    let eni: InterfaceId = "e".parse().unwrap();
    let create = CreateSubnet::new(subnet, vpc, Profile::PLAIN);
    let create = create.v4("10.0.0.0/16".parse().unwrap()).v6("2001:db8::/48".parse().unwrap());
    let ips = |last: [u8; 3]| last.map(|last| std::net::IpAddr::from([10, 0, 0, last]));
    let commands: Vec<Command> = vec![
        CreateVpc::new(vpc).into(),
        create.into(),
        CreateInterface::new(eni, subnet).into(),
        SetPolicy::new(subnet, Policy::LongestReleased).into(),
        Assign::new(eni, Pick::any(40)).into(),
        Unassign::new(eni, ips([9, 7, 8])).into(),
        Unassign::new(eni, ips([20, 3, 30])).into(),
        Assign::new(eni, Pick::any_prefixes(28, 2)).into(),
        Assign::new(eni, Pick::any(1).and_prefixes_of(Family::V6, 80, 3)).into(),
        Assign::new(eni, Pick::any(2)).into(),
    ];
    for command in &commands {
        let decision = engine.execute(now, command).unwrap();
        let event = decision.event().unwrap();
        let mut bytes = Vec::new();
        event.encode(&mut bytes);
        assert_eq!(Event::decode(&bytes, &DecodeLimits::UNLIMITED).as_ref(), Ok(event));
        round_trip(&engine);
    }
}

/// A prefix of 2^65 addresses or more, at the bottom, was written as addresses too: no engine could be read again
#[test]
fn a_prefix_that_goes_on_far_above_the_bitmap_is_read_as_it_was() {
    let (vpc, subnet): (VpcId, SubnetId) = ("v".parse().unwrap(), "s".parse().unwrap());
    let eni: InterfaceId = "e".parse().unwrap();
    let mut profile = Profile::PLAIN;
    (profile.v6.first, profile.v6.last) = (0, 0);
    for (cidr, len) in [("::/0", 1), ("2001:db8::/32", 40), ("::/0", 63), ("::/0", 64)] {
        let mut engine = Engine::new();
        let create = CreateSubnet::new(subnet, vpc, profile).v6(cidr.parse().unwrap());
        let commands: [Command; 4] = [
            CreateVpc::new(vpc).into(),
            create.into(),
            CreateInterface::new(eni, subnet).into(),
            Assign::new(eni, Pick::any_prefixes(len, 1)).into(),
        ];
        for command in &commands {
            engine.execute(Timestamp::ZERO, command).unwrap();
            round_trip(&engine);
        }
    }
}

/// An engine was made of bytes with a prefix of 2^128 addresses, which no command assigns; its counts were wrong
#[test]
fn a_prefix_of_all_of_ipv6_is_refused() {
    let (vpc, subnet): (VpcId, SubnetId) = ("v".parse().unwrap(), "s".parse().unwrap());
    let eni: InterfaceId = "e".parse().unwrap();
    let mut profile = Profile::PLAIN;
    (profile.v6.first, profile.v6.last) = (0, 0);
    let mut engine = Engine::new();
    let commands: [Command; 4] = [
        CreateVpc::new(vpc).into(),
        CreateSubnet::new(subnet, vpc, profile).v6("::/0".parse().unwrap()).into(),
        CreateInterface::new(eni, subnet).into(),
        Assign::new(eni, Pick::any_prefixes(1, 1)).into(),
    ];
    for command in &commands {
        engine.execute(Timestamp::ZERO, command).unwrap();
    }
    // Host bits and 1 more: of a list with a bit below it, of what rests alone.
    refuse_larger(&engine, [0xff, 0x03], [0x83, 0x04]);
    let rest = Rest::for_millis(9);
    let release = Unassign::only_prefixes(eni, ["::/1".parse().unwrap()]).rest(rest);
    engine.execute(Timestamp::ZERO, &release.into()).unwrap();
    refuse_larger(&engine, [0xff, 0x01], [0x81, 0x02]);
}

/// Refuses the bytes of an engine with another length of its only prefix, where that is told
fn refuse_larger(engine: &Engine, length: [u8; 2], larger: [u8; 2]) {
    let bytes = snapshot(engine);
    let mut forged = body(&bytes).to_vec();
    let places: Vec<usize> =
        (0..forged.len() - 1).filter(|&at| forged[at..][..2] == length).collect();
    let [place] = places[..] else { panic!("{length:x?} is at {places:?}") };
    forged[place..place + 2].copy_from_slice(&larger);
    let sealed = sealed(ENGINE, &forged);
    let place = place + header(&sealed);
    let refused = Engine::decode(&sealed, 0, &DecodeLimits::UNLIMITED);
    let Err(DecodeError::Malformed { at, flaw: Flaw::TooLarge }) = refused else {
        panic!("{:?}", refused.map(|engine| engine.check()));
    };
    // After the length, and perhaps a revision.
    assert!((2..=3).contains(&(at - place as u64)), "{at} and not {place}");
}
