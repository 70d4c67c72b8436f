//! Faults by number: the process dies at one step, and a write goes wrong at another

use super::store::Fate;

/// The process is gone, and all that it had in memory
#[derive(Debug)]
pub(crate) struct Crash;

/// What goes wrong, and when: steps and writes are counted through the whole of a run
#[derive(Clone, Debug, Default)]
pub(crate) struct Faults {
    /// The steps at which a process dies, ascending
    pub(crate) crashes: Vec<usize>,
    /// Which writes go wrong, and how
    pub(crate) writes: Vec<(usize, Fate)>,
    pub(crate) steps: usize,
    pub(crate) written: usize,
}

impl Faults {
    /// One step further
    pub(crate) fn step(&mut self) -> Result<(), Crash> {
        let at = self.steps;
        self.steps += 1;
        if self.crashes.contains(&at) { Err(Crash) } else { Ok(()) }
    }

    /// What becomes of the next write
    pub(crate) fn fate(&mut self) -> Fate {
        let at = self.written;
        self.written += 1;
        self.writes.iter().find(|(write, _)| *write == at).map_or(Fate::Done, |(_, fate)| *fate)
    }
}

/// Runs a world without a fault, then with a crash at every step, then with every fate of every write and a
/// crash at every step beside it, and with two crashes near each other; how many runs that were
pub(crate) fn at_every_step(run: impl Fn(&mut Faults)) -> usize {
    let mut none = Faults::default();
    run(&mut none);
    let mut runs = 1;
    let mut try_with = |crashes: Vec<usize>, writes: Vec<(usize, Fate)>| {
        run(&mut Faults { crashes, writes, ..Faults::default() });
        runs += 1;
    };
    // Whoever begins anew takes a few more steps and writes.
    let (steps, writes) = (none.steps + 8, none.written + 2);
    for first in 0..steps {
        try_with(vec![first], vec![]);
        for second in first + 1..steps.min(first + 12) {
            try_with(vec![first, second], vec![]);
        }
    }
    for write in 0..writes {
        for fate in Fate::ALL.into_iter().skip(1) {
            try_with(vec![], vec![(write, fate)]);
            for other in write + 1..writes {
                try_with(vec![], vec![(write, fate), (other, Fate::ReplyLost)]);
            }
            for step in 0..steps {
                try_with(vec![step], vec![(write, fate)]);
            }
        }
    }
    runs
}
