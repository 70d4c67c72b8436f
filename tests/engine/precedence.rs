//! Every refusal, in its order of precedence: ladders that fix one fault at a time
//!
//! Each ladder starts with a command at fault in every way it can be, and mends the fault that was
//! named until the command is accepted. So a rung out of order fails twice.

use std::collections::BTreeSet;
use std::net::IpAddr;

use ipam_core::*;

use crate::common::*;

/// `vpc-1` (10.0.0.0/8, 2001:db8::/32) with `home` (10.0.0.0/24, AWS rules) and `dual`
/// (10.0.1.0/28 and an IPv6 /64, plain rules); `vpc-2`; `eni-1` and `eni-2` at home, `eni-d` in `dual`
fn engine() -> Engine {
    let mut engine = Engine::new();
    let cidrs = ["10.0.0.0/8", "2001:db8::/32"].map(|cidr| cidr.parse().unwrap());
    let mut aws = Profile::AWS;
    aws.assign_primary = true;
    let dual = create_subnet("dual", "10.0.1.0/28", Profile::PLAIN);
    run(
        &mut engine,
        [
            CreateVpc::new(vpc("vpc-1")).within(cidrs).into(),
            create_vpc("vpc-2"),
            create_subnet("home", "10.0.0.0/24", aws).into(),
            dual.v6("2001:db8::/64".parse().unwrap()).into(),
            CreateSubnet::new(subnet("other"), vpc("vpc-2"), Profile::PLAIN)
                .v4("10.0.0.0/24".parse().unwrap())
                .into(),
            CreateInterface::new(eni("eni-1"), subnet("home"))
                .quota(3)
                .primary_v4(Primary::Chosen)
                .into(),
            CreateInterface::new(eni("eni-2"), subnet("home")).into(),
            CreateInterface::new(eni("eni-d"), subnet("dual")).into(),
            Assign::new(eni("eni-2"), Pick::these(ips(["10.0.0.9"]))).into(),
            ReserveRange::new(subnet("home"), range("10.0.0.100", "10.0.0.109")).into(),
        ],
    );
    engine
}

/// Refuses each command in turn with its code
pub(crate) fn ladder(engine: &mut Engine, rungs: impl IntoIterator<Item = (u16, Command)>) {
    let mut last = 0;
    for (code, command) in rungs {
        let error = refusal(engine, command);
        assert_eq!(error.code(), code, "{error}");
        assert!(code > last, "the ladder itself must rise: {code} after {last}");
        last = code;
    }
}

#[test]
fn create_vpc_ladder() {
    let create = |id: &str, cidrs: &[&str]| {
        let cidrs = cidrs.iter().map(|cidr| cidr.parse().unwrap());
        Command::from(CreateVpc::new(vpc(id)).within(cidrs))
    };
    let mut engine = engine();
    ladder(
        &mut engine,
        [
            (100, create("vpc-1", &["10.0.0.0/8", "10.1.0.0/16", "10.0.0.1/8"])),
            (101, create("vpc-1", &["10.0.0.0/8", "10.1.0.0/16", "192.0.2.0/24"])),
            (205, create("vpc-1", &["10.0.0.0/8"])),
        ],
    );
    run(&mut engine, [create("vpc-3", &["10.0.0.0/8", "::/0", "0.0.0.0/5"])]);
}

#[test]
fn overlapping_cidrs_name_the_first_culprit_and_what_it_overlaps() {
    let cidrs = ["10.1.0.0/16", "192.0.2.0/24", "10.0.0.0/8", "192.0.2.0/24"];
    let cidrs = cidrs.map(|cidr| cidr.parse().unwrap());
    let error = refusal(&mut engine(), CreateVpc::new(vpc("new")).within(cidrs));
    let other = "10.1.0.0/16".parse().unwrap();
    let cidr = "10.0.0.0/8".parse().unwrap();
    assert_eq!(error, Error::CidrsOverlap { index: 2, cidr, first: 0, other });
}

