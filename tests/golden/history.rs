//! A history with every kind of change in it, whose engine has something of everything

use std::net::IpAddr;

use ipam_core::*;

/// Its events
pub(crate) fn events() -> Vec<Event> {
    run().1
}

/// Its engine
pub(crate) fn engine() -> Engine {
    run().0
}

/// Its tasks that are not forgotten
pub(crate) fn tasks() -> Vec<Task> {
    let engine = engine();
    let of = |revision| engine.tasks_of_revision(Revision::new(revision));
    (1..=engine.revision().get()).flat_map(of).map(|info| info.task).collect()
}

struct History {
    engine: Engine,
    log: Vec<Event>,
    now: u64,
}

impl History {
    fn give(&mut self, command: impl Into<Command>) -> Decision {
        let (command, now) = (command.into(), Timestamp::from_millis(self.now));
        let decision = self.engine.execute(now, &command);
        let decision = decision.unwrap_or_else(|error| panic!("{command:?}: {error}"));
        self.log.extend(decision.event().cloned());
        decision
    }
}

fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

fn ips<const N: usize>(texts: [&str; N]) -> [IpAddr; N] {
    texts.map(id)
}

fn range(first: &str, last: &str) -> AddrRange {
    AddrRange::new(id(first), id(last)).unwrap()
}

fn run() -> (Engine, Vec<Event>) {
    let mut of = History { engine: Engine::new(), log: Vec::new(), now: 1_000 };
    tables(&mut of);
    let at = |millis| Timestamp::from_millis(millis);
    let (one, two, three) = (id::<InterfaceId>("eni-1"), id("eni-2"), id("eni-3"));
    let far = id("eni-with-a-name-of-thirty-nine-bytes-39");

    of.now = 2_000;
    of.give(Assign::new(two, Pick::any(200)));
    of.give(Assign::new(two, Pick::these(ips(["10.1.255.9", "10.1.3.3", "10.1.3.4"]))));
    of.give(Assign::new(three, Pick::any(3)));
    of.give(Unassign::new(two, ips(["10.1.0.9", "10.1.0.8", "10.1.0.70"])));
    of.give(Assign::new(two, Pick::any(4)));
    of.give(Assign::new(
        far,
        Pick::these(ips([
            "2001:db8:1:ffff::1",
            "2001:db8:1::7",
            "2001:db8:1::8",
            "2001:db8:1:0:1::",
        ])),
    ));
    // Of the second range, whose addresses are given to those who name them.
    let explicit = Pick::these(ips(["10.1.1.3"])).even_auto_only();
    of.give(Assign::new(two, explicit));
    of.give(ReserveRange::new(id("sub-2"), range("10.1.3.0", "10.1.3.255")));

    of.give(Assign::new(one, Pick::any(6)));
    let because = Rest::for_millis(60_000).because(id("decommissioned"));
    of.give(Unassign::new(one, ips(["10.0.0.6", "10.0.0.5"])).rest(because));
    of.give(Unassign::new(one, ips(["10.0.0.4"])));
    of.give(Assign::new(one, Pick::these(ips(["10.0.0.6"]))));
    of.give(Move::new(one, id("eni-4"), ips(["10.0.0.3"])));
    of.give(ReplacePrimary::with_any(one, Family::V4));

    of.now = 3_000;
    let hold = Hold::until(at(5_000)).kept_until(at(900_000));
    let confirmed = of.give(Assign::new(one, Pick::any(2)).hold(hold)).task().unwrap();
    of.give(Confirm::new(confirmed));
    let cancelled = of.give(Assign::new(three, Pick::any(2)).hold(hold)).task().unwrap();
    of.give(Cancel::new(cancelled).because(id("refused-by-the-cloud")));
    let resolved = of.give(Assign::new(two, Pick::any(3)).hold(hold));
    let kept = resolved.answer().iter().nth(1).unwrap();
    of.give(Resolve::new(resolved.task().unwrap(), [kept]));
    let unknown = hold.then_unknown().request(id("request-of-a-caller"));
    of.give(Assign::new(one, Pick::any(1)).hold(unknown));
    of.give(Assign::new(two, Pick::any(1)).hold(hold));
    let running = Hold::until(at(800_000)).request(id("request-of-a-caller"));
    of.give(Assign::new(two, Pick::any(70)).hold(running));

    let once = |token: &str, command: Command| Once::new(id(token), at(700_000), command).unwrap();
    let primary = ReplacePrimary::with(two, id::<IpAddr>("10.1.0.3"));
    of.give(once("token-1", Assign::new(three, Pick::any(2)).into()));
    of.give(once("token-2", primary.into()));
    of.give(once("token-3", Assign::new(far, Pick::any(2)).hold(running).into()));

    of.give(CreateSubnet::new(id("sub-7"), id("vpc-a"), Profile::PLAIN).v4(id("10.7.0.0/24")));
    let subnet = id("sub-7");
    of.give(CreateInterface::new(id("eni-7"), subnet));
    of.give(SetPolicy::new(subnet, Policy::Next));
    of.give(SetCursor::new(subnet, id("10.7.0.77")));
    of.give(Assign::new(id("eni-7"), Pick::any(3)));
    of.give(SetPolicy::new(subnet, Policy::Random { seed: 77 }));
    of.give(Assign::new(id("eni-7"), Pick::any(3)));
    of.give(Reshape::new(subnet).v4(id("10.7.0.0/23")).v6(id("2001:db8:7::/64")));
    prefixes(&mut of);

    // One hold is over, another unknown, and a rest has ended.
    of.now = 6_000;
    of.give(Command::Sweep);
    let batch = [
        CreateInterface::new(id("eni-gone"), id("sub-3")).into(),
        DeleteInterface::new(id("eni-gone")).into(),
        SetQuota::new(three, Some(7)).into(),
    ];
    let decision = of.engine.decide_all(at(7_000), &batch).unwrap();
    of.engine.apply(decision.event().unwrap()).unwrap();
    of.log.extend(decision.into_event());
    (of.engine, of.log)
}

