//! What is due, and what is known for a time: tasks, tokens

use alloc::vec::Vec;

use super::View;
use crate::command::Limits;
use crate::event::Expired;
use crate::id::{Task, Token};
use crate::space::address::{Span, joined};
use crate::state::interface::Interface;
use crate::state::table::Ix;
use crate::state::tasks::{Stage, TaskRecord};
use crate::state::tokens::Remembered;

impl View<'_> {
    /// Sees what is due as done: what `State::sweep` does to the tables
    ///
    /// Tasks and tokens are judged by the time when they are asked about; so only addresses are noted here.
    #[cold]
    pub(super) fn sweep(&mut self) {
        let (state, at) = (self.state, self.at);
        for key in state.due_blocks(at) {
            let subnet = state.subnets.get(key.subnet());
            let Some(block) = subnet.and_then(|of| of.block(key.family())) else { continue };
            let rests = block.rests.iter().flat_map(|rests| rests.iter());
            let due = rests.take_while(|(_, rest)| rest.until <= at);
            let offsets = due.flat_map(|(_, rest)| block.owners.iter(rest.list));
            let spans: Vec<Span> = offsets.map(|(offset, _)| Span::one(offset)).collect();
            let delta = self.over().blocks.entry((key.subnet(), key.family())).or_default();
            delta.wake(block, joined(spans));
        }
        for (_, record) in state.tasks.due(at) {
            if let (&Stage::Running(until), Expired::Released { rest_millis }) =
                (&record.stage, record.expired)
            {
                let (id, subnet) = (record.interface, record.subnet);
                self.lose(&id, &subnet, &record.addresses, until.after(rest_millis), None);
            }
        }
    }

    /// Whether anything at all is due
    pub(crate) fn is_due(&self) -> bool {
        self.state.is_due(self.at)
    }

    /// A task and where it stands, unless it is forgotten
    pub(crate) fn task(&self, task: Task) -> Option<(&TaskRecord, Stage)> {
        let record = self.seen().tasks.get(&task).or_else(|| self.state.tasks.get(task))?;
        Some((record, record.stage_at(self.at)?))
    }

    /// The tasks of an interface that are not finished, in order
    pub(crate) fn unfinished(&self, ix: Ix<Interface>) -> impl Iterator<Item = Task> + '_ {
        let first = (ix, Task::default());
        let begun = self.seen().begun.range(first..).take_while(move |of| of.0 == ix);
        let all = self.state.tasks.of_interface(ix).chain(begun.map(|&(_, task)| task));
        all.filter(|&task| self.task(task).is_some_and(|(_, stage)| !stage.is_finished()))
    }

    /// Whether as many tasks are kept as may be
    pub(crate) fn has_all_tasks(&self) -> bool {
        let over = &self.seen().tasks;
        let limit = self.limits().tasks as usize;
        let most = self.state.tasks.len().saturating_add(over.len());
        most >= limit && self.tasks_kept() >= limit
    }

    /// Tasks that are not forgotten
    fn tasks_kept(&self) -> usize {
        let (over, tasks) = (&self.seen().tasks, &self.state.tasks);
        let is_forgotten = |record: &TaskRecord| record.stage_at(self.at).is_none();
        let due = tasks.due(self.at).filter(|(task, _)| !over.contains_key(task));
        let gone = due.filter(|(_, record)| is_forgotten(record)).count();
        let changed = over.iter().filter(|(task, _)| tasks.get(**task).is_some()).count();
        let stand = over.values().filter(|record| !is_forgotten(record)).count();
        tasks.len().saturating_sub(gone).saturating_sub(changed).saturating_add(stand)
    }

    /// What is kept under a token
    pub(crate) fn token(&self, token: &Token) -> Option<&Remembered> {
        self.seen().tokens.get(token).or_else(|| self.state.tokens.get(token, self.at))
    }

    /// Whether as many tokens are kept as may be
    pub(crate) fn has_all_tokens(&self) -> bool {
        let limit = self.limits().tokens as usize;
        let most = self.state.tokens.len().saturating_add(self.seen().tokens.len());
        most >= limit && most.saturating_sub(self.state.tokens.due(self.at)) >= limit
    }

    pub(crate) fn limits(&self) -> Limits {
        self.seen().limits.unwrap_or(self.state.limits)
    }
}
