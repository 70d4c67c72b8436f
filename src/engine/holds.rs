//! Judging how holds end

use alloc::boxed::Box;

use super::draft::Draft;
use super::target::free_at;
use crate::command::{Cancel, Resolve, Rest};
use crate::error::Error;
use crate::event::{Change, End, Failure, TaskFinished};
use crate::id::{Task, Timestamp};
use crate::space::list::AddrList;
use crate::space::parts::Part;
use crate::state::tasks::{Stage, TaskRecord};
use crate::state::view::View;

/// What confirming a task comes to
pub(super) fn confirm(view: &View<'_>, task: Task, draft: &mut Draft<'_>) -> Result<(), Error> {
    let (record, stage) = view.task(task).ok_or(Error::TaskNotFound(task))?;
    match stage {
        Stage::Running(_) | Stage::Unknown(_) => {
            finish(draft, task, End::Succeeded, view.at(), &Rest::USUAL);
        }
        Stage::Succeeded => {}
        _ => return Err(Error::TaskFinished { task, succeeded: false }),
    }
    draft.answer_mut().append(&record.all());
    Ok(())
}

/// What cancelling a task comes to
pub(super) fn cancel(
    view: &View<'_>,
    request: &Cancel,
    draft: &mut Draft<'_>,
) -> Result<(), Error> {
    let Cancel { task, reason, rest } = *request;
    let (record, stage) = view.task(task).ok_or(Error::TaskNotFound(task))?;
    match stage {
        Stage::Running(_) | Stage::Unknown(_) => {
            let failure = Failure::Cancelled;
            let end = End::Failed { failure, reason, kept: AddrList::new() };
            finish(draft, task, end, end_of_rest(view, record, &rest), &rest);
        }
        stage if kept_of(&stage, record).is_empty() => {}
        stage => return Err(finished(task, &stage)),
    }
    draft.answer_mut();
    Ok(())
}

/// What resolving a task comes to
pub(super) fn resolve(
    view: &View<'_>,
    request: &Resolve,
    draft: &mut Draft<'_>,
) -> Result<(), Error> {
    let Resolve { task, ref observed, ref prefixes, rest } = *request;
    let (record, stage) = view.task(task).ok_or(Error::TaskNotFound(task))?;
    let mut observed: AddrList = observed.iter().copied().collect();
    observed.extend(prefixes.iter().map(|&prefix| Part::Prefix(prefix)));
    let [seen, unseen] = record.all().split_by(&observed);
    match stage {
        Stage::Running(_) | Stage::Unknown(_) => {
            if unseen.is_empty() {
                finish(draft, task, End::Succeeded, view.at(), &Rest::USUAL);
            } else {
                let failure = Failure::NotObserved;
                let end = End::Failed { failure, reason: None, kept: seen.clone() };
                finish(draft, task, end, end_of_rest(view, record, &rest), &rest);
            }
        }
        stage if kept_of(&stage, record) == seen => {}
        stage => return Err(finished(task, &stage)),
    }
    draft.answer_mut().append(&seen);
    Ok(())
}

/// What of a finished task's addresses was assigned
fn kept_of(stage: &Stage, record: &TaskRecord) -> AddrList {
    match stage {
        Stage::Succeeded => record.all().into_owned(),
        Stage::Failed(end) => match &**end {
            End::Failed { kept, .. } => record.all().split_by(kept)[0].clone(),
            End::Succeeded => record.all().into_owned(),
        },
        _ => AddrList::new(),
    }
}

fn finished(task: Task, stage: &Stage) -> Error {
    Error::TaskFinished { task, succeeded: *stage == Stage::Succeeded }
}

/// When what a task loses now is free: of several subnets, as the one says that says the latest
pub(super) fn end_of_rest(view: &View<'_>, record: &TaskRecord, rest: &Rest) -> Timestamp {
    let subnets = record.parts().filter_map(|(subnet, _)| view.find_subnet(&subnet));
    subnets.map(|subnet| free_at(view, subnet, rest)).max().unwrap_or(view.at())
}

/// Writes that a task comes to this end
pub(super) fn finish(draft: &mut Draft<'_>, task: Task, end: End, until: Timestamp, rest: &Rest) {
    let reason = rest.reason;
    draft.push(Change::TaskFinished(Box::new(TaskFinished { task, end, until, reason })));
}
