//! How holds end

use alloc::boxed::Box;

use super::draft::Draft;
use super::target::free_at;
use crate::command::Rest;
use crate::error::Error;
use crate::event::{Change, End, TaskFinished};
use crate::id::{Task, Timestamp};
use crate::space::list::AddrList;
use crate::state::tasks::{Stage, TaskRecord};
use crate::state::view::View;

/// The addresses of a finished task that were assigned
pub(in crate::engine) fn kept_of(stage: &Stage, record: &TaskRecord) -> AddrList {
    match stage {
        Stage::Succeeded => record.all().into_owned(),
        Stage::Failed(end) => match &**end {
            End::Failed { kept, .. } => record.all().split_by(kept)[0].clone(),
            End::Succeeded => record.all().into_owned(),
        },
        _ => AddrList::new(),
    }
}

/// The refusal of a task that has already ended with another outcome
pub(in crate::engine) fn finished(task: Task, stage: &Stage) -> Error {
    Error::TaskFinished { task, succeeded: *stage == Stage::Succeeded }
}

/// When the addresses that a task loses now are free: at the latest time that one of its subnets demands
pub(in crate::engine) fn end_of_rest(
    view: &View<'_>,
    record: &TaskRecord,
    rest: &Rest,
) -> Timestamp {
    let subnets = record.parts().filter_map(|(subnet, _)| view.find_subnet(&subnet.id()));
    subnets.map(|subnet| free_at(view, subnet, rest)).max().unwrap_or(view.at())
}

/// Records this outcome of a task
pub(in crate::engine) fn finish(
    draft: &mut Draft<'_>,
    task: Task,
    end: End,
    until: Timestamp,
    rest: &Rest,
) {
    let reason = rest.reason;
    draft.push(Change::TaskFinished(Box::new(TaskFinished { task, end, until, reason })));
}
