//! Deadlines that pass, and processing them
//!
//! Deadlines are found in order, never by a look at everything: those of quarantines through the block whose first
//! one ends earliest, those of tasks and tokens in an ordered tree of each.

use triomphe::Arc;

use super::State;
use super::index::{BlockKey, Ix};
use super::owners::List;
use super::quarantine::Rest;
use super::subnet::Block;
use super::tasks::Stage;
use crate::id::{InterfaceId, Reason, Revision, SubnetId, Task, Timestamp};
use crate::shared::tree::Tree;
use crate::space::address::Family;
use crate::space::list::AddrList;

impl State {
    /// The earliest deadline of all
    pub(crate) fn next_deadline(&self) -> Option<Timestamp> {
        let resting = self.resting.first().map(|((at, _), ())| at);
        [resting, self.tasks.first_due(), self.tokens.first_due()].into_iter().flatten().min()
    }

    /// Whether anything is due
    #[inline]
    pub(crate) fn is_due(&self, at: Timestamp) -> bool {
        self.earliest_deadline.is_some_and(|earliest_deadline| earliest_deadline <= at)
    }

    /// The blocks in which something is due
    pub(crate) fn due_blocks(&self, at: Timestamp) -> impl Iterator<Item = BlockKey> + '_ {
        let due = self.resting.keys().take_while(move |&(deadline, _)| deadline <= at);
        due.map(|(_, key)| key)
    }

    /// The rests that are over, by block, each as it ends
    pub(crate) fn due_rests(
        &self,
        at: Timestamp,
    ) -> impl Iterator<Item = (BlockKey, &Block, &Rest)> {
        let block = |key: BlockKey| self.subnets.get(key.subnet())?.block(key.family());
        let blocks = self.due_blocks(at).filter_map(move |key| Some((key, block(key)?)));
        blocks.flat_map(move |(key, block)| {
            let rests = block.rests.iter().flat_map(|rests| rests.iter());
            let due = rests.take_while(move |(_, rest)| rest.until <= at);
            due.map(move |(_, rest)| (key, block, rest))
        })
    }

    /// A copy in which passed deadlines are processed as part of the event of this revision; it is dropped soon, or
    /// settled
    pub(crate) fn fork(&self, at: Timestamp, revision: Revision) -> Self {
        let (subnets, interfaces) = (self.subnets.fork(), self.interfaces.fork());
        let mut fork = Self { subnets, interfaces, ..self.clone() };
        fork.begin(at, revision);
        fork
    }

    /// Makes a fork a state like any other, once what it is a copy of is gone
    pub(crate) fn settle(&mut self) {
        self.subnets.settle();
        self.interfaces.settle();
    }

    /// Processes passed deadlines as part of the event of this revision
    ///
    /// Each is processed at its own time, as if it had been swept then. At the same time holds come first, then
    /// rests, by their numbers each.
    pub(crate) fn sweep(&mut self, at: Timestamp, revision: Revision) {
        loop {
            let first = self.tasks.due(at).next();
            let first = first.map(|(task, record)| (task, record.loses(), record.runs_until()));
            match first {
                None => break,
                Some((task, Some((until, rest_millis)), _)) => {
                    if let Some(before) = until.before() {
                        self.end_rests(before);
                    }
                    self.expire(task, until, rest_millis, revision);
                }
                Some((task, None, Some(until))) => {
                    self.tasks.set_stage(task, None, Stage::Unknown(until), until);
                }
                Some((task, None, None)) => self.tasks.forget(task),
            }
        }
        self.end_rests(at);
        self.tokens.sweep(at);
        self.note_deadlines();
    }

    /// Ends the rests that end at or before `at`
    fn end_rests(&mut self, at: Timestamp) {
        while let Some((_, key)) =
            self.resting.first().map(|(first, ())| first).filter(|&(end, _)| end <= at)
        {
            self.with_block(key, |block| block.end_rests(at));
        }
    }

    /// Takes from its interface what a task holds whose time was up `until` then
    fn expire(&mut self, task: Task, until: Timestamp, rest_millis: u64, revision: Revision) {
        let Some(record) = self.tasks.shared(task) else { return };
        let owner = self.interfaces.find(&record.interface.id());
        for (subnet, lost) in record.parts() {
            if let Some((owner, from)) = owner.zip(self.subnets.find(&subnet.id())) {
                let times = (until.after(rest_millis), until);
                self.lose(owner, from, lost, times, None, revision);
            }
        }
        drop(record);
        self.tasks.set_stage(task, owner, Stage::Expired(until), until);
    }

    /// Takes held addresses from their interface; they rest until `free_at`, if that is after `at`
    pub(super) fn lose(
        &mut self,
        owner: Ix<InterfaceId>,
        from: Ix<SubnetId>,
        lost: &AddrList,
        (free_at, at): (Timestamp, Timestamp),
        reason: Option<Reason>,
        revision: Revision,
    ) {
        for family in Family::ALL {
            let part = lost.of_family(family);
            if part.is_empty() {
                continue;
            }
            let count = u32::try_from(part.slots()).unwrap_or(u32::MAX);
            self.with_block(BlockKey::new(from, family), |block| {
                block.held = block.held.saturating_sub(count);
            });
            let rests = free_at > at;
            let rest = rests.then(|| self.new_rest(free_at, owner, reason)).flatten();
            let rest = rest.map(|rest| (rest, revision));
            self.release(owner, from, &part, rest);
        }
    }

    /// A rest of what an interface has, if there is one, that begins now
    pub(super) fn new_rest(
        &mut self,
        until: Timestamp,
        of: Ix<InterfaceId>,
        reason: Option<Reason>,
    ) -> Option<Rest> {
        let by = self.interfaces.kept(of)?.clone();
        let serial = self.rested;
        self.rested = serial.saturating_add(1);
        Some(Rest { until, serial, by, reason: reason.map(Arc::new), list: List::EMPTY })
    }

    /// Changes a block, and keeps in order when the first of what rests there is free
    pub(super) fn with_block<T>(
        &mut self,
        key: BlockKey,
        change: impl FnOnce(&mut Block) -> T,
    ) -> Option<T> {
        let block = self.subnets.get_mut(key.subnet())?.block_mut(key.family())?;
        let before = block.first_end();
        let done = change(block);
        reorder(&mut self.resting, key, before, block.first_end());
        Some(done)
    }
}

/// Keeps in order when the first of what rests in a block is free
pub(super) fn reorder(
    resting: &mut Tree<(Timestamp, BlockKey), ()>,
    key: BlockKey,
    before: Option<Timestamp>,
    after: Option<Timestamp>,
) {
    if before != after {
        if let Some(after) = after {
            resting.insert((after, key), ());
        }
        if let Some(before) = before {
            resting.remove(&(before, key));
        }
    }
}