#[test]
fn delete_ladders() {
    let mut engine = engine();
    ladder(
        &mut engine,
        [(200, DeleteVpc::new(vpc("none")).into()), (303, DeleteVpc::new(vpc("vpc-1")).into())],
    );
    ladder(
        &mut engine,
        [
            (201, DeleteSubnet::new(subnet("none")).into()),
            (304, DeleteSubnet::new(subnet("home")).into()),
        ],
    );
    ladder(&mut engine, [(202, DeleteInterface::new(eni("none")).into())]);
    ladder(&mut engine, [(202, SetStatus::new(eni("none"), Status::Creating).into())]);
    ladder(&mut engine, [(202, SetQuota::new(eni("none"), None).into())]);
    let indices = Indices::ALL;
    ladder(&mut engine, [(201, SetIndices::new(subnet("none"), indices).into())]);
    let set = Command::from(SetIndices::new(subnet("home"), indices));
    run(&mut engine, [set.clone()]);
    assert!(engine.decide(NOW, &set).unwrap().is_unchanged());

    let in_use = refusal(&mut engine, DeleteSubnet::new(subnet("home")));
    assert_eq!(in_use, Error::SubnetInUse { subnet: subnet("home"), interfaces: 2, addresses: 2 });
    run(
        &mut engine,
        [
            DeleteInterface::new(eni("eni-1")).into(),
            DeleteInterface::new(eni("eni-2")).into(),
            DeleteSubnet::new(subnet("home")).into(),
            DeleteInterface::new(eni("eni-d")).into(),
            DeleteSubnet::new(subnet("dual")).into(),
            DeleteVpc::new(vpc("vpc-1")).into(),
        ],
    );
}

#[test]
fn create_subnet_ladder() {
    let aws = |gateway: &str| {
        let mut profile = Profile::AWS;
        profile.v4.gateway = Gateway::At(ip(gateway));
        profile
    };
    let create = |id: &str, of: &str, cidr: &str, gateway: &str| -> Command {
        CreateSubnet::new(subnet(id), vpc(of), aws(gateway)).cidr(cidr.parse().unwrap()).into()
    };
    let mut engine = engine();
    let outside = "192.0.2.1";
    ladder(
        &mut engine,
        [
            (100, create("home", "none", "10.0.0.1/29", outside)),
            (102, CreateSubnet::new(subnet("home"), vpc("none"), Profile::AWS).into()),
            (200, create("home", "none", "11.0.0.0/29", outside)),
            (206, create("home", "vpc-1", "11.0.0.0/29", outside)),
            (305, create("new", "vpc-1", "11.0.0.0/29", outside)),
            (306, create("new", "vpc-1", "11.0.0.0/28", outside)),
            (307, create("new", "vpc-1", "10.0.0.0/16", outside)),
            (308, create("new", "vpc-1", "10.2.0.0/16", outside)),
        ],
    );
    run(&mut engine, [create("new", "vpc-1", "10.2.0.0/16", "10.2.255.254")]);
    let gateway = engine.at(NOW).explain_address(vpc("vpc-1"), ip("10.2.255.254"));
    assert_eq!(gateway.causes, [Cause::Gateway]);
}

