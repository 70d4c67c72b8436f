//! Judging the confirmation of a hold

use crate::command::{Confirm, Rest};
use crate::engine::judge::draft::Draft;
use crate::engine::judge::holds::finish;
use crate::error::Error;
use crate::event::End;
use crate::state::tasks::Stage;
use crate::state::view::View;

/// Judges a confirmation
pub(super) fn decide(
    view: &View<'_>,
    request: &Confirm,
    draft: &mut Draft<'_>,
) -> Result<(), Error> {
    let Confirm { task } = *request;
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
