//! How often commands and questions ask for memory: every heap call, exactly
//!
//! Counted are allocations and reallocations, those of what is answered included; the command is built
//! beforehand, as it is the caller's. `cargo test --test heap allocations -- --nocapture` prints the table. A
//! number is what is reached: one call more fails, and so does one less, so that it is noted.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipam_core::*;

use super::bench::{Bench, scatter, subnet};
use super::counted::counted;

/// Often enough to meet whatever happens only now and then
const ROUNDS: u64 = 200;
const NOW: Timestamp = Timestamp::ZERO;

/// What was counted, and what it should be
#[derive(Default)]
struct Table {
    rows: Vec<Row>,
}

/// Calls in all rounds, for each way to carry the same thing out; and how many each round should make
struct Row {
    what: String,
    made: Vec<u64>,
    due: Vec<u64>,
}

impl Table {
    fn row<const N: usize>(&mut self, what: String, made: [Tally; N], due: [u64; N]) {
        let made = made.map(|Tally(calls)| calls).to_vec();
        self.rows.push(Row { what, made, due: due.to_vec() });
    }

    /// Prints the table, and fails if anything in it is not as it should be
    fn judge(self) {
        println!("\n{:64}{:>16}{:>16}", "heap calls of", "made", "due");
        let mut failed = 0;
        for Row { what, made, due } in self.rows {
            let fails = made != due.iter().map(|due| due * ROUNDS).collect::<Vec<_>>();
            failed += usize::from(fails);
            let each: Vec<String> =
                made.iter().map(|&made| (made as f64 / ROUNDS as f64).to_string()).collect();
            let due: Vec<String> = due.iter().map(u64::to_string).collect();
            let mark = if fails { "  NOT SO" } else { "" };
            println!("{what:64}{:>16}{:>16}{mark}", each.join(" + "), due.join(" + "));
        }
        assert_eq!(failed, 0, "heap calls are not what they should be");
    }
}

/// Calls made in some of what happens
#[derive(Default)]
struct Tally(u64);

impl Tally {
    fn of<T>(&mut self, what: impl FnOnce() -> T) -> T {
        let (made, heap) = counted(what);
        self.0 += heap.count_total;
        made
    }
}

/// The calls that a command and its opposite should each make: by `decide`, `apply` and `execute`
type Due = [[u64; 3]; 2];

const NOTHING: Due = [[0; 3]; 2];

/// Rounds of a command and what undoes it
fn rounds(table: &mut Table, what: &str, bench: &mut Bench, pair: [Command; 2], due: Due) {
    for command in pair.iter().cycle().take(4) {
        bench.run(command);
    }
    let engine = &mut bench.engine;
    let mut tallies: [[Tally; 3]; 2] = Default::default();
    let ((), heap) = counted(|| {
        for _ in 0..ROUNDS {
            for (command, [decide, apply, _]) in pair.iter().zip(&mut tallies) {
                let decision = decide.of(|| engine.decide(NOW, command)).unwrap();
                apply.of(|| engine.apply(decision.event().unwrap())).unwrap();
            }
            for (command, [.., execute]) in pair.iter().zip(&mut tallies) {
                execute.of(|| engine.execute(NOW, command)).unwrap();
            }
        }
    });
    assert_eq!(heap.bytes_current, 0, "{what}: bytes that stay when nothing else does");
    for ((command, made), due) in pair.iter().zip(tallies).zip(due) {
        let verb = match command {
            Command::Assign(_) => "assign",
            Command::Unassign(_) => "unassign",
            Command::CreateSubnet(_) | Command::CreateInterface(_) => "create",
            Command::ReserveRange(_) => "reserve",
            Command::ReleaseRange(_) => "release",
            _ => "delete",
        };
        table.row(format!("{verb} {what}"), made, due);
    }
}

/// Rounds of choosing `count` addresses, which are the same each time, and releasing them
fn any(table: &mut Table, what: &str, bench: &mut Bench, eni: InterfaceId, count: u32, due: Due) {
    let assign = Assign::new(eni, Pick::any(count)).into();
    let chosen = bench.engine.decide(NOW, &assign).unwrap();
    let unassign = Unassign::new(eni, chosen.answer().iter()).into();
    rounds(table, what, bench, [assign, unassign], due);
}