#[test]
fn create_interface_ladder() {
    let create = |id: &str, of: &str| CreateInterface::new(eni(id), subnet(of)).quota(0);
    let v4 = |address: &str| Primary::Named(address.parse().unwrap());
    let v6 = |address: &str| Primary::Named(address.parse().unwrap());
    let mut engine = engine();
    let taken = "10.0.0.9";
    ladder(
        &mut engine,
        [
            (201, create("eni-1", "none").primary_v4(v4(taken)).primary_v6(v6("::1")).into()),
            (207, create("eni-1", "home").primary_v4(v4(taken)).primary_v6(v6("::1")).into()),
            (400, create("new", "home").primary_v4(v4(taken)).primary_v6(v6("::1")).into()),
            (515, create("new", "home").primary_v4(v4(taken)).into()),
            (600, create("new", "home").primary_v4(v4("10.0.0.10")).into()),
        ],
    );
    let both = create("new", "dual").primary_v4(v4("10.0.1.0")).primary_v6(v6("2001:db8:1::"));
    let Error::Addresses(faults) = refusal(&mut engine, both) else { panic!("addresses") };
    let causes: Vec<_> = faults.iter().map(|fault| (fault.index, fault.cause)).collect();
    assert_eq!(causes, [(0, Cause::NetworkAddress), (1, Cause::OutOfRange)]);

    let v6_alone = create("new", "dual").primary_v6(v6("2001:db8:1::"));
    let Error::Addresses(faults) = refusal(&mut engine, v6_alone) else { panic!("addresses") };
    assert_eq!(faults.lowest().index, 1, "the IPv6 primary is index 1, whatever the other one is");

    // A /28 under plain rules has 14 addresses.
    run(&mut engine, [Assign::new(eni("eni-d"), Pick::any(14)).into()]);
    let full = CreateInterface::new(eni("new"), subnet("dual")).primary_v4(Primary::Chosen);
    assert_eq!(refusal(&mut engine, full).code(), 700);
}

#[test]
fn reservation_ladders() {
    let reserve = |id: &str, first: &str, last: &str| {
        Command::from(ReserveRange::new(subnet(id), range(first, last)))
    };
    let release = |id: &str, first: &str, last: &str| {
        Command::from(ReleaseRange::new(subnet(id), range(first, last)))
    };
    let mut engine = engine();
    ladder(
        &mut engine,
        [
            (201, reserve("none", "::1", "::2")),
            (400, reserve("home", "::1", "::2")),
            (500, reserve("home", "10.0.0.100", "10.0.1.0")),
            (501, reserve("home", "10.0.0.109", "10.0.0.120")),
        ],
    );
    ladder(
        &mut engine,
        [
            (201, release("none", "10.0.0.100", "10.0.0.109")),
            (208, release("home", "10.0.0.100", "10.0.0.108")),
        ],
    );
    ladder(&mut engine, [(208, release("home", "10.0.0.101", "10.0.0.109"))]);
    ladder(&mut engine, [(208, release("home", "::1", "::2"))]);
    run(&mut engine, [release("home", "10.0.0.100", "10.0.0.109")]);
}

