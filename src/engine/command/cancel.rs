//! Judging the cancellation of a hold

use crate::command::Cancel;
use crate::engine::judge::draft::Draft;
use crate::engine::judge::holds::{end_of_rest, finish, finished, kept_of};
use crate::error::Error;
use crate::event::{End, Failure};
use crate::space::list::AddrList;
use crate::state::tasks::Stage;
use crate::state::view::View;

/// Judges a cancellation
pub(super) fn decide(
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
