//! What engines cost in memory: every byte on the heap, counted as the allocator is asked
//!
//! `cargo test --test heap memory -- --nocapture` prints the table. The bounds are what is reached with
//! pointers of 64 bits, so that what makes anything larger is noticed; they lie below the targets, which
//! are what was promised.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipam_core::ipnet::IpNet;
use ipam_core::*;

use super::bench::{Bench, scatter, subnet};

/// The owners of 256 addresses: as much stays when the last address is gone
const KEPT: i64 = 256 * 20;

/// What was counted, and how much it may be
#[derive(Default)]
struct Table {
    rows: Vec<Row>,
}

struct Row {
    what: String,
    bytes: f64,
    most: f64,
    target: Option<f64>,
}

impl Table {
    /// What nobody was promised
    fn row(&mut self, what: impl Into<String>, bytes: f64, most: f64) {
        self.rows.push(Row { what: what.into(), bytes, most, target: None });
    }

    fn promised(&mut self, what: impl Into<String>, bytes: f64, most: f64, target: f64) {
        self.rows.push(Row { what: what.into(), bytes, most, target: Some(target) });
    }

    /// Prints the table, and fails if anything in it is too much
    fn judge(self) {
        println!("\n{:62}{:>12}{:>10}{:>9}", "bytes of", "held", "at most", "target");
        let mut failed = 0;
        for Row { what, bytes, most, target } in self.rows {
            let fails = bytes > most || target.is_some_and(|target| most > target);
            failed += usize::from(fails);
            let target = target.map_or("-".into(), |target| target.to_string());
            let mark = if fails { "  TOO MUCH" } else { "" };
            println!("{what:62}{bytes:12.2}{most:10}{target:>9}{mark}");
        }
        assert_eq!(failed, 0, "costs more than it may");
    }
}

fn bytes(bytes: i64) -> f64 {
    bytes as f64
}

fn each(bytes: i64, count: usize) -> f64 {
    bytes as f64 / count as f64
}

fn subnets_of_a_vpc(table: &mut Table) {
    let count = 100_000;
    let mut bench = Bench::new("0.0.0.0/24");
    for number in 1..count {
        let [_, a, b, c] = u32::try_from(number).unwrap().to_be_bytes();
        bench.subnet(&format!("subnet-{number}"), &format!("{a}.{b}.{c}.0/24"));
    }
    let all = each(bench.held, count);
    for number in 1..count {
        let subnet = format!("subnet-{number}").parse().unwrap();
        bench.run(&DeleteSubnet::new(subnet).into());
    }
    let left = bytes(bench.held);
    bench.end();
    table.promised("a /24 of 100,000 in one VPC, before its first address", all, 226.5, 256.0);
    table.row("an engine with one of them, the others gone", left, 1264.0);
}

fn interfaces_of_a_subnet(table: &mut Table) {
    let count = 1_000_000;
    let mut bench = Bench::new("10.0.0.0/8");
    let interfaces: Vec<InterfaceId> =
        (0..count).map(|number| format!("eni-{number:017}").parse().unwrap()).collect();
    let empty = bench.held;
    for &id in &interfaces {
        bench.run(&CreateInterface::new(id, subnet()).into());
    }
    let alone = bench.held - empty;
    table.promised(
        "an interface of 1,000,000, without addresses",
        each(alone, count),
        107.0,
        128.0,
    );
    for &id in &interfaces {
        bench.run(&Assign::new(id, Pick::any(1)).into());
    }
    // Of a window of 2^20 addresses, all but a few are in use.
    let holding = bench.held - empty - alone;
    table.row("... more, with one address, its owner and its bit", each(holding, count), 21.2);
}

/// All that a net has, in batches of 2^16, each to its own interface
fn a_full_net(table: &mut Table) {
    let mut bench = Bench::new("10.0.0.0/8");
    table.promised("an empty 10.0.0.0/8", bytes(bench.held), 932.0, 40.0 * 1024.0);
    let free = (1u32 << 24) - 2;
    let batch = 1 << 16;
    for number in 0..free.div_ceil(batch) {
        let eni = bench.interface(&format!("eni-{number}"));
        let count = batch.min(free - number * batch);
        bench.run(&Assign::new(eni, Pick::any(count)).into());
    }
    let usage = bench.engine.at(Timestamp::ZERO).subnet_usage(subnet()).unwrap().v4.unwrap();
    assert_eq!((usage.assigned, usage.free), (free.into(), 0));
    let address = each(bench.held, 1 << 24);
    table.promised("an address of a full /8, its owner, order and generation", address, 20.4, 21.0);
}