#[test]
fn assign_ladder() {
    let mut engine = engine();
    run(&mut engine, [SetStatus::new(eni("eni-1"), Status::Deleting).into()]);
    let primary = |list: [&str; 2]| list.map(|address| Wanted::primary(ip(address)));
    let named = |list: [&str; 3]| Pick::these(ips(list));
    let (none, one, two) = (vpc("none"), vpc("vpc-1"), vpc("vpc-2"));
    let twins = ["10.0.0.9", "10.0.0.9"];
    let apart = ["10.0.0.9", "10.0.0.8"];
    let assign = |id: &str, pick: Pick| Assign::new(eni(id), pick);

    ladder(&mut engine, [(110, assign("none", Pick::these(primary(twins))).in_vpc(none).into())]);
    ladder(
        &mut engine,
        [
            (111, assign("none", Pick::these::<IpAddr>([])).in_vpc(none).into()),
            (112, assign("none", Pick::any(0)).in_vpc(none).into()),
            (113, assign("none", Pick::these(primary(apart)).and_any(1)).in_vpc(none).into()),
            (
                200,
                assign("none", named(["10.0.0.0", "::1", "10.0.0.9"]).and_any(1))
                    .in_vpc(none)
                    .into(),
            ),
        ],
    );
    let crossed = Pick::any(1).family(Family::V6).within(range("10.0.1.0", "10.0.1.1"));
    ladder(&mut engine, [(114, assign("none", crossed).in_vpc(none).into())]);
    let idle = |count| assign("none", Pick::any_prefixes(28, count).contiguous()).in_vpc(none);
    ladder(&mut engine, [(112, idle(0).into()), (136, idle(1).into())]);
    // What a list and a count mean is the profile's to say, so it is asked once the interface is known.
    let bad = || named(["10.0.0.0", "::1", "10.0.0.9"]);
    ladder(&mut engine, [(201, assign("none", bad()).from_subnet(subnet("none")).into())]);
    ladder(
        &mut engine,
        [
            (202, assign("none", bad()).in_vpc(two).into()),
            (203, assign("eni-1", bad()).in_vpc(two).from_subnet(subnet("other")).into()),
            (204, assign("eni-1", bad()).in_vpc(one).from_subnet(subnet("other")).into()),
        ],
    );
    ladder(&mut engine, [(115, assign("eni-1", bad().and_any(0)).into())]);
    ladder(&mut engine, [(300, assign("eni-1", bad()).in_vpc(one).into())]);
    run(&mut engine, [SetStatus::new(eni("eni-1"), Status::InUse).into()]);
    let second_primary = Pick::these([Wanted::primary(ip("10.0.0.0")), Wanted::from(ip("::1"))]);
    ladder(
        &mut engine,
        [
            (302, assign("eni-1", second_primary).into()),
            (401, assign("eni-1", bad().within(range("10.0.1.0", "10.0.1.1"))).into()),
            (
                500,
                assign(
                    "eni-1",
                    named(["10.0.0.0", "10.0.0.9", "10.0.0.100"])
                        .within(range("10.0.0.0", "10.0.1.0")),
                )
                .into(),
            ),
            (511, assign("eni-1", named(["10.0.0.0", "10.0.0.9", "10.0.0.100"])).into()),
            (600, assign("eni-1", named(["10.0.0.10", "10.0.0.11", "10.0.0.12"])).into()),
        ],
    );
    ladder(
        &mut engine,
        [
            (400, assign("eni-1", Pick::any(9).family(Family::V6)).into()),
            (600, assign("eni-1", Pick::any(u32::MAX)).into()),
        ],
    );
    ladder(&mut engine, [(700, assign("eni-2", Pick::any(u32::MAX)).into())]);
    run(&mut engine, [assign("eni-1", Pick::any(2)).in_vpc(one).into()]);
}

#[test]
fn a_profile_may_forbid_assigning_primaries() {
    let mut engine = engine();
    let strict = create_subnet("strict", "10.9.0.0/24", Profile::ZENLAYER);
    run(&mut engine, [strict.into(), CreateInterface::new(eni("eni-s"), subnet("strict")).into()]);
    let pick = Pick::these([Wanted::from(ip("10.9.0.4")), Wanted::primary(ip("10.9.0.5"))]);
    let error = refusal(&mut engine, Assign::new(eni("eni-s"), pick));
    assert_eq!(error, Error::PrimaryForbidden { index: 1, address: ip("10.9.0.5") });
    assert_eq!(error.code(), 301);
}

#[test]
fn unassign_ladder() {
    let mut engine = engine();
    let none = Vec::<IpAddr>::new();
    let list = ["10.0.0.4", "10.0.0.9", "10.0.0.8", "9.9.9.9"];
    let of = |id: &str| Unassign::new(eni(id), ips(list));
    ladder(
        &mut engine,
        [
            (110, Unassign::new(eni("none"), ips(["::1", "::1"])).in_vpc(vpc("none")).into()),
            (111, Unassign::new(eni("none"), none).in_vpc(vpc("none")).into()),
            (200, of("none").in_vpc(vpc("none")).into()),
            (202, of("none").in_vpc(vpc("vpc-2")).into()),
            (203, of("eni-1").in_vpc(vpc("vpc-2")).into()),
            (522, of("eni-1").in_vpc(vpc("vpc-1")).into()),
        ],
    );
    let Error::Addresses(faults) = refusal(&mut engine, of("eni-1")) else { panic!("addresses") };
    let causes: Vec<_> = faults.iter().map(|fault| (fault.index, fault.cause)).collect();
    assert_eq!(
        causes,
        [
            (0, Cause::IsPrimary),
            (1, Cause::WrongOwner { by: eni("eni-2") }),
            (2, Cause::NotAssigned),
            (3, Cause::OutOfRange),
        ]
    );
    assert_eq!(faults.lowest().cause.code(), 522);
}

