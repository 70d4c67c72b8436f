//! A fair clock: work in short chunks, contenders in turn, medians

use std::time::{Duration, Instant};

/// One chunk of work: so many operations took so long
#[derive(Clone, Copy)]
pub(crate) struct Sample {
    pub(crate) operations: u64,
    pub(crate) time: Duration,
}

/// Something that can be timed again and again, a chunk at a time; what it prepares is not timed
pub(crate) type Work = Box<dyn FnMut() -> Sample>;

/// Times one chunk
pub(crate) fn timed(operations: usize, chunk: impl FnOnce()) -> Sample {
    let start = Instant::now();
    chunk();
    Sample { operations: operations as u64, time: start.elapsed() }
}

/// Chunks in a turn: long enough to warm the caches again that the others have used
const TURN: usize = 32;

/// Nanoseconds per operation of each contender: medians over so many chunks, taken in turns, so that
/// whatever else the machine does meets all of them; the first chunks of a turn do not count
pub(crate) fn race<const N: usize>(chunks: usize, mut contenders: [Work; N]) -> [f64; N] {
    let mut times = [const { Vec::new() }; N];
    take_turns(chunks, &mut contenders, &mut times);
    times.map(median)
}

/// The same of however many there are
pub(crate) fn race_all(chunks: usize, mut contenders: Vec<Work>) -> Vec<f64> {
    let mut times = vec![Vec::new(); contenders.len()];
    take_turns(chunks, &mut contenders, &mut times);
    times.into_iter().map(median).collect()
}

fn take_turns(chunks: usize, contenders: &mut [Work], times: &mut [Vec<f64>]) {
    let turn = TURN.min(chunks);
    let warm_up = turn.div_ceil(4);
    for _ in 0..chunks.div_ceil(turn) {
        for (work, times) in contenders.iter_mut().zip(&mut *times) {
            for _ in 0..warm_up {
                work();
            }
            for _ in 0..turn {
                let Sample { operations, time } = work();
                times.push(time.as_nanos() as f64 / operations as f64);
            }
        }
    }
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_unstable_by(f64::total_cmp);
    times[times.len() / 2]
}