/// Rounds of naming these addresses, and releasing them
fn these(
    table: &mut Table,
    what: &str,
    bench: &mut Bench,
    (eni, list): (InterfaceId, &[IpAddr]),
    due: Due,
) {
    let assign = Assign::new(eni, Pick::these(list.iter().copied())).into();
    let unassign = Unassign::new(eni, list.iter().copied()).into();
    rounds(table, what, bench, [assign, unassign], due);
}

/// The address so far above the first of 10.0.0.0
fn v4(offset: u32) -> IpAddr {
    Ipv4Addr::from(0x0a00_0000 | offset).into()
}

/// The address so far above the first of 2001:db8::
fn v6(offset: u128) -> IpAddr {
    Ipv6Addr::from((0x2001_0db8_u128 << 96) | offset).into()
}

/// A subnet of which another interface has random addresses, half of those below `size`, in one batch;
/// and an interface with `has` of the lowest that were left
fn half_full(cidr: &str, size: u32, has: u32) -> (Bench, InterfaceId) {
    let mut bench = Bench::new(cidr);
    let other = bench.interface("eni-other");
    let eni = bench.interface("eni-1");
    let at: fn(u32) -> IpAddr = if cidr.contains(':') { |at| v6(at.into()) } else { v4 };
    let list: Vec<IpAddr> =
        (1..size - 1).filter(|&number| scatter(number.into()) % 2 == 0).map(at).collect();
    bench.run(&Assign::new(other, Pick::these(list)).into());
    bench.run(&Assign::new(eni, Pick::any(has)).into());
    (bench, eni)
}

/// One address, wherever: never a call
fn one_address(table: &mut Table) {
    for (cidr, size, many) in [
        ("10.0.0.0/24", 1 << 8, 100),
        ("10.0.0.0/16", 1 << 16, 1_000),
        ("2001:db8::/64", 1 << 12, 1_000),
    ] {
        for has in [1, many] {
            let (mut bench, eni) = half_full(cidr, size, has);
            let what = format!("{cidr}, interface of {has}");
            any(table, &format!("{what}, one"), &mut bench, eni, 1, NOTHING);
            let more = bench.engine.decide(NOW, &Assign::new(eni, Pick::any(9)).into()).unwrap();
            let named = more.answer().iter().last().unwrap();
            these(table, &format!("{what}, {named}"), &mut bench, (eni, &[named]), NOTHING);
            bench.end();
        }
    }
    // Far above what is in use, as others are.
    for has in [1, 2, 3, 100, 1_000] {
        let mut bench = Bench::new("2001:db8::/64");
        let eni = bench.interface("eni-1");
        let far = (1..=has).map(|number| v6(scatter(number).into()));
        bench.run(&Assign::new(eni, Pick::these(far)).into());
        let what = format!("2001:db8::/64, interface of {has} far ones, a far one");
        these(table, &what, &mut bench, (eni, &[v6(1 << 60)]), NOTHING);
        bench.end();
    }
}

/// 256 addresses: as many calls as the lists that come of it are, and the pages of owners
fn batches(table: &mut Table) {
    let mut bench = Bench::new("10.0.0.0/16");
    let eni = bench.interface("eni-1");
    bench.run(&Assign::new(eni, Pick::any(1_000)).into());
    any(table, "256 neighbours by count", &mut bench, eni, 256, [[0, 2, 2], [0, 1, 1]]);
    let list: Vec<IpAddr> = (2_000..2_256).map(v4).collect();
    these(table, "256 neighbours by name", &mut bench, (eni, &list), [[0, 3, 3], [0; 3]]);

    let (mut bench, eni) = half_full("10.0.0.0/16", 1 << 16, 1);
    any(table, "256 scattered by count", &mut bench, eni, 256, [[4, 0, 4]; 2]);
    let chosen = bench.engine.decide(NOW, &Assign::new(eni, Pick::any(256)).into()).unwrap();
    let list: Vec<IpAddr> = chosen.answer().iter().collect();
    these(table, "256 scattered by name", &mut bench, (eni, &list), [[7, 0, 7], [4, 0, 4]]);
}

