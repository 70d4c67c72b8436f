//! The engine with a million interfaces, beside bare memory

use crate::engines::large::{self, Large};
use crate::report::{Report, Target};
use crate::support::measure::race;

pub(crate) fn rows(report: &mut Report) {
    let name = "scale: assign and unassign among a million interfaces, in random loads";
    if !report.wants(name) {
        return;
    }
    let mut large = None;
    let heap = allocation_counter::measure(|| large = Some(Large::subnets(100_000, 1 << 20)));
    let Some(large) = large else { return };
    // What the engine has: all that was allocated, but for the lists of ids and addresses beside it.
    let beside = size_of_val(large.interfaces.as_slice()) + size_of_val(large.held.as_slice());
    let bytes = usize::try_from(heap.bytes_current).unwrap_or_default().saturating_sub(beside);
    let race = || race(512, [large.churn(), large::loads(bytes)]);
    let mut medians = [0.0; 2];
    allocation_counter::opt_out(|| medians = race());
    let [pair, load] = medians;
    let raw = format!("{pair:.0} of {load:.0} in {} MB", bytes >> 20);
    report.row(name, pair / load, "", &raw, Target::AtMost(12.0));
}
