//! What it costs in bytes and heap calls

use allocation_counter::measure;
use ipam_core::ipnet::{IpNet, Ipv4Net, Ipv6Net};
use ipam_core::{Assign, Engine, InterfaceId, Pick, Unassign};

use crate::engines::contender::{Contender, NOW};
use crate::engines::large::{self, give};
use crate::engines::world::{World, interface_id, subnet_id};
use crate::report::{Report, Target};

const KB: f64 = 1024.0;

pub(crate) fn rows(report: &mut Report) {
    if report.wants("memory") {
        empty(report);
        full(report);
        records(report);
        far(report);
        sparse(report);
    }
    if report.wants("heap") {
        heap_calls(report);
    }
}

/// Bytes that stay on the heap
fn bytes(work: impl FnOnce()) -> f64 {
    measure(work).bytes_current as f64
}

fn with_subnet(cidr: &str) -> f64 {
    let mut engine = Engine::new();
    bytes(|| {
        engine = large::bare();
        large::create_subnet(&mut engine, subnet_id(0), cidr.parse().unwrap());
    })
}

fn empty(report: &mut Report) {
    let wide = with_subnet("10.0.0.0/8") / KB;
    report.row("memory: empty /8", wide, " KB", "", Target::AtMost(40.0));
    for cidr in ["0.0.0.0/0", "::/0"] {
        let all = with_subnet(cidr) / KB;
        report.row(&format!("memory: empty {cidr}"), all, " KB", "", Target::AtMost(64.0));
    }
}

fn full(report: &mut Report) {
    const HOSTS: usize = (1 << 24) - 2;
    let mut engine = large::bare();
    large::create_subnet(&mut engine, subnet_id(0), "10.0.0.0/8".parse().unwrap());
    large::create_interfaces(&mut engine, 1024, 1);
    let ids: Vec<InterfaceId> = (0..1024).map(interface_id).collect();
    let each = bytes(|| large::fill_whole(&mut engine, &ids, HOSTS)) / HOSTS as f64;
    report.row("memory: full /8, an address", each, " bytes", "", Target::AtMost(21.0));
}

fn records(report: &mut Report) {
    const SUBNETS: usize = 100_000;
    const INTERFACES: usize = 1_000_000;
    let mut engine = large::bare();
    let subnet = bytes(|| large::create_subnets(&mut engine, SUBNETS)) / SUBNETS as f64;
    let name = "memory: a subnet of a /24 before its first address";
    report.row(name, subnet, " bytes", "", Target::AtMost(256.0));
    let all = bytes(|| large::create_interfaces(&mut engine, INTERFACES, SUBNETS));
    let name = "memory: an interface without addresses";
    report.row(name, all / INTERFACES as f64, " bytes", "", Target::AtMost(128.0));
}

fn far(report: &mut Report) {
    let v4 = (0..=32).map(|length| IpNet::V4(Ipv4Net::new([0; 4].into(), length).unwrap()));
    let v6 = (0..=128).map(|length| IpNet::V6(Ipv6Net::new([0u16; 8].into(), length).unwrap()));
    let cost = |cidr: IpNet| {
        let mut engine = Engine::new();
        (bytes(|| engine = large::far_end(cidr)), cidr)
    };
    let all = v4.chain(v6).map(cost);
    let Some((most, cidr)) = all.max_by(|one, other| one.0.total_cmp(&other.0)) else { return };
    let raw = format!("most in {cidr}");
    let name = "memory: one address at the far end of any prefix";
    report.row(name, most / KB, " KB", &raw, Target::AtMost(64.0));
}

fn sparse(report: &mut Report) {
    const COUNT: usize = 1_000_000;
    let (mut engine, ids) = large::v6(1000);
    let addresses = large::v6_addresses(COUNT, true);
    let each = bytes(|| large::deal(&mut engine, &ids, &addresses)) / COUNT as f64;
    let name = "memory: a million random addresses in a /64, each";
    report.row(name, each, " bytes", "", Target::AtMost(72.0));
}

/// Heap calls of single commands on an engine that has done as much before
fn heap_calls(report: &mut Report) {
    const STEPS: usize = 1000;
    let world = World::new(16, 1024, 50);
    let (steps, _) = world.steps(STEPS);
    let mut engine = Engine::set_up(&world);
    let (mut assigning, mut releasing) = (0, 0);
    for step in steps {
        let release = Unassign::new(world.interfaces[step.from], [step.address]).into();
        let assign = Assign::new(world.interfaces[step.to], Pick::any(1)).into();
        let calls = |engine: &mut Engine, command| {
            measure(|| drop(engine.execute(NOW, command))).count_total
        };
        releasing += calls(&mut engine, &release);
        assigning += calls(&mut engine, &assign);
    }
    // The engine is whole, and every address was read.
    assert!(give(&mut engine, &Assign::new(world.interfaces[0], Pick::any(1)).into()).is_some());
    for (name, calls) in [("assign", assigning), ("unassign", releasing)] {
        let name = format!("heap calls of a single {name}");
        report.row(&name, calls as f64 / STEPS as f64, "", "", Target::AtMost(0.0));
    }
}
