//! Questions, which change nothing: who has what, what is free, which deadlines come next, what a command would break

mod deadlines;
mod free;
mod impact;
mod query;
mod tasks;
mod usage;

pub use deadlines::{Due, Resting};
pub use free::FreeBlocks;
pub use impact::{Finding, Impact};
pub use query::{AssignedPrefix, Assignment, Holder, InterfaceInfo, Role, SubnetInfo};
pub use tasks::{TaskInfo, TaskState};
pub use usage::{Explanation, FamilyUsage, Usage};

use alloc::boxed::Box;
use core::ops::Deref;

use crate::id::Timestamp;
use crate::state::State;
use crate::state::view::View;

/// What can be asked of an engine: an [`Engine`](crate::Engine) answers as of its last event, and an [`At`] as of a
/// later time, with the deadlines that have passed by then handled
///
/// The questions themselves take no time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Questions {
    pub(crate) state: State,
}

impl Questions {
    /// The state as of the last event, or of the time that is asked about
    fn view(&self) -> View<'_> {
        View::new(&self.state, self.state.clock)
    }
}

/// An engine as of a time, which answers [`Questions`] with the deadlines that have passed by then handled
///
/// It borrows the engine if no deadline has passed since the last event. Otherwise it is a copy in which the passed
/// deadlines are processed, which costs as much as there are of them; so make one and ask it many questions. It
/// cannot execute or apply anything: a passed deadline becomes part of the history only when an event records it
/// ([`Engine::next_deadline`](Questions::next_deadline) tells when to [sweep](crate::Command::Sweep)).
///
/// ```
#[doc = include_str!("../example.txt")]
/// let until = Timestamp::from_millis(30_000);
/// let hold = Assign::new(eni, Pick::any(1)).hold(Hold::until(until));
/// engine.execute(Timestamp::ZERO, &hold.into())?;
///
/// let late = engine.at(until);
/// assert_eq!(late.interface(eni).unwrap().count_v4, 2);
/// assert_eq!(engine.interface(eni).unwrap().count_v4, 3);
/// # Ok::<(), ipam_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct At<'a> {
    engine: &'a Questions,
    /// A copy with the passed deadlines processed, if there are any
    swept: Option<Box<Questions>>,
    time: Timestamp,
}

impl<'a> At<'a> {
    pub(super) fn new(engine: &'a Questions, now: Timestamp) -> Self {
        let time = now.max(engine.state.clock);
        let swept = engine.state.is_due(time).then(|| {
            let mut state = engine.state.fork(time, engine.state.revision.next());
            state.settle();
            Box::new(Questions { state })
        });
        Self { engine, swept, time }
    }

    /// The time, which is never before that of the last event
    ///
    /// ```
    /// use ipam_core::{Engine, Timestamp};
    ///
    /// let now = Timestamp::from_millis(7);
    /// assert_eq!(Engine::new().at(now).time(), now);
    /// ```
    pub const fn time(&self) -> Timestamp {
        self.time
    }

    fn view(&self) -> View<'_> {
        View::new(&self.state, self.time)
    }
}

impl Deref for At<'_> {
    type Target = Questions;

    fn deref(&self) -> &Questions {
        self.swept.as_deref().unwrap_or(self.engine)
    }
}