/// Prefixes that are had, that rest and that are held, in several subnets too; and an order of release
fn prefixes(of: &mut History) {
    let (two, four, seven) = (id::<InterfaceId>("eni-2"), id("eni-4"), id("eni-7"));
    of.give(Assign::new(two, Pick::any_prefixes(28, 2).and_prefixes(30, 1)));
    of.give(Assign::new(seven, Pick::any(1).and_prefixes_of(Family::V6, 80, 2)));
    let rests: [ipnet::IpNet; 2] = [id("10.0.0.64/29"), id("2001:db8::8/126")];
    let both = rests.iter().fold(Pick::default(), |pick, prefix| pick.and_prefix(*prefix));
    of.give(Assign::new(four, both));
    let because = Rest::USUAL.because(id("drained"));
    of.give(Unassign::only_prefixes(four, rests).rest(because));

    let hold = Hold::until(Timestamp::from_millis(800_000));
    let each = Assign::new(seven, Pick::any(2)).from_each([id("sub-7"), id("sub-2")]);
    let confirmed = of.give(each.clone().hold(hold.kept_until(Timestamp::from_millis(900_000))));
    of.give(Confirm::new(confirmed.task().unwrap()));
    of.give(each.hold(hold));
    of.give(Assign::new(seven, Pick::any(1).and_prefixes(28, 1)).hold(hold));

    let subnet = id("sub-8");
    of.give(CreateSubnet::new(subnet, id("vpc-a"), Profile::PLAIN).v4(id("10.8.0.0/24")));
    of.give(SetPolicy::new(subnet, Policy::LongestReleased));
    of.give(CreateInterface::new(id("eni-8"), subnet));
    of.give(Assign::new(id("eni-8"), Pick::any(9)));
    of.give(Unassign::new(id("eni-8"), ips(["10.8.0.7", "10.8.0.2", "10.8.0.3"])));

    // Lists by words of 64 addresses: every third one.
    let v4 = (130..190u8).step_by(3).map(|at| IpAddr::from([10, 7, 0, at]));
    of.give(Assign::new(seven, Pick::these(v4.clone())));
    of.give(Unassign::new(seven, v4));
    let v6 = (0..60u16).step_by(3).map(|at| IpAddr::from([0x2001, 0xdb8, 1, 7, 0, 0, 0, at]));
    let far = id("eni-with-a-name-of-thirty-nine-bytes-39");
    of.give(Assign::new(far, Pick::these(v6)));
}