fn scattered_addresses(table: &mut Table) {
    let count = 1_000_000;
    let mut bench = Bench::new("2001:db8::/64");
    let eni = bench.interface("eni-1");
    let empty = bench.held;
    for number in 1..=count as u64 {
        let address = at(scatter(number).into());
        bench.run(&Assign::new(eni, Pick::these([address])).into());
    }
    let all = each(bench.held, count);
    table.promised("an address of 1,000,000 scattered over a /64", all, 65.2, 72.0);
    bench.run(&DeleteInterface::new(eni).into());
    let left = bench.held;
    assert!(left <= empty + KEPT, "{left} bytes when all are gone, {empty} before the first");
    bench.end();
}

/// The address of 2001:db8::/64 so far above its first
fn at(offset: u128) -> IpAddr {
    const FIRST: u128 = 0x2001_0db8_u128 << 96;
    Ipv6Addr::from(FIRST | offset).into()
}

/// One address at the very end, for every length of prefix
fn the_last_address(table: &mut Table) {
    let (mut worst_v4, mut worst_v6) = (0, 0);
    let v4 = (0..=32u32).map(|length| {
        let last = u32::MAX.checked_shr(length).unwrap_or(0);
        // The broadcast address, which only /31 and /32 give.
        let last = if length < 31 { last - 1 } else { last };
        (format!("0.0.0.0/{length}"), IpAddr::from(Ipv4Addr::from(last)))
    });
    let v6 = (0..=128u32).map(|length| {
        let last = u128::MAX.checked_shr(length).unwrap_or(0);
        (format!("::/{length}"), IpAddr::from(Ipv6Addr::from(last)))
    });
    for (cidr, address) in v4.chain(v6) {
        let mut bench = Bench::new(&cidr);
        let eni = bench.interface("eni-1");
        bench.run(&Assign::new(eni, Pick::these([address])).into());
        assert_eq!(bench.engine.interface(eni).unwrap().count_v4, u64::from(address.is_ipv4()));
        let worst = if address.is_ipv4() { &mut worst_v4 } else { &mut worst_v6 };
        *worst = bench.held.max(*worst);
        bench.end();
    }
    let (v4, v6) = (bytes(worst_v4), bytes(worst_v6));
    let target = 64.0 * 1024.0;
    table.promised("an engine with the last address of /0 to /32, at worst", v4, 11_040.0, target);
    table.promised("an engine with the last address of /0 to /128, at worst", v6, 11_064.0, target);
    for (cidr, most) in [("0.0.0.0/0", 932.0), ("::/0", 1068.0)] {
        let empty = bytes(Bench::new(cidr).held);
        table.promised(format!("an empty {cidr}"), empty, most, target);
    }
}

/// Bytes more that `assign` makes an engine with one interface in `cidr` hold; all of it comes back
fn of_form(cidr: &str, assign: impl FnOnce(&mut Bench, InterfaceId)) -> i64 {
    let mut bench = Bench::new(cidr);
    let eni = bench.interface("eni-1");
    let empty = bench.held;
    assign(&mut bench, eni);
    let more = bench.held - empty;
    let addresses = bench.engine.addresses(eni).unwrap().map(|of| of.address);
    let addresses: Vec<IpAddr> = addresses.collect();
    bench.run(&Unassign::new(eni, addresses).into());
    let left = bench.held;
    assert!(left <= empty + KEPT, "{cidr}: {left} bytes when all are gone, {empty} before");
    bench.end();
    more
}

/// What the forms of a space cost with its owners: 20 bytes a number in the window, 64 of them at least
///
/// What is more is the space's own: nothing for a /24, which is in its record; then a tree's bits.
fn forms(table: &mut Table) {
    for (cidr, full) in [
        ("10.0.0.0/24", 5_224),
        ("10.0.0.0/20", 83_472),
        ("10.0.0.0/16", 1_336_080),
        ("10.0.0.0/12", 21_374_032),
        ("2001:db8::/120", 5_224),
        ("2001:db8::/112", 1_336_080),
    ] {
        let any = |count| {
            let assign = |bench: &mut Bench, eni| {
                bench.run(&Assign::new(eni, Pick::any(count)).into());
            };
            bytes(of_form(cidr, assign))
        };
        let of: IpNet = cidr.parse().unwrap();
        let size = 1 << (of.max_prefix_len() - of.prefix_len());
        let free = if of.addr().is_ipv4() { size - 2 } else { size - 1 };
        table.row(format!("{cidr}: its first address"), any(1), 1_280.0);
        table.row(format!("{cidr}: all {free} of its addresses"), any(free), bytes(full));
    }
    // Far above what is in use, so that no table reaches them.
    for (count, length, most) in
        [(1, 1, 1_088.0), (1_000, 1, 66_600.0), (1, 16, 1_656.0), (1_000, 16, 818_264.0)]
    {
        let assign = |bench: &mut Bench, eni| {
            for number in 1..=count {
                let first = number << 32;
                let list = (first..first + length).map(at);
                bench.run(&Assign::new(eni, Pick::these(list)).into());
            }
        };
        let far = bytes(of_form("2001:db8::/64", assign));
        table.row(format!("a /64: {} far, in runs of {length}", count * length), far, most);
    }
}