#[test]
fn each_cause_in_its_order_of_precedence() {
    let mut engine = engine();
    let list = [
        "10.0.0.0",
        "10.0.0.1",
        "10.0.0.2",
        "10.0.0.255",
        "10.0.0.105",
        "10.0.0.9",
        "10.0.0.4",
        "10.0.1.4",
        "10.0.0.20",
    ];
    let Error::Addresses(faults) =
        refusal(&mut engine, Assign::new(eni("eni-2"), Pick::these(ips(list))))
    else {
        panic!("addresses")
    };
    let causes: Vec<_> = faults.iter().map(|fault| (fault.index, fault.cause)).collect();
    assert_eq!(
        causes,
        [
            (0, Cause::NetworkAddress),
            (1, Cause::Gateway),
            (2, Cause::Reserved),
            (3, Cause::BroadcastAddress),
            (4, Cause::Reserved),
            // AWS rules: one's own address (index 5) is fine.
            (6, Cause::InUse { by: eni("eni-1") }),
            (7, Cause::OutOfRange),
        ]
    );
    let repeats = ips(["10.0.0.8", "10.0.0.7", "10.0.0.8", "10.0.0.7", "10.0.0.8"]);
    let Error::Addresses(faults) =
        refusal(&mut engine, Assign::new(eni("eni-2"), Pick::these(repeats)))
    else {
        panic!("addresses")
    };
    let causes: Vec<_> = faults.iter().map(|fault| (fault.index, fault.cause)).collect();
    assert_eq!(
        causes,
        [
            (2, Cause::Duplicate { first: 0 }),
            (3, Cause::Duplicate { first: 1 }),
            (4, Cause::Duplicate { first: 0 }),
        ]
    );
    // An address that is reserved over its holder says both, the reservation first.
    let over = Command::from(ReserveRange::new(subnet("home"), range("10.0.0.9", "10.0.0.9")));
    run(&mut engine, [over]);
    let explained = engine.at(NOW).explain_address(vpc("vpc-1"), ip("10.0.0.9"));
    assert_eq!(explained.causes, [Cause::Reserved, Cause::InUse { by: eni("eni-2") }]);
}