/// Refusals, each without a trace
fn refusals(table: &mut Table) {
    let mut bench = Bench::new("10.0.0.0/24");
    let (eni, full) = (bench.interface("eni-1"), bench.interface("eni-full"));
    bench.run(&SetQuota::new(full, Some(2)).into());
    bench.run(&Assign::new(full, Pick::any(2)).into());
    bench.subnet("subnet-v6", "2001:db8::/64");
    let too_many = Assign::new(eni, Pick::any(u32::MAX)).from_subnet("subnet-v6".parse().unwrap());
    let nobody = "eni-nobody".parse().unwrap();
    let vpc = "vpc-1".parse().unwrap();
    let cases: [(&str, Command, u16, u64); 12] = [
        ("quota, by count", Assign::new(full, Pick::any(1)).into(), 600, 0),
        ("quota, by name", Assign::new(full, Pick::these([v4(9)])).into(), 600, 0),
        ("exhausted", Assign::new(eni, Pick::any(255)).into(), 700, 0),
        ("too many", too_many.into(), 701, 0),
        ("in use", Assign::new(eni, Pick::these([v4(1)])).into(), 515, 1),
        ("out of range", Assign::new(eni, Pick::these([v4(999)])).into(), 510, 1),
        ("no interface", Assign::new(nobody, Pick::any(1)).into(), 202, 0),
        ("nothing asked", Assign::new(eni, Pick::default()).into(), 111, 0),
        ("not assigned", Unassign::new(eni, [v4(9)]).into(), 520, 1),
        ("another's", Unassign::new(eni, [v4(1)]).into(), 521, 1),
        ("interface exists", CreateInterface::new(eni, subnet()).into(), 207, 0),
        ("VPC in use", DeleteVpc::new(vpc).into(), 303, 0),
    ];
    for (what, command, code, each) in cases {
        let [mut decide, mut execute] = <[Tally; 2]>::default();
        for _ in 0..ROUNDS {
            let decided = decide.of(|| bench.engine.decide(NOW, &command)).unwrap_err();
            let executed = execute.of(|| bench.engine.execute(NOW, &command)).unwrap_err();
            assert_eq!([decided.code(), executed.code()], [code; 2], "{what}");
        }
        table.row(format!("refuse, {what}"), [decide, execute], [each; 2]);
    }
}

/// Records that come and go
fn records(table: &mut Table) {
    let (mut bench, _) = half_full("10.0.0.0/16", 1 << 16, 1);
    for number in 0..1_500 {
        bench.interface(&format!("eni-more-{number}"));
    }
    let interface: InterfaceId = "eni-2".parse().unwrap();
    let delete = Command::from(DeleteInterface::new(interface));
    let create = CreateInterface::new(interface, subnet());
    let pair = [create.clone().into(), delete.clone()];
    rounds(table, "an interface", &mut bench, pair, NOTHING);
    let primary = create.primary_v4(Primary::Chosen);
    let due = [[4, 11, 4], [4, 12, 4]];
    rounds(table, "an interface with a primary", &mut bench, [primary.into(), delete], due);

    let vpc = "vpc-1".parse().unwrap();
    let subnet: SubnetId = "subnet-1".parse().unwrap();
    let create = CreateSubnet::new(subnet, vpc, Profile::PLAIN).v4("10.1.0.0/24".parse().unwrap());
    let pair = [create.into(), DeleteSubnet::new(subnet).into()];
    // Its profile, boxed.
    rounds(table, "a subnet", &mut bench, pair, [[1, 0, 1], [0; 3]]);
    let range = AddrRange::new(v4(60_000), v4(60_999)).unwrap();
    let subnet = super::bench::subnet();
    let pair = [ReserveRange::new(subnet, range).into(), ReleaseRange::new(subnet, range).into()];
    // What is taken in it is noted, run by run.
    rounds(table, "a half-full range of 1,000", &mut bench, pair, [[0, 48, 48], [0, 8, 8]]);
}

