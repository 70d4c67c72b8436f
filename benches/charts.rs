//! Draws the charts of README.md: the same measurements as `space`, as pictures
#![expect(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "benches"
)]

extern crate alloc;

mod peers;
#[expect(dead_code, reason = "each benchmark asks some of the questions")]
mod sets;
#[path = "sets/shared.rs"]
mod shared;
#[expect(dead_code, reason = "each benchmark asks some of the questions")]
mod support;

#[path = "charts/draw.rs"]
mod draw;

use std::error::Error;

use draw::{Chart, Line};
use sets::everyone::{PREFIXES, Question, everyone};
use sets::questions::{Batch, Churn, Fill};
use sets::trace::Occupancy;
use support::measure::race_all;

/// Chunks of which the median is taken: three turns of each
const CHUNKS: usize = 96;

const HALF: Occupancy = Occupancy::PerTenThousand(5_000);

fn main() -> Result<(), Box<dyn Error>> {
    let lengths: Vec<String> = PREFIXES.iter().map(|prefix| format!("/{prefix}")).collect();
    let by_size =
        |file, title, lines| Chart { file, title, axis: "subnet", places: &lengths, lines };
    let fill = sizes(Fill);
    by_size("fill", "The next lowest address, ns", fill).draw()?;
    let churn = sizes(|prefix| Churn::new(prefix, HALF));
    by_size("churn", "A release and the lowest address, half full, ns", churn).draw()?;
    let batch = sizes(Batch::contiguous);
    by_size("batch", "256 addresses at once, empty, ns per address", batch).draw()?;

    let shares =
        [("50 %", 5_000), ("90 %", 9_000), ("99 %", 9_900), ("99.9 %", 9_990), ("99.99 %", 9_999)];
    let lines = shares.map(|(_, taken)| ask(16, &Churn::new(16, Occupancy::PerTenThousand(taken))));
    let places: Vec<String> = shares.iter().map(|(name, _)| (*name).to_owned()).collect();
    Chart {
        file: "occupancy",
        title: "A release and the lowest address of a /16, ns",
        axis: "taken",
        places: &places,
        lines: joined(lines.into()),
    }
    .draw()
}

/// A question about each size of subnet
fn sizes<Q: Question>(question: impl Fn(u8) -> Q) -> Vec<Line> {
    joined(PREFIXES.iter().map(|&prefix| ask(prefix, &question(prefix))).collect())
}

/// Nanoseconds by who answers
fn ask(prefix: u8, question: &impl Question) -> Vec<(&'static str, f64)> {
    let all = everyone(prefix, question);
    let medians = race_all(CHUNKS, all.iter().map(|(_, build)| build()).collect());
    all.iter().map(|&(who, _)| who).zip(medians).collect()
}

/// A line for everyone, with a point at each place where they answered
fn joined(places: Vec<Vec<(&'static str, f64)>>) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for (place, answers) in places.into_iter().enumerate() {
        for (who, nanoseconds) in answers {
            match lines.iter_mut().find(|line| line.who == who) {
                Some(line) => line.points.push((place, nanoseconds)),
                None => lines.push(Line { who, points: vec![(place, nanoseconds)] }),
            }
        }
    }
    lines
}