#[test]
fn codes_are_unique_and_on_the_page_of_errors() {
    let range = range("10.0.0.1", "10.0.0.2");
    let (v, s, e) = (vpc("v"), subnet("s"), eni("e"));
    let cidr: ipnet::IpNet = "10.0.0.0/8".parse().unwrap();
    let address = ip("10.0.0.1");
    let (task, token, at) = (Task::default(), "t".parse().unwrap(), NOW);
    let mut codes: Vec<u16> = [
        Error::HostBits { index: 0, cidr, network: cidr },
        Error::CidrsOverlap { index: 1, cidr, first: 0, other: cidr },
        Error::NoCidr(s),
        Error::NothingAsked,
        Error::ZeroCount,
        Error::TwoPrimaries { family: Family::V4, first: 0, second: 1 },
        Error::RangeFamily { range, family: Family::V6 },
        Error::NoEffect(Modifier::Reassign),
        Error::ListAndCount,
        Error::SameInterface(e),
        Error::NoPrimary { family: Family::V4 },
        Error::OnceWithinOnce,
        Error::TokenMismatch { token, revision: Revision::ZERO },
        Error::DeadlinePassed { deadline: at, now: at },
        Error::VpcNotFound(v),
        Error::SubnetNotFound(s),
        Error::InterfaceNotFound(e),
        Error::InterfaceNotInVpc { interface: e, vpc: v },
        Error::SubnetNotInVpc { subnet: s, interface: e },
        Error::VpcExists(v),
        Error::SubnetExists(s),
        Error::InterfaceExists(e),
        Error::ReservationNotFound { subnet: s, range },
        Error::TaskNotFound(task),
        Error::OtherSubnet { from: e, to: e },
        Error::Status { interface: e, status: Status::Creating },
        Error::PrimaryForbidden { index: 0, address },
        Error::PrimaryExists { interface: e, primary: address, index: 0, address },
        Error::VpcInUse { vpc: v, subnet: s },
        Error::SubnetInUse { subnet: s, interfaces: 0, addresses: 0 },
        Error::PrefixLength { cidr, shortest: 0, longest: 0 },
        Error::OutsideVpc { cidr, vpc: v },
        Error::SubnetOverlap { cidr, other: s },
        Error::GatewayOutside { gateway: address, cidr },
        Error::NoFamilyLeft(s),
        Error::NoSubnets,
        Error::SubnetTwice { subnet: s, first: 0, second: 1 },
        Error::NamedFromSeveral,
        Error::NoSubnetCan { refusals: Box::new([]) },
        Error::AddressesLost { subnet: s, addresses: AddrList::new() },
        Error::ReservationsLost { subnet: s, ranges: Vec::new() },
        Error::AddressesWithheld { subnet: s, addresses: AddrList::new() },
        Error::TaskRunning { interface: e, task },
        Error::TaskFinished { task, succeeded: true },
        Error::PrimaryFixed { interface: e, primary: address },
        Error::NoCursor(s),
        Error::FamilyUnsupported { subnet: s, family: Family::V4 },
        Error::RangeOutside { subnet: s, range },
        Error::ReservationOverlap { range, other: range },
        Error::PrefixSize { index: 0, prefix_len: 0, shortest: 0, longest: 0 },
        Error::Quota { interface: e, quota: 0, held: 0, wanted: 0 },
        Error::TooMany { wanted: 0, limit: 0 },
        Error::TooManyTasks { limit: 0 },
        Error::TooManyTokens { limit: 0 },
        Error::TooManyRuns { limit: 0 },
        Error::NoRun {
            subnet: s,
            family: Family::V4,
            wanted: 2,
            within: None,
            free: 2,
            longest: None,
        },
    ]
    .iter()
    .map(Error::code)
    .collect();
    codes.extend(
        [
            Cause::Duplicate { first: 0 },
            Cause::WrongFamily,
            Cause::OutOfRange,
            Cause::NetworkAddress,
            Cause::BroadcastAddress,
            Cause::Gateway,
            Cause::Reserved,
            Cause::AutoOnly,
            Cause::InUse { by: e },
            Cause::Held { by: e },
            Cause::Quarantined { until: at },
            Cause::NotAssigned,
            Cause::WrongOwner { by: e },
            Cause::Stale { generation: Revision::ZERO },
            Cause::IsPrimary,
            Cause::InPrefix { by: e, prefix: cidr },
            Cause::PrefixOnly,
        ]
        .iter()
        .map(Cause::code),
    );
    // Exhausted and Fragmented cannot be made by hand; the ladders meet the one, the tests of prefixes the
    // other. The rest are those of `ApplyError`.
    codes.extend([700, 705, 800, 801, 802, 803]);
    // Those of a pipeline, which its own tests meet.
    codes.extend([950, 951, 952, 953, 954]);
    codes.extend(
        [
            DecodeError::Truncated { at: 0, missing: 0 },
            DecodeError::NotOurs { at: 0, event: true },
            DecodeError::Schema { at: 0, found: 0, known: 0 },
            DecodeError::Header { at: 0 },
            DecodeError::Checksum { at: 0, found: 0, computed: 0 },
            DecodeError::Limit { at: 0, limit: DecodeLimit::Memory, max: 0, wanted: 0 },
            DecodeError::Malformed { at: 0, flaw: Flaw::Short },
        ]
        .iter()
        .map(DecodeError::code),
    );
    let unique: BTreeSet<u16> = codes.iter().copied().collect();
    assert_eq!(unique.len(), codes.len(), "a code stands twice");

    let page = include_str!("../../docs/errors.md");
    let listed: BTreeSet<u16> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split(' ').next()?.parse().ok())
        .collect();
    assert_eq!(listed, unique, "docs/errors.md lists every code, and no other");
}