/// Neighbours named in falling order, with one address far above them: that one alone is kept apart
fn a_list_in_no_order(table: &mut Table) {
    let count = 131_000;
    let far = IpAddr::from([10, 244, 36, 0]);
    let near = (1..=count).rev().map(|offset| IpAddr::V4((0x0a00_0000 + offset).into()));
    let list: Vec<IpAddr> = near.chain([far]).collect();
    let assign = |bench: &mut Bench, eni| bench.run(&Assign::new(eni, Pick::these(list)).into());
    let held = of_form("10.0.0.0/8", assign);
    table.row("a /8: each of 131,000 in falling order and a far one", each(held, 131_001), 20.5);
}

/// 10,000 /80 prefixes of a /64, and 100,000 single addresses between their assignments
fn prefixes_among_addresses(table: &mut Table) {
    let (many, singles) = (10_000u64, 10u32);
    let mut bench = Bench::new("2001:db8::/64");
    let eni = bench.interface("eni-1");
    let empty = bench.held;
    for _ in 0..many {
        bench.run(&Assign::new(eni, Pick::any(singles).and_prefixes(80, 1)).into());
    }
    let usage = bench.engine.at(Timestamp::ZERO).subnet_usage(subnet()).unwrap().v6.unwrap();
    assert_eq!(usage.assigned, u128::from(many) * ((1 << 48) + u128::from(singles)));
    let info = bench.engine.interface(eni).unwrap();
    assert_eq!((info.count_v6, info.prefixes_v6), (many * u64::from(singles), many));
    let held: Vec<IpNet> = bench.engine.prefixes(eni).unwrap().map(|of| of.prefix).collect();
    // They are the 48-bit blocks above the one that has the single addresses.
    let block = |number: u64| IpNet::new(at(u128::from(number) << 48), 80).unwrap();
    assert_eq!(held, (1..=many).map(block).collect::<Vec<_>>());
    let single = bench.engine.addresses(eni).unwrap().map(|of| of.address);
    assert!(single.eq((1..=100_000).map(at)));
    bench.engine.check().unwrap();
    let all = bytes(bench.held - empty);
    table.row("a /64 with 10,000 /80 prefixes and 100,000 addresses", all, 4_000_000.0);
    let window = 131_072.0 * 20.0 + 131_072.0 / 8.0;
    table.row("... a prefix, but for the window of the addresses", (all - window) / 1e4, 128.0);
    bench.run(&DeleteInterface::new(eni).into());
    let left = bench.held;
    assert!(left <= empty + KEPT, "{left} bytes when all are gone, {empty} before");
    bench.end();

    // Those between addresses, each a run by itself.
    let mut bench = Bench::new("2001:db8::/64");
    let eni = bench.interface("eni-1");
    let empty = bench.held;
    for number in 1..=many {
        let prefix = IpNet::new(at(u128::from(number) << 50), 80).unwrap();
        bench.run(&Assign::new(eni, Pick::default().and_prefix(prefix)).into());
    }
    let apart = each(bench.held - empty, 10_000);
    table.row("a prefix of 10,000 that lie apart", apart, 172.8);
    bench.end();
}

/// Rests of 1,000,000 addresses of a /8, released one by one or as one run
fn resting_addresses(table: &mut Table) {
    let count = 1_000_000u32;
    let base = u32::from(Ipv4Addr::new(10, 0, 0, 1));
    let address = |offset: u32| Ipv4Addr::from(base + offset);
    let rest = Rest::for_millis(1_000);
    let measured = |batch: usize, reason: Option<Reason>| {
        let mut bench = Bench::new("10.0.0.0/8");
        let eni = bench.interface("eni-1");
        let empty = bench.held;
        bench.run(&Assign::new(eni, Pick::any(count)).into());
        let all: Vec<Ipv4Addr> = (0..count).map(address).collect();
        for list in all.chunks(batch) {
            let rest = Rest { reason, ..rest };
            bench.run(&Unassign::new(eni, list.iter().copied()).rest(rest).into());
        }
        let usage = bench.engine.at(Timestamp::ZERO).subnet_usage(subnet()).unwrap().v4.unwrap();
        assert_eq!((usage.quarantined, usage.assigned), (count.into(), 0));
        let resting = each(bench.held - empty, 1_000_000);
        bench.run_at(Timestamp::from_millis(1_000), &Command::Sweep);
        let left = bench.held;
        assert!(left <= empty + KEPT, "{left} bytes when all are awake, {empty} before");
        bench.end();
        resting
    };
    let why = "port-scan".parse().unwrap();
    table.row("an address of 1,000,000 resting, released one by one", measured(1, None), 118.0);
    table.row("... with a reason", measured(1, Some(why)), 198.0);
    table.row("... released sixteen at once", measured(16, None), 26.4);
    table.row("... released as one run", measured(1_000_000, None), 21.2);
}