/// VPCs, subnets and interfaces, and what is set of them
fn tables(of: &mut History) {
    let (a, b): (VpcId, VpcId) = (id("vpc-a"), id("vpc-b"));
    of.give(CreateVpc::new(a).within([id("2001:db8::/32"), id("10.0.0.0/8")]));
    of.give(CreateVpc::new(b));
    of.give(CreateVpc::new(id("vpc-gone")));
    of.give(DeleteVpc::new(id("vpc-gone")));
    let rest = Quarantine { take_back: true, ..Quarantine::for_millis(30_000) };
    let rests = Profile::PLAIN.quarantine(rest);
    let both = CreateSubnet::new(id("sub-1"), a, rests);
    of.give(both.v4(id("10.0.0.0/24")).v6(id("2001:db8::/64")));
    let mut gateway = Profile::PLAIN;
    gateway.v4.gateway = Gateway::Offset(5);
    gateway.v6.gateway = Gateway::FromLast(2);
    gateway.replace_primary = true;
    gateway.quarantine = Quarantine::for_millis(2_500);
    gateway.quarantine.millis = 0;
    of.give(CreateSubnet::new(id("sub-2"), a, gateway).v4(id("10.1.0.0/16")));
    let mut named = Profile::ZENLAYER;
    named.v4.gateway = Gateway::At(id("192.168.0.14"));
    of.give(CreateSubnet::new(id("sub-3"), b, named).v4(id("192.168.0.0/28")));
    of.give(CreateSubnet::new(id("sub-6"), a, gateway).v6(id("2001:db8:1::/48")));
    of.give(CreateSubnet::new(id("sub-gone"), b, rests).v4(id("192.168.1.0/24")));
    of.give(DeleteSubnet::new(id("sub-gone")));

    let subnet = id("sub-2");
    for (first, last, kind) in [
        ("10.1.0.16", "10.1.0.31", Reservation::Hard),
        ("10.1.1.0", "10.1.2.255", Reservation::AutoOnly),
        ("10.1.9.0", "10.1.9.0", Reservation::Hard),
        ("10.1.16.0", "10.1.31.255", Reservation::PrefixOnly),
    ] {
        of.give(ReserveRange::new(subnet, range(first, last)).kind(kind));
    }
    of.give(ReleaseRange::new(subnet, range("10.1.9.0", "10.1.9.0")));
    of.give(SetIndices::new(subnet, Indices::ALL));
    let mut limits = of.engine.limits();
    limits.tasks = 1_000;
    of.give(SetLimits::new(limits));

    let one = CreateInterface::new(id("eni-1"), id("sub-1")).quota(100);
    of.give(one.primary_v4(Primary::Chosen).primary_v6(Primary::Named(id("2001:db8::7"))));
    of.give(CreateInterface::new(id("eni-2"), subnet).primary_v4(Primary::Chosen));
    of.give(CreateInterface::new(id("eni-3"), id("sub-3")).status(Status::InUse));
    of.give(CreateInterface::new(id("eni-4"), id("sub-1")));
    of.give(CreateInterface::new(id("eni-with-a-name-of-thirty-nine-bytes-39"), id("sub-6")));
    of.give(SetStatus::new(id("eni-4"), Status::InUse));
}