/// Several commands decided together
fn together(table: &mut Table) {
    let (mut bench, eni) = half_full("10.0.0.0/16", 1 << 16, 1);
    let assign: Command = Assign::new(eni, Pick::any(1)).into();
    let address = bench.engine.decide(NOW, &assign).unwrap();
    let unassign = Unassign::new(eni, address.answer().iter()).into();
    let commands = [assign, unassign];
    let [mut decide, mut apply] = <[Tally; 2]>::default();
    for _ in 0..ROUNDS {
        let decision = decide.of(|| bench.engine.decide_all(NOW, &commands)).unwrap();
        apply.of(|| bench.engine.apply(decision.event().unwrap())).unwrap();
    }
    table.row("assign one and unassign it, together".into(), [decide, apply], [9, 5]);
}

/// Questions
fn questions(table: &mut Table) {
    let (bench, eni) = half_full("10.0.0.0/16", 1 << 16, 1_000);
    let engine = &bench.engine;
    let vpc: VpcId = "vpc-1".parse().unwrap();
    let event = engine.decide(NOW, &Assign::new(eni, Pick::any(256)).into()).unwrap();
    let event = event.event().unwrap();
    let taken = engine.addresses(eni).unwrap().next().unwrap().address;
    let free = engine.free_ranges(subnet(), Family::V4).unwrap().next().unwrap();
    let free = free.iter().next().unwrap();
    let mut ask = |what: &str, each: u64, question: &dyn Fn()| {
        let mut tally = Tally::default();
        (0..ROUNDS).for_each(|_| tally.of(question));
        table.row(format!("answer {what}"), [tally], [each]);
    };
    ask("interface", 0, &|| assert!(engine.interface(eni).is_some()));
    ask("subnet", 0, &|| assert!(engine.subnet(subnet()).is_some()));
    ask("usage", 0, &|| assert!(engine.at(NOW).subnet_usage(subnet()).is_some()));
    ask("owner", 0, &|| assert!(engine.owner(vpc, taken).is_some()));
    ask("nth", 0, &|| assert!(engine.address_at(subnet(), Family::V4, 99).is_some()));
    ask("vpc_cidrs", 0, &|| assert!(engine.vpc_cidrs(vpc).is_some()));
    ask("free_ranges, all", 0, &|| {
        assert!(engine.free_ranges(subnet(), Family::V4).unwrap().count() > 1_000);
    });
    ask("reservations, all", 0, &|| {
        assert_eq!(engine.reservations(subnet(), Family::V4).unwrap().count(), 0);
    });
    ask("addresses, all 1,000", 1, &|| {
        assert_eq!(engine.addresses(eni).unwrap().count(), 1_000);
    });
    ask("explain, of a free one", 0, &|| {
        assert!(engine.at(NOW).explain_address(vpc, free).is_free())
    });
    ask("explain, of one in use", 1, &|| {
        assert!(!engine.at(NOW).explain_address(vpc, taken).is_free())
    });
    ask("vpcs", 1, &|| assert_eq!(engine.vpcs().len(), 1));
    ask("subnets", 1, &|| assert_eq!(engine.subnets(vpc).len(), 1));
    ask("interfaces", 1, &|| assert_eq!(engine.interfaces(vpc).len(), 2));
    ask("the digest of an event with 256 addresses", 0, &|| assert!(event.digest() != 0));
}

#[test]
fn memory_is_asked_for_when_something_grows() {
    let mut table = Table::default();
    one_address(&mut table);
    batches(&mut table);
    refusals(&mut table);
    records(&mut table);
    together(&mut table);
    questions(&mut table);
    table.judge();
}

/// What a batch violates is gathered as it goes, not copied by every command
#[test]
fn the_violations_of_a_batch_cost_what_they_are() {
    let mut bench = Bench::new("10.0.0.0/16");
    let interface: InterfaceId = "full".parse().unwrap();
    bench.run(&CreateInterface::new(interface, subnet()).quota(0).into());
    let asked = |count: u16| {
        let adopt = |at: u16| {
            let [high, low] = at.to_be_bytes();
            Adopt::new(interface, [IpAddr::from([10, 0, high, low])]).into()
        };
        let commands: Vec<Command> = (100..100 + count).map(adopt).collect();
        let (decision, heap) = counted(|| bench.engine.decide_all(NOW, &commands).unwrap());
        assert_eq!(decision.violations().len(), usize::from(count));
        heap.bytes_total
    };
    let (some, many) = (asked(500), asked(2000));
    assert!(many < 6 * some, "{some} bytes for 500, {many} for 2000");
}
