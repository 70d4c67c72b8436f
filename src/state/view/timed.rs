//! What is due, and what is known for a time: tasks, tokens

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use super::View;
use crate::command::Limits;
use crate::error::Error;
use crate::event::OnExpiry;
use crate::id::{Task, Token};
use crate::space::address::joined;
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
            let mut spans = Vec::new();
            let mut last = None;
            for (ix, rest) in rests.take_while(|(_, rest)| rest.until <= at) {
                spans.extend(block.owners.iter(rest.list).map(|(unit, _)| unit.span));
                last = spans.last().map(|span| (ix, span.first));
            }
            let delta = self.over().blocks.entry((key.subnet(), key.family())).or_default();
            delta.wake(block, joined(spans), last);
        }
        for (task, record) in state.tasks.due(at) {
            if !record.is_kept(at) {
                self.over().fewer.add_task(record);
            }
            if let (&Stage::Running(until), OnExpiry::Release { rest_millis }) =
                (&record.stage, record.expired)
            {
                let (id, free_at) = (record.interface, until.after(rest_millis));
                for (subnet, lost) in record.parts() {
                    self.lose(&id, &subnet, lost, free_at, None);
                }
                if let Some(of) = self.find_interface(&id) {
                    self.unfinished_mut(of).remove(&task);
                }
            }
        }
        // Tasks come first where deadlines are swept, and so do their releases.
        for (key, block, rest) in state.due_rests(at) {
            if !self.remembers(key.subnet()) {
                continue;
            }
            let key = (key.subnet(), key.family());
            let delta = self.over().blocks.entry(key).or_default();
            let freed = delta.remember();
            block.owners.iter(rest.list).for_each(|(unit, _)| freed.release_unit(unit));
        }
        for kept in state.tokens.due(at) {
            self.over().fewer.add_token(kept);
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

    /// Whether a task was begun since, be it forgotten
    pub(crate) fn was_begun(&self, task: Task) -> bool {
        self.seen().tasks.contains_key(&task)
    }

    /// The tasks of an interface that are not finished, in order
    pub(crate) fn unfinished(&self, ix: Ix<Interface>) -> impl Iterator<Item = Task> + '_ {
        let changed = self.seen().unfinished.get(&ix);
        let kept = changed.is_none().then(|| self.state.tasks.of_interface(ix));
        changed.into_iter().flatten().copied().chain(kept.into_iter().flatten())
    }

    /// The same, to be changed
    pub(super) fn unfinished_mut(&mut self, ix: Ix<Interface>) -> &mut BTreeSet<Task> {
        let state = self.state;
        let tasks = || state.tasks.of_interface(ix).collect();
        self.over().unfinished.entry(ix).or_insert_with(tasks)
    }

    /// What is kept under a token
    pub(crate) fn token(&self, token: &Token) -> Option<&Remembered> {
        self.seen().tokens.get(token).or_else(|| self.state.tokens.get(token, self.at))
    }

    pub(crate) fn limits(&self) -> Limits {
        self.seen().limits.unwrap_or(self.state.limits)
    }

    /// Refuses one more task that keeps so many runs of addresses, if it would be one too many
    pub(crate) fn judge_task(&self, runs: usize) -> Result<(), Error> {
        let limit = self.limits().tasks;
        let (more, fewer) = (self.seen().more.tasks, self.seen().fewer.tasks);
        let tasks = self.state.tasks.len().saturating_add(more).saturating_sub(fewer);
        if tasks >= limit as usize {
            Err(Error::TooManyTasks { limit })
        } else {
            self.judge_runs(runs)
        }
    }

    /// Refuses one more token that keeps so many runs of addresses, if it would be one too many
    pub(crate) fn judge_token(&self, runs: usize) -> Result<(), Error> {
        let limit = self.limits().tokens;
        let (more, fewer) = (self.seen().more.tokens, self.seen().fewer.tokens);
        let tokens = self.state.tokens.len().saturating_add(more).saturating_sub(fewer);
        if tokens >= limit as usize {
            Err(Error::TooManyTokens { limit })
        } else {
            self.judge_runs(runs)
        }
    }

    fn judge_runs(&self, runs: usize) -> Result<(), Error> {
        let limit = self.limits().runs;
        let (more, fewer) = (self.seen().more.runs, self.seen().fewer.runs);
        let kept = self.state.tasks.runs().saturating_add(self.state.tokens.runs());
        let kept = kept.saturating_add(more).saturating_sub(fewer).saturating_add(runs as u64);
        if kept > limit.into() { Err(Error::TooManyRuns { limit }) } else { Ok(()) }
    }
}
