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

/// What of a finished task's addresses was assigned
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

/// That a task has come to another end
pub(in crate::engine) fn finished(task: Task, stage: &Stage) -> Error {
    Error::TaskFinished { task, succeeded: *stage == Stage::Succeeded }
}

/// When what a task loses now is free: of several subnets, as the one says that says the latest
pub(in crate::engine) fn end_of_rest(
    view: &View<'_>,
    record: &TaskRecord,
    rest: &Rest,
) -> Timestamp {
    let subnets = record.parts().filter_map(|(subnet, _)| view.find_subnet(&subnet.id()));
    subnets.map(|subnet| free_at(view, subnet, rest)).max().unwrap_or(view.at())
}

/// Writes that a task comes to this end
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