/// Holds of one address of a /8 each, of 1,000 interfaces, while they run and when they are finished
fn tasks(table: &mut Table) {
    let count = 1_000_000;
    let mut bench = Bench::new("10.0.0.0/8");
    let all: Vec<InterfaceId> =
        (0..1_000).map(|of| bench.interface(&format!("eni-{of}"))).collect();
    let empty = bench.held;
    let until = |millis| Timestamp::from_millis(millis);
    let hold = Hold::until(until(1_000)).kept_until(until(2_000));
    let first = bench.engine.revision().next().get();
    for number in 0..count {
        bench.run(&Assign::new(all[number % 1_000], Pick::any(1)).hold(hold).into());
    }
    table.row(
        "a running task of 1,000,000, with its address",
        each(bench.held - empty, count),
        278.3,
    );
    for number in 0..count as u64 {
        let task = Task::new(Revision::new(first + number), 0);
        bench.run(&Confirm::new(task).into());
    }
    table.row(
        "a task that has succeeded, with its address",
        each(bench.held - empty, count),
        246.6,
    );
    bench.run_at(until(2_000), &Command::Sweep);
    let address = each(bench.held - empty, count);
    table.row("... when it is forgotten: its address alone", address, 21.2);
    bench.end();
}

/// Answers of one address each, kept under tokens of 36 bytes
fn tokens(table: &mut Table) {
    let count = 1_000_000;
    let mut bench = Bench::new("10.0.0.0/8");
    let eni = bench.interface("eni-1");
    bench.run(&Assign::new(eni, Pick::any(1)).into());
    let empty = bench.held;
    let until = Timestamp::from_millis(1_000);
    let again = Assign::new(eni, Pick::these([IpAddr::from([10, 0, 0, 1])]));
    for number in 0..count {
        let token = format!("00000000-0000-0000-0000-{number:012}").parse().unwrap();
        bench.run(&Once::new(token, until, again.clone()).unwrap().into());
    }
    table.row(
        "an answer of one address, kept under a token",
        each(bench.held - empty, count),
        187.4,
    );
    bench.run_at(until, &Command::Sweep);
    let left = bench.held;
    assert!(left <= empty + KEPT, "{left} bytes when all are forgotten, {empty} before");
    bench.end();
}

/// Half of a /64 reserved for prefixes, and an index over 100,000 addresses scattered over all of one
fn far_apart(table: &mut Table) {
    let mut bench = Bench::new("2001:db8::/64");
    let empty = bench.held;
    let range = AddrRange::new(at(1 << 63), at(u64::MAX.into())).unwrap();
    let reserve = Command::from(ReserveRange::new(subnet(), range).kind(Reservation::PrefixOnly));
    bench.run(&reserve);
    table.row("half of a /64, reserved for prefixes", bytes(bench.held - empty), 1472.0);
    bench.run(&ReleaseRange::new(subnet(), range).into());
    assert_eq!(bench.held, empty, "nothing is left of it");

    let count = 100_000;
    let eni = bench.interface("eni-1");
    bench.run(&SetIndices::new(subnet(), Indices::BLOCKS).into());
    for number in 1..=count as u64 {
        bench.run(&Assign::new(eni, Pick::these([at(scatter(number).into())])).into());
    }
    let with = bench.held;
    bench.run(&SetIndices::new(subnet(), Indices::NONE).into());
    let index = each(with - bench.held, count);
    table.row("the index of blocks, for each of 100,000 scattered", index, 64.0);
}

#[test]
fn memory_is_what_is_in_use() {
    let mut table = Table::default();
    subnets_of_a_vpc(&mut table);
    interfaces_of_a_subnet(&mut table);
    a_full_net(&mut table);
    scattered_addresses(&mut table);
    the_last_address(&mut table);
    forms(&mut table);
    a_list_in_no_order(&mut table);
    prefixes_among_addresses(&mut table);
    resting_addresses(&mut table);
    tasks(&mut table);
    tokens(&mut table);
    far_apart(&mut table);
    table.judge();
}
