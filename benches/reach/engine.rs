//! The engine, beside the plain one, bare look-ups and a sort

use std::rc::Rc;

use ipam_core::Engine;

use crate::engines::agree::agree;
use crate::engines::contender::Contender;
use crate::engines::work;
use crate::engines::world::{Step, World};
use crate::plain::Plain;
use crate::report::Report;
use crate::support::measure::race;
use crate::support::random::Random;

pub(crate) fn rows(report: &mut Report) {
    if report.wants("engine") {
        agree(&World::new(16, 1024, 50), 20_000);
        single(report);
        batch(report);
        list(report);
    }
}

fn single(report: &mut Report) {
    let world = Rc::new(World::new(16, 1024, 50));
    let (steps, chosen) = world.steps(1 << 14);
    let steps: Rc<[(Step, _)]> = steps.into_iter().zip(chosen).collect();
    let [ours, plain, ours_applied, plain_applied, look_ups] = race(
        500,
        [
            work::single(&world, &steps, <Engine as Contender>::execute),
            work::single(&world, &steps, <Plain as Contender>::execute),
            work::single(&world, &steps, <Engine as Contender>::decide_apply),
            work::single(&world, &steps, <Plain as Contender>::decide_apply),
            work::look_ups(&world, &steps),
        ],
    );
    report.times_faster("engine: release and assign, over the plain engine", [ours, plain], 2.0);
    report.times_longer("engine: release and assign, over two look-ups", [ours, look_ups], 5.0);
    let name = "engine: decide and apply over execute";
    report.times_longer(name, [ours_applied, ours], 1.8);
    let name = "engine: decide and apply, over the plain engine";
    report.times_faster(name, [ours_applied, plain_applied], 1.0);
}

fn batch(report: &mut Report) {
    for (shape, taken, least) in [("contiguous", 0, 20.0), ("at 50 %", 50, 10.0)] {
        let world = World::new(16, 1024, taken);
        let ours = work::batch(&world, <Engine as Contender>::execute);
        let plain = work::batch(&world, <Plain as Contender>::execute);
        let name = format!("engine: batch of 256 {shape}, per address, over the plain engine");
        report.times_faster(&name, race(500, [ours, plain]), least);
    }
}

fn list(report: &mut Report) {
    let world = World::new(8, 1, 0);
    let mut list: Vec<_> = world.cidr.hosts().take(1_000_000).collect();
    Random::new(1).shuffle(&mut list);
    let medians = race(7, [work::list(&world, &list), work::sort(&list)]);
    report.times_longer("engine: list of a million, over a sort of it", medians, 4.0);
}
