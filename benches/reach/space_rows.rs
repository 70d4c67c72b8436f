//! The bitmap alone, beside its peers

use std::cell::LazyCell;
use std::rc::Rc;

use bitmap_allocator::{BitAlloc16M, BitAlloc64K, BitAlloc256};
use ipam_core::Indices;

use crate::peers::bitmap_allocator::{Cascade, Inline};
use crate::peers::btree_set::BTree;
use crate::peers::rangemap::Ranges;
use crate::peers::roaring::Roaring;
use crate::peers::{Allocator, Blocks};
use crate::report::Report;
use crate::sets::block;
use crate::sets::everyone::{Question, size};
use crate::sets::ours::Ours;
use crate::sets::questions::{Batch, Churn, Fill};
use crate::sets::trace::{Occupancy, Pattern, many};
use crate::sets::work;
use crate::support::measure::race;

type Cascade24 = Cascade<Inline<BitAlloc256>>;
type Cascade16 = Cascade<Box<BitAlloc64K>>;
type Cascade8 = Cascade<Box<BitAlloc16M>>;

const HALF: Occupancy = Occupancy::PerTenThousand(5_000);
const NEARLY_FULL: Occupancy = Occupancy::PerTenThousand(9_999);

pub(crate) fn rows(report: &mut Report) {
    against::<Cascade24, _>(report, "fill /24", &LazyCell::new(|| Fill(24)), 1.5);
    against::<Cascade16, _>(report, "fill /16", &LazyCell::new(|| Fill(16)), 1.8);
    against::<Cascade8, _>(report, "fill /8", &LazyCell::new(|| Fill(8)), 3.5);
    compare(report, "fill /8 over fill /16", &LazyCell::new(|| [Fill(8), Fill(16)]), 1.15);

    let half: Prepared<_> = LazyCell::new(|| Churn::new(16, HALF));
    against::<Cascade16, _>(report, "churn /16 at 50 %", &half, 1.0);
    against::<Roaring, _>(report, "churn /16 at 50 %", &half, 25.0);
    against::<BTree, _>(report, "churn /16 at 50 %", &half, 3.0);
    let shares: Prepared<_> =
        LazyCell::new(|| [NEARLY_FULL, HALF].map(|share| Churn::new(16, share)));
    compare(report, "churn /16 at 99.99 % over 50 %", &shares, 1.15);
    let half: Prepared<_> = LazyCell::new(|| Churn::new(8, HALF));
    against::<Cascade8, _>(report, "churn /8 at 50 %", &half, 2.5);
    against::<Roaring, _>(report, "churn /8 at 50 %", &half, 25.0);
    against::<BTree, _>(report, "churn /8 at 50 %", &half, 60.0);

    let batch: Prepared<_> = LazyCell::new(|| Batch::fragmented(16));
    against::<Cascade16, _>(report, "batch of 256 fragmented, per address", &batch, 6.0);
    let batch: Prepared<_> = LazyCell::new(|| Batch::contiguous(16));
    against::<Cascade16, _>(report, "batch of 256 contiguous, per address", &batch, 20.0);

    many_subnets(report);

    let pattern: Prepared<_> = LazyCell::new(|| block::no_block(8));
    no_block::<Cascade8>(report, &pattern);
    no_block::<Ranges>(report, &pattern);
    no_block_anywhere(report, &pattern);
    far_apart(report);
}

/// A question that is prepared when it is first asked
type Prepared<Q> = LazyCell<Q, fn() -> Q>;

/// Ours beside a peer
fn against<P: Allocator + 'static, Q: Question>(
    report: &mut Report,
    name: &str,
    question: &Prepared<Q>,
    least: f64,
) {
    let name = format!("{name}, over {}", P::NAME);
    if report.wants(&name) {
        let medians = race(2000, [question.ask::<Ours>(), question.ask::<P>()]);
        report.times_faster(&name, medians, least);
    }
}

/// Ours in one case beside ours in another
fn compare<Q: Question>(report: &mut Report, name: &str, questions: &Prepared<[Q; 2]>, most: f64) {
    if report.wants(name) {
        let medians = race(2000, questions.each_ref().map(|question| question.ask::<Ours>()));
        report.times_longer(name, medians, most);
    }
}

fn no_block<P: Blocks + 'static>(report: &mut Report, pattern: &Prepared<Pattern>) {
    let name = "no free aligned /28 in a half-full random /8, index declared, over";
    let name = format!("{name} {}", P::NAME);
    if report.wants(&name) {
        let ours = block::ours(pattern, Indices::BLOCKS);
        let medians = race(32, [ours, block::peer::<P>(pattern)]);
        report.times_faster(&name, medians, 1000.0);
    }
}

/// What a best fit costs among 110,000 runs far apart
fn far_apart(report: &mut Report) {
    let name = "a /80 in a /64 of 10,000 /80 and 100,000 addresses, index declared, over none";
    if report.wants(name) {
        let medians = race(32, [Indices::BLOCKS, Indices::NONE].map(block::far));
        report.times_faster(name, medians, 1000.0);
    }
}

/// A /8 beside a /24
fn no_block_anywhere(report: &mut Report, pattern: &Prepared<Pattern>) {
    let name = "no free aligned /28 in a half-full random /8, index declared, over a /24";
    if report.wants(name) {
        let small = block::ours(&block::no_block(24), Indices::BLOCKS);
        let medians = race(128, [block::ours(pattern, Indices::BLOCKS), small]);
        report.times_longer(name, medians, 3.0);
    }
}

fn many_subnets(report: &mut Report) {
    let name = "random one of 100,000 /24 at 50 %, over bitmap-allocator";
    if report.wants(name) {
        let (runs, steps) = many(100_000, size(24), HALF, 1 << 19);
        let steps: Rc<[_]> = steps.into();
        let ours = runs.iter().map(|free| Ours::with_free(size(24), free)).collect();
        let theirs = runs.iter().map(|free| Cascade24::with_free(size(24), free)).collect();
        let ours = work::churn_many::<Ours>(ours, Rc::clone(&steps));
        // As many chunks as the trace has, less the warm-ups.
        let medians = race(384, [ours, work::churn_many::<Cascade24>(theirs, steps)]);
        report.times_faster(name, medians, 1.0);
    }
}
